/* The line of a decision in Unbound's log.
 *
 *   postshield: name=a.evil.top. type=1 action=nxdomain rule=isac at=rules.postshield.yaml:12
 *
 * Keys and their order stay. Behind them, only where they say something: mode=shadow, of a rule on
 * trial, whose action was not taken; found=KIND:TEXT, what a rule about answers found, with a kind
 * of event/found.h. Nothing of the client.
 *
 * What a rule only logs is said at Unbound's own default (verbosity: 1), since that is what was
 * asked for; what is blocked, of which a flood may come, and what is on trial from 2 on.
 *
 * Threads: Unbound's own.
 */
#ifndef PS_UNBOUND_LINE_H
#define PS_UNBOUND_LINE_H

#include "unbound/module.h"

/* Is there to be one? only_logged: of a decision that only logs. All that a query pays for it. */
static inline bool ps_line_is_wanted(bool only_logged)
{
	return verbosity >= (only_logged ? VERB_OPS : VERB_DETAIL);
}

/* Where it is wanted. Of the rule that decided (index, fact: the verdict's) or of one on trial.
 * answer: what was judged, NULL: the question alone. */
void ps_line_write(const struct ps_generation *generation, const struct module_qstate *qstate,
    const struct ps_answer_facts *answer, uint32_t index, uint32_t fact, bool trial);

#endif
