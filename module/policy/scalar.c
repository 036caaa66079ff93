#include "policy/scalar.h"

#include "core/idn.h"
#include "feed/indicator.h"
#include "feed/timestamp.h"
#include "policy/fix.h"

/* --- text ---------------------------------------------------------------------- */

static bool bind_note(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	(void)binder;
	((struct ps_text *)into)->text = node->text;
	return true;
}

/* The reader refused control characters in the file, but "\n" and "\x1b" in double
 * quotes make them anew. */
static bool bind_text(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	size_t pos = 0;

	while (pos < node->text.len) {
		size_t start = pos;
		uint32_t character;

		(void)ps_utf8_next(node->text, &pos, &character);
		if (character >= 0x20 && !ps_character_is_control(character) &&
		    !ps_character_is_hidden(character))
			continue;
		ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span_at(node, start),
		    "the text has a %s in it",
		    character == '\n' || character == '\r' ? "line break" : "control character");
		ps_report_hint(binder->diagnostics, "write one line of plain text");
		return false;
	}
	((struct ps_text *)into)->text = node->text;
	return true;
}

static bool bind_id(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	((struct ps_text *)into)->text = node->text;
	return ps_id_check(binder, node);
}

static bool bind_path(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const char *hint = NULL;

	if (!bind_text(binder, node, into))
		return false;
	if (node->text.len == 0)
		hint = "write the file's path";
	else if (node->text.ptr[0] == '~')
		hint = "'~' is not expanded: write the whole path";
	else if (memchr(node->text.ptr, '$', node->text.len) != NULL)
		hint = "variables are not expanded: write the whole path";
	else if (node->text.len > 7 && memmem(node->text.ptr, node->text.len, "://", 3) != NULL)
		hint = "a feed is read from a file: fetch it, and name the file";
	else if (node->text.ptr[node->text.len - 1] == '/')
		hint = "this names a folder: write the file's path";
	if (hint == NULL)
		return true;
	ps_report(binder->diagnostics, PS_CODE_PATH, ps_yaml_span(node),
	    "'%.*s' is not a usable path", PS_QUOTED(node->text));
	ps_report_hint(binder->diagnostics, "%s", hint);
	return false;
}

/* --- names ---------------------------------------------------------------------- */

static bool has(struct ps_bytes text, char c)
{
	return text.len > 0 && memchr(text.ptr, c, text.len) != NULL;
}

bool ps_name_hint(struct ps_binder *binder, struct ps_bytes text)
{
	struct ps_address address;

	if (ps_address_from_text(&address, text, NULL) == PS_OK)
		ps_report_hint(binder->diagnostics, "an address is not a name");
	else if (has(text, ',') || has(text, ' '))
		ps_report_hint(
		    binder->diagnostics, "several names are a list: [a.example, b.example]");
	else if (has(text, '@'))
		ps_report_hint(binder->diagnostics, "write the part behind the '@' alone");
	else if (has(text, ':'))
		ps_report_hint(binder->diagnostics, "write the name without the port");
	else if (text.len > 1 && text.ptr[0] == '.')
		ps_report_hint(binder->diagnostics, "remove the '.' at the beginning");
	else if (memmem(text.ptr, text.len, "..", 2) != NULL)
		ps_report_hint(binder->diagnostics, "there is a '.' too many");
	else
		return false;
	return true;
}

static bool report_name(
    struct ps_binder *binder, const struct ps_yaml_node *node, const struct ps_error *err)
{
	struct ps_bytes text = node->text;

	if (err->status == PS_NO_MEMORY) {
		binder->status = PS_NO_MEMORY;
		return false;
	}
	if (has(text, '/')) {
		struct ps_bytes host = ps_url_host(text);

		ps_report(binder->diagnostics, PS_CODE_URL, ps_yaml_span(node),
		    "'%.*s' is a URL, not a domain name", PS_QUOTED(text));
		if (host.len > 0)
			ps_report_hint(
			    binder->diagnostics, "write the host alone: '%.*s'", PS_QUOTED(host));
		return false;
	}
	ps_report(binder->diagnostics, PS_CODE_NAME, ps_yaml_span(node),
	    "'%.*s' is not a domain name", PS_QUOTED(text));
	if (!ps_name_hint(binder, text) && err->text[0] != '\0')
		ps_report_hint(binder->diagnostics, "%s", err->text);
	return false;
}

