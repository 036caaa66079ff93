/* Terms and words as the tables hold them. */
#include "lookalike/letters.h"

#include "core/random.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	const char *text;
	const char *plain; /* NULL: no word */
	const char *fold;
	uint32_t gaps;
} words[] = {
    {"usps", "usps", "usps", 0},
    {"InPost", "inpost", "lnpost", 0},
    {"la poste", "laposte", "laposte", 1u << 2},
    {"royal-mail", "royalmail", "royalmall", 1u << 5},
    {"a b.c-d", "abcd", "abcd", 1u << 1 | 1u << 2 | 1u << 3},
    {" -usps- ", "usps", "usps", 0},
    {"track & trace", "tracktrace", "tracktrace", 1u << 5},
    {"acme's", "acmes", "acmes", 0},
    {"1688", "1688", "l6bb", 0},
    {"\xc7\xba"
     "cme",
        "acme", "acme", 0},                                                  /* A with ring, acute */
    {"\xe9\x83\xb5\xd0\xbe", "\xe9\x83\xb5o", "\xe9\x83\xb5o", 0}, /* of Han nothing looks Latin */
    {"", NULL, NULL, 0},
    {"- .", NULL, NULL, 0},
    {"&!'", NULL, NULL, 0},
    {"\xff", NULL, NULL, 0},
    {"abc\xc3", NULL, NULL, 0},
};

START_TEST(words_from_text)
{
	struct ps_word word;

	ck_assert_int_eq(ps_word_from_text(&word, words[_i].text), words[_i].plain != NULL);
	if (words[_i].plain == NULL)
		return;
	ck_assert_str_eq(word.plain, words[_i].plain);
	ck_assert_str_eq(word.fold, words[_i].fold);
	ck_assert_uint_eq(word.gaps, words[_i].gaps);
	ck_assert_uint_eq(word.len, strlen(words[_i].plain));
}
END_TEST

START_TEST(the_longest)
{
	char text[2 * PS_WORD_MAX + 4];
	struct ps_word word;

	memset(text, 'x', sizeof(text));
	text[PS_WORD_MAX] = '\0';
	ck_assert(ps_word_from_text(&word, text));
	ck_assert_uint_eq(word.len, PS_WORD_MAX);
	text[PS_WORD_MAX] = 'x';
	text[PS_WORD_MAX + 1] = '\0';
	ck_assert(!ps_word_from_text(&word, text));
	/* Gaps behind letter 31 are not remembered. */
	for (size_t i = 0; i < 2 * PS_WORD_MAX; i++)
		text[i] = i % 2 == 0 ? 'x' : ' ';
	text[2 * PS_WORD_MAX - 1] = '\0';
	ck_assert(ps_word_from_text(&word, text));
	ck_assert_uint_eq(word.len, PS_WORD_MAX);
	ck_assert_uint_eq(word.gaps, UINT32_MAX - 1);
}
END_TEST

/* Any octets: no read or write outside; plain and fold are of one length, and no letter of
 * fold is one that walks could not take. */
START_TEST(any_octets)
{
	struct random random = {1};

	for (int i = 0; i < 200000; i++) {
		size_t len = random_below(&random, 100);
		char *text = malloc(len + 1);
		struct ps_word word;

		for (size_t k = 0; k < len; k++)
			text[k] = (char)(i % 3 == 0 ? 1 + random_below(&random, 255)
			                            : (uint8_t)"abz 1-.\xc3\xa9"[random_below(&random, 9)]);
		text[len] = '\0';
		if (ps_word_from_text(&word, text)) {
			ck_assert_uint_gt(word.len, 0);
			ck_assert_uint_eq(strlen(word.plain), word.len);
			ck_assert_uint_eq(strlen(word.fold), word.len);
			ck_assert_uint_eq(word.gaps & 1, 0);
			for (unsigned k = 0; k < word.len; k++)
				ck_assert_uint_eq(
				    (uint8_t)word.fold[k], ps_fold_octet[(uint8_t)word.plain[k]]);
		}
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("letters");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, words_from_text, 0, (int)(sizeof(words) / sizeof(*words)));
	tcase_add_test(tests, the_longest);
	tcase_add_test(tests, any_octets);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
