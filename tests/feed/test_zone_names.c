#include "feed/zone_names.h"

#include "feed/walk.h"

#include <fcntl.h>

/* Each name as "line:name|", what is not understood as "line!why|"; an end with an error as
 * "status line". */
static void check_bytes(const void *in, size_t len, const char *want)
{
	int fd = collect_memory(in, len);
	struct ps_zone_names *zone = NULL;
	struct ps_zone_name name;
	struct ps_error err;
	struct ps_buffer got;
	enum ps_status status;

	ps_error_clear(&err);
	ps_buffer_init(&got, 1 << 20);
	ck_assert_int_eq(ps_zone_names_open(&zone, "a.zone", fd, &err), PS_OK);
	while ((status = ps_zone_names_next(zone, &name, &err)) == PS_OK &&
	       name.kind != PS_ZONE_NAMES_END) {
		char text[PS_NAME_TEXT_MAX];

		if (name.kind == PS_ZONE_NAMES_BAD) {
			(void)ps_buffer_printf(&got, "%d!%s|", (int)name.line, name.why);
			continue;
		}
		(void)ps_name_to_text(name.name, text);
		(void)ps_buffer_printf(&got, "%d:%s|", (int)name.line, text);
	}
	if (status != PS_OK) {
		ck_assert_str_eq(err.file, "a.zone");
		(void)ps_buffer_printf(&got, "%s %d", ps_status_name(status), (int)err.line);
	}
	ck_assert_int_eq(ps_buffer_append(&got, "", 1), PS_OK);
	ck_assert_str_eq((const char *)got.data, want);
	ps_buffer_clear(&got);
	ps_zone_names_close(zone);
	close(fd);
}

static void check(const char *in, const char *want)
{
	check_bytes(in, strlen(in), want);
}

START_TEST(owners_are_given_in_their_order)
{
	check("", "");
	check("b.com. 60 IN NS ns\na.com. NS ns\n", "1:b.com|2:a.com|");
	check("a.com.\t3600\tin\tns\tns1.x.\n", "1:a.com|");
	check(". IN SOA a b 1 2 3 4 5\n", "1:.|");
}
END_TEST

START_TEST(records_that_stand_together_are_one_name)
{
	check("a.com. NS x\na.com. NS y\nA.COM. A 192.0.2.1\nb.com. NS x\na.com. NS z\n",
	    "1:a.com|4:b.com|5:a.com|");
	check("a.com. NS x\n NS y\n\tNS z\nb.com. NS x\n", "1:a.com|4:b.com|");
}
END_TEST

START_TEST(the_data_is_not_read)
{
	check("a.com. IN A not-an-address\nb.com. TYPE65280 \\# 1 zz\n", "1:a.com|2:b.com|");
	check("a\\ b. 1h IN HTTPS 1 . unheard-of=1\nc.com. IN 60 MX\n", "1:a\\032b|2:c.com|");
	check("in. IN A\n60 CH TXT x\na. IN\n", "1:in|2:60|3!no type behind the owner|");
	check("a.com. TXT \"x ; y\" ( \"z\"\n ) ; c\nb.com. NS x\n", "1:a.com|3:b.com|");
}
END_TEST

START_TEST(an_origin_holds_for_what_follows)
{
	check("a NS x\n$ORIGIN com.\na NS x\n@ NS x\nb.net. NS x\n", "1:a|3:a.com|4:com|5:b.net|");
	/* Relative to the one before. */
	check("$ORIGIN uk.\n$origin\tco\na NS x\n$ORIGIN .\na NS x\n", "3:a.co.uk|5:a|");
	check("$TTL 60\n$ttl 1h ; c\na NS x\n", "3:a|");
}
END_TEST

START_TEST(names_are_as_the_wire_has_them)
{
	check("\\097\\.b.com. NS x\n", "1:a\\.b.com|");
	check("xn--80ak6aa92e.com. NS x\n", "1:xn--80ak6aa92e.com|");
	check("*.a.com. NS x\n", "1:*.a.com|");
}
END_TEST

