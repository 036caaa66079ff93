/* Words of the same sound, and the spellings of a name that are looked up. */
#include "lookalike/sound.h"

#include "core/random.h"
#include "lookalike/model.h"
#include "lookalike/typo.h"

#include <check.h>
#include <string.h>

static bool same(const char *a, const char *b)
{
	return ps_sound_is_same((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b));
}

static const char *const alike[][2] = {
    {"fedex", "fedeks"}, {"fedex", "phedex"}, {"chronopost", "kronopost"}, {"colissimo", "kolisimo"},
    {"inpost", "inpozt"}, {"royalmail", "roialmail"}, {"evri", "ewri"}, {"posten", "possten"},
    {"packeta", "paketa"}, {"aquapost", "akuapost"}, {"cargo", "khargo"}, {"schenker", "shenker"},
    {"cesta", "sesta"}, {"thailandpost", "tailandpost"}, {"a", "a"}, {"", ""},
};

START_TEST(the_same_sound)
{
	ck_assert_msg(same(alike[_i][0], alike[_i][1]), "%s, %s", alike[_i][0], alike[_i][1]);
	ck_assert_msg(same(alike[_i][1], alike[_i][0]), "%s, %s", alike[_i][1], alike[_i][0]);
}
END_TEST

/* Vowels count, and what only some languages say alike. */
static const char *const apart[][2] = {
    {"inpost", "unpost"}, {"post", "posta"}, {"inpost", "impost"}, {"dpd", "dbd"}, {"post", "bost"},
    {"cargo", "sargo"}, {"poczta", "pochta"}, {"gls", "kls"}, {"inpost", "in"}, {"a", ""},
};

START_TEST(another_sound)
{
	ck_assert_msg(!same(apart[_i][0], apart[_i][1]), "%s, %s", apart[_i][0], apart[_i][1]);
}
END_TEST

/* What is too long has no key, not even its own. */
START_TEST(long_words)
{
	char word[PS_SOUND_WORD_MAX + 2];
	struct ps_spelling out[PS_SOUND_SPELLINGS];

	memset(word, 'x', sizeof(word));
	word[PS_SOUND_WORD_MAX] = '\0';
	ck_assert(same(word, word));
	(void)ps_sound_spell((const uint8_t *)word, PS_SOUND_WORD_MAX, out);
	word[PS_SOUND_WORD_MAX] = 'x';
	word[PS_SOUND_WORD_MAX + 1] = '\0';
	ck_assert(!same(word, word));
	ck_assert_uint_eq(ps_sound_spell((const uint8_t *)word, PS_SOUND_WORD_MAX + 1, out), 0);
}
END_TEST

static bool has_spelling(const char *word, const char *spelling)
{
	struct ps_spelling out[PS_SOUND_SPELLINGS];
	unsigned count = ps_sound_spell((const uint8_t *)word, strlen(word), out);

	for (unsigned i = 0; i < count; i++)
		if (out[i].len == strlen(spelling) && memcmp(out[i].letters, spelling, out[i].len) == 0)
			return true;
	return false;
}

START_TEST(spellings)
{
	ck_assert(has_spelling("fedex", "fedeks"));
	ck_assert(has_spelling("chronopost", "kronopost"));
	ck_assert(has_spelling("colissimo", "kolisimo"));
	ck_assert(!has_spelling("fedex", "fedex"));
	ck_assert(!has_spelling("packeta", "paketa")); /* one slip: found without */
}
END_TEST

/* Each has the word's sound, and is further away than one slip; no two are the same. */
START_TEST(any_word)
{
	static const char letters[] = "cchkkqszxxywvphftlaeiourrnss0\xd0";
	struct random random = {7};
	unsigned made = 0;

	for (int round = 0; round < 20000; round++) {
		struct ps_spelling out[PS_SOUND_SPELLINGS];
		uint8_t word[PS_SOUND_WORD_MAX];
		size_t len = random_below(&random, PS_SOUND_WORD_MAX + 1);
		unsigned count;

		for (size_t i = 0; i < len; i++)
			word[i] = (uint8_t)letters[random_below(&random, sizeof(letters) - 1)];
		count = ps_sound_spell(word, len, out);
		ck_assert_uint_le(count, PS_SOUND_SPELLINGS);
		for (unsigned i = 0; i < count; i++) {
			ck_assert(ps_sound_is_same(word, len, out[i].letters, out[i].len));
			ck_assert_uint_ge(model_distance(word, len, out[i].letters, out[i].len), 2);
			ck_assert_uint_le(out[i].len, PS_TYPO_WORD_MAX);
			for (unsigned k = 0; k < i; k++)
				ck_assert(out[i].len != out[k].len ||
				    memcmp(out[i].letters, out[k].letters, out[i].len) != 0);
		}
		made += count;
	}
	ck_assert_uint_gt(made, 10000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("sound");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_loop_test(tests, the_same_sound, 0, (int)(sizeof(alike) / sizeof(*alike)));
	tcase_add_loop_test(tests, another_sound, 0, (int)(sizeof(apart) / sizeof(*apart)));
	tcase_add_test(tests, long_words);
	tcase_add_test(tests, spellings);
	tcase_add_test(tests, any_word);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
