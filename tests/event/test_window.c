/* The window: a storm is one record, a flood is bounded and counted. */
#include "event/sample.h"
#include "event/window.h"

static const struct ps_hash_key secret = {3, 4};

struct sealed {
	uint64_t records;
	uint64_t decisions;
	uint64_t octets;
	uint64_t differing; /* records that more than one client is behind */
	uint64_t summed;    /* records of what stands under a name */
	uint64_t rare;      /* records of one name under example<number>.com */
	struct ps_event last;
};

static void count_sealed(void *ctx, struct ps_event *event)
{
	struct sealed *sealed = ctx;

	sealed->records++;
	sealed->decisions += event->count;
	sealed->octets += ps_event_size(event);
	sealed->differing += event->clients_differ;
	sealed->summed += event->subtree;
	sealed->rare += !event->subtree && memmem(event->name, event->name_len, "example", 7) != NULL;
	sealed->last = *event;
}

START_TEST(a_storm_is_one_record)
{
	struct ps_window *window;
	struct sealed sealed = {0};
	uint64_t now = 1700000000000;

	ck_assert_int_eq(ps_window_create(&window), PS_OK);
	for (int i = 0; i < 1000; i++, now += 4) {
		struct ps_event event = sample_plain("evil.top", "r", now);

		event.count = 100;
		ck_assert(ps_window_add(window, &event, now));
		ps_window_seal(window, false, now, count_sealed, &sealed);
		ck_assert_uint_eq(sealed.records, 0);
	}
	ck_assert_uint_eq(ps_window_open_events(window), 1);
	ck_assert_uint_eq(ps_window_open_decisions(window), 100000);
	ps_window_seal(window, false, 1700000000000 + PS_WINDOW_MS, count_sealed, &sealed);
	ck_assert_uint_eq(sealed.records, 1);
	ck_assert_uint_eq(sealed.decisions, 100000);
	ck_assert_uint_eq(sealed.last.first, 1700000000000);
	ck_assert_uint_eq(sealed.last.last, 1700000003996);
	ck_assert_uint_eq(ps_window_open_decisions(window), 0);
	ps_window_destroy(window);
}
END_TEST

START_TEST(what_differs_stays_apart_and_clients_are_joined)
{
	struct ps_window *window;
	struct sealed sealed = {0};
	struct ps_event base = sample_plain("evil.top", "r", 5000), event;
	struct ps_address address = {.family = 4, .bytes = {192, 0, 2, 1}};

	ck_assert_int_eq(ps_window_create(&window), PS_OK);
	ck_assert(ps_window_add(window, &base, 5000));
	event = base;
	event.group = 1;
	ck_assert(ps_window_add(window, &event, 5000));
	event = base;
	event.trial = true;
	ck_assert(ps_window_add(window, &event, 5000));
	event = base;
	event.action = PS_ACTION_REFUSED;
	ck_assert(ps_window_add(window, &event, 5000));
	event = sample_plain("evil.top", "r2", 5000);
	ck_assert(ps_window_add(window, &event, 5000));
	event = sample_plain("evil2.top", "r", 5000);
	ck_assert(ps_window_add(window, &event, 5000));
	ck_assert_uint_eq(ps_window_open_events(window), 6);
	event = base;
	event.client = ps_client_reduce(PS_CLIENT_FULL, &address, secret);
	event.first = 4000;
	ck_assert(ps_window_add(window, &event, 5000));
	ck_assert_uint_eq(ps_window_open_events(window), 6);
	/* A count that would not fit is refused, not wrapped. */
	event.count = UINT32_MAX;
	ck_assert(!ps_window_add(window, &event, 5000));
	ps_window_seal(window, true, 5001, count_sealed, &sealed);
	ck_assert_uint_eq(sealed.records, 6);
	ck_assert_uint_eq(sealed.decisions, 7);
	ck_assert_uint_eq(sealed.differing, 1);
	ps_window_destroy(window);
}
END_TEST

/* A group's number and a trial share one bit of where an event is looked for: the same place,
 * and yet two; nor is an event of another client's joined without a word. */
START_TEST(what_shares_a_place_stays_apart)
{
	struct ps_window *window;
	struct sealed sealed = {0};
	struct ps_event event = sample_plain("evil.top", "r", 5000);

	ck_assert_int_eq(ps_window_create(&window), PS_OK);
	event.group = 1;
	ck_assert(ps_window_add(window, &event, 5000));
	event.group = 0;
	event.trial = true;
	ck_assert(ps_window_add(window, &event, 5000));
	ck_assert_uint_eq(ps_window_open_events(window), 2);
	event.clients_differ = true; /* the tally saw two of them */
	ck_assert(ps_window_add(window, &event, 5000));
	ck_assert_uint_eq(ps_window_open_events(window), 2);
	/* A clock that was set back opens no window for good. */
	ps_window_seal(window, false, 4000, count_sealed, &sealed);
	ck_assert_uint_eq(sealed.records, 2);
	ck_assert_uint_eq(sealed.decisions, 3);
	ck_assert_uint_eq(sealed.differing, 1);
	ck_assert_uint_eq(ps_window_open_events(window), 0);
	ps_window_destroy(window);
}
END_TEST

