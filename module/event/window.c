#include "event/window.h"

#include <stdlib.h>

#define PLACES 2048u /* a power of 2, over twice PS_WINDOW_EVENTS */

/* Depth and rate, so that the deepest burst and what comes in a minute, with the window's length
 * and a late tick on top, are the promised sum. */
#define OCTETS_DEPTH 400000u
#define OCTETS_A_SECOND 8500u
#define SEALED_DEPTH (PS_WINDOW_EVENTS_A_SECOND / 2)
#define SEALED_A_SECOND (PS_WINDOW_EVENTS_A_SECOND / 2)
_Static_assert(OCTETS_DEPTH + OCTETS_A_SECOND * 70 <= PS_WINDOW_OCTETS_A_MINUTE, "rate");

/* In thousandths, so that a millisecond's share is whole. */
struct bucket {
	uint64_t depth;
	uint64_t rate;
	uint64_t level;
	uint64_t filled; /* when, in milliseconds */
};

struct slot {
	struct ps_event event; /* with subtree it may count nothing yet, and is then no event */
	uint64_t opened;       /* by now as it was given: first may be older */
	uint32_t inside; /* with subtree: octets of what was opened under it since room was short */
};

struct ps_window {
	struct bucket octets;
	struct bucket sealed;
	uint32_t count;
	uint64_t decisions;
	uint16_t places[PLACES]; /* number of a slot + 1; 0: free */
	struct slot slots[PS_WINDOW_EVENTS]; /* in the order in which they were opened */
};

/* --- buckets ------------------------------------------------------------------------------ */

static struct bucket full_bucket(uint64_t depth, uint64_t rate)
{
	return (struct bucket){.depth = depth * 1000, .rate = rate, .level = depth * 1000};
}

static void fill(struct bucket *bucket, uint64_t now)
{
	uint64_t passed = now > bucket->filled ? now - bucket->filled : 0;
	uint64_t room = bucket->depth - bucket->level;

	/* A clock that was set back begins anew from there, and gives nothing for it. */
	bucket->filled = now;
	bucket->level += passed > room / bucket->rate ? room : passed * bucket->rate;
}

static bool take_from(struct bucket *bucket, uint64_t amount)
{
	if (bucket->level < amount * 1000)
		return false;
	bucket->level -= amount * 1000;
	return true;
}

/* --- the table ------------------------------------------------------------------------------ */

enum ps_status ps_window_create(struct ps_window **out)
{
	struct ps_window *window = calloc(1, sizeof(*window));

	if (window == NULL)
		return PS_NO_MEMORY;
	window->octets = full_bucket(OCTETS_DEPTH, OCTETS_A_SECOND);
	window->sealed = full_bucket(SEALED_DEPTH, SEALED_A_SECOND);
	*out = window;
	return PS_OK;
}

void ps_window_destroy(struct ps_window *window)
{
	free(window);
}

/* Without a secret: what comes here went through a table with one, at most so many a second,
 * and the longest search is a thousand steps by a thread that has time. */
static uint32_t place_of(const struct ps_event *event)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < event->name_len; i++)
		hash = (hash ^ event->name[i]) * 16777619u;
	for (const char *p = event->rule; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 16777619u;
	hash = (hash ^ event->group ^ event->trial ^ (uint32_t)event->subtree << 1) * 16777619u;
	return (hash ^ hash >> 16) & (PLACES - 1);
}

static bool is_same(const struct ps_event *a, const struct ps_event *b)
{
	return a->group == b->group && a->trial == b->trial && a->action == b->action &&
	       a->subtree == b->subtree &&
	       a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0 &&
	       strcmp(a->rule, b->rule) == 0;
}

/* Where event stands, or the free place where it would. */
static uint32_t find(const struct ps_window *window, const struct ps_event *event)
{
	uint32_t place = place_of(event);

	while (window->places[place] != 0 &&
	       !is_same(&window->slots[window->places[place] - 1].event, event))
		place = (place + 1) & (PLACES - 1);
	return place;
}

static void join(struct ps_event *to, const struct ps_event *from)
{
	to->count += from->count;
	if (from->first < to->first)
		to->first = from->first;
	if (from->last > to->last)
		to->last = from->last;
	to->clients_differ |=
	    from->clients_differ || !ps_client_equal(&to->client, &from->client);
}

/* A place for event, at which it counts what it says; NULL: there is none. */
static struct slot *open_slot(struct ps_window *window, const struct ps_event *event, uint64_t now)
{
	uint32_t place = find(window, event);
	struct slot *slot;

	if (window->count == PS_WINDOW_EVENTS)
		return NULL;
	slot = &window->slots[window->count++];
	*slot = (struct slot){.event = *event, .opened = now};
	window->places[place] = (uint16_t)window->count;
	return slot;
}

