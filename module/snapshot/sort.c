#include "snapshot/sort.h"

#include <string.h>

#define INSERTION_MAX 12u
#define DIGIT_BITS 12u
#define DIGITS (1u << DIGIT_BITS)

static void sort_insertion(
    uint8_t *base, size_t count, size_t size, ps_sort_compare *compare, void *ctx)
{
	uint8_t held[PS_SORT_SIZE_MAX];

	for (size_t i = 1; i < count; i++) {
		size_t to = i;

		while (to > 0 && compare(base + (to - 1) * size, base + i * size, ctx) > 0)
			to--;
		if (to == i)
			continue;
		memcpy(held, base + i * size, size);
		memmove(base + (to + 1) * size, base + to * size, (i - to) * size);
		memcpy(base + to * size, held, size);
	}
}

/* Merges from[0, middle) and from[middle, count) into to. */
static void merge(const uint8_t *from, uint8_t *to, size_t middle, size_t count, size_t size,
    ps_sort_compare *compare, void *ctx)
{
	size_t a = 0, b = middle;

	for (size_t i = 0; i < count; i++) {
		size_t take;

		if (b == count)
			take = a++;
		else if (a == middle)
			take = b++;
		else
			take = compare(from + a * size, from + b * size, ctx) <= 0 ? a++ : b++;
		memcpy(to + i * size, from + take * size, size);
	}
}

void ps_sort(
    void *base, size_t count, size_t size, void *scratch, ps_sort_compare *compare, void *ctx)
{
	uint8_t *from = base, *to = scratch;

	for (size_t at = 0; at < count; at += INSERTION_MAX) {
		size_t piece = count - at < INSERTION_MAX ? count - at : INSERTION_MAX;

		sort_insertion(from + at * size, piece, size, compare, ctx);
	}
	for (size_t width = INSERTION_MAX; width < count; width *= 2) {
		uint8_t *swap = from;

		for (size_t at = 0; at < count; at += 2 * width) {
			size_t piece = count - at < 2 * width ? count - at : 2 * width;

			merge(from + at * size, to + at * size,
			    width < piece ? width : piece, piece, size, compare, ctx);
		}
		from = to;
		to = swap;
	}
	if (from != base)
		memcpy(base, from, count * size);
}

static uint64_t key_of(const uint8_t *element)
{
	uint64_t key;

	memcpy(&key, element, sizeof(key));
	return key;
}

/* One stable counting pass by DIGIT_BITS bits of the key. */
static void scatter(const uint8_t *from, uint8_t *to, size_t count, size_t size, unsigned shift)
{
	size_t place[DIGITS] = {0};
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		place[key_of(from + i * size) >> shift & (DIGITS - 1)]++;
	for (size_t i = 0; i < DIGITS; i++) {
		size_t here = place[i];

		place[i] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++) {
		size_t digit = key_of(from + i * size) >> shift & (DIGITS - 1);

		memcpy(to + place[digit]++ * size, from + i * size, size);
	}
}

void ps_sort_keyed(
    void *base, size_t count, size_t size, void *scratch, ps_sort_compare *compare, void *ctx)
{
	const unsigned low_shift = 64 - 2 * DIGIT_BITS;
	uint8_t *elements = base;
	size_t first = 0;

	if (count < DIGITS) {
		ps_sort(base, count, size, scratch, compare, ctx);
		return;
	}
	scatter(elements, scratch, count, size, low_shift);
	scatter(scratch, elements, count, size, low_shift + DIGIT_BITS);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && key_of(elements + i * size) >> low_shift ==
		        key_of(elements + first * size) >> low_shift)
			continue;
		if (i - first > 1)
			ps_sort(elements + first * size, i - first, size, scratch, compare, ctx);
		first = i;
	}
}
