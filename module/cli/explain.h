/* postshield explain: what becomes of a name, and why.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_EXPLAIN_H
#define PS_CLI_EXPLAIN_H

#include "cli/cli.h"

enum ps_exit ps_explain_run(const struct ps_cli *cli);

#endif
