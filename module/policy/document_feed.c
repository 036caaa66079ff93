/* The table of `feeds`. */
#include "policy/document.h"

/* --- columns of CSV ------------------------------------------------------------- */

static bool bind_column(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	if (!ps_value_text.bind(binder, node, into))
		return false;
	if (node->text.len > 0)
		return true;
	ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span(node),
	    "the column's name is empty");
	return false;
}

static const struct ps_value column_value = {
    .kind = PS_VALUE_SCALAR, .what = "a column's name", .bind = bind_column};

static const struct ps_key columns_keys[] = {
    {"name", &column_value, offsetof(struct ps_doc_columns, name), PS_REQUIRED,
        "The column that holds the name, address or URL.", "domain host url indicator"},
    {"category", &column_value, offsetof(struct ps_doc_columns, category), PS_OPTIONAL,
        "The column that holds the kind of abuse.", "class kind type threat"},
    {"confidence", &column_value, offsetof(struct ps_doc_columns, confidence), PS_OPTIONAL,
        "The column that holds a confidence from 0 to 100.", "score"},
    {"valid-from", &column_value, offsetof(struct ps_doc_columns, valid_from), PS_OPTIONAL,
        "The column that says since when the row holds.", "from first-seen date"},
    {"valid-until", &column_value, offsetof(struct ps_doc_columns, valid_until), PS_OPTIONAL,
        "The column that says until when the row holds.", "until expires expiry to"},
    {"reference", &column_value, offsetof(struct ps_doc_columns, reference), PS_OPTIONAL,
        "The column that holds the feed's own id of the row.", "id ref"},
    {0},
};

static const struct ps_mapping columns_mapping = {.what = "'columns'", .keys = columns_keys};

static const struct ps_value columns_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'columns: {name: domain, category: type}'",
    .mapping = &columns_mapping};

static const struct ps_word delimiters[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'},
    {"pipe", '|'}, {",", ','}, {";", ';'}, {"|", '|'}, {NULL, 0}};

static const struct ps_value delimiter_value = {
    .kind = PS_VALUE_WORD, .what = "a delimiter", .words = delimiters};

/* --- limits --------------------------------------------------------------------- */

static const struct ps_value entries_value = {.kind = PS_VALUE_NUMBER,
    .what = "a whole number from 1 to 100000000",
    .min = 1,
    .max = 100000000};

static const struct ps_key limits_keys[] = {
    {"bytes", &ps_value_size, offsetof(struct ps_doc_limits, bytes), PS_OPTIONAL,
        "The largest file that is read, as 64MiB; 1GiB unless said otherwise.",
        "size max-bytes"},
    {"entries", &entries_value, offsetof(struct ps_doc_limits, entries), PS_OPTIONAL,
        "The most entries that are taken; 20000000 unless said otherwise.",
        "count lines rows names max-entries"},
    {"shrink", &ps_value_shrink, offsetof(struct ps_doc_limits, shrink), PS_OPTIONAL,
        "How much of the feed may vanish from one build to the next; 50% unless said "
        "otherwise. A feed that loses more is held back until somebody looks.",
        "loss lose decrease"},
    {"grow", &ps_value_grow, offsetof(struct ps_doc_limits, grow), PS_OPTIONAL,
        "How much the feed may gain from one build to the next; 200% unless said otherwise.",
        "growth gain increase"},
    {0},
};

static const struct ps_mapping limits_mapping = {
    .what = "'limits'", .keys = limits_keys, .keys_min = 1};

static const struct ps_value limits_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'limits: {bytes: 64MiB, shrink: 20%}'",
    .mapping = &limits_mapping};

/* --- feeds ------------------------------------------------------------------------ */

static const struct ps_word formats[] = {{"plain", PS_FEED_PLAIN}, {"hosts", PS_FEED_HOSTS},
    {"csv", PS_FEED_CSV}, {"rpz", PS_FEED_RPZ}, {"stix", PS_FEED_STIX}, {"misp", PS_FEED_MISP},
    {NULL, 0}};

static const struct ps_value format_value = {
    .kind = PS_VALUE_WORD, .what = "a feed format", .words = formats};

static const struct ps_word scopes[] = {
    {"exact", PS_SCOPE_EXACT}, {"subtree", PS_SCOPE_SUBTREE}, {NULL, 0}};

static const struct ps_value scope_value = {
    .kind = PS_VALUE_WORD, .what = "a scope", .words = scopes};

