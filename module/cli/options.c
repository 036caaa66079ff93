#include "cli/options.h"

#include "policy/rrtype.h"
#include "policy/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ARGUMENTS_MAX 100000

const struct ps_command *ps_command_by_name(const char *name)
{
	for (int i = 0; i < PS_COMMAND_COUNT; i++) {
		const struct ps_command *command = ps_command((enum ps_command_id)i);

		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}

/* --- what was meant ------------------------------------------------------------ */

/* What the user wrote, so that it can stand in a message. */
#define SHOWN_MAX 48

static enum ps_status unknown(struct ps_error *err, const char *what, const char *prefix,
    struct ps_bytes written, const struct ps_suggest *suggest)
{
	int shown = written.len > SHOWN_MAX ? SHOWN_MAX : (int)written.len;

	if (suggest->best.len == 0)
		return ps_error_set(err, PS_INVALID, "unknown %s '%s%.*s'", what, prefix, shown,
		    (const char *)written.ptr);
	return ps_error_set(err, PS_INVALID, "unknown %s '%s%.*s': did you mean '%s%.*s'?", what,
	    prefix, shown, (const char *)written.ptr, prefix, (int)suggest->best.len,
	    (const char *)suggest->best.ptr);
}

static enum ps_status unknown_command(const char *written, struct ps_error *err)
{
	struct ps_suggest suggest;

	ps_suggest_init(&suggest, ps_bytes_of_text(written));
	for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++)
		ps_suggest_try(
		    &suggest, ps_bytes_of_text(ps_command((enum ps_command_id)i)->name));
	return unknown(err, "command", "", suggest.written, &suggest);
}

static enum ps_status unknown_verb(
    const struct ps_command *command, const char *written, struct ps_error *err)
{
	struct ps_suggest suggest;

	ps_suggest_init(&suggest, ps_bytes_of_text(written));
	for (const struct ps_verb *verb = command->verbs; verb->name != NULL; verb++)
		ps_suggest_try(&suggest, ps_bytes_of_text(verb->name));
	return unknown(err, "verb", "", suggest.written, &suggest);
}

static enum ps_status unknown_option(
    const struct ps_command *command, struct ps_bytes written, struct ps_error *err)
{
	struct ps_suggest suggest;

	ps_suggest_init(&suggest, written);
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++)
		ps_suggest_try(&suggest, ps_bytes_of_text(ps_option(command->options[i])->name));
	return unknown(err, "option", "--", written, &suggest);
}

/* --- parsing ------------------------------------------------------------------- */

struct parser {
	struct ps_options *out;
	char *const *argv;
	int argc;
	int at; /* next word */
	struct ps_error *err;
};

static enum ps_status take(struct parser *p, const struct ps_option *option, const char *value)
{
	if (option->value != NULL && !option->repeats && ps_options_has(p->out, option->id))
		return ps_error_set(
		    p->err, PS_INVALID, "--%s is given more than once", option->name);
	p->out->given[p->out->given_count++] = (struct ps_given){option->id, value};
	return PS_OK;
}

/* The value in the same word, or the next word. */
static enum ps_status take_value(
    struct parser *p, const struct ps_option *option, const char *attached)
{
	if (attached != NULL)
		return take(p, option, attached);
	if (p->at == p->argc)
		return ps_error_set(
		    p->err, PS_INVALID, "--%s needs a value: %s", option->name, option->value);
	return take(p, option, p->argv[p->at++]);
}

static const struct ps_option *find_long(const struct ps_command *command, struct ps_bytes name)
{
	/* What it was called first. */
	if (ps_bytes_equal_text(name, "policy"))
		name = ps_bytes_of_text("policies");
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++) {
		const struct ps_option *option = ps_option(command->options[i]);

		if (ps_bytes_equal_text(name, option->name))
			return option;
	}
	return NULL;
}

static const struct ps_option *find_letter(const struct ps_command *command, char letter)
{
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++) {
		const struct ps_option *option = ps_option(command->options[i]);

		if (option->letter == letter)
			return option;
	}
	return NULL;
}

static enum ps_status parse_long(struct parser *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals == NULL ? strlen(word) : (size_t)(equals - word);
	const struct ps_option *option = find_long(p->out->command, ps_bytes_of(word, len));

	if (option == NULL)
		return unknown_option(p->out->command, ps_bytes_of(word, len), p->err);
	if (option->value != NULL)
		return take_value(p, option, equals == NULL ? NULL : equals + 1);
	if (equals != NULL)
		return ps_error_set(p->err, PS_INVALID, "--%s takes no value", option->name);
	return take(p, option, NULL);
}

static enum ps_status parse_letters(struct parser *p, const char *word)
{
	for (; *word != '\0'; word++) {
		const struct ps_option *option = find_letter(p->out->command, *word);
		enum ps_status status;

		if (option == NULL)
			return ps_error_set(p->err, PS_INVALID, "unknown option '-%c'", *word);
		if (option->value != NULL)
			return take_value(p, option, word[1] == '\0' ? NULL : word + 1);
		status = take(p, option, NULL);
		if (status != PS_OK)
			return status;
	}
	return PS_OK;
}

static enum ps_status parse_argument(struct parser *p, const char *word)
{
	struct ps_options *out = p->out;

	if (out->command->id == PS_COMMAND_PROGRAM) {
		const struct ps_command *command = ps_command_by_name(word);

		if (command == NULL || command->id == PS_COMMAND_PROGRAM)
			return unknown_command(word, p->err);
		out->command = command;
		return PS_OK;
	}
	if (out->command->verbs != NULL && out->verb == NULL) {
		for (const struct ps_verb *v = out->command->verbs; v->name != NULL; v++)
			if (strcmp(v->name, word) == 0)
				out->verb = v;
		return out->verb == NULL ? unknown_verb(out->command, word, p->err) : PS_OK;
	}
	out->arguments[out->argument_count++] = word;
	return PS_OK;
}

