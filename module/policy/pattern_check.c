#include "policy/pattern_check.h"

#include "policy/pattern_match.h"
#include "policy/pattern_options.h"

#include <ctype.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* --- a walk over the pattern that knows what is escaped and what is in a class ---- */

struct walk {
	struct ps_bytes text;
	size_t pos; /* of the element just taken */
	size_t next;
	bool in_class;
	bool literal; /* inside \Q...\E */
	bool escaped; /* the element is a backslash and what follows it */
	bool class_start; /* a ']' here would stand for itself */
};

static uint8_t at(const struct walk *walk, size_t pos)
{
	return pos < walk->text.len ? walk->text.ptr[pos] : 0;
}

static void step_class(struct walk *walk)
{
	uint8_t c = at(walk, walk->pos);
	bool first = walk->class_start;

	walk->class_start = false;
	if (!walk->in_class && c == '[') {
		walk->in_class = true;
		walk->class_start = true;
		if (at(walk, walk->next) == '^')
			walk->next++;
	} else if (walk->in_class && c == ']' && !first) {
		walk->in_class = false;
	}
}

/* Takes the next element; false at the end. */
static bool walk_step(struct walk *walk)
{
	walk->pos = walk->next;
	walk->escaped = false;
	if (walk->pos >= walk->text.len)
		return false;
	walk->next = walk->pos + 1;
	if (walk->literal) {
		if (at(walk, walk->pos) == '\\' && at(walk, walk->next) == 'E') {
			walk->literal = false;
			walk->escaped = true;
			walk->next++;
		}
		return true;
	}
	if (at(walk, walk->pos) != '\\') {
		step_class(walk);
		return true;
	}
	walk->escaped = true;
	walk->class_start = false;
	walk->literal = at(walk, walk->next) == 'Q';
	if (walk->next < walk->text.len)
		walk->next++;
	return true;
}

/* An element that means what its character does in a regular expression. */
static bool is_plain(const struct walk *walk)
{
	return !walk->escaped && !walk->literal && !walk->in_class;
}

/* --- what is refused ---------------------------------------------------------------- */

struct refused {
	const char *begins; /* at an unescaped '(' or backslash */
	const char *what;
};

static const struct refused refused_forms[] = {
    {"(*", "verbs such as (*UTF)"},
    {"(?C", "callouts"},
    {"(?R", "recursion"},
    {"(?&", "subroutine calls"},
    {"(?P>", "subroutine calls"},
    {"(?0", "recursion"},
    {"(?(DEFINE", "definitions of subroutines"},
    {"\\g<", "subroutine calls"},
    {"\\g'", "subroutine calls"},
};

static bool begins_at(const struct walk *walk, const char *form)
{
	size_t len = strlen(form);

	return walk->text.len - walk->pos >= len &&
	       memcmp(walk->text.ptr + walk->pos, form, len) == 0;
}

/* (?1) (?+1) (?-1): calls of groups by number; (?-i) is an option. */
static bool is_numbered_call(const struct walk *walk)
{
	size_t pos = walk->pos + 2;

	if (!begins_at(walk, "(?"))
		return false;
	if (at(walk, pos) == '+' || at(walk, pos) == '-')
		pos++;
	return isdigit(at(walk, pos)) != 0;
}

static const char *refused_here(const struct walk *walk)
{
	if (walk->literal || walk->in_class)
		return NULL;
	if (is_numbered_call(walk))
		return "subroutine calls";
	for (size_t i = 0; i < sizeof(refused_forms) / sizeof(refused_forms[0]); i++)
		if (begins_at(walk, refused_forms[i].begins))
			return refused_forms[i].what;
	return NULL;
}

static bool check_refused(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct walk walk = {.text = node->text};

	while (walk_step(&walk)) {
		const char *what = refused_here(&walk);

		if (what == NULL)
			continue;
		ps_report(binder->diagnostics, PS_CODE_PATTERN_REFUSED,
		    ps_yaml_span_at(node, walk.pos), "patterns must not use %s", what);
		return false;
	}
	return true;
}

/* --- what is probably a slip ---------------------------------------------------------- */

static bool is_name_character(uint8_t c)
{
	return isalnum(c) || c == '-' || c == '.' || c == '_';
}

static bool warn_plain_name(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	for (size_t i = 0; i < node->text.len; i++)
		if (!is_name_character(node->text.ptr[i]))
			return false;
	if (!isalnum(node->text.ptr[0]))
		return false;
	if (memchr(node->text.ptr, '.', node->text.len) == NULL)
		return false;
	ps_report(binder->diagnostics, PS_CODE_PATTERN_IS_NAME, ps_yaml_span(node),
	    "the pattern is a plain name, and is found inside other names too");
	ps_report_hint(binder->diagnostics, "write 'is: %.*s' or 'under: %.*s'",
	    PS_QUOTED(node->text), PS_QUOTED(node->text));
	return true;
}

/* A '.' between letters, as in usps.com, was most likely meant to be a dot. */
static void warn_dot(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct walk walk = {.text = node->text};

	while (walk_step(&walk)) {
		if (!is_plain(&walk) || at(&walk, walk.pos) != '.' || walk.pos == 0 ||
		    !isalnum(at(&walk, walk.pos - 1)) || !isalpha(at(&walk, walk.next)))
			continue;
		ps_report(binder->diagnostics, PS_CODE_PATTERN_DOT,
		    ps_yaml_span_at(node, walk.pos), "this '.' matches any character");
		ps_report_hint(binder->diagnostics, "for a dot write '\\.'");
		return;
	}
}

