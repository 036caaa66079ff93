#include "policy/ede.h"

#include <check.h>

/* RFC 8914 section 5.2, the table's first 25 rows. */
static const char *const registry[] = {"other", "unsupported-dnskey-algorithm",
    "unsupported-ds-digest-type", "stale-answer", "forged-answer", "dnssec-indeterminate",
    "dnssec-bogus", "signature-expired", "signature-not-yet-valid", "dnskey-missing",
    "rrsigs-missing", "no-zone-key-bit-set", "nsec-missing", "cached-error", "not-ready",
    "blocked", "censored", "filtered", "prohibited", "stale-nxdomain-answer",
    "not-authoritative", "not-supported", "no-reachable-authority", "network-error",
    "invalid-data"};

START_TEST(names_are_those_of_the_registry)
{
	for (unsigned i = 0; i < sizeof(registry) / sizeof(registry[0]); i++) {
		uint64_t value = 99;

		ck_assert_str_eq(ps_ede_name(i), registry[i]);
		ck_assert(ps_word_find(ps_ede_words, ps_bytes_of_text(registry[i]), &value));
		ck_assert_uint_eq(value, i);
	}
	ck_assert_ptr_null(ps_ede_name(25));
	ck_assert_ptr_null(ps_ede_name(65535));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.ede");
	TCase *tcase = tcase_create("ede");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, names_are_those_of_the_registry);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
