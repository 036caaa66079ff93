/* The table of `tests`. */
#include "policy/document.h"

#include "policy/rrtype.h"

static bool bind_type(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_number *number = into;
	uint16_t type = 0;

	if (ps_rrtype_from_text(node->text, &type)) {
		number->value = type;
		return true;
	}
	ps_report(binder->diagnostics, PS_CODE_TYPE, ps_yaml_span(node),
	    "'%.*s' is not a record type", PS_QUOTED(node->text));
	ps_report_hint(binder->diagnostics, "as in A, AAAA, MX or TYPE65");
	return false;
}

static const struct ps_value type_value = {.kind = PS_VALUE_SCALAR,
    .what = "a record type",
    .bind = bind_type,
    .pattern = "^([A-Za-z]+|[Tt][Yy][Pp][Ee][0-9]+|[0-9]+)$",
    .number_too = true,
    .min = 1,
    .max = UINT16_MAX};

/* What exists is seen when all files are read. */
static bool bind_reference(
    struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	(void)binder;
	((struct ps_text *)into)->text = node->text;
	return true;
}

static const struct ps_value action_value = {.kind = PS_VALUE_SCALAR,
    .what = "an action or answer",
    .hint = "pass, log, nxdomain, nodata, refused, drop, truncate, sinkhole, or a name from 'answers'",
    .bind = bind_reference,
    .pattern = PS_ID_PATTERN};

static const struct ps_value rule_value = {.kind = PS_VALUE_SCALAR,
    .what = "a rule's id, or 'none'",
    .bind = bind_reference,
    .pattern = PS_ID_PATTERN};

static const struct ps_value brand_value = {.kind = PS_VALUE_SCALAR,
    .what = "a brand's id, or 'none'",
    .bind = bind_reference,
    .pattern = PS_ID_PATTERN};

static const struct ps_key expect_keys[] = {
    {"action", &action_value, offsetof(struct ps_doc_expect, action), PS_OPTIONAL,
        "pass, log, nxdomain, nodata, refused, drop, truncate, sinkhole, or a name from 'answers'.",
        "answer then verdict result do"},
    {"rule", &rule_value, offsetof(struct ps_doc_expect, rule), PS_OPTIONAL,
        "The id of the rule that decides, or none.", "rules id by"},
    {"technique", &ps_value_technique, offsetof(struct ps_doc_expect, technique), PS_OPTIONAL,
        "How the name imitates a brand, or none.", "techniques kind"},
    {"brand", &brand_value, offsetof(struct ps_doc_expect, brand), PS_OPTIONAL,
        "The id of the brand that the name imitates, or none.", "brands of protected"},
    {0},
};

static const struct ps_mapping expect_mapping = {
    .what = "'expect'", .keys = expect_keys, .keys_min = 1};

static const struct ps_value expect_other = {.kind = PS_VALUE_MAPPING,
    .what = "an action or a mapping",
    .hint = "as in 'expect: nxdomain' or 'expect: {action: nxdomain, rule: isac-phishing}'",
    .mapping = &expect_mapping};

static const struct ps_value expect_value = {.kind = PS_VALUE_CHOICE,
    .what = "an action or a mapping",
    .hint = "as in 'expect: nxdomain' or 'expect: {action: nxdomain, rule: isac-phishing}'",
    .scalar = &action_value,
    .scalar_offset = offsetof(struct ps_doc_expect, action),
    .other = &expect_other};

static const struct ps_key test_keys[] = {
    {"name", &ps_value_name, offsetof(struct ps_doc_test, name), PS_REQUIRED,
        "The name that is asked for.", "domain qname host query"},
    {"type", &type_value, offsetof(struct ps_doc_test, type), PS_OPTIONAL,
        "The record type that is asked for; A unless said otherwise.", "qtype rrtype"},
    {"client", &ps_value_client, offsetof(struct ps_doc_test, client), PS_OPTIONAL,
        "The address that asks; one that is in no group unless said otherwise.",
        "from source address ip"},
    {"answer", &ps_value_shown, offsetof(struct ps_doc_test, answer), PS_OPTIONAL,
        "What the answer shows: names that it leads to, addresses in it. Without it there is "
        "none yet, and rules that ask about the answer do not hold.",
        "answers response target address cname leads-to"},
    {"server", &ps_value_shown, offsetof(struct ps_doc_test, server), PS_OPTIONAL,
        "Names and addresses of the name servers on the way to the answer.",
        "servers nameserver ns"},
    {"expect", &expect_value, offsetof(struct ps_doc_test, expect), PS_REQUIRED,
        "What becomes of it: an action, or what else must hold.",
        "expected then want wanted action"},
    {"note", &ps_value_note, offsetof(struct ps_doc_test, note), PS_OPTIONAL,
        "Why, for whoever sees it fail.", "comment description reason"},
    {0},
};

static const struct ps_mapping test_mapping = {.what = "a test", .keys = test_keys};

static const struct ps_value test_value = {.kind = PS_VALUE_MAPPING,
    .what = "a test",
    .hint = "as in '- {name: usps-track.top, expect: nxdomain}'",
    .mapping = &test_mapping};

const struct ps_value ps_value_tests = {.kind = PS_VALUE_LIST,
    .what = "a list of tests",
    .hint = "as in '- {name: usps-track.top, expect: nxdomain}'",
    .item = &test_value,
    .item_size = sizeof(struct ps_doc_test),
    .items_max = PS_TESTS_MAX,
    .may_be_empty = true};
