#include "policy/compile.h"

#include "core/file.h"
#include "policy/fix.h"

#include <stdio.h>
#include <stdlib.h>

void *ps_compile_array(struct ps_compiler *compiler, size_t count, size_t size)
{
	void *array = ps_arena_array(compiler->arena, count, size);

	if (array == NULL)
		compiler->status = PS_NO_MEMORY;
	return array;
}

void *ps_compile_scratch(struct ps_compiler *compiler, size_t count, size_t size)
{
	void *array = ps_arena_array(compiler->scratch, count, size);

	if (array == NULL)
		compiler->status = PS_NO_MEMORY;
	return array;
}

const char *ps_compile_text(struct ps_compiler *compiler, struct ps_bytes text)
{
	const char *copy = ps_arena_text(compiler->arena, text);

	if (copy == NULL)
		compiler->status = PS_NO_MEMORY;
	return copy;
}

struct ps_place ps_compile_place(struct ps_span span)
{
	return (struct ps_place){span.source->name, span.line, span.column};
}

const char *ps_compile_path(
    struct ps_compiler *compiler, const struct ps_source *source, struct ps_bytes path)
{
	const char *slash = strrchr(source->name, '/');
	size_t folder = slash != NULL ? (size_t)(slash + 1 - source->name) : 0;
	char *joined;

	if (path.len > 0 && path.ptr[0] == '/')
		return ps_compile_text(compiler, path);
	joined = ps_compile_array(compiler, folder + path.len + 1, 1);
	if (joined == NULL)
		return NULL;
	memcpy(joined, source->name, folder);
	if (path.len > 0)
		memcpy(joined + folder, path.ptr, path.len);
	return joined;
}

/* --- files of names and words ----------------------------------------------------- */

enum ps_status ps_compile_read(const struct ps_overlay *overlays, size_t overlay_count,
    const char *path, struct ps_buffer *buffer, struct ps_error *err)
{
	for (size_t i = 0; i < overlay_count; i++)
		if (strcmp(overlays[i].path, path) == 0)
			return ps_buffer_append(
			    buffer, overlays[i].text.ptr, overlays[i].text.len);
	return ps_file_read(path, buffer, err);
}

struct ps_source *ps_compile_file(
    struct ps_compiler *compiler, const struct ps_text *path, size_t max)
{
	struct ps_source *source = ps_compile_scratch(compiler, 1, sizeof(*source));
	const char *name = ps_compile_path(compiler, path->field.node->source, path->text);
	struct ps_buffer buffer;
	struct ps_error err;
	struct ps_bytes text = {0};
	enum ps_status status;

	if (source == NULL || name == NULL)
		return NULL;
	ps_buffer_init(&buffer, max);
	ps_error_clear(&err);
	status = ps_compile_read(
	    compiler->overlays, compiler->overlay_count, name, &buffer, &err);
	if (status == PS_OK) {
		text.ptr = ps_arena_copy(compiler->scratch, ps_buffer_bytes(&buffer));
		text.len = buffer.len;
		if (text.ptr == NULL ||
		    ps_source_init(source, name, text, compiler->scratch) != PS_OK)
			status = PS_NO_MEMORY;
	}
	ps_buffer_clear(&buffer);
	source->plain = true;
	if (status == PS_OK)
		return source;
	if (status == PS_NO_MEMORY) {
		compiler->status = PS_NO_MEMORY;
		return NULL;
	}
	ps_report(compiler->diagnostics, PS_CODE_UNREADABLE, ps_yaml_span(path->field.node),
	    "the file '%.*s' cannot be read", PS_QUOTED(ps_bytes_of_text(name)));
	ps_report_hint(compiler->diagnostics, "%s%s%s", err.text, err.sys_errno != 0 ? ": " : "",
	    err.sys_errno != 0 ? strerror(err.sys_errno) : "");
	return NULL;
}

struct ps_bytes ps_compile_line(
    const struct ps_source *source, uint32_t line, struct ps_span *span)
{
	struct ps_bytes whole = ps_source_line(source, line);
	const uint8_t *sharp = whole.len > 0 ? memchr(whole.ptr, '#', whole.len) : NULL;
	struct ps_bytes text = whole;

	if (sharp != NULL)
		text.len = (size_t)(sharp - whole.ptr);
	text = ps_bytes_trim(text);
	*span = (struct ps_span){source, line, 1, 1};
	if (text.len == 0)
		return text;
	span->column = (uint32_t)(text.ptr - whole.ptr) + 1;
	span->length = text.len < UINT16_MAX ? (uint32_t)text.len : UINT16_MAX;
	return text;
}

void ps_compile_limit(
    struct ps_compiler *compiler, size_t count, size_t max, const char *what)
{
	if (count > max)
		ps_report(compiler->diagnostics, PS_CODE_TOO_MANY,
		    ps_span_of_file(&compiler->sources[0]), "the policy has more than %zu %s", max,
		    what);
}

/* --- what rules and tests name ------------------------------------------------------- */

