/* Comparing a snapshot with the rows it was made from. */
#include "lookalike/lookalike.h"
#include "snapshot/sample.h"

#include <stdio.h>
#include <stdlib.h>

#define MATCHES_MAX 8192

/* One row that covers the thing asked for, and what listed it. */
struct match {
	unsigned place; /* labels of the listed name, or length of the prefix */
	struct ps_row row;
	uint64_t line;
	uint8_t reference[PS_SNAPSHOT_REFERENCE_MAX];
	uint8_t reference_len;
};

struct matches {
	uint32_t count;
	struct match match[MATCHES_MAX];
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_row(const struct ps_row *a, const struct ps_row *b)
{
	const uint64_t fields[][2] = {
	    {a->kind, b->kind}, {a->source, b->source}, {a->scope, b->scope},
	    {a->category, b->category}, {a->confidence, b->confidence}, {a->tlp, b->tlp},
	    {a->origin, b->origin}, {a->trial, b->trial}, {a->valid_from, b->valid_from},
	    {a->valid_until, b->valid_until},
	};
	int order = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields) && order == 0; i++)
		order = compare_numbers(fields[i][0], fields[i][1]);
	return order;
}

static int compare_place_and_row(const struct match *a, const struct match *b)
{
	int order = compare_numbers(a->place, b->place);

	return order != 0 ? order : compare_row(&a->row, &b->row);
}

static int compare_matches(const void *left, const void *right)
{
	const struct match *a = left, *b = right;
	int order = compare_place_and_row(a, b);

	/* The first provenance is the lowest line, unknown being last; then references,
	 * none being last. */
	if (order == 0)
		order = compare_numbers(a->line - 1, b->line - 1);
	if (order == 0)
		order = compare_numbers(a->reference_len == 0, b->reference_len == 0);
	if (order == 0)
		order = strcmp((const char *)a->reference, (const char *)b->reference);
	return order;
}

static struct match *new_match(struct matches *matches)
{
	if (matches->count == MATCHES_MAX)
		abort();
	matches->match[matches->count] = (struct match){0};
	return &matches->match[matches->count++];
}

/* Sorts, and keeps the first of those that are the same row of the same place. */
static void settle(struct matches *matches)
{
	uint32_t kept = 0;

	qsort(matches->match, matches->count, sizeof(*matches->match), compare_matches);
	for (uint32_t i = 0; i < matches->count; i++)
		if (kept == 0 ||
		    compare_place_and_row(&matches->match[kept - 1], &matches->match[i]) != 0)
			matches->match[kept++] = matches->match[i];
	matches->count = kept;
}

static bool same(const struct matches *a, const struct matches *b, bool with_text)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if ((with_text ? compare_matches(&a->match[i], &b->match[i])
		               : compare_place_and_row(&a->match[i], &b->match[i])) != 0)
			return false;
	return true;
}

static void from_sample(struct match *match, unsigned place, const struct sample_row *row)
{
	match->place = place;
	match->row = row->row;
	match->line = row->line;
	match->reference_len = row->reference_len;
	memcpy(match->reference, row->reference, row->reference_len);
}

static void from_snapshot(struct match *match, unsigned place, const struct ps_row *row,
    struct ps_provenance provenance)
{
	match->place = place;
	match->row = *row;
	match->line = provenance.line;
	match->reference_len = (uint8_t)provenance.reference.len;
	if (provenance.reference.len > 0)
		memcpy(match->reference, provenance.reference.ptr, provenance.reference.len);
}

/* --- names ---------------------------------------------------------------- */

/* Walks label by label, from the right, on copies: obvious rather than quick. */
static bool covers(const struct sample_row *row, struct ps_name name)
{
	struct ps_name listed = row->name.name;
	size_t skip = 0;

	if (name.labels < listed.labels)
		return false;
	for (unsigned i = 0; i < (unsigned)(name.labels - listed.labels); i++)
		skip += name.wire[skip] + 1u;
	if (name.len - skip != listed.len || memcmp(name.wire + skip, listed.wire, listed.len) != 0)
		return false;
	return skip == 0 ? row->row.scope != PS_SCOPE_BELOW : row->row.scope != PS_SCOPE_EXACT;
}

