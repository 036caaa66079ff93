/* Collecting and settling. */
#include "snapshot/build.h"
#include "snapshot/sort.h"

#include <stdlib.h>

#define NAMES_MAX ((size_t)1 << 36)
#define RECORDS_MAX ((size_t)1 << 30)

/* Its value makes no difference: it brings equal names together, no more. */
static const struct ps_hash_key fixed_key = {.k0 = 0, .k1 = 0};

/* Room for one element more. *array has *room of size octets, count are used. */
static enum ps_status reserve(
    void **array, size_t *room, size_t count, size_t size, struct ps_error *err)
{
	size_t wanted = *room == 0 ? 256 : *room * 2;
	void *grown;

	if (count < *room)
		return PS_OK;
	if (count >= RECORDS_MAX)
		return ps_error_set(err, PS_LIMIT, "more than %zu rows in all", RECORDS_MAX);
	grown = realloc(*array, wanted * size);
	if (grown == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	*array = grown;
	*room = wanted;
	return PS_OK;
}

static void store_row(uint8_t out[PS_ROW_RECORD], const struct ps_row *row)
{
	out[PS_ROW_KIND] = (uint8_t)row->kind;
	out[PS_ROW_SCOPE] = (uint8_t)row->scope;
	ps_store_le16(out + PS_ROW_SOURCE, row->source);
	out[PS_ROW_CATEGORY] = (uint8_t)row->category;
	out[PS_ROW_CONFIDENCE] = row->confidence;
	out[PS_ROW_TLP] = (uint8_t)row->tlp;
	out[PS_ROW_ORIGIN] = (uint8_t)((unsigned)row->origin | (row->trial ? PS_ROW_TRIAL : 0));
	ps_store_le32(out + PS_ROW_VALID_FROM, row->valid_from);
	ps_store_le32(out + PS_ROW_VALID_UNTIL, row->valid_until);
}

static enum ps_status add_row(
    struct ps_builder *builder, const struct ps_row *row, uint32_t *number, struct ps_error *err)
{
	uint8_t octets[PS_ROW_RECORD];
	enum ps_status status;

	store_row(octets, row);
	status = ps_intern_add(&builder->rows, ps_bytes_of(octets, sizeof(octets)), number);
	if (status != PS_OK)
		return ps_error_set(err, status,
		    status == PS_LIMIT ? "too many different rows" : "out of memory");
	return PS_OK;
}

/* *number: that of the reference and 1, or 0 without one. A NUL ends it: references
 * are C strings in the file. */
static enum ps_status add_reference(struct ps_builder *builder, struct ps_bytes reference,
    uint32_t *number, struct ps_error *err)
{
	enum ps_status status;
	const uint8_t *nul;

	*number = 0;
	nul = reference.len > 0 ? memchr(reference.ptr, 0, reference.len) : NULL;
	if (nul != NULL)
		reference.len = (size_t)(nul - reference.ptr);
	if (reference.len == 0)
		return PS_OK;
	status = ps_intern_add(&builder->references, reference, number);
	if (status != PS_OK)
		return ps_error_set(err, status,
		    status == PS_LIMIT ? "too many different references" : "out of memory");
	++*number;
	return PS_OK;
}

/* What a record of either kind points to: its row, and its reference. */
static enum ps_status add_row_and_reference(struct ps_builder *builder, const struct ps_row *row,
    struct ps_bytes reference, uint32_t *row_number, uint32_t *reference_number,
    struct ps_error *err)
{
	enum ps_status status = add_row(builder, row, row_number, err);

	return status == PS_OK ? add_reference(builder, reference, reference_number, err) : status;
}

static uint64_t line_within(uint64_t line)
{
	return line < PS_SNAPSHOT_LINE_MAX ? line : 0;
}

static enum ps_status add_name(struct ps_builder *builder, struct ps_name name,
    const struct ps_row *row, uint64_t line, struct ps_bytes reference, struct ps_error *err)
{
	uint8_t octets[PS_NAME_WIRE_MAX + PS_VARINT_MAX];
	struct ps_build_record record = {.hash = ps_name_hash(fixed_key, name).hi};
	size_t len = name.len;
	enum ps_status status;

	status = reserve((void **)&builder->records, &builder->record_room,
	    builder->record_count, sizeof(record), err);
	if (status == PS_OK)
		status = add_row_and_reference(
		    builder, row, reference, &record.row, &record.reference, err);
	if (status != PS_OK)
		return status;
	memcpy(octets, name.wire, name.len);
	len += ps_build_put_varint(octets + len, line_within(line));
	record.name = ps_arena_copy(&builder->names, ps_bytes_of(octets, len));
	if (record.name == NULL)
		return ps_arena_is_full(&builder->names)
		    ? ps_error_set(err, PS_LIMIT, "the names are too many for one snapshot")
		    : ps_error_set(err, PS_NO_MEMORY, "out of memory");
	builder->records[builder->record_count++] = record;
	builder->settled = false;
	return PS_OK;
}

static enum ps_status add_prefix(struct ps_builder *builder, const struct ps_prefix *prefix,
    const struct ps_row *row, uint64_t line, struct ps_bytes reference, struct ps_error *err)
{
	struct ps_build_prefix record = {
	    .family = prefix->address.family,
	    .len = prefix->len,
	    .line = line_within(line),
	};
	size_t octets = prefix->address.family == 4 ? 4 : 16;
	enum ps_status status;

	status = reserve((void **)&builder->prefixes, &builder->prefix_room,
	    builder->prefix_count, sizeof(record), err);
	if (status == PS_OK)
		status = add_row_and_reference(
		    builder, row, reference, &record.row, &record.reference, err);
	if (status != PS_OK)
		return status;
	memcpy(record.bytes, prefix->address.bytes, octets);
	for (size_t i = 0; i < octets; i++) {
		unsigned keep = record.len > i * 8 ? record.len - (unsigned)i * 8 : 0;

		if (keep < 8)
			record.bytes[i] &= (uint8_t)(0xff00 >> keep);
	}
	builder->prefixes[builder->prefix_count++] = record;
	builder->settled = false;
	return PS_OK;
}

static bool indicator_is_valid(const struct ps_indicator *indicator)
{
	unsigned family = indicator->prefix.address.family;

	if (indicator->is_address) {
		if ((family != 4 && family != 6) ||
		    indicator->prefix.len > (family == 4 ? 32 : 128))
			return false;
	} else if ((unsigned)indicator->scope > PS_SCOPE_BELOW) {
		return false;
	}
	return (unsigned)indicator->origin <= PS_ORIGIN_SERVER &&
	    (unsigned)indicator->category < PS_CATEGORY_COUNT &&
	    indicator->confidence <= PS_CONFIDENCE_MAX &&
	    (unsigned)indicator->tlp < PS_TLP_COUNT &&
	    indicator->reference.len <= PS_REFERENCE_MAX;
}

enum ps_status ps_builder_add(struct ps_builder *builder, uint32_t feed,
    const struct ps_indicator *indicator, bool trial, struct ps_error *err)
{
	struct ps_row row = {
	    .kind = PS_ROW_FEED,
	    .scope = indicator->is_address ? PS_SCOPE_EXACT : indicator->scope,
	    .source = (uint16_t)feed,
	    .category = indicator->category,
	    .confidence = indicator->confidence,
	    .tlp = indicator->tlp,
	    .origin = indicator->origin,
	    .trial = trial,
	    .valid_from = indicator->valid_from,
	    .valid_until = indicator->valid_until,
	};

	if (feed >= builder->plan->feed_count || !indicator_is_valid(indicator))
		return ps_error_set(err, PS_INVALID, "the indicator has a value out of range");
	if (indicator->is_address)
		return add_prefix(builder, &indicator->prefix, &row, indicator->line,
		    indicator->reference, err);
	return add_name(
	    builder, indicator->name, &row, indicator->line, indicator->reference, err);
}

struct copying {
	struct ps_builder *builder;
	uint32_t feed;
	bool trial;
};

static enum ps_status accept_copy(
    void *ctx, const struct ps_indicator *indicator, bool trial, struct ps_error *err)
{
	const struct copying *copying = ctx;
	struct ps_indicator within = *indicator;

	if (within.reference.len > PS_REFERENCE_MAX)
		within.reference.len = PS_REFERENCE_MAX;
	return ps_builder_add(
	    copying->builder, copying->feed, &within, trial || copying->trial, err);
}

enum ps_status ps_builder_copy_feed(struct ps_builder *builder, uint32_t feed,
    const struct ps_snapshot *previous, uint32_t previous_feed, bool trial,
    struct ps_error *err)
{
	struct copying copying = {.builder = builder, .feed = feed, .trial = trial};
	struct ps_indicator_visitor visitor = {.ctx = &copying, .accept = accept_copy};

	return ps_snapshot_visit_feed(previous, previous_feed, &visitor, err);
}

void ps_builder_set_feed(struct ps_builder *builder, uint32_t feed, uint32_t read,
    uint32_t kept, uint32_t refused, bool held)
{
	struct ps_build_feed *it = &builder->feeds[feed];

	it->read = read;
	it->kept = kept;
	it->refused = refused;
	it->held = held;
}

static bool row_is_of_feed(const struct ps_builder *builder, uint32_t row, uint32_t feed)
{
	const uint8_t *p = ps_build_row(builder, row);

	return p[PS_ROW_KIND] == PS_ROW_FEED && ps_load_le16(p + PS_ROW_SOURCE) == feed;
}

void ps_builder_drop_feed(struct ps_builder *builder, uint32_t feed)
{
	size_t kept = 0;

	for (size_t i = 0; i < builder->record_count; i++)
		if (!row_is_of_feed(builder, builder->records[i].row, feed))
			builder->records[kept++] = builder->records[i];
	builder->record_count = kept;
	kept = 0;
	for (size_t i = 0; i < builder->prefix_count; i++)
		if (!row_is_of_feed(builder, builder->prefixes[i].row, feed))
			builder->prefixes[kept++] = builder->prefixes[i];
	builder->prefix_count = kept;
	builder->feeds[feed].counts = (struct ps_builder_counts){0};
}

/* --- what the policy itself lists ----------------------------------------- */

static struct ps_bytes reference_to(const struct ps_place *place)
{
	struct ps_bytes reference = ps_bytes_of_text(place->file == NULL ? "" : place->file);

	/* Of a long path the end says more than the beginning. */
	if (reference.len > PS_SNAPSHOT_REFERENCE_MAX) {
		reference.ptr += reference.len - PS_SNAPSHOT_REFERENCE_MAX;
		reference.len = PS_SNAPSHOT_REFERENCE_MAX;
	}
	return reference;
}

static enum ps_status add_policy_name(struct ps_builder *builder,
    const struct ps_scoped_name *it, const struct ps_row *row, struct ps_error *err)
{
	return add_name(builder, it->name, row, it->place.line, reference_to(&it->place), err);
}

static enum ps_status add_names(struct ps_builder *builder, const struct ps_name_set *set,
    enum ps_row_kind kind, uint32_t source, struct ps_error *err)
{
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; i < set->count && status == PS_OK; i++) {
		struct ps_row row = {
		    .kind = kind,
		    .scope = set->names[i].scope,
		    .source = (uint16_t)source,
		    .valid_from = PS_TIME_NONE,
		    .valid_until = PS_TIME_FOREVER,
		};

		status = add_policy_name(builder, &set->names[i], &row, err);
	}
	return status;
}

