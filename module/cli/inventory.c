#include "cli/inventory.h"

#include "cli/trace.h"

const char *ps_digest_text(const struct ps_snapshot *snapshot, char out[2 * PS_DIGEST_SIZE + 1])
{
	const uint8_t *digest = ps_snapshot_digest(snapshot);

	for (size_t i = 0; i < PS_DIGEST_SIZE; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return out;
}

double ps_bytes_per_name(uint64_t bytes, uint64_t names)
{
	return names == 0 ? 0.0 : (double)bytes / (double)names;
}

/* --- for people -------------------------------------------------------------------- */

static void size_line(const struct ps_terminal *t, const char *label, uint64_t bytes,
    uint64_t names, const char *note)
{
	char number[PS_NUMBER_TEXT_MAX];

	(void)fprintf(t->stream, "%-10s %s bytes", label, ps_terminal_number(bytes, number));
	/* Of few names the tables are most. */
	if (names >= 1000)
		(void)fprintf(t->stream, ", %.1f a name", ps_bytes_per_name(bytes, names));
	(void)fprintf(t->stream, "%s\n", note);
}

static void print_sizes(
    const struct ps_snapshot *snapshot, const char *path, const struct ps_terminal *t)
{
	struct ps_snapshot_size size = ps_snapshot_size(snapshot);
	char digest[2 * PS_DIGEST_SIZE + 1], one[PS_COUNT_TEXT_MAX], two[PS_COUNT_TEXT_MAX];

	(void)fputs("snapshot   ", t->stream);
	ps_terminal_text(t, ps_bytes_of_text(path));
	(void)fprintf(t->stream, "\nversion    %u\ndigest     %s\n", PS_SNAPSHOT_VERSION,
	    ps_digest_text(snapshot, digest));
	(void)fprintf(t->stream, "names      %s", ps_terminal_number(size.names, one));
	(void)fprintf(t->stream, ", %s in %s\n", ps_terminal_count(size.rows, "row", "rows", one),
	    ps_terminal_count(size.sets, "set", "sets", two));
	(void)fprintf(t->stream, "addresses  %s,",
	    ps_terminal_count(size.prefixes4, "IPv4 prefix", "IPv4 prefixes", one));
	(void)fprintf(t->stream, " %s\n",
	    ps_terminal_count(size.prefixes6, "IPv6 prefix", "IPv6 prefixes", one));
	size_line(t, "lookup", size.lookup, size.names, " (what the resolver holds)");
	size_line(t, "file", size.file, size.names, " (with the text for explanation)");
}

static void place_cell(struct ps_table *table, const char *file, uint32_t line)
{
	char shown[200];

	(void)ps_terminal_escape(ps_bytes_of_text(file), shown, sizeof(shown));
	ps_table_cell(table, PS_STYLE_PLAIN, "%s:%u", shown, line);
}

static enum ps_status print_table(
    struct ps_table *table, const char *title, const struct ps_terminal *t)
{
	enum ps_status status;

	(void)fprintf(t->stream, "\n%s\n", title);
	status = ps_table_print(table, t, 2);
	ps_table_clear(table);
	return status;
}

static enum ps_status print_feeds(const struct ps_snapshot *snapshot, const struct ps_terminal *t)
{
	struct ps_table table;

	ps_table_init(&table);
	ps_table_column(&table, "feed", PS_ALIGN_LEFT);
	ps_table_column(&table, "format", PS_ALIGN_LEFT);
	ps_table_column(&table, "read", PS_ALIGN_RIGHT);
	ps_table_column(&table, "kept", PS_ALIGN_RIGHT);
	ps_table_column(&table, "refused", PS_ALIGN_RIGHT);
	ps_table_column(&table, "defined at", PS_ALIGN_LEFT);
	ps_table_column(&table, "", PS_ALIGN_LEFT);
	for (uint32_t i = 0; i < ps_snapshot_feed_count(snapshot); i++) {
		struct ps_feed_view feed = ps_snapshot_feed(snapshot, i);

		ps_table_text(&table, PS_STYLE_STRONG, feed.id);
		ps_table_cell(&table, PS_STYLE_PLAIN, "%s", ps_feed_format_name(feed.format));
		ps_table_number(&table, PS_STYLE_PLAIN, feed.read);
		ps_table_number(&table, PS_STYLE_PLAIN, feed.kept);
		ps_table_number(&table, PS_STYLE_PLAIN, feed.refused);
		place_cell(&table, feed.file, feed.line);
		ps_table_cell(&table, PS_STYLE_WARN, "%s%s%s", feed.held ? "held" : "",
		    feed.held && feed.trial ? ", " : "", feed.trial ? "on trial" : "");
	}
	return print_table(&table, "feeds", t);
}

static void condition_cell(
    struct ps_table *table, const struct ps_snapshot *snapshot, const struct ps_rule_view *rule)
{
	char text[PS_CONDITION_TEXT_MAX];

	if (rule->condition_count == 0) {
		ps_table_cell(table, PS_STYLE_PLAIN, "every query");
		return;
	}
	ps_condition_text(snapshot, rule->first_condition, text);
	if (rule->condition_count > 1)
		ps_table_cell(
		    table, PS_STYLE_PLAIN, "%s (and %u more)", text, rule->condition_count - 1);
	else
		ps_table_cell(table, PS_STYLE_PLAIN, "%s", text);
}

static enum ps_status print_rules(const struct ps_snapshot *snapshot, const struct ps_terminal *t)
{
	struct ps_table table;

	ps_table_init(&table);
	ps_table_column(&table, "rule", PS_ALIGN_LEFT);
	ps_table_column(&table, "answer", PS_ALIGN_LEFT);
	ps_table_column(&table, "EDE", PS_ALIGN_RIGHT);
	ps_table_column(&table, "defined at", PS_ALIGN_LEFT);
	ps_table_column(&table, "", PS_ALIGN_LEFT);
	ps_table_column(&table, "when", PS_ALIGN_LEFT);
	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		struct ps_rule_view rule = ps_snapshot_rule(snapshot, i);

		ps_table_text(&table, PS_STYLE_STRONG, rule.id);
		ps_table_text(
		    &table, PS_STYLE_PLAIN, ps_snapshot_answer(snapshot, rule.answer).name);
		if (rule.ede_code == PS_EDE_NONE)
			ps_table_cell(&table, PS_STYLE_PLAIN, "%s", "");
		else
			ps_table_cell(&table, PS_STYLE_PLAIN, "%d", (int)rule.ede_code);
		place_cell(&table, rule.file, rule.line);
		ps_table_cell(
		    &table, PS_STYLE_WARN, "%s", rule.mode == PS_MODE_SHADOW ? "shadow" : "");
		condition_cell(&table, snapshot, &rule);
	}
	return print_table(&table, "rules", t);
}

