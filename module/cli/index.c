#include "cli/index.h"

#include "cli/inventory.h"
#include "cli/listing.h"
#include "core/idn.h"

/* --- verify ----------------------------------------------------------------------- */

static enum ps_status verify_json(const struct ps_cli *cli, const char *path,
    const struct ps_snapshot *snapshot, const struct ps_error *err)
{
	json_t *root = json_object();
	bool whole = true;

	whole &= ps_fact_text(root, "path", path);
	whole &= ps_fact_flag(root, "good", snapshot != NULL);
	if (snapshot != NULL) {
		whole &=
		    ps_fact_hex(root, "digest", ps_snapshot_digest(snapshot), PS_DIGEST_SIZE);
		whole &= ps_fact_null(root, "reason");
		whole &= ps_fact_null(root, "offset");
	} else {
		whole &= ps_fact_null(root, "digest");
		whole &= ps_fact_text(root, "reason", err->text);
		whole &= err->offset != UINT64_MAX ? ps_fact_number(root, "offset", err->offset)
		                                   : ps_fact_null(root, "offset");
	}
	return ps_fact_print(cli->out.stream, root, whole);
}

static void verify_text(const struct ps_cli *cli, const char *path,
    const struct ps_snapshot *snapshot, const struct ps_error *err)
{
	char shown[PATH_MAX], reason[1024], digest[2 * PS_DIGEST_SIZE + 1];

	(void)ps_terminal_escape(ps_bytes_of_text(path), shown, sizeof(shown));
	if (snapshot != NULL) {
		ps_terminal_styled(&cli->out, PS_STYLE_GOOD, "good");
		(void)fprintf(
		    cli->out.stream, "  %s  %s\n", ps_digest_text(snapshot, digest), shown);
		return;
	}
	ps_error_format(err, reason, sizeof(reason));
	ps_terminal_styled(&cli->out, PS_STYLE_BAD, "bad");
	(void)fprintf(cli->out.stream, "  %s\n", reason);
}

/* A file that is refused is what verify looks for: a finding, told on the output. */
static enum ps_exit verify(const struct ps_cli *cli)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;
	char path[PATH_MAX] = "";
	enum ps_status status;
	enum ps_exit code = PS_EXIT_DONE;

	ps_error_clear(&err);
	status = ps_cli_load_snapshot(cli, &snapshot, path, &err);
	if (status == PS_INVALID || status == PS_UNSUPPORTED)
		code = PS_EXIT_FINDINGS;
	else if (status != PS_OK)
		return ps_cli_fail(cli, status, &err);
	status = PS_OK;
	if (ps_cli_has(cli, PS_OPTION_JSON))
		status = verify_json(cli, path, snapshot, &err);
	else
		verify_text(cli, path, snapshot, &err);
	if (status != PS_OK)
		code = ps_cli_fail_status(cli, status);
	ps_snapshot_close(snapshot);
	return code;
}

/* --- lookup ----------------------------------------------------------------------- */

/* What one argument means, and what the snapshot says of it. */
struct lookup {
	const char *argument;
	char text[PS_NAME_TEXT_MAX]; /* in its normal form */
	bool is_address;
	struct ps_listings found;
};

static enum ps_status look_up(struct lookup *out, const struct ps_snapshot *snapshot,
    const char *argument, struct ps_error *err)
{
	struct ps_bytes text = ps_bytes_of_text(argument);
	struct ps_name_buffer storage;
	struct ps_address address;
	struct ps_name name;
	enum ps_status status;

	*out = (struct lookup){.argument = argument};
	if (ps_address_from_text(&address, text, NULL) == PS_OK) {
		out->is_address = true;
		ps_address_to_text(&address, out->text);
		status = ps_listings_of_address(&out->found, snapshot, &address);
	} else {
		ps_error_clear(err); /* it is not of the snapshot's file */
		status = ps_name_from_person(&name, &storage, text, err);
		if (status != PS_OK)
			return status;
		(void)ps_name_to_text(name, out->text);
		status = ps_listings_of_name(&out->found, snapshot, name);
	}
	return status == PS_OK ? PS_OK : ps_error_set(err, status, "out of memory");
}

