/* Counters: what is printed is read back, whatever an id or a reason holds; and what is no
 * line of the format is refused with its place. */
#include "event/counters.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/version.h"

/* --- reading into a list -------------------------------------------------------------- */

struct found {
	char name[64];
	char key[16];
	char label[512];
	char policy[512];
	double value;
};

struct list {
	struct found found[512];
	size_t count;
	size_t stop_at; /* 0: never */
};

static enum ps_status take(void *ctx, const struct ps_sample *sample)
{
	static const char *const keys[] = {
	    "action", "rule", "feed", "group", "version", "digest", "reason", "le", NULL};
	struct list *list = ctx;
	struct found *found = &list->found[list->count++];

	ck_assert_uint_lt(list->count, 512);
	*found = (struct found){.value = sample->value};
	ck_assert_uint_lt(sample->name.len, sizeof(found->name));
	memcpy(found->name, sample->name.ptr, sample->name.len);
	for (int i = 0; keys[i] != NULL; i++) {
		if (ps_sample_label(sample, keys[i], found->label, sizeof(found->label)))
			(void)snprintf(found->key, sizeof(found->key), "%s", keys[i]);
	}
	(void)ps_sample_label(sample, "policy", found->policy, sizeof(found->policy));
	return list->count == list->stop_at ? PS_LIMIT : PS_OK;
}

static double value_under(
    const struct list *list, const char *name, const char *label, const char *policy)
{
	double value = -1;
	int times = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->found[i].name, name) == 0 &&
		    strcmp(list->found[i].label, label) == 0 &&
		    strcmp(list->found[i].policy, policy) == 0) {
			value = list->found[i].value;
			times++;
		}
	}
	ck_assert_msg(times == 1, "%s{%s} stands there %d times", name, label, times);
	return value;
}

static double value_of(const struct list *list, const char *name, const char *label)
{
	return value_under(list, name, label, "");
}

static enum ps_status parse(const char *text, size_t len, struct list *list, struct ps_error *err)
{
	/* Memory of its own, so that a sanitizer sees a read behind it. */
	char *copy = malloc(len > 0 ? len : 1);
	enum ps_status status;

	memcpy(copy, text, len);
	list->count = 0;
	ps_error_clear(err);
	status = ps_counters_parse(ps_bytes_of(copy, len), take, list, err);
	free(copy);
	return status;
}

/* --- round trip -------------------------------------------------------------------------- */

