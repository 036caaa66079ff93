/* Negative control of RELIABILITY M11: patterns may take as long as they like. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

int __wrap_pcre2_set_match_limit_8(pcre2_match_context *context, uint32_t limit); /* NOLINT */
int __wrap_pcre2_set_depth_limit_8(pcre2_match_context *context, uint32_t limit); /* NOLINT */

int __wrap_pcre2_set_match_limit_8(pcre2_match_context *context, uint32_t limit)
{
	(void)context;
	(void)limit;
	return 0;
}

int __wrap_pcre2_set_depth_limit_8(pcre2_match_context *context, uint32_t limit)
{
	(void)context;
	(void)limit;
	return 0;
}
