#include "policy/ede.h"

const struct ps_word ps_ede_words[] = {
    /* First those that a policy has use for, so that messages list them. */
    {"blocked", PS_EDE_BLOCKED},
    {"censored", PS_EDE_CENSORED},
    {"filtered", PS_EDE_FILTERED},
    {"prohibited", PS_EDE_PROHIBITED},
    {"forged-answer", PS_EDE_FORGED_ANSWER},
    {"none", PS_EDE_WORD_NONE},
    {"other", 0},
    {"unsupported-dnskey-algorithm", 1},
    {"unsupported-ds-digest-type", 2},
    {"stale-answer", 3},
    {"dnssec-indeterminate", 5},
    {"dnssec-bogus", 6},
    {"signature-expired", 7},
    {"signature-not-yet-valid", 8},
    {"dnskey-missing", 9},
    {"rrsigs-missing", 10},
    {"no-zone-key-bit-set", 11},
    {"nsec-missing", 12},
    {"cached-error", 13},
    {"not-ready", 14},
    {"stale-nxdomain-answer", 19},
    {"not-authoritative", 20},
    {"not-supported", 21},
    {"no-reachable-authority", 22},
    {"network-error", 23},
    {"invalid-data", 24},
    {NULL, 0},
};

const struct ps_word ps_sub_error_words[] = {
    {"phishing", PS_SUB_ERROR_PHISHING},
    {"malware", PS_SUB_ERROR_MALWARE},
    {"spam", PS_SUB_ERROR_SPAM},
    {"spyware", PS_SUB_ERROR_SPYWARE},
    {"network-operator-policy", PS_SUB_ERROR_NETWORK_POLICY},
    {"dns-operator-policy", PS_SUB_ERROR_DNS_POLICY},
    {"none", PS_SUB_ERROR_NONE},
    {NULL, 0},
};

const char *ps_ede_name(unsigned code)
{
	for (const struct ps_word *w = ps_ede_words; w->word != NULL; w++)
		if (w->value == code)
			return w->word;
	return NULL;
}