static void find_in_sample(const struct sample *sample, struct ps_name name, uint32_t now,
    struct matches *out)
{
	out->count = 0;
	for (uint32_t i = 0; i < sample->row_count; i++) {
		const struct sample_row *row = &sample->rows[i];

		if (!row->is_address && covers(row, name) && now >= row->row.valid_from &&
		    now < row->row.valid_until)
			from_sample(new_match(out), row->name.name.labels, row);
	}
	settle(out);
}

/* NULL, or what is wrong with the hits as such. */
static const char *find_in_snapshot(const struct ps_snapshot *snapshot, struct ps_name name,
    uint32_t now, struct matches *out)
{
	bool whole = ps_snapshot_part(snapshot) == PS_SNAPSHOT_WHOLE;
	struct ps_hits hits;

	out->count = 0;
	ps_snapshot_find(snapshot, name, &hits);
	for (uint32_t i = 0; i < hits.count; i++) {
		const struct ps_hit *hit = &hits.hit[i];

		if (i > 0 && hit->labels >= hits.hit[i - 1].labels)
			return "hits are not closest first";
		if (hit->itself != (hit->labels == name.labels))
			return "itself is wrong";
		if (whole) {
			struct ps_entry_text text = ps_snapshot_entry_text(snapshot, hit->entry);

			if (!ps_name_equal(text.name, ps_name_suffix(name, hit->labels)))
				return "the entry's text is another name";
			if (text.first_row != hit->first_row || text.row_count != hit->row_count)
				return "the entry's text has other rows";
		}
		for (uint32_t n = 0; n < hit->row_count; n++) {
			struct ps_row row = ps_snapshot_row(snapshot, hit->first_row + n);
			struct ps_provenance provenance = {0};

			if (!ps_row_applies(&row, hit->itself, now))
				continue;
			if (whole)
				provenance = ps_snapshot_provenance(snapshot, hit->entry, n);
			from_snapshot(new_match(out), hit->labels, &row, provenance);
		}
	}
	qsort(out->match, out->count, sizeof(*out->match), compare_matches);
	return NULL;
}

const char *sample_compare_name(
    const struct sample *sample, const struct ps_snapshot *snapshot, struct ps_name name)
{
	static struct matches expected, found;
	static const uint32_t times[] = {0, 999, 1000, 1999, 2000, UINT32_MAX - 1};
	bool whole = ps_snapshot_part(snapshot) == PS_SNAPSHOT_WHOLE;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		const char *wrong = find_in_snapshot(snapshot, name, times[i], &found);

		if (wrong != NULL)
			return wrong;
		find_in_sample(sample, name, times[i], &expected);
		if (!same(&expected, &found, whole))
			return "other rows than the model's for a name";
	}
	return NULL;
}

/* --- addresses ------------------------------------------------------------ */

static void find_address_in_sample(
    const struct sample *sample, const struct ps_address *address, struct matches *out)
{
	out->count = 0;
	for (uint32_t i = 0; i < sample->row_count; i++)
		if (sample->rows[i].is_address &&
		    ps_prefix_covers(&sample->rows[i].prefix, address))
			from_sample(new_match(out), sample->rows[i].prefix.len, &sample->rows[i]);
	settle(out);
}