static enum ps_status add_prefixes(struct ps_builder *builder,
    const struct ps_condition *condition, uint32_t source, struct ps_error *err)
{
	const struct ps_row row = {.kind = PS_ROW_ADDRESSES,
	    .scope = PS_SCOPE_EXACT,
	    .source = (uint16_t)source,
	    .valid_from = PS_TIME_NONE,
	    .valid_until = PS_TIME_FOREVER};
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; i < condition->prefix_count && status == PS_OK; i++) {
		const struct ps_placed_prefix *it = &condition->prefixes[i];

		status = add_prefix(builder, &it->prefix, &row, it->place.line,
		    reference_to(&it->place), err);
	}
	return status;
}

static bool is_free_hosting(const struct ps_lookalike_plan *plan, struct ps_name name)
{
	for (uint32_t i = 0; i < plan->free_hosting.count; i++)
		if (ps_name_equal(plan->free_hosting.names[i].name, name))
			return true;
	return false;
}

/* What is never judged a lookalike. A popular name stands for all below it, unless anybody
 * may put a name there. Without brands nothing is judged, and nothing stands. */
static enum ps_status add_unjudged(struct ps_builder *builder, struct ps_error *err)
{
	const struct ps_plan *plan = builder->plan;
	const struct ps_lookalike_plan *lookalike = &plan->lookalike;
	enum ps_status status = PS_OK;

