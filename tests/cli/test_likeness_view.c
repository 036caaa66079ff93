#include "cli/likeness_view.h"

#include "core/idn.h"
#include "core/utf8.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct sample {
	const char *name; /* as people write it */
	const char *term;
	uint32_t gaps;
	unsigned label;
	const char *expected;
};

/* What stands there is compared as a whole: how the lines look is the point. */
static const struct sample samples[] = {
    {"inpost.top", "inpost", 0, 0, "asked      inpost.top\nprotected  inpost\n"},
    {"track-lnpost.top", "inpost", 0, 0,
        "asked      track-lnpost.top\n"
        "protected        inpost\n"
        "                 ^\n"},
    /* Two for one, one for two. */
    {"royalrnail.com", "royalmail", 0, 0,
        "asked      royalrnail.com\n"
        "protected  royalm ail\n"
        "                ^^\n"},
    {"ceska-posia.top", "ceskaposta", 1u << 5, 0,
        "asked      ceska-posia.top\n"
        "protected  ceska posta\n"
        "                    ^\n"},
    {"comos.com", "cornos", 0, 0,
        "asked      com os.com\n"
        "protected  cornos\n"
        "             ^^\n"},
    {"lapo\xC3\x9F"
     "e.fr",
        "laposse", 0, 0,
        "asked      lapo\xC3\x9F e.fr  (xn--lapoe-oqa.fr)\n"
        "protected  laposse\n"
        "               ^^\n"},
    {"uuups.com", "wups", 0, 0, "asked      uuups.com\nprotected   wups\n            ^\n"},
    {"vvups.com", "wups", 0, 0, "asked      vvups.com\nprotected  w ups\n           ^^\n"},
    /* One more, one less, another, two swapped. */
    {"inpoost.com", "inpost", 0, 0,
        "asked      inpoost.com\n"
        "protected  inp ost\n"
        "              ^\n"},
    {"inpst.com", "inpost", 0, 0,
        "asked      inp st.com\n"
        "protected  inpost\n"
        "              ^\n"},
    {"inpozt.com", "inpost", 0, 0,
        "asked      inpozt.com\n"
        "protected  inpost\n"
        "               ^\n"},
    {"inopst.com", "inpost", 0, 0,
        "asked      inopst.com\n"
        "protected  inpost\n"
        "             ^^\n"},
    /* A hyphen between two words is none; elsewhere it is one. */
    {"royal-mail.com", "royalmail", 1u << 5, 0,
        "asked      royal-mail.com\n"
        "protected  royal mail\n"},
    {"roy-almail.com", "royalmail", 1u << 5, 0,
        "asked      roy-almail.com\n"
        "protected  roy almail\n"
        "              ^\n"},
    /* Digits, and where the label begins. */
    {"a.b.inp0st.top", "inpost", 0, 2,
        "asked      a.b.inp0st.top\n"
        "protected      inpost\n"
        "                  ^\n"},
    {"inpost.inp0st.top", "inpost", 0, 1,
        "asked      inpost.inp0st.top\n"
        "protected         inpost\n"
        "                     ^\n"},
    /* Across dots. */
    {"in.post.top", "inpost", 0, 0,
        "asked      in.post.top\n"
        "protected  in post\n"
        "             ^\n"},
    /* Another script, a letter with a mark above, a mark that combines. */
    {"inp\xD0\xBEst.top", "inpost", 0, 0,
        "asked      inp\xD0\xBEst.top  (xn--inpst-lye.top)\n"
        "protected  inpost\n"
        "              ^\n"},
    {"inp\xC3\xB6st.top", "inpost", 0, 0,
        "asked      inp\xC3\xB6st.top  (xn--inpst-lua.top)\n"
        "protected  inpost\n"
        "              ^\n"},
    {"inpq\xCC\xA3st.top", "inpost", 0, 0,
        "asked      inpq\xCC\xA3st.top  (xn--inpqst-e4d.top)\n"
        "protected  inpost\n"
        "              ^\n"},
    /* Letters that take two cells. */
    {"a\xE6\x97\xA5\xE6\x9C\xAC\xE9\x83\xB5\xE4\xBF\xBF.jp",
        "\xE6\x97\xA5\xE6\x9C\xAC\xE9\x83\xB5\xE4\xBE\xBF", 0, 0,
        "asked      a\xE6\x97\xA5\xE6\x9C\xAC\xE9\x83\xB5\xE4\xBF\xBF.jp  "
        "(xn--a-7h7ar68dnfbf79i.jp)\n"
        "protected   \xE6\x97\xA5\xE6\x9C\xAC\xE9\x83\xB5\xE4\xBE\xBF\n"
        "                  ^^\n"},
    {"\xE6\x97\xA5post.jp", "ipost", 0, 0,
        "asked      \xE6\x97\xA5post.jp  (xn--post-f79h.jp)\n"
        "protected  i post\n"
        "           ^^\n"},
    /* No Punycode stands behind it: it is shown as it is. */
    {"xn--inpost-9.com", "inpost", 0, 0,
        "asked      xn--inpost-9.com\n"
        "protected      inpost\n"},
    /* Octets that are no letters command nothing. */
    {"inp\\027st.com", "inpost", 0, 0,
        "asked      inp\\x1Bst.com\n"
        "protected  inpo   st\n"
        "              ^^^^\n"},
    /* Octets beyond ASCII, and Punycode of what is no character: as numbers. */
    {"inp\\200st.com", "inpost", 0, 0,
        "asked      inp\\xC8st.com\n"
        "protected  inpo   st\n"
        "              ^^^^\n"},
    {"\\204\\128npost.com", "inpost", 0, 0,
        "asked      \\xCC\\x80npost.com\n"
        "protected      i   npost\n"
        "               ^^^^\n"},
    {"xn--inpst-ni4z.com", "inpost", 0, 0,
        "asked      inp\\u{DFFF}st.com  (xn--inpst-ni4z.com)\n"
        "protected  inpo       st\n"
        "              ^^^^^^^^\n"},
    {"xn--a-qc4g.com", "inpost", 0, 0,
        "asked      \\u{D800}a.co m  (xn--a-qc4g.com)\n"
        "protected          inpost\n"
        "                   ^^^ ^^\n"},
    /* Of a sharp s beside another, of an ae. */
    {"la\xC3\x9F\xC3\x9F" "e.fr", "la\xC3\x9F" "e", 0, 0,
        "asked      la\xC3\x9F\xC3\x9F" "e.fr  (xn--lae-6kaa.fr)\n"
        "protected  la \xC3\x9F" "e\n"
        "             ^\n"},
    {"\xC3\xA6st.fr", "aest", 0, 0,
        "asked      \xC3\xA6 st.fr  (xn--st-0ia.fr)\n"
        "protected  aest\n"
        "           ^^\n"},
    {"\xC3\xA6st.fr", "axst", 0, 0,
        "asked       \xC3\xA6st.fr  (xn--st-0ia.fr)\n"
        "protected  axst\n"
        "           ^^\n"},
    /* A long name: its gaps are told of the first 32 letters. */
    {"the-national-postal-service-of-a-land-far-away.com", "thenationalpostalserviceofalandfaraway",
        1u << 3 | 1u << 11 | 1u << 17 | 1u << 24 | 1u << 26 | 1u << 27 | 1u << 31, 0,
        "asked      the-national-postal-service-of-a-land-far-away.com\n"
        "protected  the national postal service of a land far away\n"
        "                                                    ^\n"},
    /* Swapped letters that are the same are no swap; two at the end, two at the beginning. */
    {"inpsot.com", "inpost", 0, 0,
        "asked      inpsot.com\n"
        "protected  inpost\n"
        "              ^^\n"},
    {"nipost.com", "inpost", 0, 0,
        "asked      ni post.com\n"
        "protected   inpost\n"
        "             ^\n"},
    {"inpots.com", "inpost", 0, 0,
        "asked      inpo ts.com\n"
        "protected  inpost\n"
        "               ^\n"},
};