static bool is_address(struct ps_bytes text)
{
	struct ps_address address;

	return ps_address_from_text(&address, text, NULL) == PS_OK;
}

/* Whether the name stands in a rule's condition, where words say how far it reaches. */
static bool in_condition(const struct ps_binder *binder)
{
	struct ps_bytes key = ps_bytes_of(binder->key, binder->key_len);

	return ps_bytes_equal_text(key, "is") || ps_bytes_equal_text(key, "under") ||
	       ps_bytes_equal_text(key, "below");
}

/* A host name from what people write, copied to the arena. */
static bool bind_name_text(struct ps_binder *binder, const struct ps_yaml_node *node,
    struct ps_bytes text, struct ps_name *out)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_error err;
	uint8_t *wire;

	ps_error_clear(&err);
	if (ps_name_from_user(&name, &storage, text, &err) != PS_OK)
		return report_name(binder, node, &err);
	if (name.labels == 0) {
		ps_report(binder->diagnostics, PS_CODE_ROOT, ps_yaml_span(node),
		    "'.' is the root of all names");
		if (in_condition(binder))
			ps_report_hint(
			    binder->diagnostics, "for every query write 'when: everything'");
		return false;
	}
	if (!ps_name_is_hostname(name) || is_address(text)) {
		(void)ps_error_set(&err, PS_INVALID,
		    "letters, digits, '-' and '_', in parts joined by dots");
		return report_name(binder, node, &err);
	}
	wire = ps_arena_copy(binder->arena, ps_bytes_of(name.wire, name.len));
	if (wire == NULL) {
		binder->status = PS_NO_MEMORY;
		return false;
	}
	*out = ps_name_trusted(wire, name.len, name.labels);
	ps_fix_name(binder->diagnostics, node);
	return true;
}

static struct ps_bytes without_wildcard(struct ps_bytes text)
{
	if (text.len > 2 && text.ptr[0] == '*' && text.ptr[1] == '.')
		return ps_bytes_of(text.ptr + 2, text.len - 2);
	return text;
}

static bool bind_name(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_name_field *field = into;
	struct ps_bytes rest = without_wildcard(node->text);

	field->scope = PS_SCOPE_EXACT;
	if (!has(node->text, '*') || has(node->text, '/'))
		return bind_name_text(binder, node, node->text, &field->name);
	ps_report(binder->diagnostics, PS_CODE_WILDCARD, ps_yaml_span(node),
	    "a '*' is not allowed here");
	if (!in_condition(binder))
		ps_report_hint(binder->diagnostics, "write the name alone, as in '%.*s'",
		    PS_QUOTED(has(rest, '*') ? ps_bytes_of_text("a.example") : rest));
	else if (rest.len < node->text.len && !has(rest, '*'))
		ps_report_hint(binder->diagnostics,
		    "for a name and everything below it write 'under: %.*s'", PS_QUOTED(rest));
	else
		ps_report_hint(binder->diagnostics, "for parts of names use 'pattern'");
	return false;
}

static bool bind_reach(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_name_field *field = into;
	struct ps_bytes rest = without_wildcard(node->text);

	field->scope = rest.len < node->text.len ? PS_SCOPE_BELOW : PS_SCOPE_SUBTREE;
	if (!has(rest, '*') || has(rest, '/'))
		return bind_name_text(binder, node, rest, &field->name);
	ps_report(binder->diagnostics, PS_CODE_WILDCARD, ps_yaml_span(node),
	    "a '*' may only stand at the beginning, as in \"*.upu.post\"");
	return false;
}

