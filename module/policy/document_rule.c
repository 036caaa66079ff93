/* The table of `rules`. */
#include "policy/document.h"
#include "policy/pattern_check.h"

/* --- when: name ------------------------------------------------------------------- */

static const struct ps_value name_items = {.kind = PS_VALUE_ITEMS,
    .what = "a domain name or a list of them",
    .item = &ps_value_name,
    .item_size = sizeof(struct ps_name_field)};

static bool bind_pattern(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	((struct ps_text *)into)->text = node->text;
	return ps_pattern_lint(binder, node);
}

static const struct ps_value pattern_value = {.kind = PS_VALUE_SCALAR,
    .what = "one pattern",
    .hint = "put it between single quotes; join several with '|', as in 'one|two'",
    .bind = bind_pattern,
    .length_max = PS_PATTERN_TEXT_MAX};

static const struct ps_key name_keys[] = {
    {"is", &name_items, offsetof(struct ps_doc_name_condition, is), PS_OPTIONAL,
        "This name alone, not what stands below it. One name, or a list of which any will do.",
        "equals exact exactly eq name names domain"},
    {"under", &name_items, offsetof(struct ps_doc_name_condition, under), PS_OPTIONAL,
        "This name and everything below it. One name, or a list of which any will do.",
        "suffix subtree ends-with zone domain-suffix in"},
    {"below", &name_items, offsetof(struct ps_doc_name_condition, below), PS_OPTIONAL,
        "Everything below this name, but not the name itself. One name, or a list.",
        "beneath subdomains wildcard"},
    {"pattern", &pattern_value, offsetof(struct ps_doc_name_condition, pattern), PS_OPTIONAL,
        "A PCRE2 regular expression, searched in the name as small letters without the dot at "
        "its end. May stand beside 'under' or 'below': then both must hold.",
        "regex regexp matches match"},
    {0},
};

static void report_conflict(struct ps_binder *binder, const struct ps_field *first,
    const char *first_key, const struct ps_field *second, const char *second_key)
{
	ps_report(binder->diagnostics, PS_CODE_CONFLICT, ps_yaml_span(second->node),
	    "'%s' and '%s' cannot stand in one rule", first_key, second_key);
	ps_report_hint(binder->diagnostics, "write two rules, one for each");
	ps_report_other(binder->diagnostics, ps_yaml_span(first->node), first_key);
}

/* All keys of a condition must hold, and people who write two of these lists mean
 * that either will do: so that no file means what it does not seem to, it is one
 * list a rule. Names written out leave nothing for a pattern to choose from. */
static void check_name(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_doc_name_condition *name = into;
	const struct ps_field *lists[] = {&name->is.field, &name->under.field, &name->below.field};
	static const char *const keys[] = {"is", "under", "below"};
	int first = -1;

	(void)node;
	for (int i = 0; i < 3; i++) {
		if (lists[i]->node == NULL)
			continue;
		if (first >= 0)
			report_conflict(binder, lists[first], keys[first], lists[i], keys[i]);
		else
			first = i;
	}
	if (name->is.field.node != NULL && name->pattern.field.node != NULL)
		report_conflict(binder, lists[0], "is", &name->pattern.field, "pattern");
}

static const struct ps_mapping name_mapping = {
    .what = "'name'", .keys = name_keys, .keys_min = 1, .check = check_name};

const struct ps_value ps_value_name_condition = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "say 'is' for the name alone, 'under' for it and all below: name: {under: a.example}",
    .mapping = &name_mapping};

/* --- when: listed -------------------------------------------------------------------- */

static const struct ps_value feed_items = {.kind = PS_VALUE_ITEMS,
    .what = "a feed's id or a list of them",
    .item = &ps_value_id,
    .item_size = sizeof(struct ps_text),
    .items_max = PS_FEEDS_MAX};

static const struct ps_value category_items = {.kind = PS_VALUE_ITEMS,
    .what = "a category or a list of them",
    .item = &ps_value_category,
    .item_size = sizeof(struct ps_number)};

