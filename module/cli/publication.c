#include "cli/publication.h"

#include "cli/build_metrics.h"
#include "cli/generations.h"
#include "cli/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_FILE ".build.lock"
#define LOCK_TRIES 600u /* a tenth of a second each */

static enum ps_status set_paths(
    struct ps_publication *out, const char *path, struct ps_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash == NULL ? path : slash + 1;
	int len = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);
	int used;

	if (base[0] == '\0')
		return ps_error_set(err, PS_INVALID, "names a folder, not a file");
	/* Room for the names beside it, whose longest is ".NAME.new.XXXXXX" and dots. */
	if (strlen(path) + 64 > PATH_MAX || strlen(base) + 32 > NAME_MAX)
		return ps_error_set(err, PS_LIMIT, "is too long a path");
	(void)snprintf(out->path, sizeof(out->path), "%s", path);
	(void)snprintf(out->folder, sizeof(out->folder), "%.*s", len, slash == NULL ? "." : path);
	used = snprintf(out->beside, sizeof(out->beside), "%s/.%s.new", out->folder, base);
	return used < (int)sizeof(out->beside)
	           ? PS_OK
	           : ps_error_set(err, PS_LIMIT, "is too long a path");
}

/* A rename would take the place of a device or folder without a word. */
static enum ps_status check_target(const char *path, struct ps_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
		return PS_OK;
	return ps_error_set(err, PS_INVALID, "%s",
	    S_ISDIR(st.st_mode) ? "is a folder, not a file" : "is not a regular file");
}

static enum ps_status take_lock(struct ps_publication *publication, struct ps_progress *progress,
    bool *waited, struct ps_error *err)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	char path[PATH_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/" LOCK_FILE, publication->folder);
	publication->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (publication->lock < 0)
		return ps_error_set(err, PS_IO, "cannot write in its folder");
	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (flock(publication->lock, LOCK_EX | LOCK_NB) == 0)
			return PS_OK;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return ps_error_set(err, PS_IO, "cannot lock its folder for building");
		*waited = true;
		ps_progress_begin(progress, "waiting for another build to end");
		(void)nanosleep(&pause, NULL);
	}
	return ps_error_set(err, PS_IO, "another build is at work there");
}

/* Is name ".BASE.XXXXXX", as ps_file_writer names what it writes? */
static bool is_unfinished(const char *name, const char *base)
{
	size_t len = strlen(base);

	return name[0] == '.' && strncmp(name + 1, base, len) == 0 && name[1 + len] == '.' &&
	       strlen(name) == len + 8;
}

/* What a build that was killed left: ".NAME.new", "..NAME.new.XXXXXX" and
 * ".build.prom.XXXXXX". The lock is ours, so nobody is writing them. */
static void remove_remains(const struct ps_publication *publication)
{
	const char *beside = strrchr(publication->beside, '/') + 1;
	DIR *folder = opendir(publication->folder);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL) {
		const char *name = entry->d_name;

		if (strcmp(name, beside) == 0 || is_unfinished(name, beside) ||
		    is_unfinished(name, PS_BUILD_METRICS_FILE))
			(void)unlinkat(dirfd(folder), name, 0);
	}
	(void)closedir(folder);
}

enum ps_status ps_publication_open(struct ps_publication *out, const char *path,
    struct ps_progress *progress, bool *waited, struct ps_error *err)
{
	enum ps_status status;

	*out = (struct ps_publication){.lock = -1};
	*waited = false;
	ps_error_at(err, path, 0, 0, UINT64_MAX);
	status = set_paths(out, path, err);
	if (status == PS_OK)
		status = check_target(path, err);
	if (status == PS_OK)
		status = take_lock(out, progress, waited, err);
	if (status == PS_OK)
		remove_remains(out);
	return status;
}

void ps_publication_close(struct ps_publication *publication)
{
	/* The lock's file stays: to remove it would let two builds lock two files. */
	if (publication->lock >= 0)
		close(publication->lock);
	publication->lock = -1;
}

static enum ps_status sync_folder(const char *folder, struct ps_error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum ps_status status = PS_OK;

	if (fd < 0 || fsync(fd) != 0)
		status =
		    ps_error_set(err, PS_IO, "is in place, but its folder could not be synced");
	if (fd >= 0)
		close(fd);
	return status;
}

