#include "cli/completion.h"

static const struct ps_command *command_at(int index)
{
	return ps_command((enum ps_command_id)index);
}

/* --- bash ------------------------------------------------------------------------ */

static void bash_values(FILE *stream)
{
	(void)fputs("    case $previous in\n", stream);
	for (int i = 0; i < PS_OPTION_COUNT; i++) {
		const struct ps_option *option = ps_option((enum ps_option_id)i);

		if (option->value == NULL)
			continue;
		(void)fprintf(stream, "    --%s", option->name);
		if (option->letter != 0)
			(void)fprintf(stream, " | -%c", option->letter);
		(void)fputs(")\n        ", stream);
		if (option->kind == PS_TAKES_FILE)
			(void)fputs(
			    "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n", stream);
		else if (option->kind == PS_TAKES_WORDS)
			(void)fprintf(stream,
			    "mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$current\")\n",
			    option->choices);
		else
			(void)fputs("COMPREPLY=()\n", stream);
		(void)fputs("        return\n        ;;\n", stream);
	}
	(void)fputs("    esac\n", stream);
}

static void bash_words(FILE *stream, const struct ps_command *command)
{
	const char *blank = "";

	(void)fputs("words='", stream);
	if (command->id == PS_COMMAND_PROGRAM) {
		for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++, blank = " ")
			(void)fprintf(stream, "%s%s", blank, command_at(i)->name);
	}
	for (const struct ps_verb *v = command->verbs; v != NULL && v->name != NULL; v++) {
		(void)fprintf(stream, "%s%s", blank, v->name);
		blank = " ";
	}
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++, blank = " ")
		(void)fprintf(stream, "%s--%s", blank, ps_option(command->options[i])->name);
	(void)fputs("'", stream);
	if (command->takes_files)
		(void)fputs(" files=yes", stream);
	(void)fputc('\n', stream);
}

static void print_bash(FILE *stream)
{
	(void)fputs("# shellcheck shell=bash\n"
	            "# Made from the table of options by postshield --completion bash.\n\n"
	            "_postshield() {\n"
	            "    local current=${COMP_WORDS[COMP_CWORD]}\n"
	            "    local previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	            "    local command='' words='' files=no i\n"
	            "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
	            "        case ${COMP_WORDS[i]} in\n"
	            "        -*) ;;\n"
	            "        *)\n"
	            "            command=${COMP_WORDS[i]}\n"
	            "            break\n"
	            "            ;;\n"
	            "        esac\n"
	            "    done\n",
	    stream);
	bash_values(stream);
	(void)fputs("    case $command in\n", stream);
	for (int i = 0; i < PS_COMMAND_COUNT; i++) {
		(void)fprintf(stream, "    %s) ", i == 0 ? "''" : command_at(i)->name);
		bash_words(stream, command_at(i));
		(void)fputs("        ;;\n", stream);
	}
	(void)fputs("    esac\n"
	            "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	            "    if [[ $files == yes && $current != -* ]]; then\n"
	            "        mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY "
	            "< <(compgen -f -- \"$current\")\n"
	            "    fi\n"
	            "}\n"
	            "complete -o filenames -F _postshield postshield\n",
	    stream);
}

/* --- zsh ------------------------------------------------------------------------- */

/* Inside single quotes and brackets of an _arguments specification. */
static void zsh_text(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", stream);
		else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			(void)fprintf(stream, "\\%c", *text);
		else
			(void)fputc(*text, stream);
	}
}

static void zsh_value(FILE *stream, const struct ps_option *option)
{
	if (option->value == NULL)
		return;
	(void)fprintf(stream, ":%s:", option->value);
	if (option->kind == PS_TAKES_FILE)
		(void)fputs("_files", stream);
	else if (option->kind == PS_TAKES_WORDS)
		(void)fprintf(stream, "(%s)", option->choices);
}

static void zsh_option(FILE *stream, const struct ps_option *option)
{
	const char *repeat = option->repeats ? "*" : "";

	(void)fprintf(
	    stream, "        '%s--%s%s[", repeat, option->name, option->value == NULL ? "" : "=");
	zsh_text(stream, option->text);
	(void)fputc(']', stream);
	zsh_value(stream, option);
	(void)fputs("' \\\n", stream);
	if (option->letter == 0)
		return;
	(void)fprintf(stream, "        '%s-%c%s[", repeat, option->letter,
	    option->value == NULL ? "" : "+");
	zsh_text(stream, option->text);
	(void)fputc(']', stream);
	zsh_value(stream, option);
	(void)fputs("' \\\n", stream);
}

