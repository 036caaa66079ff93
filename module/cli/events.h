/* postshield events: what the resolver blocked, logged or had on trial, event by event.
 *
 * Reads the spool and moves nothing in it: whoever takes events for good is the reporter.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_EVENTS_H
#define PS_CLI_EVENTS_H

#include "cli/cli.h"

enum ps_exit ps_events_run(const struct ps_cli *cli);

#endif
