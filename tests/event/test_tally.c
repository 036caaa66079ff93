/* Tallies: counted against a plain model, full means refused, and a worker and a watcher that
 * meet in every way lose nothing and see nothing twice. */
#include "event/sample.h"
#include "event/tally.h"

#include <pthread.h>

static const struct ps_hash_key secret = {3, 4};

static struct ps_name name_of(const char *text, struct ps_name_buffer *storage)
{
	struct ps_name name;

	ck_assert_int_eq(ps_name_from_text(&name, storage, ps_bytes_of_text(text), NULL), PS_OK);
	return name;
}

struct seen {
	struct ps_tally_entry entries[4 * PS_TALLY_ENTRIES];
	char names[4 * PS_TALLY_ENTRIES][32];
	size_t count;
};

static void see(void *ctx, const struct ps_tally_entry *entry)
{
	struct seen *seen = ctx;
	char text[PS_NAME_TEXT_MAX];

	(void)ps_name_to_text(entry->key.name, text);
	(void)snprintf(seen->names[seen->count], sizeof(seen->names[0]), "%.31s", text);
	seen->entries[seen->count++] = *entry;
}

START_TEST(one_entry_for_each_name_rule_group_and_mode)
{
	static struct seen seen;
	struct ps_tally *tally;
	struct ps_tally_facts facts = {.type = 1}, other = {.type = 28};
	struct ps_name_buffer storage[2];
	struct ps_tally_key key = {.name = name_of("evil.top", &storage[0]), .generation = 1};
	struct ps_tally_key keys[] = {key, key, key, key, key};

	keys[1].name = name_of("evil2.top", &storage[1]);
	keys[2].rule = 1;
	keys[3].group = 1;
	keys[4].trial = true;
	ck_assert_int_eq(ps_tally_create(&tally, secret), PS_OK);
	for (uint64_t i = 0; i < 50; i++)
		ck_assert(ps_tally_note(tally, &keys[i % 5], i < 5 ? &facts : &other, 100 + i));
	ps_tally_drain(tally, see, &seen);
	ck_assert_uint_eq(seen.count, 5);
	for (uint32_t i = 0; i < 5; i++) {
		ck_assert_str_eq(seen.names[i], i == 1 ? "evil2.top" : "evil.top");
		ck_assert_uint_eq(seen.entries[i].count, 10);
		ck_assert_uint_eq(seen.entries[i].first, 100 + i);
		ck_assert_uint_eq(seen.entries[i].last, 145 + i);
		ck_assert_uint_eq(seen.entries[i].facts.type, 1);
		ck_assert(!seen.entries[i].clients_differ);
		ck_assert_uint_eq(seen.entries[i].key.rule, i == 2);
		ck_assert_uint_eq(seen.entries[i].key.group, i == 3);
		ck_assert(seen.entries[i].key.trial == (i == 4));
	}
	/* Taken over once; both halves are empty now. */
	for (int i = 0; i < 2; i++) {
		seen.count = 0;
		ps_tally_drain(tally, see, &seen);
		ck_assert_uint_eq(seen.count, 0);
	}
	ps_tally_destroy(tally);
}
END_TEST

START_TEST(another_generation_is_another_rule)
{
	static struct seen seen;
	struct ps_tally *tally;
	struct ps_tally_facts facts = {.type = 1};
	struct ps_name_buffer storage;
	struct ps_tally_key key = {.name = name_of("evil.top", &storage), .generation = 1};

	ck_assert_int_eq(ps_tally_create(&tally, secret), PS_OK);
	ck_assert(ps_tally_note(tally, &key, &facts, 1));
	key.generation = 2;
	ck_assert(ps_tally_note(tally, &key, &facts, 1));
	facts.client = (struct ps_address){.family = 4, .bytes = {1}};
	ck_assert(ps_tally_note(tally, &key, &facts, 0));
	ps_tally_drain(tally, see, &seen);
	ck_assert_uint_eq(seen.count, 2);
	ck_assert_uint_eq(seen.entries[1].count, 2);
	ck_assert(seen.entries[1].clients_differ);
	/* A clock that was set back does not end an entry before it began. */
	ck_assert_uint_eq(seen.entries[1].last, 1);
	ps_tally_destroy(tally);
}
END_TEST