static void moment_cell(struct ps_table *table, uint32_t moment, uint32_t none)
{
	char text[PS_MOMENT_TEXT_MAX];

	ps_table_cell(
	    table, PS_STYLE_PLAIN, "%s", moment == none ? "" : ps_terminal_moment(moment, text));
}

static void listing_row(
    struct ps_table *table, const struct ps_snapshot *snapshot, const struct ps_listing *listing)
{
	bool of_feed = listing->row.kind == PS_ROW_FEED;
	char text[PS_NAME_TEXT_MAX], source[PS_SOURCE_TEXT_MAX];
	char reference[PS_REFERENCE_MAX * 4 + 1];

	ps_listing_subject(listing, text);
	ps_table_text(table, PS_STYLE_PLAIN, text);
	ps_listing_source(listing, snapshot, source);
	ps_table_cell(table, PS_STYLE_STRONG, "%s", source);
	ps_table_cell(table, PS_STYLE_PLAIN, "%s%s",
	    listing->is_address ? "prefix" : ps_scope_name(listing->row.scope),
	    listing->row.origin == PS_ORIGIN_SERVER ? ", servers" : "");
	ps_table_cell(
	    table, PS_STYLE_PLAIN, "%s", of_feed ? ps_category_name(listing->row.category) : "");
	if (of_feed)
		ps_table_cell(table, PS_STYLE_PLAIN, "%u", listing->row.confidence);
	else
		ps_table_cell(table, PS_STYLE_PLAIN, "%s", "");
	ps_table_cell(table, PS_STYLE_PLAIN, "%s", of_feed ? ps_tlp_name(listing->row.tlp) : "");
	moment_cell(table, listing->row.valid_from, PS_TIME_NONE);
	moment_cell(table, listing->row.valid_until, PS_TIME_FOREVER);
	ps_table_cell(table, PS_STYLE_WARN, "%s", listing->row.trial ? "trial" : "");
	if (listing->provenance.line != 0)
		ps_table_cell(
		    table, PS_STYLE_PLAIN, "%llu", (unsigned long long)listing->provenance.line);
	else
		ps_table_cell(table, PS_STYLE_PLAIN, "%s", "");
	(void)ps_terminal_escape(listing->provenance.reference, reference, sizeof(reference));
	ps_table_cell(table, PS_STYLE_PLAIN, "%s", reference);
}

static enum ps_status lookup_text(
    const struct ps_cli *cli, const struct ps_snapshot *snapshot, const struct lookup *lookup)
{
	static const struct {
		const char *header;
		enum ps_align align;
	} columns[] = {{"listed", PS_ALIGN_LEFT}, {"by", PS_ALIGN_LEFT}, {"scope", PS_ALIGN_LEFT},
	    {"category", PS_ALIGN_LEFT}, {"confidence", PS_ALIGN_RIGHT}, {"tlp", PS_ALIGN_LEFT},
	    {"from", PS_ALIGN_LEFT}, {"until", PS_ALIGN_LEFT}, {"", PS_ALIGN_LEFT},
	    {"line", PS_ALIGN_RIGHT}, {"reference", PS_ALIGN_LEFT}};
	struct ps_table table;
	enum ps_status status;
	char shown[PS_NAME_TEXT_MAX], count[PS_COUNT_TEXT_MAX];

	(void)ps_terminal_escape(ps_bytes_of_text(lookup->text), shown, sizeof(shown));
	ps_terminal_styled(&cli->out, PS_STYLE_STRONG, "%s", shown);
	if (lookup->found.count == 0) {
		(void)fputs(": no entry covers it\n", cli->out.stream);
		return PS_OK;
	}
	(void)fprintf(cli->out.stream, ": %s\n",
	    ps_terminal_count(lookup->found.count, "entry", "entries", count));
	ps_table_init(&table);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		ps_table_column(&table, columns[i].header, columns[i].align);
	for (size_t i = 0; i < lookup->found.count; i++)
		listing_row(&table, snapshot, &lookup->found.items[i]);
	status = ps_table_print(&table, &cli->out, 2);
	ps_table_clear(&table);
	return status;
}

