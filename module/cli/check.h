/* postshield check: reads the policy and shows every mistake in it, and what it holds.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_CHECK_H
#define PS_CLI_CHECK_H

#include "cli/cli.h"

enum ps_exit ps_check_run(const struct ps_cli *cli);

#endif
