/* The verdict against a slow obvious model, over random plans and names; and that to judge
 * takes no memory. */
#include "verdict/allocations.h"
#include "verdict/plan.h"

#define FEEDS 3
#define ANSWERS 7
#define RULES_MAX 6
#define CONDITIONS_MAX 3
#define LISTED_MAX 40
#define NAMES_MAX 4
#define NOW 1000u

/* --- chance ----------------------------------------------------------------------- */

static uint64_t state;

static uint32_t below(uint32_t limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 33) % limit;
}

/* Few labels of few letters, so that names meet; now and then an octet that is odd. */
static struct ps_name random_name(struct ps_name_buffer *storage, uint32_t depth_max)
{
	static const char *const labels[] = {
	    "a", "b", "c", "ab", "x-1", "\\000", "\\.", "\\255", "A\\046b", "*"};
	char text[64] = "";
	uint32_t depth = below(depth_max + 1);

	for (uint32_t i = 0; i < depth; i++) {
		uint32_t which = below(100) < 85 ? below(3) : below(10);

		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
		    i > 0 ? "." : "", labels[which]);
	}
	return name_of(depth == 0 ? "." : text, storage);
}

/* --- a random case ------------------------------------------------------------------- */

/* Patterns that the model can say in C. */
static bool begins_a(const char *name)
{
	return strncmp(name, "a.", 2) == 0;
}

static bool ends_b(const char *name)
{
	return name[0] != '\0' && name[strlen(name) - 1] == 'b';
}

static bool has_dot_c_dot(const char *name)
{
	return strstr(name, ".c.") != NULL;
}

static bool is_one_letter(const char *name)
{
	return strlen(name) == 1 && name[0] >= 'a' && name[0] <= 'z';
}

static const struct {
	const char *text;
	bool (*holds)(const char *name);
} patterns[] = {
    {"^a\\.", begins_a},
    {"b$", ends_b},
    {"\\.c\\.", has_dot_c_dot},
    {"^[a-z]$", is_one_letter},
};

struct trial {
	struct ps_name_buffer storage[512];
	size_t names;
	struct ps_feed_config feeds[FEEDS];
	struct ps_answer answers[ANSWERS];
	struct ps_rule rules[RULES_MAX];
	struct ps_condition conditions[RULES_MAX][CONDITIONS_MAX];
	struct ps_scoped_name sets[RULES_MAX][CONDITIONS_MAX][NAMES_MAX];
	uint16_t feed_lists[RULES_MAX][CONDITIONS_MAX][FEEDS];
	struct ps_scoped_name never[NAMES_MAX];
	size_t pattern_of[RULES_MAX][CONDITIONS_MAX];
	char ids[RULES_MAX][12];
	struct listed listed[LISTED_MAX];
	size_t listed_count;
	struct ps_plan plan;
};

static struct ps_name trial_name(struct trial *trial, uint32_t depth)
{
	return random_name(&trial->storage[trial->names++], depth);
}

static void make_condition(struct trial *trial, uint32_t r, uint32_t c)
{
	struct ps_condition *condition = &trial->conditions[r][c];

	*condition = (struct ps_condition){
	    .kind = (enum ps_condition_kind)below(3), .place = {"p.yaml", 1, 1}, .pattern = ""};
	switch (condition->kind) {
	case PS_CONDITION_NAMES:
		condition->names.names = trial->sets[r][c];
		condition->names.count = 1 + below(NAMES_MAX);
		for (uint32_t i = 0; i < condition->names.count; i++)
			trial->sets[r][c][i] = (struct ps_scoped_name){.name = trial_name(trial, 3),
			    .scope = (enum ps_scope)below(3),
			    .place = {"p.yaml", 1, 1}};
		break;
	case PS_CONDITION_PATTERN:
		trial->pattern_of[r][c] = below(sizeof(patterns) / sizeof(patterns[0]));
		condition->pattern = patterns[trial->pattern_of[r][c]].text;
		break;
	default:
		condition->feeds = trial->feed_lists[r][c];
		for (uint16_t f = 0; f < FEEDS; f++) {
			if (below(2))
				trial->feed_lists[r][c][condition->feed_count++] = f;
		}
		condition->categories = below(2) ? 1u << below(PS_CATEGORY_COUNT) | 2u : 0;
		condition->confidence_min = (uint8_t)(below(3) * 40);
		condition->confidence_max = below(2) ? 100 : 80;
		break;
	}
}

