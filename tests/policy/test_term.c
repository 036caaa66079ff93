#include "policy/term.h"

#include "core/random.h"
#include "core/utf8.h"

#include <check.h>
#include <stdlib.h>
#include <uninorm.h>

static enum ps_term_fault make(const char *text, struct ps_term *out, size_t *offset)
{
	*out = (struct ps_term){.len = 0};
	*offset = SIZE_MAX;
	return ps_term_make(out, ps_bytes_of_text(text), offset);
}

START_TEST(terms_have_one_form)
{
	static const char *const pairs[][2] = {
	    {"usps", "usps"},
	    {"  Swiss \t POST ", "swiss post"},
	    {"POST-NL", "post-nl"},
	    {"Post_NL / Benelux", "post nl benelux"},
	    {"La Poste (Suisse)!", "la poste suisse"},
	    {"A&B", "a&b"},
	    {"u.p.s.", "u.p.s."},
	    {"l\xe2\x80\x99poste", "l'poste"},
	    {"post\xe2\x80\x93nord", "post-nord"},
	    {"post\xc2\xa0nord", "post nord"},
	    {"ALG\xc3\x89RIE POSTE", "alg\xc3\xa9rie poste"},
	    {"alge\xcc\x81rie", "alg\xc3\xa9rie"},
	    {"\xd0\x9f\xd0\x9e\xd0\xa7\xd0\xa2\xd0\x90", "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0"},
	    {"\xe6\x97\xa5\xe6\x9c\xac\xe9\x83\xb5\xe4\xbe\xbf", "\xe6\x97\xa5\xe6\x9c\xac\xe9\x83\xb5\xe4\xbe\xbf"},
	    {"\xd9\xbe\xd8\xb3\xd8\xaa\xe2\x80\x8c\xd8\xaa", "\xd9\xbe\xd8\xb3\xd8\xaa\xd8\xaa"},
	    {"\xe0\xa6\xab\xe0\xa6\xbf", "\xe0\xa6\xab\xe0\xa6\xbf"},
	    {"1688", "1688"},
	    /* Every apostrophe, every hyphen, and the joiners. */
	    {"a`b'c\xc2\xb4" "d\xca\xbc" "e\xca\xbb" "f\xe2\x80\x98g\xe2\x80\x9bh\xef\xbc\x87i",
	        "a'b'c'd'e'f'g'h'i"},
	    {"a\xe2\x80\x90" "b\xe2\x80\x95" "c\xe2\x88\x92" "d\xef\xbc\x8d" "e\xef\xb9\xa3" "f",
	        "a-b-c-d-e-f"},
	    {"po\xe2\x80\x8d" "st", "post"},
	    /* What looks like one of them is none: the double prime, the bullet's neighbours. */
	    {"a\xe2\x80\x96" "b\xe2\x80\x9c" "c", "a b c"},
	    /* Letters beyond the first plane: Gothic, and a capital of Deseret. */
	    {"\xf0\x90\x8c\xb0\xf0\x90\x8c\xb1", "\xf0\x90\x8c\xb0\xf0\x90\x8c\xb1"},
	    {"\xf0\x90\x90\x80x", "\xf0\x90\x90\xa8x"},
	    {"STRA\xc3\x9f" "E", "stra\xc3\x9f" "e"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct ps_term term;
		size_t offset;

		ck_assert_msg(make(pairs[i][0], &term, &offset) == PS_TERM_GOOD, "%s", pairs[i][0]);
		ck_assert_str_eq((const char *)term.text, pairs[i][1]);
		ck_assert_uint_eq(term.len, strlen(pairs[i][1]));
	}
}
END_TEST

START_TEST(faults_are_told_with_their_place)
{
	static const struct {
		const char *text;
		enum ps_term_fault fault;
		size_t offset;
	} cases[] = {
	    {"", PS_TERM_SHORT, 0},
	    {"x", PS_TERM_SHORT, 0},
	    {" -.&' ", PS_TERM_SHORT, 0},
	    {"e\xcc\x81", PS_TERM_SHORT, 0}, /* two characters that become one */
	    {"post+", PS_TERM_CHARACTER, 4},
	    {"po\x01st", PS_TERM_CHARACTER, 2},
	    {"post \xf0\x9f\x98\x80", PS_TERM_CHARACTER, 5},
	    {"po\xff", PS_TERM_CHARACTER, 2},
	    {"\xcc\x81post", PS_TERM_MARK, 0},
	    {"a-\xcc\x81post", PS_TERM_MARK, 2},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_term term;
		size_t offset;

		ck_assert_msg(make(cases[i].text, &term, &offset) == cases[i].fault, "case %zu", i);
		ck_assert_msg(offset == cases[i].offset, "case %zu: %zu", i, offset);
		ck_assert_uint_eq(term.len, 0);
	}
}
END_TEST

START_TEST(sixty_three_octets_are_the_limit)
{
	char text[2000];
	struct ps_term term;
	size_t offset;

	memset(text, 'a', sizeof(text));
	text[63] = '\0';
	ck_assert_int_eq(make(text, &term, &offset), PS_TERM_GOOD);
	text[63] = 'a';
	text[64] = '\0';
	ck_assert_int_eq(make(text, &term, &offset), PS_TERM_LONG);
	text[64] = 'a';
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(make(text, &term, &offset), PS_TERM_LONG);
	/* Blanks that go do not count. */
	memset(text, ' ', sizeof(text) - 1);
	memcpy(text + 100, "post", 4);
	memcpy(text + 1900, "nord", 4);
	ck_assert_int_eq(make(text, &term, &offset), PS_TERM_GOOD);
	ck_assert_str_eq((const char *)term.text, "post nord");
}
END_TEST

START_TEST(wide_letters_weigh_two)
{
	ck_assert_uint_eq(ps_term_weight(ps_bytes_of_text("dhl")), 3);
	ck_assert_uint_eq(ps_term_weight(ps_bytes_of_text("u-p s.")), 3);
	ck_assert_uint_eq(ps_term_weight(ps_bytes_of_text("\xe9\x83\xb5\xe4\xbe\xbf")), 4);
	ck_assert_uint_eq(ps_term_weight(ps_bytes_of_text("\xd1\x81\xd0\xb4\xd1\x8d\xd0\xba")), 4);
}
END_TEST

/* Whatever is said good is NFC, has one form, and stays as it is. */
START_TEST(any_text_becomes_a_whole_term_or_none)
{
	struct random numbers = {7};
	unsigned good = 0;

	for (unsigned round = 0; round < 60000; round++) {
		uint8_t text[48];
		size_t len = random_below(&numbers, sizeof(text));
		struct ps_term term;
		struct ps_term again;
		uint8_t *normal;
		size_t normal_len = 0;

		for (size_t i = 0; i < len; i++)
			text[i] = random_below(&numbers, 3) > 0
			              ? (uint8_t)('A' + random_below(&numbers, 60))
			              : (uint8_t)random_next(&numbers);
		/* And well-formed text beyond ASCII, of two octets. */
		for (size_t i = 0; i + 1 < len && round % 2 == 0; i += 2) {
			text[i] = (uint8_t)(0xc3 + random_below(&numbers, 26));
			text[i + 1] = (uint8_t)(0x80 + random_below(&numbers, 64));
		}
		if (ps_term_make(&term, ps_bytes_of(text, len), NULL) != PS_TERM_GOOD)
			continue;
		good++;
		ck_assert_int_eq(
		    ps_term_make(&again, ps_bytes_of(term.text, term.len), NULL), PS_TERM_GOOD);
		ck_assert_str_eq((const char *)again.text, (const char *)term.text);
		ck_assert_uint_ge(term.len, 2);
		ck_assert_int_eq(term.text[term.len], 0);
		ck_assert(ps_utf8_is_text(ps_bytes_of(term.text, term.len)));
		normal = u8_normalize(UNINORM_NFC, term.text, term.len, NULL, &normal_len);
		ck_assert_ptr_nonnull(normal);
		ck_assert(ps_bytes_equal(
		    ps_bytes_of(normal, normal_len), ps_bytes_of(term.text, term.len)));
		free(normal);
	}
	ck_assert_uint_gt(good, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.term");
	TCase *tcase = tcase_create("term");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, terms_have_one_form);
	tcase_add_test(tcase, faults_are_told_with_their_place);
	tcase_add_test(tcase, sixty_three_octets_are_the_limit);
	tcase_add_test(tcase, wide_letters_weigh_two);
	tcase_add_test(tcase, any_text_becomes_a_whole_term_or_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
