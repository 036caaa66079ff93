/* The module as a whole: what init makes and deinit ends.
 *
 * One struct ps_module an Unbound configuration load; all threads share it through
 * dynlibmod_env.dyn_env. What a query touches is read-only or belongs to its thread.
 *
 * Threads: workers (ps_module_worker, ps_worker_enter/leave), the watcher (all that
 * stands under "the watcher's"), and the main thread in init and deinit, when no
 * worker runs. The watcher, which lives on while Unbound reloads, leaves its log lines (say.h)
 * and the cache (errand.h) to the others.
 */
#ifndef PS_UNBOUND_MODULE_H
#define PS_UNBOUND_MODULE_H

#include <pthread.h>
#include <sys/stat.h>

#include "unbound/compat.h"
#include "unbound/errand.h"
#include "unbound/relief.h"
#include "unbound/say.h"
#include "unbound/worker.h"

#define PS_SNAPSHOT_FILE "snapshot.ps"

struct ps_module {
	struct module_env *env;
	uint64_t serial;      /* tells this load from an earlier one in the same process */
	char folder[4096];    /* the state folder */
	char snapshot_path[4096 + 16];
	_Atomic(struct ps_generation *) current; /* NULL: nothing good was found yet */
	_Atomic(const struct daemon *) daemon; /* NULL: no worker has come by */
	_Atomic uint32_t worker_count;
	struct ps_say say; /* what the watcher has for the log */
	struct ps_errand errand;
	_Atomic uint64_t resident; /* octets of the active snapshot */
	_Atomic uint64_t unjudged_crowd; /* queries of threads over worker_max */
	_Atomic uint64_t unjudged_unexpected; /* events that cannot be */
	uint32_t worker_max;
	struct ps_worker *workers;

	/* The watcher's. */
	pthread_t thread;
	bool thread_runs;
	int wake_fd;    /* eventfd: deinit says stop */
	_Atomic bool stopping; /* likewise, to one that naps between bursts of work */
	int inotify_fd; /* -1: then the folder is asked once a second */
	int inotify_watch;
	bool seen_valid; /* the file last looked at, good or bad */
	struct stat seen;
	bool missing_said; /* its absence is logged once */
	bool status_said;  /* that the status file cannot be written, likewise */
	uint64_t sweep_at; /* microseconds: when the cache is looked at once more; 0: never */
	uint32_t next_start; /* Unix seconds: when a row of the active snapshot begins to hold */
	struct ps_counters_state state;
	uint64_t written_sum; /* of what the last status file said */
	uint64_t written_at;
	struct past_hits *past; /* hits under earlier generations: status.c */
	size_t past_count;
	size_t past_capacity;
	struct ps_reliefs reliefs;
	struct ps_events *events; /* NULL: no memory, none are kept */
};

/* NULL when there is no memory: the caller then lets every query through. */
struct ps_module *ps_module_create(struct module_env *env);

/* Ends the watcher and frees everything. No worker may run. NULL is allowed. */
void ps_module_destroy(struct ps_module *module);

/* This thread's worker, whose environment env is; NULL when there are more than
 * worker_max. */
struct ps_worker *ps_module_worker(struct ps_module *module, const struct module_env *env);

size_t ps_module_memory(struct ps_module *module);

/* --- watcher.c ---------------------------------------------------------------- */

/* Looks for a snapshot at once, in the caller's thread; then, unless that is
 * impossible, starts the watching thread. Says in the log what it did. */
void ps_watcher_start(struct ps_module *module);
void ps_watcher_stop(struct ps_module *module);

/* --- expire.c ----------------------------------------------------------------- */

/* Removes every cached answer for a name that generation blocks, in short steps, by a worker or,
 * where errand.h says so, in this thread. Returns how many. Takes the cache's locks in Unbound's
 * own order, a bin's for no longer than it takes to copy its questions. Ends early when a
 * reload has begun: the module that Unbound loads next looks through what is left.
 * UINT64_MAX: no memory, nothing was done. */
uint64_t ps_cache_expire(struct ps_module *module,
    const struct ps_generation *generation, struct ps_scratch *scratch, uint32_t now);

/* The next few bins; false: those were the last. Who calls it sees to it that the cache stays. */
bool ps_sweep_step(struct ps_sweep *sweep);

/* --- status.c ----------------------------------------------------------------- */

/* Replaces the counters file when something changed or it is ten seconds old. */
void ps_status_write(struct ps_module *module, bool force);
/* Adds the counts of a generation that ends to the past ones. */
void ps_status_keep(struct ps_module *module, const struct ps_generation *generation);

#endif
