#include "lookalike/signs.h"

static const int16_t points[PS_SIGN_COUNT] = {
    [PS_SIGN_SHORT] = 96,
    [PS_SIGN_MEDIUM] = 96,
    [PS_SIGN_LONG] = 96,
    [PS_SIGN_WEAK] = 57,
    [PS_SIGN_FOLDED] = -22,
    [PS_SIGN_IDN] = 31,
    [PS_SIGN_TYPO] = -47,
    [PS_SIGN_HYPHENATED] = 0,
    [PS_SIGN_LABEL] = 6,
    [PS_SIGN_TOKEN] = 20,
    [PS_SIGN_FRONT] = 13,
    [PS_SIGN_BACK] = 0,
    [PS_SIGN_INSIDE] = 0,
    [PS_SIGN_KEYWORD] = 34,
    [PS_SIGN_AUTHORITY] = 25,
    [PS_SIGN_RANDOM] = 5,
    [PS_SIGN_WORDS] = 0,
    [PS_SIGN_DIGITS] = -16,
    [PS_SIGN_COVERED] = -60,
    [PS_SIGN_SUBDOMAIN] = 27,
    [PS_SIGN_EMBEDDED] = 11,
    [PS_SIGN_WRONG_TLD] = -14,
    [PS_SIGN_COUNTRY] = -4,
    [PS_SIGN_TRUSTED] = -100,
    [PS_SIGN_FREE] = 39,
    [PS_SIGN_KEYWORD_ELSEWHERE] = 16,
    [PS_SIGN_RANDOM_DOMAIN] = 12,
    [PS_SIGN_DEEP] = 30,
    [PS_SIGN_HYPHENS] = 20,
    [PS_SIGN_WORD] = 51,
    [PS_SIGN_GENERIC] = 51,
    [PS_SIGN_POST] = 20,
    [PS_SIGN_HOME] = 14,
    [PS_SIGN_SLIGHT] = 10,
    [PS_SIGN_SLIGHTEST] = 36,
    [PS_SIGN_RUN_ON] = -35,
    [PS_SIGN_TRADE] = -40,
    [PS_SIGN_PAPER] = -25,
    [PS_SIGN_HOME_TLD] = -20,
    [PS_SIGN_CHANCE] = -400,
};
#define POINTS_A_DOUBLING 13

int ps_sign_points(enum ps_sign sign, uint16_t ratio)
{
	int doublings = 0;

	if (sign != PS_SIGN_TLD)
		return points[sign];
	for (; ratio > 1; ratio /= 2)
		doublings++;
	return doublings * POINTS_A_DOUBLING;
}

int ps_signs_sum(uint64_t signs, uint16_t ratio)
{
	int sum = 0;

	for (unsigned i = 0; i < PS_SIGN_COUNT; i++)
		if (signs >> i & 1)
			sum += ps_sign_points((enum ps_sign)i, ratio);
	return sum;
}

uint8_t ps_signs_score(uint64_t signs, uint16_t ratio)
{
	int sum = ps_signs_sum(signs, ratio);

	return (uint8_t)(sum < 1 ? 1 : sum > 100 ? 100 : sum);
}