static void make_rule(struct trial *trial, uint32_t r)
{
	(void)snprintf(trial->ids[r], sizeof(trial->ids[r]), "r%u", r);
	trial->rules[r] = (struct ps_rule){.id = trial->ids[r],
	    .place = {"p.yaml", r + 1, 1},
	    .mode = below(4) == 0 ? PS_MODE_SHADOW : PS_MODE_ENFORCE,
	    .answer = (uint16_t)below(ANSWERS),
	    .conditions = trial->conditions[r],
	    .condition_count = below(10) == 0 ? 0 : 1 + below(CONDITIONS_MAX),
	    .ede_code = PS_EDE_NONE,
	    .ede_text = ""};
	for (uint32_t c = 0; c < trial->rules[r].condition_count; c++)
		make_condition(trial, r, c);
}

static struct listed make_listed(struct trial *trial)
{
	static const uint32_t froms[] = {PS_TIME_NONE, PS_TIME_NONE, NOW - 1, NOW, NOW + 1};
	static const uint32_t untils[] = {
	    PS_TIME_FOREVER, PS_TIME_FOREVER, NOW, NOW + 1, NOW + 2};
	struct listed listed = {.feed = below(FEEDS),
	    .trial = below(5) == 0,
	    .indicator = {.name = trial_name(trial, 3),
	        .scope = (enum ps_scope)below(3),
	        .category = (enum ps_category)below(PS_CATEGORY_COUNT),
	        .confidence = (uint8_t)below(101),
	        .tlp = PS_TLP_GREEN,
	        .valid_from = froms[below(5)],
	        .valid_until = untils[below(5)]}};

	if (listed.indicator.valid_until <= listed.indicator.valid_from)
		listed.indicator.valid_until = PS_TIME_FOREVER;
	return listed;
}

static void trial_make(struct trial *trial, uint64_t seed)
{
	static const char *const feed_ids[FEEDS] = {"one", "two", "three"};

	memset(trial, 0, sizeof(*trial));
	state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (uint32_t f = 0; f < FEEDS; f++)
		trial->feeds[f] = (struct ps_feed_config){
		    .id = feed_ids[f], .path = "x", .file = "p.yaml", .line = f + 1};
	for (uint32_t a = 0; a < ANSWERS; a++) {
		trial->answers[a] = (struct ps_answer){
		    .name = ps_action_name(a), .action = (enum ps_action)a, .ttl = 30 + a};
		if (a == PS_ACTION_SINKHOLE) {
			trial->answers[a].a[0] = (struct ps_address){.family = 4, .bytes = {192, 0, 2, 1}};
			trial->answers[a].a_count = 1;
		}
	}
	trial->plan = (struct ps_plan){.rules = trial->rules,
	    .rule_count = below(RULES_MAX + 1),
	    .answers = trial->answers,
	    .answer_count = ANSWERS,
	    .feeds = trial->feeds,
	    .feed_count = FEEDS,
	    .never = {.names = trial->never, .count = below(3) == 0 ? 1 + below(2) : 0}};
	for (uint32_t r = 0; r < trial->plan.rule_count; r++)
		make_rule(trial, r);
	for (uint32_t i = 0; i < trial->plan.never.count; i++)
		trial->never[i] = (struct ps_scoped_name){.name = trial_name(trial, 3),
		    .scope = below(2) ? PS_SCOPE_SUBTREE : PS_SCOPE_BELOW,
		    .place = {"p.yaml", 1, 1}};
	trial->listed_count = below(LISTED_MAX + 1);
	for (size_t i = 0; i < trial->listed_count; i++)
		trial->listed[i] = make_listed(trial);
}

/* --- the model ------------------------------------------------------------------------ */

static bool covers(struct ps_name listed, enum ps_scope scope, struct ps_name name)
{
	bool itself = ps_name_equal(listed, name);
	bool under = !itself && ps_name_is_under(name, listed);

	return scope == PS_SCOPE_EXACT ? itself : scope == PS_SCOPE_BELOW ? under : itself || under;
}