/* Each of a rule of its own, so that nothing is counted under another. */
START_TEST(full_means_refused_and_what_is_in_goes_on)
{
	static struct seen seen;
	struct ps_tally *tally;
	struct ps_tally_facts facts = {.type = 1, .zone = 3}; /* the name is its own zone */
	const size_t first = PS_TALLY_ENTRIES / 2, room = first + (PS_TALLY_ENTRIES - first) / 3;
	size_t in = 0, refused = 0;

	ck_assert_int_eq(ps_tally_create(&tally, secret), PS_OK);
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 3000; i++) {
			struct ps_name_buffer storage;
			struct ps_tally_key key = {.generation = 1, .rule = i};
			char text[32];
			bool noted;

			(void)snprintf(text, sizeof(text), "n%u.evil.top", i);
			key.name = name_of(text, &storage);
			noted = ps_tally_note(tally, &key, &facts, i);
			/* Its own entry, its zone's and its rule's; for the last two alone there is room. */
			ck_assert_msg(noted == (i <= room), "%u", i);
			in += noted;
			refused += !noted;
		}
	}
	ck_assert_uint_eq(in, 2 * (room + 1));
	ck_assert_uint_eq(refused, 2 * (3000 - room - 1));
	ps_tally_drain(tally, see, &seen);
	ck_assert_uint_eq(seen.count, room + 1);
	for (size_t i = 0; i < seen.count; i++)
		ck_assert_uint_eq(seen.entries[i].count, 2);
	ps_tally_destroy(tally);
}
END_TEST

/* Names under one zone, then under half as many zones as there are names: what comes beyond the shares is
 * counted under the zone, or the root; nothing is refused, and what else is blocked has an entry of
 * its own, also under the same rule. */
START_TEST(a_flood_leaves_room_for_others)
{
	for (int zones = 0; zones < 2; zones++) {
		static struct seen seen;
		static const char *const rare[] = {"rare.example.com", "other.example.org"};
		struct ps_tally *tally;
		struct ps_tally_facts facts = {.type = 1, .zone = 2};
		uint64_t sum = 0, own = 0, summed = 0;
		unsigned rares = 0;

		seen.count = 0;
		ck_assert_int_eq(ps_tally_create(&tally, secret), PS_OK);
		for (unsigned i = 0; i < 20000; i++) {
			struct ps_name_buffer storage;
			struct ps_tally_key key = {.generation = 1};
			char text[48];

			(void)snprintf(text, sizeof(text), zones ? "n%u.evil%u.top" : "n%u.evil.top", i, i / 2);
			key.name = name_of(text, &storage);
			ck_assert(ps_tally_note(tally, &key, &facts, i));
		}
		for (unsigned i = 0; i < 2; i++) { /* by another rule; by the same, under another zone */
			struct ps_name_buffer storage;
			struct ps_tally_key key = {
			    .name = name_of(rare[i], &storage), .generation = 1, .rule = i};

			if (zones && i == 0)
				continue; /* its rule's share is used up */
			ck_assert(ps_tally_note(tally, &key, &facts, 20000));
		}
		ps_tally_drain(tally, see, &seen);
		for (size_t i = 0; i < seen.count; i++) {
			sum += seen.entries[i].count;
			own += !seen.entries[i].key.subtree;
			summed += seen.entries[i].key.subtree;
			if (seen.entries[i].key.subtree)
				ck_assert_uint_le(seen.entries[i].key.name.labels, 2);
			rares += strcmp(seen.names[i], rare[0]) == 0 || strcmp(seen.names[i], rare[1]) == 0;
			if (seen.entries[i].key.subtree && !zones)
				ck_assert_str_eq(seen.names[i], "evil.top");
		}
		ck_assert_uint_eq(sum, zones ? 20001 : 20002);
		ck_assert_uint_eq(rares, zones ? 1 : 2);
		/* A zone and its two names are three of the rule's share: 21 of them, and one alone. */
		ck_assert_uint_eq(summed, zones ? 2 : 1);
		ck_assert_uint_eq(
		    own, PS_TALLY_ENTRIES / 2 + (zones ? 42 + 1 : PS_TALLY_ZONE_SHARE + 2));
		ps_tally_destroy(tally);
	}
}
END_TEST

/* What was found is the tally's own memory, and is not told of many. */
START_TEST(what_was_found_is_copied)
{
	static struct seen seen;
	uint8_t octets[] = {1, 'x', 3, 't', 'o', 'p', 0};
	struct ps_tally *tally;
	struct ps_tally_facts facts = {.type = 1,
	    .zone = 2,
	    .found = PS_FOUND_TARGET,
	    .found_octets = ps_bytes_of(octets, sizeof(octets))};

	ck_assert_int_eq(ps_tally_create(&tally, secret), PS_OK);
	for (unsigned i = 0; i < 2000; i++) {
		struct ps_name_buffer storage;
		struct ps_tally_key key = {.generation = 1};
		char text[32];

		(void)snprintf(text, sizeof(text), "n%u.evil.top", i);
		key.name = name_of(text, &storage);
		octets[1] = (uint8_t)('a' + i % 26);
		ck_assert(ps_tally_note(tally, &key, &facts, i));
	}
	ps_tally_drain(tally, see, &seen);
	for (size_t i = 0; i < seen.count; i++) {
		const struct ps_tally_facts *found = &seen.entries[i].facts;

		ck_assert_uint_eq(found->found_octets.len, seen.entries[i].key.subtree ? 0 : 7);
		if (i < 500)
			ck_assert_uint_eq(found->found_octets.ptr[1], 'a' + i % 26);
	}
	ps_tally_destroy(tally);
}
END_TEST