	if (lookalike->brand_count == 0)
		return PS_OK;
	for (uint32_t i = 0; i < lookalike->exception_count && status == PS_OK; i++) {
		const struct ps_exception *it = &lookalike->exceptions[i];
		struct ps_row row = {.kind = PS_ROW_EXCEPTION,
		    .scope = it->name.scope,
		    .valid_from = PS_TIME_NONE,
		    .valid_until = it->valid_until};

		status = add_policy_name(builder, &it->name, &row, err);
	}
	for (uint32_t i = 0; i < plan->popular.count && status == PS_OK; i++) {
		const struct ps_scoped_name *it = &plan->popular.names[i];
		struct ps_row row = {.kind = PS_ROW_POPULAR,
		    .scope = is_free_hosting(lookalike, it->name) ? PS_SCOPE_EXACT
		                                                  : PS_SCOPE_SUBTREE,
		    .valid_from = PS_TIME_NONE,
		    .valid_until = PS_TIME_FOREVER};

		status = add_policy_name(builder, it, &row, err);
	}
	return status;
}

static enum ps_status add_policy(struct ps_builder *builder, struct ps_error *err)
{
	const struct ps_plan *plan = builder->plan;
	uint32_t condition = 0;
	enum ps_status status = add_names(builder, &plan->never, PS_ROW_NEVER, 0, err);

