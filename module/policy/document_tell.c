/* The tables of a rule's `tell`, and of `structured-errors`. */
#include "policy/document.h"
#include "policy/ede.h"

/* --- tell ------------------------------------------------------------------------------- */

static bool bind_ede(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_number *number = into;
	struct ps_bytes text = node->text;
	bool digits = text.len > 0;

	if (ps_word_find(ps_ede_words, text, &number->value))
		return true;
	number->value = 0;
	for (size_t i = 0; i < text.len; i++) {
		digits = digits && text.ptr[i] >= '0' && text.ptr[i] <= '9' && text.len <= 5;
		number->value = number->value * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	if (digits && number->value <= PS_EDE_CODE_MAX)
		return true;
	ps_word_report(
	    binder, PS_CODE_EDE, node, "an Extended DNS Error (name, or 0 to 65535)", ps_ede_words);
	return false;
}

static const struct ps_value ede_value = {.kind = PS_VALUE_SCALAR,
    .what = "the name or number of an Extended DNS Error",
    .bind = bind_ede,
    .words = ps_ede_words,
    .number_too = true,
    .max = PS_EDE_CODE_MAX};

static bool bind_ede_text(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	if (!ps_value_text.bind(binder, node, into))
		return false;
	if (node->text.len <= PS_EDE_TEXT_MAX)
		return true;
	ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span_at(node, PS_EDE_TEXT_MAX),
	    "the text has %zu bytes, and %d are allowed", node->text.len, PS_EDE_TEXT_MAX);
	ps_report_hint(binder->diagnostics, "shorten it: it must fit beside the answer");
	return false;
}

static const struct ps_value ede_text_value = {.kind = PS_VALUE_SCALAR,
    .what = "text",
    .bind = bind_ede_text,
    .length_max = PS_EDE_TEXT_MAX};

static bool bind_sub_error(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_number *number = into;
	struct ps_bytes text = node->text;
	bool digits = text.len > 0 && text.len <= 3;

	if (ps_word_find(ps_sub_error_words, text, &number->value))
		return true;
	number->value = 0;
	for (size_t i = 0; digits && i < text.len; i++) {
		digits = text.ptr[i] >= '0' && text.ptr[i] <= '9';
		number->value = number->value * 10 + (uint64_t)(text.ptr[i] - '0');
	}
	if (digits && number->value >= 1 && number->value < PS_SUB_ERROR_NONE)
		return true;
	ps_word_report(
	    binder, PS_CODE_WORD, node, "a sub-error (name, or 1 to 254)", ps_sub_error_words);
	return false;
}

static const struct ps_value sub_error_value = {.kind = PS_VALUE_SCALAR,
    .what = "the name or number of a sub-error",
    .bind = bind_sub_error,
    .words = ps_sub_error_words,
    .number_too = true,
    .min = 1,
    .max = PS_SUB_ERROR_NONE - 1};

static const struct ps_key tell_keys[] = {
    {"ede", &ede_value, offsetof(struct ps_doc_tell, ede), PS_OPTIONAL,
        "The Extended DNS Error (RFC 8914) put into the answer, by name or number, or 'none'. "
        "Unless said otherwise: forged-answer (4) for a sinkhole, blocked (15) for the rest.",
        "code error"},
    {"text", &ede_text_value, offsetof(struct ps_doc_tell, text), PS_OPTIONAL,
        "A short text sent with it; other operators see it in their tools.",
        "message reason extra-text"},
    {"sub-error", &sub_error_value, offsetof(struct ps_doc_tell, sub_error), PS_OPTIONAL,
        "For clients that 'structured-errors' is for: the kind of abuse, by name or number, or "
        "'none'. Unless said otherwise that of the feed that lists the name.",
        "suberror sub subcode sub-error-code"},
    {0},
};

