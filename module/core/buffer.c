#include "core/buffer.h"

#include <stdio.h>
#include <stdlib.h>

void ps_buffer_init(struct ps_buffer *buffer, size_t max)
{
	*buffer = (struct ps_buffer){.max = max};
}

void ps_buffer_clear(struct ps_buffer *buffer)
{
	free(buffer->data);
	ps_buffer_init(buffer, buffer->max);
}

/* Room for more octets, and for spare ones behind them that do not count. */
static bool reserve(struct ps_buffer *buffer, size_t more, size_t spare)
{
	size_t need, capacity;
	uint8_t *data;

	if (buffer->status != PS_OK)
		return false;
	if (more > buffer->max - buffer->len || spare > SIZE_MAX - buffer->len - more) {
		buffer->status = PS_LIMIT;
		return false;
	}
	need = buffer->len + more + spare;
	if (need <= buffer->capacity)
		return true;
	capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
	while (capacity < need)
		capacity = capacity > SIZE_MAX / 2 ? need : capacity * 2;
	if (capacity > buffer->max)
		capacity = need > buffer->max ? need : buffer->max;
	data = realloc(buffer->data, capacity);
	if (data == NULL) {
		buffer->status = PS_NO_MEMORY;
		return false;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

uint8_t *ps_buffer_extend(struct ps_buffer *buffer, size_t len)
{
	uint8_t *p;

	if (!reserve(buffer, len, len == 0))
		return NULL;
	p = buffer->data + buffer->len;
	buffer->len += len;
	return p;
}

enum ps_status ps_buffer_append(struct ps_buffer *buffer, const void *bytes, size_t len)
{
	uint8_t *p;

	if (len == 0)
		return buffer->status;
	p = ps_buffer_extend(buffer, len);
	if (p == NULL)
		return buffer->status;
	if (bytes != NULL)
		memcpy(p, bytes, len);
	else
		memset(p, 0, len);
	return PS_OK;
}

enum ps_status ps_buffer_printf(struct ps_buffer *buffer, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 && buffer->status == PS_OK)
		buffer->status = PS_LIMIT; /* more than vsnprintf can count */
	/* vsnprintf writes a NUL too: room for it, which does not count. */
	if (len >= 0 && reserve(buffer, (size_t)len, 1)) {
		(void)vsnprintf(
		    (char *)buffer->data + buffer->len, (size_t)len + 1, format, again);
		buffer->len += (size_t)len;
	}
	va_end(again);
	return buffer->status;
}
