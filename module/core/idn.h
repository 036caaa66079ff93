/* Names as people and feeds write them: UTF-8 in, A-labels inside.
 *
 * Kept apart from name.h because it needs libidn2, which the resolver must not.
 * Threads: pure functions on the caller's storage.
 */
#ifndef PS_CORE_IDN_H
#define PS_CORE_IDN_H

#include "core/name.h"

/* Like ps_name_from_text(), but octets above 0x7f are read as UTF-8 and turned
 * to A-labels by UTS #46 non-transitional processing (RFC 5891). Errors:
 * PS_INVALID (bad UTF-8, disallowed code point, over length), PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_name_from_user(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err);

/* Like ps_name_from_user(), for what somebody typed or pasted: an empty text, and octets that
 * stand in URLs, lists and defanged names but in no host ("/", ",", "[", blanks and the like), are
 * refused with what was probably meant; as \DDD they are octets as any other. An address is
 * refused, too: with a dot behind it, it is a name. Errors: PS_INVALID with a whole sentence,
 * PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_name_from_person(struct ps_name *out,
    struct ps_name_buffer *storage, struct ps_bytes text, struct ps_error *err);

/* The host of a URL, or of what is left of one; borrowed, may be empty. */
struct ps_bytes ps_url_host(struct ps_bytes text);

#endif
