#include "policy/yaml_tree.h"

#include "policy/yaml_problem.h"

#include <stdlib.h>
#include <yaml.h>

struct reader {
	struct ps_yaml_reading *reading;
	struct ps_source *source;
	yaml_parser_t parser;
	struct ps_yaml_node *root;
	/* The collections that are open, outermost first, and their last child. */
	struct ps_yaml_node *open[PS_YAML_DEPTH_MAX];
	struct ps_yaml_node *last[PS_YAML_DEPTH_MAX];
	unsigned depth;
	unsigned documents;
	/* What a syntax error right behind makes doubtful: text that ran over several
	 * lines, and collections that ended since the last node. */
	struct ps_yaml_node *long_text;
	struct ps_yaml_node *ended[PS_YAML_DEPTH_MAX];
	unsigned ended_count;
	bool done; /* nothing more is read of this file */
	enum ps_status status;
};

static struct ps_span span_of_mark(const struct reader *reader, yaml_mark_t mark)
{
	return (struct ps_span){
	    reader->source, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1, 1};
}

/* Ends the file here: what follows was not read. */
static void cut(struct reader *reader)
{
	reader->done = true;
	reader->source->cut = true;
}

static uint32_t line_length(const struct reader *reader, uint32_t line)
{
	struct ps_bytes bytes = ps_source_line(reader->source, line);
	uint32_t length = 0;
	size_t pos = 0;

	while (pos < bytes.len) {
		uint32_t character;

		(void)ps_utf8_next(bytes, &pos, &character);
		length++;
	}
	return length;
}

/* How many characters of the event stand on its first line. */
static uint32_t mark_length(const struct reader *reader, const yaml_event_t *event)
{
	size_t start = event->start_mark.column;
	size_t end = event->end_mark.column;

	if (event->type != YAML_SCALAR_EVENT)
		return 1;
	if (event->end_mark.line != event->start_mark.line)
		end = line_length(reader, (uint32_t)event->start_mark.line + 1);
	return end > start ? (uint32_t)(end - start) : 1;
}

static struct ps_yaml_node *make_node(
    struct reader *reader, enum ps_yaml_kind kind, const yaml_event_t *event)
{
	struct ps_yaml_node *node;

	if (reader->reading->nodes >= PS_YAML_NODES_MAX) {
		ps_report(reader->reading->diagnostics, PS_CODE_TOO_MANY,
		    span_of_mark(reader, event->start_mark),
		    "the policy has more than %u values", PS_YAML_NODES_MAX);
		ps_report_hint(reader->reading->diagnostics,
		    "long lists of names belong into a feed");
		cut(reader);
		return NULL;
	}
	node = ps_arena_alloc(reader->reading->arena, sizeof(*node));
	if (node == NULL) {
		reader->status = PS_NO_MEMORY;
		return NULL;
	}
	reader->reading->nodes++;
	node->kind = kind;
	node->source = reader->source;
	node->line = (uint32_t)event->start_mark.line + 1;
	node->column = (uint32_t)event->start_mark.column + 1;
	node->length = mark_length(reader, event);
	return node;
}

/* Hangs node under the collection that is open, or makes it the root. */
static void hang(struct reader *reader, struct ps_yaml_node *node)
{
	unsigned top;

	reader->long_text = NULL;
	reader->ended_count = 0;
	if (reader->depth == 0) {
		reader->root = node;
		return;
	}
	top = reader->depth - 1;
	if (reader->last[top] == NULL)
		reader->open[top]->first = node;
	else
		reader->last[top]->next = node;
	reader->last[top] = node;
	reader->open[top]->count++;
}

/* --- mappings: pairs with text keys, each key once ------------------------ */

