/* The tests of a policy, judged: what each expected and what it got, aspect by aspect.
 *
 * Ownership: init/clear on the caller's storage; plan and snapshot must outlive it.
 * Threads: one at a time.
 */
#ifndef PS_CLI_EXAMINATION_H
#define PS_CLI_EXAMINATION_H

#include "verdict/verdict.h"

struct ps_examination {
	const struct ps_plan *plan;
	const struct ps_snapshot *snapshot; /* made from the plan */
	struct ps_verdict *verdicts;        /* one a test, in the plan's order */
	bool *passed;
	uint32_t failed;
};

/* Errors: PS_NO_MEMORY and those of the patterns; clear in any case. */
PS_MUST_USE enum ps_status ps_examination_make(struct ps_examination *out,
    const struct ps_plan *plan, const struct ps_snapshot *snapshot, uint32_t now,
    struct ps_error *err);
void ps_examination_clear(struct ps_examination *examination);

enum ps_aspect {
	PS_ASPECT_ACTION,
	PS_ASPECT_RULE,
	PS_ASPECT_TECHNIQUE,
	PS_ASPECT_BRAND,
	PS_ASPECT_COUNT,
};

#define PS_ASPECT_TEXT_MAX 160

struct ps_comparison {
	bool stated; /* the test says something of it; otherwise expected is "" */
	bool same;   /* true where nothing is stated */
	char expected[PS_ASPECT_TEXT_MAX];
	char got[PS_ASPECT_TEXT_MAX]; /* "none": no rule, technique or brand */
};

/* "action", "rule", "technique", "brand". */
const char *ps_aspect_name(enum ps_aspect aspect);

/* All text is printable ASCII: ids and words. */
void ps_examination_compare(const struct ps_examination *examination, uint32_t test,
    enum ps_aspect aspect, struct ps_comparison *out);

#endif
