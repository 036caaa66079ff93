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

/* Two for each eight octets of a name, and four for the rest of a key. */
#define SECRETS (4 + 2 * (PS_NAME_WIRE_MAX / 8 + 1))

struct ps_tally {
	/* The worker's word, and the watcher's, each on a line of its own. */
	_Alignas(64) _Atomic uint32_t writing; /* the half that the worker is in, or IDLE */
	_Alignas(64) _Atomic uint32_t active;
	uint64_t secrets[SECRETS];
	struct half halves[2];
};

static void draw_secrets(struct ps_tally *tally, struct ps_hash_key key)
{
	for (uint32_t i = 0; i < SECRETS; i++) {
		uint8_t word[8];

		ps_store_le64(word, i);
		tally->secrets[i] = ps_words_hash(key, ps_bytes_of(word, sizeof(word))).lo;
	}
}

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
	draw_secrets(tally, key);
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

/* The last octets of a name, from `at` on, less than eight, as a word with zeros above: read together
 * with those before them, for a copy of so few costs a call. */
static inline uint64_t load_rest(struct ps_name name, size_t at)
{
	uint8_t few[8] = {0};

	if (name.len >= 8)
		return ps_load_le64(name.wire + name.len - 8) >> (64 - 8 * (name.len - at));
	memcpy(few, name.wire, name.len);
	return ps_load_le64(few);
}

static inline uint64_t mix(const uint64_t *secrets, uint64_t word)
{
	return (secrets[0] + (uint32_t)word) * (secrets[1] + (word >> 32));
}

/* Multilinear hashing (Lemire and Kaser, "Strongly universal string hashing is fast", The Computer
 * Journal 57(11), 2014): a multiplication for eight octets. Whoever does not know the secrets cannot
 * choose names that collide, and nobody is shown what a name hashes to. */
static uint32_t hash_of(const struct ps_tally *tally, const struct ps_tally_key *key)
{
	const uint64_t *secrets = tally->secrets;
	uint64_t sum = secrets[0] * ((uint64_t)key->name.len << 2 | (uint64_t)key->subtree << 1 | key->trial) +
	               mix(secrets + 2, (uint64_t)key->group << 32 | key->rule);
	size_t at = 0;

	for (secrets += 4; at + 8 <= key->name.len; at += 8, secrets += 2)
		sum += mix(secrets, ps_load_le64(key->name.wire + at));
	if (at < key->name.len)
		sum += mix(secrets, load_rest(key->name, at));
	return (uint32_t)(sum >> 32);
}

static bool is_same(const struct ps_tally_entry *entry, const struct ps_tally_key *key, uint32_t hash)
{
	return entry->hash == hash && entry->key.rule == key->rule &&
	       entry->key.group == key->group && entry->key.trial == key->trial &&
	       entry->key.subtree == key->subtree &&
	       entry->key.generation == key->generation &&
	       ps_name_equal(entry->key.name, key->name);
}

