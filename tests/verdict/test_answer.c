/* Rules that ask about the answer, one by one, and against a slow model over random answers.
 * The trace of `postshield explain` is another such model, over random plans
 * (cli/test_explanation.c). */
#include "verdict/allocations.h"
#include "verdict/plan.h"

#define NOW 1000u

static const struct ps_place place = {"p.yaml", 1, 1};

static const struct ps_answer answers[] = {{.name = "pass", .action = PS_ACTION_PASS},
    {.name = "log", .action = PS_ACTION_LOG},
    {.name = "nxdomain", .action = PS_ACTION_NXDOMAIN},
    {.name = "nodata", .action = PS_ACTION_NODATA}};
static const struct ps_feed_config feeds[] = {
    {.id = "f", .path = "x", .file = "p.yaml", .line = 1},
    {.id = "g", .path = "x", .file = "p.yaml", .line = 2}};

/* --- making -------------------------------------------------------------------------- */

static struct ps_name_buffer storage[400];
static size_t stored;

static struct ps_name name(const char *text)
{
	ck_assert_uint_lt(stored, sizeof(storage) / sizeof(storage[0]));
	return name_of(text, &storage[stored++]);
}

static struct ps_prefix prefix(const char *text)
{
	struct ps_prefix out;

	ck_assert_int_eq(ps_prefix_from_text(&out, ps_bytes_of_text(text), NULL), PS_OK);
	return out;
}

static struct ps_fact fact(enum ps_fact_kind kind, const char *text)
{
	struct ps_fact out = {.kind = kind};

	if (ps_fact_is_name(kind))
		out.name = name(text);
	else
		ck_assert_int_eq(
		    ps_address_from_text(&out.address, ps_bytes_of_text(text), NULL), PS_OK);
	return out;
}

/* A condition with one name or prefix of its own. */
struct single {
	struct ps_scoped_name name;
	struct ps_placed_prefix prefix;
};

static struct ps_condition under(uint8_t of, struct single *single, const char *text)
{
	single->name = (struct ps_scoped_name){name(text), PS_SCOPE_SUBTREE, place};
	return (struct ps_condition){
	    .kind = PS_CONDITION_NAMES, .of = of, .place = place, .names = {&single->name, 1}};
}

static struct ps_condition within(uint8_t of, struct single *single, const char *text)
{
	single->prefix = (struct ps_placed_prefix){prefix(text), place};
	return (struct ps_condition){.kind = PS_CONDITION_ADDRESSES,
	    .of = of,
	    .place = place,
	    .prefixes = &single->prefix,
	    .prefix_count = 1};
}

static struct ps_condition matches(uint8_t of, const char *pattern)
{
	return (struct ps_condition){
	    .kind = PS_CONDITION_PATTERN, .of = of, .place = place, .pattern = pattern};
}

static struct ps_condition listed(uint8_t of)
{
	return (struct ps_condition){
	    .kind = PS_CONDITION_LISTED, .of = of, .place = place, .confidence_max = 100};
}

static struct ps_rule rule(
    const char *id, enum ps_action action, const struct ps_condition *conditions, uint32_t count)
{
	return (struct ps_rule){.id = id,
	    .place = place,
	    .answer = (uint16_t)action,
	    .conditions = conditions,
	    .condition_count = count,
	    .ede_code = PS_EDE_NONE,
	    .ede_text = ""};
}

static struct ps_plan plan_of(const struct ps_rule *rules, uint32_t count)
{
	return (struct ps_plan){.rules = rules,
	    .rule_count = count,
	    .answers = answers,
	    .answer_count = 4,
	    .feeds = feeds,
	    .feed_count = 2};
}

static struct listed entry(const char *text, enum ps_origin origin, bool trial)
{
	struct listed out = {.trial = trial,
	    .indicator = {.scope = PS_SCOPE_SUBTREE,
	        .origin = origin,
	        .confidence = 50,
	        .valid_until = PS_TIME_FOREVER}};

	if (ps_prefix_from_text(&out.indicator.prefix, ps_bytes_of_text(text), NULL) == PS_OK)
		out.indicator.is_address = true;
	else
		out.indicator.name = name(text);
	return out;
}

