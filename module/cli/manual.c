#include "cli/manual.h"

#include "core/version.h"

#include <ctype.h>

/* Text of a page: a backslash, a hyphen that must stay one, and a dot or quote at the
 * beginning of a line mean something to roff (man(7)). An empty line is a new
 * paragraph. */
static void roff(FILE *stream, const char *text)
{
	bool line_begins = true;

	for (; *text != '\0'; text++) {
		if (text[0] == '\n' && text[1] == '\n') {
			(void)fputs("\n.PP\n", stream);
			text++;
			line_begins = true;
			continue;
		}
		if (line_begins && (*text == '.' || *text == '\''))
			(void)fputs("\\&", stream);
		if (*text == '\\')
			(void)fputs("\\e", stream);
		else if (*text == '-')
			(void)fputs("\\-", stream);
		else
			(void)fputc(*text, stream);
		line_begins = *text == '\n';
	}
}

static void line(FILE *stream, const char *text)
{
	roff(stream, text);
	(void)fputc('\n', stream);
}

static void page_name(const struct ps_command *command, char *out, size_t size)
{
	if (command->id == PS_COMMAND_PROGRAM)
		(void)snprintf(out, size, "postshield");
	else
		(void)snprintf(out, size, "postshield-%s", command->name);
}

static void print_head(FILE *stream, const struct ps_command *command)
{
	char name[64];

	page_name(command, name, sizeof(name));
	(void)fputs(".\\\" Made from the table of options by postshield --man.\n.TH ", stream);
	for (const char *p = name; *p != '\0'; p++)
		(void)fputc(toupper((unsigned char)*p), stream);
	(void)fputs(" 1 \"\" \"PostShield " PS_VERSION "\" \"PostShield\"\n.SH NAME\n", stream);
	roff(stream, name);
	(void)fputs(" \\- ", stream);
	line(stream, command->summary);
}

static void print_synopsis(FILE *stream, const struct ps_command *command)
{
	const struct ps_verb *verb = command->verbs;

	(void)fputs(".SH SYNOPSIS\n", stream);
	if (command->id == PS_COMMAND_PROGRAM) {
		(void)fputs(".B postshield\n", stream);
		line(stream, command->arguments);
		return;
	}
	do {
		const char *arguments = verb != NULL ? verb->arguments : command->arguments;

		(void)fprintf(stream, ".B postshield %s%s%s\n[option...]\n", command->name,
		    verb != NULL ? " " : "", verb != NULL ? verb->name : "");
		if (arguments[0] != '\0') {
			(void)fputs(".I ", stream);
			line(stream, arguments);
		}
		if (verb != NULL && (++verb)->name != NULL)
			(void)fputs(".br\n", stream);
	} while (verb != NULL && verb->name != NULL);
}

static void print_notes(FILE *stream, const char *title, const struct ps_note *notes)
{
	if (notes == NULL)
		return;
	(void)fprintf(stream, ".SH %s\n", title);
	for (; notes->term != NULL; notes++) {
		(void)fputs(".TP\n.B ", stream);
		line(stream, notes->term);
		line(stream, notes->text);
	}
}

static void print_options(FILE *stream, const struct ps_command *command)
{
	(void)fputs(".SH OPTIONS\n", stream);
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++) {
		const struct ps_option *option = ps_option(command->options[i]);

		(void)fputs(".TP\n", stream);
		if (option->letter != 0)
			(void)fprintf(stream, "\\fB\\-%c\\fR, ", option->letter);
		(void)fputs("\\fB\\-\\-", stream);
		roff(stream, option->name);
		(void)fputs("\\fR", stream);
		if (option->value != NULL)
			(void)fprintf(stream, " \\fI%s\\fR", option->value);
		(void)fputc('\n', stream);
		line(stream, option->text);
	}
}

static void print_commands(FILE *stream)
{
	(void)fputs(".SH COMMANDS\n", stream);
	for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++) {
		const struct ps_command *command = ps_command((enum ps_command_id)i);

		(void)fprintf(stream, ".TP\n.BR postshield\\-%s (1)\n", command->name);
		line(stream, command->summary);
	}
}

static void print_verbs(FILE *stream, const struct ps_command *command)
{
	(void)fputs(".SH VERBS\n", stream);
	for (const struct ps_verb *verb = command->verbs; verb->name != NULL; verb++) {
		(void)fprintf(stream, ".TP\n.B %s\n", verb->name);
		line(stream, verb->text);
	}
}

static void print_examples(FILE *stream, const struct ps_note *examples)
{
	(void)fputs(".SH EXAMPLES\n", stream);
	for (; examples->term != NULL; examples++) {
		(void)fputs(".TP\n.B ", stream);
		line(stream, examples->term);
		line(stream, examples->text);
	}
}

static void print_see_also(FILE *stream, const struct ps_command *self)
{
	(void)fputs(".SH SEE ALSO\n", stream);
	for (int i = 0; i < PS_COMMAND_COUNT; i++) {
		const struct ps_command *command = ps_command((enum ps_command_id)i);
		char name[64];

		if (command == self)
			continue;
		page_name(command, name, sizeof(name));
		(void)fputs(".BR ", stream);
		roff(stream, name);
		(void)fputs(" (1),\n", stream);
	}
	(void)fputs(".BR unbound (8)\n", stream);
}

void ps_manual_print(FILE *stream, const struct ps_command *command)
{
	print_head(stream, command);
	print_synopsis(stream, command);
	(void)fputs(".SH DESCRIPTION\n", stream);
	line(stream, command->description);
	if (command->id == PS_COMMAND_PROGRAM)
		print_commands(stream);
	if (command->verbs != NULL)
		print_verbs(stream, command);
	print_options(stream, command);
	print_notes(stream, "FILES AND ENVIRONMENT", command->places);
	print_notes(stream, "EXIT STATUS", command->exits);
	print_examples(stream, command->examples);
	print_see_also(stream, command);
}
