/* The lookalike condition against a slow obvious model: score range, brands, techniques, and
 * whose names are never judged; and that to judge takes no memory. What a name looks like is
 * not asked here but of the judge itself. */
#include "verdict/allocations.h"
#include "verdict/plan.h"

#define NOW 1000u
#define RULES_MAX 5
#define BRANDS 3
#define SET_MAX 3

static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % limit;
}

static struct ps_name random_name(struct ps_name_buffer *storage)
{
	static const char *const labels[] = {"usps", "inpost", "usps-parcel", "1npost", "usp", "a",
	    "inpost-xkqz", "royalmail", "royal-mail", "b"};
	static const char *const tails[] = {"com", "net", "top", "co.uk"};
	char text[96];
	uint32_t depth = 1 + below(3);

	text[0] = '\0';
	for (uint32_t i = 0; i < depth; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s.",
		    labels[below(10)]);
	(void)snprintf(
	    text + strlen(text), sizeof(text) - strlen(text), "%s", tails[below(4)]);
	return name_of(text, storage);
}

/* --- a random case -------------------------------------------------------------------- */

struct trial {
	struct ps_name_buffer storage[64];
	size_t names;
	struct ps_brand_term terms[BRANDS];
	struct ps_scoped_name domains[BRANDS];
	struct ps_brand brands[BRANDS];
	struct ps_keyword keyword;
	struct ps_scoped_name official[SET_MAX];
	struct ps_scoped_name popular[SET_MAX];
	struct ps_scoped_name hosting;
	struct ps_exception exceptions[SET_MAX];
	struct ps_answer answers[2];
	struct ps_rule rules[RULES_MAX];
	struct ps_condition conditions[RULES_MAX];
	uint16_t brand_lists[RULES_MAX][BRANDS];
	char ids[RULES_MAX][12];
	struct ps_plan plan;
};

static struct ps_scoped_name scoped(struct trial *trial, enum ps_scope scope)
{
	return (struct ps_scoped_name){.name = random_name(&trial->storage[trial->names++]),
	    .scope = scope,
	    .place = {"p.yaml", 1, 1}};
}

static void make_brands(struct trial *trial)
{
	static const char *const words[BRANDS] = {"usps", "inpost", "royal mail"};

	for (uint32_t i = 0; i < BRANDS; i++) {
		trial->terms[i] = (struct ps_brand_term){.text = words[i]};
		trial->brands[i] = (struct ps_brand){.id = words[i],
		    .owner = words[i],
		    .place = {"b.yaml", i + 1, 1},
		    .terms = &trial->terms[i],
		    .term_count = 1};
	}
	trial->keyword = (struct ps_keyword){.text = "parcel", .language = "en"};
	trial->hosting = scoped(trial, PS_SCOPE_SUBTREE);
	trial->plan.lookalike = (struct ps_lookalike_plan){.brands = trial->brands,
	    .brand_count = BRANDS,
	    .keywords = &trial->keyword,
	    .keyword_count = 1,
	    .free_hosting = {.names = &trial->hosting, .count = 1},
	    .exceptions = trial->exceptions,
	    .exception_count = below(SET_MAX + 1)};
}

static void make_unjudged(struct trial *trial)
{
	static const uint32_t untils[] = {1, NOW, NOW + 1, PS_TIME_FOREVER};

	trial->plan.official = (struct ps_name_set){trial->official, below(SET_MAX + 1)};
	trial->plan.popular = (struct ps_name_set){trial->popular, below(SET_MAX + 1)};
	for (uint32_t i = 0; i < SET_MAX; i++) {
		trial->official[i] = scoped(trial, PS_SCOPE_SUBTREE);
		trial->popular[i] = scoped(trial, PS_SCOPE_EXACT);
		trial->exceptions[i] = (struct ps_exception){
		    .name = scoped(trial, below(2) ? PS_SCOPE_SUBTREE : PS_SCOPE_BELOW),
		    .reason = "nothing bad",
		    .valid_until = untils[below(4)]};
	}
	if (below(2))
		trial->popular[0].name = trial->hosting.name;
}

