/* Patterns: whether they compile under the resolver's options, use nothing that is
 * refused, and say what their author seems to mean.
 *
 * Threads: as the binder.
 */
#ifndef PS_POLICY_PATTERN_CHECK_H
#define PS_POLICY_PATTERN_CHECK_H

#include "policy/binder.h"

/* Reports errors, and warns of slips. True: the pattern is usable. */
PS_MUST_USE bool ps_pattern_lint(struct ps_binder *binder, const struct ps_yaml_node *node);

#endif
