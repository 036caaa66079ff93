/* The table of `answers`. */
#include "policy/document.h"

static const struct ps_value address4_items = {.kind = PS_VALUE_ITEMS,
    .what = "an IPv4 address or a list of them",
    .item = &ps_value_address4,
    .item_size = sizeof(struct ps_address_field),
    .items_max = PS_SINKHOLE_ADDRESSES_MAX};

static const struct ps_value address6_items = {.kind = PS_VALUE_ITEMS,
    .what = "an IPv6 address or a list of them",
    .item = &ps_value_address6,
    .item_size = sizeof(struct ps_address_field),
    .items_max = PS_SINKHOLE_ADDRESSES_MAX};

static const struct ps_key sinkhole_keys[] = {
    {"a", &address4_items, offsetof(struct ps_doc_sinkhole, a), PS_OPTIONAL,
        "IPv4 addresses that the name leads to.", "ipv4 ip address addresses"},
    {"aaaa", &address6_items, offsetof(struct ps_doc_sinkhole, aaaa), PS_OPTIONAL,
        "IPv6 addresses that the name leads to.", "ipv6"},
    {"cname", &ps_value_name, offsetof(struct ps_doc_sinkhole, cname), PS_OPTIONAL,
        "Another name that the name leads to; then without addresses.", "name host target"},
    {0},
};

/* A name with a CNAME has no other records: RFC 1034 section 3.6.2. */
static void check_sinkhole(
    struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const struct ps_doc_sinkhole *sinkhole = into;
	const struct ps_yaml_node *address =
	    sinkhole->a.field.node != NULL ? sinkhole->a.field.node : sinkhole->aaaa.field.node;

	(void)node;
	if (sinkhole->cname.field.node == NULL || address == NULL)
		return;
	ps_report(binder->diagnostics, PS_CODE_SINKHOLE, ps_yaml_span(sinkhole->cname.field.node),
	    "a sinkhole leads to addresses or to a cname, not to both");
	ps_report_other(binder->diagnostics, ps_yaml_span(address), "the address");
}

static const struct ps_mapping sinkhole_mapping = {
    .what = "a sinkhole", .keys = sinkhole_keys, .keys_min = 1, .check = check_sinkhole};

static const struct ps_value sinkhole_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in sinkhole: {a: 192.0.2.80} or sinkhole: {cname: walled.example}",
    .mapping = &sinkhole_mapping};

static const struct ps_value empty_value = {.kind = PS_VALUE_EMPTY,
    .what = "nothing, or {}",
    .hint = "as in 'quiet: {nodata: {}, ttl: 300}'"};

#define PLAIN(action) offsetof(struct ps_doc_answer, plain) + (action) * sizeof(struct ps_field)

static const struct ps_key answer_keys[] = {
    {"sinkhole", &sinkhole_value, offsetof(struct ps_doc_answer, sinkhole), PS_ONE_OF,
        "Leads the name elsewhere: to addresses of yours, or to another name.",
        "redirect"},
    {"nxdomain", &empty_value, PLAIN(PS_ACTION_NXDOMAIN), PS_ONE_OF,
        "Says that the name does not exist.", NULL},
    {"nodata", &empty_value, PLAIN(PS_ACTION_NODATA), PS_ONE_OF,
        "Says that the name exists but has no records.", NULL},
    {"refused", &empty_value, PLAIN(PS_ACTION_REFUSED), PS_ONE_OF,
        "Says that the resolver does not answer this.", NULL},
    {"drop", &empty_value, PLAIN(PS_ACTION_DROP), PS_ONE_OF,
        "Sends no answer at all.", NULL},
    {"truncate", &empty_value, PLAIN(PS_ACTION_TRUNCATE), PS_ONE_OF,
        "Has the client ask again over TCP, where it gets the name's own answer.", "tcp-only"},
    {"log", &empty_value, PLAIN(PS_ACTION_LOG), PS_ONE_OF,
        "Lets the query through and records it.", NULL},
    {"pass", &empty_value, PLAIN(PS_ACTION_PASS), PS_ONE_OF, "Lets the query through.", NULL},
    {"ttl", &ps_value_ttl, offsetof(struct ps_doc_answer, ttl), PS_OPTIONAL,
        "Seconds for which the answer may be kept, 0 to 604800; 30 unless said otherwise.",
        "time"},
    {0},
};

/* A ttl of an answer that has no records would seem to do something. */
static void check_answer(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	static const enum ps_action without[] = {
	    PS_ACTION_PASS, PS_ACTION_LOG, PS_ACTION_DROP, PS_ACTION_REFUSED, PS_ACTION_TRUNCATE};
	const struct ps_doc_answer *answer = into;

	(void)node;
	if (answer->ttl.field.node == NULL)
		return;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		const struct ps_field *action = &answer->plain[without[i]];

		if (action->node == NULL)
			continue;
		ps_report(binder->diagnostics, PS_CODE_CONFLICT,
		    ps_yaml_span(answer->ttl.field.node), "'ttl' does nothing with '%s'",
		    ps_action_name(without[i]));
		ps_report_hint(binder->diagnostics, "remove it: no record of ours is sent that a TTL could be of");
		return;
	}
}

static const struct ps_mapping answer_mapping = {.what = "an answer",
    .hint = "the action itself is the key: 'nodata: {}' or 'sinkhole: {a: 192.0.2.80}'",
    .keys = answer_keys,
    .one_of_code = PS_CODE_ANSWER,
    .check = check_answer};

static const struct ps_value answer_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'quiet: {nodata: {}, ttl: 300}'",
    .mapping = &answer_mapping};

const struct ps_value ps_value_answers = {.kind = PS_VALUE_NAMED,
    .what = "a mapping of names to answers",
    .hint = "as in 'block-page: {sinkhole: {a: 192.0.2.80}, ttl: 60}'",
    .item = &answer_value,
    .item_size = sizeof(struct ps_doc_answer),
    .items_max = PS_ANSWERS_MAX,
    .may_be_empty = true};
