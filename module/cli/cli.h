/* What every command is given, and what they share: the command line, both streams,
 * where things lie, and how a failure becomes an exit status.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_CLI_H
#define PS_CLI_CLI_H

#include "cli/options.h"
#include "cli/terminal.h"
#include "policy/policy.h"
#include "snapshot/snapshot.h"

#include <limits.h>

enum ps_exit {
	PS_EXIT_DONE = 0,
	PS_EXIT_FINDINGS = 1,
	PS_EXIT_USAGE = 2,  /* the policy, the input or the command line is wrong */
	PS_EXIT_SYSTEM = 3, /* an outside system failed */
};

struct ps_cli {
	const struct ps_options *options;
	struct ps_terminal out;
	struct ps_terminal err;
	char who[48]; /* "postshield build" */
};

/* Which exit status a failure has. */
enum ps_exit ps_exit_of(enum ps_status status);

/* Shows err on the error stream and returns the exit status of `status`, which is no
 * PS_OK. An err that was not filled gets the words of the status. */
enum ps_exit ps_cli_fail(
    const struct ps_cli *cli, enum ps_status status, const struct ps_error *err);

/* The same for a failure that has no error object (out of memory, mostly). */
enum ps_exit ps_cli_fail_status(const struct ps_cli *cli, enum ps_status status);

/* One line on the error stream: "postshield build: warning: ...". Text from outside
 * must be escaped before. */
void ps_cli_warn(const struct ps_cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool ps_cli_has(const struct ps_cli *cli, enum ps_option_id id)
{
	return ps_options_has(cli->options, id);
}

/* --now, or the clock. */
PS_MUST_USE enum ps_status ps_cli_now(
    const struct ps_cli *cli, uint32_t *out, struct ps_error *err);

/* --client; family 0: not said. */
PS_MUST_USE enum ps_status ps_cli_client(
    const struct ps_cli *cli, struct ps_address *out, struct ps_error *err);

/* FILE in the state folder: $POSTSHIELD_STATE or the one compiled in. */
PS_MUST_USE enum ps_status ps_cli_state_path(
    const char *file, char out[PATH_MAX], struct ps_error *err);

/* What `given` says (an option's value, an argument), or ./policies where that
 * exists, or /etc/postshield/policies. */
const char *ps_cli_policy_path(const char *given);

/* Opens the snapshot of --snapshot or of the state folder whole; path says which.
 * A missing one is told with what to do about it. */
PS_MUST_USE enum ps_status ps_cli_load_snapshot(const struct ps_cli *cli,
    struct ps_snapshot **out, char path[PATH_MAX], struct ps_error *err);

#endif
