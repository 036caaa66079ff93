#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum ps_status ps_file_open(const char *path, int *fd, struct ps_error *err)
{
	struct stat st;
	int opened;

	ps_error_at(err, path, 0, 0, UINT64_MAX);
	opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (opened < 0)
		return ps_error_set(err, errno == ENOENT ? PS_NOT_FOUND : PS_IO, "%s",
		    errno == ENOENT ? "no such file" : "cannot open");
	if (fstat(opened, &st) != 0) {
		enum ps_status status = ps_error_set(err, PS_IO, "cannot read its properties");

		close(opened);
		return status;
	}
	if (!S_ISREG(st.st_mode)) {
		close(opened);
		return ps_error_set(err, PS_INVALID, "%s",
		    S_ISDIR(st.st_mode) ? "is a folder, not a file" : "is not a regular file");
	}
	*fd = opened;
	return PS_OK;
}

static enum ps_status read_all(int fd, struct ps_buffer *buffer, struct ps_error *err)
{
	for (;;) {
		uint8_t piece[16384];
		ssize_t got = read(fd, piece, sizeof(piece));

		if (got == 0)
			return PS_OK;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ps_error_set(err, PS_IO, "cannot read");
		if (ps_buffer_append(buffer, piece, (size_t)got) == PS_LIMIT)
			return ps_error_set(
			    err, PS_LIMIT, "is larger than the limit of %zu bytes", buffer->max);
		if (buffer->status != PS_OK)
			return ps_error_set(err, buffer->status, "out of memory");
	}
}

enum ps_status ps_file_read(const char *path, struct ps_buffer *buffer, struct ps_error *err)
{
	int fd;
	enum ps_status status = ps_file_open(path, &fd, err);

	if (status != PS_OK)
		return status;
	status = read_all(fd, buffer, err);
	close(fd);
	return status;
}

/* --- lines --------------------------------------------------------------- */

#define READ_SIZE 65536

struct ps_lines {
	int fd;
	uint64_t max_bytes;
	uint64_t taken;  /* octets read from fd */
	uint64_t number; /* of the last line handed out */
	uint64_t offset; /* of data[start] in the file */
	size_t start;
	size_t end;
	bool at_end;
	uint8_t data[READ_SIZE + PS_LINE_MAX];
};

enum ps_status ps_lines_create(
    struct ps_lines **out, int fd, uint64_t max_bytes, struct ps_error *err)
{
	struct ps_lines *lines = malloc(sizeof(*lines));

	if (lines == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	/* Not zeroed whole: data is written before it is read. */
	lines->fd = fd;
	lines->max_bytes = max_bytes;
	lines->taken = 0;
	lines->number = 0;
	lines->offset = 0;
	lines->start = 0;
	lines->end = 0;
	lines->at_end = false;
	*out = lines;
	return PS_OK;
}

void ps_lines_destroy(struct ps_lines *lines)
{
	free(lines);
}

/* Moves what is left to the front and reads once more. */
static enum ps_status refill(struct ps_lines *lines, struct ps_error *err)
{
	ssize_t got;

	memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
	lines->end -= lines->start;
	lines->start = 0;
	do {
		got = read(lines->fd, lines->data + lines->end, sizeof(lines->data) - lines->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return ps_error_set(err, PS_IO, "cannot read");
	if (got == 0)
		lines->at_end = true;
	lines->taken += (uint64_t)got;
	if (lines->taken > lines->max_bytes) {
		ps_error_at(err, NULL, lines->number + 1, 0, UINT64_MAX);
		return ps_error_set(err, PS_LIMIT, "is larger than the limit of %llu bytes",
		    (unsigned long long)lines->max_bytes);
	}
	lines->end += (size_t)got;
	/* Nothing was handed out or passed over yet: this is the file's beginning. */
	if (lines->offset == 0 && lines->end >= 3 &&
	    memcmp(lines->data, "\xEF\xBB\xBF", 3) == 0) {
		lines->start = 3;
		lines->offset = 3;
	}
	return PS_OK;
}

static void advance(struct ps_lines *lines, size_t len)
{
	lines->start += len;
	lines->offset += len;
}

/* Passes over the rest of a line that was too long. */
static enum ps_status skip_line(struct ps_lines *lines, struct ps_error *err)
{
	for (;;) {
		size_t have = lines->end - lines->start;
		uint8_t *begin = lines->data + lines->start;
		uint8_t *lf = memchr(begin, '\n', have);
		enum ps_status status;

		if (lf != NULL) {
			advance(lines, (size_t)(lf - begin) + 1);
			return PS_OK;
		}
		advance(lines, have);
		if (lines->at_end)
			return PS_OK;
		status = refill(lines, err);
		if (status != PS_OK)
			return status;
	}
}

enum ps_status ps_lines_next(struct ps_lines *lines, struct ps_line *out, struct ps_error *err)
{
	static _Thread_local uint8_t head[128]; /* beginning of a line that was too long */
	uint8_t *lf = NULL;
	uint8_t *begin;
	size_t len, cr;

	for (;;) {
		enum ps_status status;

		begin = lines->data + lines->start;
		len = lines->end - lines->start;
		lf = memchr(begin, '\n', len);
		/* One octet more than a line may have: it may be the CR of a CR LF. */
		if (lf != NULL || lines->at_end || len > PS_LINE_MAX + 1)
			break;
		status = refill(lines, err);
		if (status != PS_OK)
			return status;
	}
	if (lf != NULL)
		len = (size_t)(lf - begin);
	out->offset = lines->offset;
	if (lf == NULL && len == 0) {
		*out = (struct ps_line){.kind = PS_LINE_END,
		    .number = lines->number,
		    .offset = lines->offset};
		return PS_OK;
	}
	out->number = ++lines->number;
	cr = len > 0 && begin[len - 1] == '\r';
	if (len - cr > PS_LINE_MAX) {
		memcpy(head, begin, sizeof(head));
		out->kind = PS_LINE_TOO_LONG;
		out->bytes = ps_bytes_of(head, sizeof(head));
		return skip_line(lines, err);
	}
	advance(lines, len + (lf != NULL));
	out->kind = PS_LINE;
	out->bytes = ps_bytes_of(begin, len - cr);
	return PS_OK;
}

/* --- whole replacement ---------------------------------------------------- */

static void writer_free(struct ps_file_writer *writer)
{
	free(writer->path);
	free(writer->temp);
	free(writer->folder);
	*writer = (struct ps_file_writer){0};
}

/* ".NAME.XXXXXX" beside the target: rename(2) stays within one file system. */
static bool writer_names(struct ps_file_writer *writer, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	size_t folder_len = slash == NULL ? 0 : (size_t)(slash - path);
	size_t size = strlen(path) + sizeof("..XXXXXX");

	writer->path = strdup(path);
	writer->temp = malloc(size);
	if (slash == NULL)
		writer->folder = strdup(".");
	else
		writer->folder = folder_len == 0 ? strdup("/") : strndup(path, folder_len);
	if (writer->path == NULL || writer->temp == NULL || writer->folder == NULL)
		return false;
	(void)snprintf(writer->temp, size, "%.*s.%s.XXXXXX",
	    (int)(slash == NULL ? 0 : folder_len + 1), path, base);
	return true;
}

enum ps_status ps_file_writer_open(
    struct ps_file_writer *writer, const char *path, unsigned mode, struct ps_error *err)
{
	int fd;

	*writer = (struct ps_file_writer){0};
	ps_error_at(err, path, 0, 0, UINT64_MAX);
	if (!writer_names(writer, path)) {
		writer_free(writer);
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	}
	fd = mkostemp(writer->temp, O_CLOEXEC);
	if (fd < 0) {
		enum ps_status status = ps_error_set(err, PS_IO, "cannot write in its folder");

		writer_free(writer);
		return status;
	}
	if (fchmod(fd, mode) != 0 || (writer->stream = fdopen(fd, "wb")) == NULL) {
		enum ps_status status = ps_error_set(err, PS_IO, "cannot write");

		close(fd);
		(void)unlink(writer->temp);
		writer_free(writer);
		return status;
	}
	return PS_OK;
}

static enum ps_status sync_folder(const char *folder, struct ps_error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return ps_error_set(err, PS_IO, "cannot open its folder to sync it");
	failed = fsync(fd);
	if (failed != 0) {
		enum ps_status status = ps_error_set(err, PS_IO, "cannot sync its folder");

		close(fd);
		return status;
	}
	close(fd);
	return PS_OK;
}

enum ps_status ps_file_writer_commit(struct ps_file_writer *writer, struct ps_error *err)
{
	enum ps_status status = PS_OK;
	FILE *stream = writer->stream;

	writer->stream = NULL;
	ps_error_at(err, writer->path, 0, 0, UINT64_MAX);
	if (ferror(stream) || fflush(stream) != 0 || fsync(fileno(stream)) != 0)
		status = ps_error_set(err, PS_IO, "cannot write all of it");
	if (fclose(stream) != 0 && status == PS_OK)
		status = ps_error_set(err, PS_IO, "cannot write all of it");
	if (status == PS_OK && rename(writer->temp, writer->path) != 0)
		status = ps_error_set(err, PS_IO, "cannot put the new file in its place");
	if (status != PS_OK)
		(void)unlink(writer->temp);
	else
		status = sync_folder(writer->folder, err);
	writer_free(writer);
	return status;
}

void ps_file_writer_abort(struct ps_file_writer *writer)
{
	if (writer->stream != NULL)
		(void)fclose(writer->stream);
	if (writer->temp != NULL)
		(void)unlink(writer->temp);
	writer_free(writer);
}
