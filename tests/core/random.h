/* Numbers and names for randomised tests: the same ones at every run, so that a failure
 * can be seen again. Not for anything but tests. */
#ifndef PS_TESTS_CORE_RANDOM_H
#define PS_TESTS_CORE_RANDOM_H

#include "core/name.h"

struct random {
	uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood, 2014). */
static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* 0 to below - 1. */
static inline size_t random_below(struct random *r, size_t below)
{
	return (size_t)(random_next(r) % below);
}

/* A valid wire name of up to max_labels labels of any octets, lower-cased; returns its
 * length. */
static inline size_t random_wire(
    struct random *r, unsigned max_labels, uint8_t wire[PS_NAME_WIRE_MAX])
{
	size_t labels = random_below(r, max_labels + 1);
	size_t at = 0;

	for (size_t i = 0; i < labels; i++) {
		size_t longest = random_below(r, 4) == 0 ? PS_NAME_LABEL_MAX : 6;
		size_t len = 1 + random_below(r, longest);

		if (at + len + 2 > PS_NAME_WIRE_MAX)
			break;
		wire[at++] = (uint8_t)len;
		while (len-- > 0)
			wire[at++] = ps_ascii_lower((uint8_t)random_next(r));
	}
	wire[at] = 0;
	return at + 1;
}

#endif
