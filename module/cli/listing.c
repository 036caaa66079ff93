#include "cli/listing.h"

#include "verdict/verdict.h"

#include <stdlib.h>

static bool append(struct ps_listings *listings, const struct ps_listing *item)
{
	if (listings->count == listings->capacity) {
		size_t capacity = listings->capacity == 0 ? 16 : 2 * listings->capacity;
		struct ps_listing *grown =
		    realloc(listings->items, capacity * sizeof(*listings->items));

		if (grown == NULL)
			return false;
		listings->items = grown;
		listings->capacity = capacity;
	}
	listings->items[listings->count++] = *item;
	return true;
}

static bool append_hit(
    struct ps_listings *out, const struct ps_snapshot *snapshot, const struct ps_hit *hit)
{
	struct ps_entry_text text = ps_snapshot_entry_text(snapshot, hit->entry);

	for (uint32_t n = 0; n < hit->row_count; n++) {
		struct ps_listing item = {.row_index = hit->first_row + n,
		    .row = ps_snapshot_row(snapshot, hit->first_row + n),
		    .name = text.name,
		    .itself = hit->itself,
		    .provenance = ps_snapshot_provenance(snapshot, hit->entry, n)};
		enum ps_scope never = hit->itself ? PS_SCOPE_BELOW : PS_SCOPE_EXACT;

		if (item.row.scope != never && !append(out, &item))
			return false;
	}
	return true;
}

enum ps_status ps_listings_of_name(
    struct ps_listings *out, const struct ps_snapshot *snapshot, struct ps_name name)
{
	struct ps_hits hits;

	*out = (struct ps_listings){0};
	ps_snapshot_find(snapshot, name, &hits);
	for (uint32_t h = 0; h < hits.count; h++)
		if (!append_hit(out, snapshot, &hits.hit[h]))
			return PS_NO_MEMORY;
	return PS_OK;
}

enum ps_status ps_listings_of_address(
    struct ps_listings *out, const struct ps_snapshot *snapshot, const struct ps_address *address)
{
	uint32_t prefix, first, count;
	bool found;

	*out = (struct ps_listings){0};
	found = ps_snapshot_find_address(snapshot, address, &prefix, &first, &count);
	while (found) {
		for (uint32_t n = 0; n < count; n++) {
			struct ps_listing item = {.row_index = first + n,
			    .row = ps_snapshot_row(snapshot, first + n),
			    .is_address = true,
			    .itself = true,
			    .provenance = ps_snapshot_prefix_provenance(snapshot, prefix, n)};
			uint32_t unused_first, unused_count;

			item.prefix =
			    ps_snapshot_prefix(snapshot, prefix, &unused_first, &unused_count);
			if (!append(out, &item))
				return PS_NO_MEMORY;
		}
		found = ps_snapshot_find_wider(snapshot, &prefix, &first, &count);
	}
	return PS_OK;
}

void ps_listings_clear(struct ps_listings *listings)
{
	free(listings->items);
	*listings = (struct ps_listings){0};
}

bool ps_listing_concerns(
    const struct ps_listing *listing, const struct ps_snapshot *snapshot, unsigned of)
{
	unsigned asked;

	if (listing->row.kind != PS_ROW_NAMES && listing->row.kind != PS_ROW_ADDRESSES)
		return true;
	asked = ps_snapshot_condition(snapshot, listing->row.source).of;
	return asked == of || (asked & of) != 0;
}

void ps_listing_subject(const struct ps_listing *listing, char out[PS_NAME_TEXT_MAX])
{
	if (listing->is_address)
		ps_prefix_to_text(&listing->prefix, out);
	else
		(void)ps_name_to_text(listing->name, out);
}

uint32_t ps_rule_of_condition(const struct ps_snapshot *snapshot, uint32_t condition)
{
	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		struct ps_rule_view rule = ps_snapshot_rule(snapshot, i);

		if (condition >= rule.first_condition &&
		    condition - rule.first_condition < rule.condition_count)
			return i;
	}
	return PS_INDEX_NONE;
}

