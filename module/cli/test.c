#include "cli/test.h"

#include "cli/assembly.h"
#include "cli/diagnosis.h"
#include "cli/junit.h"
#include "policy/rrtype.h"

/* All that a run holds, so that one place lets go of it. */
struct run {
	const struct ps_cli *cli;
	struct ps_diagnosis diagnosis;
	struct ps_progress progress;
	struct ps_assembly assembly;
	struct ps_examination examination;
};

/* --- for people ---------------------------------------------------------------------- */

static void fact_text(const struct ps_test_fact *fact, char out[PS_NAME_TEXT_MAX])
{
	if (fact->address.family != 0)
		ps_address_to_text(&fact->address, out);
	else
		(void)ps_name_to_text(fact->name, out);
}

static const char *fact_words(const struct ps_test_fact *fact)
{
	return fact->of & PS_OF_SERVER ? " by " : fact->of == PS_OF_TARGET ? " to " : " at ";
}

static void print_place(const struct ps_terminal *t, const struct ps_policy_test *test)
{
	char name[PS_NAME_TEXT_MAX];
	char type[PS_RRTYPE_TEXT_MAX], client[PS_ADDRESS_TEXT_MAX];

	(void)fputc(' ', t->stream);
	ps_terminal_text(t, ps_bytes_of_text(test->place.file));
	(void)ps_name_to_text(test->name, name);
	(void)fprintf(t->stream, ":%u  %s", test->place.line, name);
	if (test->type != 1)
		(void)fprintf(t->stream, " %s", ps_rrtype_to_text(test->type, type));
	if (test->client.family != 0) {
		ps_address_to_text(&test->client, client);
		(void)fprintf(t->stream, " from %s", client);
	}
	for (uint32_t i = 0; i < test->fact_count; i++) {
		char text[PS_NAME_TEXT_MAX];

		fact_text(&test->facts[i], text);
		(void)fprintf(t->stream, "%s%s", fact_words(&test->facts[i]), text);
	}
	(void)fputc('\n', t->stream);
}

/* As a diff: what was expected, what came instead, and what agrees. */
static void print_difference(
    const struct ps_terminal *t, const struct ps_examination *e, uint32_t index)
{
	const char *note = e->plan->tests[index].note;

	for (unsigned i = 0; i < PS_ASPECT_COUNT; i++) {
		const char *name = ps_aspect_name((enum ps_aspect)i);
		struct ps_comparison comparison;

		ps_examination_compare(e, index, (enum ps_aspect)i, &comparison);
		if (!comparison.stated)
			continue;
		if (comparison.same) {
			(void)fprintf(t->stream, "         %-9s %s\n", name, comparison.got);
			continue;
		}
		ps_terminal_styled(
		    t, PS_STYLE_GOOD, "       - %-9s %s", name, comparison.expected);
		(void)fputc('\n', t->stream);
		ps_terminal_styled(t, PS_STYLE_BAD, "       + %-9s %s", name, comparison.got);
		(void)fputc('\n', t->stream);
	}
	if (note == NULL)
		return;
	(void)fputs("         note      ", t->stream);
	ps_terminal_text(t, ps_bytes_trim(ps_bytes_of_text(note)));
	(void)fputc('\n', t->stream);
}

static void print_text(const struct run *run)
{
	const struct ps_terminal *t = &run->cli->out;
	const struct ps_examination *e = &run->examination;
	bool all = !ps_cli_has(run->cli, PS_OPTION_ONLY_FAILURES);
	char passed[PS_NUMBER_TEXT_MAX], failed[PS_NUMBER_TEXT_MAX];
	uint32_t count = e->plan->test_count;

	for (uint32_t i = 0; i < count; i++) {
		if (e->passed[i] && !all)
			continue;
		ps_terminal_styled(t, e->passed[i] ? PS_STYLE_GOOD : PS_STYLE_BAD, "%s",
		    e->passed[i] ? "ok    " : "FAILED");
		print_place(t, &e->plan->tests[i]);
		if (!e->passed[i])
			print_difference(t, e, i);
	}
	(void)fprintf(t->stream, "%s passed, %s failed\n",
	    ps_terminal_number(count - e->failed, passed),
	    ps_terminal_number(e->failed, failed));
}

/* --- for programs ---------------------------------------------------------------------- */

static json_t *aspects_json(
    const struct ps_examination *e, uint32_t index, bool expected, bool *whole)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < PS_ASPECT_COUNT; i++) {
		const char *name = ps_aspect_name((enum ps_aspect)i);
		struct ps_comparison comparison;

		ps_examination_compare(e, index, (enum ps_aspect)i, &comparison);
		if (!expected || comparison.stated)
			*whole &= ps_fact_text(
			    object, name, expected ? comparison.expected : comparison.got);
	}
	return object;
}

static json_t *facts_json(const struct ps_policy_test *test, unsigned of, bool *whole)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < test->fact_count; i++) {
		char text[PS_NAME_TEXT_MAX];

		if ((test->facts[i].of & of) == 0)
			continue;
		fact_text(&test->facts[i], text);
		*whole &= ps_fact_add(array, json_string(text));
	}
	return array;
}

