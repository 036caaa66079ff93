/* The spool, writer and reader: what is put is read once, whoever is gone in between; what is
 * damaged is skipped and counted; a disk that fails costs what was to be written then, and the
 * count is exact. */
#include "event/sample.h"
#include "event/spool.h"
#include "event/spool_reader.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define RECORD 128 /* octets of each record here */

static const uint64_t NOW = 1700000000000;

static char folder[128], spool_path[160];

/* --- the disk, which fails when it is told to ----------------------------------------------- */

static ssize_t octets_left = -1; /* until the disk is full; -1: never */

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	if (octets_left < 0)
		return __real_write(fd, bytes, len);
	if (octets_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	if (len > (size_t)octets_left)
		len = (size_t)octets_left;
	octets_left -= (ssize_t)len;
	return __real_write(fd, bytes, len);
}

static bool no_truncate;
int __real_ftruncate(int fd, off_t len);
int __wrap_ftruncate(int fd, off_t len);

int __wrap_ftruncate(int fd, off_t len)
{
	return no_truncate ? -1 : __real_ftruncate(fd, len);
}

/* --- help ----------------------------------------------------------------------------------- */

static void begin(void)
{
	(void)snprintf(folder, sizeof(folder), "%s/postshield-spool.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(spool_path, sizeof(spool_path), "%s/events", folder);
	octets_left = -1;
	no_truncate = false;
}

static void end(void)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static struct ps_spool *writer(void)
{
	struct ps_spool *spool;

	ck_assert_int_eq(ps_spool_create(&spool, spool_path), PS_OK);
	return spool;
}

static struct ps_spool_reader *reader_at(struct ps_spool_position from)
{
	struct ps_spool_reader *reader;

	ck_assert_int_eq(ps_spool_reader_open(&reader, spool_path, from), PS_OK);
	return reader;
}

static struct ps_spool_reader *reader(void)
{
	return reader_at((struct ps_spool_position){0});
}

/* Events by number, so that each can be told when it is read. */
static void put(struct ps_spool *spool, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		struct ps_event event;
		char name[32];

		(void)snprintf(name, sizeof(name), "n%u.evil.top", i);
		event = sample_plain(name, "rule", NOW + i);
		event.count = i + 1;
		ps_spool_put(spool, &event, NOW + i);
	}
}

static bool next(struct ps_spool_reader *r, struct ps_event *event)
{
	struct ps_error err;
	bool got;

	ps_error_clear(&err);
	ck_assert_msg(ps_spool_reader_next(r, event, &got, &err) == PS_OK, "%s", err.text);
	return got;
}

/* Reads on; returns how many, and checks that they are numbers first, first + 1, ... */
static unsigned read_on(struct ps_spool_reader *r, unsigned first)
{
	struct ps_event event;
	unsigned count = 0;

	for (; next(r, &event); count++)
		ck_assert_uint_eq(event.count, first + count + 1);
	return count;
}

static struct ps_segment_span segments(void)
{
	struct ps_segment_span span;
	int fd = open(spool_path, O_RDONLY | O_DIRECTORY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ps_segment_list(fd, 1, &span, NULL), PS_OK);
	ck_assert_int_eq(close(fd), 0);
	return span;
}

static void segment_path(uint64_t number, char out[256])
{
	char name[PS_SEGMENT_NAME_MAX];

	ps_segment_name(number, name);
	(void)snprintf(out, 256, "%s/%s", spool_path, name);
}

static void ck_losses(const struct ps_spool_reader *r, uint64_t damaged, uint64_t octets,
    uint64_t missing, uint64_t refused)
{
	struct ps_spool_losses l = ps_spool_reader_losses(r);

	ck_assert_msg(l.damaged == damaged && l.octets == octets && l.missing == missing &&
	                  l.refused == refused,
	    "damaged %d octets %d missing %d refused %d", (int)l.damaged, (int)l.octets,
	    (int)l.missing, (int)l.refused);
}

/* --- both sides whole -------------------------------------------------------------------------- */

