/* Bytes with a length, and numbers as they stand in files.
 *
 * A struct ps_bytes borrows: it owns nothing and must not outlive what it
 * points into. All files of this project are little-endian; the loads and
 * stores here are written so that compilers make them one instruction, and need
 * no alignment.
 *
 * Threads: pure functions.
 */
#ifndef PS_CORE_BYTES_H
#define PS_CORE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ps_bytes {
	const uint8_t *ptr; /* may be NULL when len is 0 */
	size_t len;
};

static inline struct ps_bytes ps_bytes_of(const void *ptr, size_t len)
{
	return (struct ps_bytes){.ptr = ptr, .len = len};
}

/* A C string without its NUL. */
static inline struct ps_bytes ps_bytes_of_text(const char *text)
{
	return ps_bytes_of(text, strlen(text));
}

static inline bool ps_bytes_equal(struct ps_bytes a, struct ps_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool ps_bytes_equal_text(struct ps_bytes a, const char *text)
{
	return ps_bytes_equal(a, ps_bytes_of_text(text));
}

/* Without ASCII blanks (space, tab, CR, LF) at both ends. */
static inline struct ps_bytes ps_bytes_trim(struct ps_bytes b)
{
	while (b.len > 0 && (b.ptr[0] == ' ' || b.ptr[0] == '\t' || b.ptr[0] == '\r' ||
	                        b.ptr[0] == '\n')) {
		b.ptr++;
		b.len--;
	}
	while (b.len > 0 && (b.ptr[b.len - 1] == ' ' || b.ptr[b.len - 1] == '\t' ||
	                        b.ptr[b.len - 1] == '\r' || b.ptr[b.len - 1] == '\n'))
		b.len--;
	return b;
}

/* ASCII only, whatever the locale says: RFC 4343 section 3. */
static inline uint8_t ps_ascii_lower(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') ? (uint8_t)(c | 0x20) : c;
}

static inline uint16_t ps_load_le16(const void *p)
{
	uint8_t b[2];

	memcpy(b, p, sizeof(b));
	return (uint16_t)(b[0] | (uint16_t)(b[1] << 8));
}

static inline uint32_t ps_load_le32(const void *p)
{
	uint8_t b[4];

	memcpy(b, p, sizeof(b));
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t ps_load_le64(const void *p)
{
	const uint8_t *b = p;

	return (uint64_t)ps_load_le32(b) | (uint64_t)ps_load_le32(b + 4) << 32;
}

static inline void ps_store_le16(void *p, uint16_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
}

static inline void ps_store_le32(void *p, uint32_t v)
{
	uint8_t *b = p;

	b[0] = (uint8_t)v;
	b[1] = (uint8_t)(v >> 8);
	b[2] = (uint8_t)(v >> 16);
	b[3] = (uint8_t)(v >> 24);
}

static inline void ps_store_le64(void *p, uint64_t v)
{
	uint8_t *b = p;

	ps_store_le32(b, (uint32_t)v);
	ps_store_le32(b + 4, (uint32_t)(v >> 32));
}

#endif
