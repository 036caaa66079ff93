#include "cli/leaders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct place {
	uint64_t hash; /* of the whole key; keys are told apart by it */
	uint64_t counts[PS_LEADERS_SPANS];
	uint64_t sum; /* 0: free */
	char text[PS_LEADERS_TEXT_MAX];
	char note[PS_LEADERS_NOTE_MAX];
};

struct ps_leaders {
	size_t count; /* places in use; some may have become free */
	size_t places;
	uint64_t span; /* the newest: Unix seconds / PS_LEADERS_SPAN_SECONDS */
	uint64_t totals[PS_LEADERS_SPANS];
	struct place place[];
};

enum ps_status ps_leaders_create(struct ps_leaders **out, size_t places)
{
	struct ps_leaders *leaders = calloc(1, sizeof(*leaders) + places * sizeof(struct place));

	if (leaders == NULL)
		return PS_NO_MEMORY;
	leaders->places = places;
	*out = leaders;
	return PS_OK;
}

void ps_leaders_destroy(struct ps_leaders *leaders)
{
	free(leaders);
}

void ps_leaders_clear(struct ps_leaders *leaders)
{
	leaders->count = 0;
	memset(leaders->totals, 0, sizeof(leaders->totals));
}

/* FNV-1a. Whoever makes keys collide adds two of his own names up. */
static uint64_t hash_of(const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (const unsigned char *p = (const unsigned char *)key; *p != '\0'; p++)
		hash = (hash ^ *p) * UINT64_C(0x100000001b3);
	return hash;
}

/* The key's place, or a free one, or the least frequent one's. */
static struct place *find(struct ps_leaders *leaders, uint64_t hash)
{
	struct place *least = NULL;

	for (size_t i = 0; i < leaders->count; i++) {
		struct place *place = &leaders->place[i];

		if (place->hash == hash)
			return place;
		if (least == NULL || place->sum < least->sum)
			least = place;
	}
	if (leaders->count < leaders->places && (least == NULL || least->sum > 0))
		least = &leaders->place[leaders->count++];
	*least = (struct place){.hash = hash};
	return least;
}

void ps_leaders_add(
    struct ps_leaders *leaders, const char *key, const char *note, uint64_t count, uint64_t at)
{
	uint64_t span = at / PS_LEADERS_SPAN_SECONDS;
	struct place *place;

	if (span > leaders->span)
		span = leaders->span;
	if (count == 0 || leaders->span - span >= PS_LEADERS_SPANS)
		return;
	place = find(leaders, hash_of(key));
	(void)snprintf(place->text, sizeof(place->text), "%s", key);
	(void)snprintf(place->note, sizeof(place->note), "%s", note);
	place->counts[span % PS_LEADERS_SPANS] += count;
	place->sum += count;
	leaders->totals[span % PS_LEADERS_SPANS] += count;
}

static void forget(struct ps_leaders *leaders, size_t index)
{
	leaders->totals[index] = 0;
	for (size_t i = 0; i < leaders->count; i++) {
		leaders->place[i].sum -= leaders->place[i].counts[index];
		leaders->place[i].counts[index] = 0;
	}
}

void ps_leaders_advance(struct ps_leaders *leaders, uint64_t now)
{
	uint64_t span = now / PS_LEADERS_SPAN_SECONDS;

	if (span + PS_LEADERS_SPANS <= leaders->span || span >= leaders->span + PS_LEADERS_SPANS) {
		ps_leaders_clear(leaders);
		leaders->span = span;
	}
	while (leaders->span < span)
		forget(leaders, ++leaders->span % PS_LEADERS_SPANS);
}

static int by_count(const void *a, const void *b)
{
	const struct ps_leader *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->text, y->text);
}

size_t ps_leaders_list(const struct ps_leaders *leaders, struct ps_leader *out, size_t max)
{
	size_t used = 0;

	for (size_t i = 0; i < leaders->count && max > 0; i++) {
		const struct place *place = &leaders->place[i];
		struct ps_leader own = {.count = place->sum};
		size_t at = used;

		if (place->sum == 0)
			continue;
		memcpy(own.text, place->text, sizeof(own.text));
		memcpy(own.note, place->note, sizeof(own.note));
		/* The last one gives way when all are taken. */
		if (used == max && by_count(&own, &out[max - 1]) > 0)
			continue;
		at = used == max ? max - 1 : used++;
		for (; at > 0 && by_count(&own, &out[at - 1]) < 0; at--)
			out[at] = out[at - 1];
		out[at] = own;
	}
	return used;
}

uint64_t ps_leaders_total(const struct ps_leaders *leaders)
{
	uint64_t total = 0;

	for (size_t i = 0; i < PS_LEADERS_SPANS; i++)
		total += leaders->totals[i];
	return total;
}
