/* The reader against the model: what was built is found again, and nothing else. */
#include "snapshot/sample.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static void check_round_trip(uint64_t seed, struct sample_shape shape)
{
	struct sample *sample = sample_create(seed, shape);
	struct ps_bytes image = sample_build(sample, seed);
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;
	uint64_t lookup_len;
	uint8_t *lookup;

	ps_error_clear(&err);
	ck_assert_msg(ps_snapshot_open(&snapshot, image, PS_SNAPSHOT_WHOLE, &err) == PS_OK,
	    "seed %llu: %s", (unsigned long long)seed, err.text);
	ck_assert_pstr_eq(sample_compare(sample, snapshot, seed), NULL);
	lookup_len = ps_snapshot_size(snapshot).lookup;
	ck_assert_uint_eq(ps_snapshot_size(snapshot).file, image.len);
	ps_snapshot_close(snapshot);

	/* The lookup part alone, in memory of its own: nothing is read behind it. */
	lookup = malloc(lookup_len);
	memcpy(lookup, image.ptr, lookup_len);
	ck_assert_int_eq(ps_snapshot_open(&snapshot, ps_bytes_of(lookup, lookup_len),
	                     PS_SNAPSHOT_LOOKUP, NULL),
	    PS_OK);
	ck_assert_pstr_eq(sample_compare(sample, snapshot, seed), NULL);
	ps_snapshot_close(snapshot);
	free(lookup);

	/* The lookup part of the whole file. */
	ck_assert_int_eq(
	    ps_snapshot_open(&snapshot, image, PS_SNAPSHOT_LOOKUP, NULL), PS_OK);
	ck_assert_uint_eq(ps_snapshot_size(snapshot).lookup, lookup_len);
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
	sample_destroy(sample);
}

START_TEST(empty_plan)
{
	check_round_trip(1, (struct sample_shape){.plain = true});
}
END_TEST

START_TEST(small_plans)
{
	for (uint64_t seed = 1; seed <= 60; seed++)
		check_round_trip(seed, (struct sample_shape){
		                           .feeds = 1 + (uint32_t)(seed % 3),
		                           .answers = 1 + (uint32_t)(seed % 5),
		                           .rules = (uint32_t)(seed % 7),
		                           .asks_answers = seed % 3 == 0,
		                           .brands = (uint32_t)(seed % 3) * 4,
		                           .names = (uint32_t)(seed % 20),
		                           .addresses = (uint32_t)(seed % 9),
		                       });
}
END_TEST

START_TEST(large_plans)
{
	for (uint64_t seed = 100; seed < 104; seed++)
		check_round_trip(seed, (struct sample_shape){
		                           .feeds = 5,
		                           .answers = 9,
		                           .rules = 40,
		                           .asks_answers = true,
		                           .names = 600,
		                           .addresses = 150,
		                       });
}
END_TEST

/* Feeds, names or addresses alone. */
START_TEST(lopsided_plans)
{
	check_round_trip(200, (struct sample_shape){.feeds = 3});
	check_round_trip(201, (struct sample_shape){.feeds = 1, .names = 1});
	check_round_trip(202, (struct sample_shape){.feeds = 2, .addresses = 200});
	check_round_trip(203, (struct sample_shape){.answers = 1, .rules = 50});
	check_round_trip(204, (struct sample_shape){.answers = 1, .rules = 90, .brands = 300});
	check_round_trip(204, (struct sample_shape){.feeds = 1, .names = 300, .plain = true});
	for (uint32_t groups = 1; groups <= PS_CLIENT_GROUPS_MAX; groups += groups < 8 ? 1 : 11)
		check_round_trip(300 + groups,
		    (struct sample_shape){
		        .feeds = 1, .answers = 4, .rules = 20, .names = 20, .groups = groups});
}
END_TEST

static struct ps_snapshot *open_whole(struct ps_bytes image)
{
	struct ps_snapshot *snapshot = NULL;

	ck_assert_int_eq(ps_snapshot_open(&snapshot, image, PS_SNAPSHOT_WHOLE, NULL), PS_OK);
	return snapshot;
}

/* A snapshot of a few names with one row each. */
static struct ps_bytes build_names(
    const struct sample_name *names, const enum ps_scope *scopes, size_t count)
{
	struct ps_feed_config feed = {.id = "f", .file = "f.yaml"};
	struct ps_plan plan = {.feeds = &feed, .feed_count = 1};
	struct ps_builder *builder;
	struct ps_buffer buffer;
	struct ps_bytes image;
	uint8_t *copy;

	ps_buffer_init(&buffer, 1 << 24);
	ck_assert_int_eq(ps_builder_create(&builder, &plan, NULL), PS_OK);
	for (size_t i = 0; i < count; i++) {
		struct ps_indicator indicator = {
		    .name = names[i].name,
		    .scope = scopes[i],
		    .valid_until = PS_TIME_FOREVER,
		};

		ck_assert_int_eq(ps_builder_add(builder, 0, &indicator, false, NULL), PS_OK);
	}
	ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, NULL), PS_OK);
	ps_builder_destroy(builder);
	copy = malloc(buffer.len);
	memcpy(copy, buffer.data, buffer.len);
	image = ps_bytes_of(copy, buffer.len);
	ps_buffer_clear(&buffer);
	return image;
}

