#include "policy/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define MESSAGE_MAX 512
/* Cells of a source line that are shown, and of those before a mark far right. */
#define EXCERPT_CELLS 110
#define EXCERPT_BEFORE 50
/* Of a longer line nothing is shown: finding the place costs its length, each time. */
#define LINE_SHOWN_MAX ((size_t)128 * 1024)

struct ps_diagnostics {
	struct ps_arena arena;
	struct entry *entries;
	size_t count;
	size_t capacity;
	size_t errors;
	struct ps_fix *fixes;
	size_t fix_count;
	size_t fix_capacity;
	size_t skipped; /* reports over PS_DIAGNOSTICS_MAX */
	bool last_skipped;
	uint32_t behind; /* what stands in front of this line is dropped; 0: nothing */
	enum ps_status status;
};

struct entry {
	struct ps_diagnostic shown;
	size_t order;
};

enum ps_status ps_diagnostics_create(struct ps_diagnostics **out)
{
	struct ps_diagnostics *diagnostics = calloc(1, sizeof(*diagnostics));

	if (diagnostics == NULL)
		return PS_NO_MEMORY;
	ps_arena_init(&diagnostics->arena, TEXT_ARENA_MAX);
	*out = diagnostics;
	return PS_OK;
}

void ps_diagnostics_destroy(struct ps_diagnostics *diagnostics)
{
	if (diagnostics == NULL)
		return;
	ps_arena_clear(&diagnostics->arena);
	free(diagnostics->entries);
	free(diagnostics->fixes);
	free(diagnostics);
}

size_t ps_diagnostics_count(const struct ps_diagnostics *diagnostics)
{
	return diagnostics->count;
}

size_t ps_diagnostics_errors(const struct ps_diagnostics *diagnostics)
{
	return diagnostics->errors;
}

const struct ps_diagnostic *ps_diagnostics_get(
    const struct ps_diagnostics *diagnostics, size_t index)
{
	return index < diagnostics->count ? &diagnostics->entries[index].shown : NULL;
}

enum ps_status ps_diagnostics_status(const struct ps_diagnostics *diagnostics)
{
	return diagnostics->status;
}

/* --- what is shown -------------------------------------------------------- */

/* A copy that is safe on a terminal; empty when there is no memory (noted). */
static const char *keep_shown(struct ps_diagnostics *diagnostics, struct ps_bytes text)
{
	char out[MESSAGE_MAX * 2];
	size_t used = 0;
	size_t pos = 0;
	const char *kept;

	while (pos < text.len && used + PS_SHOWN_MAX < sizeof(out)) {
		unsigned cells = 0;
		uint32_t character;
		bool valid = ps_utf8_next(text, &pos, &character);

		used += ps_character_show(character, valid, out + used, &cells);
	}
	kept = ps_arena_text(&diagnostics->arena, ps_bytes_of(out, used));
	if (kept != NULL)
		return kept;
	diagnostics->status = PS_NO_MEMORY;
	return "";
}

struct excerpt {
	char text[EXCERPT_CELLS * 8 + 16];
	size_t used;
	unsigned cells;
	uint32_t mark_start;
	uint32_t mark_width;
};

static void excerpt_character(struct excerpt *excerpt, uint32_t character, bool valid)
{
	if (character == '\t' && valid) {
		memcpy(excerpt->text + excerpt->used, "    ", 4);
		excerpt->used += 4;
		excerpt->cells += 4;
		return;
	}
	excerpt->used += ps_character_show(
	    character, valid, excerpt->text + excerpt->used, &excerpt->cells);
}

static void excerpt_dots(struct excerpt *excerpt)
{
	memcpy(excerpt->text + excerpt->used, "...", 3);
	excerpt->used += 3;
	excerpt->cells += 3;
}

/* The line that span lies in, made safe, cut to what fits around the mark, and
 * where in it the mark stands. */
static void excerpt_make(struct excerpt *excerpt, struct ps_span span)
{
	struct ps_bytes line = ps_source_line(span.source, span.line);
	uint32_t first =
	    span.column > EXCERPT_CELLS - EXCERPT_BEFORE / 2 ? span.column - EXCERPT_BEFORE : 1;
	uint32_t column = 1;
	size_t pos = 0;

	*excerpt = (struct excerpt){.used = 0};
	if (first > 1)
		excerpt_dots(excerpt);
	for (; pos < line.len; column++) {
		uint32_t character;
		bool valid = ps_utf8_next(line, &pos, &character);
		unsigned before = excerpt->cells;

		if (column < first)
			continue;
		if (column == span.column)
			excerpt->mark_start = before;
		if (excerpt->cells >= EXCERPT_CELLS ||
		    excerpt->used + PS_SHOWN_MAX + 4 > sizeof(excerpt->text)) {
			excerpt_dots(excerpt);
			break;
		}
		excerpt_character(excerpt, character, valid);
		if (column >= span.column && column - span.column < span.length)
			excerpt->mark_width += excerpt->cells - before;
	}
	if (column <= span.column) /* the mark stands behind the line's end */
		excerpt->mark_start = excerpt->cells + (span.column > column ? 1 : 0);
	if (excerpt->mark_width == 0)
		excerpt->mark_width = 1;
}