bool ps_compile_find(struct ps_compiler *compiler, const struct ps_registry *among,
    const struct ps_text *text, uint32_t *index)
{
	const struct ps_registered *found = ps_registry_find(among, text->text);
	struct ps_suggest suggest;

	if (found != NULL) {
		*index = found->index;
		return true;
	}
	if (compiler->cut)
		return false;
	ps_report(compiler->diagnostics, PS_CODE_UNKNOWN_REFERENCE,
	    ps_yaml_span(text->field.node), "there is no %s '%.*s'", among->what,
	    PS_QUOTED(text->text));
	ps_suggest_init(&suggest, text->text);
	ps_registry_suggest(among, &suggest);
	ps_fix_spelling(compiler->diagnostics, text->field.node, &suggest);
	if (suggest.best.len > 0)
		ps_report_hint(
		    compiler->diagnostics, "did you mean '%.*s'?", PS_QUOTED(suggest.best));
	else
		ps_report_hint(compiler->diagnostics, "define it under '%s%s'",
		    among->under != NULL ? among->under : among->what,
		    among->under != NULL ? "" : "s");
	return false;
}

/* --- names being gathered -------------------------------------------------------- */

bool ps_gathered_init(struct ps_compiler *compiler, struct ps_gathered *gathered, size_t capacity)
{
	*gathered = (struct ps_gathered){.capacity = capacity};
	gathered->names = ps_compile_array(compiler, capacity, sizeof(*gathered->names));
	gathered->spans = ps_compile_scratch(compiler, capacity, sizeof(*gathered->spans));
	return gathered->names != NULL && gathered->spans != NULL;
}

void ps_gathered_add(struct ps_compiler *compiler, struct ps_gathered *gathered,
    struct ps_name name, enum ps_scope scope, struct ps_span span)
{
	struct ps_scoped_name *added;
	uint8_t *wire;

	if (gathered->count >= gathered->capacity)
		return;
	wire = ps_arena_copy(compiler->arena, ps_bytes_of(name.wire, name.len));
	if (wire == NULL) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	added = &gathered->names[gathered->count];
	added->name = ps_name_trusted(wire, name.len, name.labels);
	added->scope = scope;
	added->place = ps_compile_place(span);
	gathered->spans[gathered->count++] = span;
}

struct ordered_name {
	const struct ps_scoped_name *name;
	size_t index;
};

static int compare_ordered(const void *a, const void *b)
{
	const struct ordered_name *x = a;
	const struct ordered_name *y = b;
	int order = ps_name_compare(x->name->name, y->name->name);

	if (order != 0)
		return order;
	if (x->name->scope != y->name->scope)
		return x->name->scope < y->name->scope ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

void ps_gathered_check(struct ps_compiler *compiler, const struct ps_gathered *gathered)
{
	struct ordered_name *ordered;

	if (gathered->count < 2)
		return;
	ordered = ps_compile_scratch(compiler, gathered->count, sizeof(*ordered));
	if (ordered == NULL)
		return;
	for (size_t i = 0; i < gathered->count; i++)
		ordered[i] = (struct ordered_name){&gathered->names[i], i};
	qsort(ordered, gathered->count, sizeof(*ordered), compare_ordered);
	for (size_t i = 1; i < gathered->count; i++) {
		char text[PS_NAME_TEXT_MAX];

		/* What ships and what an operator adds in a file of their own may overlap. */
		if (!ps_name_equal(ordered[i].name->name, ordered[i - 1].name->name) ||
		    ordered[i].name->scope != ordered[i - 1].name->scope ||
		    ordered[i].name->place.file != ordered[i - 1].name->place.file)
			continue;
		(void)ps_name_to_text(ordered[i].name->name, text);
		ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_NAME,
		    gathered->spans[ordered[i].index], "'%.*s' stands here again", PS_QUOTED_MAX,
		    text);
		ps_report_other(compiler->diagnostics, gathered->spans[ordered[i - 1].index],
		    "it stands here too");
		ps_fix_repeated(compiler->diagnostics, gathered->spans[ordered[i].index]);
	}
}

/* Said once in all files, so that none says otherwise than another. */
static void compile_strict(struct ps_compiler *compiler)
{
	const struct ps_yaml_node *first = NULL;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_number *strict = &compiler->documents[d].strict;

		if (strict->field.node == NULL)
			continue;
		if (first != NULL) {
			ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_KEY,
			    ps_yaml_span(strict->field.node), "'strict' stands in two files");
			ps_report_other(compiler->diagnostics, ps_yaml_span(first),
			    "it stands here too");
			continue;
		}
		first = strict->field.node;
		compiler->plan->strict = strict->value != 0;
	}
}

/* --- the whole ---------------------------------------------------------------------- */

enum ps_status ps_compile(struct ps_compiler *compiler, struct ps_plan *plan)
{
	static void (*const parts[])(struct ps_compiler *) = {ps_compile_clients, ps_compile_answers, ps_compile_feeds,
	    ps_compile_brands, ps_compile_names, ps_compile_words, ps_compile_rules,
	    ps_compile_width, ps_compile_order, ps_compile_clash, ps_compile_strength,
	    ps_compile_tests, ps_compile_events, ps_compile_structured, compile_strict};

	compiler->plan = plan;
	for (size_t i = 0; i < compiler->document_count; i++)
		compiler->cut = compiler->cut || compiler->sources[i].cut;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && compiler->status == PS_OK; i++)
		parts[i](compiler);
	return compiler->status;
}
