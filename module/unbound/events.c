#include "unbound/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "event/spool.h"
#include "event/window.h"
#include "unbound/line.h"

struct ps_events {
	struct ps_window *window;
	struct ps_spool *spool;
	struct ps_client_key key; /* of clients' addresses */
	uint64_t dropped;       /* decisions that found no room in the window */
	bool said;              /* that the spool fails */
};

/* False: there are none, which happens in the first seconds of a machine. */
static bool draw_key(struct ps_hash_key *key)
{
	return getrandom(key, sizeof(*key), GRND_NONBLOCK) == (ssize_t)sizeof(*key);
}

/* --- a worker's ------------------------------------------------------------------------ */

void ps_events_equip(struct ps_worker *worker)
{
	struct ps_tally *tally = NULL;
	struct ps_hash_key key = {0, 0};

	/* Without a secret an attacker could choose names that collide: slower, never wrong. */
	(void)draw_key(&key);
	if (ps_tally_create(&tally, key) == PS_OK)
		atomic_store_explicit(&worker->tally, tally, memory_order_release);
}

static struct ps_address client_of(const struct module_qstate *qstate)
{
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	struct ps_address out = {0};

	if (reply != NULL)
		(void)ps_reply_address(reply, &out);
	return out;
}

/* What the tally may hold of the client: the network alone where that is all that is kept, so
 * that two clients of one network are no difference. A hash is made when the day's key is at
 * hand, by the watcher. */
static struct ps_address kept_client(
    const struct ps_generation *generation, const struct module_qstate *qstate)
{
	struct ps_address address = {0};

	if (generation->event_client == PS_CLIENT_NONE)
		return address;
	address = client_of(qstate);
	if (generation->event_client == PS_CLIENT_PREFIX) {
		struct ps_client client =
		    ps_client_reduce(PS_CLIENT_PREFIX, &address, (struct ps_hash_key){0, 0});

		memcpy(address.bytes, client.bytes, sizeof(address.bytes));
	}
	return address;
}

static void note(struct ps_worker *worker, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now)
{
	struct ps_tally *tally = atomic_load_explicit(&worker->tally, memory_order_relaxed);

	ps_count(worker, PS_COUNT(events));
	if (tally == NULL || !ps_tally_note(tally, key, facts, now))
		ps_count(worker, PS_COUNT(events_dropped));
}

/* What made a rule about answers hold: the answer's fact of that index. */
static void set_found(
    struct ps_tally_facts *facts, const struct ps_answer_facts *answer, uint32_t index)
{
	const struct ps_fact *fact;

	_Static_assert(PS_FOUND_TARGET == PS_FACT_TARGET + 1 && PS_FOUND_ADDRESS == PS_FACT_ADDRESS + 1 &&
	                   PS_FOUND_SERVER == PS_FACT_SERVER_NAME + 1 &&
	                   PS_FOUND_SERVER_ADDRESS == PS_FACT_SERVER_ADDRESS + 1 &&
	                   PS_FOUND_KIND_COUNT == PS_FACT_KIND_COUNT + 1,
	    "one more");
	facts->found = PS_FOUND_NONE;
	facts->found_octets = (struct ps_bytes){0};
	if (answer == NULL || index >= answer->count)
		return;
	fact = &answer->facts[index];
	facts->found = (enum ps_found_kind)(fact->kind + 1);
	facts->found_octets = ps_fact_is_name(fact->kind)
	    ? ps_found_octets_of_name(fact->name)
	    : ps_found_octets_of_address(&fact->address);
}

/* Names of a flood differ in their first labels: what they have in common is what is listed, or
 * else, nearly always, the last two. */
static uint8_t zone_of(struct ps_name name, const struct ps_tally_facts *facts)
{
	if (facts->entry != PS_INDEX_NONE && !facts->found_listed)
		return facts->labels;
	return name.labels < 2 ? name.labels : 2;
}

void ps_events_note(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, struct ps_name name, const struct ps_verdict *verdict,
    const struct ps_answer_facts *answer, uint32_t group)
{
	const struct timeval *tv = qstate->env->now_tv;
	uint64_t now = (uint64_t)tv->tv_sec * 1000 + (uint64_t)tv->tv_usec / 1000;
	struct ps_tally_key key = {.name = name, .generation = generation->number, .group = group};
	struct ps_tally_facts facts = {.type = qstate->qinfo.qtype,
	    .score = verdict->likeness.score,
	    .technique = (uint8_t)(verdict->likeness.score > 0 ? verdict->likeness.technique : 0),
	    .brand = verdict->likeness.score > 0 ? verdict->likeness.brand : PS_INDEX_NONE,
	    .row = PS_INDEX_NONE,
	    .entry = PS_INDEX_NONE};

	facts.client = kept_client(generation, qstate);
	facts.zone = zone_of(key.name, &facts);
	key.trial = true;
	for (uint32_t i = 0; i < verdict->shadow_count && i < PS_VERDICT_SHADOWS_MAX; i++) {
		key.rule = verdict->shadow[i];
		set_found(&facts, answer, verdict->shadow_fact[i]);
		note(worker, &key, &facts, now);
		if (ps_line_is_wanted(false))
			ps_line_write(generation, qstate, answer, verdict->shadow[i],
			    verdict->shadow_fact[i], true);
	}
	if (verdict->rule == PS_INDEX_NONE || verdict->action == PS_ACTION_PASS)
		return;
	key.trial = false;
	key.rule = verdict->rule;
	facts.row = verdict->evidence.row;
	facts.entry = verdict->evidence.entry;
	facts.labels = verdict->evidence.labels;
	facts.found_listed = verdict->evidence.of_answer;
	facts.zone = zone_of(key.name, &facts);
	set_found(&facts, answer, verdict->fact);
	note(worker, &key, &facts, now);
	if (ps_line_is_wanted(verdict->action == PS_ACTION_LOG))
		ps_line_write(generation, qstate, answer, verdict->rule, verdict->fact, false);
}

