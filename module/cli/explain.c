#include "cli/explain.h"

#include "cli/basis.h"
#include "cli/explanation.h"
#include "cli/relief.h"
#include "core/idn.h"

#include <unistd.h>

static enum ps_status read_question(const struct ps_cli *cli, struct ps_question *out,
    struct ps_name_buffer *storage, struct ps_error *err)
{
	const char *text = cli->options->arguments[0];
	const char *type = ps_options_value(cli->options, PS_OPTION_TYPE, 0);
	enum ps_status status;

	*out = (struct ps_question){.type = 1};
	status = ps_name_from_person(&out->name, storage, ps_bytes_of_text(text), err);
	if (status == PS_OK && type != NULL)
		status = ps_type_from_text(&out->type, type, err);
	return status == PS_OK ? ps_cli_now(cli, &out->now, err) : status;
}

/* By what is named; otherwise by what the resolver goes by, or, before the first build, by
 * the default policy if there is one. */
static enum ps_status load(struct ps_basis *basis, const struct ps_basis_means *means,
    bool *of_policy, struct ps_error *err)
{
	const struct ps_cli *cli = means->cli;
	enum ps_status status;

	*of_policy = ps_cli_has(cli, PS_OPTION_POLICY);
	if (*of_policy || ps_cli_has(cli, PS_OPTION_SNAPSHOT))
		return ps_basis_chosen(basis, means, err);
	status = ps_basis_state(basis, cli, err);
	if (status != PS_NOT_FOUND || access(ps_cli_policy_path(NULL), F_OK) != 0)
		return status;
	ps_error_clear(err);
	*of_policy = true;
	return ps_basis_policy(basis, means, NULL, err);
}

/* --- what is let through for a while -------------------------------------------------- */

/* What keeps the name from being blocked now into *out; NULL: nothing does, or it is not blocked
 * anyway. A file that cannot be read is none, as for the resolver. relief is the caller's room.
 * Errors: PS_NO_MEMORY. */
static enum ps_status find_relief(const struct ps_explanation *e, struct ps_relief *relief,
    const struct ps_relief_entry **out, struct ps_error *err)
{
	struct ps_matcher *matcher = NULL;
	struct ps_scratch *scratch = NULL;
	struct ps_verdict verdict;
	enum ps_status status;

	*out = NULL;
	if (!ps_verdict_blocks(&e->verdict))
		return PS_OK;
	status = ps_relief_load(relief, e->question.now, err);
	if (status != PS_OK || relief->count == 0)
		return status == PS_NO_MEMORY ? status : PS_OK;
	/* As the resolver does it: below a rule that is switched off another may block. */
	status = ps_matcher_create(&matcher, e->snapshot, err);
	if (status == PS_OK)
		status = ps_matcher_relieve(matcher, e->snapshot, relief, e->question.now);
	if (status == PS_OK)
		status = ps_scratch_create(&scratch);
	if (status == PS_OK) {
		ps_verdict_judge(e->snapshot, matcher, scratch, &e->question, &verdict);
		if (!ps_verdict_blocks(&verdict))
			*out = ps_relief_of_name(relief, e->question.name, e->question.now);
		if (!ps_verdict_blocks(&verdict) && *out == NULL)
			*out = ps_relief_of_rule(relief,
			    ps_snapshot_rule(e->snapshot, e->verdict.rule).id, e->question.now);
	}
	ps_scratch_destroy(scratch);
	ps_matcher_destroy(matcher);
	return status == PS_OK ? PS_OK : ps_error_set(err, status, "out of memory");
}

static void print_relief(
    const struct ps_relief_entry *entry, uint64_t now, const struct ps_terminal *t)
{
	ps_terminal_styled(t, PS_STYLE_WARN, "FOR NOW  PASS");
	(void)fputs("   ", t->stream);
	ps_relief_print(t, entry, now);
	(void)fputs("\nThe policy says:\n", t->stream);
}

enum ps_exit ps_explain_run(const struct ps_cli *cli)
{
	static struct ps_relief relief; /* 80 KiB; one command a process */
	const struct ps_relief_entry *entry = NULL;
	struct ps_explanation explanation = {0};
	struct ps_basis basis = {.loaded = NULL};
	struct ps_progress progress;
	struct ps_name_buffer storage;
	struct ps_question question;
	struct ps_shown shown = {0};
	struct ps_address client;
	struct ps_error err;
	bool of_policy = false;
	enum ps_status status;
	enum ps_exit code;

	ps_error_clear(&err);
	status = read_question(cli, &question, &storage, &err);
	if (status == PS_OK)
		status = ps_cli_client(cli, &client, &err);
	if (status == PS_OK)
		status = ps_shown_add_options(&shown, cli, &err);
	question.answer = ps_shown_answer(&shown);
	ps_progress_init(&progress, &cli->err, true);
	if (status == PS_OK)
		status = load(&basis,
		    &(struct ps_basis_means){cli, &progress, question.now}, &of_policy, &err);
	if (status == PS_OK)
		status = ps_explanation_make(
		    &explanation, basis.snapshot, basis.path, &question, &client, &err);
	if (status == PS_OK && !of_policy && !ps_cli_has(cli, PS_OPTION_SNAPSHOT))
		status = find_relief(&explanation, &relief, &entry, &err);
	if (status != PS_OK) {
		code = ps_cli_fail(cli, status, &err);
		goto out;
	}
	explanation.of_policy = of_policy;
	code = ps_verdict_blocks(&explanation.verdict) && entry == NULL ? PS_EXIT_FINDINGS
	                                                               : PS_EXIT_DONE;
	if (ps_cli_has(cli, PS_OPTION_JSON)) {
		bool whole = true;
		json_t *root = ps_explanation_json(&explanation, &whole);

		whole &= entry != NULL ? ps_fact_put(root, "relief", ps_relief_json(entry, &whole))
		                       : ps_fact_null(root, "relief");
		status = ps_fact_print(cli->out.stream, root, whole);
		if (status != PS_OK)
			code = ps_cli_fail_status(cli, status);
	} else {
		if (entry != NULL)
			print_relief(entry, question.now, &cli->out);
		ps_explanation_print(&explanation, &cli->out);
	}
out:
	ps_explanation_clear(&explanation);
	ps_shown_clear(&shown);
	ps_basis_clear(&basis);
	return code;
}
