/* RELIABILITY M1 and M2, by exhaustion.
 *
 *   flip_snapshot [--row M1|M2] [--quick|--long] [--jobs N] [--control]
 *
 * M1: every octet of a 32 KiB snapshot is set to every value (--quick: the header's
 * and every 7th to two values). As it is then, each mutant must be refused. Sealed
 * again, so that the digests are right, it must be refused by the checks behind them,
 * or else everything that can be asked of it is asked, and nothing outside of it may
 * be read. M2: every shorter length and 4096 longer ones must be refused.
 *
 * The image lies at the end of a mapping with nothing behind it; under ASan in a block
 * of exactly its size. The work is done in children, so that a crash is a result. It
 * ends in one line of JSON; exit status 0 when the promise held, with --control when
 * it did not. */
#include "snapshot/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64
#define HANG_SECONDS 60 /* for the mutants of one octet */
#define LONGER 4096u

/* Written by one child, read by the parent when that has ended. */
struct tally {
	uint64_t mutations;
	uint64_t refused_unsealed;
	uint64_t accepted_unsealed; /* must stay 0 */
	uint64_t refused_sealed;
	uint64_t accepted_sealed;
	uint64_t at; /* what it was busy with when it died */
	uint64_t sum;
};

struct options {
	bool lengths;
	bool is_long;
	bool control;
	unsigned jobs;
};

/* --- memory whose end is an end ------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
static uint8_t *block_make(size_t len)
{
	uint8_t *block = malloc(len > 0 ? len : 1);

	if (block == NULL)
		abort();
	return block;
}

static void block_free(uint8_t *block, size_t len)
{
	(void)len;
	free(block);
}
#else
static size_t pages_of(size_t len)
{
	return (len + 4095) / 4096 * 4096;
}

static uint8_t *block_make(size_t len)
{
	size_t pages = pages_of(len);
	uint8_t *map = mmap(
	    NULL, pages + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mprotect(map + pages, 4096, PROT_NONE) != 0)
		abort();
	return map + pages - len;
}

static void block_free(uint8_t *block, size_t len)
{
	size_t pages = pages_of(len);

	(void)munmap(block + len - pages, pages + 4096);
}
#endif

/* --- M1 ------------------------------------------------------------------- */

struct flipping {
	struct ps_bytes image;
	size_t lookup_len;
	uint8_t *whole;
	uint8_t *lookup;
	struct tally *tally;
};

static bool opens(const uint8_t *bytes, size_t len, enum ps_snapshot_part part, bool ask,
    struct tally *tally)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status = ps_snapshot_open(&snapshot, ps_bytes_of(bytes, len), part, NULL);

	if (status == PS_OK && ask)
		tally->sum += sample_exercise(snapshot);
	ps_snapshot_close(snapshot);
	return status == PS_OK;
}

static void count_unsealed(struct tally *tally, bool accepted)
{
	if (accepted)
		tally->accepted_unsealed++;
	else
		tally->refused_unsealed++;
}

static void try_mutant(struct flipping *f, size_t at, uint8_t value)
{
	struct tally *tally = f->tally;
	bool in_lookup = at < f->lookup_len;

	tally->mutations++;
	f->whole[at] = value;
	count_unsealed(tally, opens(f->whole, f->image.len, PS_SNAPSHOT_WHOLE, true, tally));
	if (in_lookup) {
		f->lookup[at] = value;
		count_unsealed(
		    tally, opens(f->lookup, f->lookup_len, PS_SNAPSHOT_LOOKUP, true, tally));
	}
	ps_snapshot_seal(f->whole, f->image.len);
	if (opens(f->whole, f->image.len, PS_SNAPSHOT_WHOLE, true, tally))
		tally->accepted_sealed++;
	else
		tally->refused_sealed++;
	if (in_lookup) {
		memcpy(f->lookup, f->whole, PS_HEADER_SIZE);
		if (opens(f->lookup, f->lookup_len, PS_SNAPSHOT_LOOKUP, true, tally))
			tally->accepted_sealed++;
		else
			tally->refused_sealed++;
		memcpy(f->lookup, f->image.ptr, PS_HEADER_SIZE);
		f->lookup[at] = f->image.ptr[at];
	}
	memcpy(f->whole, f->image.ptr, PS_HEADER_SIZE);
	f->whole[at] = f->image.ptr[at];
}

static void flip_octet(struct flipping *f, size_t at, bool is_long)
{
	uint8_t was = f->image.ptr[at];

	if (is_long) {
		for (unsigned value = 0; value < 256; value++)
			if (value != was)
				try_mutant(f, at, (uint8_t)value);
		return;
	}
	try_mutant(f, at, (uint8_t)(was ^ 1u << at % 8));
	try_mutant(f, at, was == 0xff ? 0x7f : 0xff);
}

static void flip_share(
    struct ps_bytes image, const struct options *options, unsigned job, struct tally *tally)
{
	struct flipping f = {.image = image, .tally = tally};

