#include "policy/yaml_rest.h"

#include "policy/document.h"

/* Octets read again, over all tries: a mistake in every line of a large file is no reason to read
 * it a thousand times. */
#define AGAIN_MAX ((size_t)1 << 20)
#define TRIES_MAX 64u

static const uint32_t deepest = UINT32_MAX;

/* Blanks before the line's text; deepest for a line that says nothing or begins with a tab, which
 * belongs to what stands above it. */
static uint32_t indentation(const struct ps_source *source, uint32_t line)
{
	struct ps_bytes text = ps_source_line(source, line);
	uint32_t blanks = 0;

	while (blanks < text.len && text.ptr[blanks] == ' ')
		blanks++;
	if (blanks == text.len || text.ptr[blanks] == '#' || text.ptr[blanks] == '\t')
		return deepest;
	return blanks;
}

/* The first line that is no part of the statement that line belongs to. *start: its first. */
static uint32_t statement(const struct ps_source *source, uint32_t line, uint32_t *start)
{
	uint32_t depth, end;

	while (line > 1 && indentation(source, line) == deepest)
		line--;
	*start = line;
	depth = indentation(source, line);
	for (end = line + 1; end <= source->line_count; end++)
		if (indentation(source, end) <= depth)
			break;
	return end;
}

/* Line ends stay, so that every place does. */
static void blank(uint8_t *text, const struct ps_source *source, uint32_t start, uint32_t end)
{
	size_t from = source->lines[start - 1];
	size_t to = end <= source->line_count ? source->lines[end - 1] : source->text.len;

	for (size_t i = from; i < to; i++)
		if (text[i] != '\n' && text[i] != '\r')
			text[i] = ' ';
}

/* Which lines to blank, so that the reader gets beyond the error: what it says was opened and
 * never closed, else where it stopped. end: of what was blanked before, 0 at first. Returns the
 * new end, or 0 when there is nothing more to try. */
static uint32_t next_statement(const struct ps_source *broken, uint32_t end, uint32_t *start)
{
	uint32_t opened = broken->broken.opened;
	uint32_t next;

	if (opened >= end && opened > 0 && opened < broken->broken.line)
		return statement(broken, opened, start);
	if (broken->broken.line < end)
		return 0;
	next = statement(broken, broken->broken.line, start);
	return next > end ? next : 0;
}

static enum ps_status read_again(struct ps_source *part, const struct ps_yaml_reading *reading)
{
	struct ps_yaml_reading own = *reading;
	struct ps_binder binder = {.arena = reading->arena,
	    .diagnostics = reading->diagnostics,
	    .root = &ps_value_document};
	struct ps_yaml_node *root = NULL;
	struct ps_document unused;
	enum ps_status status;

	part->cut = false;
	part->broken = (struct ps_broken){0};
	status = ps_yaml_read(&root, part, &own);
	if (status != PS_OK)
		return status;
	if (root != NULL)
		ps_document_bind(&unused, &binder, part, root);
	return binder.status;
}

enum ps_status ps_yaml_read_rest(
    const struct ps_source *source, const struct ps_yaml_reading *reading)
{
	size_t tries = AGAIN_MAX / (source->text.len + 1);
	uint8_t *text = ps_arena_copy(reading->arena, source->text);
	struct ps_source *part = ps_arena_alloc(reading->arena, sizeof(*part));
	enum ps_status status = PS_OK;
	uint32_t end = 0;

	if (text == NULL || part == NULL)
		return PS_NO_MEMORY;
	*part = *source;
	part->text.ptr = text;
	for (size_t i = 0; i < tries && i < TRIES_MAX && part->broken.line > 0; i++) {
		uint32_t start;

		end = next_statement(part, end, &start);
		if (end == 0 || end > source->line_count)
			break;
		blank(text, part, start, end);
		ps_diagnostics_behind(reading->diagnostics, end);
		status = read_again(part, reading);
		if (status != PS_OK)
			break;
	}
	ps_diagnostics_behind(reading->diagnostics, 0);
	return status;
}
