#include "cli/build.h"

#include "cli/build_metrics.h"
#include "cli/inventory.h"
#include "cli/ledger.h"
#include "cli/plan_guard.h"
#include "cli/publication.h"
#include "cli/suffixes.h"
#include "policy/suggest.h"

#include <signal.h>
#include <stdlib.h>

/* All that a build holds, so that one place lets go of it. */
struct build {
	const struct ps_cli *cli;
	uint32_t now;
	char output[PATH_MAX];
	struct ps_diagnosis diagnosis;
	const struct ps_plan *plan;
	struct ps_publication publication;
	struct ps_guard *guard;
	struct ps_snapshot *last;
	struct ps_builder *builder;
	struct ps_buffer suffixes; /* the public suffix list */
	struct ps_snapshot *made;
	struct ps_intake *intakes;
	struct ps_gone_feed *gone;
	uint32_t gone_count;
	struct ps_progress progress;
};

/* --- before anything is read ------------------------------------------------------- */

static enum ps_status set_output(struct build *build, struct ps_error *err)
{
	const char *given = ps_options_value(build->cli->options, PS_OPTION_OUTPUT, 0);

	if (given == NULL)
		return ps_cli_state_path("snapshot.ps", build->output, err);
	if (snprintf(build->output, sizeof(build->output), "%s", given) >=
	    (int)sizeof(build->output))
		return ps_error_set(err, PS_LIMIT, "the output's path is too long");
	return PS_OK;
}

static bool is_accepted(const struct build *build, const char *feed)
{
	const char *accepted;

	for (size_t n = 0;
	     (accepted = ps_options_value(build->cli->options, PS_OPTION_ACCEPT, n)) != NULL; n++)
		if (strcmp(accepted, feed) == 0)
			return true;
	return false;
}

/* --accept with a feed that is not there would accept nothing without a word. */
static enum ps_status check_accepted(const struct build *build, struct ps_error *err)
{
	const char *accepted;

	for (size_t n = 0;
	     (accepted = ps_options_value(build->cli->options, PS_OPTION_ACCEPT, n)) != NULL;
	     n++) {
		struct ps_suggest suggest;
		bool found = false;

		ps_suggest_init(&suggest, ps_bytes_of_text(accepted));
		for (uint32_t i = 0; i < build->plan->feed_count; i++) {
			found = found || strcmp(build->plan->feeds[i].id, accepted) == 0;
			ps_suggest_try(&suggest, ps_bytes_of_text(build->plan->feeds[i].id));
		}
		if (!found && suggest.best.len > 0)
			return ps_error_set(err, PS_INVALID,
			    "--accept: there is no feed '%.64s': did you mean '%.*s'?", accepted,
			    (int)suggest.best.len, (const char *)suggest.best.ptr);
		if (!found)
			return ps_error_set(
			    err, PS_INVALID, "--accept: there is no feed '%.64s'", accepted);
	}
	return PS_OK;
}

/* --- feeds ------------------------------------------------------------------------------ */

/* Without a last snapshot that opens, nothing is compared and nothing carried over:
 * that is said, and the build goes on, for it is the way out of that state. */
static void open_last(struct build *build)
{
	struct ps_error err;
	char text[1024];
	enum ps_status status;

	ps_error_clear(&err);
	status = ps_snapshot_load(&build->last, build->output, PS_SNAPSHOT_WHOLE, &err);
	if (status == PS_OK)
		(void)ps_digest_text(build->last, build->publication.serves);
	if (status == PS_OK || status == PS_NOT_FOUND)
		return;
	ps_error_format(&err, text, sizeof(text));
	ps_cli_warn(build->cli,
	    "the last snapshot does not open, so sizes are not compared and feeds that "
	    "fail are empty: %s",
	    text);
}

static enum ps_status read_feeds(struct build *build, struct ps_error *err)
{
	struct ps_intake_context context = {.plan = build->plan,
	    .guard = build->guard,
	    .builder = build->builder,
	    .last = build->last,
	    .progress = &build->progress,
	    .now = build->now};
	uint32_t count = build->plan->feed_count;
	enum ps_status status = PS_OK;
	bool changed = false;

