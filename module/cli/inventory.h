/* What a snapshot holds: its sizes and its tables, for people and for programs.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_INVENTORY_H
#define PS_CLI_INVENTORY_H

#include "cli/fact.h"
#include "cli/table.h"
#include "snapshot/snapshot.h"

PS_MUST_USE enum ps_status ps_inventory_print(
    const struct ps_snapshot *snapshot, const char *path, const struct ps_terminal *terminal);
json_t *ps_inventory_json(const struct ps_snapshot *snapshot, const char *path, bool *whole);

/* The digest in hexadecimal. */
const char *ps_digest_text(const struct ps_snapshot *snapshot, char out[2 * PS_DIGEST_SIZE + 1]);

/* Octets a listed name; 0 when there is none. */
double ps_bytes_per_name(uint64_t bytes, uint64_t names);

#endif
