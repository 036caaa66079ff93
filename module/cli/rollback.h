/* postshield rollback: publishes a snapshot that served before.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_ROLLBACK_H
#define PS_CLI_ROLLBACK_H

#include "cli/cli.h"

enum ps_exit ps_rollback_run(const struct ps_cli *cli);

#endif
