#include "feed/collect.h"

static const struct ps_feed_config config = {
    .id = "list",
    .path = "list.txt",
    .format = PS_FEED_PLAIN,
    .category = PS_CATEGORY_PHISHING,
    .confidence = 70,
    .tlp = PS_TLP_GREEN,
};

START_TEST(each_line_is_one_entry)
{
	check_feed(&config,
	    "evil.example\n"
	    "  192.0.2.0/24\t\r\n"
	    "\n"
	    "https://evil.example/pay\n"
	    "*.bad.example\n"
	    ".worse.example",
	    "1 evil.example exact\n"
	    "2 192.0.2.0/24 address\n"
	    "4 evil.example exact url-path\n"
	    "5 bad.example below\n"
	    "6 worse.example subtree\n");
}
END_TEST

START_TEST(rows_say_what_the_feed_says)
{
	check_feed_full(&config, "evil.example\n",
	    "1 evil.example exact phishing 70 green 0 forever\n");
}
END_TEST

START_TEST(the_feeds_scope_is_for_names_alone)
{
	struct ps_feed_config subtree = config;

	subtree.scope = PS_SCOPE_SUBTREE;
	check_feed(&subtree, "evil.example\nhttp://evil.example/\n*.evil.example\n",
	    "1 evil.example subtree\n"
	    "2 evil.example exact url\n"
	    "3 evil.example below\n");
}
END_TEST

START_TEST(comments_are_passed_over)
{
	check_feed(&config,
	    "# one\n"
	    "; two\n"
	    "! three\n"
	    "  # Fran\xe7ois\n"
	    "a.example # four\n"
	    "b.example;five\n"
	    "c.example#six seven\n"
	    "https://d.example/x;y#z ; eight\n"
	    "e.example \xff\n"
	    "f.example # \xff\n",
	    "5 a.example exact\n"
	    "6 b.example exact\n"
	    "7 c.example exact\n"
	    "8 d.example exact url-path\n"
	    "9 !bad-line\n"
	    "10 f.example exact\n");
}
END_TEST

START_TEST(rules_for_browsers_are_subtrees_or_refused)
{
	check_feed(&config,
	    "||evil.example^\n"
	    "||evil.example^$third-party\n"
	    "@@||good.example^\n"
	    "||192.0.2.1^\n"
	    "||^\n"
	    "|http://evil.example|\n",
	    "1 evil.example subtree\n"
	    "2 !bad-line\n"
	    "3 !bad-line\n"
	    "4 !bad-address\n"
	    "5 !bad-line\n"
	    "6 !bad-line\n");
}
END_TEST

START_TEST(a_bad_line_is_counted_and_the_next_is_read)
{
	static struct collect c;
	static const char text[] = "a.example b.example\n"
	                           "ev\0il.example\n"
	                           "\xff\xfe\n"
	                           "hxxp://evil.example/\n"
	                           "evil[.]example\n"
	                           ".\n"
	                           "/\n"
	                           "192.0.2.300\n"
	                           "good.example\n";

	ck_assert_str_eq(collect(&c, &config, text, sizeof(text) - 1),
	    "1 !bad-line\n"
	    "2 !not-utf8\n"
	    "3 !not-utf8\n"
	    "4 !bad-url\n"
	    "5 !bad-name\n"
	    "6 !root-or-tld\n"
	    "7 !bad-url\n"
	    "8 !bad-address\n"
	    "9 good.example exact\n");
}
END_TEST

START_TEST(a_line_of_100_megabytes_is_one_refusal)
{
	static struct collect c;
	size_t len = 100u << 20;
	char *text = malloc(len + 32);

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', len);
	memcpy(text + len, "\ngood.example\n", 15);
	ck_assert_str_eq(collect(&c, &config, text, len + 14),
	    "1 !line-too-long\n"
	    "2 good.example exact\n");
	free(text);
}
END_TEST

START_TEST(names_at_the_limits_of_length)
{
	char text[800] = "";
	char label[65];

	memset(label, 'a', 64);
	label[64] = '\0';
	for (int i = 0; i < 3; i++)
		strcat(strcat(text, label + 1), ".");
	strcat(text, label + 3); /* 61: 255 octets of wire in all */
	strcat(text, "\n");
	for (int i = 0; i < 3; i++)
		strcat(strcat(text, label + 1), ".");
	strcat(text, label + 2); /* 62: 256 */
	strcat(text, "\n");
	strcat(strcat(text, label), ".example\n");
	{
		static struct collect c;

		(void)collect(&c, &config, text, strlen(text));
		ck_assert_uint_eq(c.accepted, 1);
		ck_assert_uint_eq(c.refused[PS_REFUSED_BAD_NAME], 2);
	}
}
END_TEST

START_TEST(an_empty_feed_is_a_feed)
{
	check_feed(&config, "", "");
	check_feed(&config, "\xef\xbb\xbf", "");
	check_feed(&config, "\xef\xbb\xbf" "evil.example", "1 evil.example exact\n");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    each_line_is_one_entry,
	    rows_say_what_the_feed_says,
	    the_feeds_scope_is_for_names_alone,
	    comments_are_passed_over,
	    rules_for_browsers_are_subtrees_or_refused,
	    a_bad_line_is_counted_and_the_next_is_read,
	    a_line_of_100_megabytes_is_one_refusal,
	    names_at_the_limits_of_length,
	    an_empty_feed_is_a_feed,
	};

	return RUN_TESTS("feed.plain", tests);
}
