/* The builder: the same bytes from the same input, its limits, and what stays on disk
 * when something goes wrong. */
#include "snapshot/sample.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct ps_feed_config two_feeds[] = {
    {.id = "one", .file = "f.yaml", .line = 1}, {.id = "two", .file = "f.yaml", .line = 9}};

static struct ps_builder *create(const struct ps_plan *plan)
{
	struct ps_builder *builder = NULL;

	ck_assert_int_eq(ps_builder_create(&builder, plan, NULL), PS_OK);
	return builder;
}

static struct ps_plan plan_of_two_feeds(void)
{
	return (struct ps_plan){.feeds = two_feeds, .feed_count = 2};
}

static struct ps_indicator listed(const struct sample_name *name, uint64_t line)
{
	return (struct ps_indicator){
	    .name = name->name,
	    .scope = PS_SCOPE_SUBTREE,
	    .confidence = 50,
	    .valid_until = PS_TIME_FOREVER,
	    .line = line,
	};
}

static void add(struct ps_builder *builder, uint32_t feed, const struct ps_indicator *indicator)
{
	ck_assert_int_eq(ps_builder_add(builder, feed, indicator, false, NULL), PS_OK);
}

/* The buffer holds the image until the next call. */
static struct ps_snapshot *build(struct ps_builder *builder)
{
	static struct ps_buffer buffer;
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	ps_buffer_clear(&buffer);
	ps_buffer_init(&buffer, 1 << 28);
	ck_assert_msg(ps_builder_write_buffer(builder, &buffer, &err) == PS_OK, "%s", err.text);
	ck_assert_msg(ps_snapshot_open(&snapshot, ps_buffer_bytes(&buffer), PS_SNAPSHOT_WHOLE,
	                  &err) == PS_OK,
	    "%s", err.text);
	return snapshot;
}

/* --- determinism ---------------------------------------------------------- */

START_TEST(same_input_same_bytes)
{
	struct sample_shape shape = {
	    .feeds = 3, .answers = 5, .rules = 9, .names = 400, .addresses = 100, .brands = 5,
	    .asks_answers = true};

	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct sample *sample = sample_create(seed, shape);
		struct ps_bytes first = sample_build(sample, 0);

		for (uint64_t order = 0; order < 4; order++) {
			struct ps_bytes again = sample_build(sample, order);

			ck_assert(ps_bytes_equal(first, again));
			free((void *)again.ptr);
		}
		free((void *)first.ptr);
		sample_destroy(sample);
	}
}
END_TEST

/* Another row, another key: nobody can know the buckets before the last row stands. */
START_TEST(key_depends_on_all_content)
{
	struct sample_shape shape = {.feeds = 1, .names = 50, .plain = true};
	struct sample *sample = sample_create(1, shape);
	struct ps_bytes image = sample_build(sample, 0), other;

	sample->rows[17].row.confidence++;
	other = sample_build(sample, 0);
	ck_assert_mem_ne(image.ptr + PS_HEADER_KEY, other.ptr + PS_HEADER_KEY, 16);
	free((void *)image.ptr);
	free((void *)other.ptr);
	sample_destroy(sample);
}
END_TEST

/* Settling, adding more and writing twice make no difference. */
START_TEST(settling_is_not_the_end)
{
	struct sample_shape shape = {.feeds = 3, .answers = 2, .rules = 5, .names = 300};
	struct sample *sample = sample_create(8, shape);
	struct ps_bytes image = sample_build(sample, 0);
	struct ps_builder *builder = create(&sample->plan);
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 1 << 24);
	for (uint32_t i = 0; i < sample->row_count; i++) {
		struct ps_indicator indicator = sample_indicator(&sample->rows[i]);

		if (sample->rows[i].row.kind != PS_ROW_FEED)
			continue;
		ck_assert_int_eq(ps_builder_add(builder, sample->rows[i].row.source, &indicator,
		                     sample->rows[i].row.trial, NULL),
		    PS_OK);
		if (i % 50 == 0)
			ck_assert_int_eq(ps_builder_settle(builder, NULL), PS_OK);
	}
	for (uint32_t i = 0; i < 3; i++)
		ps_builder_set_feed(builder, i, 1000 + i, 100 + i, 10 + i, i % 2 == 1);
	for (int round = 0; round < 2; round++) {
		ps_buffer_clear(&buffer);
		ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, NULL), PS_OK);
		ck_assert(ps_bytes_equal(ps_buffer_bytes(&buffer), image));
	}
	ps_buffer_clear(&buffer);
	ps_builder_destroy(builder);
	free((void *)image.ptr);
	sample_destroy(sample);
}
END_TEST

