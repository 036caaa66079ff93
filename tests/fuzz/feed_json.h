/* A whole-document reading by jansson beside ours, which goes piece by piece. */
#ifndef PS_TESTS_FUZZ_FEED_JSON_H
#define PS_TESTS_FUZZ_FEED_JSON_H

#include "feed_check.h"

#include <jansson.h>

/* --- a second opinion: RFC 8259's grammar, and nothing but it ------------------------- */

struct strict {
	const uint8_t *p;
	const uint8_t *end;
};

static inline void strict_blanks(struct strict *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static inline bool strict_take(struct strict *s, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(s->end - s->p) < len || memcmp(s->p, text, len) != 0)
		return false;
	s->p += len;
	return true;
}

static inline bool strict_digits(struct strict *s)
{
	const uint8_t *start = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > start;
}

static inline bool strict_number(struct strict *s)
{
	(void)strict_take(s, "-");
	if (!strict_take(s, "0") && !strict_digits(s))
		return false;
	if (strict_take(s, ".") && !strict_digits(s))
		return false;
	if (!strict_take(s, "e") && !strict_take(s, "E"))
		return true;
	if (!strict_take(s, "+"))
		(void)strict_take(s, "-");
	return strict_digits(s);
}

static inline bool strict_string(struct strict *s)
{
	if (!strict_take(s, "\""))
		return false;
	while (s->p < s->end && *s->p != '"') {
		if (*s->p < 0x20)
			return false;
		if (*s->p++ != '\\')
			continue;
		if (s->p == s->end || *s->p == 0 || strchr("\"\\/bfnrtu", *s->p) == NULL)
			return false;
		if (*s->p++ != 'u')
			continue;
		for (int i = 0; i < 4; i++, s->p++) {
			if (s->p == s->end || *s->p == 0 ||
			    strchr("0123456789abcdefABCDEF", *s->p) == NULL)
				return false;
		}
	}
	return strict_take(s, "\"");
}

static inline bool strict_value(struct strict *s, int depth)
{
	bool object = s->p < s->end && *s->p == '{';

	if (depth > 3000)
		return false;
	if (!object && !(s->p < s->end && *s->p == '['))
		return strict_string(s) || strict_take(s, "true") || strict_take(s, "false") ||
		       strict_take(s, "null") || strict_number(s);
	s->p++;
	strict_blanks(s);
	if (strict_take(s, object ? "}" : "]"))
		return true;
	do {
		strict_blanks(s);
		if (object) {
			if (!strict_string(s))
				return false;
			strict_blanks(s);
			if (!strict_take(s, ":"))
				return false;
			strict_blanks(s);
		}
		if (!strict_value(s, depth + 1))
			return false;
		strict_blanks(s);
	} while (strict_take(s, ","));
	return strict_take(s, object ? "}" : "]");
}

static inline bool is_strict_json(const uint8_t *data, size_t size)
{
	struct strict s = {.p = data, .end = data + size};

	strict_blanks(&s);
	if (!strict_value(&s, 0))
		return false;
	strict_blanks(&s);
	return s.p == s.end;
}

/* --- jansson, the whole document at once ------------------------------------------------ */

/* NULL: no JSON, or its outermost value is no object or array. */
static inline json_t *whole_document(const uint8_t *data, size_t size)
{
	json_error_t error;

	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		size -= 3;
	}
	/* jansson 2.14 passes over a NUL behind a number or a word. */
	if (!is_strict_json(data, size))
		return NULL;
	return json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, &error);
}

static inline bool is_string(const json_t *json, const char *text)
{
	return json_is_string(json) && json_string_length(json) == strlen(text) &&
	       memcmp(json_string_value(json), text, strlen(text)) == 0;
}

#endif
