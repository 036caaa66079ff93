#include "policy/yaml_tree.h"

#include "policy/loaded.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct ps_arena arena;
static struct ps_diagnostics *diagnostics;
static struct ps_source source;

static struct ps_yaml_node *read_text(struct ps_bytes text)
{
	struct ps_yaml_reading reading = {.arena = &arena};
	struct ps_yaml_node *root = NULL;

	ps_arena_init(&arena, (size_t)1 << 30);
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ck_assert_int_eq(ps_source_init(&source, "x", text, &arena), PS_OK);
	reading.diagnostics = diagnostics;
	ck_assert_int_eq(ps_yaml_read(&root, &source, &reading), PS_OK);
	return root;
}

static void done(void)
{
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}

static void check_place(const struct ps_yaml_node *node, uint32_t line, uint32_t column,
    uint32_t length, const char *text)
{
	ck_assert_uint_eq(node->line, line);
	ck_assert_uint_eq(node->column, column);
	ck_assert_uint_eq(node->length, length);
	ck_assert(ps_bytes_equal_text(node->text, text));
}

START_TEST(scalars_keep_their_text_and_place)
{
	const struct ps_yaml_node *root =
	    read_text(ps_bytes_of_text("\xc3\xa4" "b: NO\nlist:\n- 'it''s'\n- \"a\\tb\"\n"
	                               "- 010\n- a\n  b\n"));
	const struct ps_yaml_node *key = root->first;
	const struct ps_yaml_node *item = key->next->next->next->first;

	ck_assert_int_eq(root->kind, PS_YAML_MAPPING);
	ck_assert_uint_eq(root->count, 2);
	check_place(key, 1, 1, 2, "\xc3\xa4" "b");
	check_place(key->next, 1, 5, 2, "NO");
	check_place(item, 3, 3, 7, "it's");
	ck_assert(item->quoted);
	item = item->next;
	check_place(item, 4, 3, 6, "a\tb");
	item = item->next;
	check_place(item, 5, 3, 3, "010");
	ck_assert(!item->quoted);
	check_place(item->next, 6, 3, 1, "a b");
	ck_assert_uint_eq(ps_diagnostics_count(diagnostics), 0);
	done();
}
END_TEST

START_TEST(places_inside_scalars_follow_the_quotes)
{
	const struct ps_yaml_node *root = read_text(
	    ps_bytes_of_text("- abc\n- 'a''bc'\n- \"a\\x41\\tbc\"\n- |\n  abc\n- \xc3\xa4" "bc\n"));
	const struct ps_yaml_node *item = root->first;

	ck_assert_uint_eq(ps_yaml_span_at(item, 1).column, 4);
	item = item->next;
	ck_assert_uint_eq(ps_yaml_span_at(item, 1).column, 5); /* the quote, written twice */
	ck_assert_uint_eq(ps_yaml_span_at(item, 2).column, 7);
	item = item->next;
	ck_assert_uint_eq(ps_yaml_span_at(item, 1).column, 5); /* \x41 */
	ck_assert_uint_eq(ps_yaml_span_at(item, 2).column, 9); /* \t */
	ck_assert_uint_eq(ps_yaml_span_at(item, 3).column, 11);
	item = item->next;
	ck_assert_uint_eq(ps_yaml_span_at(item, 1).column, item->column);
	item = item->next;
	ck_assert_uint_eq(ps_yaml_span_at(item, 2).column, item->column);
	ck_assert_uint_eq(ps_yaml_span_at(root->first, 99).column, 3);
	done();
}
END_TEST

START_TEST(what_stands_before_a_syntax_error_is_kept)
{
	const struct ps_yaml_node *root = read_text(ps_bytes_of_text("a: 1\nb: [2, 3, ]]\n"));

	ck_assert(source.cut);
	ck_assert(root->cut);
	ck_assert_uint_eq(root->count, 2);
	ck_assert_uint_eq(root->first->next->next->next->count, 2);
	ck_assert_uint_eq(ps_diagnostics_count(diagnostics), 1);
	done();
}
END_TEST

START_TEST(a_key_without_its_value_is_no_value)
{
	const struct ps_yaml_node *root = read_text(ps_bytes_of_text("a: 1\nb: *\n"));

	ck_assert_uint_eq(root->count, 2);
	ck_assert_int_eq(root->first->next->next->next->kind, PS_YAML_BROKEN);
	done();
}
END_TEST

