#include "event/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event/spool_reader.h"

#define BATCH_MAX (256u << 10)
#define KEEP_MIN ((uint64_t)1 << 20)

struct ps_spool {
	char path[4096 + 16];
	uint64_t keep;
	int folder; /* -1: not open */
	int lock;
	int fd; /* the segment that is written; -1: none */
	struct ps_segment segment;
	uint64_t segment_octets;
	uint64_t next_serial; /* of the record that is written next */
	bool serial_known;    /* from what an earlier process left, or our own */
	struct ps_spool_counts counts;
	bool failed;
	struct ps_error failure;
	size_t used; /* of batch */
	uint8_t batch[BATCH_MAX];
};

enum ps_status ps_spool_create(struct ps_spool **out, const char *folder)
{
	struct ps_spool *spool = calloc(1, sizeof(*spool));
	int len;

	if (spool == NULL)
		return PS_NO_MEMORY;
	len = snprintf(spool->path, sizeof(spool->path), "%s", folder);
	if (len < 0 || (size_t)len >= sizeof(spool->path)) {
		free(spool);
		return PS_LIMIT;
	}
	spool->keep = (uint64_t)PS_SPOOL_KEEP_DEFAULT_MIB << 20;
	spool->folder = -1;
	spool->lock = -1;
	spool->fd = -1;
	*out = spool;
	return PS_OK;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void ps_spool_destroy(struct ps_spool *spool)
{
	if (spool == NULL)
		return;
	ps_spool_flush(spool);
	close_one(&spool->fd);
	close_one(&spool->lock);
	close_one(&spool->folder);
	free(spool);
}

void ps_spool_keep(struct ps_spool *spool, uint64_t octets)
{
	spool->keep = octets < KEEP_MIN ? KEEP_MIN : octets;
}

struct ps_spool_counts ps_spool_counts(const struct ps_spool *spool)
{
	return spool->counts;
}

const struct ps_error *ps_spool_failure(const struct ps_spool *spool)
{
	return spool->failed ? &spool->failure : NULL;
}

/* --- the folder ------------------------------------------------------------------------------ */

/* Group members (the reporter) may read, and remove what they have read. */
static enum ps_status open_folder(struct ps_spool *spool)
{
	struct ps_error *err = &spool->failure;