void ps_listing_source(const struct ps_listing *listing, const struct ps_snapshot *snapshot,
    char out[PS_SOURCE_TEXT_MAX])
{
	char id[128] = "";
	uint32_t rule;

	switch (listing->row.kind) {
	case PS_ROW_FEED:
		(void)ps_terminal_escape(
		    ps_bytes_of_text(ps_snapshot_feed(snapshot, listing->row.source).id), id,
		    sizeof(id));
		(void)snprintf(out, PS_SOURCE_TEXT_MAX, "%s", id);
		return;
	case PS_ROW_NAMES:
	case PS_ROW_ADDRESSES:
		rule = ps_rule_of_condition(snapshot, listing->row.source);
		if (rule != PS_INDEX_NONE)
			(void)ps_terminal_escape(
			    ps_bytes_of_text(ps_snapshot_rule(snapshot, rule).id), id,
			    sizeof(id));
		(void)snprintf(out, PS_SOURCE_TEXT_MAX, "rule %s", id);
		return;
	case PS_ROW_NEVER:
		(void)snprintf(out, PS_SOURCE_TEXT_MAX, "never list");
		return;
	case PS_ROW_OFFICIAL:
		(void)snprintf(out, PS_SOURCE_TEXT_MAX, "official list");
		return;
	case PS_ROW_EXCEPTION:
		(void)snprintf(out, PS_SOURCE_TEXT_MAX, "exceptions");
		return;
	case PS_ROW_POPULAR:
		(void)snprintf(out, PS_SOURCE_TEXT_MAX, "popular list");
		return;
	case PS_ROW_KIND_COUNT:
		break;
	}
	(void)snprintf(out, PS_SOURCE_TEXT_MAX, "unknown");
}

static const char *origin_name(enum ps_origin origin)
{
	switch (origin) {
	case PS_ORIGIN_NAME:
		return "name";
	case PS_ORIGIN_URL:
		return "url";
	case PS_ORIGIN_URL_PATH:
		return "url-path";
	case PS_ORIGIN_ADDRESS:
		return "address";
	case PS_ORIGIN_SERVER:
		return "server";
	}
	return "unknown";
}

static const char *kind_name(enum ps_row_kind kind)
{
	static const char *const names[PS_ROW_KIND_COUNT] = {
	    "feed", "rule", "never", "official", "exception", "popular", "rule"};

	return kind < PS_ROW_KIND_COUNT ? names[kind] : "unknown";
}

static bool put_moment(json_t *object, const char *key, uint32_t moment, uint32_t none)
{
	return moment == none ? ps_fact_null(object, key) : ps_fact_moment(object, key, moment);
}

json_t *ps_listing_json(
    const struct ps_listing *listing, const struct ps_snapshot *snapshot, bool *whole)
{
	const struct ps_row *row = &listing->row;
	json_t *object = json_object();
	bool of_feed = row->kind == PS_ROW_FEED;
	char subject[PS_NAME_TEXT_MAX], source[PS_SOURCE_TEXT_MAX];

	ps_listing_subject(listing, subject);
	ps_listing_source(listing, snapshot, source);
	*whole &= ps_fact_text(object, "kind", kind_name(row->kind));
	*whole &= ps_fact_text(object, "source", source);
	*whole &= of_feed ? ps_fact_text(object, "feed", source) : ps_fact_null(object, "feed");
	*whole &= ps_fact_text(object, "listed", subject);
	*whole &= ps_fact_text(
	    object, "scope", listing->is_address ? "prefix" : ps_scope_name(row->scope));
	*whole &= ps_fact_text(object, "origin", origin_name(row->origin));
	*whole &= of_feed ? ps_fact_text(object, "category", ps_category_name(row->category))
	                  : ps_fact_null(object, "category");
	*whole &= of_feed ? ps_fact_number(object, "confidence", row->confidence)
	                  : ps_fact_null(object, "confidence");
	*whole &= of_feed ? ps_fact_text(object, "tlp", ps_tlp_name(row->tlp))
	                  : ps_fact_null(object, "tlp");
	*whole &= put_moment(object, "valid_from", row->valid_from, PS_TIME_NONE);
	*whole &= put_moment(object, "valid_until", row->valid_until, PS_TIME_FOREVER);
	*whole &= ps_fact_flag(object, "trial", row->trial);
	*whole &= listing->provenance.line != 0
	              ? ps_fact_number(object, "line", listing->provenance.line)
	              : ps_fact_null(object, "line");
	*whole &= listing->provenance.reference.len > 0
	              ? ps_fact_bytes(object, "reference", listing->provenance.reference)
	              : ps_fact_null(object, "reference");
	return object;
}
