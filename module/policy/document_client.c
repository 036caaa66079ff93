/* The table of `clients`, and of the groups that a rule names. */
#include "policy/document.h"

static const struct ps_value prefix_items = {.kind = PS_VALUE_ITEMS,
    .what = "an address, a prefix, or a list of them",
    .hint = "as in 'counters: [10.20.0.0/16, \"2001:db8:20::/48\"]'",
    .item = &ps_value_prefix,
    .item_size = sizeof(struct ps_prefix_field),
    .items_max = PS_CLIENT_PREFIXES_MAX};

const struct ps_value ps_value_clients = {.kind = PS_VALUE_NAMED,
    .what = "a mapping of groups to addresses and prefixes",
    .hint = "as in 'clients: {counters: [10.20.0.0/16]}'",
    .item = &prefix_items,
    .item_size = sizeof(struct ps_doc_group),
    .item_offset = offsetof(struct ps_doc_group, prefixes),
    .may_be_empty = true};

/* An address here is what people write first. */
static bool bind_group(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_prefix prefix;

	((struct ps_text *)into)->text = node->text;
	if (ps_prefix_from_text(&prefix, node->text, NULL) != PS_OK)
		return ps_id_check(binder, node);
	ps_report(binder->diagnostics, PS_CODE_ID, ps_yaml_span(node),
	    "'%.*s' is an address, and a rule names a group", PS_QUOTED(node->text));
	ps_report_hint(binder->diagnostics,
	    "put it into a group, as in 'clients: {counters: [%.*s]}', and name that here",
	    PS_QUOTED(node->text));
	return false;
}

static const struct ps_value group_value = {.kind = PS_VALUE_SCALAR,
    .what = "a group of clients",
    .bind = bind_group,
    .pattern = PS_ID_PATTERN};

const struct ps_value ps_value_groups = {.kind = PS_VALUE_ITEMS,
    .what = "a group of clients or a list of them",
    .hint = "as in 'client: counters' or 'client: [counters, depots]'",
    .item = &group_value,
    .item_size = sizeof(struct ps_text),
    .items_max = PS_CLIENT_GROUPS_MAX};
