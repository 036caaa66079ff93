#include "cli/scan_run.h"

#include "cli/event_names.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* --- an end by Ctrl-C ------------------------------------------------------------------------ */

/* A pipe, because whoever waits for input waits for it, too. */
static int wake_pipe[2] = {-1, -1};
static atomic_bool interrupted;

/* No handler: a thread that waits for the signal may lock and write as any other. */
static void *wait_for_interrupt(void *ctx)
{
	sigset_t set;
	int number;

	(void)ctx;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	if (sigwait(&set, &number) != 0)
		return NULL;
	atomic_store(&interrupted, true);
	(void)!write(wake_pipe[1], "", 1);
	/* The second one ends at once: here it is not held back. */
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	for (;;)
		(void)pause();
}

static enum ps_status watch_interrupts(struct ps_error *err)
{
	struct sigaction before;
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t set;

	if (pipe2(wake_pipe, O_CLOEXEC) != 0)
		return ps_error_set(err, PS_IO, "no pipe can be had");
	/* A reader who goes ends the scan without a word, as it ends cat. */
	(void)signal(SIGPIPE, SIG_DFL);
	/* Who started it in the background may have it ignored. */
	if (sigaction(SIGINT, NULL, &before) != 0 || before.sa_handler == SIG_IGN ||
	    pthread_attr_init(&attributes) != 0)
		return PS_OK;
	/* Held back here, and so in each thread that comes after. Without the thread that
	 * waits for it the first one ends at once. */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attributes, wait_for_interrupt, NULL) != 0)
		(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	(void)pthread_attr_destroy(&attributes);
	return PS_OK;
}

bool ps_scan_run_interrupted(void)
{
	return atomic_load(&interrupted);
}

void ps_scan_run_raise(void)
{
	sigset_t set;

	if (!ps_scan_run_interrupted())
		return;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	(void)raise(SIGINT);
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

static enum ps_status get_ready(struct ps_scan_judge *judge, const struct ps_scan_run *run,
    enum ps_status status, struct ps_error *err)
{
	if (status != PS_OK)
		return status;
	judge->client = ps_snapshot_client(judge->basis.snapshot, &run->client, NULL);
	return ps_matcher_create(&judge->matcher, judge->basis.snapshot, err);
}

enum ps_status ps_scan_judge_chosen(
    struct ps_scan_judge *judge, struct ps_scan_run *run, struct ps_error *err)
{
	struct ps_basis_means means = {run->cli, &run->progress, run->crew.now};

	return get_ready(judge, run, ps_basis_chosen(&judge->basis, &means, err), err);
}

enum ps_status ps_scan_judge_path(struct ps_scan_judge *judge, struct ps_scan_run *run,
    const char *path, struct ps_error *err)
{
	struct ps_basis_means means = {run->cli, &run->progress, run->crew.now};

	return get_ready(judge, run, ps_basis_path(&judge->basis, &means, path, err), err);
}

void ps_scan_judge_name(const struct ps_scan_judge *judge, const struct ps_scan_name *name,
    struct ps_scratch *scratch, struct ps_verdict *out)
{
	struct ps_question question = name->question;

	question.client = judge->client;
	ps_verdict_judge(judge->basis.snapshot, judge->matcher, scratch, &question, out);
}

void ps_scan_judge_clear(struct ps_scan_judge *judge)
{
	ps_matcher_destroy(judge->matcher);
	ps_basis_clear(&judge->basis);
}

/* --- lines without a name ---------------------------------------------------------------------------- */

static void add_count(char *text, size_t size, uint64_t count, const char *what)
{
	size_t used = strlen(text);
	char number[PS_NUMBER_TEXT_MAX];

	if (count > 0)
		(void)snprintf(text + used, size - used, "%s%s %s", used > 0 ? ", " : "",
		    ps_terminal_number(count, number), what);
}

uint64_t ps_scan_run_faults(const struct ps_scan_run *run)
{
	const struct ps_scan_tally *tally = &run->crew.tally;
	uint64_t sum = tally->records;

	for (unsigned i = 0; i < PS_SCAN_FAULT_COUNT; i++)
		sum += tally->faults[i];
	return sum;
}

/* "3 of 1,204 lines are no names: 2 empty, 1 too long; the first: names.txt:17: ..." */
static void report_faults(const struct ps_scan_run *run)
{
	const struct ps_scan_tally *tally = &run->crew.tally;
	char reasons[256] = "", file[256], why[4 * sizeof(tally->first_why)];
	char count[PS_COUNT_TEXT_MAX];

	if (ps_scan_run_faults(run) == 0)
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
	    ps_terminal_count(ps_scan_run_faults(run), "line holds", "lines hold", count), reasons,
	    file, tally->first_line, why);
}

/* --- the run ---------------------------------------------------------------------------------------- */

/* Before any policy is read: what is wrong with them is told at once. */
static enum ps_status read_events(struct ps_scan_run *run, struct ps_error *err)
{
	if (ps_options_value(run->cli->options, PS_OPTION_FORMAT, 0) != NULL)
		return ps_error_set(err, PS_INVALID, "--format is about files: leave it out with --events");
	run->source.format = PS_SCAN_EVENTS;
	return ps_event_names_open(&run->events, run->cli, err);
}

enum ps_status ps_scan_run_init(
    struct ps_scan_run *run, const struct ps_cli *cli, struct ps_error *err)
{
	enum ps_status status;

	*run = (struct ps_scan_run){.cli = cli, .source = {.fd = -1}};
	/* Rows on the same terminal would stand between the progress. */
	ps_progress_init(&run->progress, &cli->err, cli->out.interactive);
	status = read_format(cli, &run->source.format, err);
	if (status == PS_OK)
		status = read_jobs(cli, &run->jobs, err);
	if (status == PS_OK)
		status = ps_cli_client(cli, &run->client, err);
	if (status == PS_OK)
		status = ps_cli_now(cli, &run->crew.now, err);
	if (status == PS_OK && ps_cli_has(cli, PS_OPTION_EVENTS))
		status = read_events(run, err);
	else if (status == PS_OK && ps_cli_has(cli, PS_OPTION_SINCE))
		status = ps_error_set(err, PS_INVALID, "--since is about events: give --events too");
	return status;
}

void ps_scan_run_clear(struct ps_scan_run *run)
{
	ps_scan_source_clear(&run->source);
	ps_event_names_close(run->events);
}

enum ps_status ps_scan_run_files(struct ps_scan_run *run, const char *const *files,
    size_t file_count, struct ps_error *err)
{
	struct ps_scan_crew *crew = &run->crew;
	enum ps_status status = watch_interrupts(err);

	if (status == PS_OK)
		status = ps_scan_source_init(&run->source, run->source.format, files, file_count,
		    wake_pipe[0], err);
	if (status != PS_OK)
		return status;
	run->source.events = run->events;
	crew->source = &run->source;
	crew->progress = &run->progress;
	crew->out = fileno(run->cli->out.stream);
	ps_progress_begin(&run->progress, "judged");
	status = ps_scan_crew_run(crew, run->jobs, err);
	ps_progress_end(&run->progress);
	report_faults(run);
	return status;
}
