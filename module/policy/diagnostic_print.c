/* Diagnostics as people read them: the forms of USERS.md, "The policy author". */
#include "policy/policy.h"

#include <stdio.h>

struct paint {
	const char *severity;
	const char *frame;
	const char *strong;
	const char *end;
};

static const struct paint no_paint = {"", "", "", ""};
static const struct paint error_paint = {"\033[1;31m", "\033[34m", "\033[1m", "\033[0m"};
static const struct paint warning_paint = {"\033[1;33m", "\033[34m", "\033[1m", "\033[0m"};

static const char *severity_name(enum ps_severity severity)
{
	return severity == PS_SEVERITY_ERROR ? "error" : "warning";
}

static void repeat(struct ps_buffer *out, char c, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		(void)ps_buffer_append(out, &c, 1);
}

static void print_plain(const struct ps_diagnostic *d, struct ps_buffer *out)
{
	if (d->file[0] != '\0')
		(void)ps_buffer_printf(out, "%s:", d->file);
	if (d->line != 0)
		(void)ps_buffer_printf(out, "%u:%u:", d->line, d->column);
	(void)ps_buffer_printf(out, "%s%s[%s]: %s", d->file[0] != '\0' ? " " : "",
	    severity_name(d->severity), d->code, d->text);
	if (d->hint != NULL)
		(void)ps_buffer_printf(out, "; %s", d->hint);
	if (d->other_line != 0)
		(void)ps_buffer_printf(out, "; %s: %s:%u:%u", d->other_text, d->other_file,
		    d->other_line, d->other_column);
	(void)ps_buffer_append(out, "\n", 1);
}

/* The number of digits that both line numbers fit in. */
static int gutter(const struct ps_diagnostic *d)
{
	char digits[16];
	uint32_t line = d->line > d->other_line ? d->line : d->other_line;

	return snprintf(digits, sizeof(digits), "%u", line);
}

/* One place with its line and the mark under it, and what the mark says. */
struct shown_place {
	uint32_t line;
	const char *source;
	uint32_t mark_start;
	uint32_t mark_width;
	char mark;
	const char *text; /* NULL: nothing */
};

static void print_place(
    const struct shown_place *place, int width, const struct paint *paint, struct ps_buffer *out)
{
	const char *bar = paint->frame;
	const char *end = paint->end;

	(void)ps_buffer_printf(out, "%s %*s |%s\n", bar, width, "", end);
	(void)ps_buffer_printf(out, "%s %*u |%s", bar, width, place->line, end);
	(void)ps_buffer_printf(out, "%s%s\n", place->source[0] != '\0' ? " " : "", place->source);
	(void)ps_buffer_printf(out, "%s %*s |%s ", bar, width, "", end);
	repeat(out, ' ', place->mark_start);
	(void)ps_buffer_printf(out, "%s", paint->severity);
	repeat(out, place->mark, place->mark_width);
	if (place->text != NULL)
		(void)ps_buffer_printf(out, " %s", place->text);
	(void)ps_buffer_printf(out, "%s\n", end);
}

static void print_fancy(
    const struct ps_diagnostic *d, const struct paint *paint, struct ps_buffer *out)
{
	int width = gutter(d);

	(void)ps_buffer_printf(out, "%s%s[%s]%s: %s%s%s\n", paint->severity,
	    severity_name(d->severity), d->code, paint->end, paint->strong, d->text, paint->end);
	if (d->file[0] != '\0') {
		(void)ps_buffer_printf(
		    out, "%s %*s-->%s %s", paint->frame, width, "", paint->end, d->file);
		if (d->line != 0)
			(void)ps_buffer_printf(out, ":%u:%u", d->line, d->column);
		(void)ps_buffer_append(out, "\n", 1);
	}
	if (d->source != NULL)
		print_place(&(struct shown_place){d->line, d->source, d->mark_start,
		                d->mark_width, '^', d->hint},
		    width, paint, out);
	else if (d->hint != NULL)
		(void)ps_buffer_printf(out, "%s %*s =%s %s\n", paint->frame, width, "",
		    paint->end, d->hint);
	if (d->other_line == 0)
		return;
	(void)ps_buffer_printf(out, "%s %*s:::%s %s:%u:%u\n", paint->frame, width, "",
	    paint->end, d->other_file, d->other_line, d->other_column);
	if (d->other_source != NULL)
		print_place(&(struct shown_place){d->other_line, d->other_source,
		                d->other_mark_start, d->other_mark_width, '-', d->other_text},
		    width, paint, out);
}

void ps_diagnostic_print(
    const struct ps_diagnostic *diagnostic, enum ps_diagnostic_style style, struct ps_buffer *out)
{
	switch (style) {
	case PS_DIAGNOSTIC_PLAIN:
		print_plain(diagnostic, out);
		return;
	case PS_DIAGNOSTIC_FANCY:
		print_fancy(diagnostic, &no_paint, out);
		return;
	case PS_DIAGNOSTIC_COLOR:
		print_fancy(diagnostic,
		    diagnostic->severity == PS_SEVERITY_ERROR ? &error_paint : &warning_paint,
		    out);
		return;
	}
}