START_TEST(what_is_put_is_read_in_order)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	struct ps_event event;

	begin();
	r = reader();
	ck_assert(!next(r, &event)); /* there is no folder yet */
	spool = writer();
	ck_assert(access(spool_path, F_OK) != 0); /* nor is there before the first event */
	put(spool, 0, 10);
	ck_assert(!next(r, &event));
	ps_spool_flush(spool);
	ck_assert_uint_eq(read_on(r, 0), 10);
	put(spool, 10, 5);
	ps_spool_flush(spool);
	ck_assert_uint_eq(read_on(r, 10), 5);
	/* A second reader sees the same; a second writer begins a segment of its own. */
	ps_spool_destroy(spool);
	spool = writer();
	put(spool, 15, 3);
	ps_spool_destroy(spool);
	ck_assert_uint_eq(segments().count, 2);
	ck_assert_uint_eq(read_on(r, 15), 3);
	ck_losses(r, 0, 0, 0, 0);
	ps_spool_reader_close(r);
	r = reader();
	ck_assert_uint_eq(read_on(r, 0), 18);
	ck_assert_uint_eq(ps_spool_reader_position(r).serial, 18);
	ps_spool_reader_close(r);
	end();
}
END_TEST

/* The reader ends behind every event once, and its successor goes on from what it stored. */
START_TEST(a_position_is_where_the_next_one_goes_on)
{
	struct ps_spool *spool;
	struct ps_spool_position position = {0};
	unsigned seen = 0;

	begin();
	spool = writer();
	ps_spool_keep(spool, 0); /* 1 MiB: small segments */
	for (unsigned i = 0; i < 4; i++) {
		put(spool, i * 1000, 1000);
		ps_spool_flush(spool);
	}
	ps_spool_destroy(spool);
	ck_assert_uint_ge(segments().count, 2);
	while (seen < 4000) {
		struct ps_spool_reader *r = reader_at(position);
		char text[PS_SPOOL_POSITION_TEXT_MAX];
		struct ps_event event;

		for (unsigned i = 0; i < 1 + seen % 7 && next(r, &event); i++)
			ck_assert_uint_eq(event.count, ++seen);
		ps_spool_position_to_text(ps_spool_reader_position(r), text);
		ck_assert(ps_spool_position_from_text(ps_bytes_of_text(text), &position));
		ck_losses(r, 0, 0, 0, 0);
		ps_spool_reader_close(r);
	}
	end();
}
END_TEST

START_TEST(positions_as_text)
{
	static const char *const bad[] = {"", "1", "2-1-2-3", "1-1-2", "1-1-2-3-4", "1-1-2-", "1--2-3",
	    "1-1-2-3 ", "1-G-2-3", "1-A-2-3", "1-11111111111111111-2-3", "1_1-2-3", "1-1-2-3\n"};
	struct ps_spool_position p = {UINT64_MAX, 64, 5}, again;
	char text[PS_SPOOL_POSITION_TEXT_MAX];

	ps_spool_position_to_text(p, text);
	ck_assert_str_eq(text, "1-ffffffffffffffff-40-5");
	ck_assert(ps_spool_position_from_text(ps_bytes_of_text(text), &again));
	ck_assert(again.segment == p.segment && again.offset == p.offset && again.serial == p.serial);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!ps_spool_position_from_text(ps_bytes_of_text(bad[i]), &again), "%s", bad[i]);
}
END_TEST

START_TEST(only_one_writes)
{
	struct ps_spool *first, *second;
	struct ps_spool_reader *r;

	begin();
	first = writer();
	put(first, 0, 1);
	ps_spool_flush(first);
	second = writer();
	put(second, 5, 2);
	ck_assert_ptr_nonnull(ps_spool_failure(second));
	ck_assert_ptr_nonnull(strstr(ps_spool_failure(second)->text, "another process"));
	ck_assert_uint_eq(ps_spool_counts(second).dropped, 6 + 7);
	/* When the first has gone, the second takes over, serials and all. */
	ps_spool_destroy(first);
	put(second, 1, 2);
	ps_spool_flush(second);
	ck_assert_ptr_null(ps_spool_failure(second));
	ps_spool_destroy(second);
	r = reader();
	ck_assert_uint_eq(read_on(r, 0), 3);
	ck_losses(r, 0, 0, 0, 0);
	ps_spool_reader_close(r);
	end();
}
END_TEST

/* --- the cap ------------------------------------------------------------------------------------ */

