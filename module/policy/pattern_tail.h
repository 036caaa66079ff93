/* What every name that a pattern matches ends in, as far as that is plain to see.
 *
 * Threads: pure functions.
 */
#ifndef PS_POLICY_PATTERN_TAIL_H
#define PS_POLICY_PATTERN_TAIL_H

#include "core/bytes.h"

#define PS_PATTERN_TAIL_MAX 253

/* The literal text before a '$' at the pattern's end: "\.top$" gives ".top". Returns its
 * octets; 0: none, or it cannot be told without doubt. The pattern is one that compiles. */
size_t ps_pattern_tail(struct ps_bytes pattern, char out[PS_PATTERN_TAIL_MAX]);

#endif
