/* A policy being read by a command: its diagnostics shown on the error stream or as
 * JSON, its errors turned into an exit status.
 *
 * Ownership: a struct ps_diagnosis owns policy and diagnostics; clear it in any case.
 * Threads: one at a time.
 */
#ifndef PS_CLI_DIAGNOSIS_H
#define PS_CLI_DIAGNOSIS_H

#include "cli/cli.h"
#include "cli/fact.h"

struct ps_diagnosis {
	const char *path;
	struct ps_policy *policy; /* NULL: it has errors */
	struct ps_diagnostics *diagnostics;
	size_t errors;
	size_t warnings;
	json_t *list; /* diagnostics as JSON, when that was asked for */
	bool whole;   /* list lacks nothing */
};

/* Reads the policy at `given` (NULL: the default one) and shows what is said of it.
 * PS_OK: it can be used. PS_INVALID: it has errors, all shown; err untouched. Other
 * errors: err says. */
PS_MUST_USE enum ps_status ps_diagnosis_load(
    struct ps_diagnosis *out, const struct ps_cli *cli, const char *given, struct ps_error *err);

/* The same, but only errors are shown, always on the error stream: for commands to which
 * a warning is no news. */
PS_MUST_USE enum ps_status ps_diagnosis_load_quietly(
    struct ps_diagnosis *out, const struct ps_cli *cli, const char *given, struct ps_error *err);

/* The first, with texts in place of some files, and a dictionary (ps_policy_load_with()). */
PS_MUST_USE enum ps_status ps_diagnosis_load_with(struct ps_diagnosis *out,
    const struct ps_cli *cli, const char *given, const struct ps_overlay *overlays,
    size_t overlay_count, struct ps_bytes dictionary, struct ps_error *err);
void ps_diagnosis_clear(struct ps_diagnosis *diagnosis);

/* One more diagnostic, of the command itself. */
void ps_diagnosis_add(struct ps_diagnosis *diagnosis, const struct ps_cli *cli,
    const struct ps_diagnostic *diagnostic);

/* "2 errors, 1 warning in 3 files" on the error stream, if there is anything. */
void ps_diagnosis_close(const struct ps_diagnosis *diagnosis, const struct ps_cli *cli);

#endif
