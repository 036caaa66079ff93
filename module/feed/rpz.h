/* Response policy zones in master file form (RFC 1035 section 5; the triggers and actions
 * of draft-vixie-dnsop-dns-rpz-00, sections 4 and 3).
 *
 * The first record must be the SOA: its owner is the apex that triggers are relative to.
 * Without $ORIGIN names are relative to the root, which is how most lists are given
 * out. Records at the apex are passed over. $INCLUDE and $GENERATE are refused: what
 * they stand for would be missing.
 * Triggers taken: query names (section 4.1.1: exact, and "*." for every name below) and
 * response addresses (rpz-ip, section 4.3), name servers (rpz-nsdname, rpz-nsip, sections 4.4
 * and 4.5): they say nothing of other names and addresses. rpz-client-ip is unsupported-type.
 * Actions taken as "listed": CNAME to ".", "*." or rpz-drop., and local data.
 * rpz-passthru., rpz-tcp-only., any other rpz-, and the old form of passthru (CNAME to
 * the trigger itself) are unsupported-action.
 * Several records of one owner in a row are one indicator.
 */
#ifndef PS_FEED_RPZ_H
#define PS_FEED_RPZ_H

#include "feed/reading.h"

PS_MUST_USE enum ps_status ps_rpz_read(struct ps_reading *reading);

#endif
