#include "feed/collect.h"

static const struct ps_feed_config config = {
    .id = "rpz", .path = "rpz.zone", .format = PS_FEED_RPZ, .scope = PS_SCOPE_SUBTREE};

#define SOA "@ SOA . . 1 1 1 1 1\n"

START_TEST(query_name_triggers_are_listed)
{
	check_feed(&config,
	    SOA "evil.example CNAME .\n"
	        "*.evil.example CNAME .\n"
	        "Other.Example 300 IN CNAME .\n",
	    "2 evil.example exact\n"
	    "3 evil.example below\n"
	    "4 other.example exact\n");
}
END_TEST

START_TEST(every_blocking_action_is_listed)
{
	check_feed(&config,
	    SOA "a.example CNAME .\n"
	        "b.example CNAME *.\n"
	        "c.example CNAME rpz-drop.\n"
	        "d.example A 192.0.2.1\n"
	        "e.example CNAME garden.example.\n"
	        "f.example CNAME *.garden.example.\n"
	        "g.example TXT \"a;b(c\"\n"
	        "h.example TYPE65280 \\# 2 abcd\n",
	    "2 a.example exact\n"
	    "3 b.example exact\n"
	    "4 c.example exact\n"
	    "5 d.example exact\n"
	    "6 e.example exact\n"
	    "7 f.example exact\n"
	    "8 g.example exact\n"
	    "9 h.example exact\n");
}
END_TEST

START_TEST(actions_that_let_through_are_not)
{
	check_feed(&config,
	    "$ORIGIN rpz.example.\n" SOA "a.example CNAME rpz-passthru.\n"
	    "b.example CNAME rpz-tcp-only.\n"
	    "c.example CNAME rpz-new-thing.\n"
	    "d.example CNAME d.example.\n"     /* the old form of passthru */
	    "e.example CNAME rpz-passthru\n"   /* the final dot was forgotten */
	    "f.example CNAME RPZ-PassThru.\n"
	    "32.1.2.0.192.rpz-ip CNAME rpz-passthru.\n"
	    "g.example NS ns.example.\n"
	    "h.example DNAME x.example.\n",
	    "3 !unsupported-action\n"
	    "4 !unsupported-action\n"
	    "5 !unsupported-action\n"
	    "6 !unsupported-action\n"
	    "7 !unsupported-action\n"
	    "8 !unsupported-action\n"
	    "9 !unsupported-action\n"
	    "10 !unsupported-type\n"
	    "11 !unsupported-type\n");
}
END_TEST

START_TEST(address_triggers_are_read_from_their_end)
{
	check_feed(&config,
	    SOA "32.1.2.0.192.rpz-ip CNAME .\n"
	        "24.0.2.0.192.rpz-ip CNAME .\n"
	        "128.1.zz.db8.2001.rpz-ip CNAME .\n"
	        "32.zz.db8.2001.rpz-ip CNAME .\n"
	        "128.8.7.6.5.4.3.2.1.rpz-ip CNAME .\n"
	        "128.1.zz.rpz-ip CNAME .\n"
	        "48.zz.3.db8.2001.RPZ-IP CNAME .\n",
	    "2 192.0.2.1 address\n"
	    "3 192.0.2.0/24 address\n"
	    "4 2001:db8::1 address\n"
	    "5 2001:db8::/32 address\n"
	    "6 1:2:3:4:5:6:7:8 address\n"
	    "7 ::1 address\n"
	    "8 2001:db8:3::/48 address\n");
}
END_TEST

START_TEST(broken_address_triggers_are_refused)
{
	check_feed(&config,
	    SOA "33.1.2.0.192.rpz-ip CNAME .\n"
	        "24.1.2.0.192.rpz-ip CNAME .\n" /* bits behind the length */
	        "032.1.2.0.192.rpz-ip CNAME .\n"
	        "32.256.2.0.192.rpz-ip CNAME .\n"
	        "32.2.0.192.rpz-ip CNAME .\n"
	        "128.1.zz.zz.rpz-ip CNAME .\n"
	        "128.9.8.7.6.5.4.3.2.1.rpz-ip CNAME .\n"
	        "128.12345.zz.rpz-ip CNAME .\n"
	        "rpz-ip CNAME .\n"
	        "32.rpz-ip CNAME .\n"
	        "*.rpz-ip CNAME .\n",
	    "2 !bad-address\n3 !bad-address\n4 !bad-address\n5 !bad-address\n6 !bad-address\n"
	    "7 !bad-address\n8 !bad-address\n9 !bad-address\n10 !bad-address\n"
	    "11 !bad-address\n12 !bad-address\n");
}
END_TEST

START_TEST(triggers_of_clients_are_not_supported)
{
	check_feed(&config, SOA "24.0.2.0.192.rpz-client-ip CNAME .\n", "2 !unsupported-type\n");
}
END_TEST