static const struct ps_key feed_keys[] = {
    {"format", &format_value, offsetof(struct ps_doc_feed, format), PS_REQUIRED,
        "plain (a name, address or URL a line), hosts (address, then names), csv, rpz (a zone "
        "file), stix (a STIX 2.1 bundle), or misp (MISP events).",
        "type kind plain hosts csv rpz stix misp"},
    {"path", &ps_value_path, offsetof(struct ps_doc_feed, path), PS_REQUIRED,
        "The file, from the folder of this policy file or from '/'.", "file url source from"},
    {"title", &ps_value_text, offsetof(struct ps_doc_feed, title), PS_OPTIONAL,
        "What people call the feed; its id unless said otherwise.", "name description"},
    {"publisher", &ps_value_publisher, offsetof(struct ps_doc_feed, publisher), PS_OPTIONAL,
        "The host, or any URL, of who publishes the feed. It is never blocked.",
        "source host provider author"},
    {"category", &ps_value_category, offsetof(struct ps_doc_feed, category), PS_OPTIONAL,
        "The kind of abuse of entries that do not say it; 'other' unless said otherwise.",
        "class"},
    {"confidence", &ps_value_confidence, offsetof(struct ps_doc_feed, confidence), PS_OPTIONAL,
        "How sure entries are that do not say it, 0 to 100; 50 unless said otherwise.",
        "score trust"},
    {"tlp", &ps_value_tlp, offsetof(struct ps_doc_feed, tlp), PS_OPTIONAL,
        "With whom entries may be shared that do not say it (TLP 2.0); amber unless said "
        "otherwise.",
        "marking sharing"},
    {"scope", &scope_value, offsetof(struct ps_doc_feed, scope), PS_OPTIONAL,
        "exact: a listed name alone; subtree: and everything below it. exact unless said "
        "otherwise.",
        "reach subdomains"},
    {"columns", &columns_value, offsetof(struct ps_doc_feed, columns), PS_OPTIONAL,
        "csv: which column holds what, by the names in the first line.", "fields headers"},
    {"delimiter", &delimiter_value, offsetof(struct ps_doc_feed, delimiter), PS_OPTIONAL,
        "csv: what stands between columns; comma unless said otherwise.", "separator sep"},
    {"limits", &limits_value, offsetof(struct ps_doc_feed, limits), PS_OPTIONAL,
        "What the feed may do; a feed beyond is held back, and its last good state serves.",
        "limit max"},
    {"trial", &ps_value_switch, offsetof(struct ps_doc_feed, trial), PS_OPTIONAL,
        "yes: its names are counted and shown, but never answered.", "test shadow mode"},
    {0},
};

/* A key that this format has no use for. */
static void refuse_key(struct ps_binder *binder, const struct ps_doc_feed *feed,
    const struct ps_field *field, const char *key, const char *hint)
{
	if (field->node == NULL)
		return;
	ps_report(binder->diagnostics, PS_CODE_FEED_KEY, ps_yaml_span(field->node),
	    "'%s' does not go with 'format: %.*s'", key, PS_QUOTED(feed->format.field.node->text));
	ps_report_hint(binder->diagnostics, "%s", hint);
}

static void check_feed(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const struct ps_doc_feed *feed = into;

	if (!feed->format.field.ok)
		return;
	if (feed->format.value != PS_FEED_CSV) {
		refuse_key(binder, feed, &feed->columns.field, "columns", "only csv has columns");
		refuse_key(binder, feed, &feed->delimiter.field, "delimiter", "only csv has one");
	} else if (feed->columns.field.node == NULL && !node->cut) {
		ps_report(binder->diagnostics, PS_CODE_FEED_KEY,
		    ps_yaml_span(feed->format.field.node), "a csv feed needs the key 'columns'");
		ps_report_hint(binder->diagnostics, "as in 'columns: {name: domain}'");
	}
	if (feed->format.value == PS_FEED_HOSTS)
		refuse_key(binder, feed, &feed->scope.field, "scope",
		    "a hosts file lists names alone, exactly");
	if (feed->format.value == PS_FEED_RPZ)
		refuse_key(binder, feed, &feed->scope.field, "scope",
		    "a zone file says itself how far each name reaches");
}

static const struct ps_mapping feed_mapping = {
    .what = "a feed", .keys = feed_keys, .check = check_feed};

static const struct ps_value feed_value = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'our-list: {format: plain, path: feeds/our-list.txt}'",
    .mapping = &feed_mapping};

const struct ps_value ps_value_feeds = {.kind = PS_VALUE_NAMED,
    .what = "a mapping of ids to feeds",
    .hint = "as in 'our-list: {format: plain, path: feeds/our-list.txt}'",
    .item = &feed_value,
    .item_size = sizeof(struct ps_doc_feed),
    .items_max = PS_FEEDS_MAX,
    .may_be_empty = true};
