#include "verdict/relief.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/random.h"
#include "verdict/plan.h"

#define NOW 1763726400u

static struct ps_relief relief, other;

static struct ps_relief_entry *add(enum ps_relief_kind kind, const char *subject, uint64_t until)
{
	struct ps_relief_entry *entry = &relief.entry[relief.count++];
	struct ps_name_buffer storage;
	struct ps_name name;

	*entry = (struct ps_relief_entry){.kind = kind, .until = until, .made = NOW};
	if (kind == PS_RELIEF_ALLOW) {
		ck_assert_int_eq(
		    ps_name_from_text(&name, &storage, ps_bytes_of_text(subject), NULL), PS_OK);
		memcpy(entry->name, name.wire, name.len);
		entry->name_len = name.len;
	} else {
		(void)snprintf(entry->rule, sizeof(entry->rule), "%s", subject);
	}
	return entry;
}

static void begin(void)
{
	relief.count = 0;
	(void)add(PS_RELIEF_DISABLE, "", NOW + 10);
	(void)add(PS_RELIEF_DISABLE_RULE, "phishing", NOW + 20);
	(void)snprintf(add(PS_RELIEF_ALLOW, "www.evil.top", NOW + 30)->reason,
	    PS_RELIEF_REASON_MAX, "ticket 4711");
}

START_TEST(what_is_written_is_read)
{
	struct ps_buffer buffer;

	begin();
	ps_buffer_init(&buffer, PS_RELIEF_FILE_MAX);
	ck_assert_int_eq(ps_relief_encode(&relief, &buffer), PS_OK);
	ck_assert_uint_eq(buffer.len, PS_RELIEF_HEADER + 3 * PS_RELIEF_ENTRY);
	ck_assert_int_eq(ps_relief_decode(&other, ps_buffer_bytes(&buffer), NULL), PS_OK);
	ck_assert(ps_relief_equal(&relief, &other));
	ck_assert_str_eq(other.entry[2].reason, "ticket 4711");
	ck_assert_uint_eq(other.entry[2].made, NOW);
	ck_assert_uint_eq(ps_relief_name(&other.entry[2]).labels, 3);
	ps_buffer_clear(&buffer);
	relief.count = 0;
	ps_buffer_init(&buffer, PS_RELIEF_FILE_MAX);
	ck_assert_int_eq(ps_relief_encode(&relief, &buffer), PS_OK);
	ck_assert_int_eq(ps_relief_decode(&other, ps_buffer_bytes(&buffer), NULL), PS_OK);
	ck_assert_uint_eq(other.count, 0);
	ps_buffer_clear(&buffer);
}
END_TEST

static void seal(uint8_t *bytes, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = PS_RELIEF_HEADER; i < len; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	for (size_t i = 0; i < 8; i++)
		bytes[16 + i] = (uint8_t)(hash >> (8 * i));
}

/* Not sealed again: all refused. Sealed again: refused, or well-formed in every field. */
START_TEST(every_flipped_bit_is_refused_or_well_formed)
{
	struct ps_buffer buffer;
	unsigned taken = 0, refused = 0;

	begin();
	ps_buffer_init(&buffer, PS_RELIEF_FILE_MAX);
	ck_assert_int_eq(ps_relief_encode(&relief, &buffer), PS_OK);
	for (size_t at = 0; at < buffer.len; at++) {
		uint8_t before = buffer.data[at];

		for (unsigned bit = 0; bit < 8; bit++) {
			buffer.data[at] = (uint8_t)(before ^ 1u << bit);
			ck_assert_int_ne(
			    ps_relief_decode(&other, ps_buffer_bytes(&buffer), NULL), PS_OK);
			if (at < PS_RELIEF_HEADER)
				continue;
			seal(buffer.data, buffer.len);
			if (ps_relief_decode(&other, ps_buffer_bytes(&buffer), NULL) == PS_OK) {
				size_t field = (at - PS_RELIEF_HEADER) % PS_RELIEF_ENTRY;

				taken++;
				ck_assert(field < 20 || field >= 24); /* zeros */
				ck_assert_uint_eq(other.count, 3);
				for (size_t i = 0; i < 3; i++)
					ck_assert_uint_le(
					    strlen(other.entry[i].reason), PS_RELIEF_REASON_MAX);
			} else {
				refused++;
				ck_assert_uint_le(other.count, 0);
			}
			buffer.data[at] = before;
			seal(buffer.data, buffer.len);
		}
		buffer.data[at] = before;
	}
	ck_assert_uint_gt(taken, 500);
	ck_assert_uint_gt(refused, 5000);
	for (size_t len = 0; len < buffer.len; len++)
		ck_assert_int_ne(
		    ps_relief_decode(&other, ps_bytes_of(buffer.data, len), NULL), PS_OK);
	ps_buffer_clear(&buffer);
}
END_TEST

