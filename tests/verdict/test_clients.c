/* Rules for some clients, against a model that knows of none: for each class of clients the
 * plan is made anew with the rules alone that are for it, and judged as if everybody were. */
#include "snapshot/sample.h"
#include "verdict/plan.h"

#define NOW 1700000000u
#define GROUPS_MAX 5u

static struct ps_verdict judge_as(struct court *court, struct ps_name name, unsigned client)
{
	struct ps_question question = {.name = name, .type = 1, .now = NOW, .client = client};
	struct ps_verdict verdict;

	ps_verdict_judge(
	    court->snapshot, court->matcher, court->scratch, &question, &verdict);
	return verdict;
}

static void open_sample(struct court *court, const struct sample *sample)
{
	struct ps_bytes image = sample_build(sample, 0);

	ps_buffer_init(&court->image, 16u << 20);
	ck_assert_int_eq(ps_buffer_append(&court->image, image.ptr, image.len), PS_OK);
	free((void *)(uintptr_t)image.ptr);
	ck_assert_int_eq(ps_snapshot_open(&court->snapshot, ps_buffer_bytes(&court->image),
	                     PS_SNAPSHOT_LOOKUP, NULL),
	    PS_OK);
	ck_assert_int_eq(ps_matcher_create(&court->matcher, court->snapshot, NULL), PS_OK);
	ck_assert_int_eq(ps_scratch_create(&court->scratch), PS_OK);
}

/* The sample's plan for clients of one class: rules for others are not in it, and no rule asks
 * who asks. The same names and rows but for those of rules that are gone. */
static struct ps_rule *plan_for(struct sample *sample, unsigned class)
{
	const struct ps_plan *plan = &sample->plan;
	struct ps_rule *rules = calloc(plan->rule_count + 1u, sizeof(*rules));
	uint32_t count = 0;

	for (uint32_t i = 0; i < plan->rule_count; i++) {
		struct ps_rule rule = plan->rules[i];
		const struct ps_condition *last = rule.conditions + rule.condition_count - 1;

		if (rule.condition_count > 0 && last->kind == PS_CONDITION_CLIENT) {
			if ((last->clients >> class & 1) == 0)
				continue;
			rule.condition_count--;
		}
		rules[count++] = rule;
	}
	sample->plan.rules = rules;
	sample->plan.rule_count = count;
	return rules;
}

struct model {
	struct court court;
	struct ps_rule *rules;
};

/* Ids, because indices differ. */
static const char *rule_id(const struct court *court, uint32_t rule)
{
	return rule == PS_INDEX_NONE ? "" : ps_snapshot_rule(court->snapshot, rule).id;
}

static void check_same(const struct court *court, const struct ps_verdict *got,
    const struct court *model, const struct ps_verdict *wanted)
{
	ck_assert_int_eq(got->action, wanted->action);
	ck_assert_int_eq(got->reason, wanted->reason);
	ck_assert_str_eq(rule_id(court, got->rule), rule_id(model, wanted->rule));
	ck_assert_uint_eq(got->shadow_count, wanted->shadow_count);
	for (uint32_t i = 0; i < got->shadow_count && i < PS_VERDICT_SHADOWS_MAX; i++)
		ck_assert_str_eq(
		    rule_id(court, got->shadow[i]), rule_id(model, wanted->shadow[i]));
	ck_assert_uint_eq(got->evidence.labels, wanted->evidence.labels);
	ck_assert_int_eq(got->evidence.itself, wanted->evidence.itself);
	ck_assert(!wanted->by_client);
}

struct tally {
	unsigned by_client, blocked, passed;
};

static void check_name(struct court *court, struct model *models, unsigned classes,
    struct ps_name name, struct tally *tally)
{
	struct ps_verdict verdicts[GROUPS_MAX + 1];
	bool some = false, all_the_same = true;

