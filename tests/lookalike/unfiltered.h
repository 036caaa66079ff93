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

/* Do both say the same? */
static inline bool unfiltered_agrees(
    const struct ps_tables *tables, struct ps_name name, const struct ps_likeness *likeness)
{
	struct ps_likeness other;

	unfiltered_lookalike_judge(tables, name, &other);
	return other.score == likeness->score && other.technique == likeness->technique &&
	    other.brand == likeness->brand && other.term == likeness->term &&
	    other.label == likeness->label && other.first == likeness->first &&
	    other.len == likeness->len && other.signs == likeness->signs &&
	    other.ratio == likeness->ratio;
}

#endif
