/* A policy file's text while it is being read: its lines, and places in it.
 *
 * Ownership: name, text and line table are the caller's arena's.
 * Threads: immutable once made, but for what stands behind line_count.
 */
#ifndef PS_POLICY_SOURCE_H
#define PS_POLICY_SOURCE_H

#include "core/arena.h"

/* Where YAML's reader gave up. Lines are 1-based. */
struct ps_broken {
	uint32_t line;   /* 0: it did not */
	uint32_t opened; /* what was opened there is not closed; 0: nothing */
};

struct ps_source {
	const char *name;      /* as the user named it */
	struct ps_bytes text;  /* without a byte order mark */
	const uint32_t *lines; /* offset of every line's first octet */
	uint32_t line_count;
	size_t skipped; /* octets of the file before text: a byte order mark */
	bool plain;     /* a name or word a line, not YAML */
	struct ps_broken broken;
	bool cut; /* could not be read to its end: what is missing may stand there */
};

/* A stretch of one line. source NULL: nowhere; line 0: the file as a whole. */
struct ps_span {
	const struct ps_source *source;
	uint32_t line;   /* 1-based */
	uint32_t column; /* 1-based, in characters */
	uint32_t length; /* characters, at least 1 */
};

/* Takes name and text (under 4 GiB) as they are, finds the lines: they end in LF,
 * CR LF or CR (YAML 1.2 section 5.4). Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_source_init(struct ps_source *source, const char *name,
    struct ps_bytes text, struct ps_arena *arena);

/* The line without its end; empty for a number that is none. */
struct ps_bytes ps_source_line(const struct ps_source *source, uint32_t line);

/* The place of the octet at offset. */
struct ps_span ps_source_at(const struct ps_source *source, size_t offset);

static inline struct ps_span ps_span_of_file(const struct ps_source *source)
{
	return (struct ps_span){.source = source, .length = 1};
}

#endif
