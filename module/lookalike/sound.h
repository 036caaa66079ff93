/* Words that are written differently and sound the same: fedeks, kronopost, kolizimo.
 *
 * A word's key is its letters with those made one that many languages of Latin script say
 * alike. The groups are what Metaphone (L. Philips, "Hanging on the Metaphone", Computer
 * Language 7(12), 1990) and Cologne phonetics (H. J. Postel, "Die Kölner Phonetik",
 * IBM-Nachrichten 19, 1969) have in common:
 *
 *     ph f | ck k c q, c before e, i, y: s | z s | w v | y i | x ks | th t | sch sh |
 *     ch before r and l: k | h behind b, d, g, k, r: silent | a letter twice: once
 *
 * Vowels stay, unlike in both: without them strangers are alike (inpost and unpaste). So do d
 * and t, b and p, and g.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_SOUND_H
#define PS_LOOKALIKE_SOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS_SOUND_WORD_MAX 32u /* letters of a word that has a key: longer ones have none */
#define PS_SOUND_SPELLINGS 2u /* other spellings of a word that are looked up, at most */

/* Have both a key, and the same one? */
bool ps_sound_is_same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

struct ps_spelling {
	uint8_t letters[PS_SOUND_WORD_MAX];
	uint8_t len;
};

/* Spellings of the same sound that are further than one slip away (typo.h tells those), by one
 * exchange of letters or two, likelier ones first. At most PS_SOUND_SPELLINGS; how many. */
unsigned ps_sound_spell(const uint8_t *word, size_t len, struct ps_spelling *out);

#endif
