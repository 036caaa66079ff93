#include "snapshot/sink.h"

#include <errno.h>
#include <openssl/err.h>

static void begin_digest(struct ps_sink *sink)
{
	(void)ERR_set_mark();
	if (sink->status == PS_OK && EVP_DigestInit_ex(sink->digest, EVP_sha256(), NULL) != 1)
		sink->status = PS_NO_MEMORY;
	(void)ERR_pop_to_mark();
}

enum ps_status ps_sink_open(
    struct ps_sink *sink, FILE *stream, struct ps_buffer *buffer, struct ps_error *err)
{
	sink->stream = stream;
	sink->buffer = buffer;
	sink->offset = 0;
	sink->used = 0;
	sink->sys_errno = 0;
	sink->status = PS_OK;
	(void)ERR_set_mark();
	sink->digest = EVP_MD_CTX_new();
	(void)ERR_pop_to_mark();
	if (sink->digest == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	begin_digest(sink);
	return ps_sink_status(sink, err);
}

void ps_sink_close(struct ps_sink *sink)
{
	EVP_MD_CTX_free(sink->digest);
	sink->digest = NULL;
}

/* Hands on what the block holds. */
static void flush(struct ps_sink *sink)
{
	if (sink->status == PS_OK &&
	    EVP_DigestUpdate(sink->digest, sink->block, sink->used) != 1)
		sink->status = PS_NO_MEMORY;
	if (sink->status == PS_OK && sink->buffer != NULL)
		sink->status = ps_buffer_append(sink->buffer, sink->block, sink->used);
	if (sink->status == PS_OK && sink->stream != NULL && sink->used > 0 &&
	    fwrite(sink->block, sink->used, 1, sink->stream) != 1) {
		sink->status = PS_IO;
		sink->sys_errno = errno;
	}
	sink->used = 0;
}

void ps_sink_put_slowly(struct ps_sink *sink, const void *octets, size_t len)
{
	const uint8_t *from = octets;

	while (len > 0) {
		size_t room = sizeof(sink->block) - sink->used;
		size_t piece = len < room ? len : room;

		if (room == 0) {
			flush(sink);
			continue;
		}
		memcpy(sink->block + sink->used, from, piece);
		sink->used += piece;
		sink->offset += piece;
		from += piece;
		len -= piece;
	}
}

void ps_sink_digest(struct ps_sink *sink, uint8_t out[32])
{
	flush(sink);
	if (sink->status == PS_OK && EVP_DigestFinal_ex(sink->digest, out, NULL) != 1)
		sink->status = PS_NO_MEMORY;
	begin_digest(sink);
}

enum ps_status ps_sink_status(struct ps_sink *sink, struct ps_error *err)
{
	switch (sink->status) {
	case PS_OK:
		return PS_OK;
	case PS_IO:
		errno = sink->sys_errno;
		return ps_error_set(err, PS_IO, "cannot write all of it");
	case PS_LIMIT:
		return ps_error_set(err, PS_LIMIT, "the snapshot is larger than its place");
	default:
		return ps_error_set(err, sink->status, "out of memory");
	}
}
