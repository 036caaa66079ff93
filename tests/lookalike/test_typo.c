/* Misspellings against the whole edit-distance matrix. */
#include "lookalike/typo.h"

#include "core/random.h"
#include "lookalike/model.h"
#include "lookalike/tables.h"

#include <check.h>

static size_t random_word(struct random *random, uint8_t *out)
{
	size_t len = 1 + random_below(random, 7);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)('a' + random_below(random, 3));
	return len;
}

/* A word one slip away, or two, or none. */
static size_t change(struct random *random, const uint8_t *word, size_t len, uint8_t *out)
{
	size_t at = random_below(random, len);

	memcpy(out, word, len);
	switch (random_below(random, 5)) {
	case 0:
		memmove(out + at + 1, out + at, len - at);
		out[at] = (uint8_t)('a' + random_below(random, 4));
		return len + 1;
	case 1:
		memmove(out + at, out + at + 1, len - at - 1);
		return len > 1 ? len - 1 : len;
	case 2:
		out[at] = (uint8_t)('a' + random_below(random, 4));
		return len;
	case 3:
		if (at + 1 < len) {
			out[at] = word[at + 1];
			out[at + 1] = word[at];
		}
		return len;
	default:
		out[len] = (uint8_t)('a' + random_below(random, 3));
		return len + 1;
	}
}

static bool share_a_hash(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	uint32_t of_a[PS_TYPO_WORD_MAX + 1], of_b[PS_TYPO_WORD_MAX + 1];

	ps_typo_hashes(a, a_len, of_a);
	ps_typo_hashes(b, b_len, of_b);
	for (size_t i = 0; i <= a_len; i++)
		for (size_t k = 0; k <= b_len; k++)
			if (of_a[i] == of_b[k])
				return true;
	return false;
}

static void check_pair(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	unsigned distance = model_distance(a, a_len, b, b_len);
	enum ps_technique technique = ps_typo_classify(a, a_len, b, b_len);

	ck_assert_msg((technique != PS_TECHNIQUE_NONE) == (distance == 1),
	    "%.*s for %.*s: distance %u, technique %d", (int)a_len, (const char *)a, (int)b_len,
	    (const char *)b, distance, (int)technique);
	if (distance <= 1)
		ck_assert(share_a_hash(a, a_len, b, b_len));
}

START_TEST(distance_one_and_no_other)
{
	struct random random = {1};
	unsigned near = 0;

	for (int i = 0; i < 300000; i++) {
		uint8_t a[16], b[16];
		size_t a_len = random_word(&random, a);
		size_t b_len = i % 2 == 0 ? random_word(&random, b) : change(&random, a, a_len, b);

		check_pair(a, a_len, b, b_len);
		check_pair(b, b_len, a, a_len);
		near += model_distance(a, a_len, b, b_len) == 1;
	}
	ck_assert_uint_gt(near, 50000);
}
END_TEST

/* Every word of three letters with every other of up to four, over two letters. */
START_TEST(all_small_words)
{
	for (unsigned a = 0; a < 1u << 4; a++)
		for (unsigned b = 0; b < 1u << 4; b++)
			for (size_t a_len = 1; a_len <= 4; a_len++)
				for (size_t b_len = 1; b_len <= 4; b_len++) {
					uint8_t of_a[4], of_b[4];

					for (size_t i = 0; i < 4; i++) {
						of_a[i] = (uint8_t)('a' + (a >> i & 1));
						of_b[i] = (uint8_t)('a' + (b >> i & 1));
					}
					check_pair(of_a, a_len, of_b, b_len);
				}
}
END_TEST

