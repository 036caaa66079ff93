#include "lookalike/sound.h"

#include "lookalike/typo.h"

#include <string.h>

/* --- keys ------------------------------------------------------------------------------- */

/* Letters of a word that become so much of the key. The first row that fits counts. */
static const struct {
	char letters[4];
	char before[4]; /* stands in front of one of these only; "": of any */
	char sound[3];
} sounds[] = {
    {"sch", "", "X"}, {"sh", "", "X"}, {"ph", "", "f"}, {"th", "", "t"}, {"ch", "rl", "k"},
    {"ch", "", "C"}, {"bh", "", "b"}, {"dh", "", "d"}, {"gh", "", "g"}, {"kh", "", "k"},
    {"rh", "", "r"}, {"ck", "", "k"}, {"c", "eiy", "s"}, {"c", "", "k"}, {"q", "", "k"},
    {"z", "", "s"}, {"w", "", "v"}, {"y", "", "i"}, {"x", "", "ks"},
};

/* Letters with which a row begins. */
static bool has_rows(uint8_t letter)
{
	const uint32_t letters = 0x3cf844e; /* b c d g k p q r s t w x y z */

	return letter >= 'a' && letter <= 'z' && (letters >> (letter - 'a') & 1) != 0;
}

#define KEY_MAX (2 * PS_SOUND_WORD_MAX)

static void put(uint8_t *key, size_t *len, uint8_t letter)
{
	if (*len == 0 || key[*len - 1] != letter)
		key[(*len)++] = letter;
}

static bool fits(size_t row, const uint8_t *word, size_t len)
{
	size_t letters;

	if (sounds[row].letters[0] != (char)word[0])
		return false;
	letters = strlen(sounds[row].letters);
	if (letters > len || memcmp(word, sounds[row].letters, letters) != 0)
		return false;
	return sounds[row].before[0] == '\0' ||
	    (letters < len && word[letters] != 0 && strchr(sounds[row].before, word[letters]) != NULL);
}

/* len: at most PS_SOUND_WORD_MAX. */
static size_t make_key(const uint8_t *word, size_t len, uint8_t *key)
{
	size_t key_len = 0;

	for (size_t at = 0; at < len;) {
		size_t row = has_rows(word[at]) ? 0 : sizeof(sounds) / sizeof(*sounds);

		while (row < sizeof(sounds) / sizeof(*sounds) && !fits(row, word + at, len - at))
			row++;
		if (row == sizeof(sounds) / sizeof(*sounds)) {
			put(key, &key_len, word[at++]);
			continue;
		}
		for (const char *p = sounds[row].sound; *p != '\0'; p++)
			put(key, &key_len, (uint8_t)*p);
		at += strlen(sounds[row].letters);
	}
	return key_len;
}

bool ps_sound_is_same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	uint8_t a_key[KEY_MAX], b_key[KEY_MAX];
	size_t len;

	if (a_len > PS_SOUND_WORD_MAX || b_len > PS_SOUND_WORD_MAX)
		return false;
	len = make_key(a, a_len, a_key);
	return make_key(b, b_len, b_key) == len && memcmp(a_key, b_key, len) == 0;
}

/* --- spellings ---------------------------------------------------------------------------- */

/* What is written for what, likelier ones first: either for the other. A spelling with another
 * key is none, so no row needs a condition. */
static const char *const exchanges[][2] = {
    {"x", "ks"}, {"ph", "f"}, {"ch", "k"}, {"c", "k"}, {"ss", "s"}, {"z", "s"}, {"ll", "l"},
    {"tt", "t"}, {"y", "i"}, {"w", "v"}, {"ck", "k"}, {"q", "k"}, {"c", "s"}, {"th", "t"},
    {"sch", "sh"}, {"nn", "n"}, {"rr", "r"}, {"rh", "r"}, {"kh", "k"},
};
#define EXCHANGES (sizeof(exchanges) / sizeof(*exchanges))

/* word with exchange number which at letter at; false: it does not fit there. */
static bool exchange(const struct ps_spelling *word, size_t which, size_t at, struct ps_spelling *out)
{
	const char *from = exchanges[which / 2][which % 2], *to = exchanges[which / 2][1 - which % 2];
	size_t from_len = strlen(from), to_len = strlen(to), rest = word->len - at;

	if (from_len > rest || memcmp(word->letters + at, from, from_len) != 0 ||
	    word->len - from_len + to_len > PS_SOUND_WORD_MAX)
		return false;
	rest -= from_len;
	memcpy(out->letters, word->letters, at);
	memcpy(out->letters + at, to, to_len);
	memcpy(out->letters + at + to_len, word->letters + at + from_len, rest);
	out->len = (uint8_t)(at + to_len + rest);
	return true;
}

struct spelling {
	const uint8_t *word;
	size_t len;
	struct ps_spelling *out;
	unsigned count;
};

static void keep(struct spelling *s, const struct ps_spelling *spelling)
{
	if (s->count == PS_SOUND_SPELLINGS ||
	    (spelling->len == s->len && memcmp(spelling->letters, s->word, s->len) == 0) || spelling->len < PS_TYPO_TERM_MIN ||
	    spelling->len > PS_TYPO_WORD_MAX ||
	    !ps_sound_is_same(spelling->letters, spelling->len, s->word, s->len) ||
	    ps_typo_classify(spelling->letters, spelling->len, s->word, s->len) != PS_TECHNIQUE_NONE)
		return;
	for (unsigned i = 0; i < s->count; i++)
		if (s->out[i].len == spelling->len &&
		    memcmp(s->out[i].letters, spelling->letters, spelling->len) == 0)
			return;
	s->out[s->count++] = *spelling;
}

/* All that one more exchange makes of word, at letters from on; with one more after it, deep. */
static void spell(struct spelling *s, const struct ps_spelling *word, size_t from, bool deep)
{
	struct ps_spelling other;

	for (size_t which = 0; which < 2 * EXCHANGES; which++)
		for (size_t at = from; at < word->len && s->count < PS_SOUND_SPELLINGS; at++) {
			if (!exchange(word, which, at, &other))
				continue;
			if (deep)
				spell(s, &other, at + strlen(exchanges[which / 2][1 - which % 2]), false);
			else
				keep(s, &other);
		}
}

unsigned ps_sound_spell(const uint8_t *word, size_t len, struct ps_spelling *out)
{
	struct spelling s = {.word = word, .len = len, .out = out};
	struct ps_spelling own;

	if (len > PS_SOUND_WORD_MAX)
		return 0;
	memcpy(own.letters, word, len);
	own.len = (uint8_t)len;
	spell(&s, &own, 0, false);
	spell(&s, &own, 0, true);
	return s.count;
}