/* --- reporting ------------------------------------------------------------ */

static struct ps_diagnostic *add(struct ps_diagnostics *diagnostics, enum ps_code code)
{
	struct entry *entry;

	if (diagnostics->count == diagnostics->capacity) {
		size_t capacity = diagnostics->capacity == 0 ? 16 : diagnostics->capacity * 2;
		struct entry *grown = realloc(diagnostics->entries, capacity * sizeof(*grown));

		if (grown == NULL) {
			diagnostics->status = PS_NO_MEMORY;
			return NULL;
		}
		diagnostics->entries = grown;
		diagnostics->capacity = capacity;
	}
	entry = &diagnostics->entries[diagnostics->count];
	*entry = (struct entry){.order = diagnostics->count};
	entry->shown.severity = ps_code_is_warning(code) ? PS_SEVERITY_WARNING : PS_SEVERITY_ERROR;
	entry->shown.code = ps_code_info(code).code;
	entry->shown.file = "";
	entry->shown.text = "";
	entry->shown.length = 1;
	diagnostics->count++;
	return &entry->shown;
}

/* Where the next report goes; NULL when it is only counted. */
static struct ps_diagnostic *begin(struct ps_diagnostics *diagnostics, enum ps_code code)
{
	struct ps_diagnostic *more;

	if (!ps_code_is_warning(code))
		diagnostics->errors++;
	diagnostics->last_skipped = diagnostics->count >= PS_DIAGNOSTICS_MAX;
	if (!diagnostics->last_skipped)
		return add(diagnostics, code);
	if (diagnostics->skipped++ == 0) {
		more = add(diagnostics, PS_CODE_MORE);
		if (more != NULL)
			more->text = "there are more problems, which are not shown";
	}
	return NULL;
}

__attribute__((format(printf, 2, 0))) static const char *keep_format(
    struct ps_diagnostics *diagnostics, const char *format, va_list args)
{
	char text[MESSAGE_MAX];

	(void)vsnprintf(text, sizeof(text), format, args);
	return keep_shown(diagnostics, ps_bytes_of_text(text));
}

static void set_place(
    struct ps_diagnostics *diagnostics, struct ps_diagnostic *shown, struct ps_span span)
{
	struct excerpt excerpt;

	if (span.source == NULL)
		return;
	shown->file = keep_shown(diagnostics, ps_bytes_of_text(span.source->name));
	shown->line = span.line;
	shown->column = span.column;
	shown->length = span.length > 0 ? span.length : 1;
	if (span.line == 0 || ps_source_line(span.source, span.line).len > LINE_SHOWN_MAX)
		return;
	excerpt_make(&excerpt, span);
	shown->source =
	    ps_arena_text(&diagnostics->arena, ps_bytes_of(excerpt.text, excerpt.used));
	shown->mark_start = excerpt.mark_start;
	shown->mark_width = excerpt.mark_width;
	if (shown->source == NULL)
		diagnostics->status = PS_NO_MEMORY;
}

void ps_diagnostics_behind(struct ps_diagnostics *diagnostics, uint32_t line)
{
	diagnostics->behind = line;
}

void ps_report(struct ps_diagnostics *diagnostics, enum ps_code code, struct ps_span span,
    const char *format, ...)
{
	struct ps_diagnostic *shown;
	va_list args;

	if (span.line < diagnostics->behind) {
		diagnostics->last_skipped = true; /* nor its hint */
		return;
	}
	shown = begin(diagnostics, code);
	if (shown == NULL)
		return;
	va_start(args, format);
	shown->text = keep_format(diagnostics, format, args);
	va_end(args);
	set_place(diagnostics, shown, span);
}

void ps_report_file(struct ps_diagnostics *diagnostics, enum ps_code code, const char *file,
    const char *format, ...)
{
	struct ps_diagnostic *shown = begin(diagnostics, code);
	va_list args;

	if (shown == NULL)
		return;
	va_start(args, format);
	shown->text = keep_format(diagnostics, format, args);
	va_end(args);
	shown->file = keep_shown(diagnostics, ps_bytes_of_text(file));
}

