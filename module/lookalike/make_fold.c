/* Run when PostShield is built: writes the table of fold.h, from ICU's data, as C.
 *
 *     make_fold > fold_table.h
 *
 * ICU is 36 MB and changes its mind with its version; the resolver gets the result. */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_MAX 64 /* UTF-16, of what one code point becomes */
#define POOL_MAX 4096

struct units {
	UChar at[UNITS_MAX];
	int32_t len;
};

static const UNormalizer2 *casefold, *nfd;
static USpoofChecker *spoof;
static UTransliterator *latin_ascii;
static struct units of_ascii[128]; /* skeletons of a-z and 0-9 */

static void check(UErrorCode code, const char *what)
{
	if (U_SUCCESS(code))
		return;
	fprintf(stderr, "make_fold: %s: %s\n", what, u_errorName(code));
	exit(1);
}

static struct units of_code_point(UChar32 c)
{
	struct units out = {.len = 0};

	U16_APPEND_UNSAFE(out.at, out.len, c);
	return out;
}

static bool equal(const struct units *a, const struct units *b)
{
	return a->len == b->len && u_memcmp(a->at, b->at, a->len) == 0;
}

static struct units normalize(const UNormalizer2 *form, struct units in)
{
	struct units out;
	UErrorCode code = U_ZERO_ERROR;

	out.len = unorm2_normalize(form, in.at, in.len, out.at, UNITS_MAX, &code);
	check(code, "normalization");
	return out;
}

/* UTS #39 section 4. */
static struct units skeleton(struct units in)
{
	struct units out;
	UErrorCode code = U_ZERO_ERROR;

	out.len = uspoof_getSkeleton(spoof, 0, in.at, in.len, out.at, UNITS_MAX, &code);
	check(code, "skeleton");
	return out;
}

static struct units to_ascii(struct units in)
{
	UErrorCode code = U_ZERO_ERROR;
	int32_t limit = in.len;

	utrans_transUChars(latin_ascii, in.at, &in.len, UNITS_MAX, 0, &limit, &code);
	check(code, "transliteration");
	return in;
}

