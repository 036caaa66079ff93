/* postshield status: whether the resolver protects, and what it decided.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_STATUS_H
#define PS_CLI_STATUS_H

#include "cli/cli.h"

enum ps_exit ps_status_run(const struct ps_cli *cli);

#endif
