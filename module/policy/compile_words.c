/* What lookalikes are judged by beside brands: keywords, common words, abused top-level
 * domains, free hosting, exceptions. */
#include "policy/compile.h"
#include "policy/fix.h"

#include "policy/term.h"

#include <stdlib.h>

#define WORD_FILE_MAX ((size_t)8 << 20)

/* --- words of which each stands once ------------------------------------------------ */

struct word {
	const char *text;
	const char *language; /* common words: "" */
	unsigned topic;
	size_t index; /* in the order of the files */
	struct ps_span span;
};

struct words {
	struct word *items; /* scratch */
	size_t count;
};

static int compare_words(const void *a, const void *b)
{
	const struct word *x = a;
	const struct word *y = b;
	int order = strcmp(x->text, y->text);

	if (order == 0)
		order = strcmp(x->language, y->language);
	if (order != 0)
		return order;
	if (x->topic != y->topic)
		return x->topic < y->topic ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static bool is_same(const struct word *a, const struct word *b)
{
	return a->topic == b->topic && strcmp(a->text, b->text) == 0 &&
	       strcmp(a->language, b->language) == 0;
}

static int compare_indices(const void *a, const void *b)
{
	const struct word *x = a;
	const struct word *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/* Sorts, and leaves one of each. Twice in one file is a slip; what ships and what an
 * operator adds in a file of their own may overlap. */
static void keep_once(struct ps_compiler *compiler, struct words *words)
{
	size_t kept = 0;

	if (words->count > 0)
		qsort(words->items, words->count, sizeof(*words->items), compare_words);
	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->items[i];
		const struct word *before = kept > 0 ? &words->items[kept - 1] : NULL;

		if (before == NULL || !is_same(before, word)) {
			words->items[kept++] = *word;
			continue;
		}
		if (before->span.source != word->span.source)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_NAME, word->span,
		    "'%.*s' stands here again", PS_QUOTED(ps_bytes_of_text(word->text)));
		ps_report_other(compiler->diagnostics, before->span, "it stands here too");
		ps_fix_repeated(compiler->diagnostics, word->span);
	}
	words->count = kept;
}

static void add_word(struct ps_compiler *compiler, struct words *words, struct ps_bytes text,
    const char *language, unsigned topic, struct ps_span span)
{
	struct word *word = &words->items[words->count];

	*word = (struct word){.text = ps_compile_text(compiler, text),
	    .language = language,
	    .topic = topic,
	    .index = words->count,
	    .span = span};
	if (word->text != NULL && language != NULL)
		words->count++;
}

/* --- keywords ------------------------------------------------------------------------- */

static void gather_keywords(
    struct ps_compiler *compiler, const struct ps_doc_keywords *doc, struct words *words)
{
	const char *language = ps_compile_text(compiler, doc->named.key->text);

	for (unsigned topic = 0; topic < PS_TOPIC_COUNT; topic++) {
		const struct ps_text *items = doc->topics[topic].items;

		for (size_t i = 0; i < doc->topics[topic].count; i++)
			if (items[i].field.ok)
				add_word(compiler, words, items[i].text, language, topic,
				    ps_yaml_span(items[i].field.node));
	}
}

static size_t count_keywords(const struct ps_compiler *compiler)
{
	size_t count = 0;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].keywords;
		const struct ps_doc_keywords *items = list->items;

		for (size_t i = 0; i < list->count; i++)
			for (unsigned topic = 0; topic < PS_TOPIC_COUNT; topic++)
				count += items[i].topics[topic].count;
	}
	return count;
}

