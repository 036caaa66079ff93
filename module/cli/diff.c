#include "cli/diff.h"

#include "cli/diff_row.h"
#include "cli/scan_run.h"

#include <inttypes.h>

#define HEAD_MAX 512

enum found { FOUND_BLOCKED, FOUND_PASSES, FOUND_OTHERWISE };

/* All that a comparison holds, so that one place lets go of it. [0]: old, [1]: new. */
struct diff {
	struct ps_scan_run run;
	struct ps_scan_judge judge[2];
	struct ps_scan_writer words[2];
	struct ps_diff_writer writer;
	struct ps_buffer head;
};

/* The crew's task. A line that is no name passes on both sides, and is told at the end. */
static void compare_name(const void *ctx, const struct ps_scan_name *name,
    struct ps_scratch *scratch, struct ps_buffer *rows, uint64_t *found)
{
	const struct diff *diff = ctx;
	struct ps_verdict verdicts[2];
	struct ps_diff_side sides[2];
	enum ps_change change;

	if (name->why != NULL)
		return;
	for (unsigned i = 0; i < 2; i++) {
		ps_scan_judge_name(&diff->judge[i], name, scratch, &verdicts[i]);
		sides[i] = (struct ps_diff_side){&diff->words[i], &verdicts[i]};
	}
	change = ps_change_of(&sides[0], &sides[1]);
	if (change == PS_CHANGE_NONE)
		return;
	found[change == PS_CHANGE_BLOCKED  ? FOUND_BLOCKED
	    : change == PS_CHANGE_PASSES ? FOUND_PASSES
	                                 : FOUND_OTHERWISE]++;
	ps_diff_write(&diff->writer, rows, name->given, change, &sides[0], &sides[1]);
}

static uint64_t changed(const struct diff *diff)
{
	const uint64_t *found = diff->run.crew.tally.found;

	return found[FOUND_BLOCKED] + found[FOUND_PASSES] + found[FOUND_OTHERWISE];
}

/* Records of a zone that are not understood are no names to begin with. */
static uint64_t names_judged(const struct diff *diff)
{
	const struct ps_scan_tally *tally = &diff->run.crew.tally;

	return tally->names - (ps_scan_run_faults(&diff->run) - tally->records);
}

/* A list of names has none. */
static bool asks_answers(const struct diff *diff)
{
	return ps_matcher_asks_answer(diff->judge[0].matcher) != 0 ||
	       ps_matcher_asks_answer(diff->judge[1].matcher) != 0;
}

static void print_summary(const struct diff *diff, const struct ps_terminal *t)
{
	const uint64_t *found = diff->run.crew.tally.found;
	const char *aside = asks_answers(diff) ? "; rules about answers are not compared" : "";
	char count[PS_COUNT_TEXT_MAX], number[4][PS_NUMBER_TEXT_MAX];

	(void)fprintf(t->stream, "%s: ",
	    ps_terminal_count(names_judged(diff), "name", "names", count));
	if (changed(diff) == 0) {
		ps_terminal_styled(t, PS_STYLE_GOOD, "none changed");
		(void)fprintf(t->stream, "%s\n", aside);
		return;
	}
	(void)fprintf(t->stream,
	    "%s changed (%s newly blocked, %s newly let through, %s changed otherwise)%s\n",
	    ps_terminal_number(changed(diff), number[0]),
	    ps_terminal_number(found[FOUND_BLOCKED], number[1]),
	    ps_terminal_number(found[FOUND_PASSES], number[2]),
	    ps_terminal_number(found[FOUND_OTHERWISE], number[3]), aside);
}

/* The last line: it has no name. */
static void print_json(const struct diff *diff, FILE *stream)
{
	const uint64_t *found = diff->run.crew.tally.found;

	(void)fprintf(stream,
	    "{\"summary\": {\"names\": %" PRIu64 ", \"changed\": %" PRIu64
	    ", \"blocked\": %" PRIu64 ", \"passes\": %" PRIu64 ", \"otherwise\": %" PRIu64
	    ", \"no_names\": %" PRIu64 "}}\n",
	    names_judged(diff), changed(diff), found[FOUND_BLOCKED], found[FOUND_PASSES],
	    found[FOUND_OTHERWISE], ps_scan_run_faults(&diff->run));
}

