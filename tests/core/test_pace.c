#include "core/pace.h"

#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

/* A clock that goes on by so many nanoseconds each time it is read. */
static struct {
	uint64_t now;
	uint64_t step;
	unsigned naps;
	unsigned reads;
} world;

int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)left;
	ck_assert_int_eq(time->tv_sec, 0);
	ck_assert_int_gt(time->tv_nsec, 0);
	ck_assert_int_lt(time->tv_nsec, 1000000);
	world.now += (uint64_t)time->tv_nsec;
	world.naps++;
	return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	ck_assert_int_eq(clock, CLOCK_MONOTONIC);
	world.now += world.step;
	world.reads++;
	time->tv_sec = (time_t)(world.now / 1000000000u);
	time->tv_nsec = (long)(world.now % 1000000000u);
	return 0;
}

/* How often 1,000 rounds of a microsecond nap. */
static unsigned naps(void)
{
	world.naps = 0;
	world.step = 1000;
	for (int i = 0; i < 1000; i++)
		ps_pace();
	return world.naps;
}

START_TEST(who_has_no_pace_never_naps)
{
	unsigned before = world.reads;

	ck_assert_uint_eq(naps(), 0);
	ck_assert_uint_eq(world.reads, before);
}
END_TEST

START_TEST(a_nap_after_each_burst)
{
	world.now = 999999500; /* a second ends on the way */
	ps_pace_begin(NULL);
	/* A burst is a tenth of a millisecond: a hundred rounds. */
	ck_assert_uint_eq(naps(), 10);
	world.step = 0;
	world.naps = 0;
	world.now += 99000;
	ps_pace();
	ck_assert_uint_eq(world.naps, 0);
	world.now += 1000;
	ps_pace();
	ck_assert_uint_eq(world.naps, 1);
	ps_pace();
	ck_assert_uint_eq(world.naps, 1);
}
END_TEST

START_TEST(who_is_in_a_hurry_does_not_nap)
{
	_Atomic bool hurry = false;

	ps_pace_begin(&hurry);
	ck_assert_uint_gt(naps(), 0);
	hurry = true;
	ck_assert_uint_eq(naps(), 0);
	hurry = false;
	ck_assert_uint_gt(naps(), 0);
}
END_TEST

static void *of_another_thread(void *arg)
{
	*(unsigned *)arg = naps();
	return NULL;
}

START_TEST(each_thread_has_its_own)
{
	pthread_t thread;
	unsigned there = 1;

	ps_pace_begin(NULL);
	ck_assert_int_eq(pthread_create(&thread, NULL, of_another_thread, &there), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_eq(there, 0);
	ck_assert_uint_gt(naps(), 0);
}
END_TEST

START_TEST(one_number_in_many)
{
	world.step = 1000000; /* every look at the clock finds a burst over */
	ps_pace_begin(NULL);
	for (unsigned i = 0; i < 4096; i++)
		ps_pace_each(i);
	ck_assert_uint_eq(world.naps, 4);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.pace");
	TCase *tests = tcase_create("pace");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, who_has_no_pace_never_naps);
	tcase_add_test(tests, a_nap_after_each_burst);
	tcase_add_test(tests, who_is_in_a_hurry_does_not_nap);
	tcase_add_test(tests, each_thread_has_its_own);
	tcase_add_test(tests, one_number_in_many);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