	if (mkdir(spool->path, 0770) == 0)
		(void)chmod(spool->path, 0770); /* whatever the umask */
	spool->folder = open(spool->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (spool->folder < 0)
		return ps_error_set(err, PS_IO, "cannot open the folder %.120s", spool->path);
	spool->lock = openat(spool->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (spool->lock < 0)
		return ps_error_set(err, PS_IO, "cannot write into %.120s", spool->path);
	if (flock(spool->lock, LOCK_EX | LOCK_NB) != 0)
		return ps_error_set(err, PS_IO, "another process writes into %.120s", spool->path);
	return PS_OK;
}

/* Is it still the folder at that path? It may have been moved away, or removed. */
static bool folder_is_there(const struct ps_spool *spool)
{
	struct stat ours, there;

	return fstat(spool->folder, &ours) == 0 && stat(spool->path, &there) == 0 &&
	       ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* Where the serial goes on: behind the newest segment's last good record. */
static enum ps_status find_serial(struct ps_spool *spool)
{
	struct ps_spool_position end;
	enum ps_status status = ps_spool_end(spool->path, &end, &spool->failure);

	/* Left by a newer version: its serials are not ours to know, its files are left alone. */
	if (status == PS_UNSUPPORTED)
		end.serial = 0;
	else if (status != PS_OK)
		return status;
	spool->next_serial = end.serial;
	spool->serial_known = true;
	return PS_OK;
}

static uint64_t segment_max(const struct ps_spool *spool)
{
	uint64_t quarter = spool->keep / 4;

	return quarter < PS_SPOOL_SEGMENT_MAX ? quarter : PS_SPOOL_SEGMENT_MAX;
}

/* How many records a segment holds, as the next one's header tells; 0 when unknown. */
static uint64_t records_of(const struct ps_spool *spool, uint64_t number, uint64_t next)
{
	struct ps_segment a, b;
	int fd = -1;

	if (next == 0 || ps_segment_open(spool->folder, number, &fd, &a, NULL) != PS_OK)
		return 0;
	(void)close(fd);
	if (ps_segment_open(spool->folder, next, &fd, &b, NULL) != PS_OK)
		return 0;
	(void)close(fd);
	return b.first_serial > a.first_serial ? b.first_serial - a.first_serial : 0;
}

/* Removes the oldest segments until one more fits; leaves what it saw last in *span. The one
 * written last stays in any case: its number and serials are what the next goes on from. */
static enum ps_status make_room(struct ps_spool *spool, struct ps_segment_span *span)
{
	enum ps_status status = ps_segment_list(spool->folder, 1, span, &spool->failure);

	while (status == PS_OK && span->count > 1 &&
	       span->octets + segment_max(spool) + BATCH_MAX > spool->keep) {
		uint64_t oldest = span->lowest;
		char name[PS_SEGMENT_NAME_MAX];
		uint64_t records;

		status = ps_segment_list(spool->folder, oldest + 1, span, &spool->failure);
		if (status != PS_OK)
			break;
		records = records_of(spool, oldest, span->next);
		ps_segment_name(oldest, name);
		if (unlinkat(spool->folder, name, 0) != 0 && errno != ENOENT)
			return ps_error_set(&spool->failure, PS_IO, "cannot remove %s", name);
		spool->counts.removed_segments++;
		spool->counts.removed_records += records;
		status = ps_segment_list(spool->folder, 1, span, &spool->failure);
	}
	return status;
}

/* --- writing ------------------------------------------------------------------------------- */

/* All of it, or as much as went. */
static size_t write_some(int fd, const uint8_t *bytes, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t put = write(fd, bytes + done, len - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			break;
		done += (size_t)put;
	}
	return done;
}

static enum ps_status begin_segment(struct ps_spool *spool, uint64_t now)
{
	struct ps_segment_span span;
	uint8_t header[PS_SEGMENT_HEADER];
	char name[PS_SEGMENT_NAME_MAX];
	struct ps_segment *segment = &spool->segment;
	enum ps_status status = make_room(spool, &span);

	if (status != PS_OK)
		return status;
	/* By the clock as well, so that numbers go up even where somebody emptied the folder. */
	segment->number = span.highest + 1 > now / 1000 ? span.highest + 1 : now / 1000;
	segment->first_serial = spool->next_serial;
	segment->created = now;
	if (getrandom(&segment->key, sizeof(segment->key), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(segment->key))
		return ps_error_set(&spool->failure, PS_IO, "no random octets for a key");
	ps_segment_encode(segment, header);
	ps_segment_name(segment->number, name);
	spool->fd = openat(spool->folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (spool->fd < 0)
		return ps_error_set(&spool->failure, PS_IO, "cannot create %s", name);
	if (write_some(spool->fd, header, sizeof(header)) != sizeof(header)) {
		status = ps_error_set(&spool->failure, PS_IO, "cannot write %s", name);
		close_one(&spool->fd);
		(void)unlinkat(spool->folder, name, 0);
		return status;
	}
	spool->segment_octets = PS_SEGMENT_HEADER;
	spool->counts.octets = span.octets + PS_SEGMENT_HEADER;
	return PS_OK;
}

/* Somebody may have truncated the segment, or removed it: then it is left as it is. */
static bool segment_is_ours(const struct ps_spool *spool)
{
	struct stat st;

	return fstat(spool->fd, &st) == 0 && st.st_nlink > 0 &&
	       (uint64_t)st.st_size == spool->segment_octets;
}

/* Whoever opens it next begins a new segment, behind what an earlier process left. */
static void close_folder(struct ps_spool *spool)
{
	close_one(&spool->fd);
	close_one(&spool->lock);
	close_one(&spool->folder);
}

/* A segment to write into, in a folder that is still the one. */
static enum ps_status make_ready(struct ps_spool *spool, uint64_t now)
{
	enum ps_status status = PS_OK;

	if (spool->folder >= 0 && !folder_is_there(spool))
		close_folder(spool);
	if (spool->folder < 0) {
		status = open_folder(spool);
		if (status == PS_OK && !spool->serial_known)
			status = find_serial(spool);
		if (status != PS_OK) {
			close_folder(spool);
			return status;
		}
	}
	if (spool->fd >= 0 &&
	    (spool->segment_octets >= segment_max(spool) || !segment_is_ours(spool)))
		close_one(&spool->fd);
	return spool->fd >= 0 ? PS_OK : begin_segment(spool, now);
}

static void drop(struct ps_spool *spool, uint64_t decisions)
{
	spool->counts.dropped += decisions;
}

void ps_spool_put(struct ps_spool *spool, struct ps_event *event, uint64_t now)
{
	size_t size = ps_event_size(event);

	if (spool->used + size > BATCH_MAX)
		ps_spool_flush(spool);
	/* What is in the batch has the segment's key: only an empty one changes segments. */
	if (spool->used == 0 && make_ready(spool, now) != PS_OK) {
		spool->failed = true;
		drop(spool, event->count);
		return;
	}
	event->serial = spool->next_serial++;
	spool->used += ps_event_encode(event, spool->segment.key, spool->batch + spool->used);
}

/* The records of the batch that end within its first `written` octets are there. What is
 * behind them is cut off, and its decisions are dropped. */
static void settle(struct ps_spool *spool, size_t written)
{
	size_t at = 0, len;
	uint64_t lost = 0;

	for (; at < spool->used; at += len) {
		len = ps_load_le32(spool->batch + at + PS_RECORD_LEN);
		if (at + len > written)
			break;
		spool->counts.records++;
	}
	spool->segment_octets += at;
	spool->counts.octets += at;
	if (at == spool->used) {
		spool->failed = false;
		return;
	}
	spool->next_serial = ps_load_le64(spool->batch + at + PS_RECORD_SERIAL);
	if (written > at && ftruncate(spool->fd, (off_t)spool->segment_octets) != 0)
		close_one(&spool->fd); /* the torn record stays its last */
	for (; at < spool->used; at += len) {
		len = ps_load_le32(spool->batch + at + PS_RECORD_LEN);
		lost += ps_load_le32(spool->batch + at + PS_RECORD_COUNT);
	}
	drop(spool, lost);
}

void ps_spool_flush(struct ps_spool *spool)
{
	size_t written;

	if (spool->used == 0)
		return;
	errno = 0;
	written = write_some(spool->fd, spool->batch, spool->used);
	if (written < spool->used) {
		spool->failed = true;
		(void)ps_error_set(&spool->failure, PS_IO, "cannot write into %.120s", spool->path);
	}
	settle(spool, written);
	spool->used = 0;
}