/* --- what is kept --------------------------------------------------------- */

START_TEST(first_provenance_stays)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct sample_name name;
	struct ps_indicator indicator;
	struct ps_snapshot *snapshot;
	static const uint64_t lines[] = {0, 900, 3, 3, 77};

	sample_text_name("a.example", &name);
	for (size_t i = 0; i < 5; i++) {
		indicator = listed(&name, lines[i]);
		indicator.reference = ps_bytes_of_text(i == 2 ? "zz" : i == 3 ? "yy" : "");
		add(builder, 0, &indicator);
	}
	snapshot = build(builder);
	ck_assert_uint_eq(ps_snapshot_size(snapshot).rows, 1);
	ck_assert_uint_eq(ps_snapshot_provenance(snapshot, 0, 0).line, 3);
	ck_assert(ps_bytes_equal_text(ps_snapshot_provenance(snapshot, 0, 0).reference, "yy"));
	ck_assert_uint_eq(ps_builder_counts(builder, 0).rows, 1);
	ck_assert_uint_eq(ps_builder_counts(builder, 0).duplicates, 4);
	ck_assert_uint_eq(ps_builder_counts(builder, 1).rows, 0);
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

/* Of the same line the reference decides, a shorter one before what it begins; addresses
 * keep their first provenance like names. */
START_TEST(first_reference_stays)
{
	static const char *const references[] = {"case-12", "case-1", "case-123", "case-2"};
	struct ps_plan plan = plan_of_two_feeds();

	for (size_t first = 0; first < 4; first++) {
		struct ps_builder *builder = create(&plan);
		struct ps_snapshot *snapshot;
		struct sample_name name;

		sample_text_name("a.example", &name);
		for (size_t i = 0; i < 4; i++) {
			struct ps_indicator indicator = listed(&name, 3);

			indicator.reference = ps_bytes_of_text(references[(first + i) % 4]);
			add(builder, 0, &indicator);
			indicator.is_address = true;
			indicator.scope = PS_SCOPE_EXACT;
			indicator.prefix =
			    (struct ps_prefix){.address = {.family = 4, .bytes = {10}}, .len = 8};
			indicator.line = 9 - i;
			add(builder, 0, &indicator);
		}
		snapshot = build(builder);
		ck_assert_uint_eq(ps_snapshot_size(snapshot).rows, 2);
		ck_assert(ps_bytes_equal_text(
		    ps_snapshot_provenance(snapshot, 0, 0).reference, "case-1"));
		ck_assert_uint_eq(ps_builder_counts(builder, 0).duplicates, 6);
		ps_snapshot_close(snapshot);
		ps_builder_destroy(builder);
	}
}
END_TEST

/* Of a path that is too long for a reference the end stays; of a title the beginning, and
 * no half of a character. */
START_TEST(long_texts_of_a_policy)
{
	static char path[300], title[5000];
	struct ps_feed_config feed = {.id = "one", .title = title, .file = "f.yaml"};
	struct sample_name name;
	struct ps_scoped_name never;
	struct ps_plan plan = {
	    .feeds = &feed, .feed_count = 1, .never = {.names = &never, .count = 1}};
	struct ps_builder *builder;
	struct ps_snapshot *snapshot;
	struct ps_bytes reference;

	memset(path, 'd', sizeof(path) - 1);
	(void)strcpy(path + sizeof(path) - sizeof("/end.yaml"), "/end.yaml");
	sample_text_name("a.example", &name);
	never = (struct ps_scoped_name){name.name, PS_SCOPE_SUBTREE, {.file = path, .line = 4}};
	for (size_t shift = 0; shift < 2; shift++) {
		size_t len;

		memset(title, 't', sizeof(title) - 1);
		for (size_t i = shift; i + 2 < sizeof(title); i += 2)
			memcpy(title + i, "\xc3\xbc", 2);
		builder = create(&plan);
		snapshot = build(builder);
		len = strlen(ps_snapshot_feed(snapshot, 0).title);
		ck_assert_uint_ge(len, 4000);
		ck_assert_uint_lt(len, sizeof(title) - 2);
		ck_assert_uint_eq(len % 2, shift); /* whole characters */
		ck_assert(strncmp(ps_snapshot_feed(snapshot, 0).title, title, len) == 0);
		reference = ps_snapshot_provenance(snapshot, 0, 0).reference;
		ck_assert_uint_eq(reference.len, PS_SNAPSHOT_REFERENCE_MAX);
		ck_assert_mem_eq(reference.ptr,
		    path + sizeof(path) - 1 - PS_SNAPSHOT_REFERENCE_MAX, reference.len);
		ps_snapshot_close(snapshot);
		ps_builder_destroy(builder);
	}
}
END_TEST

