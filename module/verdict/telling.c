#include "verdict/telling.h"

#include "core/utf8.h"
#include "lookalike/words.h"

/* --- the reason in words --------------------------------------------------------------- */

/* Never the feed's name: a reason is no advertisement, and who lists may not want to be known. */
static const char *const category_words[PS_CATEGORY_COUNT] = {
    [PS_CATEGORY_OTHER] = "",
    [PS_CATEGORY_PHISHING] = "phishing",
    [PS_CATEGORY_MALWARE] = "malware",
    [PS_CATEGORY_BOTNET] = "botnet",
    [PS_CATEGORY_FRAUD] = "fraud",
    [PS_CATEGORY_SPAM] = "spam",
    [PS_CATEGORY_IMPERSONATION] = "impersonation",
    [PS_CATEGORY_SUSPICIOUS] = "suspicious",
};

/* PS_CATEGORY_OTHER too where no feed has a part in it. */
static enum ps_category category_of(
    const struct ps_snapshot *snapshot, const struct ps_verdict *verdict)
{
	struct ps_row row;

	if (verdict->evidence.row == PS_INDEX_NONE)
		return PS_CATEGORY_OTHER;
	row = ps_snapshot_row(snapshot, verdict->evidence.row);
	return row.kind == PS_ROW_FEED ? row.category : PS_CATEGORY_OTHER;
}

struct reason {
	const char *text;
	bool ours; /* English, whatever language the policy has */
	char looks[PS_EDE_TEXT_MAX + 1];
};

static void find_reason(const struct ps_snapshot *snapshot, const struct ps_verdict *verdict,
    const struct ps_rule_view *rule, struct reason *out)
{
	out->text = rule->ede_text;
	out->ours = rule->ede_text[0] == '\0';
	if (!out->ours)
		return;
	if (verdict->likeness.score > 0) {
		(void)ps_likeness_sentence(ps_snapshot_tables(snapshot), &verdict->likeness,
		    out->looks, sizeof(out->looks));
		out->text = out->looks;
	} else {
		out->text = category_words[category_of(snapshot, verdict)];
	}
}

static void tell_plain(struct ps_telling *out, int32_t code, const char *text, size_t room)
{
	size_t len = code == PS_EDE_NONE ? 0 : strlen(text);

	out->code = code;
	out->len = len <= room ? len : 0;
	memcpy(out->text, text, out->len);
	out->text[out->len] = '\0';
}

void ps_telling_plain(const struct ps_snapshot *snapshot, const struct ps_verdict *verdict,
    struct ps_telling *out)
{
	struct ps_rule_view rule = ps_snapshot_rule(snapshot, verdict->rule);
	struct reason reason;

	find_reason(snapshot, verdict, &rule, &reason);
	tell_plain(out, rule.ede_code, reason.text, PS_EDE_TEXT_MAX);
}

/* --- JSON -------------------------------------------------------------------------------- */

static void put(struct ps_telling *out, const char *text)
{
	size_t len = strlen(text);

	if (len > PS_TELLING_TEXT_MAX - out->len) /* never: the maximum is the sum of all */
		return;
	memcpy(out->text + out->len, text, len + 1);
	out->len += len;
}

/* Noncharacters: RFC 7493 section 2.1 has none in I-JSON. */
static bool is_noncharacter(uint32_t character)
{
	return (character & 0xfffe) == 0xfffe || (character >= 0xfdd0 && character <= 0xfdef);
}

/* The snapshot has no control characters, so two characters need an escape (RFC 8259 section 7). */
static void put_string(struct ps_telling *out, const char *text)
{
	struct ps_bytes bytes = ps_bytes_of_text(text);
	size_t pos = 0;

	put(out, "\"");
	while (pos < bytes.len) {
		size_t start = pos;
		uint32_t character;
		char one[6] = "";

		(void)ps_utf8_next(bytes, &pos, &character);
		if (character == '"' || character == '\\')
			put(out, "\\");
		memcpy(one, text + start, pos - start);
		put(out, is_noncharacter(character) ? "?" : one);
	}
	put(out, "\"");
}

/* ,"j": and the like; the object's first name has no comma. */
static void put_name(struct ps_telling *out, const char *name)
{
	put(out, out->len > 1 ? ",\"" : "\"");
	put(out, name);
	put(out, "\":");
}

static void put_contacts(struct ps_telling *out, const struct ps_structured_plan *plan)
{
	put_name(out, "c");
	put(out, "[");
	for (uint32_t i = 0; i < plan->contact_count; i++) {
		if (i > 0)
			put(out, ",");
		put_string(out, plan->contacts[i]);
	}
	put(out, "]");
}

/* What the draft's registry has of the kinds that feeds tell. */
static unsigned sub_error_of(enum ps_category category)
{
	switch (category) {
	case PS_CATEGORY_PHISHING:
		return PS_SUB_ERROR_PHISHING;
	case PS_CATEGORY_MALWARE:
	case PS_CATEGORY_BOTNET:
		return PS_SUB_ERROR_MALWARE;
	case PS_CATEGORY_SPAM:
		return PS_SUB_ERROR_SPAM;
	default:
		return PS_SUB_ERROR_NONE;
	}
}

static void put_sub_error(struct ps_telling *out, unsigned sub_error, int32_t code)
{
	char digits[4] = {0};
	unsigned at = sizeof(digits) - 1;

	if (sub_error == PS_SUB_ERROR_NONE || !ps_sub_error_fits(sub_error, code))
		return;
	for (; sub_error > 0; sub_error /= 10)
		digits[--at] = (char)('0' + sub_error % 10);
	put_name(out, "s");
	put(out, digits + at);
}

static void tell_json(struct ps_telling *out, const struct ps_structured_plan *plan,
    unsigned sub_error, const char *why, const char *who)
{
	out->len = 0;
	put(out, "{");
	put_contacts(out, plan);
	if (why[0] != '\0') {
		put_name(out, "j");
		put_string(out, why);
	}
	put_sub_error(out, sub_error, out->code);
	if (who[0] != '\0') {
		put_name(out, "o");
		put_string(out, who);
	}
	if (why[0] != '\0' || who[0] != '\0') {
		put_name(out, "l");
		put_string(out, plan->language);
	}
	put(out, "}");
}

void ps_telling_structured(const struct ps_snapshot *snapshot, const struct ps_verdict *verdict,
    size_t room, struct ps_telling *out)
{
	struct ps_structured_plan plan = ps_snapshot_structured(snapshot);
	struct ps_rule_view rule = ps_snapshot_rule(snapshot, verdict->rule);
	unsigned sub_error = rule.sub_error;
	struct reason reason;

	find_reason(snapshot, verdict, &rule, &reason);
	out->code = rule.ede_code == PS_EDE_FORGED_ANSWER ? PS_EDE_BLOCKED : rule.ede_code;
	if (!ps_ede_is_structured(out->code)) {
		tell_plain(out, out->code, reason.text, room);
		return;
	}
	/* One language for both texts, and what we say ourselves is English. */
	if (reason.ours && strcmp(plan.language, "en") != 0)
		reason.text = "";
	if (sub_error == PS_SUB_ERROR_LISTED)
		sub_error = sub_error_of(category_of(snapshot, verdict));
	tell_json(out, &plan, sub_error, reason.text, plan.organization);
	if (out->len > room)
		tell_json(out, &plan, sub_error, "", "");
	if (out->len > room)
		tell_plain(out, out->code, "", room);
}
