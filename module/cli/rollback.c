#include "cli/rollback.h"

#include "cli/fact.h"
#include "cli/generations.h"
#include "cli/inventory.h"
#include "cli/publication.h"
#include "cli/table.h"

#include <signal.h>

#define DIGEST_MIN 4 /* digits that name one */

struct rollback {
	const struct ps_cli *cli;
	char state[PATH_MAX];
	char output[PATH_MAX];
	char serves[2 * PS_DIGEST_SIZE + 1]; /* the digest of what serves; "": nothing good */
	struct ps_generations kept;
	struct ps_publication publication;
	struct ps_progress progress;
};

static enum ps_status find_out(struct rollback *r, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error own;
	enum ps_status status = ps_cli_state_path("snapshot.ps", r->output, err);

	if (status == PS_OK)
		status = ps_cli_state_path("", r->state, err);
	if (status == PS_OK)
		status = ps_generations_read(&r->kept, r->state, err);
	if (status != PS_OK)
		return status;
	/* That it is bad may be why somebody is here. */
	ps_error_clear(&own);
	status = ps_snapshot_load(&snapshot, r->output, PS_SNAPSHOT_LOOKUP, &own);
	if (status == PS_OK)
		(void)ps_digest_text(snapshot, r->serves);
	ps_snapshot_close(snapshot);
	if (status != PS_NO_MEMORY && status != PS_IO)
		return PS_OK;
	*err = own;
	return status;
}

static bool serves(const struct rollback *r, size_t index)
{
	return strncmp(r->kept.file[index].digest, r->serves, PS_GENERATION_DIGEST) == 0;
}

/* --- the list ----------------------------------------------------------------------------- */

/* Names in it; false: it is damaged. */
static enum ps_status examine(
    const struct rollback *r, size_t index, bool *good, uint64_t *names)
{
	struct ps_snapshot *snapshot = NULL;
	char path[PATH_MAX], digest[2 * PS_DIGEST_SIZE + 1];
	enum ps_status status;

	ps_generation_path(&r->kept, index, path);
	status = ps_snapshot_load(&snapshot, path, PS_SNAPSHOT_LOOKUP, NULL);
	*good = status == PS_OK && strncmp(ps_digest_text(snapshot, digest),
	                               r->kept.file[index].digest, PS_GENERATION_DIGEST) == 0;
	*names = *good ? ps_snapshot_size(snapshot).names : 0;
	ps_snapshot_close(snapshot);
	return status == PS_NO_MEMORY ? status : PS_OK;
}

static const char *word_of(const struct rollback *r, size_t index, bool good)
{
	if (serves(r, index))
		return "serves";
	if (!good)
		return "damaged";
	return index < ps_generations_find(&r->kept, r->serves) && r->serves[0] != '\0' &&
	               ps_generations_find(&r->kept, r->serves) < r->kept.count
	           ? "rolled back from"
	           : "kept";
}

static enum ps_status print_list(const struct rollback *r, const struct ps_terminal *t)
{
	char moment[PS_MOMENT_TEXT_MAX];
	struct ps_table table;
	enum ps_status status = PS_OK;

	if (r->kept.count == 0) {
		(void)fputs("no snapshot is kept yet: postshield build keeps each that it makes\n",
		    t->stream);
		return PS_OK;
	}
	ps_table_init(&table);
	ps_table_column(&table, "digest", PS_ALIGN_LEFT);
	ps_table_column(&table, "built", PS_ALIGN_LEFT);
	ps_table_column(&table, "names", PS_ALIGN_RIGHT);
	ps_table_column(&table, "bytes", PS_ALIGN_RIGHT);
	ps_table_column(&table, "state", PS_ALIGN_LEFT);
	for (size_t i = 0; i < r->kept.count && status == PS_OK; i++) {
		uint64_t names;
		bool good;

		status = examine(r, i, &good, &names);
		ps_table_cell(&table, PS_STYLE_STRONG, "%s", r->kept.file[i].digest);
		ps_table_cell(&table, PS_STYLE_PLAIN, "%s",
		    ps_terminal_moment(r->kept.file[i].time, moment));
		ps_table_number(&table, PS_STYLE_PLAIN, names);
		ps_table_number(&table, PS_STYLE_PLAIN, r->kept.file[i].octets);
		ps_table_cell(&table,
		    !good             ? PS_STYLE_BAD
		        : serves(r, i) ? PS_STYLE_GOOD
		                       : PS_STYLE_PLAIN,
		    "%s", word_of(r, i, good));
	}
	if (status == PS_OK)
		status = ps_table_print(&table, t, 0);
	ps_table_clear(&table);
	return status;
}

static enum ps_status print_list_json(const struct rollback *r, const struct ps_terminal *t)
{
	json_t *root = json_object(), *list = json_array();
	bool whole = true;

	for (size_t i = 0; i < r->kept.count; i++) {
		json_t *object = json_object();
		uint64_t names;
		bool good;

		whole &= examine(r, i, &good, &names) == PS_OK;
		whole &= ps_fact_text(object, "digest", r->kept.file[i].digest);
		whole &= ps_fact_moment(object, "built", r->kept.file[i].time);
		whole &= ps_fact_number(object, "names", names);
		whole &= ps_fact_number(object, "bytes", r->kept.file[i].octets);
		whole &= ps_fact_text(object, "state", word_of(r, i, good));
		whole &= ps_fact_add(list, object);
	}
	whole &= ps_fact_text(root, "serves", r->serves);
	whole &= ps_fact_put(root, "generations", list);
	return ps_fact_print(t->stream, root, whole);
}

/* --- going back --------------------------------------------------------------------------- */

