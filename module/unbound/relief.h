/* Relief in the resolver: relief.ps of the state folder becomes part of the generation that
 * judges, so that a query pays nothing for it but what its matcher asks.
 *
 * A change of the file, and an end that has come, make a new generation around the same
 * snapshot, which is activated as a new snapshot is: what was cached and is blocked again is
 * removed, and what is under way is judged anew. Ends hold by the second of the query even
 * when no thread of ours runs.
 *
 * Threads: the watcher's (and the main thread's in init).
 */
#ifndef PS_UNBOUND_RELIEF_H
#define PS_UNBOUND_RELIEF_H

#include <sys/stat.h>

#include "unbound/worker.h"
#include "verdict/relief.h"

struct ps_reliefs {
	struct ps_relief relief; /* what holds */
	struct stat seen;
	bool seen_valid;
};

struct ps_module;

/* Reads the file when it is another one than before, drops what has ended, says in the log what
 * began and what ended. True: what holds has changed. */
bool ps_reliefs_look(struct ps_module *module);

/* Gives a generation that nobody else sees yet what holds. When there is no memory it says so,
 * and the policy holds. */
void ps_reliefs_equip(struct ps_module *module, struct ps_generation *generation);

/* A generation around the snapshot of the current one, with what holds now; the current one
 * does not own the snapshot any more. NULL: there is no current one, or no memory. */
struct ps_generation *ps_reliefs_renew(struct ps_module *module);

/* For the counters file. */
void ps_reliefs_tell(const struct ps_module *module, struct ps_counters_state *state);

#endif
