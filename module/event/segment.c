#include "event/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t checksum(const uint8_t *header)
{
	return ps_words_hash((struct ps_hash_key){0, 0}, ps_bytes_of(header, PS_SEGMENT_CHECKSUM))
	    .lo;
}

void ps_segment_encode(const struct ps_segment *segment, uint8_t out[PS_SEGMENT_HEADER])
{
	memcpy(out + PS_SEGMENT_MAGIC_AT, PS_SEGMENT_MAGIC, 8);
	ps_store_le32(out + PS_SEGMENT_VERSION_AT, PS_SEGMENT_VERSION);
	ps_store_le32(out + PS_SEGMENT_ZERO, 0);
	ps_store_le64(out + PS_SEGMENT_NUMBER, segment->number);
	ps_store_le64(out + PS_SEGMENT_SERIAL, segment->first_serial);
	ps_store_le64(out + PS_SEGMENT_KEY, segment->key.k0);
	ps_store_le64(out + PS_SEGMENT_KEY + 8, segment->key.k1);
	ps_store_le64(out + PS_SEGMENT_CREATED, segment->created);
	ps_store_le64(out + PS_SEGMENT_CHECKSUM, checksum(out));
}

enum ps_status ps_segment_decode(struct ps_segment *out, const uint8_t in[PS_SEGMENT_HEADER])
{
	uint32_t version;

	if (memcmp(in + PS_SEGMENT_MAGIC_AT, PS_SEGMENT_MAGIC, 8) != 0 ||
	    ps_load_le64(in + PS_SEGMENT_CHECKSUM) != checksum(in))
		return PS_INVALID;
	version = ps_load_le32(in + PS_SEGMENT_VERSION_AT);
	if (version < 1 || version > PS_SEGMENT_VERSION || ps_load_le32(in + PS_SEGMENT_ZERO) != 0)
		return PS_UNSUPPORTED;
	out->number = ps_load_le64(in + PS_SEGMENT_NUMBER);
	out->first_serial = ps_load_le64(in + PS_SEGMENT_SERIAL);
	out->key.k0 = ps_load_le64(in + PS_SEGMENT_KEY);
	out->key.k1 = ps_load_le64(in + PS_SEGMENT_KEY + 8);
	out->created = ps_load_le64(in + PS_SEGMENT_CREATED);
	return PS_OK;
}

/* --- names --------------------------------------------------------------------------------- */

static const char prefix[] = "events-", suffix[] = ".pse";
#define PREFIX (sizeof(prefix) - 1)
#define DIGITS 16u

void ps_segment_name(uint64_t number, char out[PS_SEGMENT_NAME_MAX])
{
	(void)snprintf(out, PS_SEGMENT_NAME_MAX, "%s%016" PRIx64 "%s", prefix, number, suffix);
}

bool ps_segment_number(const char *name, uint64_t *out)
{
	uint64_t number = 0;

	if (strlen(name) != PREFIX + DIGITS + sizeof(suffix) - 1 ||
	    memcmp(name, prefix, PREFIX) != 0 || strcmp(name + PREFIX + DIGITS, suffix) != 0)
		return false;
	for (size_t i = 0; i < DIGITS; i++) {
		char c = name[PREFIX + i];

		if (c >= '0' && c <= '9')
			number = number << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			number = number << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = number;
	return number > 0;
}

/* --- the folder ------------------------------------------------------------------------------ */

/* False: nobody can tell what it is. One that was removed meanwhile is not counted. */
static bool count_in(struct ps_segment_span *span, int folder, uint64_t from, const char *name)
{
	uint64_t number;
	struct stat st;

	if (!ps_segment_number(name, &number))
		return true;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT;
	if (!S_ISREG(st.st_mode))
		return true;
	span->count++;
	span->octets += (uint64_t)st.st_size;
	if (span->lowest == 0 || number < span->lowest)
		span->lowest = number;
	if (number > span->highest)
		span->highest = number;
	if (number >= from && (span->next == 0 || number < span->next))
		span->next = number;
	if (number < from && number > span->before)
		span->before = number;
	return true;
}

enum ps_status ps_segment_list(
    int folder, uint64_t from, struct ps_segment_span *out, struct ps_error *err)
{
	/* A descriptor of its own: fdopendir() takes it over, with its place in the folder. */
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	enum ps_status status = PS_OK;

	if (stream == NULL) {
		status = ps_error_set(err, PS_IO, "cannot list the folder of events");
		if (fd >= 0)
			(void)close(fd);
		return status;
	}
	*out = (struct ps_segment_span){0};
	errno = 0;
	while ((entry = readdir(stream)) != NULL) {
		if (!count_in(out, folder, from, entry->d_name))
			break;
		errno = 0;
	}
	if (errno != 0)
		status = ps_error_set(err, PS_IO, "cannot list the folder of events");
	(void)closedir(stream);
	return status;
}

enum ps_status ps_segment_open(
    int folder, uint64_t number, int *fd, struct ps_segment *out, struct ps_error *err)
{
	char name[PS_SEGMENT_NAME_MAX];
	uint8_t header[PS_SEGMENT_HEADER];
	enum ps_status status = PS_INVALID;
	ssize_t got;
	int opened;

	ps_segment_name(number, name);
	/* Non-blocking: nobody is kept waiting by a FIFO of that name. */
	opened = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (opened < 0)
		return ps_error_set(
		    err, errno == ENOENT ? PS_NOT_FOUND : PS_IO, "cannot open %s", name);
	do {
		got = pread(opened, header, sizeof(header), 0);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		status = ps_error_set(err, PS_IO, "cannot read %s", name);
	else if (got == sizeof(header))
		status = ps_segment_decode(out, header);
	if (status == PS_OK && out->number != number)
		status = PS_INVALID;
	if (status == PS_OK)
		*fd = opened;
	else
		(void)close(opened);
	if (status == PS_INVALID)
		return ps_error_set(err, status, "%s is no segment of events", name);
	if (status == PS_UNSUPPORTED)
		return ps_error_set(
		    err, status, "%s is of a version that this program does not know", name);
	return status;
}