/* An assertion that holds allocates, too. */
static struct ps_verdict ask_asserting_nothing(struct court *court, struct ps_question *question,
    const struct ps_fact *facts, uint32_t count)
{
	struct ps_answer_facts answer = {facts, count};
	struct ps_verdict out;

	question->answer = facts != NULL ? &answer : NULL;
	ps_verdict_judge(court->snapshot, court->matcher, court->scratch, question, &out);
	question->answer = NULL;
	return out;
}

static struct ps_verdict ask(
    struct court *court, const char *text, const struct ps_fact *facts, uint32_t count)
{
	struct ps_name_buffer own;
	struct ps_question question = {.name = name_of(text, &own), .type = 1, .now = NOW};

	return ask_asserting_nothing(court, &question, facts, count);
}

static void setup(void)
{
	stored = 0;
}

/* --- one by one ------------------------------------------------------------------------ */

START_TEST(without_an_answer_such_a_rule_is_not_there)
{
	struct single single;
	struct ps_condition target = under(PS_OF_TARGET, &single, "evil.com");
	struct ps_rule rules[] = {rule("t", PS_ACTION_NXDOMAIN, &target, 1)};
	struct ps_plan plan = plan_of(rules, 1);
	struct ps_fact facts[] = {
	    fact(PS_FACT_ADDRESS, "192.0.2.1"), fact(PS_FACT_TARGET, "x.evil.com")};
	struct ps_verdict verdict;
	struct court court;

	court_open(&court, &plan, NULL, 0);
	ck_assert_uint_eq(ps_matcher_asks_answer(court.matcher), PS_OF_TARGET);
	ck_assert(!ps_matcher_asks_unlisted(court.matcher));
	verdict = ask(&court, "a.org", NULL, 0);
	ck_assert_int_eq(verdict.reason, PS_REASON_NONE);
	ck_assert_uint_eq(verdict.fact, PS_INDEX_NONE);
	/* The name itself leads nowhere. */
	ck_assert_int_eq(ask(&court, "x.evil.com", NULL, 0).reason, PS_REASON_NONE);
	ck_assert_int_eq(ask(&court, "x.evil.com", facts, 1).reason, PS_REASON_NONE);
	ck_assert_int_eq(ask(&court, "a.org", facts, 0).reason, PS_REASON_NONE);
	verdict = ask(&court, "a.org", facts, 2);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_int_eq(verdict.action, PS_ACTION_NXDOMAIN);
	ck_assert_uint_eq(verdict.fact, 1);
	ck_assert_uint_ne(verdict.evidence.entry, PS_INDEX_NONE);
	ck_assert_uint_eq(verdict.evidence.labels, 2);
	ck_assert(verdict.evidence.of_answer && !verdict.evidence.itself);
	court_close(&court);
}
END_TEST

START_TEST(what_no_rule_asks_is_said)
{
	struct single one;
	struct ps_condition of_question = under(PS_OF_QUESTION, &one, "a.org");
	struct ps_condition of_server = listed(PS_OF_SERVER);
	struct ps_rule rules[] = {rule("q", PS_ACTION_LOG, &of_question, 1),
	    rule("s", PS_ACTION_LOG, &of_server, 1)};
	struct ps_plan plan = plan_of(rules, 1);
	struct court court;

	court_open(&court, &plan, NULL, 0);
	ck_assert_uint_eq(ps_matcher_asks_answer(court.matcher), 0);
	court_close(&court);
	/* On trial too. */
	rules[1].mode = PS_MODE_SHADOW;
	plan.rule_count = 2;
	court_open(&court, &plan, NULL, 0);
	ck_assert_uint_eq(ps_matcher_asks_answer(court.matcher),
	    1u << PS_FACT_SERVER_NAME | 1u << PS_FACT_SERVER_ADDRESS);
	court_close(&court);
}
END_TEST

/* All that is asked of a name that the answer leads to is asked of one and the same. */
START_TEST(one_fact_meets_all)
{
	struct single single;
	struct ps_condition conditions[] = {under(PS_OF_TARGET, &single, "evil.com"),
	    matches(PS_OF_TARGET, "^track"), listed(PS_OF_TARGET)};
	struct ps_rule rules[] = {rule("t", PS_ACTION_NXDOMAIN, conditions, 3)};
	struct ps_plan plan = plan_of(rules, 1);
	struct listed rows[] = {entry("track.net", PS_ORIGIN_NAME, false),
	    entry("track.evil.com", PS_ORIGIN_NAME, false),
	    entry("x.evil.com", PS_ORIGIN_NAME, false)};
	struct ps_fact facts[] = {fact(PS_FACT_TARGET, "track.net"),
	    fact(PS_FACT_TARGET, "x.evil.com"), fact(PS_FACT_TARGET, "track2.evil.com"),
	    fact(PS_FACT_SERVER_NAME, "track.evil.com"), fact(PS_FACT_TARGET, "track.evil.com")};
	struct court court;

	court_open(&court, &plan, rows, 3);
	ck_assert_int_eq(ask(&court, "a.org", facts, 4).reason, PS_REASON_NONE);
	ck_assert_uint_eq(ask(&court, "a.org", facts, 5).fact, 4);
	court_close(&court);
}
END_TEST

