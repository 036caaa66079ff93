/* Extended DNS Errors by name: the registry of RFC 8914 section 5.2, as words.
 *
 * Threads: constant data.
 */
#ifndef PS_POLICY_EDE_H
#define PS_POLICY_EDE_H

#include "policy/binder.h"
#include "policy/plan.h"

#define PS_EDE_CODE_MAX 65535
/* The value of the word "none": no error at all. */
#define PS_EDE_WORD_NONE 65536

/* "blocked" for 15; NULL for a code without a name. */
const char *ps_ede_name(unsigned code);

/* All names and "none", those that a policy has most use for first; ends in NULL. */
extern const struct ps_word ps_ede_words[];

/* Sub-errors of structured errors by name, and "none"; ends in NULL. */
extern const struct ps_word ps_sub_error_words[];

#endif
