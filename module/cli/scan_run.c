#include "cli/scan_run.h"

#include "core/file.h"
#include "snapshot/format.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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

bool ps_scan_run_interrupted(void)
{
	return interrupted != 0;
}

void ps_scan_run_raise(void)
{
	if (interrupted)
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

/* What is not read is not judged by: rows that rest on it are missing, and here is why. */
static void warn_unread(
    const struct ps_scan_judge *judge, const struct ps_cli *cli, const struct ps_plan *plan)
{
	for (uint32_t i = 0; i < plan->feed_count; i++) {
		const struct ps_intake *intake = &judge->assembly.intakes[i];
		char text[1024];

		if (intake->state != PS_INTAKE_EMPTY)
			continue;
		ps_error_format(&intake->failure, text, sizeof(text));
		ps_cli_warn(cli, "the feed '%s' cannot be read and lists nothing here: %s",
		    intake->config->id, text);
	}
}

enum ps_status ps_scan_judge_policy(struct ps_scan_judge *judge, struct ps_scan_run *run,
    const char *given, struct ps_error *err)
{
	const struct ps_plan *plan;
	enum ps_status status =
	    ps_diagnosis_load_quietly(&judge->diagnosis, run->cli, given, err);

	if (status == PS_INVALID && judge->diagnosis.errors > 0)
		return ps_error_set(err, status, "the policy has errors: see postshield check");
	if (status != PS_OK)
		return status;
	plan = ps_policy_plan(judge->diagnosis.policy);
	status = ps_assembly_make(&judge->assembly, plan, &run->progress, run->crew.now, err);
	ps_progress_end(&run->progress);
	if (status != PS_OK)
		return status;
	warn_unread(judge, run->cli, plan);
	judge->snapshot = judge->assembly.snapshot;
	return ps_matcher_create(&judge->matcher, judge->snapshot, err);
}

enum ps_status ps_scan_judge_state(
    struct ps_scan_judge *judge, const struct ps_scan_run *run, struct ps_error *err)
{
	char path[PATH_MAX];
	enum ps_status status = ps_cli_load_snapshot(run->cli, &judge->loaded, path, err);

	if (status != PS_OK)
		return status;
	judge->snapshot = judge->loaded;
	return ps_matcher_create(&judge->matcher, judge->snapshot, err);
}

/* Whether the file at path begins as a snapshot does. What cannot be read is for whoever
 * reads it as a policy to tell. */
static bool is_snapshot(const char *path)
{
	char begins[sizeof(PS_SNAPSHOT_MAGIC) - 1];
	struct ps_error err;
	ssize_t len;
	int fd;

	ps_error_clear(&err);
	if (ps_file_open(path, &fd, &err) != PS_OK)
		return false;
	len = read(fd, begins, sizeof(begins));
	close(fd);
	return len == (ssize_t)sizeof(begins) &&
	       memcmp(begins, PS_SNAPSHOT_MAGIC, sizeof(begins)) == 0;
}

enum ps_status ps_scan_judge_path(struct ps_scan_judge *judge, struct ps_scan_run *run,
    const char *path, struct ps_error *err)
{
	enum ps_status status;

	if (!is_snapshot(path))
		return ps_scan_judge_policy(judge, run, path, err);
	status = ps_snapshot_load(&judge->loaded, path, PS_SNAPSHOT_WHOLE, err);
	if (status != PS_OK)
		return status;
	judge->snapshot = judge->loaded;
	return ps_matcher_create(&judge->matcher, judge->snapshot, err);
}

void ps_scan_judge_clear(struct ps_scan_judge *judge)
{
	ps_matcher_destroy(judge->matcher);
	ps_snapshot_close(judge->loaded);
	ps_assembly_clear(&judge->assembly);
	ps_diagnosis_clear(&judge->diagnosis);
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
		status = ps_cli_now(cli, &run->crew.now, err);
	return status;
}

void ps_scan_run_clear(struct ps_scan_run *run)
{
	ps_scan_source_clear(&run->source);
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
	crew->source = &run->source;
	crew->progress = &run->progress;
	crew->out = fileno(run->cli->out.stream);
	ps_progress_begin(&run->progress, "judged");
	status = ps_scan_crew_run(crew, run->jobs, err);
	ps_progress_end(&run->progress);
	report_faults(run);
	return status;
}