static bool ignores_case(struct ps_bytes text)
{
	return memmem(text.ptr, text.len, "(?i", 3) != NULL;
}

/* Behind what stands between "(?" and the group's text: a name, or options. */
static size_t skip_group_name(const struct walk *walk)
{
	size_t pos = walk->next;

	while (pos < walk->text.len && strchr(":)>", at(walk, pos)) == NULL)
		pos++;
	return pos;
}

/* Names are searched in small letters. */
static void warn_upper(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct walk walk = {.text = node->text};

	if (ignores_case(node->text))
		return;
	while (walk_step(&walk)) {
		uint8_t c = at(&walk, walk.pos);

		/* (?P<Name> and the like are no text to match. */
		if (c == '(' && at(&walk, walk.next) == '?' && is_plain(&walk))
			walk.next = skip_group_name(&walk);
		if (walk.escaped || !isupper(c))
			continue;
		ps_report(binder->diagnostics, PS_CODE_PATTERN_UPPER,
		    ps_yaml_span_at(node, walk.pos),
		    "a capital letter never matches: names are compared in small letters");
		return;
	}
}

static bool is_escape(const struct walk *walk, const char *letters)
{
	return walk->escaped && walk->pos + 1 < walk->text.len &&
	       strchr(letters, at(walk, walk->pos + 1)) != NULL;
}

/* A dot, and nothing but the end behind it. */
static void warn_final_dot(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct walk walk = {.text = node->text};
	size_t dot = SIZE_MAX;

	while (walk_step(&walk)) {
		bool is_end = (is_plain(&walk) && at(&walk, walk.pos) == '$') ||
		              (!walk.in_class && is_escape(&walk, "zZ"));

		if (is_end && dot != SIZE_MAX) {
			ps_report(binder->diagnostics, PS_CODE_PATTERN_FINAL_DOT,
			    ps_yaml_span_at(node, dot), "no name ends in a dot here");
			ps_report_hint(binder->diagnostics,
			    "leave it out: names are compared without their final dot");
			return;
		}
		dot = !walk.in_class && is_escape(&walk, ".") ? walk.pos : SIZE_MAX;
	}
}

/* Who matches names that have nothing in common chooses nothing. */
static void warn_all(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct ps_pattern_match *match = ps_pattern_open(node->text);

	if (match == NULL)
		binder->status = PS_NO_MEMORY;
	else if (ps_pattern_matches_all(match))
		ps_report(binder->diagnostics, PS_CODE_PATTERN_ALL, ps_yaml_span(node),
		    "the pattern matches every name");
	ps_pattern_close(match);
}

/* --- the check -------------------------------------------------------------------------- */

static pcre2_code *compile(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	PCRE2_SIZE offset = 0;
	int number = 0;
	char words[128];
	pcre2_code *code = pcre2_compile(node->text.ptr, node->text.len,
	    PS_PATTERN_COMPILE_OPTIONS, &number, &offset, NULL);

	if (code != NULL)
		return code;
	if (number == PCRE2_ERROR_HEAP_FAILED) {
		binder->status = PS_NO_MEMORY;
		return NULL;
	}
	(void)pcre2_get_error_message(number, (PCRE2_UCHAR *)words, sizeof(words));
	/* PCRE2 names the octet behind what it could not take. */
	ps_report(binder->diagnostics, PS_CODE_PATTERN,
	    ps_yaml_span_at(node, offset < node->text.len ? offset : offset - (offset > 0)),
	    "the pattern is not a regular expression");
	ps_report_hint(binder->diagnostics, "%s", words);
	return NULL;
}

static bool check_characters(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	for (size_t i = 0; i < node->text.len; i++) {
		uint8_t c = node->text.ptr[i];

		if (c >= 0x20 && c < 0x7f)
			continue;
		ps_report(binder->diagnostics, PS_CODE_PATTERN_REFUSED, ps_yaml_span_at(node, i),
		    "%s",
		    c >= 0x80 ? "patterns work on ASCII, and this letter is none"
		              : "the pattern has a control character in it");
		ps_report_hint(binder->diagnostics, "%s",
		    c >= 0x80 ? "names have it as xn--...; or use 'is' or 'under'"
		              : "write it on one line, between single quotes");
		return false;
	}
	return true;
}

bool ps_pattern_lint(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	pcre2_code *code;

	if (node->text.len == 0) {
		ps_report(binder->diagnostics, PS_CODE_PATTERN_LENGTH, ps_yaml_span(node),
		    "the pattern is empty");
		return false;
	}
	if (node->text.len > PS_PATTERN_TEXT_MAX) {
		ps_report(binder->diagnostics, PS_CODE_PATTERN_LENGTH, ps_yaml_span(node),
		    "the pattern has %zu bytes, and %d are allowed", node->text.len,
		    PS_PATTERN_TEXT_MAX);
		return false;
	}
	if (!check_characters(binder, node) || !check_refused(binder, node))
		return false;
	code = compile(binder, node);
	if (code == NULL)
		return false;
	if (!warn_plain_name(binder, node)) {
		warn_dot(binder, node);
		warn_upper(binder, node);
		warn_final_dot(binder, node);
		warn_all(binder, node);
	}
	pcre2_code_free(code);
	return true;
}
