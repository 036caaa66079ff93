#include "cli/examination.h"

#include "cli/shown.h"

#include <stdio.h>
#include <stdlib.h>

/* --- what a verdict says ----------------------------------------------------------- */

/* Which way of imitation the verdict names. */
static enum ps_technique technique_of(const struct ps_verdict *verdict)
{
	return verdict->likeness.technique;
}

/* Which brand it says is imitated: an index of the plan's, or PS_INDEX_NONE. */
static uint32_t brand_of(const struct ps_verdict *verdict)
{
	return verdict->likeness.score > 0 ? verdict->likeness.brand : PS_INDEX_NONE;
}

/* --- comparing ------------------------------------------------------------------------ */

static void put(char out[PS_ASPECT_TEXT_MAX], const char *text)
{
	(void)snprintf(out, PS_ASPECT_TEXT_MAX, "%s", text);
}

/* An answer of the policy's own is told by its name; built-in ones are called as their
 * actions are. */
static const char *answer_of(const struct ps_examination *e, const struct ps_verdict *verdict)
{
	return verdict->answer != PS_INDEX_NONE
	           ? ps_snapshot_answer(e->snapshot, verdict->answer).name
	           : ps_action_name(verdict->action);
}

static void compare_action(const struct ps_examination *e, const struct ps_policy_test *test,
    const struct ps_verdict *verdict, struct ps_comparison *out)
{
	const char *action = ps_action_name(verdict->action);
	const char *answer = answer_of(e, verdict);

	if (test->answer != PS_TEST_ANY) {
		put(out->expected, e->plan->answers[test->answer].name);
		put(out->got, answer);
	} else {
		if (test->action != PS_TEST_ANY)
			put(out->expected, ps_action_name(test->action));
		put(out->got, action);
	}
	out->stated = test->answer != PS_TEST_ANY || test->action != PS_TEST_ANY;
	out->same = !out->stated || strcmp(out->expected, out->got) == 0;
	if (!out->same && test->answer == PS_TEST_ANY && strcmp(action, answer) != 0)
		(void)snprintf(out->got, PS_ASPECT_TEXT_MAX, "%s (%.64s)", action, answer);
}

/* expected: the name of what is expected where that is neither ANY nor NONE. got: NULL:
 * there is none. By names, so that nothing rests on the order of two tables. */
static void compare_named(
    uint32_t wanted, const char *expected, const char *got, struct ps_comparison *out)
{
	out->stated = wanted != PS_TEST_ANY;
	if (out->stated)
		put(out->expected, wanted == PS_TEST_NONE ? "none" : expected);
	put(out->got, got != NULL ? got : "none");
	out->same = !out->stated || (wanted == PS_TEST_NONE) == (got == NULL);
	if (out->same && out->stated && got != NULL)
		out->same = strcmp(expected, got) == 0;
}

static void compare_rule(const struct ps_examination *e, const struct ps_policy_test *test,
    const struct ps_verdict *verdict, struct ps_comparison *out)
{
	compare_named(test->rule,
	    test->rule < e->plan->rule_count ? e->plan->rules[test->rule].id : "",
	    verdict->rule != PS_INDEX_NONE ? ps_snapshot_rule(e->snapshot, verdict->rule).id
	                                   : NULL,
	    out);
}

static void compare_brand(const struct ps_examination *e, const struct ps_policy_test *test,
    const struct ps_verdict *verdict, struct ps_comparison *out)
{
	const struct ps_lookalike_plan *plan = &e->plan->lookalike;
	uint32_t got = brand_of(verdict);

	compare_named(test->brand,
	    test->brand < plan->brand_count ? plan->brands[test->brand].id : "",
	    got < plan->brand_count ? plan->brands[got].id : NULL, out);
}

