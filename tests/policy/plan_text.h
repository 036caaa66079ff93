/* A plan as text, for golden files: every value of it, one thing a line. */
#ifndef PS_TESTS_POLICY_PLAN_TEXT_H
#define PS_TESTS_POLICY_PLAN_TEXT_H

#include "core/buffer.h"
#include "policy/plan.h"

void plan_text(const struct ps_plan *plan, struct ps_buffer *out);

#endif
