/* Letters as they look, and Punycode. */
#include "lookalike/fold.h"

#include "core/random.h"

#include <check.h>
#include <idn2.h>
#include <stdlib.h>

/* --- letters --------------------------------------------------------------------------- */

static const struct {
	uint32_t c;
	const char *letters;
	bool other_script;
} looks[] = {
    {'a', "a", false}, {'Q', "q", false}, {'-', "-", false}, {'7', "7", false},
    {0xe9, "e", false},     /* e with acute */
    {0xfc, "u", false},     /* u with diaeresis */
    {0x142, "l", false},    /* l with stroke */
    {0x131, "i", false},    /* dotless i */
    {0x17f, "s", false},    /* long s */
    {0x430, "a", true},     /* Cyrillic */
    {0x43e, "o", true},
    {0x440, "p", true},
    {0x455, "s", true},
    {0x3bf, "o", true},     /* Greek */
    {0xff55, "u", false},   /* full width */
    {0xfb03, "ffi", false}, /* a ligature */
    {0x1d4ca, "u", false},  /* mathematical script: common, or Latin */
};

START_TEST(what_letters_look_like)
{
	struct ps_letters it = ps_fold_code_point(looks[_i].c);

	ck_assert_int_eq(it.other_script, looks[_i].other_script);
	ck_assert_msg(it.len == strlen(looks[_i].letters) &&
	        memcmp(it.at, looks[_i].letters, it.len) == 0,
	    "U+%04X: %.*s, not %s", looks[_i].c, it.len, (const char *)it.at, looks[_i].letters);
	ck_assert_int_eq(it.mapped, looks[_i].c >= 0x80);
}
END_TEST

static size_t utf8_len(const struct ps_letters *it)
{
	return it->at[0] >= 0xf0 ? 4 : it->at[0] >= 0xe0 ? 3 : 2;
}

/* Every number: unassigned, surrogates, beyond Unicode. Letters, or one letter in UTF-8. */
START_TEST(every_number)
{
	for (uint32_t c = 0; c < 0x110000 + 5000; c++) {
		struct ps_letters it = ps_fold_code_point(c);

		ck_assert_uint_le(it.len, PS_FOLD_LETTERS_MAX);
		if (c < 0x80) {
			ck_assert_uint_eq(it.len, 1);
			ck_assert(!it.mapped && !it.other_script);
			continue;
		}
		if (it.mapped && (it.len == 0 || it.at[0] < 0x80)) {
			for (unsigned i = 0; i < it.len; i++)
				ck_assert_msg((it.at[i] >= 'a' && it.at[i] <= 'z') ||
				        (it.at[i] >= '0' && it.at[i] <= '9') || it.at[i] == '-',
				    "U+%04X gives octet %u", c, it.at[i]);
		} else {
			ck_assert_uint_eq(it.len, utf8_len(&it));
		}
	}
	(void)ps_fold_code_point(UINT32_MAX);
}
END_TEST

/* What looks alike is one letter; digits that nobody reads as letters stay. */
START_TEST(octets_that_look_alike)
{
	static const char same[][3] = {"i1", "il", "o0", "e3", "a4", "s5", "t7", "b8", "g9"};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
		ck_assert_uint_eq(
		    ps_fold_octet[(uint8_t)same[i][0]], ps_fold_octet[(uint8_t)same[i][1]]);
	ck_assert_uint_ne(ps_fold_octet['2'], ps_fold_octet['6']);
	ck_assert_uint_eq(ps_fold_octet['-'], 0);
	ck_assert_uint_eq(ps_fold_octet['.'], 0);
	ck_assert_uint_eq(ps_fold_octet[0], 0);
	for (unsigned c = 0; c < 256; c++) {
		ck_assert_uint_eq(ps_fold_octet[ps_fold_octet[c]], ps_fold_octet[c]);
		if (c >= 0x80)
			ck_assert_uint_eq(ps_fold_octet[c], c);
		if (c >= 'a' && c <= 'z')
			ck_assert_uint_ne(ps_fold_octet[c], 0);
	}
}
END_TEST

/* --- Punycode ---------------------------------------------------------------------------- */

