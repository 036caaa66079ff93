/* Those who judge at once: each takes the next batch, does its task with each of its names,
 * waits for its turn and writes; so rows come in the order of the input, and memory is that of one batch
 * and its rows for each of them, however long the input.
 *
 * Threads: the functions here by one thread, which is one of the crew.
 */
#ifndef PS_CLI_SCAN_CREW_H
#define PS_CLI_SCAN_CREW_H

#include "cli/progress.h"
#include "cli/scan_names.h"
#include "core/buffer.h"
#include "verdict/verdict.h"

#include <pthread.h>

#define PS_SCAN_JOBS_MAX 256u

/* A name as it was given, and as it is asked. */
struct ps_scan_name {
	struct ps_bytes given;
	struct ps_question question;
	const char *why; /* it is none, and there is no question; NULL: it is one */
};

/* What is done with each name: it is judged, what is to be written of it is appended to rows,
 * and what was found is counted. Called by all of the crew at once: ctx is immutable. */
#define PS_SCAN_FOUND_MAX 3
struct ps_scan_task {
	const void *ctx;
	void (*name)(const void *ctx, const struct ps_scan_name *name,
	    struct ps_scratch *scratch, struct ps_buffer *rows, uint64_t *found);
};

/* What came of a batch, or of all. */
struct ps_scan_tally {
	uint64_t names;
	uint64_t found[PS_SCAN_FOUND_MAX]; /* as the task counts */
	uint64_t faults[PS_SCAN_FAULT_COUNT];
	uint64_t records; /* of zones: not understood */
	/* The first of them; first_why "": none. */
	const char *first_file;
	uint64_t first_line;
	char first_why[160];
};

struct ps_scan_crew {
	/* Set by the caller. */
	struct ps_scan_task task;
	struct ps_scan_source *source;
	struct ps_progress *progress;
	struct ps_bytes head; /* written before the first row; empty once it is, and for none */
	uint32_t now;
	int out;

	pthread_mutex_t taking; /* source, tickets, ended */
	uint64_t tickets;
	bool ended;
	pthread_mutex_t giving; /* what follows */
	pthread_cond_t turned;
	uint64_t turn;
	const char *file; /* of the batch written last */
	uint64_t lines;   /* of it, before the next batch */
	struct ps_scan_tally tally;
	enum ps_status status;
	struct ps_error err;
};

/* Runs with as many of `jobs` threads as can be had. The outcome stands in tally. */
PS_MUST_USE enum ps_status ps_scan_crew_run(
    struct ps_scan_crew *crew, unsigned jobs, struct ps_error *err);

#endif
