#include "feed/guard.h"

#include "feed/collect.h"

static struct ps_guard *guard;

static struct ps_name name_of(const char *text, struct ps_name_buffer *storage)
{
	struct ps_name name;

	ck_assert_int_eq(
	    ps_name_from_text(&name, storage, ps_bytes_of_text(text), NULL), PS_OK);
	return name;
}

static void make_guard(void)
{
	struct ps_name_buffer storage;

	ck_assert_int_eq(ps_guard_create(&guard, NULL), PS_OK);
	ck_assert_int_eq(ps_guard_add_never(guard, name_of("upu.int", &storage)), PS_OK);
	ck_assert_int_eq(ps_guard_add_never(guard, name_of("api.isac.net", &storage)), PS_OK);
	ck_assert_int_eq(ps_guard_add_official(guard, name_of("usps.com", &storage)), PS_OK);
	ck_assert_int_eq(ps_guard_add_official(guard, name_of("track.dhl.de", &storage)), PS_OK);
	ck_assert_int_eq(ps_guard_add_popular(guard, name_of("google.com", &storage)), PS_OK);
	ck_assert_int_eq(ps_guard_add_popular(guard, name_of("cdn.big.net", &storage)), PS_OK);
	/* A popular name that is an operator's, and one that is a private suffix. */
	ck_assert_int_eq(ps_guard_add_popular(guard, name_of("usps.com", &storage)), PS_OK);
	ck_assert_int_eq(ps_guard_add_popular(guard, name_of("github.io", &storage)), PS_OK);
}

static const char *ruling_text(struct ps_guard_ruling ruling)
{
	static char text[64];

	if (ruling.refused)
		(void)snprintf(text, sizeof(text), "!%s", ps_refusal_name(ruling.reason));
	else
		(void)snprintf(text, sizeof(text), "%s%s%s", ps_scope_name(ruling.scope),
		    ruling.narrowed ? " narrowed" : "", ruling.trial ? " trial" : "");
	return text;
}

/* The rulings for the three scopes. */
static void check(
    const char *text, const char *exact, const char *subtree, const char *below)
{
	const char *const want[] = {exact, subtree, below};

	for (int scope = PS_SCOPE_EXACT; scope <= PS_SCOPE_BELOW; scope++) {
		struct ps_name_buffer storage;
		const char *got = ruling_text(
		    ps_guard_judge(guard, name_of(text, &storage), (enum ps_scope)scope));

		ck_assert_msg(strcmp(got, want[scope]) == 0, "%s %s: %s, not %s", text,
		    ps_scope_name((unsigned)scope), got, want[scope]);
	}
}

static void check_refused(const char *text, const char *reason)
{
	check(text, reason, reason, reason);
}