/* A feed with thousands of rows for one name cannot stop a build: the best stay. */
START_TEST(surplus_of_one_feed)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_snapshot *snapshot;
	struct sample_name name;
	struct ps_hits hits;

	sample_text_name("a.example", &name);
	for (uint32_t i = 0; i < 5000; i++) {
		struct ps_indicator indicator = listed(&name, i);

		indicator.valid_until = 100000 + i;
		add(builder, 0, &indicator);
		indicator = (struct ps_indicator){.is_address = true,
		    .prefix = {.address = {.family = 4, .bytes = {192, 0, 2, 1}}, .len = 32},
		    .valid_until = 100000 + i};
		add(builder, 0, &indicator);
	}
	snapshot = build(builder);
	ck_assert_uint_eq(ps_builder_counts(builder, 0).rows, 2 * PS_BUILDER_FEED_ROWS_MAX);
	ck_assert_uint_eq(
	    ps_builder_counts(builder, 0).surplus, 2 * (5000 - PS_BUILDER_FEED_ROWS_MAX));
	ps_snapshot_find(snapshot, name.name, &hits);
	ck_assert_uint_eq(hits.count, 1);
	ck_assert_uint_eq(hits.hit[0].row_count, PS_BUILDER_FEED_ROWS_MAX);
	ck_assert_uint_eq(ps_snapshot_row(snapshot, hits.hit[0].first_row).valid_until,
	    105000 - PS_BUILDER_FEED_ROWS_MAX);
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

/* Those on trial go first, then those that end soonest, then the least sure. */
START_TEST(surplus_goes_by_worth)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_snapshot *snapshot;
	struct sample_name name;
	struct ps_hits hits;

	sample_text_name("a.example", &name);
	for (uint32_t i = 0; i < 10 * PS_BUILDER_FEED_ROWS_MAX; i++) {
		struct ps_indicator indicator = listed(&name, i);

		indicator.category = i % PS_CATEGORY_COUNT;
		indicator.confidence = (uint8_t)(i % 97);
		indicator.valid_from = 1 + i;
		indicator.valid_until = i % 5 == 0 ? PS_TIME_FOREVER : 5000 + i;
		ck_assert_int_eq(
		    ps_builder_add(builder, 0, &indicator, i % 10 == 5, NULL), PS_OK);
	}
	/* 32 of 320 are neither on trial nor end; two of a confidence would go by the rest. */
	snapshot = build(builder);
	ps_snapshot_find(snapshot, name.name, &hits);
	ck_assert_uint_eq(hits.hit[0].row_count, PS_BUILDER_FEED_ROWS_MAX);
	for (uint32_t i = 0; i < hits.hit[0].row_count; i++) {
		struct ps_row row = ps_snapshot_row(snapshot, hits.hit[0].first_row + i);

		ck_assert(!row.trial);
		ck_assert_uint_eq(row.valid_until, PS_TIME_FOREVER);
		ck_assert_uint_eq((row.valid_from - 1) % 10, 0);
	}
	ps_snapshot_close(snapshot);
	/* One more that is surer takes the place of the least sure: number 0's is 0. */
	{
		struct ps_indicator indicator = listed(&name, 1);

		indicator.confidence = 100;
		add(builder, 0, &indicator);
	}
	snapshot = build(builder);
	ps_snapshot_find(snapshot, name.name, &hits);
	ck_assert_uint_eq(hits.hit[0].row_count, PS_BUILDER_FEED_ROWS_MAX);
	for (uint32_t i = 0; i < hits.hit[0].row_count; i++)
		ck_assert_uint_gt(
		    ps_snapshot_row(snapshot, hits.hit[0].first_row + i).confidence, 0);
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

