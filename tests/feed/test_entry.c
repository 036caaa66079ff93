#include "feed/entry.h"

#include "feed/collect.h"

/* What a text is read as: "name evil.example exact", "address 192.0.2.1 url", "!bad-name". */
static const char *read_as(const char *text, enum ps_scope scope)
{
	static const char *const origins[] = {"name", "url", "url-path", "address"};
	static char out[PS_NAME_TEXT_MAX + 40];
	struct ps_indicator indicator = {.category = PS_CATEGORY_SPAM};
	struct ps_name_buffer storage;
	enum ps_refusal reason = PS_REFUSAL_COUNT;
	char shown[PS_NAME_TEXT_MAX];
	enum ps_status status =
	    ps_entry_from_text(&indicator, &storage, ps_bytes_of_text(text), scope, &reason);

	ck_assert_int_eq(indicator.category, PS_CATEGORY_SPAM); /* the rest is left */
	if (status != PS_OK) {
		ck_assert_int_eq(status, PS_INVALID);
		ck_assert_ptr_null(indicator.name.wire);
		(void)snprintf(out, sizeof(out), "!%s", ps_refusal_name(reason));
		return out;
	}
	if (indicator.is_address)
		ps_prefix_to_text(&indicator.prefix, shown);
	else
		(void)ps_name_to_text(indicator.name, shown);
	(void)snprintf(out, sizeof(out), "%s %s %s", origins[indicator.origin], shown,
	    ps_scope_name(indicator.scope));
	return out;
}

static void check(const char *text, const char *want)
{
	ck_assert_str_eq(read_as(text, PS_SCOPE_EXACT), want);
}

START_TEST(names_are_names)
{
	check("evil.example", "name evil.example exact");
	check("EVIL.Example.", "name evil.example exact");
	check("b\xc3\xbc" "cher.example", "name xn--bcher-kva.example exact");
	check("_sip.evil.example", "name _sip.evil.example exact");
	check("1e100.example", "name 1e100.example exact");
	check("4.example", "name 4.example exact");
	check("tld", "name tld exact"); /* the guard's business */
	ck_assert_str_eq(
	    read_as("evil.example", PS_SCOPE_SUBTREE), "name evil.example subtree");
}
END_TEST

START_TEST(wildcards_say_how_far_they_reach)
{
	check("*.evil.example", "name evil.example below");
	check(".evil.example", "name evil.example subtree");
	ck_assert_str_eq(read_as("*.evil.example", PS_SCOPE_SUBTREE), "name evil.example below");
	check("*", "!bad-name");
	check("**.evil.example", "!bad-name");
	check("*.*.evil.example", "!bad-name");
	check("*evil.example", "!bad-name");
	check("www.*.example", "!bad-name");
	check("..evil.example", "!bad-name");
}
END_TEST

START_TEST(the_root_is_said_to_be_the_root)
{
	check(".", "!root-or-tld");
	check("*.", "!root-or-tld");
	check("..", "!root-or-tld");
	check("*..", "!root-or-tld");
}
END_TEST

START_TEST(what_is_no_host_name_is_refused)
{
	static const char *const cases[] = {"evil..example", "-evil.example", "evil-.example",
	    "ev il.example", "evil@example.org", "evil.example:443", "evil\\.example",
	    "evil[.]example", "evil.example,", "\"evil.example\"", "(evil.example)",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i], "!bad-name");
	check("", "!bad-name");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_refused)
{
	struct ps_indicator indicator = {0};
	struct ps_name_buffer storage;
	enum ps_refusal reason = PS_REFUSAL_COUNT;

	check("ev\xffil.example", "!not-utf8");
	check("http://ev\xffil.example/", "!not-utf8");
	ck_assert_int_eq(ps_entry_from_text(&indicator, &storage,
	                     ps_bytes_of("evil\0.example", 13), PS_SCOPE_EXACT, &reason),
	    PS_INVALID);
	ck_assert_int_eq(reason, PS_REFUSED_NOT_UTF8);
}
END_TEST

START_TEST(addresses_and_prefixes_are_addresses)
{
	check("192.0.2.1", "address 192.0.2.1 exact");
	check("192.0.2.0/24", "address 192.0.2.0/24 exact");
	check("2001:DB8::1", "address 2001:db8::1 exact");
	check("2001:db8::/32", "address 2001:db8::/32 exact");
	ck_assert_str_eq(read_as("192.0.2.1", PS_SCOPE_SUBTREE), "address 192.0.2.1 exact");
}
END_TEST