static enum ps_diff_form form_of(const struct ps_cli *cli)
{
	if (ps_cli_has(cli, PS_OPTION_JSON))
		return PS_DIFF_JSON;
	return ps_cli_has(cli, PS_OPTION_TSV) ? PS_DIFF_COLUMNS : PS_DIFF_TABLE;
}

/* Mistakes of both policies are shown in one run. */
static enum ps_status load(struct diff *diff, struct ps_error *err)
{
	const char **paths = diff->run.cli->options->arguments;
	enum ps_status status = ps_scan_judge_path(&diff->judge[0], &diff->run, paths[0], err);
	struct ps_error other;
	enum ps_status after;

	if (status != PS_OK && status != PS_INVALID)
		return status;
	ps_error_clear(&other);
	after = ps_scan_judge_path(&diff->judge[1], &diff->run, paths[1], &other);
	if (status != PS_OK || after == PS_OK)
		return status;
	*err = other;
	return after;
}

static enum ps_status run(struct diff *diff, const struct ps_cli *cli, struct ps_error *err)
{
	const struct ps_options *options = cli->options;
	enum ps_diff_form form = form_of(cli);
	enum ps_status status = ps_scan_run_init(&diff->run, cli, err);

	if (status == PS_OK && form == PS_DIFF_JSON && ps_cli_has(cli, PS_OPTION_TSV))
		status = ps_error_set(err, PS_INVALID, "give --json or --tsv, not both");
	if (status == PS_OK)
		status = load(diff, err);
	for (unsigned i = 0; i < 2 && status == PS_OK; i++)
		status = ps_scan_writer_init(
		    &diff->words[i], diff->judge[i].basis.snapshot, form == PS_DIFF_JSON, err);
	if (status != PS_OK)
		return status;
	ps_diff_writer_init(&diff->writer, &cli->out, form, diff->judge[0].basis.snapshot,
	    diff->judge[1].basis.snapshot);
	ps_diff_head(&diff->writer, &diff->head);
	if (diff->head.status != PS_OK)
		return ps_error_set(err, diff->head.status, "out of memory");
	diff->run.crew.head = ps_buffer_bytes(&diff->head);
	diff->run.crew.task = (struct ps_scan_task){diff, compare_name};
	if (diff->run.events != NULL && options->argument_count > 2)
		return ps_error_set(err, PS_INVALID,
		    "with --events names come from the events: leave out '%.200s'",
		    options->arguments[2]);
	return ps_scan_run_files(
	    &diff->run, options->arguments + 2, options->argument_count - 2, err);
}

enum ps_exit ps_diff_run(const struct ps_cli *cli)
{
	struct diff diff = {.run = {.source = {.fd = -1}}};
	struct ps_error err;
	enum ps_status status;
	enum ps_exit code = PS_EXIT_DONE;

	ps_error_clear(&err);
	ps_buffer_init(&diff.head, HEAD_MAX);
	status = run(&diff, cli, &err);
	if (status != PS_OK)
		code = ps_cli_fail(cli, status, &err);
	else if (changed(&diff) > 0)
		code = PS_EXIT_FINDINGS;
	/* Of a part of the names there is no sum. */
	if (status == PS_OK && !ps_scan_run_interrupted()) {
		if (diff.writer.form == PS_DIFF_TABLE)
			print_summary(&diff, &cli->out);
		else if (diff.writer.form == PS_DIFF_JSON)
			print_json(&diff, cli->out.stream);
	}
	ps_scan_run_clear(&diff.run);
	for (unsigned i = 0; i < 2; i++) {
		ps_scan_writer_clear(&diff.words[i]);
		ps_scan_judge_clear(&diff.judge[i]);
	}
	ps_buffer_clear(&diff.head);
	if (status == PS_OK)
		ps_scan_run_raise();
	return code;
}
