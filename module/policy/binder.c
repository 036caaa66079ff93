#include "policy/binder.h"

#include "policy/fix.h"

#include <stdio.h>

static const char *kind_name(const struct ps_yaml_node *node)
{
	switch (node->kind) {
	case PS_YAML_LIST:
		return "a list";
	case PS_YAML_MAPPING:
		return "a mapping";
	case PS_YAML_SCALAR:
	case PS_YAML_BROKEN:
		break;
	}
	return "text";
}

/* Another kind of value is needed than stands there. */
static bool report_shape(
    struct ps_binder *binder, const struct ps_value *value, const struct ps_yaml_node *node)
{
	const char *of = binder->key_len > 0 ? " of '" : "";

	if (node->cut) /* a bracket that was never closed: said already */
		return false;
	if (ps_yaml_is_empty(node)) {
		ps_report(binder->diagnostics, PS_CODE_NO_VALUE, ps_yaml_span(node),
		    "the value%s%.*s%s is missing: %s is needed", of, (int)binder->key_len,
		    binder->key_len > 0 ? binder->key : "", binder->key_len > 0 ? "'" : "",
		    value->what);
	} else {
		ps_report(binder->diagnostics, PS_CODE_SHAPE, ps_yaml_span(node),
		    "the value%s%.*s%s must be %s, not %s", of, (int)binder->key_len,
		    binder->key_len > 0 ? binder->key : "", binder->key_len > 0 ? "'" : "",
		    value->what, kind_name(node));
	}
	if (value->hint != NULL)
		ps_report_hint(binder->diagnostics, "%s", value->hint);
	return false;
}

/* --- words and numbers ------------------------------------------------------ */

bool ps_word_find(const struct ps_word *words, struct ps_bytes text, uint64_t *value)
{
	for (; words->word != NULL; words++)
		if (ps_bytes_equal_text(text, words->word)) {
			*value = words->value;
			return true;
		}
	return false;
}

#define LISTED_WORDS_MAX 9

void ps_word_report(struct ps_binder *binder, enum ps_code code, const struct ps_yaml_node *node,
    const char *what, const struct ps_word *words)
{
	struct ps_suggest suggest;
	char list[256] = "";
	size_t used = 0;
	size_t count = 0;

	ps_report(binder->diagnostics, code, ps_yaml_span(node), "'%.*s' is not %s",
	    PS_QUOTED(node->text), what);
	ps_suggest_init(&suggest, node->text);
	for (const struct ps_word *w = words; w->word != NULL; w++, count++) {
		ps_suggest_try(&suggest, ps_bytes_of_text(w->word));
		if (count < LISTED_WORDS_MAX && used < sizeof(list) && w->word[0] >= 'a')
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
			    count > 0 ? ", " : "", w->word);
	}
	ps_fix_spelling(binder->diagnostics, node, &suggest);
	if (suggest.best.len > 0)
		ps_report_hint(
		    binder->diagnostics, "did you mean '%.*s'?", PS_QUOTED(suggest.best));
	else if (count == 1)
		ps_report_hint(binder->diagnostics, "write '%s'", words->word);
	else
		ps_report_hint(binder->diagnostics, "one of: %s%s", list,
		    count > LISTED_WORDS_MAX ? ", ..." : "");
}

static bool bind_word(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	struct ps_number *number = into;

	if (node->kind != PS_YAML_SCALAR || ps_yaml_is_empty(node))
		return report_shape(binder, value, node);
	if (ps_word_find(value->words, node->text, &number->value))
		return true;
	ps_word_report(binder, PS_CODE_WORD, node, value->what, value->words);
	return false;
}

