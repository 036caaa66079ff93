#include "cli/fact.h"

#include "cli/terminal.h"

#include <stdlib.h>

json_t *ps_fact_string(struct ps_bytes text)
{
	json_t *value =
	    text.len == 0 ? json_string("") : json_stringn((const char *)text.ptr, text.len);
	char *escaped;

	if (value != NULL)
		return value;
	/* No UTF-8 (or no memory, which the next step tells). */
	escaped = malloc(4 * text.len + 4);
	if (escaped == NULL)
		return NULL;
	(void)ps_terminal_escape(text, escaped, 4 * text.len + 4);
	value = json_string(escaped);
	free(escaped);
	return value;
}

bool ps_fact_put(json_t *object, const char *key, json_t *value)
{
	return value != NULL && json_object_set_new(object, key, value) == 0;
}

bool ps_fact_add(json_t *array, json_t *value)
{
	return value != NULL && json_array_append_new(array, value) == 0;
}

bool ps_fact_text(json_t *object, const char *key, const char *text)
{
	return ps_fact_bytes(object, key, ps_bytes_of_text(text));
}

bool ps_fact_bytes(json_t *object, const char *key, struct ps_bytes text)
{
	return ps_fact_put(object, key, ps_fact_string(text));
}

bool ps_fact_number(json_t *object, const char *key, uint64_t number)
{
	return ps_fact_put(object, key, json_integer((json_int_t)number));
}

bool ps_fact_signed(json_t *object, const char *key, int64_t number)
{
	return ps_fact_put(object, key, json_integer(number));
}

bool ps_fact_real(json_t *object, const char *key, double number)
{
	return ps_fact_put(object, key, json_real(number));
}

bool ps_fact_flag(json_t *object, const char *key, bool flag)
{
	return ps_fact_put(object, key, json_boolean(flag));
}

bool ps_fact_null(json_t *object, const char *key)
{
	return ps_fact_put(object, key, json_null());
}

bool ps_fact_moment(json_t *object, const char *key, uint64_t unix_seconds)
{
	char text[PS_MOMENT_TEXT_MAX];

	return ps_fact_text(object, key, ps_terminal_moment(unix_seconds, text));
}

bool ps_fact_hex(json_t *object, const char *key, const uint8_t *bytes, size_t len)
{
	char text[2 * PS_FACT_HEX_MAX + 1] = "";

	for (size_t i = 0; i < len && i < PS_FACT_HEX_MAX; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return ps_fact_text(object, key, text);
}

/* jansson leaves DEL as it is. It can stand only inside a string, where \u007f means
 * the same. */
static int write_escaped(const char *piece, size_t len, void *ctx)
{
	FILE *stream = ctx;

	for (size_t i = 0; i < len; i++) {
		if (piece[i] == 0x7f ? fputs("\\u007f", stream) < 0
		                     : fputc(piece[i], stream) == EOF)
			return -1;
	}
	return 0;
}

static enum ps_status print(FILE *stream, json_t *value, bool whole, size_t layout)
{
	int failed = 0;

	if (value == NULL || !whole) {
		json_decref(value);
		return PS_NO_MEMORY;
	}
	/* json_real with 17 digits shows rounding noise to people. */
	failed = json_dump_callback(value, write_escaped, stream,
	    layout | JSON_SORT_KEYS | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6));
	json_decref(value);
	if (failed != 0)
		return ferror(stream) ? PS_IO : PS_NO_MEMORY;
	return fputc('\n', stream) == EOF ? PS_IO : PS_OK;
}

enum ps_status ps_fact_print(FILE *stream, json_t *value, bool whole)
{
	return print(stream, value, whole, JSON_INDENT(2));
}

enum ps_status ps_fact_print_line(FILE *stream, json_t *value, bool whole)
{
	return print(stream, value, whole, JSON_COMPACT);
}
