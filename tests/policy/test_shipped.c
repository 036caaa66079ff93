#include "policy/loaded.h"
#include "policy/plan_valid.h"

#include "feed/guard.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

START_TEST(what_ships_loads_without_a_word)
{
	struct loaded loaded = loaded_path(PS_TEST_POLICIES);
	char *said = loaded_said(&loaded, PS_DIAGNOSTIC_PLAIN);
	const struct ps_plan *plan;

	/* Check takes no long messages. */
	ck_assert_msg(
	    loaded.status == PS_OK && said[0] == '\0', "%s%.2000s", loaded.err.text, said);
	plan = ps_policy_plan(loaded.policy);
	ck_assert_pstr_eq(plan_fault(plan), NULL);
	ck_assert_uint_ge(plan->rule_count, 3);
	ck_assert_uint_ge(plan->never.count, 3);
	ck_assert_uint_ge(plan->official.count, 250);
	ck_assert_uint_ge(plan->popular.count, 300);
	ck_assert_uint_ge(ps_policy_file_count(loaded.policy), 4);
	free(said);
	loaded_clear(&loaded);
}
END_TEST

START_TEST(feeds_that_ship_are_there)
{
	struct loaded loaded = loaded_path(PS_TEST_POLICIES);
	const struct ps_plan *plan;

	ck_assert_int_eq(loaded.status, PS_OK);
	plan = ps_policy_plan(loaded.policy);
	ck_assert_uint_ge(plan->feed_count, 1);
	for (uint32_t i = 0; i < plan->feed_count; i++)
		ck_assert_msg(access(plan->feeds[i].path, R_OK) == 0, "%s", plan->feeds[i].path);
	loaded_clear(&loaded);
}
END_TEST

/* No official domain of ours is a public suffix, but for the posts' own. */
START_TEST(official_domains_are_domains)
{
	struct loaded loaded = loaded_path(PS_TEST_POLICIES);
	const struct ps_plan *plan;
	struct ps_guard *guard;

	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_int_eq(ps_guard_create(&guard, NULL), PS_OK);
	plan = ps_policy_plan(loaded.policy);
	for (uint32_t i = 0; i < plan->official.count; i++) {
		struct ps_name name = plan->official.names[i].name;
		char text[PS_NAME_TEXT_MAX];

		(void)ps_name_to_text(name, text);
		if (strcmp(text, "post") != 0)
			ck_assert_msg(!ps_guard_judge(guard, name, PS_SCOPE_SUBTREE).refused, "%s",
			    text);
	}
	ps_guard_destroy(guard);
	loaded_clear(&loaded);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.shipped");
	TCase *tcase = tcase_create("shipped");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, what_ships_loads_without_a_word);
	tcase_add_test(tcase, feeds_that_ship_are_there);
	tcase_add_test(tcase, official_domains_are_domains);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
