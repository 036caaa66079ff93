/* The tables of what lookalikes are judged by: `brands`, `keywords`, `abused-tlds`,
 * `free-hosting`, `common-words`, `exceptions`; and of a rule's `when: {lookalike}`. */
#include "policy/document.h"

#include "core/idn.h"
#include "policy/term.h"

/* --- terms ---------------------------------------------------------------------------- */

static void report_term(struct ps_binder *binder, const struct ps_yaml_node *node,
    enum ps_term_fault fault, size_t offset)
{
	struct ps_span span = fault == PS_TERM_CHARACTER || fault == PS_TERM_MARK
	                          ? ps_yaml_span_at(node, offset)
	                          : ps_yaml_span(node);

	ps_report(binder->diagnostics, PS_CODE_TERM, span, "'%.*s' cannot be looked for in names",
	    PS_QUOTED(node->text));
	switch (fault) {
	case PS_TERM_CHARACTER:
		ps_report_hint(binder->diagnostics,
		    "letters, digits, blanks, and ' - . & between them: leave this out");
		break;
	case PS_TERM_MARK:
		ps_report_hint(binder->diagnostics, "this mark needs a letter before it");
		break;
	case PS_TERM_SHORT:
		ps_report_hint(binder->diagnostics, "it needs at least two letters or digits");
		break;
	default:
		ps_report_hint(
		    binder->diagnostics, "it may have %d bytes as UTF-8", PS_TERM_TEXT_MAX);
		break;
	}
}

static bool bind_term(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_text *field = into;
	struct ps_term term;
	size_t offset = 0;
	enum ps_term_fault fault = ps_term_make(&term, node->text, &offset);

	if (fault == PS_TERM_GOOD) {
		field->text.ptr = ps_arena_copy(binder->arena, ps_bytes_of(term.text, term.len));
		field->text.len = term.len;
	}
	if (fault == PS_TERM_NO_MEMORY || (fault == PS_TERM_GOOD && field->text.ptr == NULL))
		binder->status = PS_NO_MEMORY;
	else if (fault != PS_TERM_GOOD)
		report_term(binder, node, fault, offset);
	return fault == PS_TERM_GOOD && field->text.ptr != NULL;
}

/* A name may be digits alone, which readers of YAML make a number. */
static const struct ps_value term_value = {.kind = PS_VALUE_SCALAR,
    .what = "a name",
    .bind = bind_term,
    .number_too = true,
    .min = 0,
    .max = UINT32_MAX};

static const struct ps_value word_value = {.kind = PS_VALUE_SCALAR,
    .what = "a word",
    .bind = bind_term,
    .number_too = true,
    .min = 0,
    .max = UINT32_MAX};

/* --- brands ---------------------------------------------------------------------------- */

#define BRAND_TERMS_MAX 256
#define BRAND_DOMAINS_MAX 4096
#define BRAND_PLACES_MAX 256

static const struct ps_value term_items = {.kind = PS_VALUE_ITEMS,
    .what = "a name or a list of them",
    .item = &term_value,
    .item_size = sizeof(struct ps_text),
    .items_max = BRAND_TERMS_MAX};

static const struct ps_value domain_items = {.kind = PS_VALUE_ITEMS,
    .what = "a domain name or a list of them",
    .item = &ps_value_name,
    .item_size = sizeof(struct ps_name_field),
    .items_max = BRAND_DOMAINS_MAX,
    .may_be_empty = true};

static const struct ps_value country_items = {.kind = PS_VALUE_ITEMS,
    .what = "a country code or a list of them",
    .item = &ps_value_country,
    .item_size = sizeof(struct ps_text),
    .items_max = BRAND_PLACES_MAX};

static const struct ps_value language_items = {.kind = PS_VALUE_ITEMS,
    .what = "a language or a list of them",
    .item = &ps_value_language,
    .item_size = sizeof(struct ps_text),
    .items_max = BRAND_PLACES_MAX};