/* One name in more conditions than a set may have rows: an error that names it. */
START_TEST(set_of_policy_too_large)
{
	struct sample_name name;
	struct ps_scoped_name scoped;
	struct ps_condition conditions[PS_CONDITIONS_MAX];
	struct ps_answer answer = {.name = "nxdomain", .action = PS_ACTION_NXDOMAIN};
	struct ps_rule *rules = calloc(200, sizeof(*rules));
	struct ps_plan plan = {
	    .rules = rules, .rule_count = 128, .answers = &answer, .answer_count = 1};
	struct ps_builder *builder;
	struct ps_buffer buffer;
	struct ps_error err;

	sample_text_name("crowded.example", &name);
	scoped = (struct ps_scoped_name){.name = name.name, .scope = PS_SCOPE_EXACT};
	for (int i = 0; i < PS_CONDITIONS_MAX; i++)
		conditions[i] = (struct ps_condition){
		    .kind = PS_CONDITION_NAMES, .names = {.names = &scoped, .count = 1}};
	for (int i = 0; i < 200; i++)
		rules[i] = (struct ps_rule){.id = "r",
		    .conditions = conditions,
		    .condition_count = PS_CONDITIONS_MAX,
		    .ede_code = PS_EDE_NONE};
	ps_buffer_init(&buffer, 1 << 24);
	ps_error_clear(&err);
	builder = create(&plan); /* 128 * 16 = 2048 rows: just within */
	ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, &err), PS_OK);
	ps_builder_destroy(builder);
	ps_buffer_clear(&buffer);
	plan.rule_count = 129;
	builder = create(&plan);
	ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, &err), PS_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "crowded.example"));
	ck_assert_uint_eq(buffer.len, 0);
	ps_builder_destroy(builder);
	free(rules);
}
END_TEST

START_TEST(plan_limits)
{
	struct ps_plan plan = {.feed_count = PS_FEEDS_MAX + 1};
	struct ps_rule rule = {.id = "many", .condition_count = PS_CONDITIONS_MAX + 1};
	struct ps_builder *builder = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	ck_assert_int_eq(ps_builder_create(&builder, &plan, &err), PS_LIMIT);
	plan = (struct ps_plan){.answer_count = PS_ANSWERS_MAX + 1};
	ck_assert_int_eq(ps_builder_create(&builder, &plan, &err), PS_LIMIT);
	plan = (struct ps_plan){.rule_count = PS_RULES_MAX + 1};
	ck_assert_int_eq(ps_builder_create(&builder, &plan, &err), PS_LIMIT);
	plan = (struct ps_plan){.rules = &rule, .rule_count = 1};
	ck_assert_int_eq(ps_builder_create(&builder, &plan, &err), PS_LIMIT);
	ck_assert_ptr_nonnull(strstr(err.text, "many"));
	ck_assert_ptr_null(builder);
}
END_TEST

START_TEST(indicators_out_of_range)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct sample_name name;
	struct ps_indicator good, bad;
	static const uint8_t long_reference[PS_REFERENCE_MAX + 1] = {'x'};

	sample_text_name("a.example", &name);
	good = listed(&name, 1);
	ck_assert_int_eq(ps_builder_add(builder, 2, &good, false, NULL), PS_INVALID);
	bad = good;
	bad.category = PS_CATEGORY_COUNT;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad = good;
	bad.confidence = 101;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad = good;
	bad.tlp = PS_TLP_COUNT;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad = good;
	bad.scope = PS_SCOPE_BELOW + 1;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad = good;
	bad.origin = PS_ORIGIN_SERVER + 1;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad = good;
	bad.reference = ps_bytes_of(long_reference, sizeof(long_reference));
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad = good;
	bad.is_address = true;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	bad.prefix.address.family = 4;
	bad.prefix.len = 33;
	ck_assert_int_eq(ps_builder_add(builder, 0, &bad, false, NULL), PS_INVALID);
	ck_assert_int_eq(ps_builder_settle(builder, NULL), PS_OK);
	ck_assert_uint_eq(ps_builder_counts(builder, 0).rows, 0);
	ps_builder_destroy(builder);
}
END_TEST

