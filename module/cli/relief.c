#include "cli/relief.h"

#include "cli/span.h"
#include "core/file.h"
#include "core/idn.h"
#include "policy/suggest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCK_FILE ".relief.lock"
#define DISABLE_SECONDS (10u * 60)
#define ALLOW_SECONDS (60u * 60)
#define SECONDS_MAX (30u * 86400)

/* --- the file ----------------------------------------------------------------------------- */

enum ps_status ps_relief_load(struct ps_relief *out, uint64_t now, struct ps_error *err)
{
	struct ps_buffer buffer;
	char path[PATH_MAX];
	enum ps_status status = ps_cli_state_path(PS_RELIEF_FILE, path, err);

	out->count = 0;
	if (status != PS_OK)
		return status;
	ps_buffer_init(&buffer, PS_RELIEF_FILE_MAX);
	status = ps_file_read(path, &buffer, err);
	if (status == PS_OK) {
		ps_error_at(err, path, 0, 0, UINT64_MAX);
		status = ps_relief_decode(out, ps_buffer_bytes(&buffer), err);
	}
	ps_buffer_clear(&buffer);
	if (status == PS_NOT_FOUND) {
		ps_error_clear(err);
		return PS_OK;
	}
	(void)ps_relief_expire(out, now);
	return status;
}

static enum ps_status store(const struct ps_relief *relief, struct ps_error *err)
{
	struct ps_file_writer writer = {.stream = NULL};
	struct ps_buffer buffer;
	char path[PATH_MAX];
	enum ps_status status = ps_cli_state_path(PS_RELIEF_FILE, path, err);

	ps_buffer_init(&buffer, PS_RELIEF_FILE_MAX);
	if (status == PS_OK && ps_relief_encode(relief, &buffer) != PS_OK)
		status = ps_error_set(err, buffer.status, "out of memory");
	if (status == PS_OK)
		status = ps_file_writer_open(&writer, path, 0644, err);
	if (status == PS_OK) {
		(void)fwrite(buffer.data, 1, buffer.len, writer.stream);
		status = ps_file_writer_commit(&writer, err);
	}
	ps_buffer_clear(&buffer);
	return status;
}

/* Not that of building, which may take a minute. */
static enum ps_status take_lock(int *lock, struct ps_error *err)
{
	char path[PATH_MAX];
	enum ps_status status = ps_cli_state_path(LOCK_FILE, path, err);

	if (status != PS_OK)
		return status;
	ps_error_at(err, path, 0, 0, UINT64_MAX);
	*lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (*lock < 0)
		return ps_error_set(err, PS_IO, "cannot write in the state folder");
	while (flock(*lock, LOCK_EX) != 0)
		if (errno != EINTR)
			return ps_error_set(err, PS_IO, "cannot lock the state folder");
	return PS_OK;
}

/* --- shown -------------------------------------------------------------------------------- */

static void subject_of(const struct ps_relief_entry *entry, char *out, size_t size)
{
	char name[PS_NAME_TEXT_MAX];

	if (entry->kind == PS_RELIEF_ALLOW) {
		(void)ps_name_to_text(ps_relief_name(entry), name);
		(void)snprintf(out, size, "%s and all below it pass", name);
	} else if (entry->kind == PS_RELIEF_DISABLE_RULE) {
		(void)snprintf(out, size, "rule %s blocks nothing", entry->rule);
	} else {
		(void)snprintf(out, size, "nothing is blocked");
	}
}

void ps_relief_print(
    const struct ps_terminal *t, const struct ps_relief_entry *entry, uint64_t now)
{
	char subject[PS_NAME_TEXT_MAX + 32], until[PS_MOMENT_TEXT_MAX], rest[PS_MOMENT_TEXT_MAX];

	subject_of(entry, subject, sizeof(subject));
	(void)fprintf(t->stream, "%s until %s (%s)%s%s", subject,
	    ps_terminal_moment(entry->until, until),
	    ps_terminal_age(entry->until > now ? entry->until - now : 0, rest),
	    entry->reason[0] != '\0' ? ": " : "", entry->reason);
}

json_t *ps_relief_json(const struct ps_relief_entry *entry, bool *whole)
{
	static const char *const kinds[] = {
	    [PS_RELIEF_DISABLE] = "disable",
	    [PS_RELIEF_DISABLE_RULE] = "disable-rule",
	    [PS_RELIEF_ALLOW] = "allow"};
	json_t *object = json_object();
	char name[PS_NAME_TEXT_MAX];

	*whole &= ps_fact_text(object, "kind", kinds[entry->kind]);
	*whole &= ps_fact_moment(object, "until", entry->until);
	*whole &= ps_fact_moment(object, "made", entry->made);
	*whole &= ps_fact_text(object, "reason", entry->reason);
	if (entry->kind == PS_RELIEF_ALLOW) {
		(void)ps_name_to_text(ps_relief_name(entry), name);
		*whole &= ps_fact_text(object, "name", name);
	} else if (entry->kind == PS_RELIEF_DISABLE_RULE) {
		*whole &= ps_fact_text(object, "rule", entry->rule);
	}
	return object;
}

