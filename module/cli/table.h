/* A table for people: headers, columns as wide as their widest cell, numbers to the
 * right.
 *
 * Cells are given row by row; the text of a cell must be printable (what comes from
 * outside through ps_terminal_escape() first). Lack of memory is sticky and told at
 * the end.
 * Ownership: init/clear on the caller's storage. Threads: one at a time.
 */
#ifndef PS_CLI_TABLE_H
#define PS_CLI_TABLE_H

#include "cli/terminal.h"
#include "core/buffer.h"

#define PS_TABLE_COLUMNS_MAX 32

enum ps_align { PS_ALIGN_LEFT, PS_ALIGN_RIGHT };

struct ps_table {
	struct ps_buffer cells; /* a style octet, the text, a NUL: each */
	size_t cell_count;
	size_t columns;
	const char *header[PS_TABLE_COLUMNS_MAX];
	enum ps_align align[PS_TABLE_COLUMNS_MAX];
};

void ps_table_init(struct ps_table *table);
void ps_table_clear(struct ps_table *table);

/* Before the first cell. header is borrowed. */
void ps_table_column(struct ps_table *table, const char *header, enum ps_align align);

void ps_table_cell(struct ps_table *table, enum ps_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A cell with octets from outside, escaped and cut at 200 characters. */
void ps_table_text(struct ps_table *table, enum ps_style style, const char *text);

/* A cell with a number in groups of three; 0 is shown faintly. */
void ps_table_number(struct ps_table *table, enum ps_style style, uint64_t number);

/* Prints header and rows behind `indent` blanks, columns two blanks apart. */
PS_MUST_USE enum ps_status ps_table_print(
    const struct ps_table *table, const struct ps_terminal *terminal, unsigned indent);

/* How many terminal cells the UTF-8 text takes. */
size_t ps_text_width(const char *text);

#endif