/* Bits behind a prefix's length are cut off, whoever left them there. */
START_TEST(prefix_bits_behind)
{
	static const uint8_t lens[] = {0, 1, 7, 8, 9, 23, 31, 32};
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_snapshot *snapshot;

	for (size_t i = 0; i < sizeof(lens); i++) {
		struct ps_indicator indicator = {.is_address = true,
		    .prefix = {.address = {.family = 4, .bytes = {255, 255, 255, 255, 9}},
		        .len = lens[i]},
		    .valid_until = PS_TIME_FOREVER};

		add(builder, 0, &indicator);
	}
	snapshot = build(builder);
	ck_assert_uint_eq(ps_snapshot_size(snapshot).prefixes4, sizeof(lens));
	for (uint32_t i = 0; i < sizeof(lens); i++) {
		uint32_t first, count;
		struct ps_prefix prefix = ps_snapshot_prefix(snapshot, i, &first, &count);
		uint32_t bits = (uint32_t)prefix.address.bytes[0] << 24 |
		    (uint32_t)prefix.address.bytes[1] << 16 |
		    (uint32_t)prefix.address.bytes[2] << 8 | prefix.address.bytes[3];

		ck_assert_uint_eq(prefix.len, lens[i]);
		ck_assert_uint_eq(
		    bits, lens[i] == 0 ? 0 : UINT32_MAX << (32 - lens[i]));
	}
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

/* Octets that the formats cannot hold do not reach them. */
START_TEST(odd_text)
{
	struct ps_feed_config feed = {.id = "one", .title = "bad \xff\xc3 title", .file = "\x80"};
	struct ps_plan plan = {.feeds = &feed, .feed_count = 1};
	struct ps_builder *builder = create(&plan);
	struct ps_snapshot *snapshot;
	struct sample_name name;
	struct ps_indicator indicator;

	sample_text_name("a.example", &name);
	indicator = listed(&name, UINT64_MAX);
	indicator.reference = ps_bytes_of("ab\0cd", 5);
	add(builder, 0, &indicator);
	snapshot = build(builder);
	ck_assert_str_eq(ps_snapshot_feed(snapshot, 0).title, "bad ?? title");
	ck_assert_str_eq(ps_snapshot_feed(snapshot, 0).file, "?");
	ck_assert(ps_bytes_equal_text(ps_snapshot_provenance(snapshot, 0, 0).reference, "ab"));
	ck_assert_uint_eq(ps_snapshot_provenance(snapshot, 0, 0).line, 0);
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

/* --- feeds that are held back (RELIABILITY F4) ---------------------------- */

static void fill(struct ps_builder *builder, uint32_t feed, uint32_t names)
{
	for (uint32_t i = 0; i < names; i++) {
		struct sample_name name;
		struct ps_indicator indicator;
		char text[64];

		(void)snprintf(text, sizeof(text), "n%u.feed%u.example", i, feed);
		sample_text_name(text, &name);
		indicator = listed(&name, i + 1);
		indicator.reference = ps_bytes_of_text(text);
		ck_assert_int_eq(
		    ps_builder_add(builder, feed, &indicator, i % 7 == 0, NULL), PS_OK);
	}
	for (uint32_t i = 0; i < 9; i++) {
		struct ps_indicator indicator = {.is_address = true,
		    .prefix = {.address = {.family = 6, .bytes = {0x20, 1, 0xd, 0xb8, (uint8_t)i}},
		        .len = 40},
		    .origin = PS_ORIGIN_ADDRESS,
		    .valid_until = PS_TIME_FOREVER,
		    .line = 1000 + i};

		add(builder, feed, &indicator);
	}
}

START_TEST(carrying_a_feed_over)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_buffer good, carried;
	struct ps_snapshot *previous;

	ps_buffer_init(&good, 1 << 24);
	ps_buffer_init(&carried, 1 << 24);
	fill(builder, 0, 100);
	fill(builder, 1, 200);
	ck_assert_int_eq(ps_builder_write_buffer(builder, &good, NULL), PS_OK);
	ck_assert_int_eq(ps_snapshot_open(&previous, ps_buffer_bytes(&good), PS_SNAPSHOT_WHOLE,
	                     NULL),
	    PS_OK);
	ps_builder_destroy(builder);

	/* The next build: feed 1 comes with ten times as much, is dropped, and carried. */
	builder = create(&plan);
	fill(builder, 0, 100);
	fill(builder, 1, 2000);
	ck_assert_int_eq(ps_builder_settle(builder, NULL), PS_OK);
	ck_assert_uint_eq(ps_builder_counts(builder, 1).rows, 2009);
	ps_builder_drop_feed(builder, 1);
	ck_assert_uint_eq(ps_builder_counts(builder, 1).rows, 0);
	ck_assert_int_eq(ps_builder_copy_feed(builder, 1, previous, 1, false, NULL), PS_OK);
	ck_assert_int_eq(ps_builder_write_buffer(builder, &carried, NULL), PS_OK);
	ck_assert_uint_eq(ps_builder_counts(builder, 1).rows, 209);
	ck_assert(ps_bytes_equal(ps_buffer_bytes(&good), ps_buffer_bytes(&carried)));
	ps_snapshot_close(previous);
	ps_builder_destroy(builder);
	ps_buffer_clear(&good);
	ps_buffer_clear(&carried);
}
END_TEST

static enum ps_status accept_names_only(
    void *ctx, const struct ps_indicator *indicator, bool trial, struct ps_error *err)
{
	unsigned *taken = ctx;

	(void)trial;
	if (indicator->is_address)
		return ps_error_set(err, PS_LIMIT, "no addresses");
	++*taken;
	return PS_OK;
}

/* Who is shown a feed's entries may end it, at a name or at an address. */
START_TEST(a_visit_ends_with_the_first_refusal)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_indicator_visitor visitor = {.accept = accept_names_only};
	struct ps_snapshot *snapshot;
	struct ps_error err;
	unsigned taken = 0;

	fill(builder, 0, 30);
	snapshot = build(builder);
	visitor.ctx = &taken;
	ps_error_clear(&err);
	ck_assert_int_eq(ps_snapshot_visit_feed(snapshot, 0, &visitor, &err), PS_LIMIT);
	ck_assert_str_eq(err.text, "no addresses");
	ck_assert_uint_eq(taken, 30);
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

/* On trial as a whole: every row says so. */
START_TEST(carrying_a_feed_over_on_trial)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_buffer good;
	struct ps_snapshot *previous, *snapshot;

	ps_buffer_init(&good, 1 << 24);
	fill(builder, 0, 50);
	ck_assert_int_eq(ps_builder_write_buffer(builder, &good, NULL), PS_OK);
	ck_assert_int_eq(ps_snapshot_open(&previous, ps_buffer_bytes(&good), PS_SNAPSHOT_WHOLE,
	                     NULL),
	    PS_OK);
	ps_builder_destroy(builder);
	builder = create(&plan);
	ck_assert_int_eq(ps_builder_copy_feed(builder, 1, previous, 0, true, NULL), PS_OK);
	snapshot = build(builder);
	ck_assert_uint_eq(ps_snapshot_size(snapshot).names, 50);
	for (uint32_t i = 0; i < ps_snapshot_size(snapshot).rows; i++) {
		ck_assert(ps_snapshot_row(snapshot, i).trial);
		ck_assert_uint_eq(ps_snapshot_row(snapshot, i).source, 1);
	}
	ps_snapshot_close(snapshot);
	ps_snapshot_close(previous);
	ps_builder_destroy(builder);
	ps_buffer_clear(&good);
}
END_TEST