static const struct {
	const char *written;
	const char *read;
} hostile[] = {
    {"plain-id", "plain-id"},
    {"", ""},
    {"quote\"inside", "quote\"inside"},
    {"back\\slash", "back\\slash"},
    {"ends in backslash\\", "ends in backslash\\"},
    {"\\\"", "\\\""},
    {"two\nlines", "two\nlines"},
    {"brace}and{brace", "brace}and{brace"},
    {"a,b=\"c\"", "a,b=\"c\""},
    {"rule=\"x\",feed=\"y\"", "rule=\"x\",feed=\"y\""},
    {"\\n", "\\n"},
    {"tab\tbell\aescape\033", "tab?bell?escape?"},
    {"p\303\244ckchen", "p??ckchen"},
    {"\177\377", "??"},
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

static const char refusal[] = "snapshot.ps: \"bad\" \\ offset\n5";

/* Of each count another number. */
static struct ps_counters some_counts(void)
{
	struct ps_counters counters = {.undecided = 100,
	    .duration_nanoseconds = UINT64_C(5000000007),
	    .prefetches_blocked = 1,
	    .subqueries = 2,
	    .responses_unstored = 3,
	    .late_blocks = 4,
	    .shadow_hits = 5,
	    .never_hits = 6,
	    .pattern_limits = 7,
	    .answers_failed = 8,
	    .unjudged = 9,
	    .events = 10,
	    .events_dropped = 11};

	for (unsigned i = 0; i < PS_DURATION_BUCKETS; i++)
		counters.durations[i] = i + 1;
	return counters;
}

static struct ps_counters_state some_state(void)
{
	struct ps_counters_state state = {.start_time = 1700000000,
	    .now = 1700000060,
	    .generation = 7,
	    .activation_time = 1700000050,
	    .file_time = 1700000040,
	    .activation_microseconds = 1234567,
	    .rejected = 2,
	    .flushed = 11,
	    .resident_bytes = UINT64_C(1) << 40,
	    .names = 1000000,
	    .digest = "00ff",
	    .unjudged_crowd = 17,
	    .unjudged_unexpected = 18,
	    .events_dropped = 100,
	    .events_open = 12,
	    .events_failing = true,
	    .event_records = 13,
	    .event_records_removed = 14,
	    .event_segments_removed = 15,
	    .event_spool_octets = 16};

	(void)snprintf(state.rejection, sizeof(state.rejection), "%s", refusal);
	return state;
}

/* Prints the counts with rules, feeds, groups and policies of all hostile ids, looks that it is text
 * that any reader takes, and reads it. */
static void print_and_read(struct list *list)
{
	struct ps_rule_hits rules[HOSTILE];
	struct ps_feed_hits feeds[HOSTILE];
	struct ps_group_hits groups[HOSTILE];
	struct ps_decision_hits decisions[HOSTILE];
	struct ps_counters counters = some_counts();
	struct ps_counters_state state = some_state();
	struct ps_counters_facts facts = {.counters = &counters,
	    .state = &state,
	    .decisions = decisions,
	    .decision_count = HOSTILE,
	    .rules = rules,
	    .rule_count = HOSTILE,
	    .feeds = feeds,
	    .feed_count = HOSTILE,
	    .groups = groups,
	    .group_count = HOSTILE};
	struct ps_buffer out;
	struct ps_error err;

	for (size_t i = 0; i < HOSTILE; i++) {
		rules[i] = (struct ps_rule_hits){hostile[i].written, 1000 + i, 2000 + i};
		feeds[i] = (struct ps_feed_hits){hostile[i].written, 3000 + i, 4000 + i, i % 2};
		groups[i] = (struct ps_group_hits){hostile[i].written, 5000 + i, 6000 + i};
		decisions[i] =
		    (struct ps_decision_hits){hostile[i].written, PS_ACTION_DROP, 7000 + i};
	}
	decisions[1].policy = "named"; /* one with no policy is there already */
	ps_buffer_init(&out, PS_COUNTERS_FILE_MAX);
	ck_assert_int_eq(ps_counters_print(&out, &facts), PS_OK);
	/* Printable ASCII and newlines alone, the last line whole. */
	for (size_t i = 0; i < out.len; i++)
		ck_assert_msg(out.data[i] == '\n' || (out.data[i] >= 0x20 && out.data[i] < 0x7f),
		    "octet %zu is %02x", i, out.data[i]);
	ck_assert_uint_eq(out.data[out.len - 1], '\n');
	ck_assert_msg(
	    parse((char *)out.data, out.len, list, &err) == PS_OK, "line %d", (int)err.line);
	ps_buffer_clear(&out);
}

static const struct {
	const char *name; /* without "postshield_" */
	const char *label;
	double value;
} written[] = {
    /* Each bucket of a histogram holds those before it, too. */
    {"decision_duration_seconds_bucket", "1e-06", 1},
    {"decision_duration_seconds_bucket", "2.5e-06", 3},
    {"decision_duration_seconds_bucket", "0.01", 55},
    {"decision_duration_seconds_bucket", "+Inf", 66},
    {"decision_duration_seconds_count", "", 66},
    {"decision_duration_seconds_sum", "", 5.000000007},
    {"snapshot_timestamp_seconds", "", 1700000040},
    {"snapshot_refused", "", 1},
    {"unjudged_total", "no-worker", 17},
    {"unjudged_total", "internal", 18},
    {"prefetches_blocked_total", "", 1},
    {"subqueries_total", "", 2},
    {"responses_unstored_total", "", 3},
    {"late_blocks_total", "", 4},
    {"shadow_hits_total", "", 5},
    {"never_hits_total", "", 6},
    {"pattern_limits_total", "", 7},
    {"answers_failed_total", "", 8},
    {"unjudged_total", "no-snapshot", 9},
    {"events_total", "", 10},
    {"events_dropped_total", "", 111}, /* dropped is dropped, wherever */
    {"events_open", "", 12},
    {"event_spool_failing", "", 1},
    {"event_records_total", "", 13},
    {"event_records_removed_total", "", 14},
    {"event_segments_removed_total", "", 15},
    {"event_spool_bytes", "", 16},
    {"build_info", PS_VERSION, 1},
    {"start_time_seconds", "", 1700000000},
    {"snapshot_generation", "", 7},
    {"snapshot_activation_seconds", "", 1.234567},
    {"snapshot_resident_bytes", "", 1099511627776.0},
    {"snapshot_info", "00ff", 1},
    {"snapshot_rejection_info", refusal, 1},
};

START_TEST(counts_are_read_as_written)
{
	static struct list list;
	char name[80];

	print_and_read(&list);
	for (unsigned a = 0; a < PS_ACTION_COUNT; a++)
		ck_assert(value_of(&list, "postshield_decisions_total", ps_action_name(a)) ==
		          (a == PS_ACTION_PASS ? 100 : 0));
	ck_assert(value_under(&list, "postshield_decisions_total", "drop", "named") == 7001);
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		(void)snprintf(name, sizeof(name), "postshield_%s", written[i].name);
		ck_assert_msg(value_of(&list, name, written[i].label) == written[i].value, "%s{%s}",
		    name, written[i].label);
	}
}
END_TEST