static bool key_may_stand(struct reader *reader, const struct ps_yaml_node *key)
{
	struct ps_diagnostics *diagnostics = reader->reading->diagnostics;

	if (key->kind == PS_YAML_BROKEN)
		return false;
	if (key->kind != PS_YAML_SCALAR) {
		ps_report(diagnostics, PS_CODE_KEY_SHAPE, ps_yaml_span(key),
		    "a key must be text, not a %s",
		    key->kind == PS_YAML_LIST ? "list" : "mapping");
		return false;
	}
	if (key->text.len == 0) {
		ps_report(diagnostics, PS_CODE_KEY_SHAPE, ps_yaml_span(key), "the key is empty");
		return false;
	}
	if (!key->quoted && ps_bytes_equal_text(key->text, "<<")) {
		ps_report(diagnostics, PS_CODE_MERGE, ps_yaml_span(key),
		    "merge keys are not allowed");
		ps_report_hint(diagnostics, "write the keys out");
		return false;
	}
	return true;
}

static int compare_keys(const void *a, const void *b)
{
	const struct ps_yaml_node *x = *(struct ps_yaml_node *const *)a;
	const struct ps_yaml_node *y = *(struct ps_yaml_node *const *)b;
	size_t len = x->text.len < y->text.len ? x->text.len : y->text.len;
	int order = len > 0 ? memcmp(x->text.ptr, y->text.ptr, len) : 0;

	if (order != 0)
		return order;
	if (x->text.len != y->text.len)
		return x->text.len < y->text.len ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

/* Reports keys that stood before; their kind becomes BROKEN, so that the pair is
 * dropped. Sorted, so that a mapping of 100,000 keys costs no more than that. */
static void find_duplicates(struct reader *reader, const struct ps_yaml_node *mapping)
{
	struct ps_yaml_node **keys =
	    ps_arena_array(reader->reading->arena, mapping->count, sizeof(struct ps_yaml_node *));
	size_t count = 0;
	size_t first = 0;

	if (keys == NULL) {
		reader->status = PS_NO_MEMORY;
		return;
	}
	for (struct ps_yaml_node *key = mapping->first; key != NULL; key = key->next->next)
		keys[count++] = key;
	qsort(keys, count, sizeof(struct ps_yaml_node *), compare_keys);
	for (size_t i = 1; i < count; i++) {
		if (!ps_bytes_equal(keys[i]->text, keys[first]->text)) {
			first = i;
			continue;
		}
		ps_report(reader->reading->diagnostics, PS_CODE_DUPLICATE_KEY,
		    ps_yaml_span(keys[i]), "the key '%.*s' stands here again",
		    PS_QUOTED(keys[i]->text));
		ps_report_other(
		    reader->reading->diagnostics, ps_yaml_span(keys[first]), "first here");
		keys[i]->kind = PS_YAML_BROKEN;
	}
}

/* Keeps the pairs whose key says true to keep(). */
static void drop_pairs(struct reader *reader, struct ps_yaml_node *mapping,
    bool (*keep)(struct reader *, const struct ps_yaml_node *))
{
	struct ps_yaml_node **link = &mapping->first;

	mapping->count = 0;
	while (*link != NULL) {
		struct ps_yaml_node *key = *link;

		if (keep(reader, key)) {
			link = &key->next->next;
			mapping->count++;
		} else {
			*link = key->next->next;
		}
	}
}

static bool key_is_whole(struct reader *reader, const struct ps_yaml_node *key)
{
	(void)reader;
	return key->kind == PS_YAML_SCALAR;
}

/* Called with all children hung: key, value, ... and perhaps a last key whose
 * value was never reached. */
static void finish_mapping(
    struct reader *reader, struct ps_yaml_node *mapping, struct ps_yaml_node *last)
{
	if (mapping->count % 2 != 0) {
		struct ps_yaml_node *value =
		    ps_arena_alloc(reader->reading->arena, sizeof(*value));

		if (value == NULL) {
			reader->status = PS_NO_MEMORY;
			return;
		}
		*value = *last;
		value->kind = PS_YAML_BROKEN;
		value->first = NULL;
		value->next = NULL;
		last->next = value;
	}
	drop_pairs(reader, mapping, key_may_stand);
	if (mapping->count > 1)
		find_duplicates(reader, mapping);
	if (reader->status == PS_OK)
		drop_pairs(reader, mapping, key_is_whole);
}

static void close_top(struct reader *reader)
{
	unsigned top = --reader->depth;

	reader->ended[reader->ended_count++] = reader->open[top];
	if (reader->open[top]->kind == PS_YAML_MAPPING)
		finish_mapping(reader, reader->open[top], reader->last[top]);
}

/* --- events --------------------------------------------------------------- */

static void refuse_properties(
    struct reader *reader, const yaml_event_t *event, const char *anchor, const char *tag)
{
	struct ps_diagnostics *diagnostics = reader->reading->diagnostics;
	struct ps_span span = span_of_mark(reader, event->start_mark);

	if (anchor != NULL) {
		span.length = (uint32_t)strlen(anchor) + 1;
		ps_report(diagnostics, PS_CODE_ANCHOR, span, "anchors are not allowed");
		ps_report_hint(diagnostics,
		    "write the value out; text that begins with '&' needs quotes");
	}
	if (tag != NULL) {
		ps_report(diagnostics, PS_CODE_TAG, span, "tags are not allowed");
		ps_report_hint(diagnostics, "text that begins with '!' needs quotes");
	}
}

static void on_alias(struct reader *reader, const yaml_event_t *event)
{
	struct ps_span span = span_of_mark(reader, event->start_mark);
	struct ps_yaml_node *node = make_node(reader, PS_YAML_BROKEN, event);

	if (node == NULL)
		return;
	span.length = (uint32_t)(event->end_mark.column - event->start_mark.column);
	ps_report(reader->reading->diagnostics, PS_CODE_ALIAS, span, "aliases are not allowed");
	ps_report_hint(reader->reading->diagnostics,
	    "write the value out; text that begins with '*' needs quotes");
	hang(reader, node);
}

static void on_scalar(struct reader *reader, const yaml_event_t *event)
{
	struct ps_yaml_node *node = make_node(reader, PS_YAML_SCALAR, event);
	struct ps_bytes text =
	    ps_bytes_of(event->data.scalar.value, event->data.scalar.length);

	if (node == NULL)
		return;
	refuse_properties(reader, event, (const char *)event->data.scalar.anchor,
	    (const char *)event->data.scalar.tag);
	if (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL)
		node->kind = PS_YAML_BROKEN;
	node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text.ptr = ps_arena_copy(reader->reading->arena, text);
	node->text.len = text.len;
	if (node->text.ptr == NULL) {
		reader->status = PS_NO_MEMORY;
		return;
	}
	hang(reader, node);
	if (event->end_mark.line != event->start_mark.line)
		reader->long_text = node;
}

static void on_start(struct reader *reader, const yaml_event_t *event, enum ps_yaml_kind kind)
{
	struct ps_yaml_node *node;

	if (reader->depth == PS_YAML_DEPTH_MAX) {
		ps_report(reader->reading->diagnostics, PS_CODE_TOO_DEEP,
		    span_of_mark(reader, event->start_mark),
		    "nested more than %d levels deep", PS_YAML_DEPTH_MAX);
		cut(reader);
		return;
	}
	node = make_node(reader, kind, event);
	if (node == NULL)
		return;
	hang(reader, node);
	reader->open[reader->depth] = node;
	reader->last[reader->depth] = NULL;
	reader->depth++;
}

static void on_document(struct reader *reader, const yaml_event_t *event)
{
	struct ps_diagnostics *diagnostics = reader->reading->diagnostics;
	struct ps_span span = span_of_mark(reader, event->start_mark);

	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start !=
	        event->data.document_start.tag_directives.end) {
		ps_report(diagnostics, PS_CODE_DIRECTIVE, span, "directives are not allowed");
		ps_report_hint(diagnostics, "remove the line that begins with '%%'");
	}
	if (++reader->documents > 1) {
		ps_report(diagnostics, PS_CODE_DOCUMENTS, span,
		    "a second document begins here");
		ps_report_hint(diagnostics, "one file holds one; remove the '---'");
		cut(reader);
	}
}

