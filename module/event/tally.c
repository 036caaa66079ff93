#include "event/tally.h"

#include <stdlib.h>
#include <time.h>

#define PLACES (2 * PS_TALLY_ENTRIES) /* a power of 2: at most half full */
#define IDLE UINT32_MAX

struct half {
	uint32_t count;
	uint32_t name_octets;
	uint16_t places[PLACES]; /* number of an entry + 1; 0: free */
	struct ps_tally_entry entries[PS_TALLY_ENTRIES];
	uint8_t names[PS_TALLY_NAMES];
};

struct ps_tally {
	/* The worker's word, and the watcher's, each on a line of its own. */
	_Alignas(64) _Atomic uint32_t writing; /* the half that the worker is in, or IDLE */
	_Alignas(64) _Atomic uint32_t active;
	struct ps_hash_key key;
	struct half halves[2];
};

enum ps_status ps_tally_create(struct ps_tally **out, struct ps_hash_key key)
{
	void *memory = NULL;
	struct ps_tally *tally;

	/* Over malloc's threshold for a mapping of its own: pages that nobody touched cost
	 * nothing. Only places and counts must be zero; the rest is written before it is read. */
	if (posix_memalign(&memory, 64, sizeof(*tally)) != 0)
		return PS_NO_MEMORY;
	tally = memory;
	atomic_init(&tally->writing, IDLE);
	atomic_init(&tally->active, 0);
	tally->key = key;
	for (int i = 0; i < 2; i++) {
		tally->halves[i].count = 0;
		tally->halves[i].name_octets = 0;
		memset(tally->halves[i].places, 0, sizeof(tally->halves[i].places));
	}
	*out = tally;
	return PS_OK;
}

void ps_tally_destroy(struct ps_tally *tally)
{
	free(tally);
}

/* --- the worker's -------------------------------------------------------------------------- */

static struct half *enter(struct ps_tally *tally)
{
	uint32_t seen = atomic_load_explicit(&tally->active, memory_order_acquire);

	for (;;) {
		uint32_t again;

		/* Both in the single total order, as the watcher's two are. */
		atomic_store_explicit(&tally->writing, seen, memory_order_seq_cst);
		again = atomic_load_explicit(&tally->active, memory_order_seq_cst);
		if (again == seen)
			return &tally->halves[seen];
		seen = again;
	}
}

static uint32_t hash_of(const struct ps_tally *tally, const struct ps_tally_key *key)
{
	uint64_t hash = ps_name_hash(tally->key, key->name).lo;

	hash += key->rule * UINT64_C(0x9e3779b97f4a7c15) + key->group * UINT64_C(0xc2b2ae3d27d4eb4f) +
	        key->trial;
	return (uint32_t)(hash >> 32 ^ hash);
}

static bool is_same(const struct ps_tally_entry *entry, const struct ps_tally_key *key, uint32_t hash)
{
	return entry->hash == hash && entry->key.rule == key->rule &&
	       entry->key.group == key->group && entry->key.trial == key->trial &&
	       entry->key.generation == key->generation &&
	       ps_name_equal(entry->key.name, key->name);
}

static bool is_same_client(const struct ps_address *a, const struct ps_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static bool add(struct half *half, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now, uint32_t hash, uint32_t place)
{
	struct ps_tally_entry *entry;
	uint8_t *wire = half->names + half->name_octets;

	if (half->count == PS_TALLY_ENTRIES || PS_TALLY_NAMES - half->name_octets < key->name.len)
		return false;
	entry = &half->entries[half->count++];
	memcpy(wire, key->name.wire, key->name.len);
	half->name_octets += key->name.len;
	entry->key = *key;
	entry->key.name.wire = wire;
	entry->facts = *facts;
	entry->first = now;
	entry->last = now;
	entry->count = 1;
	entry->clients_differ = false;
	entry->hash = hash;
	half->places[place] = (uint16_t)half->count;
	return true;
}

bool ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now)
{
	uint32_t hash = hash_of(tally, key);
	struct half *half = enter(tally);
	uint32_t place = hash & (PLACES - 1);
	bool noted = true;

	for (; half->places[place] != 0; place = (place + 1) & (PLACES - 1)) {
		struct ps_tally_entry *entry = &half->entries[half->places[place] - 1];

		if (!is_same(entry, key, hash))
			continue;
		noted = entry->count < UINT32_MAX;
		entry->count += noted;
		/* The clock may have been set back. */
		entry->last = now > entry->last ? now : entry->last;
		entry->clients_differ |= !is_same_client(&entry->facts.client, &facts->client);
		goto out;
	}
	noted = add(half, key, facts, now, hash, place);
out:
	atomic_store_explicit(&tally->writing, IDLE, memory_order_release);
	return noted;
}

/* --- the watcher's ------------------------------------------------------------------------- */

void ps_tally_drain(struct ps_tally *tally,
    void (*take)(void *ctx, const struct ps_tally_entry *entry), void *ctx)
{
	uint32_t old = atomic_load_explicit(&tally->active, memory_order_relaxed);
	struct half *half = &tally->halves[old];

	atomic_store_explicit(&tally->active, old ^ 1u, memory_order_seq_cst);
	/* A write takes less than a microsecond and never sleeps. */
	while (atomic_load_explicit(&tally->writing, memory_order_seq_cst) == old) {
		struct timespec nap = {.tv_nsec = 50000};

		(void)nanosleep(&nap, NULL);
	}
	for (uint32_t i = 0; i < half->count; i++)
		take(ctx, &half->entries[i]);
	if (half->count > 0)
		memset(half->places, 0, sizeof(half->places));
	half->count = 0;
	half->name_octets = 0;
}
