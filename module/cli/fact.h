/* JSON for programs: jansson's values, filled from octets that may be anything, and
 * printed the same way every time.
 *
 * Keys sorted, two blanks of indent, nothing but printable ASCII: what stands
 * outside is escaped as \uXXXX, so the JSON of a hostile feed is safe to look at.
 * Octets that are no UTF-8 are told as the text \xNN.
 *
 * Lack of memory: setters return whether they worked, callers gather that in one
 * flag, and ps_fact_print() refuses to print an object with a hole in it.
 * Threads: one at a time.
 */
#ifndef PS_CLI_FACT_H
#define PS_CLI_FACT_H

#include "core/bytes.h"
#include "core/status.h"

#include <jansson.h>
#include <stdio.h>

/* Setters on an object; each takes a json_t of its own making and lets go of it.
 * object NULL (an earlier failure) is allowed. False when memory was lacking. */
bool ps_fact_text(json_t *object, const char *key, const char *text);
bool ps_fact_bytes(json_t *object, const char *key, struct ps_bytes text);
bool ps_fact_number(json_t *object, const char *key, uint64_t number);
bool ps_fact_signed(json_t *object, const char *key, int64_t number);
bool ps_fact_real(json_t *object, const char *key, double number);
bool ps_fact_flag(json_t *object, const char *key, bool flag);
bool ps_fact_null(json_t *object, const char *key);

/* Hands value (NULL: memory was lacking) over to object or array. */
bool ps_fact_put(json_t *object, const char *key, json_t *value);
bool ps_fact_add(json_t *array, json_t *value);

/* A JSON string from any octets; NULL when memory is lacking. */
json_t *ps_fact_string(struct ps_bytes text);

/* Unix seconds as "2025-11-21T22:41:05Z". */
bool ps_fact_moment(json_t *object, const char *key, uint64_t unix_seconds);

/* Octets as lower-case hexadecimal; len at most PS_FACT_HEX_MAX. */
#define PS_FACT_HEX_MAX 32
bool ps_fact_hex(json_t *object, const char *key, const uint8_t *bytes, size_t len);

/* Prints value and a newline, and lets go of it. whole: what the setters said. */
PS_MUST_USE enum ps_status ps_fact_print(FILE *stream, json_t *value, bool whole);

/* The same on one line, for streams of objects. */
PS_MUST_USE enum ps_status ps_fact_print_line(FILE *stream, json_t *value, bool whole);

#endif
