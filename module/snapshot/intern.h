/* A set of byte strings that numbers them: equal strings get one number.
 *
 * The numbers follow the order of addition; nothing else of the set's inside shows.
 * Its hash has a random key, so that nobody who writes feeds can make it slow.
 *
 * Ownership: init/clear on the caller's storage; the strings are copied.
 * Threads: one at a time.
 */
#ifndef PS_SNAPSHOT_INTERN_H
#define PS_SNAPSHOT_INTERN_H

#include "core/bytes.h"
#include "core/status.h"

#define PS_INTERN_MAX UINT32_C(0x3fffffff) /* strings in one set */

struct ps_intern {
	uint8_t *data; /* all strings, one after another */
	uint64_t data_room;
	uint64_t *ends; /* where each ends in data */
	uint32_t ends_room;
	uint32_t count;
	uint32_t *slots; /* number + 1, or 0 */
	uint32_t slot_count; /* a power of two, or 0 */
	uint64_t key[2];
};

void ps_intern_init(struct ps_intern *intern);
void ps_intern_clear(struct ps_intern *intern);

/* The number of bytes, which are added when they are new. Errors: PS_NO_MEMORY,
 * PS_LIMIT; *number and the set are then as before. */
PS_MUST_USE enum ps_status ps_intern_add(
    struct ps_intern *intern, struct ps_bytes bytes, uint32_t *number);

/* The string with this number (below count); valid until the next addition. */
static inline struct ps_bytes ps_intern_get(const struct ps_intern *intern, uint32_t number)
{
	uint64_t start = number == 0 ? 0 : intern->ends[number - 1];

	return ps_bytes_of(intern->data + start, (size_t)(intern->ends[number] - start));
}

#endif