static bool is_same_client(const struct ps_address *a, const struct ps_address *b)
{
	return a->family == b->family && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* The key's entry; NULL: there is none, and it would stand at *place. */
static struct ps_tally_entry *find(
    struct half *half, const struct ps_tally_key *key, uint32_t hash, uint32_t *place)
{
	for (*place = hash & (PLACES - 1); half->places[*place] != 0;
	     *place = (*place + 1) & (PLACES - 1)) {
		struct ps_tally_entry *entry = &half->entries[half->places[*place] - 1];

		if (is_same(entry, key, hash))
			return entry;
	}
	return NULL;
}

static struct ps_bytes keep(struct half *half, struct ps_bytes octets)
{
	uint8_t *to = half->names + half->name_octets;

	if (octets.len > 0)
		memcpy(to, octets.ptr, octets.len);
	half->name_octets += (uint32_t)octets.len;
	return ps_bytes_of(to, octets.len);
}

/* One that counts nothing yet; NULL: full. */
static struct ps_tally_entry *add(struct half *half, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint32_t hash, uint32_t place)
{
	struct ps_tally_entry *entry;

	if (half->count == PS_TALLY_ENTRIES ||
	    PS_TALLY_NAMES - half->name_octets < key->name.len + facts->found_octets.len)
		return NULL;
	entry = &half->entries[half->count++];
	*entry = (struct ps_tally_entry){.key = *key, .facts = *facts, .hash = hash};
	entry->key.name.wire =
	    keep(half, ps_bytes_of(key->name.wire, key->name.len)).ptr;
	entry->facts.found_octets = keep(half, facts->found_octets);
	half->places[place] = (uint16_t)half->count;
	return entry;
}

static bool count_in(
    struct ps_tally_entry *entry, const struct ps_tally_facts *facts, uint64_t now)
{
	if (entry->count == UINT32_MAX)
		return false;
	if (entry->count++ == 0) {
		entry->first = now;
		entry->last = now;
		entry->facts.type = facts->type;
		entry->facts.client = facts->client;
		return true;
	}
	/* The clock may have been set back. */
	entry->last = now > entry->last ? now : entry->last;
	entry->clients_differ |= !is_same_client(&entry->facts.client, &facts->client);
	return true;
}

/* --- in a flood --- */

static bool is_short_of_room(const struct half *half)
{
	return half->count >= PS_TALLY_ENTRIES / 2 || half->name_octets >= PS_TALLY_NAMES / 2;
}

/* What stands under the key's name's last labels. */
struct subtree {
	struct ps_tally_key key;
	struct ps_tally_entry *entry; /* NULL: there is none */
	uint32_t hash;
	uint32_t place;
};

static struct subtree find_subtree(const struct ps_tally *tally, struct half *half,
    const struct ps_tally_key *key, uint8_t labels)
{
	struct subtree out = {.key = *key};

	out.key.name = ps_name_suffix(key->name, labels);
	out.key.subtree = true;
	out.hash = hash_of(tally, &out.key);
	out.entry = find(half, &out.key, out.hash, &out.place);
	return out;
}

/* Its place must be free still. */
static struct ps_tally_entry *add_subtree(
    struct half *half, const struct subtree *subtree, const struct ps_tally_facts *facts)
{
	struct ps_tally_facts less = *facts;

	less.found = PS_FOUND_NONE;
	less.found_octets = (struct ps_bytes){0};
	return add(half, &subtree->key, &less, subtree->hash, subtree->place);
}

/* The rule's entry, made where there is none; NULL: full. */
static struct ps_tally_entry *rule_of(const struct ps_tally *tally, struct half *half,
    const struct ps_tally_key *key, const struct ps_tally_facts *facts)
{
	struct subtree rule = find_subtree(tally, half, key, 0);

	return rule.entry != NULL ? rule.entry : add_subtree(half, &rule, facts);
}

/* An entry of its own for the name, in its zone's share of its rule's; NULL: they are used up.
 * *zone, too, may be made for it. */
static struct ps_tally_entry *add_own(const struct ps_tally *tally, struct half *half,
    const struct ps_tally_key *key, const struct ps_tally_facts *facts,
    struct ps_tally_entry *rule, struct ps_tally_entry **zone)
{
	struct ps_tally_entry *own = NULL;
	uint32_t hash = hash_of(tally, key), place;

	if (*zone == NULL && rule->inside < PS_TALLY_RULE_SHARE) {
		/* Anew: the rule's own may have taken its place, or be it. */
		struct subtree it = find_subtree(tally, half, key, facts->zone);

		*zone = it.entry != NULL ? it.entry : add_subtree(half, &it, facts);
		rule->inside += *zone != NULL;
	}
	if (*zone != NULL && rule->inside < PS_TALLY_RULE_SHARE) {
		(void)find(half, key, hash, &place);
		own = add(half, key, facts, hash, place);
	}
	if (own == NULL)
		return NULL;
	(*zone)->inside++;
	if (*zone != rule)
		rule->inside++;
	return own;
}

/* What is counted under its zone already costs one look more, for a flood is most of that. */
static bool note_in_a_flood(const struct ps_tally *tally, struct half *half,
    const struct ps_tally_key *key, const struct ps_tally_facts *facts, uint64_t now)
{
	struct ps_tally_entry *zone = find_subtree(tally, half, key, facts->zone).entry;
	struct ps_tally_entry *rule, *own;

	if (zone != NULL && zone->inside >= PS_TALLY_ZONE_SHARE)
		return count_in(zone, facts, now);
	rule = rule_of(tally, half, key, facts);
	if (rule == NULL)
		return false;
	own = add_own(tally, half, key, facts, rule, &zone);
	return count_in(own != NULL ? own : zone != NULL ? zone : rule, facts, now);
}

bool ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now)
{
	uint32_t hash = hash_of(tally, key), place;
	struct half *half = enter(tally);
	struct ps_tally_entry *entry = find(half, key, hash, &place);
	bool noted;

	if (entry == NULL && is_short_of_room(half)) {
		noted = note_in_a_flood(tally, half, key, facts, now);
	} else {
		if (entry == NULL)
			entry = add(half, key, facts, hash, place);
		noted = entry != NULL && count_in(entry, facts, now);
	}
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
		if (half->entries[i].count > 0)
			take(ctx, &half->entries[i]);
	if (half->count > 0)
		memset(half->places, 0, sizeof(half->places));
	half->count = 0;
	half->name_octets = 0;
}