/* Of two kinds of facts each its own; and the question's conditions beside them. */
START_TEST(each_kind_has_its_own_fact)
{
	struct single one, two, three;
	struct ps_condition conditions[] = {under(PS_OF_QUESTION, &one, "org"),
	    matches(PS_OF_TARGET, "cdn"), within(PS_OF_ADDRESS, &two, "192.0.2.0/24"),
	    under(PS_OF_SERVER_NAME, &three, "ns.net")};
	struct ps_rule rules[] = {rule("t", PS_ACTION_NXDOMAIN, conditions, 4)};
	struct ps_plan plan = plan_of(rules, 1);
	struct ps_fact facts[] = {fact(PS_FACT_ADDRESS, "192.0.2.7"),
	    fact(PS_FACT_SERVER_NAME, "a.ns.net"), fact(PS_FACT_TARGET, "x.cdn.net")};
	struct ps_verdict verdict;
	struct court court;

	court_open(&court, &plan, NULL, 0);
	verdict = ask(&court, "a.org", facts, 3);
	ck_assert_uint_eq(verdict.rule, 0);
	ck_assert_uint_eq(verdict.fact, 2); /* that of the first condition about the answer */
	ck_assert(!verdict.evidence.of_answer); /* the question's name comes first */
	ck_assert_int_eq(ask(&court, "a.com", facts, 3).reason, PS_REASON_NONE);
	for (uint32_t left_out = 0; left_out < 3; left_out++) {
		struct ps_fact two_of[2];

		for (uint32_t i = 0, n = 0; i < 3; i++)
			if (i != left_out)
				two_of[n++] = facts[i];
		ck_assert_int_eq(ask(&court, "a.org", two_of, 2).reason, PS_REASON_NONE);
	}
	court_close(&court);
}
END_TEST

START_TEST(addresses)
{
	struct single one;
	struct ps_condition of_rule = within(PS_OF_ADDRESS, &one, "192.0.2.0/24");
	struct ps_condition of_feed = listed(PS_OF_ADDRESS);
	struct ps_rule rules[] = {rule("prefix", PS_ACTION_NXDOMAIN, &of_rule, 1),
	    rule("feed", PS_ACTION_NODATA, &of_feed, 1)};
	struct ps_plan plan = plan_of(rules, 2);
	/* A longer prefix that another lists hides no shorter one. */
	struct listed rows[] = {entry("192.0.2.128/25", PS_ORIGIN_ADDRESS, true),
	    entry("198.51.0.0/16", PS_ORIGIN_ADDRESS, false),
	    entry("198.51.100.7", PS_ORIGIN_ADDRESS, true),
	    entry("2001:db8::/32", PS_ORIGIN_ADDRESS, false),
	    entry("203.0.113.0/24", PS_ORIGIN_SERVER, false)};
	static const struct {
		const char *text;
		uint32_t rule;
		uint8_t len; /* of the prefix that lists it */
	} cases[] = {{"192.0.2.1", 0, 24}, {"192.0.2.129", 0, 24}, {"::ffff:192.0.2.1", 0, 24},
	    {"198.51.100.7", 1, 16}, {"198.51.1.1", 1, 16}, {"2001:db8::1", 1, 32},
	    {"192.0.3.1", PS_INDEX_NONE, 0}, {"2001:db9::1", PS_INDEX_NONE, 0},
	    {"203.0.113.1", PS_INDEX_NONE, 0}, {"0.0.0.0", PS_INDEX_NONE, 0},
	    {"255.255.255.255", PS_INDEX_NONE, 0}, {"::", PS_INDEX_NONE, 0}};
	struct court court;

	court_open(&court, &plan, rows, 5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_fact it = fact(PS_FACT_ADDRESS, cases[i].text);
		struct ps_verdict verdict = ask(&court, "a.org", &it, 1);
		uint32_t first, count;

		ck_assert_msg(verdict.rule == cases[i].rule, "%s: rule %u", cases[i].text,
		    verdict.rule);
		if (verdict.rule == PS_INDEX_NONE)
			continue;
		ck_assert_uint_eq(verdict.fact, 0);
		ck_assert_uint_eq(verdict.evidence.entry, PS_INDEX_NONE);
		ck_assert(verdict.evidence.of_answer);
		ck_assert_uint_eq(ps_snapshot_prefix(
		                      court.snapshot, verdict.evidence.prefix, &first, &count)
		                      .len,
		    cases[i].len);
		ck_assert_uint_ge(verdict.evidence.row, first);
		ck_assert_uint_lt(verdict.evidence.row, first + count);
		/* A name server at it is another matter. */
		it.kind = PS_FACT_SERVER_ADDRESS;
		ck_assert_int_eq(ask(&court, "a.org", &it, 1).reason, PS_REASON_NONE);
	}
	court_close(&court);
}
END_TEST

