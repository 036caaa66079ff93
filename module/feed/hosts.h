/* Hosts files, hosts(5): a sinkhole address, then names, which are listed exactly.
 *
 * Only the unspecified and the loopback addresses are sinkholes: a line that maps a
 * name to any other address says where it is, not that it is abusive, and its
 * names are refused as unsupported-action. The names that such files carry for the
 * machine itself (localhost, broadcasthost, ip6-allnodes, ...) are local-name.
 */
#ifndef PS_FEED_HOSTS_H
#define PS_FEED_HOSTS_H

#include "feed/reading.h"

PS_MUST_USE enum ps_status ps_hosts_read(struct ps_reading *reading);

#endif
