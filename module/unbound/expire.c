#include "unbound/facts.h"
#include "unbound/module.h"
#include "core/pace.h"

#include <stdlib.h>

/* How many bins are copied before their names are judged: a bin holds about one entry.
 * Names are judged when no lock is held: a policy's patterns may take their time. */
#define PS_EXPIRE_BINS 64u
#define BATCH_MAX 64u
#define CROWDED_ROUNDS 1000u

struct copied {
	uint8_t qname[PS_NAME_WIRE_MAX];
	uint16_t len;
	uint16_t type;
	uint16_t class;
};

/* Where the next batch begins. */
struct place {
	size_t slab;
	size_t bin;
	uint32_t rounds; /* at a bin that alone fills a batch */
};

struct ps_sweep {
	struct module_env *env;
	const struct daemon *daemon; /* NULL: not known */
	const struct ps_generation *generation;
	struct ps_scratch *scratch;
	struct regional *region; /* of what answers show; NULL: no rule asks, or no memory */
	uint32_t now;
	struct place place;
	uint64_t removed;
	uint32_t count;
	struct copied batch[BATCH_MAX];
};

static bool blocks(struct ps_sweep *sweep, uint8_t *qname, size_t len, uint16_t type,
    uint16_t class, const struct ps_answer_facts *facts)
{
	struct ps_name_buffer storage;
	struct ps_question question = {.type = type, .now = sweep->now, .answer = facts};
	struct ps_verdict verdict;

	if ((class != LDNS_RR_CLASS_IN && class != LDNS_RR_CLASS_ANY) ||
	    ps_name_from_wire(&question.name, &storage, ps_bytes_of(qname, len), NULL) != PS_OK)
		return false;
	ps_verdict_judge(sweep->generation->snapshot, sweep->generation->matcher,
	    sweep->scratch, &question, &verdict);
	return ps_verdict_blocks_some(&verdict);
}

static uint32_t length(const struct lruhash_bin *bin)
{
	uint32_t count = 0;

	for (struct lruhash_entry *e = bin->overflow_list; e != NULL; e = e->overflow_next)
		count++;
	return count;
}

/* Copies the bin's entries, as far as there is room; with chosen, only what is blocked.
 * The bin's lock is held; the key of an entry in the table does not change: lruhash.h. */
static void copy_bin(struct ps_sweep *sweep, const struct lruhash_bin *bin, bool chosen)
{
	for (struct lruhash_entry *e = bin->overflow_list; e != NULL; e = e->overflow_next) {
		const struct query_info *query = &((struct msgreply_entry *)e->key)->key;
		struct copied *copy;

		if (sweep->count == BATCH_MAX)
			return;
		if (query->qname == NULL || query->qname_len > PS_NAME_WIRE_MAX)
			continue;
		if (chosen && !blocks(sweep, query->qname, query->qname_len, query->qtype,
		                  query->qclass, NULL))
			continue;
		copy = &sweep->batch[sweep->count++];
		memcpy(copy->qname, query->qname, query->qname_len);
		copy->len = (uint16_t)query->qname_len;
		copy->type = query->qtype;
		copy->class = query->qclass;
	}
}

/* A bin with more entries than a batch holds, which needs collisions that nobody can
 * foresee (the hash is keyed): judged under its lock, a batch of blocked ones at a time. */
static void copy_crowded_bin(
    struct ps_sweep *sweep, const struct lruhash_bin *bin, struct place *place)
{
	copy_bin(sweep, bin, true);
	if (sweep->count == BATCH_MAX && place->rounds++ < CROWDED_ROUNDS)
		return;
	place->rounds = 0;
	place->bin++;
}

/* The next bin, locked; NULL: there is none. As lruhash_lookup() does it, the table's lock,
 * which each answer from the cache needs, is held for finding the bin alone. It is a
 * spinlock: when the scheduler takes the processor from who holds it, every worker burns
 * its own time until that one runs again; a bin's is in hardly anybody's way. */
static struct lruhash_bin *lock_bin(struct lruhash *table, size_t index)
{
	struct lruhash_bin *bin = NULL;

	lock_quick_lock(&table->lock);
	if (index < table->size) {
		bin = &table->array[index];
		lock_quick_lock(&bin->lock);
	}
	lock_quick_unlock(&table->lock);
	return bin;
}

/* Copies what stands in the next bins; false: that was the last slab. The cache is looked
 * up each time: a reload may replace it while the module still runs (deinit comes after).
 * The table may double between bins: bin i then splits into i and i + size, so bins
 * behind us are at worst looked at twice. */
