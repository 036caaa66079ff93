/* Building the tables: memory that runs out at any step, a limit of any size, and what of a
 * plan and of the list of suffixes says nothing. */
#include "core/random.h"
#include "lookalike/builder.h"
#include "lookalike/sample.h"
#include "lookalike/tables.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static const char suffixes[] = "com\norg\ntop\npl\nuk\nco.uk\ndhl\nck\n*.ck\n!www.ck\n"
                               "// ===BEGIN PRIVATE DOMAINS===\nblogspot.com\n";

/* --- allocations that fail -------------------------------------------------------------------- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static long countdown = -1; /* allocations until one fails; below 0: none does */
static bool failed_one;
static long live; /* allocations not yet freed */

static bool fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	failed_one = true;
	return true;
}

static void *counted(void *p)
{
	live += p != NULL;
	return p;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	return p == NULL ? counted(__real_malloc(size)) : __real_realloc(p, size);
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

/* --- help ------------------------------------------------------------------------------------- */

static struct lookalike_sample *sample;

static void setup(void)
{
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, suffixes);
}

static void teardown(void)
{
	lookalike_sample_destroy(sample);
}

static struct ps_buffer build(const struct ps_lookalike_plan *plan, const char *list)
{
	struct ps_buffer out;
	struct ps_error err;

	ps_error_clear(&err);
	ps_buffer_init(&out, PS_TABLES_MAX);
	ck_assert_msg(ps_tables_build(&out, plan, ps_bytes_of_text(list), &err) == PS_OK, "%s",
	    err.text);
	return out;
}

/* Of the same plan but for what is said: the same octets. */
static void check_same(const struct ps_lookalike_plan *plan, const char *list)
{
	struct ps_buffer out = build(plan, list);

	ck_assert(ps_bytes_equal(ps_buffer_bytes(&out), lookalike_sample_bytes(sample)));
	ps_buffer_clear(&out);
}

/* --- memory and limits ---------------------------------------------------------------------- */

START_TEST(each_allocation_may_fail)
{
	long n = 0;

	do {
		long before = live;
		struct ps_buffer out;
		struct ps_error err;
		enum ps_status status;

		ps_error_clear(&err);
		ps_buffer_init(&out, PS_TABLES_MAX);
		failed_one = false;
		countdown = n++;
		status = ps_tables_build(
		    &out, lookalike_sample_plan(sample), ps_bytes_of_text(suffixes), &err);
		countdown = -1;
		ps_buffer_clear(&out);
		before -= live; /* Check allocates too */
		ck_assert_int_eq(before, 0);
		ck_assert_int_eq(status, failed_one ? PS_NO_MEMORY : PS_OK);
		ck_assert_str_eq(err.text, failed_one ? "out of memory" : "");
	} while (failed_one);
	ck_assert_int_gt(n, 20);
	check_same(lookalike_sample_plan(sample), suffixes);
}
END_TEST

START_TEST(a_limit_of_any_size)
{
	struct ps_bytes whole = lookalike_sample_bytes(sample);
	struct random random = {5};

	for (unsigned i = 0; i < 60; i++) {
		size_t max = i < 20 ? whole.len - 1 - i : random_below(&random, whole.len);
		struct ps_buffer out;
		struct ps_error err;

		ps_error_clear(&err);
		ps_buffer_init(&out, max);
		ck_assert_int_eq(ps_tables_build(&out, lookalike_sample_plan(sample),
		                     ps_bytes_of_text(suffixes), &err),
		    PS_LIMIT);
		ck_assert_str_eq(err.text, "the tables of protected names are too large");
		ck_assert_uint_le(out.len, max);
		ps_buffer_clear(&out);
	}
}
END_TEST

/* --- what says nothing ------------------------------------------------------------------------- */

START_TEST(lines_that_are_no_suffix)
{
	static const char *const heads[] = {
	    "bad..name\n", ".\n", "\n \n", "// top.example\n", "b\xff\n", "\r\n", "!bad..name\n",
	    "*.bad..name\n", "!.\n", "*..\n"};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char list[600];

		(void)snprintf(list, sizeof(list), "%s%s", heads[i], suffixes);
		check_same(lookalike_sample_plan(sample), list);
	}
	/* Nor does the last line need an end. */
	{
		char list[600];

		(void)snprintf(list, sizeof(list), "%s", suffixes);
		list[strlen(list) - 1] = '\0';
		check_same(lookalike_sample_plan(sample), list);
	}
}
END_TEST

START_TEST(texts_without_a_letter)
{
	static const struct ps_keyword odd[] = {
	    {.text = "parcel", .language = "en", .topic = PS_TOPIC_PARCEL},
	    {.text = "track", .language = "en", .topic = PS_TOPIC_TRACK},
	    {.text = "delivery", .language = "en", .topic = PS_TOPIC_DELIVERY},
	    {.text = "colis", .language = "fr", .topic = PS_TOPIC_PARCEL},
	    {.text = "&.'", .language = "en", .topic = PS_TOPIC_PARCEL},
	    {.text = "", .language = "en", .topic = PS_TOPIC_PARCEL}};
	struct ps_lookalike_plan plan = *lookalike_sample_plan(sample);
	struct ps_brand brands[SAMPLE_BRANDS];
	struct ps_brand_term terms[8] = {{.text = "-"}};
	struct ps_scoped_name domains[8];
	struct ps_name_buffer storage[3];

	plan.keywords = odd;
	plan.keyword_count = 6;
	check_same(&plan, suffixes);
	/* A name of a brand that is none, and official domains that give no name to look for: a
	 * suffix itself, one of two letters, one in another script, one that a name says already. */
	memcpy(brands, plan.brands, sizeof(brands));
	memcpy(terms + 1, brands[SAMPLE_USPS].terms,
	    brands[SAMPLE_USPS].term_count * sizeof(terms[0]));
	brands[SAMPLE_USPS].terms = terms;
	brands[SAMPLE_USPS].term_count++;
	plan.brands = brands;
	check_same(&plan, suffixes);
	memcpy(domains, brands[SAMPLE_USPS].domains.names,
	    brands[SAMPLE_USPS].domains.count * sizeof(domains[0]));
	for (unsigned i = 0; i < 3; i++) {
		static const char *const more[] = {"com", "up.com", "xn--80a1acny.com"};

		domains[brands[SAMPLE_USPS].domains.count++] = (struct ps_scoped_name){
		    .name = lookalike_name(more[i], &storage[i]), .scope = PS_SCOPE_SUBTREE};
	}
	brands[SAMPLE_USPS].domains.names = domains;
	check_same(&plan, suffixes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("build");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, each_allocation_may_fail);
	tcase_add_test(tests, a_limit_of_any_size);
	tcase_add_test(tests, lines_that_are_no_suffix);
	tcase_add_test(tests, texts_without_a_letter);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
