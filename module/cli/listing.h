/* Listings: every row of a snapshot that is about a name or an address, with where
 * it came from.
 *
 * What explain, index lookup and the trace of rules go through. Rows that do not
 * reach the name (an exact one of an ancestor) are none; rows that are out of their
 * time are there and say so.
 *
 * Ownership: init/clear on the caller's storage; the items point into the snapshot.
 * Threads: one at a time.
 */
#ifndef PS_CLI_LISTING_H
#define PS_CLI_LISTING_H

#include "cli/fact.h"
#include "cli/table.h"
#include "snapshot/snapshot.h"

struct ps_listing {
	struct ps_row row;
	uint32_t row_index;
	bool is_address;
	struct ps_name name;     /* the listed one, when !is_address */
	struct ps_prefix prefix; /* when is_address */
	bool itself;             /* the name asked for, not one above it */
	struct ps_provenance provenance;
};

struct ps_listings {
	struct ps_listing *items; /* closest name first, rows in their order */
	size_t count;
	size_t capacity;
};

/* The snapshot must be opened whole. Errors: PS_NO_MEMORY; clear in any case. */
PS_MUST_USE enum ps_status ps_listings_of_name(
    struct ps_listings *out, const struct ps_snapshot *snapshot, struct ps_name name);
PS_MUST_USE enum ps_status ps_listings_of_address(struct ps_listings *out,
    const struct ps_snapshot *snapshot, const struct ps_address *address);
void ps_listings_clear(struct ps_listings *listings);

/* Within its time? */
static inline bool ps_listing_is_valid(const struct ps_listing *listing, uint32_t now)
{
	return now >= listing->row.valid_from && now < listing->row.valid_until;
}

/* Does it say anything of what PS_OF_* names? A rule's own names and prefixes do only where the
 * rule asks about that. */
bool ps_listing_concerns(
    const struct ps_listing *listing, const struct ps_snapshot *snapshot, unsigned of);

/* The listed name or prefix as text. */
void ps_listing_subject(const struct ps_listing *listing, char out[PS_NAME_TEXT_MAX]);

/* Who lists it: a feed's id, "rule ID", "never list", "official list". */
#define PS_SOURCE_TEXT_MAX 160
void ps_listing_source(const struct ps_listing *listing, const struct ps_snapshot *snapshot,
    char out[PS_SOURCE_TEXT_MAX]);

/* The rule that has this condition; PS_INDEX_NONE: none has. */
uint32_t ps_rule_of_condition(const struct ps_snapshot *snapshot, uint32_t condition);

/* A JSON object with stable keys; *whole becomes false when memory was lacking. */
json_t *ps_listing_json(
    const struct ps_listing *listing, const struct ps_snapshot *snapshot, bool *whole);

#endif
