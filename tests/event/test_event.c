/* The codec: what is written is read; every shorter length and every flipped bit is refused; and
 * with a checksum that is right, so is every value that no event has. */
#include "event/sample.h"

static const struct ps_hash_key key = {0x0123456789abcdef, 0xfedcba9876543210};

/* Memory of its own, so that a sanitizer sees a read behind it. */
static enum ps_status decode(struct ps_event *out, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	enum ps_status status;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	status = ps_event_decode(out, key, ps_bytes_of(copy, len));
	free(copy);
	return status;
}

static void seal(uint8_t *record, size_t len)
{
	ps_store_le64(record,
	    ps_words_hash(key, ps_bytes_of(record + PS_RECORD_MAGIC_AT, len - PS_RECORD_MAGIC_AT)).lo);
}

START_TEST(what_is_written_is_read)
{
	struct random r = {.state = 7};

	for (int i = 0; i < 5000; i++) {
		struct ps_event event = sample_random(&r), again;
		uint8_t record[PS_RECORD_MAX];
		size_t len = ps_event_encode(&event, key, record);

		ck_assert_uint_eq(len, ps_event_size(&event));
		ck_assert_uint_le(len, PS_RECORD_MAX);
		ck_assert_uint_eq(ps_event_peek(ps_bytes_of(record, len)), len);
		ck_assert_int_eq(decode(&again, record, len), PS_OK);
		ck_assert(sample_equal(&event, &again));
		ck_assert_uint_eq(ps_event_name(&again).len, event.name_len);
	}
}
END_TEST

START_TEST(the_longest_fits)
{
	struct random r = {.state = 1};
	struct ps_event event = sample_random(&r), again;
	uint8_t record[PS_RECORD_MAX];
	char *texts[] = {event.rule, event.brand, event.feed, event.case_key, event.group_id};
	size_t len;

	event.group = 1;
	for (int i = 0; i < 5; i++) {
		memset(texts[i], 'x', PS_EVENT_TEXT_MAX);
		texts[i][PS_EVENT_TEXT_MAX] = '\0';
	}
	memset(event.name, 0, sizeof(event.name));
	for (size_t at = 0; at < 254; at += 2) {
		event.name[at] = 1;
		event.name[at + 1] = 'y';
	}
	event.name_len = PS_NAME_WIRE_MAX;
	event.found = ps_found_of(PS_FOUND_TARGET, ps_bytes_of(event.name, event.name_len));
	len = ps_event_encode(&event, key, record);
	ck_assert_uint_eq(len, PS_RECORD_MAX);
	ck_assert_int_eq(decode(&again, record, len), PS_OK);
	ck_assert(sample_equal(&event, &again));
}
END_TEST