/* RFC 3492 section 7.1, as names have them: in lower case. */
static const struct {
	const char *text;
	size_t count;
	uint32_t points[40];
} samples[] = {
    {"egbpdaj6bu4bxfgehfvwxn", 17,
        {0x644, 0x64a, 0x647, 0x645, 0x627, 0x628, 0x62a, 0x643, 0x644, 0x645, 0x648, 0x634,
            0x639, 0x631, 0x628, 0x64a, 0x61f}},
    {"ihqwcrb4cv8a8dqg056pqjye", 9,
        {0x4ed6, 0x4eec, 0x4e3a, 0x4ec0, 0x4e48, 0x4e0d, 0x8bf4, 0x4e2d, 0x6587}},
    {"ihqwctvzc91f659drss3x8bo0yb", 9,
        {0x4ed6, 0x5011, 0x7232, 0x4ec0, 0x9ebd, 0x4e0d, 0x8aaa, 0x4e2d, 0x6587}},
    {"proprostnemluvesky-uyb24dma41a", 22,
        {'p', 'r', 'o', 0x10d, 'p', 'r', 'o', 's', 't', 0x11b, 'n', 'e', 'm', 'l', 'u', 'v', 0xed,
            0x10d, 'e', 's', 'k', 'y'}},
    {"4dbcagdahymbxekheh6e0a7fei0b", 22,
        {0x5dc, 0x5de, 0x5d4, 0x5d4, 0x5dd, 0x5e4, 0x5e9, 0x5d5, 0x5d8, 0x5dc, 0x5d0, 0x5de,
            0x5d3, 0x5d1, 0x5e8, 0x5d9, 0x5dd, 0x5e2, 0x5d1, 0x5e8, 0x5d9, 0x5ea}},
    {"i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd", 30,
        {0x92f, 0x939, 0x932, 0x94b, 0x917, 0x939, 0x93f, 0x928, 0x94d, 0x926, 0x940, 0x915,
            0x94d, 0x92f, 0x94b, 0x902, 0x928, 0x939, 0x940, 0x902, 0x92c, 0x94b, 0x932, 0x938,
            0x915, 0x924, 0x947, 0x939, 0x948, 0x902}},
    {"n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa", 18,
        {0x306a, 0x305c, 0x307f, 0x3093, 0x306a, 0x65e5, 0x672c, 0x8a9e, 0x3092, 0x8a71, 0x3057,
            0x3066, 0x304f, 0x308c, 0x306a, 0x3044, 0x306e, 0x304b}},
    {"b1abfaaepdrnnbgefbadotcwatmq2g4l", 28,
        {0x43f, 0x43e, 0x447, 0x435, 0x43c, 0x443, 0x436, 0x435, 0x43e, 0x43d, 0x438, 0x43d,
            0x435, 0x433, 0x43e, 0x432, 0x43e, 0x440, 0x44f, 0x442, 0x43f, 0x43e, 0x440, 0x443,
            0x441, 0x441, 0x43a, 0x438}},
    {"porqunopuedensimplementehablarenespaol-fmd56a", 40,
        {'p', 'o', 'r', 'q', 'u', 0xe9, 'n', 'o', 'p', 'u', 'e', 'd', 'e', 'n', 's', 'i', 'm', 'p',
            'l', 'e', 'm', 'e', 'n', 't', 'e', 'h', 'a', 'b', 'l', 'a', 'r', 'e', 'n', 'e', 's',
            'p', 'a', 0xf1, 'o', 'l'}},
    {"3b-ww4c5e180e575a65lsy2b", 8,
        {'3', 0x5e74, 'b', 0x7d44, 0x91d1, 0x516b, 0x5148, 0x751f}},
    {"d9juau41awczczp", 7, {0x305d, 0x306e, 0x30b9, 0x30d4, 0x30fc, 0x30c9, 0x3067}},
    {"de-jg4avhby1noc0d", 9,
        {0x30d1, 0x30d5, 0x30a3, 0x30fc, 'd', 'e', 0x30eb, 0x30f3, 0x30d0}},
    {"-> $1.00 <--", 11, {'-', '>', ' ', '$', '1', '.', '0', '0', ' ', '<', '-'}},
};

START_TEST(the_rfcs_samples)
{
	uint32_t points[PS_FOLD_LETTERS_MAX + 63];
	size_t count = 0;

	ck_assert(ps_punycode_decode(ps_bytes_of_text(samples[_i].text), points, 63, &count));
	ck_assert_uint_eq(count, samples[_i].count);
	ck_assert_mem_eq(points, samples[_i].points, count * sizeof(*points));
}
END_TEST

/* Section 6.3, written anew and slowly. */
static size_t encode(const uint32_t *in, size_t count, char *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint64_t n = 128, delta = 0, bias = 72;
	size_t len = 0, basic, handled;

	for (size_t i = 0; i < count; i++)
		if (in[i] < 0x80)
			out[len++] = (char)in[i];
	basic = handled = len;
	if (basic > 0)
		out[len++] = '-';
	while (handled < count) {
		uint64_t next = UINT32_MAX;

		for (size_t i = 0; i < count; i++)
			if (in[i] >= n && in[i] < next)
				next = in[i];
		delta += (next - n) * (handled + 1);
		n = next;
		for (size_t i = 0; i < count; i++) {
			uint64_t q = delta;

			delta += in[i] < n;
			if (in[i] != n)
				continue;
			q = delta;
			for (uint64_t k = 36;; k += 36) {
				uint64_t t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;

				if (q < t)
					break;
				out[len++] = digits[t + (q - t) % (36 - t)];
				q = (q - t) / (36 - t);
			}
			out[len++] = digits[q];
			delta = handled == basic ? delta / 700 : delta / 2;
			delta += delta / (handled + 1);
			for (bias = 0; delta > 455; bias += 36)
				delta /= 35;
			bias += 36 * delta / (delta + 38);
			delta = 0;
			handled++;
		}
		delta++;
		n++;
	}
	return len;
}

