/* What libyaml says of broken YAML, in words for people who do not know YAML.
 *
 * Threads: pure functions.
 */
#ifndef PS_POLICY_YAML_PROBLEM_H
#define PS_POLICY_YAML_PROBLEM_H

#include "policy/diagnostics.h"

/* libyaml's strings and marks of one error; context may be NULL. */
struct ps_yaml_problem {
	const char *problem;
	const char *context;
	struct ps_span problem_span;
	struct ps_span context_span; /* source NULL: none */
};

/* Whether its context is what was opened and not closed. */
bool ps_yaml_problem_is_open(const struct ps_yaml_problem *problem);

/* Reports it, with both places. */
void ps_yaml_problem_report(
    struct ps_diagnostics *diagnostics, const struct ps_yaml_problem *problem);

#endif
