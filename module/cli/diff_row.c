#include "cli/diff_row.h"

/* Rows are written as they come, so that columns are as wide as most cells, not as the
 * widest. */
#define NAME_CELLS 40
#define ACTION_CELLS 8 /* "sinkhole" */
#define RULE_CELLS_MIN 4
#define RULE_CELLS_MAX 24
#define TECHNIQUE_CELLS 13 /* "transposition" */

static const char *const names[PS_CHANGE_COUNT] = {[PS_CHANGE_NONE] = "none",
    [PS_CHANGE_BLOCKED] = "blocked",
    [PS_CHANGE_PASSES] = "passes",
    [PS_CHANGE_ACTION] = "action",
    [PS_CHANGE_RULE] = "rule",
    [PS_CHANGE_ANSWER] = "answer",
    [PS_CHANGE_TELL] = "tell"};

const char *ps_change_name(enum ps_change change)
{
	return names[change];
}

/* --- what changed ---------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_addresses(
    const uint8_t *a, uint32_t a_count, const uint8_t *b, uint32_t b_count)
{
	return a_count == b_count && (a_count == 0 || memcmp(a, b, (size_t)a_count * 16) == 0);
}

static bool same_answer(const struct ps_diff_side *old, const struct ps_diff_side *now)
{
	struct ps_answer_view a =
	    ps_snapshot_answer(old->writer->snapshot, old->verdict->answer);
	struct ps_answer_view b =
	    ps_snapshot_answer(now->writer->snapshot, now->verdict->answer);

	if ((a.cname.wire == NULL) != (b.cname.wire == NULL) ||
	    (a.cname.wire != NULL && !ps_name_equal(a.cname, b.cname)))
		return false;
	return a.ttl == b.ttl && same_addresses(a.a, a.a_count, b.a, b.a_count) &&
	       same_addresses(a.aaaa, a.aaaa_count, b.aaaa, b.aaaa_count);
}

static bool same_tell(const struct ps_diff_side *old, const struct ps_diff_side *now)
{
	struct ps_rule_view a = ps_snapshot_rule(old->writer->snapshot, old->verdict->rule);
	struct ps_rule_view b = ps_snapshot_rule(now->writer->snapshot, now->verdict->rule);

	return a.ede_code == b.ede_code && a.sub_error == b.sub_error &&
	       same_text(a.ede_text, b.ede_text);
}

static const char *rule_of(const struct ps_diff_side *side)
{
	return side->verdict->rule == PS_INDEX_NONE
	           ? NULL
	           : side->writer->rules[side->verdict->rule].id;
}

enum ps_change ps_change_of(const struct ps_diff_side *old, const struct ps_diff_side *now)
{
	bool blocked = ps_verdict_blocks(old->verdict), blocks = ps_verdict_blocks(now->verdict);

	if (blocked != blocks)
		return blocks ? PS_CHANGE_BLOCKED : PS_CHANGE_PASSES;
	if (old->verdict->action != now->verdict->action)
		return PS_CHANGE_ACTION;
	if (!same_text(rule_of(old), rule_of(now)))
		return PS_CHANGE_RULE;
	if (blocks && !same_answer(old, now))
		return PS_CHANGE_ANSWER;
	return blocks && !same_tell(old, now) ? PS_CHANGE_TELL : PS_CHANGE_NONE;
}

/* --- the table --------------------------------------------------------------------------- */

static int widest_rule(const struct ps_snapshot *snapshot)
{
	int widest = RULE_CELLS_MIN;

	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		int len = (int)strlen(ps_snapshot_rule(snapshot, i).id);

		widest = len > widest ? len : widest;
	}
	return widest < RULE_CELLS_MAX ? widest : RULE_CELLS_MAX;
}

void ps_diff_writer_init(struct ps_diff_writer *writer, const struct ps_terminal *terminal,
    enum ps_diff_form form, const struct ps_snapshot *old, const struct ps_snapshot *now)
{
	*writer = (struct ps_diff_writer){.terminal = terminal,
	    .form = form,
	    .rule_cells = {widest_rule(old), widest_rule(now)}};
}