	for (unsigned c = 0; c < classes; c++) {
		struct ps_verdict wanted = judge_as(&models[c].court, name, 0);

		verdicts[c] = judge_as(court, name, c);
		check_same(court, &verdicts[c], &models[c].court, &wanted);
		some = some || ps_verdict_blocks(&verdicts[c]);
		all_the_same = all_the_same && verdicts[c].rule == verdicts[0].rule;
	}
	for (unsigned c = 0; c < classes; c++) {
		ck_assert_int_eq(verdicts[c].by_client, some && !all_the_same);
		ck_assert_int_eq(ps_verdict_blocks_some(&verdicts[c]), some);
	}
	tally->by_client += some && !all_the_same;
	tally->blocked += some && all_the_same;
	tally->passed += !some;
}

static void check_sample(uint64_t seed, struct tally *tally)
{
	struct sample_random random = {.state = seed};
	uint32_t groups = 1 + (uint32_t)(seed % GROUPS_MAX);
	struct sample_shape shape = {.feeds = 3,
	    .answers = 8,
	    .rules = 1 + sample_below(&random, 9),
	    .names = 120,
	    .brands = seed % 3 == 0 ? 2 : 0,
	    .groups = groups};
	struct model models[GROUPS_MAX + 1];
	struct court court;
	struct sample *sample = sample_create(seed, shape);
	const struct ps_rule *rules = sample->plan.rules;
	uint32_t rule_count = sample->plan.rule_count;

	open_sample(&court, sample);
	for (unsigned c = 0; c <= groups; c++) {
		models[c].rules = plan_for(sample, c);
		open_sample(&models[c].court, sample);
		ck_assert(!ps_matcher_asks_clients(models[c].court.matcher));
		sample->plan.rules = rules;
		sample->plan.rule_count = rule_count;
	}
	for (uint32_t i = 0; i < sample->row_count; i++)
		if (!sample->rows[i].is_address)
			check_name(&court, models, groups + 1, sample->rows[i].name.name, tally);
	for (uint32_t i = 0; i < 100; i++) {
		struct sample_name name;

		sample_random_name(&random, &name);
		check_name(&court, models, groups + 1, name.name, tally);
	}
	for (unsigned c = 0; c <= groups; c++) {
		court_close(&models[c].court);
		free(models[c].rules);
	}
	court_close(&court);
	sample_destroy(sample);
}

START_TEST(random_plans)
{
	struct tally tally = {0};

	for (uint64_t seed = 1; seed <= 300; seed++)
		check_sample(seed, &tally);
	/* All of it occurred. */
	ck_assert_uint_gt(tally.by_client, 1000);
	ck_assert_uint_gt(tally.blocked, 1000);
	ck_assert_uint_gt(tally.passed, 1000);
}
END_TEST

/* --- by hand ------------------------------------------------------------------------ */

enum { PASS, GONE, LOG };

static const struct ps_answer answers[] = {[PASS] = {.name = "pass", .action = PS_ACTION_PASS},
    [GONE] = {.name = "nxdomain", .action = PS_ACTION_NXDOMAIN},
    [LOG] = {.name = "log", .action = PS_ACTION_LOG}};
static const struct ps_client_group groups[] = {
    {.id = "analysts", .place = {"c.yaml", 1, 1}}, {.id = "counters", .place = {"c.yaml", 2, 1}}};
static const struct ps_client_prefix prefixes[] = {
    {.prefix = {{4, {10}}, 8}, .group = 1}, {.prefix = {{4, {10, 9}}, 16}, .group = 0}};
static const struct ps_condition of_analysts = {.kind = PS_CONDITION_CLIENT, .clients = 2},
                                 of_counters = {.kind = PS_CONDITION_CLIENT, .clients = 4},
                                 of_both = {.kind = PS_CONDITION_CLIENT, .clients = 6};

static struct ps_rule rule(
    const char *id, enum ps_mode mode, uint16_t answer, const struct ps_condition *condition)
{
	return (struct ps_rule){.id = id,
	    .place = {"c.yaml", 3, 1},
	    .mode = mode,
	    .answer = answer,
	    .conditions = condition,
	    .condition_count = condition != NULL,
	    .ede_code = PS_EDE_NONE,
	    .ede_text = ""};
}

