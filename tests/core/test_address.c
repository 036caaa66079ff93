#include "core/address.h"

#include "core/random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

START_TEST(addresses_are_read_and_written)
{
	static const struct {
		const char *in, *out;
		int family;
	} cases[] = {
	    {"192.0.2.1", "192.0.2.1", 4},
	    {"0.0.0.0", "0.0.0.0", 4},
	    {"255.255.255.255", "255.255.255.255", 4},
	    {"2001:DB8::1", "2001:db8::1", 6},
	    {"::", "::", 6},
	    {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", 6},
	    {"::ffff:192.0.2.1", "::ffff:192.0.2.1", 6},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_address address;
		char text[PS_ADDRESS_TEXT_MAX];

		ck_assert_int_eq(
		    ps_address_from_text(&address, ps_bytes_of_text(cases[i].in), NULL), PS_OK);
		ck_assert_int_eq(address.family, cases[i].family);
		ps_address_to_text(&address, text);
		ck_assert_str_eq(text, cases[i].out);
	}
}
END_TEST

START_TEST(mapped_ones_are_ipv4)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"::ffff:10.20.0.0/112", "10.20.0.0/16"},
	    {"::ffff:10.20.0.7", "10.20.0.7"},
	    {"::ffff:0.0.0.0/96", "0.0.0.0/0"},
	    {"::ffff:0.0.0.0/95", NULL}, /* more than the mapped ones */
	    {"::fffe:10.20.0.7", NULL},
	    {"::10.20.0.7", NULL},
	    {"1::ffff:10.20.0.7", NULL},
	    {"10.20.0.0/16", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_prefix prefix, before;
		char text[PS_PREFIX_TEXT_MAX];

		if (ps_prefix_from_text(&prefix, ps_bytes_of_text(cases[i].in), NULL) != PS_OK)
			continue; /* ::ffff:0:0/95 has bits behind its length, as it should */
		before = prefix;
		ck_assert_int_eq(ps_prefix_unmap(&prefix), cases[i].out != NULL);
		if (cases[i].out == NULL) {
			ck_assert_int_eq(ps_prefix_compare(&prefix, &before), 0);
			continue;
		}
		ps_prefix_to_text(&prefix, text);
		ck_assert_str_eq(text, cases[i].out);
	}
}
END_TEST

START_TEST(prefixes_are_ordered)
{
	static const char *const ascending[] = {"0.0.0.0/0", "0.0.0.0/8", "10.0.0.0/8",
	    "10.0.0.0/16", "10.1.0.0/16", "255.255.255.255", "::/0", "::1", "2001:db8::/32",
	    "2001:db8::/48"};
	struct ps_prefix all[sizeof(ascending) / sizeof(ascending[0])];
	int count = (int)(sizeof(all) / sizeof(all[0]));

	for (int i = 0; i < count; i++)
		ck_assert_int_eq(
		    ps_prefix_from_text(&all[i], ps_bytes_of_text(ascending[i]), NULL), PS_OK);
	for (int a = 0; a < count; a++)
		for (int b = 0; b < count; b++) {
			int order = ps_prefix_compare(&all[a], &all[b]);

			ck_assert_int_eq((order > 0) - (order < 0), (a > b) - (a < b));
		}
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
	static const char *const cases[] = {"", "1.2.3", "1.2.3.256", "01.2.3.4", "0x7f.0.0.1",
	    "2130706433", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4.5", "::1%lo", "1::2::3", "12345::",
	    "1:2:3:4:5:6:7", "example.org",
	    "1111:1111:1111:1111:1111:1111:111.111.111.1111111111111111"};
	struct ps_address address = {.family = 9};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(ps_address_from_text(&address, ps_bytes_of_text(cases[i]), NULL) ==
		                  PS_INVALID,
		    "%s", cases[i]);
	ck_assert_int_eq(
	    ps_address_from_text(&address, ps_bytes_of("1.2.3.4\0", 8), NULL), PS_INVALID);
	ck_assert_int_eq(address.family, 9);
}
END_TEST