	for (uint32_t i = 0; i < count && status == PS_OK; i++)
		status = ps_intake_read(&build->intakes[i], &context, i, err);
	if (status == PS_OK) {
		ps_progress_begin(&build->progress, "sorting");
		status = ps_builder_settle(build->builder, err);
	}
	for (uint32_t i = 0; i < count && status == PS_OK; i++)
		status = ps_intake_settle(&build->intakes[i], &context,
		    is_accepted(build, build->intakes[i].config->id), &changed, err);
	if (status == PS_OK && changed)
		status = ps_builder_settle(build->builder, err);
	return status;
}

static uint32_t fits(uint64_t count)
{
	return count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

/* The last of what the builder must know, and the last use of the old snapshot: a
 * build of many names has no memory to spare for it while it writes. */
static enum ps_status finish_feeds(struct build *build, struct ps_error *err)
{
	enum ps_status status;

	for (uint32_t i = 0; i < build->plan->feed_count; i++) {
		struct ps_intake *intake = &build->intakes[i];

		ps_intake_count(intake, build->builder);
		ps_builder_set_feed(build->builder, i, fits(intake->read), fits(intake->kept),
		    fits(ps_intake_refused(intake)),
		    intake->state == PS_INTAKE_HELD || intake->state == PS_INTAKE_STALE);
	}
	status = ps_gone_feeds(&build->gone, &build->gone_count, build->last, build->plan);
	ps_snapshot_close(build->last);
	build->last = NULL;
	return status == PS_OK ? PS_OK : ps_error_set(err, status, "out of memory");
}

/* --- the run ------------------------------------------------------------------------------ */

/* What is tried out elsewhere is nothing to go back to. */
static enum ps_status find_state(struct build *build, struct ps_error *err)
{
	char usual[PATH_MAX];
	enum ps_status status = ps_cli_state_path("snapshot.ps", usual, err);

	if (status == PS_OK && strcmp(build->output, usual) == 0)
		status = ps_cli_state_path("", build->publication.state, err);
	return status;
}

static enum ps_status prepare(struct build *build, struct ps_error *err)
{
	bool waited = false;
	enum ps_status status = ps_publication_open(
	    &build->publication, build->output, &build->progress, &waited, err);

	ps_progress_end(&build->progress);
	if (waited && status == PS_OK)
		ps_cli_warn(build->cli, "waited for another build to end");
	if (status != PS_OK)
		return status;
	status = find_state(build, err);
	if (status != PS_OK)
		return status;
	open_last(build);
	status = ps_plan_guard_create(&build->guard, build->plan, err);
	if (status == PS_OK)
		status = ps_builder_create(&build->builder, build->plan, err);
	if (status == PS_OK)
		status = ps_suffixes_give(&build->suffixes, build->builder, build->plan, err);
	if (status != PS_OK)
		return status;
	build->intakes = calloc(build->plan->feed_count + 1u, sizeof(*build->intakes));
	if (build->intakes == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	return PS_OK;
}

/* The snapshot is in place whether or not this can be written. */
static void write_metrics(struct build *build)
{
	struct ps_build_metrics metrics = {.intakes = build->intakes,
	    .count = build->plan->feed_count,
	    .now = build->now,
	    .seconds = ps_progress_seconds(&build->progress)};
	struct ps_error err;
	char text[1024];

	ps_error_clear(&err);
	if (ps_build_metrics_write(&metrics, build->output, &err) == PS_OK)
		return;
	ps_error_format(&err, text, sizeof(text));
	ps_cli_warn(build->cli, "the snapshot is in place, but its metrics are not: %s", text);
}

static enum ps_exit report(struct build *build)
{
	struct ps_ledger what = {.diagnosis = &build->diagnosis,
	    .output = build->output,
	    .intakes = build->intakes,
	    .intake_count = build->plan->feed_count,
	    .gone = build->gone,
	    .gone_count = build->gone_count,
	    .made = build->made,
	    .seconds = ps_progress_seconds(&build->progress)};
	enum ps_exit code = PS_EXIT_DONE;
	enum ps_status status;

	for (uint32_t i = 0; i < what.intake_count; i++)
		if (!ps_intake_is_good(&what.intakes[i]))
			code = PS_EXIT_FINDINGS;
	if (ps_cli_has(build->cli, PS_OPTION_JSON)) {
		bool whole = build->diagnosis.whole;
		json_t *root = ps_ledger_json(&what, &whole);

		status = ps_fact_print(build->cli->out.stream, root, whole);
	} else {
		status = ps_ledger_print(&what, build->cli);
	}
	return status == PS_OK ? code : ps_cli_fail_status(build->cli, status);
}

/* The policy has errors: they were shown, and nothing is written. */
static enum ps_exit refuse_policy(struct build *build)
{
	json_t *root;
	bool whole = build->diagnosis.whole;

	if (!ps_cli_has(build->cli, PS_OPTION_JSON)) {
		ps_diagnosis_close(&build->diagnosis, build->cli);
		return PS_EXIT_USAGE;
	}
	root = json_object();
	whole &= ps_fact_flag(root, "published", false);
	whole &= ps_fact_text(root, "policy", build->diagnosis.path);
	whole &= ps_fact_put(root, "diagnostics", json_incref(build->diagnosis.list));
	if (ps_fact_print(build->cli->out.stream, root, whole) != PS_OK)
		return ps_cli_fail_status(build->cli, PS_NO_MEMORY);
	return PS_EXIT_USAGE;
}

static enum ps_status load_policy(struct build *build, struct ps_error *err)
{
	enum ps_status status = ps_diagnosis_load(&build->diagnosis, build->cli,
	    ps_options_value(build->cli->options, PS_OPTION_POLICY, 0), err);

	if (status != PS_OK)
		return status;
	build->plan = ps_policy_plan(build->diagnosis.policy);
	return check_accepted(build, err);
}

static void tell_what_is_lost(const struct build *build)
{
	char text[1024];

	if (build->publication.kept)
		return;
	ps_error_format(&build->publication.lost, text, sizeof(text));
	ps_cli_warn(build->cli, "the snapshot serves, but postshield rollback will not find it: %s",
	    text);
}

/* Warnings of the policy do not change the exit status of a build. */
static enum ps_exit run(struct build *build, struct ps_error *err)
{
	enum ps_status status = ps_cli_now(build->cli, &build->now, err);

	if (status == PS_OK)
		status = set_output(build, err);
	if (status == PS_OK)
		status = load_policy(build, err);
	if (status == PS_INVALID && build->plan == NULL && build->diagnosis.errors > 0)
		return refuse_policy(build);
	if (status == PS_OK)
		status = prepare(build, err);
	if (status == PS_OK)
		status = read_feeds(build, err);
	if (status == PS_OK)
		status = finish_feeds(build, err);
	if (status == PS_OK)
		status = ps_publication_publish(
		    &build->publication, &build->builder, &build->progress, &build->made, err);
	/* Behind it: where nothing was published, nothing else is changed. */
	if (status == PS_OK && build->publication.state[0] != '\0')
		status = ps_publication_mark(build->publication.state, build->plan->strict, err);
	ps_progress_end(&build->progress);
	if (status == PS_OK) {
		write_metrics(build);
		tell_what_is_lost(build);
	}
	return status == PS_OK ? report(build) : ps_cli_fail(build->cli, status, err);
}

enum ps_exit ps_build_run(const struct ps_cli *cli)
{
	struct build build = {.cli = cli, .publication = {.lock = -1}};
	struct ps_error err;
	enum ps_exit code;

	/* Whoever reads our messages may go; the snapshot is made all the same. */
	(void)signal(SIGPIPE, SIG_IGN);
	ps_error_clear(&err);
	ps_progress_init(&build.progress, &cli->err, ps_cli_has(cli, PS_OPTION_QUIET));
	code = run(&build, &err);
	free(build.intakes);
	free(build.gone);
	ps_snapshot_close(build.made);
	ps_builder_destroy(build.builder);
	ps_buffer_clear(&build.suffixes);
	ps_snapshot_close(build.last);
	ps_guard_destroy(build.guard);
	ps_publication_close(&build.publication);
	ps_diagnosis_clear(&build.diagnosis);
	return code;
}
