#include "lookalike/signs.h"

static const int16_t points[PS_SIGN_COUNT] = {
    [PS_SIGN_SHORT] = 133,
    [PS_SIGN_MEDIUM] = 109,
    [PS_SIGN_LONG] = 95,
    [PS_SIGN_WEAK] = 60,
    [PS_SIGN_FOLDED] = -41,
    [PS_SIGN_IDN] = 36,
    [PS_SIGN_TYPO] = -86,
    [PS_SIGN_HYPHENATED] = -6,
    [PS_SIGN_LABEL] = 33,
    [PS_SIGN_TOKEN] = 19,
    [PS_SIGN_FRONT] = 0,
    [PS_SIGN_BACK] = -16,
    [PS_SIGN_INSIDE] = 0,
    [PS_SIGN_KEYWORD] = 49,
    [PS_SIGN_AUTHORITY] = 10,
    [PS_SIGN_RANDOM] = 2,
    [PS_SIGN_WORDS] = 0,
    [PS_SIGN_DIGITS] = -25,
    [PS_SIGN_COVERED] = -45,
    [PS_SIGN_SUBDOMAIN] = 44,
    [PS_SIGN_EMBEDDED] = 31,
    [PS_SIGN_WRONG_TLD] = -50,
    [PS_SIGN_COUNTRY] = -8,
    [PS_SIGN_TRUSTED] = -80,
    [PS_SIGN_FREE] = 75,
    [PS_SIGN_KEYWORD_ELSEWHERE] = 20,
    [PS_SIGN_RANDOM_DOMAIN] = 0,
    [PS_SIGN_DEEP] = 26,
    [PS_SIGN_HYPHENS] = 16,
    [PS_SIGN_WORD] = 56,
    [PS_SIGN_GENERIC] = 108,
    [PS_SIGN_POST] = 20,
    [PS_SIGN_HOME] = 39,
    [PS_SIGN_SLIGHT] = 28,
    [PS_SIGN_CHANCE] = -400,
};
#define POINTS_A_DOUBLING 12

int ps_sign_points(enum ps_sign sign, uint16_t ratio)
{
	int doublings = 0;

	if (sign != PS_SIGN_TLD)
		return points[sign];
	for (; ratio > 1; ratio /= 2)
		doublings++;
	return doublings * POINTS_A_DOUBLING;
}

uint8_t ps_signs_score(uint64_t signs, uint16_t ratio)
{
	int sum = 0;

	for (unsigned i = 0; i < PS_SIGN_COUNT; i++)
		if (signs >> i & 1)
			sum += ps_sign_points((enum ps_sign)i, ratio);
	return (uint8_t)(sum < 1 ? 1 : sum > 100 ? 100 : sum);
}
