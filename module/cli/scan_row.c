#include "cli/scan_row.h"

#include "cli/explanation.h"
#include "core/utf8.h"

#include <stdlib.h>

static const char *const kind_names[] = {"none", "listed", "lookalike", "pattern"};

/* A likeness says more than a list, and a list more than a pattern. */
static enum ps_scan_kind kind_of(const struct ps_snapshot *snapshot, uint32_t rule)
{
	struct ps_rule_view view = ps_snapshot_rule(snapshot, rule);
	bool listed = false, pattern = false;

	for (uint32_t i = 0; i < view.condition_count; i++) {
		switch (ps_snapshot_condition(snapshot, view.first_condition + i).kind) {
		case PS_CONDITION_LOOKALIKE:
			return PS_SCAN_KIND_LOOKALIKE;
		case PS_CONDITION_PATTERN:
			pattern = true;
			break;
		case PS_CONDITION_NAMES:
		case PS_CONDITION_LISTED:
		case PS_CONDITION_ADDRESSES:
			listed = true;
			break;
		case PS_CONDITION_CLIENT:
		case PS_CONDITION_COUNT:
			break;
		}
	}
	return listed ? PS_SCAN_KIND_LISTED : pattern ? PS_SCAN_KIND_PATTERN : PS_SCAN_KIND_NONE;
}

enum ps_status ps_scan_writer_init(struct ps_scan_writer *writer,
    const struct ps_snapshot *snapshot, bool json, struct ps_error *err)
{
	uint32_t count = ps_snapshot_rule_count(snapshot);

	*writer = (struct ps_scan_writer){.snapshot = snapshot, .json = json};
	writer->rules = calloc(count + 1u, sizeof(*writer->rules));
	if (writer->rules == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		writer->rules[i] = (struct ps_scan_rule){
		    .id = ps_snapshot_rule(snapshot, i).id, .kind = kind_of(snapshot, i)};
	return PS_OK;
}

void ps_scan_writer_clear(struct ps_scan_writer *writer)
{
	free(writer->rules);
	writer->rules = NULL;
}

static void put(struct ps_buffer *out, const char *text)
{
	(void)ps_buffer_append(out, text, strlen(text));
}

static bool is_plain(struct ps_bytes name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] < 0x20 || name.ptr[i] >= 0x7f)
			return false;
	return true;
}

/* --- columns ----------------------------------------------------------------------------- */

/* Of a name that is too long the beginning is shown. */
static bool cut(struct ps_bytes *name)
{
	size_t shown = ps_utf8_cut(*name, PS_SCAN_SHOWN_MAX);
	bool whole = shown == name->len;

	/* No beginning of a longer one is empty, whatever its octets. */
	if (shown == 0 && name->len > 0)
		shown = name->len < PS_SCAN_SHOWN_MAX ? name->len : PS_SCAN_SHOWN_MAX;
	name->len = shown;
	return whole;
}

unsigned ps_scan_put_name(struct ps_buffer *out, struct ps_bytes name)
{
	bool whole = cut(&name);
	unsigned cells = 0;
	size_t pos = 0;

	if (is_plain(name)) {
		(void)ps_buffer_append(out, name.ptr, name.len);
		cells = (unsigned)name.len;
		pos = name.len;
	}
	while (pos < name.len) {
		char shown[PS_SHOWN_MAX];
		uint32_t character;
		bool valid = ps_utf8_next(name, &pos, &character);

		(void)ps_buffer_append(
		    out, shown, ps_character_show(character, valid, shown, &cells));
	}
	if (!whole)
		put(out, "...");
	return cells + (whole ? 0 : 3);
}

struct ps_scan_words ps_scan_words(
    const struct ps_scan_writer *writer, const struct ps_verdict *verdict)
{
	const struct ps_likeness *it = &verdict->likeness;
	const struct ps_scan_rule *rule =
	    verdict->rule == PS_INDEX_NONE ? NULL : &writer->rules[verdict->rule];

	return (struct ps_scan_words){.action = ps_action_name(verdict->action),
	    .rule = rule != NULL ? rule->id : NULL,
	    .kind = kind_names[rule != NULL ? rule->kind : PS_SCAN_KIND_NONE],
	    .technique = it->score > 0 ? ps_technique_name(it->technique) : NULL,
	    .brand = it->score > 0
	        ? ps_tables_brand(ps_snapshot_tables(writer->snapshot), it->brand).id
	        : NULL,
	    .score = it->score};
}

/* What most rows end in: at once. */
#define NOTHING "\tpass\t-\tnone\t-\t-\t0\n"

static const char *or_none(const char *word)
{
	return word != NULL ? word : "-";
}

