/* Log lines of threads that are not Unbound's.
 *
 * Unbound's log belongs to its own threads: a reload ends the workers, and then its main thread
 * changes what log_info() and its kin read (verbosity, the time's format, the identity, whose old
 * text it frees) without a lock. So the watcher only leaves its lines here, and the next
 * worker that has a query, or the main thread in init and deinit, writes them.
 */
#ifndef PS_UNBOUND_SAY_H
#define PS_UNBOUND_SAY_H

#include <stdatomic.h>
#include <stddef.h>

#include "unbound/compat.h"

#define PS_SAY_LINE_MAX 8192u /* octets of a line, with its NUL: two paths of any length */
#define PS_SAY_WAITING_MAX 64u /* lines that may wait; of more than that only the number is said */

enum ps_say_level { PS_SAY_INFO, PS_SAY_WARNING, PS_SAY_ERROR };

struct ps_say_line;

struct ps_say {
	_Atomic(struct ps_say_line *) waiting; /* newest first; NULL for nearly all queries */
	_Atomic uint32_t count;                /* of waiting */
	_Atomic uint64_t lost;                 /* for want of room or memory */
};

/* Leaves a line, without "postshield: ". Any thread. */
__attribute__((format(printf, 3, 4))) void ps_say(
    struct ps_say *say, enum ps_say_level level, const char *format, ...);

/* Writes what waits, oldest first; a line that waited for two seconds or more says so. Only one
 * of Unbound's own threads may. */
void ps_say_write(struct ps_say *say);

/* The same, for the query path: a look at one word. */
static inline void ps_say_write_some(struct ps_say *say)
{
	if (atomic_load_explicit(&say->waiting, memory_order_relaxed) != NULL)
		ps_say_write(say);
}

#endif
