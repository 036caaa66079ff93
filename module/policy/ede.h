/* Extended DNS Errors by name: the registry of RFC 8914 section 5.2, as words.
 *
 * Threads: constant data.
 */
#ifndef PS_POLICY_EDE_H
#define PS_POLICY_EDE_H

#include "policy/binder.h"

#define PS_EDE_FORGED_ANSWER 4
#define PS_EDE_BLOCKED 15
#define PS_EDE_CODE_MAX 65535
/* The value of the word "none": no error at all. */
#define PS_EDE_WORD_NONE 65536

/* "blocked" for 15; NULL for a code without a name. */
const char *ps_ede_name(unsigned code);

/* All names and "none", those that a policy has most use for first; ends in NULL. */
extern const struct ps_word ps_ede_words[];

#endif
