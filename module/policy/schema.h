/* The language's tables for others: the JSON Schema that editors use.
 *
 * Threads: reads constant tables.
 */
#ifndef PS_POLICY_SCHEMA_H
#define PS_POLICY_SCHEMA_H

#include "core/buffer.h"

/* JSON Schema (draft 7, which yaml-language-server reads) of one policy file, with
 * every key's documentation. It accepts every file that the binder accepts; what
 * one file alone cannot show (references, ids used twice) it does not know. Errors:
 * the buffer's own. */
void ps_policy_schema(struct ps_buffer *out);

#endif