/* --- what is asked for -------------------------------------------------------------------- */

struct asking {
	const struct ps_cli *cli;
	uint32_t now;
	struct ps_relief_entry entry;
	struct ps_relief relief;
};

static enum ps_status read_for(struct asking *a, uint64_t otherwise, struct ps_error *err)
{
	const char *given = ps_options_value(a->cli->options, PS_OPTION_FOR, 0);
	uint64_t seconds = otherwise;

	if (given != NULL && !ps_span_from_text(given, &seconds))
		return ps_error_set(err, PS_INVALID,
		    "--for: '%.48s' is no span of time: as 90s, 15m, 2h, 7d", given);
	if (seconds == 0 || seconds > SECONDS_MAX)
		return ps_error_set(err, PS_INVALID,
		    "--for: from 1s to 30d; what is to hold for good belongs into the policy");
	a->entry.until = (uint64_t)a->now + seconds;
	a->entry.made = a->now;
	return PS_OK;
}

static enum ps_status read_reason(struct asking *a, struct ps_error *err)
{
	const char *given = ps_options_value(a->cli->options, PS_OPTION_REASON, 0);

	if (given == NULL)
		return PS_OK;
	if (strlen(given) > PS_RELIEF_REASON_MAX / 4)
		return ps_error_set(err, PS_INVALID, "--reason: at most %d octets",
		    PS_RELIEF_REASON_MAX / 4);
	(void)ps_terminal_escape(
	    ps_bytes_of_text(given), a->entry.reason, sizeof(a->entry.reason));
	return PS_OK;
}

static enum ps_status read_rule(struct asking *a, struct ps_error *err)
{
	const char *given = ps_options_value(a->cli->options, PS_OPTION_RULE, 0);
	char escaped[PS_RELIEF_RULE_MAX + 1];

	a->entry.kind = given == NULL ? PS_RELIEF_DISABLE : PS_RELIEF_DISABLE_RULE;
	if (given == NULL)
		return PS_OK;
	if (ps_terminal_escape(ps_bytes_of_text(given), escaped, sizeof(escaped)) !=
	        strlen(given) ||
	    given[0] == '\0')
		return ps_error_set(err, PS_INVALID, "--rule: '%.48s' is no id of a rule", escaped);
	(void)snprintf(a->entry.rule, sizeof(a->entry.rule), "%s", given);
	return PS_OK;
}

/* A rule that is not there would be switched off without a word. */
static enum ps_status check_rule(const struct asking *a, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_suggest suggest;
	char path[PATH_MAX];
	bool found = false;
	enum ps_status status = ps_cli_load_snapshot(a->cli, &snapshot, path, err);

	if (status != PS_OK)
		return status;
	ps_suggest_init(&suggest, ps_bytes_of_text(a->entry.rule));
	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		struct ps_rule_view rule = ps_snapshot_rule(snapshot, i);

		found = found || strcmp(rule.id, a->entry.rule) == 0;
		ps_suggest_try(&suggest, ps_bytes_of_text(rule.id));
	}
	if (!found && suggest.best.len > 0)
		status = ps_error_set(err, PS_INVALID,
		    "--rule: there is no rule '%.64s': did you mean '%.*s'?", a->entry.rule,
		    (int)suggest.best.len, (const char *)suggest.best.ptr);
	else if (!found)
		status = ps_error_set(
		    err, PS_INVALID, "--rule: there is no rule '%.64s'", a->entry.rule);
	ps_snapshot_close(snapshot);
	return status;
}

static enum ps_status read_name(struct asking *a, struct ps_error *err)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	enum ps_status status = ps_name_from_person(
	    &name, &storage, ps_bytes_of_text(a->cli->options->arguments[0]), err);

	if (status != PS_OK)
		return status;
	if (name.labels < 2)
		return ps_error_set(err, PS_INVALID,
		    "NAME: all below a top-level domain is too much: disable says that it is all");
	a->entry.kind = PS_RELIEF_ALLOW;
	a->entry.name_len = name.len;
	memcpy(a->entry.name, name.wire, name.len);
	return PS_OK;
}

