/* The guard of feeds as a plan wants it: its never, official and popular names, the
 * hosts of feeds' publishers and of its own answers.
 *
 * Threads: one at a time; see feed/guard.h for the guard itself.
 */
#ifndef PS_CLI_PLAN_GUARD_H
#define PS_CLI_PLAN_GUARD_H

#include "feed/guard.h"
#include "policy/plan.h"

/* Errors: PS_NO_MEMORY, PS_NOT_FOUND (there is no public suffix list). */
PS_MUST_USE enum ps_status ps_plan_guard_create(
    struct ps_guard **out, const struct ps_plan *plan, struct ps_error *err);

#endif
