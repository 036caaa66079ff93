#include "policy/plan.h"

static const char *const action_names[PS_ACTION_COUNT] = {
    [PS_ACTION_PASS] = "pass",
    [PS_ACTION_LOG] = "log",
    [PS_ACTION_NXDOMAIN] = "nxdomain",
    [PS_ACTION_NODATA] = "nodata",
    [PS_ACTION_REFUSED] = "refused",
    [PS_ACTION_DROP] = "drop",
    [PS_ACTION_SINKHOLE] = "sinkhole",
    [PS_ACTION_TRUNCATE] = "truncate",
};

static const char *const technique_names[PS_TECHNIQUE_COUNT] = {
    [PS_TECHNIQUE_NONE] = "none",
    [PS_TECHNIQUE_HOMOGLYPH] = "homoglyph",
    [PS_TECHNIQUE_IDN] = "idn",
    [PS_TECHNIQUE_WHOLE_SCRIPT] = "whole-script",
    [PS_TECHNIQUE_MIXED_SCRIPT] = "mixed-script",
    [PS_TECHNIQUE_LEET] = "leet",
    [PS_TECHNIQUE_OMISSION] = "omission",
    [PS_TECHNIQUE_INSERTION] = "insertion",
    [PS_TECHNIQUE_ADDITION] = "addition",
    [PS_TECHNIQUE_REPETITION] = "repetition",
    [PS_TECHNIQUE_TRANSPOSITION] = "transposition",
    [PS_TECHNIQUE_ADJACENT_KEY] = "adjacent-key",
    [PS_TECHNIQUE_VOWEL_SWAP] = "vowel-swap",
    [PS_TECHNIQUE_BIT_FLIP] = "bit-flip",
    [PS_TECHNIQUE_REPLACEMENT] = "replacement",
    [PS_TECHNIQUE_PLURAL] = "plural",
    [PS_TECHNIQUE_HYPHENATION] = "hyphenation",
    [PS_TECHNIQUE_SOUND] = "sound",
    [PS_TECHNIQUE_KEYWORD] = "keyword",
    [PS_TECHNIQUE_RANDOM] = "random",
    [PS_TECHNIQUE_AUTHORITY] = "authority",
    [PS_TECHNIQUE_COMBINATION] = "combination",
    [PS_TECHNIQUE_SUBDOMAIN] = "subdomain",
    [PS_TECHNIQUE_EMBEDDED] = "embedded",
    [PS_TECHNIQUE_GLUED] = "glued",
    [PS_TECHNIQUE_WRONG_TLD] = "wrong-tld",
    [PS_TECHNIQUE_POST_TLD] = "post-tld",
};

static bool from_text(
    struct ps_bytes text, const char *const *names, unsigned count, unsigned *out)
{
	for (unsigned i = 0; i < count; i++)
		if (ps_bytes_equal_text(text, names[i])) {
			*out = i;
			return true;
		}
	return false;
}

const char *ps_action_name(unsigned action)
{
	return action < PS_ACTION_COUNT ? action_names[action] : NULL;
}

bool ps_action_from_text(struct ps_bytes text, enum ps_action *out)
{
	unsigned number;

	if (!from_text(text, action_names, PS_ACTION_COUNT, &number))
		return false;
	*out = (enum ps_action)number;
	return true;
}

const char *ps_client_form_name(unsigned form)
{
	static const char *const names[PS_CLIENT_FORM_COUNT] = {"none", "full", "prefix", "hash"};

	return form < PS_CLIENT_FORM_COUNT ? names[form] : NULL;
}

const char *ps_technique_name(unsigned technique)
{
	return technique < PS_TECHNIQUE_COUNT ? technique_names[technique] : NULL;
}

bool ps_technique_from_text(struct ps_bytes text, enum ps_technique *out)
{
	unsigned number;

	if (!from_text(text, technique_names, PS_TECHNIQUE_COUNT, &number))
		return false;
	*out = (enum ps_technique)number;
	return true;
}
