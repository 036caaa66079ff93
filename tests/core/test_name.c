#include "core/name.h"

#include "core/random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static enum ps_status from_text(
    struct ps_name *out, struct ps_name_buffer *storage, const char *text)
{
	return ps_name_from_text(out, storage, ps_bytes_of_text(text), NULL);
}

static struct ps_name name_of(const char *text, struct ps_name_buffer *storage)
{
	struct ps_name name;

	ck_assert_msg(from_text(&name, storage, text) == PS_OK, "no name: %s", text);
	return name;
}

static void check_text(const char *in, const char *out)
{
	struct ps_name_buffer storage;
	char text[PS_NAME_TEXT_MAX];

	(void)ps_name_to_text(name_of(in, &storage), text);
	ck_assert_str_eq(text, out);
}

static void check_refused_at(const char *in, uint64_t offset)
{
	struct ps_name_buffer storage;
	struct ps_name name = {.wire = NULL, .len = 77};
	struct ps_error err;

	ps_error_clear(&err);
	ck_assert_int_eq(
	    ps_name_from_text(&name, &storage, ps_bytes_of_text(in), &err), PS_INVALID);
	ck_assert_msg(err.offset == offset, "'%s': at %llu, not %llu", in,
	    (unsigned long long)err.offset, (unsigned long long)offset);
	ck_assert_uint_eq(name.len, 77); /* outputs change only on success */
}

START_TEST(text_is_read_and_written)
{
	check_text("example.org", "example.org");
	check_text("Example.ORG.", "example.org");
	check_text(".", ".");
	check_text("a", "a");
	check_text("*.example.org", "*.example.org");
	check_text("_dmarc.example.org", "_dmarc.example.org");
}
END_TEST

START_TEST(escapes_are_read_and_written)
{
	check_text("a\\.b.c", "a\\.b.c");
	check_text("a\\046b.c", "a\\.b.c");
	check_text("\\097\\066", "ab"); /* an escaped B is lower-cased too */
	check_text("\\000.\\255", "\\000.\\255");
	check_text("a\\\\b", "a\\\\b");
	check_text("sp\\032ace", "sp\\032ace");
	check_text("\\(\\)\\;\\\"\\@\\$", "\\(\\)\\;\\\"\\@\\$");
	check_text("caf\xc3\xa9", "caf\\195\\169"); /* octets are taken literally */
}
END_TEST

START_TEST(broken_text_is_refused_at_its_octet)
{
	check_refused_at("", 0);
	check_refused_at("..", 0);
	check_refused_at(".a", 0);
	check_refused_at("a..b", 2);
	check_refused_at("ab..", 3);
	check_refused_at("abc\\", 3);
	check_refused_at("a\\25", 1);
	check_refused_at("a\\2x5", 1);
	check_refused_at("ab\\256", 2);
}
END_TEST

static void fill(char *out, size_t len, const char *tail)
{
	memset(out, 'a', len);
	memcpy(out + len, tail, strlen(tail) + 1);
}

START_TEST(a_label_has_63_octets_at_most)
{
	char text[80];
	struct ps_name_buffer storage;

	fill(text, 63, ".org");
	ck_assert_uint_eq(name_of(text, &storage).wire[0], 63);
	fill(text, 64, ".org");
	check_refused_at(text, 63);
}
END_TEST

/* 63 + 63 + 63 octets, and a fourth label that makes wire octets in all. */
static void long_name(char *out, size_t wire)
{
	size_t last = wire - 3 * 64 - 2;

	for (int i = 0; i < 3; i++) {
		fill(out, 63, ".");
		out += 64;
	}
	fill(out, last, "");
}

START_TEST(a_name_has_255_octets_at_most)
{
	char text[300];
	struct ps_name_buffer storage;

	long_name(text, 255);
	ck_assert_uint_eq(name_of(text, &storage).len, 255);
	strcat(text, ".");
	ck_assert_uint_eq(name_of(text, &storage).len, 255);
	long_name(text, 256);
	check_refused_at(text, 3 * 64 + 61);
}
END_TEST