static bool bind_number(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	struct ps_number *number = into;
	uint64_t result = 0;
	bool good = node->text.len > 0 && node->text.len <= 18;

	if (node->kind != PS_YAML_SCALAR || ps_yaml_is_empty(node))
		return report_shape(binder, value, node);
	for (size_t i = 0; good && i < node->text.len; i++) {
		uint8_t c = node->text.ptr[i];

		good = c >= '0' && c <= '9' && !(c == '0' && i == 0 && node->text.len > 1);
		result = result * 10 + (uint64_t)(c - '0');
	}
	if (!good || result < value->min || result > value->max) {
		ps_report(binder->diagnostics, PS_CODE_NUMBER, ps_yaml_span(node),
		    "'%.*s' is not %s", PS_QUOTED(node->text), value->what);
		if (value->hint != NULL)
			ps_report_hint(binder->diagnostics, "%s", value->hint);
		else
			ps_report_hint(binder->diagnostics, "write digits only, %llu to %llu",
			    (unsigned long long)value->min, (unsigned long long)value->max);
		return false;
	}
	number->value = result;
	return true;
}

static bool bind_scalar(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	if (node->kind != PS_YAML_SCALAR || ps_yaml_is_empty(node))
		return report_shape(binder, value, node);
	return value->bind(binder, node, into);
}

static bool bind_empty(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	(void)into;
	if (ps_yaml_is_empty(node) || (node->kind == PS_YAML_MAPPING && node->count == 0))
		return true;
	return report_shape(binder, value, node);
}

/* --- mappings ---------------------------------------------------------------- */

const struct ps_yaml_node *ps_yaml_get(const struct ps_yaml_node *mapping, const char *key)
{
	if (mapping->kind != PS_YAML_MAPPING)
		return NULL;
	for (const struct ps_yaml_node *k = mapping->first; k != NULL; k = k->next->next)
		if (ps_bytes_equal_text(k->text, key))
			return k->next;
	return NULL;
}

/* Tries the words that people write instead of a key. */
static void try_synonyms(struct ps_suggest *suggest, const char *synonyms)
{
	while (synonyms != NULL && *synonyms != '\0') {
		size_t len = strcspn(synonyms, " ");

		ps_suggest_try(suggest, ps_bytes_of(synonyms, len));
		synonyms += len + (synonyms[len] == ' ' ? 1 : 0);
	}
}

static const struct ps_key *find_key(const struct ps_mapping *mapping, struct ps_bytes text)
{
	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++)
		if (ps_bytes_equal_text(text, k->key))
			return k;
	return NULL;
}

/* Which keys of a table stand in a mapping: bit i for the i-th. */
static uint64_t present_keys(const struct ps_mapping *mapping, const struct ps_yaml_node *node)
{
	uint64_t present = 0;

	for (const struct ps_yaml_node *key = node->first; key != NULL; key = key->next->next) {
		const struct ps_key *k = find_key(mapping, key->text);

		if (k != NULL)
			present |= UINT64_C(1) << (k - mapping->keys);
	}
	return present;
}

/* The key of this mapping that was meant; NULL: none is near. Keys that stand there
 * already are not meant. */
static const struct ps_key *meant_key(
    const struct ps_mapping *mapping, uint64_t present, struct ps_bytes text)
{
	const struct ps_key *meant = NULL;
	struct ps_suggest suggest;

	ps_suggest_init(&suggest, text);
	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++) {
		unsigned distance = suggest.distance;

		if ((present >> (k - mapping->keys) & 1) != 0)
			continue;
		ps_suggest_try(&suggest, ps_bytes_of_text(k->key));
		try_synonyms(&suggest, k->synonyms);
		if (suggest.distance < distance)
			meant = k;
	}
	return meant;
}

/* Corrects the key when one of the mapping's is near, and no other, whether it stands there
 * already or not, nor a word for another. Words that people write instead are no slips. */
static void fix_key(struct ps_binder *binder, const struct ps_mapping *mapping,
    uint64_t present, const struct ps_yaml_node *key)
{
	struct ps_suggest only;
	const struct ps_key *near = NULL;
	unsigned count = 0;

	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++) {
		struct ps_suggest suggest;

		ps_suggest_init(&suggest, key->text);
		ps_suggest_try(&suggest, ps_bytes_of_text(k->key));
		try_synonyms(&suggest, k->synonyms);
		if (suggest.near == 0)
			continue;
		near = k;
		count++;
	}
	if (count != 1 || (present >> (near - mapping->keys) & 1) != 0)
		return;
	ps_suggest_init(&only, key->text);
	ps_suggest_try(&only, ps_bytes_of_text(near->key));
	ps_fix_spelling(binder->diagnostics, key, &only);
}