static void check_no_error(struct ps_binder *binder, const struct ps_doc_tell *tell,
    const struct ps_field *with, const char *what)
{
	if (with->node == NULL)
		return;
	ps_report(binder->diagnostics, PS_CODE_CONFLICT, ps_yaml_span(with->node),
	    "'ede: none' and a %s cannot stand together", what);
	ps_report_hint(binder->diagnostics, "the %s travels in the error", what);
	ps_report_other(binder->diagnostics, ps_yaml_span(tell->ede.field.node), "no error here");
}

/* What the draft's registry of sub-errors says of codes, where both are written out. */
static void check_tell(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const struct ps_doc_tell *tell = into;
	const struct ps_number *sub = &tell->sub_error;

	(void)node;
	if (!tell->ede.field.ok)
		return;
	if (tell->ede.value == PS_EDE_WORD_NONE) {
		check_no_error(binder, tell, &tell->text.field, "text");
		check_no_error(binder, tell, &sub->field, "sub-error");
		return;
	}
	if (!sub->field.ok || sub->value == PS_SUB_ERROR_NONE ||
	    ps_sub_error_fits((unsigned)sub->value, (int32_t)tell->ede.value))
		return;
	ps_report(binder->diagnostics, PS_CODE_CONFLICT, ps_yaml_span(sub->field.node),
	    "the sub-error '%.*s' cannot stand beside this error", PS_QUOTED(sub->field.node->text));
	ps_report_hint(binder->diagnostics, ps_sub_error_fits((unsigned)sub->value, PS_EDE_FILTERED)
	        ? "it goes with 'ede: blocked' and 'ede: filtered'"
	        : "it goes with 'ede: blocked'");
	ps_report_other(binder->diagnostics, ps_yaml_span(tell->ede.field.node), "the error");
}

static const struct ps_mapping tell_mapping = {
    .what = "'tell'", .keys = tell_keys, .keys_min = 1, .check = check_tell};

const struct ps_value ps_value_tell = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'tell: {ede: blocked, text: listed by our ISAC}'",
    .mapping = &tell_mapping};

/* --- structured-errors -------------------------------------------------------------------- */

static bool starts_with(struct ps_bytes text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len > len && memcmp(text.ptr, prefix, len) == 0;
}

/* Octets that a URI consists of (RFC 3986 section 2), so that none needs an escape in JSON. */
static bool is_uri_octet(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

/* Up to the query of a mailto (RFC 6068) something@something; of a tel (RFC 3966) a number that
 * holds everywhere. */
static const char *contact_fault(struct ps_bytes text, bool *hint_fits)
{
	const uint8_t *end = memchr(text.ptr, '?', text.len);
	size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;
	const uint8_t *at = memchr(text.ptr, '@', len);
	size_t digits = 0;

	*hint_fits = true;
	for (size_t i = 0; i < text.len; i++)
		if (!is_uri_octet(text.ptr[i]))
			return "write an address without blanks: as in mailto:abuse@post.example";
	if (starts_with(text, "mailto:"))
		return at != NULL && at > text.ptr + 7 && at + 1 < text.ptr + len
		           ? NULL
		           : "as in mailto:abuse@post.example";
	if (starts_with(text, "tel:")) {
		for (size_t i = 5; i < text.len; i++)
			digits += text.ptr[i] >= '0' && text.ptr[i] <= '9';
		return text.ptr[4] == '+' && digits >= 3
		           ? NULL
		           : "with the country's code: as in \"tel:+41-58-555-0100\"";
	}
	*hint_fits = false;
	return "";
}

/* The draft's registry of contact schemes has these two, since neither makes a client connect
 * to anywhere by itself. */
static bool bind_contact(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	bool hint_fits;
	const char *hint;

	if (!ps_value_text.bind(binder, node, into))
		return false;
	if (node->text.len > PS_CONTACT_MAX) {
		ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span_at(node, PS_CONTACT_MAX),
		    "the contact has %zu bytes, and %d are allowed", node->text.len, PS_CONTACT_MAX);
		ps_report_hint(binder->diagnostics, "shorten it: it must fit beside the answer");
		return false;
	}
	hint = contact_fault(node->text, &hint_fits);
	if (hint == NULL)
		return true;
	ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span(node),
	    "'%.*s' is not a contact that can be told", PS_QUOTED(node->text));
	if (hint_fits)
		ps_report_hint(binder->diagnostics, "%s", hint);
	else if (memchr(node->text.ptr, '@', node->text.len) != NULL &&
	         memchr(node->text.ptr, ':', node->text.len) == NULL)
		ps_report_hint(binder->diagnostics, "did you mean 'mailto:%.*s'?",
		    PS_QUOTED(node->text));
	else
		ps_report_hint(binder->diagnostics,
		    "clients take mailto: and tel: alone, as in mailto:abuse@post.example");
	return false;
}