START_TEST(a_name_has_127_labels_at_most)
{
	char text[260] = "";
	struct ps_name_buffer storage;

	for (int i = 0; i < 127; i++)
		strcat(text, "a.");
	ck_assert_uint_eq(name_of(text, &storage).labels, 127);
	ck_assert_uint_eq(name_of(text, &storage).len, 255);
	strcat(text, "a");
	check_refused_at(text, 254);
}
END_TEST

START_TEST(every_octet_is_lower_cased_alone_wherever_it_stands)
{
	for (unsigned len = 1; len <= 20; len++) {
		for (unsigned octet = 0; octet < 256; octet++) {
			uint8_t wire[22] = {(uint8_t)len};
			struct ps_name_buffer storage;
			struct ps_name name;

			memset(wire + 1, 'Q', len);
			wire[1 + octet % len] = (uint8_t)octet;
			ck_assert_int_eq(
			    ps_name_from_wire(&name, &storage, ps_bytes_of(wire, len + 2), NULL), PS_OK);
			for (unsigned i = 1; i <= len; i++)
				ck_assert_uint_eq(name.wire[i], ps_ascii_lower(wire[i]));
			ck_assert_uint_eq(name.wire[0], len);
			ck_assert_uint_eq(name.wire[len + 1], 0);
		}
	}
}
END_TEST

START_TEST(wire_form_is_checked_and_lower_cased)
{
	static const uint8_t wire[] = "\3WwW\7Example\3oRg\0behind";
	struct ps_name_buffer storage;
	struct ps_name name;
	size_t consumed = 0;
	char text[PS_NAME_TEXT_MAX];

	ck_assert_int_eq(ps_name_from_wire(
	                     &name, &storage, ps_bytes_of(wire, sizeof(wire)), &consumed),
	    PS_OK);
	ck_assert_uint_eq(consumed, 17);
	ck_assert_uint_eq(name.labels, 3);
	(void)ps_name_to_text(name, text);
	ck_assert_str_eq(text, "www.example.org");
}
END_TEST

START_TEST(broken_wire_form_is_refused)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
	    {"", 0},
	    {"\3ww", 3},          /* ends in a label */
	    {"\3www", 4},         /* ends before the root */
	    {"\3www\300\0", 6},   /* a compression pointer */
	    {"\100", 1},          /* an extended label type: 64 */
	    {"\1a\200\0", 4},     /* a reserved one */
	};
	struct ps_name_buffer storage;
	struct ps_name name = {.len = 77};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(ps_name_from_wire(&name, &storage,
		                     ps_bytes_of(cases[i].bytes, cases[i].len), NULL),
		    PS_INVALID);
	ck_assert_uint_eq(name.len, 77);
}
END_TEST

START_TEST(wire_form_of_255_octets_is_taken_and_of_256_is_not)
{
	uint8_t wire[300];
	struct ps_name_buffer storage;
	struct ps_name name;
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		wire[at] = 63;
		memset(wire + at + 1, 'x', 63);
		at += 64;
	}
	for (uint8_t last = 61; last <= 62; last++) {
		wire[at] = last;
		memset(wire + at + 1, 'x', last);
		wire[at + last + 1u] = 0;
		ck_assert_int_eq(ps_name_from_wire(&name, &storage,
		                     ps_bytes_of(wire, at + last + 2u), NULL),
		    last == 61 ? PS_OK : PS_INVALID);
	}
	ck_assert_uint_eq(name.len, 255);
}
END_TEST