/* The hash without a letter is the hash of the word without it. */
START_TEST(hashes_of_shorter_words)
{
	struct random random = {2};

	for (int i = 0; i < 20000; i++) {
		uint8_t word[PS_TYPO_WORD_MAX], shorter[PS_TYPO_WORD_MAX];
		uint32_t hashes[PS_TYPO_WORD_MAX + 1], own[PS_TYPO_WORD_MAX + 1];
		size_t len = 2 + random_below(&random, PS_TYPO_WORD_MAX - 1);

		for (size_t k = 0; k < len; k++)
			word[k] = (uint8_t)random_next(&random);
		ps_typo_hashes(word, len, hashes);
		for (size_t out = 0; out < len; out++) {
			memcpy(shorter, word, out);
			memcpy(shorter + out, word + out + 1, len - out - 1);
			ps_typo_hashes(shorter, len - 1, own);
			ck_assert_uint_eq(hashes[out + 1], own[0]);
		}
	}
}
END_TEST

START_TEST(mixed_and_unmixed)
{
	struct random random = {3};

	for (int i = 0; i < 100000; i++) {
		uint32_t h = (uint32_t)random_next(&random);

		ck_assert_uint_eq(ps_typo_unmix(ps_typo_mix(h)), h);
	}
}
END_TEST

static const struct {
	const char *word;
	const char *term;
	enum ps_technique technique;
} slips[] = {
    {"inpost", "inpost", PS_TECHNIQUE_NONE},
    {"inpot", "inpost", PS_TECHNIQUE_OMISSION},
    {"npost", "inpost", PS_TECHNIQUE_OMISSION},
    {"inpos", "inpost", PS_TECHNIQUE_OMISSION},
    {"inprost", "inpost", PS_TECHNIQUE_INSERTION},
    {"xinpost", "inpost", PS_TECHNIQUE_ADDITION},
    {"inpostx", "inpost", PS_TECHNIQUE_ADDITION},
    {"inposts", "inpost", PS_TECHNIQUE_PLURAL},
    {"innpost", "inpost", PS_TECHNIQUE_REPETITION},
    {"iinpost", "inpost", PS_TECHNIQUE_REPETITION},
    {"inpostt", "inpost", PS_TECHNIQUE_REPETITION},
    {"ipnost", "inpost", PS_TECHNIQUE_TRANSPOSITION},
    {"inpots", "inpost", PS_TECHNIQUE_TRANSPOSITION},
    {"unpost", "inpost", PS_TECHNIQUE_VOWEL_SWAP},
    {"inpist", "inpost", PS_TECHNIQUE_VOWEL_SWAP},
    {"inqost", "inpost", PS_TECHNIQUE_BIT_FLIP},
    {"inpodt", "inpost", PS_TECHNIQUE_ADJACENT_KEY}, /* d beside s */
    {"onpost", "inpost", PS_TECHNIQUE_VOWEL_SWAP},   /* before the key beside */
    {"inpoxt", "inpost", PS_TECHNIQUE_ADJACENT_KEY}, /* x below s */
    {"pochga", "pochta", PS_TECHNIQUE_ADJACENT_KEY}, /* g below t */
    {"pochza", "pochta", PS_TECHNIQUE_ADJACENT_KEY}, /* z beside t on QWERTZ */
    {"kaposte", "laposte", PS_TECHNIQUE_ADJACENT_KEY},
    {"maposte", "laposte", PS_TECHNIQUE_BIT_FLIP},
    {"laposqe", "laposte", PS_TECHNIQUE_REPLACEMENT},
    {"inpst0", "inpost", PS_TECHNIQUE_NONE},
};

START_TEST(the_kind_of_slip)
{
	const uint8_t *word = (const uint8_t *)slips[_i].word;
	const uint8_t *term = (const uint8_t *)slips[_i].term;
	enum ps_technique technique = ps_typo_classify(
	    word, strlen(slips[_i].word), term, strlen(slips[_i].term));

	ck_assert_msg(technique == slips[_i].technique, "%s: %s, not %s", slips[_i].word,
	    ps_technique_name(technique), ps_technique_name(slips[_i].technique));
}
END_TEST

/* A letter of two octets is two letters here: no read outside, nothing found twice. */
START_TEST(octets_of_utf8)
{
	const uint8_t a[] = {0xd0, 0xbf, 0xd0, 0xbe}, b[] = {0xd0, 0xbf, 0xd0, 0xbb};

	ck_assert_int_ne(ps_typo_classify(a, 4, b, 4), PS_TECHNIQUE_NONE);
	ck_assert_int_eq(ps_typo_classify(a, 2, b, 4), PS_TECHNIQUE_NONE);
}
END_TEST

