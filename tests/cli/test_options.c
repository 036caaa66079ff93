/* The table of options, and the command line read by it. */
#include "cli/options.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define WORDS_MAX 16

/* Parses blank-separated words (a '_' stands for an empty word). */
static enum ps_status parse(struct ps_options *out, const char *line, struct ps_error *err)
{
	static char copy[512];
	char *argv[WORDS_MAX + 1] = {0};
	int argc = 0;

	(void)snprintf(copy, sizeof(copy), "postshield %s", line);
	for (char *word = strtok(copy, " "); word != NULL && argc < WORDS_MAX;
	     word = strtok(NULL, " "))
		argv[argc++] = strcmp(word, "_") == 0 ? word + 1 : word;
	ps_error_clear(err);
	return ps_options_parse(out, argc, argv, err);
}

START_TEST(every_form_of_an_option)
{
	static const char *const lines[] = {"build --output x.ps", "build --output=x.ps",
	    "build -o x.ps", "build -ox.ps", "build -qo x.ps", "build -qox.ps --",
	    "--no-color build --quiet --output x.ps", "build -v -o x.ps --no-color"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ps_options options;
		struct ps_error err;

		ck_assert_msg(
		    parse(&options, lines[i], &err) == PS_OK, "%s: %s", lines[i], err.text);
		ck_assert_int_eq(options.command->id, PS_COMMAND_BUILD);
		ck_assert_str_eq(ps_options_value(&options, PS_OPTION_OUTPUT, 0), "x.ps");
		ck_assert_ptr_null(ps_options_value(&options, PS_OPTION_OUTPUT, 1));
		ck_assert(!ps_options_has(&options, PS_OPTION_JSON));
		ps_options_clear(&options);
	}
}
END_TEST

START_TEST(arguments_stand_anywhere)
{
	struct ps_options options;
	struct ps_error err;

	ck_assert_int_eq(parse(&options, "index lookup a.com --json -- --b.com -", &err), PS_OK);
	ck_assert_str_eq(options.verb->name, "lookup");
	ck_assert_uint_eq(options.argument_count, 3);
	ck_assert_str_eq(options.arguments[0], "a.com");
	ck_assert_str_eq(options.arguments[1], "--b.com");
	ck_assert_str_eq(options.arguments[2], "-");
	ps_options_clear(&options);
}
END_TEST

START_TEST(values_may_repeat_where_they_should)
{
	struct ps_options options;
	struct ps_error err;

	ck_assert_int_eq(parse(&options, "build -a one --accept=two -a _", &err), PS_OK);
	ck_assert_str_eq(ps_options_value(&options, PS_OPTION_ACCEPT, 0), "one");
	ck_assert_str_eq(ps_options_value(&options, PS_OPTION_ACCEPT, 1), "two");
	ck_assert_str_eq(ps_options_value(&options, PS_OPTION_ACCEPT, 2), "");
	ck_assert_ptr_null(ps_options_value(&options, PS_OPTION_ACCEPT, 3));
	ps_options_clear(&options);
}
END_TEST

START_TEST(mistakes_are_named)
{
	static const char *const lines[][2] = {
	    {"biuld", "unknown command 'biuld': did you mean 'build'?"},
	    {"zzzzzz", "unknown command 'zzzzzz'"},
	    {"postshield", "unknown command 'postshield'"},
	    {"build --outptu x", "unknown option '--outptu': did you mean '--output'?"},
	    {"build --out x", "unknown option '--out': did you mean '--output'?"},
	    {"--json build", "unknown option '--json'"},
	    {"build -qz", "unknown option '-z'"},
	    {"build -o", "--output needs a value: FILE"},
	    {"build -p a -p b", "--policies is given more than once"},
	    {"build --quiet=1", "--quiet takes no value"},
	    {"index verfy", "unknown verb 'verfy': did you mean 'verify'?"},
	    {"index lookup", "NAME|ADDRESS... is missing"},
	    {"index info x", "takes no arguments, not 'x'"},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ps_options options;
		struct ps_error err;

		ck_assert_int_eq(parse(&options, lines[i][0], &err), PS_INVALID);
		ck_assert_str_eq(err.text, lines[i][1]);
		ck_assert_ptr_nonnull(options.command);
		ps_options_clear(&options);
	}
}
END_TEST

START_TEST(help_needs_no_arguments)
{
	static const char *const lines[] = {"--help", "explain --help", "index -h", "-V",
	    "--man check", "--completion=zsh", "index lookup --help"};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct ps_options options;
		struct ps_error err;

		ck_assert_int_eq(parse(&options, lines[i], &err), PS_OK);
		ps_options_clear(&options);
	}
}
END_TEST