START_TEST(the_oldest_go_at_the_cap_and_are_counted)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r, *late;
	struct ps_spool_counts counts;
	struct ps_event event;
	uint64_t most = 0, read = 0;

	begin();
	spool = writer();
	ps_spool_keep(spool, 1 << 20);
	put(spool, 0, 1);
	ps_spool_flush(spool);
	late = reader();
	ck_assert(next(late, &event));
	for (unsigned i = 0; i < 100; i++) {
		put(spool, 1 + i * 300, 300);
		ps_spool_flush(spool);
		if (segments().octets > most)
			most = segments().octets;
	}
	counts = ps_spool_counts(spool);
	ps_spool_destroy(spool);
	ck_assert_uint_eq(counts.records, 30001);
	ck_assert_uint_eq(counts.dropped, 0);
	ck_assert_uint_gt(counts.removed_segments, 5);
	ck_assert_uint_le(most, 1 << 20);
	ck_assert_uint_gt(most, 1 << 19);
	ck_assert_uint_eq(counts.octets, segments().octets);
	/* Every record is there or counted; a reader that came late sees which are gone. */
	r = reader();
	while (next(r, &event))
		read++;
	ck_assert_uint_eq(read + counts.removed_records, 30001);
	ck_losses(r, 0, 0, 0, 0);
	ps_spool_reader_close(r);
	for (read = 1; next(late, &event); read++)
		continue;
	ck_assert_uint_eq(read + ps_spool_reader_losses(late).missing, 30001);
	ck_losses(late, 0, 0, 30001 - read, 0);
	ps_spool_reader_close(late);
	end();
}
END_TEST

START_TEST(released_are_those_before_the_position)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	struct ps_event event;
	struct ps_error err;
	uint64_t removed = 99, before;

	begin();
	spool = writer();
	ps_spool_keep(spool, 1 << 20);
	for (unsigned i = 0; i < 15; i++) {
		put(spool, i * 300, 300);
		ps_spool_flush(spool);
	}
	before = segments().count;
	ck_assert_uint_ge(before, 2);
	ck_assert_int_eq(
	    ps_spool_release(spool_path, (struct ps_spool_position){0}, &removed, &err), PS_OK);
	ck_assert_uint_eq(removed, 0);
	r = reader();
	while (next(r, &event))
		continue;
	ck_assert_int_eq(
	    ps_spool_release(spool_path, ps_spool_reader_position(r), &removed, &err), PS_OK);
	ck_assert_uint_eq(removed, before - 1);
	ck_assert_uint_eq(segments().count, 1);
	/* The newest stays, whatever is said; and its writer goes on in it. */
	ck_assert_int_eq(ps_spool_release(spool_path,
	                     (struct ps_spool_position){.segment = UINT64_MAX}, &removed, &err),
	    PS_OK);
	ck_assert_uint_eq(removed, 0);
	put(spool, 4500, 2);
	ps_spool_destroy(spool);
	ck_assert_uint_eq(read_on(r, 4500), 2);
	ck_losses(r, 0, 0, 0, 0);
	ps_spool_reader_close(r);
	end();
}
END_TEST

/* --- the disk fails ----------------------------------------------------------------------------- */

/* Full after every number of octets of a batch: what was wholly written is read, the rest is
 * dropped and counted, and when there is room again it goes on. */
static void fill_disk_after(ssize_t room, bool cut)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	struct ps_spool_counts counts;
	struct ps_event event;
	uint64_t decisions = 0;

	begin();
	spool = writer();
	put(spool, 0, 2);
	ps_spool_flush(spool);
	no_truncate = !cut;
	put(spool, 2, 5);
	octets_left = room;
	ps_spool_flush(spool);
	ck_assert((ps_spool_failure(spool) != NULL) == (room < 5 * RECORD));
	octets_left = -1;
	put(spool, 7, 2);
	ps_spool_flush(spool);
	ck_assert_ptr_null(ps_spool_failure(spool));
	counts = ps_spool_counts(spool);
	ps_spool_destroy(spool);
	r = reader();
	for (unsigned i = 0; i < counts.records; i++) {
		ck_assert(next(r, &event));
		ck_assert_uint_eq(event.serial, i);
		decisions += event.count;
	}
	ck_assert(!next(r, &event));
	ck_assert_uint_eq(decisions + counts.dropped, 45);
	ck_assert_uint_eq(counts.records, 4 + (uint64_t)room / RECORD);
	if (cut || room % RECORD == 0)
		ck_losses(r, 0, 0, 0, 0);
	else
		ck_losses(r, 1, (uint64_t)(room % RECORD), 0, 0);
	ps_spool_reader_close(r);
	end();
}

