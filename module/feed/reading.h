/* One reading of one feed: what every parser needs beside its own state.
 *
 * Inside the feed room only. ps_feed_read() makes it; parsers hand on through it,
 * so that limits, counts and places are kept in one way.
 * Threads: one reading by one thread.
 */
#ifndef PS_FEED_READING_H
#define PS_FEED_READING_H

#include "feed/feed.h"

#define PS_EXCERPT_MAX 80 /* octets: feed.h, sink->refuse */

struct ps_reading {
	const struct ps_feed_config *config;
	const struct ps_feed_sink *sink;
	struct ps_error *err; /* may be NULL */
	int fd;
	uint32_t now;
	uint64_t max_bytes;
	uint64_t max_entries;
	uint64_t entries; /* accepted so far */
};

/* An indicator with all that the feed's configuration says, and no name or
 * address yet. */
struct ps_indicator ps_reading_indicator(const struct ps_reading *reading, uint64_t line);

/* Hands one indicator to the sink. Errors: PS_LIMIT (over max_entries), or what
 * the sink says. */
PS_MUST_USE enum ps_status ps_reading_accept(
    struct ps_reading *reading, const struct ps_indicator *indicator);

/* Tells the sink of one thing that was not taken. */
void ps_reading_refuse(const struct ps_reading *reading, enum ps_refusal reason, uint64_t line,
    struct ps_bytes excerpt);

/* Ends an entry that was read with this status: PS_OK hands the indicator on, PS_INVALID
 * counts it as refused, for reason and with the excerpt; PS_NO_MEMORY ends the feed. */
PS_MUST_USE enum ps_status ps_reading_settle(struct ps_reading *reading, enum ps_status status,
    const struct ps_indicator *indicator, enum ps_refusal reason, struct ps_bytes excerpt);

/* Hands each line to read until one does not say PS_OK or the feed ends; lines that are too
 * long are counted as refused. Errors: PS_IO, PS_LIMIT, PS_NO_MEMORY, or what read says. */
PS_MUST_USE enum ps_status ps_reading_lines(struct ps_reading *reading,
    enum ps_status (*read)(struct ps_reading *reading, uint64_t number, struct ps_bytes line));

/* Ends the feed as a whole: fills err with file, line and words, returns status. */
enum ps_status ps_reading_fail(const struct ps_reading *reading, enum ps_status status,
    uint64_t line, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