static const char *find_address_in_snapshot(
    const struct ps_snapshot *snapshot, const struct ps_address *address, struct matches *out)
{
	bool whole = ps_snapshot_part(snapshot) == PS_SNAPSHOT_WHOLE;
	uint32_t prefix, first, count;
	unsigned before = 129;
	bool more = ps_snapshot_find_address(snapshot, address, &prefix, &first, &count);

	out->count = 0;
	for (; more; more = ps_snapshot_find_wider(snapshot, &prefix, &first, &count)) {
		uint32_t same_first, same_count;
		struct ps_prefix it =
		    ps_snapshot_prefix(snapshot, prefix, &same_first, &same_count);

		if (same_first != first || same_count != count)
			return "a prefix has other rows by its index";
		if (it.len >= before)
			return "prefixes do not get wider";
		if (!ps_prefix_covers(&it, address))
			return "a prefix does not cover the address";
		before = it.len;
		for (uint32_t n = 0; n < count; n++) {
			struct ps_row row = ps_snapshot_row(snapshot, first + n);
			struct ps_provenance provenance = {0};

			if (whole)
				provenance = ps_snapshot_prefix_provenance(snapshot, prefix, n);
			from_snapshot(new_match(out), it.len, &row, provenance);
		}
	}
	qsort(out->match, out->count, sizeof(*out->match), compare_matches);
	return NULL;
}

static const char *compare_address(const struct sample *sample,
    const struct ps_snapshot *snapshot, const struct ps_address *address)
{
	static struct matches expected, found;
	const char *wrong = find_address_in_snapshot(snapshot, address, &found);

	if (wrong != NULL)
		return wrong;
	find_address_in_sample(sample, address, &expected);
	return same(&expected, &found, ps_snapshot_part(snapshot) == PS_SNAPSHOT_WHOLE)
	    ? NULL
	    : "other rows than the model's for an address";
}

/* --- tables --------------------------------------------------------------- */

static const char *compare_feeds(const struct sample *sample, const struct ps_snapshot *snapshot)
{
	if (ps_snapshot_feed_count(snapshot) != sample->plan.feed_count)
		return "number of feeds";
	for (uint32_t i = 0; i < sample->plan.feed_count; i++) {
		const struct ps_feed_config *a = &sample->plan.feeds[i];
		struct ps_feed_view b = ps_snapshot_feed(snapshot, i);

		if (strcmp(a->id, b.id) != 0 ||
		    strcmp(a->title == NULL ? a->id : a->title, b.title) != 0 ||
		    strcmp(a->file, b.file) != 0 || a->line != b.line || a->format != b.format ||
		    a->trial != b.trial || b.held != (i % 2 == 1) || b.read != 1000 + i ||
		    b.kept != 100 + i || b.refused != 10 + i)
			return "a feed";
	}
	return NULL;
}

static bool same_addresses(
    const struct ps_address *addresses, uint32_t count, const uint8_t *records, uint32_t octets)
{
	for (uint32_t i = 0; i < count; i++)
		if (memcmp(addresses[i].bytes, records + (size_t)i * 16, octets) != 0)
			return false;
	return true;
}

static const char *compare_answers(
    const struct sample *sample, const struct ps_snapshot *snapshot)
{
	if (ps_snapshot_answer_count(snapshot) != sample->plan.answer_count)
		return "number of answers";
	for (uint32_t i = 0; i < sample->plan.answer_count; i++) {
		const struct ps_answer *a = &sample->plan.answers[i];
		struct ps_answer_view b = ps_snapshot_answer(snapshot, i);

		if (strcmp(a->name, b.name) != 0 || a->action != b.action || a->ttl != b.ttl ||
		    a->a_count != b.a_count || a->aaaa_count != b.aaaa_count ||
		    !same_addresses(a->a, a->a_count, b.a, 4) ||
		    !same_addresses(a->aaaa, a->aaaa_count, b.aaaa, 16) ||
		    a->has_cname != (b.cname.wire != NULL) ||
		    (a->has_cname && !ps_name_equal(a->cname, b.cname)))
			return "an answer";
	}
	return NULL;
}

static bool lists_brand(const struct ps_condition *condition, uint16_t brand)
{
	for (uint32_t i = 0; i < condition->brand_count; i++)
		if (condition->brands[i] == brand)
			return true;
	return false;
}

