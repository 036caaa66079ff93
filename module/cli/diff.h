/* postshield diff: which verdicts a change of policy alters.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_DIFF_H
#define PS_CLI_DIFF_H

#include "cli/cli.h"

enum ps_exit ps_diff_run(const struct ps_cli *cli);

#endif
