#include "policy/source.h"

#include "core/utf8.h"

/* Calls nothing, counts lines; with starts not NULL it notes where they begin. */
static uint32_t scan_lines(struct ps_bytes text, uint32_t *starts)
{
	uint32_t count = 1;

	if (starts != NULL)
		starts[0] = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.ptr[i];

		if (c != '\n' && c != '\r')
			continue;
		if (c == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n')
			i++;
		if (starts != NULL)
			starts[count] = (uint32_t)(i + 1);
		count++;
	}
	return count;
}

enum ps_status ps_source_init(
    struct ps_source *source, const char *name, struct ps_bytes text, struct ps_arena *arena)
{
	uint32_t count = scan_lines(text, NULL);
	uint32_t *lines = ps_arena_array(arena, count, sizeof(*lines));

	if (lines == NULL)
		return PS_NO_MEMORY;
	(void)scan_lines(text, lines);
	*source = (struct ps_source){
	    .name = name, .text = text, .lines = lines, .line_count = count};
	return PS_OK;
}

struct ps_bytes ps_source_line(const struct ps_source *source, uint32_t line)
{
	size_t start;
	size_t end;

	if (line == 0 || line > source->line_count)
		return ps_bytes_of(NULL, 0);
	start = source->lines[line - 1];
	end = line < source->line_count ? source->lines[line] : source->text.len;
	while (end > start &&
	    (source->text.ptr[end - 1] == '\n' || source->text.ptr[end - 1] == '\r'))
		end--;
	return ps_bytes_of(source->text.ptr + start, end - start);
}

struct ps_span ps_source_at(const struct ps_source *source, size_t offset)
{
	struct ps_span span = {.source = source, .line = 1, .column = 1, .length = 1};
	uint32_t low = 0;
	uint32_t high = source->line_count;
	size_t pos;

	while (high - low > 1) { /* the last line that starts at or before offset */
		uint32_t middle = low + (high - low) / 2;

		if (source->lines[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	span.line = low + 1;
	pos = source->lines[low];
	while (pos < offset && pos < source->text.len) {
		uint32_t character;

		(void)ps_utf8_next(source->text, &pos, &character);
		span.column++;
	}
	return span;
}
