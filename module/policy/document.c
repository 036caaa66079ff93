/* The table of a whole file, and of its lists of names. */
#include "policy/document.h"

/* --- never, official, popular --------------------------------------------------- */

const struct ps_value ps_value_never = {.kind = PS_VALUE_LIST,
    .what = "a list of names",
    .hint = "as in 'never: [upu.int, \"*.upu.post\"]'",
    .item = &ps_value_reach,
    .item_size = sizeof(struct ps_name_field),
    .may_be_empty = true};

static const struct ps_key official_keys[] = {
    {"name", &ps_value_name, offsetof(struct ps_doc_official, name), PS_REQUIRED,
        "The operator's domain.", "domain"},
    {"owner", &ps_value_text, offsetof(struct ps_doc_official, owner), PS_OPTIONAL,
        "Whose it is.", "operator post title"},
    {"country", &ps_value_country, offsetof(struct ps_doc_official, country), PS_OPTIONAL,
        "The country's two-letter code (ISO 3166-1).", "cc iso2"},
    {0},
};

static const struct ps_mapping official_mapping = {
    .what = "an official domain", .keys = official_keys};

static const struct ps_value official_other = {.kind = PS_VALUE_MAPPING,
    .what = "a name, or a mapping with 'name'",
    .hint = "as in '- usps.com' or '- {name: usps.com, owner: United States Postal Service}'",
    .mapping = &official_mapping};

static const struct ps_value official_value = {.kind = PS_VALUE_CHOICE,
    .what = "a name, or a mapping with 'name'",
    .scalar = &ps_value_name,
    .scalar_offset = offsetof(struct ps_doc_official, name),
    .other = &official_other};

const struct ps_value ps_value_official = {.kind = PS_VALUE_LIST,
    .what = "a list of operators' domains",
    .hint = "each begins with '- name: ...'",
    .item = &official_value,
    .item_size = sizeof(struct ps_doc_official),
    .may_be_empty = true};

static const struct ps_value popular_list = {.kind = PS_VALUE_LIST,
    .what = "a list of names, or {file: popular.txt}",
    .hint = "as in 'popular: {file: popular.txt}'",
    .item = &ps_value_name,
    .item_size = sizeof(struct ps_name_field),
    .may_be_empty = true};

static const struct ps_key popular_keys[] = {
    {"file", &ps_value_path, offsetof(struct ps_doc_popular, file), PS_REQUIRED,
        "A file with a name a line, from the folder of this policy file.", "path"},
    {0},
};

static const struct ps_mapping popular_mapping = {.what = "'popular'", .keys = popular_keys};

static const struct ps_value popular_file = {.kind = PS_VALUE_MAPPING,
    .what = "a list of names, or {file: popular.txt}",
    .mapping = &popular_mapping};

const struct ps_value ps_value_popular = {.kind = PS_VALUE_CHOICE,
    .what = "a list of names, or {file: popular.txt}",
    .list = &popular_list,
    .other = &popular_file};

/* --- the file ---------------------------------------------------------------------- */

static bool bind_version(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_number *version = into;

	version->value = PS_LANGUAGE_VERSION;
	if (ps_bytes_equal_text(node->text, "1"))
		return true;
	ps_report(binder->diagnostics, PS_CODE_VERSION, ps_yaml_span(node),
	    "version '%.*s' of the policy language is not known", PS_QUOTED(node->text));
	ps_report_hint(binder->diagnostics, "this program reads version 1: 'postshield: 1'");
	return false;
}

static const struct ps_value version_value = {.kind = PS_VALUE_SCALAR,
    .what = "the version of the policy language",
    .hint = "every policy file begins with 'postshield: 1'",
    .missing_code = PS_CODE_NO_VERSION,
    .bind = bind_version,
    .pattern = "^1$",
    .number_too = true,
    .min = PS_LANGUAGE_VERSION,
    .max = PS_LANGUAGE_VERSION};

