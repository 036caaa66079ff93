#include "core/idn.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static enum ps_status read_name(const char *in, char out[PS_NAME_TEXT_MAX])
{
	struct ps_name_buffer storage;
	struct ps_name name;
	enum ps_status status =
	    ps_name_from_user(&name, &storage, ps_bytes_of_text(in), NULL);

	if (status == PS_OK)
		(void)ps_name_to_text(name, out);
	return status;
}

START_TEST(u_labels_become_a_labels)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"b\xc3\xbc" "cher.example", "xn--bcher-kva.example"},
	    {"B\xc3\x9c" "CHER.example.", "xn--bcher-kva.example"},
	    {"bu\xcc\x88" "cher.example", "xn--bcher-kva.example"},        /* decomposed */
	    {"fa\xc3\x9f.example", "xn--fa-hia.example"},                  /* non-transitional */
	    {"\xe3\x81\x82\xe3\x80\x82" "example", "xn--l8j.example"},     /* ideographic dot */
	    {"www.\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.example", "www.xn--80a1acny.example"},
	    {"Plain.Example", "plain.example"},
	    {"a\\.b.example", "a\\.b.example"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[PS_NAME_TEXT_MAX];

		ck_assert_msg(read_name(cases[i].in, text) == PS_OK, "%s", cases[i].in);
		ck_assert_str_eq(text, cases[i].out);
	}
}
END_TEST