START_TEST(prefixes_are_read_and_written)
{
	static const struct {
		const char *in, *out;
		int len;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.0/24", 24},
	    {"192.0.2.1", "192.0.2.1", 32},
	    {"192.0.2.1/32", "192.0.2.1", 32},
	    {"0.0.0.0/0", "0.0.0.0/0", 0},
	    {"128.0.0.0/1", "128.0.0.0/1", 1},
	    {"2001:db8::/32", "2001:db8::/32", 32},
	    {"2001:db8::1", "2001:db8::1", 128},
	    {"::/0", "::/0", 0},
	    {"8000::/1", "8000::/1", 1},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127",
	        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 127},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_prefix prefix;
		char text[PS_PREFIX_TEXT_MAX];

		ck_assert_msg(ps_prefix_from_text(&prefix, ps_bytes_of_text(cases[i].in), NULL) ==
		                  PS_OK,
		    "%s", cases[i].in);
		ck_assert_int_eq(prefix.len, cases[i].len);
		ps_prefix_to_text(&prefix, text);
		ck_assert_str_eq(text, cases[i].out);
	}
}
END_TEST

START_TEST(what_is_no_prefix_is_refused)
{
	static const char *const cases[] = {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/024",
	    "192.0.2.0/2x", "192.0.2.0/-1", "192.0.2.0/9999", "/24", "192.0.2.1/24",
	    "128.0.0.0/0", "2001:db8::/129", "2001:db8::1/64", "192.0.2.0/24/24"};
	struct ps_prefix prefix = {.len = 99};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(
		    ps_prefix_from_text(&prefix, ps_bytes_of_text(cases[i]), NULL) == PS_INVALID,
		    "%s", cases[i]);
	ck_assert_uint_eq(prefix.len, 99);
}
END_TEST

/* Slow and obvious: bit by bit. */
static bool model_covers(const struct ps_prefix *prefix, const struct ps_address *address)
{
	if (prefix->address.family != address->family)
		return false;
	for (unsigned bit = 0; bit < prefix->len; bit++) {
		unsigned mask = 0x80u >> (bit % 8);

		if ((prefix->address.bytes[bit / 8] & mask) != (address->bytes[bit / 8] & mask))
			return false;
	}
	return true;
}

START_TEST(covering_agrees_with_the_model_on_random_prefixes)
{
	struct random r = {.state = 4};
	unsigned covered = 0;

	for (int i = 0; i < 20000; i++) {
		struct ps_prefix prefix = {0};
		struct ps_address address = {0};
		unsigned octets;

		prefix.address.family = random_below(&r, 2) == 0 ? 4 : 6;
		octets = prefix.address.family == 4 ? 4 : 16;
		prefix.len = (uint8_t)random_below(&r, octets * 8 + 1);
		for (unsigned bit = 0; bit < prefix.len; bit++) {
			if (random_below(&r, 2) == 1)
				prefix.address.bytes[bit / 8] |= (uint8_t)(0x80u >> (bit % 8));
		}
		address = prefix.address;
		address.family = random_below(&r, 20) == 0 ? 4 : prefix.address.family;
		for (int flips = 0; flips < 2; flips++) {
			size_t bit = random_below(&r, octets * 8);

			address.bytes[bit / 8] ^= (uint8_t)(0x80u >> (bit % 8));
		}
		ck_assert(ps_prefix_covers(&prefix, &address) == model_covers(&prefix, &address));
		covered += model_covers(&prefix, &address);
	}
	ck_assert_uint_gt(covered, 1000);
	ck_assert_uint_lt(covered, 19000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.address");
	TCase *tc = tcase_create("address");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, addresses_are_read_and_written);
	tcase_add_test(tc, what_is_no_address_is_refused);
	tcase_add_test(tc, mapped_ones_are_ipv4);
	tcase_add_test(tc, prefixes_are_ordered);
	tcase_add_test(tc, prefixes_are_read_and_written);
	tcase_add_test(tc, what_is_no_prefix_is_refused);
	tcase_add_test(tc, covering_agrees_with_the_model_on_random_prefixes);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