static void write_columns(const struct ps_scan_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, const struct ps_verdict *verdict)
{
	struct ps_scan_words words;

	(void)ps_scan_put_name(out, name);
	if (verdict->rule == PS_INDEX_NONE && verdict->likeness.score == 0) {
		(void)ps_buffer_append(out, NOTHING, sizeof(NOTHING) - 1);
		return;
	}
	words = ps_scan_words(writer, verdict);
	(void)ps_buffer_printf(out, "\t%s\t%s\t%s\t%s\t%s\t%u\n", words.action,
	    or_none(words.rule), words.kind, or_none(words.technique), or_none(words.brand),
	    words.score);
}

/* --- JSON -------------------------------------------------------------------------------- */

static void put_unit(struct ps_buffer *out, uint32_t unit)
{
	(void)ps_buffer_printf(out, "\\u%04x", (unsigned)unit);
}

/* A string in printable ASCII, as ps_fact_string() and ps_fact_print() make it: octets
 * that are no UTF-8 are told as the text \xNN. jansson's values would take as long as the
 * judgement. */
void ps_scan_put_string(struct ps_buffer *out, struct ps_bytes text)
{
	char escaped[4 * PS_SCAN_SHOWN_MAX + 4];
	size_t pos = 0;

	if (!is_plain(text) && !ps_utf8_is_text(text)) {
		size_t len = ps_terminal_escape(text, escaped, sizeof(escaped));

		text = ps_bytes_of(escaped, len);
	}
	put(out, "\"");
	while (pos < text.len) {
		size_t run = pos;
		uint32_t character;

		while (run < text.len && text.ptr[run] >= 0x20 && text.ptr[run] < 0x7f &&
		       text.ptr[run] != '"' && text.ptr[run] != '\\')
			run++;
		(void)ps_buffer_append(out, text.ptr + pos, run - pos);
		pos = run;
		if (pos == text.len)
			break;
		(void)ps_utf8_next(text, &pos, &character);
		if (character == '"' || character == '\\') {
			(void)ps_buffer_printf(out, "\\%c", (char)character);
		} else if (character < 0x10000) {
			put_unit(out, character);
		} else {
			put_unit(out, 0xd800 + ((character - 0x10000) >> 10));
			put_unit(out, 0xdc00 + ((character - 0x10000) & 0x3ff));
		}
	}
	put(out, "\"");
}

static void put_member(struct ps_buffer *out, const char *key, const char *value)
{
	put(out, ", \"");
	put(out, key);
	put(out, "\": ");
	if (value == NULL)
		put(out, "null");
	else
		ps_scan_put_string(out, ps_bytes_of_text(value));
}

static void put_parts(struct ps_buffer *out, const struct ps_likeness *it)
{
	const char *between = "";

	put(out, ", \"parts\": [");
	for (unsigned i = 0; i < PS_SIGN_COUNT && it->score > 0; i++) {
		if ((it->signs >> i & 1) == 0)
			continue;
		(void)ps_buffer_printf(out, "%s{\"sign\": \"%s\", \"points\": %d}", between,
		    ps_sign_name((enum ps_sign)i), ps_sign_points((enum ps_sign)i, it->ratio));
		between = ", ";
	}
	put(out, "]");
}

#define NOTHING_JSON \
	", \"action\": \"pass\", \"rule\": null, \"kind\": \"none\", \"technique\": null, " \
	"\"protected\": null, \"score\": 0, \"parts\": []}\n"

bool ps_scan_put_json_name(struct ps_buffer *out, struct ps_bytes name)
{
	bool whole = cut(&name);

	put(out, "{\"name\": ");
	ps_scan_put_string(out, name);
	return whole;
}

void ps_scan_put_members(const struct ps_scan_writer *writer, struct ps_buffer *out,
    const struct ps_verdict *verdict)
{
	struct ps_scan_words words = ps_scan_words(writer, verdict);

	put(out, "\"action\": ");
	ps_scan_put_string(out, ps_bytes_of_text(words.action));
	put_member(out, "rule", words.rule);
	put_member(out, "kind", words.kind);
	put_member(out, "technique", words.technique);
	put_member(out, "protected", words.brand);
	(void)ps_buffer_printf(out, ", \"score\": %u", words.score);
}

static void write_json(const struct ps_scan_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, const struct ps_verdict *verdict, const char *why)
{
	bool whole = ps_scan_put_json_name(out, name);

	if (verdict->rule == PS_INDEX_NONE && verdict->likeness.score == 0 && why == NULL &&
	    whole) {
		(void)ps_buffer_append(out, NOTHING_JSON, sizeof(NOTHING_JSON) - 1);
		return;
	}
	put(out, ", ");
	ps_scan_put_members(writer, out, verdict);
	put_parts(out, &verdict->likeness);
	if (why != NULL)
		put_member(out, "error", why);
	if (!whole)
		put(out, ", \"cut\": true");
	put(out, "}\n");
}

void ps_scan_write(const struct ps_scan_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, const struct ps_verdict *verdict, const char *why)
{
	if (writer->json)
		write_json(writer, out, name, verdict, why);
	else
		write_columns(writer, out, name, verdict);
}
