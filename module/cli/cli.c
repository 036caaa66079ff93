#include "cli/cli.h"

#include "core/version.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define SNAPSHOT_FILE "snapshot.ps"

enum ps_exit ps_exit_of(enum ps_status status)
{
	switch (status) {
	case PS_OK:
		return PS_EXIT_DONE;
	case PS_INVALID:
	case PS_LIMIT:
	case PS_UNSUPPORTED:
	case PS_NOT_FOUND:
		return PS_EXIT_USAGE;
	case PS_IO:
	case PS_NO_MEMORY:
		break;
	}
	return PS_EXIT_SYSTEM;
}

/* For failures that left no words. */
static const char *words_of(enum ps_status status)
{
	if (status == PS_NO_MEMORY)
		return "out of memory";
	return status == PS_IO ? "input or output failed" : ps_status_name(status);
}

enum ps_exit ps_cli_fail(
    const struct ps_cli *cli, enum ps_status status, const struct ps_error *err)
{
	struct ps_error whole = *err;

	if (whole.status == PS_OK || whole.text[0] == '\0')
		(void)ps_error_set(&whole, status, "%s", words_of(status));
	ps_terminal_error(&cli->err, cli->who, &whole);
	return ps_exit_of(status);
}

enum ps_exit ps_cli_fail_status(const struct ps_cli *cli, enum ps_status status)
{
	struct ps_error err;

	ps_error_clear(&err);
	(void)ps_error_set(&err, status, "%s",
	    status == PS_NO_MEMORY ? "out of memory" : "cannot write the output");
	return ps_cli_fail(cli, status, &err);
}

void ps_cli_warn(const struct ps_cli *cli, const char *format, ...)
{
	va_list args;

	(void)fprintf(cli->err.stream, "%s: ", cli->who);
	ps_terminal_styled(&cli->err, PS_STYLE_WARN, "warning:");
	(void)fputc(' ', cli->err.stream);
	va_start(args, format);
	(void)vfprintf(cli->err.stream, format, args);
	va_end(args);
	(void)fputc('\n', cli->err.stream);
}

enum ps_status ps_cli_now(const struct ps_cli *cli, uint32_t *out, struct ps_error *err)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_NOW, 0);
	time_t now;

	if (given != NULL)
		return ps_time_from_text(out, given, err);
	now = time(NULL);
	*out = now < 0 ? 0 : now >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)now;
	return PS_OK;
}

enum ps_status ps_cli_client(
    const struct ps_cli *cli, struct ps_address *out, struct ps_error *err)
{
	const char *text = ps_options_value(cli->options, PS_OPTION_CLIENT, 0);
	struct ps_error inner;

	*out = (struct ps_address){.family = 0};
	ps_error_clear(&inner);
	if (text == NULL || ps_address_from_text(out, ps_bytes_of_text(text), &inner) == PS_OK)
		return PS_OK;
	return ps_error_set(err, PS_INVALID,
	    "--client: '%.64s' is no IPv4 or IPv6 address, as 192.0.2.7 or 2001:db8::7", text);
}

enum ps_status ps_cli_state_path(const char *file, char out[PATH_MAX], struct ps_error *err)
{
	const char *state = getenv("POSTSHIELD_STATE");
	int len;

	if (state == NULL || state[0] == '\0')
		state = PS_STATE_DIR;
	len = snprintf(out, PATH_MAX, "%s/%s", state, file);
	if (len < 0 || len >= PATH_MAX)
		return ps_error_set(err, PS_LIMIT, "the state folder's path is too long");
	return PS_OK;
}

const char *ps_cli_policy_path(const char *given)
{
	struct stat st;

	if (given != NULL)
		return given;
	if (stat("policies", &st) == 0)
		return "policies";
	return "/etc/postshield/policies";
}

enum ps_status ps_cli_load_snapshot(
    const struct ps_cli *cli, struct ps_snapshot **out, char path[PATH_MAX], struct ps_error *err)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_SNAPSHOT, 0);
	enum ps_status status;

	if (given == NULL) {
		status = ps_cli_state_path(SNAPSHOT_FILE, path, err);
		if (status != PS_OK)
			return status;
	} else if (snprintf(path, PATH_MAX, "%s", given) >= PATH_MAX) {
		return ps_error_set(err, PS_LIMIT, "the snapshot's path is too long");
	}
	status = ps_snapshot_load(out, path, PS_SNAPSHOT_WHOLE, err);
	if (status == PS_NOT_FOUND) {
		ps_error_at(err, path, 0, 0, UINT64_MAX);
		return ps_error_set(err, status, "%s",
		    given == NULL ? "there is no snapshot yet: run postshield build"
		                  : "no such file");
	}
	return status;
}
