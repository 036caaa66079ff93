#include "lookalike/signs.h"

static const int16_t points[PS_SIGN_COUNT] = {
    [PS_SIGN_SHORT] = 102,
    [PS_SIGN_MEDIUM] = 91,
    [PS_SIGN_LONG] = 85,
    [PS_SIGN_WEAK] = 58,
    [PS_SIGN_FOLDED] = -22,
    [PS_SIGN_IDN] = 31,
    [PS_SIGN_TYPO] = -53,
    [PS_SIGN_HYPHENATED] = 0,
    [PS_SIGN_LABEL] = 19,
    [PS_SIGN_TOKEN] = 20,
    [PS_SIGN_FRONT] = 10,
    [PS_SIGN_BACK] = -4,
    [PS_SIGN_INSIDE] = 0,
    [PS_SIGN_KEYWORD] = 40,
    [PS_SIGN_AUTHORITY] = 25,
    [PS_SIGN_RANDOM] = 6,
    [PS_SIGN_WORDS] = 0,
    [PS_SIGN_DIGITS] = -18,
    [PS_SIGN_COVERED] = -60,
    [PS_SIGN_SUBDOMAIN] = 25,
    [PS_SIGN_EMBEDDED] = 11,
    [PS_SIGN_WRONG_TLD] = -26,
    [PS_SIGN_COUNTRY] = -9,
    [PS_SIGN_TRUSTED] = -80,
    [PS_SIGN_FREE] = 42,
    [PS_SIGN_KEYWORD_ELSEWHERE] = 13,
    [PS_SIGN_RANDOM_DOMAIN] = 11,
    [PS_SIGN_DEEP] = 22,
    [PS_SIGN_HYPHENS] = 11,
    [PS_SIGN_WORD] = 53,
    [PS_SIGN_GENERIC] = 53,
    [PS_SIGN_POST] = 20,
    [PS_SIGN_HOME] = 16,
    [PS_SIGN_SLIGHT] = 19,
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
