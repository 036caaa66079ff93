/* postshield top: what the resolver blocks now, on a screen that can be left open.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_TOP_H
#define PS_CLI_TOP_H

#include "cli/cli.h"

enum ps_exit ps_top_run(const struct ps_cli *cli);

#endif
