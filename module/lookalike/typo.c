#include "lookalike/typo.h"

#include "lookalike/tables.h"

void ps_typo_sums(const uint8_t *word, size_t len, uint32_t *sums)
{
	uint32_t prefix[PS_TYPO_WORD_MAX + 1], power = 1;

	prefix[0] = 0;
	for (size_t i = 0; i < len; i++)
		prefix[i + 1] = prefix[i] * PS_TYPO_BASE + word[i];
	sums[0] = prefix[len];
	/* Without letter i: (prefix[i]) B^(n-1-i) + (the letters behind i). */
	for (size_t i = len; i-- > 0; power *= PS_TYPO_BASE)
		sums[i + 1] = (prefix[i] - prefix[i + 1]) * power + prefix[len];
}

void ps_typo_hashes(const uint8_t *word, size_t len, uint32_t *hashes)
{
	ps_typo_sums(word, len, hashes);
	for (size_t i = 0; i <= len; i++)
		hashes[i] = ps_typo_mix(hashes[i]);
}

/* --- what kind of slip ---------------------------------------------------------------- */

static const char *const rows[] = {
    /* QWERTY, QWERTZ, AZERTY: keys of three rows, with what stands below each to its right */
    "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", NULL,
    "1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm", NULL,
    "1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn", NULL,
};

static bool touch(const char *above, const char *below, char a, char b)
{
	const char *p = strchr(above, a), *q = below != NULL ? strchr(below, b) : NULL;

	if (p != NULL && p[1] == b)
		return true;
	return p != NULL && q != NULL && (p - above == q - below || p - above == q - below + 1);
}

static bool are_adjacent(char a, char b)
{
	for (size_t i = 0; i + 1 < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i] != NULL &&
		    (touch(rows[i], rows[i + 1], a, b) || touch(rows[i], rows[i + 1], b, a)))
			return true;
	return false;
}

static bool is_vowel(char c)
{
	return c != '\0' && strchr("aeiou", c) != NULL;
}

static bool is_bit_flip(uint8_t a, uint8_t b)
{
	unsigned differ = (unsigned)a ^ b;

	return differ != 0 && (differ & (differ - 1)) == 0;
}

static enum ps_technique classify_other(uint8_t is, uint8_t was)
{
	if (is_vowel((char)is) && is_vowel((char)was))
		return PS_TECHNIQUE_VOWEL_SWAP;
	if (is_bit_flip(is, was))
		return PS_TECHNIQUE_BIT_FLIP;
	if (is < 0x80 && was < 0x80 && is != 0 && was != 0 &&
	    are_adjacent((char)is, (char)was))
		return PS_TECHNIQUE_ADJACENT_KEY;
	return PS_TECHNIQUE_REPLACEMENT;
}

/* word has one letter more than term; they agree before at. */
static enum ps_technique classify_longer(
    const uint8_t *word, size_t at, const uint8_t *term, size_t term_len)
{
	uint8_t letter = word[at];

	if (memcmp(word + at + 1, term + at, term_len - at) != 0)
		return PS_TECHNIQUE_NONE;
	if (at == term_len && letter == 's')
		return PS_TECHNIQUE_PLURAL;
	if (at > 0 && letter == term[at - 1])
		return PS_TECHNIQUE_REPETITION;
	return at == 0 || at == term_len ? PS_TECHNIQUE_ADDITION : PS_TECHNIQUE_INSERTION;
}

enum ps_technique ps_typo_classify(
    const uint8_t *word, size_t word_len, const uint8_t *term, size_t term_len)
{
	size_t at = 0, least = word_len < term_len ? word_len : term_len;

	while (at < least && word[at] == term[at])
		at++;
	if (word_len == term_len + 1)
		return classify_longer(word, at, term, term_len);
	if (word_len + 1 == term_len)
		return memcmp(word + at, term + at + 1, word_len - at) == 0
		    ? PS_TECHNIQUE_OMISSION
		    : PS_TECHNIQUE_NONE;
	if (word_len != term_len || at == least)
		return PS_TECHNIQUE_NONE;
	if (memcmp(word + at + 1, term + at + 1, least - at - 1) == 0)
		return classify_other(word[at], term[at]);
	if (at + 1 < least && word[at] == term[at + 1] && word[at + 1] == term[at] &&
	    memcmp(word + at + 2, term + at + 2, least - at - 2) == 0)
		return PS_TECHNIQUE_TRANSPOSITION;
	return PS_TECHNIQUE_NONE;
}

/* --- letters that are nearly the same ---------------------------------------------------- */

static bool is_near(uint8_t a, uint8_t b)
{
	return a == b || (a == 'c' && b == 'e') || (a == 'e' && b == 'c') ||
	    (a == 'b' && b == 'd') || (a == 'd' && b == 'b');
}

bool ps_typo_is_blurred(
    const uint8_t *word, size_t word_len, const uint8_t *term, size_t term_len)
{
	size_t at = 0;

	while (at < word_len && word_len == term_len && is_near(word[at], term[at]))
		at++;
	return at == term_len && word_len == term_len;
}

unsigned ps_typo_blur(
    const uint8_t *term, size_t len, uint8_t words[PS_BLURS_MAX][PS_TYPO_TERM_MAX])
{
	/* Which of the first three letters e: all, and each two. */
	static const uint8_t which[] = {7, 3, 5, 6};
	unsigned count = 0, letters = 0;

	for (size_t i = 0; i < len; i++)
		letters += term[i] == 'e';
	if (len > PS_TYPO_TERM_MAX || letters < 2)
		return 0;
	for (size_t k = 0; k < (letters == 2 ? 1 : sizeof(which)); k++) {
		uint8_t *word = words[count++];
		unsigned seen = 0;

		memcpy(word, term, len);
		for (size_t i = 0; i < len; i++)
			if (word[i] == 'e' && (which[k] >> (seen < 2 ? seen : 2) & 1)) {
				word[i] = 'c';
				seen++;
			} else {
				seen += word[i] == 'e';
			}
	}
	return count;
}
