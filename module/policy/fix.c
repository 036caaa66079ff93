#include "policy/fix.h"

#include "core/name.h"

/* In longer lines nothing is corrected: finding the place costs its length, each time. */
#define LINE_FIXED_MAX 8192

/* --- places ---------------------------------------------------------------------------- */

/* Octets [start, end) of the source's text that the span marks; false: not to be told. */
static bool find_octets(struct ps_span span, size_t *start, size_t *end)
{
	struct ps_bytes line;
	uint32_t column = 1;
	size_t pos = 0;

	if (span.source == NULL || span.line == 0)
		return false;
	line = ps_source_line(span.source, span.line);
	if (line.len > LINE_FIXED_MAX)
		return false;
	while (pos < line.len && column < span.column + span.length) {
		uint32_t character;

		if (column == span.column)
			*start = pos;
		(void)ps_utf8_next(line, &pos, &character);
		column++;
	}
	if (column != span.column + span.length || span.length == 0)
		return false;
	*end = pos + (size_t)(line.ptr - span.source->text.ptr);
	*start += (size_t)(line.ptr - span.source->text.ptr);
	return true;
}

static struct ps_bytes octets(const struct ps_source *source, size_t start, size_t end)
{
	return ps_bytes_of(source->text.ptr + start, end - start);
}

/* The octets of a scalar's text as it stands in the file: without its quotes. */
static bool find_scalar(const struct ps_yaml_node *node, size_t *start, size_t *end)
{
	uint8_t quote;

	if (node->kind != PS_YAML_SCALAR || !find_octets(ps_yaml_span(node), start, end))
		return false;
	if (node->quoted) {
		quote = node->source->text.ptr[*start];
		if ((quote != '"' && quote != '\'') || *end - *start < 2 ||
		    node->source->text.ptr[*end - 1] != quote)
			return false;
		(*start)++;
		(*end)--;
	}
	return ps_bytes_equal(octets(node->source, *start, *end), node->text);
}

/* --- spelling ------------------------------------------------------------------------------ */

void ps_fix_scalar(struct ps_diagnostics *diagnostics, enum ps_fix_kind kind,
    const struct ps_yaml_node *node, struct ps_bytes text, const char *why)
{
	size_t start, end;

	if (find_scalar(node, &start, &end))
		ps_report_fix(
		    diagnostics, kind == PS_FIX_MISTAKE, node->source, start, end, text, why);
}

void ps_fix_spelling(struct ps_diagnostics *diagnostics, const struct ps_yaml_node *node,
    const struct ps_suggest *suggest)
{
	if (ps_suggest_is_sure(suggest))
		ps_fix_scalar(diagnostics, PS_FIX_MISTAKE, node, suggest->best, "spelling");
}

/* --- names --------------------------------------------------------------------------------- */

/* Of ASCII without escapes: what another form would be, and whether it is another. */
static bool tidy_name(struct ps_bytes text, char out[PS_NAME_TEXT_MAX], size_t *len)
{
	bool other = false;

	if (text.len == 0 || text.len >= PS_NAME_TEXT_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] >= 0x80 || text.ptr[i] == '\\')
			return false;
		out[i] = (char)ps_ascii_lower(text.ptr[i]);
		other = other || out[i] != (char)text.ptr[i];
	}
	*len = text.len;
	if (text.len > 1 && text.ptr[text.len - 1] == '.') {
		other = true;
		(*len)--;
	}
	return other;
}

static const char name_why[] = "small letters, no final dot";

void ps_fix_name(struct ps_diagnostics *diagnostics, const struct ps_yaml_node *node)
{
	char text[PS_NAME_TEXT_MAX];
	size_t len;

	if (tidy_name(node->text, text, &len))
		ps_fix_scalar(
		    diagnostics, PS_FIX_FORM, node, ps_bytes_of(text, len), name_why);
}

void ps_fix_name_line(
    struct ps_diagnostics *diagnostics, struct ps_span span, struct ps_bytes text)
{
	char tidy[PS_NAME_TEXT_MAX];
	size_t start, end, len;

	if (tidy_name(text, tidy, &len) && find_octets(span, &start, &end) &&
	    ps_bytes_equal(octets(span.source, start, end), text))
		ps_report_fix(diagnostics, false, span.source, start, end,
		    ps_bytes_of(tidy, len), name_why);
}