static struct ps_diagnostic *last(struct ps_diagnostics *diagnostics)
{
	if (diagnostics->count == 0 || diagnostics->last_skipped)
		return NULL;
	return &diagnostics->entries[diagnostics->count - 1].shown;
}

void ps_report_hint(struct ps_diagnostics *diagnostics, const char *format, ...)
{
	struct ps_diagnostic *shown = last(diagnostics);
	va_list args;

	if (shown == NULL)
		return;
	va_start(args, format);
	shown->hint = keep_format(diagnostics, format, args);
	va_end(args);
}

void ps_report_other(struct ps_diagnostics *diagnostics, struct ps_span span, const char *text)
{
	struct ps_diagnostic *shown = last(diagnostics);
	struct ps_diagnostic other = {0};

	if (shown == NULL || span.source == NULL || span.line == 0)
		return;
	set_place(diagnostics, &other, span);
	shown->other_file = other.file;
	shown->other_line = other.line;
	shown->other_column = other.column;
	shown->other_source = other.source;
	shown->other_mark_start = other.mark_start;
	shown->other_mark_width = other.mark_width;
	shown->other_text = keep_shown(diagnostics, ps_bytes_of_text(text));
}

/* --- corrections ------------------------------------------------------------ */

static struct ps_fix *add_fix(struct ps_diagnostics *diagnostics)
{
	if (diagnostics->fix_count == diagnostics->fix_capacity) {
		size_t capacity =
		    diagnostics->fix_capacity == 0 ? 16 : diagnostics->fix_capacity * 2;
		struct ps_fix *grown = realloc(diagnostics->fixes, capacity * sizeof(*grown));

		if (grown == NULL) {
			diagnostics->status = PS_NO_MEMORY;
			return NULL;
		}
		diagnostics->fixes = grown;
		diagnostics->fix_capacity = capacity;
	}
	return &diagnostics->fixes[diagnostics->fix_count];
}

static struct ps_bytes keep_octets(struct ps_diagnostics *diagnostics, struct ps_bytes octets)
{
	const char *kept = ps_arena_text(&diagnostics->arena, octets);

	if (kept == NULL)
		diagnostics->status = PS_NO_MEMORY;
	return ps_bytes_of(kept, kept != NULL ? octets.len : 0);
}

void ps_report_fix(struct ps_diagnostics *diagnostics, bool mistake,
    const struct ps_source *source, size_t start, size_t end, struct ps_bytes text,
    const char *why)
{
	struct ps_span span;
	struct ps_fix *fix;
	const char *file;

	/* What is not told is not corrected. */
	if (diagnostics->behind > 0 || diagnostics->fix_count >= PS_DIAGNOSTICS_MAX ||
	    (mistake && diagnostics->last_skipped))
		return;
	fix = add_fix(diagnostics);
	file = ps_arena_text(&diagnostics->arena, ps_bytes_of_text(source->name));
	if (file == NULL)
		diagnostics->status = PS_NO_MEMORY;
	if (fix == NULL || file == NULL)
		return;
	span = ps_source_at(source, start);
	*fix = (struct ps_fix){.file = file,
	    .line = span.line,
	    .column = span.column,
	    .start = start + source->skipped,
	    .end = end + source->skipped,
	    .why = why,
	    .mistake = mistake};
	fix->old = keep_octets(
	    diagnostics, ps_bytes_of(source->text.ptr + start, end - start));
	fix->text = keep_octets(diagnostics, text);
	diagnostics->fix_count++;
}

size_t ps_diagnostics_fix_count(const struct ps_diagnostics *diagnostics)
{
	return diagnostics->fix_count;
}

const struct ps_fix *ps_diagnostics_fix(const struct ps_diagnostics *diagnostics, size_t index)
{
	return index < diagnostics->fix_count ? &diagnostics->fixes[index] : NULL;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int files = 0;

	/* What is said of no file stands at the end. */
	if ((x->shown.file[0] == '\0') != (y->shown.file[0] == '\0'))
		return x->shown.file[0] == '\0' ? 1 : -1;
	files = strcmp(x->shown.file, y->shown.file);
	if (files != 0)
		return files;
	if (x->shown.line != y->shown.line)
		return x->shown.line < y->shown.line ? -1 : 1;
	if (x->shown.column != y->shown.column)
		return x->shown.column < y->shown.column ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

void ps_diagnostics_sort(struct ps_diagnostics *diagnostics)
{
	if (diagnostics->status == PS_OK && diagnostics->count > 1)
		qsort(diagnostics->entries, diagnostics->count, sizeof(*diagnostics->entries),
		    compare_entries);
}
