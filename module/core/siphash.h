/* SipHash-1-3 with 128 bits of output, over whole 64-bit words, and the hash of
 * every suffix of a domain name in one pass.
 *
 * Use it where an attacker chooses the input and must not choose the collisions
 * (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; the 1-3
 * variant as in Linux's hsiphash and Rust's standard library).
 *
 * A name's message is its labels from the root's side to the left, each as its
 * length octet and its octets, filled up with zeros to a multiple of 8. That is
 * injective (the length octet says where the filling begins), and the state
 * after k labels serves for every name below: all suffixes of a name cost one
 * walk and one finish each, whatever the name's length. The result is plain
 * SipHash-1-3-128 of that message, so any other implementation can check it.
 *
 * Cost: about 2 ns a word and 6 ns a finish; at most 127 finishes a name.
 * Threads: pure functions.
 */
#ifndef PS_CORE_SIPHASH_H
#define PS_CORE_SIPHASH_H

#include "core/name.h"

struct ps_hash_key {
	uint64_t k0;
	uint64_t k1;
};

struct ps_hash {
	uint64_t hi; /* the first eight octets of the output, as a little-endian number */
	uint64_t lo; /* the second eight */
};

/* Which suffixes are wanted: bit i for the one of i labels. */
struct ps_depths {
	uint64_t bits[2];
};

static inline bool ps_depths_have(struct ps_depths depths, unsigned labels)
{
	return (depths.bits[labels >> 6] >> (labels & 63) & 1) != 0;
}

#define PS_DEPTHS_ALL ((struct ps_depths){{UINT64_MAX, UINT64_MAX}})

/* hashes[i] becomes the hash of the suffix of i labels (hashes[0]: the root's), for each
 * i from 0 to name.labels that wanted has; the others stay as they are. */
void ps_name_hash_suffixes(struct ps_hash_key key, struct ps_name name, struct ps_depths wanted,
    struct ps_hash hashes[PS_NAME_LABELS_MAX + 1]);

/* The hash of the name itself: what hashes[name.labels] would be. */
struct ps_hash ps_name_hash(struct ps_hash_key key, struct ps_name name);

/* SipHash-1-3-128 of octets whose number is a multiple of 8. */
struct ps_hash ps_words_hash(struct ps_hash_key key, struct ps_bytes words);

#endif
