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

/* Each two octets, at each place of a label, of letters alone and not: where they look like one
 * letter the label says so. */
START_TEST(pairs_are_marked)
{
	for (unsigned pair = 0; pair < 1u << 16; pair++) {
		uint8_t first = ps_ascii_lower((uint8_t)(pair >> 8));
		uint8_t second = ps_ascii_lower((uint8_t)pair);

		for (unsigned at = 0; at < 18; at++) {
			uint8_t wire[] = "\24xxxxxxxxxxxxxxxxxxxx\3top";
			struct ps_text text;

			if (ps_text_pair(first, second) == 0 && at != pair % 18)
				continue;
			wire[1 + at] = first;
			wire[2 + at] = second;
			for (unsigned other = 0; other < 2; other++) {
				ps_text_make(&text, ps_name_trusted(wire, sizeof(wire), 2), 1);
				if (ps_text_pair(first, second) != 0)
					ck_assert(text.label[0].pairs);
				wire[20] = '7';
			}
			if (ps_text_pair(first, second) == 0 && !(first == 'r' && second == 'r'))
				ck_assert(!text.label[0].pairs);
		}
	}
}
END_TEST

/* Letters eight at once are what they are one by one. */
START_TEST(letters_by_eights)
{
	struct random random = {9};

	for (int i = 0; i < 200000; i++) {
		uint8_t wire[1 + 63 + 5] = {0};
		unsigned len = 1 + (unsigned)random_below(&random, 63);
		struct ps_text text;

		wire[0] = (uint8_t)len;
		for (unsigned k = 1; k <= len; k++)
			wire[k] = i % 3 == 0 && random_below(&random, 20) == 0
			    ? ps_ascii_lower((uint8_t)random_next(&random))
			    : (uint8_t)('a' + random_below(&random, 26));
		memcpy(wire + 1 + len, "\3top", 5);
		if (len > 4 && memcmp(wire + 1, "xn--", 4) == 0)
			continue;
		ps_text_make(&text, ps_name_trusted(wire, (uint8_t)(len + 6), 2), 1);
		for (unsigned k = 1, at = 0, gap = 1; k <= len; k++) {
			if (wire[k] == '-') {
				gap = 1;
				continue;
			}
			ck_assert_uint_eq(text.plain[at], wire[k]);
			ck_assert_uint_eq(text.fold[at], ps_fold_octet[wire[k]]);
			ck_assert_uint_eq(text.flags[at],
			    gap | (wire[k] >= '0' && wire[k] <= '9' ? PS_LETTER_DIGIT : 0));
			at++;
			gap = 0;
			ck_assert(k < len || text.label[0].end == at);
		}
	}
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
	tcase_add_test(tests, pairs_are_marked);
	tcase_add_test(tests, letters_by_eights);
	tcase_add_test(tests, too_many_labels);
	tcase_add_test(tests, any_name);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