/* What the table promises to those who read it. */
START_TEST(table_is_sound)
{
	for (int i = 0; i < PS_OPTION_COUNT; i++) {
		const struct ps_option *option = ps_option((enum ps_option_id)i);

		ck_assert_int_eq(option->id, i);
		ck_assert_int_eq(option->value == NULL, option->kind == PS_TAKES_NONE);
		ck_assert_int_eq(option->choices != NULL, option->kind == PS_TAKES_WORDS);
		ck_assert(option->text[0] >= 'a' && option->text[0] <= 'z');
		ck_assert_int_ne(option->text[strlen(option->text) - 1], '.');
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(option->name, ps_option((enum ps_option_id)j)->name);
	}
	for (int i = 0; i < PS_COMMAND_COUNT; i++) {
		const struct ps_command *command = ps_command((enum ps_command_id)i);
		bool letters[128] = {false};

		ck_assert_int_eq(command->id, i);
		ck_assert_ptr_eq(ps_command_by_name(command->name), command);
		ck_assert_ptr_nonnull(command->examples);
		ck_assert_ptr_nonnull(command->exits);
		for (size_t n = 0; command->options[n] != PS_OPTION_COUNT; n++) {
			int letter = ps_option(command->options[n])->letter;

			ck_assert(letter == 0 || !letters[letter]);
			letters[letter] = true;
		}
	}
	ck_assert_ptr_null(ps_command_by_name("nope"));
}
END_TEST

START_TEST(times)
{
	static const struct {
		const char *text;
		uint32_t time; /* UINT32_MAX: none */
	} cases[] = {{"0", 0}, {"1763726400", 1763726400}, {"2025-11-21", 1763683200},
	    {"2025-11-21T12:00:00Z", 1763726400}, {"4294967294", 4294967294},
	    {"4294967295", UINT32_MAX}, {"", UINT32_MAX}, {"-1", UINT32_MAX}, {"+1", UINT32_MAX},
	    {" 1", UINT32_MAX}, {"1 ", UINT32_MAX}, {"0x10", UINT32_MAX},
	    {"2025-02-30", UINT32_MAX}, {"2025-11-21T12:00:00", UINT32_MAX},
	    {"2025-11-21 12:00:00Z", UINT32_MAX}, {"2025-13-01", UINT32_MAX},
	    {"1969-12-31", UINT32_MAX}, {"2107-01-01", UINT32_MAX},
	    {"99999999999999999999", UINT32_MAX}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t time = UINT32_MAX;
		enum ps_status status = ps_time_from_text(&time, cases[i].text, NULL);

		ck_assert_msg(status == (cases[i].time == UINT32_MAX ? PS_INVALID : PS_OK),
		    "'%s'", cases[i].text);
		ck_assert_uint_eq(time, cases[i].time);
	}
}
END_TEST

START_TEST(types)
{
	static const struct {
		const char *text;
		uint16_t type; /* 0: none */
	} cases[] = {{"A", 1}, {"aaaa", 28}, {"Https", 65}, {"TYPE1", 1}, {"type65535", 65535},
	    {"12", 12}, {"0", 0}, {"TYPE0", 0}, {"TYPE", 0}, {"TYPE65536", 0}, {"AA", 0}, {"", 0},
	    {"TYP1", 0}, {"TYxx1", 0}, {"1x", 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t type = 0;
		enum ps_status status = ps_type_from_text(&type, cases[i].text, NULL);

		ck_assert_msg(
		    status == (cases[i].type == 0 ? PS_INVALID : PS_OK), "'%s'", cases[i].text);
		ck_assert_uint_eq(type, cases[i].type);
	}
}
END_TEST

START_TEST(arguments_without_end)
{
	static char program[] = "postshield", word[] = "a";
	char **argv = calloc(100002, sizeof(*argv));
	struct ps_options options;
	struct ps_error err;

	argv[0] = program;
	for (int i = 1; i <= 100000; i++)
		argv[i] = word;
	ps_error_clear(&err);
	ck_assert_int_eq(ps_options_parse(&options, 100001, argv, &err), PS_INVALID);
	ck_assert_str_eq(err.text, "too many arguments");
	ps_options_clear(&options);
	free(argv);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tests = tcase_create("options");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, every_form_of_an_option);
	tcase_add_test(tests, arguments_stand_anywhere);
	tcase_add_test(tests, arguments_without_end);
	tcase_add_test(tests, values_may_repeat_where_they_should);
	tcase_add_test(tests, mistakes_are_named);
	tcase_add_test(tests, help_needs_no_arguments);
	tcase_add_test(tests, table_is_sound);
	tcase_add_test(tests, times);
	tcase_add_test(tests, types);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
