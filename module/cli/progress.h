/* How far a long build is: one line on a terminal that is written over, nothing
 * anywhere else.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_PROGRESS_H
#define PS_CLI_PROGRESS_H

#include "cli/terminal.h"

struct ps_progress {
	const struct ps_terminal *terminal;
	bool shown; /* a line stands on the terminal */
	bool silent;
	const char *what; /* feed or step */
	uint64_t next_at; /* monotonic nanoseconds */
	uint64_t start;
};

/* silent: as the user wishes; where no person looks it is silent anyway. */
void ps_progress_init(
    struct ps_progress *progress, const struct ps_terminal *terminal, bool silent);

/* A new feed or step; what is borrowed until the next one. */
void ps_progress_begin(struct ps_progress *progress, const char *what);

/* So many entries so far. Cheap: looks at the clock every 8,192. */
void ps_progress_step(struct ps_progress *progress, uint64_t count);

/* Clears the line, before anything else is written. */
void ps_progress_end(struct ps_progress *progress);

/* Seconds since init. */
double ps_progress_seconds(const struct ps_progress *progress);

#endif
