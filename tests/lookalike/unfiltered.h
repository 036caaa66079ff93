/* The judge once more, built without filters and shortcuts (PS_LOOKALIKE_UNFILTERED): what it
 * finds, the judge must find, to the last sign.
 *
 * Threads: pure; the tables are immutable.
 */
#ifndef PS_TESTS_LOOKALIKE_UNFILTERED_H
#define PS_TESTS_LOOKALIKE_UNFILTERED_H

#include "lookalike/lookalike.h"

void unfiltered_lookalike_judge(
    const struct ps_tables *tables, struct ps_name name, struct ps_likeness *out);

/* Field by field: what lies between them is anything. */
static inline bool likeness_is_same(const struct ps_likeness *a, const struct ps_likeness *b)
{
	return a->score == b->score && a->technique == b->technique && a->brand == b->brand &&
	    a->term == b->term && a->label == b->label && a->first == b->first &&
	    a->len == b->len && a->signs == b->signs && a->ratio == b->ratio;
}

/* Do both say the same? */
static inline bool unfiltered_agrees(
    const struct ps_tables *tables, struct ps_name name, const struct ps_likeness *likeness)
{
	struct ps_likeness other;

	unfiltered_lookalike_judge(tables, name, &other);
	return likeness_is_same(&other, likeness);
}

#endif
