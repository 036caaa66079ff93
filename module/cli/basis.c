#include "cli/basis.h"

#include "core/file.h"
#include "snapshot/format.h"

#include <unistd.h>

/* What is not read is not judged by: rows that rest on it are missing, and here is why. */
static void warn_unread(
    const struct ps_basis *basis, const struct ps_cli *cli, const struct ps_plan *plan)
{
	for (uint32_t i = 0; i < plan->feed_count; i++) {
		const struct ps_intake *intake = &basis->assembly.intakes[i];
		char text[1024];

		if (intake->state != PS_INTAKE_EMPTY)
			continue;
		ps_error_format(&intake->failure, text, sizeof(text));
		ps_cli_warn(cli, "the feed '%s' cannot be read and lists nothing here: %s",
		    intake->config->id, text);
	}
}

enum ps_status ps_basis_policy(struct ps_basis *basis, const struct ps_basis_means *means,
    const char *given, struct ps_error *err)
{
	const struct ps_plan *plan;
	enum ps_status status =
	    ps_diagnosis_load_quietly(&basis->diagnosis, means->cli, given, err);

	if (status == PS_INVALID && basis->diagnosis.errors > 0)
		return ps_error_set(err, status, "the policy has errors: see postshield check");
	if (status != PS_OK)
		return status;
	plan = ps_policy_plan(basis->diagnosis.policy);
	status = ps_assembly_make(&basis->assembly, plan, means->progress, means->now, err);
	ps_progress_end(means->progress);
	if (status != PS_OK)
		return status;
	warn_unread(basis, means->cli, plan);
	basis->snapshot = basis->assembly.snapshot;
	(void)snprintf(basis->path, sizeof(basis->path), "%s", basis->diagnosis.path);
	return PS_OK;
}

enum ps_status ps_basis_state(
    struct ps_basis *basis, const struct ps_cli *cli, struct ps_error *err)
{
	enum ps_status status = ps_cli_load_snapshot(cli, &basis->loaded, basis->path, err);

	basis->snapshot = basis->loaded;
	return status;
}

/* Whether the file at path begins as a snapshot does. What cannot be read is for whoever
 * reads it as a policy to tell. */
static bool is_snapshot(const char *path)
{
	char begins[sizeof(PS_SNAPSHOT_MAGIC) - 1];
	struct ps_error err;
	ssize_t len;
	int fd;

	ps_error_clear(&err);
	if (ps_file_open(path, &fd, &err) != PS_OK)
		return false;
	len = read(fd, begins, sizeof(begins));
	close(fd);
	return len == (ssize_t)sizeof(begins) &&
	       memcmp(begins, PS_SNAPSHOT_MAGIC, sizeof(begins)) == 0;
}

enum ps_status ps_basis_path(struct ps_basis *basis, const struct ps_basis_means *means,
    const char *path, struct ps_error *err)
{
	enum ps_status status;

	if (!is_snapshot(path))
		return ps_basis_policy(basis, means, path, err);
	status = ps_snapshot_load(&basis->loaded, path, PS_SNAPSHOT_WHOLE, err);
	basis->snapshot = basis->loaded;
	(void)snprintf(basis->path, sizeof(basis->path), "%s", path);
	return status;
}

enum ps_status ps_basis_chosen(
    struct ps_basis *basis, const struct ps_basis_means *means, struct ps_error *err)
{
	const struct ps_cli *cli = means->cli;

	if (!ps_cli_has(cli, PS_OPTION_SNAPSHOT))
		return ps_basis_policy(
		    basis, means, ps_options_value(cli->options, PS_OPTION_POLICY, 0), err);
	if (ps_cli_has(cli, PS_OPTION_POLICY))
		return ps_error_set(err, PS_INVALID, "give --policies or --snapshot, not both");
	return ps_basis_state(basis, cli, err);
}

void ps_basis_clear(struct ps_basis *basis)
{
	ps_snapshot_close(basis->loaded);
	ps_assembly_clear(&basis->assembly);
	ps_diagnosis_clear(&basis->diagnosis);
}
