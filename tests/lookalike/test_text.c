/* Names as letters. */
#include "lookalike/text.h"

#include "core/random.h"
#include "lookalike/sample.h"

#include <check.h>
#include <stdlib.h>

/* The text in a line: a label's letters, '|' before a gap within, '.' behind each label. */
static const char *line_of(const struct ps_text *text)
{
	static char out[3 * (PS_TEXT_MAX + PS_TEXT_LABELS_MAX)];
	size_t len = 0;

	for (unsigned i = 0; i < text->labels; i++) {
		for (unsigned at = text->label[i].first; at < text->label[i].end; at++) {
			if (at > text->label[i].first && (text->flags[at] & PS_LETTER_GAP))
				out[len++] = '|';
			out[len++] = (char)text->plain[at];
		}
		out[len++] = '.';
	}
	out[len] = '\0';
	return out;
}

static const struct {
	const char *name;
	unsigned suffix;
	const char *line;
} names[] = {
    {"usps.top", 1, "usps."},
    {"us-ps.a-.-b.co.uk", 2, "us|ps.a.b."},
    {"a--b.top", 1, "a|b."},
    {"---.top", 1, "."},
    {"usps1-2.top", 1, "usps1|2."},
    {"xn--bcher-kva.top", 1, "bucher."},
    {"xn--80a1acny.com", 1, "no4ta."},
    {"xn--55qx5d.com", 1, "\xe5\x85\xac\xe5\x8f\xb8."},
    {"xn--zz--zz.top", 1, "xn|zz|zz."}, /* no Punycode: letters as they stand */
    {"xn--.top", 1, "xn."},
    {"xn--a.top", 1, "\xc2\x80."}, /* a control character */
    {"xn--0.top", 1, "xn|0."},
    {"top", 1, ""},
    {"a.b", 9, ""},
};

START_TEST(names_as_letters)
{
	struct ps_name_buffer storage;
	struct ps_text text;

	ps_text_make(&text, lookalike_name(names[_i].name, &storage), names[_i].suffix);
	ck_assert_str_eq(line_of(&text), names[_i].line);
}
END_TEST

START_TEST(what_is_said_of_labels)
{
	struct ps_name_buffer storage;
	struct ps_text text;

	/* Cyrillic throughout; Cyrillic in Latin; Latin with diacritics; broken. */
	ps_text_make(&text,
	    lookalike_name("xn--80a1acny.xn--usps-43d.xn--bcher-kva.xn--zz--zz.a-1-2.top", &storage),
	    1);
	ck_assert_uint_eq(text.labels, 5);
	ck_assert(text.label[0].whole && !text.label[0].mixed && !text.label[0].broken);
	ck_assert(!text.label[1].whole && text.label[1].mixed);
	ck_assert(!text.label[2].whole && !text.label[2].mixed);
	ck_assert(text.label[3].broken);
	ck_assert_uint_eq(text.label[4].hyphens, 2);
	ck_assert_uint_eq(text.label[4].digits, 2);
	ck_assert(text.flags[text.label[0].first] & PS_LETTER_FOREIGN);
	ck_assert(text.flags[text.label[4].end - 1] & PS_LETTER_DIGIT);
}
END_TEST

/* The labels that are nearest to the suffix are looked at. */
START_TEST(too_many_labels)
{
	struct ps_name_buffer storage;
	struct ps_text text;
	char name[300] = "";

	for (int i = 0; i < 100; i++)
		(void)strcat(name, i < 70 ? "x." : "y.");
	(void)strcat(name, "top");
	ps_text_make(&text, lookalike_name(name, &storage), 1);
	ck_assert_uint_eq(text.labels, PS_TEXT_LABELS_MAX);
	ck_assert_uint_eq(text.skipped, 100 - PS_TEXT_LABELS_MAX);
	for (unsigned i = 0; i < text.labels; i++)
		ck_assert_uint_eq(text.plain[text.label[i].first], 'y');
}
END_TEST

static void check_shape(const struct ps_text *text)
{
	unsigned at = 0;

	ck_assert_uint_le(text->labels, PS_TEXT_LABELS_MAX);
	for (unsigned i = 0; i < text->labels; i++) {
		const struct ps_text_label *label = &text->label[i];

		ck_assert_uint_eq(label->first, at);
		ck_assert_uint_ge(label->end, label->first);
		ck_assert_uint_le(label->end - label->first, UINT8_MAX);
		if (label->end > label->first)
			ck_assert(text->flags[label->first] & PS_LETTER_GAP);
		for (at = label->first; at < label->end; at++)
			if (text->fold[at] != ps_fold_octet[text->plain[at]])
				ck_abort_msg("letter %u is folded otherwise", at);
		ck_assert_uint_eq(text->fold[at], 0);
		ck_assert_uint_eq(text->plain[at], 0);
		ck_assert(text->flags[at++] & PS_LETTER_GAP);
	}
	ck_assert_uint_eq(text->count, at);
	ck_assert_uint_le(text->count, PS_TEXT_MAX + PS_TEXT_LABELS_MAX);
}

/* Any wire name, IDN-like labels among them; the text in a block of its own, for ASan. */
START_TEST(any_name)
{
	struct random random = {6};

	for (int i = 0; i < 20000; i++) {
		uint8_t wire[PS_NAME_WIRE_MAX];
		struct ps_name_buffer storage;
		struct ps_name name;
		struct ps_text *text = malloc(sizeof(*text));
		size_t len = random_wire(&random, 127, wire);

		for (size_t at = 0; wire[at] != 0 && i % 2 == 0; at += wire[at] + 1u) {
			if (wire[at] < 6)
				continue;
			memcpy(wire + at + 1, "xn--", 4);
			for (size_t k = 5; k <= wire[at]; k++)
				wire[at + k] = (uint8_t)"abcdefghijklmnopqrstuvwxyz0123456789-"
				    [random_below(&random, i % 4 == 0 ? 37 : 12)];
		}
		ck_assert_int_eq(
		    ps_name_from_wire(&name, &storage, ps_bytes_of(wire, len), NULL), PS_OK);
		ps_text_make(text, name, (unsigned)random_below(&random, 4));
		check_shape(text);
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("text");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_loop_test(tests, names_as_letters, 0, (int)(sizeof(names) / sizeof(*names)));
	tcase_add_test(tests, what_is_said_of_labels);
	tcase_add_test(tests, too_many_labels);
	tcase_add_test(tests, any_name);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
