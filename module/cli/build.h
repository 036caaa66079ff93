/* postshield build: makes the snapshot from the policy and its feeds.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_BUILD_H
#define PS_CLI_BUILD_H

#include "cli/cli.h"

enum ps_exit ps_build_run(const struct ps_cli *cli);

#endif
