#include "feed/collect.h"

static const struct ps_feed_config config = {
    .id = "hosts",
    .path = "hosts",
    .format = PS_FEED_HOSTS,
    .category = PS_CATEGORY_MALWARE,
    .confidence = 50,
    .tlp = PS_TLP_CLEAR,
    .scope = PS_SCOPE_SUBTREE, /* has no meaning here */
};

START_TEST(sinkholed_names_are_listed_exactly)
{
	check_feed(&config,
	    "0.0.0.0 a.example\n"
	    "127.0.0.1\tb.example  c.example # both\n"
	    ":: d.example\r\n"
	    "::1 e.example\n"
	    "127.0.53.53 f.example",
	    "1 a.example exact\n"
	    "2 b.example exact\n"
	    "2 c.example exact\n"
	    "3 d.example exact\n"
	    "4 e.example exact\n"
	    "5 f.example exact\n");
}
END_TEST

START_TEST(names_of_the_machine_itself_are_local)
{
	check_feed(&config,
	    "127.0.0.1 localhost LocalHost.localdomain local\n"
	    "255.255.255.255 broadcasthost\n"
	    "fe80::1%lo0 localhost\n"
	    "ff02::1 ip6-allnodes\n"
	    "0.0.0.0 0.0.0.0\n",
	    "1 !local-name\n"
	    "1 !local-name\n"
	    "1 !local-name\n"
	    "2 !local-name\n"
	    "3 !local-name\n"
	    "4 !local-name\n"
	    "5 !local-name\n");
}
END_TEST

START_TEST(a_mapping_to_a_real_address_is_no_listing)
{
	check_feed(&config,
	    "192.0.2.7 intranet.example\n"
	    "2001:db8::1 intranet.example\n"
	    "::2 x.example\n"
	    "0.0.0.1 y.example\n",
	    "1 !unsupported-action\n"
	    "2 !unsupported-action\n"
	    "3 !unsupported-action\n"
	    "4 !unsupported-action\n");
}
END_TEST

START_TEST(a_bad_line_is_counted_and_the_next_is_read)
{
	static struct collect c;
	static const char text[] = "evil.example\n"
	                           "0.0.0.0\n"
	                           "0.0.0.0 # nothing\n"
	                           "0.0.0 evil.example\n"
	                           "0.0.0.0 *.evil.example .evil.example good.example ev\0il.example\n"
	                           "0.0.0.0 ev\xffil.example .\n"
	                           "# comment\n"
	                           "   # comment\n"
	                           "\n"
	                           "0.0.0.0 192.0.2.1\n";

	ck_assert_str_eq(collect(&c, &config, text, sizeof(text) - 1),
	    "1 !bad-line\n"
	    "2 !bad-line\n"
	    "3 !bad-line\n"
	    "4 !bad-line\n"
	    "5 !bad-name\n"
	    "5 !bad-name\n"
	    "5 good.example exact\n"
	    "5 !not-utf8\n"
	    "6 !not-utf8\n"
	    "6 !root-or-tld\n"
	    "10 !bad-address\n");
}
END_TEST

START_TEST(a_line_that_is_too_long_is_one_refusal)
{
	static struct collect c;
	static char text[20000];
	size_t used = 0;

	while (used < 10000)
		used += (size_t)snprintf(text + used, 40, "%s", used == 0 ? "0.0.0.0" : " a.example");
	used += (size_t)snprintf(text + used, 40, "\n0.0.0.0 b.example\n");
	ck_assert_str_eq(collect(&c, &config, text, used),
	    "1 !line-too-long\n"
	    "2 b.example exact\n");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    sinkholed_names_are_listed_exactly,
	    names_of_the_machine_itself_are_local,
	    a_mapping_to_a_real_address_is_no_listing,
	    a_bad_line_is_counted_and_the_next_is_read,
	    a_line_that_is_too_long_is_one_refusal,
	};

	return RUN_TESTS("feed.hosts", tests);
}
