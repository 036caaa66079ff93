/* What the program writes, and to whom: colours where they are wanted, lines drawn
 * where the locale has them, and nothing from outside that could command a terminal.
 *
 * Whatever comes from a feed, a policy, a file name or the network goes through
 * ps_terminal_text(): what is not printable ASCII becomes \xNN (RELIABILITY R11).
 * Names are shown with ps_terminal_name(): A-labels, \DDD for odd octets.
 *
 * Ownership: streams are borrowed. Threads: one at a time.
 */
#ifndef PS_CLI_TERMINAL_H
#define PS_CLI_TERMINAL_H

#include "core/name.h"

#include <stdio.h>

struct ps_terminal {
	FILE *stream;
	bool interactive; /* a person looks at it */
	bool color;
	bool lines; /* box-drawing characters, not ASCII */
};

enum ps_style {
	PS_STYLE_PLAIN,
	PS_STYLE_GOOD,
	PS_STYLE_BAD,
	PS_STYLE_WARN,
	PS_STYLE_FAINT,
	PS_STYLE_STRONG,
};

/* color_allowed: what the user said; NO_COLOR (no-color.org), TERM=dumb and a stream
 * that is no terminal say no as well. Box-drawing follows LC_CTYPE. */
void ps_terminal_init(struct ps_terminal *terminal, FILE *stream, bool color_allowed);

/* Text of our own in a style; format may hold nothing from outside but through %s of
 * what ps_terminal_escape() made. */
void ps_terminal_styled(const struct ps_terminal *terminal, enum ps_style style,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same in pieces, for text that is put together elsewhere: what begins the style, and
 * with PLAIN what ends any; "" where there are no colours. */
const char *ps_terminal_style(const struct ps_terminal *terminal, enum ps_style style);

/* Octets from outside, escaped. */
void ps_terminal_text(const struct ps_terminal *terminal, struct ps_bytes text);

/* "error: " and the error's place and words, after the command's name. */
void ps_terminal_error(
    const struct ps_terminal *terminal, const char *who, const struct ps_error *err);

/* The escaped form into out, always terminated; what does not fit is cut behind a
 * whole character and ends in "...". Returns the length. size at least 4. */
size_t ps_terminal_escape(struct ps_bytes text, char *out, size_t size);

/* 1204 -> "1,204". */
#define PS_NUMBER_TEXT_MAX 32
const char *ps_terminal_number(uint64_t number, char out[PS_NUMBER_TEXT_MAX]);

/* "2 errors", "1 error". plural: the noun with an s, or as given. */
#define PS_COUNT_TEXT_MAX 80
const char *ps_terminal_count(
    uint64_t number, const char *one, const char *many, char out[PS_COUNT_TEXT_MAX]);

/* "2025-11-21T22:41:05Z"; "ever" for PS_TIME_NONE and "forever" for PS_TIME_FOREVER
 * are the caller's business. */
#define PS_MOMENT_TEXT_MAX 32
const char *ps_terminal_moment(uint64_t unix_seconds, char out[PS_MOMENT_TEXT_MAX]);

/* "12 s", "9 min", "3 h", "4 days". */
const char *ps_terminal_age(uint64_t seconds, char out[PS_MOMENT_TEXT_MAX]);

/* Lines of a tree: branch, last branch, and what stands below either. */
enum ps_tree_line { PS_TREE_BRANCH, PS_TREE_LAST, PS_TREE_DOWN, PS_TREE_BLANK };
const char *ps_terminal_tree(const struct ps_terminal *terminal, enum ps_tree_line line);

#endif