/* Which one the digits name. */
static enum ps_status find_named(
    const struct rollback *r, const char *digits, size_t *out, struct ps_error *err)
{
	size_t len = strlen(digits), found = r->kept.count;

	for (size_t i = 0; i < r->kept.count; i++) {
		size_t compared = len < PS_GENERATION_DIGEST ? len : PS_GENERATION_DIGEST;

		if (len < DIGEST_MIN || strncmp(r->kept.file[i].digest, digits, compared) != 0)
			continue;
		if (found < r->kept.count)
			return ps_error_set(
			    err, PS_INVALID, "'%.64s' begins more than one digest", digits);
		found = i;
	}
	if (found == r->kept.count)
		return ps_error_set(err, PS_NOT_FOUND,
		    "no kept snapshot's digest begins with '%.64s': see postshield rollback --list",
		    digits);
	if (serves(r, found))
		return ps_error_set(err, PS_INVALID, "%s serves already", r->kept.file[found].digest);
	*out = found;
	return PS_OK;
}

/* The newest that served before the one that serves, and that is good. */
static enum ps_status find_previous(
    const struct rollback *r, size_t *out, struct ps_error *err)
{
	size_t at = ps_generations_find(&r->kept, r->serves);
	enum ps_status status = PS_OK;
	uint64_t names;
	bool good = false;

	/* Nothing good serves, or something that build did not publish here. */
	at = at == r->kept.count ? 0 : at + 1;
	for (; at < r->kept.count && status == PS_OK; at++) {
		status = examine(r, at, &good, &names);
		if (status == PS_OK && good)
			break;
		if (status == PS_OK)
			ps_cli_warn(r->cli, "%s is damaged: left out", r->kept.file[at].digest);
	}
	if (status != PS_OK)
		return ps_error_set(err, status, "out of memory");
	if (at >= r->kept.count)
		return ps_error_set(err, PS_NOT_FOUND, "no earlier snapshot is kept");
	*out = at;
	return PS_OK;
}

static void tell(const struct rollback *r, size_t index, const struct ps_snapshot *made)
{
	const struct ps_terminal *t = &r->cli->out;
	char moment[PS_MOMENT_TEXT_MAX], names[PS_COUNT_TEXT_MAX];

	(void)fprintf(t->stream, "published  %s, built %s, %s\n", r->kept.file[index].digest,
	    ps_terminal_moment(r->kept.file[index].time, moment),
	    ps_terminal_count(ps_snapshot_size(made).names, "name", "names", names));
	if (ps_generations_find(&r->kept, r->serves) < r->kept.count)
		(void)fprintf(t->stream,
		    "before     %.*s; postshield rollback %.*s brings it back\n",
		    PS_GENERATION_DIGEST, r->serves, PS_GENERATION_DIGEST, r->serves);
	(void)fputs("The next postshield build publishes what policy and feeds say then: put them "
	            "right before.\n",
	    t->stream);
}

static enum ps_status tell_json(
    const struct rollback *r, size_t index, const struct ps_snapshot *made)
{
	json_t *root = json_object();
	bool whole = ps_fact_text(root, "published", r->kept.file[index].digest);

	whole &= ps_fact_moment(root, "built", r->kept.file[index].time);
	whole &= ps_fact_number(root, "names", ps_snapshot_size(made).names);
	whole &= ps_fact_text(root, "before", r->serves);
	return ps_fact_print(r->cli->out.stream, root, whole);
}

static enum ps_status go_back(struct rollback *r, struct ps_error *err)
{
	const struct ps_options *options = r->cli->options;
	struct ps_snapshot *made = NULL;
	char path[PATH_MAX];
	bool waited = false;
	size_t index = 0;
	enum ps_status status;

	status =
	    ps_publication_open(&r->publication, r->output, &r->progress, &waited, err);
	if (status == PS_OK)
		status = find_out(r, err);
	if (status == PS_OK) {
		ps_error_clear(err);
		status = options->argument_count > 0
		    ? find_named(r, options->arguments[0], &index, err)
		    : find_previous(r, &index, err);
	}
	if (status == PS_OK) {
		ps_generation_path(&r->kept, index, path);
		status = ps_publication_restore(
		    &r->publication, path, r->kept.file[index].digest, &r->progress, &made, err);
	}
	ps_progress_end(&r->progress);
	if (status == PS_OK && ps_cli_has(r->cli, PS_OPTION_JSON))
		status = tell_json(r, index, made);
	else if (status == PS_OK)
		tell(r, index, made);
	ps_snapshot_close(made);
	return status;
}

enum ps_exit ps_rollback_run(const struct ps_cli *cli)
{
	struct rollback r = {.cli = cli, .publication = {.lock = -1}};
	struct ps_error err;
	enum ps_status status;

	(void)signal(SIGPIPE, SIG_IGN);
	ps_error_clear(&err);
	ps_progress_init(&r.progress, &cli->err, false);
	if (!ps_cli_has(cli, PS_OPTION_LIST))
		status = ps_cli_state_path("snapshot.ps", r.output, &err) == PS_OK ? go_back(&r, &err)
		                                                                : PS_LIMIT;
	else if (cli->options->argument_count > 0)
		status = ps_error_set(&err, PS_INVALID, "--list takes no DIGEST");
	else
		status = find_out(&r, &err);
	if (status == PS_OK && ps_cli_has(cli, PS_OPTION_LIST))
		status = ps_cli_has(cli, PS_OPTION_JSON) ? print_list_json(&r, &cli->out)
		                                         : print_list(&r, &cli->out);
	ps_publication_close(&r.publication);
	return status == PS_OK ? PS_EXIT_DONE : ps_cli_fail(cli, status, &err);
}
