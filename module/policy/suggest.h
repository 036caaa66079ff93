/* "Did you mean": the candidate nearest to what was written, or none that is near.
 *
 * Distance is Damerau and Levenshtein's in its restricted form (an insertion, a
 * loss, a change, or two neighbours swapped). Letter case and '_' for '-' count
 * nothing; a candidate that begins with what was written counts as near.
 * Cost: the product of both lengths a candidate; longer than PS_SUGGEST_MAX: none.
 * Threads: one at a time; candidates are borrowed.
 */
#ifndef PS_POLICY_SUGGEST_H
#define PS_POLICY_SUGGEST_H

#include "core/bytes.h"

#define PS_SUGGEST_MAX 64

struct ps_suggest {
	struct ps_bytes written;
	struct ps_bytes best; /* len 0: none is near */
	unsigned distance;    /* of best */
	unsigned near;        /* how many are near, best among them */
};

void ps_suggest_init(struct ps_suggest *suggest, struct ps_bytes written);

/* Of two equally near ones the first wins. */
void ps_suggest_try(struct ps_suggest *suggest, struct ps_bytes candidate);

/* Best is what was written but for a slip of letters, and nothing else is near. Another digit
 * is no slip: feed-1 and feed-2 are two. */
bool ps_suggest_is_sure(const struct ps_suggest *suggest);

/* The distance itself; UINT_MAX when one of them is too long. */
unsigned ps_edit_distance(struct ps_bytes a, struct ps_bytes b);

#endif
