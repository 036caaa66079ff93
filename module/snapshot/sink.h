/* Where octets go while a snapshot is written: through one block into a digest and
 * into a file or a buffer. Errors are sticky.
 *
 * Ownership: open/close on the caller's storage; stream and buffer are borrowed.
 * Threads: one at a time.
 */
#ifndef PS_SNAPSHOT_SINK_H
#define PS_SNAPSHOT_SINK_H

#include "core/buffer.h"

#include <openssl/evp.h>
#include <stdio.h>

struct ps_sink {
	FILE *stream;             /* NULL: none */
	struct ps_buffer *buffer; /* NULL: none */
	EVP_MD_CTX *digest;
	uint64_t offset; /* octets put so far, of this digest and those before */
	enum ps_status status;
	int sys_errno; /* when status is PS_IO */
	size_t used;
	uint8_t block[65536];
};

/* Both stream and buffer may be NULL: then only digests are made. */
PS_MUST_USE enum ps_status ps_sink_open(
    struct ps_sink *sink, FILE *stream, struct ps_buffer *buffer, struct ps_error *err);
void ps_sink_close(struct ps_sink *sink);

void ps_sink_put_slowly(struct ps_sink *sink, const void *octets, size_t len);

static inline void ps_sink_put(struct ps_sink *sink, const void *octets, size_t len)
{
	if (len > sizeof(sink->block) - sink->used) {
		ps_sink_put_slowly(sink, octets, len);
		return;
	}
	if (len > 0)
		memcpy(sink->block + sink->used, octets, len);
	sink->used += len;
	sink->offset += len;
}

/* The SHA-256 of what was put since open or the last call; then begins anew. */
void ps_sink_digest(struct ps_sink *sink, uint8_t out[32]);

/* Fills err with what went wrong, if anything did. */
PS_MUST_USE enum ps_status ps_sink_status(struct ps_sink *sink, struct ps_error *err);

#endif