/* Of what no keyboard has no key is beside another, and no octet of it is a vowel. */
START_TEST(octets_that_are_no_letters)
{
	static const struct {
		uint8_t is, was;
		enum ps_technique technique;
	} cases[] = {{0, 'n', PS_TECHNIQUE_REPLACEMENT}, {'n', 0, PS_TECHNIQUE_REPLACEMENT},
	    {0xbf, 'n', PS_TECHNIQUE_REPLACEMENT}, {'n', 0xbf, PS_TECHNIQUE_REPLACEMENT},
	    {0, 'a', PS_TECHNIQUE_REPLACEMENT}, {'a', 0, PS_TECHNIQUE_REPLACEMENT},
	    {0, '@', PS_TECHNIQUE_BIT_FLIP}, {'n' | 0x80, 'n', PS_TECHNIQUE_BIT_FLIP},
	    {'-', 'n', PS_TECHNIQUE_REPLACEMENT}, {'m', 'n', PS_TECHNIQUE_ADJACENT_KEY},
	    {'9', '0', PS_TECHNIQUE_ADJACENT_KEY}, {'o', '9', PS_TECHNIQUE_ADJACENT_KEY}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t word[] = {'p', cases[i].is, 't'}, term[] = {'p', cases[i].was, 't'};

		ck_assert_msg(ps_typo_classify(word, 3, term, 3) == cases[i].technique, "%zu: %s", i,
		    ps_technique_name(ps_typo_classify(word, 3, term, 3)));
	}
}
END_TEST

/* c for e and d for b, either way, as often as one likes; and no other letter. */
START_TEST(letters_nearly_the_same)
{
	ck_assert(ps_typo_is_blurred((const uint8_t *)"cxprcss", 7, (const uint8_t *)"express", 7));
	ck_assert(ps_typo_is_blurred((const uint8_t *)"dpost", 5, (const uint8_t *)"bpost", 5));
	ck_assert(!ps_typo_is_blurred((const uint8_t *)"oxpross", 7, (const uint8_t *)"express", 7));
	ck_assert(!ps_typo_is_blurred((const uint8_t *)"cxprcs", 6, (const uint8_t *)"express", 7));
	ck_assert(!ps_typo_is_blurred((const uint8_t *)"cxprcss", 7, (const uint8_t *)"expres", 6));
}
END_TEST

/* Two letters e: one spelling; three: all of them and each two; fewer: none. */
START_TEST(blurred_spellings)
{
	static const struct {
		const char *term;
		unsigned count;
		const char *word; /* the first one */
	} cases[] = {{"inpost", 0, NULL}, {"fedex", 1, "fcdcx"}, {"express", 1, "cxprcss"},
	    {"schenkertech", 4, "schcnkcrtcch"}, {"deeeeep", 4, "dcccccp"},
	    {"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", 0, NULL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t words[PS_BLURS_MAX][PS_TYPO_TERM_MAX];
		size_t len = strlen(cases[i].term);
		unsigned count = ps_typo_blur((const uint8_t *)cases[i].term, len, words);

		ck_assert_uint_eq(count, cases[i].count);
		if (count > 0)
			ck_assert_mem_eq(words[0], cases[i].word, len);
		for (unsigned k = 0; k < count; k++)
			ck_assert(ps_typo_is_blurred(
			    words[k], len, (const uint8_t *)cases[i].term, len));
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("typo");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_test(tests, distance_one_and_no_other);
	tcase_add_test(tests, all_small_words);
	tcase_add_test(tests, hashes_of_shorter_words);
	tcase_add_test(tests, mixed_and_unmixed);
	tcase_add_loop_test(tests, the_kind_of_slip, 0, (int)(sizeof(slips) / sizeof(*slips)));
	tcase_add_test(tests, octets_of_utf8);
	tcase_add_test(tests, octets_that_are_no_letters);
	tcase_add_test(tests, letters_nearly_the_same);
	tcase_add_test(tests, blurred_spellings);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