START_TEST(name_servers_are_told_from_other_names)
{
	check_feed(&config,
	    SOA "ns.evil.example.rpz-nsdname CNAME .\n"
	        "*.evil.example.rpz-nsdname CNAME .\n"
	        "24.0.2.0.192.rpz-nsip CNAME .\n"
	        "48.zz.1.db8.2001.rpz-nsip CNAME *.\n"
	        "rpz-nsdname CNAME .\n"
	        "*.rpz-nsdname CNAME .\n"
	        "rpz-nsip CNAME .\n"
	        "24.256.2.0.192.rpz-nsip CNAME .\n"
	        "ns.good.example.rpz-nsdname CNAME rpz-passthru.\n"
	        "ns.evil.example CNAME .\n",
	    "2 ns.evil.example exact server\n"
	    "3 evil.example below server\n"
	    "4 192.0.2.0/24 address server\n"
	    "5 2001:db8:1::/48 address server\n"
	    "6 !root-or-tld\n"
	    "7 !root-or-tld\n"
	    "8 !bad-address\n"
	    "9 !bad-address\n"
	    "10 !unsupported-action\n"
	    "11 ns.evil.example exact\n");
}
END_TEST

START_TEST(names_that_are_none_are_refused)
{
	check_feed(&config,
	    SOA "* CNAME .\n"
	        "a\\.b.example CNAME .\n"
	        "-a.example CNAME .\n"
	        "a.*.example CNAME .\n"
	        "192.0.2.1 CNAME .\n"
	        "a..example CNAME .\n"
	        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example CNAME .\n"
	        "good.example CNAME .\n",
	    "2 !root-or-tld\n"
	    "3 !bad-name\n"
	    "4 !bad-name\n"
	    "5 !bad-name\n"
	    "6 !bad-address\n"
	    "7 !bad-line\n"
	    "8 !bad-line\n"
	    "9 good.example exact\n");
}
END_TEST

START_TEST(triggers_are_relative_to_the_apex)
{
	check_feed(&config,
	    "$ORIGIN rpz.example.\n"
	    "@ 60 IN SOA a b 1 2 3 4 5\n"
	    "@ NS ns\n"
	    " TXT \"at the apex\"\n"
	    "evil.top CNAME .\n"
	    "evil2.top.rpz.example. CNAME .\n"
	    "evil3.top. CNAME .\n" /* outside the zone */
	    "$ORIGIN sub\n"
	    "evil4.top CNAME .\n"
	    "$ORIGIN .\n"
	    "evil5.top.RPZ.Example CNAME .\n",
	    "5 evil.top exact\n"
	    "6 evil2.top exact\n"
	    "7 !bad-line\n"
	    "9 evil4.top.sub exact\n"
	    "11 evil5.top exact\n");
}
END_TEST

START_TEST(several_records_of_one_owner_are_one_row)
{
	check_feed(&config,
	    SOA "a.example A 192.0.2.1\n"
	        "  A 192.0.2.2\n"
	        "\tAAAA 2001:db8::1\n"
	        "A.example TXT \"x\"\n"
	        "b.example A 192.0.2.1\n"
	        "a.example A 192.0.2.3\n",
	    "2 a.example exact\n6 b.example exact\n7 a.example exact\n");
}
END_TEST

START_TEST(a_record_without_an_owner_does_not_inherit_a_wrong_one)
{
	check_feed(&config,
	    SOA "a.example CNAME .\n"
	        "b..example A 192.0.2.1\n"
	        "  A 192.0.2.2\n"
	        "c.example CNAME .\n"
	        "  A 192.0.2.2\n",
	    "2 a.example exact\n3 !bad-line\n4 !bad-line\n5 c.example exact\n");
}
END_TEST

START_TEST(bad_records_are_counted_and_the_next_is_read)
{
	static struct collect c;
	static const char text[] = SOA "a.example\n"
	                               "b.example BOGUS x\n"
	                               "c.example A 1.2.3\n"
	                               "d.example CNAME \"x\n"
	                               "e.ex\0ample CNAME .\n"
	                               "f\xff.example CNAME .\n"
	                               "g.example CH CNAME .\n"
	                               "good.example CNAME .\n";

	ck_assert_str_eq(collect(&c, &config, text, sizeof(text) - 1),
	    "2 !bad-line\n3 !bad-line\n4 !bad-line\n5 !bad-line\n6 !not-utf8\n"
	    "7 !not-utf8\n8 !bad-line\n9 good.example exact\n");
}
END_TEST

START_TEST(a_file_without_an_soa_at_its_beginning_is_no_zone)
{
	check_feed(&config, "", "!invalid 0: is no zone file: it has no SOA record\n");
	check_feed(&config, "; only\n$TTL 60\n",
	    "!invalid 0: is no zone file: it has no SOA record\n");
	check_feed(&config, "a.example CNAME .\n" SOA,
	    "!invalid 1: is no zone file: its first record is not an SOA\n");
	check_feed(&config, "<html>\n",
	    "!invalid 1: is no zone file: its first record cannot be read (Syntax error, "
	    "could not parse the RR's TTL)\n");
}
END_TEST

#define LABEL "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG LABEL "." LABEL "." LABEL