static const struct ps_key listed_keys[] = {
    {"feeds", &feed_items, offsetof(struct ps_doc_listed, feeds), PS_OPTIONAL,
        "Ids of the feeds of which any must list the name; any feed unless said otherwise.",
        "feed list lists source sources in by"},
    {"category", &category_items, offsetof(struct ps_doc_listed, categories), PS_OPTIONAL,
        "The kind of abuse, or a list of which any will do; any kind unless said otherwise.",
        "categories class kind type threat"},
    {"confidence", &ps_value_confidence_range, offsetof(struct ps_doc_listed, confidence),
        PS_OPTIONAL,
        "How sure the feed is, 0 to 100: \">= 60\", \"< 30\", or 60-80 (both included).",
        "score certainty min-confidence"},
    {0},
};

static const struct ps_mapping listed_mapping = {
    .what = "'listed'", .keys = listed_keys, .keys_min = 1};

static const struct ps_value listed_other = {.kind = PS_VALUE_MAPPING,
    .what = "'any' or a mapping",
    .hint = "as in 'listed: any' or 'listed: {category: phishing, confidence: \">= 60\"}'",
    .mapping = &listed_mapping};

static const struct ps_word any_words[] = {{"any", 1}, {NULL, 0}};

static const struct ps_value any_value = {
    .kind = PS_VALUE_WORD, .what = "'any', or a mapping of conditions", .words = any_words};

const struct ps_value ps_value_listed = {.kind = PS_VALUE_CHOICE,
    .what = "'any' or a mapping",
    .scalar = &any_value,
    .scalar_offset = offsetof(struct ps_doc_listed, any),
    .other = &listed_other};

/* --- when ------------------------------------------------------------------------------ */

static const struct ps_key when_keys[] = {
    {"name", &ps_value_name_condition, offsetof(struct ps_doc_when, name), PS_OPTIONAL,
        "The name that is asked for.", "domain qname query host names"},
    {"client", &ps_value_groups, offsetof(struct ps_doc_when, clients), PS_OPTIONAL,
        "Who asks: a group from 'clients', or a list of which any will do; everybody unless "
        "said otherwise.",
        "clients group groups source from who"},
    {"listed", &ps_value_listed, offsetof(struct ps_doc_when, listed), PS_OPTIONAL,
        "A feed lists the name: 'any', or what the listing must be.",
        "feed feeds in-feed list"},
    {"lookalike", &ps_value_looks, offsetof(struct ps_doc_when, looks), PS_OPTIONAL,
        "The name looks like a protected one: from which score on, and which brands and "
        "techniques.",
        "looks-like lookalikes imitates similar brand brands typosquat"},
    {"answer", &ps_value_answer_condition, offsetof(struct ps_doc_when, answer), PS_OPTIONAL,
        "What the answer shows: a name that it leads to, an address in it. Such a rule is asked "
        "when there is an answer, so only of names that no rule blocks by themselves.",
        "answers response result target cname address"},
    {"server", &ps_value_server_condition, offsetof(struct ps_doc_when, server), PS_OPTIONAL,
        "A name server that was seen on the way to the answer, as far as the resolver asked.",
        "servers nameserver name-server ns nsdname nsip authority"},
    {0},
};

static const struct ps_mapping when_mapping = {
    .what = "'when'", .keys = when_keys, .keys_min = 1, .empty_code = PS_CODE_NO_CONDITION};

static const struct ps_value when_other = {.kind = PS_VALUE_MAPPING,
    .what = "'everything' or a mapping of conditions",
    .hint = "as in 'when: everything' or 'when: {name: {under: a.example}}'",
    .mapping = &when_mapping};

static const struct ps_word everything_words[] = {{"everything", 1}, {NULL, 0}};

static const struct ps_value everything_value = {.kind = PS_VALUE_WORD,
    .what = "'everything', or a mapping of conditions",
    .words = everything_words};

