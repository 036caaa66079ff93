/* The most frequent of many keys within a sliding window, in memory of a fixed size.
 *
 * The window is PS_LEADERS_SPANS spans of PS_LEADERS_SPAN_SECONDS. When every place is taken, a
 * new key takes that of the least frequent one: so a flood of keys that come once cannot push a
 * frequent one out, and what a key had counted before it lost its place is forgotten. The total
 * counts everything.
 *
 * Steps: one pass over the places for each addition.
 * Ownership: create/destroy. Threads: one at a time. Time is given, not asked.
 */
#ifndef PS_CLI_LEADERS_H
#define PS_CLI_LEADERS_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

#define PS_LEADERS_SPANS 10u
#define PS_LEADERS_SPAN_SECONDS 30u
#define PS_LEADERS_SECONDS (PS_LEADERS_SPANS * PS_LEADERS_SPAN_SECONDS)
#define PS_LEADERS_TEXT_MAX 256 /* a name that needs no escapes fits */
#define PS_LEADERS_NOTE_MAX 96

struct ps_leaders;

struct ps_leader {
	char text[PS_LEADERS_TEXT_MAX]; /* the key, cut */
	char note[PS_LEADERS_NOTE_MAX]; /* what was said of it last */
	uint64_t count;
};

PS_MUST_USE enum ps_status ps_leaders_create(struct ps_leaders **out, size_t places);
void ps_leaders_destroy(struct ps_leaders *leaders);
void ps_leaders_clear(struct ps_leaders *leaders);

/* Counts key at Unix second `at`. What lies before the window is not counted, what lies behind
 * the last ps_leaders_advance() counts as of then. */
void ps_leaders_add(
    struct ps_leaders *leaders, const char *key, const char *note, uint64_t count, uint64_t at);

/* The window ends at Unix second now; a clock that was set back far empties it. */
void ps_leaders_advance(struct ps_leaders *leaders, uint64_t now);

/* The most frequent ones, at most max, most first; equal ones by their text. Returns how many. */
size_t ps_leaders_list(const struct ps_leaders *leaders, struct ps_leader *out, size_t max);

uint64_t ps_leaders_total(const struct ps_leaders *leaders);

#endif