static const struct ps_key brand_keys[] = {
    {"owner", &ps_value_text, offsetof(struct ps_doc_brand, owner), PS_OPTIONAL,
        "Whose it is, for people; the id unless said otherwise.", "operator company title post"},
    {"country", &country_items, offsetof(struct ps_doc_brand, countries), PS_OPTIONAL,
        "The two-letter code (ISO 3166-1) of the country where it is at home, or a list.",
        "countries cc iso2"},
    {"languages", &language_items, offsetof(struct ps_doc_brand, languages), PS_OPTIONAL,
        "The languages in which its customers are written to, as in [de, fr].",
        "language lang"},
    {"names", &term_items, offsetof(struct ps_doc_brand, names), PS_OPTIONAL,
        "How it is written, in words as people write them, with blanks: [swiss post, "
        "swisspost, la poste]. Letters of any script.",
        "name terms term brand strong is"},
    {"weak", &term_items, offsetof(struct ps_doc_brand, weak), PS_OPTIONAL,
        "Names too short or too common to count without a second sign, such as a keyword or an "
        "abused top-level domain.",
        "weak-names short common"},
    {"domains", &domain_items, offsetof(struct ps_doc_brand, domains), PS_OPTIONAL,
        "All domains that the owner uses, each with everything below it: they are never judged, "
        "and no feed blocks one as a whole. [] where there is none.",
        "domain official sites own"},
    {0},
};

static bool is_key(const struct ps_key *keys, struct ps_bytes text)
{
	for (; keys->key != NULL; keys++)
		if (ps_bytes_equal_text(text, keys->key))
			return true;
	return false;
}

/* An unknown key may be the missing one, misspelt. */
static void check_brand(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const struct ps_doc_brand *brand = into;

	if (brand->names.field.node != NULL || brand->weak.field.node != NULL || node->cut)
		return;
	for (const struct ps_yaml_node *key = node->first; key != NULL; key = key->next->next)
		if (!is_key(brand_keys, key->text))
			return;
	ps_report(binder->diagnostics, PS_CODE_NO_TERM, ps_yaml_span(brand->named.key),
	    "the brand '%.*s' has no name", PS_QUOTED(brand->named.key->text));
	ps_report_hint(binder->diagnostics, "as in 'names: [acme post, acmepost]'");
}

static const struct ps_mapping brand_mapping = {
    .what = "a brand", .keys = brand_keys, .check = check_brand};

static const struct ps_value brand_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'acme-post: {names: [acme post], domains: [acmepost.example]}'",
    .mapping = &brand_mapping};

const struct ps_value ps_value_brands = {.kind = PS_VALUE_NAMED,
    .what = "a mapping of ids to brands",
    .hint = "as in 'acme-post: {names: [acme post], domains: [acmepost.example]}'",
    .item = &brand_value,
    .item_size = sizeof(struct ps_doc_brand),
    .items_max = PS_BRANDS_MAX,
    .may_be_empty = true};

/* --- keywords --------------------------------------------------------------------------- */

static bool bind_language_key(
    struct ps_binder *binder, const struct ps_yaml_node *key, void *item)
{
	(void)item;
	return ps_language_check(binder, key);
}

static const struct ps_value word_items = {.kind = PS_VALUE_ITEMS,
    .what = "a word or a list of them",
    .item = &word_value,
    .item_size = sizeof(struct ps_text),
    .items_max = PS_KEYWORDS_MAX};

#define TOPIC(topic) offsetof(struct ps_doc_keywords, topics) + (topic) * sizeof(struct ps_list)