/* A build that cannot keep what it makes still protects. Before the rename: the one that serves,
 * where an earlier version of the program published it; after it: the new one. */
static void keep(struct ps_publication *publication, const char *digest, bool before)
{
	struct ps_generations kept;

	if (publication->state[0] == '\0' || !publication->kept ||
	    (before && digest[0] == '\0'))
		return;
	ps_error_clear(&publication->lost);
	publication->kept =
	    ps_generations_read(&kept, publication->state, &publication->lost) == PS_OK;
	if (publication->kept && (!before || ps_generations_find(&kept, digest) == kept.count))
		publication->kept = ps_generations_keep(publication->state, publication->path,
		                        digest, publication->serves,
		                        &publication->lost) == PS_OK;
}

/* What was written beside becomes the file. status: of writing and verifying it. */
static enum ps_status put_in_place(struct ps_publication *publication, enum ps_status status,
    struct ps_snapshot *snapshot, struct ps_snapshot **out, struct ps_error *err)
{
	ps_error_at(err, publication->path, 0, 0, err->offset);
	if (status == PS_OK && rename(publication->beside, publication->path) != 0)
		status = ps_error_set(err, PS_IO, "cannot put the new file in its place");
	if (status != PS_OK) {
		(void)unlink(publication->beside);
		ps_snapshot_close(snapshot);
		return status;
	}
	status = sync_folder(publication->folder, err);
	if (status != PS_OK) {
		ps_snapshot_close(snapshot);
		return status;
	}
	*out = snapshot;
	return PS_OK;
}

enum ps_status ps_publication_publish(struct ps_publication *publication,
    struct ps_builder **builder, struct ps_progress *progress, struct ps_snapshot **out,
    struct ps_error *err)
{
	char digest[2 * PS_DIGEST_SIZE + 1];
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status;

	ps_progress_begin(progress, "writing the snapshot");
	status = ps_builder_write(*builder, publication->beside, err);
	ps_builder_destroy(*builder);
	*builder = NULL;
	if (status == PS_OK) {
		ps_progress_begin(progress, "verifying the snapshot");
		status = ps_snapshot_load(&snapshot, publication->beside, PS_SNAPSHOT_WHOLE, err);
		/* What we wrote does not read back: the disk's fault or ours, no input's. */
		if (status == PS_INVALID || status == PS_UNSUPPORTED)
			err->status = status = PS_IO;
	}
	publication->kept = true;
	if (status == PS_OK)
		keep(publication, publication->serves, true);
	status = put_in_place(publication, status, snapshot, out, err);
	if (status == PS_OK)
		keep(publication, ps_digest_text(*out, digest), false);
	return status;
}

enum ps_status ps_publication_mark(const char *state, bool strict, struct ps_error *err)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/" PS_STRICT_FILE, state) >= (int)sizeof(path))
		return ps_error_set(err, PS_LIMIT, "the state folder's path is too long");
	ps_error_at(err, path, 0, 0, UINT64_MAX);
	if (!strict) {
		if (unlink(path) == 0 || errno == ENOENT)
			return sync_folder(state, err);
		return ps_error_set(err, PS_IO, "cannot be removed");
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return ps_error_set(err, PS_IO, "cannot be made");
	(void)close(fd);
	return sync_folder(state, err);
}

enum ps_status ps_publication_restore(struct ps_publication *publication, const char *from,
    const char *digest, struct ps_progress *progress, struct ps_snapshot **out,
    struct ps_error *err)
{
	char found[2 * PS_DIGEST_SIZE + 1];
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status;

	ps_progress_begin(progress, "copying the snapshot");
	ps_error_at(err, from, 0, 0, UINT64_MAX);
	status = ps_generation_copy(from, publication->beside, err);
	if (status == PS_OK)
		status = ps_snapshot_load(&snapshot, publication->beside, PS_SNAPSHOT_WHOLE, err);
	if (status == PS_OK &&
	    strncmp(ps_digest_text(snapshot, found), digest, strlen(digest)) != 0)
		status = ps_error_set(err, PS_INVALID, "is not the snapshot that it is called");
	if (status != PS_OK) {
		(void)unlink(publication->beside);
		ps_snapshot_close(snapshot);
		return status;
	}
	return put_in_place(publication, status, snapshot, out, err);
}
