/* Good files with a few octets changed, lost, doubled or moved: never a crash, and either
 * something is said or the plan keeps its promises. */
#include "policy/loaded.h"
#include "policy/plan_valid.h"

#include "core/file.h"
#include "core/random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS 4000

static struct random numbers = {42};

static const char *const pieces[] = {"{", "}", "[", "]", ":", ": ", "- ", ",", "\n", "\n  ", "'",
    "\"", "*", "&a ", "!", "|", ">", "#", "\t", "\\", "\xc3\xa4", "\x80", "\x00", "..",
    "a.example", "any", "everything", "is: ", "under: ", "- id: x\n", "~", "<<", "? ", "---\n",
    "%", "@", "`", "1", "-1", "\xe2\x80\xae"};

static size_t mutate_once(char *text, size_t len, size_t max)
{
	size_t at = random_below(&numbers, len + 1);
	size_t count = random_below(&numbers, 12);
	const char *piece = pieces[random_below(&numbers, sizeof(pieces) / sizeof(pieces[0]))];
	size_t piece_len = strlen(piece) > 0 ? strlen(piece) : 1;

	switch (random_below(&numbers, 4)) {
	case 0: /* change an octet */
		if (at < len)
			text[at] = (char)random_next(&numbers);
		return len;
	case 1: /* lose some */
		count = count < len - at ? count : len - at;
		memmove(text + at, text + at + count, len - at - count);
		return len - count;
	case 2: /* put something in */
		if (len + piece_len > max)
			return len;
		memmove(text + at + piece_len, text + at, len - at);
		memcpy(text + at, piece, piece_len);
		return len + piece_len;
	default: /* repeat some */
		count = count < len - at ? count : len - at;
		if (len + count > max)
			return len;
		memmove(text + at + count, text + at, len - at);
		return len + count;
	}
}

static void check_mutated(struct ps_bytes good)
{
	size_t max = good.len + 256;
	char *text = malloc(max);
	size_t len = good.len;
	struct loaded loaded;
	char *exact;

	ck_assert_ptr_nonnull(text);
	memcpy(text, good.ptr, good.len);
	for (size_t i = random_below(&numbers, 6) + 1; i > 0; i--)
		len = mutate_once(text, len, max);
	/* Exactly as large as the text, so that ASan sees one octet too many. */
	exact = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, text, len);
	loaded = loaded_text("mutated.yaml", ps_bytes_of(exact, len));
	ck_assert(loaded.status == PS_OK || loaded.status == PS_INVALID);
	if (loaded.status == PS_OK)
		ck_assert_pstr_eq(plan_fault(ps_policy_plan(loaded.policy)), NULL);
	free(loaded_said(&loaded, PS_DIAGNOSTIC_COLOR));
	loaded_clear(&loaded);
	free(exact);
	free(text);
}

START_TEST(no_change_breaks_the_reader)
{
	static const char *const files[] = {"good/everything.yaml", "good/answers.yaml",
	    "good/conditions.yaml", "good/feeds.yaml", "good/lists.yaml", "good/crlf-bom.yaml", "good/brands.yaml",
	    "bad/all-at-once.yaml", "bad/unreachable.yaml"};

	ck_assert_int_eq(chdir(PS_TEST_DATA), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct ps_buffer text;

		ps_buffer_init(&text, 1 << 20);
		ck_assert_int_eq(ps_file_read(files[i], &text, NULL), PS_OK);
		for (unsigned round = 0; round < ROUNDS / 9; round++)
			check_mutated(ps_buffer_bytes(&text));
		ps_buffer_clear(&text);
	}
}
END_TEST

/* Cut anywhere: a file that is still being written. */
START_TEST(no_beginning_breaks_the_reader)
{
	struct ps_buffer text;

	ps_buffer_init(&text, 1 << 20);
	ck_assert_int_eq(ps_file_read(PS_TEST_DATA "/good/everything.yaml", &text, NULL), PS_OK);
	for (size_t len = 0; len <= text.len; len++) {
		struct loaded loaded = loaded_text("cut.yaml", ps_bytes_of(text.data, len));

		ck_assert(loaded.status == PS_OK || loaded.status == PS_INVALID);
		if (loaded.status == PS_OK)
			ck_assert_pstr_eq(plan_fault(ps_policy_plan(loaded.policy)), NULL);
		loaded_clear(&loaded);
	}
	ps_buffer_clear(&text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.mutation");
	TCase *tcase = tcase_create("mutation");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, no_change_breaks_the_reader);
	tcase_add_test(tcase, no_beginning_breaks_the_reader);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
