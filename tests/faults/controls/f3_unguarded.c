/* Negative control of RELIABILITY F3: every listed name may stand as it is. */
#include "cli/intake.h"

struct ps_guard_ruling __wrap_ps_guard_judge( /* NOLINT: ld --wrap */
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope);
enum ps_status __real_ps_intake_settle(struct ps_intake *intake, /* NOLINT */
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err);
enum ps_status __wrap_ps_intake_settle(struct ps_intake *intake, /* NOLINT */
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err);

struct ps_guard_ruling __wrap_ps_guard_judge(
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope)
{
	(void)guard;
	(void)name;
	return (struct ps_guard_ruling){.scope = scope};
}

enum ps_status __wrap_ps_intake_settle(struct ps_intake *intake,
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err)
{
	return __real_ps_intake_settle(intake, context, accepted, changed, err);
}