START_TEST(ends_are_to_the_second)
{
	struct ps_name_buffer storage;
	struct ps_name name;

	ck_assert_int_eq(
	    ps_name_from_text(&name, &storage, ps_bytes_of_text("www.evil.top"), NULL), PS_OK);
	begin();
	ck_assert_uint_eq(ps_relief_next_end(&relief), NOW + 10);
	ck_assert_ptr_eq(ps_relief_of_rule(&relief, NULL, NOW + 9), &relief.entry[0]);
	ck_assert_ptr_null(ps_relief_of_rule(&relief, NULL, NOW + 10));
	ck_assert_ptr_eq(ps_relief_of_rule(&relief, "phishing", NOW), &relief.entry[1]);
	ck_assert_ptr_eq(ps_relief_of_rule(&relief, "other", NOW), &relief.entry[0]);
	ck_assert_ptr_null(ps_relief_of_rule(&relief, "other", NOW + 10));
	ck_assert_ptr_null(ps_relief_of_rule(&relief, "phishing", NOW + 20));
	ck_assert_ptr_eq(ps_relief_of_name(&relief, name, NOW + 29), &relief.entry[2]);
	ck_assert_ptr_null(ps_relief_of_name(&relief, name, NOW + 30));
	ck_assert(!ps_relief_expire(&relief, NOW + 9));
	ck_assert(ps_relief_expire(&relief, NOW + 20));
	ck_assert_uint_eq(relief.count, 1);
	ck_assert_int_eq(relief.entry[0].kind, PS_RELIEF_ALLOW);
	ck_assert(ps_relief_expire(&relief, NOW + 30));
	ck_assert_uint_eq(ps_relief_next_end(&relief), UINT64_MAX);
}
END_TEST

/* Names of any octets against a comparison from the end, label by label. */
/* Whose rule decides on RULE.top at NOW + seconds; "" when none does. */
static const char *decides(struct court *court, const char *name, uint32_t seconds)
{
	struct ps_name_buffer storage;
	struct ps_verdict verdict = judge_name(court, name_of(name, &storage), NOW + seconds);

	return verdict.rule == PS_INDEX_NONE ? "" : ps_snapshot_rule(court->snapshot, verdict.rule).id;
}

/* Each rule is back when its own time is over, and the others stay off until theirs is: in one matcher,
 * as long as nobody makes another. */