START_TEST(a_full_disk_costs_what_did_not_fit)
{
	struct ps_event event = sample_plain("n1.evil.top", "rule", 1);

	ck_assert_uint_eq(ps_event_size(&event), RECORD);
	for (ssize_t room = 0; room <= 5 * RECORD; room += 16) {
		fill_disk_after(room, true);
		fill_disk_after(room, false);
	}
}
END_TEST

START_TEST(no_room_for_a_header)
{
	for (ssize_t room = 0; room < PS_SEGMENT_HEADER; room += 9) {
		struct ps_spool *spool;
		struct ps_spool_reader *r;

		begin();
		spool = writer();
		octets_left = room;
		put(spool, 0, 3);
		ck_assert_ptr_nonnull(ps_spool_failure(spool));
		ck_assert_int_eq(ps_spool_failure(spool)->sys_errno, ENOSPC);
		ck_assert_uint_eq(ps_spool_counts(spool).dropped, 6);
		ck_assert_uint_eq(segments().count, 0);
		octets_left = -1;
		put(spool, 0, 3);
		ps_spool_destroy(spool);
		r = reader();
		ck_assert_uint_eq(read_on(r, 0), 3);
		ps_spool_reader_close(r);
		end();
	}
}
END_TEST

START_TEST(the_folder_cannot_be_made_and_then_can)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	FILE *file;

	begin();
	file = fopen(spool_path, "w");
	ck_assert_ptr_nonnull(file);
	(void)fclose(file);
	spool = writer();
	put(spool, 0, 2);
	ck_assert_ptr_nonnull(ps_spool_failure(spool));
	ck_assert_uint_eq(ps_spool_counts(spool).dropped, 3);
	ck_assert_int_eq(unlink(spool_path), 0);
	put(spool, 0, 2);
	ps_spool_flush(spool);
	ck_assert_ptr_null(ps_spool_failure(spool));
	/* Moved away while it is written: begun anew, and a reader by the name follows. */
	r = reader();
	ck_assert_uint_eq(read_on(r, 0), 2);
	{
		char moved[256];

		(void)snprintf(moved, sizeof(moved), "%s-old", spool_path);
		ck_assert_int_eq(rename(spool_path, moved), 0);
	}
	put(spool, 2, 2);
	ps_spool_destroy(spool);
	ps_spool_reader_close(r);
	r = reader();
	ck_assert_uint_eq(read_on(r, 2), 2);
	ps_spool_reader_close(r);
	end();
}
END_TEST

/* Somebody truncates the segment under the writer's hands: it begins another. */
START_TEST(a_segment_cut_short_is_left)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	struct ps_event event;
	char path[256];

	begin();
	spool = writer();
	put(spool, 0, 4);
	ps_spool_flush(spool);
	segment_path(segments().highest, path);
	ck_assert_int_eq(truncate(path, PS_SEGMENT_HEADER + 2 * RECORD + 50), 0);
	put(spool, 4, 1);
	ps_spool_destroy(spool);
	ck_assert_uint_eq(segments().count, 2);
	r = reader();
	for (unsigned i = 0; i < 2; i++) {
		ck_assert(next(r, &event));
		ck_assert_uint_eq(event.count, i + 1);
	}
	ck_assert_uint_eq(read_on(r, 4), 1);
	ck_losses(r, 1, 50, 2, 0);
	ps_spool_reader_close(r);
	end();
}
END_TEST

/* --- damage ---------------------------------------------------------------------------------------- */

static uint8_t *contents(const char *path, size_t *len)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 4 << 20);
	ck_assert_int_eq(ps_file_read(path, &buffer, NULL), PS_OK);
	*len = buffer.len;
	return buffer.data;
}

static void replace(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, bytes, len), (int)len);
	ck_assert_int_eq(close(fd), 0);
}

/* Two segments of five events; returns the first one's octets. */
static uint8_t *two_segments(char path[256], size_t *len)
{
	struct ps_spool *spool;

	begin();
	for (unsigned i = 0; i < 2; i++) {
		spool = writer();
		put(spool, 5 * i, 5);
		ps_spool_destroy(spool);
	}
	ck_assert_uint_eq(segments().count, 2);
	segment_path(segments().lowest, path);
	return contents(path, len);
}

