/* A pattern of the policy, asked of names while the policy is checked, within the limits that the
 * resolver keeps.
 *
 * Ownership: open/close. Threads: one at a time.
 */
#ifndef PS_POLICY_PATTERN_MATCH_H
#define PS_POLICY_PATTERN_MATCH_H

#include "core/bytes.h"

struct ps_pattern_match;

/* pattern: one that was found to be good. NULL: out of memory. */
struct ps_pattern_match *ps_pattern_open(struct ps_bytes pattern);
void ps_pattern_close(struct ps_pattern_match *match);

/* Is it found in the text? A limit that is hit counts as no. */
bool ps_pattern_matches(struct ps_pattern_match *match, struct ps_bytes text);

/* Is it found in names that have so little in common that it chooses nothing? */
bool ps_pattern_matches_all(struct ps_pattern_match *match);

#endif