START_TEST(random_names_survive_text_and_back)
{
	struct random r = {.state = 1};
	unsigned odd = 0;

	for (int i = 0; i < 5000; i++) {
		uint8_t wire[PS_NAME_WIRE_MAX];
		size_t len = random_wire(&r, 12, wire);
		struct ps_name_buffer a_storage, b_storage;
		struct ps_name a, b;
		char text[PS_NAME_TEXT_MAX];

		ck_assert_int_eq(
		    ps_name_from_wire(&a, &a_storage, ps_bytes_of(wire, len), NULL), PS_OK);
		ck_assert_uint_eq(ps_name_to_text(a, text), strlen(text));
		ck_assert_uint_lt(strlen(text), PS_NAME_TEXT_MAX);
		for (const char *p = text; *p != '\0'; p++)
			odd += *p <= ' ' || *p >= 0x7f;
		ck_assert_int_eq(from_text(&b, &b_storage, text), PS_OK);
		ck_assert(ps_name_equal(a, b));
		ck_assert_int_eq(ps_name_compare(a, b), 0);
	}
	ck_assert_uint_eq(odd, 0); /* text is printable ASCII */
}
END_TEST

START_TEST(the_longest_text_fits)
{
	uint8_t wire[PS_NAME_WIRE_MAX];
	struct ps_name_buffer storage;
	struct ps_name name;
	char text[PS_NAME_TEXT_MAX];
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		uint8_t len = i < 3 ? 63 : 61;

		wire[at] = len;
		memset(wire + at + 1, 0xff, len);
		at += len + 1u;
	}
	wire[at] = 0;
	ck_assert_int_eq(
	    ps_name_from_wire(&name, &storage, ps_bytes_of(wire, sizeof(wire)), NULL), PS_OK);
	ck_assert_uint_eq(ps_name_to_text(name, text), 250 * 4 + 3);
}
END_TEST

START_TEST(parents_and_suffixes_cut_at_labels)
{
	struct ps_name_buffer storage, other;
	struct ps_name name = name_of("a.bc.def", &storage);

	ck_assert(ps_name_equal(ps_name_parent(name), name_of("bc.def", &other)));
	ck_assert(ps_name_equal(ps_name_suffix(name, 1), name_of("def", &other)));
	ck_assert(ps_name_equal(ps_name_suffix(name, 3), name));
	ck_assert_uint_eq(ps_name_suffix(name, 0).labels, 0);
	ck_assert_uint_eq(ps_name_parent(ps_name_suffix(name, 0)).len, 1);
	ck_assert(ps_bytes_equal_text(ps_name_first_label(name), "a"));
	ck_assert_uint_eq(ps_name_first_label(ps_name_suffix(name, 0)).len, 0);
}
END_TEST

static bool is_under(const char *name, const char *ancestor)
{
	struct ps_name_buffer a, b;

	return ps_name_is_under(name_of(name, &a), name_of(ancestor, &b));
}

START_TEST(is_under_counts_labels_not_octets)
{
	ck_assert(is_under("www.usps.com", "usps.com"));
	ck_assert(is_under("usps.com", "usps.com"));
	ck_assert(is_under("usps.com", "."));
	ck_assert(!is_under("usps.com", "www.usps.com"));
	ck_assert(!is_under("notusps.com", "usps.com"));
	/* The label's octets are the length octet and the text of another name. */
	ck_assert(!is_under("x\\004usps\\003com", "usps.com"));
	ck_assert(!is_under("a\\.usps.com", "usps.com.a"));
	ck_assert(!is_under("x\\.usps.com", "usps.com"));
}
END_TEST

/* Slow and obvious: compares the last labels one by one. */
static bool model_is_under(struct ps_name name, struct ps_name ancestor)
{
	struct ps_bytes a[128], b[128];
	size_t n = 0, m = 0;

	for (; name.labels > 0; name = ps_name_parent(name))
		a[n++] = ps_name_first_label(name);
	for (; ancestor.labels > 0; ancestor = ps_name_parent(ancestor))
		b[m++] = ps_name_first_label(ancestor);
	if (n < m)
		return false;
	for (size_t i = 0; i < m; i++) {
		if (!ps_bytes_equal(a[n - m + i], b[i]))
			return false;
	}
	return true;
}