static void compile_keywords(struct ps_compiler *compiler)
{
	size_t count = count_keywords(compiler);
	struct ps_keyword *keywords = ps_compile_array(compiler, count, sizeof(*keywords));
	struct words words = {ps_compile_scratch(compiler, count, sizeof(struct word)), 0};

	if (keywords == NULL || words.items == NULL)
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].keywords;
		const struct ps_doc_keywords *items = list->items;

		for (size_t i = 0; i < list->count; i++)
			gather_keywords(compiler, &items[i], &words);
	}
	keep_once(compiler, &words);
	if (words.count > 0)
		qsort(words.items, words.count, sizeof(*words.items), compare_indices);
	for (size_t i = 0; i < words.count; i++)
		keywords[i] = (struct ps_keyword){.text = words.items[i].text,
		    .language = words.items[i].language,
		    .topic = (enum ps_topic)words.items[i].topic,
		    .place = ps_compile_place(words.items[i].span)};
	ps_compile_limit(compiler, words.count, PS_KEYWORDS_MAX, "keywords");
	compiler->plan->lookalike.keywords = keywords;
	compiler->plan->lookalike.keyword_count = (uint32_t)words.count;
}

/* --- common words ---------------------------------------------------------------------- */

static void gather_line(struct ps_compiler *compiler, const struct ps_source *source,
    uint32_t line, struct words *words)
{
	struct ps_span span;
	struct ps_bytes text = ps_compile_line(source, line, &span);
	enum ps_term_fault fault;
	struct ps_term term;

	if (text.len == 0)
		return;
	fault = ps_term_make(&term, text, NULL);
	if (fault == PS_TERM_GOOD) {
		add_word(compiler, words, ps_bytes_of(term.text, term.len), "", 0, span);
		return;
	}
	if (fault == PS_TERM_NO_MEMORY)
		compiler->status = PS_NO_MEMORY;
	ps_report(compiler->diagnostics, PS_CODE_TERM, span,
	    "'%.*s' cannot be looked for in names", PS_QUOTED(text));
	ps_report_hint(compiler->diagnostics,
	    "a word of two letters or more a line; '#' begins a comment");
}

static bool read_word_files(
    struct ps_compiler *compiler, struct ps_source **sources, size_t *count)
{
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_doc_words *words = &compiler->documents[d].common_words;

		*count += words->list.count;
		if (!words->file.field.ok)
			continue;
		sources[d] = ps_compile_file(compiler, &words->file, WORD_FILE_MAX);
		if (sources[d] != NULL)
			*count += sources[d]->line_count;
	}
	return compiler->status == PS_OK;
}

static void compile_common_words(struct ps_compiler *compiler)
{
	struct ps_source **sources = ps_compile_scratch(
	    compiler, compiler->document_count, sizeof(struct ps_source *));
	size_t count = 0;
	struct words words = {NULL, 0};
	const char **texts;

	if (sources == NULL || !read_word_files(compiler, sources, &count))
		return;
	words.items = ps_compile_scratch(compiler, count, sizeof(struct word));
	texts = ps_compile_array(compiler, count, sizeof(*texts));
	if (words.items == NULL || texts == NULL)
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].common_words.list;
		const struct ps_text *items = list->items;

		for (size_t i = 0; i < list->count; i++)
			if (items[i].field.ok)
				add_word(compiler, &words, items[i].text, "", 0,
				    ps_yaml_span(items[i].field.node));
		for (uint32_t line = 1; sources[d] != NULL && line <= sources[d]->line_count;
		     line++)
			gather_line(compiler, sources[d], line, &words);
	}
	keep_once(compiler, &words);
	for (size_t i = 0; i < words.count; i++)
		texts[i] = words.items[i].text;
	ps_compile_limit(compiler, words.count, PS_COMMON_WORDS_MAX, "common words");
	compiler->plan->lookalike.common_words = texts;
	compiler->plan->lookalike.common_word_count = (uint32_t)words.count;
}

/* --- top-level domains ------------------------------------------------------------------ */

static void add_tld(struct ps_compiler *compiler, struct ps_registry *registry,
    const struct ps_doc_tld *doc, struct ps_abused_tld *tld)
{
	struct ps_span span = ps_yaml_span(doc->named.key);
	uint8_t *wire = ps_arena_copy(
	    compiler->arena, ps_bytes_of(doc->name.wire, doc->name.len));

	if (wire == NULL) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	tld->name = ps_name_trusted(wire, doc->name.len, doc->name.labels);
	tld->ratio = (uint16_t)doc->ratio.value;
	tld->place = ps_compile_place(span);
	/* By what it is, not by how it is written. */
	ps_registry_add(registry, ps_name_first_label(tld->name), span,
	    compiler->plan->lookalike.abused_tld_count++);
}