/* The first mapping of the language that has the key. */
static const struct ps_mapping *find_home(const struct ps_value *value, struct ps_bytes text)
{
	const struct ps_value *parts[] = {value->item, value->list, value->other};
	const struct ps_mapping *home = NULL;

	if (value->mapping != NULL && find_key(value->mapping, text) != NULL)
		return value->mapping;
	for (size_t i = 0; i < 3 && home == NULL; i++)
		if (parts[i] != NULL)
			home = find_home(parts[i], text);
	for (const struct ps_key *k = value->mapping != NULL ? value->mapping->keys : NULL;
	     k != NULL && k->key != NULL && home == NULL; k++)
		home = find_home(k->value, text);
	return home;
}

static void hint_keys(struct ps_binder *binder, const struct ps_mapping *mapping)
{
	char list[256] = "";
	size_t used = 0;

	for (const struct ps_key *k = mapping->keys; k->key != NULL && used < sizeof(list); k++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
		    used > 0 ? ", " : "", k->key);
	ps_report_hint(binder->diagnostics, "%s takes: %s", mapping->what, list);
}

static void report_unknown_key(struct ps_binder *binder, const struct ps_mapping *mapping,
    uint64_t present, const struct ps_yaml_node *key)
{
	const struct ps_key *meant = meant_key(mapping, present, key->text);
	const struct ps_mapping *home =
	    binder->root != NULL ? find_home(binder->root, key->text) : NULL;

	ps_report(binder->diagnostics, PS_CODE_UNKNOWN_KEY, ps_yaml_span(key),
	    "unknown key '%.*s'", PS_QUOTED(key->text));
	fix_key(binder, mapping, present, key);
	if (meant != NULL)
		ps_report_hint(binder->diagnostics, "did you mean '%s'?", meant->key);
	else if (mapping->hint != NULL)
		ps_report_hint(binder->diagnostics, "%s", mapping->hint);
	else if (home != NULL)
		ps_report_hint(binder->diagnostics, "'%.*s' belongs into %s, not into %s",
		    PS_QUOTED(key->text), home->what, mapping->what);
	else
		hint_keys(binder, mapping);
}

/* The key's place in the text of a mapping: what a message about the mapping as a
 * whole marks. */
static struct ps_span mapping_span(const struct ps_yaml_node *node)
{
	const struct ps_yaml_node *first = node->first;

	if (first != NULL && first->line == node->line && first->column == node->column)
		return ps_yaml_span(first);
	return ps_yaml_span(node);
}

static void report_one_of(struct ps_binder *binder, const struct ps_mapping *mapping,
    const struct ps_yaml_node *node, unsigned found)
{
	char list[160] = "";
	size_t used = 0;

	ps_report(binder->diagnostics, mapping->one_of_code, mapping_span(node), "%s %s",
	    mapping->what, found == 0 ? "does not say what it does" : "says two things at once");
	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++)
		if (k->presence == PS_ONE_OF && used < sizeof(list))
			used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s",
			    used > 0 ? ", " : "", k->key);
	ps_report_hint(binder->diagnostics, "exactly one of: %s", list);
}

/* Whether the keys that must stand do. A mapping that was cut off, or that holds an
 * unknown key (which may be the missing one, misspelt), is not blamed. */
