/* A set of names that is asked about a name's suffixes: is this one in it, is one
 * above it, does one stand below it?
 *
 * Open addressing over 128-bit SipHash values (core/siphash.h); ancestors of members
 * are kept too, marked as such, so that each question is at most one hash walk and
 * name.labels probes. A wrong answer needs two names with equal 128 bits.
 *
 * Memory: 24 octets a slot, at most 7 of 10 slots used.
 * Ownership: init/clear on the caller's storage.
 * Threads: immutable once filled, then any number of threads.
 */
#ifndef PS_FEED_SUFFIX_SET_H
#define PS_FEED_SUFFIX_SET_H

#include "core/siphash.h"

struct ps_suffix_slot {
	struct ps_hash hash;
	uint32_t marks; /* 0: a free slot */
};

struct ps_suffix_set {
	struct ps_suffix_slot *slots;
	size_t size; /* slots, a power of two, or 0 */
	size_t used;
};

void ps_suffix_set_init(struct ps_suffix_set *set);
void ps_suffix_set_clear(struct ps_suffix_set *set);

/* Adding a member again changes nothing. Error: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_suffix_set_add(struct ps_suffix_set *set, struct ps_name name);

/* The name is a member. */
bool ps_suffix_set_has(const struct ps_suffix_set *set, struct ps_name name);
/* The name is a member or stands below one. */
bool ps_suffix_set_covers(const struct ps_suffix_set *set, struct ps_name name);
/* A member stands below the name (the name itself does not count). */
bool ps_suffix_set_has_below(const struct ps_suffix_set *set, struct ps_name name);

#endif
