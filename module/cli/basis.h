/* What names are judged by: a snapshot file, or one made in memory from a policy and its
 * feeds as they are now.
 *
 * Ownership: a zeroed struct ps_basis is empty; clear it in any case.
 * Threads: one at a time.
 */
#ifndef PS_CLI_BASIS_H
#define PS_CLI_BASIS_H

#include "cli/assembly.h"
#include "cli/diagnosis.h"

struct ps_basis {
	struct ps_diagnosis diagnosis;
	struct ps_assembly assembly;
	struct ps_snapshot *loaded;
	const struct ps_snapshot *snapshot; /* one of the two */
	char path[PATH_MAX];                /* of the snapshot or the policy */
};

struct ps_basis_means {
	const struct ps_cli *cli;
	struct ps_progress *progress;
	uint32_t now; /* Unix seconds */
};

/* The policy at `given` (NULL: the default one). Its errors are shown; a feed that cannot be
 * read is told, and lists nothing. */
PS_MUST_USE enum ps_status ps_basis_policy(struct ps_basis *basis,
    const struct ps_basis_means *means, const char *given, struct ps_error *err);
/* The snapshot of --snapshot or of the state folder. */
PS_MUST_USE enum ps_status ps_basis_state(
    struct ps_basis *basis, const struct ps_cli *cli, struct ps_error *err);
/* What lies at path: a snapshot, or else a policy. */
PS_MUST_USE enum ps_status ps_basis_path(struct ps_basis *basis,
    const struct ps_basis_means *means, const char *path, struct ps_error *err);
/* By --policies, --snapshot, or the default policy. */
PS_MUST_USE enum ps_status ps_basis_chosen(
    struct ps_basis *basis, const struct ps_basis_means *means, struct ps_error *err);
void ps_basis_clear(struct ps_basis *basis);

#endif
