#include "cli/scan.h"

#include "cli/assembly.h"
#include "cli/diagnosis.h"
#include "cli/scan_crew.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* All that a run holds, so that one place lets go of it. */
struct run {
	const struct ps_cli *cli;
	struct ps_diagnosis diagnosis;
	struct ps_progress progress;
	struct ps_assembly assembly;
	struct ps_snapshot *loaded;
	struct ps_matcher *matcher;
	struct ps_scan_source source;
	struct ps_scan_writer writer;
	struct ps_scan_crew crew;
};

/* --- an end by Ctrl-C ------------------------------------------------------------------------ */

/* A pipe, because whoever waits for input waits for it, too. */
static int wake_pipe[2] = {-1, -1};
static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	int saved = errno;

	(void)number;
	interrupted = 1;
	(void)!write(wake_pipe[1], "", 1);
	errno = saved;
}

static enum ps_status watch_interrupts(struct ps_error *err)
{
	/* The second one ends at once. */
	struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
	struct sigaction before;

	if (pipe2(wake_pipe, O_CLOEXEC) != 0)
		return ps_error_set(err, PS_IO, "no pipe can be had");
	/* Who started it in the background may have it ignored. */
	if (sigaction(SIGINT, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		(void)sigaction(SIGINT, &action, NULL);
	/* A reader who goes ends the scan without a word, as it ends cat. */
	(void)signal(SIGPIPE, SIG_DFL);
	return PS_OK;
}

/* --- options ------------------------------------------------------------------------------------ */

static enum ps_status read_format(
    const struct ps_cli *cli, enum ps_scan_format *out, struct ps_error *err)
{
	static const char *const names[] = {
	    [PS_SCAN_NAMES] = "names", [PS_SCAN_ZONE] = "zone", [PS_SCAN_CT] = "ct"};
	const char *given = ps_options_value(cli->options, PS_OPTION_FORMAT, 0);

	*out = PS_SCAN_NAMES;
	for (unsigned i = 0; given != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(given, names[i]) == 0) {
			*out = (enum ps_scan_format)i;
			given = NULL;
		}
	if (given == NULL)
		return PS_OK;
	return ps_error_set(
	    err, PS_INVALID, "--format: '%.48s' is none of names, zone and ct", given);
}

static unsigned processors(void)
{
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return count < 1 ? 1 : count > (int)PS_SCAN_JOBS_MAX ? PS_SCAN_JOBS_MAX : (unsigned)count;
}

static enum ps_status read_jobs(const struct ps_cli *cli, unsigned *out, struct ps_error *err)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_JOBS, 0);
	unsigned long number;
	char *end;

	*out = processors();
	if (given == NULL)
		return PS_OK;
	errno = 0;
	number = strtoul(given, &end, 10);
	if (given[0] < '0' || given[0] > '9' || *end != '\0' || errno != 0 || number == 0 ||
	    number > PS_SCAN_JOBS_MAX)
		return ps_error_set(err, PS_INVALID, "--jobs: '%.48s' is no number from 1 to %u",
		    given, PS_SCAN_JOBS_MAX);
	*out = (unsigned)number;
	return PS_OK;
}

/* --- what names are judged by --------------------------------------------------------------------- */

/* What is not read is not judged by: rows that rest on it are missing, and here is why. */
static void warn_unread(const struct run *run, const struct ps_plan *plan)
{
	for (uint32_t i = 0; i < plan->feed_count; i++) {
		const struct ps_intake *intake = &run->assembly.intakes[i];
		char text[1024];

		if (intake->state != PS_INTAKE_EMPTY)
			continue;
		ps_error_format(&intake->failure, text, sizeof(text));
		ps_cli_warn(run->cli, "the feed '%s' cannot be read and lists nothing here: %s",
		    intake->config->id, text);
	}
}

static enum ps_status load_policy(
    struct run *run, const struct ps_snapshot **out, struct ps_error *err)
{
	const char *given = ps_options_value(run->cli->options, PS_OPTION_POLICY, 0);
	const struct ps_plan *plan;
	enum ps_status status =
	    ps_diagnosis_load_quietly(&run->diagnosis, run->cli, given, err);

	if (status == PS_INVALID && run->diagnosis.errors > 0)
		return ps_error_set(err, status, "the policy has errors: see postshield check");
	if (status != PS_OK)
		return status;
	plan = ps_policy_plan(run->diagnosis.policy);
	status = ps_assembly_make(&run->assembly, plan, &run->progress, run->crew.now, err);
	ps_progress_end(&run->progress);
	if (status != PS_OK)
		return status;
	warn_unread(run, plan);
	*out = run->assembly.snapshot;
	return PS_OK;
}

static enum ps_status load(struct run *run, const struct ps_snapshot **out, struct ps_error *err)
{
	char path[PATH_MAX];
	enum ps_status status;

	if (!ps_cli_has(run->cli, PS_OPTION_SNAPSHOT))
		return load_policy(run, out, err);
	if (ps_cli_has(run->cli, PS_OPTION_POLICY))
		return ps_error_set(err, PS_INVALID, "give --policies or --snapshot, not both");
	status = ps_cli_load_snapshot(run->cli, &run->loaded, path, err);
	*out = run->loaded;
	return status;
}