/* A client can ask for no name, and no feed can hold an id, that makes another record. */
START_TEST(every_change_is_refused)
{
	struct random r = {.state = 11};

	for (int i = 0; i < 40; i++) {
		struct ps_event event = sample_random(&r), again;
		uint8_t record[PS_RECORD_MAX + 64] = {0};
		size_t len = ps_event_encode(&event, key, record);

		for (size_t shorter = 0; shorter < len; shorter++)
			ck_assert_int_eq(decode(&again, record, shorter), PS_INVALID);
		for (size_t longer = len + 1; longer < len + 64; longer++)
			ck_assert_int_eq(decode(&again, record, longer), PS_INVALID);
		for (size_t bit = 0; bit < 8 * len; bit++) {
			record[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_int_eq(decode(&again, record, len), PS_INVALID);
			record[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
		ck_assert_int_eq(
		    ps_event_decode(&again, (struct ps_hash_key){1, 1}, ps_bytes_of(record, len)),
		    PS_INVALID);
	}
}
END_TEST

static const struct {
	size_t at;
	uint8_t value;
	const char *what;
} faults[] = {
    {PS_RECORD_COUNT, 0, "no decision"},
    {PS_RECORD_LAST + 7, 0, "ends before it begins"},
    {PS_RECORD_ACTION, PS_ACTION_COUNT, "action"},
    {PS_RECORD_FLAGS, 16, "flag"},
    {PS_RECORD_FLAGS, PS_RECORD_FOUND_LISTED, "nothing was found, and it is listed"},
    {PS_RECORD_GROUP_LEN, 1, "a name of no group"},
    {PS_RECORD_FOUND_KIND, PS_FOUND_KIND_COUNT, "kind of what was found"},
    {PS_RECORD_FOUND_KIND, PS_FOUND_TARGET, "a name of no octets"},
    {PS_RECORD_FOUND_KIND, PS_FOUND_ADDRESS, "an address of no octets"},
    {PS_RECORD_FOUND_LEN, 1, "octets of nothing"},
    {PS_RECORD_KIND, PS_EVENT_KIND_COUNT, "kind"},
    {PS_RECORD_TECHNIQUE, PS_TECHNIQUE_COUNT, "technique"},
    {PS_RECORD_SCORE, 101, "score"},
    {PS_RECORD_CATEGORY, PS_CATEGORY_COUNT, "category"},
    {PS_RECORD_EDE + 2, 1, "EDE"},
    {PS_RECORD_EDE + 3, 0x80, "EDE"},
    {PS_RECORD_LISTED_LABELS, 3, "more labels than the name"},
    {PS_RECORD_CONFIDENCE, 101, "confidence"},
    {PS_RECORD_TLP, PS_TLP_COUNT, "TLP"},
    {PS_RECORD_CLIENT_FORM, PS_CLIENT_FORM_COUNT, "form of client"},
    {PS_RECORD_CLIENT_FORM, PS_CLIENT_NONE, "no client, and an address"},
    {PS_RECORD_CLIENT_FORM, PS_CLIENT_FULL, "an address with a length"},
    {PS_RECORD_CLIENT_FORM, PS_CLIENT_HASH, "a hash with a family"},
    {PS_RECORD_CLIENT_FAMILY, 5, "family"},
    {PS_RECORD_CLIENT_FAMILY, 0, "no family"},
    {PS_RECORD_CLIENT_LEN, 33, "prefix"},
    {PS_RECORD_CLIENT_LEN, 16, "bits behind the prefix"},
    {PS_RECORD_NAME_LEN, 4, "name"},
    {PS_RECORD_NAME_LEN, 6, "name"},
    {PS_RECORD_RULE_LEN, 65, "rule"},
    {PS_RECORD_RULE_LEN, 255, "rule"},
    {PS_RECORD_CASE_LEN, 9, "longer than the record"},
    {PS_RECORD_TEXTS, 64, "label"},
    {PS_RECORD_TEXTS + 1, 'A', "upper case"},
    {PS_RECORD_TEXTS + 5, ' ', "a blank in an id"},
    {PS_RECORD_TEXTS + 5, 0x1b, "an escape in an id"},
    {PS_RECORD_TEXTS + 5, 0x80, "no ASCII in an id"},
    {PS_RECORD_TEXTS + 7, 'x', "filling"},
    {PS_RECORD_LEN, PS_RECORD_TEXTS, "length"},
    {PS_RECORD_LEN + 1, 1, "length"},
    {PS_RECORD_MAGIC_AT, 0, "magic"},
};

START_TEST(sealed_nonsense_is_refused)
{
	struct ps_event event = sample_plain("a.b", "r1", 1000), again;
	uint8_t good[PS_RECORD_MAX], bad[PS_RECORD_MAX];
	struct ps_address address = {.family = 4, .bytes = {192, 0, 2, 7}};
	size_t len;

	event.client = ps_client_reduce(PS_CLIENT_PREFIX, &address, key);
	ck_assert_uint_eq(event.name_len, 5);
	len = ps_event_encode(&event, key, good);
	ck_assert_uint_eq(len, PS_RECORD_TEXTS + 8);
	ck_assert_int_eq(decode(&again, good, len), PS_OK);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		memcpy(bad, good, len);
		bad[faults[i].at] = faults[i].value;
		if (faults[i].at == PS_RECORD_LAST + 7)
			ps_store_le64(bad + PS_RECORD_LAST, 999);
		seal(bad, len);
		ck_assert_msg(decode(&again, bad, len) == PS_INVALID, "%s", faults[i].what);
	}
}
END_TEST

/* What was found, in a record that is right but for that. */
START_TEST(what_was_found_is_checked)
{
	static const struct {
		enum ps_found_kind kind;
		uint8_t len;
		uint8_t bytes[8];
		bool good;
	} cases[] = {
	    {PS_FOUND_TARGET, 3, {1, 'a', 0}, true},
	    {PS_FOUND_SERVER, 1, {0}, true},
	    {PS_FOUND_ADDRESS, 4, {192, 0, 2, 1}, true},
	    {PS_FOUND_TARGET, 3, {1, 'A', 0}, false},
	    {PS_FOUND_TARGET, 4, {1, 'a', 0, 0}, false},
	    {PS_FOUND_TARGET, 2, {1, 'a'}, false},
	    {PS_FOUND_SERVER, 4, {192, 0, 2, 1}, false},
	    {PS_FOUND_ADDRESS, 3, {1, 'a', 0}, false},
	    {PS_FOUND_SERVER_ADDRESS, 5, {1, 2, 3, 4, 5}, false},
	    {PS_FOUND_NONE, 1, {0}, false}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_event event = sample_plain("a.b", "r1", 1000), again;
		uint8_t record[PS_RECORD_MAX];
		size_t len;

		event.found = ps_found_of(cases[i].kind, ps_bytes_of(cases[i].bytes, cases[i].len));
		len = ps_event_encode(&event, key, record);
		ck_assert_msg((decode(&again, record, len) == PS_OK) == cases[i].good, "%zu", i);
		/* More labels than it has, though not more than the name. */
		event.entry = 1;
		event.listed_labels = 2;
		event.found_listed = true;
		len = ps_event_encode(&event, key, record);
		ck_assert_msg(decode(&again, record, len) == PS_INVALID, "%zu", i);
	}
}
END_TEST

/* Only a group has a name; a record of version 1 that is written again has none of its group. */
START_TEST(groups_and_names)
{
	for (uint32_t group = 0; group < 2; group++) {
		for (int named = 0; named < 2; named++) {
			struct ps_event event = sample_plain("a.b", "r1", 1000), again;
			uint8_t record[PS_RECORD_MAX];
			size_t len;

			event.group = group;
			(void)snprintf(event.group_id, sizeof(event.group_id), "%s", named ? "x" : "");
			len = ps_event_encode(&event, key, record);
			ck_assert((decode(&again, record, len) == PS_OK) == (group > 0 || !named));
		}
	}
}
END_TEST

/* Version 1 had zeros where version 2 has more, and is read as long as it has. */
START_TEST(version_1_is_read)
{
	struct ps_event event = sample_plain("a.b", "r1", 1000), again;
	uint8_t record[PS_RECORD_MAX];
	size_t len = ps_event_encode(&event, key, record);

	ps_store_le32(record + PS_RECORD_MAGIC_AT, PS_RECORD_MAGIC_1);
	ps_store_le32(record + PS_RECORD_GROUP, 7);
	seal(record, len);
	ck_assert_int_eq(decode(&again, record, len), PS_OK);
	ck_assert_uint_eq(again.group, 7);
	ck_assert_str_eq(again.group_id, "");
	ck_assert_int_eq(again.found.kind, PS_FOUND_NONE);
	for (size_t i = 0; i < 4; i++) {
		static const size_t at[] = {PS_RECORD_FLAGS, PS_RECORD_GROUP_LEN, PS_RECORD_FOUND_LEN,
		    PS_RECORD_FOUND_KIND};
		uint8_t before = record[at[i]];

		record[at[i]] = PS_RECORD_SUBTREE;
		seal(record, len);
		ck_assert_int_eq(decode(&again, record, len), PS_INVALID);
		record[at[i]] = before;
	}
	ps_store_le32(record + PS_RECORD_MAGIC_AT, PS_RECORD_MAGIC + (1u << 24)); /* "PSE3" */
	seal(record, len);
	ck_assert_int_eq(decode(&again, record, len), PS_INVALID);
}
END_TEST

/* What is true of all names under one is kept, what is true of one alone goes. */
START_TEST(widening)
{
	struct ps_event listed = sample_plain("www.evil.top", "r", 1000), event;
	char text[PS_NAME_TEXT_MAX];

	listed.entry = 5;
	listed.listed_labels = 2;
	listed.confidence = 90;
	listed.score = 80;
	listed.technique = PS_TECHNIQUE_LEET;
	(void)snprintf(listed.feed, sizeof(listed.feed), "main");
	(void)snprintf(listed.brand, sizeof(listed.brand), "usps");
	ck_assert_uint_eq(ps_event_zone(&listed), 2);
	event = listed;
	ps_event_widen(&event, 2);
	ck_assert_str_eq((ps_name_to_text(ps_event_name(&event), text), text), "evil.top");
	ck_assert(event.subtree);
	ck_assert_uint_eq(event.entry, 5);
	ck_assert_str_eq(event.feed, "main");
	ck_assert_uint_eq(event.score, 0);
	ck_assert_str_eq(event.brand, "");
	event = listed;
	ps_event_widen(&event, 0);
	ck_assert_uint_eq(event.name_len, 1);
	ck_assert_uint_eq(event.entry, PS_EVENT_NO_ENTRY);
	ck_assert_uint_eq(event.confidence, 0);
	ck_assert_str_eq(event.feed, "");
	/* What was found is listed: that says nothing of the names beside it. */
	event = listed;
	event.found = ps_found_of(PS_FOUND_TARGET, ps_bytes_of("\1x\3top", 7));
	event.found_listed = true;
	event.listed_labels = 1;
	ck_assert_str_eq((ps_name_to_text(ps_event_listed(&event), text), text), "top");
	ck_assert_uint_eq(ps_event_zone(&event), 2);
	ps_event_widen(&event, 1);
	ck_assert_int_eq(event.found.kind, PS_FOUND_NONE);
	ck_assert_uint_eq(event.entry, PS_EVENT_NO_ENTRY);
	ck_assert(!event.found_listed);
	event = sample_plain("a.b.example.com", "r", 1000);
	ck_assert_uint_eq(ps_event_zone(&event), 2);
	event = sample_plain("com", "r", 1000);
	ck_assert_uint_eq(ps_event_zone(&event), 1);
}
END_TEST

/* Behind the texts stand as many zeros as it takes to the next multiple of 8, and no more. */
START_TEST(a_record_is_no_longer_than_it_must_be)
{
	struct ps_event event = sample_plain("a.b", "r1", 1000), again;
	uint8_t record[PS_RECORD_MAX + 8] = {0};
	size_t len = ps_event_encode(&event, key, record);

	ps_store_le32(record + PS_RECORD_LEN, (uint32_t)len + 8);
	seal(record, len + 8);
	ck_assert_int_eq(decode(&again, record, len + 8), PS_INVALID);
}
END_TEST

/* --- clients ----------------------------------------------------------------------------- */

static struct ps_address address_of(const char *text)
{
	struct ps_address out;

	ck_assert_int_eq(ps_address_from_text(&out, ps_bytes_of_text(text), NULL), PS_OK);
	return out;
}

static const char *shown(enum ps_client_form form, const char *address, uint64_t secret)
{
	static char text[PS_CLIENT_TEXT_MAX];
	struct ps_address from = address_of(address);
	struct ps_client client = ps_client_reduce(form, &from, (struct ps_hash_key){secret, 5});

	ck_assert(ps_client_is_valid(&client));
	ps_client_to_text(&client, text);
	return text;
}

START_TEST(clients_are_reduced)
{
	char first[PS_CLIENT_TEXT_MAX];
	struct ps_address none = {0};
	struct ps_client client;

	ck_assert_str_eq(shown(PS_CLIENT_NONE, "192.0.2.77", 1), "");
	ck_assert_str_eq(shown(PS_CLIENT_FULL, "192.0.2.77", 1), "192.0.2.77");
	ck_assert_str_eq(shown(PS_CLIENT_FULL, "2001:db8::5", 1), "2001:db8::5");
	ck_assert_str_eq(shown(PS_CLIENT_PREFIX, "192.0.2.77", 1), "192.0.2.0/24");
	ck_assert_str_eq(shown(PS_CLIENT_PREFIX, "2001:db8:1:2::5", 1), "2001:db8:1::/48");
	(void)snprintf(first, sizeof(first), "%s", shown(PS_CLIENT_HASH, "192.0.2.77", 1));
	ck_assert_uint_eq(strlen(first), 17);
	ck_assert_str_eq(shown(PS_CLIENT_HASH, "192.0.2.77", 1), first);
	ck_assert_str_ne(shown(PS_CLIENT_HASH, "192.0.2.78", 1), first);
	ck_assert_str_ne(shown(PS_CLIENT_HASH, "192.0.2.77", 2), first);
	/* 192.0.2.77 and its octets as an IPv6 address are two. */
	ck_assert_str_ne(shown(PS_CLIENT_HASH, "c000:24d::", 1), first);
	for (unsigned form = 0; form < PS_CLIENT_FORM_COUNT; form++) {
		client = ps_client_reduce((enum ps_client_form)form, &none, key);
		ck_assert_int_eq(client.form, PS_CLIENT_NONE);
	}
}
END_TEST

static unsigned drawn;
static bool draw(struct ps_hash_key *out)
{
	*out = (struct ps_hash_key){++drawn, 1};
	return drawn != 3;
}

/* One key a day (UTC): over midnight a client's hash becomes another one that nobody can go back
 * from, and before it is drawn, or when it cannot be, there is none. */
START_TEST(the_key_lasts_a_day)
{
	const uint64_t midnight = UINT64_C(1763769600000); /* 2025-11-22T00:00:00Z */
	struct ps_client_key it = {.day = 0};
	uint64_t secret;

	drawn = 0;
	ck_assert(ps_client_key_renew(&it, midnight - 86400000, draw));
	secret = it.key.k0;
	ck_assert(ps_client_key_renew(&it, midnight - 1, draw));
	ck_assert_uint_eq(it.key.k0, secret);
	ck_assert_uint_eq(drawn, 1);
	ck_assert(ps_client_key_renew(&it, midnight, draw));
	ck_assert_uint_ne(it.key.k0, secret);
	ck_assert_uint_eq(drawn, 2);
	/* A clock that was set back: another day, another key. This one cannot be drawn. */
	ck_assert(!ps_client_key_renew(&it, midnight - 1, draw));
	ck_assert_uint_eq(it.day, 0);
	ck_assert(ps_client_key_renew(&it, midnight - 1, draw));
	ck_assert_uint_eq(drawn, 4);
	ck_assert_uint_ne(it.key.k0, secret);
}
END_TEST

/* --- segments' headers ------------------------------------------------------------------------ */

/* Two clients are one only when nothing of them differs. */
START_TEST(clients_are_equal_in_everything_or_not)
{
	static const struct ps_client base = {
	    .form = PS_CLIENT_PREFIX, .family = 4, .len = 24, .bytes = {192, 0, 2}};
	struct ps_client other = base;

	ck_assert(ps_client_equal(&base, &other));
	ck_assert(ps_client_is_valid(&base));
	other.form = PS_CLIENT_FULL;
	ck_assert(!ps_client_equal(&base, &other));
	ck_assert(!ps_client_is_valid(&other));
	other = base;
	other.family = 6;
	ck_assert(!ps_client_equal(&base, &other));
	other.family = 5;
	ck_assert(!ps_client_is_valid(&other));
	other = base;
	other.len = 23;
	ck_assert(!ps_client_equal(&base, &other));
	ck_assert(ps_client_is_valid(&other));
	other.len = 33;
	ck_assert(!ps_client_is_valid(&other));
	other = base;
	other.bytes[2] = 3;
	ck_assert(!ps_client_equal(&base, &other));
	other.bytes[3] = 1; /* behind the prefix */
	ck_assert(!ps_client_is_valid(&other));
	other.form = PS_CLIENT_FORM_COUNT;
	ck_assert(!ps_client_is_valid(&other));
}
END_TEST

START_TEST(words_and_kinds)
{
	ck_assert_str_eq(ps_event_kind_name(PS_EVENT_KIND_LOOKALIKE), "lookalike");
	ck_assert_str_eq(ps_event_kind_name(PS_EVENT_KIND_COUNT), "?");
	ck_assert_str_eq(ps_found_kind_name(PS_FOUND_SERVER_ADDRESS), "server-address");
	ck_assert_str_eq(ps_found_kind_name(PS_FOUND_KIND_COUNT), "?");
	ck_assert_str_eq(ps_client_form_name(PS_CLIENT_HASH), "hash");
	ck_assert_ptr_null(ps_client_form_name(PS_CLIENT_FORM_COUNT));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event.event");
	TCase *tc = tcase_create("event");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120); /* sanitizers on a busy machine */
	tcase_add_test(tc, what_is_written_is_read);
	tcase_add_test(tc, the_longest_fits);
	tcase_add_test(tc, every_change_is_refused);
	tcase_add_test(tc, sealed_nonsense_is_refused);
	tcase_add_test(tc, a_record_is_no_longer_than_it_must_be);
	tcase_add_test(tc, what_was_found_is_checked);
	tcase_add_test(tc, groups_and_names);
	tcase_add_test(tc, version_1_is_read);
	tcase_add_test(tc, widening);
	tcase_add_test(tc, the_key_lasts_a_day);
	tcase_add_test(tc, clients_are_reduced);
	tcase_add_test(tc, clients_are_equal_in_everything_or_not);
	tcase_add_test(tc, words_and_kinds);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