/* The plan's list has each brand once, in any order. */
static bool same_brands(const struct ps_condition *a, const struct ps_condition_view *b)
{
	for (uint32_t i = 0; i < b->brand_count; i++) {
		uint16_t brand = ps_load_le16(b->brands + (size_t)i * 2);

		if (!lists_brand(a, brand) ||
		    (i > 0 && brand <= ps_load_le16(b->brands + (size_t)i * 2 - 2)))
			return false;
	}
	return a->brand_count == b->brand_count && a->techniques == b->techniques &&
	    a->score_min == b->score_min && a->score_max == b->score_max;
}

static bool same_condition(const struct ps_condition *a, const struct ps_condition_view *b)
{
	if (!same_brands(a, b))
		return false;
	if (a->kind != b->kind || a->of != b->of || a->feed_count != b->feed_count ||
	    strcmp(a->pattern == NULL ? "" : a->pattern, b->pattern) != 0 ||
	    a->categories != b->categories || a->confidence_min != b->confidence_min ||
	    a->confidence_max != b->confidence_max || a->clients != b->clients)
		return false;
	for (uint32_t i = 0; i < a->feed_count; i++)
		if (a->feeds[i] != ps_load_le16(b->feeds + (size_t)i * 2))
			return false;
	return true;
}

static const char *compare_rules(const struct sample *sample, const struct ps_snapshot *snapshot)
{
	if (ps_snapshot_rule_count(snapshot) != sample->plan.rule_count)
		return "number of rules";
	for (uint32_t i = 0; i < sample->plan.rule_count; i++) {
		const struct ps_rule *a = &sample->plan.rules[i];
		struct ps_rule_view b = ps_snapshot_rule(snapshot, i);

		if (strcmp(a->id, b.id) != 0 || strcmp(a->place.file, b.file) != 0 ||
		    a->place.line != b.line || a->mode != b.mode || a->answer != b.answer ||
		    a->condition_count != b.condition_count || a->ede_code != b.ede_code ||
		    strcmp(a->ede_text, b.ede_text) != 0 || a->sub_error != b.sub_error)
			return "a rule";
		for (uint32_t k = 0; k < a->condition_count; k++) {
			struct ps_condition_view condition =
			    ps_snapshot_condition(snapshot, b.first_condition + k);

			if (!same_condition(&a->conditions[k], &condition) ||
			    condition.name_set != b.first_condition + k)
				return "a condition";
		}
	}
	return NULL;
}

static const char *compare_structured(
    const struct sample *sample, const struct ps_snapshot *snapshot)
{
	const struct ps_structured_plan *a = &sample->plan.structured;
	struct ps_structured_plan b = ps_snapshot_structured(snapshot);

	if (a->on != b.on || a->option != b.option || a->contact_count != b.contact_count)
		return "whether errors are structured";
	for (uint32_t i = 0; i < a->contact_count; i++)
		if (strcmp(a->contacts[i], b.contacts[i]) != 0)
			return "a contact";
	return a->on && (strcmp(a->organization, b.organization) != 0 ||
	           strcmp(a->language, b.language) != 0)
	           ? "the organization or language"
	           : NULL;
}

/* The longest of all prefixes that cover the address, by trying each. */
static const struct ps_client_prefix *find_client(
    const struct sample *sample, const struct ps_address *address)
{
	const struct ps_client_prefix *best = NULL;

	for (uint32_t i = 0; i < sample->plan.client_prefix_count; i++) {
		const struct ps_client_prefix *it = &sample->plan.client_prefixes[i];

		if (ps_prefix_covers(&it->prefix, address) &&
		    (best == NULL || it->prefix.len > best->prefix.len))
			best = it;
	}
	return best;
}