/* --- the watcher's: from numbers to events ------------------------------------------------ */

struct ps_events *ps_events_create(const char *folder)
{
	struct ps_events *events = calloc(1, sizeof(*events));

	if (events == NULL || ps_window_create(&events->window) != PS_OK ||
	    ps_spool_create(&events->spool, folder) != PS_OK) {
		ps_events_destroy(events);
		return NULL;
	}
	return events;
}

void ps_events_destroy(struct ps_events *events)
{
	if (events == NULL)
		return;
	ps_spool_destroy(events->spool);
	ps_window_destroy(events->window);
	free(events);
}

/* A likeness says more than a list, and a list more than a pattern: as `postshield scan`. */
static enum ps_event_kind kind_of(const struct ps_snapshot *snapshot, struct ps_rule_view rule)
{
	bool listed = false, pattern = false;

	for (uint32_t i = 0; i < rule.condition_count; i++) {
		enum ps_condition_kind kind =
		    ps_snapshot_condition(snapshot, rule.first_condition + i).kind;

		if (kind == PS_CONDITION_LOOKALIKE)
			return PS_EVENT_KIND_LOOKALIKE;
		listed |= kind == PS_CONDITION_NAMES || kind == PS_CONDITION_LISTED ||
		          kind == PS_CONDITION_ADDRESSES;
		pattern |= kind == PS_CONDITION_PATTERN;
	}
	return listed ? PS_EVENT_KIND_LISTED : pattern ? PS_EVENT_KIND_PATTERN : PS_EVENT_KIND_NONE;
}

static void set_text(char out[PS_EVENT_TEXT_MAX + 1], const char *text)
{
	(void)snprintf(out, PS_EVENT_TEXT_MAX + 1, "%s", text);
}

/* The row's number among its entry's is what finds its line in the snapshot's text. Of what stands
 * under a name it is told only where that is the listed one: then it lists all of them. */
static void set_listing(struct ps_event *event, const struct ps_snapshot *snapshot,
    const struct ps_tally_entry *entry)
{
	struct ps_name name = entry->key.name;
	struct ps_row row;
	struct ps_hits hits;

	if (entry->facts.row == PS_INDEX_NONE ||
	    (entry->key.subtree &&
	        (entry->facts.found_listed || entry->facts.labels != name.labels)))
		return;
	row = ps_snapshot_row(snapshot, entry->facts.row);
	event->category = row.category;
	event->confidence = row.confidence;
	event->tlp = row.tlp;
	if (row.kind == PS_ROW_FEED)
		set_text(event->feed, ps_snapshot_feed(snapshot, row.source).id);
	if (entry->facts.found_listed && !ps_found_is_name(event->found.kind))
		return; /* a prefix has no entry */
	if (entry->facts.found_listed)
		name = ps_found_name(&event->found);
	ps_snapshot_find(snapshot, name, &hits);
	for (uint32_t i = 0; i < hits.count; i++) {
		uint32_t number = entry->facts.row - hits.hit[i].first_row;

		if (hits.hit[i].entry != entry->facts.entry || number > UINT16_MAX)
			continue;
		event->entry = entry->facts.entry;
		event->row = (uint16_t)number;
		event->listed_labels = entry->facts.labels;
		event->found_listed = entry->facts.found_listed;
	}
}

struct gathering {
	struct ps_events *events;
	const struct ps_generation *current;
	const struct ps_generation *old;
	uint64_t now;
};

static void keep_for(struct ps_events *events, const struct ps_generation *generation)
{
	struct ps_events_plan plan = ps_snapshot_events(generation->snapshot);
	uint64_t mib = plan.keep_mib != 0 ? plan.keep_mib : PS_SPOOL_KEEP_DEFAULT_MIB;

	ps_spool_keep(events->spool, mib << 20);
}

/* The client, as far as it may be kept: without a key a hash is none. */
static struct ps_client client_for(
    struct gathering *g, const struct ps_generation *generation, const struct ps_address *address)
{
	enum ps_client_form form = generation->event_client;

