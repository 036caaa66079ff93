#include "core/utf8.h"

#include <check.h>

/* RFC 3629 by the book, slowly: the length of the character at the beginning, 0 for none. */
static size_t model(struct ps_bytes text, uint32_t *character)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = 0;

	if (text.ptr[0] < 0x80)
		len = 1;
	for (size_t i = 2; i <= 4; i++)
		if ((text.ptr[0] >> (7 - i)) == (uint8_t)((1u << (i + 1)) - 2))
			len = i;
	if (len == 0 || len > text.len)
		return 0;
	*character = len == 1 ? text.ptr[0] : text.ptr[0] & ((1u << (7 - len)) - 1);
	for (size_t i = 1; i < len; i++) {
		if (text.ptr[i] < 0x80 || text.ptr[i] > 0xbf)
			return 0;
		*character = *character * 64 + (text.ptr[i] - 0x80u);
	}
	if (*character < least[len] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character < 0xe000))
		return 0;
	return len;
}

static void compare(const uint8_t *octets, size_t len)
{
	struct ps_bytes text = ps_bytes_of(octets, len);
	uint32_t expected = 0;
	uint32_t got = 0;
	size_t pos = 0;
	size_t expected_len = model(text, &expected);
	bool valid = ps_utf8_next(text, &pos, &got);

	/* Asked 2 million times, and ck_assert is slow. */
	if (valid != (expected_len > 0) || pos != (expected_len > 0 ? expected_len : 1) ||
	    got != (expected_len > 0 ? expected : octets[0]))
		ck_abort_msg("%02x %02x..., %zu octets: %d, %zu, U+%04X", octets[0],
		    len > 1 ? octets[1] : 0u, len, valid, pos, got);
}

START_TEST(reading_agrees_with_the_model)
{
	static const uint8_t later[] = {0x41, 0x80, 0xbf, 0xc0};

	for (unsigned ab = 0; ab < 65536; ab++)
		for (unsigned cd = 0; cd < 16; cd++) {
			uint8_t octets[] = {
			    (uint8_t)(ab >> 8), (uint8_t)ab, later[cd / 4], later[cd % 4]};

			for (size_t len = 1; len <= 4; len++)
				compare(octets, len);
		}
}
END_TEST

static void check_shown(const char *text, const char *expected, unsigned cells)
{
	char out[64];
	size_t used = 0;
	size_t pos = 0;
	unsigned got = 0;

	while (pos < strlen(text)) {
		uint32_t character;
		bool valid = ps_utf8_next(ps_bytes_of_text(text), &pos, &character);

		used += ps_character_show(character, valid, out + used, &got);
	}
	out[used] = '\0';
	ck_assert_str_eq(out, expected);
	ck_assert_uint_eq(got, cells);
}

START_TEST(nothing_shown_commands_a_terminal)
{
	check_shown("plain", "plain", 5);
	check_shown("\r\n\t", "\\x0D\\x0A\\x09", 12);
	check_shown("\xef\xbf\xbe\xef\xbf\xbd", "\\u{FFFE}\xef\xbf\xbd", 9);
	check_shown("\xf4\x8f\xbf\xbf", "\\u{10FFFF}", 10);
	check_shown("\xc3\xa4", "\xc3\xa4", 1);
	check_shown("\xe9\x83\xb5\xe4\xbe\xbf", "\xe9\x83\xb5\xe4\xbe\xbf", 4); /* wide */
	check_shown("e\xcc\x81", "e\xcc\x81", 1);                       /* combining */
	check_shown("\x1b[2J", "\\x1B[2J", 7);
	check_shown("\xc2\x9b", "\\u{9B}", 6);              /* C1: CSI in one character */
	check_shown("\xe2\x80\xae", "\\u{202E}", 8);        /* right-to-left override */
	check_shown("\xff\xc3", "\\xFF\\xC3", 8);
	check_shown("\xf3\xa0\x81\x81", "\\u{E0041}", 9); /* an invisible tag */
	check_shown("\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd", 1);
}
END_TEST

