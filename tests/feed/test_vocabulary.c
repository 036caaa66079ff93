#include "feed/vocabulary.h"

#include "feed/collect.h"

static struct ps_indicator applied(const struct ps_facts *facts)
{
	struct ps_indicator indicator = {
	    .category = PS_CATEGORY_OTHER, .tlp = PS_TLP_GREEN, .confidence = 11};

	ps_facts_apply(facts, &indicator);
	return indicator;
}

static void check_words(const char *const *words, enum ps_category want)
{
	struct ps_facts facts = {0};

	for (; *words != NULL; words++)
		(void)!ps_facts_add_word(&facts, ps_bytes_of_text(*words));
	ck_assert_int_eq(applied(&facts).category, want);
}

START_TEST(every_category_is_said_by_its_own_word)
{
	for (unsigned i = 0; i < PS_CATEGORY_COUNT; i++) {
		struct ps_facts facts = {0};

		ck_assert(ps_facts_add_word(&facts, ps_bytes_of_text(ps_category_name(i))));
		ck_assert_uint_eq(facts.category, i);
	}
}
END_TEST

START_TEST(words_are_read_in_any_case_and_joining)
{
	static const char *const cases[] = {
	    "Command and Control", "command-and-control", "COMMAND_AND_CONTROL", "C2", "c&c"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_words((const char *const[]){cases[i], NULL}, PS_CATEGORY_BOTNET);
}
END_TEST

START_TEST(the_most_telling_word_wins_wherever_it_stands)
{
	check_words((const char *const[]){"malware", "phishing", NULL}, PS_CATEGORY_PHISHING);
	check_words((const char *const[]){"phishing", "malware", NULL}, PS_CATEGORY_PHISHING);
	check_words((const char *const[]){"anomalous-activity", "spam", NULL}, PS_CATEGORY_SPAM);
	check_words(
	    (const char *const[]){"malicious-activity", "Whatever", NULL}, PS_CATEGORY_OTHER);
}
END_TEST

START_TEST(words_that_say_nothing_are_told_apart)
{
	struct ps_facts facts = {0};
	char endless[200];

	memset(endless, 'a', sizeof(endless));
	ck_assert(!ps_facts_add_word(&facts, ps_bytes_of_text("malicious-activity")));
	ck_assert(!ps_facts_add_word(&facts, ps_bytes_of_text("")));
	ck_assert(!ps_facts_add_word(&facts, ps_bytes_of("phishing\0", 9)));
	ck_assert(!ps_facts_add_word(&facts, ps_bytes_of(endless, sizeof(endless))));
	ck_assert_uint_eq(facts.rank, 0);
	ck_assert(ps_facts_add_word(&facts, ps_bytes_of_text("benign")));
	ck_assert(facts.benign);
}
END_TEST

START_TEST(what_is_not_said_is_left_as_it_was)
{
	struct ps_facts facts = {0};
	struct ps_indicator indicator = applied(&facts);

	ck_assert_int_eq(indicator.category, PS_CATEGORY_OTHER);
	ck_assert_int_eq(indicator.tlp, PS_TLP_GREEN);
	ck_assert_uint_eq(indicator.confidence, 11);
}
END_TEST

START_TEST(the_most_restricted_tlp_wins)
{
	struct ps_facts facts = {0};

	ps_facts_add_tlp(&facts, PS_TLP_CLEAR);
	ck_assert_int_eq(applied(&facts).tlp, PS_TLP_CLEAR);
	ps_facts_add_tlp(&facts, PS_TLP_RED);
	ps_facts_add_tlp(&facts, PS_TLP_GREEN);
	ck_assert_int_eq(applied(&facts).tlp, PS_TLP_RED);
}
END_TEST

START_TEST(every_tlp_level_is_read_by_word)
{
	static const struct {
		const char *word;
		enum ps_tlp tlp;
	} cases[] = {
	    {"white", PS_TLP_CLEAR},
	    {"WHITE", PS_TLP_CLEAR},
	    {"clear", PS_TLP_CLEAR},
	    {"Green", PS_TLP_GREEN},
	    {"amber", PS_TLP_AMBER},
	    {"amber+strict", PS_TLP_AMBER_STRICT},
	    {"AMBER_STRICT", PS_TLP_AMBER_STRICT},
	    {"red", PS_TLP_RED},
	};
	enum ps_tlp tlp = PS_TLP_COUNT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert(ps_tlp_from_word(ps_bytes_of_text(cases[i].word), &tlp));
		ck_assert_int_eq(tlp, cases[i].tlp);
	}
	ck_assert(!ps_tlp_from_word(ps_bytes_of_text("purple"), &tlp));
}
END_TEST

