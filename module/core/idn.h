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

#endif
