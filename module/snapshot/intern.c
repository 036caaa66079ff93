#include "snapshot/intern.h"

#include <stdlib.h>
#include <sys/random.h>

#define PRIME61 ((UINT64_C(1) << 61) - 1)

void ps_intern_init(struct ps_intern *intern)
{
	*intern = (struct ps_intern){0};
	/* Should there be no randomness, the set is as right as ever, only not hard to
	 * slow down. */
	if (getrandom(intern->key, sizeof(intern->key), GRND_NONBLOCK) < 0)
		intern->key[0] = (uintptr_t)intern;
	intern->key[0] = intern->key[0] % (PRIME61 - 1) + 1;
	intern->key[1] |= 1;
}

void ps_intern_clear(struct ps_intern *intern)
{
	free(intern->data);
	free(intern->ends);
	free(intern->slots);
	ps_intern_init(intern);
}

/* a * b mod 2^61 - 1, for a and b below 2^61. */
static uint64_t multiply(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;
	uint64_t sum = (uint64_t)(product & PRIME61) + (uint64_t)(product >> 61);

	return sum >= PRIME61 ? sum - PRIME61 : sum;
}

/* A polynomial over the field of 2^61 - 1 elements at a random place: two strings of
 * n words agree with a probability of n / 2^61 (Carter and Wegman, 1979). */
static uint64_t hash_bytes(const struct ps_intern *intern, struct ps_bytes bytes)
{
	uint64_t h = bytes.len + 1;

	while (bytes.len > 0) {
		uint8_t word[8] = {0};
		size_t take = bytes.len < 7 ? bytes.len : 7;

		memcpy(word, bytes.ptr, take);
		h = multiply(h, intern->key[0]) + ps_load_le64(word);
		h = h >= PRIME61 ? h - PRIME61 : h;
		bytes.ptr += take;
		bytes.len -= take;
	}
	return multiply(h, intern->key[0]) * intern->key[1] >> 20;
}

/* The slot that holds bytes, or the free one where they belong. */
static uint32_t find_slot(const struct ps_intern *intern, struct ps_bytes bytes)
{
	uint32_t mask = intern->slot_count - 1;
	uint32_t slot = (uint32_t)hash_bytes(intern, bytes) & mask;

	while (intern->slots[slot] != 0 &&
	    !ps_bytes_equal(ps_intern_get(intern, intern->slots[slot] - 1), bytes))
		slot = (slot + 1) & mask;
	return slot;
}

/* Doubles the slots when three quarters are taken. */
static enum ps_status grow_slots(struct ps_intern *intern)
{
	uint32_t slot_count = intern->slot_count == 0 ? 64 : intern->slot_count * 2;
	uint32_t *slots, *old = intern->slots;

	if (intern->count < intern->slot_count / 4 * 3)
		return PS_OK;
	slots = calloc(slot_count, sizeof(*slots));
	if (slots == NULL)
		return PS_NO_MEMORY;
	intern->slots = slots;
	intern->slot_count = slot_count;
	for (uint32_t i = 0; i < intern->count; i++)
		slots[find_slot(intern, ps_intern_get(intern, i))] = i + 1;
	free(old);
	return PS_OK;
}

static enum ps_status grow_data(struct ps_intern *intern, size_t more)
{
	uint64_t used = intern->count == 0 ? 0 : intern->ends[intern->count - 1];

	if (intern->count == intern->ends_room) {
		uint32_t room = intern->ends_room == 0 ? 64 : intern->ends_room * 2;
		uint64_t *ends = realloc(intern->ends, room * sizeof(*ends));

		if (ends == NULL)
			return PS_NO_MEMORY;
		intern->ends = ends;
		intern->ends_room = room;
	}
	if (intern->data == NULL || used + more > intern->data_room) {
		uint64_t room = 2 * (used + more) + 64;
		uint8_t *data = realloc(intern->data, room);

		if (data == NULL)
			return PS_NO_MEMORY;
		intern->data = data;
		intern->data_room = room;
	}
	return PS_OK;
}

enum ps_status ps_intern_add(struct ps_intern *intern, struct ps_bytes bytes, uint32_t *number)
{
	uint64_t used;
	uint32_t slot;

	if (grow_slots(intern) != PS_OK)
		return PS_NO_MEMORY;
	slot = find_slot(intern, bytes);
	if (intern->slots[slot] != 0) {
		*number = intern->slots[slot] - 1;
		return PS_OK;
	}
	if (intern->count == PS_INTERN_MAX)
		return PS_LIMIT;
	if (grow_data(intern, bytes.len) != PS_OK)
		return PS_NO_MEMORY;
	used = intern->count == 0 ? 0 : intern->ends[intern->count - 1];
	if (bytes.len > 0)
		memcpy(intern->data + used, bytes.ptr, bytes.len);
	intern->ends[intern->count] = used + bytes.len;
	*number = intern->count++;
	intern->slots[slot] = intern->count;
	return PS_OK;
}
