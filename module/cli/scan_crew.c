#include "cli/scan_crew.h"

#include "core/idn.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A batch of single letters as JSON has a hundred octets a name. */
#define ROWS_MAX ((size_t)256 << 20)

struct worker {
	struct ps_scan_crew *crew;
	struct ps_scratch *scratch;
	struct ps_scan_batch batch;
	struct ps_buffer rows;
	struct ps_scan_tally tally; /* of this batch; lines are its own */
	uint64_t lines;
	uint64_t ticket;
};

static void fail(struct ps_scan_crew *crew, enum ps_status status, const struct ps_error *err)
{
	if (crew->status != PS_OK)
		return;
	crew->status = status;
	crew->err = *err;
}

/* --- judging ------------------------------------------------------------------------------ */

static void note_fault(
    struct worker *w, enum ps_scan_fault fault, uint64_t line, const char *why)
{
	w->tally.faults[fault]++;
	if (w->tally.first_why[0] != '\0')
		return;
	w->tally.first_line = line;
	(void)snprintf(w->tally.first_why, sizeof(w->tally.first_why), "%s", why);
}

static enum ps_status take_name(void *ctx, struct ps_bytes given, struct ps_bytes judged,
    uint64_t line, enum ps_scan_fault fault)
{
	static const char *const whys[PS_SCAN_FAULT_COUNT] = {[PS_SCAN_FAULT_EMPTY] = "it is empty",
	    [PS_SCAN_FAULT_TOO_LONG] = "it is too long",
	    [PS_SCAN_FAULT_NO_NAME] = "it is no domain name",
	    [PS_SCAN_FAULT_NO_JSON] = "it is no JSON object"};
	struct worker *w = ctx;
	const struct ps_scan_crew *crew = w->crew;
	struct ps_scan_name name = {.given = given, .question = {.type = 1, .now = crew->now}};
	struct ps_name_buffer storage;
	struct ps_error err;

	name.why = whys[fault];
	if (fault == PS_SCAN_FAULT_NONE) {
		enum ps_status status;

		err.text[0] = '\0';
		status = ps_name_from_user(&name.question.name, &storage, judged, &err);
		if (status == PS_NO_MEMORY)
			return status;
		if (status != PS_OK) {
			fault = PS_SCAN_FAULT_NO_NAME;
			name.why = err.text[0] != '\0' ? err.text : whys[fault];
		}
	}
	w->tally.names++;
	if (fault != PS_SCAN_FAULT_NONE)
		note_fault(w, fault, line, name.why);
	crew->task.name(crew->task.ctx, &name, w->scratch, &w->rows, w->tally.found);
	return w->rows.status;
}

static enum ps_status judge(struct worker *w)
{
	struct ps_scan_visitor visitor = {.ctx = w, .name = take_name};
	const struct ps_scan_batch *batch = &w->batch;

	w->rows.len = 0;
	w->lines = 0;
	w->tally = (struct ps_scan_tally){.records = batch->bad};
	if (batch->bad > 0) {
		w->tally.first_line = batch->bad_line;
		(void)snprintf(w->tally.first_why, sizeof(w->tally.first_why), "%s",
		    batch->bad_why);
	}
	return ps_scan_visit(batch, w->crew->source->format, &visitor, &w->lines);
}

/* --- taking and giving ---------------------------------------------------------------------- */

/* False: there is nothing more to do. */
static bool take_batch(struct worker *w)
{
	struct ps_scan_crew *crew = w->crew;
	enum ps_status status = PS_OK;
	struct ps_error err;
	bool more;

	ps_error_clear(&err);
	(void)pthread_mutex_lock(&crew->taking);
	if (!crew->ended) {
		status = ps_scan_source_next(crew->source, &w->batch, &err);
		crew->ended =
		    status != PS_OK || (w->batch.len == 0 && w->batch.bad == 0);
	}
	more = !crew->ended;
	if (more)
		w->ticket = crew->tickets++;
	(void)pthread_mutex_unlock(&crew->taking);
	if (status != PS_OK) {
		/* What was read before is still written: fail() here would hold it back. */
		(void)pthread_mutex_lock(&crew->giving);
		while (crew->turn != crew->tickets)
			(void)pthread_cond_wait(&crew->turned, &crew->giving);
		fail(crew, status, &err);
		(void)pthread_mutex_unlock(&crew->giving);
	}
	return more;
}

