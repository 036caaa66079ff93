#include "cli/junit.h"

#include "cli/terminal.h"
#include "core/file.h"
#include "policy/rrtype.h"

#define SHOWN_MAX 1024

/* Text from outside: printable ASCII first, then what XML needs. */
static void put(FILE *stream, const char *text)
{
	char shown[SHOWN_MAX];

	(void)ps_terminal_escape(ps_bytes_of_text(text), shown, sizeof(shown));
	for (const char *c = shown; *c != '\0'; c++) {
		if (*c == '&')
			(void)fputs("&amp;", stream);
		else if (*c == '<')
			(void)fputs("&lt;", stream);
		else if (*c == '>')
			(void)fputs("&gt;", stream);
		else if (*c == '"')
			(void)fputs("&quot;", stream);
		else
			(void)fputc(*c, stream);
	}
}

static void put_failure(FILE *stream, const struct ps_examination *e, uint32_t index)
{
	struct ps_comparison comparison;

	(void)fputs(">\n    <failure message=\"", stream);
	for (unsigned aspect = 0, count = 0; aspect < PS_ASPECT_COUNT; aspect++) {
		ps_examination_compare(e, index, (enum ps_aspect)aspect, &comparison);
		if (comparison.same)
			continue;
		(void)fprintf(stream, "%s%s ", count++ > 0 ? "; " : "",
		    ps_aspect_name((enum ps_aspect)aspect));
		put(stream, comparison.expected);
		(void)fputs(" expected, got ", stream);
		put(stream, comparison.got);
	}
	(void)fputs("\"", stream);
	if (e->plan->tests[index].note != NULL) {
		(void)fputs(">", stream);
		put(stream, e->plan->tests[index].note);
		(void)fputs("</failure>\n", stream);
	} else {
		(void)fputs("/>\n", stream);
	}
	(void)fputs("  </testcase>\n", stream);
}

static void put_test(FILE *stream, const struct ps_examination *e, uint32_t index)
{
	const struct ps_policy_test *test = &e->plan->tests[index];
	char name[PS_NAME_TEXT_MAX];
	char type[PS_RRTYPE_TEXT_MAX];

	(void)ps_name_to_text(test->name, name);
	(void)fputs("  <testcase classname=\"", stream);
	put(stream, test->place.file);
	(void)fputs("\" name=\"", stream);
	put(stream, name);
	(void)fprintf(stream, " %s", ps_rrtype_to_text(test->type, type));
	for (uint32_t i = 0; i < test->fact_count; i++) {
		if (test->facts[i].address.family != 0)
			ps_address_to_text(&test->facts[i].address, name);
		else
			(void)ps_name_to_text(test->facts[i].name, name);
		(void)fputc(' ', stream);
		put(stream, name);
	}
	(void)fputs("\" file=\"", stream);
	put(stream, test->place.file);
	(void)fprintf(stream, "\" line=\"%u\"", test->place.line);
	if (e->passed[index])
		(void)fputs("/>\n", stream);
	else
		put_failure(stream, e, index);
}

enum ps_status ps_junit_write(
    const struct ps_examination *e, const char *path, struct ps_error *err)
{
	struct ps_file_writer writer;
	enum ps_status status = ps_file_writer_open(&writer, path, 0644, err);

	if (status != PS_OK)
		return status;
	(void)fprintf(writer.stream,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<testsuite name=\"postshield\" tests=\"%u\" failures=\"%u\" errors=\"0\" "
	    "skipped=\"0\">\n",
	    e->plan->test_count, e->failed);
	for (uint32_t i = 0; i < e->plan->test_count; i++)
		put_test(writer.stream, e, i);
	(void)fputs("</testsuite>\n", writer.stream);
	return ps_file_writer_commit(&writer, err);
}
