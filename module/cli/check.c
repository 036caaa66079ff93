#include "cli/check.h"

#include "cli/diagnosis.h"
#include "cli/repair.h"
#include "core/file.h"

#include <stdlib.h>
#include <unistd.h>

/* Codes of what check itself says; the policy room's end far below. */
#define CODE_FEED_UNREADABLE "PS090"

/* A feed file that is missing today may be there tomorrow: a warning. */
static void check_feed_file(
    struct ps_diagnosis *diagnosis, const struct ps_cli *cli, const struct ps_feed_config *feed)
{
	struct ps_error err;
	char reason[512], text[1024];
	int fd;

	ps_error_clear(&err);
	if (ps_file_open(feed->path, &fd, &err) == PS_OK) {
		close(fd);
		return;
	}
	ps_error_format(&err, reason, sizeof(reason));
	(void)snprintf(text, sizeof(text), "feed '%s' cannot be read: %s", feed->id, reason);
	ps_diagnosis_add(diagnosis, cli,
	    &(struct ps_diagnostic){.severity = PS_SEVERITY_WARNING,
	        .code = CODE_FEED_UNREADABLE,
	        .text = text,
	        .file = feed->file,
	        .line = feed->line,
	        .column = 1,
	        .length = 1,
	        .hint = "checked as the user who runs this; build keeps the last entries "
	                "of a feed that it cannot read"});
}

/* As Debian's wordlist packages install one; PS_DICTIONARY_FILE names another, or, empty, none. Only
 * `check` asks: what a policy means does not depend on the machine. */
#define DICTIONARY "/usr/share/dict/words"
#define DICTIONARY_MAX ((size_t)64 << 20)

static enum ps_status read_dictionary(struct ps_buffer *out, struct ps_error *err)
{
	const char *named = getenv("PS_DICTIONARY_FILE");
	enum ps_status status = PS_OK;

	if (named == NULL || named[0] != '\0')
		status = ps_file_read(named != NULL ? named : DICTIONARY, out, err);
	return status == PS_NOT_FOUND && named == NULL ? PS_OK : status;
}

struct holding {
	const char *key;
	const char *one;
	const char *many;
	uint64_t count;
};

#define HOLDINGS 8

static void count_holdings(const struct ps_plan *plan, struct holding out[HOLDINGS])
{
	const struct holding all[HOLDINGS] = {
	    {"rules", "rule", "rules", plan->rule_count},
	    {"answers", "answer", "answers", plan->answer_count},
	    {"feeds", "feed", "feeds", plan->feed_count},
	    {"never", "name never blocked", "names never blocked", plan->never.count},
	    {"official", "official domain", "official domains", plan->official.count},
	    {"popular", "popular name", "popular names", plan->popular.count},
	    {"brands", "brand", "brands", plan->lookalike.brand_count},
	    {"tests", "test", "tests", plan->test_count},
	};

	memcpy(out, all, sizeof(all));
}

/* What --fix would do of what was told. */
static void print_fixable(const struct ps_cli *cli, const struct ps_diagnosis *diagnosis)
{
	size_t count = 0;

	for (size_t i = 0; i < ps_diagnostics_fix_count(diagnosis->diagnostics); i++)
		count += ps_diagnostics_fix(diagnosis->diagnostics, i)->mistake;
	if (count > 0 && !ps_cli_has(cli, PS_OPTION_FIX))
		(void)fprintf(cli->err.stream,
		    "%zu can be corrected: try postshield check --fix --dry-run\n", count);
}

static void print_text(const struct ps_cli *cli, const struct ps_diagnosis *diagnosis)
{
	struct holding holdings[HOLDINGS];
	char path[PATH_MAX], files[PS_COUNT_TEXT_MAX], count[PS_COUNT_TEXT_MAX];

	ps_diagnosis_close(diagnosis, cli);
	print_fixable(cli, diagnosis);
	if (diagnosis->policy == NULL)
		return;
	count_holdings(ps_policy_plan(diagnosis->policy), holdings);
	(void)ps_terminal_escape(ps_bytes_of_text(diagnosis->path), path, sizeof(path));
	ps_terminal_styled(&cli->out, PS_STYLE_GOOD, "good:");
	(void)fprintf(cli->out.stream, " %s (%s):", path,
	    ps_terminal_count(ps_policy_file_count(diagnosis->policy), "file", "files", files));
	for (size_t i = 0; i < HOLDINGS; i++)
		(void)fprintf(cli->out.stream, "%s %s", i == 0 ? "" : ",",
		    ps_terminal_count(
		        holdings[i].count, holdings[i].one, holdings[i].many, count));
	(void)fputc('\n', cli->out.stream);
}

static enum ps_status print_json(const struct ps_cli *cli, struct ps_diagnosis *diagnosis,
    const struct ps_repair *repair)
{
	json_t *root = json_object();
	bool whole = diagnosis->whole;

	whole &= ps_fact_text(root, "path", diagnosis->path);
	whole &= ps_fact_flag(root, "good", diagnosis->policy != NULL);
	whole &= ps_fact_number(root, "errors", diagnosis->errors);
	whole &= ps_fact_number(root, "warnings", diagnosis->warnings);
	whole &= ps_fact_put(root, "diagnostics", json_incref(diagnosis->list));
	if (diagnosis->policy != NULL) {
		struct holding holdings[HOLDINGS];
		json_t *files = json_array();
		json_t *holds = json_object();

		count_holdings(ps_policy_plan(diagnosis->policy), holdings);
		for (size_t i = 0; i < HOLDINGS; i++)
			whole &= ps_fact_number(holds, holdings[i].key, holdings[i].count);
		for (size_t i = 0; i < ps_policy_file_count(diagnosis->policy); i++)
			whole &= ps_fact_add(files, ps_fact_string(ps_bytes_of_text(
			                                ps_policy_file(diagnosis->policy, i))));
		whole &= ps_fact_put(root, "holds", holds);
		whole &= ps_fact_put(root, "files", files);
	} else {
		whole &= ps_fact_null(root, "holds");
		whole &= ps_fact_null(root, "files");
	}
	if (ps_cli_has(cli, PS_OPTION_FIX)) {
		bool written = !ps_cli_has(cli, PS_OPTION_DRY_RUN);

		whole &= ps_fact_put(root, "fixes", ps_repair_json(repair, written, &whole));
	}
	return ps_fact_print(cli->out.stream, root, whole);
}