static uint32_t random_point(struct random *random)
{
	static const uint32_t below[] = {0x80, 0x250, 0x3000, 0xd800, 0x110000};
	uint32_t c = (uint32_t)random_below(random, below[random_below(random, 5)]);

	return c == '-' ? 'x' : c;
}

START_TEST(round_trip)
{
	struct random random = {3};

	for (int i = 0; i < 50000; i++) {
		uint32_t in[20], out[63];
		size_t count = 1 + random_below(&random, 20), found = 0;
		char text[400];
		size_t len;

		for (size_t k = 0; k < count; k++)
			in[k] = random_point(&random);
		len = encode(in, count, text);
		ck_assert(ps_punycode_decode(ps_bytes_of(text, len), out, 63, &found));
		ck_assert_uint_eq(found, count);
		ck_assert_mem_eq(in, out, count * sizeof(*in));
		/* Room for one less is too little. */
		ck_assert(!ps_punycode_decode(ps_bytes_of(text, len), out, count - 1, &found));
	}
}
END_TEST

/* Every A-label that libidn2 can read means the same here. */
START_TEST(as_libidn2_reads_it)
{
	struct random random = {4};
	unsigned read = 0;

	for (int i = 0; i < 60000; i++) {
		char text[40] = "xn--";
		size_t len = 4 + 1 + random_below(&random, 9), count;
		uint32_t points[63], *theirs = NULL;

		for (size_t k = 4; k < len; k++)
			text[k] = "abcdefghijklmnopqrstuvwxyz0123456789-"[random_below(&random, 37)];
		text[len] = '\0';
		if (idn2_to_unicode_8z4z(text, &theirs, 0) != IDN2_OK)
			continue;
		read++;
		ck_assert_msg(ps_punycode_decode(ps_bytes_of(text + 4, len - 4), points, 63, &count),
		    "%s", text);
		for (size_t k = 0; k < count; k++)
			ck_assert_uint_eq(points[k], theirs[k]);
		ck_assert_uint_eq(theirs[count], 0);
		idn2_free(theirs);
	}
	ck_assert_uint_gt(read, 100);
}
END_TEST

static const char *const malformed[] = {
    "", "-", "-a", "abc-!", "abc-A", "a-9999999999", "99999999", "a\x80-b",
    "\xff", "abc-d_", "ls8h=", "a-b-c.d",
};

START_TEST(no_punycode)
{
	uint32_t points[63];
	size_t count;

	ck_assert_msg(
	    !ps_punycode_decode(ps_bytes_of_text(malformed[_i]), points, 63, &count), "%s",
	    malformed[_i]);
}
END_TEST

/* Any octets at all: within max, no read outside, the same twice. */
START_TEST(any_octets)
{
	struct random random = {5};

	for (int i = 0; i < 300000; i++) {
		size_t len = random_below(&random, 60), counts[2] = {0, 0};
		uint8_t *text = malloc(len + 1);
		uint32_t points[2][63];
		bool first;

		for (size_t k = 0; k < len; k++)
			text[k] = i % 2 ? (uint8_t)random_next(&random)
			                : (uint8_t)"abyz019-"[random_below(&random, 8)];
		text = realloc(text, len == 0 ? 1 : len);
		first = ps_punycode_decode(ps_bytes_of(text, len), points[0], 63, &counts[0]);
		ck_assert_int_eq(
		    first, ps_punycode_decode(ps_bytes_of(text, len), points[1], 63, &counts[1]));
		if (first) {
			ck_assert_uint_le(counts[0], 63);
			ck_assert_uint_eq(counts[0], counts[1]);
			ck_assert_mem_eq(points[0], points[1], counts[0] * 4);
			for (size_t k = 0; k < counts[0]; k++)
				ck_assert_uint_le(points[0][k], 0x10ffff);
		}
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("fold");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_loop_test(
	    tests, what_letters_look_like, 0, (int)(sizeof(looks) / sizeof(*looks)));
	tcase_add_test(tests, every_number);
	tcase_add_test(tests, octets_that_look_alike);
	tcase_add_loop_test(tests, the_rfcs_samples, 0, (int)(sizeof(samples) / sizeof(*samples)));
	tcase_add_test(tests, round_trip);
	tcase_add_test(tests, as_libidn2_reads_it);
	tcase_add_loop_test(tests, no_punycode, 0, (int)(sizeof(malformed) / sizeof(*malformed)));
	tcase_add_test(tests, any_octets);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