static uint32_t hit_count(const struct ps_snapshot *snapshot, struct ps_name name)
{
	struct ps_hits hits;

	ps_snapshot_find(snapshot, name, &hits);
	return hits.count;
}

/* RFC 1035's longest names: 127 labels, and 255 octets in any number of labels. */
START_TEST(longest_names)
{
	struct sample_name names[124];
	enum ps_scope scopes[124];
	struct ps_snapshot *snapshot;
	struct ps_bytes image;

	for (unsigned i = 0; i < 124; i++) {
		sample_longest_name(i + 4, (uint8_t)('a' + i % 26), &names[i]);
		ck_assert_uint_eq(names[i].name.len, 255);
		scopes[i] = i % 2 == 0 ? PS_SCOPE_EXACT : PS_SCOPE_SUBTREE;
	}
	image = build_names(names, scopes, 124);
	snapshot = open_whole(image);
	for (unsigned i = 0; i < 124; i++) {
		struct sample_name other = names[i];

		ck_assert_uint_eq(hit_count(snapshot, names[i].name), 1);
		ck_assert_uint_eq(hit_count(snapshot, ps_name_parent(names[i].name)), 0);
		other.storage.wire[other.name.len - 2] ^= 1;
		other.name.wire = other.storage.wire;
		ck_assert_uint_eq(hit_count(snapshot, other.name), 0);
	}
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
}
END_TEST

/* Every ancestor of a name of 127 labels listed as subtree: 128 hits with the root. */
START_TEST(most_hits)
{
	struct sample_name names[PS_NAME_LABELS_MAX + 1];
	enum ps_scope scopes[PS_NAME_LABELS_MAX + 1];
	struct ps_name name;
	struct ps_snapshot *snapshot;
	struct ps_hits hits;
	struct ps_bytes image;

	sample_longest_name(PS_NAME_LABELS_MAX, 'x', &names[0]);
	name = names[0].name;
	for (unsigned i = 0; i <= PS_NAME_LABELS_MAX; i++) {
		names[i].name = name;
		scopes[i] = PS_SCOPE_SUBTREE;
		name = ps_name_parent(name);
	}
	image = build_names(names, scopes, PS_NAME_LABELS_MAX + 1);
	snapshot = open_whole(image);
	ps_snapshot_find(snapshot, names[0].name, &hits);
	ck_assert_uint_eq(hits.count, PS_NAME_LABELS_MAX + 1);
	for (unsigned i = 0; i <= PS_NAME_LABELS_MAX; i++) {
		ck_assert_uint_eq(hits.hit[i].labels, PS_NAME_LABELS_MAX - i);
		ck_assert_int_eq(hits.hit[i].itself, i == 0);
	}
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
}
END_TEST

/* The reach of each scope, in words. */
START_TEST(scopes)
{
	static const char *const listed[] = {"exact.example", "subtree.example", "below.example"};
	static const enum ps_scope reach[] = {PS_SCOPE_EXACT, PS_SCOPE_SUBTREE, PS_SCOPE_BELOW};
	static const uint32_t at_itself[] = {1, 1, 0}, under[] = {0, 1, 1};
	struct sample_name names[3], name;
	struct ps_snapshot *snapshot;
	struct ps_bytes image;

	for (int i = 0; i < 3; i++)
		sample_text_name(listed[i], &names[i]);
	image = build_names(names, reach, 3);
	snapshot = open_whole(image);
	for (int i = 0; i < 3; i++) {
		char text[64];

		ck_assert_uint_eq(hit_count(snapshot, names[i].name), at_itself[i]);
		(void)snprintf(text, sizeof(text), "a.b.%s", listed[i]);
		sample_text_name(text, &name);
		ck_assert_uint_eq(hit_count(snapshot, name.name), under[i]);
	}
	/* Octets that look like the end of a listed name, inside of a label. */
	sample_text_name("x\\007subtree\\007example", &name);
	ck_assert_uint_eq(hit_count(snapshot, name.name), 0);
	sample_text_name("xsubtree.example", &name);
	ck_assert_uint_eq(hit_count(snapshot, name.name), 0);
	/* RFC 4343: case makes no difference, on either side. */
	sample_text_name("SUBTREE.Example", &name);
	ck_assert_uint_eq(hit_count(snapshot, name.name), 1);
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
}
END_TEST

