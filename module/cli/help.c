#include "cli/help.h"

#define HELP_COLUMNS 79
#define STATUS_COLUMNS 3
#define TERM_COLUMNS 24 /* terms up to this wide have their text beside them */

/* Words of text between indent and the right border. at: the column where the
 * cursor stands. An empty line stays one; ends in a newline. */
static void wrapped(FILE *stream, int at, int indent, const char *text)
{
	while (*text != '\0') {
		int len = (int)strcspn(text, " \n");
		bool first = at <= indent;

		if (!first && at + 1 + len > HELP_COLUMNS) {
			(void)fputc('\n', stream);
			at = 0;
			first = true;
		}
		if (first)
			(void)fprintf(stream, "%*s", indent - at, "");
		else
			(void)fputc(' ', stream);
		at = (first ? indent : at + 1) + len;
		(void)fprintf(stream, "%.*s", len, text);
		text += len;
		if (text[0] == '\n') {
			(void)fputs("\n\n", stream);
			at = 0;
		}
		text += strspn(text, " \n");
	}
	(void)fputc('\n', stream);
}

static void entry(FILE *stream, int columns, const char *term, const char *text)
{
	int width = fprintf(stream, "  %s", term);

	if (width > columns) {
		(void)fputc('\n', stream);
		width = 0;
	}
	wrapped(stream, width, columns + 2, text);
}

void ps_help_term(const struct ps_option *option, char out[PS_OPTION_TERM_MAX])
{
	char letter[8] = "    ";

	if (option->letter != 0)
		(void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	(void)snprintf(out, PS_OPTION_TERM_MAX, "%s--%s%s%s", letter, option->name,
	    option->value == NULL ? "" : " ", option->value == NULL ? "" : option->value);
}

void ps_help_usage(FILE *stream, const char *prefix, const struct ps_command *command)
{
	if (command->id == PS_COMMAND_PROGRAM) {
		(void)fprintf(stream, "%spostshield %s\n", prefix, command->arguments);
		return;
	}
	if (command->verbs == NULL) {
		(void)fprintf(stream, "%spostshield %s [option...]%s%s\n", prefix, command->name,
		    command->arguments[0] == '\0' ? "" : " ", command->arguments);
		return;
	}
	for (const struct ps_verb *verb = command->verbs; verb->name != NULL; verb++) {
		(void)fprintf(
		    stream, "%*s", (int)strlen(prefix), verb == command->verbs ? prefix : "");
		(void)fprintf(stream, "postshield %s %s [option...]%s%s\n", command->name,
		    verb->name, verb->arguments[0] == '\0' ? "" : " ", verb->arguments);
	}
}

static void print_notes(FILE *stream, const char *title, int columns, const struct ps_note *notes)
{
	if (notes == NULL)
		return;
	(void)fprintf(stream, "\n%s:\n", title);
	for (; notes->term != NULL; notes++)
		entry(stream, columns, notes->term, notes->text);
}

static void print_commands(FILE *stream)
{
	(void)fputs("\ncommands:\n", stream);
	for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++) {
		const struct ps_command *command = ps_command((enum ps_command_id)i);

		entry(stream, TERM_COLUMNS, command->name, command->summary);
	}
	(void)fputs("\nEach command has its own: postshield COMMAND --help\n", stream);
}

static void print_examples(FILE *stream, const struct ps_note *examples)
{
	(void)fputs("\nexamples:\n", stream);
	for (; examples->term != NULL; examples++) {
		(void)fprintf(stream, "  %s\n", examples->term);
		wrapped(stream, 0, 6, examples->text);
	}
}

void ps_help_print(FILE *stream, const struct ps_command *command)
{
	ps_help_usage(stream, "usage: ", command);
	(void)fputc('\n', stream);
	wrapped(stream, 0, 0, command->description);
	if (command->id == PS_COMMAND_PROGRAM)
		print_commands(stream);
	if (command->verbs != NULL) {
		(void)fputs("\nverbs:\n", stream);
		for (const struct ps_verb *verb = command->verbs; verb->name != NULL; verb++)
			entry(stream, TERM_COLUMNS, verb->name, verb->text);
	}
	(void)fputs("\noptions:\n", stream);
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++) {
		const struct ps_option *option = ps_option(command->options[i]);
		char term[PS_OPTION_TERM_MAX];

		ps_help_term(option, term);
		entry(stream, TERM_COLUMNS, term, option->text);
	}
	print_notes(stream, "files and environment", TERM_COLUMNS, command->places);
	print_notes(stream, "exit status", STATUS_COLUMNS, command->exits);
	print_examples(stream, command->examples);
}
