#include "cli/scan.h"

#include "cli/scan_row.h"
#include "cli/scan_run.h"

/* All that a scan holds, so that one place lets go of it. */
struct scan {
	struct ps_scan_run run;
	struct ps_scan_judge judge;
	struct ps_scan_writer writer;
	bool only_findings;
};

/* The crew's task. */
static void judge_name(const void *ctx, const struct ps_scan_name *name,
    struct ps_scratch *scratch, struct ps_buffer *rows, uint64_t *found)
{
	const struct scan *scan = ctx;
	struct ps_verdict verdict = {.rule = PS_INDEX_NONE, .answer = PS_INDEX_NONE};

	(void)found;
	if (name->why == NULL)
		ps_scan_judge_name(&scan->judge, name, scratch, &verdict);
	if (!scan->only_findings || verdict.action != PS_ACTION_PASS)
		ps_scan_write(&scan->writer, rows, name->given, &verdict, name->why);
}

static enum ps_status run(struct scan *scan, const struct ps_cli *cli, struct ps_error *err)
{
	enum ps_status status = ps_scan_run_init(&scan->run, cli, err);

	if (status == PS_OK)
		status = ps_scan_judge_chosen(&scan->judge, &scan->run, err);
	if (status == PS_OK)
		status = ps_scan_writer_init(&scan->writer, scan->judge.basis.snapshot,
		    ps_cli_has(cli, PS_OPTION_JSON), err);
	if (status != PS_OK)
		return status;
	scan->only_findings = ps_cli_has(cli, PS_OPTION_ONLY_FINDINGS);
	scan->run.crew.task = (struct ps_scan_task){scan, judge_name};
	return ps_scan_run_files(
	    &scan->run, cli->options->arguments, cli->options->argument_count, err);
}

enum ps_exit ps_scan_run(const struct ps_cli *cli)
{
	struct scan scan = {.only_findings = false};
	struct ps_error err;
	enum ps_status status;
	enum ps_exit code = PS_EXIT_DONE;

	ps_error_clear(&err);
	status = run(&scan, cli, &err);
	if (status != PS_OK)
		code = ps_cli_fail(cli, status, &err);
	else if (ps_cli_has(cli, PS_OPTION_STRICT) && ps_scan_run_faults(&scan.run) > 0)
		code = PS_EXIT_FINDINGS;
	ps_scan_run_clear(&scan.run);
	ps_scan_writer_clear(&scan.writer);
	ps_scan_judge_clear(&scan.judge);
	if (status == PS_OK)
		ps_scan_run_raise();
	return code;
}