START_TEST(an_ordinary_name_stands_as_it_is)
{
	make_guard();
	check("usps.com-track83.top", "exact", "subtree", "below");
	check("evil.co.uk", "exact", "subtree", "below");
	check("www.evil.top", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(the_root_and_top_level_domains_are_refused)
{
	make_guard();
	check_refused(".", "!root-or-tld");
	check_refused("com", "!root-or-tld");
	check_refused("post", "!root-or-tld");
	check_refused("ck", "!root-or-tld");
	check_refused("xn--p1ai", "!root-or-tld");
	check_refused("no-such-tld", "!root-or-tld");
	check("evil.no-such-tld", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(icann_suffixes_are_refused)
{
	make_guard();
	check_refused("co.uk", "!public-suffix");
	check_refused("com.pl", "!public-suffix");
	check_refused("xn--55qx5d.cn", "!public-suffix");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(wildcard_and_exception_rules_hold)
{
	make_guard();
	check_refused("anything.ck", "!public-suffix"); /* *.ck */
	check("www.ck", "exact", "subtree", "below");   /* !www.ck */
	check("evil.anything.ck", "exact", "subtree", "below");
	check_refused("kobe.jp", "!public-suffix");
	check_refused("anything.kobe.jp", "!public-suffix");
	check("city.kobe.jp", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(private_suffixes_stand_as_one_host_alone)
{
	make_guard();
	check("blogspot.com", "exact", "!public-suffix", "!public-suffix");
	check("github.io", "exact trial", "!public-suffix", "!public-suffix");
	check("usps-track.github.io", "exact", "subtree", "below");
	check("s3.amazonaws.com", "exact", "!public-suffix", "!public-suffix");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(special_use_names_are_refused)
{
	static const char *const names[] = {"localhost", "a.localhost", "local", "printer.local",
	    "arpa", "1.0.0.127.in-addr.arpa", "home.arpa", "onion", "abc.onion", "invalid",
	    "test", "x.test", "example", "x.example", "example.com", "www.example.org", "alt",
	    "internal", "localhost.localdomain"};

	make_guard();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_refused(names[i], "!local-name");
	check("notlocal.top", "exact", "subtree", "below");
	check("example.top", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(never_names_and_all_below_are_refused)
{
	make_guard();
	check_refused("upu.int", "!never");
	check_refused("www.upu.int", "!never");
	check_refused("a.b.upu.int", "!never");
	check("notupu.int", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(a_subtree_above_a_never_name_is_narrowed)
{
	make_guard();
	/* "*.isac.net" names no host that could be left of it. */
	check("isac.net", "exact", "exact narrowed", "!never");
	check("www.isac.net", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(official_domains_are_blocked_at_exactly_the_listed_host)
{
	make_guard();
	check("phish.usps.com", "exact", "exact narrowed", "!never");
	check("track.dhl.de", "exact", "exact narrowed", "!never");
	check("dhl.de", "exact", "exact narrowed", "!never");
	check("evil.dhl.de", "exact", "subtree", "below");
	check("usps.com", "exact trial", "exact narrowed trial", "!never");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(the_posts_own_top_level_domain_is_official)
{
	make_guard();
	check("hacked.post", "exact", "exact narrowed", "!never");
	check("www.hacked.post", "exact", "exact narrowed", "!never");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(popular_names_stand_on_trial)
{
	make_guard();
	check("google.com", "exact trial", "subtree trial", "below trial");
	check("www.google.com", "exact trial", "subtree trial", "below");
	check("sites.google.com", "exact", "subtree", "below");
	/* A subtree that takes a popular name in. */
	check("big.net", "exact", "subtree trial", "below trial");
	check("www.big.net", "exact", "subtree", "below");
	ps_guard_destroy(guard);
}
END_TEST

START_TEST(an_empty_guard_still_knows_the_suffixes)
{
	ck_assert_int_eq(ps_guard_create(&guard, NULL), PS_OK);
	check_refused("com", "!root-or-tld");
	check("upu.int", "exact", "subtree", "below");
	check("google.com", "exact", "subtree", "below");
	ps_guard_destroy(guard);
	ps_guard_destroy(NULL);
}
END_TEST

START_TEST(a_newer_suffix_list_can_be_named)
{
	char path[] = "guard-test-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)dprintf(fd, "// ===BEGIN ICANN DOMAINS===\ncom\nnew-suffix.com\n"
	                                  "// ===END ICANN DOMAINS===\n"),
	    75);
	close(fd);
	setenv("PS_PUBLIC_SUFFIX_FILE", path, 1);
	ck_assert_int_eq(ps_guard_create(&guard, NULL), PS_OK);
	check_refused("new-suffix.com", "!public-suffix");
	ps_guard_destroy(guard);
	unsetenv("PS_PUBLIC_SUFFIX_FILE");
	unlink(path);
}
END_TEST

static void check_address(const char *text, bool may_stand)
{
	struct ps_prefix prefix;

	ck_assert_int_eq(ps_prefix_from_text(&prefix, ps_bytes_of_text(text), NULL), PS_OK);
	ck_assert_msg(ps_guard_address_may_stand(&prefix) == may_stand, "%s", text);
}

START_TEST(addresses_of_nobodys_or_everybodys_are_refused)
{
	static const char *const refused[] = {"0.0.0.0", "0.0.0.0/8", "127.0.0.1", "10.0.0.0/8",
	    "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.0/16", "192.168.7.7",
	    "100.64.0.1", "169.254.1.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
	    "255.255.255.255", "192.0.0.1", "0.0.0.0/0", "128.0.0.0/1", "8.0.0.0/7",
	    "192.0.0.0/8", /* takes 192.168.0.0/16 in */
	    "100.0.0.0/8", "172.0.0.0/11", "::", "::1", "::/0", "2000::/3", "2000::/18",
	    "::ffff:192.0.2.1", "::/96", "64:ff9b::1", "fc00::1", "fd12::/48", "fe80::1",
	    "fec0::1", "ff02::1"};
	static const char *const standing[] = {"192.0.2.1", "192.0.2.0/24", "198.51.100.7",
	    "203.0.113.0/24", "8.8.8.8", "8.0.0.0/8", "11.0.0.0/8", "172.32.0.0/16",
	    "172.15.255.255", "100.128.0.1", "2001:db8::1", "2001:db8::/32", "2a00::/19",
	    "2606:4700::1111"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		check_address(refused[i], false);
	for (size_t i = 0; i < sizeof(standing) / sizeof(standing[0]); i++)
		check_address(standing[i], true);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    an_ordinary_name_stands_as_it_is,
	    the_root_and_top_level_domains_are_refused,
	    icann_suffixes_are_refused,
	    wildcard_and_exception_rules_hold,
	    private_suffixes_stand_as_one_host_alone,
	    special_use_names_are_refused,
	    never_names_and_all_below_are_refused,
	    a_subtree_above_a_never_name_is_narrowed,
	    official_domains_are_blocked_at_exactly_the_listed_host,
	    the_posts_own_top_level_domain_is_official,
	    popular_names_stand_on_trial,
	    an_empty_guard_still_knows_the_suffixes,
	    a_newer_suffix_list_can_be_named,
	    addresses_of_nobodys_or_everybodys_are_refused,
	};

	return RUN_TESTS("feed.guard", tests);
}