static void make_rule(struct trial *trial, uint32_t r)
{
	struct ps_condition *condition = &trial->conditions[r];

	*condition = (struct ps_condition){.kind = PS_CONDITION_LOOKALIKE,
	    .pattern = "",
	    .brands = trial->brand_lists[r],
	    .techniques = below(2) ? 0 : (uint32_t)state & ((1u << PS_TECHNIQUE_COUNT) - 1),
	    .score_min = (uint8_t)below(90),
	    .score_max = below(2) ? 100 : 0};
	if (condition->score_max < condition->score_min)
		condition->score_max = (uint8_t)(condition->score_min + below(11));
	for (uint16_t b = 0; below(2) && b < BRANDS; b++)
		if (below(2))
			trial->brand_lists[r][condition->brand_count++] = b;
	(void)snprintf(trial->ids[r], sizeof(trial->ids[r]), "r%u", r);
	trial->rules[r] = (struct ps_rule){.id = trial->ids[r],
	    .place = {"p.yaml", r + 1, 1},
	    .mode = below(4) == 0 ? PS_MODE_SHADOW : PS_MODE_ENFORCE,
	    .answer = (uint16_t)below(2),
	    .conditions = condition,
	    .condition_count = 1,
	    .ede_code = PS_EDE_NONE,
	    .ede_text = ""};
}

static void trial_make(struct trial *trial, uint64_t seed)
{
	memset(trial, 0, sizeof(*trial));
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	trial->answers[0] = (struct ps_answer){.name = "log", .action = PS_ACTION_LOG};
	trial->answers[1] = (struct ps_answer){.name = "refused", .action = PS_ACTION_REFUSED};
	trial->plan = (struct ps_plan){.rules = trial->rules,
	    .rule_count = 1 + below(RULES_MAX),
	    .answers = trial->answers,
	    .answer_count = 2};
	make_brands(trial);
	make_unjudged(trial);
	for (uint32_t r = 0; r < trial->plan.rule_count; r++)
		make_rule(trial, r);
}

/* --- the model ------------------------------------------------------------------------ */

static bool covers(struct ps_name listed, enum ps_scope scope, struct ps_name name)
{
	bool itself = ps_name_equal(listed, name);

	return (itself && scope != PS_SCOPE_BELOW) ||
	    (!itself && scope != PS_SCOPE_EXACT && ps_name_is_under(name, listed));
}

static bool is_unjudged(const struct trial *trial, struct ps_name name)
{
	for (uint32_t i = 0; i < trial->plan.official.count; i++)
		if (covers(trial->official[i].name, PS_SCOPE_SUBTREE, name))
			return true;
	for (uint32_t i = 0; i < trial->plan.lookalike.exception_count; i++) {
		const struct ps_exception *it = &trial->exceptions[i];

		if (it->valid_until > NOW && covers(it->name.name, it->name.scope, name))
			return true;
	}
	for (uint32_t i = 0; i < trial->plan.popular.count; i++) {
		bool hosts = ps_name_equal(trial->popular[i].name, trial->hosting.name);

		if (covers(trial->popular[i].name, hosts ? PS_SCOPE_EXACT : PS_SCOPE_SUBTREE, name))
			return true;
	}
	return false;
}

static bool holds(const struct ps_condition *condition, const struct ps_likeness *likeness)
{
	bool wanted = condition->brand_count == 0;

	for (uint32_t i = 0; i < condition->brand_count; i++)
		wanted = wanted || condition->brands[i] == likeness->brand;
	return likeness->score > 0 && wanted && likeness->score >= condition->score_min &&
	    likeness->score <= condition->score_max &&
	    (condition->techniques == 0 || (condition->techniques & 1u << likeness->technique));
}

/* How often which way was gone. */
struct ways {
	unsigned decided, shadowed, passed, unjudged;
};

static void check_name(
    struct court *court, const struct trial *trial, struct ps_name name, struct ways *ways)
{
	struct ps_likeness likeness = {0};
	uint32_t rule = PS_INDEX_NONE, shadows[RULES_MAX], shadow_count = 0;
	unsigned long before;
	struct ps_verdict verdict;

	if (!is_unjudged(trial, name))
		ps_lookalike_judge(ps_snapshot_tables(court->snapshot), name, &likeness);
	else
		ways->unjudged++;
	for (uint32_t r = 0; r < trial->plan.rule_count && rule == PS_INDEX_NONE; r++) {
		if (!holds(&trial->conditions[r], &likeness))
			continue;
		if (trial->rules[r].mode == PS_MODE_SHADOW)
			shadows[shadow_count++] = r;
		else
			rule = r;
	}
	before = atomic_load(&allocations);
	verdict = judge_name(court, name, NOW);
	ck_assert_uint_eq(atomic_load(&allocations), before);
	ck_assert_uint_eq(verdict.rule, rule);
	ck_assert_int_eq(
	    verdict.reason, rule == PS_INDEX_NONE ? PS_REASON_NONE : PS_REASON_RULE);
	ck_assert_int_eq(verdict.action, rule == PS_INDEX_NONE ? PS_ACTION_PASS
	        : trial->rules[rule].answer == 0             ? PS_ACTION_LOG
	                                                     : PS_ACTION_REFUSED);
	ck_assert_uint_eq(verdict.evidence.row, PS_INDEX_NONE);
	ck_assert_uint_eq(verdict.shadow_count, shadow_count);
	for (uint32_t i = 0; i < shadow_count; i++)
		ck_assert_uint_eq(verdict.shadow[i], shadows[i]);
	ck_assert_uint_eq(verdict.likeness.score, likeness.score);
	ck_assert_int_eq(verdict.likeness.technique, likeness.technique);
	ck_assert_uint_eq(verdict.likeness.brand, likeness.brand);
	ways->decided += rule != PS_INDEX_NONE;
	ways->shadowed += shadow_count > 0;
	ways->passed += rule == PS_INDEX_NONE;
}

