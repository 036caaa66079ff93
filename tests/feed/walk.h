/* A reading without a feed, for tests of what parsers stand on. */
#ifndef PS_TESTS_FEED_WALK_H
#define PS_TESTS_FEED_WALK_H

#include "feed/collect.h"
#include "feed/reading.h"

static inline struct ps_reading reading_of(int fd, struct ps_error *err)
{
	static const struct ps_feed_config config = {.id = "x", .path = "x.feed"};

	ps_error_clear(err);
	return (struct ps_reading){.config = &config,
	    .err = err,
	    .fd = fd,
	    .now = COLLECT_NOW,
	    .max_bytes = (uint64_t)1 << 30,
	    .max_entries = 1000};
}

#endif
