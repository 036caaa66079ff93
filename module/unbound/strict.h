/* Strict: a resolver that would let every query through does not start.
 *
 * Asked for by `strict: yes` in the policy, which `postshield build` leaves as the file "strict" in
 * the state folder (a policy that lies in a snapshot cannot speak of when there is none), or by
 * the environment variable POSTSHIELD_STRICT, which holds before the first build as well.
 *
 * Threads: the main thread's, in init.
 */
#ifndef PS_UNBOUND_STRICT_H
#define PS_UNBOUND_STRICT_H

#include "unbound/module.h"

/* module NULL: there was no memory for it. Says why in one line. */
bool ps_strict_refuses(struct ps_module *module);

#endif
