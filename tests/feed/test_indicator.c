#include "feed/indicator.h"

#include "feed/collect.h"

START_TEST(every_category_has_a_word_that_reads_back)
{
	for (unsigned i = 0; i < PS_CATEGORY_COUNT; i++) {
		enum ps_category got = PS_CATEGORY_COUNT;

		ck_assert_ptr_nonnull(ps_category_name(i));
		ck_assert(ps_category_from_text(ps_bytes_of_text(ps_category_name(i)), &got));
		ck_assert_uint_eq(got, i);
	}
	ck_assert_ptr_null(ps_category_name(PS_CATEGORY_COUNT));
}
END_TEST

START_TEST(every_tlp_has_a_word_that_reads_back)
{
	for (unsigned i = 0; i < PS_TLP_COUNT; i++) {
		enum ps_tlp got = PS_TLP_COUNT;

		ck_assert_ptr_nonnull(ps_tlp_name(i));
		ck_assert(ps_tlp_from_text(ps_bytes_of_text(ps_tlp_name(i)), &got));
		ck_assert_uint_eq(got, i);
	}
	ck_assert_ptr_null(ps_tlp_name(PS_TLP_COUNT));
}
END_TEST

START_TEST(every_scope_has_a_word_that_reads_back)
{
	for (unsigned i = 0; i <= PS_SCOPE_BELOW; i++) {
		enum ps_scope got = PS_SCOPE_BELOW;

		ck_assert_ptr_nonnull(ps_scope_name(i));
		ck_assert(ps_scope_from_text(ps_bytes_of_text(ps_scope_name(i)), &got));
		ck_assert_uint_eq(got, i);
	}
	ck_assert_ptr_null(ps_scope_name(PS_SCOPE_BELOW + 1));
}
END_TEST

START_TEST(other_words_are_none_of_them)
{
	enum ps_category category = PS_CATEGORY_SPAM;
	enum ps_tlp tlp = PS_TLP_RED;
	enum ps_scope scope = PS_SCOPE_BELOW;

	ck_assert(!ps_category_from_text(ps_bytes_of_text("Phishing"), &category));
	ck_assert(!ps_category_from_text(ps_bytes_of_text(""), &category));
	ck_assert(!ps_tlp_from_text(ps_bytes_of_text("white"), &tlp));
	ck_assert(!ps_scope_from_text(ps_bytes_of_text("exactly"), &scope));
	ck_assert_int_eq(category, PS_CATEGORY_SPAM);
	ck_assert_int_eq(tlp, PS_TLP_RED);
	ck_assert_int_eq(scope, PS_SCOPE_BELOW);
}
END_TEST

/* They stand in snapshot files. */
START_TEST(the_numbers_are_what_they_always_were)
{
	ck_assert_str_eq(ps_category_name(1), "phishing");
	ck_assert_str_eq(ps_category_name(3), "botnet");
	ck_assert_str_eq(ps_category_name(7), "suspicious");
	ck_assert_str_eq(ps_tlp_name(2), "amber");
	ck_assert_str_eq(ps_tlp_name(3), "amber+strict");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    every_category_has_a_word_that_reads_back,
	    every_tlp_has_a_word_that_reads_back,
	    every_scope_has_a_word_that_reads_back,
	    other_words_are_none_of_them,
	    the_numbers_are_what_they_always_were,
	};

	return RUN_TESTS("feed.indicator", tests);
}