	if (form == PS_CLIENT_HASH && !ps_client_key_renew(&g->events->key, g->now, draw_key))
		form = PS_CLIENT_NONE;
	return ps_client_reduce(form, address, g->events->key.key);
}

/* Who asked, what was found, what it looks like, what listed it. */
static void set_why(struct ps_event *event, const struct ps_snapshot *snapshot,
    const struct ps_tally_entry *entry)
{
	if (entry->key.group > 0)
		set_text(event->group_id, ps_snapshot_group(snapshot, entry->key.group - 1).id);
	event->found = ps_found_of(entry->facts.found, entry->facts.found_octets);
	if (entry->facts.brand != PS_INDEX_NONE && !entry->key.subtree) {
		event->technique = (enum ps_technique)entry->facts.technique;
		event->score = entry->facts.score;
		set_text(event->brand,
		    ps_tables_brand(ps_snapshot_tables(snapshot), entry->facts.brand).id);
	}
	set_listing(event, snapshot, entry);
}

static void take(void *ctx, const struct ps_tally_entry *entry)
{
	struct gathering *g = ctx;
	const struct ps_generation *generation =
	    g->old != NULL && g->old->number == entry->key.generation ? g->old : g->current;
	const struct ps_snapshot *snapshot;
	struct ps_rule_view rule;
	struct ps_event event;

	if (generation == NULL || generation->number != entry->key.generation) {
		g->events->dropped += entry->count; /* cannot be; and must not be lost in silence */
		return;
	}
	snapshot = generation->snapshot;
	rule = ps_snapshot_rule(snapshot, entry->key.rule);
	event = (struct ps_event){.first = entry->first,
	    .last = entry->last,
	    .count = entry->count,
	    .group = entry->key.group,
	    .subtree = entry->key.subtree,
	    .type = entry->facts.type,
	    .action = ps_snapshot_answer(snapshot, rule.answer).action,
	    .trial = entry->key.trial,
	    .kind = kind_of(snapshot, rule),
	    .ede = rule.ede_code,
	    .client = client_for(g, generation, &entry->facts.client),
	    .clients_differ = entry->clients_differ,
	    .entry = PS_EVENT_NO_ENTRY,
	    .name_len = entry->key.name.len};
	memcpy(event.name, entry->key.name.wire, entry->key.name.len);
	memcpy(event.snapshot, ps_snapshot_digest(snapshot), sizeof(event.snapshot));
	set_text(event.rule, rule.id);
	set_why(&event, snapshot, entry);
	if (!ps_window_add(g->events->window, &event, g->now))
		g->events->dropped += event.count;
}

static uint64_t milliseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

void ps_events_gather(struct ps_module *module, const struct ps_generation *old)
{
	struct gathering g = {.events = module->events,
	    .current = atomic_load(&module->current),
	    .old = old,
	    .now = milliseconds()};

	if (module->events == NULL)
		return;
	for (uint32_t i = 0; i < module->worker_max; i++) {
		struct ps_tally *tally =
		    atomic_load_explicit(&module->workers[i].tally, memory_order_acquire);

		if (tally != NULL)
			ps_tally_drain(tally, take, &g);
	}
}

/* --- the watcher's: from events to records --------------------------------------------------- */

struct sealing {
	struct ps_spool *spool;
	uint64_t now;
};

static void seal(void *ctx, struct ps_event *event)
{
	struct sealing *s = ctx;

	ps_spool_put(s->spool, event, s->now);
}

static void say(struct ps_module *module)
{
	struct ps_events *events = module->events;
	const struct ps_error *failure = ps_spool_failure(events->spool);
	char words[600];

	if ((failure != NULL) == events->said)
		return;
	events->said = failure != NULL;
	if (failure == NULL) {
		ps_say(&module->say, PS_SAY_INFO, "events are kept again");
		return;
	}
	ps_error_format(failure, words, sizeof(words));
	ps_say(&module->say, PS_SAY_WARNING, "events are dropped and counted: %s", words);
}

void ps_events_write(struct ps_module *module, bool all)
{
	struct ps_events *events = module->events;
	const struct ps_generation *current = atomic_load(&module->current);
	struct sealing s = {.now = milliseconds()};

	if (events == NULL)
		return;
	ps_events_gather(module, NULL);
	if (current != NULL)
		keep_for(events, current);
	s.spool = events->spool;
	ps_window_seal(events->window, all, s.now, seal, &s);
	ps_spool_flush(events->spool);
	say(module);
}

void ps_events_tell(const struct ps_module *module, struct ps_counters_state *state)
{
	const struct ps_events *events = module->events;
	struct ps_spool_counts counts;

	state->events_open = 0;
	state->events_failing = events == NULL;
	if (events == NULL)
		return;
	counts = ps_spool_counts(events->spool);
	state->events_dropped = events->dropped + counts.dropped;
	state->events_open = ps_window_open_decisions(events->window);
	state->events_failing = ps_spool_failure(events->spool) != NULL;
	state->event_records = counts.records;
	state->event_records_removed = counts.removed_records;
	state->event_segments_removed = counts.removed_segments;
	state->event_spool_octets = counts.octets;
}