/* "A 192.0.2.80 AAAA 2001:db8::80 CNAME block.example" */
static void target_text(const struct ps_answer_view *answer, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < answer->a_count + answer->aaaa_count && used < size; i++) {
		bool six = i >= answer->a_count;
		struct ps_address address = {.family = six ? 6 : 4};
		char text[PS_ADDRESS_TEXT_MAX];

		memcpy(address.bytes,
		    six ? answer->aaaa + 16 * (size_t)(i - answer->a_count)
		        : answer->a + 16 * (size_t)i,
		    16);
		ps_address_to_text(&address, text);
		used += (size_t)snprintf(out + used, size - used, "%s%s %s", i > 0 ? " " : "",
		    six ? "AAAA" : "A", text);
	}
	if (answer->cname.wire != NULL) {
		char name[PS_NAME_TEXT_MAX];

		(void)ps_name_to_text(answer->cname, name);
		(void)snprintf(out, size, "CNAME %s", name);
	}
}

static enum ps_status print_answers(
    const struct ps_snapshot *snapshot, const struct ps_terminal *t)
{
	struct ps_table table;

	ps_table_init(&table);
	ps_table_column(&table, "answer", PS_ALIGN_LEFT);
	ps_table_column(&table, "action", PS_ALIGN_LEFT);
	ps_table_column(&table, "TTL", PS_ALIGN_RIGHT);
	ps_table_column(&table, "leads to", PS_ALIGN_LEFT);
	for (uint32_t i = 0; i < ps_snapshot_answer_count(snapshot); i++) {
		struct ps_answer_view answer = ps_snapshot_answer(snapshot, i);
		char target[PS_NAME_TEXT_MAX + 16];

		target_text(&answer, target, sizeof(target));
		ps_table_text(&table, PS_STYLE_STRONG, answer.name);
		ps_table_cell(&table, PS_STYLE_PLAIN, "%s", ps_action_name(answer.action));
		ps_table_cell(&table, PS_STYLE_PLAIN, "%u", answer.ttl);
		ps_table_text(&table, PS_STYLE_PLAIN, target);
	}
	return print_table(&table, "answers", t);
}

enum ps_status ps_inventory_print(
    const struct ps_snapshot *snapshot, const char *path, const struct ps_terminal *terminal)
{
	enum ps_status status;

	print_sizes(snapshot, path, terminal);
	status = print_feeds(snapshot, terminal);
	if (status == PS_OK)
		status = print_rules(snapshot, terminal);
	if (status == PS_OK)
		status = print_answers(snapshot, terminal);
	return status;
}

/* --- for programs ------------------------------------------------------------------- */