START_TEST(tlps_marking_definitions_are_known)
{
	enum ps_tlp tlp = PS_TLP_COUNT;

	ck_assert(ps_tlp_from_marking(
	    ps_bytes_of_text("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"), &tlp));
	ck_assert_int_eq(tlp, PS_TLP_CLEAR);
	ck_assert(ps_tlp_from_marking(
	    ps_bytes_of_text("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"), &tlp));
	ck_assert_int_eq(tlp, PS_TLP_RED);
	ck_assert(ps_tlp_from_marking(
	    ps_bytes_of_text("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"), &tlp));
	ck_assert_int_eq(tlp, PS_TLP_AMBER_STRICT);
	ck_assert(!ps_tlp_from_marking(
	    ps_bytes_of_text("marking-definition--00000000-0000-4000-8000-000000000000"), &tlp));
	ck_assert_int_eq(tlp, PS_TLP_AMBER_STRICT);
}
END_TEST

static struct ps_facts tagged(const char *tag)
{
	struct ps_facts facts = {0};

	ps_facts_add_tag(&facts, ps_bytes_of_text(tag));
	return facts;
}

START_TEST(misp_tags_say_tlp_confidence_and_category)
{
	struct ps_facts facts;

	ck_assert_int_eq(tagged("tlp:white").tlp, PS_TLP_CLEAR);
	ck_assert_int_eq(tagged("TLP:AMBER+STRICT").tlp, PS_TLP_AMBER_STRICT);
	ck_assert_int_eq(tagged("tlp:ex:chr").tlp, PS_TLP_AMBER); /* not known */
	ck_assert(!tagged("other:tlp").has_tlp);
	facts = tagged("misp:confidence-level=\"fairly-confident\"");
	ck_assert(facts.has_confidence && facts.confidence == 50);
	ps_facts_add_tag(&facts, ps_bytes_of_text("misp:confidence-level=\"unconfident\""));
	ck_assert_uint_eq(facts.confidence, 0); /* the lowest counts */
	ck_assert_int_eq(tagged("rsit:fraud=\"phishing\"").category, PS_CATEGORY_PHISHING);
	ck_assert_int_eq(
	    tagged("misp-galaxy:mitre-attack-pattern=\"Phishing - T1566\"").category,
	    PS_CATEGORY_PHISHING);
	ck_assert_int_eq(tagged("circl:incident-classification=\"malware\"").category,
	    PS_CATEGORY_MALWARE);
	ck_assert_int_eq(
	    tagged("rsit:malicious-code=\"c2-server\"").category, PS_CATEGORY_BOTNET);
	ck_assert_int_eq(
	    tagged("kill-chain:Command and Control").category, PS_CATEGORY_BOTNET);
	ck_assert_uint_eq(tagged("estimative-language:likelihood").rank, 0);
}
END_TEST

START_TEST(misp_categories_speak_for_themselves_or_not_at_all)
{
	struct ps_facts facts = {0};

	ps_facts_add_misp_category(&facts, ps_bytes_of_text("Network activity"));
	ck_assert_uint_eq(facts.rank, 0);
	ps_facts_add_misp_category(&facts, ps_bytes_of_text("Financial fraud"));
	ck_assert_int_eq(facts.category, PS_CATEGORY_FRAUD);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    every_category_is_said_by_its_own_word,
	    words_are_read_in_any_case_and_joining,
	    the_most_telling_word_wins_wherever_it_stands,
	    words_that_say_nothing_are_told_apart,
	    what_is_not_said_is_left_as_it_was,
	    the_most_restricted_tlp_wins,
	    every_tlp_level_is_read_by_word,
	    tlps_marking_definitions_are_known,
	    misp_tags_say_tlp_confidence_and_category,
	    misp_categories_speak_for_themselves_or_not_at_all,
	};

	return RUN_TESTS("feed.vocabulary", tests);
}