	f.lookup_len = (size_t)ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN);
	f.whole = block_make(image.len);
	f.lookup = block_make(f.lookup_len);
	memcpy(f.whole, image.ptr, image.len);
	memcpy(f.lookup, image.ptr, f.lookup_len);
	for (size_t at = job; at < image.len; at += options->jobs) {
		if (!options->is_long && at >= PS_HEADER_SIZE && at / options->jobs % 7 != 0)
			continue;
		tally->at = at;
		(void)alarm(HANG_SECONDS);
		flip_octet(&f, at, options->is_long);
	}
	block_free(f.whole, image.len);
	block_free(f.lookup, f.lookup_len);
}

/* --- M2 ------------------------------------------------------------------- */

static void length_share(
    struct ps_bytes image, const struct options *options, unsigned job, struct tally *tally)
{
	uint64_t lookup_len = ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN);

	for (size_t len = job; len <= image.len + LONGER; len += options->jobs) {
		uint8_t *block;

		if (len == image.len)
			continue;
		tally->at = len;
		(void)alarm(HANG_SECONDS);
		block = block_make(len);
		memset(block, 0, len);
		memcpy(block, image.ptr, len < image.len ? len : image.len);
		tally->mutations++;
		count_unsealed(tally, opens(block, len, PS_SNAPSHOT_WHOLE, true, tally));
		/* The lookup part by itself is what LOOKUP is for. */
		if (len != lookup_len)
			count_unsealed(
			    tally, opens(block, len, PS_SNAPSHOT_LOOKUP, true, tally));
		block_free(block, len);
	}
}

/* --- the children --------------------------------------------------------- */

static struct ps_bytes make_image(void)
{
	struct sample_shape shape = {
	    .feeds = 4, .answers = 8, .rules = 14, .names = 290, .addresses = 60, .brands = 2,
	    .groups = 2};
	struct sample *sample = sample_create(20, shape);
	struct ps_bytes image = sample_build(sample, 0);

	sample_destroy(sample);
	return image;
}

static void start_job(struct ps_bytes image, const struct options *options, unsigned job,
    struct tally *tally, pid_t *pid)
{
	*pid = fork();
	if (*pid < 0) {
		perror("fork");
		exit(1);
	}
	if (*pid > 0)
		return;
	if (options->control && freopen("/dev/null", "w", stderr) == NULL)
		_exit(1); /* its death is meant, and need not be seen */
	if (options->lengths)
		length_share(image, options, job, tally);
	else
		flip_share(image, options, job, tally);
	_exit(0);
}

/* Did the child come to its end by itself? */
static bool end_job(pid_t pid, const struct tally *tally, bool control)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (!control)
		(void)fprintf(stderr, "%s %d at octet %llu\n",
		    WIFSIGNALED(status) ? "signal" : "exit status",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		    (unsigned long long)tally->at);
	return false;
}

static int run(const struct options *options)
{
	struct ps_bytes image = make_image();
	struct tally *tallies = mmap(NULL, JOBS_MAX * sizeof(*tallies), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct tally all = {0};
	unsigned crashed = 0;
	pid_t pids[JOBS_MAX];
	bool held;

	if (tallies == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (unsigned i = 0; i < options->jobs; i++)
		start_job(image, options, i, &tallies[i], &pids[i]);
	for (unsigned i = 0; i < options->jobs; i++) {
		crashed += !end_job(pids[i], &tallies[i], options->control);
		all.mutations += tallies[i].mutations;
		all.refused_unsealed += tallies[i].refused_unsealed;
		all.accepted_unsealed += tallies[i].accepted_unsealed;
		all.refused_sealed += tallies[i].refused_sealed;
		all.accepted_sealed += tallies[i].accepted_sealed;
	}
	held = crashed == 0 && all.accepted_unsealed == 0 && all.refused_unsealed > 0;
	printf("{\"row\":\"%s\",\"octets\":%zu,\"mutations\":%llu,\"refused_unsealed\":%llu,"
	       "\"accepted_unsealed\":%llu,\"refused_sealed\":%llu,\"accepted_sealed\":%llu,"
	       "\"crashed\":%u,\"held\":%s}\n",
	    options->lengths ? "M2" : "M1", image.len, (unsigned long long)all.mutations,
	    (unsigned long long)all.refused_unsealed, (unsigned long long)all.accepted_unsealed,
	    (unsigned long long)all.refused_sealed, (unsigned long long)all.accepted_sealed,
	    crashed, held ? "true" : "false");
	(void)munmap(tallies, JOBS_MAX * sizeof(*tallies));
	free((void *)image.ptr);
	return held != options->control ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct options options = {.jobs = 2};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--long") == 0) {
			options.is_long = true;
		} else if (strcmp(argv[i], "--control") == 0) {
			options.control = true;
		} else if (strcmp(argv[i], "--row") == 0 && i + 1 < argc) {
			options.lengths = strcmp(argv[++i], "M2") == 0;
		} else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc) {
			options.jobs = (unsigned)strtoul(argv[++i], NULL, 10);
		} else if (strcmp(argv[i], "--quick") != 0) {
			(void)fprintf(stderr, "usage: %s [--row M1|M2] [--quick|--long] "
			                      "[--jobs N] [--control]\n",
			    argv[0]);
			return 2;
		}
	}
	if (options.jobs == 0 || options.jobs > JOBS_MAX)
		options.jobs = 2;
	return run(&options);
}
