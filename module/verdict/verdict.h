/* The verdict: (snapshot, question, client) -> what to do and why. Pure.
 *
 * The one evaluator: the resolver's module, `postshield explain` and the tests all
 * call this function, so that what is explained is what is done.
 *
 * Order of evaluation:
 *   1. a name that the never list covers passes, whatever else is said of it, and so does one
 *      that is let through for a while (relief.h);
 *   2. rules from top to bottom; the first one whose conditions all hold decides,
 *      unless it is on trial (mode: shadow, or a row of a feed on trial was needed
 *      to make it hold): then it is noted and the next rule is asked;
 *   3. when no rule decides: pass.
 *
 * A rule that is for some clients is, to the others, as if it were not there. Where there is
 * such a rule, the verdict also tells whether somebody else would get another answer
 * (by_client): what such a name's answer is must not reach anybody but who asked.
 *
 * A rule that asks about the answer does not hold while there is none: who has no answer yet
 * judges first without. When that blocks, it stands. Else, where ps_matcher_asks_answer() says
 * that some rule asks, the question is judged again with its answer, by all rules from the top.
 * Such a rule holds when for each thing that it asks about (PS_OF_* of its conditions) some one
 * fact of the answer meets all that is asked of that. A name that an answer leads to, and that
 * of a name server, meets nothing when the never list covers it. A feed's row that is about
 * name servers (PS_ORIGIN_SERVER) is met by nothing else.
 *
 * Whether a name looks like a protected one is asked once, when a rule first wants to know;
 * never of official domains, exceptions and popular names, and what stands below them.
 *
 * A verdict is a value: it points into nothing, so it outlives the snapshot.
 * Indices in it are the snapshot's.
 *
 * Threads: a struct ps_matcher is shared and immutable; a struct ps_scratch belongs
 * to one thread at a time.
 */
#ifndef PS_VERDICT_VERDICT_H
#define PS_VERDICT_VERDICT_H

#include "lookalike/lookalike.h"
#include "snapshot/snapshot.h"
#include "verdict/fact.h"
#include "verdict/pattern.h"

#define PS_INDEX_NONE UINT32_MAX
#define PS_VERDICT_SHADOWS_MAX 8
#define PS_LIKENESSES_KEPT 4 /* of an answer's names, while it is judged */

struct ps_question {
	struct ps_name name;
	uint16_t type; /* RR type of the query; kept for rules to come */
	uint32_t now;  /* Unix seconds */
	unsigned client; /* the class of who asks: ps_snapshot_client(); 0: in no group */
	const struct ps_answer_facts *answer; /* NULL: there is none yet */
};

enum ps_reason {
	PS_REASON_NONE = 0,  /* no rule holds */
	PS_REASON_NEVER = 1, /* the never list */
	PS_REASON_RULE = 2,
	PS_REASON_ALLOWED = 3, /* let through for a while */
};

/* What made a condition hold. */
struct ps_evidence {
	uint32_t row;    /* of the snapshot, or PS_INDEX_NONE */
	uint32_t entry;  /* the listed name, or PS_INDEX_NONE */
	uint8_t labels;  /* of the listed name */
	bool itself;     /* the listed name is the one asked for */
	bool of_answer;  /* it lists a fact of the answer, not the name that is asked for */
	uint32_t prefix; /* the listed prefix, or PS_INDEX_NONE */
};

struct ps_verdict {
	enum ps_action action;
	enum ps_reason reason;
	uint32_t rule;   /* index, or PS_INDEX_NONE */
	uint32_t answer; /* index, or PS_INDEX_NONE */
	/* Of the first condition that is about names, addresses or feeds; those about the
	 * question come first. */
	struct ps_evidence evidence;
	/* The answer's fact that made the rule's first condition about the answer hold: an index
	 * into the question's answer, or PS_INDEX_NONE. */
	uint32_t fact;
	/* Some clients are blocked, and others are not, or by another rule: of whatever class the
	 * question's client is. */
	bool by_client;
	/* What it looks like, where a rule asked: score 0 for nothing. Where the rule that decides
	 * asks what the answer's name looks like: what that does. */
	struct ps_likeness likeness;
	/* Rules on trial that held before the decision, in order, at most so many. */
	uint32_t shadow_count; /* may be more than are kept below */
	uint32_t shadow[PS_VERDICT_SHADOWS_MAX];
	uint32_t shadow_fact[PS_VERDICT_SHADOWS_MAX]; /* as fact, of each */
	/* Patterns that ran into a limit (they count as not matching). */
	uint32_t pattern_failures;
};

/* Judges. Cannot fail. Steps: at most 128 entries found, and for each rule its
 * conditions over those entries' rows; patterns within PS_PATTERN_*_LIMIT; and once the
 * bounds of ps_lookalike_judge(). With an answer: for each fact and each rule that asks about
 * such a one the same again (an address: 129 prefixes), and the bounds of ps_lookalike_judge()
 * once for each of the first PS_LIKENESSES_KEPT names, then once for each rule. */
void ps_verdict_judge(const struct ps_snapshot *snapshot, const struct ps_matcher *matcher,
    struct ps_scratch *scratch, const struct ps_question *question, struct ps_verdict *out);

/* The same as a resolver does it: without the answer first; and when that does not block, with
 * it, where there is one and some rule asks about it. True: it is the second judgement. */
bool ps_verdict_judge_in_turn(const struct ps_snapshot *snapshot,
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out);

/* Does a row that covers the name, of an entry with so many labels, keep it from being judged
 * as a lookalike? It does when its owner is known; and when everybody uses it, unless it
 * stands where anybody may name things (ps_lookalike_is_hosted()). */
bool ps_verdict_spares(const struct ps_snapshot *snapshot, struct ps_name name,
    enum ps_row_kind kind, unsigned labels);

/* Is this a verdict that answers the client itself? */
static inline bool ps_verdict_blocks(const struct ps_verdict *verdict)
{
	return verdict->action != PS_ACTION_PASS && verdict->action != PS_ACTION_LOG;
}

/* Is there a client for which the name is blocked? Then no answer for it may be kept where
 * any client could find it. */
static inline bool ps_verdict_blocks_some(const struct ps_verdict *verdict)
{
	return verdict->by_client || ps_verdict_blocks(verdict);
}

#endif