static bool asks_for_words(const struct ps_options *options)
{
	return ps_options_has(options, PS_OPTION_HELP) ||
	       ps_options_has(options, PS_OPTION_VERSION) ||
	       ps_options_has(options, PS_OPTION_MAN) ||
	       ps_options_has(options, PS_OPTION_COMPLETION);
}

static enum ps_status check_arguments(const struct ps_options *options, struct ps_error *err)
{
	const struct ps_command *command = options->command;
	const struct ps_verb *verb = options->verb;
	unsigned min = verb != NULL ? verb->arguments_min : command->arguments_min;
	unsigned max = verb != NULL ? verb->arguments_max : command->arguments_max;
	const char *shape = verb != NULL ? verb->arguments : command->arguments;

	if (asks_for_words(options))
		return PS_OK;
	if (command->id == PS_COMMAND_PROGRAM)
		return ps_error_set(err, PS_INVALID, "no command is given");
	if (command->verbs != NULL && verb == NULL)
		return ps_error_set(err, PS_INVALID, "no verb is given: %s, %s or %s",
		    command->verbs[0].name, command->verbs[1].name, command->verbs[2].name);
	if (options->argument_count < min)
		return ps_error_set(err, PS_INVALID, "%s is missing", shape);
	if (options->argument_count > max)
		return ps_error_set(err, PS_INVALID, "takes %s argument%s, not '%.*s'",
		    max == 0 ? "no" : "one", max == 0 ? "s" : "", SHOWN_MAX,
		    options->arguments[max]);
	return PS_OK;
}

static enum ps_status parse_words(struct parser *p)
{
	bool only_arguments = false;

	while (p->at < p->argc) {
		const char *word = p->argv[p->at++];
		enum ps_status status = PS_OK;

		if (!only_arguments && strcmp(word, "--") == 0)
			only_arguments = true;
		else if (!only_arguments && strncmp(word, "--", 2) == 0)
			status = parse_long(p, word + 2);
		else if (!only_arguments && word[0] == '-' && word[1] != '\0')
			status = parse_letters(p, word + 1);
		else
			status = parse_argument(p, word);
		if (status != PS_OK)
			return status;
	}
	return PS_OK;
}

enum ps_status ps_options_parse(
    struct ps_options *out, int argc, char *const *argv, struct ps_error *err)
{
	struct parser p = {.out = out, .argv = argv, .argc = argc, .at = 1, .err = err};
	size_t room = 1;
	enum ps_status status;

	*out = (struct ps_options){.command = ps_command(PS_COMMAND_PROGRAM)};
	if (argc > ARGUMENTS_MAX)
		return ps_error_set(err, PS_INVALID, "too many arguments");
	/* A word holds at most as many options as it has letters. */
	for (int i = 1; i < argc; i++)
		room += strlen(argv[i]);
	out->given = calloc(room, sizeof(*out->given));
	out->arguments = calloc((size_t)argc + 1, sizeof(*out->arguments));
	if (out->given == NULL || out->arguments == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	status = parse_words(&p);
	return status == PS_OK ? check_arguments(out, err) : status;
}

void ps_options_clear(struct ps_options *options)
{
	free(options->given);
	free(options->arguments);
	*options = (struct ps_options){.command = options->command};
}

const char *ps_options_value(const struct ps_options *options, enum ps_option_id id, size_t n)
{
	for (size_t i = 0; i < options->given_count; i++)
		if (options->given[i].id == id && n-- == 0)
			return options->given[i].value;
	return NULL;
}

bool ps_options_has(const struct ps_options *options, enum ps_option_id id)
{
	for (size_t i = 0; i < options->given_count; i++)
		if (options->given[i].id == id)
			return true;
	return false;
}

/* --- values --------------------------------------------------------------------- */

static bool decimal(const char *text, uint64_t max, uint64_t *out)
{
	char *end = NULL;
	unsigned long long value;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || value > max)
		return false;
	*out = value;
	return true;
}

static bool moment(const char *text, const char *format, uint64_t *out)
{
	struct tm tm = {0};
	const char *end = strptime(text, format, &tm);
	time_t t;
	int day = tm.tm_mday;

	if (end == NULL || *end != '\0')
		return false;
	t = timegm(&tm);
	/* strptime takes 31 February, timegm makes March of it. */
	if (t < 0 || tm.tm_mday != day)
		return false;
	*out = (uint64_t)t;
	return true;
}

enum ps_status ps_time_from_text(uint32_t *out, const char *text, struct ps_error *err)
{
	uint64_t value = 0;

	/* strptime skips blanks: a time has none. */
	if (strpbrk(text, " \t\n\v\f\r") != NULL ||
	    (!decimal(text, UINT32_MAX - 1, &value) &&
	        !moment(text, "%Y-%m-%dT%H:%M:%SZ", &value) &&
	        !moment(text, "%Y-%m-%d", &value)) ||
	    value >= UINT32_MAX)
		return ps_error_set(err, PS_INVALID,
		    "'%.*s' is no time: 2025-11-21, 2025-11-21T22:41:05Z, or seconds since 1970",
		    SHOWN_MAX, text);
	*out = (uint32_t)value;
	return PS_OK;
}

enum ps_status ps_type_from_text(uint16_t *out, const char *text, struct ps_error *err)
{
	if (ps_rrtype_from_text(ps_bytes_of_text(text), out))
		return PS_OK;
	return ps_error_set(err, PS_INVALID,
	    "'%.*s' is no record type: A, AAAA, MX, ... or TYPE65", SHOWN_MAX, text);
}