START_TEST(what_is_not_understood_is_told_and_passed_over)
{
	char long_label[80];

	check("$INCLUDE other.zone\n$GENERATE 1-9 a$ NS x\na. NS x\n",
	    "1!$INCLUDE and $GENERATE are not followed|2!$INCLUDE and $GENERATE are not "
	    "followed|3:a|");
	/* The old one goes on. */
	check("$ORIGIN com.\n$ORIGIN\n$ORIGIN a..b\na NS x\n",
	    "2!an $ORIGIN that is no domain name|3!an $ORIGIN that is no domain name|4:a.com|");
	check("$ORIGINAL com.\na NS x\n", "1!$INCLUDE and $GENERATE are not followed|2:a|");
	check("a TXT \"x\nb NS x\n", "1!a quote that is not closed|2:b|");
	check_bytes("a\0 NS x\nb NS x\n", 15, "1!octets that are no UTF-8|2:b|");
	(void)snprintf(long_label, sizeof(long_label), "%064d NS x\nb NS x\n", 1);
	check("a.\nb. NOTYPE x\nc. 60 IN 60 A\n", "1!no type behind the owner|2!no type behind the "
	                                         "owner|3!no type behind the owner|");
	check(long_label, "1!an owner that is no domain name|2:b|");
}
END_TEST

/* What is longer than any name, type or record: told, and the next line is read. */
START_TEST(what_is_too_long_is_told)
{
	static char text[200000];
	char want[300], label[64], tail[] = " NS x\nb NS x\n";
	size_t len;

	memset(label, 'a', 63);
	label[63] = '\0';
	(void)snprintf(text, sizeof(text), "%s.%s.%s.%s.%s%s", label, label, label, label, label, tail);
	check(text, "1!an owner that is no domain name|2:b|");
	/* Of 254 octets with what stands behind it: too long together. */
	(void)snprintf(text, sizeof(text), "$ORIGIN %s.%s.%s.%s\na NS x\n", label, label, label, label);
	check(text, "1!an $ORIGIN that is no domain name|2:a|");
	(void)snprintf(text, sizeof(text), "$ORIGIN %s.%s.\n%s.%s%s", label, label, label, label, tail);
	(void)snprintf(want, sizeof(want), "2!an owner that is no domain name|3:b.%s.%s|", label, label);
	check(text, want);
	memset(text, '1', 1100);
	(void)snprintf(text + 1100, sizeof(text) - 1100, "%s", tail);
	check(text, "1!an owner that is no domain name|2:b|");
	memcpy(text, "$ORIGIN ", 8);
	check(text, "1!an $ORIGIN that is no domain name|2:b|");
	memcpy(text, "a 111111", 8);
	check(text, "1!no type behind the owner|2:b|");
	len = 150000;
	memset(text, 'x', len);
	memcpy(text, "a TXT ", 6);
	(void)snprintf(text + len, sizeof(text) - len, "\nb NS x\n");
	check(text, "1!a record that is too long|2:b|");
}
END_TEST

START_TEST(backslashes_belong_to_the_owner)
{
	check("a\\\tb. NS x\nc\\\\ NS x\n", "1:a\\009b|2:c\\\\|");
	check("a\\", "1!no type behind the owner|");
	check("a\\ NS", "1!no type behind the owner|");
	check("a\\999 NS x\n", "1!an owner that is no domain name|");
}
END_TEST

START_TEST(parentheses_that_do_not_match_end_the_zone)
{
	check("a NS x\nb NS ( x\n", "1:a|invalid 2");
}
END_TEST

START_TEST(what_cannot_be_read_is_said)
{
	struct ps_zone_names *zone = NULL;
	struct ps_zone_name name;
	struct ps_error err;
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ps_error_clear(&err);
	ck_assert_int_eq(ps_zone_names_open(&zone, "/", fd, &err), PS_OK);
	ck_assert_int_eq(ps_zone_names_next(zone, &name, &err), PS_IO);
	ck_assert_str_eq(err.file, "/");
	ps_zone_names_close(zone);
	ps_zone_names_close(NULL);
	close(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    owners_are_given_in_their_order,
	    records_that_stand_together_are_one_name,
	    the_data_is_not_read,
	    an_origin_holds_for_what_follows,
	    names_are_as_the_wire_has_them,
	    what_is_not_understood_is_told_and_passed_over,
	    what_is_too_long_is_told,
	    backslashes_belong_to_the_owner,
	    parentheses_that_do_not_match_end_the_zone,
	    what_cannot_be_read_is_said,
	};

	return RUN_TESTS("feed.zone_names", tests);
}
