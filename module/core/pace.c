#include "core/pace.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define BURST 100000u /* nanoseconds */
#define NAP 50000u    /* the timer adds as much: a thread works for about half of its time */

/* initial-exec: otherwise glibc allocates this at a thread's first use, and ends the
 * process when it cannot. */
static __attribute__((tls_model("initial-exec"))) _Thread_local struct {
	const _Atomic bool *hurry;
	uint64_t woke; /* nanoseconds */
	bool begun;
} pace;

static uint64_t now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void ps_pace_begin(const _Atomic bool *hurry)
{
	pace.hurry = hurry;
	pace.woke = now();
	pace.begun = true;
}

void ps_pace(void)
{
	struct timespec nap = {.tv_nsec = NAP};

	if (!pace.begun || now() - pace.woke < BURST ||
	    (pace.hurry != NULL && atomic_load_explicit(pace.hurry, memory_order_relaxed)))
		return;
	(void)nanosleep(&nap, NULL);
	pace.woke = now();
}
