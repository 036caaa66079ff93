#include "policy/utf8.h"

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
	check_shown("\xc3\xa4", "\xc3\xa4", 1);
	check_shown("\xe9\x83\xb5\xe4\xbe\xbf", "\xe9\x83\xb5\xe4\xbe\xbf", 4); /* wide */
	check_shown("e\xcc\x81", "e\xcc\x81", 1);                       /* combining */
	check_shown("\x1b[2J", "\\x1B[2J", 7);
	check_shown("\xc2\x9b", "\\u{9B}", 6);              /* C1: CSI in one character */
	check_shown("\xe2\x80\xae", "\\u{202E}", 8);        /* right-to-left override */
	check_shown("\xff\xc3", "\\xFF\\xC3", 8);
	check_shown("\xf3\xa0\x81\x81", "\\u{E0041}", 9); /* an invisible tag */
	check_shown("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", 1);
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

int main(void)
{
	Suite *suite = suite_create("policy.utf8");
	TCase *tcase = tcase_create("utf8");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, reading_agrees_with_the_model);
	tcase_add_test(tcase, nothing_shown_commands_a_terminal);
	tcase_add_test(tcase, a_cut_splits_no_character);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
