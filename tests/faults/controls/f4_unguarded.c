/* Negative control of RELIABILITY F4: every jump in size is taken, and a popular name is a
 * name like any other. */
#include "cli/intake.h"

struct ps_guard_ruling __real_ps_guard_judge( /* NOLINT: ld --wrap */
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope);
struct ps_guard_ruling __wrap_ps_guard_judge( /* NOLINT */
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope);
enum ps_status __real_ps_intake_settle(struct ps_intake *intake, /* NOLINT */
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err);
enum ps_status __wrap_ps_intake_settle(struct ps_intake *intake, /* NOLINT */
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err);

struct ps_guard_ruling __wrap_ps_guard_judge(
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope)
{
	struct ps_guard_ruling ruling = __real_ps_guard_judge(guard, name, scope);

	ruling.trial = false;
	return ruling;
}

enum ps_status __wrap_ps_intake_settle(struct ps_intake *intake,
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err)
{
	(void)accepted;
	return __real_ps_intake_settle(intake, context, true, changed, err);
}