static json_t *test_json(const struct ps_examination *e, uint32_t index, bool *whole)
{
	const struct ps_policy_test *test = &e->plan->tests[index];
	json_t *object = json_object();
	char name[PS_NAME_TEXT_MAX];
	char type[PS_RRTYPE_TEXT_MAX], client[PS_ADDRESS_TEXT_MAX];

	(void)ps_name_to_text(test->name, name);
	*whole &= ps_fact_text(object, "name", name);
	*whole &= ps_fact_text(object, "type", ps_rrtype_to_text(test->type, type));
	if (test->client.family != 0) {
		ps_address_to_text(&test->client, client);
		*whole &= ps_fact_text(object, "client", client);
	} else {
		*whole &= ps_fact_null(object, "client");
	}
	*whole &= ps_fact_put(
	    object, "answer", facts_json(test, PS_OF_TARGET | PS_OF_ADDRESS, whole));
	*whole &= ps_fact_put(object, "server", facts_json(test, PS_OF_SERVER, whole));
	*whole &= ps_fact_text(object, "file", test->place.file);
	*whole &= ps_fact_number(object, "line", test->place.line);
	*whole &= ps_fact_flag(object, "passed", e->passed[index]);
	*whole &= ps_fact_put(object, "expected", aspects_json(e, index, true, whole));
	*whole &= ps_fact_put(object, "got", aspects_json(e, index, false, whole));
	*whole &= test->note != NULL ? ps_fact_text(object, "note", test->note)
	                             : ps_fact_null(object, "note");
	return object;
}

static enum ps_status print_json(const struct run *run)
{
	const struct ps_examination *e = &run->examination;
	bool all = !ps_cli_has(run->cli, PS_OPTION_ONLY_FAILURES);
	uint32_t count = e->plan->test_count;
	bool whole = run->diagnosis.whole;
	json_t *root = json_object();
	json_t *tests = json_array();

	for (uint32_t i = 0; i < count; i++)
		if (all || !e->passed[i])
			whole &= ps_fact_add(tests, test_json(e, i, &whole));
	whole &= ps_fact_text(root, "policy", run->diagnosis.path);
	whole &= ps_fact_number(root, "passed", count - e->failed);
	whole &= ps_fact_number(root, "failed", e->failed);
	whole &= ps_fact_put(root, "tests", tests);
	whole &= ps_fact_put(root, "diagnostics", json_incref(run->diagnosis.list));
	return ps_fact_print(run->cli->out.stream, root, whole);
}

/* The policy has errors: they are shown, and nothing is judged. */
static enum ps_exit refuse_policy(const struct run *run)
{
	bool whole = run->diagnosis.whole;
	json_t *root;

	if (!ps_cli_has(run->cli, PS_OPTION_JSON)) {
		ps_diagnosis_close(&run->diagnosis, run->cli);
		return PS_EXIT_USAGE;
	}
	root = json_object();
	whole &= ps_fact_text(root, "policy", run->diagnosis.path);
	whole &= ps_fact_null(root, "tests");
	whole &= ps_fact_put(root, "diagnostics", json_incref(run->diagnosis.list));
	if (ps_fact_print(run->cli->out.stream, root, whole) != PS_OK)
		return ps_cli_fail_status(run->cli, PS_NO_MEMORY);
	return PS_EXIT_USAGE;
}

/* --- the run ---------------------------------------------------------------------------- */

/* What is not read is not judged by: a test that rests on it fails, and here is why. */
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
	if (plan->test_count == 0)
		ps_cli_warn(run->cli, "the policy has no tests");
}

static enum ps_status examine(struct run *run, struct ps_error *err)
{
	const struct ps_plan *plan = ps_policy_plan(run->diagnosis.policy);
	const char *junit = ps_options_value(run->cli->options, PS_OPTION_JUNIT, 0);
	uint32_t now = 0;
	enum ps_status status = ps_cli_now(run->cli, &now, err);

	if (status == PS_OK)
		status = ps_assembly_make(&run->assembly, plan, &run->progress, now, err);
	ps_progress_end(&run->progress);
	if (status == PS_OK)
		status = ps_examination_make(
		    &run->examination, plan, run->assembly.snapshot, now, err);
	if (status != PS_OK)
		return status;
	warn_unread(run, plan);
	if (ps_cli_has(run->cli, PS_OPTION_JSON))
		status = print_json(run);
	else
		print_text(run);
	if (status == PS_OK && junit != NULL)
		status = ps_junit_write(&run->examination, junit, err);
	return status;
}

enum ps_exit ps_test_run(const struct ps_cli *cli)
{
	struct run run = {.cli = cli};
	struct ps_error err;
	enum ps_status status;
	enum ps_exit code;

	ps_error_clear(&err);
	ps_progress_init(&run.progress, &cli->err, false);
	status = ps_diagnosis_load(&run.diagnosis, cli,
	    ps_options_value(cli->options, PS_OPTION_POLICY, 0), &err);
	if (status == PS_INVALID && run.diagnosis.errors > 0) {
		code = refuse_policy(&run);
		goto out;
	}
	if (status == PS_OK)
		status = examine(&run, &err);
	if (status != PS_OK)
		code = ps_cli_fail(cli, status, &err);
	else
		code = run.examination.failed > 0 ? PS_EXIT_FINDINGS : PS_EXIT_DONE;
out:
	ps_examination_clear(&run.examination);
	ps_assembly_clear(&run.assembly);
	ps_diagnosis_clear(&run.diagnosis);
	return code;
}