	if (status == PS_OK)
		status = add_names(builder, &plan->official, PS_ROW_OFFICIAL, 0, err);
	if (status == PS_OK)
		status = add_unjudged(builder, err);
	for (uint32_t i = 0; i < plan->rule_count && status == PS_OK; i++) {
		const struct ps_rule *rule = &plan->rules[i];

		for (uint32_t k = 0; k < rule->condition_count && status == PS_OK; k++) {
			if (rule->conditions[k].kind == PS_CONDITION_NAMES)
				status = add_names(builder, &rule->conditions[k].names,
				    PS_ROW_NAMES, condition, err);
			if (rule->conditions[k].kind == PS_CONDITION_ADDRESSES)
				status = add_prefixes(
				    builder, &rule->conditions[k], condition, err);
			condition++;
		}
	}
	return status;
}

_Static_assert(PS_RULES_MAX * PS_CONDITIONS_MAX <= PS_SNAPSHOT_CONDITIONS_MAX,
    "no plan within its limits has more conditions than a row's source can number");

static enum ps_status check_plan(const struct ps_plan *plan, struct ps_error *err)
{
	if (plan->feed_count > PS_FEEDS_MAX)
		return ps_error_set(err, PS_LIMIT, "more than %d feeds", PS_FEEDS_MAX);
	if (plan->answer_count > PS_ANSWERS_MAX)
		return ps_error_set(err, PS_LIMIT, "more than %d answers", PS_ANSWERS_MAX);
	if (plan->rule_count > PS_RULES_MAX)
		return ps_error_set(err, PS_LIMIT, "more than %d rules", PS_RULES_MAX);
	for (uint32_t i = 0; i < plan->rule_count; i++)
		if (plan->rules[i].condition_count > PS_CONDITIONS_MAX)
			return ps_error_set(err, PS_LIMIT,
			    "rule %.64s has more than %d conditions", plan->rules[i].id,
			    PS_CONDITIONS_MAX);
	if (plan->group_count > PS_CLIENT_GROUPS_MAX)
		return ps_error_set(
		    err, PS_LIMIT, "more than %d groups of clients", PS_CLIENT_GROUPS_MAX);
	if (plan->client_prefix_count > PS_CLIENT_PREFIXES_MAX)
		return ps_error_set(
		    err, PS_LIMIT, "more than %d prefixes of clients", PS_CLIENT_PREFIXES_MAX);
	if (plan->lookalike.brand_count > PS_BRANDS_MAX)
		return ps_error_set(err, PS_LIMIT, "more than %d brands", PS_BRANDS_MAX);
	return PS_OK;
}

void ps_builder_set_suffixes(struct ps_builder *builder, struct ps_bytes list)
{
	builder->suffixes = list;
}

enum ps_status ps_builder_create(
    struct ps_builder **out, const struct ps_plan *plan, struct ps_error *err)
{
	struct ps_builder *builder;
	enum ps_status status = check_plan(plan, err);