START_TEST(ids_are_read_as_written)
{
	static const struct {
		const char *name;
		double first; /* of the first id; one more with each */
	} families[] = {{"postshield_rule_hits_total", 1000}, {"postshield_rule_shadow_hits_total", 2000},
	    {"postshield_feed_hits_total", 3000}, {"postshield_feed_entries", 4000},
	    {"postshield_group_queries_total", 5000}, {"postshield_group_blocked_total", 6000}};
	static struct list list;

	print_and_read(&list);
	for (size_t i = 0; i < HOSTILE; i++) {
		const char *expected = hostile[i].read;

		if (i > 0 && strcmp(expected, "??") == 0)
			continue;
		for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++)
			ck_assert(value_of(&list, families[f].name, expected) ==
			          families[f].first + (double)i);
		ck_assert(value_of(&list, "postshield_feed_held", expected) == (double)(i % 2));
		if (i != 1)
			ck_assert(value_under(&list, "postshield_decisions_total", "drop", expected) ==
			          7000.0 + (double)i);
	}
}
END_TEST

/* Each family is described once, before its samples, as the format wants it. */
START_TEST(families_are_described)
{
	struct ps_counters counters = {0};
	struct ps_counters_state state = {0};
	struct ps_counters_facts facts = {.counters = &counters, .state = &state};
	struct ps_buffer out;
	char family[80] = "";
	size_t samples = 0;

	ps_buffer_init(&out, PS_COUNTERS_FILE_MAX);
	ck_assert_int_eq(ps_counters_print(&out, &facts), PS_OK);
	ck_assert_int_eq(ps_buffer_append(&out, "", 1), PS_OK);
	for (char *line = strtok((char *)out.data, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		if (strncmp(line, "# TYPE ", 7) == 0) {
			ck_assert_int_eq(sscanf(line, "# TYPE %79s", family), 1);
		} else if (line[0] != '#') {
			ck_assert_msg(strncmp(line, family, strlen(family)) == 0, "%s under %s", line, family);
			ck_assert(strncmp(line, "postshield_", 11) == 0);
			samples++;
		}
	}
	ck_assert_uint_gt(samples, 20);
	ps_buffer_clear(&out);
}
END_TEST

/* A buffer that is too small says so; nothing is lost in silence. */
START_TEST(too_small_a_buffer)
{
	struct ps_counters counters = {0};
	struct ps_counters_state state = {0};
	struct ps_counters_facts facts = {.counters = &counters, .state = &state};

	for (size_t max = 0; max < 4000; max += 37) {
		struct ps_buffer out;

		ps_buffer_init(&out, max);
		ck_assert_int_eq(ps_counters_print(&out, &facts), PS_LIMIT);
		ck_assert_uint_le(out.len, max);
		ps_buffer_clear(&out);
	}
}
END_TEST

/* --- reading alone ------------------------------------------------------------------------- */

START_TEST(good_lines)
{
	static struct list list;
	struct ps_error err;
	static const char text[] = "# anything\n\na 1\nb{} 2\nc{rule=\"x\"}   3  \n"
	                           "d{other=\"1\",rule=\"y\",} 4\ne{le=\"+Inf\"} 1e3\nf -0.5\ng 5";

	ck_assert_int_eq(parse(text, sizeof(text) - 1, &list, &err), PS_OK);
	ck_assert_uint_eq(list.count, 7);
	ck_assert(value_of(&list, "a", "") == 1);
	ck_assert(value_of(&list, "b", "") == 2);
	ck_assert(value_of(&list, "c", "x") == 3);
	ck_assert(value_of(&list, "d", "y") == 4);
	ck_assert(value_of(&list, "e", "+Inf") == 1000);
	ck_assert(value_of(&list, "f", "") == -0.5);
	ck_assert(value_of(&list, "g", "") == 5);
	ck_assert_int_eq(parse("", 0, &list, &err), PS_OK);
	ck_assert_uint_eq(list.count, 0);
	/* A caller who has seen enough. */
	list.stop_at = 3;
	ck_assert_int_eq(parse(text, sizeof(text) - 1, &list, &err), PS_LIMIT);
	ck_assert_uint_eq(list.count, 3);
	list.stop_at = 0;
}
END_TEST

START_TEST(bad_lines)
{
	static const char *const bad[] = {"name", "name ", "{a=\"b\"} 1", " 1", "n{a=\"b\" 1",
	    "n{a=\"b\"}", "n{a=\"b\"} one", "n 1 2 3x", "n 1x", "n{a=\"b\\\"} 1",
	    "n 1111111111111111111111111111111111111111111111111111111111111111111111", "n 1e999"};
	static struct list list;
	struct ps_error err;
	char text[160];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int len = snprintf(text, sizeof(text), "good 1\n%s\ngood 2\n", bad[i]);

		ck_assert_msg(parse(text, (size_t)len, &list, &err) == PS_INVALID, "%s", bad[i]);
		ck_assert_uint_eq(err.line, 2);
		ck_assert_uint_eq(list.count, 1);
	}
	ck_assert_int_eq(parse("a\0b 1\n", 6, &list, &err), PS_OK);
	ck_assert_int_eq(parse("a 1\0002\n", 6, &list, &err), PS_INVALID);
}
END_TEST

