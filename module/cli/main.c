#include "cli/build.h"
#include "cli/check.h"
#include "cli/completion.h"
#include "cli/diff.h"
#include "cli/events.h"
#include "cli/explain.h"
#include "cli/help.h"
#include "cli/index.h"
#include "cli/manual.h"
#include "cli/relief.h"
#include "cli/rollback.h"
#include "cli/scan.h"
#include "cli/status.h"
#include "cli/test.h"
#include "cli/top.h"
#include "core/version.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>

/* A program that is started with a standard stream closed would write its messages
 * into the next file that it opens. */
static bool standard_streams_are_open(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
			return false;
	return true;
}

static enum ps_exit usage_error(const struct ps_cli *cli, const struct ps_error *err)
{
	enum ps_exit code = ps_cli_fail(cli, err->status, err);

	if (cli->options->command->id == PS_COMMAND_PROGRAM)
		(void)fputs("Try: postshield --help\n", cli->err.stream);
	else
		(void)fprintf(
		    cli->err.stream, "Try: postshield %s --help\n", cli->options->command->name);
	return code;
}

/* --help, --version, --man and --completion: false when none of them is asked for. */
static bool print_words(const struct ps_cli *cli, enum ps_exit *code)
{
	const char *page = ps_options_value(cli->options, PS_OPTION_MAN, 0);
	const char *shell = ps_options_value(cli->options, PS_OPTION_COMPLETION, 0);
	const struct ps_command *command;
	struct ps_error err;

	ps_error_clear(&err);
	*code = PS_EXIT_DONE;
	if (ps_cli_has(cli, PS_OPTION_HELP)) {
		ps_help_print(cli->out.stream, cli->options->command);
	} else if (ps_cli_has(cli, PS_OPTION_VERSION)) {
		(void)fputs("postshield " PS_VERSION "\n", cli->out.stream);
	} else if (page != NULL) {
		command = ps_command_by_name(page);
		if (command != NULL) {
			ps_manual_print(cli->out.stream, command);
			return true;
		}
		(void)ps_error_set(&err, PS_INVALID, "there is no man page for '%.48s'", page);
		*code = usage_error(cli, &err);
	} else if (shell != NULL) {
		if (ps_completion_print(cli->out.stream, shell))
			return true;
		(void)ps_error_set(
		    &err, PS_INVALID, "'%.48s' is none of bash, zsh and fish", shell);
		*code = usage_error(cli, &err);
	} else {
		return false;
	}
	return true;
}

static enum ps_exit run(const struct ps_cli *cli)
{
	static enum ps_exit (*const commands[PS_COMMAND_COUNT])(const struct ps_cli *cli) = {
	    [PS_COMMAND_CHECK] = ps_check_run,
	    [PS_COMMAND_DIFF] = ps_diff_run,
	    [PS_COMMAND_ALLOW] = ps_allow_run,
	    [PS_COMMAND_BUILD] = ps_build_run,
	    [PS_COMMAND_DISABLE] = ps_disable_run,
	    [PS_COMMAND_ENABLE] = ps_enable_run,
	    [PS_COMMAND_EVENTS] = ps_events_run,
	    [PS_COMMAND_EXPLAIN] = ps_explain_run,
	    [PS_COMMAND_INDEX] = ps_index_run,
	    [PS_COMMAND_ROLLBACK] = ps_rollback_run,
	    [PS_COMMAND_SCAN] = ps_scan_run,
	    [PS_COMMAND_STATUS] = ps_status_run,
	    [PS_COMMAND_TEST] = ps_test_run,
	    [PS_COMMAND_TOP] = ps_top_run,
	};
	enum ps_exit code;

	if (print_words(cli, &code))
		return code;
	return commands[cli->options->command->id](cli);
}

static enum ps_exit run_parsed(struct ps_cli *cli, enum ps_status parsed, struct ps_error *err)
{
	bool color = !ps_cli_has(cli, PS_OPTION_NO_COLOR);
	enum ps_exit code;

	ps_terminal_init(&cli->out, stdout, color);
	ps_terminal_init(&cli->err, stderr, color);
	(void)snprintf(cli->who, sizeof(cli->who), "postshield%s%s",
	    cli->options->command->id == PS_COMMAND_PROGRAM ? "" : " ",
	    cli->options->command->id == PS_COMMAND_PROGRAM ? "" : cli->options->command->name);
	code = parsed == PS_OK ? run(cli) : usage_error(cli, err);
	/* A full disk behind stdout is seen here at the latest. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && code != PS_EXIT_SYSTEM)
		return ps_cli_fail_status(cli, PS_IO);
	return code;
}

int main(int argc, char **argv)
{
	struct ps_options options;
	struct ps_error err;
	struct ps_cli cli = {.options = &options};
	enum ps_status parsed;
	enum ps_exit code;

	if (!standard_streams_are_open())
		return PS_EXIT_SYSTEM;
	/* Only LC_CTYPE: numbers in files are written with a point everywhere. */
	(void)setlocale(LC_CTYPE, "");
	/* A file size limit is an error of write(), not a death with a file half written. */
	(void)signal(SIGXFSZ, SIG_IGN);
	ps_error_clear(&err);
	parsed = ps_options_parse(&options, argc, argv, &err);
	code = run_parsed(&cli, parsed, &err);
	ps_options_clear(&options);
	return (int)code;
}