static void compile_tlds(struct ps_compiler *compiler)
{
	struct ps_registry registry;
	struct ps_abused_tld *tlds;
	size_t count = 0;

	for (size_t d = 0; d < compiler->document_count; d++)
		count += compiler->documents[d].abused_tlds.count;
	tlds = ps_compile_array(compiler, count, sizeof(*tlds));
	if (tlds == NULL ||
	    ps_registry_init(&registry, "abused TLD", count, compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].abused_tlds;
		const struct ps_doc_tld *items = list->items;

		for (size_t i = 0; i < list->count && compiler->status == PS_OK; i++)
			if (items[i].named.id_ok && items[i].ratio.field.ok)
				add_tld(compiler, &registry, &items[i],
				    &tlds[compiler->plan->lookalike.abused_tld_count]);
	}
	ps_registry_seal(&registry, compiler->diagnostics);
	compiler->plan->lookalike.abused_tlds = tlds;
}

/* --- free hosting, exceptions --------------------------------------------------------------- */

static void compile_free_hosting(struct ps_compiler *compiler)
{
	struct ps_gathered *gathered = &compiler->free_hosting;
	size_t count = 0;

	for (size_t d = 0; d < compiler->document_count; d++)
		count += compiler->documents[d].free_hosting.count;
	if (!ps_gathered_init(compiler, gathered, count))
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].free_hosting;
		const struct ps_name_field *items = list->items;

		for (size_t i = 0; i < list->count; i++)
			if (items[i].field.ok)
				ps_gathered_add(compiler, gathered, items[i].name,
				    PS_SCOPE_SUBTREE, ps_yaml_span(items[i].field.node));
	}
	ps_gathered_check(compiler, gathered);
	compiler->plan->lookalike.free_hosting = ps_gathered_set(gathered);
}

static void add_exception(struct ps_compiler *compiler, const struct ps_doc_exception *doc,
    struct ps_exception *exceptions)
{
	struct ps_gathered *gathered = &compiler->exceptions;
	struct ps_exception *exception = &exceptions[gathered->count];

	if (!doc->name.field.ok || !doc->reason.field.ok)
		return;
	exception->reason = ps_compile_text(compiler, doc->reason.text);
	exception->valid_until =
	    doc->expires.field.ok ? (uint32_t)doc->expires.value : PS_TIME_FOREVER;
	ps_gathered_add(compiler, gathered, doc->name.name, PS_SCOPE_SUBTREE,
	    ps_yaml_span(doc->name.field.node));
	if (compiler->status == PS_OK)
		exception->name = gathered->names[gathered->count - 1];
}

static void compile_exceptions(struct ps_compiler *compiler)
{
	struct ps_exception *exceptions;
	size_t count = 0;

	for (size_t d = 0; d < compiler->document_count; d++)
		count += compiler->documents[d].exceptions.count;
	exceptions = ps_compile_array(compiler, count, sizeof(*exceptions));
	if (exceptions == NULL || !ps_gathered_init(compiler, &compiler->exceptions, count))
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].exceptions;
		const struct ps_doc_exception *items = list->items;

		for (size_t i = 0; i < list->count && compiler->status == PS_OK; i++)
			add_exception(compiler, &items[i], exceptions);
	}
	ps_gathered_check(compiler, &compiler->exceptions);
	compiler->plan->lookalike.exceptions = exceptions;
	compiler->plan->lookalike.exception_count = (uint32_t)compiler->exceptions.count;
}

void ps_compile_words(struct ps_compiler *compiler)
{
	static void (*const parts[])(struct ps_compiler *) = {compile_keywords,
	    compile_common_words, compile_tlds, compile_free_hosting, compile_exceptions};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && compiler->status == PS_OK; i++)
		parts[i](compiler);
}