/* Random octets, and a good text with octets changed: an answer, and no read behind the end. */
START_TEST(broken_texts)
{
	static struct list list;
	static const char good[] =
	    "a{rule=\"x\\\"y\\\\\",feed=\"z\"} 1\nb 2\nc{reason=\"}\"} 3.5\n# x\n";
	uint64_t state = 88172645463325252u;
	char text[sizeof(good)];
	struct ps_error err;

	for (int n = 0; n < 20000; n++) {
		size_t len = sizeof(good) - 1;

		memcpy(text, good, sizeof(good));
		for (int k = 0; k < 3; k++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			text[state % len] = n % 2 ? "\"\\{}=, \n#1"[state >> 32 & 7] : (char)(state >> 40);
		}
		len -= (size_t)(state >> 50) % len;
		(void)parse(text, len, &list, &err);
	}
}
END_TEST

/* A label that does not fit is cut, never written past. */
START_TEST(short_rooms)
{
	struct ps_sample sample = {.labels = ps_bytes_of_text("rule=\"abcdef\",feed=\"g\"")};
	char room[4] = "###";

	ck_assert(ps_sample_label(&sample, "rule", room, sizeof(room)));
	ck_assert_str_eq(room, "abc");
	ck_assert(ps_sample_label(&sample, "feed", room, 2));
	ck_assert_str_eq(room, "g");
	ck_assert(ps_sample_label(&sample, "rule", NULL, 0));
	ck_assert(!ps_sample_label(&sample, "rul", room, sizeof(room)));
	ck_assert(!ps_sample_label(&sample, "rules", room, sizeof(room)));
	ck_assert(!ps_sample_label(&sample, "", room, sizeof(room)));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("counters");
	TCase *tests = tcase_create("counters");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, counts_are_read_as_written);
	tcase_add_test(tests, ids_are_read_as_written);
	tcase_add_test(tests, families_are_described);
	tcase_add_test(tests, too_small_a_buffer);
	tcase_add_test(tests, good_lines);
	tcase_add_test(tests, bad_lines);
	tcase_add_test(tests, broken_texts);
	tcase_add_test(tests, short_rooms);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
