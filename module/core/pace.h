/* Long work beside threads that must not wait: it is done in bursts, with a nap after each.
 *
 * A low priority alone does not do it. Once such a thread runs, the scheduler may leave it
 * its slice, some milliseconds, although a worker has an answer to give (Linux 6.6 and
 * later; at the tick in any case); and whoever waits for a lock that a thread without a
 * processor's time holds, waits as long. A thread that sleeps after a tenth of a
 * millisecond is in nobody's way, under whichever scheduler (tests/faults, M5).
 *
 * Threads: each has its own pace; without ps_pace_begin() it has none and never naps.
 */
#ifndef PS_CORE_PACE_H
#define PS_CORE_PACE_H

#include <stdatomic.h>
#include <stdbool.h>

/* The calling thread gives way from now on, until *hurry is set (NULL: always). hurry must
 * outlive the thread. */
void ps_pace_begin(const _Atomic bool *hurry);

/* Naps when the calling thread has worked for a burst since its last nap. For loops, every
 * ten microseconds or so; costs as much as reading the clock. */
void ps_pace(void);

/* ps_pace() at one number in many: for the counter of a loop with short rounds. */
static inline void ps_pace_each(unsigned long long counter)
{
	if ((counter & 1023u) == 1023u)
		ps_pace();
}

#endif
