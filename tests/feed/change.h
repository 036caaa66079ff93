/* A feed that is written to while it is read: between the first walk over it, which hands
 * nothing on, and the rest of the second one. */
#ifndef PS_TESTS_FEED_CHANGE_H
#define PS_TESTS_FEED_CHANGE_H

#include "feed/collect.h"

/* With the first row that is accepted, text is put at this place of fd. */
struct change {
	int fd;
	off_t at;
	const char *text;
	unsigned accepted;
};

static inline enum ps_status change_file(
    void *ctx, const struct ps_indicator *row, struct ps_error *err)
{
	struct change *change = ctx;

	(void)row;
	(void)err;
	if (change->accepted++ == 0)
		ck_assert_int_eq(
		    (int)pwrite(change->fd, change->text, strlen(change->text), change->at),
		    (int)strlen(change->text));
	return PS_OK;
}

static inline void ignore_refusal(
    void *ctx, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt)
{
	(void)ctx;
	(void)reason;
	(void)line;
	(void)excerpt;
}

#endif