/* The room for names ends before the entries do. */
START_TEST(long_names_fill_it_sooner)
{
	static struct seen seen;
	struct ps_tally *tally;
	struct ps_tally_facts facts = {.type = 1, .zone = 3};
	unsigned noted = 0, own = 0;

	ck_assert_int_eq(ps_tally_create(&tally, secret), PS_OK);
	for (unsigned i = 0; i < 500; i++) {
		uint8_t wire[PS_NAME_WIRE_MAX] = {0};
		struct ps_tally_key key = {.generation = 1, .rule = i};

		for (size_t at = 0; at < 192; at += 64) {
			wire[at] = 63;
			memset(wire + at + 1, 'a', 63);
		}
		wire[1] = (uint8_t)('a' + i % 26);
		wire[2] = (uint8_t)('a' + i / 26);
		key.name = ps_name_trusted(wire, 193, 3);
		noted += ps_tally_note(tally, &key, &facts, i);
	}
	ps_tally_drain(tally, see, &seen);
	ck_assert_uint_eq(seen.count, noted);
	for (size_t i = 0; i < seen.count; i++)
		own += !seen.entries[i].key.subtree;
	/* One each up to half of the room, and of the rest each with its zone's and its rule's. */
	ck_assert_uint_eq(own, PS_TALLY_NAMES / 2 / 193 + 1 + (PS_TALLY_NAMES / 2 - 193) / (193 + 194));
	ps_tally_destroy(tally);
}
END_TEST

/* --- both sides at once ---------------------------------------------------------------------- */

#define NOTES 200000u
#define NAMES 37u

struct pair {
	struct ps_tally *tally;
	uint64_t noted;
	uint64_t refused;
	_Atomic bool done;
	uint64_t counted[NAMES];
	uint64_t wrong;
};

static void *work(void *arg)
{
	struct pair *pair = arg;
	struct ps_tally_facts facts = {.type = 1};

	for (unsigned i = 0; i < NOTES; i++) {
		uint8_t wire[] = {2, (uint8_t)('a' + i % NAMES), 'x', 3, 't', 'o', 'p', 0};
		struct ps_tally_key key = {
		    .name = ps_name_trusted(wire, sizeof(wire), 2), .rule = i % NAMES};

		if (ps_tally_note(pair->tally, &key, &facts, i))
			pair->noted++;
		else
			pair->refused++;
	}
	atomic_store(&pair->done, true);
	return NULL;
}

static void add_up(void *ctx, const struct ps_tally_entry *entry)
{
	struct pair *pair = ctx;

	if (entry->key.rule >= NAMES || entry->key.name.wire[1] != 'a' + entry->key.rule ||
	    entry->count == 0)
		pair->wrong++;
	else
		pair->counted[entry->key.rule] += entry->count;
}

START_TEST(a_worker_and_a_watcher)
{
	static struct pair pair;
	pthread_t thread;
	uint64_t sum = 0;

	ck_assert_int_eq(ps_tally_create(&pair.tally, secret), PS_OK);
	ck_assert_int_eq(pthread_create(&thread, NULL, work, &pair), 0);
	while (!atomic_load(&pair.done))
		ps_tally_drain(pair.tally, add_up, &pair);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ps_tally_drain(pair.tally, add_up, &pair);
	ps_tally_drain(pair.tally, add_up, &pair);
	for (unsigned i = 0; i < NAMES; i++) {
		sum += pair.counted[i];
		ck_assert_uint_eq(pair.counted[i], NOTES / NAMES + (i < NOTES % NAMES));
	}
	ck_assert_uint_eq(pair.wrong, 0);
	ck_assert_uint_eq(pair.refused, 0);
	ck_assert_uint_eq(sum, pair.noted);
	ps_tally_destroy(pair.tally);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event.tally");
	TCase *tc = tcase_create("tally");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240); /* sanitizers on a busy machine */
	tcase_add_test(tc, one_entry_for_each_name_rule_group_and_mode);
	tcase_add_test(tc, another_generation_is_another_rule);
	tcase_add_test(tc, full_means_refused_and_what_is_in_goes_on);
	tcase_add_test(tc, a_flood_leaves_room_for_others);
	tcase_add_test(tc, what_was_found_is_copied);
	tcase_add_test(tc, long_names_fill_it_sooner);
	tcase_add_test(tc, a_worker_and_a_watcher);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