/* False: the octets of a record that only this decision makes needed are not there. */
static bool count_in(struct ps_window *window, struct slot *slot, const struct ps_event *event)
{
	if (slot->event.count > UINT32_MAX - event->count)
		return false;
	if (slot->event.count == 0) {
		if (!take_from(&window->octets, ps_event_size(&slot->event)))
			return false;
		slot->event.first = event->first;
		slot->event.last = event->last;
		slot->event.type = event->type;
		slot->event.client = event->client;
		slot->event.clients_differ = event->clients_differ;
		slot->event.count = event->count;
	} else {
		join(&slot->event, event);
	}
	window->decisions += event->count;
	return true;
}

/* --- in a flood ----------------------------------------------------------------------------- */

static bool is_short_of_room(const struct ps_window *window, size_t size)
{
	return window->count >= PS_WINDOW_EVENTS / 2 ||
	       window->octets.level < window->octets.depth / 2 + size * 1000;
}

/* The one of all names under event's last labels; where there is none, a new one that counts
 * nothing, if that may be. NULL: neither. */
static struct slot *subtree_of(struct ps_window *window, const struct ps_event *event,
    uint8_t labels, bool may_open, uint64_t now)
{
	struct ps_event wide = *event;
	uint32_t place;

	ps_event_widen(&wide, labels);
	wide.count = 0;
	place = find(window, &wide);
	if (window->places[place] != 0)
		return &window->slots[window->places[place] - 1];
	return may_open ? open_slot(window, &wide, now) : NULL;
}

/* Has rule so many octets left? */
static bool has_room(const struct slot *rule, size_t size)
{
	return rule->inside + size <= PS_WINDOW_RULE_OCTETS;
}

/* An event of its own for one name, in its zone's and its rule's share; NULL: they are used up. */
static struct slot *open_own(struct ps_window *window, struct slot *rule, struct slot *zone,
    const struct ps_event *event, uint64_t now)
{
	uint32_t size = (uint32_t)ps_event_size(event);
	struct slot *own;

	if (event->subtree || !has_room(rule, size) ||
	    (zone->inside > 0 && zone->inside + size > PS_WINDOW_ZONE_OCTETS) ||
	    window->octets.level < (uint64_t)size * 1000)
		return NULL;
	own = open_slot(window, event, now);
	if (own == NULL)
		return NULL;
	own->event.count = 0;
	zone->inside += size;
	if (zone != rule)
		rule->inside += size;
	return own;
}

static bool add_in_a_flood(struct ps_window *window, const struct ps_event *event, uint64_t now)
{
	struct slot *rule = subtree_of(window, event, 0, true, now), *zone, *own;
	size_t size;

	if (rule == NULL)
		return false;
	size = ps_event_size(event);
	zone = subtree_of(window, event, ps_event_zone(event), has_room(rule, size), now);
	if (zone == NULL)
		return count_in(window, rule, event);
	own = open_own(window, rule, zone, event, now);
	if (own != NULL)
		return count_in(window, own, event);
	size = ps_event_size(&zone->event);
	if (zone->event.count > 0 || zone == rule)
		return count_in(window, zone, event);
	/* A record of the zone is of its rule's share as well. */
	if (!has_room(rule, size) || !count_in(window, zone, event))
		return count_in(window, rule, event);
	rule->inside += (uint32_t)size;
	return true;
}

bool ps_window_add(struct ps_window *window, const struct ps_event *event, uint64_t now)
{
	uint32_t place = find(window, event);
	struct slot *slot;

	if (window->places[place] != 0)
		return count_in(window, &window->slots[window->places[place] - 1], event);
	fill(&window->octets, now);
	if (is_short_of_room(window, ps_event_size(event)))
		return add_in_a_flood(window, event, now);
	slot = open_slot(window, event, now);
	slot->event.count = 0;
	return count_in(window, slot, event);
}

/* Those that stay move down, and are found at their new numbers. */
static void drop_first(struct ps_window *window, uint32_t closed)
{
	if (closed == 0)
		return;
	window->count -= closed;
	memmove(window->slots, window->slots + closed, window->count * sizeof(window->slots[0]));
	memset(window->places, 0, sizeof(window->places));
	for (uint32_t i = 0; i < window->count; i++)
		window->places[find(window, &window->slots[i].event)] = (uint16_t)(i + 1);
}

void ps_window_seal(struct ps_window *window, bool all, uint64_t now,
    void (*take)(void *ctx, struct ps_event *event), void *ctx)
{
	uint32_t closed = 0;

	fill(&window->sealed, now);
	for (; closed < window->count; closed++) {
		struct slot *slot = &window->slots[closed];
		bool due = all || now < slot->opened || now - slot->opened >= PS_WINDOW_MS;

		if (!due)
			break;
		if (slot->event.count == 0)
			continue; /* nothing came that had no room of its own */
		if (!take_from(&window->sealed, 1) && !all)
			break;
		window->decisions -= slot->event.count;
		take(ctx, &slot->event);
	}
	drop_first(window, closed);
}

size_t ps_window_open_events(const struct ps_window *window)
{
	size_t count = 0;

	for (uint32_t i = 0; i < window->count; i++)
		count += window->slots[i].event.count > 0;
	return count;
}

uint64_t ps_window_open_decisions(const struct ps_window *window)
{
	return window->decisions;
}
