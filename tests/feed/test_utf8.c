#include "feed/utf8.h"

#include "feed/collect.h"

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
	const TTest *const tests[] = {
	    well_formed_text_is_text,
	    anything_else_is_not,
	    every_octet_is_seen_wherever_it_stands,
	    every_sequence_of_two_and_three_octets_agrees_with_the_model,
	};

	return RUN_TESTS("feed.utf8", tests);
}