/* --- corrections ----------------------------------------------------------------------- */

/* Corrects, or finds what could be. */
static enum ps_status fix(const struct ps_cli *cli, const char *path, struct ps_repair *repair,
    struct ps_error *err)
{
	bool dry = ps_cli_has(cli, PS_OPTION_DRY_RUN);
	enum ps_status status = ps_repair_make(repair, path, err);

	/* Whoever reads it next tells where it was looked for. */
	if (status == PS_NOT_FOUND)
		return PS_OK;
	if (status == PS_OK && !dry)
		status = ps_repair_write(repair, err);
	if (status != PS_OK || ps_cli_has(cli, PS_OPTION_JSON))
		return status;
	if (!dry)
		ps_repair_print(repair, &cli->out);
	else if (ps_repair_print_diff(repair, &cli->out) != PS_OK)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	return PS_OK;
}

static void print_fixed(const struct ps_cli *cli, const struct ps_repair *repair)
{
	/* The difference stands alone, so that patch can read it. */
	FILE *stream = ps_cli_has(cli, PS_OPTION_DRY_RUN) ? cli->err.stream : cli->out.stream;
	char places[PS_COUNT_TEXT_MAX], files[PS_COUNT_TEXT_MAX], left[PS_COUNT_TEXT_MAX];
	size_t done = ps_repair_done(repair);

	if (done == 0)
		(void)fputs("nothing to correct", stream);
	else
		(void)fprintf(stream, "%s%s in %s",
		    ps_terminal_count(done, "correction", "corrections", places),
		    ps_cli_has(cli, PS_OPTION_DRY_RUN) ? " to make" : "",
		    ps_terminal_count(ps_repair_files(repair), "file", "files", files));
	if (repair->change_count > done)
		(void)fprintf(stream, ", %s left",
		    ps_terminal_count(repair->change_count - done, "place", "places", left));
	(void)fputc('\n', stream);
}

enum ps_exit ps_check_run(const struct ps_cli *cli)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_POLICY, 0);
	bool fixing = ps_cli_has(cli, PS_OPTION_FIX), dry = ps_cli_has(cli, PS_OPTION_DRY_RUN);
	struct ps_diagnosis diagnosis = {.whole = true};
	struct ps_repair repair = {.path = NULL};
	struct ps_error err;
	enum ps_status status = PS_OK;
	enum ps_exit code = PS_EXIT_DONE;
	struct ps_buffer dictionary;

	ps_error_clear(&err);
	ps_buffer_init(&dictionary, DICTIONARY_MAX);
	if (dry && !fixing) {
		(void)ps_error_set(&err, PS_INVALID, "--dry-run goes with --fix");
		return ps_cli_fail(cli, PS_INVALID, &err);
	}
	if (given != NULL && cli->options->argument_count > 0) {
		(void)ps_error_set(&err, PS_INVALID, "give --policies or PATH, not both");
		return ps_cli_fail(cli, PS_INVALID, &err);
	}
	if (cli->options->argument_count > 0)
		given = cli->options->arguments[0];
	if (fixing)
		status = fix(cli, ps_cli_policy_path(given), &repair, &err);
	if (status == PS_OK)
		status = read_dictionary(&dictionary, &err);
	if (status != PS_OK) {
		code = ps_cli_fail(cli, status, &err);
		goto out;
	}
	status = ps_diagnosis_load_with(&diagnosis, cli, given, repair.overlays,
	    dry ? repair.file_count : 0, ps_buffer_bytes(&dictionary), &err);
	if (status != PS_OK && status != PS_INVALID) {
		code = ps_cli_fail(cli, status, &err);
		goto out;
	}
	if (status == PS_OK) {
		const struct ps_plan *plan = ps_policy_plan(diagnosis.policy);

		for (uint32_t i = 0; i < plan->feed_count; i++)
			check_feed_file(&diagnosis, cli, &plan->feeds[i]);
	}
	if (diagnosis.errors > 0 || status == PS_INVALID)
		code = PS_EXIT_USAGE;
	else if ((diagnosis.warnings > 0 && ps_cli_has(cli, PS_OPTION_STRICT)) ||
	    (dry && ps_repair_done(&repair) > 0))
		code = PS_EXIT_FINDINGS;
	status = PS_OK;
	if (ps_cli_has(cli, PS_OPTION_JSON)) {
		status = print_json(cli, &diagnosis, &repair);
	} else {
		/* The good news belongs to the policy that is there. */
		if (dry)
			ps_diagnosis_close(&diagnosis, cli);
		else
			print_text(cli, &diagnosis);
		if (fixing)
			print_fixed(cli, &repair);
	}
	if (status != PS_OK)
		code = ps_cli_fail_status(cli, status);
out:
	ps_diagnosis_clear(&diagnosis);
	ps_repair_clear(&repair);
	ps_buffer_clear(&dictionary);
	return code;
}
