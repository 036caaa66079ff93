/* What one lookup and one verdict cost, apart from any resolver.
 *
 * usage: bench_verdict SNAPSHOT LISTED [ROUNDS]
 *
 * LISTED: names that the snapshot lists, one a line. Kinds of question, for each the
 * lookup (ps_snapshot_find) and the whole verdict (ps_verdict_judge):
 *   miss   www.LABEL--.REST for a listed LABEL.REST: not listed
 *   hit    a listed NAME
 *   below  www.NAME: a name under a listed one
 *   deep   126 labels, not listed
 * and, where the snapshot has protected names, whether a name looks like one ("lookalike");
 * names that do by chance are left out then.
 * Prints one line a kind and function, "kind function ns questions", and "event WHAT octets". Each
 * question is another name, in an order that follows nothing, so that memory is as cold as a
 * resolver finds it.
 * Under callgrind each is dumped by itself, and the count divided by the questions
 * (tests/bench/verdict does that).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "event/event.h"
#include "event/tally.h"
#include "lookalike/lookalike.h"
#include "verdict/verdict.h"

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

#define QUESTIONS_MAX (1u << 20)
#define NOW 1700000000u

struct questions {
	struct ps_name_buffer *wires;
	struct ps_name *names;
	size_t count;
};

struct subject {
	struct ps_snapshot *snapshot;
	struct ps_matcher *matcher;
	struct ps_scratch *scratch;
};

static void fail(const char *what, const struct ps_error *err)
{
	char words[300];

	ps_error_format(err, words, sizeof(words));
	fprintf(stderr, "bench_verdict: %s: %s\n", what, words);
	exit(3);
}

/* CPU time: other programs' turns are not ours. */
static double now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* --- questions ------------------------------------------------------------------ */

static void add(struct questions *q, const char *text)
{
	struct ps_error err;

	ps_error_clear(&err);
	if (q->count == QUESTIONS_MAX)
		return;
	if (ps_name_from_text(&q->names[q->count], &q->wires[q->count],
	        ps_bytes_of(text, strlen(text)), &err) != PS_OK)
		fail(text, &err);
	q->count++;
}

/* One listed name as the question of a kind. */
static void make_question(const char *kind, const char *listed, char out[512])
{
	if (strcmp(kind, "hit") == 0) {
		(void)snprintf(out, 512, "%s", listed);
	} else if (strcmp(kind, "below") == 0) {
		(void)snprintf(out, 512, "www.%s", listed);
	} else if (strcmp(kind, "miss") == 0) {
		/* "--" stands in no listed name, nor does a suffix of this one. */
		(void)snprintf(out, 512, "www.%.*s--%s", (int)strcspn(listed, "."), listed,
		    listed + strcspn(listed, "."));
	} else {
		size_t used = 0;

		/* 126 labels: one letter each, and a TLD. */
		for (unsigned i = 0; i < 124; i++)
			used += (size_t)snprintf(out + used, 512 - used, "%c.",
			    'a' + (listed[i % strlen(listed)] + (int)i) % 26);
		(void)snprintf(out + used, 512 - used, "x.de");
	}
}

/* Does it look like a protected name, as a rule about lookalikes has it? */
static bool looks_alike(const struct subject *s, struct ps_name name)
{
	struct ps_likeness likeness;

	ps_lookalike_judge(ps_snapshot_tables(s->snapshot), name, &likeness);
	return likeness.score >= 80;
}

static struct questions read_questions(
    const struct subject *s, const char *path, const char *kind)
{
	struct questions q = {
	    .wires = calloc(QUESTIONS_MAX, sizeof(*q.wires)),
	    .names = calloc(QUESTIONS_MAX, sizeof(*q.names)),
	};
	FILE *file = fopen(path, "r");
	uint64_t random = 1;
	char line[256], text[512];

	if (q.wires == NULL || q.names == NULL || file == NULL) {
		perror(path);
		exit(3);
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		make_question(kind, line, text);
		add(&q, text);
		if (strcmp(kind, "miss") == 0 && looks_alike(s, q.names[q.count - 1]))
			q.count--;
	}
	fclose(file);
	/* Shuffled (Knuth, volume 2, algorithm P), by a plain linear congruence. */
	for (size_t i = q.count; i > 1; i--) {
		struct ps_name name = q.names[i - 1];
		size_t other;

		random = random * UINT64_C(6364136223846793005) + 1;
		other = (size_t)(random >> 33) % i;
		q.names[i - 1] = q.names[other];
		q.names[other] = name;
	}
	return q;
}

