#include "policy/reach.h"

#include <stdlib.h>

enum ps_status ps_reach_init(struct ps_reach *reach, size_t capacity, struct ps_arena *arena)
{
	*reach = (struct ps_reach){.capacity = capacity};
	reach->entries = ps_arena_array(arena, capacity, sizeof(*reach->entries));
	return reach->entries != NULL ? PS_OK : PS_NO_MEMORY;
}

void ps_reach_add(struct ps_reach *reach, struct ps_name name, enum ps_scope scope, uint32_t rank)
{
	if (reach->count < reach->capacity)
		reach->entries[reach->count++] = (struct ps_reach_entry){name, scope, rank};
}

static int compare_place(
    const struct ps_reach_entry *entry, struct ps_name name, enum ps_scope scope)
{
	int order = ps_name_compare(entry->name, name);

	if (order != 0)
		return order;
	return entry->scope < scope ? -1 : entry->scope > scope;
}

static int compare_entries(const void *a, const void *b)
{
	const struct ps_reach_entry *x = a;
	const struct ps_reach_entry *y = b;
	int order = compare_place(x, y->name, y->scope);

	if (order != 0)
		return order;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

void ps_reach_seal(struct ps_reach *reach)
{
	if (reach->count > 0)
		qsort(reach->entries, reach->count, sizeof(*reach->entries), compare_entries);
}

uint32_t ps_reach_at(const struct ps_reach *reach, struct ps_name name, enum ps_scope scope)
{
	size_t low = 0;
	size_t high = reach->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_place(&reach->entries[middle], name, scope) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == reach->count || compare_place(&reach->entries[low], name, scope) != 0)
		return PS_REACH_NONE;
	return reach->entries[low].rank;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

uint32_t ps_reach_find(const struct ps_reach *reach, struct ps_name name, enum ps_scope scope)
{
	uint32_t best = PS_REACH_NONE;

	if (scope == PS_SCOPE_EXACT)
		best = ps_reach_at(reach, name, PS_SCOPE_EXACT);
	for (unsigned labels = 0; labels <= name.labels; labels++) {
		struct ps_name suffix = ps_name_suffix(name, labels);

		best = smaller(best, ps_reach_at(reach, suffix, PS_SCOPE_SUBTREE));
		/* What stands below a name is covered by BELOW at the name itself. */
		if (labels < name.labels || scope == PS_SCOPE_BELOW)
			best = smaller(best, ps_reach_at(reach, suffix, PS_SCOPE_BELOW));
	}
	return best;
}
