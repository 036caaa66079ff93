/* For RELIABILITY M5: a worker that a busy machine puts to sleep in the middle of a judgement,
 * every 32nd time, for longer than the watcher needs for all that it does before it frees the
 * old generation. The module must not mind; with m5_unmarked.h it must show. */
#include "unbound/operate.h"

#include <time.h>

void __real_ps_operate_new(struct ps_module *module, /* NOLINT: ld --wrap */
    struct module_qstate *qstate, int id);
void __wrap_ps_operate_new(struct ps_module *module, /* NOLINT */
    struct module_qstate *qstate, int id);
void __real_ps_verdict_judge(const struct ps_snapshot *snapshot, /* NOLINT */
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out);
void __wrap_ps_verdict_judge(const struct ps_snapshot *snapshot, /* NOLINT */
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out);

static _Thread_local bool is_worker; /* the watcher judges too, and must not be slow */

void __wrap_ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id)
{
	is_worker = true;
	__real_ps_operate_new(module, qstate, id);
}

void __wrap_ps_verdict_judge(const struct ps_snapshot *snapshot,
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out)
{
	static _Atomic unsigned turn;

	if (is_worker && atomic_fetch_add_explicit(&turn, 1, memory_order_relaxed) % 32 == 0) {
		struct timespec nap = {.tv_nsec = 30000000};

		(void)nanosleep(&nap, NULL);
	}
	__real_ps_verdict_judge(snapshot, matcher, scratch, question, out);
}
