/* A growing array of octets that states its maximum.
 *
 * Errors are sticky: after one failed append the buffer stays as it was and
 * every later append fails with the same status, so that a writer may check
 * once at the end.
 * Ownership: init/clear on the caller's storage; data belongs to the buffer.
 * Threads: one at a time.
 */
#ifndef PS_CORE_BUFFER_H
#define PS_CORE_BUFFER_H

#include "core/bytes.h"
#include "core/status.h"

struct ps_buffer {
	uint8_t *data;
	size_t len;
	size_t capacity;
	size_t max;
	enum ps_status status; /* PS_OK, PS_LIMIT or PS_NO_MEMORY */
};

void ps_buffer_init(struct ps_buffer *buffer, size_t max);
void ps_buffer_clear(struct ps_buffer *buffer);

/* Appends len octets (bytes may be NULL: zeros). Returns the sticky status. */
enum ps_status ps_buffer_append(struct ps_buffer *buffer, const void *bytes, size_t len);

/* printf into the buffer, without a NUL. */
enum ps_status ps_buffer_printf(struct ps_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Room for len more octets at the end, which stay uninitialised; NULL on error.
 * Valid until the next call. */
uint8_t *ps_buffer_extend(struct ps_buffer *buffer, size_t len);

static inline struct ps_bytes ps_buffer_bytes(const struct ps_buffer *buffer)
{
	return ps_bytes_of(buffer->data, buffer->len);
}

#endif
