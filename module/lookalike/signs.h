/* What speaks for and against a name's being a lookalike, and how much.
 *
 * Points are fitted by tests/eval/fit, a logistic regression on the names of the evaluation's
 * data; those of COVERED, FOLDED, IDN, POST, TRUSTED, RUN_ON, TRADE, PAPER, HOME_TLD and CHANCE
 * are set by hand. tests/eval/README.md says how they do on names that the fit has not seen. A
 * score is their sum, held between 0 and 100.
 */
#ifndef PS_LOOKALIKE_SIGNS_H
#define PS_LOOKALIKE_SIGNS_H

#include <stdint.h>

enum ps_sign {
	/* What was found: one of these */
	PS_SIGN_SHORT,      /* a protected name of 4 letters or fewer */
	PS_SIGN_MEDIUM,     /* of 5 or 6 */
	PS_SIGN_LONG,       /* of 7 or more */
	PS_SIGN_WEAK,       /* a weak one of 4 letters or fewer: dhl, ptt */
	PS_SIGN_WORD,       /* a weak one of 5 or more: correos */
	PS_SIGN_GENERIC,    /* a weak one that is a common word too: express */
	/* How it is written */
	PS_SIGN_FOLDED,     /* with digits or letters that look alike */
	PS_SIGN_IDN,        /* with letters beyond ASCII */
	PS_SIGN_TYPO,       /* misspelt: by one slip, or as it sounds */
	PS_SIGN_HYPHENATED, /* with a break where it has none */
	/* How much of its label it is: one of these */
	PS_SIGN_LABEL,      /* all */
	PS_SIGN_TOKEN,      /* a word between hyphens or digits */
	PS_SIGN_FRONT,      /* the beginning of a word */
	PS_SIGN_BACK,       /* its end */
	PS_SIGN_INSIDE,     /* within */
	/* What stands beside it in the label */
	PS_SIGN_KEYWORD,
	PS_SIGN_AUTHORITY,
	PS_SIGN_RANDOM,     /* letters that make no word */
	PS_SIGN_WORDS,      /* other words */
	PS_SIGN_DIGITS,
	PS_SIGN_COVERED,    /* a longer word that means something else covers it */
	/* Where */
	PS_SIGN_SUBDOMAIN,  /* left of the registrable domain's own label */
	PS_SIGN_EMBEDDED,   /* followed by its own suffix: usps.com-track.top */
	PS_SIGN_WRONG_TLD,  /* alone before another suffix */
	PS_SIGN_COUNTRY,    /* that suffix is of a country */
	PS_SIGN_TRUSTED,    /* a suffix that only offices and schools get */
	PS_SIGN_TLD,        /* an abused one: points by its ratio */
	PS_SIGN_FREE,       /* below a suffix where anybody may put a name */
	/* The rest of the name */
	PS_SIGN_KEYWORD_ELSEWHERE,
	PS_SIGN_RANDOM_DOMAIN, /* the registrable domain is random or a number */
	PS_SIGN_DEEP,
	PS_SIGN_HYPHENS,
	PS_SIGN_POST,       /* a label "post" before another suffix */
	PS_SIGN_HOME,       /* beside the code of its own country */
	PS_SIGN_SLIGHT,     /* misspelt, or with letters that look alike, and of nine letters or more */
	PS_SIGN_SLIGHTEST,  /* of twelve or more: both are said */
	PS_SIGN_RUN_ON,     /* part of a longer word, and nothing else that speaks for a post */
	PS_SIGN_TRADE,      /* beside a word of another trade or a pastime, likewise */
	PS_SIGN_PAPER,      /* called as newspapers are, likewise: tsing|post */
	PS_SIGN_HOME_TLD,   /* alone under the suffix of its own country */
	PS_SIGN_CHANCE,     /* letters that chance may have put there: named, never acted on */
	PS_SIGN_COUNT,
};

/* What a sign adds; PS_SIGN_TLD's grows with the ratio. */
int ps_sign_points(enum ps_sign sign, uint16_t ratio);

/* What all points come to. signs: bit 1 << enum ps_sign. */
int ps_signs_sum(uint64_t signs, uint16_t ratio);

/* The same, from 1 to 100. */
uint8_t ps_signs_score(uint64_t signs, uint16_t ratio);

#endif