/* --- repeated entries ----------------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_break(uint8_t c)
{
	return c == '\n' || c == '\r';
}

/* What stands before pos on its line is all blank. */
static bool begins_line(struct ps_bytes text, size_t pos)
{
	while (pos > 0 && is_blank(text.ptr[pos - 1]))
		pos--;
	return pos == 0 || is_break(text.ptr[pos - 1]);
}

/* The whole of the line, when nothing but the entry stands on it. */
static bool take_line(struct ps_bytes text, size_t *start, size_t *end)
{
	size_t behind = *end;

	while (behind < text.len && is_blank(text.ptr[behind]))
		behind++;
	if (behind < text.len && !is_break(text.ptr[behind]))
		return false;
	if (behind < text.len)
		behind += text.ptr[behind] == '\r' && behind + 1 < text.len &&
		        text.ptr[behind + 1] == '\n'
		    ? 2
		    : 1;
	while (*start > 0 && !is_break(text.ptr[*start - 1]))
		(*start)--;
	*end = behind;
	return true;
}

/* An entry between brackets goes with the comma before it. Where that stands on a line of its
 * own, or of a comment, the place is left. */
static bool take_comma(struct ps_bytes text, size_t *start)
{
	size_t pos = *start;
	bool broken = false;

	while (pos > 0 && (is_blank(text.ptr[pos - 1]) || is_break(text.ptr[pos - 1])))
		broken = is_break(text.ptr[--pos]) || broken;
	if (pos == 0 || text.ptr[pos - 1] != ',')
		return false;
	pos--;
	if (begins_line(text, pos))
		return false;
	while (is_blank(text.ptr[pos - 1]))
		pos--;
	for (size_t i = pos; broken && i > 0 && !is_break(text.ptr[i - 1]); i--)
		if (text.ptr[i - 1] == '#')
			return false;
	*start = pos;
	return true;
}

void ps_fix_repeated(struct ps_diagnostics *diagnostics, struct ps_span span)
{
	static const char why[] = "it stands there before";
	struct ps_bytes text;
	size_t start, end, dash;

	if (!find_octets(span, &start, &end))
		return;
	text = span.source->text;
	/* Quoted text over several lines is marked up to its first line's end. */
	if ((text.ptr[start] == '"' || text.ptr[start] == '\'') &&
	    (end - start < 2 || text.ptr[end - 1] != text.ptr[start]))
		return;
	if (span.source->plain) {
		if (!begins_line(text, start) || !take_line(text, &start, &end))
			return;
	} else {
		dash = start;
		while (dash > 0 && is_blank(text.ptr[dash - 1]))
			dash--;
		if (dash > 0 && dash < start && text.ptr[dash - 1] == '-' &&
		    begins_line(text, dash - 1)) {
			start = dash - 1;
			if (!take_line(text, &start, &end))
				return;
		} else if (take_comma(text, &start)) {
			size_t behind = end;

			while (behind < text.len && is_blank(text.ptr[behind]))
				behind++;
			if (behind < text.len && text.ptr[behind] == ',')
				end = behind;
		} else {
			return;
		}
	}
	ps_report_fix(
	    diagnostics, true, span.source, start, end, ps_bytes_of(NULL, 0), why);
}

/* --- tabs ------------------------------------------------------------------------------------ */

#define TAB_WAYS 3

static const unsigned tab_cells[TAB_WAYS] = {2, 4, 8};

/* The indentation of the line as blanks, when tabs are so wide: tabs go on to the next
 * multiple. Returns its octets, *cells: how many blanks. */
static size_t measure_indent(struct ps_bytes line, unsigned tab, unsigned *cells)
{
	size_t pos = 0;

	*cells = 0;
	for (; pos < line.len && is_blank(line.ptr[pos]); pos++)
		*cells += line.ptr[pos] == '\t' ? tab - *cells % tab : 1;
	return pos;
}

static bool has_tab(struct ps_bytes line, size_t len)
{
	return len > 0 && memchr(line.ptr, '\t', len) != NULL;
}