/* 0: no; 1: only on trial; 2: yes. *labels: of the closest listed name that is as good. */
static int model_condition(
    const struct trial *trial, uint32_t r, uint32_t c, struct ps_name name, int *labels)
{
	const struct ps_condition *condition = &trial->conditions[r][c];
	char text[PS_NAME_TEXT_MAX];
	int best = 0;

	*labels = -1;
	if (condition->kind == PS_CONDITION_PATTERN) {
		(void)ps_name_to_text(name, text);
		return patterns[trial->pattern_of[r][c]].holds(text) ? 2 : 0;
	}
	for (uint32_t i = 0; i < condition->names.count; i++) {
		const struct ps_scoped_name *scoped = &condition->names.names[i];

		if (covers(scoped->name, scoped->scope, name)) {
			best = 2;
			*labels = scoped->name.labels > *labels ? scoped->name.labels : *labels;
		}
	}
	if (condition->kind == PS_CONDITION_NAMES)
		return best;
	for (size_t i = 0; i < trial->listed_count; i++) {
		const struct ps_indicator *it = &trial->listed[i].indicator;
		int holds = trial->listed[i].trial ? 1 : 2;
		bool wanted = condition->feed_count == 0;

		for (uint32_t f = 0; f < condition->feed_count; f++)
			wanted = wanted || condition->feeds[f] == trial->listed[i].feed;
		if (!wanted || !covers(it->name, it->scope, name) || it->valid_from > NOW ||
		    it->valid_until <= NOW || it->confidence < condition->confidence_min ||
		    it->confidence > condition->confidence_max ||
		    (condition->categories != 0 &&
		        (condition->categories >> it->category & 1u) == 0))
			continue;
		if (holds > best || (holds == best && it->name.labels > *labels))
			*labels = it->name.labels;
		best = holds > best ? holds : best;
	}
	return best;
}

struct model_verdict {
	enum ps_reason reason;
	enum ps_action action;
	uint32_t rule;
	int labels; /* of the evidence; -1: none */
	uint32_t shadow_count;
	uint32_t shadow[RULES_MAX];
};

static struct model_verdict model_judge(const struct trial *trial, struct ps_name name)
{
	struct model_verdict out = {.rule = PS_INDEX_NONE, .labels = -1};

	for (uint32_t i = 0; i < trial->plan.never.count; i++) {
		const struct ps_scoped_name *never = &trial->never[i];

		if (covers(never->name, never->scope, name)) {
			out.reason = PS_REASON_NEVER;
			out.labels = never->name.labels > out.labels ? never->name.labels : out.labels;
		}
	}
	if (out.reason == PS_REASON_NEVER)
		return out;
	for (uint32_t r = 0; r < trial->plan.rule_count; r++) {
		const struct ps_rule *rule = &trial->rules[r];
		int least = 2, evidence = -1;

		for (uint32_t c = 0; c < rule->condition_count; c++) {
			int labels, holds = model_condition(trial, r, c, name, &labels);

			least = holds < least ? holds : least;
			evidence = evidence < 0 ? labels : evidence;
		}
		if (least == 2 && rule->mode == PS_MODE_ENFORCE) {
			out.reason = PS_REASON_RULE;
			out.rule = r;
			out.action = trial->answers[rule->answer].action;
			out.labels = evidence;
			break;
		}
		if (least > 0)
			out.shadow[out.shadow_count++] = r;
	}
	return out;
}

static void check_name(struct court *court, const struct trial *trial, struct ps_name name,
    uint64_t seed)
{
	struct model_verdict model = model_judge(trial, name);
	struct ps_verdict verdict;
	unsigned long before = atomic_load(&allocations), after;
	char text[PS_NAME_TEXT_MAX];
	int labels;

	verdict = judge_name(court, name, NOW);
	after = atomic_load(&allocations);
	ck_assert_uint_eq(after, before);
	(void)ps_name_to_text(name, text);
	labels = verdict.evidence.row == PS_INDEX_NONE ? -1 : verdict.evidence.labels;
	ck_assert_msg(verdict.reason == model.reason && verdict.action == model.action &&
	                  verdict.rule == model.rule && labels == model.labels,
	    "seed %llu, %s: reason %d not %d, action %d not %d, rule %u not %u, labels %d not %d",
	    (unsigned long long)seed, text, (int)verdict.reason, (int)model.reason,
	    (int)verdict.action, (int)model.action, verdict.rule, model.rule, labels,
	    model.labels);
	ck_assert_uint_eq(verdict.shadow_count, model.shadow_count);
	for (uint32_t i = 0; i < model.shadow_count; i++)
		ck_assert_uint_eq(verdict.shadow[i], model.shadow[i]);
	if (labels >= 0)
		ck_assert_int_eq(verdict.evidence.itself, labels == name.labels);
	ck_assert_uint_eq(verdict.pattern_failures, 0);
}