/* What a reader finds: of ten events those that are whole, in order, each once. */
static unsigned read_whole(struct ps_spool_losses *losses)
{
	struct ps_spool_reader *r = reader();
	struct ps_event event;
	uint64_t last = 0;
	unsigned read = 0;

	for (; next(r, &event); read++) {
		ck_assert_uint_gt(event.count, last);
		ck_assert_uint_le(event.count, 10);
		last = event.count;
	}
	ck_assert_uint_eq(last, 10);
	*losses = ps_spool_reader_losses(r);
	ps_spool_reader_close(r);
	return read;
}

START_TEST(every_flipped_octet_costs_one_record)
{
	char path[256];
	size_t len;
	uint8_t *bytes = two_segments(path, &len);
	struct random r = {.state = 5};

	ck_assert_uint_eq(len, PS_SEGMENT_HEADER + 5 * RECORD);
	for (size_t at = 0; at < len; at++) {
		uint8_t was = bytes[at];
		struct ps_spool_losses losses;
		unsigned read;

		bytes[at] ^= (uint8_t)(1 + random_below(&r, 255));
		replace(path, bytes, len);
		bytes[at] = was;
		read = read_whole(&losses);
		if (at < PS_SEGMENT_HEADER) {
			ck_assert_uint_eq(read, 5);
			ck_assert(losses.refused == 1 && losses.damaged == 0);
		} else {
			ck_assert_msg(read == 9, "octet %zu: %u", at, read);
			ck_assert(losses.refused == 0 && losses.damaged == 1);
			ck_assert_uint_eq(losses.octets, RECORD);
			ck_assert_uint_eq(losses.missing, 1);
		}
	}
	free(bytes);
	end();
}
END_TEST

START_TEST(every_shorter_segment_keeps_its_whole_records)
{
	char path[256];
	size_t len;
	uint8_t *bytes = two_segments(path, &len);

	for (size_t shorter = 0; shorter < len; shorter++) {
		struct ps_spool_losses losses;
		unsigned read;

		replace(path, bytes, shorter);
		read = read_whole(&losses);
		if (shorter < PS_SEGMENT_HEADER) {
			ck_assert_uint_eq(read, 5);
			ck_assert_uint_eq(losses.refused, 1);
		} else {
			size_t whole = (shorter - PS_SEGMENT_HEADER) / RECORD;
			size_t torn = (shorter - PS_SEGMENT_HEADER) % RECORD;

			ck_assert_uint_eq(read, 5 + whole);
			ck_assert_uint_eq(losses.missing, 5 - whole);
			ck_assert_uint_eq(losses.damaged, torn != 0);
			ck_assert_uint_eq(losses.octets, torn);
		}
	}
	free(bytes);
	end();
}
END_TEST

/* Octets in between, and a record of another segment put there: skipped. */
START_TEST(what_does_not_belong_is_skipped)
{
	char path[256], other[256];
	size_t len, other_len;
	uint8_t *bytes = two_segments(path, &len), *others;
	uint8_t *made = malloc(len + RECORD + 64);
	struct ps_spool_losses losses;

	segment_path(segments().highest, other);
	others = contents(other, &other_len);
	memcpy(made, bytes, PS_SEGMENT_HEADER + RECORD);
	memcpy(made + PS_SEGMENT_HEADER + RECORD, others + PS_SEGMENT_HEADER + RECORD, RECORD);
	memcpy(made + PS_SEGMENT_HEADER + 2 * RECORD, bytes + PS_SEGMENT_HEADER + RECORD, len - PS_SEGMENT_HEADER - RECORD);
	replace(path, made, len + RECORD);
	ck_assert_uint_eq(read_whole(&losses), 10);
	ck_assert(losses.damaged == 1 && losses.octets == RECORD && losses.missing == 0);
	free(made);
	free(others);
	free(bytes);
	end();
}
END_TEST

