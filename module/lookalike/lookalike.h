/* Is this name made to look like a protected one?
 *
 * Any name against all protected names at once: every stretch of its labels is looked up
 * among the protected names as they look (fold.h), every word of it among their misspellings
 * (typo.h). What is found is weighed by signs: how much of the name it is, what stands
 * beside it, where it stands, and under which suffix. The signs and their points are in
 * signs.h; their sum is the score.
 *
 * Who owns a name is not asked here: official domains, exceptions and popular names
 * are rows of the snapshot, and the verdict looks there first.
 *
 * Threads: pure; the tables are immutable.
 */
#ifndef PS_LOOKALIKE_LOOKALIKE_H
#define PS_LOOKALIKE_LOOKALIKE_H

#include "core/name.h"
#include "lookalike/signs.h"
#include "lookalike/tables.h"
#include "policy/plan.h"

struct ps_likeness {
	uint8_t score; /* 0 to 100; 0: nothing found, and the rest is not set */
	enum ps_technique technique;
	uint32_t brand; /* of the tables */
	uint32_t term;
	uint8_t label;  /* of the name, from the left, in which it stands */
	uint8_t first;  /* letters [first, first + len) of that label, folded, look like it */
	uint8_t len;
	uint64_t signs;  /* bit 1 << enum ps_sign */
	uint16_t ratio; /* PS_SIGN_TLD: how much more abused */
};

/* Judges. Cannot fail, does not allocate. Steps: see BOUNDS in judge.c. */
void ps_lookalike_judge(
    const struct ps_tables *tables, struct ps_name name, struct ps_likeness *out);

/* Does name stand where everybody names things below domain, one of its last `labels` labels:
 * is there free hosting (a private public suffix) at or below that domain, and name below
 * it? As usps.s3.amazonaws.com below amazonaws.com. */
bool ps_lookalike_is_hosted(
    const struct ps_tables *tables, struct ps_name name, unsigned labels);

#endif
