/* Inside of the judge: what finding (judge.c) and weighing (weigh.c) share. No other room
 * includes this.
 *
 * Threads: on one thread's stack.
 */
#ifndef PS_LOOKALIKE_JUDGE_H
#define PS_LOOKALIKE_JUDGE_H

#include "lookalike/letters.h"
#include "lookalike/lookalike.h"
#include "lookalike/text.h"
#include "lookalike/typo.h"

/* Of letters that stand for a pair. */
#define PS_LETTER_PAIR 16u

struct ps_judging {
	const struct ps_tables *tables;
	struct ps_likeness *best;
	unsigned suffix;          /* labels of the public suffix, free hosting's included */
	unsigned registry_suffix; /* and not */
	uint32_t ratio;
	bool is_free;
	struct ps_name last;   /* the last labels, the suffix among them */
	const uint8_t *tld;    /* in wire form, as the next */
	const uint8_t *second; /* NULL: there is none */
	bool is_country;
	bool is_like_post; /* the TLD; known with the context */
	uint32_t weighed[2]; /* finds; [1]: of weak names */
	/* Of the whole name, found when first needed. */
	bool context_known;
	bool joined; /* the text has pairs written as one letter */
	uint64_t context; /* signs */
	unsigned hyphens;
	uint32_t keyword_labels; /* bit i: label i has a keyword as a word */
	struct ps_text text;
};

/* Can a word that is no protected name begin at the letter? */
static inline bool ps_word_may_begin(const struct ps_judging *j, unsigned at)
{
	const uint8_t *letters = j->text.fold + at;

	return ps_gram_test(j->tables->word_filter, j->tables->word_bits,
	    ps_gram_next(ps_gram_begin(letters), letters[3]));
}

/* A protected name found in the text. */
struct ps_find {
	uint8_t label;
	uint16_t first; /* letters [first, end) of the text */
	uint16_t end;
	uint32_t index;
	struct ps_term term;
	enum ps_technique slip; /* PS_TECHNIQUE_NONE: it stands there as it looks */
};

/* Signs of the whole name, as its text is now; once. */
void ps_context_know(struct ps_judging *judging);

void ps_find_weigh(
    struct ps_judging *judging, const struct ps_find *find, struct ps_likeness *out);

#endif