/* What a feed lists as a name server is nothing else; what it lists otherwise may be one. */
START_TEST(name_servers)
{
	struct ps_condition of_server = listed(PS_OF_SERVER);
	struct ps_condition of_target = listed(PS_OF_TARGET);
	struct ps_condition of_address = listed(PS_OF_ADDRESS);
	struct ps_condition of_question = listed(PS_OF_QUESTION);
	struct ps_rule rules[] = {rule("server", PS_ACTION_NXDOMAIN, &of_server, 1),
	    rule("target", PS_ACTION_NODATA, &of_target, 1),
	    rule("address", PS_ACTION_NODATA, &of_address, 1),
	    rule("question", PS_ACTION_NODATA, &of_question, 1)};
	struct ps_plan plan = plan_of(rules, 4);
	struct listed rows[] = {entry("ns.evil.com", PS_ORIGIN_SERVER, false),
	    entry("203.0.113.0/24", PS_ORIGIN_SERVER, false),
	    entry("evil.net", PS_ORIGIN_NAME, false),
	    entry("198.51.100.0/24", PS_ORIGIN_ADDRESS, false)};
	static const char *const names[] = {"ns.evil.com", "ns.evil.net"};
	static const char *const networks[] = {"203.0.113.7", "198.51.100.7"};
	struct court court;

	court_open(&court, &plan, rows, 4);
	for (unsigned i = 0; i < 2; i++) {
		struct ps_fact server = fact(PS_FACT_SERVER_NAME, names[i]);
		struct ps_fact at = fact(PS_FACT_SERVER_ADDRESS, networks[i]);
		struct ps_fact target = fact(PS_FACT_TARGET, names[i]);
		struct ps_fact address = fact(PS_FACT_ADDRESS, networks[i]);

		ck_assert_uint_eq(ask(&court, "a.org", &server, 1).rule, 0);
		ck_assert_uint_eq(ask(&court, "a.org", &at, 1).rule, 0);
		ck_assert_uint_eq(
		    ask(&court, "a.org", &target, 1).rule, i == 0 ? PS_INDEX_NONE : 1);
		ck_assert_uint_eq(
		    ask(&court, "a.org", &address, 1).rule, i == 0 ? PS_INDEX_NONE : 2);
		ck_assert_uint_eq(
		    ask(&court, names[i], NULL, 0).rule, i == 0 ? PS_INDEX_NONE : 3);
	}
	court_close(&court);
}
END_TEST

/* The never list covers the question as ever; what it covers of the answer meets nothing, and
 * hides no other fact. */
START_TEST(never)
{
	struct ps_condition conditions[] = {matches(PS_OF_TARGET, ".")};
	struct ps_condition of_server = matches(PS_OF_SERVER_NAME, ".");
	struct ps_rule rules[] = {rule("t", PS_ACTION_NXDOMAIN, conditions, 1),
	    rule("s", PS_ACTION_NODATA, &of_server, 1)};
	struct ps_plan plan = plan_of(rules, 2);
	struct ps_scoped_name kept[] = {{name("cdn.net"), PS_SCOPE_SUBTREE, place}};
	struct ps_fact facts[] = {fact(PS_FACT_TARGET, "x.cdn.net"),
	    fact(PS_FACT_SERVER_NAME, "ns.cdn.net"), fact(PS_FACT_TARGET, "evil.com")};
	struct court court;

	plan.never = (struct ps_name_set){kept, 1};
	court_open(&court, &plan, NULL, 0);
	ck_assert_int_eq(ask(&court, "a.org", facts, 2).reason, PS_REASON_NONE);
	ck_assert_uint_eq(ask(&court, "a.org", facts, 3).fact, 2);
	ck_assert_int_eq(ask(&court, "a.cdn.net", facts, 3).reason, PS_REASON_NEVER);
	court_close(&court);
}
END_TEST