/* A host, or the host of a URL. */
static bool bind_publisher(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_text *field = into;
	struct ps_bytes host = has(node->text, '/') ? ps_url_host(node->text) : node->text;
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_error err;
	char text[PS_NAME_TEXT_MAX];
	size_t len;

	ps_error_clear(&err);
	if (ps_name_from_user(&name, &storage, host, &err) != PS_OK || name.labels < 2 ||
	    !ps_name_is_hostname(name) || is_address(host)) {
		if (err.status == PS_NO_MEMORY)
			binder->status = PS_NO_MEMORY;
		ps_report(binder->diagnostics, PS_CODE_PUBLISHER, ps_yaml_span(node),
		    "'%.*s' is neither a host nor a URL", PS_QUOTED(node->text));
		ps_report_hint(binder->diagnostics, "as in 'isac.example' or "
		    "'https://isac.example/feed'");
		return false;
	}
	len = ps_name_to_text(name, text);
	field->text.ptr = ps_arena_copy(binder->arena, ps_bytes_of(text, len));
	field->text.len = len;
	if (field->text.ptr == NULL)
		binder->status = PS_NO_MEMORY;
	return field->text.ptr != NULL;
}

/* --- addresses -------------------------------------------------------------------- */

static bool bind_address(
    struct ps_binder *binder, const struct ps_yaml_node *node, void *into, uint8_t family)
{
	struct ps_address_field *field = into;
	const char *key = family == 4 ? "a" : "aaaa";

	if (ps_address_from_text(&field->address, node->text, NULL) != PS_OK) {
		ps_report(binder->diagnostics, PS_CODE_ADDRESS, ps_yaml_span(node),
		    "'%.*s' is not an IPv%u address", PS_QUOTED(node->text), family);
		if (has(node->text, '/'))
			ps_report_hint(binder->diagnostics, "an address, not a prefix");
		else
			ps_report_hint(binder->diagnostics, "as in '%s: %s'", key,
			    family == 4 ? "192.0.2.80" : "\"2001:db8::80\"");
		return false;
	}
	if (field->address.family == family)
		return true;
	ps_report(binder->diagnostics, PS_CODE_ADDRESS, ps_yaml_span(node),
	    "'%.*s' is an IPv%u address", PS_QUOTED(node->text), field->address.family);
	ps_report_hint(binder->diagnostics, "IPv%u addresses stand under '%s'",
	    field->address.family, family == 4 ? "aaaa" : "a");
	return false;
}

static bool bind_address4(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	return bind_address(binder, node, into, 4);
}

static bool bind_address6(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	return bind_address(binder, node, into, 6);
}

static bool bind_client(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_address_field *field = into;

	if (ps_address_from_text(&field->address, node->text, NULL) == PS_OK)
		return true;
	ps_report(binder->diagnostics, PS_CODE_ADDRESS, ps_yaml_span(node),
	    "'%.*s' is not an IP address", PS_QUOTED(node->text));
	ps_report_hint(binder->diagnostics, "%s",
	    has(node->text, '/') ? "one address, not a prefix"
	                         : "as in 10.20.0.7 or \"2001:db8::7\"");
	return false;
}