static bool lookup_json(
    json_t *array, const struct ps_snapshot *snapshot, const struct lookup *lookup)
{
	json_t *object = json_object();
	json_t *entries = json_array();
	bool whole = true;

	for (size_t i = 0; i < lookup->found.count; i++)
		whole &= ps_fact_add(
		    entries, ps_listing_json(&lookup->found.items[i], snapshot, &whole));
	whole &= ps_fact_text(object, "asked", lookup->argument);
	whole &= ps_fact_text(object, lookup->is_address ? "address" : "name", lookup->text);
	whole &= ps_fact_put(object, "entries", entries);
	return ps_fact_add(array, object) && whole;
}

/* All arguments; *all_found: each is covered by an entry. */
static enum ps_status look_up_all(const struct ps_cli *cli, const struct ps_snapshot *snapshot,
    json_t *array, bool *whole, bool *all_found, struct ps_error *err)
{
	enum ps_status status = PS_OK;

	for (size_t i = 0; i < cli->options->argument_count && status == PS_OK; i++) {
		struct lookup lookup;

		status = look_up(&lookup, snapshot, cli->options->arguments[i], err);
		if (status == PS_OK) {
			*all_found = *all_found && lookup.found.count > 0;
			if (array != NULL)
				*whole &= lookup_json(array, snapshot, &lookup);
			else if (lookup_text(cli, snapshot, &lookup) != PS_OK)
				status = ps_error_set(err, PS_NO_MEMORY, "out of memory");
		}
		ps_listings_clear(&lookup.found);
	}
	return status;
}

/* Like grep: 0 when every argument is covered, 1 when one is not. */
static enum ps_exit lookup(const struct ps_cli *cli)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;
	char path[PATH_MAX];
	json_t *array = ps_cli_has(cli, PS_OPTION_JSON) ? json_array() : NULL;
	bool whole = true, all_found = true;
	enum ps_exit code = PS_EXIT_DONE;
	enum ps_status status;

	ps_error_clear(&err);
	status = ps_cli_load_snapshot(cli, &snapshot, path, &err);
	if (status == PS_OK)
		status = look_up_all(cli, snapshot, array, &whole, &all_found, &err);
	if (status != PS_OK) {
		code = ps_cli_fail(cli, status, &err);
		goto out;
	}
	if (!all_found)
		code = PS_EXIT_FINDINGS;
	if (ps_cli_has(cli, PS_OPTION_JSON)) {
		status = ps_fact_print(cli->out.stream, json_incref(array), whole);
		if (status != PS_OK)
			code = ps_cli_fail_status(cli, status);
	}
out:
	json_decref(array);
	ps_snapshot_close(snapshot);
	return code;
}

/* --- info ------------------------------------------------------------------------- */

static enum ps_exit info(const struct ps_cli *cli)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;
	char path[PATH_MAX];
	enum ps_status status;

	ps_error_clear(&err);
	status = ps_cli_load_snapshot(cli, &snapshot, path, &err);
	if (status != PS_OK)
		return ps_cli_fail(cli, status, &err);
	if (ps_cli_has(cli, PS_OPTION_JSON)) {
		bool whole = true;
		json_t *root = ps_inventory_json(snapshot, path, &whole);

		status = ps_fact_print(cli->out.stream, root, whole);
	} else {
		status = ps_inventory_print(snapshot, path, &cli->out);
	}
	ps_snapshot_close(snapshot);
	return status == PS_OK ? PS_EXIT_DONE : ps_cli_fail_status(cli, status);
}

enum ps_exit ps_index_run(const struct ps_cli *cli)
{
	static const struct {
		const char *name;
		enum ps_exit (*run)(const struct ps_cli *cli);
	} verbs[] = {{"info", info}, {"verify", verify}, {"lookup", lookup}};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, cli->options->verb->name) == 0)
			return verbs[i].run(cli);
	return PS_EXIT_USAGE;
}