static void expand(const struct ps_source *source, unsigned tab, struct ps_buffer *out)
{
	for (uint32_t i = 1; i <= source->line_count; i++) {
		struct ps_bytes line = ps_source_line(source, i);
		unsigned cells;
		size_t indent = measure_indent(line, tab, &cells);

		if (has_tab(line, indent)) {
			(void)ps_buffer_printf(out, "%*s", (int)cells, "");
			line = ps_bytes_of(line.ptr + indent, line.len - indent);
		}
		(void)ps_buffer_append(out, line.ptr, line.len);
		(void)ps_buffer_append(out, "\n", 1);
	}
}

static bool same_tree(const struct ps_yaml_node *a, const struct ps_yaml_node *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (a->kind != b->kind || !ps_bytes_equal(a->text, b->text) ||
		    !same_tree(a->first, b->first))
			return false;
	return a == NULL && b == NULL;
}

/* How a file reads when its tabs are so wide. */
struct reading {
	struct ps_arena arena;
	struct ps_diagnostics *diagnostics;
	struct ps_buffer text;
	struct ps_source source;
	struct ps_yaml_node *root;
	bool good;
};

#define READING_MAX ((size_t)1 << 30)

static enum ps_status read_as(
    struct reading *reading, const struct ps_source *source, unsigned tab)
{
	struct ps_yaml_reading how = {.arena = &reading->arena};
	enum ps_status status = ps_diagnostics_create(&reading->diagnostics);

	ps_arena_init(&reading->arena, READING_MAX);
	ps_buffer_init(&reading->text, READING_MAX);
	if (status == PS_OK) {
		expand(source, tab, &reading->text);
		status = reading->text.status;
	}
	if (status == PS_OK)
		status = ps_source_init(&reading->source, source->name,
		    ps_buffer_bytes(&reading->text), &reading->arena);
	how.diagnostics = reading->diagnostics;
	if (status == PS_OK)
		status = ps_yaml_read(&reading->root, &reading->source, &how);
	if (status == PS_OK)
		status = ps_diagnostics_status(reading->diagnostics);
	reading->good = status == PS_OK && !reading->source.cut;
	return status == PS_LIMIT ? PS_OK : status;
}

static void clear_reading(struct reading *reading)
{
	ps_arena_clear(&reading->arena);
	ps_buffer_clear(&reading->text);
	ps_diagnostics_destroy(reading->diagnostics);
}

/* One correction, from the first line with a tab to the last: made by halves it could mean
 * something else. */
static enum ps_status report_tabs(
    struct ps_diagnostics *diagnostics, const struct ps_source *source, unsigned tab)
{
	size_t first = 0, end = 0, done = 0;
	enum ps_status status;
	struct ps_buffer text;

	ps_buffer_init(&text, READING_MAX);
	for (uint32_t i = 1; i <= source->line_count; i++) {
		struct ps_bytes line = ps_source_line(source, i);
		unsigned cells;
		size_t indent = measure_indent(line, tab, &cells), start;

		if (!has_tab(line, indent))
			continue;
		start = (size_t)(line.ptr - source->text.ptr);
		if (end == 0)
			first = done = start;
		end = start + indent;
		(void)ps_buffer_append(&text, source->text.ptr + done, start - done);
		/* On a line without anything nothing is indented. */
		(void)ps_buffer_printf(&text, "%*s", indent < line.len ? (int)cells : 0, "");
		done = end;
	}
	status = text.status;
	if (status == PS_OK && end > 0)
		ps_report_fix(diagnostics, true, source, first, end, ps_buffer_bytes(&text),
		    "blanks for tabs");
	ps_buffer_clear(&text);
	return status;
}

enum ps_status ps_fix_tabs(struct ps_diagnostics *diagnostics, const struct ps_source *source)
{
	struct reading readings[TAB_WAYS] = {0};
	int way = -1;
	bool plain = true;
	enum ps_status status = PS_OK;

	for (int i = 0; i < TAB_WAYS && status == PS_OK; i++) {
		status = read_as(&readings[i], source, tab_cells[i]);
		if (status != PS_OK || !readings[i].good)
			continue;
		if (way < 0)
			way = i;
		else
			plain = plain && same_tree(readings[way].root, readings[i].root);
	}
	if (status == PS_OK && way >= 0 && plain)
		status = report_tabs(diagnostics, source, tab_cells[way]);
	for (int i = 0; i < TAB_WAYS; i++)
		if (readings[i].diagnostics != NULL)
			clear_reading(&readings[i]);
	return status;
}