/* A row on trial, a rule on trial: noted, and the next one is asked. A row that is not on trial
 * is looked for among the other facts. */
START_TEST(trials)
{
	struct ps_condition first = listed(PS_OF_TARGET), second = matches(PS_OF_TARGET, "^y");
	struct ps_rule rules[] = {rule("shadow", PS_ACTION_NXDOMAIN, &second, 1),
	    rule("feed", PS_ACTION_NXDOMAIN, &first, 1),
	    rule("pattern", PS_ACTION_LOG, &second, 1)};
	struct ps_plan plan = plan_of(rules, 3);
	struct listed rows[] = {
	    entry("x.net", PS_ORIGIN_NAME, true), entry("z.net", PS_ORIGIN_NAME, false)};
	struct ps_fact facts[] = {fact(PS_FACT_TARGET, "x.net"), fact(PS_FACT_TARGET, "y.net"),
	    fact(PS_FACT_TARGET, "z.net")};
	struct ps_verdict verdict;
	struct court court;

	rules[0].mode = PS_MODE_SHADOW;
	court_open(&court, &plan, rows, 2);
	verdict = ask(&court, "a.org", facts, 2);
	ck_assert_uint_eq(verdict.rule, 2);
	ck_assert_uint_eq(verdict.fact, 1);
	ck_assert_uint_eq(verdict.shadow_count, 2);
	ck_assert_uint_eq(verdict.shadow[0], 0);
	ck_assert_uint_eq(verdict.shadow[1], 1);
	ck_assert_uint_eq(verdict.shadow_fact[0], 1);
	ck_assert_uint_eq(verdict.shadow_fact[1], 0);
	verdict = ask(&court, "a.org", facts, 3);
	ck_assert_uint_eq(verdict.rule, 1);
	ck_assert_uint_eq(verdict.fact, 2);
	court_close(&court);
}
END_TEST

/* As a resolver asks: what blocks without an answer blocks, whatever stands above it. */
START_TEST(in_turn)
{
	struct single one, two, three;
	struct ps_condition good = under(PS_OF_TARGET, &one, "good.net");
	struct ps_condition bad = under(PS_OF_TARGET, &two, "net");
	struct ps_condition named = under(PS_OF_QUESTION, &three, "bad.org");
	struct ps_rule rules[] = {rule("good", PS_ACTION_PASS, &good, 1),
	    rule("bad", PS_ACTION_NODATA, &bad, 1), rule("named", PS_ACTION_NXDOMAIN, &named, 1)};
	struct ps_plan plan = plan_of(rules, 3);
	struct ps_fact facts[] = {
	    fact(PS_FACT_TARGET, "x.good.net"), fact(PS_FACT_TARGET, "evil.net")};
	struct ps_answer_facts answer = {facts, 1};
	struct ps_question question = {.name = name("bad.org"), .now = NOW, .answer = &answer};
	struct ps_verdict verdict;
	struct court court;

	court_open(&court, &plan, NULL, 0);
	ck_assert(!ps_verdict_judge_in_turn(
	    court.snapshot, court.matcher, court.scratch, &question, &verdict));
	ck_assert_uint_eq(verdict.rule, 2);
	question.name = name("a.org");
	ck_assert(ps_verdict_judge_in_turn(
	    court.snapshot, court.matcher, court.scratch, &question, &verdict));
	ck_assert_uint_eq(verdict.rule, 0);
	/* The first rule that holds for any of them. */
	answer.count = 2;
	ck_assert(ps_verdict_judge_in_turn(
	    court.snapshot, court.matcher, court.scratch, &question, &verdict));
	ck_assert_uint_eq(verdict.rule, 0);
	answer.facts = facts + 1;
	answer.count = 1;
	ck_assert(ps_verdict_judge_in_turn(
	    court.snapshot, court.matcher, court.scratch, &question, &verdict));
	ck_assert_uint_eq(verdict.rule, 1);
	question.answer = NULL;
	ck_assert(!ps_verdict_judge_in_turn(
	    court.snapshot, court.matcher, court.scratch, &question, &verdict));
	ck_assert_uint_eq(verdict.rule, PS_INDEX_NONE);
	court_close(&court);
}
END_TEST