/* --- measuring ------------------------------------------------------------------- */

static uint64_t find_all(const struct subject *s, const struct questions *q)
{
	static struct ps_hits hits;
	uint64_t sum = 0;

	for (size_t i = 0; i < q->count; i++) {
		ps_snapshot_find(s->snapshot, q->names[i], &hits);
		sum += hits.count;
	}
	return sum;
}

static uint64_t judge_all(const struct subject *s, const struct questions *q)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < q->count; i++) {
		struct ps_question question = {.name = q->names[i],
		    .type = 1,
		    .now = NOW,
		    .client = (unsigned)(i % (ps_snapshot_group_count(s->snapshot) + 1u))};
		struct ps_verdict verdict;

		ps_verdict_judge(s->snapshot, s->matcher, s->scratch, &question, &verdict);
		sum += ps_verdict_blocks(&verdict);
	}
	return sum;
}

/* The check that a rule about lookalikes adds to the verdict. Nothing remembers an answer. */
static uint64_t weigh_all(const struct subject *s, const struct questions *q)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < q->count; i++)
		sum += looks_alike(s, q->names[i]);
	return sum;
}

/* Whose client asks: addresses all over 10.0.0.0/8, some in a group. */
static uint64_t class_all(const struct subject *s, const struct questions *q)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < q->count; i++) {
		struct ps_address address = {.family = 4,
		    .bytes = {10, (uint8_t)(i % 8), (uint8_t)(i * 7), (uint8_t)i}};

		sum += ps_snapshot_client(s->snapshot, &address, NULL);
	}
	return sum;
}

static void measure(const struct subject *s, const struct questions *q, const char *kind,
    const char *function, uint64_t (*all)(const struct subject *, const struct questions *),
    unsigned rounds)
{
	double best = 0;
	uint64_t hits = 0;
	char what[64];

	(void)snprintf(what, sizeof(what), "%s %s", kind, function);
	for (unsigned i = 0; i < rounds; i++) {
		double began = now_ns(), took;

		COUNT_BEGIN();
		hits = all(s, q);
		COUNT_END(what);
		took = (now_ns() - began) / (double)q->count;
		if (i == 0 || took < best)
			best = took;
	}
	/* A figure for the wrong thing is worse than none. */
	if ((hits != 0) !=
	    (strcmp(kind, "hit") == 0 || strcmp(kind, "below") == 0 || all == class_all)) {
		fprintf(stderr, "bench_verdict: %s: %" PRIu64 " of %zu names are listed\n", what, hits,
		    q->count);
		exit(3);
	}
	printf("%s %s %.1f %zu\n", kind, function, best, q->count);
}

/* What one event takes, from the query path to the disk. */
static void print_event_sizes(void)
{
	printf("event tally %zu\nevent window %zu\nevent record-min %d\nevent record-max %d\n",
	    sizeof(struct ps_tally_entry), sizeof(struct ps_event), PS_RECORD_MIN, PS_RECORD_MAX);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = {"miss", "hit", "below", "deep"};
	struct subject s = {0};
	struct ps_error err;
	unsigned rounds;

	if (argc < 3) {
		fputs("usage: bench_verdict SNAPSHOT LISTED [ROUNDS]\n", stderr);
		return 2;
	}
	rounds = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 5;
	ps_error_clear(&err);
	if (ps_snapshot_load(&s.snapshot, argv[1], PS_SNAPSHOT_LOOKUP, &err) != PS_OK ||
	    ps_matcher_create(&s.matcher, s.snapshot, &err) != PS_OK ||
	    ps_scratch_create(&s.scratch) != PS_OK)
		fail(argv[1], &err);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct questions q = read_questions(&s, argv[2], kinds[i]);

		measure(&s, &q, kinds[i], "find", find_all, rounds);
		measure(&s, &q, kinds[i], "judge", judge_all, rounds);
		if (i == 0 && ps_snapshot_tables(s.snapshot)->brands > 0)
			measure(&s, &q, kinds[i], "lookalike", weigh_all, rounds);
		if (i == 0 && ps_snapshot_client_prefix_count(s.snapshot) > 0)
			measure(&s, &q, kinds[i], "class", class_all, rounds);
		free(q.names);
		free(q.wires);
	}
	print_event_sizes();
	ps_scratch_destroy(s.scratch);
	ps_matcher_destroy(s.matcher);
	ps_snapshot_close(s.snapshot);
	return 0;
}