static const struct ps_value when_value = {.kind = PS_VALUE_CHOICE,
    .what = "'everything' or a mapping of conditions",
    .hint = "for every query write 'when: everything'",
    .missing_code = PS_CODE_NO_CONDITION,
    .scalar = &everything_value,
    .scalar_offset = offsetof(struct ps_doc_when, everything),
    .other = &when_other};

/* --- rules ------------------------------------------------------------------------------- */

static const struct ps_word modes[] = {
    {"enforce", PS_MODE_ENFORCE}, {"shadow", PS_MODE_SHADOW}, {NULL, 0}};

static const struct ps_value mode_value = {
    .kind = PS_VALUE_WORD, .what = "a mode", .words = modes};

static const struct ps_word confirmations[] = {{"whole-suffix", PS_CONFIRM_WHOLE_SUFFIX},
    {"special-addresses", PS_CONFIRM_SPECIAL_ADDRESSES}, {NULL, 0}};

static const struct ps_value confirm_value = {
    .kind = PS_VALUE_WORD, .what = "a confirmation", .words = confirmations};

/* Whether the answer exists is seen when all files are read. */
static bool bind_then(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	(void)binder;
	((struct ps_text *)into)->text = node->text;
	return true;
}

static const struct ps_value then_value = {.kind = PS_VALUE_SCALAR,
    .what = "an answer's name",
    .hint = "pass, log, nxdomain, nodata, refused, drop, truncate, or a name from 'answers'",
    .bind = bind_then,
    .pattern = PS_ID_PATTERN};

static const struct ps_key rule_keys[] = {
    {"id", &ps_value_id, offsetof(struct ps_doc_rule, id), PS_REQUIRED,
        "The rule's name in logs, metrics and messages; unique over the whole policy.",
        "name rule title"},
    {"when", &when_value, offsetof(struct ps_doc_rule, when), PS_REQUIRED,
        "What must hold for the rule to apply: all keys of it; or 'everything'.",
        "if match matches condition conditions where"},
    {"then", &then_value, offsetof(struct ps_doc_rule, then), PS_REQUIRED,
        "What happens: pass, log, nxdomain, nodata, refused, drop, truncate, or a name from 'answers'.",
        "action answer do verdict"},
    {"tell", &ps_value_tell, offsetof(struct ps_doc_rule, tell), PS_OPTIONAL,
        "What the answer says of the reason.", "ede explain reason say"},
    {"mode", &mode_value, offsetof(struct ps_doc_rule, mode), PS_OPTIONAL,
        "enforce, or shadow: counted and shown, but the next rule is asked.",
        "trial shadow dry-run enforce"},
    {"confirm", &confirm_value, offsetof(struct ps_doc_rule, confirm), PS_OPTIONAL,
        "whole-suffix: yes, this rule shall block everything below a top-level domain or a "
        "public suffix such as co.uk. special-addresses: yes, it shall block answers with "
        "addresses of local networks, or with very many addresses.",
        NULL},
    {"note", &ps_value_note, offsetof(struct ps_doc_rule, note), PS_OPTIONAL,
        "For whoever reads the policy; has no effect.", "comment description notes"},
    {0},
};

static const struct ps_mapping rule_mapping = {.what = "a rule", .keys = rule_keys};

static const struct ps_value rule_value = {.kind = PS_VALUE_MAPPING,
    .what = "a rule",
    .hint = "a rule is a mapping: '- id: ...', and below it 'when: ...' and 'then: ...'",
    .mapping = &rule_mapping};

const struct ps_value ps_value_rules = {.kind = PS_VALUE_LIST,
    .what = "a list of rules",
    .hint = "each rule begins with '- id: ...'",
    .item = &rule_value,
    .item_size = sizeof(struct ps_doc_rule),
    .items_max = PS_RULES_MAX,
    .may_be_empty = true};
