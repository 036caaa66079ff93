/* The names that the resolver's events are about, each once, without those of a flood that have no
 * event of their own: what `diff --events` compares by.
 *
 * Ownership: open/close. Threads: one at a time.
 */
#ifndef PS_CLI_EVENT_NAMES_H
#define PS_CLI_EVENT_NAMES_H

#include "cli/cli.h"

struct ps_event_names;

/* When --since says that events begin to count, in milliseconds since 1970; 0 without it.
 * Errors: PS_INVALID. */
PS_MUST_USE enum ps_status ps_cli_since(
    const struct ps_cli *cli, uint64_t *out, struct ps_error *err);

struct ps_spool_reader;

/* Tells what of the spool could not be read; true: there is such. */
bool ps_cli_tell_losses(const struct ps_cli *cli, const struct ps_spool_reader *reader);

/* Reads the state folder's events, those of --since alone where it is given; tells what could not be
 * read. Errors: PS_NO_MEMORY, PS_LIMIT, PS_IO, PS_INVALID, PS_UNSUPPORTED (written by a newer
 * version). */
PS_MUST_USE enum ps_status ps_event_names_open(
    struct ps_event_names **out, const struct ps_cli *cli, struct ps_error *err);
void ps_event_names_close(struct ps_event_names *names);

/* The next one, in the order of their octets; false: there is no more. */
bool ps_event_names_next(struct ps_event_names *names, struct ps_name *out);

#endif
