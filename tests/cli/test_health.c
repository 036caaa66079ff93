/* What the module writes is what status reads: ps_counters_print() there and back. */
#include "cli/health.h"
#include "core/file.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/postshield-health.XXXXXX";
static char path[sizeof(folder) + sizeof("/" PS_COUNTERS_FILE)];

static void make_folder(void)
{
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/" PS_COUNTERS_FILE, folder);
	ck_assert_int_eq(setenv("POSTSHIELD_STATE", folder, 1), 0);
}

static void remove_folder(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
}

static void write_counters(const struct ps_counters *counters,
    const struct ps_counters_state *state, const struct ps_rule_hits *rules, size_t rule_count)
{
	static const struct ps_decision_hits decisions[] = {{"a.yaml", PS_ACTION_NXDOMAIN, 100},
	    {"b.yaml", PS_ACTION_NXDOMAIN, 2}, {"a.yaml", PS_ACTION_PASS, 1}};
	struct ps_feed_hits feed = {.id = "main", .hits = 7, .entries = 8};
	struct ps_counters_facts facts = {.counters = counters,
	    .state = state,
	    .decisions = decisions,
	    .decision_count = 3,
	    .rules = rules,
	    .rule_count = rule_count,
	    .feeds = &feed,
	    .feed_count = 1};
	struct ps_file_writer writer;
	struct ps_buffer text;

	ps_buffer_init(&text, PS_COUNTERS_FILE_MAX);
	ck_assert_int_eq(ps_counters_print(&text, &facts), PS_OK);
	ck_assert_int_eq(ps_file_writer_open(&writer, path, 0644, NULL), PS_OK);
	(void)fwrite(text.data, 1, text.len, writer.stream);
	ck_assert_int_eq(ps_file_writer_commit(&writer, NULL), PS_OK);
	ps_buffer_clear(&text);
}

START_TEST(there_and_back)
{
	static const struct ps_rule_hits rules[] = {
	    {.id = "rare", .hits = 1, .shadow = 2}, {.id = "often", .hits = 40, .shadow = 3}};
	struct ps_counters counters = {.never_hits = 5, .unjudged = 6, .undecided = 50};
	struct ps_counters_state state = {.start_time = 1000,
	    .now = 2000,
	    .generation = 3,
	    .activation_time = 1500,
	    .activation_microseconds = 12345,
	    .rejected = 4,
	    .resident_bytes = 1u << 20,
	    .names = 12,
	    .running = 1};
	struct ps_health health;

	state.unjudged_crowd = 1;
	(void)snprintf(state.digest, sizeof(state.digest), "%064d", 7);
	(void)snprintf(state.rejection, sizeof(state.rejection), "a \"quoted\\reason\"");
	write_counters(&counters, &state, rules, 2);
	ck_assert_int_eq(ps_health_read(&health, 2005, NULL), PS_OK);
	ck_assert(health.seen && health.alive);
	ck_assert_uint_eq(health.silence, 5);
	ck_assert_uint_eq(health.state.start_time, state.start_time);
	ck_assert_uint_eq(health.state.now, state.now);
	ck_assert_uint_eq(health.state.generation, state.generation);
	ck_assert_uint_eq(health.state.activation_time, state.activation_time);
	ck_assert_uint_eq(health.state.activation_microseconds, state.activation_microseconds);
	ck_assert_uint_eq(health.state.rejected, state.rejected);
	ck_assert_uint_eq(health.state.resident_bytes, state.resident_bytes);
	ck_assert_uint_eq(health.state.names, state.names);
	ck_assert_str_eq(health.state.digest, state.digest);
	ck_assert_str_eq(health.state.rejection, state.rejection);
	ck_assert_str_ne(health.version, "");
	ck_assert_uint_eq(health.decisions[PS_ACTION_PASS], 51);
	ck_assert_uint_eq(health.decisions[PS_ACTION_NXDOMAIN], 102);
	ck_assert_uint_eq(health.decisions[PS_ACTION_LOG], 0);
	ck_assert_uint_eq(health.unjudged, 7);
	ck_assert_uint_eq(ps_health_count(&health, "never_hits"), 5);
	ck_assert_uint_eq(ps_health_count(&health, "no_such"), 0);
	ck_assert_uint_eq(health.rules.count, 2);
	ck_assert_str_eq(health.rules.items[0].id, "often");
	ck_assert_uint_eq(health.rules.items[0].other, 3);
	ck_assert_uint_eq(health.rules.items[1].hits, 1);
	ck_assert_uint_eq(health.feeds.count, 1);
	ck_assert_uint_eq(health.feeds.items[0].hits, 7);
	ck_assert_uint_eq(health.feeds.items[0].other, 8);
	ck_assert_int_eq(health.disk, PS_DISK_NONE);
	ck_assert_uint_gt(health.problem_count, 0);
	ps_health_clear(&health);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tests = tcase_create("health");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture(tests, make_folder, remove_folder);
	tcase_add_test(tests, there_and_back);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
