/* An arena: many small allocations, freed whole.
 *
 * Ownership: the arena owns all that was allocated from it, until clear.
 * Limit: never more than max bytes in all; PS_LIMIT is reported as NULL, like
 * lack of memory (ask ps_arena_is_full() which it was).
 * Threads: one at a time.
 */
#ifndef PS_CORE_ARENA_H
#define PS_CORE_ARENA_H

#include "core/bytes.h"
#include "core/status.h"

struct ps_arena_chunk;

struct ps_arena {
	struct ps_arena_chunk *chunks;
	uint8_t *free;
	size_t left;  /* octets left in the newest chunk */
	size_t total; /* octets taken from the system */
	size_t max;
	bool full;
};

/* Takes no memory yet. max: octets in all. */
void ps_arena_init(struct ps_arena *arena, size_t max);

/* Frees everything; the arena can be used again. */
void ps_arena_clear(struct ps_arena *arena);

/* Zeroed memory aligned to 16 octets, or NULL. size 0 gives a valid pointer. */
PS_MUST_USE void *ps_arena_alloc(struct ps_arena *arena, size_t size);

/* Like ps_arena_alloc() for count elements of size octets, overflow checked. */
PS_MUST_USE void *ps_arena_array(struct ps_arena *arena, size_t count, size_t size);

/* A copy packed without alignment or NUL: for many short byte strings. */
PS_MUST_USE uint8_t *ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes);

/* A copy as a C string. */
PS_MUST_USE char *ps_arena_text(struct ps_arena *arena, struct ps_bytes bytes);

static inline bool ps_arena_is_full(const struct ps_arena *arena)
{
	return arena->full;
}

#endif
