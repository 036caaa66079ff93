/* What `diff` writes of a name whose verdict changed: a row of its table, tab-separated
 * columns, or a line of JSON.
 *
 * Ownership: borrows all that it points to.
 * Threads: the writer is immutable once made; each buffer belongs to one thread.
 */
#ifndef PS_CLI_DIFF_ROW_H
#define PS_CLI_DIFF_ROW_H

#include "cli/scan_row.h"
#include "cli/terminal.h"

/* What became of a verdict. Of several changes the first here is told. */
enum ps_change {
	PS_CHANGE_NONE,
	PS_CHANGE_BLOCKED, /* it passed */
	PS_CHANGE_PASSES,  /* it was blocked */
	PS_CHANGE_ACTION,  /* it is blocked, or passes, by another action */
	PS_CHANGE_RULE,    /* another rule does the same */
	PS_CHANGE_ANSWER,  /* the same rule gives another answer */
	PS_CHANGE_TELL,    /* the same answer has another Extended DNS Error */
	PS_CHANGE_COUNT,
};

/* One of the two: what it is judged by, and how it is written. */
struct ps_diff_side {
	const struct ps_scan_writer *writer;
	const struct ps_verdict *verdict;
};

enum ps_diff_form { PS_DIFF_TABLE, PS_DIFF_COLUMNS, PS_DIFF_JSON };

struct ps_diff_writer {
	const struct ps_terminal *terminal;
	enum ps_diff_form form;
	int rule_cells[2]; /* as wide as the ids of either policy need */
};

/* "blocked", "passes", ... */
const char *ps_change_name(enum ps_change change);

enum ps_change ps_change_of(const struct ps_diff_side *old, const struct ps_diff_side *now);

void ps_diff_writer_init(struct ps_diff_writer *writer, const struct ps_terminal *terminal,
    enum ps_diff_form form, const struct ps_snapshot *old, const struct ps_snapshot *now);

/* The head of the table; nothing in the other forms. Errors stand in out. */
void ps_diff_head(const struct ps_diff_writer *writer, struct ps_buffer *out);

/* Appends a row. Errors stand in out. */
void ps_diff_write(const struct ps_diff_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, enum ps_change change, const struct ps_diff_side *old,
    const struct ps_diff_side *now);

#endif