static bool put_sizes(json_t *root, const struct ps_snapshot *snapshot)
{
	struct ps_snapshot_size size = ps_snapshot_size(snapshot);
	bool whole = true;

	whole &= ps_fact_number(root, "names", size.names);
	whole &= ps_fact_number(root, "prefixes4", size.prefixes4);
	whole &= ps_fact_number(root, "prefixes6", size.prefixes6);
	whole &= ps_fact_number(root, "rows", size.rows);
	whole &= ps_fact_number(root, "sets", size.sets);
	whole &= ps_fact_number(root, "fullest_bucket", size.fullest_bucket);
	whole &= ps_fact_number(root, "file_bytes", size.file);
	whole &= ps_fact_number(root, "lookup_bytes", size.lookup);
	whole &= ps_fact_real(
	    root, "lookup_bytes_per_name", ps_bytes_per_name(size.lookup, size.names));
	whole &=
	    ps_fact_real(root, "file_bytes_per_name", ps_bytes_per_name(size.file, size.names));
	return whole;
}

static json_t *sections_json(const struct ps_snapshot *snapshot, bool *whole)
{
	json_t *array = json_array();

	for (int i = 0; i < PS_SECTION_COUNT; i++) {
		struct ps_section_view section =
		    ps_snapshot_section(snapshot, (enum ps_section)i);
		json_t *object = json_object();

		*whole &= ps_fact_text(object, "name", section.name);
		*whole &= ps_fact_number(object, "offset", section.offset);
		*whole &= ps_fact_number(object, "octets", section.octets);
		*whole &= ps_fact_number(object, "records", section.records);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *feeds_json(const struct ps_snapshot *snapshot, bool *whole)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < ps_snapshot_feed_count(snapshot); i++) {
		struct ps_feed_view feed = ps_snapshot_feed(snapshot, i);
		json_t *object = json_object();

		*whole &= ps_fact_text(object, "id", feed.id);
		*whole &= ps_fact_text(object, "title", feed.title);
		*whole &= ps_fact_text(object, "file", feed.file);
		*whole &= ps_fact_number(object, "line", feed.line);
		*whole &= ps_fact_text(object, "format", ps_feed_format_name(feed.format));
		*whole &= ps_fact_flag(object, "trial", feed.trial);
		*whole &= ps_fact_flag(object, "held", feed.held);
		*whole &= ps_fact_number(object, "read", feed.read);
		*whole &= ps_fact_number(object, "kept", feed.kept);
		*whole &= ps_fact_number(object, "refused", feed.refused);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *rules_json(const struct ps_snapshot *snapshot, bool *whole)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		struct ps_rule_view rule = ps_snapshot_rule(snapshot, i);
		json_t *object = json_object();
		json_t *when = json_array();

		for (uint32_t c = 0; c < rule.condition_count; c++) {
			char text[PS_CONDITION_TEXT_MAX];

			ps_condition_text(snapshot, rule.first_condition + c, text);
			*whole &= ps_fact_add(when, json_string(text));
		}
		*whole &= ps_fact_text(object, "id", rule.id);
		*whole &= ps_fact_text(object, "file", rule.file);
		*whole &= ps_fact_number(object, "line", rule.line);
		*whole &= ps_fact_text(
		    object, "mode", rule.mode == PS_MODE_SHADOW ? "shadow" : "enforce");
		*whole &= ps_fact_text(
		    object, "answer", ps_snapshot_answer(snapshot, rule.answer).name);
		*whole &= rule.ede_code != PS_EDE_NONE
		              ? ps_fact_signed(object, "ede", rule.ede_code)
		              : ps_fact_null(object, "ede");
		*whole &= ps_fact_put(object, "when", when);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *answers_json(const struct ps_snapshot *snapshot, bool *whole)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < ps_snapshot_answer_count(snapshot); i++) {
		struct ps_answer_view answer = ps_snapshot_answer(snapshot, i);
		json_t *object = json_object();
		char target[PS_NAME_TEXT_MAX + 16];

		target_text(&answer, target, sizeof(target));
		*whole &= ps_fact_text(object, "name", answer.name);
		*whole &= ps_fact_text(object, "action", ps_action_name(answer.action));
		*whole &= ps_fact_number(object, "ttl", answer.ttl);
		*whole &= ps_fact_text(object, "target", target);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

json_t *ps_inventory_json(const struct ps_snapshot *snapshot, const char *path, bool *whole)
{
	json_t *root = json_object();

	*whole &= ps_fact_text(root, "path", path);
	*whole &= ps_fact_number(root, "version", PS_SNAPSHOT_VERSION);
	*whole &= ps_fact_hex(root, "digest", ps_snapshot_digest(snapshot), PS_DIGEST_SIZE);
	*whole &= put_sizes(root, snapshot);
	*whole &= ps_fact_put(root, "sections", sections_json(snapshot, whole));
	*whole &= ps_fact_put(root, "feeds", feeds_json(snapshot, whole));
	*whole &= ps_fact_put(root, "rules", rules_json(snapshot, whole));
	*whole &= ps_fact_put(root, "answers", answers_json(snapshot, whole));
	return root;
}