START_TEST(each_end_is_its_own)
{
	static const struct ps_place place = {"p.yaml", 1, 1};
	static const struct ps_answer answer = {
	    .name = "nxdomain", .action = PS_ACTION_NXDOMAIN, .ttl = 30};
	struct ps_condition conditions[] = {
	    {.kind = PS_CONDITION_PATTERN, .pattern = "^one", .place = place},
	    {.kind = PS_CONDITION_PATTERN, .pattern = "^two", .place = place},
	    {.kind = PS_CONDITION_PATTERN, .pattern = "^(?:one|two|three)", .place = place}};
	struct ps_rule rules[3];
	struct ps_plan plan = {
	    .rules = rules, .rule_count = 3, .answers = &answer, .answer_count = 1};
	static const char *const ids[] = {"one", "two", "all"};
	struct court court;

	for (int i = 0; i < 3; i++)
		rules[i] = (struct ps_rule){.id = ids[i], .place = place, .conditions = &conditions[i],
		    .condition_count = 1, .ede_code = PS_EDE_NONE, .ede_text = ""};
	court_open(&court, &plan, NULL, 0);
	relief.count = 0;
	(void)add(PS_RELIEF_DISABLE_RULE, "one", NOW + 10);
	(void)add(PS_RELIEF_DISABLE_RULE, "two", NOW + 20);
	(void)add(PS_RELIEF_DISABLE_RULE, "one", NOW + 5);
	(void)add(PS_RELIEF_ALLOW, "three.top", NOW + 1);
	(void)add(PS_RELIEF_DISABLE, "", NOW + 3);
	(void)add(PS_RELIEF_DISABLE, "", NOW - 1); /* has ended */
	ck_assert_int_eq(
	    ps_matcher_relieve(court.matcher, court.snapshot, &relief, NOW), PS_OK);
	for (uint32_t s = 0; s < 25; s++) {
		ck_assert_msg(strcmp(decides(&court, "one.top", s), s < 3 ? "" : s < 10 ? "all" : "one") == 0,
		    "one, %u s", s);
		ck_assert_msg(strcmp(decides(&court, "two.top", s), s < 3 ? "" : s < 20 ? "all" : "two") == 0,
		    "two, %u s", s);
		ck_assert_msg(strcmp(decides(&court, "three.top", s), s < 3 ? "" : "all") == 0, "three, %u s", s);
	}
	court_close(&court);
}
END_TEST

START_TEST(a_name_covers_itself_and_what_is_below_and_nothing_else)
{
	struct random r = {11};
	unsigned covered = 0;

	for (unsigned i = 0; i < 20000; i++) {
		uint8_t wire[PS_NAME_WIRE_MAX];
		struct ps_name_buffer storage, above;
		struct ps_name name, parent;
		bool expected;

		ck_assert_int_eq(ps_name_from_wire(&name, &storage,
		                     ps_bytes_of(wire, random_wire(&r, 6, wire)), NULL),
		    PS_OK);
		parent = name;
		if (random_below(&r, 2) == 0 && name.labels > 2)
			parent = ps_name_suffix(name, 2 + (unsigned)random_below(&r, name.labels - 1));
		else
			ck_assert_int_eq(ps_name_from_wire(&parent, &above,
			                     ps_bytes_of(wire, random_wire(&r, 6, wire)), NULL),
			    PS_OK);
		if (parent.len < 2)
			continue;
		relief.count = 1;
		relief.entry[0] =
		    (struct ps_relief_entry){.kind = PS_RELIEF_ALLOW, .until = NOW + 1};
		memcpy(relief.entry[0].name, parent.wire, parent.len);
		relief.entry[0].name_len = parent.len;
		expected = name.labels >= parent.labels;
		if (expected) {
			struct ps_name suffix = ps_name_suffix(name, parent.labels);

			expected = suffix.len == parent.len &&
			           memcmp(suffix.wire, parent.wire, parent.len) == 0;
		}
		ck_assert_int_eq(ps_relief_of_name(&relief, name, NOW) != NULL, expected);
		covered += expected;
	}
	ck_assert_uint_gt(covered, 3000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict.relief");
	TCase *tcase = tcase_create("relief");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, what_is_written_is_read);
	tcase_add_test(tcase, every_flipped_bit_is_refused_or_well_formed);
	tcase_add_test(tcase, ends_are_to_the_second);
	tcase_add_test(tcase, each_end_is_its_own);
	tcase_add_test(tcase, a_name_covers_itself_and_what_is_below_and_nothing_else);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
