#include "cli/table.h"

#include "core/utf8.h"

#define TABLE_MAX ((size_t)64 << 20)
#define CELL_MAX 512

void ps_table_init(struct ps_table *table)
{
	*table = (struct ps_table){0};
	ps_buffer_init(&table->cells, TABLE_MAX);
}

void ps_table_clear(struct ps_table *table)
{
	ps_buffer_clear(&table->cells);
}

void ps_table_column(struct ps_table *table, const char *header, enum ps_align align)
{
	if (table->columns == PS_TABLE_COLUMNS_MAX)
		return;
	table->header[table->columns] = header;
	table->align[table->columns] = align;
	table->columns++;
}

void ps_table_cell(struct ps_table *table, enum ps_style style, const char *format, ...)
{
	char text[CELL_MAX];
	uint8_t octet = (uint8_t)style;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	(void)ps_buffer_append(&table->cells, &octet, 1);
	(void)ps_buffer_append(&table->cells, text, strlen(text) + 1);
	table->cell_count++;
}

void ps_table_text(struct ps_table *table, enum ps_style style, const char *text)
{
	char escaped[201];

	(void)ps_terminal_escape(ps_bytes_of_text(text), escaped, sizeof(escaped));
	ps_table_cell(table, style, "%s", escaped);
}

void ps_table_number(struct ps_table *table, enum ps_style style, uint64_t number)
{
	char text[PS_NUMBER_TEXT_MAX];

	ps_table_cell(
	    table, number == 0 ? PS_STYLE_FAINT : style, "%s", ps_terminal_number(number, text));
}

size_t ps_text_width(const char *text)
{
	struct ps_bytes bytes = ps_bytes_of_text(text);
	size_t width = 0;

	for (size_t pos = 0; pos < bytes.len;) {
		uint32_t character;
		bool valid = ps_utf8_next(bytes, &pos, &character);

		width += valid ? ps_character_width(character) : 1;
	}
	return width;
}

/* The cell at *at, which moves to the next one. */
static const char *next_cell(const struct ps_table *table, size_t *at, enum ps_style *style)
{
	const char *text = (const char *)table->cells.data + *at + 1;

	*style = (enum ps_style)table->cells.data[*at];
	*at += strlen(text) + 2;
	return text;
}

static void measure(const struct ps_table *table, size_t widths[PS_TABLE_COLUMNS_MAX])
{
	size_t at = 0;

	for (size_t c = 0; c < table->columns; c++)
		widths[c] = ps_text_width(table->header[c]);
	for (size_t i = 0; i < table->cell_count; i++) {
		enum ps_style style;
		size_t width = ps_text_width(next_cell(table, &at, &style));

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
}

/* Nothing stands behind the last text of a line, so that lines can be compared. */
static void print_cell(const struct ps_terminal *terminal, const char *text, enum ps_style style,
    enum ps_align align, size_t width, bool last)
{
	int blanks = (int)(width - ps_text_width(text));

	if (align == PS_ALIGN_RIGHT)
		(void)fprintf(terminal->stream, "%*s", blanks, "");
	ps_terminal_styled(terminal, style, "%s", text);
	if (last)
		(void)fputc('\n', terminal->stream);
	else
		(void)fprintf(
		    terminal->stream, "%*s", align == PS_ALIGN_LEFT ? blanks + 2 : 2, "");
}

/* The last column of this row that has something to show. */
static size_t last_shown(const struct ps_table *table, size_t at)
{
	size_t last = 0;

	for (size_t c = 0; c < table->columns; c++) {
		enum ps_style style;

		if (next_cell(table, &at, &style)[0] != '\0')
			last = c;
	}
	return last;
}

enum ps_status ps_table_print(
    const struct ps_table *table, const struct ps_terminal *terminal, unsigned indent)
{
	size_t widths[PS_TABLE_COLUMNS_MAX];
	size_t at = 0, headed = 0;

	if (table->cells.status != PS_OK)
		return table->cells.status;
	measure(table, widths);
	(void)fprintf(terminal->stream, "%*s", (int)indent, "");
	for (size_t c = 0; c < table->columns; c++)
		headed = table->header[c][0] != '\0' ? c : headed;
	for (size_t c = 0; c <= headed; c++)
		print_cell(terminal, table->header[c], PS_STYLE_STRONG, table->align[c],
		    widths[c], c == headed);
	for (size_t row = 0; row < table->cell_count / table->columns; row++) {
		size_t last = last_shown(table, at);

		(void)fprintf(terminal->stream, "%*s", (int)indent, "");
		for (size_t c = 0; c < table->columns; c++) {
			enum ps_style style;
			const char *text = next_cell(table, &at, &style);

			if (c <= last)
				print_cell(
				    terminal, text, style, table->align[c], widths[c], c == last);
		}
	}
	return PS_OK;
}
