#include "lookalike/words.h"

#include "core/utf8.h"

#include <stdio.h>

static const char *const technique_words[PS_TECHNIQUE_COUNT] = {
    [PS_TECHNIQUE_NONE] = "nothing",
    [PS_TECHNIQUE_HOMOGLYPH] = "letters that look alike",
    [PS_TECHNIQUE_IDN] = "letters beyond ASCII that look alike",
    [PS_TECHNIQUE_WHOLE_SCRIPT] = "letters of another script",
    [PS_TECHNIQUE_MIXED_SCRIPT] = "letters of several scripts",
    [PS_TECHNIQUE_LEET] = "digits for letters",
    [PS_TECHNIQUE_OMISSION] = "a letter left out",
    [PS_TECHNIQUE_INSERTION] = "a letter put in",
    [PS_TECHNIQUE_ADDITION] = "a letter added",
    [PS_TECHNIQUE_REPETITION] = "a letter repeated",
    [PS_TECHNIQUE_TRANSPOSITION] = "two letters swapped",
    [PS_TECHNIQUE_ADJACENT_KEY] = "the key beside it",
    [PS_TECHNIQUE_VOWEL_SWAP] = "another vowel",
    [PS_TECHNIQUE_BIT_FLIP] = "one bit flipped",
    [PS_TECHNIQUE_REPLACEMENT] = "another letter",
    [PS_TECHNIQUE_PLURAL] = "a plural",
    [PS_TECHNIQUE_HYPHENATION] = "another hyphen",
    [PS_TECHNIQUE_SOUND] = "the same sound",
    [PS_TECHNIQUE_KEYWORD] = "the name with a word of the post's business",
    [PS_TECHNIQUE_RANDOM] = "the name with random letters or digits",
    [PS_TECHNIQUE_AUTHORITY] = "the name with a country or an office",
    [PS_TECHNIQUE_COMBINATION] = "the name with another word",
    [PS_TECHNIQUE_SUBDOMAIN] = "the name in front of somebody else's domain",
    [PS_TECHNIQUE_EMBEDDED] = "the official domain in front of another",
    [PS_TECHNIQUE_GLUED] = "the official domain without its dots",
    [PS_TECHNIQUE_WRONG_TLD] = "the name under another suffix",
    [PS_TECHNIQUE_POST_TLD] = "an imitation of .post",
};

static const struct {
	const char *name;
	const char *words;
} sign_words[PS_SIGN_COUNT] = {
    [PS_SIGN_SHORT] = {"short", "a short protected name"},
    [PS_SIGN_MEDIUM] = {"medium", "a protected name"},
    [PS_SIGN_LONG] = {"long", "a long protected name"},
    [PS_SIGN_WEAK] = {"weak", "a protected name that means other things too"},
    [PS_SIGN_FOLDED] = {"folded", "digits or letters that look alike"},
    [PS_SIGN_IDN] = {"idn", "letters beyond ASCII"},
    [PS_SIGN_TYPO] = {"typo", "misspelt"},
    [PS_SIGN_HYPHENATED] = {"hyphenated", "with another hyphen"},
    [PS_SIGN_LABEL] = {"label", "the whole of a label"},
    [PS_SIGN_TOKEN] = {"token", "a word of its own"},
    [PS_SIGN_FRONT] = {"front", "the beginning of a word"},
    [PS_SIGN_BACK] = {"back", "the end of a word"},
    [PS_SIGN_INSIDE] = {"inside", "within a word"},
    [PS_SIGN_KEYWORD] = {"keyword", "beside a word of the post's business"},
    [PS_SIGN_AUTHORITY] = {"authority", "beside a country or an office"},
    [PS_SIGN_RANDOM] = {"random", "beside random letters"},
    [PS_SIGN_WORDS] = {"words", "beside other words"},
    [PS_SIGN_DIGITS] = {"digits", "beside digits"},
    [PS_SIGN_COVERED] = {"covered", "part of a word that means something else"},
    [PS_SIGN_SUBDOMAIN] = {"subdomain", "in front of somebody else's domain"},
    [PS_SIGN_EMBEDDED] = {"embedded", "followed by its own suffix"},
    [PS_SIGN_WRONG_TLD] = {"wrong-tld", "alone under another suffix"},
    [PS_SIGN_COUNTRY] = {"country", "under a country's suffix"},
    [PS_SIGN_TRUSTED] = {"trusted", "under a suffix for offices and schools"},
    [PS_SIGN_TLD] = {"tld", "under a suffix that is much abused"},
    [PS_SIGN_FREE] = {"free", "where anybody may put a name"},
    [PS_SIGN_KEYWORD_ELSEWHERE] = {"keyword-elsewhere", "a word of the post's business elsewhere"},
    [PS_SIGN_RANDOM_DOMAIN] = {"random-domain", "the domain is random or a number"},
    [PS_SIGN_DEEP] = {"deep", "many labels"},
    [PS_SIGN_HYPHENS] = {"hyphens", "many hyphens"},
    [PS_SIGN_WORD] = {"word", "a protected name that is a word in some languages"},
    [PS_SIGN_GENERIC] = {"generic", "a protected name that is a common word"},
    [PS_SIGN_HOME] = {"home", "beside the code of its own country"},
    [PS_SIGN_SLIGHT] = {"slight", "one letter of many"},
    [PS_SIGN_SLIGHTEST] = {"slightest", "and the name is very long"},
    [PS_SIGN_RUN_ON] = {"run-on", "part of a longer word, and no other sign"},
    [PS_SIGN_TRADE] = {"trade", "beside a word of another trade, and no other sign"},
    [PS_SIGN_PAPER] = {"paper", "called as newspapers are, and no other sign"},
    [PS_SIGN_HOME_TLD] = {"home-tld", "under its own country's suffix"},
    [PS_SIGN_CHANCE] = {"chance", "by chance, as far as can be seen"},
    [PS_SIGN_POST] = {"post", "a label 'post' in front of another suffix"},
};

const char *ps_technique_words(enum ps_technique technique)
{
	return technique < PS_TECHNIQUE_COUNT ? technique_words[technique] : "nothing";
}

const char *ps_sign_words(enum ps_sign sign)
{
	return sign < PS_SIGN_COUNT ? sign_words[sign].words : "";
}

const char *ps_sign_name(enum ps_sign sign)
{
	return sign < PS_SIGN_COUNT ? sign_words[sign].name : "";
}

size_t ps_likeness_sentence(const struct ps_tables *tables, const struct ps_likeness *likeness,
    char *out, size_t size)
{
	int len;

	if (likeness->score == 0)
		len = snprintf(out, size, "looks like no protected name");
	else
		len = snprintf(out, size, "looks like %s (%s): %s",
		    ps_tables_brand(tables, likeness->brand).owner,
		    ps_tables_term(tables, likeness->term).text,
		    ps_technique_words(likeness->technique));
	if (len < 0)
		len = 0;
	if ((size_t)len >= size) { /* cut short: not within a character */
		len = (int)ps_utf8_cut(ps_bytes_of_text(out), size - 1);
		out[len] = '\0';
	}
	return (size_t)len;
}