static const struct ps_key topic_keys[] = {
    {"parcel", &word_items, TOPIC(PS_TOPIC_PARCEL), PS_OPTIONAL,
        "What is sent: parcel, package, letter.", "package packages parcels letter mail"},
    {"delivery", &word_items, TOPIC(PS_TOPIC_DELIVERY), PS_OPTIONAL,
        "Bringing it: delivery, shipping, courier.", "shipping shipment ship courier"},
    {"customs", &word_items, TOPIC(PS_TOPIC_CUSTOMS), PS_OPTIONAL,
        "The border: customs, duty, tax.", "duty tax import"},
    {"redelivery", &word_items, TOPIC(PS_TOPIC_REDELIVERY), PS_OPTIONAL,
        "Bringing it again: redelivery, reschedule, missed.", "reschedule missed"},
    {"track", &word_items, TOPIC(PS_TOPIC_TRACK), PS_OPTIONAL,
        "Where it is: track, tracking, status.", "tracking trace status"},
    {"fee", &word_items, TOPIC(PS_TOPIC_FEE), PS_OPTIONAL,
        "What it costs: fee, pay, postage, refund.", "fees pay payment money"},
    {"address", &word_items, TOPIC(PS_TOPIC_ADDRESS), PS_OPTIONAL,
        "Where it goes: address, zip, update.", "addresses"},
    {"account", &word_items, TOPIC(PS_TOPIC_ACCOUNT), PS_OPTIONAL,
        "Who one is: account, login, verify.", "login accounts verify"},
    {"help", &word_items, TOPIC(PS_TOPIC_HELP), PS_OPTIONAL,
        "Who helps: help, service, support.", "support service"},
    {0},
};

static const struct ps_mapping topic_mapping = {
    .what = "a language's part", .keys = topic_keys, .keys_min = 1};

static const struct ps_value topics_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping of topics to words",
    .hint = "as in 'en: {track: [track, tracking], fee: [fee, pay]}'",
    .mapping = &topic_mapping};

const struct ps_value ps_value_keywords = {.kind = PS_VALUE_NAMED,
    .what = "a mapping of languages to topics",
    .hint = "as in 'en: {track: [track, tracking], fee: [fee, pay]}'",
    .item = &topics_value,
    .item_size = sizeof(struct ps_doc_keywords),
    .bind_key = bind_language_key,
    .key_pattern = "^[a-z]{2,3}$",
    .may_be_empty = true};

/* --- top-level domains, hosting ------------------------------------------------------------ */

#define RATIO_MIN 2
#define RATIO_MAX 1000

static bool bind_tld(struct ps_binder *binder, const struct ps_yaml_node *key, void *item)
{
	struct ps_doc_tld *tld = item;
	struct ps_bytes text = key->text;
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_error err;
	uint8_t *wire;

	ps_error_clear(&err);
	if (ps_name_from_user(&name, &storage, text, &err) != PS_OK || name.labels != 1 ||
	    !ps_name_is_hostname(name)) {
		if (err.status == PS_NO_MEMORY) {
			binder->status = PS_NO_MEMORY;
			return false;
		}
		ps_report(binder->diagnostics, PS_CODE_TLD, ps_yaml_span(key),
		    "'%.*s' is not a top-level domain", PS_QUOTED(text));
		if (text.len > 1 && text.ptr[0] == '.')
			ps_report_hint(binder->diagnostics, "without the dot: '%.*s'",
			    PS_QUOTED(ps_bytes_of(text.ptr + 1, text.len - 1)));
		else if (err.status == PS_OK && name.labels > 1)
			ps_report_hint(binder->diagnostics,
			    "where anybody may put a name, it belongs under 'free-hosting'");
		return false;
	}
	wire = ps_arena_copy(binder->arena, ps_bytes_of(name.wire, name.len));
	if (wire == NULL) {
		binder->status = PS_NO_MEMORY;
		return false;
	}
	tld->name = ps_name_trusted(wire, name.len, name.labels);
	return true;
}

static const struct ps_value ratio_value = {.kind = PS_VALUE_NUMBER,
    .what = "a whole number from 2 to 1000",
    .hint = "how many times as often it stands in phishing as in ordinary names: 2 to 1000",
    .min = RATIO_MIN,
    .max = RATIO_MAX};