/* --- lookalikes ------------------------------------------------------------------------- */

START_TEST(targets_that_look_like_a_protected_name)
{
	struct ps_scoped_name domains[] = {{name("acmepost.com"), PS_SCOPE_SUBTREE, place}};
	struct ps_brand_term term = {"acmepost", false, place};
	struct ps_brand brand = {.id = "acme",
	    .owner = "Acme",
	    .place = place,
	    .terms = &term,
	    .term_count = 1,
	    .domains = {domains, 1}};
	struct ps_condition asked[] = {
	    {.kind = PS_CONDITION_LOOKALIKE,
	        .of = PS_OF_QUESTION,
	        .place = place,
	        .score_min = 100,
	        .score_max = 100},
	    {.kind = PS_CONDITION_LOOKALIKE,
	        .of = PS_OF_TARGET,
	        .place = place,
	        .score_min = 40,
	        .score_max = 100}};
	struct ps_rule rules[] = {rule("question", PS_ACTION_LOG, &asked[0], 1),
	    rule("target", PS_ACTION_NXDOMAIN, &asked[1], 1)};
	struct ps_plan plan = plan_of(rules, 2);
	struct ps_fact facts[PS_LIKENESSES_KEPT + 4];
	struct ps_verdict verdict, alone;
	struct court court;

	plan.lookalike.brands = &brand;
	plan.lookalike.brand_count = 1;
	plan.official = brand.domains;
	court_open(&court, &plan, NULL, 0);
	facts[0] = fact(PS_FACT_TARGET, "www.acmepost.com"); /* its own */
	ck_assert_int_eq(ask(&court, "a.org", facts, 1).reason, PS_REASON_NONE);
	/* More than are kept: the last one counts, and its likeness is told. */
	for (unsigned i = 1; i < PS_LIKENESSES_KEPT + 3; i++)
		facts[i] = fact(PS_FACT_TARGET, "mountain.net");
	ck_assert_int_eq(
	    ask(&court, "a.org", facts, PS_LIKENESSES_KEPT + 3).reason, PS_REASON_NONE);
	facts[PS_LIKENESSES_KEPT + 3] = fact(PS_FACT_TARGET, "acrnepost.top");
	verdict = ask(&court, "a.org", facts, PS_LIKENESSES_KEPT + 4);
	ck_assert_uint_eq(verdict.rule, 1);
	ck_assert_uint_eq(verdict.fact, PS_LIKENESSES_KEPT + 3);
	ck_assert_int_eq(verdict.likeness.technique, PS_TECHNIQUE_HOMOGLYPH);
	alone = ask(&court, "a.org", &facts[PS_LIKENESSES_KEPT + 3], 1);
	ck_assert_uint_eq(alone.likeness.score, verdict.likeness.score);
	/* The target's, not that of the name itself, which was asked for before. */
	verdict = ask(&court, "acm-epost.org", &facts[PS_LIKENESSES_KEPT + 3], 1);
	ck_assert_int_eq(verdict.likeness.technique, PS_TECHNIQUE_HOMOGLYPH);
	/* As a name server it is not asked what it looks like. */
	facts[0] = fact(PS_FACT_SERVER_NAME, "acrnepost.top");
	ck_assert_int_eq(ask(&court, "a.org", facts, 1).reason, PS_REASON_NONE);
	court_close(&court);
}
END_TEST

/* --- clients ------------------------------------------------------------------------------- */

