/* What is explained is what is done: the trace of the rules against the evaluator, on
 * random plans. */
#include "cli/explanation.h"
#include "snapshot/sample.h"

#include <check.h>
#include <stdlib.h>

struct tally {
	uint64_t reasons[3];
	uint64_t shadows;
	uint64_t failed_conditions;
	uint64_t by_answer; /* decided by a fact of the answer */
	uint64_t at_once;   /* there was an answer, and it was not asked for */
};

#define FACTS_MAX 5

static void check_rules(const struct ps_explanation *e, struct tally *tally)
{
	const struct ps_verdict *v = &e->verdict;
	uint32_t shadows = 0;

	for (uint32_t i = 0; i < e->asked; i++) {
		const struct ps_trace *trace = &e->traces[i];
		bool enforced = ps_snapshot_rule(e->snapshot, i).mode == PS_MODE_ENFORCE;

		if (trace->outcome == PS_OUTCOME_NOT) {
			ck_assert_uint_ne(trace->condition, PS_INDEX_NONE);
			ck_assert_str_ne(trace->why, "");
			ck_assert_uint_ne(i, v->rule);
			tally->failed_conditions++;
			continue;
		}
		ck_assert_str_eq(trace->why, "");
		if (trace->outcome == PS_OUTCOME_HOLDS && enforced) {
			ck_assert_uint_eq(i, v->rule);
			continue;
		}
		ck_assert_uint_lt(shadows, v->shadow_count);
		if (shadows < PS_VERDICT_SHADOWS_MAX)
			ck_assert_uint_eq(v->shadow[shadows], i);
		shadows++;
	}
	ck_assert_uint_eq(shadows, v->shadow_count);
	tally->shadows += shadows;
}

/* Both forms can be made of it, and hold nothing for a terminal to obey. */
static void check_forms(const struct ps_explanation *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	struct ps_terminal terminal = {.stream = stream};
	bool whole = true, printable = true;
	json_t *root = ps_explanation_json(e, &whole);

	ps_explanation_print(e, &terminal);
	ck_assert_int_eq(ps_fact_print(stream, root, whole), PS_OK);
	(void)fclose(stream);
	for (size_t i = 0; i < len; i++)
		printable = printable && (text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
	ck_assert(printable); /* an assertion an octet would take a minute */
	free(text);
}

/* Now and then nobody; mostly one in a group. */
static struct ps_address random_client(
    const struct ps_snapshot *snapshot, struct sample_random *random)
{
	uint32_t group, count = ps_snapshot_client_prefix_count(snapshot);

	if (sample_chance(random, 20))
		return (struct ps_address){.family = 0};
	return ps_snapshot_client_prefix(snapshot, sample_below(random, count), &group).address;
}

/* Of what the sample lists, so that rules hold. The names live as long as the sample. */
static uint32_t random_facts(
    const struct sample *sample, struct sample_random *random, struct ps_fact *facts)
{
	uint32_t count = sample_below(random, FACTS_MAX + 1);

	for (uint32_t i = 0; i < count; i++) {
		const struct sample_row *row =
		    &sample->rows[sample_below(random, sample->row_count)];
		bool of_server = sample_chance(random, 40);

		facts[i] = (struct ps_fact){.name = row->name.name, .address = row->prefix.address};
		if (row->is_address)
			facts[i].kind = of_server ? PS_FACT_SERVER_ADDRESS : PS_FACT_ADDRESS;
		else
			facts[i].kind = of_server ? PS_FACT_SERVER_NAME : PS_FACT_TARGET;
	}
	return count;
}

static void check_name(const struct sample *sample, const struct ps_snapshot *snapshot,
    struct ps_name name, uint32_t now, struct sample_random *random, struct tally *tally)
{
	struct ps_fact facts[FACTS_MAX];
	struct ps_answer_facts answer = {facts, random_facts(sample, random, facts)};
	struct ps_question question = {.name = name,
	    .type = 1,
	    .now = now,
	    .answer = answer.count > 0 ? &answer : NULL};
	struct ps_address client = random_client(snapshot, random);
	struct ps_explanation e;

	ck_assert_int_eq(ps_explanation_make(&e, snapshot, "", &question, &client, NULL), PS_OK);
	ck_assert_int_eq(e.never, e.verdict.reason == PS_REASON_NEVER);
	if (e.verdict.reason == PS_REASON_NEVER)
		ck_assert_uint_eq(e.asked, 0);
	check_rules(&e, tally);
	check_forms(&e);
	ck_assert_uint_eq(e.shown.count, answer.count);
	tally->by_answer += e.verdict.fact != PS_INDEX_NONE;
	tally->at_once += answer.count > 0 && e.at_once && ps_verdict_blocks(&e.verdict);
	if (e.verdict.fact != PS_INDEX_NONE) {
		ck_assert(!e.at_once);
		ck_assert_uint_lt(e.verdict.fact, answer.count);
		ck_assert(!e.shown.items[e.verdict.fact]->never);
	}
	tally->reasons[e.verdict.reason]++;
	ps_explanation_clear(&e);
}

static void check_sample(uint64_t seed, struct tally *tally)
{
	struct sample_shape shape = {.feeds = 4,
	    .answers = 6,
	    .rules = 12,
	    .names = 300,
	    .addresses = 40,
	    .brands = seed % 5 == 0 ? 8 : 0,
	    .groups = 3,
	    .asks_answers = seed % 4 != 0};
	struct sample *sample = sample_create(seed, shape);
	struct sample_random random = {.state = seed};
	struct ps_bytes image = sample_build(sample, seed);
	struct ps_snapshot *snapshot = NULL;

	ck_assert_int_eq(ps_snapshot_open(&snapshot, image, PS_SNAPSHOT_WHOLE, NULL), PS_OK);
	for (uint32_t i = 0; i < 200; i++) {
		struct sample_name name;

		sample_random_name(&random, &name);
		check_name(sample, snapshot, name.name, 1700000000, &random, tally);
	}
	for (uint32_t i = 0; i < sample->row_count && i < 200; i++) {
		const struct sample_row *row = &sample->rows[i];
		uint32_t now = row->row.valid_until == PS_TIME_FOREVER
		                   ? 1700000000
		                   : row->row.valid_until - sample_below(&random, 2);

		if (!row->is_address)
			check_name(sample, snapshot, row->name.name, now, &random, tally);
	}
	ps_snapshot_close(snapshot);
	free((void *)(uintptr_t)image.ptr);
	sample_destroy(sample);
}

START_TEST(trace_and_verdict_agree)
{
	struct tally tally = {0};

	for (uint64_t seed = 1; seed <= 25; seed++)
		check_sample(seed, &tally);
	/* The test has seen all that it is about. */
	ck_assert_uint_gt(tally.reasons[PS_REASON_NONE], 100);
	ck_assert_uint_gt(tally.reasons[PS_REASON_NEVER], 10);
	ck_assert_uint_gt(tally.reasons[PS_REASON_RULE], 100);
	ck_assert_uint_gt(tally.shadows, 100);
	ck_assert_uint_gt(tally.by_answer, 100);
	ck_assert_uint_gt(tally.at_once, 100);
	ck_assert_uint_gt(tally.failed_conditions, 1000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tests = tcase_create("explanation");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, trace_and_verdict_agree);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