/* Those that stay open when an older one is closed are found where they are now. */
START_TEST(what_stays_open_is_found_again)
{
	struct ps_window *window;
	struct sealed sealed = {0};
	struct ps_event event;
	char name[32];

	ck_assert_int_eq(ps_window_create(&window), PS_OK);
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "n%u.evil.top", i);
		event = sample_plain(name, "r", 1000);
		ck_assert(ps_window_add(window, &event, 1000 + 10 * i));
	}
	ps_window_seal(window, false, 1000 + PS_WINDOW_MS + 1495, count_sealed, &sealed);
	ck_assert_uint_eq(sealed.records, 150);
	for (unsigned i = 150; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "n%u.evil.top", i);
		event = sample_plain(name, "r", 2000);
		ck_assert(ps_window_add(window, &event, 5000));
	}
	ck_assert_uint_eq(ps_window_open_events(window), 150);
	ck_assert_uint_eq(ps_window_open_decisions(window), 300);
	ps_window_destroy(window);
}
END_TEST

/* Random names under seven zones for ten minutes, while another rule, and the same rule elsewhere,
 * decide one now and then: each of those has its record, nothing is dropped, the bounds hold. */
START_TEST(a_flood_leaves_room_for_others)
{
	enum { TICKS = 600 };
	static uint64_t octets[TICKS + 1];
	struct ps_window *window;
	struct sealed sealed = {0};
	uint64_t noted = 0, rare = 0, start = 1700000000000;

	ck_assert_int_eq(ps_window_create(&window), PS_OK);
	for (uint64_t tick = 1; tick <= TICKS; tick++) {
		uint64_t now = start + tick * 1000;

		for (uint64_t i = 0; i < 1000; i++) {
			bool is_rare = i == 900;
			struct ps_event event;
			char text[64];

			(void)snprintf(text, sizeof(text), is_rare ? "n%llu.example%llu.com" : "n%llu.evil%llu.top",
			    (unsigned long long)(tick * 10000 + i),
			    (unsigned long long)(is_rare ? tick : i % 7));
			event = sample_plain(text, is_rare && tick % 2 ? "rare" : "rule", now);
			noted++;
			rare += is_rare;
			ck_assert(ps_window_add(window, &event, now));
		}
		ps_window_seal(window, false, now, count_sealed, &sealed);
		octets[tick] = sealed.octets;
	}
	ps_window_seal(window, true, start + TICKS * 1000, count_sealed, &sealed);
	for (size_t i = 0; i + 60 <= TICKS; i++)
		ck_assert_uint_le(octets[i + 60] - octets[i], PS_WINDOW_OCTETS_A_MINUTE);
	ck_assert_uint_eq(sealed.decisions, noted);
	ck_assert_uint_eq(sealed.rare, rare);
	/* One for each of the flood's zones in a window, about. */
	ck_assert_uint_gt(sealed.summed, 0);
	ck_assert_uint_lt(sealed.summed, 7 * TICKS / 4);
	ps_window_destroy(window);
}
END_TEST

/* Random names by a thousand rules for ten minutes, a hundred times as many as may be kept: in no minute more octets,
 * in no second more records than promised, and every decision is sealed, dropped or open. */
START_TEST(a_flood_is_bounded_and_counted)
{
	enum { TICKS = 600 };
	static uint64_t octets[TICKS + 1], records[TICKS + 1];
	struct ps_window *window;
	struct sealed sealed = {0};
	uint64_t noted = 0, dropped = 0, start = 1700000000000;

	ck_assert_int_eq(ps_window_create(&window), PS_OK);
	for (uint64_t tick = 1; tick <= TICKS; tick++) {
		uint64_t now = start + tick * 1000;

		for (uint64_t i = 0; i < 3000; i++) {
			struct ps_event event;
			char text[96], rule[16];

			(void)snprintf(text, sizeof(text), "n%llu.in-a-label-that-has-some-more-octets.evil.top",
			    (unsigned long long)(tick * 10000 + i));
			(void)snprintf(rule, sizeof(rule), "rule%llu", (unsigned long long)(i % 1000));
			event = sample_plain(text, rule, now);
			event.count = 1 + (uint32_t)(i % 3);
			noted += event.count;
			if (!ps_window_add(window, &event, now))
				dropped += event.count;
		}
		ps_window_seal(window, false, now, count_sealed, &sealed);
		octets[tick] = sealed.octets;
		records[tick] = sealed.records;
		ck_assert_uint_eq(
		    sealed.decisions + dropped + ps_window_open_decisions(window), noted);
	}
	for (size_t i = 0; i < TICKS; i++) {
		size_t minute = i + 60 < TICKS ? i + 60 : TICKS;

		ck_assert_uint_le(records[i + 1] - records[i], PS_WINDOW_EVENTS_A_SECOND);
		ck_assert_uint_le(octets[minute] - octets[i], PS_WINDOW_OCTETS_A_MINUTE);
	}
	/* And it is not bounded by keeping nothing. */
	ck_assert_uint_gt(sealed.octets, 10 * 400000);
	ck_assert_uint_gt(dropped, 0);
	ps_window_seal(window, true, start + TICKS * 1000, count_sealed, &sealed);
	ck_assert_uint_eq(sealed.decisions + dropped, noted);
	ps_window_destroy(window);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event.window");
	TCase *tc = tcase_create("window");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240); /* sanitizers on a busy machine */
	tcase_add_test(tc, a_storm_is_one_record);
	tcase_add_test(tc, what_differs_stays_apart_and_clients_are_joined);
	tcase_add_test(tc, what_shares_a_place_stays_apart);
	tcase_add_test(tc, what_stays_open_is_found_again);
	tcase_add_test(tc, a_flood_leaves_room_for_others);
	tcase_add_test(tc, a_flood_is_bounded_and_counted);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
