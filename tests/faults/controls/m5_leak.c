/* Negative control of RELIABILITY M5: what is replaced is never given back. */
#include "unbound/worker.h"

void __wrap_ps_generation_destroy(struct ps_generation *generation); /* NOLINT: ld --wrap */

void __wrap_ps_generation_destroy(struct ps_generation *generation)
{
	(void)generation;
}