START_TEST(random_plans)
{
	static struct trial trial;
	struct ps_name_buffer storage;
	struct ways ways = {0};

	allocations_count();
	for (uint64_t seed = 1; seed <= 200; seed++) {
		struct court court;

		trial_make(&trial, seed);
		court_open(&court, &trial.plan, NULL, 0);
		for (int i = 0; i < 120; i++)
			check_name(&court, &trial, random_name(&storage), &ways);
		court_close(&court);
	}
	ck_assert_uint_gt(ways.decided, 2000);
	ck_assert_uint_gt(ways.shadowed, 1000);
	ck_assert_uint_gt(ways.passed, 2000);
	ck_assert_uint_gt(ways.unjudged, 500);
}
END_TEST

/* --- one by one ------------------------------------------------------------------------ */

static uint32_t rule_for(const char *text, struct ps_plan *plan)
{
	struct ps_name_buffer storage;
	struct court court;
	uint32_t rule;

	court_open(&court, plan, NULL, 0);
	rule = judge_name(&court, name_of(text, &storage), NOW).rule;
	court_close(&court);
	return rule;
}

static void make_plain(struct trial *trial)
{
	trial_make(trial, 1);
	trial->plan.rule_count = 1;
	trial->plan.official.count = 0;
	trial->plan.popular.count = 0;
	trial->plan.lookalike.exception_count = 0;
	trial->rules[0].mode = PS_MODE_ENFORCE;
	trial->conditions[0] = (struct ps_condition){
	    .kind = PS_CONDITION_LOOKALIKE, .pattern = "", .score_max = PS_SCORE_MAX};
}

/* A name about which there is not one row is judged all the same. */
START_TEST(names_without_rows_are_judged)
{
	static struct trial trial;

	make_plain(&trial);
	ck_assert_uint_eq(rule_for("usps.top", &trial.plan), 0);
	ck_assert_uint_eq(rule_for("weather.top", &trial.plan), PS_INDEX_NONE);
}
END_TEST

/* Score 0 says that nothing was found: no range holds it, not one that begins there. */
START_TEST(nothing_found_is_in_no_range)
{
	static struct trial trial;

	make_plain(&trial);
	trial.conditions[0].score_max = 0;
	ck_assert_uint_eq(rule_for("weather.top", &trial.plan), PS_INDEX_NONE);
	ck_assert_uint_eq(rule_for("usps.top", &trial.plan), PS_INDEX_NONE);
}
END_TEST

/* The never list stands before all rules; what ends an exception ends it at that second. */
START_TEST(never_and_exceptions)
{
	static struct trial trial;
	struct ps_scoped_name never;

	make_plain(&trial);
	never = (struct ps_scoped_name){.name = name_of("usps.top", &trial.storage[60]),
	    .scope = PS_SCOPE_SUBTREE,
	    .place = {"p.yaml", 1, 1}};
	trial.exceptions[0] = (struct ps_exception){
	    .name = never, .reason = "nothing bad", .valid_until = NOW + 1};
	trial.plan.lookalike.exception_count = 1;
	ck_assert_uint_eq(rule_for("www.usps.top", &trial.plan), PS_INDEX_NONE);
	trial.exceptions[0].valid_until = NOW;
	ck_assert_uint_eq(rule_for("www.usps.top", &trial.plan), 0);
	trial.plan.lookalike.exception_count = 0;
	trial.plan.never = (struct ps_name_set){&never, 1};
	ck_assert_uint_eq(rule_for("www.usps.top", &trial.plan), PS_INDEX_NONE);
}
END_TEST

/* Without brands a rule that asks for lookalikes holds never. */
START_TEST(without_brands)
{
	static struct trial trial;

	make_plain(&trial);
	trial.plan.lookalike = (struct ps_lookalike_plan){0};
	ck_assert_uint_eq(rule_for("usps.top", &trial.plan), PS_INDEX_NONE);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tests = tcase_create("lookalike");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, random_plans);
	tcase_add_test(tests, names_without_rows_are_judged);
	tcase_add_test(tests, nothing_found_is_in_no_range);
	tcase_add_test(tests, never_and_exceptions);
	tcase_add_test(tests, without_brands);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
