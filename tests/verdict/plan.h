/* A snapshot in memory from a plan and indicators, for the tests of this room. Included by
 * one .c file of a test. */
#ifndef PS_TESTS_VERDICT_PLAN_H
#define PS_TESTS_VERDICT_PLAN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "snapshot/builder.h"
#include "verdict/verdict.h"

struct listed {
	uint32_t feed;
	bool trial;
	struct ps_indicator indicator;
};

/* What a test judges with. */
struct court {
	struct ps_buffer image;
	struct ps_snapshot *snapshot;
	struct ps_matcher *matcher;
	struct ps_scratch *scratch;
};

static void court_open(
    struct court *court, const struct ps_plan *plan, const struct listed *listed, size_t count)
{
	struct ps_builder *builder = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	ps_buffer_init(&court->image, 16u << 20);
	ck_assert_msg(ps_builder_create(&builder, plan, &err) == PS_OK, "create: %s", err.text);
	ps_builder_set_suffixes(builder, ps_bytes_of_text("com\nnet\ntop\nuk\nco.uk\n"));
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(ps_builder_add(builder, listed[i].feed, &listed[i].indicator,
		                  listed[i].trial, &err) == PS_OK,
		    "add %zu: %s", i, err.text);
	ck_assert_msg(ps_builder_write_buffer(builder, &court->image, &err) == PS_OK,
	    "write: %s", err.text);
	ps_builder_destroy(builder);
	ck_assert_msg(ps_snapshot_open(&court->snapshot, ps_buffer_bytes(&court->image),
	                  PS_SNAPSHOT_LOOKUP, &err) == PS_OK,
	    "open: %s", err.text);
	ck_assert_msg(ps_matcher_create(&court->matcher, court->snapshot, &err) == PS_OK,
	    "matcher: %s", err.text);
	ck_assert_int_eq(ps_scratch_create(&court->scratch), PS_OK);
}

static void court_close(struct court *court)
{
	ps_scratch_destroy(court->scratch);
	ps_matcher_destroy(court->matcher);
	ps_snapshot_close(court->snapshot);
	ps_buffer_clear(&court->image);
}

/* text must be a name in presentation form. */
static struct ps_name name_of(const char *text, struct ps_name_buffer *storage)
{
	struct ps_name name;
	struct ps_error err;

	ps_error_clear(&err);
	ck_assert_msg(
	    ps_name_from_text(&name, storage, ps_bytes_of_text(text), &err) == PS_OK, "%s", text);
	return name;
}

static inline struct ps_verdict judge_name(struct court *court, struct ps_name name, uint32_t now)
{
	struct ps_question question = {.name = name, .type = 1, .now = now};
	struct ps_verdict verdict;

	ps_verdict_judge(
	    court->snapshot, court->matcher, court->scratch, &question, &verdict);
	return verdict;
}

#endif