static bool is_mark(UChar32 c)
{
	int8_t type = u_charType(c);

	return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

/* NFD without marks, lower case. */
static struct units bare(struct units in)
{
	struct units all = normalize(nfd, normalize(casefold, in));
	struct units out = {.len = 0};

	for (int32_t i = 0; i < all.len;) {
		UChar32 c;

		U16_NEXT(all.at, i, all.len, c);
		if (!is_mark(c))
			U16_APPEND_UNSAFE(out.at, out.len, c);
	}
	return out;
}

static bool is_ascii_word(const struct units *in)
{
	for (int32_t i = 0; i < in->len; i++)
		if (in->at[i] >= 0x80 || !u_isalnum(in->at[i]))
			return false;
	return in->len > 0;
}

/* What the confusables' prototypes call a letter of its own, and readers do not, and where
 * transliteration goes by sound. */
static const struct {
	UChar32 letter;
	UChar look;
} looks[] = {
    {0x138, 'k'}, {0x43a, 'k'}, {0x3ba, 'k'}, {0x28d, 'm'}, {0x43c, 'm'}, {0x1d0d, 'm'},
    {0x43f, 'n'}, {0x438, 'u'}, {0x578, 'n'}, {0x3b7, 'n'}, {0x3bc, 'u'}, {0x3c4, 't'},
    {0x442, 't'}, {0x432, 'b'}, {0x43d, 'h'}, {0x3c9, 'w'}, {0x3b2, 'b'}, {0xfe, 'p'},
    {0x44c, 'b'}, {0x3b5, 'e'}, {0x437, '3'}, {0x433, 'r'}, {0x5e1, 'o'}, {0x15f, 's'},
    {0x26f, 'w'}, {0x448, 'w'}, {0x449, 'w'}, {0x3b3, 'y'}, {0x447, '4'}, {0x45b, 'h'},
    {0x1bf, 'p'}, {0x259, 'a'}, {0x1dd, 'a'}, {0x4d9, 'a'},
};

/* The ASCII letter or digit that c looks like; 0: none. */
static UChar looks_like(struct units c)
{
	struct units s = skeleton(c);
	UChar32 first = c.at[0];
	static const char order[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (looks[i].letter == first)
			return looks[i].look;
	for (const char *p = order; *p != '\0'; p++)
		if (equal(&s, &of_ascii[(int)*p]))
			return (UChar)*p;
	return 0;
}

/* One code point that is no mark, lower case. */
static struct units fold_letter(UChar32 c)
{
	struct units self = of_code_point(c), out;
	UChar alike;

	if (c < 0x80)
		return self;
	alike = looks_like(self);
	if (alike != 0)
		return (struct units){.at = {alike}, .len = 1};
	out = bare(to_ascii(self));
	if (is_ascii_word(&out))
		return out;
	out = bare(skeleton(self));
	if (is_ascii_word(&out))
		return out;
	out = bare(to_ascii(skeleton(self)));
	if (is_ascii_word(&out))
		return out;
	return self;
}

static struct units fold(UChar32 c)
{
	struct units letters = bare(of_code_point(c));
	struct units out = {.len = 0};

	for (int32_t i = 0; i < letters.len;) {
		UChar32 letter;
		struct units folded;

		U16_NEXT(letters.at, i, letters.len, letter);
		folded = fold_letter(letter);
		if (out.len + folded.len > UNITS_MAX)
			return of_code_point(c);
		u_memcpy(out.at + out.len, folded.at, folded.len);
		out.len += folded.len;
	}
	return out;
}

/* FOLD_LATIN, or FOLD_OTHER: what scripts a label mixes is told by the letters alone. */
static int script(UChar32 c)
{
	UErrorCode code = U_ZERO_ERROR;
	UScriptCode is = uscript_getScript(c, &code);

	check(code, "script");
	return is == USCRIPT_LATIN || is == USCRIPT_COMMON || is == USCRIPT_INHERITED ? 0 : 1;
}

static void prepare(void)
{
	static const UChar id[] = u"Latin-ASCII";
	UErrorCode code = U_ZERO_ERROR;
	UParseError at;

	casefold = unorm2_getNFKCCasefoldInstance(&code);
	check(code, "NFKC_Casefold");
	nfd = unorm2_getNFDInstance(&code);
	check(code, "NFD");
	spoof = uspoof_open(&code);
	check(code, "confusables");
	latin_ascii = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, &at, &code);
	check(code, "Latin-ASCII");
	for (UChar32 c = 'a'; c <= 'z'; c++)
		of_ascii[c] = skeleton(of_code_point(c));
	for (UChar32 c = '0'; c <= '9'; c++)
		of_ascii[c] = skeleton(of_code_point(c));
}

/* Where text stands in the pool, put there if need be. */
static unsigned pooled(char *pool, unsigned *used, const char *text, unsigned len)
{
	for (unsigned at = 0; at + len <= *used; at++)
		if (memcmp(pool + at, text, len) == 0)
			return at;
	if (*used + len > POOL_MAX) {
		fprintf(stderr, "make_fold: more than %d octets of text\n", POOL_MAX);
		exit(1);
	}
	memcpy(pool + *used, text, len);
	*used += len;
	return *used - len;
}

int main(void)
{
	static char pool[POOL_MAX];
	unsigned used = 0, entries = 0;

	prepare();
	printf("/* Made by make_fold from ICU %s, Unicode %s. */\n", U_ICU_VERSION,
	    U_UNICODE_VERSION);
	printf("static const struct fold_entry fold_entries[] = {\n");
	for (UChar32 c = 0x80; c <= 0x10ffff; c++) {
		struct units folded;
		char text[4 * UNITS_MAX];
		int32_t len;
		UErrorCode code = U_ZERO_ERROR;

		if (!u_isdefined(c) || U_IS_SURROGATE(c) || u_charType(c) == U_PRIVATE_USE_CHAR)
			continue;
		folded = fold(c);
		/* What does not look Latin stays as it is, and so does a protected name in its own
		 * script: IDNA (RFC 5892) lets one form of a letter into names. */
		if (!is_ascii_word(&folded))
			continue;
		u_strToUTF8(text, sizeof(text), &len, folded.at, folded.len, &code);
		check(code, "UTF-8");
		if (len > 4)
			continue; /* phrases in one sign, such as U+33C2 */
		printf("{0x%x, %d, %d, %u},\n", (unsigned)c, (int)len, script(c),
		    pooled(pool, &used, text, (unsigned)len));
		entries++;
	}
	printf("};\nstatic const unsigned char fold_pool[] = {");
	for (unsigned i = 0; i < used; i++)
		printf("%s%u,", i % 20 == 0 ? "\n" : "", (unsigned char)pool[i]);
	printf("};\n");
	fprintf(stderr, "make_fold: %u code points, %u octets\n", entries, used);
	utrans_close(latin_ascii);
	uspoof_close(spoof);
	return 0;
}