static bool check_presence(struct ps_binder *binder, const struct ps_mapping *mapping,
    const struct ps_yaml_node *node, uint64_t mask, bool unknown)
{
	unsigned one_of = 0;
	unsigned one_of_keys = 0;
	size_t present = 0;
	bool good = true;

	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++) {
		bool stands = (mask >> (k - mapping->keys) & 1) != 0;

		present += stands;
		one_of += stands && k->presence == PS_ONE_OF;
		one_of_keys += k->presence == PS_ONE_OF;
		if (stands || k->presence != PS_REQUIRED || node->cut)
			continue;
		good = false;
		if (unknown)
			continue;
		ps_report(binder->diagnostics,
		    k->value->missing_code != 0 ? k->value->missing_code : PS_CODE_MISSING_KEY,
		    mapping_span(node), "%s needs the key '%s'", mapping->what, k->key);
		if (k->value->hint != NULL)
			ps_report_hint(binder->diagnostics, "%s", k->value->hint);
	}
	if (one_of_keys > 0 && (one_of > 1 || (one_of == 0 && !node->cut))) {
		if (!unknown || one_of > 1)
			report_one_of(binder, mapping, node, one_of);
		good = false;
	}
	if (present < mapping->keys_min && !node->cut) {
		if (!unknown)
			ps_report(binder->diagnostics,
			    mapping->empty_code != 0 ? mapping->empty_code : PS_CODE_MISSING_KEY,
			    mapping_span(node), "%s is empty: it needs at least one key",
			    mapping->what);
		good = false;
	}
	return good;
}

static bool bind_mapping(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	const struct ps_mapping *mapping = value->mapping;
	uint64_t present;
	bool unknown = false;
	bool good;

	if (node->kind != PS_YAML_MAPPING)
		return report_shape(binder, value, node);
	present = present_keys(mapping, node);
	for (const struct ps_yaml_node *key = node->first; key != NULL; key = key->next->next) {
		const struct ps_key *k = find_key(mapping, key->text);

		if (k == NULL) {
			unknown = true;
			report_unknown_key(binder, mapping, present, key);
			continue;
		}
		binder->key = (const char *)key->text.ptr;
		binder->key_len = key->text.len;
		ps_bind(binder, k->value, key->next, (char *)into + k->offset);
	}
	good = check_presence(binder, mapping, node, present, unknown);
	if (mapping->check != NULL)
		mapping->check(binder, node, into);
	return good && !unknown;
}

/* --- lists, and mappings of ids ---------------------------------------------- */

static size_t item_count(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node)
{
	if (value->items_max == 0 || node->count <= value->items_max)
		return node->count;
	ps_report(binder->diagnostics, PS_CODE_TOO_MANY, ps_yaml_span(node),
	    "%u items are too many: at most %zu are allowed here", node->count, value->items_max);
	return value->items_max;
}

static bool make_items(
    struct ps_binder *binder, const struct ps_value *value, struct ps_list *list, size_t count)
{
	list->items = ps_arena_array(binder->arena, count, value->item_size);
	if (list->items == NULL) {
		binder->status = PS_NO_MEMORY;
		return false;
	}
	list->count = count;
	return true;
}

static bool bind_list(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	struct ps_list *list = into;
	const struct ps_yaml_node *child = node->first;

	if (node->kind == PS_YAML_LIST && node->count == 0 && !value->may_be_empty && !node->cut) {
		ps_report(binder->diagnostics, PS_CODE_EMPTY_LIST, ps_yaml_span(node),
		    "the list of '%.*s' is empty", (int)binder->key_len,
		    binder->key_len > 0 ? binder->key : "");
		return false;
	}
	if (node->kind != PS_YAML_LIST)
		return report_shape(binder, value, node);
	if (!make_items(binder, value, list, item_count(binder, value, node)))
		return false;
	for (size_t i = 0; i < list->count; i++, child = child->next)
		ps_bind(binder, value->item, child, (char *)list->items + i * value->item_size);
	return true;
}

static bool bind_items(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	struct ps_list *list = into;

	if (node->kind == PS_YAML_LIST)
		return bind_list(binder, value, node, into);
	if (node->kind == PS_YAML_MAPPING && value->item->kind != PS_VALUE_MAPPING)
		return report_shape(binder, value, node);
	if (!make_items(binder, value, list, 1))
		return false;
	ps_bind(binder, value->item, node, list->items);
	return true;
}