START_TEST(what_is_no_internationalised_name_is_refused)
{
	static const char *const cases[] = {
	    "\xff.example",                 /* no UTF-8 */
	    "\xc3.example",                 /* cut off */
	    "\xed\xa0\x80.example",         /* a surrogate */
	    "a\xe2\x80\x8d" "b.example",    /* a joiner in the wrong place */
	    "\xe2\x82\xac\xcc\x81\xef\xbf\xbd.example", /* the replacement character */
	    "\xcc\x88" "a.example",         /* begins with a combining mark */
	    "a\xef\xbc\xbc" "046b.example", /* a wide backslash is no escape */
	    "b\xc3\xbc\\.c.example",        /* nor is one beside a U-label */
	};
	char text[PS_NAME_TEXT_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(read_name(cases[i], text) == PS_INVALID, "case %zu", i);
}
END_TEST

START_TEST(length_counts_after_the_change_to_ascii)
{
	char in[400] = "";
	char text[PS_NAME_TEXT_MAX];

	/* 30 letters fit 63 octets as UTF-8 and do not as an A-label of differing letters. */
	for (int i = 0; i < 32; i++) {
		char letter[4] = {(char)0xd0, (char)(0xb0 + i % 16), 0};

		strcat(in, letter);
	}
	for (int i = 0; i < 30; i++)
		strcat(in, "\xe4\xb8\x80\xe9\xbe\xa5");
	strcat(in, ".example");
	ck_assert_int_eq(read_name(in, text), PS_INVALID);
}
END_TEST

START_TEST(nuls_and_endless_input_are_refused)
{
	static char huge[10000];
	struct ps_name_buffer storage;
	struct ps_name name;

	ck_assert_int_eq(
	    ps_name_from_user(&name, &storage, ps_bytes_of("b\xc3\xbc\0c", 5), NULL), PS_INVALID);
	memset(huge, 0xc3, sizeof(huge));
	ck_assert_int_eq(
	    ps_name_from_user(&name, &storage, ps_bytes_of(huge, sizeof(huge)), NULL),
	    PS_INVALID);
}
END_TEST

START_TEST(what_a_person_pasted_is_told_apart)
{
	static const struct {
		const char *in, *out; /* the name, or a part of the sentence */
	} cases[] = {
	    {"Usps.com.", "usps.com"},
	    {"_dmarc.*.b\xc3\xbc" "cher.example", "_dmarc.*.xn--bcher-kva.example"},
	    {"a\\047b\\,.com", "a/b,.com"},
	    {".", "."},
	    {"192.0.2.1.", "192.0.2.1"},
	    {"https://u:p@x.evil.top:443/pay?a=b", "' is a URL: give its host alone, 'x.evil.top'"},
	    {"x.evil.top/", "' is a URL: give its host alone, 'x.evil.top'"},
	    {"x.evil[.]top", "'x.evil[.]top' is no domain name: write 'x.evil.top'"},
	    {"x(.)evil[.]top", "is no domain name: write 'x.evil.top'"},
	    {"x[.evil.top", "no host has '[' in it; as an octet of a name it is written \\091"},
	    {"usps.com,", "no host has ',' in it; as an octet of a name it is written \\044"},
	    {"bad name", "no host has ' ' in it"},
	    {"a\tb", "no host has the control character 9 in it"},
	    {"evil.com:443", "no host has ':' in it"},
	    {"192.0.2.1", "'192.0.2.1' is an address"},
	    {"http://192.0.2.1/x", "is an address"},
	    {"2001:db8::1", "is an address"},
	    {"10.0.0.0/8", "is an address"},
	    {"/", "no host has '/' in it"},
	    {"", "the name is empty"},
	    {"a..b", "'a..b' is no domain name: the name has an empty label"},
	    {"a\x7f" "b", "no host has the control character 127 in it"},
	    {"a\\", "'a\\' is no domain name: "},
	    {"a[.)b", "no host has '[' in it"},
	    {"a(.]b", "no host has '(' in it"},
	    {"a[x]b", "no host has '[' in it"},
	    {"x[.]evil top", "no host has '[' in it"},
	    {"//", "no host has '/' in it"},
	    {"https://", "no host has ':' in it"},
	    {"http://user@/x", "no host has ':' in it"},
	    {"b\xc3\xbc" "cher.top/x", "' is a URL: give its host alone, 'b\xc3\xbc" "cher.top'"},
	    {"b\xc3\xbc" "cher[.]top", "is no domain name: write 'b\xc3\xbc" "cher.top'"},
	    {"b\xff" "cher.top", "cher.top' is no domain name: is no internationalised name: "},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_name_buffer storage;
		struct ps_error err;
		struct ps_name name;
		char text[PS_NAME_TEXT_MAX];

		ps_error_clear(&err);
		if (ps_name_from_person(&name, &storage, ps_bytes_of_text(cases[i].in), &err) ==
		    PS_OK) {
			(void)ps_name_to_text(name, text);
			ck_assert_str_eq(text, cases[i].out);
			continue;
		}
		ck_assert_int_eq(err.status, PS_INVALID);
		ck_assert_msg(strstr(err.text, cases[i].out) != NULL, "%s: %s", cases[i].in, err.text);
	}
}
END_TEST

/* Only so much of what was pasted is shown, and a long one is no name by brackets. */
START_TEST(what_a_person_pasted_may_be_long)
{
	static char text[1200];
	struct ps_name_buffer storage;
	struct ps_error err;
	struct ps_name name;
	char shown[128];

	memset(text, 'a', sizeof(text) - 1);
	(void)snprintf(shown, sizeof(shown), "'%.100s' is ", text);
	ps_error_clear(&err);
	ck_assert_int_eq(
	    ps_name_from_person(&name, &storage, ps_bytes_of_text(text), &err), PS_INVALID);
	ck_assert_int_eq(strncmp(err.text, shown, strlen(shown)), 0);
	memcpy(text + 100, "/", 1);
	ck_assert_int_eq(
	    ps_name_from_person(&name, &storage, ps_bytes_of_text(text), &err), PS_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, " is a URL: give its host alone, 'aaa"));
	memcpy(text + 100, "[.]", 3);
	text[sizeof(text) - 2] = ',';
	ck_assert_int_eq(
	    ps_name_from_person(&name, &storage, ps_bytes_of_text(text), &err), PS_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, " is no domain name: no host has '[' in it"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.idn");
	TCase *tc = tcase_create("idn");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, u_labels_become_a_labels);
	tcase_add_test(tc, what_is_no_internationalised_name_is_refused);
	tcase_add_test(tc, length_counts_after_the_change_to_ascii);
	tcase_add_test(tc, nuls_and_endless_input_are_refused);
	tcase_add_test(tc, what_a_person_pasted_is_told_apart);
	tcase_add_test(tc, what_a_person_pasted_may_be_long);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