/* What the prefix would be without the bits behind its length. */
static void hint_host_bits(struct ps_binder *binder, struct ps_bytes text)
{
	const uint8_t *slash = memchr(text.ptr, '/', text.len);
	struct ps_bytes host = ps_bytes_of(text.ptr, (size_t)(slash - text.ptr));
	struct ps_prefix meant = {.len = 0};
	char words[PS_PREFIX_TEXT_MAX];

	if (ps_address_from_text(&meant.address, host, NULL) != PS_OK)
		return;
	for (const uint8_t *p = slash + 1; p < text.ptr + text.len; p++)
		meant.len = (uint8_t)(meant.len * 10 + (*p - '0'));
	for (unsigned bit = meant.len; bit < 128; bit++)
		meant.address.bytes[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
	ps_prefix_to_text(&meant, words);
	ps_report_hint(binder->diagnostics,
	    "write '%s' for the network, or '%.*s' for this address alone", words,
	    PS_QUOTED(host));
}

static bool bind_prefix(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_prefix_field *field = into;
	struct ps_bytes text = node->text;
	struct ps_address address;
	struct ps_error err;
	size_t host = 0;

	ps_error_clear(&err);
	if (ps_prefix_from_text(&field->prefix, text, &err) == PS_OK) {
		(void)ps_prefix_unmap(&field->prefix);
		return true;
	}
	while (host < text.len && text.ptr[host] != '/')
		host++;
	/* The address is one: then it is what stands behind it. */
	if (ps_address_from_text(&address, ps_bytes_of(text.ptr, host), NULL) == PS_OK) {
		ps_report(binder->diagnostics, PS_CODE_ADDRESS, ps_yaml_span(node), "'%.*s' %s",
		    PS_QUOTED(text), err.text);
		if (strstr(err.text, "has bits set") != NULL)
			hint_host_bits(binder, text);
		else
			ps_report_hint(binder->diagnostics, "a number from 0 to %u, as in '/%u'",
			    address.family == 4 ? 32u : 128u, address.family == 4 ? 16u : 48u);
		return false;
	}
	ps_report(binder->diagnostics, PS_CODE_ADDRESS, ps_yaml_span(node),
	    "'%.*s' is not an address or a prefix", PS_QUOTED(text));
	if (text.len > 0 && text.ptr[0] >= '0' && text.ptr[0] <= '9' &&
	    (has(text, '-') || has(text, '*')))
		ps_report_hint(binder->diagnostics,
		    "write a range as prefixes, as in 10.20.0.0/16");
	else
		ps_report_hint(binder->diagnostics, "as in 10.20.0.0/16 or \"2001:db8:20::/48\"");
	return false;
}

/* --- numbers with a unit, ranges --------------------------------------------------- */

/* Digits at *pos, at most 999,999,999,999; false when there are none. */
static bool read_digits(struct ps_bytes text, size_t *pos, uint64_t *value)
{
	size_t start = *pos;

	*value = 0;
	while (*pos < text.len && *pos - start < 12 && text.ptr[*pos] >= '0' &&
	    text.ptr[*pos] <= '9') {
		*value = *value * 10 + (uint64_t)(text.ptr[*pos] - '0');
		(*pos)++;
	}
	return *pos > start;
}

static void skip_blanks(struct ps_bytes text, size_t *pos)
{
	while (*pos < text.len && text.ptr[*pos] == ' ')
		(*pos)++;
}

#define SIZE_MAX_OCTETS (UINT64_C(1) << 40)

static bool bind_size(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	static const struct ps_word units[] = {
	    {"", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}, {NULL, 0}};
	struct ps_number *field = into;
	size_t pos = 0;
	uint64_t count;
	uint64_t unit = 0;
	bool good = read_digits(node->text, &pos, &count);

	skip_blanks(node->text, &pos);
	good = good && ps_word_find(units,
	                   ps_bytes_of(node->text.ptr + pos, node->text.len - pos), &unit);
	if (good && count > 0 && count <= SIZE_MAX_OCTETS / unit) {
		field->value = count * unit;
		return true;
	}
	ps_report(binder->diagnostics, PS_CODE_NUMBER, ps_yaml_span(node),
	    "'%.*s' is not a size", PS_QUOTED(node->text));
	if (good)
		ps_report_hint(binder->diagnostics, "at least one byte, at most 1024GiB");
	else
		ps_report_hint(binder->diagnostics, "a number with KiB, MiB or GiB, as in 64MiB");
	return false;
}

static bool bind_percent(
    struct ps_binder *binder, const struct ps_yaml_node *node, void *into, uint64_t max)
{
	struct ps_number *field = into;
	size_t pos = 0;
	bool digits = read_digits(node->text, &pos, &field->value);
	bool sign = pos + 1 == node->text.len && node->text.ptr[pos] == '%';

	if (digits && sign && field->value >= 1 && field->value <= max)
		return true;
	ps_report(binder->diagnostics, PS_CODE_NUMBER, ps_yaml_span(node),
	    "'%.*s' is not a share from 1%% to %u%%", PS_QUOTED(node->text), (unsigned)max);
	if (digits && pos == node->text.len)
		ps_report_hint(binder->diagnostics, "write '%llu%%'",
		    (unsigned long long)field->value);
	return false;
}

static bool bind_shrink(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	return bind_percent(binder, node, into, 100);
}

static bool bind_grow(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	return bind_percent(binder, node, into, 100000);
}

/* ">= 60", "> 60", "<= 30", "< 30", "60-80" as numbers that may lie outside 0 to 100. */
static bool read_range(struct ps_bytes text, int64_t *min, int64_t *max)
{
	size_t pos = 0;
	char sign = text.len > 0 ? (char)text.ptr[0] : '\0';
	bool equal = text.len > 1 && text.ptr[1] == '=';
	uint64_t first;
	uint64_t second;

	*min = 0;
	*max = PS_CONFIDENCE_MAX;
	if (sign == '<' || sign == '>') {
		pos = equal ? 2 : 1;
		skip_blanks(text, &pos);
		if (!read_digits(text, &pos, &first) || pos != text.len)
			return false;
		if (sign == '>')
			*min = (int64_t)first + (equal ? 0 : 1);
		else
			*max = (int64_t)first - (equal ? 0 : 1);
		return true;
	}
	if (!read_digits(text, &pos, &first))
		return false;
	skip_blanks(text, &pos);
	if (pos >= text.len || text.ptr[pos++] != '-')
		return false;
	skip_blanks(text, &pos);
	if (!read_digits(text, &pos, &second) || pos != text.len)
		return false;
	*min = (int64_t)first;
	*max = (int64_t)second;
	return true;
}

/* what: "confidence" */
static bool bind_range_of(struct ps_binder *binder, const struct ps_yaml_node *node,
    struct ps_range_field *field, enum ps_code code, const char *what)
{
	size_t digits = 0;
	uint64_t alone;
	int64_t min;
	int64_t max;

	if (!read_range(node->text, &min, &max)) {
		ps_report(binder->diagnostics, code, ps_yaml_span(node),
		    "'%.*s' is not a range of %s", PS_QUOTED(node->text), what);
		if (read_digits(node->text, &digits, &alone) && digits == node->text.len)
			ps_report_hint(binder->diagnostics,
			    "write \">= %llu\" for this much and more", (unsigned long long)alone);
		else
			ps_report_hint(binder->diagnostics, "as in \">= 60\", \"< 30\" or 60-80");
		return false;
	}
	if (max > PS_CONFIDENCE_MAX || min > max) {
		ps_report(binder->diagnostics, code, ps_yaml_span(node), "no %s is '%.*s'", what,
		    PS_QUOTED(node->text));
		if (min > max && min <= PS_CONFIDENCE_MAX && max >= 0)
			ps_report_hint(binder->diagnostics, "the smaller number stands first");
		else
			ps_report_hint(binder->diagnostics, "%s goes from 0 to 100", what);
		return false;
	}
	field->min = (uint8_t)min;
	field->max = (uint8_t)max;
	return true;
}

static bool bind_range(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	return bind_range_of(binder, node, into, PS_CODE_CONFIDENCE, "confidence");
}

static bool bind_score(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	return bind_range_of(binder, node, into, PS_CODE_SCORE, "score");
}

/* --- countries, languages, days --------------------------------------------------- */

/* Two to max letters, some of which are large or small where they must not be: from the case
 * whose 'a' is given to the other. */
static void fix_case(
    struct ps_binder *binder, const struct ps_yaml_node *node, char from, size_t max)
{
	char text[4];

	if (node->text.len < 2 || node->text.len > max || max > sizeof(text))
		return;
	for (size_t i = 0; i < node->text.len; i++) {
		uint8_t small = ps_ascii_lower(node->text.ptr[i]);

		if (small < 'a' || small > 'z')
			return;
		text[i] = (char)(from == 'a' ? small - 'a' + 'A' : small);
	}
	ps_fix_scalar(binder->diagnostics, PS_FIX_MISTAKE, node,
	    ps_bytes_of(text, node->text.len), from == 'a' ? "capital letters" : "small letters");
}

static bool bind_country(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_bytes text = node->text;

	((struct ps_text *)into)->text = text;
	if (text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[1] >= 'A' &&
	    text.ptr[1] <= 'Z')
		return true;
	ps_report(binder->diagnostics, PS_CODE_TEXT, ps_yaml_span(node),
	    "'%.*s' is not a country code", PS_QUOTED(text));
	ps_report_hint(binder->diagnostics, "two capital letters (ISO 3166-1), as in CH");
	fix_case(binder, node, 'a', 2);
	return false;
}

bool ps_language_check(struct ps_binder *binder, const struct ps_yaml_node *node)
{
	struct ps_bytes text = node->text;
	bool good = text.len == 2 || text.len == 3;
	size_t letters = 0;

	for (size_t i = 0; good && i < text.len; i++)
		good = text.ptr[i] >= 'a' && text.ptr[i] <= 'z';
	if (good)
		return true;
	ps_report(binder->diagnostics, PS_CODE_LANGUAGE, ps_yaml_span(node),
	    "'%.*s' is not a language", PS_QUOTED(text));
	fix_case(binder, node, 'A', 3);
	while (letters < text.len && text.ptr[letters] >= 'a' && text.ptr[letters] <= 'z')
		letters++;
	if ((letters == 2 || letters == 3) && text.ptr[letters] == '-')
		ps_report_hint(binder->diagnostics, "without script and country: '%.*s'",
		    (int)letters, (const char *)text.ptr);
	else
		ps_report_hint(
		    binder->diagnostics, "two or three small letters (ISO 639), as in de");
	return false;
}

static bool bind_language(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	((struct ps_text *)into)->text = node->text;
	return ps_language_check(binder, node);
}

#define DAY 86400

/* What ends with a day ends when the next one begins. */
static bool bind_last_day(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	struct ps_bytes text = node->text;
	struct ps_timestamp time = {0};
	bool shaped = text.len == 10 && text.ptr[4] == '-' && text.ptr[7] == '-';

	if (shaped && ps_timestamp_from_text(text, &time) && time.seconds >= 0 &&
	    time.seconds + DAY < PS_TIME_FOREVER) {
		((struct ps_number *)into)->value = (uint64_t)time.seconds + DAY;
		return true;
	}
	ps_report(binder->diagnostics, PS_CODE_DATE, ps_yaml_span(node), "'%.*s' is not a date",
	    PS_QUOTED(text));
	if (time.seconds != 0)
		ps_report_hint(binder->diagnostics, "from 1970-01-01 to 2106-02-06");
	else if (shaped)
		ps_report_hint(binder->diagnostics, "there is no such day");
	else
		ps_report_hint(binder->diagnostics, "year, month, day, as in 2027-01-31");
	return false;
}

/* --- the values ----------------------------------------------------------------------- */

static const struct ps_word switches[] = {
    {"yes", 1}, {"no", 0}, {"true", 1}, {"false", 0}, {NULL, 0}};

static const struct ps_word categories[] = {
    {"phishing", PS_CATEGORY_PHISHING}, {"malware", PS_CATEGORY_MALWARE},
    {"botnet", PS_CATEGORY_BOTNET}, {"fraud", PS_CATEGORY_FRAUD}, {"spam", PS_CATEGORY_SPAM},
    {"impersonation", PS_CATEGORY_IMPERSONATION}, {"suspicious", PS_CATEGORY_SUSPICIOUS},
    {"other", PS_CATEGORY_OTHER}, {NULL, 0}};

static const struct ps_word tlps[] = {{"clear", PS_TLP_CLEAR}, {"green", PS_TLP_GREEN},
    {"amber", PS_TLP_AMBER}, {"amber+strict", PS_TLP_AMBER_STRICT}, {"red", PS_TLP_RED},
    {NULL, 0}};

const struct ps_value ps_value_text = {
    .kind = PS_VALUE_SCALAR, .what = "text", .bind = bind_text};
const struct ps_value ps_value_note = {
    .kind = PS_VALUE_SCALAR, .what = "text", .bind = bind_note};
const struct ps_value ps_value_id = {
    .kind = PS_VALUE_SCALAR, .what = "an id", .bind = bind_id, .pattern = PS_ID_PATTERN};
const struct ps_value ps_value_name = {.kind = PS_VALUE_SCALAR,
    .what = "a domain name",
    .bind = bind_name,
    .pattern = "^[^*/@:,\\s]+$"};
const struct ps_value ps_value_reach = {.kind = PS_VALUE_SCALAR,
    .what = "a domain name",
    .bind = bind_reach,
    .pattern = "^(\\*\\.)?[^*/@:,\\s]+$"};
const struct ps_value ps_value_address4 = {.kind = PS_VALUE_SCALAR,
    .what = "an IPv4 address",
    .bind = bind_address4,
    .pattern = "^[0-9.]+$"};
const struct ps_value ps_value_address6 = {.kind = PS_VALUE_SCALAR,
    .what = "an IPv6 address",
    .hint = "put it between quotes: \"2001:db8::80\"",
    .bind = bind_address6,
    .pattern = "^[0-9A-Fa-f:.]+$"};
const struct ps_value ps_value_client = {.kind = PS_VALUE_SCALAR,
    .what = "an IP address",
    .hint = "put it between quotes: \"2001:db8::7\"",
    .bind = bind_client,
    .pattern = "^[0-9A-Fa-f:.]+$"};
const struct ps_value ps_value_prefix = {.kind = PS_VALUE_SCALAR,
    .what = "an address or a prefix",
    .hint = "put it between quotes: \"2001:db8:20::/48\"",
    .bind = bind_prefix,
    .pattern = "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"};
const struct ps_value ps_value_confidence_range = {.kind = PS_VALUE_SCALAR,
    .what = "a range of confidence",
    .hint = "as in \">= 60\", \"< 30\" or 60-80",
    .bind = bind_range,
    .pattern = "^([<>]=? *[0-9]{1,3}|[0-9]{1,3} *- *[0-9]{1,3})$"};
const struct ps_value ps_value_score_range = {.kind = PS_VALUE_SCALAR,
    .what = "a range of score",
    .hint = "as in \">= 80\", \"< 60\" or 60-80",
    .bind = bind_score,
    .pattern = "^([<>]=? *[0-9]{1,12}|[0-9]{1,12} *- *[0-9]{1,12})$"};
const struct ps_value ps_value_country = {.kind = PS_VALUE_SCALAR,
    .what = "a country code",
    .bind = bind_country,
    .pattern = "^[A-Z]{2}$"};
const struct ps_value ps_value_language = {.kind = PS_VALUE_SCALAR,
    .what = "a language",
    .bind = bind_language,
    .pattern = "^[a-z]{2,3}$"};
const struct ps_value ps_value_last_day = {.kind = PS_VALUE_SCALAR,
    .what = "a date as 2027-01-31",
    .bind = bind_last_day,
    .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"};
const struct ps_value ps_value_confidence = {.kind = PS_VALUE_NUMBER,
    .what = "a whole number from 0 to 100",
    .max = PS_CONFIDENCE_MAX};
const struct ps_value ps_value_category = {
    .kind = PS_VALUE_WORD, .what = "a category", .words = categories};
const struct ps_value ps_value_tlp = {
    .kind = PS_VALUE_WORD, .what = "a TLP 2.0 marking", .words = tlps};
const struct ps_value ps_value_ttl = {.kind = PS_VALUE_NUMBER,
    .what = "a whole number of seconds from 0 to 604800",
    .hint = "seconds, in digits only: 60 is a minute, 3600 an hour",
    .max = PS_TTL_MAX};
const struct ps_value ps_value_size = {.kind = PS_VALUE_SCALAR,
    .what = "a size",
    .bind = bind_size,
    .pattern = "^[0-9]{1,12} *(KiB|MiB|GiB)?$",
    .number_too = true,
    .min = 1,
    .max = SIZE_MAX_OCTETS};
const struct ps_value ps_value_shrink = {.kind = PS_VALUE_SCALAR,
    .what = "a share as 20%",
    .bind = bind_shrink,
    .pattern = "^(100|[1-9][0-9]?)%$"};
const struct ps_value ps_value_grow = {.kind = PS_VALUE_SCALAR,
    .what = "a share as 200%",
    .bind = bind_grow,
    .pattern = "^[1-9][0-9]{0,5}%$"};
const struct ps_value ps_value_switch = {
    .kind = PS_VALUE_WORD, .what = "'yes' or 'no'", .words = switches, .is_switch = true};
const struct ps_value ps_value_path = {
    .kind = PS_VALUE_SCALAR, .what = "a path", .bind = bind_path};
const struct ps_value ps_value_publisher = {
    .kind = PS_VALUE_SCALAR, .what = "a host or URL", .bind = bind_publisher};
