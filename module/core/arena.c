#include "core/arena.h"

#include <stdlib.h>

#define CHUNK_SIZE ((size_t)256 * 1024)

struct ps_arena_chunk {
	struct ps_arena_chunk *next;
	size_t size;
	_Alignas(16) uint8_t bytes[];
};

void ps_arena_init(struct ps_arena *arena, size_t max)
{
	*arena = (struct ps_arena){.max = max};
}

void ps_arena_clear(struct ps_arena *arena)
{
	struct ps_arena_chunk *chunk = arena->chunks;
	size_t max = arena->max;

	while (chunk != NULL) {
		struct ps_arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	ps_arena_init(arena, max);
}

/* Makes room for need octets in the newest chunk. A request larger than a chunk
 * gets one of its own size. */
static bool grow(struct ps_arena *arena, size_t need)
{
	size_t size = need > CHUNK_SIZE ? need : CHUNK_SIZE;
	struct ps_arena_chunk *chunk;

	if (size > arena->max - arena->total)
		size = need; /* the last one may be small */
	if (need > arena->max - arena->total || size > SIZE_MAX - sizeof(*chunk)) {
		arena->full = true;
		return false;
	}
	chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk == NULL)
		return false;
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->free = chunk->bytes;
	arena->left = size;
	arena->total += size;
	return true;
}

static uint8_t *take(struct ps_arena *arena, size_t size, size_t align)
{
	size_t skip = 0;
	uint8_t *p;

	if (size > arena->max) {
		arena->full = true;
		return NULL;
	}
	if (arena->free != NULL)
		skip = (size_t)(-(uintptr_t)arena->free & (align - 1));
	if (arena->free == NULL || size > arena->left || skip > arena->left - size) {
		if (!grow(arena, size > 0 ? size : 1))
			return NULL;
		skip = 0; /* chunks begin aligned */
	}
	p = arena->free + skip;
	arena->free = p + size;
	arena->left -= size + skip;
	return p;
}

void *ps_arena_alloc(struct ps_arena *arena, size_t size)
{
	return take(arena, size, 16);
}

void *ps_arena_array(struct ps_arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		arena->full = true;
		return NULL;
	}
	return take(arena, bytes, 16);
}

uint8_t *ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes)
{
	uint8_t *p = take(arena, bytes.len, 1);

	if (p != NULL && bytes.len > 0)
		memcpy(p, bytes.ptr, bytes.len);
	return p;
}

char *ps_arena_text(struct ps_arena *arena, struct ps_bytes bytes)
{
	char *p;

	if (bytes.len == SIZE_MAX) {
		arena->full = true;
		return NULL;
	}
	p = (char *)take(arena, bytes.len + 1, 1);
	if (p != NULL) {
		if (bytes.len > 0)
			memcpy(p, bytes.ptr, bytes.len);
		p[bytes.len] = '\0';
	}
	return p;
}
