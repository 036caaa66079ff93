#include "cli/diagnosis.h"

#define RENDERED_MAX ((size_t)1 << 20)

static json_t *place_json(
    const char *file, uint32_t line, uint32_t column, const char *text, bool *whole)
{
	json_t *place = json_object();

	*whole &= ps_fact_text(place, "file", file != NULL ? file : "");
	*whole &= ps_fact_number(place, "line", line);
	*whole &= ps_fact_number(place, "column", column);
	*whole &= ps_fact_text(place, "text", text != NULL ? text : "");
	return place;
}

static json_t *diagnostic_json(const struct ps_diagnostic *d, bool *whole)
{
	json_t *object = place_json(d->file, d->line, d->column, d->text, whole);

	*whole &= ps_fact_text(
	    object, "severity", d->severity == PS_SEVERITY_ERROR ? "error" : "warning");
	*whole &= ps_fact_text(object, "code", d->code);
	*whole &= ps_fact_number(object, "length", d->length);
	*whole &= d->source != NULL ? ps_fact_text(object, "source", d->source)
	                            : ps_fact_null(object, "source");
	*whole &= d->hint != NULL ? ps_fact_text(object, "hint", d->hint)
	                          : ps_fact_null(object, "hint");
	*whole &= d->other_line != 0 ? ps_fact_put(object, "other",
	                                   place_json(d->other_file, d->other_line,
	                                       d->other_column, d->other_text, whole))
	                             : ps_fact_null(object, "other");
	return object;
}

static void show(const struct ps_cli *cli, const struct ps_diagnostic *diagnostic)
{
	struct ps_buffer text;
	enum ps_diagnostic_style style =
	    cli->err.color ? PS_DIAGNOSTIC_COLOR : PS_DIAGNOSTIC_FANCY;

	if (ps_cli_has(cli, PS_OPTION_PLAIN))
		style = PS_DIAGNOSTIC_PLAIN;
	ps_buffer_init(&text, RENDERED_MAX);
	ps_diagnostic_print(diagnostic, style, &text);
	(void)fwrite(text.data, 1, text.len, cli->err.stream);
	if (style != PS_DIAGNOSTIC_PLAIN)
		(void)fputc('\n', cli->err.stream);
	ps_buffer_clear(&text);
}

void ps_diagnosis_add(struct ps_diagnosis *diagnosis, const struct ps_cli *cli,
    const struct ps_diagnostic *diagnostic)
{
	if (diagnostic->severity == PS_SEVERITY_ERROR)
		diagnosis->errors++;
	else
		diagnosis->warnings++;
	if (diagnosis->list != NULL)
		diagnosis->whole &=
		    ps_fact_add(diagnosis->list, diagnostic_json(diagnostic, &diagnosis->whole));
	else
		show(cli, diagnostic);
}

static enum ps_status load(struct ps_diagnosis *out, const struct ps_cli *cli, const char *given,
    bool quietly, const struct ps_overlay *overlays, size_t overlay_count,
    struct ps_bytes dictionary, struct ps_error *err)
{
	enum ps_status status;

	*out = (struct ps_diagnosis){.path = ps_cli_policy_path(given), .whole = true};
	status = ps_diagnostics_create(&out->diagnostics);
	if (status != PS_OK)
		return ps_error_set(err, status, "out of memory");
	if (ps_cli_has(cli, PS_OPTION_JSON) && !quietly) {
		out->list = json_array();
		if (out->list == NULL)
			return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	}
	status = ps_policy_load_with(
	    &out->policy, out->path, overlays, overlay_count, dictionary, out->diagnostics, err);
	if (status == PS_NOT_FOUND && given == NULL)
		(void)ps_error_set(
		    err, status, "there is no policy: neither ./policies nor this folder exists");
	for (size_t i = 0; i < ps_diagnostics_count(out->diagnostics); i++) {
		const struct ps_diagnostic *diagnostic = ps_diagnostics_get(out->diagnostics, i);

		if (!quietly || diagnostic->severity == PS_SEVERITY_ERROR)
			ps_diagnosis_add(out, cli, diagnostic);
	}
	return status;
}

enum ps_status ps_diagnosis_load(
    struct ps_diagnosis *out, const struct ps_cli *cli, const char *given, struct ps_error *err)
{
	return load(out, cli, given, false, NULL, 0, ps_bytes_of(NULL, 0), err);
}

enum ps_status ps_diagnosis_load_with(struct ps_diagnosis *out, const struct ps_cli *cli,
    const char *given, const struct ps_overlay *overlays, size_t overlay_count,
    struct ps_bytes dictionary, struct ps_error *err)
{
	return load(out, cli, given, false, overlays, overlay_count, dictionary, err);
}

enum ps_status ps_diagnosis_load_quietly(
    struct ps_diagnosis *out, const struct ps_cli *cli, const char *given, struct ps_error *err)
{
	return load(out, cli, given, true, NULL, 0, ps_bytes_of(NULL, 0), err);
}

void ps_diagnosis_clear(struct ps_diagnosis *diagnosis)
{
	json_decref(diagnosis->list);
	ps_policy_destroy(diagnosis->policy);
	ps_diagnostics_destroy(diagnosis->diagnostics);
	*diagnosis = (struct ps_diagnosis){.whole = true};
}

/* How many files the diagnostics are about: they come sorted by file. */
static size_t files_concerned(const struct ps_diagnosis *diagnosis)
{
	size_t count = ps_diagnostics_count(diagnosis->diagnostics);
	const char *last = NULL;
	size_t files = 0;

	for (size_t i = 0; i < count; i++) {
		const char *file = ps_diagnostics_get(diagnosis->diagnostics, i)->file;

		if (last == NULL || strcmp(last, file) != 0)
			files++;
		last = file;
	}
	return files;
}

void ps_diagnosis_close(const struct ps_diagnosis *diagnosis, const struct ps_cli *cli)
{
	char errors[PS_COUNT_TEXT_MAX], warnings[PS_COUNT_TEXT_MAX], files[PS_COUNT_TEXT_MAX];
	size_t read = diagnosis->policy != NULL ? ps_policy_file_count(diagnosis->policy)
	                                        : files_concerned(diagnosis);

	if (diagnosis->errors + diagnosis->warnings == 0)
		return;
	(void)ps_terminal_count(diagnosis->errors, "error", "errors", errors);
	(void)ps_terminal_count(diagnosis->warnings, "warning", "warnings", warnings);
	(void)ps_terminal_count(read, "file", "files", files);
	(void)fprintf(cli->err.stream, "%s%s%s in %s\n", diagnosis->errors > 0 ? errors : "",
	    diagnosis->errors > 0 && diagnosis->warnings > 0 ? ", " : "",
	    diagnosis->warnings > 0 ? warnings : "", files);
}