/* --- the change --------------------------------------------------------------------------- */

static bool is_about_the_same(const struct ps_relief_entry *a, const struct ps_relief_entry *b)
{
	struct ps_relief_entry one = *a;

	one.until = b->until;
	return ps_relief_entry_equal(&one, b);
}

/* Takes away what is there about the same, and with add puts the new one. *removed: how many. */
static enum ps_status change(struct asking *a, bool add, size_t *removed, struct ps_error *err)
{
	size_t kept = 0;
	int lock = -1;
	enum ps_status status = take_lock(&lock, err);

	if (status == PS_OK)
		status = ps_relief_load(&a->relief, a->now, err);
	/* The resolver takes a bad file for none; so do we, and it is written anew. */
	if (status == PS_INVALID) {
		a->relief.count = 0;
		ps_error_clear(err);
		status = PS_OK;
	}
	for (size_t i = 0; status == PS_OK && i < a->relief.count; i++)
		if (!is_about_the_same(&a->relief.entry[i], &a->entry))
			a->relief.entry[kept++] = a->relief.entry[i];
	*removed = a->relief.count - kept;
	a->relief.count = kept;
	if (status == PS_OK && add && kept == PS_RELIEF_MAX)
		status = ps_error_set(err, PS_LIMIT,
		    "%u are let through already: put those into the policy that are to stay",
		    PS_RELIEF_MAX);
	if (status == PS_OK && add)
		a->relief.entry[a->relief.count++] = a->entry;
	if (status == PS_OK && (add || *removed > 0))
		status = store(&a->relief, err);
	if (lock >= 0)
		(void)close(lock);
	return status;
}

static enum ps_exit tell(const struct asking *a, bool add, size_t removed)
{
	const struct ps_terminal *t = &a->cli->out;
	bool whole = true;
	json_t *root;

	if (ps_cli_has(a->cli, PS_OPTION_JSON)) {
		root = json_object();
		whole &= ps_fact_flag(root, "added", add);
		whole &= ps_fact_number(root, "removed", removed);
		if (add)
			whole &= ps_fact_put(root, "relief", ps_relief_json(&a->entry, &whole));
		return ps_fact_print(t->stream, root, whole) == PS_OK
		    ? add || removed > 0 ? PS_EXIT_DONE : PS_EXIT_FINDINGS
		    : ps_cli_fail_status(a->cli, PS_NO_MEMORY);
	}
	if (!add) {
		(void)fputs(removed > 0 ? "The policy holds again within a second.\n"
		                        : "There was nothing to take back.\n",
		    t->stream);
		return removed > 0 ? PS_EXIT_DONE : PS_EXIT_FINDINGS;
	}
	ps_relief_print(t, &a->entry, a->now);
	(void)fputc('\n', t->stream);
	if (a->entry.kind == PS_RELIEF_ALLOW)
		(void)fputs("It ends by itself. For good, add the name to never: in the policy and run "
		            "postshield build.\n",
		    t->stream);
	else
		(void)fputs("It ends by itself, or by postshield enable. Until then what would be "
		            "blocked is counted\nand kept as events, on trial.\n",
		    t->stream);
	return PS_EXIT_DONE;
}

static enum ps_exit run(const struct ps_cli *cli,
    enum ps_status (*subject)(struct asking *a, struct ps_error *err), bool add,
    uint64_t seconds)
{
	static struct asking a; /* 80 KiB; one command a process */
	struct ps_error err;
	size_t removed = 0;
	enum ps_status status;

	a.cli = cli;
	ps_error_clear(&err);
	status = ps_cli_now(cli, &a.now, &err);
	if (status == PS_OK)
		status = subject(&a, &err);
	if (status == PS_OK && add)
		status = read_for(&a, seconds, &err);
	if (status == PS_OK && add)
		status = read_reason(&a, &err);
	if (status == PS_OK && add && a.entry.kind == PS_RELIEF_DISABLE_RULE)
		status = check_rule(&a, &err);
	if (status == PS_OK)
		status = change(&a, add, &removed, &err);
	return status == PS_OK ? tell(&a, add, removed) : ps_cli_fail(cli, status, &err);
}

enum ps_exit ps_disable_run(const struct ps_cli *cli)
{
	return run(cli, read_rule, true, DISABLE_SECONDS);
}

enum ps_exit ps_enable_run(const struct ps_cli *cli)
{
	return run(cli, read_rule, false, 0);
}

enum ps_exit ps_allow_run(const struct ps_cli *cli)
{
	return run(cli, read_name, !ps_cli_has(cli, PS_OPTION_REMOVE), ALLOW_SECONDS);
}