static void zsh_command(FILE *stream, const struct ps_command *command)
{
	(void)fprintf(stream, "    %s)\n        _arguments \\\n", command->name);
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++)
		zsh_option(stream, ps_option(command->options[i]));
	if (command->verbs != NULL) {
		(void)fputs("        '1:verb:((", stream);
		for (const struct ps_verb *v = command->verbs; v->name != NULL; v++) {
			(void)fprintf(
			    stream, "%s%s\\:\"", v == command->verbs ? "" : " ", v->name);
			zsh_text(stream, v->text);
			(void)fputc('"', stream);
		}
		(void)fputs("))' \\\n        '*:argument:'\n", stream);
	} else if (command->takes_files) {
		(void)fputs("        '*:path:_files'\n", stream);
	} else {
		(void)fputs("        '*:argument:'\n", stream);
	}
	(void)fputs("        ;;\n", stream);
}

static void print_zsh(FILE *stream)
{
	const struct ps_command *program = ps_command(PS_COMMAND_PROGRAM);

	(void)fputs("#compdef postshield\n"
	            "# Made from the table of options by postshield --completion zsh.\n\n"
	            "_postshield() {\n"
	            "    local context curcontext=\"$curcontext\" state line\n"
	            "    typeset -A opt_args\n"
	            "    _arguments -C \\\n",
	    stream);
	for (size_t i = 0; program->options[i] != PS_OPTION_COUNT; i++)
		zsh_option(stream, ps_option(program->options[i]));
	(void)fputs("        '1:command:->command' \\\n"
	            "        '*::argument:->argument'\n"
	            "    case $state in\n"
	            "    command)\n"
	            "        local -a commands=(\n",
	    stream);
	for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++) {
		(void)fprintf(stream, "            '%s:", command_at(i)->name);
		zsh_text(stream, command_at(i)->summary);
		(void)fputs("'\n", stream);
	}
	(void)fputs("        )\n"
	            "        _describe command commands\n"
	            "        return\n"
	            "        ;;\n"
	            "    esac\n"
	            "    case ${line[1]} in\n",
	    stream);
	for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++)
		zsh_command(stream, command_at(i));
	(void)fputs("    esac\n}\n\n_postshield \"$@\"\n", stream);
}

/* --- fish ------------------------------------------------------------------------ */

static void fish_text(FILE *stream, const char *text)
{
	(void)fputc('\'', stream);
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			(void)fputc('\\', stream);
		(void)fputc(*text, stream);
	}
	(void)fputc('\'', stream);
}

static void fish_option(FILE *stream, const char *condition, const struct ps_option *option)
{
	(void)fprintf(stream, "complete -c postshield -n '%s' -l %s", condition, option->name);
	if (option->letter != 0)
		(void)fprintf(stream, " -s %c", option->letter);
	if (option->value != NULL)
		(void)fputs(option->kind == PS_TAKES_FILE ? " -r -F" : " -x", stream);
	if (option->kind == PS_TAKES_WORDS)
		(void)fprintf(stream, " -a '%s'", option->choices);
	(void)fputs(" -d ", stream);
	fish_text(stream, option->text);
	(void)fputc('\n', stream);
}

static void fish_command(FILE *stream, const struct ps_command *command)
{
	char condition[80];

	(void)fprintf(
	    stream, "complete -c postshield -n __fish_use_subcommand -a %s -d ", command->name);
	fish_text(stream, command->summary);
	(void)fputc('\n', stream);
	(void)snprintf(
	    condition, sizeof(condition), "__fish_seen_subcommand_from %s", command->name);
	if (command->takes_files)
		(void)fprintf(stream, "complete -c postshield -n '%s' -F\n", condition);
	for (const struct ps_verb *v = command->verbs; v != NULL && v->name != NULL; v++) {
		(void)fprintf(stream, "complete -c postshield -n '%s; and not %s", condition,
		    "__fish_seen_subcommand_from");
		for (const struct ps_verb *w = command->verbs; w->name != NULL; w++)
			(void)fprintf(stream, " %s", w->name);
		(void)fprintf(stream, "' -a %s -d ", v->name);
		fish_text(stream, v->text);
		(void)fputc('\n', stream);
	}
	for (size_t i = 0; command->options[i] != PS_OPTION_COUNT; i++)
		fish_option(stream, condition, ps_option(command->options[i]));
}

static void print_fish(FILE *stream)
{
	const struct ps_command *program = ps_command(PS_COMMAND_PROGRAM);

	(void)fputs("# Made from the table of options by postshield --completion fish.\n"
	            "complete -c postshield -f\n",
	    stream);
	for (size_t i = 0; program->options[i] != PS_OPTION_COUNT; i++)
		fish_option(stream, "__fish_use_subcommand", ps_option(program->options[i]));
	for (int i = PS_COMMAND_PROGRAM + 1; i < PS_COMMAND_COUNT; i++)
		fish_command(stream, command_at(i));
}

bool ps_completion_print(FILE *stream, const char *shell)
{
	static const struct {
		const char *name;
		void (*print)(FILE *stream);
	} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].print(stream);
			return true;
		}
	}
	return false;
}