/* --- the run ---------------------------------------------------------------------------------------- */

static void add_count(char *text, size_t size, uint64_t count, const char *what)
{
	size_t used = strlen(text);
	char number[PS_NUMBER_TEXT_MAX];

	if (count > 0)
		(void)snprintf(text + used, size - used, "%s%s %s", used > 0 ? ", " : "",
		    ps_terminal_number(count, number), what);
}

static uint64_t faults_of(const struct ps_scan_tally *tally)
{
	uint64_t sum = tally->records;

	for (unsigned i = 0; i < PS_SCAN_FAULT_COUNT; i++)
		sum += tally->faults[i];
	return sum;
}

/* "3 of 1,204 lines are no names: 2 empty, 1 too long; the first: names.txt:17: ..." */
static void report_faults(const struct run *run)
{
	const struct ps_scan_tally *tally = &run->crew.tally;
	char reasons[256] = "", file[256], why[4 * sizeof(tally->first_why)];
	char count[PS_COUNT_TEXT_MAX];

	if (faults_of(tally) == 0)
		return;
	add_count(reasons, sizeof(reasons), tally->faults[PS_SCAN_FAULT_EMPTY], "empty");
	add_count(reasons, sizeof(reasons), tally->faults[PS_SCAN_FAULT_TOO_LONG], "too long");
	add_count(reasons, sizeof(reasons), tally->faults[PS_SCAN_FAULT_NO_NAME],
	    "not formed as names are");
	add_count(reasons, sizeof(reasons), tally->faults[PS_SCAN_FAULT_NO_JSON], "no JSON");
	add_count(reasons, sizeof(reasons), tally->records, "not understood");
	(void)ps_terminal_escape(ps_bytes_of_text(strcmp(tally->first_file, "-") == 0
	                                              ? "standard input"
	                                              : tally->first_file),
	    file, sizeof(file));
	(void)ps_terminal_escape(ps_bytes_of_text(tally->first_why), why, sizeof(why));
	ps_cli_warn(run->cli, "%s no names: %s; the first: %s:%" PRIu64 ": %s",
	    ps_terminal_count(faults_of(tally), "line holds", "lines hold", count), reasons,
	    file, tally->first_line, why);
}

static enum ps_status scan(struct run *run, struct ps_error *err)
{
	const struct ps_options *options = run->cli->options;
	struct ps_scan_crew *crew = &run->crew;
	enum ps_scan_format format = PS_SCAN_NAMES;
	unsigned jobs = 1;
	enum ps_status status = read_format(run->cli, &format, err);

	if (status == PS_OK)
		status = read_jobs(run->cli, &jobs, err);
	if (status == PS_OK)
		status = ps_cli_now(run->cli, &crew->now, err);
	if (status == PS_OK)
		status = load(run, &crew->snapshot, err);
	if (status == PS_OK)
		status = ps_matcher_create(&run->matcher, crew->snapshot, err);
	if (status == PS_OK)
		status = ps_scan_writer_init(&run->writer, crew->snapshot,
		    ps_cli_has(run->cli, PS_OPTION_JSON), err);
	if (status == PS_OK)
		status = watch_interrupts(err);
	if (status == PS_OK)
		status = ps_scan_source_init(&run->source, format, options->arguments,
		    options->argument_count, wake_pipe[0], err);
	if (status != PS_OK)
		return status;
	crew->matcher = run->matcher;
	crew->writer = &run->writer;
	crew->source = &run->source;
	crew->progress = &run->progress;
	crew->only_findings = ps_cli_has(run->cli, PS_OPTION_ONLY_FINDINGS);
	crew->out = fileno(run->cli->out.stream);
	ps_progress_begin(&run->progress, "judged");
	status = ps_scan_crew_run(crew, jobs, err);
	ps_progress_end(&run->progress);
	report_faults(run);
	return status;
}

enum ps_exit ps_scan_run(const struct ps_cli *cli)
{
	struct run run = {.cli = cli, .source = {.fd = -1}};
	struct ps_error err;
	enum ps_status status;
	enum ps_exit code = PS_EXIT_DONE;

	ps_error_clear(&err);
	/* Rows on the same terminal would stand between the progress. */
	ps_progress_init(&run.progress, &cli->err, cli->out.interactive);
	status = scan(&run, &err);
	if (status != PS_OK)
		code = ps_cli_fail(cli, status, &err);
	else if (ps_cli_has(cli, PS_OPTION_STRICT) && faults_of(&run.crew.tally) > 0)
		code = PS_EXIT_FINDINGS;
	ps_scan_source_clear(&run.source);
	ps_scan_writer_clear(&run.writer);
	ps_matcher_destroy(run.matcher);
	ps_snapshot_close(run.loaded);
	ps_assembly_clear(&run.assembly);
	ps_diagnosis_clear(&run.diagnosis);
	/* Whoever started it sees what ended it. */
	if (status == PS_OK && interrupted)
		(void)raise(SIGINT);
	return code;
}
