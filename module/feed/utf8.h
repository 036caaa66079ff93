/* Whether bytes are text.
 *
 * Threads: pure functions.
 */
#ifndef PS_FEED_UTF8_H
#define PS_FEED_UTF8_H

#include "core/bytes.h"

/* True when bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF) without NUL. */
bool ps_utf8_is_text(struct ps_bytes bytes);

#endif
