/* Plain lists: one entry a line.
 *
 * An entry is a name, an address or prefix, or an http(s) URL (feed/entry.h). "#",
 * ";" and "!" at the beginning of a line make it a comment; "#" and ";" also end an
 * entry, in a URL only after a blank (there they have a meaning of their own).
 * "||name^" as blockers for browsers write it is the subtree; their options
 * ("^$third-party") and exceptions ("@@") say something else and are refused.
 */
#ifndef PS_FEED_PLAIN_H
#define PS_FEED_PLAIN_H

#include "feed/reading.h"

PS_MUST_USE enum ps_status ps_plain_read(struct ps_reading *reading);

#endif
