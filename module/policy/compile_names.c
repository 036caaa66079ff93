/* The never, official and popular names of all files. */
#include "policy/compile.h"

#include "core/idn.h"
#include "policy/fix.h"

#define NAME_FILE_MAX ((size_t)1 << 20)

/* --- popular: {file: ...} ----------------------------------------------------------- */

static void gather_line(struct ps_compiler *compiler, const struct ps_source *source, uint32_t line)
{
	struct ps_span span;
	struct ps_bytes text = ps_compile_line(source, line, &span);
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_error err;

	if (text.len == 0)
		return;
	ps_error_clear(&err);
	if (ps_name_from_user(&name, &storage, text, &err) == PS_OK && name.labels > 0 &&
	    ps_name_is_hostname(name)) {
		ps_gathered_add(compiler, &compiler->popular, name, PS_SCOPE_EXACT, span);
		ps_fix_name_line(compiler->diagnostics, span, text);
		return;
	}
	if (err.status == PS_NO_MEMORY)
		compiler->status = PS_NO_MEMORY;
	ps_report(compiler->diagnostics, PS_CODE_NAME, span, "'%.*s' is not a domain name",
	    PS_QUOTED(text));
	ps_report_hint(compiler->diagnostics, "a name a line; '#' begins a comment");
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

		if (!file->field.ok)
			continue;
		files->sources[d] = ps_compile_file(compiler, file, NAME_FILE_MAX);
		if (files->sources[d] != NULL)
			files->lines += files->sources[d]->line_count;
	}
	return compiler->status == PS_OK;
}

static bool make_room(struct ps_compiler *compiler, const struct name_files *files)
{
	size_t never = 0;
	size_t official = compiler->brand_domains.count;
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

/* The brands' domains stand behind the others: in both lists is no mistake. */
static void add_brand_domains(struct ps_compiler *compiler)
{
	const struct ps_gathered *domains = &compiler->brand_domains;
	struct ps_gathered *official = &compiler->official;

	for (size_t i = 0; i < domains->count && official->count < official->capacity; i++) {
		official->names[official->count] = domains->names[i];
		official->spans[official->count++] = domains->spans[i];
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
	add_brand_domains(compiler);
	compiler->plan->never = ps_gathered_set(&compiler->never);
	compiler->plan->official = ps_gathered_set(&compiler->official);
	compiler->plan->popular = ps_gathered_set(&compiler->popular);
}
