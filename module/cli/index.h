/* postshield index: what a snapshot file holds, whether it is good, what it says of a name.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_INDEX_H
#define PS_CLI_INDEX_H

#include "cli/cli.h"

enum ps_exit ps_index_run(const struct ps_cli *cli);

#endif
