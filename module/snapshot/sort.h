/* Sorting without qsort(3): no allocation of its own, n log n whatever the input, and
 * the same result on every machine when compare() is a total order.
 *
 * Threads: pure functions on the caller's storage.
 */
#ifndef PS_SNAPSHOT_SORT_H
#define PS_SNAPSHOT_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Below 0, 0, above 0: as qsort(3) wants it. */
typedef int ps_sort_compare(const void *a, const void *b, void *ctx);

#define PS_SORT_SIZE_MAX 64u

/* Sorts count elements of size octets (at most PS_SORT_SIZE_MAX). scratch: as many
 * octets again. Stable. */
void ps_sort(void *base, size_t count, size_t size, void *scratch, ps_sort_compare *compare,
    void *ctx);

/* The same for elements that begin with a uint64_t of evenly spread values, which
 * compare() looks at first: two passes by its top bits, then ps_sort() for what
 * these leave equal. */
void ps_sort_keyed(void *base, size_t count, size_t size, void *scratch,
    ps_sort_compare *compare, void *ctx);

#endif