START_TEST(an_empty_text_has_no_root)
{
	ck_assert_ptr_null(read_text(ps_bytes_of(NULL, 0)));
	ck_assert(!source.cut);
	done();
	ck_assert_ptr_null(read_text(ps_bytes_of_text("# remark\n")));
	done();
}
END_TEST

/* --- what would cost much: bounded, whatever it says ------------------------------- */

/* What grows with the square of the text does not end within the tests' time limit. */
static void check_cost(const char *what, char *text, size_t len)
{
	struct loaded loaded = loaded_text("x", ps_bytes_of(text, len));

	ck_assert_msg(loaded.status == PS_INVALID || loaded.status == PS_OK, "%s: %d", what,
	    (int)loaded.status);
	loaded_clear(&loaded);
	free(text);
}

/* A quarter of what a file may have: what grows with the square of it still takes
 * minutes. */
#define FULL ((size_t)1 << 18)

static char *repeated(const char *head, const char *piece, size_t *len)
{
	size_t head_len = strlen(head);
	size_t piece_len = strlen(piece);
	char *text = malloc(FULL);

	ck_assert_ptr_nonnull(text);
	memcpy(text, head, head_len);
	*len = head_len;
	while (*len + piece_len <= FULL) {
		memcpy(text + *len, piece, piece_len);
		*len += piece_len;
	}
	return text;
}

START_TEST(bombs_cost_little)
{
	static const struct {
		const char *head;
		const char *piece;
	} bombs[] = {
	    {"", "["},
	    {"", "{"},
	    {"", "- "},
	    {"", "? "},
	    {"", "a: "},
	    {"", "[a: "},
	    {"never: [", "a,"},
	    {"never: [", "*a,"},
	    {"never: [", "&a a,"},
	    {"rules: [", "a,"},
	    {"rules: [", "{},"},
	    {"feeds: {", "a,"},
	    {"answers: {", "a: {},"},
	    {"", "a:\n"},
	    {"", "x y: z\n"},
	    {"postshield: 1\nnever:\n", "- a b\n"},
	    {"postshield: 1\nnever: [\"", "\\x20"},
	    {"postshield: 1\n", "#\n"},
	    {"postshield: 1\nrules: ", "\n"},
	    {"postshield: 1\nx: |\n", " \n"},
	    {"", "---\n"},
	    {"", "%YAML 1.1\n"},
	    {"", "!a "},
	    {"", "'"},
	    {"", "\""},
	    {"", "a"},
	    {"", "\xc3\xa4"},
	    {"postshield: 1\nnever: [", "\xc3\xa4,"},
	    {"postshield: 1\nrules:\n", "- {id: a, when: {listed: {feeds: [b, c]}}, then: d}\n"},
	    {"postshield: 1\nrules:\n", "- {id: a, when: {name: {under: co.uk}}, then: drop}\n"},
	    {"postshield: 1\nrules:\n- {id: a, then: b, when: {listed: {feeds: [", "b, "},
	    {"postshield: 1\nrules:\n- {id: a, then: b, when: {name: {is: [", "b.c, "},
	};

	for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
		size_t len;
		char *text = repeated(bombs[i].head, bombs[i].piece, &len);

		check_cost(bombs[i].piece, text, len);
	}
}
END_TEST

START_TEST(many_different_keys_cost_little)
{
	size_t len = 0;
	char *text = malloc(FULL);

	ck_assert_ptr_nonnull(text);
	while (len + 16 < FULL)
		len += (size_t)snprintf(text + len, FULL - len, "k%zu: 1\n", len);
	check_cost("keys", text, len);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.yaml_tree");
	TCase *tcase = tcase_create("yaml_tree");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, scalars_keep_their_text_and_place);
	tcase_add_test(tcase, places_inside_scalars_follow_the_quotes);
	tcase_add_test(tcase, what_stands_before_a_syntax_error_is_kept);
	tcase_add_test(tcase, a_key_without_its_value_is_no_value);
	tcase_add_test(tcase, an_empty_text_has_no_root);
	tcase_add_test(tcase, bombs_cost_little);
	tcase_add_test(tcase, many_different_keys_cost_little);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
