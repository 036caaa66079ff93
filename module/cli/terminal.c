#include "cli/terminal.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool environment_allows_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (no_color != NULL && no_color[0] != '\0')
		return false;
	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

void ps_terminal_init(struct ps_terminal *terminal, FILE *stream, bool color_allowed)
{
	terminal->stream = stream;
	terminal->interactive = isatty(fileno(stream)) == 1;
	terminal->color = terminal->interactive && color_allowed && environment_allows_color();
	terminal->lines = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static const char *style_begin(enum ps_style style)
{
	switch (style) {
	case PS_STYLE_GOOD:
		return "\033[32m";
	case PS_STYLE_BAD:
		return "\033[1;31m";
	case PS_STYLE_WARN:
		return "\033[33m";
	case PS_STYLE_FAINT:
		return "\033[2m";
	case PS_STYLE_STRONG:
		return "\033[1m";
	case PS_STYLE_PLAIN:
		break;
	}
	return "";
}

void ps_terminal_styled(
    const struct ps_terminal *terminal, enum ps_style style, const char *format, ...)
{
	bool color = terminal->color && style != PS_STYLE_PLAIN;
	va_list args;

	if (color)
		(void)fputs(style_begin(style), terminal->stream);
	va_start(args, format);
	(void)vfprintf(terminal->stream, format, args);
	va_end(args);
	if (color)
		(void)fputs("\033[0m", terminal->stream);
}

const char *ps_terminal_style(const struct ps_terminal *terminal, enum ps_style style)
{
	if (!terminal->color)
		return "";
	return style == PS_STYLE_PLAIN ? "\033[0m" : style_begin(style);
}

static bool is_printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

void ps_terminal_text(const struct ps_terminal *terminal, struct ps_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_printable(text.ptr[i]))
			(void)fputc(text.ptr[i], terminal->stream);
		else
			(void)fprintf(terminal->stream, "\\x%02X", text.ptr[i]);
	}
}

size_t ps_terminal_escape(struct ps_bytes text, char *out, size_t size)
{
	size_t used = 0;
	size_t cut = 0; /* the longest beginning that leaves room for "..." */

	for (size_t i = 0; i < text.len; i++) {
		char piece[5] = {(char)text.ptr[i]};
		size_t need = 1;

		if (!is_printable(text.ptr[i]))
			need = (size_t)snprintf(piece, sizeof(piece), "\\x%02X", text.ptr[i]);
		if (used + need + 1 > size) {
			memcpy(out + cut, "...", 4);
			return cut + 3;
		}
		memcpy(out + used, piece, need);
		used += need;
		if (used + 4 <= size)
			cut = used;
	}
	out[used] = '\0';
	return used;
}

void ps_terminal_error(
    const struct ps_terminal *terminal, const char *who, const struct ps_error *err)
{
	char text[1024];

	ps_error_format(err, text, sizeof(text));
	(void)fprintf(terminal->stream, "%s: ", who);
	ps_terminal_styled(terminal, PS_STYLE_BAD, "error:");
	(void)fprintf(terminal->stream, " %s\n", text);
}

const char *ps_terminal_number(uint64_t number, char out[PS_NUMBER_TEXT_MAX])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	size_t used = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
	return out;
}

const char *ps_terminal_count(
    uint64_t number, const char *one, const char *many, char out[PS_COUNT_TEXT_MAX])
{
	char text[PS_NUMBER_TEXT_MAX];

	(void)snprintf(out, PS_COUNT_TEXT_MAX, "%s %s", ps_terminal_number(number, text),
	    number == 1 ? one : many);
	return out;
}

const char *ps_terminal_moment(uint64_t unix_seconds, char out[PS_MOMENT_TEXT_MAX])
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, PS_MOMENT_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, PS_MOMENT_TEXT_MAX, "@%" PRIu64, unix_seconds);
	return out;
}

const char *ps_terminal_age(uint64_t seconds, char out[PS_MOMENT_TEXT_MAX])
{
	static const struct {
		uint64_t below;
		uint64_t unit;
		const char *word;
	} scale[] = {
	    {120, 1, "s"},
	    {120 * 60, 60, "min"},
	    {48 * 3600, 3600, "h"},
	    {UINT64_MAX, 86400, "days"},
	};
	size_t i = 0;

	while (seconds >= scale[i].below && i + 1 < sizeof(scale) / sizeof(scale[0]))
		i++;
	(void)snprintf(
	    out, PS_MOMENT_TEXT_MAX, "%" PRIu64 " %s", seconds / scale[i].unit, scale[i].word);
	return out;
}

const char *ps_terminal_tree(const struct ps_terminal *terminal, enum ps_tree_line line)
{
	switch (line) {
	case PS_TREE_BRANCH:
		return terminal->lines ? "├ " : "|- ";
	case PS_TREE_LAST:
		return terminal->lines ? "└ " : "`- ";
	case PS_TREE_DOWN:
		return terminal->lines ? "│  " : "|  ";
	case PS_TREE_BLANK:
		break;
	}
	return "   ";
}
