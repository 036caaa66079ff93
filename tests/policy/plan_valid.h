/* Whether a plan keeps every promise of policy/plan.h, checked anew and without the
 * code that made it: the oracle of the fuzzer and of the tests with random input. */
#ifndef PS_TESTS_POLICY_PLAN_VALID_H
#define PS_TESTS_POLICY_PLAN_VALID_H

#include "policy/plan.h"

/* NULL: it does. Else what is broken. */
const char *plan_fault(const struct ps_plan *plan);

#endif
