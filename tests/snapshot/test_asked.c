/* What conditions are asked of, and the rows of rules about answers: each check of the verifier
 * refuses what it is there for. */
#include "snapshot/refused.h"

/* Each kind of condition of its own things alone, and the question before the answer. */
START_TEST(answers_asked)
{
	static const struct field fields[] = {
	    {PS_SECTION_CONDITIONS, SERVER, PS_CONDITION_OF, 1, 3, "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, SERVER, PS_CONDITION_OF, 1, 16, "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, NAMES, PS_CONDITION_OF, 1, PS_OF_ADDRESS,
	        "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, PATTERN, PS_CONDITION_OF, 1, PS_OF_SERVER,
	        "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, IN_PREFIX, PS_CONDITION_OF, 1, PS_OF_SERVER_NAME,
	        "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, IN_PREFIX, PS_CONDITION_OF, 1, PS_OF_SERVER,
	        "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, IN_PREFIX, PS_CONDITION_MIN, 1, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, IN_PREFIX, PS_CONDITION_CATEGORIES, 4, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, IN_PREFIX, PS_CONDITION_BRAND_COUNT, 4, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, IN_PREFIX, PS_CONDITION_PATTERN_TEXT, 4, 1, "not fit its kind"},
	    {PS_SECTION_CONDITIONS, LISTED, PS_CONDITION_OF, 1, PS_OF_TARGET, "do not ascend"},
	    {PS_SECTION_CONDITIONS, TARGET, PS_CONDITION_OF, 1, PS_OF_SERVER_NAME, "do not ascend"},
	    {PS_SECTION_CONDITIONS, SERVER, PS_CONDITION_OF, 1, PS_OF_QUESTION, "do not ascend"},
	};
	uint8_t *bytes = copy_image();

	EACH_REFUSED(fields);
	store(record(bytes, PS_SECTION_CONDITIONS, SERVER) + PS_CONDITION_OF, 1,
	    PS_OF_SERVER_ADDRESS);
	accepted(bytes);
	/* A row of a rule's prefixes must name a condition that has such. */
	bytes = copy_image();
	store(record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_ADDRESSES)) + PS_ROW_SOURCE, 2,
	    NAMES);
	refused(bytes, "has a wrong value");
	bytes = copy_image();
	store(record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_NAMES)) + PS_ROW_SOURCE, 2,
	    IN_PREFIX);
	refused(bytes, "has a wrong value");
	bytes = copy_image();
	record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_ADDRESSES))[PS_ROW_CONFIDENCE] = 1;
	refused(bytes, "has a wrong value");
	/* A feed's row may say that it is about name servers, and nothing beyond. */
	bytes = copy_image();
	store(record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_FEED)) + PS_ROW_ORIGIN, 1,
	    PS_ORIGIN_SERVER + 1);
	refused(bytes, "has a wrong value");
}
END_TEST

/* The rows of prefixes and of names stay apart. */
START_TEST(rules_prefixes_list_no_names)
{
	uint8_t *bytes = copy_image();
	uint64_t named = row_of(bytes, PS_ROW_NAMES);
	uint8_t *row = record(bytes, PS_SECTION_ROWS, named);

	row[PS_ROW_KIND] = PS_ROW_ADDRESSES;
	store(row + PS_ROW_SOURCE, 2, IN_PREFIX);
	refused(bytes, "has rows for prefixes");
	/* Behind a feed's row, before the rule's: the last one alone does not tell. */
	bytes = copy_image();
	row = record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_ADDRESSES) - 1);
	memset(row, 0, PS_ROW_RECORD);
	row[PS_ROW_KIND] = PS_ROW_NEVER;
	store(row + PS_ROW_VALID_UNTIL, 4, PS_TIME_FOREVER);
	refused(bytes, "prefix 2 has rows for names");
}
END_TEST

int main(void)
{
	const TTest *const all[] = {answers_asked, rules_prefixes_list_no_names};
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("asked");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
