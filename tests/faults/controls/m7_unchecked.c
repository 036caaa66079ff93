/* Negative control of RELIABILITY M7: on the way of every swap, one allocation whose result
 * nobody looks at. */
#include "unbound/worker.h"

#include <stdlib.h>

enum ps_status __real_ps_generation_create(struct ps_generation **out, /* NOLINT: ld --wrap */
    struct ps_snapshot *snapshot, uint64_t number, uint32_t workers,
    struct ps_error *err);
enum ps_status __wrap_ps_generation_create(struct ps_generation **out, /* NOLINT */
    struct ps_snapshot *snapshot, uint64_t number, uint32_t workers,
    struct ps_error *err);

enum ps_status __wrap_ps_generation_create(struct ps_generation **out,
    struct ps_snapshot *snapshot, uint64_t number, uint32_t workers,
    struct ps_error *err)
{
	volatile char *words = malloc(64);

	words[0] = '\0';
	free((void *)words);
	return __real_ps_generation_create(out, snapshot, number, workers, err);
}
