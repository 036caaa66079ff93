#include "policy/suggest.h"

#include <limits.h>

static uint8_t folded(uint8_t c)
{
	return c == '_' ? '-' : ps_ascii_lower(c);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

unsigned ps_edit_distance(struct ps_bytes a, struct ps_bytes b)
{
	/* Three rows are enough: the current one and the two above it. */
	unsigned rows[3][PS_SUGGEST_MAX + 1];

	if (a.len > PS_SUGGEST_MAX || b.len > PS_SUGGEST_MAX)
		return UINT_MAX;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			uint8_t x = folded(a.ptr[i - 1]);
			uint8_t y = folded(b.ptr[j - 1]);

			row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == folded(b.ptr[j - 2]) &&
			    y == folded(a.ptr[i - 2]) && above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
		}
	}
	return rows[a.len % 3][b.len];
}

/* How far away is still a slip: one in three letters, never more than three. */
static unsigned threshold(struct ps_bytes written)
{
	size_t third = (written.len + 1) / 3;

	return third > 3 ? 3 : (unsigned)third;
}

void ps_suggest_init(struct ps_suggest *suggest, struct ps_bytes written)
{
	*suggest = (struct ps_suggest){.written = written, .distance = UINT_MAX};
}

static bool begins_with(struct ps_bytes text, struct ps_bytes beginning)
{
	for (size_t i = 0; i < beginning.len; i++)
		if (i >= text.len || folded(text.ptr[i]) != folded(beginning.ptr[i]))
			return false;
	return true;
}

void ps_suggest_try(struct ps_suggest *suggest, struct ps_bytes candidate)
{
	unsigned limit = threshold(suggest->written);
	unsigned distance = ps_edit_distance(suggest->written, candidate);

	if (distance > limit && suggest->written.len >= 3 &&
	    begins_with(candidate, suggest->written))
		distance = limit;
	if (distance > limit)
		return;
	if (suggest->near == 0 || !ps_bytes_equal(candidate, suggest->best))
		suggest->near++;
	if (distance < suggest->distance) {
		suggest->best = candidate;
		suggest->distance = distance;
	}
}

static bool same_digits(struct ps_bytes a, struct ps_bytes b)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.len && (a.ptr[i] < '0' || a.ptr[i] > '9'))
			i++;
		while (j < b.len && (b.ptr[j] < '0' || b.ptr[j] > '9'))
			j++;
		if (i == a.len || j == b.len)
			return i == a.len && j == b.len;
		if (a.ptr[i++] != b.ptr[j++])
			return false;
	}
}

bool ps_suggest_is_sure(const struct ps_suggest *suggest)
{
	return suggest->near == 1 && same_digits(suggest->written, suggest->best) &&
	       ps_edit_distance(suggest->written, suggest->best) <=
	           threshold(suggest->written);
}
