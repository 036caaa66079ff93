/* Is this the Unbound that the module was built for?
 *
 * dynlib has no ABI check, and a module built against another tree would write
 * through wrong offsets. The daemon's image holds two strings that together decide
 * the layouts: its package string ("unbound 1.17.1") and its configure line (both
 * are printed by `unbound -V`). They are searched in memory, so chroot, a replaced
 * binary on disk and libunbound make no difference.
 *
 * Threads: called once, from init.
 */
#ifndef PS_UNBOUND_HOST_H
#define PS_UNBOUND_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* True when both strings stand in the image that holds Unbound's code. Else found
 * gets what the image says of itself ("unbound 1.22.0, another configure line"). */
bool ps_host_is_ours(char *found, size_t size);

#endif
