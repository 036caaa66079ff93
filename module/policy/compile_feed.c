/* Feeds, with every default filled in. */
#include "policy/compile.h"

#define CONFIDENCE_DEFAULT 50

static const char *optional_text(struct ps_compiler *compiler, const struct ps_text *text)
{
	return text->field.ok ? ps_compile_text(compiler, text->text) : NULL;
}

static void copy_columns(struct ps_compiler *compiler, const struct ps_doc_columns *columns,
    struct ps_feed_config *feed)
{
	feed->csv.name = optional_text(compiler, &columns->name);
	feed->csv.category = optional_text(compiler, &columns->category);
	feed->csv.confidence = optional_text(compiler, &columns->confidence);
	feed->csv.valid_from = optional_text(compiler, &columns->valid_from);
	feed->csv.valid_until = optional_text(compiler, &columns->valid_until);
	feed->csv.reference = optional_text(compiler, &columns->reference);
}

static uint64_t number_or(const struct ps_number *number, uint64_t otherwise)
{
	return number->field.ok ? number->value : otherwise;
}

static void copy_limits(const struct ps_doc_limits *limits, struct ps_feed_config *feed)
{
	feed->max_bytes = number_or(&limits->bytes, PS_FEED_MAX_BYTES_DEFAULT);
	feed->max_entries = number_or(&limits->entries, PS_FEED_MAX_ENTRIES_DEFAULT);
	feed->shrink_percent = (uint32_t)number_or(&limits->shrink, PS_FEED_SHRINK_DEFAULT);
	feed->grow_percent = (uint32_t)number_or(&limits->grow, PS_FEED_GROW_DEFAULT);
}

static void compile_feed(
    struct ps_compiler *compiler, const struct ps_doc_feed *doc, struct ps_feed_config *feed)
{
	const struct ps_yaml_node *key = doc->named.key;

	feed->id = ps_compile_text(compiler, key->text);
	feed->title = optional_text(compiler, &doc->title);
	feed->publisher = optional_text(compiler, &doc->publisher);
	if (doc->path.field.ok)
		feed->path = ps_compile_path(compiler, key->source, doc->path.text);
	feed->format = (enum ps_feed_format)number_or(&doc->format, PS_FEED_PLAIN);
	feed->category = (enum ps_category)number_or(&doc->category, PS_CATEGORY_OTHER);
	feed->confidence = (uint8_t)number_or(&doc->confidence, CONFIDENCE_DEFAULT);
	feed->tlp = (enum ps_tlp)number_or(&doc->tlp, PS_TLP_AMBER);
	feed->scope = (enum ps_scope)number_or(&doc->scope, PS_SCOPE_EXACT);
	feed->csv.delimiter = (char)number_or(&doc->delimiter, ',');
	copy_columns(compiler, &doc->columns, feed);
	copy_limits(&doc->limits, feed);
	feed->trial = number_or(&doc->trial, 0) != 0;
	feed->file = key->source->name;
	feed->line = key->line;
}

static size_t count_feeds(const struct ps_compiler *compiler)
{
	size_t count = 0;

	for (size_t i = 0; i < compiler->document_count; i++)
		count += compiler->documents[i].feeds.count;
	return count;
}

void ps_compile_feeds(struct ps_compiler *compiler)
{
	size_t count = count_feeds(compiler);
	struct ps_feed_config *feeds = ps_compile_array(compiler, count, sizeof(*feeds));
	bool *ok = ps_compile_scratch(compiler, count, sizeof(*ok));
	uint32_t next = 0;

	if (feeds == NULL || ok == NULL ||
	    ps_registry_init(&compiler->feeds, "feed", count, compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].feeds;
		const struct ps_doc_feed *items = list->items;

		for (size_t i = 0; i < list->count; i++, next++) {
			compile_feed(compiler, &items[i], &feeds[next]);
			ok[next] = items[i].named.field.ok && items[i].format.field.ok;
			if (items[i].named.id_ok)
				ps_registry_add(&compiler->feeds, items[i].named.key->text,
				    ps_yaml_span(items[i].named.key), next);
		}
	}
	ps_registry_seal(&compiler->feeds, compiler->diagnostics);
	if (count > PS_FEEDS_MAX)
		ps_report(compiler->diagnostics, PS_CODE_TOO_MANY,
		    ps_span_of_file(&compiler->sources[0]), "the policy has more than %d feeds",
		    PS_FEEDS_MAX);
	compiler->plan_feeds = feeds;
	compiler->feed_ok = ok;
	compiler->plan->feeds = feeds;
	compiler->plan->feed_count = (uint32_t)count;
}
