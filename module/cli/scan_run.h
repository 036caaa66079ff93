/* What `scan` and `diff` share: what names are judged by, the options of both, an end by
 * Ctrl-C, and what is told of lines that hold no name.
 *
 * Ownership: clear a struct ps_scan_judge and a struct ps_scan_run in any case.
 * Threads: one at a time, but for the crew that a run starts.
 */
#ifndef PS_CLI_SCAN_RUN_H
#define PS_CLI_SCAN_RUN_H

#include "cli/basis.h"
#include "cli/scan_crew.h"

/* What names are judged by, ready for it. */
struct ps_scan_judge {
	struct ps_basis basis;
	struct ps_matcher *matcher;
	unsigned client; /* the class of --client */
};

struct ps_scan_run {
	const struct ps_cli *cli;
	struct ps_progress progress;
	struct ps_scan_source source;
	struct ps_scan_crew crew;
	unsigned jobs;
	struct ps_address client; /* family 0: not said */
	struct ps_event_names *events; /* of --events; NULL: names come from files */
};

/* Reads --format, --events with --since, --jobs, --client and --now. */
PS_MUST_USE enum ps_status ps_scan_run_init(
    struct ps_scan_run *run, const struct ps_cli *cli, struct ps_error *err);
void ps_scan_run_clear(struct ps_scan_run *run);

/* By --policies, --snapshot, or the default policy. */
PS_MUST_USE enum ps_status ps_scan_judge_chosen(
    struct ps_scan_judge *judge, struct ps_scan_run *run, struct ps_error *err);
/* By what lies at path: a snapshot, or else a policy. */
PS_MUST_USE enum ps_status ps_scan_judge_path(struct ps_scan_judge *judge,
    struct ps_scan_run *run, const char *path, struct ps_error *err);
/* Judges the name as the client asks it. */
void ps_scan_judge_name(const struct ps_scan_judge *judge, const struct ps_scan_name *name,
    struct ps_scratch *scratch, struct ps_verdict *out);
void ps_scan_judge_clear(struct ps_scan_judge *judge);

/* Runs the crew, whose task is set, over the names of these files; tells of lines that hold
 * none. */
PS_MUST_USE enum ps_status ps_scan_run_files(struct ps_scan_run *run,
    const char *const *files, size_t file_count, struct ps_error *err);

/* Lines that hold no name. */
uint64_t ps_scan_run_faults(const struct ps_scan_run *run);

/* Whether Ctrl-C ended it; and then ends the program as it would have, so that whoever
 * started it sees what ended it. */
bool ps_scan_run_interrupted(void);
void ps_scan_run_raise(void);

#endif