const struct ps_value ps_value_abused_tlds = {.kind = PS_VALUE_NAMED,
    .what = "a mapping of top-level domains to ratios",
    .hint = "as in 'abused-tlds: {top: 40, icu: 25}'",
    .item = &ratio_value,
    .item_size = sizeof(struct ps_doc_tld),
    .item_offset = offsetof(struct ps_doc_tld, ratio),
    .bind_key = bind_tld,
    .key_pattern = "^[^.*/@:,\\s]+\\.?$",
    .may_be_empty = true};

const struct ps_value ps_value_free_hosting = {.kind = PS_VALUE_LIST,
    .what = "a list of domain names",
    .hint = "as in 'free-hosting: [pages.example, sites.example]'",
    .item = &ps_value_name,
    .item_size = sizeof(struct ps_name_field),
    .may_be_empty = true};

/* --- common words -------------------------------------------------------------------------- */

static const struct ps_value words_list = {.kind = PS_VALUE_LIST,
    .what = "a list of words, or {file: common-words.txt}",
    .hint = "as in 'common-words: {file: common-words.txt}'",
    .item = &word_value,
    .item_size = sizeof(struct ps_text),
    .items_max = PS_COMMON_WORDS_MAX,
    .may_be_empty = true};

static const struct ps_key words_keys[] = {
    {"file", &ps_value_path, offsetof(struct ps_doc_words, file), PS_REQUIRED,
        "A file with a word a line, from the folder of this policy file.", "path"},
    {0},
};

static const struct ps_mapping words_mapping = {.what = "'common-words'", .keys = words_keys};

static const struct ps_value words_file = {.kind = PS_VALUE_MAPPING,
    .what = "a list of words, or {file: common-words.txt}",
    .mapping = &words_mapping};

const struct ps_value ps_value_common_words = {.kind = PS_VALUE_CHOICE,
    .what = "a list of words, or {file: common-words.txt}",
    .list = &words_list,
    .other = &words_file};

/* --- exceptions ---------------------------------------------------------------------------- */

static bool bind_reason(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	if (!ps_value_text.bind(binder, node, into))
		return false;
	if (ps_bytes_trim(node->text).len > 0)
		return true;
	ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span(node), "the reason is empty");
	ps_report_hint(
	    binder->diagnostics, "say why it is no imitation, for whoever reads it in a year");
	return false;
}

static const struct ps_value reason_value = {.kind = PS_VALUE_SCALAR,
    .what = "text",
    .hint = "say why it is no imitation, for whoever reads it in a year",
    .bind = bind_reason};

static const struct ps_key exception_keys[] = {
    {"name", &ps_value_name, offsetof(struct ps_doc_exception, name), PS_REQUIRED,
        "The name that is no imitation, with everything below it.", "domain host"},
    {"reason", &reason_value, offsetof(struct ps_doc_exception, reason), PS_REQUIRED,
        "Why not: a newspaper, a club, a shop of that name.", "note because why comment"},
    {"expires", &ps_value_last_day, offsetof(struct ps_doc_exception, expires), PS_OPTIONAL,
        "The last day on which it holds, by UTC, as in 2027-01-31.", "until end valid-until"},
    {0},
};

static const struct ps_mapping exception_mapping = {
    .what = "an exception", .keys = exception_keys};

static const struct ps_value exception_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in '- {name: mainpost.de, reason: a newspaper}'",
    .mapping = &exception_mapping};

const struct ps_value ps_value_exceptions = {.kind = PS_VALUE_LIST,
    .what = "a list of exceptions",
    .hint = "as in '- {name: mainpost.de, reason: a newspaper}'",
    .item = &exception_value,
    .item_size = sizeof(struct ps_doc_exception),
    .may_be_empty = true};

/* --- when: lookalike ----------------------------------------------------------------------- */