START_TEST(directives_that_are_not_followed_end_the_zone)
{
	static const char refused[] =
	    "!invalid 2: has a directive that is not read here ($INCLUDE and $GENERATE are not)\n";

	check_feed(&config, SOA "$INCLUDE other.zone\n", refused);
	check_feed(&config, SOA "$GENERATE 1-9 h$ CNAME .\n", refused);
	check_feed(&config, SOA "$ORIGINAL x\n", refused);
	check_feed(&config, SOA "$ORIGIN a..b.\n",
	    "!invalid 2: has an $ORIGIN that is no domain name\n");
	check_feed(&config, SOA "$ORIGIN\n",
	    "!invalid 2: has an $ORIGIN that is no domain name\n");
	check_feed(&config, SOA "$ORIGIN " LONG ".\n$ORIGIN " LONG "\n",
	    "!invalid 3: has an $ORIGIN that is no domain name\n");
	check_feed(&config, SOA "$TTL\n",
	    "!invalid 2: has a $TTL that is no number of seconds\n");
	check_feed(&config, SOA "$TTL soon\n",
	    "!invalid 2: has a $TTL that is no number of seconds\n");
	check_feed(&config, SOA "$ttl 1h30m\n$TTL 60 ; c\na.example CNAME .\n",
	    "4 a.example exact\n");
	check_feed(&config, SOA "a ( CNAME .\n",
	    "!invalid 2: has a parenthesis in the record that begins here which is never "
	    "closed\n");
}
END_TEST

/* An escaped dot at its end is no end of a name: the origin is relative. */
START_TEST(origins_that_end_in_an_escape_are_relative)
{
	check_feed(&config,
	    SOA "$ORIGIN a\\.\nx CNAME .\n$ORIGIN b\ny CNAME .\n$ORIGIN .\nz CNAME .\n",
	    "3 !bad-name\n5 !bad-name\n7 z exact\n"); /* x.a\. and y.b.a\. are no hosts */
	/* Too long behind the one before; by itself it would not be. */
	check_feed(&config, SOA "$ORIGIN " LONG ".\n$ORIGIN " LABEL ".a\\.\n",
	    "!invalid 3: has an $ORIGIN that is no domain name\n");
	check_feed(&config, SOA "$ORIGIN " LONG ".\n$ORIGIN " LABEL ".a.\nx CNAME .\n",
	    "4 x." LABEL ".a exact\n");
}
END_TEST

START_TEST(records_that_are_no_data_of_a_zone)
{
	check_feed(&config,
	    SOA "a.example CH CNAME .\nb.example HS A 192.0.2.1\n"
	        "c.example CNAME . more\nd.example CNAME\n"
	        "e.example CNAME rpz-drop.example.\nf.example CNAME rpzdrop.\ng.example CNAME rpz.\n",
	    "2 !bad-line\n3 !bad-line\n4 !bad-line\n5 !bad-line\n6 !unsupported-action\n"
	    "7 f.example exact\n8 g.example exact\n");
}
END_TEST

START_TEST(a_line_that_is_too_long_is_one_refusal)
{
	static struct collect c;
	static char text[20000] = SOA;

	memset(text + strlen(text), 'a', 10000);
	strcat(text, " CNAME .\n  A 192.0.2.1\nb.example CNAME .\n");
	ck_assert_str_eq(collect(&c, &config, text, strlen(text)),
	    "2 !line-too-long\n3 !bad-line\n4 b.example exact\n");
}
END_TEST

START_TEST(names_at_the_limits_of_length)
{
	static struct collect c;
	char text[1000] = SOA;
	char label[65];

	memset(label, 'a', 64);
	label[64] = '\0';
	for (int last = 3; last >= 2; last--) { /* 61 and 62 octets: 255 and 256 in all */
		for (int i = 0; i < 3; i++)
			strcat(strcat(text, label + 1), ".");
		strcat(strcat(text, label + last), " CNAME .\n");
	}
	(void)collect(&c, &config, text, strlen(text));
	ck_assert_uint_eq(c.accepted, 1);
	ck_assert_uint_eq(c.refused[PS_REFUSED_BAD_LINE], 1);
}
END_TEST

START_TEST(a_zone_as_they_are_given_out_is_read)
{
	check_golden(&config, "policy.zone");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    query_name_triggers_are_listed,
	    every_blocking_action_is_listed,
	    actions_that_let_through_are_not,
	    address_triggers_are_read_from_their_end,
	    broken_address_triggers_are_refused,
	    triggers_of_clients_are_not_supported,
	    name_servers_are_told_from_other_names,
	    names_that_are_none_are_refused,
	    triggers_are_relative_to_the_apex,
	    several_records_of_one_owner_are_one_row,
	    a_record_without_an_owner_does_not_inherit_a_wrong_one,
	    bad_records_are_counted_and_the_next_is_read,
	    a_file_without_an_soa_at_its_beginning_is_no_zone,
	    directives_that_are_not_followed_end_the_zone,
	    origins_that_end_in_an_escape_are_relative,
	    records_that_are_no_data_of_a_zone,
	    a_line_that_is_too_long_is_one_refusal,
	    names_at_the_limits_of_length,
	    a_zone_as_they_are_given_out_is_read,
	};

	return RUN_TESTS("feed.rpz", tests);
}
