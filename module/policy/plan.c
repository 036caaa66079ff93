#include "policy/plan.h"

static const char *const action_names[PS_ACTION_COUNT] = {
    [PS_ACTION_PASS] = "pass",
    [PS_ACTION_LOG] = "log",
    [PS_ACTION_NXDOMAIN] = "nxdomain",
    [PS_ACTION_NODATA] = "nodata",
    [PS_ACTION_REFUSED] = "refused",
    [PS_ACTION_DROP] = "drop",
    [PS_ACTION_SINKHOLE] = "sinkhole",
};

const char *ps_action_name(unsigned action)
{
	return action < PS_ACTION_COUNT ? action_names[action] : NULL;
}

bool ps_action_from_text(struct ps_bytes text, enum ps_action *out)
{
	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		if (ps_bytes_equal_text(text, action_names[i])) {
			*out = (enum ps_action)i;
			return true;
		}
	return false;
}
