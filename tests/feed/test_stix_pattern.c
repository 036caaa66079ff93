#include "feed/stix_pattern.h"

#include "feed/public_data.h"

static enum ps_status visit(void *ctx, enum ps_stix_object object, struct ps_bytes value)
{
	static const char *const names[] = {"domain", "url", "ipv4", "ipv6"};
	struct ps_buffer *out = ctx;

	(void)ps_buffer_printf(out, "%s=", names[object]);
	(void)ps_buffer_append(out, value.ptr, value.len);
	return ps_buffer_printf(out, ";");
}

/* "domain=a;url=b;", or "!invalid", "!unsupported". */
static void check(const char *pattern, const char *want)
{
	struct ps_buffer out;
	enum ps_status status;

	ps_buffer_init(&out, 1 << 16);
	status = ps_stix_pattern_read(ps_bytes_of_text(pattern), visit, &out);
	if (status != PS_OK) {
		ck_assert_uint_eq(out.len, 0); /* never half of one */
		(void)ps_buffer_printf(&out, "!%s", ps_status_name(status));
	}
	ck_assert_int_eq(ps_buffer_append(&out, "", 1), PS_OK);
	ck_assert_msg(strcmp((char *)out.data, want) == 0, "%s: %s, not %s", pattern, out.data,
	    want);
	ps_buffer_clear(&out);
}

START_TEST(comparisons_with_one_value)
{
	check("[domain-name:value = 'evil.example']", "domain=evil.example;");
	check("[domain-name:value == 'evil.example']", "domain=evil.example;");
	check("[url:value='http://evil.example/x']", "url=http://evil.example/x;");
	check("[ipv4-addr:value = '192.0.2.0/24']", "ipv4=192.0.2.0/24;");
	check("[ipv6-addr:value = '2001:db8::1']", "ipv6=2001:db8::1;");
	check("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", "ipv4=192.0.2.0/24;");
	check("[domain-name:'value' = 'evil.example']", "domain=evil.example;");
	check("[domain-name:value = '']", "domain=;");
	check("[domain-name:value ISSUBSET 'evil.example']", "!unsupported");
	check("[domain-name:5 = 'evil.example']", "!invalid");
	check("[file:content = b'A+/=']", "!unsupported");
	check("[file:content = b'-AAA']", "!invalid");
	check("[file:ctime = t'2020-01-01T00:00:00.Z']", "!invalid");
}
END_TEST

START_TEST(sets_and_or_give_all_values)
{
	check("[domain-name:value IN ('a', 'b','c')]", "domain=a;domain=b;domain=c;");
	check("[domain-name:value = 'a' OR url:value = 'b' OR ipv4-addr:value IN ('c')]",
	    "domain=a;url=b;ipv4=c;");
	check("[domain-name:value = 'a'] OR [domain-name:value = 'b']", "domain=a;domain=b;");
	check("([domain-name:value = 'a'] OR ([(domain-name:value = 'b' OR (url:value = 'c'))]))",
	    "domain=a;domain=b;url=c;");
}
END_TEST

START_TEST(escapes_blanks_and_comments_are_read)
{
	check("[domain-name:value = 'it\\'s a \\\\ back']", "domain=it's a \\ back;");
	check(" [ domain-name : value\n=\t'a' ] ", "domain=a;");
	check("[domain-name:value /* ** * / */ = 'a']", "domain=a;");
	check("[domain-name:value\xc2\xa1= 'a']", "!invalid"); /* letters, not blanks */
	check("[domain-name:value\xe1\x9a\x81= 'a']", "!invalid");
	check("[domain-name:value\xe3\x80\x81= 'a']", "!invalid");
	check("/* one */[domain-name:value/**/= 'a']// two", "domain=a;");
	check("[domain-name:value\xc2\xa0=\xe2\x80\x83'a'\xe3\x80\x80]", "domain=a;");
	check("[domain-name:value = '/* no comment */']", "domain=/* no comment */;");
	check("\xc2\x85[domain-name:value\xe1\x9a\x80=\xe2\x80\xaf'a'\xe2\x81\x9f]\xe2\x80\xa8\v",
	    "domain=a;");
	check("// a line\r[url:value = 'a'] // to the end", "url=a;");
}
END_TEST