START_TEST(what_was_to_be_an_address_is_a_bad_one)
{
	static const char *const cases[] = {"192.0.2.256", "192.0.2", "192.0.2.1.5", "192.0.2.01",
	    "10.0x1", "evil.0xff", "evil.123", "192.0.2.0/33", "192.0.2.1/24", "2001:db8::/129",
	    "1::2::3", "2130706433"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i], "!bad-address");
}
END_TEST

START_TEST(urls_give_their_host)
{
	check("http://evil.example", "url evil.example exact");
	check("https://evil.example/", "url evil.example exact");
	check("HTTPS://Evil.Example/", "url evil.example exact");
	check("https://evil.example/pay", "url-path evil.example exact");
	check("https://evil.example?x", "url-path evil.example exact");
	check("https://evil.example#x", "url-path evil.example exact");
	check("https://evil.example//", "url-path evil.example exact");
	check("https://evil.example:8443/", "url evil.example exact");
	check("https://evil.example:/", "url evil.example exact");
	check("https://usps.com@evil.example/", "url evil.example exact");
	check("https://usps.com:443@evil.example:1/", "url evil.example exact");
	check("https://a@b@evil.example/", "url evil.example exact");
	check("https://b\xc3\xbc" "cher.example/x", "url-path xn--bcher-kva.example exact");
	check("https://evil.example./", "url evil.example exact");
	check("https://evil.example/http://usps.com/", "url-path evil.example exact");
	ck_assert_str_eq(read_as("https://evil.example/", PS_SCOPE_SUBTREE),
	    "url evil.example exact");
}
END_TEST

START_TEST(urls_of_addresses_give_the_address)
{
	check("http://192.0.2.1/", "url 192.0.2.1 exact");
	check("http://192.0.2.1:8080/x", "url-path 192.0.2.1 exact");
	check("http://[2001:db8::1]/", "url 2001:db8::1 exact");
	check("http://[2001:db8::1]:80/x", "url-path 2001:db8::1 exact");
	check("http://192.0.2.256/", "!bad-address");
	check("http://0x7f.1/", "!bad-address");
	check("http://2130706433/", "!bad-address");
	check("http://[192.0.2.1]/", "!bad-url");
	check("http://2001:db8::1/", "!bad-url");
	check("http://[evil.example]/", "!bad-address");
	check("http://[2001:db8::1/", "!bad-url");
	check("http://[2001:db8::1]x/", "!bad-url");
}
END_TEST

START_TEST(what_is_no_web_url_is_refused)
{
	static const char *const cases[] = {"hxxp://evil.example/", "ftp://evil.example/",
	    "http:///", "http://", "https://:80/", "https://user@/", "https://evil.example:x/",
	    "https://evil.example:65536/", "https://evil.example:123456/", "http:/evil.example",
	    "evil.example/pay", "/", "//evil.example/", "https://evil.example\\@usps.com/",
	    "https://evil example/", "https://evil.example/\tx", "://evil.example",
	    "javascript://evil.example/"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(cases[i], "!bad-url");
	check("https://evil[.]example/", "!bad-name");
	check("https://%65vil.example/", "!bad-name");
	check("https://*.evil.example/", "!bad-name");
	check("https://./", "!root-or-tld");
}
END_TEST

START_TEST(hosts_have_no_wildcards)
{
	struct ps_indicator indicator = {0};
	struct ps_name_buffer storage;
	enum ps_refusal reason = PS_REFUSAL_COUNT;

	ck_assert_int_eq(ps_entry_from_host(&indicator, &storage,
	                     ps_bytes_of_text("*.evil.example"), PS_SCOPE_EXACT, &reason),
	    PS_INVALID);
	ck_assert_int_eq(reason, PS_REFUSED_BAD_NAME);
	ck_assert_int_eq(ps_entry_from_host(&indicator, &storage,
	                     ps_bytes_of_text(".evil.example"), PS_SCOPE_EXACT, &reason),
	    PS_INVALID);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    names_are_names,
	    wildcards_say_how_far_they_reach,
	    the_root_is_said_to_be_the_root,
	    what_is_no_host_name_is_refused,
	    bytes_that_are_no_text_are_refused,
	    addresses_and_prefixes_are_addresses,
	    what_was_to_be_an_address_is_a_bad_one,
	    urls_give_their_host,
	    urls_of_addresses_give_the_address,
	    what_is_no_web_url_is_refused,
	    hosts_have_no_wildcards,
	};

	return RUN_TESTS("feed.entry", tests);
}
