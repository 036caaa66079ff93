#include "feed/reading.h"

#include <stdio.h>

struct ps_indicator ps_reading_indicator(const struct ps_reading *reading, uint64_t line)
{
	const struct ps_feed_config *config = reading->config;

	return (struct ps_indicator){
	    .scope = PS_SCOPE_EXACT,
	    .category = config->category,
	    .confidence = config->confidence,
	    .tlp = config->tlp,
	    .valid_from = PS_TIME_NONE,
	    .valid_until = PS_TIME_FOREVER,
	    .line = line,
	};
}

enum ps_status ps_reading_accept(struct ps_reading *reading, const struct ps_indicator *indicator)
{
	if (reading->entries >= reading->max_entries)
		return ps_reading_fail(reading, PS_LIMIT, indicator->line,
		    "has more entries than its limit of %llu",
		    (unsigned long long)reading->max_entries);
	reading->entries++;
	return reading->sink->accept(reading->sink->ctx, indicator, reading->err);
}

void ps_reading_refuse(const struct ps_reading *reading, enum ps_refusal reason, uint64_t line,
    struct ps_bytes excerpt)
{
	if (excerpt.len > PS_EXCERPT_MAX)
		excerpt.len = PS_EXCERPT_MAX;
	reading->sink->refuse(reading->sink->ctx, reason, line, excerpt);
}

enum ps_status ps_reading_fail(const struct ps_reading *reading, enum ps_status status,
    uint64_t line, const char *format, ...)
{
	char text[PS_ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ps_error_at(reading->err, reading->config->path, line, 0, UINT64_MAX);
	return ps_error_set(reading->err, status, "%s", text);
}
