/* Patterns: what they mean, and that a hostile one ends within its limits (RELIABILITY M11).
 *
 * The bound is PCRE2's own count of steps (PS_PATTERN_MATCH_LIMIT), not time: a pattern that
 * goes over it gives PS_MATCH_LIMIT, and the same text at once works with the next one. */
#include "verdict/allocations.h"
#include "verdict/plan.h"

#define CONDITIONS_PER_RULE PS_CONDITIONS_MAX

/* A court whose n-th condition is the n-th pattern. */
static struct court *court_of(const char *const *patterns, uint32_t count)
{
	static struct ps_answer answer = {.name = "nxdomain", .action = PS_ACTION_NXDOMAIN, .ttl = 30};
	static struct court court;
	struct ps_condition *conditions = calloc(count, sizeof(*conditions));
	struct ps_rule *rules = calloc(count, sizeof(*rules));
	char (*ids)[16] = calloc(count, sizeof(*ids));
	struct ps_plan plan = {.rules = rules, .answers = &answer, .answer_count = 1};

	for (uint32_t i = 0; i < count; i++) {
		conditions[i] = (struct ps_condition){.kind = PS_CONDITION_PATTERN, .pattern = patterns[i]};
		if (i % CONDITIONS_PER_RULE != 0) {
			rules[plan.rule_count - 1].condition_count++;
			continue;
		}
		(void)snprintf(ids[plan.rule_count], sizeof(*ids), "r%u", plan.rule_count);
		rules[plan.rule_count] = (struct ps_rule){.id = ids[plan.rule_count],
		    .place = {"p.yaml", 1, 1},
		    .conditions = &conditions[i],
		    .condition_count = 1,
		    .ede_code = PS_EDE_NONE,
		    .ede_text = ""};
		plan.rule_count++;
	}
	court_open(&court, &plan, NULL, 0);
	free(conditions);
	free(rules);
	free(ids);
	return &court;
}

static enum ps_match match(struct court *court, uint32_t condition, const char *text)
{
	return ps_matcher_match(
	    court->matcher, court->scratch, condition, ps_bytes_of_text(text));
}

START_TEST(meaning)
{
	static const struct {
		const char *pattern;
		const char *text;
		enum ps_match wanted;
	} cases[] = {
	    {"^parcel-[0-9]{6}\\.", "parcel-482913.top", PS_MATCH_YES},
	    {"^parcel-[0-9]{6}\\.", "parcel-4829.top", PS_MATCH_NO},
	    {"^parcel-[0-9]{6}\\.", "my.parcel-482913.top", PS_MATCH_NO},
	    {"usps", "track-usps-com.top", PS_MATCH_YES},
	    /* The text is lower case; a pattern may say so. */
	    {"USPS", "usps.top", PS_MATCH_NO},
	    {"(?i)USPS", "usps.top", PS_MATCH_YES},
	    /* $ is the end of the text alone: DOLLAR_ENDONLY. */
	    {"top$", "a.top", PS_MATCH_YES},
	    {"^.$", "\\010", PS_MATCH_NO},
	    /* No UTF: an octet is a character, and names come as ASCII escapes anyway. */
	    {"^..$", "\303\251", PS_MATCH_YES},
	    {"^(?:a|b)(?:\\.|$)", "b.example", PS_MATCH_YES},
	    {"(a)\\1", "xaax", PS_MATCH_YES},
	    /* What is left open at the end, or must stand at the beginning, means the same. */
	    {"(?x) parcel # comment", "my-parcel.top", PS_MATCH_YES},
	    {"(?x) parcel # comment", "my-parcel-comment.top", PS_MATCH_YES},
	    {"(?x) parcel # comment", "comment.top", PS_MATCH_NO},
	    {"\\Qa.b", "xa.b", PS_MATCH_YES},
	    {"\\Qa.b", "xazb", PS_MATCH_NO},
	    {"(*LF)parcel", "my-parcel.top", PS_MATCH_YES},
	    {"(*LF)parcel", "my-letter.top", PS_MATCH_NO},
	    {"^\\.$", ".", PS_MATCH_YES},
	};
	const char *patterns[sizeof(cases) / sizeof(cases[0])];
	struct court *court;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		patterns[i] = cases[i].pattern;
	court = court_of(patterns, sizeof(cases) / sizeof(cases[0]));
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(match(court, i, cases[i].text) == cases[i].wanted, "%s on %s",
		    cases[i].pattern, cases[i].text);
	court_close(court);
}
END_TEST

/* The longest text that a name has: 255 octets, each escaped. */
static void longest_text(char out[PS_NAME_TEXT_MAX], uint8_t octet)
{
	uint8_t wire[PS_NAME_WIRE_MAX] = {0};
	struct ps_name_buffer storage;
	struct ps_name name;

	for (size_t i = 0, len; i + 1 < sizeof(wire); i += len + 1) {
		len = i + 64 < sizeof(wire) ? 63 : sizeof(wire) - i - 2;
		wire[i] = (uint8_t)len;
		memset(wire + i + 1, octet, len);
	}
	ck_assert_int_eq(
	    ps_name_from_wire(&name, &storage, ps_bytes_of(wire, sizeof(wire)), NULL), PS_OK);
	ck_assert_uint_eq(ps_name_to_text(name, out), strlen(out));
}

