/* The verifier's checks of address prefixes: sorted, laminar (any two nest or are
 * apart, which prefixes do by nature), each knowing the next wider one. */
#include "core/pace.h"
#include "snapshot/image.h"

#define NESTING_MAX 129 /* prefix lengths 0 to 128 */

struct nest {
	uint32_t open[NESTING_MAX]; /* the prefixes around the current one, widest first */
	uint32_t depth;
};

static const uint8_t *record(const struct ps_image_prefixes *prefixes, uint32_t index)
{
	return prefixes->records + (size_t)index * prefixes->record;
}

static bool bits_behind_are_zero(const uint8_t *address, unsigned octets, unsigned len)
{
	if (len % 8 != 0 && (uint8_t)(address[len / 8] << len % 8) != 0)
		return false;
	for (unsigned i = (len + 7) / 8; i < octets; i++)
		if (address[i] != 0)
			return false;
	return true;
}

/* The prefix by itself, and behind the one before it. */
static enum ps_status verify_order(const struct ps_snapshot *s,
    const struct ps_image_prefixes *prefixes, uint32_t index, struct ps_error *err)
{
	const uint8_t *p = record(prefixes, index);
	const uint8_t *rest = p + prefixes->octets;
	unsigned len = rest[PS_PREFIX_LEN];

	if (len > prefixes->octets * 8u || !bits_behind_are_zero(p, prefixes->octets, len) ||
	    rest[PS_PREFIX_LEN + 1] != 0 || rest[PS_PREFIX_LEN + 2] != 0 ||
	    rest[PS_PREFIX_LEN + 3] != 0)
		return ps_image_refuse(s, p, err, "prefix %u has a wrong value", index);
	if (index > 0) {
		const uint8_t *before = record(prefixes, index - 1);
		int order = memcmp(before, p, prefixes->octets);

		if (order > 0 ||
		    (order == 0 && before[prefixes->octets + PS_PREFIX_LEN] >= len))
			return ps_image_refuse(s, p, err, "prefix %u is out of order", index);
	}
	return PS_OK;
}

/* Closes what does not cover the prefix: the last one left is its parent. Lengths
 * grow from one open prefix to the next, so NESTING_MAX suffices. */
static uint32_t enter(struct nest *nest, const struct ps_image_prefixes *prefixes, uint32_t index)
{
	const uint8_t *p = record(prefixes, index);
	uint32_t parent;

	while (nest->depth > 0) {
		const uint8_t *around = record(prefixes, nest->open[nest->depth - 1]);

		if (ps_image_bits_agree(around, p, around[prefixes->octets + PS_PREFIX_LEN]))
			break;
		nest->depth--;
	}
	parent = nest->depth > 0 ? nest->open[nest->depth - 1] : PS_PREFIX_NONE;
	nest->open[nest->depth++] = index;
	return parent;
}

/* A set of rows that all came from feeds or from conditions about addresses, for a thing that
 * has nothing below it. Rows are sorted by kind. New: no prefix before used the set, and then
 * no entry of names has such a condition's row in it; so each set is gone through once. */
static bool set_suits_prefix(const struct ps_snapshot *s, uint32_t set, bool is_new)
{
	uint32_t first = ps_image_set(s, set) & PS_ENTRY_SET_MASK;
	uint32_t last = (ps_image_set(s, set + 1) & PS_ENTRY_SET_MASK) - 1;

	while (is_new && last > first &&
	       ps_image_record(s, PS_SECTION_ROWS, last, PS_ROW_RECORD)[PS_ROW_KIND] ==
	           PS_ROW_ADDRESSES)
		last--;
	switch (ps_image_record(s, PS_SECTION_ROWS, last, PS_ROW_RECORD)[PS_ROW_KIND]) {
	case PS_ROW_FEED:
	case PS_ROW_ADDRESSES:
		return (ps_image_set(s, set) & PS_ENTRY_HAS_SUBTREE) == 0;
	default:
		return false;
	}
}

static enum ps_status verify_family(const struct ps_snapshot *s,
    const struct ps_image_prefixes *prefixes, uint32_t *sets_seen, struct ps_error *err)
{
	struct nest nest = {.depth = 0};

	for (uint32_t i = 0; i < prefixes->count; i++) {
		const uint8_t *p = record(prefixes, i);
		const uint8_t *rest = p + prefixes->octets;
		uint32_t set = ps_load_le32(rest + PS_PREFIX_SET);

		if (verify_order(s, prefixes, i, err) != PS_OK)
			return PS_INVALID;
		if (set >= s->sets || set > *sets_seen)
			return ps_image_refuse(s, rest, err,
			    "prefix %u points to no set, or to one before its turn", i);
		if (!set_suits_prefix(s, set, set == *sets_seen))
			return ps_image_refuse(s, rest, err, "prefix %u has rows for names", i);
		*sets_seen += set == *sets_seen;
		if (ps_load_le32(rest + PS_PREFIX_PARENT) != enter(&nest, prefixes, i))
			return ps_image_refuse(s, rest + PS_PREFIX_PARENT, err,
			    "prefix %u points to another than the one around it", i);
		ps_pace_each(i);
	}
	return PS_OK;
}

/* Clients are in the same order, and point to groups. */
static enum ps_status verify_clients(
    const struct ps_snapshot *s, const struct ps_image_prefixes *prefixes, struct ps_error *err)
{
	struct nest nest = {.depth = 0};

	for (uint32_t i = 0; i < prefixes->count; i++) {
		const uint8_t *rest = record(prefixes, i) + prefixes->octets;

		if (verify_order(s, prefixes, i, err) != PS_OK)
			return PS_INVALID;
		if (ps_load_le32(rest + PS_PREFIX_SET) >= s->groups)
			return ps_image_refuse(
			    s, rest, err, "client prefix %u points to no group", i);
		if (ps_load_le32(rest + PS_PREFIX_PARENT) != enter(&nest, prefixes, i))
			return ps_image_refuse(s, rest + PS_PREFIX_PARENT, err,
			    "client prefix %u points to another than the one around it", i);
		ps_pace_each(i);
	}
	return PS_OK;
}

enum ps_status ps_image_verify_clients(const struct ps_snapshot *s, struct ps_error *err)
{
	struct ps_image_prefixes ipv4 = ps_image_clients(s, false);
	struct ps_image_prefixes ipv6 = ps_image_clients(s, true);
	enum ps_status status = verify_clients(s, &ipv4, err);

	return status == PS_OK ? verify_clients(s, &ipv6, err) : status;
}

enum ps_status ps_image_verify_prefixes(
    struct ps_snapshot *s, uint32_t *sets_seen, struct ps_error *err)
{
	struct ps_image_prefixes ipv4 = ps_image_prefixes(s, false);
	struct ps_image_prefixes ipv6 = ps_image_prefixes(s, true);
	enum ps_status status = verify_family(s, &ipv4, sets_seen, err);

	return status == PS_OK ? verify_family(s, &ipv6, sets_seen, err) : status;
}