START_TEST(random_plans)
{
	static struct trial trial;
	struct ps_name_buffer storage;
	unsigned decided = 0, never = 0, trials = 0;

	allocations_count();
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct court court;

		trial_make(&trial, seed);
		court_open(&court, &trial.plan, trial.listed, trial.listed_count);
		for (int i = 0; i < 120; i++) {
			struct ps_name name = random_name(&storage, 5);
			struct model_verdict model;

			check_name(&court, &trial, name, seed);
			model = model_judge(&trial, name);
			decided += model.reason == PS_REASON_RULE;
			never += model.reason == PS_REASON_NEVER;
			trials += model.shadow_count > 0;
		}
		court_close(&court);
	}
	/* The cases are worth something only if all ways are gone often. */
	ck_assert_uint_gt(decided, 2000);
	ck_assert_uint_gt(never, 500);
	ck_assert_uint_gt(trials, 2000);
}
END_TEST

/* --- one by one ------------------------------------------------------------------------- */

static struct ps_answer plain_answers[ANSWERS];

static const struct ps_plan *plan_of(struct ps_rule *rules, uint32_t count)
{
	static struct ps_feed_config feed = {.id = "f", .path = "x", .file = "p.yaml", .line = 1};
	static struct ps_plan plan;

	for (uint32_t a = 0; a < ANSWERS; a++)
		plain_answers[a] = (struct ps_answer){
		    .name = ps_action_name(a), .action = (enum ps_action)a, .ttl = 30};
	plain_answers[PS_ACTION_SINKHOLE].a_count = 1;
	plain_answers[PS_ACTION_SINKHOLE].a[0] =
	    (struct ps_address){.family = 4, .bytes = {192, 0, 2, 1}};
	plan = (struct ps_plan){.rules = rules,
	    .rule_count = count,
	    .answers = plain_answers,
	    .answer_count = ANSWERS,
	    .feeds = &feed,
	    .feed_count = 1};
	for (uint32_t r = 0; r < count; r++) {
		rules[r].place = (struct ps_place){"p.yaml", r + 1, 1};
		rules[r].ede_code = PS_EDE_NONE;
		rules[r].ede_text = "";
	}
	return &plan;
}

/* A row holds from its first second, and no more at its last. */
START_TEST(validity_is_half_open)
{
	struct ps_condition any = {.kind = PS_CONDITION_LISTED, .confidence_max = 100, .pattern = ""};
	struct ps_rule rule = {
	    .id = "r", .answer = PS_ACTION_NXDOMAIN, .conditions = &any, .condition_count = 1};
	struct ps_name_buffer storage;
	struct listed listed = {.indicator = {.name = name_of("a.top", &storage),
	                            .scope = PS_SCOPE_EXACT,
	                            .confidence = 50,
	                            .valid_from = 100,
	                            .valid_until = 200}};
	struct court court;

	court_open(&court, plan_of(&rule, 1), &listed, 1);
	ck_assert(!ps_verdict_blocks(&(struct ps_verdict){0}));
	ck_assert_int_eq(judge_name(&court, listed.indicator.name, 99).action, PS_ACTION_PASS);
	ck_assert_int_eq(judge_name(&court, listed.indicator.name, 100).action, PS_ACTION_NXDOMAIN);
	ck_assert_int_eq(judge_name(&court, listed.indicator.name, 199).action, PS_ACTION_NXDOMAIN);
	ck_assert_int_eq(judge_name(&court, listed.indicator.name, 200).action, PS_ACTION_PASS);
	court_close(&court);
}
END_TEST