	if (status != PS_OK)
		return status;
	builder = calloc(1, sizeof(*builder));
	if (builder == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	builder->plan = plan;
	ps_arena_init(&builder->names, NAMES_MAX);
	ps_intern_init(&builder->rows);
	ps_intern_init(&builder->references);
	builder->feeds = calloc(plan->feed_count + 1, sizeof(*builder->feeds));
	status = builder->feeds == NULL ? ps_error_set(err, PS_NO_MEMORY, "out of memory")
	                                : add_policy(builder, err);
	if (status != PS_OK) {
		ps_builder_destroy(builder);
		return status;
	}
	*out = builder;
	return PS_OK;
}

void ps_builder_destroy(struct ps_builder *builder)
{
	if (builder == NULL)
		return;
	ps_arena_clear(&builder->names);
	ps_intern_clear(&builder->rows);
	ps_intern_clear(&builder->references);
	free(builder->records);
	free(builder->prefixes);
	free(builder->feeds);
	free(builder);
}

/* --- settling ------------------------------------------------------------- */

static int compare_rows(const struct ps_builder *builder, uint32_t a, uint32_t b)
{
	if (a == b)
		return 0;
	return ps_image_row_compare(ps_image_row_order(ps_build_row(builder, a)),
	    ps_image_row_order(ps_build_row(builder, b)));
}

/* Known lines from low to high, then unknown ones; then references, none being last. */
static int compare_provenances(const struct ps_builder *builder, uint64_t line_a,
    uint32_t reference_a, uint64_t line_b, uint32_t reference_b)
{
	struct ps_bytes a, b;
	int order;

	if (line_a != line_b)
		return line_a - 1 < line_b - 1 ? -1 : 1;
	if (reference_a == reference_b)
		return 0;
	if (reference_a == 0 || reference_b == 0)
		return reference_a == 0 ? 1 : -1;
	a = ps_intern_get(&builder->references, reference_a - 1);
	b = ps_intern_get(&builder->references, reference_b - 1);
	order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
	return order != 0 ? order : a.len < b.len ? -1 : 1;
}

static int compare_names(const uint8_t *a, const uint8_t *b)
{
	size_t len_a, len_b;

	if (a == b)
		return 0;
	len_a = ps_build_name_len(a);
	len_b = ps_build_name_len(b);
	if (len_a != len_b)
		return len_a < len_b ? -1 : 1;
	return memcmp(a, b, len_a);
}

static int compare_records(const void *left, const void *right, void *ctx)
{
	const struct ps_build_record *a = left, *b = right;
	int order;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	order = compare_names(a->name, b->name);
	if (order == 0)
		order = compare_rows(ctx, a->row, b->row);
	if (order == 0)
		order = compare_provenances(
		    ctx, ps_build_line(a), a->reference, ps_build_line(b), b->reference);
	return order;
}

static int compare_prefix_places(const struct ps_build_prefix *a, const struct ps_build_prefix *b)
{
	int order = a->family - b->family;

	if (order == 0)
		order = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
	return order != 0 ? order : a->len - b->len;
}

static int compare_prefixes(const void *left, const void *right, void *ctx)
{
	const struct ps_build_prefix *a = left, *b = right;
	int order = compare_prefix_places(a, b);

	if (order == 0)
		order = compare_rows(ctx, a->row, b->row);
	if (order == 0)
		order = compare_provenances(ctx, a->line, a->reference, b->line, b->reference);
	return order;
}

/* Which of too many rows is better to keep: below 0 when a is. */
static int compare_worth(const struct ps_builder *builder, uint32_t row_a, uint32_t row_b)
{
	const uint8_t *a = ps_build_row(builder, row_a);
	const uint8_t *b = ps_build_row(builder, row_b);
	int trial = (a[PS_ROW_ORIGIN] & PS_ROW_TRIAL) - (b[PS_ROW_ORIGIN] & PS_ROW_TRIAL);
	uint32_t until_a = ps_load_le32(a + PS_ROW_VALID_UNTIL);
	uint32_t until_b = ps_load_le32(b + PS_ROW_VALID_UNTIL);

	if (trial != 0)
		return trial;
	if (until_a != until_b)
		return until_a > until_b ? -1 : 1;
	if (a[PS_ROW_CONFIDENCE] != b[PS_ROW_CONFIDENCE])
		return b[PS_ROW_CONFIDENCE] - a[PS_ROW_CONFIDENCE];
	return compare_rows(builder, row_a, row_b);
}

static int compare_record_worth(const void *left, const void *right, void *ctx)
{
	const struct ps_build_record *a = left, *b = right;

	return compare_worth(ctx, a->row, b->row);
}

static int compare_prefix_worth(const void *left, const void *right, void *ctx)
{
	const struct ps_build_prefix *a = left, *b = right;

	return compare_worth(ctx, a->row, b->row);
}

/* What differs between settling records and settling prefixes. */
struct kind {
	size_t size;
	uint32_t (*row)(const void *element);
	bool (*same_place)(const void *a, const void *b);
	ps_sort_compare *compare;
	ps_sort_compare *compare_worth;
};

static uint32_t record_row(const void *element)
{
	return ((const struct ps_build_record *)element)->row;
}

static bool record_same_place(const void *left, const void *right)
{
	const struct ps_build_record *a = left, *b = right;

	return a->hash == b->hash && compare_names(a->name, b->name) == 0;
}

static uint32_t prefix_row(const void *element)
{
	return ((const struct ps_build_prefix *)element)->row;
}

static bool prefix_same_place(const void *a, const void *b)
{
	return compare_prefix_places(a, b) == 0;
}

static const struct kind record_kind = {sizeof(struct ps_build_record), record_row,
    record_same_place, compare_records, compare_record_worth};
static const struct kind prefix_kind = {sizeof(struct ps_build_prefix), prefix_row,
    prefix_same_place, compare_prefixes, compare_prefix_worth};

/* Keeps the PS_BUILDER_FEED_ROWS_MAX best of count rows that one feed has for one
 * name; returns how many stay. */
static size_t keep_best(struct ps_builder *builder, const struct kind *kind, uint8_t *rows,
    size_t count, void *scratch)
{
	if (count <= PS_BUILDER_FEED_ROWS_MAX)
		return count;
	ps_sort(rows, count, kind->size, scratch, kind->compare_worth, builder);
	ps_sort(rows, PS_BUILDER_FEED_ROWS_MAX, kind->size, scratch, kind->compare, builder);
	return PS_BUILDER_FEED_ROWS_MAX;
}

/* Drops what is there twice, and a feed's surplus, from sorted elements; returns how
 * many stay. */
static size_t thin(struct ps_builder *builder, const struct kind *kind, uint8_t *elements,
    size_t count, void *scratch)
{
	size_t kept = 0, i = 0;

	while (i < count) {
		/* One feed's rows for one place, without the same row again. */
		uint8_t *group = elements + kept * kind->size;
		const uint8_t *row = ps_build_row(builder, kind->row(elements + i * kind->size));
		uint8_t row_kind = row[PS_ROW_KIND];
		uint16_t source = ps_load_le16(row + PS_ROW_SOURCE);
		size_t in_group = 0, all = 0, best;

		for (; i < count; i++, all++) {
			const uint8_t *element = elements + i * kind->size;
			uint32_t number = kind->row(element);

			row = ps_build_row(builder, number);
			if (in_group > 0 && (row[PS_ROW_KIND] != row_kind ||
			        ps_load_le16(row + PS_ROW_SOURCE) != source ||
			        !kind->same_place(group, element)))
				break;
			if (in_group > 0 &&
			    kind->row(group + (in_group - 1) * kind->size) == number)
				continue;
			memmove(group + in_group++ * kind->size, element, kind->size);
		}
		best = in_group;
		if (row_kind == PS_ROW_FEED) {
			struct ps_builder_counts *counts = &builder->feeds[source].counts;

			best = keep_best(builder, kind, group, in_group, scratch);
			counts->rows += best;
			counts->duplicates += all - in_group;
			counts->surplus += in_group - best;
		}
		kept += best;
	}
	return kept;
}

enum ps_status ps_builder_settle(struct ps_builder *builder, struct ps_error *err)
{
	size_t records = builder->record_count * sizeof(*builder->records);
	size_t prefixes = builder->prefix_count * sizeof(*builder->prefixes);
	void *scratch;

	if (builder->settled)
		return PS_OK;
	scratch = malloc((records > prefixes ? records : prefixes) + 1);
	if (scratch == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < builder->plan->feed_count; i++)
		builder->feeds[i].counts.rows = 0;
	if (builder->record_count > 0) {
		ps_sort_keyed(builder->records, builder->record_count, sizeof(*builder->records),
		    scratch, compare_records, builder);
		builder->record_count = thin(builder, &record_kind, (uint8_t *)builder->records,
		    builder->record_count, scratch);
	}
	if (builder->prefix_count > 0) {
		ps_sort(builder->prefixes, builder->prefix_count, sizeof(*builder->prefixes),
		    scratch, compare_prefixes, builder);
		builder->prefix_count = thin(builder, &prefix_kind, (uint8_t *)builder->prefixes,
		    builder->prefix_count, scratch);
	}
	free(scratch);
	builder->settled = true;
	return PS_OK;
}

struct ps_builder_counts ps_builder_counts(const struct ps_builder *builder, uint32_t feed)
{
	return builder->feeds[feed].counts;
}