static char *shown(const struct sample *sample, bool color, bool lines)
{
	struct ps_terminal terminal = {.color = color, .lines = lines};
	struct ps_likeness_view view;
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_error err;
	char *text = NULL;
	size_t size = 0;

	ps_error_clear(&err);
	ck_assert_msg(ps_name_from_user(&name, &storage, ps_bytes_of_text(sample->name), &err) ==
	                  PS_OK,
	    "%s: %s", sample->name, err.text);
	terminal.stream = open_memstream(&text, &size);
	ck_assert_ptr_nonnull(terminal.stream);
	ps_likeness_view_make(&view, name, sample->term, sample->gaps, sample->label);
	ps_likeness_view_print(&view, name, "", &terminal);
	ck_assert_int_eq(fclose(terminal.stream), 0);
	return text;
}

START_TEST(names_stand_one_above_the_other)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char *text = shown(&samples[i], false, true);

		ck_assert_str_eq(text, samples[i].expected);
		free(text);
	}
}
END_TEST

START_TEST(what_differs_is_in_colour)
{
	static const struct sample sample = {"track-1npoost.top", "inpost", 0, 0, NULL};
	char *text = shown(&sample, true, true);

	ck_assert_str_eq(text,
	    "asked      track-\033[1;31m1\033[0mnp\033[1;31mo\033[0most.top\n"
	    "protected        \033[1;31mi\033[0mnp\033[1;31m\033[0m ost\n");
	free(text);
}
END_TEST

