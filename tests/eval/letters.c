/* Prints the letters that can stand in an internationalised name and look like an ASCII letter:
 *
 *     CODEPOINT LETTER confusable|diacritic SCRIPT
 *
 * confusable: its skeleton is the letter's (UTS #39, ICU's data); diacritic: decomposed, it is
 * the letter with marks. Only lower-case letters that NFKC_Casefold leaves alone, as IDNA
 * (RFC 5892) wants them. */
#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>
#include <unicode/utf16.h>

#define UNITS 32

static int skeleton(const USpoofChecker *spoof, UChar32 c, UChar out[UNITS])
{
	UErrorCode code = U_ZERO_ERROR;
	UChar text[2];
	int32_t len = 0, got;

	U16_APPEND_UNSAFE(text, len, c);
	got = uspoof_getSkeleton(spoof, 0, text, len, out, UNITS, &code);
	return U_SUCCESS(code) ? got : 0;
}

static int stands_in_names(const UNormalizer2 *casefold, UChar32 c)
{
	UErrorCode code = U_ZERO_ERROR;
	UChar text[2], out[UNITS];
	int32_t len = 0, got;

	if (u_charType(c) != U_LOWERCASE_LETTER && u_charType(c) != U_OTHER_LETTER)
		return 0;
	U16_APPEND_UNSAFE(text, len, c);
	got = unorm2_normalize(casefold, text, len, out, UNITS, &code);
	return U_SUCCESS(code) && got == len && memcmp(out, text, (size_t)len * sizeof(UChar)) == 0;
}

/* The ASCII letter below the marks; 0: there is none. */
static int below_marks(const UNormalizer2 *nfc, UChar32 c)
{
	UErrorCode code = U_ZERO_ERROR;
	UChar out[UNITS];
	int32_t len = unorm2_getDecomposition(nfc, c, out, UNITS, &code);
	UChar32 first;

	if (len < 2)
		return 0;
	first = out[0];
	if (first >= 0x80) /* marks upon marks */
		return below_marks(nfc, first);
	return first >= 'a' && first <= 'z' ? (int)first : 0;
}

int main(void)
{
	UErrorCode code = U_ZERO_ERROR;
	USpoofChecker *spoof = uspoof_open(&code);
	const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(&code);
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&code);
	UChar letters['z' + 1][UNITS];
	int lens['z' + 1];

	if (U_FAILURE(code)) {
		fprintf(stderr, "letters: %s\n", u_errorName(code));
		return 1;
	}
	for (int a = 'a'; a <= 'z'; a++)
		lens[a] = skeleton(spoof, a, letters[a]);
	for (UChar32 c = 0x80; c < 0x30000; c++) {
		UChar own[UNITS];
		int len, marked;
		UErrorCode ignored = U_ZERO_ERROR;
		const char *script;

		if (!stands_in_names(casefold, c))
			continue;
		script = uscript_getShortName(uscript_getScript(c, &ignored));
		marked = below_marks(nfc, c);
		if (marked != 0) {
			printf("%04x %c diacritic %s\n", (unsigned)c, marked, script);
			continue;
		}
		len = skeleton(spoof, c, own);
		for (int a = 'a'; a <= 'z' && len > 0; a++)
			if (len == lens[a] && memcmp(own, letters[a], (size_t)len * sizeof(UChar)) == 0)
				printf("%04x %c confusable %s\n", (unsigned)c, a, script);
	}
	uspoof_close(spoof);
	return 0;
}
