/* Negative control: what was cached before a snapshot came stays. */
#include "unbound/module.h"

uint64_t __wrap_ps_cache_expire(struct ps_module *module, /* NOLINT: ld --wrap */
    const struct ps_generation *generation, struct ps_scratch *scratch, uint32_t now);

uint64_t __wrap_ps_cache_expire(struct ps_module *module,
    const struct ps_generation *generation, struct ps_scratch *scratch, uint32_t now)
{
	(void)module;
	(void)generation;
	(void)scratch;
	(void)now;
	return 0;
}
