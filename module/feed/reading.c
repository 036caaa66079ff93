#include "feed/reading.h"

#include "core/file.h"

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

enum ps_status ps_reading_settle(struct ps_reading *reading, enum ps_status status,
    const struct ps_indicator *indicator, enum ps_refusal reason, struct ps_bytes excerpt)
{
	if (status == PS_OK)
		return ps_reading_accept(reading, indicator);
	if (status != PS_INVALID)
		return ps_reading_fail(reading, status, indicator->line, "out of memory");
	ps_reading_refuse(reading, reason, indicator->line, excerpt);
	return PS_OK;
}

enum ps_status ps_reading_lines(struct ps_reading *reading,
    enum ps_status (*read)(struct ps_reading *reading, uint64_t number, struct ps_bytes line))
{
	struct ps_lines *lines = NULL;
	struct ps_line line;
	enum ps_status status =
	    ps_lines_create(&lines, reading->fd, reading->max_bytes, reading->err);

	while (status == PS_OK) {
		status = ps_lines_next(lines, &line, reading->err);
		if (status != PS_OK || line.kind == PS_LINE_END)
			break;
		if (line.kind == PS_LINE_TOO_LONG)
			ps_reading_refuse(
			    reading, PS_REFUSED_LINE_TOO_LONG, line.number, line.bytes);
		else
			status = read(reading, line.number, line.bytes);
	}
	ps_lines_destroy(lines);
	return status;
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
