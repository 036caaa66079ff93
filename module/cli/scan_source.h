/* Where `scan` has its names from: files one after another, cut into batches of whole
 * lines.
 *
 * A line longer than a batch is cut: its beginning is handed on, the rest passed over. A line
 * that holds a JSON array of certificates may be of any length: each of its elements counts as
 * a line does (scan_elements.h).
 * A zone file's owner names are handed on as lines, too, and so are the names of events.
 * What has come through a pipe is handed on at once, however little it is.
 * Ownership: init/clear on the caller's storage; batches are the caller's.
 * Threads: one at a time (the crew's lock).
 */
#ifndef PS_CLI_SCAN_SOURCE_H
#define PS_CLI_SCAN_SOURCE_H

#include "cli/scan_elements.h"
#include "core/status.h"
#include "core/bytes.h"

enum ps_scan_format {
	PS_SCAN_NAMES, /* a name a line */
	PS_SCAN_ZONE,  /* RFC 1035, section 5.1 */
	PS_SCAN_CT,    /* certificate-transparency JSON lines */
	PS_SCAN_EVENTS, /* not of files: what the resolver's events are about */
};

/* Names: small, so that a batch and its rows stay in the cache. CT: no certificate is longer. */
#define PS_SCAN_BATCH_NAMES ((size_t)128 << 10)
#define PS_SCAN_BATCH_CT ((size_t)1 << 20)

struct ps_scan_batch {
	uint8_t *data; /* of ps_scan_source.batch_size octets */
	size_t len;    /* 0: there is no more */
	const char *file;
	bool begins;       /* with the file's first line */
	bool cut;          /* the last line, or element, is the beginning of one that is too long */
	uint64_t bad;      /* records that were not handed on */
	uint64_t bad_line; /* the first of them */
	const char *bad_why;
};

struct ps_zone_names;
struct ps_event_names;

struct ps_scan_source {
	enum ps_scan_format format;
	const char *const *files; /* "-": standard input */
	size_t file_count;
	size_t next_file;
	size_t batch_size;
	int wake; /* readable: the user wants an end */
	int fd;   /* -1: none is open */
	bool begins;
	bool skipping; /* the rest of a line that is too long */
	struct ps_scan_elements elements; /* of PS_SCAN_CT */
	uint8_t *carry;
	size_t carry_len;
	struct ps_zone_names *zone;
	struct ps_event_names *events; /* of PS_SCAN_EVENTS; borrowed, NULL when they are through */
	struct ps_error late; /* status not PS_OK: how the zone ends, behind what was read of it */
};

PS_MUST_USE enum ps_status ps_scan_source_init(struct ps_scan_source *source,
    enum ps_scan_format format, const char *const *files, size_t file_count, int wake,
    struct ps_error *err);
void ps_scan_source_clear(struct ps_scan_source *source);

/* The next lines, all of one file. Errors: those of reading, with the file's name. */
PS_MUST_USE enum ps_status ps_scan_source_next(
    struct ps_scan_source *source, struct ps_scan_batch *batch, struct ps_error *err);

#endif
