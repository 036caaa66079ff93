/* The repair of a policy: what `check --fix` does.
 *
 * In rounds, since what is corrected may show more: the policy is read, its corrections are
 * put into the texts in memory, and it is read again with these texts in place of its files.
 * What makes anything worse is left: in the end there are no more errors than before, and no
 * new warnings where no error went, nor errors that a correction itself can cause. Files are written at the end, each
 * beside its place and renamed into it.
 *
 * Ownership: init/clear on the caller's storage. Threads: one at a time.
 */
#ifndef PS_CLI_REPAIR_H
#define PS_CLI_REPAIR_H

#include "cli/cli.h"
#include "cli/fact.h"

struct ps_repair_file {
	char *path;
	struct ps_buffer before;
	struct ps_buffer after;
};

/* What was corrected, or left because it would have made something worse. */
struct ps_repair_change {
	char *file;
	uint32_t line; /* as the text was when it was found */
	uint32_t column;
	char *old; /* octets that are no printable ASCII are escaped, and long ones cut */
	char *text;
	const char *why;
	bool left;
};

struct ps_repair {
	const char *path; /* of the policy */
	struct ps_repair_file *files;
	size_t file_count;
	struct ps_repair_change *changes;
	size_t change_count;
	struct ps_overlay *overlays; /* the texts as they would be, for whoever reads on */
};

/* Finds all that can be corrected; writes nothing. A policy with errors is no error. */
PS_MUST_USE enum ps_status ps_repair_make(
    struct ps_repair *repair, const char *path, struct ps_error *err);

/* Writes the files that changed. A file that is no longer as it was read is left, and is
 * PS_IO, as whatever else goes wrong; what was written before stays. */
PS_MUST_USE enum ps_status ps_repair_write(struct ps_repair *repair, struct ps_error *err);

/* How many corrections there are, and in how many files. */
size_t ps_repair_done(const struct ps_repair *repair);
size_t ps_repair_files(const struct ps_repair *repair);

/* A line for each; the difference of all files. */
void ps_repair_print(const struct ps_repair *repair, const struct ps_terminal *terminal);
PS_MUST_USE enum ps_status ps_repair_print_diff(
    const struct ps_repair *repair, const struct ps_terminal *terminal);
json_t *ps_repair_json(const struct ps_repair *repair, bool written, bool *whole);

void ps_repair_clear(struct ps_repair *repair);

#endif
