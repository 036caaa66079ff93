#include "policy/schema.h"

#include "core/file.h"

#include <check.h>
#include <stdlib.h>

/* What ships is what the tables say. After a change that is meant, write it anew:
 * POSTSHIELD_GOLDEN=write. */
START_TEST(the_shipped_schema_is_that_of_the_tables)
{
	static const char path[] = PS_TEST_POLICIES "/schema/policy.json";
	const char *golden = getenv("POSTSHIELD_GOLDEN");
	struct ps_buffer made;
	struct ps_buffer shipped;
	struct ps_error err;

	ps_error_clear(&err);
	ps_buffer_init(&made, 1 << 20);
	ps_buffer_init(&shipped, 1 << 20);
	ps_policy_schema(&made);
	ck_assert_int_eq(made.status, PS_OK);
	if (golden != NULL && strcmp(golden, "write") == 0) {
		struct ps_file_writer writer;

		ck_assert_int_eq(ps_file_writer_open(&writer, path, 0644, &err), PS_OK);
		(void)fwrite(made.data, 1, made.len, writer.stream);
		ck_assert_int_eq(ps_file_writer_commit(&writer, &err), PS_OK);
	}
	ck_assert_msg(ps_file_read(path, &shipped, &err) == PS_OK, "%s", err.text);
	ck_assert(ps_bytes_equal(ps_buffer_bytes(&made), ps_buffer_bytes(&shipped)));
	ps_buffer_clear(&made);
	ps_buffer_clear(&shipped);
}
END_TEST

START_TEST(a_small_buffer_is_an_error_and_no_more)
{
	struct ps_buffer out;

	ps_buffer_init(&out, 1000);
	ps_policy_schema(&out);
	ck_assert_int_eq(out.status, PS_LIMIT);
	ps_buffer_clear(&out);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.schema");
	TCase *tcase = tcase_create("schema");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, the_shipped_schema_is_that_of_the_tables);
	tcase_add_test(tcase, a_small_buffer_is_an_error_and_no_more);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