static void open_rules(struct court *court, const struct ps_rule *rules, uint32_t count)
{
	struct ps_plan plan = {.rules = rules,
	    .rule_count = count,
	    .answers = answers,
	    .answer_count = 3,
	    .groups = groups,
	    .group_count = 2,
	    .client_prefixes = prefixes,
	    .client_prefix_count = 2};

	court_open(court, &plan, NULL, 0);
}

static void expect(struct court *court, unsigned client, enum ps_action action, bool by_client)
{
	struct ps_name_buffer storage;
	struct ps_verdict verdict = judge_as(court, name_of("a.example", &storage), client);

	ck_assert_int_eq(verdict.action, action);
	ck_assert_int_eq(verdict.by_client, by_client);
}

START_TEST(a_group_is_let_through)
{
	struct ps_rule rules[] = {rule("see-all", PS_MODE_ENFORCE, LOG, &of_analysts),
	    rule("all", PS_MODE_ENFORCE, GONE, NULL)};
	struct court court;

	open_rules(&court, rules, 2);
	ck_assert(ps_matcher_asks_clients(court.matcher));
	expect(&court, 0, PS_ACTION_NXDOMAIN, true);
	expect(&court, 1, PS_ACTION_LOG, true);
	expect(&court, 2, PS_ACTION_NXDOMAIN, true);
	court_close(&court);
}
END_TEST

START_TEST(nobody_blocked_is_no_matter)
{
	struct ps_rule rules[] = {rule("see-all", PS_MODE_ENFORCE, LOG, &of_analysts),
	    rule("trial", PS_MODE_SHADOW, GONE, &of_counters)};
	struct ps_name_buffer storage;
	struct ps_verdict verdict;
	struct court court;

	open_rules(&court, rules, 2);
	expect(&court, 0, PS_ACTION_PASS, false);
	expect(&court, 1, PS_ACTION_LOG, false);
	expect(&court, 2, PS_ACTION_PASS, false);
	verdict = judge_as(&court, name_of("a.example", &storage), 2);
	ck_assert_uint_eq(verdict.shadow_count, 1);
	verdict = judge_as(&court, name_of("a.example", &storage), 0);
	ck_assert_uint_eq(verdict.shadow_count, 0);
	court_close(&court);
}
END_TEST

START_TEST(everybody_by_one_rule_is_no_matter)
{
	struct ps_rule rules[] = {rule("all", PS_MODE_ENFORCE, GONE, NULL),
	    rule("some", PS_MODE_ENFORCE, PASS, &of_both)};
	struct court court;

	open_rules(&court, rules, 2);
	for (unsigned client = 0; client < 3; client++)
		expect(&court, client, PS_ACTION_NXDOMAIN, false);
	court_close(&court);
	/* The same by two rules may be told in other words, so it is. */
	rules[0] = rule("some", PS_MODE_ENFORCE, GONE, &of_both);
	rules[1] = rule("all", PS_MODE_ENFORCE, GONE, NULL);
	open_rules(&court, rules, 2);
	for (unsigned client = 0; client < 3; client++)
		expect(&court, client, PS_ACTION_NXDOMAIN, true);
	court_close(&court);
}
END_TEST

/* Groups that no rule asks for cost nothing: the path without clients is taken. */
START_TEST(groups_without_rules)
{
	struct ps_rule rules[] = {rule("all", PS_MODE_ENFORCE, GONE, NULL)};
	struct court court;

	open_rules(&court, rules, 1);
	ck_assert(!ps_matcher_asks_clients(court.matcher));
	expect(&court, 0, PS_ACTION_NXDOMAIN, false);
	court_close(&court);
}
END_TEST

int main(void)
{
	const TTest *const all[] = {random_plans, a_group_is_let_through,
	    nobody_blocked_is_no_matter, everybody_by_one_rule_is_no_matter, groups_without_rules};
	Suite *suite = suite_create("verdict.clients");
	TCase *tests = tcase_create("clients");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 240);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