static const struct ps_key document_keys[] = {
    {"postshield", &version_value, offsetof(struct ps_document, version), PS_REQUIRED,
        "The version of the policy language: 1. The first key of every file.", "version"},
    {"clients", &ps_value_clients, offsetof(struct ps_document, clients), PS_OPTIONAL,
        "Groups of clients by address and prefix, by ids that rules use. An address is in the "
        "group with the longest prefix that covers it, and in that alone.",
        "client groups networks sources"},
    {"answers", &ps_value_answers, offsetof(struct ps_document, answers), PS_OPTIONAL,
        "Ways to answer, by names that rules use.", "actions responses sinkholes"},
    {"rules", &ps_value_rules, offsetof(struct ps_document, rules), PS_OPTIONAL,
        "Asked from top to bottom, the first match decides; what no rule matches passes.",
        "policy policies filters block"},
    {"never", &ps_value_never, offsetof(struct ps_document, never), PS_OPTIONAL,
        "Names that no feed and no rule ever blocks: name (and everything below it), or "
        "\"*.name\" (everything below it).",
        "allow allowlist whitelist never-block"},
    {"official", &ps_value_official, offsetof(struct ps_document, official), PS_OPTIONAL,
        "Postal operators' own domains. A host below one that a feed lists is blocked alone, "
        "never the domain as a whole.",
        "operators domains"},
    {"popular", &ps_value_popular, offsetof(struct ps_document, popular), PS_OPTIONAL,
        "Well-known names. A feed that lists one is mistaken: the entry is shown, not answered.",
        "top known"},
    {"feeds", &ps_value_feeds, offsetof(struct ps_document, feeds), PS_OPTIONAL,
        "Lists of abusive names, by ids that rules use.", "lists sources feed"},
    {"brands", &ps_value_brands, offsetof(struct ps_document, brands), PS_OPTIONAL,
        "Names that others imitate, by ids that rules use: a rule with 'lookalike' finds the "
        "imitations.",
        "brand protected lookalikes lookalike trademarks"},
    {"keywords", &ps_value_keywords, offsetof(struct ps_document, keywords), PS_OPTIONAL,
        "Words that imitations put beside a protected name, by language and topic.",
        "words terms"},
    {"abused-tlds", &ps_value_abused_tlds, offsetof(struct ps_document, abused_tlds),
        PS_OPTIONAL,
        "Top-level domains that are abused more than others, and how many times as often as "
        "ordinary sites use them.",
        "tlds bad-tlds abused suspicious-tlds"},
    {"free-hosting", &ps_value_free_hosting, offsetof(struct ps_document, free_hosting),
        PS_OPTIONAL,
        "Domains below which anybody may put a name: being below one says nothing for a name.",
        "hosting hosts hosters"},
    {"common-words", &ps_value_common_words, offsetof(struct ps_document, common_words),
        PS_OPTIONAL,
        "Words that stand in names for what they mean: one that merely resembles a protected "
        "name is no imitation.",
        "words dictionary common"},
    {"exceptions", &ps_value_exceptions, offsetof(struct ps_document, exceptions), PS_OPTIONAL,
        "Names that look like a protected one and are nothing bad, each with all below it and "
        "the reason.",
        "exception except ignore false-positives"},
    {"tests", &ps_value_tests, offsetof(struct ps_document, tests), PS_OPTIONAL,
        "Names and what must become of them: 'postshield test' asks the resolver's own "
        "evaluator.",
        "test examples cases checks"},
    {"events", &ps_value_events, offsetof(struct ps_document, events), PS_OPTIONAL,
        "What is kept of each decision that blocks or logs a name. In one file of a policy.",
        "event log logging privacy"},
    {"structured-errors", &ps_value_structured, offsetof(struct ps_document, structured),
        PS_OPTIONAL,
        "Clients that ask for it are told in JSON why a name is blocked and whom to ask "
        "(draft-ietf-dnsop-structured-dns-error-22), instead of being led elsewhere. Nobody is "
        "unless this stands here. In one file of a policy.",
        "structured-dns-errors structured-error sde structured"},
    {"strict", &ps_value_switch, offsetof(struct ps_document, strict), PS_OPTIONAL,
        "yes: the resolver refuses to start or to reload when it has no good snapshot. Otherwise "
        "it starts, resolves, blocks nothing and says so. In one file of a policy.",
        "fail-closed required mandatory"},
    {0},
};

/* The version comes first, so that a newer program knows how to read the rest. */
static void check_document(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	(void)into;
	if (ps_yaml_get(node, "postshield") == NULL ||
	    ps_bytes_equal_text(node->first->text, "postshield"))
		return;
	ps_report(binder->diagnostics, PS_CODE_NO_VERSION, ps_yaml_span(node->first),
	    "something stands before the version");
	ps_report_hint(binder->diagnostics, "'postshield: 1' is the first line of every file");
}

static const struct ps_mapping document_mapping = {.what = "a policy file",
    .keys = document_keys,
    .check = check_document};

const struct ps_value ps_value_document = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping of keys",
    .hint = "the first line is 'postshield: 1', then come rules, feeds and so on",
    .mapping = &document_mapping};

void ps_document_bind(struct ps_document *document, struct ps_binder *binder,
    const struct ps_source *source, const struct ps_yaml_node *root)
{
	struct ps_span start = {source, 1, 1, 1};

	*document = (struct ps_document){.field = {.ok = false}};
	if (root != NULL) {
		ps_bind(binder, &ps_value_document, root, document);
		return;
	}
	if (source->cut)
		return;
	ps_report(binder->diagnostics, PS_CODE_NO_VERSION, start, "the file says nothing");
	ps_report_hint(binder->diagnostics, "every policy file begins with 'postshield: 1'");
}
