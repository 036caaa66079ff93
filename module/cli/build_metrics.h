/* build.prom: what a build alone knows of its feeds, for whoever watches (contrib/monitoring).
 *
 * The snapshot holds no times, so that the same input makes the same bytes. So a build that
 * put a snapshot in its place writes beside it when that was, when it last took what each feed
 * offered, how often it could not, and when the feed's file was changed: in the format of
 * module.prom (event/counters.h). What the last build wrote is carried on.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_BUILD_METRICS_H
#define PS_CLI_BUILD_METRICS_H

#include "cli/intake.h"

#define PS_BUILD_METRICS_FILE "build.prom"

struct ps_build_metrics {
	const struct ps_intake *intakes;
	uint32_t count;
	uint32_t now;
	double seconds; /* that it took */
};

/* Replaces the file in the folder of the output, whole or not at all; does nothing for an
 * output that is not called snapshot.ps, which no resolver opens. A last file that cannot be
 * read counts as none. */
PS_MUST_USE enum ps_status ps_build_metrics_write(
    const struct ps_build_metrics *metrics, const char *output, struct ps_error *err);

#endif