static void on_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		on_document(reader, event);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(reader, event);
		break;
	case YAML_SCALAR_EVENT:
		on_scalar(reader, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		refuse_properties(reader, event, (const char *)event->data.sequence_start.anchor,
		    (const char *)event->data.sequence_start.tag);
		on_start(reader, event, PS_YAML_LIST);
		break;
	case YAML_MAPPING_START_EVENT:
		refuse_properties(reader, event, (const char *)event->data.mapping_start.anchor,
		    (const char *)event->data.mapping_start.tag);
		on_start(reader, event, PS_YAML_MAPPING);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_top(reader);
		break;
	case YAML_STREAM_END_EVENT:
		reader->done = true;
		break;
	default:
		break;
	}
}

static void on_failure(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	struct ps_yaml_problem problem = {
	    .problem = parser->problem != NULL ? parser->problem : "cannot be read",
	    .context = parser->context,
	    .problem_span = span_of_mark(reader, parser->problem_mark),
	};

	if (parser->error == YAML_MEMORY_ERROR) {
		reader->status = PS_NO_MEMORY;
		return;
	}
	if (parser->context != NULL)
		problem.context_span = span_of_mark(reader, parser->context_mark);
	ps_yaml_problem_report(reader->reading->diagnostics, &problem);
	reader->source->broken = (struct ps_broken){problem.problem_span.line,
	    ps_yaml_problem_is_open(&problem) ? problem.context_span.line : 0};
	if (reader->long_text != NULL)
		reader->long_text->kind = PS_YAML_BROKEN;
	for (unsigned i = 0; i < reader->ended_count; i++)
		reader->ended[i]->cut = true;
	cut(reader);
}

