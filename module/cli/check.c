#include "cli/check.h"

#include "cli/diagnosis.h"
#include "core/file.h"

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

static void print_text(const struct ps_cli *cli, const struct ps_diagnosis *diagnosis)
{
	struct holding holdings[HOLDINGS];
	char path[PATH_MAX], files[PS_COUNT_TEXT_MAX], count[PS_COUNT_TEXT_MAX];

	ps_diagnosis_close(diagnosis, cli);
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

static enum ps_status print_json(const struct ps_cli *cli, struct ps_diagnosis *diagnosis)
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
	return ps_fact_print(cli->out.stream, root, whole);
}

enum ps_exit ps_check_run(const struct ps_cli *cli)
{
	const char *given = cli->options->argument_count > 0 ? cli->options->arguments[0] : NULL;
	struct ps_diagnosis diagnosis;
	struct ps_error err;
	enum ps_status status;
	enum ps_exit code = PS_EXIT_DONE;

	ps_error_clear(&err);
	status = ps_diagnosis_load(&diagnosis, cli, given, &err);
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
	else if (diagnosis.warnings > 0 && ps_cli_has(cli, PS_OPTION_STRICT))
		code = PS_EXIT_FINDINGS;
	status = PS_OK;
	if (ps_cli_has(cli, PS_OPTION_JSON))
		status = print_json(cli, &diagnosis);
	else
		print_text(cli, &diagnosis);
	if (status != PS_OK)
		code = ps_cli_fail_status(cli, status);
out:
	ps_diagnosis_clear(&diagnosis);
	return code;
}