static enum ps_status write_rows(int fd, struct ps_bytes rows, struct ps_error *err)
{
	while (rows.len > 0) {
		ssize_t done = write(fd, rows.ptr, rows.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return ps_error_set(err, PS_IO, "cannot write the output");
		rows.ptr += done;
		rows.len -= (size_t)done;
	}
	return PS_OK;
}

static void add_tally(struct ps_scan_crew *crew, const struct worker *w)
{
	struct ps_scan_tally *all = &crew->tally;
	const struct ps_scan_tally *own = &w->tally;

	if (w->batch.begins || crew->file == NULL) {
		crew->file = w->batch.file;
		crew->lines = 0;
	}
	if (all->first_why[0] == '\0' && own->first_why[0] != '\0') {
		memcpy(all->first_why, own->first_why, sizeof(all->first_why));
		all->first_file = w->batch.file;
		all->first_line = own->first_line + (own->records > 0 ? 0 : crew->lines);
	}
	crew->lines += w->lines;
	all->names += own->names;
	for (unsigned i = 0; i < PS_SCAN_FOUND_MAX; i++)
		all->found[i] += own->found[i];
	all->records += own->records;
	for (unsigned i = 0; i < PS_SCAN_FAULT_COUNT; i++)
		all->faults[i] += own->faults[i];
}

/* Waits until all before it have written. False: the crew has failed. */
static bool give(struct worker *w, enum ps_status status)
{
	struct ps_scan_crew *crew = w->crew;
	struct ps_error err;
	bool good;

	ps_error_clear(&err);
	(void)pthread_mutex_lock(&crew->giving);
	while (crew->turn != w->ticket)
		(void)pthread_cond_wait(&crew->turned, &crew->giving);
	if (crew->status == PS_OK && status == PS_OK && w->rows.len > 0) {
		status = write_rows(crew->out, crew->head, &err);
		crew->head.len = 0;
		if (status == PS_OK)
			status = write_rows(crew->out, ps_buffer_bytes(&w->rows), &err);
	}
	if (status != PS_OK)
		fail(crew, status, &err);
	good = crew->status == PS_OK;
	if (good) {
		add_tally(crew, w);
		ps_progress_step(crew->progress, crew->tally.names & ~UINT64_C(8191));
	}
	crew->turn++;
	(void)pthread_cond_broadcast(&crew->turned);
	(void)pthread_mutex_unlock(&crew->giving);
	return good;
}

static void end_all(struct ps_scan_crew *crew)
{
	(void)pthread_mutex_lock(&crew->taking);
	crew->ended = true;
	(void)pthread_mutex_unlock(&crew->taking);
}

static void *work(void *ctx)
{
	struct worker *w = ctx;

	while (take_batch(w))
		if (!give(w, judge(w)))
			end_all(w->crew);
	return NULL;
}

/* --- the crew --------------------------------------------------------------------------------- */

static void clear_worker(struct worker *w)
{
	ps_scratch_destroy(w->scratch);
	free(w->batch.data);
	ps_buffer_clear(&w->rows);
}

static enum ps_status init_worker(struct worker *w, struct ps_scan_crew *crew)
{
	*w = (struct worker){.crew = crew};
	ps_buffer_init(&w->rows, ROWS_MAX);
	w->batch.data = malloc(crew->source->batch_size);
	return w->batch.data == NULL ? PS_NO_MEMORY : ps_scratch_create(&w->scratch);
}

enum ps_status ps_scan_crew_run(struct ps_scan_crew *crew, unsigned jobs, struct ps_error *err)
{
	struct worker *workers = calloc(jobs, sizeof(*workers));
	pthread_t *threads = calloc(jobs, sizeof(*threads));
	unsigned made = 0, started = 1;
	enum ps_status status = PS_OK;

	ps_error_clear(&crew->err);
	if (workers == NULL || threads == NULL)
		status = PS_NO_MEMORY;
	for (; status == PS_OK && made < jobs; made++)
		status = init_worker(&workers[made], crew);
	if (status != PS_OK) {
		(void)ps_error_set(err, status, "out of memory");
		goto out;
	}
	(void)pthread_mutex_init(&crew->taking, NULL);
	(void)pthread_mutex_init(&crew->giving, NULL);
	(void)pthread_cond_init(&crew->turned, NULL);
	/* The caller's thread is the first; fewer than wished for are enough. */
	while (started < jobs &&
	       pthread_create(&threads[started], NULL, work, &workers[started]) == 0)
		started++;
	(void)work(&workers[0]);
	while (started > 1)
		(void)pthread_join(threads[--started], NULL);
	(void)pthread_mutex_destroy(&crew->taking);
	(void)pthread_mutex_destroy(&crew->giving);
	(void)pthread_cond_destroy(&crew->turned);
	status = crew->status;
	if (status != PS_OK)
		*err = crew->err;
out:
	while (made > 0)
		clear_worker(&workers[--made]);
	free(workers);
	free(threads);
	return status;
}
