/* postshield test: judges the names that the policy's tests give, and compares.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_TEST_H
#define PS_CLI_TEST_H

#include "cli/cli.h"

enum ps_exit ps_test_run(const struct ps_cli *cli);

#endif
