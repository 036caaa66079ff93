#include "cli/progress.h"

#include <time.h>

#define STEP 8192u
#define PERIOD UINT64_C(200000000) /* nanoseconds: five lines a second */

static uint64_t monotonic(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void ps_progress_init(
    struct ps_progress *progress, const struct ps_terminal *terminal, bool silent)
{
	*progress = (struct ps_progress){.terminal = terminal,
	    .silent = silent || !terminal->interactive,
	    .what = "",
	    .start = monotonic()};
	progress->next_at = progress->start + PERIOD;
}

static void show(struct ps_progress *progress, uint64_t count)
{
	char what[41], number[PS_NUMBER_TEXT_MAX];
	char line[80];
	FILE *stream = progress->terminal->stream;

	(void)ps_terminal_escape(ps_bytes_of_text(progress->what), what, sizeof(what));
	if (count > 0)
		(void)snprintf(line, sizeof(line), "%s: %s entries", what,
		    ps_terminal_number(count, number));
	else
		(void)snprintf(line, sizeof(line), "%s", what);
	(void)fprintf(stream, "\r%-78s", line);
	(void)fflush(stream);
	progress->shown = true;
}

void ps_progress_begin(struct ps_progress *progress, const char *what)
{
	progress->what = what;
	if (!progress->silent && monotonic() >= progress->next_at)
		show(progress, 0);
}

void ps_progress_step(struct ps_progress *progress, uint64_t count)
{
	uint64_t now;

	if (progress->silent || count % STEP != 0)
		return;
	now = monotonic();
	if (now < progress->next_at)
		return;
	progress->next_at = now + PERIOD;
	show(progress, count);
}

void ps_progress_end(struct ps_progress *progress)
{
	if (progress->shown)
		(void)fprintf(progress->terminal->stream, "\r%78s\r", "");
	progress->shown = false;
}

double ps_progress_seconds(const struct ps_progress *progress)
{
	return (double)(monotonic() - progress->start) / 1e9;
}
