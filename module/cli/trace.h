/* The trace: how each rule came to hold or not, in words.
 *
 * The decision is the evaluator's (verdict/verdict.h) and nobody else's; this says
 * why the rules before it did not decide, by going through their conditions once
 * more, slowly and openly. A test holds both to the same result.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_TRACE_H
#define PS_CLI_TRACE_H

#include "cli/shown.h"

/* Ordered: the least of a rule's conditions is the rule's. */
enum ps_outcome {
	PS_OUTCOME_NOT,
	PS_OUTCOME_ON_TRIAL, /* holds, but only through a row on trial */
	PS_OUTCOME_HOLDS,
};

struct ps_trace {
	enum ps_outcome outcome;
	uint32_t condition; /* the first that does not hold, or PS_INDEX_NONE */
	char why[320];      /* printable ASCII: why it does not hold; "" */
};

struct ps_case {
	const struct ps_snapshot *snapshot;
	const struct ps_matcher *matcher;
	struct ps_scratch *scratch;
	struct ps_name name;
	uint32_t now;
	unsigned client; /* its class: ps_snapshot_client() */
	bool client_known;
	const struct ps_listings *listings;
	const struct ps_likeness *likeness; /* score 0: nothing, or never judged */
	const struct ps_shown *shown; /* what the answer shows; NULL: there is no answer */
	bool of_server; /* it is a name server that is asked about */
};

void ps_trace_rule(const struct ps_case *what, uint32_t rule, struct ps_trace *out);

/* A condition in words, for tables: "listed by post-isac as phishing, confidence 60
 * to 100". Printable ASCII. */
#define PS_CONDITION_TEXT_MAX 400
void ps_condition_text(
    const struct ps_snapshot *snapshot, uint32_t condition, char out[PS_CONDITION_TEXT_MAX]);

#endif
