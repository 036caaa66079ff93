/* Sorting against insertion into order, on inputs that are hard for one or the other
 * part of it. */
#include "snapshot/sort.h"
#include "snapshot/sample.h"

#include <check.h>
#include <stdlib.h>

struct element {
	uint64_t key;
	uint32_t minor;
	uint32_t serial; /* not compared: shows whether the sort is stable */
};

static int compare(const void *left, const void *right, void *ctx)
{
	const struct element *a = left, *b = right;

	++*(uint64_t *)ctx;
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->minor < b->minor ? -1 : a->minor > b->minor;
}

static void check_sorted(const struct element *elements, size_t count)
{
	uint64_t ignored = 0;

	for (size_t i = 1; i < count; i++) {
		int order = compare(&elements[i - 1], &elements[i], &ignored);

		ck_assert_int_le(order, 0);
		ck_assert(order < 0 || elements[i - 1].serial < elements[i].serial);
	}
}

static void check_sort(size_t count, uint64_t key_mask, uint32_t minor_below, bool keyed)
{
	struct sample_random random = {.state = count ^ key_mask};
	struct element *elements = calloc(count + 1, sizeof(*elements));
	struct element *scratch = calloc(count + 1, sizeof(*elements));
	uint64_t sum = 0, sum_after = 0, comparisons = 0;
	unsigned log = 1;

	for (size_t i = 0; i < count; i++) {
		elements[i] = (struct element){
		    .key = sample_next(&random) & key_mask,
		    .minor = sample_below(&random, minor_below),
		    .serial = (uint32_t)i,
		};
		sum += elements[i].key ^ elements[i].minor;
	}
	(keyed ? ps_sort_keyed : ps_sort)(
	    elements, count, sizeof(*elements), scratch, compare, &comparisons);
	check_sorted(elements, count);
	for (size_t i = 0; i < count; i++)
		sum_after += elements[i].key ^ elements[i].minor;
	ck_assert_uint_eq(sum, sum_after);
	/* n log n, whatever the input. */
	while (count >> log > 0)
		log++;
	ck_assert_uint_le(comparisons, (log + 12) * (uint64_t)count);
	free(elements);
	free(scratch);
}

START_TEST(small)
{
	for (size_t count = 0; count < 100; count++) {
		check_sort(count, UINT64_MAX, 5, false);
		check_sort(count, UINT64_MAX, 5, true);
		check_sort(count, 3, 3, false);
		check_sort(count, 0, 1, true);
	}
}
END_TEST

START_TEST(large)
{
	static const uint64_t masks[] = {UINT64_MAX, 0, 1, UINT64_C(0xff00000000000000), 0xffff,
	    UINT64_C(0x000fff0000000000), UINT64_C(0x8000000000000000)};

	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		check_sort(20000, masks[i], 1000000, true);
		check_sort(20000, masks[i], 3, true);
		check_sort(5000, masks[i], 3, false);
	}
	check_sort(4096, UINT64_MAX, 3, true);
	check_sort(4095, UINT64_MAX, 3, true);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("sort");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, small);
	tcase_add_test(tests, large);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