static const char *compare_client(const struct sample *sample,
    const struct ps_snapshot *snapshot, const struct ps_address *address)
{
	const struct ps_client_prefix *best = find_client(sample, address);
	uint32_t index = UINT32_MAX, group;
	unsigned class = ps_snapshot_client(snapshot, address, &index);
	struct ps_prefix found;

	if (class != (best == NULL ? 0u : 1u + best->group) ||
	    (index == UINT32_MAX) != (best == NULL))
		return "a client's group";
	if (best == NULL)
		return NULL;
	found = ps_snapshot_client_prefix(snapshot, index, &group);
	return ps_prefix_compare(&found, &best->prefix) == 0 && group == best->group
	           ? NULL
	           : "a client's prefix";
}

/* As an IPv6 address: it must be found as the IPv4 one that it is. */
static struct ps_address mapped(const struct ps_address *address)
{
	struct ps_address out = {.family = 6, .bytes = {[10] = 0xff, [11] = 0xff}};

	memcpy(out.bytes + 12, address->bytes, 4);
	return out;
}

static const char *compare_clients(const struct sample *sample,
    const struct ps_snapshot *snapshot, struct sample_random *random)
{
	const struct ps_plan *plan = &sample->plan;
	const char *wrong = NULL;

	if (ps_snapshot_group_count(snapshot) != plan->group_count ||
	    ps_snapshot_client_prefix_count(snapshot) != plan->client_prefix_count)
		return "number of groups or of their prefixes";
	for (uint32_t i = 0; i < plan->group_count; i++) {
		struct ps_group_view view = ps_snapshot_group(snapshot, i);

		if (strcmp(view.id, plan->groups[i].id) != 0 ||
		    strcmp(view.file, plan->groups[i].place.file) != 0 ||
		    view.line != plan->groups[i].place.line)
			return "a group";
	}
	for (uint32_t i = 0; i < 400 && wrong == NULL; i++) {
		struct ps_address address = {.family = sample_chance(random, 50) ? 4 : 6};

		if (plan->client_prefix_count > 0 && sample_chance(random, 80))
			address = plan->client_prefixes[sample_below(
			                                    random, plan->client_prefix_count)]
			              .prefix.address;
		for (uint32_t n = sample_below(random, 4); n > 0; n--)
			address.bytes[sample_below(random, address.family == 4 ? 4 : 16)] ^=
			    (uint8_t)(1u << sample_below(random, 8));
		wrong = compare_client(sample, snapshot, &address);
		if (address.family == 4 && wrong == NULL) {
			struct ps_address other = mapped(&address);

			if (ps_snapshot_client(snapshot, &address, NULL) !=
			    ps_snapshot_client(snapshot, &other, NULL))
				wrong = "a mapped client's group";
		}
	}
	return wrong;
}

static const char *compare_lookalike(
    const struct sample *sample, const struct ps_snapshot *snapshot)
{
	const struct ps_lookalike_plan *plan = &sample->plan.lookalike;
	const struct ps_tables *tables = ps_snapshot_tables(snapshot);

	if (tables->brands != plan->brand_count)
		return "number of brands";
	for (uint32_t i = 0; i < plan->brand_count; i++) {
		const struct ps_brand *a = &plan->brands[i];
		struct ps_brand_view b = ps_tables_brand(tables, i);

		if (strcmp(a->id, b.id) != 0 || strcmp(a->owner, b.owner) != 0 ||
		    strcmp(a->place.file, b.file) != 0 || a->place.line != b.line ||
		    strlen(b.countries) != (a->country_count == 0 ? 0 : a->country_count * 3 - 1))
			return "a brand";
	}
	return NULL;
}