/* Patterns known to backtrack without end. */
static const char *const hostile[] = {
    "(a+)+$[!?]",
    "(a|aa)+$[!?]",
    "(a|a)*b$[!?]",
    "([a-z]+)*[.][!?]",
    "(.*)(.*)(.*)(.*)(.*)(.*)[!?]",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(?:a?){60}a{60}[!?]",
    "(x+x+)+[yz]|(a+a+)+[b!]",
    "(?=(a+))a*b\\1|(?:(a*)*)*[!?]",
    "((((((a*)*)*)*)*)*)*[!?]",
    "(?:.{0,50}){50}[!?]",
    "(a*?)*?[!?]",
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

START_TEST(hostile_patterns_end)
{
	char text[PS_NAME_TEXT_MAX], escaped[PS_NAME_TEXT_MAX];
	struct court *court;
	unsigned limits = 0;

	allocations_count();
	longest_text(text, 'a');
	longest_text(escaped, 0);
	ck_assert_uint_gt(strlen(escaped), 1000);
	court = court_of(hostile, HOSTILE);
	for (uint32_t i = 0; i < HOSTILE; i++) {
		unsigned long before = atomic_load(&allocations);
		enum ps_match first = match(court, i, text);
		enum ps_match other = match(court, i, escaped);
		enum ps_match again = match(court, i, text);
		unsigned long after = atomic_load(&allocations);

		ck_assert_uint_eq(after, before);
		ck_assert_msg(first != PS_MATCH_YES && other != PS_MATCH_YES, "%s", hostile[i]);
		/* The same each time: nothing of a match that broke off stays behind. */
		ck_assert_int_eq(again, first);
		limits += first == PS_MATCH_LIMIT;
	}
	/* PCRE2 sees through a few of them. */
	ck_assert_uint_ge(limits, 8);
	court_close(court);
}
END_TEST

/* The whole verdict with hostile rules before a good one: it decides, and says how many
 * patterns did not come to an end. */
START_TEST(hostile_rules_pass)
{
	const char *patterns[CONDITIONS_PER_RULE * 2];
	struct ps_question question = {.type = 1, .now = 1};
	struct ps_name_buffer storage;
	struct ps_verdict verdict;
	struct court *court;

	for (uint32_t i = 0; i < CONDITIONS_PER_RULE; i++)
		patterns[i] = i == 0 ? hostile[0] : "a";
	for (uint32_t i = CONDITIONS_PER_RULE; i < CONDITIONS_PER_RULE * 2; i++)
		patterns[i] = "^a";
	court = court_of(patterns, CONDITIONS_PER_RULE * 2);
	question.name = name_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaa"
	                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.top",
	    &storage);
	ps_verdict_judge(court->snapshot, court->matcher, court->scratch, &question, &verdict);
	ck_assert_uint_eq(verdict.rule, 1);
	ck_assert_int_eq(verdict.action, PS_ACTION_NXDOMAIN);
	ck_assert_uint_eq(verdict.pattern_failures, 1);
	court_close(court);
}
END_TEST

/* Patterns whose frames differ in size, in every order: a scratch's memory comes back whole,
 * however often and whatever was matched before. */
START_TEST(scratch_does_not_wear_out)
{
	enum { SIZES = 12 };
	static char texts[SIZES][PS_PATTERN_TEXT_MAX];
	const char *patterns[SIZES + 1];
	char text[PS_NAME_TEXT_MAX];
	enum ps_match first[SIZES + 1];
	struct court *court;
	uint32_t which = 1;

	/* More captures, larger frames: 16 octets each. */
	for (uint32_t i = 0; i < SIZES; i++) {
		char *p = texts[i];

		p += sprintf(p, "^");
		for (uint32_t n = 0; n < 4 + i * 27; n++)
			p += sprintf(p, "()");
		(void)sprintf(p, "(?:[a-z.]+?)*?[0-9]");
		patterns[i] = texts[i];
	}
	patterns[SIZES] = "^aaa";
	longest_text(text, 'a');
	court = court_of(patterns, SIZES + 1);
	for (uint32_t i = 0; i <= SIZES; i++) {
		/* Each by a scratch of its own. */
		ps_scratch_destroy(court->scratch);
		ck_assert_int_eq(ps_scratch_create(&court->scratch), PS_OK);
		first[i] = match(court, i, text);
	}
	ck_assert_int_eq(first[SIZES], PS_MATCH_YES);
	for (int n = 0; n < 3000; n++) {
		which = (which * 7 + (uint32_t)n) % (SIZES + 1);
		ck_assert_msg(match(court, which, text) == first[which], "pattern %u, after %d others",
		    which, n);
	}
	ck_assert_int_eq(match(court, SIZES, text), PS_MATCH_YES);
	court_close(court);
}
END_TEST

/* A pattern that does not compile makes no matcher, and says where. (A snapshot of ours
 * never holds one.) */