/* A million names that nobody listed, beside 20,000 that somebody did. */
START_TEST(no_wrong_hits)
{
	struct sample_shape shape = {.feeds = 1, .names = 20000, .plain = true};
	struct sample *sample = sample_create(9, shape);
	struct ps_bytes image = sample_build(sample, 1);
	struct ps_snapshot *snapshot = open_whole(image);
	struct sample_random random = {.state = 77};

	for (uint32_t i = 0; i < 1000000; i++) {
		struct sample_name name;
		uint8_t wire[64] = {3, 'w', 'w', 'w', 16};
		uint64_t value = sample_next(&random);

		for (unsigned k = 0; k < 16; k++)
			wire[5 + k] = (uint8_t)("0123456789abcdef"[value >> k * 4 & 15]);
		memcpy(wire + 21, "\3com", 5);
		ck_assert_int_eq(
		    ps_name_from_wire(&name.name, &name.storage, ps_bytes_of(wire, 26), NULL),
		    PS_OK);
		ck_assert_uint_eq(hit_count(snapshot, name.name), 0);
	}
	for (uint32_t i = 0; i < sample->row_count; i++)
		ck_assert_uint_ge(hit_count(snapshot, sample->rows[i].name.name), 1);
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
	sample_destroy(sample);
}
END_TEST

/* DESIGN.md: 24 octets a name to look up, 64 with the text. */
START_TEST(size_a_name)
{
	struct sample_shape shape = {.feeds = 1, .names = 100000, .plain = true};
	struct sample *sample = sample_create(3, shape);
	struct ps_bytes image = sample_build(sample, 1);
	struct ps_snapshot *snapshot = open_whole(image);
	struct ps_snapshot_size size = ps_snapshot_size(snapshot);

	ck_assert_uint_gt(size.names, 99000);
	ck_assert_uint_le(size.lookup, 24 * size.names);
	ck_assert_uint_le(size.file, 64 * size.names);
	ck_assert_uint_eq(size.sets, 1);
	ck_assert_uint_lt(size.fullest_bucket, PS_BUCKET_ENTRIES_MAX);
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
	sample_destroy(sample);
}
END_TEST

START_TEST(sections)
{
	struct sample_shape shape = {
	    .feeds = 2, .answers = 2, .rules = 3, .names = 70, .brands = 1};
	struct sample *sample = sample_create(3, shape);
	struct ps_bytes image = sample_build(sample, 1);
	struct ps_snapshot *snapshot = open_whole(image);
	uint64_t end = PS_HEADER_SIZE;

	for (enum ps_section i = 0; i < PS_SECTION_COUNT; i++) {
		struct ps_section_view view = ps_snapshot_section(snapshot, i);

		ck_assert_uint_ge(view.offset, end);
		ck_assert_uint_lt(view.offset, end + PS_SNAPSHOT_ALIGN);
		ck_assert_uint_gt(strlen(view.name), 0);
		end = view.offset + view.octets;
	}
	ck_assert_uint_eq(ps_snapshot_section(snapshot, PS_SECTION_FEEDS).records, 2);
	ck_assert_uint_eq(ps_snapshot_section(snapshot, PS_SECTION_RULES).records, 3);
	ck_assert_uint_gt(ps_snapshot_section(snapshot, PS_SECTION_LOOKALIKE).octets, 0);
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
	sample_destroy(sample);
}
END_TEST

struct visit {
	uint32_t names;
	uint32_t addresses;
	uint32_t trials;
	uint32_t stop_after;
};

static enum ps_status count_visit(
    void *ctx, const struct ps_indicator *indicator, bool trial, struct ps_error *err)
{
	struct visit *visit = ctx;

	*(indicator->is_address ? &visit->addresses : &visit->names) += 1;
	visit->trials += trial;
	if (visit->names + visit->addresses == visit->stop_after)
		return ps_error_set(err, PS_LIMIT, "enough");
	return PS_OK;
}

START_TEST(visiting_a_feed)
{
	struct sample_shape shape = {.feeds = 2, .names = 200, .addresses = 50};
	struct sample *sample = sample_create(5, shape);
	struct ps_bytes image = sample_build(sample, 1);
	struct ps_snapshot *snapshot = open_whole(image);
	struct visit visit = {0};
	struct ps_indicator_visitor visitor = {.ctx = &visit, .accept = count_visit};
	struct ps_error err;

	ck_assert_int_eq(ps_snapshot_visit_feed(snapshot, 1, &visitor, NULL), PS_OK);
	ck_assert_uint_gt(visit.names, 50);
	ck_assert_uint_gt(visit.addresses, 10);
	ck_assert_uint_gt(visit.trials, 0);
	visit = (struct visit){.stop_after = 3};
	ps_error_clear(&err);
	ck_assert_int_eq(ps_snapshot_visit_feed(snapshot, 1, &visitor, &err), PS_LIMIT);
	ck_assert_str_eq(err.text, "enough");
	ck_assert_uint_eq(visit.names + visit.addresses, 3);
	ps_snapshot_close(snapshot);
	free((void *)image.ptr);
	sample_destroy(sample);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("reader");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, empty_plan);
	tcase_add_test(tests, small_plans);
	tcase_add_test(tests, large_plans);
	tcase_add_test(tests, lopsided_plans);
	tcase_add_test(tests, longest_names);
	tcase_add_test(tests, most_hits);
	tcase_add_test(tests, scopes);
	tcase_add_test(tests, no_wrong_hits);
	tcase_add_test(tests, size_a_name);
	tcase_add_test(tests, sections);
	tcase_add_test(tests, visiting_a_feed);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