/* What is blocked by its answer for some is told as such to all. */
START_TEST(by_client)
{
	struct single single;
	struct ps_client_group groups[] = {{"some", place}};
	struct ps_client_prefix prefixes[] = {{prefix("10.0.0.0/8"), 0, place}};
	struct ps_condition conditions[] = {within(PS_OF_ADDRESS, &single, "192.0.2.0/24"),
	    {.kind = PS_CONDITION_CLIENT, .place = place, .clients = 2}};
	struct ps_rule rules[] = {rule("r", PS_ACTION_NXDOMAIN, conditions, 2)};
	struct ps_plan plan = plan_of(rules, 1);
	struct ps_fact it = fact(PS_FACT_ADDRESS, "192.0.2.1");
	struct ps_answer_facts answer = {&it, 1};
	struct ps_question question = {.name = name("a.org"), .now = NOW};
	struct ps_verdict verdict;
	struct court court;

	plan.groups = groups;
	plan.group_count = 1;
	plan.client_prefixes = prefixes;
	plan.client_prefix_count = 1;
	court_open(&court, &plan, NULL, 0);
	for (unsigned client = 0; client < 2; client++) {
		question.client = client;
		question.answer = NULL;
		ps_verdict_judge(court.snapshot, court.matcher, court.scratch, &question, &verdict);
		ck_assert(!ps_verdict_blocks_some(&verdict));
		question.answer = &answer;
		ps_verdict_judge(court.snapshot, court.matcher, court.scratch, &question, &verdict);
		ck_assert(ps_verdict_blocks(&verdict) == (client == 1));
		ck_assert(verdict.by_client);
		ck_assert_uint_eq(verdict.fact, client == 1 ? 0 : PS_INDEX_NONE);
	}
	court_close(&court);
}
END_TEST

/* --- bounds -------------------------------------------------------------------------------- */

/* Facts beyond those of which something is kept, of kinds that are none, of no family, without a
 * name: judged, and nothing is allocated. */
START_TEST(any_facts)
{
	enum { COUNT = 200 };
	struct single one, two;
	struct ps_condition of_target[] = {
	    under(PS_OF_TARGET, &one, "evil.com"), listed(PS_OF_TARGET)};
	struct ps_condition of_address = within(PS_OF_ADDRESS, &two, "192.0.2.0/24");
	struct ps_rule rules[] = {rule("t", PS_ACTION_NXDOMAIN, of_target, 2),
	    rule("a", PS_ACTION_NODATA, &of_address, 1)};
	struct ps_plan plan = plan_of(rules, 2);
	struct listed rows[] = {entry("x.evil.com", PS_ORIGIN_NAME, false)};
	struct ps_fact facts[COUNT], good = fact(PS_FACT_TARGET, "b.net");
	struct ps_fact bad = fact(PS_FACT_TARGET, "x.evil.com");
	struct ps_fact at = fact(PS_FACT_ADDRESS, "192.0.2.1");
	struct ps_question question = {.name = name("a.org"), .type = 1, .now = NOW};
	struct court court;

	allocations_count();
	court_open(&court, &plan, rows, 1);
	for (uint32_t where = 0; where < COUNT; where += 1 + where / 2) {
		unsigned long before, after;
		struct ps_verdict verdicts[3];

		for (uint32_t i = 0; i < COUNT; i++) {
			facts[i] = good;
			if (i % 5 == 1)
				facts[i].kind = (enum ps_fact_kind)(PS_FACT_KIND_COUNT + i);
			else if (i % 5 == 2)
				facts[i] = (struct ps_fact){.kind = PS_FACT_ADDRESS};
			else if (i % 5 == 3)
				facts[i] = (struct ps_fact){.kind = PS_FACT_TARGET};
		}
		before = atomic_load(&allocations);
		verdicts[0] = ask_asserting_nothing(&court, &question, facts, COUNT);
		facts[where] = bad;
		verdicts[1] = ask_asserting_nothing(&court, &question, facts, COUNT);
		facts[where] = at;
		verdicts[2] = ask_asserting_nothing(&court, &question, facts, COUNT);
		after = atomic_load(&allocations);
		ck_assert_uint_eq(after, before);
		ck_assert_int_eq(verdicts[0].reason, PS_REASON_NONE);
		ck_assert_uint_eq(verdicts[1].rule, 0);
		ck_assert_uint_eq(verdicts[1].fact, where);
		ck_assert_uint_eq(verdicts[2].rule, 1);
		ck_assert_uint_eq(verdicts[2].fact, where);
	}
	court_close(&court);
}
END_TEST

int main(void)
{
	const TTest *const all[] = {without_an_answer_such_a_rule_is_not_there,
	    what_no_rule_asks_is_said, one_fact_meets_all, each_kind_has_its_own_fact, addresses,
	    name_servers, never, trials, in_turn, targets_that_look_like_a_protected_name,
	    by_client, any_facts};
	Suite *suite = suite_create("verdict");
	TCase *tests = tcase_create("answer");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, setup, NULL);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
