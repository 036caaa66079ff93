/* What a policy defines by id (rules, answers, feeds), over all its files: each id
 * once, and found again by name.
 *
 * Filled, then sealed, then asked. Ownership: the caller's arena; ids are borrowed.
 * Threads: one at a time while filled; immutable once sealed.
 */
#ifndef PS_POLICY_REGISTRY_H
#define PS_POLICY_REGISTRY_H

#include "policy/diagnostics.h"
#include "policy/suggest.h"

struct ps_registered {
	struct ps_bytes id;
	struct ps_span span;
	uint32_t index; /* the caller's */
};

struct ps_registry {
	const char *what; /* "rule" */
	const char *under; /* the key under which they are defined; NULL: what, and an s */
	struct ps_registered *items;
	size_t count;
	size_t capacity;
};

/* Room for capacity ids. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_registry_init(
    struct ps_registry *registry, const char *what, size_t capacity, struct ps_arena *arena);

/* There must be room. */
void ps_registry_add(
    struct ps_registry *registry, struct ps_bytes id, struct ps_span span, uint32_t index);

/* Sorts; reports every id that was added before (in the order of adding), with
 * both places. */
void ps_registry_seal(struct ps_registry *registry, struct ps_diagnostics *diagnostics);

/* The first that was added with this id; NULL: none. */
const struct ps_registered *ps_registry_find(
    const struct ps_registry *registry, struct ps_bytes id);

/* Tries every id. */
void ps_registry_suggest(const struct ps_registry *registry, struct ps_suggest *suggest);

#endif
