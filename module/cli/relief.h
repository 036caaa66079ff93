/* postshield disable, enable and allow: what is let through for a while (verdict/relief.h).
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_RELIEF_H
#define PS_CLI_RELIEF_H

#include "cli/cli.h"
#include "cli/fact.h"
#include "verdict/relief.h"

enum ps_exit ps_disable_run(const struct ps_cli *cli);
enum ps_exit ps_enable_run(const struct ps_cli *cli);
enum ps_exit ps_allow_run(const struct ps_cli *cli);

/* What relief.ps of the state folder says holds at `now`; nothing when there is no file. Errors:
 * PS_INVALID, PS_UNSUPPORTED (the file is bad: the resolver takes it for none), PS_IO,
 * PS_NO_MEMORY, PS_LIMIT. */
PS_MUST_USE enum ps_status ps_relief_load(
    struct ps_relief *out, uint64_t now, struct ps_error *err);

/* "evil.top and all below it pass until 2025-11-21T22:41:05Z (9 min): reason", one line
 * without its end. */
void ps_relief_print(
    const struct ps_terminal *terminal, const struct ps_relief_entry *entry, uint64_t now);
json_t *ps_relief_json(const struct ps_relief_entry *entry, bool *whole);

#endif
