/* The spool when the system refuses one call, each in turn: no record is lost without being
 * counted, none is read twice, the next try works, and no descriptor stays open. */
#include "event/sample.h"
#include "event/spool.h"
#include "event/spool_reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

static const uint64_t NOW = 1700000000000;

/* --- calls that fail when told to ----------------------------------------------------------- */

enum call {
	OPEN,
	OPENAT,
	FSTAT,
	STAT,
	FSTATAT,
	FDOPENDIR,
	READDIR,
	PREAD,
	WRITE,
	UNLINKAT,
	FLOCK,
	GETRANDOM,
	CALLOC,
	CALL_COUNT,
};

static enum call failing = CALL_COUNT;
static int until, with, failures;

/* The n-th such call from now on fails, once. */
static void refuse(enum call call, int n, int error)
{
	failing = call;
	until = n - 1;
	with = error;
	failures = 0;
}

static bool fails(enum call call)
{
	if (call != failing || until-- != 0)
		return false;
	failures++;
	errno = with;
	return true;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __real_stat(const char *path, struct stat *st);
int __wrap_stat(const char *path, struct stat *st);
int __real_fstatat(int folder, const char *path, struct stat *st, int flags);
int __wrap_fstatat(int folder, const char *path, struct stat *st, int flags);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
struct dirent *__real_readdir(DIR *stream);
struct dirent *__wrap_readdir(DIR *stream);
ssize_t __real_pread(int fd, void *to, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset);
ssize_t __real___pread_chk(int fd, void *to, size_t len, off_t offset, size_t room);
ssize_t __wrap___pread_chk(int fd, void *to, size_t len, off_t offset, size_t room);
ssize_t __real_write(int fd, const void *from, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);
int __real_unlinkat(int folder, const char *path, int flags);
int __wrap_unlinkat(int folder, const char *path, int flags);
int __real_flock(int fd, int operation);
int __wrap_flock(int fd, int operation);
ssize_t __real_getrandom(void *to, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *to, size_t len, unsigned flags);
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

int __wrap_open(const char *path, int flags, ...)
{
	return fails(OPEN) ? -1 : __real_open(path, flags);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
	va_list arguments;
	unsigned mode;

	va_start(arguments, flags);
	mode = flags & O_CREAT ? va_arg(arguments, unsigned) : 0;
	va_end(arguments);
	return fails(OPENAT) ? -1 : __real_openat(folder, path, flags, mode);
}

int __wrap_fstat(int fd, struct stat *st)
{
	return fails(FSTAT) ? -1 : __real_fstat(fd, st);
}

int __wrap_stat(const char *path, struct stat *st)
{
	return fails(STAT) ? -1 : __real_stat(path, st);
}

int __wrap_fstatat(int folder, const char *path, struct stat *st, int flags)
{
	return fails(FSTATAT) ? -1 : __real_fstatat(folder, path, st, flags);
}

DIR *__wrap_fdopendir(int fd)
{
	return fails(FDOPENDIR) ? NULL : __real_fdopendir(fd);
}

struct dirent *__wrap_readdir(DIR *stream)
{
	return fails(READDIR) ? NULL : __real_readdir(stream);
}

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset)
{
	return fails(PREAD) ? -1 : __real_pread(fd, to, len, offset);
}

ssize_t __wrap___pread_chk(int fd, void *to, size_t len, off_t offset, size_t room)
{
	return fails(PREAD) ? -1 : __real___pread_chk(fd, to, len, offset, room);
}

ssize_t __wrap_write(int fd, const void *from, size_t len)
{
	return fails(WRITE) ? -1 : __real_write(fd, from, len);
}

int __wrap_unlinkat(int folder, const char *path, int flags)
{
	return fails(UNLINKAT) ? -1 : __real_unlinkat(folder, path, flags);
}

int __wrap_flock(int fd, int operation)
{
	return fails(FLOCK) ? -1 : __real_flock(fd, operation);
}

ssize_t __wrap_getrandom(void *to, size_t len, unsigned flags)
{
	return fails(GETRANDOM) ? -1 : __real_getrandom(to, len, flags);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails(CALLOC) ? NULL : __real_calloc(count, size);
}

/* --- help ------------------------------------------------------------------------------------- */

static char folder[128], spool_path[160];
static int descriptors;

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	ck_assert_int_eq(closedir(dir), 0);
	return count;
}