/* Labels of one or two octets that look like length octets: many names are related, and
 * many more look so to who compares octets. */
static struct ps_name related_name(struct random *r, struct ps_name_buffer *storage)
{
	size_t at = 0;
	uint8_t labels = (uint8_t)random_below(r, 4);

	for (uint8_t i = 0; i < labels; i++) {
		uint8_t len = (uint8_t)(1 + random_below(r, 2));

		storage->wire[at++] = len;
		while (len-- > 0)
			storage->wire[at++] = (uint8_t)(1 + random_below(r, 2));
	}
	storage->wire[at] = 0;
	return ps_name_trusted(storage->wire, (uint8_t)(at + 1), labels);
}

START_TEST(is_under_agrees_with_the_model_on_random_names)
{
	struct random r = {.state = 2};
	unsigned under = 0;

	for (int i = 0; i < 5000; i++) {
		struct ps_name_buffer a_storage, b_storage;
		struct ps_name a = related_name(&r, &a_storage);
		struct ps_name b = related_name(&r, &b_storage);

		ck_assert(ps_name_is_under(a, b) == model_is_under(a, b));
		under += b.labels > 0 && model_is_under(a, b);
	}
	ck_assert_uint_gt(under, 100); /* the test looks at both outcomes */
}
END_TEST

START_TEST(hostnames_are_letters_digits_hyphens_underscores)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
	    {"example.org", true},
	    {"a-b.c", true},
	    {"_dmarc.example.org", true},
	    {"xn--bcher-kva.example", true},
	    {"1.2", true},
	    {"-a.org", false},
	    {"a-.org", false},
	    {"*.org", false},
	    {"a b.org", false},
	    {"a\\.b.org", false},
	    {"caf\xc3\xa9.org", false},
	    {".", false},
	};
	struct ps_name_buffer storage;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(
		    ps_name_is_hostname(name_of(cases[i].text, &storage)) == cases[i].is,
		    "%s", cases[i].text);
}
END_TEST

START_TEST(the_order_is_length_first_then_octets)
{
	struct ps_name_buffer a, b;

	ck_assert_int_lt(ps_name_compare(name_of("z", &a), name_of("aa", &b)), 0);
	ck_assert_int_lt(ps_name_compare(name_of("ab", &a), name_of("ac", &b)), 0);
	ck_assert_int_gt(ps_name_compare(name_of("b.a", &a), name_of("a.b", &b)), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.name");
	TCase *tc = tcase_create("name");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, text_is_read_and_written);
	tcase_add_test(tc, escapes_are_read_and_written);
	tcase_add_test(tc, broken_text_is_refused_at_its_octet);
	tcase_add_test(tc, a_label_has_63_octets_at_most);
	tcase_add_test(tc, a_name_has_255_octets_at_most);
	tcase_add_test(tc, a_name_has_127_labels_at_most);
	tcase_add_test(tc, wire_form_is_checked_and_lower_cased);
	tcase_add_test(tc, every_octet_is_lower_cased_alone_wherever_it_stands);
	tcase_add_test(tc, broken_wire_form_is_refused);
	tcase_add_test(tc, wire_form_of_255_octets_is_taken_and_of_256_is_not);
	tcase_add_test(tc, random_names_survive_text_and_back);
	tcase_add_test(tc, the_longest_text_fits);
	tcase_add_test(tc, parents_and_suffixes_cut_at_labels);
	tcase_add_test(tc, is_under_counts_labels_not_octets);
	tcase_add_test(tc, is_under_agrees_with_the_model_on_random_names);
	tcase_add_test(tc, hostnames_are_letters_digits_hyphens_underscores);
	tcase_add_test(tc, the_order_is_length_first_then_octets);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