START_TEST(a_cut_splits_no_character)
{
	struct ps_bytes text = ps_bytes_of_text("ab\xc3\xa4\xe9\x83\xb5");
	static const size_t expected[] = {0, 1, 2, 2, 4, 4, 4, 7, 7};

	for (size_t max = 0; max < sizeof(expected) / sizeof(expected[0]); max++)
		ck_assert_uint_eq(ps_utf8_cut(text, max), expected[max]);
}
END_TEST

static bool is_text(const char *text)
{
	return ps_utf8_is_text(ps_bytes_of_text(text));
}

START_TEST(well_formed_text_is_text)
{
	ck_assert(is_text(""));
	ck_assert(is_text("plain \x01\x7f"));
	ck_assert(is_text("\xc2\x80 \xdf\xbf"));
	ck_assert(is_text("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
	ck_assert(is_text("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}
END_TEST

START_TEST(anything_else_is_not)
{
	static const char *const cases[] = {
	    "\x80", "\xbf", "\xc0\x80", "\xc1\xbf",           /* stray, overlong */
	    "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",               /* overlong */
	    "\xed\xa0\x80", "\xed\xbf\xbf",                   /* surrogates */
	    "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",   /* above U+10FFFF */
	    "\xc2", "\xe2\x82", "\xf0\x90\x80", "\xc2" "a",   /* cut off */
	    "\xe2\x82" "a", "\xf0\x90\x80" "a", "\xe2\x28\xa1",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(!is_text(cases[i]), "case %zu", i);
	ck_assert(!ps_utf8_is_text(ps_bytes_of("a\0b", 3)));
	ck_assert(!ps_utf8_is_text(ps_bytes_of("\0", 1)));
}
END_TEST

/* Slow and obvious: decodes, and encodes again in the only way there is. */
static bool model_is_character(const uint8_t *p, size_t len)
{
	uint32_t code = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	size_t want;

	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0u) != 0x80)
			return false;
		code = code << 6 | (p[i] & 0x3fu);
	}
	want = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	if (len > 1 && (uint8_t)(p[0] >> (7 - len)) != (uint8_t)((0xffu << 1) & (0xffu >> (7 - len))))
		return false;
	return want == len && code != 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
}

START_TEST(every_sequence_of_two_and_three_octets_agrees_with_the_model)
{
	unsigned wrong = 0, good = 0;

	for (unsigned first = 0x80; first < 0x100; first++) {
		for (unsigned rest = 0; rest < 0x10000; rest++) {
			uint8_t p[3] = {(uint8_t)first, (uint8_t)(rest >> 8), (uint8_t)rest};
			/* A character of three, or of two and then one of one. */
			bool want = model_is_character(p, 3) ||
			            (model_is_character(p, 2) && p[2] < 0x80 && p[2] != 0);

			wrong += ps_utf8_is_text(ps_bytes_of(p, 3)) != want;
			good += want;
		}
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_eq(good, 0x10000 - 0x800 - 0x800 + (0x800 - 0x80) * 0x7f);
}
END_TEST

START_TEST(every_octet_is_seen_wherever_it_stands)
{
	unsigned wrong = 0;

	for (size_t len = 1; len <= 20; len++) {
		for (size_t at = 0; at < len; at++) {
			for (unsigned octet = 0; octet < 256; octet++) {
				uint8_t text[20];

				memset(text, 'a', sizeof(text));
				text[at] = (uint8_t)octet;
				wrong += ps_utf8_is_text(ps_bytes_of(text, len)) !=
				         (octet > 0 && octet < 0x80);
			}
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.utf8");
	TCase *tcase = tcase_create("utf8");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, reading_agrees_with_the_model);
	tcase_add_test(tcase, nothing_shown_commands_a_terminal);
	tcase_add_test(tcase, a_cut_splits_no_character);
	tcase_add_test(tcase, well_formed_text_is_text);
	tcase_add_test(tcase, anything_else_is_not);
	tcase_add_test(tcase, every_octet_is_seen_wherever_it_stands);
	tcase_add_test(tcase, every_sequence_of_two_and_three_octets_agrees_with_the_model);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