static bool bind_named(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	struct ps_list *list = into;
	const struct ps_yaml_node *key = node->first;

	if (node->kind != PS_YAML_MAPPING)
		return report_shape(binder, value, node);
	if (!make_items(binder, value, list, item_count(binder, value, node)))
		return false;
	for (size_t i = 0; i < list->count; i++, key = key->next->next) {
		struct ps_named *item = (void *)((char *)list->items + i * value->item_size);

		item->key = key;
		item->id_ok = value->bind_key != NULL ? value->bind_key(binder, key, item)
		                                      : ps_id_check(binder, key);
		binder->key = (const char *)key->text.ptr;
		binder->key_len = key->text.len;
		ps_bind(binder, value->item, key->next, (char *)item + value->item_offset);
	}
	return true;
}

static bool bind_choice(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	const struct ps_value *taken = value->other;
	struct ps_field *scalar;

	if (node->kind == PS_YAML_LIST && value->list != NULL)
		taken = value->list;
	if (node->kind != PS_YAML_SCALAR || value->scalar == NULL || ps_yaml_is_empty(node)) {
		ps_bind(binder, taken, node, into);
		return ((const struct ps_field *)into)->ok;
	}
	scalar = (void *)((char *)into + value->scalar_offset);
	ps_bind(binder, value->scalar, node, scalar);
	return scalar->ok;
}

static bool bind_kind(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	switch (value->kind) {
	case PS_VALUE_SCALAR:
		return bind_scalar(binder, value, node, into);
	case PS_VALUE_WORD:
		return bind_word(binder, value, node, into);
	case PS_VALUE_NUMBER:
		return bind_number(binder, value, node, into);
	case PS_VALUE_MAPPING:
		return bind_mapping(binder, value, node, into);
	case PS_VALUE_NAMED:
		return bind_named(binder, value, node, into);
	case PS_VALUE_LIST:
		return bind_list(binder, value, node, into);
	case PS_VALUE_ITEMS:
		return bind_items(binder, value, node, into);
	case PS_VALUE_CHOICE:
		return bind_choice(binder, value, node, into);
	case PS_VALUE_EMPTY:
		return bind_empty(binder, value, node, into);
	}
	return false;
}

void ps_bind(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into)
{
	struct ps_field *field = into;
	const char *key = binder->key;
	size_t key_len = binder->key_len;

	field->node = node;
	field->ok = false;
	if (node->kind == PS_YAML_BROKEN || binder->status != PS_OK)
		return;
	field->ok = bind_kind(binder, value, node, into);
	binder->key = key;
	binder->key_len = key_len;
}

/* --- ids ---------------------------------------------------------------------- */

static bool id_character(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

/* What an id would look like that is none; empty when nothing sensible is left. */
static struct ps_bytes id_proposal(struct ps_bytes text, char out[PS_ID_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < text.len && used < PS_ID_MAX; i++) {
		uint8_t c = ps_ascii_lower(text.ptr[i]);

		if (!id_character(c))
			c = '-';
		if (c == '-' && (used == 0 || out[used - 1] == '-'))
			continue;
		out[used++] = (char)c;
	}
	while (used > 0 && out[used - 1] == '-')
		used--;
	return ps_bytes_of(out, used);
}

bool ps_id_check(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct ps_bytes text = node->text;
	bool good = text.len > 0 && text.len <= PS_ID_MAX && text.ptr[0] != '-';
	struct ps_bytes proposal;
	char storage[PS_ID_MAX];

	for (size_t i = 0; good && i < text.len; i++)
		good = id_character(text.ptr[i]);
	if (good)
		return true;
	ps_report(binder->diagnostics, PS_CODE_ID, ps_yaml_span(node), "'%.*s' is not an id",
	    PS_QUOTED(text));
	proposal = id_proposal(text, storage);
	if (proposal.len > 0)
		ps_report_hint(binder->diagnostics,
		    "small letters, digits and hyphens, as in '%.*s'", PS_QUOTED(proposal));
	else
		ps_report_hint(binder->diagnostics, "small letters, digits and hyphens");
	return false;
}