static void begin(void)
{
	(void)snprintf(folder, sizeof(folder), "%s/postshield-calls.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(spool_path, sizeof(spool_path), "%s/events", folder);
	descriptors = count_descriptors();
	refuse(CALL_COUNT, 0, 0);
}

static void end(void)
{
	char command[256];

	ck_assert_int_eq(count_descriptors(), descriptors);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct ps_spool *writer(uint64_t keep)
{
	struct ps_spool *spool;

	ck_assert_int_eq(ps_spool_create(&spool, spool_path), PS_OK);
	ps_spool_keep(spool, keep);
	return spool;
}

static struct ps_spool_reader *reader(void)
{
	struct ps_spool_position oldest = {0};
	struct ps_spool_reader *r;

	ck_assert_int_eq(ps_spool_reader_open(&r, spool_path, oldest), PS_OK);
	return r;
}

/* So many batches of 300 records, 1 decision each. Seven fill a segment where two are kept,
 * eleven where three are. */
#define BATCH 300u
#define KEEP_TWO (1u << 20)
#define KEEP_THREE (3u << 19)

static void put(struct ps_spool *spool, unsigned batches)
{
	for (unsigned i = 0; i < batches; i++) {
		for (unsigned n = 0; n < BATCH; n++) {
			struct ps_event event = sample_plain("shop.evil.top", "rule", NOW);

			ps_spool_put(spool, &event, NOW);
		}
		ps_spool_flush(spool);
	}
}

static void leave(unsigned batches, uint64_t keep)
{
	struct ps_spool *spool = writer(keep);

	put(spool, batches);
	ck_assert_ptr_null(ps_spool_failure(spool));
	ps_spool_destroy(spool);
}

/* --- writing -------------------------------------------------------------------------------- */

#define LEFT 12u
#define WRITTEN 30u

/* Whatever fails once: every decision is in a record or counted as dropped, and every record
 * is there or missed by the serials. False: there is no n-th such call. */
static bool writing_survives(enum call call, int n, int error)
{
	struct ps_spool_counts counts;
	struct ps_spool_losses losses;
	struct ps_spool_reader *late;
	struct ps_spool *spool;
	struct ps_event event;
	uint64_t read = 1;
	bool got, failed;

	begin();
	leave(LEFT, KEEP_TWO);
	late = reader();
	ck_assert_int_eq(ps_spool_reader_next(late, &event, &got, NULL), PS_OK);
	ck_assert(got);
	spool = writer(KEEP_TWO);
	refuse(call, n, error);
	put(spool, WRITTEN);
	failed = failures > 0;
	refuse(CALL_COUNT, 0, 0);
	counts = ps_spool_counts(spool);
	ck_assert_ptr_null(ps_spool_failure(spool)); /* it goes on by itself */
	ps_spool_destroy(spool);
	ck_assert_uint_eq(counts.records + counts.dropped, WRITTEN * BATCH);
	ck_assert_uint_le(counts.dropped, call == WRITE ? BATCH : 1);
	while (ps_spool_reader_next(late, &event, &got, NULL) == PS_OK && got)
		read++;
	losses = ps_spool_reader_losses(late);
	ck_assert_uint_eq(read + losses.missing, LEFT * BATCH + counts.records);
	ck_assert_uint_gt(losses.missing, 0); /* the oldest went at the cap */
	ck_assert_uint_eq(losses.damaged + losses.refused, 0);
	ps_spool_reader_close(late);
	end();
	return failed;
}

START_TEST(a_call_that_fails_while_writing)
{
	static const struct {
		enum call call;
		int error;
		int least; /* such calls that there are */
	} cases[] = {{OPEN, EMFILE, 1}, {OPENAT, EMFILE, 8}, {FSTAT, EIO, 8}, {STAT, EACCES, 8},
	    {FSTATAT, EIO, 8}, {FDOPENDIR, ENOMEM, 8}, {READDIR, EIO, 8}, {PREAD, EIO, 8},
	    {PREAD, EINTR, 8}, {WRITE, EINTR, 8}, {WRITE, ENOSPC, 8}, {UNLINKAT, EROFS, 2},
	    {UNLINKAT, ENOENT, 2}, {FLOCK, EWOULDBLOCK, 1}, {GETRANDOM, EAGAIN, 2},
	    {CALLOC, ENOMEM, 1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int n = 1;

		/* Of what is called for every batch, the first are as good as any. */
		while (n <= 10 && writing_survives(cases[i].call, n, cases[i].error))
			n++;
		ck_assert_msg(n > cases[i].least, "case %zu: only %d calls", i, n - 1);
	}
}
END_TEST

START_TEST(what_is_said_of_a_call_that_fails_while_writing)
{
	static const struct {
		enum call call;
		int n, error;
		const char *says;
	} cases[] = {{OPEN, 1, EACCES, "cannot open the folder "},
	    {OPENAT, 1, EROFS, "cannot write into "},
	    {FLOCK, 1, EWOULDBLOCK, "another process writes into "},
	    {CALLOC, 1, ENOMEM, "out of memory"},
	    {GETRANDOM, 1, EAGAIN, "no random octets for a key"},
	    {READDIR, 1, EIO, "cannot list the folder of events"},
	    {FDOPENDIR, 1, ENOMEM, "cannot list the folder of events"},
	    {WRITE, 1, ENOSPC, "cannot write events-"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_event event = sample_plain("shop.evil.top", "rule", NOW);
		struct ps_spool *spool;

		begin();
		spool = writer(KEEP_TWO);
		refuse(cases[i].call, cases[i].n, cases[i].error);
		ps_spool_put(spool, &event, NOW);
		ck_assert_int_eq(failures, 1);
		ck_assert_ptr_nonnull(ps_spool_failure(spool));
		ck_assert_msg(strncmp(ps_spool_failure(spool)->text, cases[i].says,
		                  strlen(cases[i].says)) == 0,
		    "%zu: %s", i, ps_spool_failure(spool)->text);
		ck_assert_uint_eq(ps_spool_counts(spool).dropped, 1);
		ps_spool_destroy(spool);
		end();
	}
}
END_TEST

/* --- reading ---------------------------------------------------------------------------------- */

static void segment_path(uint64_t number, char out[256])
{
	char name[PS_SEGMENT_NAME_MAX];

	ps_segment_name(number, name);
	(void)snprintf(out, 256, "%s/%s", spool_path, name);
}

static void poke(uint64_t number, off_t at)
{
	char path[256];
	int fd;

	segment_path(number, path);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, "\x5a", 1, at), 1);
	ck_assert_int_eq(close(fd), 0);
}

/* Three segments: a damaged record in the first, a damaged header, a whole one. */
static struct ps_segment_span leave_damaged(void)
{
	struct ps_segment_span span;
	int fd;

	leave(25, KEEP_THREE);
	fd = open(spool_path, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ps_segment_list(fd, 1, &span, NULL), PS_OK);
	ck_assert_uint_eq(span.count, 3);
	ck_assert_int_eq(close(fd), 0);
	poke(span.lowest, PS_SEGMENT_HEADER + 128 * 10 + 64);
	poke(span.lowest + 1, 3);
	return span;
}

/* All that can be read is, once; each failure is told. Returns how many there were. */
static unsigned read_all(struct ps_spool_reader *r, uint64_t *records)
{
	unsigned told = 0;
	bool got = true;

	for (*records = 0; got;) {
		struct ps_event event;
		struct ps_error err;
		enum ps_status status;

		ps_error_clear(&err);
		status = ps_spool_reader_next(r, &event, &got, &err);
		if (status != PS_OK) {
			ck_assert_int_eq(status, PS_IO);
			ck_assert_str_ne(err.text, "");
			ck_assert_int_eq(err.sys_errno, EIO);
			told++;
			got = true;
		} else {
			*records += got;
		}
	}
	return told;
}

START_TEST(a_call_that_fails_while_reading)
{
	static const struct {
		enum call call;
		int error;
	} cases[] = {{OPEN, EIO}, {OPENAT, EIO}, {FDOPENDIR, EIO}, {READDIR, EIO}, {FSTATAT, EIO},
	    {PREAD, EIO}, {PREAD, EINTR}};
	struct ps_spool_losses whole, losses;
	struct ps_spool_reader *r;
	uint64_t all, records;

	begin();
	(void)leave_damaged();
	r = reader();
	ck_assert_uint_eq(read_all(r, &all), 0);
	whole = ps_spool_reader_losses(r);
	ps_spool_reader_close(r);
	ck_assert_uint_eq(all, (25 - 11) * BATCH - 1);
	ck_assert_uint_eq(whole.damaged, 1);
	ck_assert_uint_eq(whole.refused, 1);
	ck_assert_uint_eq(whole.missing, 11 * BATCH + 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int n = 0;

		do {
			unsigned told;

			r = reader();
			refuse(cases[i].call, ++n, cases[i].error);
			told = read_all(r, &records);
			ck_assert_int_eq(told, cases[i].error == EIO ? failures : 0);
			losses = ps_spool_reader_losses(r);
			ck_assert_uint_eq(records, all);
			ck_assert_mem_eq(&losses, &whole, sizeof(losses));
			ps_spool_reader_close(r);
		} while (failures > 0);
		ck_assert_int_gt(n, 4);
	}
	end();
}
END_TEST

START_TEST(a_call_that_fails_while_the_end_is_looked_for)
{
	static const enum call calls[] = {
	    OPEN, OPENAT, FDOPENDIR, READDIR, FSTATAT, PREAD, CALLOC};
	struct ps_spool_position whole, position;
	struct ps_segment_span span;
	struct ps_error err;

	begin();
	span = leave_damaged();
	poke(span.highest, 5); /* the one before has no header either: from the first */
	ck_assert_int_eq(ps_spool_end(spool_path, &whole, NULL), PS_OK);
	ck_assert_uint_eq(whole.serial, 11 * BATCH);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (int n = 1;; n++) {
			enum ps_status status;

			ps_error_clear(&err);
			refuse(calls[i], n, EIO);
			status = ps_spool_end(spool_path, &position, &err);
			if (failures == 0)
				break;
			refuse(CALL_COUNT, 0, 0);
			ck_assert_int_eq(status, calls[i] == CALLOC ? PS_NO_MEMORY : PS_IO);
			ck_assert_str_ne(err.text, "");
		}
		ck_assert_uint_eq(position.serial, whole.serial);
		ck_assert_uint_eq(position.offset, whole.offset);
	}
	end();
}
END_TEST

START_TEST(a_call_that_fails_while_segments_are_released)
{
	static const struct {
		enum call call;
		int n, error;
		const char *says; /* NULL: it goes on */
	} cases[] = {{OPEN, 1, EACCES, "cannot open the folder "},
	    {OPENAT, 1, EMFILE, "cannot list the folder of events"},
	    {READDIR, 1, EIO, "cannot list the folder of events"},
	    {UNLINKAT, 1, EACCES, "cannot remove events-"}, {UNLINKAT, 1, ENOENT, NULL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_spool_position position = {0};
		uint64_t removed = 0, rest = 99;
		struct ps_error err;
		enum ps_status status;

		begin();
		position.segment = leave_damaged().highest;
		ps_error_clear(&err);
		refuse(cases[i].call, cases[i].n, cases[i].error);
		status = ps_spool_release(spool_path, position, &removed, &err);
		ck_assert_int_eq(failures, 1);
		ck_assert_int_eq(status, cases[i].says != NULL ? PS_IO : PS_OK);
		if (cases[i].says != NULL)
			ck_assert_msg(strncmp(err.text, cases[i].says, strlen(cases[i].says)) == 0,
			    "%zu: %s", i, err.text);
		ck_assert_int_eq(ps_spool_release(spool_path, position, &rest, NULL), PS_OK);
		ck_assert_uint_eq(removed + rest, 2);
		end();
	}
}
END_TEST

/* --- what is no spool ---------------------------------------------------------------------- */

START_TEST(no_memory_and_too_long_a_path)
{
	struct ps_spool_position oldest = {0};
	struct ps_spool_reader *r = NULL;
	struct ps_spool *spool = NULL;
	static char path[5000];

	memset(path, 'a', sizeof(path) - 1);
	ck_assert_int_eq(ps_spool_create(&spool, path), PS_LIMIT);
	ck_assert_int_eq(ps_spool_reader_open(&r, path, oldest), PS_LIMIT);
	refuse(CALLOC, 1, ENOMEM);
	ck_assert_int_eq(ps_spool_create(&spool, "/tmp"), PS_NO_MEMORY);
	refuse(CALLOC, 1, ENOMEM);
	ck_assert_int_eq(ps_spool_reader_open(&r, "/tmp", oldest), PS_NO_MEMORY);
	ck_assert_ptr_null(spool);
	ck_assert_ptr_null(r);
	ps_spool_destroy(spool);
}
END_TEST

/* What lies there under a segment's name, or nearly so, and is none. */
START_TEST(what_is_no_segment)
{
	static const char *const names[] = {"events-000000000000000/.pse",
	    "events-000000000000000:.pse", "events-000000000000000`.pse",
	    "events-000000000000000A.pse", "events-000000000000000g.pse",
	    "events-0000000000000001.psx", "Events-0000000000000001.pse",
	    "events-000000000000001.pse", "events-0000000000000000.pse"};
	struct ps_segment segment = {.number = 7}, found;
	uint8_t header[PS_SEGMENT_HEADER];
	char path[256], moved[256];
	struct ps_spool_reader *r;
	uint64_t number, records;
	struct ps_error err;
	int fd, opened = -1;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_msg(!ps_segment_number(names[i], &number), "%s", names[i]);
	ps_segment_encode(&segment, header);
	ck_assert_int_eq(ps_segment_decode(&found, header), PS_OK);
	ck_assert_uint_eq(found.number, 7);
	header[PS_SEGMENT_ZERO] = 1; /* a later version says something there */
	ps_store_le64(header + PS_SEGMENT_CHECKSUM,
	    ps_words_hash((struct ps_hash_key){0, 0}, ps_bytes_of(header, PS_SEGMENT_CHECKSUM)).lo);
	ck_assert_int_eq(ps_segment_decode(&found, header), PS_UNSUPPORTED);

	begin();
	leave(2, KEEP_TWO);
	segment_path(UINT64_MAX, path);
	ck_assert_int_eq(mkdir(path, 0700), 0); /* a folder is no segment */
	r = reader();
	ck_assert_uint_eq(read_all(r, &records), 0);
	ck_assert_uint_eq(records, 2 * BATCH);
	number = ps_spool_reader_position(r).segment;
	ps_spool_reader_close(r);
	/* Under another number it is refused: its header says which it is. */
	segment_path(number, path);
	segment_path(number + 1, moved);
	ck_assert_int_eq(rename(path, moved), 0);
	fd = open(spool_path, O_RDONLY | O_DIRECTORY);
	ck_assert_int_ge(fd, 0);
	ps_error_clear(&err);
	ck_assert_int_eq(ps_segment_open(fd, number + 1, &opened, &found, &err), PS_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "is no segment of events"));
	ck_assert_int_eq(ps_segment_open(fd, number, &opened, &found, &err), PS_NOT_FOUND);
	ck_assert_int_eq(opened, -1);
	ck_assert_int_eq(close(fd), 0);
	end();
}
END_TEST

START_TEST(what_is_no_position)
{
	static const char *const cases[] = {"", "2-1-1-1", "1", "1-1", "1-1-1", "1-1-1-", "1--1-1",
	    "1-1-1-1-1", "1-1-1-g", "1-1-1-A", "1-1-1-/", "1-1-1-:", "1-1-1-`", "1,1,1,1",
	    "1-12345678123456789-1-1", "1-1-x-1"};
	struct ps_spool_position position = {7, 8, 9};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(!ps_spool_position_from_text(ps_bytes_of_text(cases[i]), &position),
		    "%s", cases[i]);
	ck_assert_uint_eq(position.segment, 7); /* as it was */
	ck_assert(ps_spool_position_from_text(ps_bytes_of_text("1-af-0-90"), &position));
	ck_assert_uint_eq(position.segment, 0xaf);
	ck_assert_uint_eq(position.offset, 0);
	ck_assert_uint_eq(position.serial, 0x90);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event.spool_calls");
	TCase *tc = tcase_create("spool_calls");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 300); /* sanitizers on a busy machine */
	tcase_add_test(tc, a_call_that_fails_while_writing);
	tcase_add_test(tc, what_is_said_of_a_call_that_fails_while_writing);
	tcase_add_test(tc, a_call_that_fails_while_reading);
	tcase_add_test(tc, a_call_that_fails_while_the_end_is_looked_for);
	tcase_add_test(tc, a_call_that_fails_while_segments_are_released);
	tcase_add_test(tc, no_memory_and_too_long_a_path);
	tcase_add_test(tc, what_is_no_segment);
	tcase_add_test(tc, what_is_no_position);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