/* The end of the newest segment may be on its way: waited for, never skipped. */
START_TEST(an_end_that_is_not_there_yet_is_waited_for)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	struct ps_event event;
	char path[256];
	uint8_t *bytes;
	size_t len;

	begin();
	spool = writer();
	put(spool, 0, 3);
	ps_spool_destroy(spool);
	segment_path(segments().highest, path);
	bytes = contents(path, &len);
	replace(path, bytes, 0);
	r = reader();
	for (size_t have = 0; have < len; have++) {
		int fd = open(path, O_WRONLY | O_APPEND);

		ck_assert_int_eq((int)write(fd, bytes + have, 1), 1);
		ck_assert_int_eq(close(fd), 0);
		if (have + 1 > PS_SEGMENT_HEADER && (have + 1 - PS_SEGMENT_HEADER) % RECORD == 0)
			ck_assert(next(r, &event));
		ck_assert(!next(r, &event));
	}
	ck_assert_uint_eq(ps_spool_reader_position(r).serial, 3);
	ck_losses(r, 0, 0, 0, 0);
	ps_spool_reader_close(r);
	free(bytes);
	end();
}
END_TEST

/* A segment of a later version: said, and a writer leaves it alone. */
START_TEST(a_later_version_is_left_alone)
{
	struct ps_spool *spool;
	struct ps_spool_reader *r;
	struct ps_event event;
	struct ps_error err;
	char path[256];
	uint8_t *bytes;
	size_t len;
	bool got;

	begin();
	spool = writer();
	put(spool, 0, 3);
	ps_spool_destroy(spool);
	segment_path(segments().highest, path);
	bytes = contents(path, &len);
	ps_store_le32(bytes + PS_SEGMENT_VERSION_AT, PS_SEGMENT_VERSION + 1);
	ps_store_le64(bytes + PS_SEGMENT_CHECKSUM,
	    ps_words_hash((struct ps_hash_key){0, 0}, ps_bytes_of(bytes, PS_SEGMENT_CHECKSUM)).lo);
	replace(path, bytes, len);
	r = reader();
	ck_assert_int_eq(ps_spool_reader_next(r, &event, &got, &err), PS_UNSUPPORTED);
	ps_spool_reader_close(r);
	spool = writer();
	put(spool, 0, 2);
	ps_spool_flush(spool);
	ck_assert_ptr_null(ps_spool_failure(spool));
	ps_spool_destroy(spool);
	r = reader_at((struct ps_spool_position){.segment = segments().highest});
	ck_assert_uint_eq(read_on(r, 0), 2);
	ps_spool_reader_close(r);
	free(bytes);
	end();
}
END_TEST

/* Names of files that are none of ours. */
START_TEST(names_of_segments)
{
	static const char *const bad[] = {"", "lock", "events-.pse", "events-0000000000000000.pse",
	    "events-000000000000000A.pse", "events-00000000000000001.pse", "events-0000000000000001.ps",
	    "events-0000000000000001.pse~", "Events-0000000000000001.pse", "events-000000000000001g.pse"};
	char name[PS_SEGMENT_NAME_MAX];
	uint64_t number;

	ps_segment_name(0x674a1b2c, name);
	ck_assert_str_eq(name, "events-00000000674a1b2c.pse");
	ck_assert(ps_segment_number(name, &number));
	ck_assert_uint_eq(number, 0x674a1b2c);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!ps_segment_number(bad[i], &number), "%s", bad[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("event.spool");
	TCase *tc = tcase_create("spool");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240); /* sanitizers on a busy machine */
	tcase_add_test(tc, what_is_put_is_read_in_order);
	tcase_add_test(tc, a_position_is_where_the_next_one_goes_on);
	tcase_add_test(tc, positions_as_text);
	tcase_add_test(tc, only_one_writes);
	tcase_add_test(tc, the_oldest_go_at_the_cap_and_are_counted);
	tcase_add_test(tc, released_are_those_before_the_position);
	tcase_add_test(tc, a_full_disk_costs_what_did_not_fit);
	tcase_add_test(tc, no_room_for_a_header);
	tcase_add_test(tc, the_folder_cannot_be_made_and_then_can);
	tcase_add_test(tc, a_segment_cut_short_is_left);
	tcase_add_test(tc, every_flipped_octet_costs_one_record);
	tcase_add_test(tc, every_shorter_segment_keeps_its_whole_records);
	tcase_add_test(tc, what_does_not_belong_is_skipped);
	tcase_add_test(tc, an_end_that_is_not_there_yet_is_waited_for);
	tcase_add_test(tc, a_later_version_is_left_alone);
	tcase_add_test(tc, names_of_segments);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
