/* What only Unbound's own threads may do: write to its log, and go over its cache.
 *
 * The watcher lives on while Unbound reloads, and nothing tells it when: the main thread ends the
 * workers, and then frees or replaces what the watcher would look at (the message cache, when its
 * size has changed; the log's identity) without a lock and without a word to any module. A look
 * whether workers are there, and then a look into the cache, are two looks. So the first worker
 * that comes by adds an event of ours to its own loop (util/ub_event.h), and does such work
 * there, in steps between its queries. When it has ended, so have its loop and all of our work.
 *
 * Until a worker came by (none did since the start, or since a reload that kept the cache), or
 * where Unbound has no libevent (its own loop calls only functions that it knows), the watcher
 * goes over the cache itself, as long as there are workers.
 */
#ifndef PS_UNBOUND_ERRAND_H
#define PS_UNBOUND_ERRAND_H

#include <stdatomic.h>
#include <stdbool.h>

#include "unbound/compat.h"

struct ps_module;
struct ps_sweep;

struct ps_errand {
	int knock_fd; /* eventfd: there is work; -1: there is no way to ask a worker */
	int done_fd;  /* eventfd: the sweep is done */
	struct ub_event *event; /* in the loop of the worker that came first */
	_Atomic bool taken;     /* by a worker, or one tried */
	_Atomic bool ready;     /* the event is in its loop */
	_Atomic(struct ps_sweep *) sweep; /* what the worker goes on with; NULL: nothing */
};

/* In init; without descriptors there will be no errands. */
void ps_errand_open(struct ps_errand *errand);

/* In deinit, when no worker runs. */
void ps_errand_close(struct ps_errand *errand);

/* Of a worker that comes by for the first time, whose environment env is: adds the event
 * when it is the first of all. */
void ps_errand_join(struct ps_module *module, const struct module_env *env);

/* Asks the worker to look what there is. Any thread. */
void ps_errand_knock(struct ps_errand *errand);

/* Has a worker go over the cache, and waits for it; false: there is none that could, nothing was
 * done. Ends early, and the sweep is the caller's again, when the module is to end. */
bool ps_errand_sweep(struct ps_module *module, struct ps_sweep *sweep);

#endif
