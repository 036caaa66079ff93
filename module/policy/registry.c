#include "policy/registry.h"

#include <stdlib.h>

enum ps_status ps_registry_init(
    struct ps_registry *registry, const char *what, size_t capacity, struct ps_arena *arena)
{
	*registry = (struct ps_registry){.what = what, .capacity = capacity};
	registry->items = ps_arena_array(arena, capacity, sizeof(*registry->items));
	return registry->items != NULL ? PS_OK : PS_NO_MEMORY;
}

void ps_registry_add(
    struct ps_registry *registry, struct ps_bytes id, struct ps_span span, uint32_t index)
{
	if (registry->count < registry->capacity)
		registry->items[registry->count++] = (struct ps_registered){id, span, index};
}

static int compare_ids(struct ps_bytes a, struct ps_bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	if (order != 0)
		return order;
	return a.len < b.len ? -1 : a.len > b.len;
}

static int compare_items(const void *a, const void *b)
{
	const struct ps_registered *x = a;
	const struct ps_registered *y = b;
	int order = compare_ids(x->id, y->id);

	if (order != 0)
		return order;
	return x->index < y->index ? -1 : x->index > y->index;
}

void ps_registry_seal(struct ps_registry *registry, struct ps_diagnostics *diagnostics)
{
	size_t first = 0;

	if (registry->count == 0)
		return;
	qsort(registry->items, registry->count, sizeof(*registry->items), compare_items);
	for (size_t i = 1; i < registry->count; i++) {
		const struct ps_registered *item = &registry->items[i];

		if (compare_ids(item->id, registry->items[first].id) != 0) {
			first = i;
			continue;
		}
		ps_report(diagnostics, PS_CODE_DUPLICATE_ID, item->span,
		    "the %s '%.*s' is defined a second time", registry->what,
		    PS_QUOTED(item->id));
		ps_report_other(diagnostics, registry->items[first].span, "first defined here");
	}
}

const struct ps_registered *ps_registry_find(
    const struct ps_registry *registry, struct ps_bytes id)
{
	size_t low = 0;
	size_t high = registry->count;

	while (low < high) { /* the first item that is not less */
		size_t middle = low + (high - low) / 2;

		if (compare_ids(registry->items[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == registry->count || compare_ids(registry->items[low].id, id) != 0)
		return NULL;
	return &registry->items[low];
}

void ps_registry_suggest(const struct ps_registry *registry, struct ps_suggest *suggest)
{
	for (size_t i = 0; i < registry->count; i++)
		ps_suggest_try(suggest, registry->items[i].id);
}
