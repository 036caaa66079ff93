/* Which names a list of names with their reach covers, and by which entry first.
 *
 * Ownership: the caller's arena. Threads: immutable once sealed.
 */
#ifndef PS_POLICY_REACH_H
#define PS_POLICY_REACH_H

#include "core/arena.h"
#include "feed/indicator.h"

#define PS_REACH_NONE UINT32_MAX

struct ps_reach_entry {
	struct ps_name name;
	enum ps_scope scope;
	uint32_t rank;
};

struct ps_reach {
	struct ps_reach_entry *entries;
	size_t count;
	size_t capacity;
};

/* Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_reach_init(
    struct ps_reach *reach, size_t capacity, struct ps_arena *arena);

/* There must be room. */
void ps_reach_add(
    struct ps_reach *reach, struct ps_name name, enum ps_scope scope, uint32_t rank);

void ps_reach_seal(struct ps_reach *reach);

/* The least rank of an entry that covers all of (name, scope): all names that it
 * reaches are reached by the entry. PS_REACH_NONE: there is none.
 * Cost: three binary searches a label. */
uint32_t ps_reach_find(const struct ps_reach *reach, struct ps_name name, enum ps_scope scope);

/* The least rank of an entry for exactly this name and scope; PS_REACH_NONE: there is none. */
uint32_t ps_reach_at(const struct ps_reach *reach, struct ps_name name, enum ps_scope scope);

#endif
