/* Events that are still open: what the workers noted about one name, rule and client group
 * within PS_WINDOW_MS, put together before it is sealed in the spool.
 *
 * It also keeps the flood out. An event is opened only while there is room and while the octets
 * of its record fit into PS_WINDOW_OCTETS_A_MINUTE; sealed are at most PS_WINDOW_EVENTS_A_SECOND.
 * What an open event counts already costs neither. What is not opened is dropped, and counted in
 * decisions. (Token buckets: of a rate r and a depth b, no stretch t sees more than b + rt.)
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

struct ps_window;

PS_MUST_USE enum ps_status ps_window_create(struct ps_window **out);
void ps_window_destroy(struct ps_window *window);

/* Adds event's count to the open one of the same name, rule, group and trial, or opens it.
 * False: neither; its count is dropped. now: milliseconds since 1970. */
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
