/* What a feed lists, from its text: a name, an address or prefix, a URL's host.
 *
 * Each function fills the name or address part of an indicator and leaves the
 * rest; a name lies in the caller's storage and lives as long. On PS_INVALID
 * *reason says why and *out is untouched; the other error is PS_NO_MEMORY.
 * Nothing is guessed: defanged forms ("hxxp://", "example[.]com") are refused
 * like any other text that is no name.
 * Threads: pure functions on the caller's storage.
 */
#ifndef PS_FEED_ENTRY_H
#define PS_FEED_ENTRY_H

#include "feed/feed.h"

/* A host name, U-labels allowed. Reasons: bad-name, bad-address (the last label is a
 * number, so this was to be an address), not-utf8, root-or-tld (the root). */
PS_MUST_USE enum ps_status ps_entry_from_host(struct ps_indicator *out,
    struct ps_name_buffer *storage, struct ps_bytes text, enum ps_scope scope,
    enum ps_refusal *reason);

/* The same checks of a name that is in wire form already, and is borrowed. */
PS_MUST_USE enum ps_status ps_entry_from_wire(struct ps_indicator *out, struct ps_name name,
    enum ps_scope scope, enum ps_refusal *reason);

/* Like ps_entry_from_host(), where "*.name" is every name below and ".name" is the subtree, whatever
 * scope says. */
PS_MUST_USE enum ps_status ps_entry_from_name(struct ps_indicator *out,
    struct ps_name_buffer *storage, struct ps_bytes text, enum ps_scope scope,
    enum ps_refusal *reason);

/* An address or a prefix. Reason: bad-address. */
PS_MUST_USE enum ps_status ps_entry_from_address(
    struct ps_indicator *out, struct ps_bytes text, enum ps_refusal *reason);

/* An http or https URL (RFC 3986): the host alone is kept, exactly. Its origin is
 * URL when path, query and fragment are empty or "/", and URL_PATH otherwise. A host
 * that is an IP literal gives an address. Reasons: bad-url, and those of a name. */
PS_MUST_USE enum ps_status ps_entry_from_url(struct ps_indicator *out,
    struct ps_name_buffer *storage, struct ps_bytes text, enum ps_refusal *reason);

/* Any of the three, told apart by its shape. */
PS_MUST_USE enum ps_status ps_entry_from_text(struct ps_indicator *out,
    struct ps_name_buffer *storage, struct ps_bytes text, enum ps_scope scope,
    enum ps_refusal *reason);

#endif