/* The file ended early: what is open ends here. */
static void close_all(struct reader *reader)
{
	while (reader->depth > 0 && reader->status == PS_OK) {
		reader->open[reader->depth - 1]->cut = true;
		close_top(reader);
	}
}

enum ps_status ps_yaml_read(
    struct ps_yaml_node **root, struct ps_source *source, struct ps_yaml_reading *reading)
{
	struct reader reader = {.reading = reading, .source = source};

	if (!yaml_parser_initialize(&reader.parser))
		return PS_NO_MEMORY;
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser,
	    source->text.len > 0 ? source->text.ptr : (const unsigned char *)"", source->text.len);
	while (!reader.done && reader.status == PS_OK) {
		yaml_event_t event;

		if (!yaml_parser_parse(&reader.parser, &event)) {
			on_failure(&reader);
			break;
		}
		on_event(&reader, &event);
		yaml_event_delete(&event);
	}
	close_all(&reader);
	yaml_parser_delete(&reader.parser);
	if (reader.status == PS_OK)
		*root = reader.root;
	return reader.status;
}

/* --- places inside a scalar ------------------------------------------------ */

/* In longer lines the scalar's own place must do: to walk a line of a mebibyte for
 * each of 10,000 mistakes in it would take minutes. */
#define EXACT_LINE_MAX 8192

/* The raw characters, as they stand in the file from raw on, that make one octet of
 * a scalar in the given quotes (0: none). */
static size_t raw_step(struct ps_bytes line, size_t raw, uint8_t quote)
{
	if (raw + 1 >= line.len)
		return 1;
	if (quote == '\'' && line.ptr[raw] == '\'' && line.ptr[raw + 1] == '\'')
		return 2;
	if (quote != '"' || line.ptr[raw] != '\\')
		return 1;
	switch (line.ptr[raw + 1]) {
	case 'x':
		return 4;
	case 'u':
		return 6;
	case 'U':
		return 10;
	default:
		return 2;
	}
}

struct ps_span ps_yaml_span_at(const struct ps_yaml_node *node, size_t offset)
{
	struct ps_bytes line = ps_source_line(node->source, node->line);
	struct ps_span span = ps_yaml_span(node);
	size_t raw = node->column - 1;
	uint8_t quote = 0;

	if (node->kind != PS_YAML_SCALAR || raw >= line.len || line.len > EXACT_LINE_MAX)
		return span;
	/* Columns count characters: only where every one is an octet are they offsets. */
	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] >= 0x80)
			return span;
	if (node->quoted)
		quote = line.ptr[raw++];
	if (quote != 0 && quote != '\'' && quote != '"')
		return span; /* a block scalar: its text stands on other lines */
	for (size_t i = 0; i < offset; i++)
		raw += raw_step(line, raw, quote);
	if (raw >= node->column - 1 + node->length)
		return span;
	span.column = (uint32_t)raw + 1;
	span.length = 1;
	return span;
}
