/* What is said of a find: signs for and against it, by names in which nothing but the one thing
 * differs. Points are fitted anew now and then, so none stands here. */
#include "lookalike/lookalike.h"

#include "lookalike/sample.h"

#include <check.h>

static struct lookalike_sample *sample;
static const struct ps_tables *tables;

static void setup(void)
{
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, NULL);
	tables = lookalike_sample_tables(sample);
}

static void teardown(void)
{
	lookalike_sample_destroy(sample);
}

static struct ps_likeness judge_text(const char *text)
{
	struct ps_name_buffer storage;
	struct ps_likeness likeness;

	ps_lookalike_judge(tables, lookalike_name(text, &storage), &likeness);
	return likeness;
}

static bool has_sign(const char *text, enum ps_sign sign)
{
	return (judge_text(text).signs >> sign & 1) != 0;
}

/* A word that ends within the name, or begins within it, takes its letters: campus|ps. */
START_TEST(borrowed_letters)
{
	ck_assert(has_sign("campusps.com", PS_SIGN_COVERED));
	ck_assert(!has_sign("camp-usps.com", PS_SIGN_COVERED));
	ck_assert(!has_sign("campususps.com", PS_SIGN_COVERED));
	ck_assert(has_sign("inpostcompost.com", PS_SIGN_WORDS));
	ck_assert(!has_sign("inpostcompost.com", PS_SIGN_COVERED));
}
END_TEST

/* royal|maille takes the name's last word for its own; what the post itself is called does not. */
START_TEST(borrowed_words)
{
	ck_assert(has_sign("royalmaille.com", PS_SIGN_COVERED));
	ck_assert(!has_sign("royalmailer.com", PS_SIGN_COVERED));
	ck_assert(!has_sign("deutschepostmaster.com", PS_SIGN_COVERED));
}
END_TEST

/* A word is read over a hyphen where it begins and ends with the words between hyphens. */
START_TEST(words_over_hyphens)
{
	ck_assert(has_sign("out-post-parcel.top", PS_SIGN_COVERED));
	ck_assert(!has_sign("parcelout-post.top", PS_SIGN_COVERED));
	ck_assert(has_sign("inpost-or.com", PS_SIGN_COVERED));
	ck_assert(!has_sign("inpost-orchid.com", PS_SIGN_COVERED));
}
END_TEST

/* One letter away, and other words to the last letter. */
START_TEST(other_words)
{
	ck_assert(has_sign("deutscherpost.com", PS_SIGN_COVERED));
	ck_assert(has_sign("deutschefpost.com", PS_SIGN_TYPO));
	ck_assert(!has_sign("deutschefpost.com", PS_SIGN_COVERED));
}
END_TEST

