#include "cli/explain.h"

#include "cli/explanation.h"
#include "core/idn.h"

static enum ps_status read_question(const struct ps_cli *cli, struct ps_question *out,
    struct ps_name_buffer *storage, struct ps_error *err)
{
	const char *text = cli->options->arguments[0];
	const char *type = ps_options_value(cli->options, PS_OPTION_TYPE, 0);
	enum ps_status status;
	struct ps_error inner;

	*out = (struct ps_question){.type = 1};
	ps_error_clear(&inner);
	if (text[0] == '\0')
		return ps_error_set(err, PS_INVALID, "the name is empty; the root is '.'");
	status = ps_name_from_user(&out->name, storage, ps_bytes_of_text(text), &inner);
	if (status != PS_OK)
		return ps_error_set(
		    err, status, "'%.100s' is no domain name: %.120s", text, inner.text);
	if (type != NULL)
		status = ps_type_from_text(&out->type, type, err);
	return status == PS_OK ? ps_cli_now(cli, &out->now, err) : status;
}

/* No rule asks who asks: the address is checked and shown, and changes nothing. */
static enum ps_status read_client(
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

enum ps_exit ps_explain_run(const struct ps_cli *cli)
{
	struct ps_explanation explanation = {0};
	struct ps_snapshot *snapshot = NULL;
	struct ps_name_buffer storage;
	struct ps_question question;
	struct ps_address client;
	struct ps_error err;
	char path[PATH_MAX];
	enum ps_status status;
	enum ps_exit code;

	ps_error_clear(&err);
	status = read_question(cli, &question, &storage, &err);
	if (status == PS_OK)
		status = read_client(cli, &client, &err);
	if (status == PS_OK)
		status = ps_cli_load_snapshot(cli, &snapshot, path, &err);
	if (status == PS_OK)
		status = ps_explanation_make(&explanation, snapshot, path, &question, &err);
	if (status != PS_OK) {
		code = ps_cli_fail(cli, status, &err);
		goto out;
	}
	explanation.client = client;
	code = ps_verdict_blocks(&explanation.verdict) ? PS_EXIT_FINDINGS : PS_EXIT_DONE;
	if (ps_cli_has(cli, PS_OPTION_JSON)) {
		bool whole = true;
		json_t *root = ps_explanation_json(&explanation, &whole);

		status = ps_fact_print(cli->out.stream, root, whole);
		if (status != PS_OK)
			code = ps_cli_fail_status(cli, status);
	} else {
		ps_explanation_print(&explanation, &cli->out);
	}
out:
	ps_explanation_clear(&explanation);
	ps_snapshot_close(snapshot);
	return code;
}
