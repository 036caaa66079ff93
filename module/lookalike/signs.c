#include "lookalike/signs.h"

static const int8_t points[PS_SIGN_COUNT] = {
    [PS_SIGN_SHORT] = 40,
    [PS_SIGN_MEDIUM] = 45,
    [PS_SIGN_LONG] = 50,
    [PS_SIGN_WEAK] = 20,
    [PS_SIGN_FOLDED] = 10,
    [PS_SIGN_IDN] = 20,
    [PS_SIGN_TYPO] = -10,
    [PS_SIGN_HYPHENATED] = -10,
    [PS_SIGN_LABEL] = 20,
    [PS_SIGN_TOKEN] = 15,
    [PS_SIGN_FRONT] = 5,
    [PS_SIGN_BACK] = -10,
    [PS_SIGN_INSIDE] = -20,
    [PS_SIGN_KEYWORD] = 25,
    [PS_SIGN_AUTHORITY] = 10,
    [PS_SIGN_RANDOM] = 10,
    [PS_SIGN_WORDS] = -10,
    [PS_SIGN_DIGITS] = 5,
    [PS_SIGN_COVERED] = -40,
    [PS_SIGN_SUBDOMAIN] = 0,
    [PS_SIGN_EMBEDDED] = 40,
    [PS_SIGN_WRONG_TLD] = 0,
    [PS_SIGN_COUNTRY] = -5,
    [PS_SIGN_TRUSTED] = -40,
    [PS_SIGN_FREE] = 10,
    [PS_SIGN_KEYWORD_ELSEWHERE] = 15,
    [PS_SIGN_RANDOM_DOMAIN] = 15,
    [PS_SIGN_DEEP] = 5,
    [PS_SIGN_HYPHENS] = 5,
    [PS_SIGN_SECOND] = 5,
    [PS_SIGN_POST] = 30,
};
#define POINTS_A_DOUBLING 6

int ps_sign_points(enum ps_sign sign, uint16_t ratio)
{
	int doublings = 0;

	if (sign != PS_SIGN_TLD)
		return points[sign];
	for (; ratio > 1; ratio /= 2)
		doublings++;
	return doublings * POINTS_A_DOUBLING;
}

uint8_t ps_signs_score(uint32_t signs, uint16_t ratio)
{
	int sum = 0;

	for (unsigned i = 0; i < PS_SIGN_COUNT; i++)
		if (signs >> i & 1)
			sum += ps_sign_points((enum ps_sign)i, ratio);
	return (uint8_t)(sum < 1 ? 1 : sum > 100 ? 100 : sum);
}
