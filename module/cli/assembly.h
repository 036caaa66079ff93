/* A snapshot made in memory from a plan and its feeds as they are now: what `build` would
 * write where there is no last snapshot. Nothing is held back, nothing is written.
 *
 * Ownership: init/clear on the caller's storage; the plan must outlive it.
 * Threads: one at a time.
 */
#ifndef PS_CLI_ASSEMBLY_H
#define PS_CLI_ASSEMBLY_H

#include "cli/intake.h"

struct ps_assembly {
	struct ps_guard *guard;
	struct ps_builder *builder;
	struct ps_intake *intakes; /* one a feed; a state of EMPTY: it could not be read */
	struct ps_buffer suffixes;
	struct ps_buffer image;
	struct ps_snapshot *snapshot; /* opened whole */
};

/* A feed that cannot be read is no error: its intake says so. Errors: those of the
 * build; clear in any case. */
PS_MUST_USE enum ps_status ps_assembly_make(struct ps_assembly *out, const struct ps_plan *plan,
    struct ps_progress *progress, uint32_t now, struct ps_error *err);
void ps_assembly_clear(struct ps_assembly *assembly);

#endif
