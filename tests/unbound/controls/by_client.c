/* Negative control: nobody is told that the answer depends on who asks, so that it is kept and
 * shared as any other. */
#include "verdict/verdict.h"

void __real_ps_verdict_judge(const struct ps_snapshot *snapshot, /* NOLINT: ld --wrap */
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out);
void __wrap_ps_verdict_judge(const struct ps_snapshot *snapshot, /* NOLINT */
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out);

void __wrap_ps_verdict_judge(const struct ps_snapshot *snapshot, const struct ps_matcher *matcher,
    struct ps_scratch *scratch, const struct ps_question *question, struct ps_verdict *out)
{
	__real_ps_verdict_judge(snapshot, matcher, scratch, question, out);
	out->by_client = false;
}
