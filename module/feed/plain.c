#include "feed/plain.h"

#include "feed/entry.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_comment(uint8_t c)
{
	return c == '#' || c == ';';
}

static bool has_scheme(struct ps_bytes text)
{
	for (size_t i = 0; i + 2 < text.len && text.ptr[i] != '#'; i++) {
		if (text.ptr[i] == ':' && text.ptr[i + 1] == '/' && text.ptr[i + 2] == '/')
			return true;
	}
	return false;
}

/* Cuts the entry out of a line. False when more than a comment follows it. */
static bool cut_entry(struct ps_bytes line, struct ps_bytes *entry)
{
	struct ps_bytes rest;
	size_t len = 0;

	line = ps_bytes_trim(line);
	while (len < line.len && !is_blank(line.ptr[len]))
		len++;
	*entry = ps_bytes_of(line.ptr, len);
	rest = ps_bytes_trim(ps_bytes_of(line.ptr + len, line.len - len));
	if (!has_scheme(*entry)) {
		for (size_t i = 0; i < entry->len; i++) {
			if (is_comment(entry->ptr[i])) {
				entry->len = i;
				return true;
			}
		}
	}
	return rest.len == 0 || is_comment(rest.ptr[0]);
}

/* "||name^" */
static bool strip_adblock(struct ps_bytes *entry)
{
	if (entry->len < 4 || memcmp(entry->ptr, "||", 2) != 0 ||
	    entry->ptr[entry->len - 1] != '^')
		return false;
	*entry = ps_bytes_of(entry->ptr + 2, entry->len - 3);
	return true;
}

static enum ps_status read_entry(
    struct ps_reading *reading, uint64_t line, struct ps_bytes entry)
{
	struct ps_indicator indicator = ps_reading_indicator(reading, line);
	struct ps_bytes text = entry;
	struct ps_name_buffer storage;
	enum ps_refusal reason = PS_REFUSED_BAD_LINE;
	enum ps_status status;

	if (strip_adblock(&text))
		status = ps_entry_from_name(
		    &indicator, &storage, text, PS_SCOPE_SUBTREE, &reason);
	else if (text.ptr[0] == '|' || text.ptr[0] == '@')
		status = PS_INVALID; /* other rules of the same language */
	else
		status = ps_entry_from_text(
		    &indicator, &storage, text, reading->config->scope, &reason);
	return ps_reading_settle(reading, status, &indicator, reason, entry);
}

static enum ps_status read_line(
    struct ps_reading *reading, uint64_t number, struct ps_bytes line)
{
	struct ps_bytes text = ps_bytes_trim(line);
	struct ps_bytes entry;

	if (text.len == 0 || is_comment(text.ptr[0]) || text.ptr[0] == '!')
		return PS_OK;
	if (!cut_entry(text, &entry)) {
		ps_reading_refuse(reading, PS_REFUSED_BAD_LINE, number, text);
		return PS_OK;
	}
	return read_entry(reading, number, entry);
}

enum ps_status ps_plain_read(struct ps_reading *reading)
{
	return ps_reading_lines(reading, read_line);
}