/* Every entry, by cursor and by index: names ascend with the hashes, none is missing. */
static const char *compare_walk(const struct ps_snapshot *snapshot)
{
	struct ps_entry_cursor cursor = {.snapshot = snapshot};
	struct ps_entry_text by_cursor;
	uint32_t count = 0;

	if (ps_snapshot_part(snapshot) != PS_SNAPSHOT_WHOLE)
		return NULL;
	for (; ps_entry_cursor_next(&cursor, &by_cursor); count++) {
		struct ps_entry_text by_index = ps_snapshot_entry_text(snapshot, count);
		struct ps_hits hits;

		if (by_index.name.wire != by_cursor.name.wire ||
		    by_index.first_row != by_cursor.first_row ||
		    by_index.row_count != by_cursor.row_count)
			return "cursor and index differ";
		if (!ps_snapshot_has_depth(snapshot, by_cursor.name.labels))
			return "a depth is missing";
		ps_snapshot_find(snapshot, by_cursor.name, &hits);
		for (uint32_t n = 0; n < by_cursor.row_count; n++)
			if (ps_snapshot_row(snapshot, by_cursor.first_row + n).scope !=
			        PS_SCOPE_BELOW &&
			    (hits.count == 0 || hits.hit[0].entry != count))
				return "an entry is not found";
	}
	return count == ps_snapshot_size(snapshot).names ? NULL : "the cursor stops too soon";
}

/* --- all of it ------------------------------------------------------------ */

static const char *compare_names(const struct sample *sample, const struct ps_snapshot *snapshot,
    struct sample_random *random)
{
	const char *wrong = NULL;

	for (uint32_t i = 0; i < sample->row_count && wrong == NULL; i++) {
		struct ps_name listed = sample->rows[i].name.name;
		struct ps_name_buffer storage;
		struct ps_name below;
		uint8_t wire[PS_NAME_WIRE_MAX + 2];

		if (sample->rows[i].is_address)
			continue;
		wrong = sample_compare_name(sample, snapshot, listed);
		if (wrong == NULL)
			wrong = sample_compare_name(sample, snapshot, ps_name_parent(listed));
		if (wrong != NULL || listed.len + 2 > PS_NAME_WIRE_MAX)
			continue;
		wire[0] = 1;
		wire[1] = 'a';
		memcpy(wire + 2, listed.wire, listed.len);
		if (ps_name_from_wire(&below, &storage, ps_bytes_of(wire, listed.len + 2u), NULL) ==
		    PS_OK)
			wrong = sample_compare_name(sample, snapshot, below);
	}
	for (uint32_t i = 0; i < 200 && wrong == NULL; i++) {
		struct sample_name name;

		sample_random_name(random, &name);
		wrong = sample_compare_name(sample, snapshot, name.name);
	}
	return wrong;
}

static const char *compare_addresses(const struct sample *sample,
    const struct ps_snapshot *snapshot, struct sample_random *random)
{
	const char *wrong = NULL;

	for (uint32_t i = 0; i < sample->row_count && wrong == NULL; i++)
		if (sample->rows[i].is_address)
			wrong = compare_address(sample, snapshot, &sample->rows[i].prefix.address);
	for (uint32_t i = 0; i < 500 && wrong == NULL; i++) {
		struct ps_address address = {.family = sample_chance(random, 60) ? 4 : 6};

		for (unsigned n = 0; n < (address.family == 4 ? 4 : 16); n++)
			address.bytes[n] = (uint8_t)(sample_below(random, 3) * 0x55 +
			    (sample_chance(random, 20) ? 1 : 0));
		wrong = compare_address(sample, snapshot, &address);
	}
	return wrong;
}

const char *sample_compare(
    const struct sample *sample, const struct ps_snapshot *snapshot, uint64_t seed)
{
	struct sample_random random = {.state = seed};
	const char *wrong = compare_feeds(sample, snapshot);

	if (wrong == NULL)
		wrong = compare_answers(sample, snapshot);
	if (wrong == NULL)
		wrong = compare_rules(sample, snapshot);
	if (wrong == NULL)
		wrong = compare_structured(sample, snapshot);
	if (wrong == NULL)
		wrong = compare_clients(sample, snapshot, &random);
	if (wrong == NULL)
		wrong = compare_lookalike(sample, snapshot);
	if (wrong == NULL)
		wrong = compare_names(sample, snapshot, &random);
	if (wrong == NULL)
		wrong = compare_addresses(sample, snapshot, &random);
	if (wrong == NULL)
		wrong = compare_walk(snapshot);
	return wrong;
}
