#include "feed/zone_text.h"

#include "core/file.h"
#include "core/utf8.h"

#include <stdlib.h>

struct ps_zone_text {
	const struct ps_reading *reading;
	struct ps_lines *lines;
	unsigned depth; /* open parentheses */
	size_t len;
	bool too_long;
	bool bad;
	char text[PS_ZONE_RECORD_MAX + 1];
};

enum ps_status ps_zone_text_open(struct ps_zone_text **out, const struct ps_reading *reading)
{
	struct ps_zone_text *zone = malloc(sizeof(*zone));
	enum ps_status status;

	if (zone == NULL)
		return ps_reading_fail(reading, PS_NO_MEMORY, 0, "out of memory");
	zone->reading = reading;
	zone->lines = NULL;
	status = ps_lines_create(&zone->lines, reading->fd, reading->max_bytes, reading->err);
	if (status != PS_OK) {
		ps_zone_text_close(zone);
		return status;
	}
	*out = zone;
	return PS_OK;
}

void ps_zone_text_close(struct ps_zone_text *zone)
{
	if (zone == NULL)
		return;
	ps_lines_destroy(zone->lines);
	free(zone);
}

static void append(struct ps_zone_text *zone, uint8_t c)
{
	if (zone->len < PS_ZONE_RECORD_MAX)
		zone->text[zone->len++] = (char)c;
	else
		zone->too_long = true;
}

/* Adds one line to the record at hand. False: a parenthesis closes nothing. A quoted
 * string ends with its line: RFC 1035 would let it go on, and one forgotten quote
 * would swallow the records behind it. */
static bool add_line(struct ps_zone_text *zone, struct ps_bytes line)
{
	bool quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		uint8_t c = line.ptr[i];

		if (c == '\\') {
			append(zone, c);
			if (++i < line.len)
				append(zone, line.ptr[i]);
			continue;
		}
		if (c == '"')
			quoted = !quoted;
		if (quoted || (c != ';' && c != '(' && c != ')')) {
			append(zone, c);
			continue;
		}
		if (c == ';')
			break;
		if (c == ')' && zone->depth == 0)
			return false;
		zone->depth = c == '(' ? zone->depth + 1 : zone->depth - 1;
		append(zone, ' ');
	}
	zone->bad = zone->bad || quoted;
	append(zone, ' '); /* for the line break */
	return true;
}

static enum ps_status too_long_inside(const struct ps_zone_text *zone, uint64_t line)
{
	return ps_reading_fail(zone->reading, PS_INVALID, line,
	    "has a line over %d octets inside parentheses", PS_LINE_MAX);
}

/* Reads lines until the parentheses are closed. *begun false: the input has ended. */
static enum ps_status gather(struct ps_zone_text *zone, uint64_t *first, bool *begun)
{
	struct ps_line line;

	*begun = false;
	do {
		enum ps_status status = ps_lines_next(zone->lines, &line, zone->reading->err);

		if (status != PS_OK)
			return status;
		if (line.kind == PS_LINE_END && *begun)
			return ps_reading_fail(zone->reading, PS_INVALID, *first,
			    "has a parenthesis in the record that begins here which is never "
			    "closed");
		if (line.kind == PS_LINE_END)
			return PS_OK;
		if (line.kind == PS_LINE_TOO_LONG && *begun)
			return too_long_inside(zone, line.number);
		if (!*begun)
			*first = line.number;
		*begun = true;
		if (line.kind == PS_LINE_TOO_LONG) {
			zone->too_long = true;
			zone->len = line.bytes.len < PS_EXCERPT_MAX ? line.bytes.len :
			                                              PS_EXCERPT_MAX;
			memcpy(zone->text, line.bytes.ptr, zone->len);
		} else if (!add_line(zone, line.bytes)) {
			return ps_reading_fail(zone->reading, PS_INVALID, line.number,
			    "has a parenthesis that closes nothing");
		}
	} while (zone->depth > 0);
	return PS_OK;
}

static bool is_blank_text(const struct ps_zone_text *zone)
{
	for (size_t i = 0; i < zone->len; i++) {
		if (zone->text[i] != ' ' && zone->text[i] != '\t')
			return false;
	}
	return true;
}

enum ps_status ps_zone_text_next(struct ps_zone_text *zone, struct ps_zone_record *out)
{
	enum ps_status status;
	uint64_t line = 0;
	bool begun;

	do {
		zone->len = 0;
		zone->depth = 0;
		zone->too_long = false;
		zone->bad = false;
		status = gather(zone, &line, &begun);
		if (status != PS_OK)
			return status;
	} while (begun && !zone->too_long && is_blank_text(zone));
	while (zone->len > 0 && zone->text[zone->len - 1] == ' ' && !zone->too_long &&
	       (zone->len < 2 || zone->text[zone->len - 2] != '\\'))
		zone->len--;
	zone->text[zone->len] = '\0';
	*out = (struct ps_zone_record){.kind = PS_ZONE_RECORD,
	    .line = line,
	    .text = zone->text,
	    .len = zone->len,
	    .has_owner = zone->text[0] != ' ' && zone->text[0] != '\t'};
	if (!begun)
		out->kind = PS_ZONE_END;
	else if (zone->too_long)
		out->kind = PS_ZONE_TOO_LONG;
	else if (!ps_utf8_is_text(ps_bytes_of(zone->text, zone->len)))
		out->kind = PS_ZONE_NOT_UTF8;
	else if (zone->bad)
		out->kind = PS_ZONE_BAD;
	else if (zone->text[0] == '$')
		out->kind = PS_ZONE_DIRECTIVE;
	return PS_OK;
}
