/* The never, official and popular names of all files. */
#include "policy/compile.h"

#include "core/file.h"
#include "core/idn.h"

#define NAME_FILE_MAX ((size_t)1 << 20)

/* --- popular: {file: ...} ----------------------------------------------------------- */

/* Text of one line of a name file, without its comment. */
static struct ps_bytes without_comment(struct ps_bytes line)
{
	const uint8_t *sharp = line.len > 0 ? memchr(line.ptr, '#', line.len) : NULL;

	if (sharp != NULL)
		line.len = (size_t)(sharp - line.ptr);
	return ps_bytes_trim(line);
}

static void gather_line(struct ps_compiler *compiler, const struct ps_source *source, uint32_t line)
{
	struct ps_bytes whole = ps_source_line(source, line);
	struct ps_bytes text = without_comment(whole);
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_error err;
	struct ps_span span = {source, line, 1, 1};

	if (text.len == 0)
		return;
	span.column = (uint32_t)(text.ptr - whole.ptr) + 1;
	span.length = text.len < UINT16_MAX ? (uint32_t)text.len : UINT16_MAX;
	ps_error_clear(&err);
	if (ps_name_from_user(&name, &storage, text, &err) == PS_OK && name.labels > 0 &&
	    ps_name_is_hostname(name)) {
		ps_gathered_add(compiler, &compiler->popular, name, PS_SCOPE_EXACT, span);
		return;
	}
	if (err.status == PS_NO_MEMORY)
		compiler->status = PS_NO_MEMORY;
	ps_report(compiler->diagnostics, PS_CODE_NAME, span, "'%.*s' is not a domain name",
	    PS_QUOTED(text));
	ps_report_hint(compiler->diagnostics, "a name a line; '#' begins a comment");
}

/* The file that `popular` names, as a source; NULL: reported, or out of memory. */
static struct ps_source *read_name_file(
    struct ps_compiler *compiler, const struct ps_yaml_node *node, const char *path)
{
	struct ps_source *source = ps_compile_scratch(compiler, 1, sizeof(*source));
	struct ps_buffer buffer;
	struct ps_error err;
	struct ps_bytes text = {0};
	enum ps_status status;

	if (source == NULL)
		return NULL;
	ps_buffer_init(&buffer, NAME_FILE_MAX);
	ps_error_clear(&err);
	status = ps_file_read(path, &buffer, &err);
	if (status == PS_OK) {
		text.ptr = ps_arena_copy(compiler->scratch, ps_buffer_bytes(&buffer));
		text.len = buffer.len;
		if (text.ptr == NULL ||
		    ps_source_init(source, path, text, compiler->scratch) != PS_OK)
			status = PS_NO_MEMORY;
	}
	ps_buffer_clear(&buffer);
	if (status == PS_OK)
		return source;
	if (status == PS_NO_MEMORY) {
		compiler->status = PS_NO_MEMORY;
		return NULL;
	}
	ps_report(compiler->diagnostics, PS_CODE_UNREADABLE, ps_yaml_span(node),
	    "the file '%.*s' cannot be read", PS_QUOTED(ps_bytes_of_text(path)));
	ps_report_hint(compiler->diagnostics, "%s%s%s", err.text, err.sys_errno != 0 ? ": " : "",
	    err.sys_errno != 0 ? strerror(err.sys_errno) : "");
	return NULL;
}

/* --- counting, then gathering ----------------------------------------------------------- */

struct name_files {
	struct ps_source **sources; /* one a document; NULL: it names no file */
	size_t lines;
};

static bool read_name_files(struct ps_compiler *compiler, struct name_files *files)
{
	files->lines = 0;
	files->sources = ps_compile_scratch(
	    compiler, compiler->document_count, sizeof(struct ps_source *));
	if (files->sources == NULL)
		return false;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_text *file = &compiler->documents[d].popular.file;
		const char *path;

		if (!file->field.ok)
			continue;
		path = ps_compile_path(compiler, file->field.node->source, file->text);
		if (path != NULL)
			files->sources[d] = read_name_file(compiler, file->field.node, path);
		if (files->sources[d] != NULL)
			files->lines += files->sources[d]->line_count;
	}
	return compiler->status == PS_OK;
}

static bool make_room(struct ps_compiler *compiler, const struct name_files *files)
{
	size_t never = 0;
	size_t official = 0;
	size_t popular = files->lines;

	for (size_t d = 0; d < compiler->document_count; d++) {
		never += compiler->documents[d].never.count;
		official += compiler->documents[d].official.count;
		popular += compiler->documents[d].popular.list.count;
	}
	return ps_gathered_init(compiler, &compiler->never, never) &&
	       ps_gathered_init(compiler, &compiler->official, official) &&
	       ps_gathered_init(compiler, &compiler->popular, popular);
}

static void gather_field(struct ps_compiler *compiler, struct ps_gathered *gathered,
    const struct ps_name_field *name, enum ps_scope scope)
{
	if (name->field.ok)
		ps_gathered_add(
		    compiler, gathered, name->name, scope, ps_yaml_span(name->field.node));
}

static void gather_document(struct ps_compiler *compiler, const struct ps_document *document)
{
	const struct ps_name_field *never = document->never.items;
	const struct ps_doc_official *official = document->official.items;
	const struct ps_name_field *popular = document->popular.list.items;

	for (size_t i = 0; i < document->never.count; i++)
		gather_field(compiler, &compiler->never, &never[i], never[i].scope);
	for (size_t i = 0; i < document->official.count; i++)
		gather_field(
		    compiler, &compiler->official, &official[i].name, PS_SCOPE_SUBTREE);
	for (size_t i = 0; i < document->popular.list.count; i++)
		gather_field(compiler, &compiler->popular, &popular[i], PS_SCOPE_EXACT);
}

static void warn_never_tld(struct ps_compiler *compiler)
{
	for (size_t i = 0; i < compiler->never.count; i++) {
		if (compiler->never.names[i].name.labels > 1)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_NEVER_TLD, compiler->never.spans[i],
		    "nothing below this top-level domain can be blocked any more");
		ps_report_hint(compiler->diagnostics, "name the domains that you mean");
	}
}

void ps_compile_names(struct ps_compiler *compiler)
{
	struct name_files files;

	if (!read_name_files(compiler, &files) || !make_room(compiler, &files))
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		gather_document(compiler, &compiler->documents[d]);
		for (uint32_t line = 1;
		     files.sources[d] != NULL && line <= files.sources[d]->line_count; line++)
			gather_line(compiler, files.sources[d], line);
	}
	ps_gathered_check(compiler, &compiler->never);
	ps_gathered_check(compiler, &compiler->official);
	ps_gathered_check(compiler, &compiler->popular);
	warn_never_tld(compiler);
	compiler->plan->never = ps_gathered_set(&compiler->never);
	compiler->plan->official = ps_gathered_set(&compiler->official);
	compiler->plan->popular = ps_gathered_set(&compiler->popular);
}
