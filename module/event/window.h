/* Events that are still open: what the workers noted about one name, rule and client group
 * within PS_WINDOW_MS, put together before it is sealed in the spool.
 *
 * It also keeps the flood out. An event is opened only while there is room and while the octets
 * of its record fit into PS_WINDOW_OCTETS_A_MINUTE; sealed are at most PS_WINDOW_EVENTS_A_SECOND.
 * What an open event counts already costs neither. What is not opened is dropped, and counted in
 * decisions. (Token buckets: of a rate r and a depth b, no stretch t sees more than b + rt.)
 *
 * Nor may a flood take all of the room. Half of the events and of the octets is for whoever comes
 * first; of the rest a rule has PS_WINDOW_RULE_OCTETS for a client group and mode, and what stands
 * under one zone (ps_event_zone()) one event or PS_WINDOW_ZONE_OCTETS of those. What comes beyond
 * that is one event with a count, of the zone or, where that has no room, of the root
 * (ps_event_widen()). So what a flood of names under one listed zone costs is that zone's share, and
 * something is dropped only when many rules are flooded at once.
 *
 * Threads: one at a time: the watcher. Time is given, not asked.
 */
#ifndef PS_EVENT_WINDOW_H
#define PS_EVENT_WINDOW_H

#include "event/event.h"

#define PS_WINDOW_MS 5000u
#define PS_WINDOW_EVENTS 1000u
#define PS_WINDOW_OCTETS_A_MINUTE 1000000u
#define PS_WINDOW_EVENTS_A_SECOND 1000u
#define PS_WINDOW_RULE_OCTETS 8500u
#define PS_WINDOW_ZONE_OCTETS 500u

struct ps_window;

PS_MUST_USE enum ps_status ps_window_create(struct ps_window **out);
void ps_window_destroy(struct ps_window *window);

/* Adds event's count to the open one of the same name, rule, group and trial, or opens it, or adds
 * it to that of all names under its zone. False: none of it; its count is dropped. now:
 * milliseconds since 1970. */
PS_MUST_USE bool ps_window_add(
    struct ps_window *window, const struct ps_event *event, uint64_t now);

/* Hands on, oldest first, every event that has been open for PS_WINDOW_MS (all: every one) and
 * closes it. Those above the rate a second stay open until the next time. */
void ps_window_seal(struct ps_window *window, bool all, uint64_t now,
    void (*take)(void *ctx, struct ps_event *event), void *ctx);

/* Events open, and their decisions. */
size_t ps_window_open_events(const struct ps_window *window);
uint64_t ps_window_open_decisions(const struct ps_window *window);

#endif
