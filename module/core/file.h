/* Files: read whole within a limit, read by lines within a limit, replaced whole
 * or not at all.
 *
 * Threads: each object by one thread at a time.
 */
#ifndef PS_CORE_FILE_H
#define PS_CORE_FILE_H

#include "core/buffer.h"

#include <stdio.h>

/* Reads the regular file at path into buffer (initialised; its max is the
 * limit). Directories, devices and FIFOs are refused. Errors: PS_NOT_FOUND,
 * PS_IO, PS_LIMIT, PS_NO_MEMORY, PS_INVALID (not a regular file). */
PS_MUST_USE enum ps_status ps_file_read(
    const char *path, struct ps_buffer *buffer, struct ps_error *err);

/* Opens a regular file for reading (no FIFO can block it); same errors. */
PS_MUST_USE enum ps_status ps_file_open(const char *path, int *fd, struct ps_error *err);

/* --- lines --------------------------------------------------------------- */

/* A line longer than this is skipped and reported, never held: 100 MB lines
 * cost no more memory than short ones. */
#define PS_LINE_MAX 8192

struct ps_lines;

enum ps_line_kind {
	PS_LINE,          /* a line; bytes without LF or CR LF */
	PS_LINE_TOO_LONG, /* over PS_LINE_MAX: bytes holds its beginning */
	PS_LINE_END,      /* no more lines */
};

struct ps_line {
	enum ps_line_kind kind;
	uint64_t number;       /* 1-based */
	uint64_t offset;       /* of its first octet in the file */
	struct ps_bytes bytes; /* borrowed until the next call; may hold NULs */
};

/* Reads from fd, which it does not own, at most max_bytes in all. A UTF-8 byte
 * order mark at the beginning is dropped. */
PS_MUST_USE enum ps_status ps_lines_create(
    struct ps_lines **out, int fd, uint64_t max_bytes, struct ps_error *err);
void ps_lines_destroy(struct ps_lines *lines);

/* The next line. Errors: PS_IO, PS_LIMIT (over max_bytes). */
PS_MUST_USE enum ps_status ps_lines_next(
    struct ps_lines *lines, struct ps_line *out, struct ps_error *err);

/* --- whole replacement ---------------------------------------------------- */

/* A file being written beside its target, under a name of its own in the same
 * folder. commit: flush, fsync, rename over the target, fsync the folder: so a
 * reader sees the old file or the new one, whole, whatever happens (RELIABILITY
 * F7). A failed fsync is final: nothing is retried and the target stays. */
struct ps_file_writer {
	FILE *stream; /* write here with fwrite; errors are seen at commit */
	char *path;
	char *temp;
	char *folder;
};

PS_MUST_USE enum ps_status ps_file_writer_open(
    struct ps_file_writer *writer, const char *path, unsigned mode, struct ps_error *err);

/* Ends the writer in both cases; on error the temporary file is gone. */
PS_MUST_USE enum ps_status ps_file_writer_commit(
    struct ps_file_writer *writer, struct ps_error *err);

/* Removes the temporary file. Harmless after commit and on a zeroed writer. */
void ps_file_writer_abort(struct ps_file_writer *writer);

#endif
