/* The snapshots that were published last, kept beside the one that serves, to go back to.
 *
 * They lie in generations/ of the state folder as NUMBER-DIGEST.ps. They are copies: a hard link
 * would change with a file that somebody overwrites in place. A higher number was published
 * later. Those above the number of the one that serves were rolled back from; the next build
 * drops them, so that "the one before" is always one that served.
 *
 * Ownership: plain values. Threads: one at a time, under the publication's lock where said.
 */
#ifndef PS_CLI_GENERATIONS_H
#define PS_CLI_GENERATIONS_H

#include "core/status.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS_GENERATIONS_FOLDER "generations"
#define PS_GENERATIONS_KEPT 3 /* beside the one that serves */
#define PS_GENERATIONS_MAX 32 /* files that are looked at: the newest */
#define PS_GENERATION_DIGEST 16 /* digits of the digest in a name */

struct ps_generation_file {
	uint64_t number;
	char digest[PS_GENERATION_DIGEST + 1];
	uint64_t time; /* when it was built, Unix seconds */
	uint64_t octets;
};

struct ps_generations {
	char folder[PATH_MAX];
	struct ps_generation_file file[PS_GENERATIONS_MAX]; /* newest first */
	size_t count;
};

/* Reads the folder; one that is not there has none. Errors: PS_IO, PS_LIMIT. */
PS_MUST_USE enum ps_status ps_generations_read(
    struct ps_generations *out, const char *state, struct ps_error *err);

/* Under the lock: keeps a copy of the file at path as the newest, unless the newest has that
 * digest, and drops those above the one whose digest is `serves` (rolled back from; "": none are),
 * and the oldest beyond PS_GENERATIONS_KEPT and one. Errors: PS_IO, PS_LIMIT. */
PS_MUST_USE enum ps_status ps_generations_keep(const char *state, const char *path,
    const char *digest, const char *serves, struct ps_error *err);

/* Copies a file to a name that is not there yet, and syncs it. Errors: PS_IO, PS_NOT_FOUND,
 * PS_INVALID (no regular file). */
PS_MUST_USE enum ps_status ps_generation_copy(
    const char *from, const char *to, struct ps_error *err);

/* Index of the one with that digest; count when there is none. */
size_t ps_generations_find(const struct ps_generations *generations, const char *digest);

void ps_generation_path(const struct ps_generations *generations, size_t index,
    char out[PATH_MAX]);

#endif