START_TEST(one_thing_more_makes_it_unsupported)
{
	static const char *const cases[] = {
	    "[domain-name:value = 'a' AND domain-name:value = 'b']",
	    "[domain-name:value = 'a'] AND [domain-name:value = 'b']",
	    "[domain-name:value = 'a'] FOLLOWEDBY [domain-name:value = 'b']",
	    "[domain-name:value = 'a' OR file:name = 'b']",
	    "[domain-name:value = 'a'] OR [file:name = 'b']",
	    "[domain-name:value NOT = 'a']",
	    "[domain-name:value != 'a']",
	    "[domain-name:value <> 'a']",
	    "[domain-name:value > 'a']",
	    "[domain-name:value NOT IN ('a')]",
	    "[domain-name:value LIKE '%a']",
	    "[domain-name:value MATCHES 'a$']",
	    "[domain-name:value ISSUBSET 'a']",
	    "[ipv4-addr:value ISSUPERSET '192.0.2.0/24']",
	    "[ipv4-addr:value NOT ISSUBSET '192.0.2.0/24']",
	    "[domain-name:value IN ()]",
	    "[domain-name:value IN ('a', 1)]",
	    "[domain-name:value = 1]",
	    "[domain-name:value = h'ff']",
	    "[domain-name:value = t'2020-01-01T00:00:00Z']",
	    "[domain-name:value = true]",
	    "[domain-name:resolves_to_refs[*].value = 'a']",
	    "[domain-name:value.x = 'a']",
	    "[domain-name:value[0] = 'a']",
	    "[domain-name:name = 'a']",
	    "[network-traffic:dst_ref.value = 'a']",
	    "[EXISTS domain-name:value]",
	    "[a:b = b'' OR a:b = b'AZaz09+/' OR a:b = b'AA==' OR a:b = b'AAA=']",
	    "[a:b = h'' OR a:b = h'09afAF']",
	    "[a:b = +1 OR a:b = -1 OR a:b = 0 OR a:b = .5 OR a:b = +.5 OR a:b = -0.5]",
	    "[a:b <= 'x' OR a:b < 1 OR a:b >= 2 OR a:b > 3]",
	    "[a:b[-1].'c d'.e[5] = 'x']",
	    "[a-b:_c = 'x']",
	    "[domain-name:value = 'a'] REPEATS 2 TIMES",
	    "[domain-name:value = 'a'] WITHIN 1.5 SECONDS",
	    "[domain-name:value = 'a'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'",
	    "([domain-name:value = 'a']) REPEATS 2 TIMES WITHIN 3 SECONDS",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i], "!unsupported");
}
END_TEST

START_TEST(what_is_no_pattern_is_invalid)
{
	static const char *const cases[] = {
	    "", " ", "[", "]", "[]", "()", "domain-name:value = 'a'",
	    "[domain-name:value = 'a'", "[domain-name:value = 'a']]",
	    "([domain-name:value = 'a']", "[domain-name:value = 'a'])",
	    "[domain-name:value = 'a] ", "[domain-name:value = 'a\\x']",
	    "[domain-name:value = \"a\"]", "[domain-name:value 'a']", "[domain-name = 'a']",
	    "[:value = 'a']", "[domain-name:value = ]", "[domain-name:value == = 'a']",
	    "[domain-name:value = 'a' OR]", "[OR domain-name:value = 'a']",
	    "[domain-name:value = 'a'] OR", "[domain-name:value = 'a'] 'b'",
	    "[domain-name:value = 'a'] [domain-name:value = 'b']",
	    "[domain-name:value IN 'a']", "[domain-name:value IN ('a',)]",
	    "[domain-name:value IN ('a' 'b')]", "[domain-name:value LIKE 1]",
	    "[ipv4-addr:value ISSUBSET 1]", "[a:b = h'f']", "[a:b = h'xx']", "[a:b = b'A']",
	    "[a:b = t'2020-01-01']", "[a:b = t'2020-01-01T00:00:00.Z']", "[a:b = 01]",
	    "[a:b = 1.]", "[a:b = -]", "[a:b < true]", "[a:b[x] = 1]", "[a:b[1.5] = 1]",
	    "[a:b-c = 1]", "[EXISTS]", "[a:b = 'x'] REPEATS 0.5 TIMES",
	    "[a:b = 'x'] REPEATS TIMES", "[a:b = 'x'] WITHIN 5", "[a:b = 'x'] START 'x' STOP 'y'",
	    "[a:b = 'x'] /* open", "[a:b = 'x'] ! ", "[a:b = x]", "[AND:b = 1]",
	    "[domain-name:value = 'a' and domain-name:value = 'b']",
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i], "!invalid");
}
END_TEST