static const char *or_none(const char *word)
{
	return word != NULL ? word : "-";
}

void ps_diff_head(const struct ps_diff_writer *writer, struct ps_buffer *out)
{
	if (writer->form != PS_DIFF_TABLE)
		return;
	(void)ps_buffer_printf(out, "%s%-*s  %-*s    %-*s  %-*s  score%s\n",
	    ps_terminal_style(writer->terminal, PS_STYLE_STRONG), NAME_CELLS, "name",
	    ACTION_CELLS + 1 + writer->rule_cells[0], "old", ACTION_CELLS + 1 + writer->rule_cells[1],
	    "new", TECHNIQUE_CELLS, "technique",
	    ps_terminal_style(writer->terminal, PS_STYLE_PLAIN));
}

/* What is blocked now, what is let through now, and the rest. */
static enum ps_style style_of(enum ps_change change)
{
	if (change == PS_CHANGE_BLOCKED)
		return PS_STYLE_BAD;
	return change == PS_CHANGE_PASSES ? PS_STYLE_GOOD : PS_STYLE_WARN;
}

static void write_table(const struct ps_diff_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, enum ps_change change, const struct ps_scan_words *old,
    const struct ps_scan_words *now)
{
	const struct ps_terminal *t = writer->terminal;
	const struct ps_scan_words *like = now->technique != NULL ? now : old;
	unsigned cells = ps_scan_put_name(out, name);
	const char *end = ps_terminal_style(t, PS_STYLE_PLAIN);

	(void)ps_buffer_printf(out, "%*s  %-*s %-*s -> %s%-*s %-*s%s  %-*s  %5u",
	    cells < NAME_CELLS ? (int)(NAME_CELLS - cells) : 0, "", ACTION_CELLS, old->action,
	    writer->rule_cells[0], or_none(old->rule), ps_terminal_style(t, style_of(change)),
	    ACTION_CELLS, now->action, writer->rule_cells[1], or_none(now->rule), end,
	    TECHNIQUE_CELLS, or_none(like->technique), like->score);
	/* The rest is seen in the columns. */
	if (change == PS_CHANGE_ANSWER || change == PS_CHANGE_TELL)
		(void)ps_buffer_printf(out, "  (another %s)",
		    change == PS_CHANGE_ANSWER ? "answer" : "explanation");
	(void)ps_buffer_append(out, "\n", 1);
}

/* --- for programs ------------------------------------------------------------------------- */

static void write_columns(struct ps_buffer *out, struct ps_bytes name, enum ps_change change,
    const struct ps_scan_words *old, const struct ps_scan_words *now)
{
	const struct ps_scan_words *like = now->technique != NULL ? now : old;

	(void)ps_scan_put_name(out, name);
	(void)ps_buffer_printf(out, "\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%u\n", names[change],
	    old->action, or_none(old->rule), now->action, or_none(now->rule),
	    or_none(like->technique), or_none(like->brand), like->score);
}

static void write_json(struct ps_buffer *out, struct ps_bytes name, enum ps_change change,
    const struct ps_diff_side *old, const struct ps_diff_side *now)
{
	bool whole = ps_scan_put_json_name(out, name);

	(void)ps_buffer_printf(out, ", \"change\": \"%s\", \"old\": {", names[change]);
	ps_scan_put_members(old->writer, out, old->verdict);
	(void)ps_buffer_printf(out, "}, \"new\": {");
	ps_scan_put_members(now->writer, out, now->verdict);
	(void)ps_buffer_printf(out, "}%s}\n", whole ? "" : ", \"cut\": true");
}

void ps_diff_write(const struct ps_diff_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, enum ps_change change, const struct ps_diff_side *old,
    const struct ps_diff_side *now)
{
	struct ps_scan_words before, after;

	if (writer->form == PS_DIFF_JSON) {
		write_json(out, name, change, old, now);
		return;
	}
	before = ps_scan_words(old->writer, old->verdict);
	after = ps_scan_words(now->writer, now->verdict);
	if (writer->form == PS_DIFF_TABLE)
		write_table(writer, out, name, change, &before, &after);
	else
		write_columns(out, name, change, &before, &after);
}
