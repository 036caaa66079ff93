#include "policy/schema.h"

#include "policy/document.h"

struct writer {
	struct ps_buffer *out;
	unsigned depth;
	bool first; /* nothing stands yet in the object or array that is open */
};

static void put_text(struct writer *writer, const char *text)
{
	(void)ps_buffer_append(writer->out, text, strlen(text));
}

/* The tables hold printable ASCII only. */
static void put_string(struct writer *writer, const char *text)
{
	put_text(writer, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			put_text(writer, "\\");
		(void)ps_buffer_append(writer->out, text, 1);
	}
	put_text(writer, "\"");
}

static void put_line(struct writer *writer)
{
	put_text(writer, "\n");
	for (unsigned i = 0; i < writer->depth; i++)
		put_text(writer, "  ");
}

static void begin_item(struct writer *writer)
{
	if (!writer->first)
		put_text(writer, ",");
	writer->first = false;
	put_line(writer);
}

static void open_with(struct writer *writer, const char *bracket)
{
	put_text(writer, bracket);
	writer->depth++;
	writer->first = true;
}

static void close_with(struct writer *writer, const char *bracket)
{
	writer->depth--;
	put_line(writer);
	put_text(writer, bracket);
	writer->first = false;
}

static void put_key(struct writer *writer, const char *key)
{
	begin_item(writer);
	put_string(writer, key);
	put_text(writer, ": ");
}

static void put_member(struct writer *writer, const char *key, const char *value)
{
	put_key(writer, key);
	put_string(writer, value);
}

static void put_number(struct writer *writer, const char *key, uint64_t number)
{
	put_key(writer, key);
	(void)ps_buffer_printf(writer->out, "%llu", (unsigned long long)number);
}

static void put_value(struct writer *writer, const struct ps_value *value);

static void put_alternative(struct writer *writer, const struct ps_value *value)
{
	begin_item(writer);
	open_with(writer, "{");
	put_value(writer, value);
	close_with(writer, "}");
}

static void put_words(struct writer *writer, const struct ps_value *value)
{
	put_key(writer, "enum");
	open_with(writer, "[");
	for (const struct ps_word *w = value->words; w->word != NULL; w++) {
		begin_item(writer);
		put_string(writer, w->word);
	}
	/* yes and no are booleans to readers of YAML 1.1, true and false to all. */
	for (int i = 0; value->is_switch && i < 2; i++) {
		begin_item(writer);
		put_text(writer, i == 0 ? "true" : "false");
	}
	close_with(writer, "]");
}

static void put_integer(struct writer *writer, const struct ps_value *value)
{
	put_member(writer, "type", "integer");
	put_number(writer, "minimum", value->min);
	put_number(writer, "maximum", value->max);
}

static void put_string_type(struct writer *writer, const struct ps_value *value)
{
	if (value->words != NULL) {
		put_words(writer, value);
		return;
	}
	put_member(writer, "type", "string");
	if (value->pattern != NULL)
		put_member(writer, "pattern", value->pattern);
	if (value->length_max > 0)
		put_number(writer, "maxLength", value->length_max);
}

static void put_scalar(struct writer *writer, const struct ps_value *value)
{
	if (!value->number_too) {
		put_string_type(writer, value);
		return;
	}
	put_key(writer, "anyOf");
	open_with(writer, "[");
	begin_item(writer);
	open_with(writer, "{");
	put_integer(writer, value);
	close_with(writer, "}");
	begin_item(writer);
	open_with(writer, "{");
	put_string_type(writer, value);
	close_with(writer, "}");
	close_with(writer, "]");
}

static void put_list(struct writer *writer, const struct ps_value *value)
{
	put_member(writer, "type", "array");
	if (!value->may_be_empty)
		put_number(writer, "minItems", 1);
	if (value->items_max > 0)
		put_number(writer, "maxItems", value->items_max);
	put_key(writer, "items");
	open_with(writer, "{");
	put_value(writer, value->item);
	close_with(writer, "}");
}

