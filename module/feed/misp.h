/* MISP events (the MISP core format, draft-dulaunoy-misp-core-format): one, an array of
 * them, or {"response": [...]} as its REST interface answers.
 *
 * Read twice, so fd must be a regular file: an event's tags stand behind its attributes,
 * and an event that is broken anywhere is refused before its first attribute is handed
 * on. Attributes of events and of their objects are taken when to_ids is set and
 * their type is one of
 *   domain, domain|ip (the name: the address is where it pointed once)
 *   hostname, hostname|port                    exactly that host
 *   url, uri                                   its host (feed/entry.h)
 *   ip-dst, ip-src, ip-dst|port, ip-src|port
 * A deleted one is revoked. TLP is the most restricted of the event's and the
 * attribute's tlp: tags; category and confidence are what the attribute's tags and
 * galaxies say, then the event's, then (category) the attribute's MISP category.
 * Reference: the attribute's UUID.
 */
#ifndef PS_FEED_MISP_H
#define PS_FEED_MISP_H

#include "feed/reading.h"

#define PS_MISP_EVENTS_MAX 1000000u

PS_MUST_USE enum ps_status ps_misp_read(struct ps_reading *reading);

#endif