static void compare_technique(const struct ps_policy_test *test,
    const struct ps_verdict *verdict, struct ps_comparison *out)
{
	enum ps_technique got = technique_of(verdict);

	put(out->got, ps_technique_name(got));
	out->stated = test->technique != PS_TEST_ANY;
	out->same = !out->stated || test->technique == (uint32_t)got;
	if (out->stated)
		put(out->expected, ps_technique_name(test->technique));
}

void ps_examination_compare(const struct ps_examination *e, uint32_t index,
    enum ps_aspect aspect, struct ps_comparison *out)
{
	const struct ps_policy_test *test = &e->plan->tests[index];
	const struct ps_verdict *verdict = &e->verdicts[index];

	*out = (struct ps_comparison){.same = true};
	switch (aspect) {
	case PS_ASPECT_ACTION:
		compare_action(e, test, verdict, out);
		break;
	case PS_ASPECT_RULE:
		compare_rule(e, test, verdict, out);
		break;
	case PS_ASPECT_TECHNIQUE:
		compare_technique(test, verdict, out);
		break;
	case PS_ASPECT_BRAND:
		compare_brand(e, test, verdict, out);
		break;
	case PS_ASPECT_COUNT:
		break;
	}
}

const char *ps_aspect_name(enum ps_aspect aspect)
{
	static const char *const names[PS_ASPECT_COUNT] = {
	    "action", "rule", "technique", "brand"};

	return names[aspect];
}

/* --- judging --------------------------------------------------------------------------- */

/* As the resolver does it: what blocks a name blocks it before there is an answer. */
static enum ps_status judge(struct ps_examination *e, const struct ps_matcher *matcher,
    struct ps_scratch *scratch, uint32_t index, uint32_t now)
{
	const struct ps_policy_test *test = &e->plan->tests[index];
	struct ps_question question = {.name = test->name,
	    .type = test->type,
	    .now = now,
	    .client = ps_snapshot_client(e->snapshot, &test->client, NULL)};

	struct ps_shown shown = {0};
	enum ps_status status = ps_shown_add_test(&shown, test);

	if (status == PS_OK) {
		question.answer = ps_shown_answer(&shown);
		(void)ps_verdict_judge_in_turn(
		    e->snapshot, matcher, scratch, &question, &e->verdicts[index]);
	}
	ps_shown_clear(&shown);
	if (status != PS_OK)
		return status;
	e->passed[index] = true;
	for (unsigned aspect = 0; aspect < PS_ASPECT_COUNT; aspect++) {
		struct ps_comparison comparison;

		ps_examination_compare(e, index, (enum ps_aspect)aspect, &comparison);
		e->passed[index] = e->passed[index] && comparison.same;
	}
	e->failed += !e->passed[index];
	return PS_OK;
}

enum ps_status ps_examination_make(struct ps_examination *out, const struct ps_plan *plan,
    const struct ps_snapshot *snapshot, uint32_t now, struct ps_error *err)
{
	struct ps_matcher *matcher = NULL;
	struct ps_scratch *scratch = NULL;
	enum ps_status status;

	*out = (struct ps_examination){.plan = plan, .snapshot = snapshot};
	out->verdicts = calloc(plan->test_count + 1u, sizeof(*out->verdicts));
	out->passed = calloc(plan->test_count + 1u, sizeof(*out->passed));
	if (out->verdicts == NULL || out->passed == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	status = ps_matcher_create(&matcher, snapshot, err);
	if (status != PS_OK)
		return status;
	status = ps_scratch_create(&scratch);
	for (uint32_t i = 0; i < plan->test_count && status == PS_OK; i++)
		status = judge(out, matcher, scratch, i, now);
	if (status != PS_OK)
		(void)ps_error_set(err, status, "out of memory");
	ps_scratch_destroy(scratch);
	ps_matcher_destroy(matcher);
	return status;
}

void ps_examination_clear(struct ps_examination *examination)
{
	free(examination->verdicts);
	free(examination->passed);
	*examination = (struct ps_examination){.plan = NULL};
}