/* More rules on trial than a verdict has room for: counted, the first ones kept. */
START_TEST(many_on_trial)
{
	enum { COUNT = PS_VERDICT_SHADOWS_MAX + 3 };
	struct ps_rule rules[COUNT] = {0};
	char ids[COUNT][12];
	struct ps_name_buffer storage;
	struct ps_verdict verdict;
	struct court court;

	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "r%d", i);
		rules[i] = (struct ps_rule){
		    .id = ids[i], .mode = PS_MODE_SHADOW, .answer = PS_ACTION_NXDOMAIN};
	}
	court_open(&court, plan_of(rules, COUNT), NULL, 0);
	verdict = judge_name(&court, name_of("any.name", &storage), NOW);
	ck_assert_int_eq(verdict.action, PS_ACTION_PASS);
	ck_assert_uint_eq(verdict.shadow_count, COUNT);
	for (uint32_t i = 0; i < PS_VERDICT_SHADOWS_MAX; i++)
		ck_assert_uint_eq(verdict.shadow[i], i);
	court_close(&court);
}
END_TEST

/* The longest names there are: 127 labels, and 63 octets a label. */
START_TEST(longest_names)
{
	struct ps_condition any = {.kind = PS_CONDITION_LISTED, .confidence_max = 100, .pattern = ""};
	struct ps_rule rule = {
	    .id = "r", .answer = PS_ACTION_REFUSED, .conditions = &any, .condition_count = 1};
	uint8_t many[PS_NAME_WIRE_MAX] = {0}, few[PS_NAME_WIRE_MAX] = {0};
	struct ps_name_buffer storage[2];
	struct ps_name deep, wide;
	struct listed listed[2] = {0};
	struct court court;

	for (size_t i = 0; i + 1 < sizeof(many); i += 2) {
		many[i] = 1;
		many[i + 1] = 'x';
	}
	for (size_t i = 0, len = 63; len > 0 && i + 1 < sizeof(few); i += len + 1) {
		len = i + 64 < sizeof(few) ? 63 : sizeof(few) - i - 2;
		few[i] = (uint8_t)len;
		memset(few + i + 1, 'y', len);
	}
	ck_assert_int_eq(
	    ps_name_from_wire(&deep, &storage[0], ps_bytes_of(many, sizeof(many)), NULL), PS_OK);
	ck_assert_int_eq(
	    ps_name_from_wire(&wide, &storage[1], ps_bytes_of(few, sizeof(few)), NULL), PS_OK);
	ck_assert_uint_eq(deep.labels, 127);
	ck_assert_uint_eq(deep.len, 255);
	ck_assert_uint_eq(wide.len, 255);
	for (int i = 0; i < 2; i++)
		listed[i].indicator = (struct ps_indicator){
		    .name = ps_name_parent(i == 0 ? deep : wide), .scope = PS_SCOPE_SUBTREE,
		    .valid_until = PS_TIME_FOREVER};
	court_open(&court, plan_of(&rule, 1), listed, 2);
	ck_assert_int_eq(judge_name(&court, deep, NOW).action, PS_ACTION_REFUSED);
	ck_assert_int_eq(judge_name(&court, wide, NOW).action, PS_ACTION_REFUSED);
	ck_assert_int_eq(
	    judge_name(&court, ps_name_suffix(deep, 125), NOW).action, PS_ACTION_PASS);
	court_close(&court);
}
END_TEST

/* A thread that got no scratch memory: patterns pass, the rest goes on. */
START_TEST(without_scratch)
{
	struct ps_condition pattern = {.kind = PS_CONDITION_PATTERN, .pattern = "a"};
	struct ps_rule rules[2] = {{.id = "r1",
	                               .answer = PS_ACTION_NXDOMAIN,
	                               .conditions = &pattern,
	                               .condition_count = 1},
	    {.id = "r2", .answer = PS_ACTION_REFUSED}};
	struct ps_name_buffer storage;
	struct ps_verdict verdict;
	struct court court;

	court_open(&court, plan_of(rules, 2), NULL, 0);
	ps_scratch_destroy(court.scratch);
	court.scratch = NULL;
	verdict = judge_name(&court, name_of("a.top", &storage), NOW);
	ck_assert_int_eq(verdict.action, PS_ACTION_REFUSED);
	ck_assert_uint_eq(verdict.pattern_failures, 1);
	court_close(&court);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict");
	TCase *tests = tcase_create("verdict");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, random_plans);
	tcase_add_test(tests, validity_is_half_open);
	tcase_add_test(tests, many_on_trial);
	tcase_add_test(tests, longest_names);
	tcase_add_test(tests, without_scratch);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