/* --- on disk -------------------------------------------------------------- */

static char folder[64];
static char path[128];

static void make_folder(void)
{
	(void)strcpy(folder, "/tmp/postshield-build-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/snapshot", folder);
}

static int count_files(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	(void)closedir(dir);
	return count;
}

static void remove_folder(void)
{
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(writing_a_file)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_snapshot *from_file = NULL;
	struct ps_buffer buffer;
	struct stat st;

	make_folder();
	ps_buffer_init(&buffer, 1 << 24);
	fill(builder, 0, 5000);
	ck_assert_int_eq(ps_builder_write(builder, path, NULL), PS_OK);
	ck_assert_int_eq(ps_builder_write(builder, path, NULL), PS_OK);
	ck_assert_int_eq(count_files(), 1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0644);
	ck_assert_int_eq(
	    ps_snapshot_load(&from_file, path, PS_SNAPSHOT_WHOLE, NULL), PS_OK);
	ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, NULL), PS_OK);
	ck_assert_uint_eq((size_t)st.st_size, buffer.len);
	ck_assert_mem_eq(
	    ps_snapshot_digest(from_file), buffer.data + PS_HEADER_DIGEST, PS_DIGEST_SIZE);
	ps_snapshot_close(from_file);
	ps_builder_destroy(builder);
	ps_buffer_clear(&buffer);
	remove_folder();
}
END_TEST