static const struct ps_value brand_items = {.kind = PS_VALUE_ITEMS,
    .what = "a brand's id or a list of them",
    .item = &ps_value_id,
    .item_size = sizeof(struct ps_text),
    .items_max = PS_BRANDS_MAX};

/* By ps_technique_name(). A condition takes those behind the first. */
static const struct ps_word techniques[] = {{"none", PS_TECHNIQUE_NONE},
    {"homoglyph", PS_TECHNIQUE_HOMOGLYPH}, {"idn", PS_TECHNIQUE_IDN},
    {"whole-script", PS_TECHNIQUE_WHOLE_SCRIPT}, {"mixed-script", PS_TECHNIQUE_MIXED_SCRIPT},
    {"leet", PS_TECHNIQUE_LEET}, {"omission", PS_TECHNIQUE_OMISSION},
    {"insertion", PS_TECHNIQUE_INSERTION}, {"addition", PS_TECHNIQUE_ADDITION},
    {"repetition", PS_TECHNIQUE_REPETITION}, {"transposition", PS_TECHNIQUE_TRANSPOSITION},
    {"adjacent-key", PS_TECHNIQUE_ADJACENT_KEY}, {"vowel-swap", PS_TECHNIQUE_VOWEL_SWAP},
    {"bit-flip", PS_TECHNIQUE_BIT_FLIP}, {"replacement", PS_TECHNIQUE_REPLACEMENT},
    {"plural", PS_TECHNIQUE_PLURAL}, {"hyphenation", PS_TECHNIQUE_HYPHENATION},
    {"sound", PS_TECHNIQUE_SOUND}, {"keyword", PS_TECHNIQUE_KEYWORD},
    {"random", PS_TECHNIQUE_RANDOM}, {"authority", PS_TECHNIQUE_AUTHORITY},
    {"combination", PS_TECHNIQUE_COMBINATION}, {"subdomain", PS_TECHNIQUE_SUBDOMAIN},
    {"embedded", PS_TECHNIQUE_EMBEDDED}, {"glued", PS_TECHNIQUE_GLUED},
    {"wrong-tld", PS_TECHNIQUE_WRONG_TLD}, {"post-tld", PS_TECHNIQUE_POST_TLD}, {NULL, 0}};

_Static_assert(sizeof(techniques) / sizeof(techniques[0]) == PS_TECHNIQUE_COUNT + 1,
    "every technique has a word");
_Static_assert(PS_TECHNIQUE_COUNT <= 32, "a condition holds techniques as bits");

static const struct ps_value technique_value = {
    .kind = PS_VALUE_WORD, .what = "a technique", .words = techniques + 1};

const struct ps_value ps_value_technique = {
    .kind = PS_VALUE_WORD, .what = "a technique", .words = techniques};

static const struct ps_value technique_items = {.kind = PS_VALUE_ITEMS,
    .what = "a technique or a list of them",
    .item = &technique_value,
    .item_size = sizeof(struct ps_number)};

static const struct ps_key looks_keys[] = {
    {"score", &ps_value_score_range, offsetof(struct ps_doc_looks, score), PS_REQUIRED,
        "How much speaks for an imitation, 0 to 100: \">= 80\", \"< 60\", or 60-79 (both "
        "included).",
        "confidence threshold certainty min-score"},
    {"brand", &brand_items, offsetof(struct ps_doc_looks, brands), PS_OPTIONAL,
        "Ids of the brands of which any may be imitated; any brand unless said otherwise.",
        "brands of protected name"},
    {"technique", &technique_items, offsetof(struct ps_doc_looks, techniques), PS_OPTIONAL,
        "How it is imitated, or a list of which any will do; any unless said otherwise.",
        "techniques kind type method"},
    {0},
};

static const struct ps_mapping looks_mapping = {.what = "'lookalike'", .keys = looks_keys};

const struct ps_value ps_value_looks = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping with 'score'",
    .hint = "as in 'lookalike: {score: \">= 80\"}'",
    .mapping = &looks_mapping};