START_TEST(nuls_are_octets_of_strings_alone)
{
	struct ps_buffer out;

	ps_buffer_init(&out, 100);
	ck_assert_int_eq(
	    ps_stix_pattern_read(ps_bytes_of("[url:value = 'a\0b']", 19), visit, &out), PS_OK);
	ck_assert(ps_bytes_equal(ps_buffer_bytes(&out), ps_bytes_of("url=a\0b;", 8)));
	ck_assert_int_eq(
	    ps_stix_pattern_read(ps_bytes_of("[url:value\0= 'a']", 17), visit, &out), PS_INVALID);
	ps_buffer_clear(&out);
}
END_TEST

static enum ps_status nested(int depth, const char *open, const char *inside, const char *close)
{
	static char text[100000];
	static struct ps_buffer out;

	text[0] = '\0';
	for (int i = 0; i < depth; i++)
		strcat(text, open);
	strcat(text, inside);
	for (int i = 0; i < depth; i++)
		strcat(text, close);
	ps_buffer_clear(&out);
	ps_buffer_init(&out, 1000);
	return ps_stix_pattern_read(ps_bytes_of_text(text), visit, &out);
}

START_TEST(nesting_has_a_limit)
{
	int max = PS_STIX_PATTERN_DEPTH_MAX;

	ck_assert_int_eq(nested(max - 1, "(", "[url:value = 'a']", ")"), PS_OK);
	ck_assert_int_eq(nested(max, "(", "[url:value = 'a']", ")"), PS_INVALID);
	ck_assert_int_eq(nested(20000, "(", "[url:value = 'a']", ")"), PS_INVALID);
	ck_assert_int_eq(nested(20000, "(", "", ""), PS_INVALID);
	ck_assert_int_eq(nested(1, "[", "((((url:value = 'a'))))", "]"), PS_OK);
	ck_assert_int_eq(
	    nested(max - 1, "(", "[(url:value = 'a')]", ")"), PS_INVALID);
}
END_TEST

static enum ps_status stop_at_second(
    void *ctx, enum ps_stix_object object, struct ps_bytes value)
{
	(void)object;
	(void)value;
	return ++*(int *)ctx == 2 ? PS_IO : PS_OK;
}

START_TEST(what_the_visitor_says_ends_the_reading)
{
	int calls = 0;

	ck_assert_int_eq(
	    ps_stix_pattern_read(
	        ps_bytes_of_text("[url:value IN ('a','b','c')]"), stop_at_second, &calls),
	    PS_IO);
	ck_assert_int_eq(calls, 2);
}
END_TEST

/* Those of the standard's own examples that we understand; all others are valid. */
static bool is_understood(struct ps_bytes line)
{
	return ps_bytes_equal_text(line,
	    "[url:value = 'http://example.com/foo' OR url:value = 'http://example.com/bar']");
}

START_TEST(the_standards_examples_are_all_patterns)
{
	struct ps_buffer text, out;
	unsigned count = 0;

	if (!read_public("stix-patterns/spec_examples_v21.txt", &text))
		return;
	ps_buffer_init(&out, 1 << 16);
	for (size_t at = 0; at < text.len;) {
		size_t len = 0;
		struct ps_bytes line;
		enum ps_status status;

		while (at + len < text.len && text.data[at + len] != '\n')
			len++;
		line = ps_bytes_trim(ps_bytes_of(text.data + at, len));
		at += len + 1;
		if (line.len == 0)
			continue;
		status = ps_stix_pattern_read(line, visit, &out);
		ck_assert_msg(status == (is_understood(line) ? PS_OK : PS_UNSUPPORTED), "%.*s",
		    (int)line.len, line.ptr);
		count++;
	}
	ck_assert_uint_ge(count, 20);
	ps_buffer_clear(&text);
	ps_buffer_clear(&out);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    comparisons_with_one_value,
	    sets_and_or_give_all_values,
	    escapes_blanks_and_comments_are_read,
	    one_thing_more_makes_it_unsupported,
	    what_is_no_pattern_is_invalid,
	    nuls_are_octets_of_strings_alone,
	    nesting_has_a_limit,
	    what_the_visitor_says_ends_the_reading,
	    the_standards_examples_are_all_patterns,
	};

	return RUN_TESTS("feed.stix_pattern", tests);
}
