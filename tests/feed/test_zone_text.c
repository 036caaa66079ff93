#include "feed/zone_text.h"

#include "core/file.h"
#include "feed/walk.h"

/* Each record as "line:text|", a blank owner as "line: text|", others by a sign. */
static void check_bytes(const void *in, size_t len, const char *want)
{
	static const char signs[] = {[PS_ZONE_RECORD] = ':',
	    [PS_ZONE_DIRECTIVE] = '$',
	    [PS_ZONE_TOO_LONG] = '!',
	    [PS_ZONE_BAD] = '"',
	    [PS_ZONE_NOT_UTF8] = '?'};
	int fd = collect_memory(in, len);
	struct ps_error err;
	struct ps_reading reading = reading_of(fd, &err);
	struct ps_zone_text *zone = NULL;
	struct ps_zone_record record;
	struct ps_buffer got;
	enum ps_status status;

	ps_buffer_init(&got, 1 << 20);
	ck_assert_int_eq(ps_zone_text_open(&zone, &reading), PS_OK);
	while ((status = ps_zone_text_next(zone, &record)) == PS_OK &&
	       record.kind != PS_ZONE_END) {
		(void)ps_buffer_printf(&got, "%d%c", (int)record.line, signs[record.kind]);
		if (record.kind == PS_ZONE_RECORD || record.kind == PS_ZONE_DIRECTIVE) {
			ck_assert_uint_eq(strlen(record.text), record.len);
			ck_assert(record.has_owner ==
			          (record.text[0] != ' ' && record.text[0] != '\t'));
			(void)ps_buffer_printf(&got, "%s", record.text);
		}
		(void)ps_buffer_printf(&got, "|");
	}
	if (status != PS_OK)
		(void)ps_buffer_printf(
		    &got, "%s %d", ps_status_name(status), (int)err.line);
	ck_assert_int_eq(ps_buffer_append(&got, "", 1), PS_OK);
	ck_assert_str_eq((const char *)got.data, want);
	ps_buffer_clear(&got);
	ps_zone_text_close(zone);
	close(fd);
}

static void check(const char *in, const char *want)
{
	check_bytes(in, strlen(in), want);
}

START_TEST(records_end_with_their_line)
{
	check("", "");
	check("a A 1\n\n  \nb A 2", "1:a A 1|4:b A 2|");
	check(" A 1\n\tB 2\r\n", "1: A 1|2:\tB 2|");
	check("$TTL 60\na\n", "1$$TTL 60|2:a|");
}
END_TEST

START_TEST(comments_are_cut_off)
{
	check("; c\na A 1 ; c\nb ;\n  ; c\n", "2:a A 1|3:b|");
	check("a TXT \"x;y\" ; c\n", "1:a TXT \"x;y\"|");
	check("a\\;b A 1\n", "1:a\\;b A 1|");
}
END_TEST

START_TEST(parentheses_join_lines)
{
	check("a SOA ( 1 ; c\n 2\n3 ) x\nb", "1:a SOA   1   2 3   x|4:b|");
	check("a ((x) (y))\n", "1:a   x   y|");
	check("a\\( b\n\"(\" c\n", "1:a\\( b|2:\"(\" c|");
}
END_TEST

START_TEST(parentheses_that_do_not_match_end_the_zone)
{
	check("a\nb ( c\nd\n", "1:a|invalid 2");
	check("a\nb ) c\n", "1:a|invalid 2");
	check("a ( b ) )\n", "invalid 1");
}
END_TEST

START_TEST(a_quote_ends_with_its_line)
{
	check("a TXT \"x\nb\n", "1\"|2:b|");
	check("a TXT \"x\\\" y\nb\n", "1\"|2:b|");
	check("a \\\" x\n", "1:a \\\" x|");
	check("a ( \"x\n ) y\nb\n", "1\"|3:b|");
}
END_TEST

START_TEST(a_blank_that_is_escaped_stays)
{
	check("a\\ \n", "1:a\\ |");
	check("a\\ b  \n", "1:a\\ b|");
	check("a\\\n", "1:a\\ |"); /* the line break became a blank */
}
END_TEST

START_TEST(what_is_no_text_is_marked)
{
	check_bytes("a\0b\nc\n", 6, "1?|2:c|");
	check("a\xff\nb\n", "1?|2:b|");
	check("; \xff\nb\n", "2:b|");
}
END_TEST

START_TEST(long_lines_and_records_are_marked)
{
	static char text[200000];
	size_t used;

	memset(text, 'x', 9000);
	strcpy(text + 9000, "\nb\n");
	check(text, "1!|2:b|");
	strcpy(text, "a (\n");
	memset(text + 4, 'x', 9000);
	strcpy(text + 9004, "\n)\n");
	check(text, "invalid 2");
	used = (size_t)snprintf(text, sizeof(text), "a (");
	for (int i = 0; i < 10; i++) {
		text[used++] = '\n';
		memset(text + used, 'x', 8000);
		used += 8000;
	}
	(void)snprintf(text + used, sizeof(text) - used, ")\nb\n");
	check(text, "1!|12:b|");
	ck_assert_uint_eq(PS_LINE_MAX, 8192);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    records_end_with_their_line,
	    comments_are_cut_off,
	    parentheses_join_lines,
	    parentheses_that_do_not_match_end_the_zone,
	    a_quote_ends_with_its_line,
	    a_blank_that_is_escaped_stays,
	    what_is_no_text_is_marked,
	    long_lines_and_records_are_marked,
	};

	return RUN_TESTS("feed.zone_text", tests);
}