/* The disk is full (here: the largest file allowed) at every point of the writing: the
 * last good file stays, the temporary one goes, and errno says why. */
START_TEST(full_disk)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_snapshot *good = NULL;
	struct rlimit limit, small;
	struct stat st;
	struct ps_error err;
	int refused = 0;

	make_folder();
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	fill(builder, 0, 100);
	ck_assert_int_eq(ps_builder_write(builder, path, NULL), PS_OK);
	fill(builder, 1, 4000);
	for (rlim_t size = 0; size < 400000; size = size * 2 + 1) {
		enum ps_status status;

		small = (struct rlimit){.rlim_cur = size, .rlim_max = limit.rlim_max};
		ps_error_clear(&err);
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
		status = ps_builder_write(builder, path, &err);
		ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
		ck_assert_int_eq(count_files(), 1);
		if (status == PS_OK)
			break;
		refused++;
		ck_assert_int_eq(status, PS_IO);
		ck_assert_int_eq(err.sys_errno, EFBIG);
		ck_assert_int_eq(ps_snapshot_load(&good, path, PS_SNAPSHOT_WHOLE, NULL), PS_OK);
		ck_assert_uint_eq(ps_snapshot_size(good).names, 100);
		ps_snapshot_close(good);
	}
	ck_assert_int_ge(refused, 10);
	ck_assert_int_eq(ps_builder_write(builder, path, NULL), PS_OK);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_gt((size_t)st.st_size, 100000);
	ps_builder_destroy(builder);
	remove_folder();
}
END_TEST

START_TEST(no_such_folder)
{
	struct ps_plan plan = plan_of_two_feeds();
	struct ps_builder *builder = create(&plan);
	struct ps_error err;

	ps_error_clear(&err);
	ck_assert_int_eq(ps_builder_write(builder, "/nonexistent/folder/snapshot", &err), PS_IO);
	ck_assert_int_eq(err.sys_errno, ENOENT);
	ps_builder_destroy(builder);
	ps_builder_destroy(NULL);
}
END_TEST

/* A plan that breaks a limit which only the verifier knows: nothing is put in place. */
START_TEST(refused_by_own_verifier)
{
	struct ps_answer answer = {.name = "late", .ttl = PS_TTL_MAX + 1};
	struct ps_plan plan = {.answers = &answer, .answer_count = 1};
	struct ps_builder *builder = create(&plan);
	struct ps_error err;

	make_folder();
	ps_error_clear(&err);
	ck_assert_int_eq(ps_builder_write(builder, path, &err), PS_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "TTL"));
	ck_assert_int_eq(count_files(), 0);
	ps_builder_destroy(builder);
	remove_folder();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("builder");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, same_input_same_bytes);
	tcase_add_test(tests, key_depends_on_all_content);
	tcase_add_test(tests, settling_is_not_the_end);
	tcase_add_test(tests, first_provenance_stays);
	tcase_add_test(tests, first_reference_stays);
	tcase_add_test(tests, long_texts_of_a_policy);
	tcase_add_test(tests, surplus_of_one_feed);
	tcase_add_test(tests, surplus_goes_by_worth);
	tcase_add_test(tests, set_of_policy_too_large);
	tcase_add_test(tests, plan_limits);
	tcase_add_test(tests, indicators_out_of_range);
	tcase_add_test(tests, prefix_bits_behind);
	tcase_add_test(tests, odd_text);
	tcase_add_test(tests, carrying_a_feed_over);
	tcase_add_test(tests, carrying_a_feed_over_on_trial);
	tcase_add_test(tests, a_visit_ends_with_the_first_refusal);
	tcase_add_test(tests, writing_a_file);
	tcase_add_test(tests, full_disk);
	tcase_add_test(tests, no_such_folder);
	tcase_add_test(tests, refused_by_own_verifier);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