START_TEST(letters_are_escaped_where_the_locale_has_none)
{
	static const struct sample sample = {"inp\xD0\xBEst.top", "inpost", 0, 0, NULL};
	char *text = shown(&sample, false, false);

	ck_assert_str_eq(text,
	    "asked      inp\\u{43E}st.top  (xn--inpst-lye.top)\n"
	    "protected  inpo      st\n"
	    "              ^^^^^^^\n");
	free(text);
}
END_TEST

/* Any name over any term: every character of both is there once, in its order. */
START_TEST(nothing_is_lost_of_any_name)
{
	static const char letters[] = "inpostrmvwucdl01-.";
	unsigned state = 7;

	for (unsigned round = 0; round < 20000; round++) {
		struct ps_likeness_view view;
		struct ps_name_buffer storage;
		struct ps_name name;
		struct ps_error err;
		char text[64] = "a", term[16] = "";
		unsigned asked, protected = 0;

		for (unsigned i = 0, len = 1 + round % 40; i < len; i++) {
			state = state * 1103515245u + 12345u;
			text[i + 1] = letters[(state >> 16) % (sizeof(letters) - 1)];
			if (text[i + 1] == '.' && text[i] == '.')
				text[i + 1] = 'x';
			text[i + 2] = '\0';
			if (i < 1 + round % 12 && text[i + 1] != '.' && text[i + 1] != '-')
				term[strlen(term)] = text[i + 1];
		}
		ps_error_clear(&err);
		ck_assert_int_eq(
		    ps_name_from_user(&name, &storage, ps_bytes_of_text(text), &err), PS_OK);
		ps_likeness_view_make(
		    &view, name, term[0] == '\0' ? "x" : term, round, round % 3);
		ck_assert_uint_gt(view.cell_count, 0);
		asked = view.cells[0].asked;
		for (unsigned i = 0; i < view.cell_count; i++) {
			ck_assert_uint_eq(view.cells[i].asked, asked);
			ck_assert_uint_eq(view.cells[i].protected, protected);
			asked += view.cells[i].asked_count;
			protected += view.cells[i].protected_count;
		}
		ck_assert_uint_le(asked, view.asked.unit_count);
		ck_assert_uint_eq(protected, view.protected.unit_count);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli.likeness_view");
	TCase *tcase = tcase_create("likeness_view");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, names_stand_one_above_the_other);
	tcase_add_test(tcase, what_differs_is_in_colour);
	tcase_add_test(tcase, letters_are_escaped_where_the_locale_has_none);
	tcase_add_test(tcase, nothing_is_lost_of_any_name);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
