#include "feed/suffix_set.h"

#include "core/random.h"
#include "feed/collect.h"

static struct ps_name name_of(const char *text, struct ps_name_buffer *storage)
{
	struct ps_name name;

	ck_assert_int_eq(
	    ps_name_from_text(&name, storage, ps_bytes_of_text(text), NULL), PS_OK);
	return name;
}

static void add(struct ps_suffix_set *set, const char *text)
{
	struct ps_name_buffer storage;

	ck_assert_int_eq(ps_suffix_set_add(set, name_of(text, &storage)), PS_OK);
}

/* "has covers has_below" as three letters, "-" where not. */
static void check(const struct ps_suffix_set *set, const char *text, const char *want)
{
	struct ps_name_buffer storage;
	struct ps_name name = name_of(text, &storage);
	char got[4] = {ps_suffix_set_has(set, name) ? 'h' : '-',
	    ps_suffix_set_covers(set, name) ? 'c' : '-',
	    ps_suffix_set_has_below(set, name) ? 'b' : '-', '\0'};

	ck_assert_msg(strcmp(got, want) == 0, "%s: %s, not %s", text, got, want);
}

START_TEST(members_cover_what_is_below_and_are_below_what_is_above)
{
	struct ps_suffix_set set;

	ps_suffix_set_init(&set);
	add(&set, "usps.com");
	add(&set, "tools.usps.com");
	check(&set, "usps.com", "hcb");
	check(&set, "USPS.com", "hcb");
	check(&set, "tools.usps.com", "hc-");
	check(&set, "a.b.tools.usps.com", "-c-");
	check(&set, "www.usps.com", "-c-");
	check(&set, "com", "--b");
	check(&set, ".", "--b");
	check(&set, "notusps.com", "---");
	check(&set, "usps.com.evil.top", "---");
	check(&set, "x\\004usps.com", "---");
	ps_suffix_set_clear(&set);
}
END_TEST

START_TEST(an_empty_set_has_nothing)
{
	struct ps_suffix_set set;

	ps_suffix_set_init(&set);
	check(&set, ".", "---");
	check(&set, "usps.com", "---");
	ps_suffix_set_clear(&set);
	ps_suffix_set_clear(&set);
}
END_TEST

START_TEST(the_root_covers_everything)
{
	struct ps_suffix_set set;

	ps_suffix_set_init(&set);
	add(&set, ".");
	check(&set, ".", "hc-");
	check(&set, "a.b.c", "-c-");
	ps_suffix_set_clear(&set);
}
END_TEST

START_TEST(adding_again_changes_nothing)
{
	struct ps_suffix_set set;
	size_t used;

	ps_suffix_set_init(&set);
	add(&set, "a.b.c");
	used = set.used;
	for (int i = 0; i < 1000; i++)
		add(&set, "A.b.C");
	ck_assert_uint_eq(set.used, used);
	ck_assert_uint_eq(used, 4);
	ps_suffix_set_clear(&set);
}
END_TEST

#define MODEL_SIZE 400

/* Labels from few letters, so that names are often related. */
static struct ps_name related_name(struct random *r, struct ps_name_buffer *storage)
{
	uint8_t labels = (uint8_t)random_below(r, 5);
	size_t at = 0;

	for (uint8_t i = 0; i < labels; i++) {
		storage->wire[at++] = 1;
		storage->wire[at++] = (uint8_t)('a' + random_below(r, 6));
	}
	storage->wire[at] = 0;
	return ps_name_trusted(storage->wire, (uint8_t)(at + 1), labels);
}

START_TEST(answers_agree_with_a_linear_model)
{
	static struct ps_name_buffer storage[MODEL_SIZE];
	static struct ps_name members[MODEL_SIZE];
	struct ps_suffix_set set;
	struct random r = {.state = 5};
	unsigned wrong = 0;

	ps_suffix_set_init(&set);
	for (size_t count = 0; count < MODEL_SIZE; count++) {
		members[count] = related_name(&r, &storage[count]);
		if (members[count].labels < 2)
			members[count] = name_of("z.z", &storage[count]);
		ck_assert_int_eq(ps_suffix_set_add(&set, members[count]), PS_OK);
		for (int i = 0; i < 20; i++) {
			struct ps_name_buffer asked_storage;
			struct ps_name asked = related_name(&r, &asked_storage);
			bool has = false, covers = false, below = false;

			for (size_t k = 0; k <= count; k++) {
				has = has || ps_name_equal(asked, members[k]);
				covers = covers || ps_name_is_under(asked, members[k]);
				below = below || (!ps_name_equal(asked, members[k]) &&
				                     ps_name_is_under(members[k], asked));
			}
			wrong += ps_suffix_set_has(&set, asked) != has;
			wrong += ps_suffix_set_covers(&set, asked) != covers;
			wrong += ps_suffix_set_has_below(&set, asked) != below;
		}
	}
	ck_assert_uint_eq(wrong, 0);
	ps_suffix_set_clear(&set);
}
END_TEST

START_TEST(a_hundred_thousand_names_are_found_again)
{
	struct ps_suffix_set set;
	struct ps_name_buffer storage;
	unsigned missing = 0, wrong = 0;
	char text[40];

	ps_suffix_set_init(&set);
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(text, sizeof(text), "n%d.example", i);
		if (ps_suffix_set_add(&set, name_of(text, &storage)) != PS_OK)
			ck_abort();
	}
	ck_assert_uint_le(set.used * 10, set.size * 7);
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(text, sizeof(text), "n%d.example", i);
		missing += !ps_suffix_set_has(&set, name_of(text, &storage));
		(void)snprintf(text, sizeof(text), "m%d.example", i);
		wrong += ps_suffix_set_has(&set, name_of(text, &storage));
	}
	ck_assert_uint_eq(missing, 0);
	ck_assert_uint_eq(wrong, 0);
	ps_suffix_set_clear(&set);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    members_cover_what_is_below_and_are_below_what_is_above,
	    an_empty_set_has_nothing,
	    the_root_covers_everything,
	    adding_again_changes_nothing,
	    answers_agree_with_a_linear_model,
	    a_hundred_thousand_names_are_found_again,
	};

	return RUN_TESTS("feed.suffix_set", tests);
}
