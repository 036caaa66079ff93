/* postshield scan: judges a stream of names, one row each.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_SCAN_H
#define PS_CLI_SCAN_H

#include "cli/cli.h"

enum ps_exit ps_scan_run(const struct ps_cli *cli);

#endif