static void put_items(struct writer *writer, const struct ps_value *value)
{
	put_key(writer, "anyOf");
	open_with(writer, "[");
	put_alternative(writer, value->item);
	begin_item(writer);
	open_with(writer, "{");
	put_list(writer, value);
	close_with(writer, "}");
	close_with(writer, "]");
}

static void put_choice(struct writer *writer, const struct ps_value *value)
{
	put_key(writer, "anyOf");
	open_with(writer, "[");
	if (value->scalar != NULL)
		put_alternative(writer, value->scalar);
	if (value->list != NULL && value->list != value->scalar)
		put_alternative(writer, value->list);
	put_alternative(writer, value->other);
	close_with(writer, "]");
}

static void put_named(struct writer *writer, const struct ps_value *value)
{
	put_member(writer, "type", "object");
	put_key(writer, "propertyNames");
	open_with(writer, "{");
	put_member(
	    writer, "pattern", value->bind_key != NULL ? value->key_pattern : PS_ID_PATTERN);
	close_with(writer, "}");
	if (value->items_max > 0)
		put_number(writer, "maxProperties", value->items_max);
	put_key(writer, "additionalProperties");
	open_with(writer, "{");
	put_value(writer, value->item);
	close_with(writer, "}");
}

/* The keys of one kind of presence: "required": [...], or exactly one of them. */
static void put_presence(
    struct writer *writer, const struct ps_mapping *mapping, enum ps_presence presence)
{
	bool any = false;

	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++) {
		if (k->presence != presence)
			continue;
		if (!any) {
			put_key(writer, presence == PS_REQUIRED ? "required" : "oneOf");
			open_with(writer, "[");
		}
		any = true;
		begin_item(writer);
		if (presence == PS_ONE_OF)
			put_text(writer, "{\"required\": [");
		put_string(writer, k->key);
		if (presence == PS_ONE_OF)
			put_text(writer, "]}");
	}
	if (any)
		close_with(writer, "]");
}

static void put_mapping(struct writer *writer, const struct ps_mapping *mapping)
{
	put_member(writer, "type", "object");
	put_presence(writer, mapping, PS_REQUIRED);
	put_presence(writer, mapping, PS_ONE_OF);
	if (mapping->keys_min > 0)
		put_number(writer, "minProperties", mapping->keys_min);
	put_key(writer, "additionalProperties");
	put_text(writer, "false");
	put_key(writer, "properties");
	open_with(writer, "{");
	for (const struct ps_key *k = mapping->keys; k->key != NULL; k++) {
		put_key(writer, k->key);
		open_with(writer, "{");
		put_member(writer, "description", k->doc);
		put_value(writer, k->value);
		close_with(writer, "}");
	}
	close_with(writer, "}");
}

static void put_empty(struct writer *writer)
{
	put_key(writer, "anyOf");
	put_text(writer, "[{\"type\": \"null\"}, {\"type\": \"object\", \"maxProperties\": 0}]");
}

static void put_value(struct writer *writer, const struct ps_value *value)
{
	switch (value->kind) {
	case PS_VALUE_SCALAR:
		put_scalar(writer, value);
		break;
	case PS_VALUE_WORD:
		put_words(writer, value);
		break;
	case PS_VALUE_NUMBER:
		put_integer(writer, value);
		break;
	case PS_VALUE_MAPPING:
		put_mapping(writer, value->mapping);
		break;
	case PS_VALUE_NAMED:
		put_named(writer, value);
		break;
	case PS_VALUE_LIST:
		put_list(writer, value);
		break;
	case PS_VALUE_ITEMS:
		put_items(writer, value);
		break;
	case PS_VALUE_CHOICE:
		put_choice(writer, value);
		break;
	case PS_VALUE_EMPTY:
		put_empty(writer);
		break;
	}
}

void ps_policy_schema(struct ps_buffer *out)
{
	struct writer writer = {.out = out};

	open_with(&writer, "{");
	put_member(&writer, "$schema", "http://json-schema.org/draft-07/schema#");
	put_member(&writer, "title", "PostShield policy");
	put_member(&writer, "description",
	    "One file of a PostShield policy (*.postshield.yaml), version 1 of the language.");
	put_value(&writer, &ps_value_document);
	close_with(&writer, "}");
	put_text(&writer, "\n");
}
