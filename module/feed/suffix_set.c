#include "feed/suffix_set.h"

#include <stdlib.h>

#define MARK_MEMBER 1u
#define MARK_ABOVE 2u /* a member stands below */

#define FIRST_SIZE 64u

/* Members come from the operator and questions cannot change the set, so nobody
 * gains by knowing the key. */
static const struct ps_hash_key key = {
    .k0 = UINT64_C(0x706f737473686965), .k1 = UINT64_C(0x6c642d6775617264)};

void ps_suffix_set_init(struct ps_suffix_set *set)
{
	*set = (struct ps_suffix_set){0};
}

void ps_suffix_set_clear(struct ps_suffix_set *set)
{
	free(set->slots);
	ps_suffix_set_init(set);
}

/* The slot of hash, or the free one where it would stand. size > 0. */
static struct ps_suffix_slot *find(
    struct ps_suffix_slot *slots, size_t size, const struct ps_hash *hash)
{
	size_t at = (size_t)hash->hi & (size - 1);

	while (slots[at].marks != 0 &&
	       (slots[at].hash.hi != hash->hi || slots[at].hash.lo != hash->lo))
		at = (at + 1) & (size - 1);
	return &slots[at];
}

/* Makes room for more entries: at most 7 of 10 slots are ever used. */
static enum ps_status reserve(struct ps_suffix_set *set, size_t more)
{
	size_t size = set->size == 0 ? FIRST_SIZE : set->size;
	struct ps_suffix_slot *slots;

	while ((set->used + more) > size / 10 * 7)
		size *= 2;
	if (size == set->size)
		return PS_OK;
	slots = calloc(size, sizeof(*slots));
	if (slots == NULL)
		return PS_NO_MEMORY;
	for (size_t i = 0; i < set->size; i++) {
		if (set->slots[i].marks != 0)
			*find(slots, size, &set->slots[i].hash) = set->slots[i];
	}
	free(set->slots);
	set->slots = slots;
	set->size = size;
	return PS_OK;
}

static void mark(struct ps_suffix_set *set, const struct ps_hash *hash, uint32_t marks)
{
	struct ps_suffix_slot *slot = find(set->slots, set->size, hash);

	if (slot->marks == 0) {
		slot->hash = *hash;
		set->used++;
	}
	slot->marks |= marks;
}

enum ps_status ps_suffix_set_add(struct ps_suffix_set *set, struct ps_name name)
{
	struct ps_hash hashes[PS_NAME_LABELS_MAX + 1];
	enum ps_status status = reserve(set, name.labels + 1u);

	if (status != PS_OK)
		return status;
	ps_name_hash_suffixes(key, name, PS_DEPTHS_ALL, hashes);
	for (unsigned i = 0; i < name.labels; i++)
		mark(set, &hashes[i], MARK_ABOVE);
	mark(set, &hashes[name.labels], MARK_MEMBER);
	return PS_OK;
}

static uint32_t marks_of(const struct ps_suffix_set *set, const struct ps_hash *hash)
{
	return set->size == 0 ? 0 : find(set->slots, set->size, hash)->marks;
}

bool ps_suffix_set_has(const struct ps_suffix_set *set, struct ps_name name)
{
	struct ps_hash hash = ps_name_hash(key, name);

	return (marks_of(set, &hash) & MARK_MEMBER) != 0;
}

bool ps_suffix_set_covers(const struct ps_suffix_set *set, struct ps_name name)
{
	struct ps_hash hashes[PS_NAME_LABELS_MAX + 1];

	if (set->used == 0)
		return false;
	ps_name_hash_suffixes(key, name, PS_DEPTHS_ALL, hashes);
	for (unsigned i = 0; i <= name.labels; i++) {
		uint32_t marks = marks_of(set, &hashes[i]);

		if ((marks & MARK_MEMBER) != 0)
			return true;
		if (marks == 0) /* nothing here or below */
			return false;
	}
	return false;
}

bool ps_suffix_set_has_below(const struct ps_suffix_set *set, struct ps_name name)
{
	struct ps_hash hash = ps_name_hash(key, name);

	return (marks_of(set, &hash) & MARK_ABOVE) != 0;
}
