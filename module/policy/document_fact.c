/* The tables of what a rule asks of answers: `answer` and `server` of its `when`; and of what a
 * test says of them. */
#include "policy/document.h"

/* --- addresses -------------------------------------------------------------------- */

static const struct ps_value prefix_items = {.kind = PS_VALUE_ITEMS,
    .what = "an address, a prefix, or a list of them",
    .hint = "as in 'address: [192.0.2.0/24, \"2001:db8::/32\"]'",
    .item = &ps_value_prefix,
    .item_size = sizeof(struct ps_prefix_field),
    .items_max = PS_RULE_PREFIXES_MAX};

static const struct ps_key address_keys[] = {
    {"listed", &ps_value_listed, offsetof(struct ps_doc_address_condition, listed), PS_REQUIRED,
        "A feed lists the address, or a prefix that it lies in: 'any', or what the listing must "
        "be.",
        "feed feeds in-feed list"},
    {0},
};

static const struct ps_mapping address_mapping = {.what = "'address'",
    .hint = "addresses themselves stand right behind it: 'address: [192.0.2.0/24]'",
    .keys = address_keys};

static const struct ps_value address_other = {.kind = PS_VALUE_MAPPING,
    .what = "addresses, prefixes, or 'listed'",
    .hint = "as in 'address: 192.0.2.0/24' or 'address: {listed: any}'",
    .mapping = &address_mapping};

/* A list alone, so that both of its forms are bound at one place. */
static const struct ps_value address_value = {.kind = PS_VALUE_CHOICE,
    .what = "an address, a prefix, a list of them, or a mapping",
    .hint = "as in 'address: 192.0.2.0/24' or 'address: {listed: any}'",
    .scalar = &prefix_items,
    .scalar_offset = offsetof(struct ps_doc_address_condition, list),
    .list = &prefix_items,
    .other = &address_other};

/* --- answer ------------------------------------------------------------------------ */

static const struct ps_key target_keys[] = {
    {"name", &ps_value_name_condition, offsetof(struct ps_doc_target, name), PS_OPTIONAL,
        "The name that the answer leads to.", "domain host names target cname"},
    {"listed", &ps_value_listed, offsetof(struct ps_doc_target, listed), PS_OPTIONAL,
        "A feed lists that name: 'any', or what the listing must be.", "feed feeds in-feed list"},
    {"lookalike", &ps_value_looks, offsetof(struct ps_doc_target, looks), PS_OPTIONAL,
        "That name looks like a protected one.", "looks-like lookalikes imitates similar"},
    {0},
};

static const struct ps_mapping target_mapping = {.what = "'leads-to'",
    .hint = "a name stands under 'name': leads-to: {name: {under: tracker.example}}",
    .keys = target_keys,
    .keys_min = 1};

static const struct ps_value target_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'leads-to: {name: {under: tracker.example}}' or 'leads-to: {listed: any}'",
    .mapping = &target_mapping};

static const struct ps_key answer_keys[] = {
    {"leads-to", &target_value, offsetof(struct ps_doc_answer_condition, target), PS_OPTIONAL,
        "A name that the answer leads to (by CNAME, DNAME, HTTPS or SVCB), for which all that "
        "stands here holds.",
        "target cname alias chain cloaked points-to name"},
    {"address", &address_value, offsetof(struct ps_doc_answer_condition, address), PS_OPTIONAL,
        "An address in the answer: one, a prefix, or a list of which any will do; or that a feed "
        "lists it.",
        "addresses ip ips prefix prefixes a aaaa in"},
    {0},
};

static const struct ps_mapping answer_mapping = {
    .what = "'answer'", .keys = answer_keys, .keys_min = 1};

const struct ps_value ps_value_answer_condition = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'answer: {address: 192.0.2.0/24}' or 'answer: {leads-to: {listed: any}}'",
    .mapping = &answer_mapping};

/* --- server ------------------------------------------------------------------------- */

static const struct ps_key server_keys[] = {
    {"name", &ps_value_name_condition, offsetof(struct ps_doc_server_condition, name),
        PS_OPTIONAL, "The name of a name server.", "domain host names ns"},
    {"address", &address_value, offsetof(struct ps_doc_server_condition, address), PS_OPTIONAL,
        "The address of a name server: one, a prefix, or a list of which any will do; or that a "
        "feed lists it.",
        "addresses ip ips prefix prefixes in"},
    {"listed", &ps_value_listed, offsetof(struct ps_doc_server_condition, listed), PS_OPTIONAL,
        "A feed lists a name server, by its name or its address.", "feed feeds in-feed list"},
    {0},
};

/* A listing is of one of the two: of which would have to be guessed. */
static void check_server(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const struct ps_doc_server_condition *server = into;
	const struct ps_yaml_node *listed = server->listed.field.node;
	const struct ps_yaml_node *other = server->name.field.node;

	(void)node;
	if (other == NULL)
		other = server->address.list.field.node;
	if (listed == NULL || other == NULL)
		return;
	ps_report(binder->diagnostics, PS_CODE_CONFLICT, ps_yaml_span(listed),
	    "'listed' cannot stand beside 'name' or 'address' of a server");
	ps_report_hint(binder->diagnostics, "it asks for the server's name or address by itself");
	ps_report_other(binder->diagnostics, ps_yaml_span(other),
	    other == server->name.field.node ? "name" : "address");
}

static const struct ps_mapping server_mapping = {
    .what = "'server'", .keys = server_keys, .keys_min = 1, .check = check_server};

const struct ps_value ps_value_server_condition = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'server: {name: {under: ns.example}}' or 'server: {listed: any}'",
    .mapping = &server_mapping};

/* --- tests --------------------------------------------------------------------------- */

/* What is an address is one, and the rest is a name. */
static bool bind_shown(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_shown_field *shown = into;
	struct ps_prefix prefix;

	if (ps_address_from_text(&shown->address, node->text, NULL) == PS_OK)
		return true;
	shown->address.family = 0;
	if (ps_prefix_from_text(&prefix, node->text, NULL) == PS_OK) {
		ps_report(binder->diagnostics, PS_CODE_ADDRESS, ps_yaml_span(node),
		    "'%.*s' is a prefix, and an answer has addresses", PS_QUOTED(node->text));
		ps_report_hint(binder->diagnostics, "one of them, as in 192.0.2.7");
		return false;
	}
	return ps_value_name.bind(binder, node, into);
}

static const struct ps_value shown_value = {.kind = PS_VALUE_SCALAR,
    .what = "a name or an address",
    .bind = bind_shown};

const struct ps_value ps_value_shown = {.kind = PS_VALUE_ITEMS,
    .what = "a name, an address, or a list of them",
    .hint = "as in 'answer: cdn.example' or 'answer: [cdn.example, 192.0.2.7]'",
    .item = &shown_value,
    .item_size = sizeof(struct ps_shown_field),
    .items_max = PS_TEST_FACTS_MAX};
