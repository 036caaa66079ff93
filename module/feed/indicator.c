#include "feed/indicator.h"

static const char *const categories[PS_CATEGORY_COUNT] = {
    [PS_CATEGORY_OTHER] = "other",
    [PS_CATEGORY_PHISHING] = "phishing",
    [PS_CATEGORY_MALWARE] = "malware",
    [PS_CATEGORY_BOTNET] = "botnet",
    [PS_CATEGORY_FRAUD] = "fraud",
    [PS_CATEGORY_SPAM] = "spam",
    [PS_CATEGORY_IMPERSONATION] = "impersonation",
    [PS_CATEGORY_SUSPICIOUS] = "suspicious",
};

static const char *const tlps[PS_TLP_COUNT] = {
    [PS_TLP_CLEAR] = "clear",
    [PS_TLP_GREEN] = "green",
    [PS_TLP_AMBER] = "amber",
    [PS_TLP_AMBER_STRICT] = "amber+strict",
    [PS_TLP_RED] = "red",
};

#define SCOPE_COUNT (PS_SCOPE_BELOW + 1)

static const char *const scopes[SCOPE_COUNT] = {
    [PS_SCOPE_EXACT] = "exact",
    [PS_SCOPE_SUBTREE] = "subtree",
    [PS_SCOPE_BELOW] = "below",
};

static bool find(
    const char *const *names, unsigned count, struct ps_bytes text, unsigned *out)
{
	for (unsigned i = 0; i < count; i++) {
		if (ps_bytes_equal_text(text, names[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

const char *ps_category_name(unsigned category)
{
	return category < PS_CATEGORY_COUNT ? categories[category] : NULL;
}

bool ps_category_from_text(struct ps_bytes text, enum ps_category *out)
{
	unsigned found;

	if (!find(categories, PS_CATEGORY_COUNT, text, &found))
		return false;
	*out = (enum ps_category)found;
	return true;
}

const char *ps_tlp_name(unsigned tlp)
{
	return tlp < PS_TLP_COUNT ? tlps[tlp] : NULL;
}

bool ps_tlp_from_text(struct ps_bytes text, enum ps_tlp *out)
{
	unsigned found;

	if (!find(tlps, PS_TLP_COUNT, text, &found))
		return false;
	*out = (enum ps_tlp)found;
	return true;
}

const char *ps_scope_name(unsigned scope)
{
	return scope < SCOPE_COUNT ? scopes[scope] : NULL;
}

bool ps_scope_from_text(struct ps_bytes text, enum ps_scope *out)
{
	unsigned found;

	if (!find(scopes, SCOPE_COUNT, text, &found))
		return false;
	*out = (enum ps_scope)found;
	return true;
}
