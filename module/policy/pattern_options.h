/* How patterns are compiled, said once: for the check of a policy here, and for the
 * resolver (verdict/pattern.c), so that what a check accepts does compile.
 *
 * No UTF: names are octets. NEVER_*: a pattern cannot switch these on by itself.
 * Needs <pcre2.h>; the limits of matching stand in plan.h.
 */
#ifndef PS_POLICY_PATTERN_OPTIONS_H
#define PS_POLICY_PATTERN_OPTIONS_H

#define PS_PATTERN_COMPILE_OPTIONS \
	(PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY)

#endif