/* Letters that go on under a country's suffix, or behind letters that only look alike. */
START_TEST(longer_words)
{
	ck_assert(has_sign("inpostulka.pl", PS_SIGN_RUN_ON));
	ck_assert(has_sign("martinpost.pl", PS_SIGN_RUN_ON));
	ck_assert(has_sign("lnpostulka.com", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("inpostulka.com", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("1npostulka.com", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("inpostt.pl", PS_SIGN_RUN_ON)); /* a slip */
	ck_assert(!has_sign("inpostparcel.pl", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("inpost-ulka.pl", PS_SIGN_RUN_ON));
}
END_TEST

/* The name's last letters begin a word of the business: usp|services. */
START_TEST(lent_letters)
{
	static const struct lookalike_brand brands[] = {
	    {.id = "zipzap", .names = {"zipzap"}, .domains = {"zipzap.com"}},
	    {.id = "zip-parc", .names = {"zip parc"}, .domains = {"zip-parc.com"}},
	};

	lookalike_sample_destroy(sample);
	sample = lookalike_sample_create(brands, 2, NULL);
	tables = lookalike_sample_tables(sample);
	ck_assert(has_sign("zipzaparcel.com", PS_SIGN_RUN_ON));
	ck_assert(has_sign("zipzaparcel-y.com", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("zipzaparcely.com", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("zipzaparce.com", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("zipzaparcel.top", PS_SIGN_RUN_ON)); /* something else speaks for it */
	ck_assert(!has_sign("zipzap.com.top", PS_SIGN_RUN_ON));
	ck_assert(!has_sign("zipparcel.com", PS_SIGN_RUN_ON)); /* a break of the name's own */
}
END_TEST

/* A museum, a band: in the label, as the suffix of a short name, or in an owner's own domain. */
START_TEST(other_trades)
{
	ck_assert(has_sign("inpost-forum.com", PS_SIGN_TRADE));
	ck_assert(has_sign("mondialrelayband.com", PS_SIGN_TRADE));
	ck_assert(has_sign("inpost.studio", PS_SIGN_TRADE));
	ck_assert(has_sign("uspsforum.org", PS_SIGN_TRADE));
	ck_assert(!has_sign("mondialrelay.studio", PS_SIGN_TRADE));
	ck_assert(!has_sign("inpost.technology", PS_SIGN_TRADE));
	ck_assert(!has_sign("inpost-outpost.com", PS_SIGN_TRADE));
	/* Not where anything else speaks for the post. */
	ck_assert(!has_sign("inpost-forum-parcel.com", PS_SIGN_TRADE));
	ck_assert(!has_sign("inpost-forum.parcel.com", PS_SIGN_TRADE));
	ck_assert(!has_sign("inpost-forum.top", PS_SIGN_TRADE));
}
END_TEST

/* The Something Post. */
START_TEST(papers)
{
	ck_assert(has_sign("deutschepost.org", PS_SIGN_PAPER));
	ck_assert(has_sign("martinpost.org", PS_SIGN_PAPER));
	ck_assert(!has_sign("inpost.org", PS_SIGN_PAPER)); /* one word */
	ck_assert(!has_sign("deutschepost.top", PS_SIGN_PAPER));
	ck_assert(!has_sign("parceldeutschepost.org", PS_SIGN_PAPER));
	ck_assert(!has_sign("royalmail.org", PS_SIGN_PAPER));
}
END_TEST

/* The first half of an official domain's label: named under its own suffixes, never acted on. */
START_TEST(halves)
{
	struct ps_likeness likeness = judge_text("best-tindera.co.uk");

	ck_assert_uint_eq(likeness.score, 1);
	ck_assert_uint_eq(likeness.brand, SAMPLE_DHL);
	ck_assert_int_eq(likeness.technique, PS_TECHNIQUE_COMBINATION);
	ck_assert_uint_eq(judge_text("best-com.co.uk").score, 1);   /* whatever else is said */
	ck_assert_uint_eq(judge_text("best-tindera.com").score, 1); /* dhl.com is the owner's */
	ck_assert_uint_eq(judge_text("best-tindera.org").score, 0);
	ck_assert_uint_eq(judge_text("best-tindera.uk").score, 0);
	ck_assert_uint_eq(judge_text("best.co.uk").score, 0);
	ck_assert_uint_eq(judge_text("besttindera.co.uk").score, 0);
	ck_assert_uint_eq(judge_text("my-best-tindera.co.uk").score, 0);
	ck_assert_uint_eq(judge_text("best-tindera.x.co.uk").score, 0);
	ck_assert_uint_gt(judge_text("best-inc.top").score, 1); /* the whole is a name */
}
END_TEST

/* What is said of the whole name is said of what the find leaves of it. */
START_TEST(surroundings)
{
	ck_assert(!has_sign("royal-mail-x.com", PS_SIGN_HYPHENS));
	ck_assert(has_sign("royal-mail-x-y.com", PS_SIGN_HYPHENS));
	ck_assert(!has_sign("a.b.usps.net", PS_SIGN_DEEP));
	ck_assert(has_sign("a.usps.x.net", PS_SIGN_DEEP));
	ck_assert(!has_sign("dhl3.icu", PS_SIGN_TLD)); /* weak, and a number */
	ck_assert(has_sign("dhl3.top", PS_SIGN_TLD));
	ck_assert(has_sign("dhl3parcel.icu", PS_SIGN_TLD));
	ck_assert(has_sign("usps3.icu", PS_SIGN_TLD));
	ck_assert(has_sign("mondialrelai.com", PS_SIGN_SLIGHTEST));
	ck_assert(has_sign("royalmaik.com", PS_SIGN_SLIGHT));
	ck_assert(!has_sign("royalmaik.com", PS_SIGN_SLIGHTEST));
	ck_assert(has_sign("mondia1relay.com", PS_SIGN_SLIGHTEST));
	ck_assert(!has_sign("mondia1relay.com", PS_SIGN_TYPO)); /* nothing but a digit for a letter */
	ck_assert(!has_sign("deutschep0st.com", PS_SIGN_TYPO)); /* which is beside it on keyboards */
}
END_TEST

/* A name in its owner's script is no homograph, and one in another's is. */
START_TEST(own_script)
{
	ck_assert(!has_sign("xn--80aqavbdjjaf8c.com", PS_SIGN_IDN));
	ck_assert(has_sign("xn--80a1afff93e.com", PS_SIGN_IDN));
	/* Marks on a word that is misspelt as well: a language. */
	ck_assert(!has_sign("xn--inps-7qa.com", PS_SIGN_IDN));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("weigh");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, borrowed_letters);
	tcase_add_test(tests, borrowed_words);
	tcase_add_test(tests, words_over_hyphens);
	tcase_add_test(tests, other_words);
	tcase_add_test(tests, longer_words);
	tcase_add_test(tests, lent_letters);
	tcase_add_test(tests, other_trades);
	tcase_add_test(tests, papers);
	tcase_add_test(tests, halves);
	tcase_add_test(tests, surroundings);
	tcase_add_test(tests, own_script);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
