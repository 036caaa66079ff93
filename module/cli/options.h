/* The table of commands and options: parsing, help, man pages and completions are
 * all made from it, so none of them can say what the others do not.
 *
 * Parsing takes --name value, --name=value, -n value, -nvalue, bundled flags, and --
 * as the end of options; options and arguments may stand in any order behind the
 * command. Names are not abbreviated: an unknown one is an error with the nearest
 * known name, and so is a value given twice.
 *
 * Ownership: the table is constant; a struct ps_options borrows argv.
 * Threads: pure functions.
 */
#ifndef PS_CLI_OPTIONS_H
#define PS_CLI_OPTIONS_H

#include "core/bytes.h"
#include "core/status.h"

enum ps_option_id {
	PS_OPTION_HELP,
	PS_OPTION_VERSION,
	PS_OPTION_MAN,
	PS_OPTION_COMPLETION,
	PS_OPTION_NO_COLOR,
	PS_OPTION_JSON,
	PS_OPTION_PLAIN,
	PS_OPTION_STRICT,
	PS_OPTION_POLICY,
	PS_OPTION_OUTPUT,
	PS_OPTION_ACCEPT,
	PS_OPTION_NOW,
	PS_OPTION_QUIET,
	PS_OPTION_VERBOSE,
	PS_OPTION_TYPE,
	PS_OPTION_SNAPSHOT,
	PS_OPTION_TOP,
	PS_OPTION_ONLY_FAILURES,
	PS_OPTION_JUNIT,
	PS_OPTION_FORMAT,
	PS_OPTION_JOBS,
	PS_OPTION_ONLY_FINDINGS,
	PS_OPTION_TSV,
	PS_OPTION_CLIENT,
	PS_OPTION_ANSWER,
	PS_OPTION_SERVER,
	PS_OPTION_FIX,
	PS_OPTION_DRY_RUN,
	PS_OPTION_FOLLOW,
	PS_OPTION_EVENTS,
	PS_OPTION_SINCE,
	PS_OPTION_FRAMES,
	PS_OPTION_INTERVAL,
	PS_OPTION_LIST,
	PS_OPTION_FOR,
	PS_OPTION_REASON,
	PS_OPTION_RULE,
	PS_OPTION_REMOVE,
	PS_OPTION_COUNT, /* also ends lists */
};

/* What a value is, for completions. */
enum ps_takes {
	PS_TAKES_NONE,  /* the option is a flag */
	PS_TAKES_FILE,  /* or a folder */
	PS_TAKES_WORDS, /* one of the words in choices */
	PS_TAKES_OTHER,
};

struct ps_option {
	enum ps_option_id id;
	char letter; /* 0: none */
	const char *name;
	const char *value; /* as help shows it; NULL for flags */
	enum ps_takes kind;
	const char *choices; /* words, blanks between them; NULL: none */
	bool repeats;
	const char *text;
};

struct ps_verb {
	const char *name;
	const char *arguments; /* as help shows them; "" for none */
	unsigned arguments_min;
	unsigned arguments_max;
	const char *text;
};

/* An example, an environment variable, a file: a term and what it means. */
struct ps_note {
	const char *term;
	const char *text;
};

enum ps_command_id {
	PS_COMMAND_PROGRAM, /* no command: postshield --version and the like */
	PS_COMMAND_CHECK,
	PS_COMMAND_BUILD,
	PS_COMMAND_EXPLAIN,
	PS_COMMAND_INDEX,
	PS_COMMAND_STATUS,
	PS_COMMAND_TEST,
	PS_COMMAND_SCAN,
	PS_COMMAND_DIFF,
	PS_COMMAND_EVENTS,
	PS_COMMAND_TOP,
	PS_COMMAND_ROLLBACK,
	PS_COMMAND_DISABLE,
	PS_COMMAND_ENABLE,
	PS_COMMAND_ALLOW,
	PS_COMMAND_COUNT,
};

struct ps_command {
	enum ps_command_id id;
	const char *name;      /* "postshield" for the program itself */
	const char *summary;   /* one line, without a final dot */
	const char *arguments; /* "[PATH]" */
	unsigned arguments_min;
	unsigned arguments_max;
	bool takes_files;                 /* arguments are paths, for completions */
	const char *description;          /* paragraphs with an empty line between them */
	const struct ps_verb *verbs;      /* ends in a NULL name; NULL: none */
	const enum ps_option_id *options; /* ends in PS_OPTION_COUNT */
	const struct ps_note *exits;      /* these three end in a NULL term; may be NULL */
	const struct ps_note *places;     /* files and environment */
	const struct ps_note *examples;
};

#define PS_UNLIMITED 1000000u

/* The rows of the two tables. */
const struct ps_option *ps_option(enum ps_option_id id);
const struct ps_command *ps_command(enum ps_command_id id);

/* NULL: no such command. "postshield" names the program itself. */
const struct ps_command *ps_command_by_name(const char *name);

/* --- parsing ---------------------------------------------------------------- */

struct ps_given {
	enum ps_option_id id;
	const char *value; /* NULL for flags */
};

struct ps_options {
	const struct ps_command *command;
	const struct ps_verb *verb; /* NULL: the command has none */
	struct ps_given *given;     /* in the order given */
	size_t given_count;
	const char **arguments;
	size_t argument_count;
};

/* Reads the command line. Errors: PS_INVALID (err->text names what is wrong and what
 * was meant), PS_NO_MEMORY. out->command is set in any case, so that the caller can
 * name it. With --help, --version, --man or --completion, missing arguments are no
 * error. Clear in any case. */
PS_MUST_USE enum ps_status ps_options_parse(
    struct ps_options *out, int argc, char *const *argv, struct ps_error *err);
void ps_options_clear(struct ps_options *options);

bool ps_options_has(const struct ps_options *options, enum ps_option_id id);

/* The n-th value given; NULL when there are not so many. */
const char *ps_options_value(const struct ps_options *options, enum ps_option_id id, size_t n);

/* Seconds as a number, "2025-11-21", or "2025-11-21T22:41:05Z" (UTC in any case).
 * PS_INVALID with words, PS_OK else. */
PS_MUST_USE enum ps_status ps_time_from_text(
    uint32_t *out, const char *text, struct ps_error *err);

/* "A", "aaaa", "TYPE65", "65". */
PS_MUST_USE enum ps_status ps_type_from_text(
    uint16_t *out, const char *text, struct ps_error *err);

#endif
