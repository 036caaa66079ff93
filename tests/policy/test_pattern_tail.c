#include "policy/pattern_tail.h"

#include "policy/pattern_options.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <check.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

/* Of a tail longer than any name, what fits is told: its end. */
START_TEST(a_long_tail_is_told_in_part)
{
	char pattern[PS_PATTERN_TAIL_MAX + 12] = "", tail[PS_PATTERN_TAIL_MAX];

	for (size_t i = 0; i < PS_PATTERN_TAIL_MAX + 10; i++)
		pattern[i] = (char)('a' + i % 26);
	pattern[PS_PATTERN_TAIL_MAX + 10] = '$';
	ck_assert_uint_eq(ps_pattern_tail(ps_bytes_of_text(pattern), tail), sizeof(tail));
	ck_assert_mem_eq(tail, pattern + 10, sizeof(tail));
}
END_TEST

START_TEST(what_is_plain_is_told)
{
	static const struct {
		const char *pattern;
		const char *tail;
	} samples[] = {{"\\.top$", ".top"}, {"parcel.*\\.top$", ".top"},
	    {"^x\\.example$", "x.example"}, {"(a|b)c$", "c"}, {"[a-z$]post$", "post"},
	    {"a{2}top$", "top"}, {"\\dtop$", "top"}, {"(?:a|b)-x$", "-x"}, {"x?_y\\-z$", "_y-z"},
	    {"[]|]a$", "a"}, {"[^]|]a$", "a"}, {"\\\\top$", "top"}, {"(?=x)y$", "y"},
	    /* No end, another end, or nothing plain before it. */
	    {"", ""}, {"$", ""}, {"top", ""}, {"top\\$", ""}, {"top.$", ""}, {"top+$", ""},
	    {"a|top$", ""}, {"top$|a$", ""}, {"top$$", ""}, {"[a]$", ""}, {"to(p)$", ""},
	    /* Options and escapes that take what follows with them. */
	    {"(?x)t op$", ""}, {"(?i)top$", ""}, {"\\Qa|b\\Etop$", ""}, {"\\x41$", ""},
	    {"\\x4f2$", ""}, {"(a)\\1$", ""}, {"(a)\\12$", ""}, {"\\cA$", ""}, {"\\p{L}x$", "x"},
	    {"a\\\\\\.b$", ".b"}, {"a\\Eb$", ""}, {"(*UTF)top$", ""}, {"(?#x|y)top$", ""},
	    {"(?^)top$", ""}, {"(?-i)top$", ""}, {"(?<n>a)top$", "top"}, {"(?", ""}, {"(?$", ""},
	    {"[$", ""}, {"[^$", ""}, {"x\\_y$", "x_y"}, {"a\\:b$", "b"}, {"(a))b$", "b"}};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char tail[PS_PATTERN_TAIL_MAX];
		size_t len = ps_pattern_tail(ps_bytes_of_text(samples[i].pattern), tail);

		ck_assert_msg(len == strlen(samples[i].tail) &&
		                  memcmp(tail, samples[i].tail, len) == 0,
		    "%s: '%.*s'", samples[i].pattern, (int)len, tail);
	}
}
END_TEST

static unsigned state = 11;

static unsigned any(unsigned count)
{
	state = state * 1103515245u + 12345u;
	return (state >> 16) % count;
}

/* PCRE2 is the model: what a pattern matches does end so. */
START_TEST(what_matches_ends_so)
{
	static const char *const pieces[] = {"a", "b", "\\.", ".", "a*", "b?", "[ab]", "[^a.]",
	    "(a|b)", "(?:ab)+", "\\d", "\\w", "\\b", "|", "^", "$", "-", "\\-", "\\x61", "1", "\\1",
	    "(a)", "{2}", "(?=a)", "\\Qa\\E", "(?x) ", "\\N", "\\R", "\\K"};
	static const char letters[] = "aab.-1b";
	unsigned told = 0, matched = 0;

	for (unsigned round = 0; round < 60000; round++) {
		char pattern[128] = "", tail[PS_PATTERN_TAIL_MAX];
		pcre2_code *code;
		pcre2_match_data *data;
		PCRE2_SIZE offset;
		size_t len;
		int error;

		for (unsigned i = 0, count = 1 + any(6); i < count; i++)
			strcat(pattern, pieces[any(sizeof(pieces) / sizeof(pieces[0]))]);
		strcat(pattern, "$");
		code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
		    PS_PATTERN_COMPILE_OPTIONS, &error, &offset, NULL);
		len = ps_pattern_tail(ps_bytes_of_text(pattern), tail);
		if (code == NULL || len == 0) {
			pcre2_code_free(code);
			continue;
		}
		told++;
		data = pcre2_match_data_create(1, NULL);
		for (unsigned n = 0; n < 40; n++) {
			char name[16] = "";
			size_t size = any(8);

			for (size_t i = 0; i < size; i++)
				name[i] = letters[any(sizeof(letters) - 1)];
			if (pcre2_match(code, (PCRE2_SPTR)name, size, 0, 0, data, NULL) < 0)
				continue;
			matched++;
			ck_assert_msg(size >= len && memcmp(name + size - len, tail, len) == 0,
			    "%s matches %s, which does not end in %.*s", pattern, name,
			    (int)len, tail);
		}
		pcre2_match_data_free(data);
		pcre2_code_free(code);
	}
	ck_assert_uint_gt(told, 2000);
	ck_assert_uint_gt(matched, 2000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.pattern_tail");
	TCase *tcase = tcase_create("pattern_tail");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, what_is_plain_is_told);
	tcase_add_test(tcase, a_long_tail_is_told_in_part);
	tcase_add_test(tcase, what_matches_ends_so);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