START_TEST(broken_patterns_are_refused)
{
	static const char *const broken[] = {"(", "[a", "a{2,1}", "(?<n>a)(?<n>b)", "\\C", "(*UTF)a",
	    "(*UCP)a", "*", "(?P<a"};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct ps_answer answer = {.name = "x", .action = PS_ACTION_NXDOMAIN};
		struct ps_condition condition = {.kind = PS_CONDITION_PATTERN, .pattern = broken[i]};
		struct ps_rule rule = {.id = "r",
		    .place = {"p.yaml", 1, 1},
		    .conditions = &condition,
		    .condition_count = 1,
		    .ede_code = PS_EDE_NONE,
		    .ede_text = ""};
		struct ps_plan plan = {
		    .rules = &rule, .rule_count = 1, .answers = &answer, .answer_count = 1};
		struct ps_builder *builder = NULL;
		struct ps_snapshot *snapshot = NULL;
		struct ps_matcher *matcher = NULL;
		struct ps_buffer image;
		struct ps_error err;

		ps_error_clear(&err);
		ps_buffer_init(&image, 1u << 20);
		ck_assert_int_eq(ps_builder_create(&builder, &plan, &err), PS_OK);
		ck_assert_int_eq(ps_builder_write_buffer(builder, &image, &err), PS_OK);
		ck_assert_int_eq(
		    ps_snapshot_open(&snapshot, ps_buffer_bytes(&image), PS_SNAPSHOT_LOOKUP, &err),
		    PS_OK);
		ck_assert_int_eq(ps_matcher_create(&matcher, snapshot, &err), PS_INVALID);
		ck_assert_ptr_null(matcher);
		ck_assert_msg(err.text[0] != '\0', "%s: no words", broken[i]);
		ps_snapshot_close(snapshot);
		ps_builder_destroy(builder);
		ps_buffer_clear(&image);
	}
}
END_TEST

/* Which names need a look at the rules although nothing lists them. */
START_TEST(asking_of_unlisted_names)
{
	struct ps_feed_config feed = {.id = "f", .path = "x", .file = "p.yaml", .line = 1};
	struct ps_answer answer = {.name = "x", .action = PS_ACTION_NXDOMAIN};
	struct ps_condition conditions[2] = {{.kind = PS_CONDITION_PATTERN, .pattern = "a"},
	    {.kind = PS_CONDITION_LISTED, .pattern = "", .confidence_max = 100}};
	struct ps_rule rule = {
	    .id = "r", .place = {"p.yaml", 1, 1}, .ede_code = PS_EDE_NONE, .ede_text = ""};
	struct ps_plan plan = {.rules = &rule,
	    .rule_count = 1,
	    .answers = &answer,
	    .answer_count = 1,
	    .feeds = &feed,
	    .feed_count = 1};
	static const struct {
		uint32_t first, count;
		bool asks;
	} cases[] = {{0, 0, true}, {0, 1, true}, {1, 1, false}, {0, 2, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct court court;

		rule.conditions = conditions + cases[i].first;
		rule.condition_count = cases[i].count;
		court_open(&court, &plan, NULL, 0);
		ck_assert_int_eq(ps_matcher_asks_unlisted(court.matcher), cases[i].asks);
		court_close(&court);
	}
}
END_TEST

/* Who has no memory for a scratch, or asks for what is no pattern, gets no match. */
START_TEST(what_cannot_be_asked_does_not_match)
{
	static const char *const pattern = "a";
	static struct ps_answer answer = {.name = "nxdomain", .action = PS_ACTION_NXDOMAIN};
	struct ps_condition any = {.kind = PS_CONDITION_LISTED, .confidence_max = 100};
	struct ps_rule rule = {.id = "r", .conditions = &any, .condition_count = 1,
	    .ede_code = PS_EDE_NONE, .ede_text = ""};
	struct ps_plan plan = {
	    .rules = &rule, .rule_count = 1, .answers = &answer, .answer_count = 1};
	struct court *court = court_of(&pattern, 1);
	struct court other;

	ck_assert_int_eq(match(court, 0, "a"), PS_MATCH_YES);
	ck_assert_int_eq(match(court, 1, "a"), PS_MATCH_LIMIT);
	ck_assert_int_eq(match(court, UINT32_MAX, "a"), PS_MATCH_LIMIT);
	ck_assert_int_eq(ps_matcher_match(court->matcher, NULL, 0, ps_bytes_of_text("a")),
	    PS_MATCH_LIMIT);
	court_close(court);
	court_open(&other, &plan, NULL, 0);
	ck_assert_int_eq(match(&other, 0, "a"), PS_MATCH_LIMIT);
	court_close(&other);
	ps_matcher_destroy(NULL);
	ps_scratch_destroy(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pattern");
	TCase *tests = tcase_create("pattern");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, meaning);
	tcase_add_test(tests, what_cannot_be_asked_does_not_match);
	tcase_add_test(tests, hostile_patterns_end);
	tcase_add_test(tests, hostile_rules_pass);
	tcase_add_test(tests, scratch_does_not_wear_out);
	tcase_add_test(tests, broken_patterns_are_refused);
	tcase_add_test(tests, asking_of_unlisted_names);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