static bool copy_some(struct ps_sweep *sweep)
{
	struct place *place = &sweep->place;
	struct slabhash *cache = sweep->env->msg_cache;
	struct lruhash *table;
	size_t last = place->bin + PS_EXPIRE_BINS;

	if (cache == NULL || place->slab >= cache->size)
		return false;
	table = cache->array[place->slab];
	while (place->bin < last) {
		struct lruhash_bin *bin = lock_bin(table, place->bin);
		uint32_t entries;

		if (bin == NULL) {
			*place = (struct place){.slab = place->slab + 1};
			break;
		}
		entries = length(bin);
		if (entries <= BATCH_MAX - sweep->count) {
			copy_bin(sweep, bin, false);
			place->bin++;
		} else {
			last = 0; /* the end of this batch */
			if (sweep->count == 0)
				copy_crowded_bin(sweep, bin, place);
		}
		lock_quick_unlock(&bin->lock);
	}
	return true;
}

/* What the answer shows that stands in the cache under this hash; none: facts.count is 0. It
 * may have expired: it is served still where serve-expired says so. */
static struct ps_answer_facts gather(struct ps_sweep *sweep, struct copied *c, uint16_t flags)
{
	struct query_info query = {
	    .qname = c->qname, .qname_len = c->len, .qtype = c->type, .qclass = c->class};
	uint32_t asks = ps_matcher_asks_answer(sweep->generation->matcher);
	struct ps_answer_facts facts = {NULL, 0};
	struct ps_facts_source source = {.rep = NULL};
	struct lruhash_entry *entry;
	struct reply_info *rep;

	ps_facts_add_delegation(
	    &source, sweep->env, sweep->region, c->qname, c->len, c->class, sweep->now);
	entry = slabhash_lookup(
	    sweep->env->msg_cache, query_info_hash(&query, flags), &query, 0);
	if (entry == NULL)
		return facts;
	rep = entry->data;
	source.rep = rep;
	if (rrset_array_lock(rep->ref, rep->rrset_count, 0)) {
		if (!ps_facts_gather(&facts, sweep->region, &source, asks))
			facts.count = 0;
		rrset_array_unlock(rep->ref, rep->rrset_count);
	}
	lock_rw_unlock(&entry->lock);
	return facts;
}

static bool shows_blocked(struct ps_sweep *sweep, struct copied *c)
{
	bool found = false;

	if (sweep->region == NULL)
		return false;
	for (uint16_t flags = 0; !found && flags <= BIT_CD; flags += BIT_CD) {
		struct ps_answer_facts facts = {NULL, 0};

		/* The hash of an AAAA question takes in the CD bit: msgreply.c. */
		if (flags == 0 || c->type == LDNS_RR_TYPE_AAAA)
			facts = gather(sweep, c, flags);
		found = facts.count > 0 && blocks(sweep, c->qname, c->len, c->type, c->class, &facts);
		regional_free_all(sweep->region);
	}
	return found;
}

static void remove_blocked(struct ps_sweep *sweep)
{
	for (uint32_t i = 0; i < sweep->count && ps_daemon_serves(sweep->daemon); i++) {
		struct copied *c = &sweep->batch[i];

		if (!blocks(sweep, c->qname, c->len, c->type, c->class, NULL) &&
		    !shows_blocked(sweep, c))
			continue;
		msg_cache_remove(sweep->env, c->qname, c->len, c->type, c->class, 0);
		/* The hash of an AAAA question takes in the CD bit: msgreply.c. */
		if (c->type == LDNS_RR_TYPE_AAAA)
			msg_cache_remove(
			    sweep->env, c->qname, c->len, c->type, c->class, BIT_CD);
		sweep->removed++;
	}
	sweep->count = 0;
}

bool ps_sweep_step(struct ps_sweep *sweep)
{
	if (!ps_daemon_serves(sweep->daemon) || !copy_some(sweep))
		return false;
	remove_blocked(sweep);
	return true;
}

uint64_t ps_cache_expire(struct ps_module *module,
    const struct ps_generation *generation, struct ps_scratch *scratch, uint32_t now)
{
	struct ps_sweep *sweep = calloc(1, sizeof(*sweep));
	uint64_t removed;

	if (sweep == NULL)
		return UINT64_MAX;
	sweep->env = module->env;
	sweep->daemon = atomic_load(&module->daemon);
	sweep->generation = generation;
	sweep->scratch = scratch;
	sweep->now = now;
	if (ps_matcher_asks_answer(generation->matcher) != 0)
		sweep->region = regional_create();
	if (!ps_errand_sweep(module, sweep)) {
		while (ps_sweep_step(sweep))
			ps_pace();
	}
	removed = sweep->removed;
	regional_destroy(sweep->region);
	free(sweep);
	return removed;
}
