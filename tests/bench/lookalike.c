/* What one judgement of a name costs, apart from any resolver.
 *
 * usage: bench_lookalike SNAPSHOT KIND NAMES [ROUNDS]
 *
 * NAMES: one a line, in presentation form. Prints one line,
 *   KIND names median p99 worst mean found octets
 * in nanoseconds a name: of each the least of ROUNDS (5), less what reading the clock takes;
 * found of the names look like a protected one; octets of tables. The names come in an order
 * that follows nothing, each but once a round; before the clock starts the name is copied to the
 * stack, as whoever asks has just read it. What is left of the tables in the caches is what the
 * names before have left. Under callgrind the instructions of judging each once are dumped as
 * KIND (tests/bench/lookalike divides them by the names).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lookalike/lookalike.h"
#include "snapshot/snapshot.h"

#if __has_include(<valgrind/callgrind.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <valgrind/callgrind.h>
#define COUNT_BEGIN() \
	do { \
		CALLGRIND_START_INSTRUMENTATION; \
		CALLGRIND_ZERO_STATS; \
	} while (0)
#define COUNT_END(what) \
	do { \
		CALLGRIND_DUMP_STATS_AT(what); \
		CALLGRIND_STOP_INSTRUMENTATION; \
	} while (0)
#pragma GCC diagnostic pop
#else
#define COUNT_BEGIN()
#define COUNT_END(what)
#endif

#define NAMES_MAX (1u << 18)

struct questions {
	struct ps_name_buffer *wires;
	struct ps_name *names;
	double *took;
	size_t count;
};

static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What is in each figure though nothing was done: the least of many. */
static double clock_cost(void)
{
	double least = 1e9;

	for (int i = 0; i < 100000; i++) {
		double began = now_ns(), took = now_ns() - began;

		least = took < least ? took : least;
	}
	return least;
}

static void shuffle(struct questions *q)
{
	uint64_t random = 1;

	for (size_t i = q->count; i > 1; i--) {
		struct ps_name name = q->names[i - 1];
		size_t other;

		random = random * UINT64_C(6364136223846793005) + 1;
		other = (size_t)(random >> 33) % i;
		q->names[i - 1] = q->names[other];
		q->names[other] = name;
	}
}

static struct questions read_names(const char *path)
{
	struct questions q = {.wires = calloc(NAMES_MAX, sizeof(*q.wires)),
	    .names = calloc(NAMES_MAX, sizeof(*q.names)),
	    .took = calloc(NAMES_MAX, sizeof(*q.took))};
	FILE *file = fopen(path, "r");
	char line[PS_NAME_TEXT_MAX + 2];

	if (q.wires == NULL || q.names == NULL || q.took == NULL || file == NULL) {
		perror(path);
		exit(3);
	}
	while (q.count < NAMES_MAX && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] != '\0' &&
		    ps_name_from_text(&q.names[q.count], &q.wires[q.count],
		        ps_bytes_of_text(line), NULL) == PS_OK)
			q.count++;
	}
	fclose(file);
	if (q.count == 0) {
		fprintf(stderr, "bench_lookalike: %s: no names\n", path);
		exit(3);
	}
	shuffle(&q);
	return q;
}

static size_t judge_all(const struct ps_tables *tables, const struct questions *q)
{
	size_t found = 0;

	for (size_t i = 0; i < q->count; i++) {
		struct ps_likeness likeness;

		ps_lookalike_judge(tables, q->names[i], &likeness);
		found += likeness.score > 0;
	}
	return found;
}

/* Each by itself; the rounds go over all names, so that each finds its memory as cold as
 * the others leave it. */
static void time_each(const struct ps_tables *tables, struct questions *q, unsigned rounds)
{
	double clock = clock_cost();

	for (unsigned round = 0; round < rounds; round++)
		for (size_t i = 0; i < q->count; i++) {
			struct ps_name name = q->names[i];
			struct ps_name_buffer storage;
			struct ps_likeness likeness;
			double began, took;

			/* Whoever asks has just read the name. */
			memcpy(storage.wire, name.wire, name.len);
			name.wire = storage.wire;
			began = now_ns();
			ps_lookalike_judge(tables, name, &likeness);
			took = now_ns() - began - clock;
			if (round == 0 || took < q->took[i])
				q->took[i] = took > 0 ? took : 0;
		}
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	struct ps_snapshot *snapshot = NULL;
	const struct ps_tables *tables;
	struct questions q;
	struct ps_error err;
	double sum = 0;
	size_t found;

	if (argc < 4) {
		fputs("usage: bench_lookalike SNAPSHOT KIND NAMES [ROUNDS]\n", stderr);
		return 2;
	}
	ps_error_clear(&err);
	if (ps_snapshot_load(&snapshot, argv[1], PS_SNAPSHOT_LOOKUP, &err) != PS_OK) {
		fprintf(stderr, "bench_lookalike: %s: %s\n", argv[1], err.text);
		return 3;
	}
	tables = ps_snapshot_tables(snapshot);
	q = read_names(argv[3]);
	COUNT_BEGIN();
	found = judge_all(tables, &q);
	COUNT_END(argv[2]);
	time_each(tables, &q, argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 5);
	qsort(q.took, q.count, sizeof(*q.took), compare);
	for (size_t i = 0; i < q.count; i++)
		sum += q.took[i];
	printf("%s %zu %.0f %.0f %.0f %.0f %zu %zu\n", argv[2], q.count, q.took[q.count / 2],
	    q.took[q.count * 99 / 100], q.took[q.count - 1], sum / (double)q.count, found,
	    tables->bytes.len);
	free(q.names);
	free(q.wires);
	free(q.took);
	ps_snapshot_close(snapshot);
	return 0;
}
