#include "policy/yaml_problem.h"

/* The first row whose problem fits, and whose context (NULL: any) and character at
 * the place (0: any) fit too. Strings as in libyaml 0.2.5's scanner.c and parser.c;
 * what is not here is shown as libyaml says it. */
struct wording {
	const char *problem;
	const char *context;
	char character;
	const char *text;
	const char *hint;
	const char *other; /* what the context's place is called */
};

#define OPENED "opened here, never closed"

static const struct wording wordings[] = {
    {"did not find expected ',' or ']'", NULL, 0, "the list in brackets is not closed here",
        "a ',' or ']' is missing before this", OPENED},
    {"did not find expected ',' or '}'", NULL, 0, "the mapping in braces is not closed here",
        "a ',' or '}' is missing before this", OPENED},
    {"found unexpected end of stream", "while scanning a quoted scalar", 0,
        "the file ends inside quotes", NULL, OPENED},
    {"found unexpected document indicator", "while scanning a quoted scalar", 0,
        "a document marker stands inside quotes", NULL, OPENED},
    {"mapping values are not allowed in this context", NULL, 0, "a ':' is not expected here",
        "text with ': ' in it needs quotes; or check the indentation", NULL},
    {"could not find expected ':'", NULL, 0, "this line is neither 'key: value' nor '- item'",
        "write a blank after the ':'; or check the indentation and the quotes above",
        "the key that began here has no ':'"},
    {"did not find expected alphabetic or numeric character", "while scanning an alias", 0,
        "text that begins with '*' needs quotes", "as in \"*.upu.post\"", NULL},
    {"did not find expected alphabetic or numeric character", "while scanning an anchor", 0,
        "text that begins with '&' needs quotes", NULL, NULL},
    {"found character that cannot start any token", NULL, '>',
        "text that begins with '>' needs quotes", "as in \">= 60\"", NULL},
    {"found character that cannot start any token", NULL, '@',
        "text that begins with '@' needs quotes", NULL, NULL},
    {"found character that cannot start any token", NULL, '`',
        "text that begins with '`' needs quotes", NULL, NULL},
    {"found character that cannot start any token", NULL, '%',
        "text that begins with '%' needs quotes", NULL, NULL},
    {"found character that cannot start any token", NULL, '|',
        "text that begins with '|' needs quotes", NULL, NULL},
    {"did not find expected comment or line break", "while scanning a block scalar", 0,
        "text that begins with '>' or '|' needs quotes", "as in \">= 60\"", "it begins here"},
    {"found unknown escape character", NULL, 0, "this backslash sequence means nothing",
        "use single quotes, where a backslash stays a backslash", "in these quotes"},
    {"did not find expected key", NULL, 0, "a key is expected here",
        "check the indentation, and the quotes above",
        "the mapping that it would belong to begins here"},
    {"did not find expected '-' indicator", NULL, 0, "another '- ' item is expected here",
        "check the indentation", "the list that it would belong to begins here"},
    {"did not find expected <document start>", NULL, 0,
        "this line does not belong to what stands above it", "check the indentation", NULL},
    {"block sequence entries are not allowed in this context", NULL, 0,
        "a list item '- ' is not expected here",
        "put the first item on a line of its own, below the key", NULL},
    {"mapping keys are not allowed in this context", NULL, 0, "a '?' is not expected here",
        "text that begins with '?' needs quotes", NULL},
    {"did not find expected node content", NULL, 0, "a value is expected here",
        "two ',' in a row, or one too many?", "in what begins here"},
    {"found unexpected ':'", NULL, 0, "a ':' is not expected here",
        "text with a ':' in it needs quotes", NULL},
};

static char character_at(struct ps_span span)
{
	struct ps_bytes line = ps_source_line(span.source, span.line);
	uint32_t column = 1;
	size_t pos = 0;

	while (pos < line.len && column < span.column) {
		uint32_t character;

		(void)ps_utf8_next(line, &pos, &character);
		column++;
	}
	return pos < line.len ? (char)line.ptr[pos] : '\0';
}

static const struct wording *find_wording(const struct ps_yaml_problem *problem, char character)
{
	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
		const struct wording *w = &wordings[i];

		if (strcmp(w->problem, problem->problem) == 0 &&
		    (w->context == NULL ||
		        (problem->context != NULL && strcmp(w->context, problem->context) == 0)) &&
		    (w->character == 0 || w->character == character))
			return w;
	}
	return NULL;
}

/* A tab where the line's text would begin, or where libyaml complains of one. */
static bool is_tab(const struct ps_yaml_problem *problem, char character)
{
	return character == '\t' || strstr(problem->problem, "tab character") != NULL;
}

bool ps_yaml_problem_is_open(const struct ps_yaml_problem *problem)
{
	const struct wording *wording = find_wording(problem, 0);

	return wording != NULL && wording->other != NULL && strcmp(wording->other, OPENED) == 0;
}

void ps_yaml_problem_report(
    struct ps_diagnostics *diagnostics, const struct ps_yaml_problem *problem)
{
	char character = character_at(problem->problem_span);
	const struct wording *wording = find_wording(problem, character);

	if (is_tab(problem, character)) {
		ps_report(diagnostics, PS_CODE_TAB, problem->problem_span,
		    "a tab stands where YAML needs spaces");
		ps_report_hint(diagnostics, "indent with spaces");
		return;
	}
	if (wording == NULL) {
		ps_report(diagnostics, PS_CODE_SYNTAX, problem->problem_span, "%s%s%s",
		    problem->context != NULL ? problem->context : "",
		    problem->context != NULL ? ", " : "", problem->problem);
		ps_report_other(diagnostics, problem->context_span, "begins here");
		return;
	}
	ps_report(diagnostics, PS_CODE_SYNTAX, problem->problem_span, "%s", wording->text);
	if (wording->hint != NULL)
		ps_report_hint(diagnostics, "%s", wording->hint);
	if (wording->other != NULL)
		ps_report_other(diagnostics, problem->context_span, wording->other);
}
