#include "cli/generations.h"

#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NUMBER_DIGITS 10
#define NAME_LEN (NUMBER_DIGITS + 1 + PS_GENERATION_DIGEST + 3)

/* "0000000007-0123456789abcdef.ps"; false: it is no such name. */
static bool read_name(const char *name, struct ps_generation_file *out)
{
	if (strlen(name) != NAME_LEN || strspn(name, "0123456789") != NUMBER_DIGITS ||
	    name[NUMBER_DIGITS] != '-' ||
	    strspn(name + NUMBER_DIGITS + 1, "0123456789abcdef") != PS_GENERATION_DIGEST ||
	    strcmp(name + NAME_LEN - 3, ".ps") != 0)
		return false;
	*out = (struct ps_generation_file){.number = strtoul(name, NULL, 10)};
	memcpy(out->digest, name + NUMBER_DIGITS + 1, PS_GENERATION_DIGEST);
	return true;
}

static void add(struct ps_generations *generations, const struct ps_generation_file *file)
{
	size_t at = generations->count;

	if (at == PS_GENERATIONS_MAX) {
		if (file->number < generations->file[--at].number)
			return;
	} else {
		generations->count++;
	}
	for (; at > 0 && generations->file[at - 1].number < file->number; at--)
		generations->file[at] = generations->file[at - 1];
	generations->file[at] = *file;
}

enum ps_status ps_generations_read(
    struct ps_generations *out, const char *state, struct ps_error *err)
{
	struct ps_generation_file file;
	struct dirent *entry;
	struct stat st;
	DIR *folder;

	*out = (struct ps_generations){.count = 0};
	if (snprintf(out->folder, PATH_MAX - NAME_LEN - 1, "%s/" PS_GENERATIONS_FOLDER, state) >=
	    PATH_MAX - NAME_LEN - 1)
		return ps_error_set(err, PS_LIMIT, "the state folder's path is too long");
	folder = opendir(out->folder);
	if (folder == NULL && errno == ENOENT)
		return PS_OK;
	ps_error_at(err, out->folder, 0, 0, UINT64_MAX);
	if (folder == NULL)
		return ps_error_set(err, PS_IO, "cannot read the folder of kept snapshots");
	while ((entry = readdir(folder)) != NULL) {
		if (!read_name(entry->d_name, &file) ||
		    fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		file.time = st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0;
		file.octets = (uint64_t)st.st_size;
		add(out, &file);
	}
	(void)closedir(folder);
	return PS_OK;
}

size_t ps_generations_find(const struct ps_generations *generations, const char *digest)
{
	size_t i = 0;

	if (digest[0] == '\0')
		return generations->count;
	while (i < generations->count &&
	       strncmp(generations->file[i].digest, digest, PS_GENERATION_DIGEST) != 0)
		i++;
	return i;
}

static void path_of(const char *folder, uint64_t number, const char *digest, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%.*s/%0*" PRIu64 "-%.*s.ps", PATH_MAX - NAME_LEN - 2, folder,
	    NUMBER_DIGITS, number, PS_GENERATION_DIGEST, digest);
}

void ps_generation_path(const struct ps_generations *generations, size_t index,
    char out[PATH_MAX])
{
	const struct ps_generation_file *file = &generations->file[index];

	path_of(generations->folder, file->number, file->digest, out);
}

/* Without a word: a file too many does no harm. */
static void drop(struct ps_generations *generations, size_t index)
{
	char path[PATH_MAX];

	ps_generation_path(generations, index, path);
	(void)unlink(path);
	generations->count--;
	memmove(&generations->file[index], &generations->file[index + 1],
	    (generations->count - index) * sizeof(generations->file[0]));
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, bytes, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		bytes += put;
		len -= (size_t)put;
	}
	return true;
}

enum ps_status ps_generation_copy(const char *from, const char *to, struct ps_error *err)
{
	static uint8_t bytes[1 << 16];
	int in = -1, out = -1;
	ssize_t got;
	enum ps_status status = ps_file_open(from, &in, err);

	if (status != PS_OK)
		return status;
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (out < 0)
		status = ps_error_set(err, PS_IO, "cannot write in the folder");
	while (status == PS_OK && (got = read(in, bytes, sizeof(bytes))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || !write_all(out, bytes, (size_t)got))
			status = ps_error_set(err, PS_IO, "cannot copy the snapshot");
	}
	if (status == PS_OK && fsync(out) != 0)
		status = ps_error_set(err, PS_IO, "cannot sync the copy");
	if (out >= 0 && close(out) != 0 && status == PS_OK)
		status = ps_error_set(err, PS_IO, "cannot write the copy");
	if (status != PS_OK && out >= 0)
		(void)unlink(to);
	(void)close(in);
	return status;
}

static enum ps_status append(struct ps_generations *generations, const char *from,
    const char *digest, struct ps_error *err)
{
	struct ps_generation_file file = {.number = 1};
	char path[PATH_MAX], temp[PATH_MAX + 8];
	enum ps_status status;

	if (generations->count > 0)
		file.number = generations->file[0].number + 1;
	(void)snprintf(file.digest, sizeof(file.digest), "%.*s", PS_GENERATION_DIGEST, digest);
	path_of(generations->folder, file.number, file.digest, path);
	(void)snprintf(temp, sizeof(temp), "%s/.new", generations->folder);
	(void)unlink(temp); /* of a build that was killed */
	status = ps_generation_copy(from, temp, err);
	if (status == PS_OK && rename(temp, path) != 0) {
		status = ps_error_set(err, PS_IO, "cannot keep the snapshot to go back to");
		(void)unlink(temp);
	}
	if (status != PS_OK)
		return status;
	if (generations->count == PS_GENERATIONS_MAX)
		generations->count--; /* the oldest one's file is dropped another time */
	add(generations, &file);
	return PS_OK;
}

static void sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd); /* what is lost is one to go back to, not the one that serves */
	(void)close(fd);
}

enum ps_status ps_generations_keep(const char *state, const char *path, const char *digest,
    const char *serves, struct ps_error *err)
{
	struct ps_generations generations;
	enum ps_status status = ps_generations_read(&generations, state, err);
	size_t at;

	if (status != PS_OK)
		return status;
	ps_error_at(err, generations.folder, 0, 0, UINT64_MAX);
	if (mkdir(generations.folder, 0755) != 0 && errno != EEXIST)
		return ps_error_set(err, PS_IO, "cannot make the folder of kept snapshots");
	at = ps_generations_find(&generations, serves);
	if (at < generations.count)
		for (; at > 0; at--)
			drop(&generations, 0); /* rolled back from */
	at = ps_generations_find(&generations, digest);
	if (at > 0 && at < generations.count)
		drop(&generations, at); /* it comes to stand on top */
	if (at > 0 || generations.count == 0)
		status = append(&generations, path, digest, err);
	while (generations.count > PS_GENERATIONS_KEPT + 1)
		drop(&generations, generations.count - 1);
	sync_folder(generations.folder);
	return status;
}