static const struct ps_value contact_value = {.kind = PS_VALUE_SCALAR,
    .what = "a mail address or telephone number as mailto:abuse@post.example",
    .bind = bind_contact,
    .pattern = "^(mailto:[^@\\s]+@[^@\\s]+|tel:\\+[^\\s]+)$",
    .length_max = PS_CONTACT_MAX};

static const struct ps_value contact_items = {.kind = PS_VALUE_ITEMS,
    .what = "a contact or a list of up to three",
    .item = &contact_value,
    .item_size = sizeof(struct ps_text),
    .items_max = PS_STRUCTURED_CONTACTS_MAX};

static bool bind_organization(
    struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	if (!ps_value_text.bind(binder, node, into))
		return false;
	if (node->text.len > 0 && node->text.len <= PS_ORGANIZATION_MAX)
		return true;
	ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span(node),
	    "the name has %zu bytes, and 1 to %d are allowed", node->text.len, PS_ORGANIZATION_MAX);
	ps_report_hint(
	    binder->diagnostics, "clients show the name alone: 'organization: Example Post'");
	return false;
}

static const struct ps_value organization_value = {.kind = PS_VALUE_SCALAR,
    .what = "the organization's name",
    .bind = bind_organization,
    .length_max = PS_ORGANIZATION_MAX};

/* Numbers below it are other options' (IANA), which clients send without meaning this. */
static const struct ps_value option_value = {.kind = PS_VALUE_NUMBER,
    .what = "the number of an EDNS option, 20 to 65534",
    .hint = "leave it out until the draft's option has a number; for trials there are 65001 to "
            "65534",
    .min = 20,
    .max = 65534};

static const struct ps_key structured_keys[] = {
    {"contact", &contact_items, offsetof(struct ps_doc_structured, contacts), PS_REQUIRED,
        "Whom to ask when a name is blocked by mistake: mailto:abuse@post.example or "
        "\"tel:+41-58-555-0100\", or a list of up to three.",
        "contacts c mail email e-mail phone"},
    {"organization", &organization_value, offsetof(struct ps_doc_structured, organization),
        PS_OPTIONAL, "Who blocks: a name alone, without advice or addresses.",
        "organisation o org name operator"},
    {"language", &ps_value_language, offsetof(struct ps_doc_structured, language), PS_OPTIONAL,
        "The language of the organization's name and of the rules' texts; en unless said "
        "otherwise.",
        "l lang languages"},
    {"option", &option_value, offsetof(struct ps_doc_structured, option), PS_OPTIONAL,
        "The number of the EDNS option by which clients ask, once the draft has one. Whoever sends "
        "the option of Extended DNS Errors (15) with 0000 asks, too.",
        "option-code code edns edns-option"},
    {0},
};

static const struct ps_mapping structured_mapping = {
    .what = "'structured-errors'", .keys = structured_keys};

const struct ps_value ps_value_structured = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'structured-errors: {contact: mailto:abuse@post.example}'",
    .mapping = &structured_mapping};
