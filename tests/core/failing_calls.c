#include "core/failing_calls.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static enum failing_call failing = CALL_NONE;
static int until; /* calls before the one that fails */
static int with;
static int failures;

void call_fails(enum failing_call call, int n, int error)
{
	failing = call;
	until = n - 1;
	with = error;
	failures = 0;
}

int call_failures(void)
{
	failing = CALL_NONE;
	return failures;
}

int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	if (dir == NULL)
		abort();
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count;
}

/* Does this one fail? errno says how. */
static bool fails(enum failing_call call)
{
	if (call != failing || until-- != 0)
		return false;
	failures++;
	errno = with > 0 ? with : errno;
	return true;
}

/* Of one that can do less: how much of len, or -1 for a failure. */
static ssize_t share(enum failing_call call, size_t len)
{
	if (!fails(call))
		return (ssize_t)len;
	if (with == CALL_SHORT)
		return (ssize_t)(len < 2 ? len : len / 2);
	return with == CALL_AT_END ? 0 : -1;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_mkostemp(char *path, int flags);
int __wrap_mkostemp(char *path, int flags);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
ssize_t __real_read(int fd, void *to, size_t len);
ssize_t __wrap_read(int fd, void *to, size_t len);
ssize_t __real_pread(int fd, void *to, size_t len, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset);
/* What _FORTIFY_SOURCE makes of them. */
ssize_t __real___read_chk(int fd, void *to, size_t len, size_t room);
ssize_t __wrap___read_chk(int fd, void *to, size_t len, size_t room);
ssize_t __real___pread_chk(int fd, void *to, size_t len, off_t offset, size_t room);
ssize_t __wrap___pread_chk(int fd, void *to, size_t len, off_t offset, size_t room);
ssize_t __real_write(int fd, const void *from, size_t len);
ssize_t __wrap_write(int fd, const void *from, size_t len);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
void *__real_mmap(void *at, size_t len, int rights, int flags, int fd, off_t offset);
void *__wrap_mmap(void *at, size_t len, int rights, int flags, int fd, off_t offset);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);
int __real_fchmod(int fd, mode_t mode);
int __wrap_fchmod(int fd, mode_t mode);
FILE *__real_fdopen(int fd, const char *mode);
FILE *__wrap_fdopen(int fd, const char *mode);
int __real_fseeko(FILE *stream, off_t offset, int whence);
int __wrap_fseeko(FILE *stream, off_t offset, int whence);
size_t __real_fwrite(const void *from, size_t size, size_t count, FILE *stream);
size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *stream);
int __real_fflush(FILE *stream);
int __wrap_fflush(FILE *stream);
int __real_fclose(FILE *stream);
int __wrap_fclose(FILE *stream);

/* What is opened here is never created: no mode follows. */
int __wrap_open(const char *path, int flags, ...)
{
	return fails(CALL_OPEN) ? -1 : __real_open(path, flags);
}

int __wrap_mkostemp(char *path, int flags)
{
	return fails(CALL_MKOSTEMP) ? -1 : __real_mkostemp(path, flags);
}

int __wrap_fstat(int fd, struct stat *st)
{
	return fails(CALL_FSTAT) ? -1 : __real_fstat(fd, st);
}

ssize_t __wrap_read(int fd, void *to, size_t len)
{
	ssize_t some = share(CALL_READ, len);

	return some <= 0 ? some : __real_read(fd, to, (size_t)some);
}

ssize_t __wrap_pread(int fd, void *to, size_t len, off_t offset)
{
	ssize_t some = share(CALL_PREAD, len);

	return some <= 0 ? some : __real_pread(fd, to, (size_t)some, offset);
}

ssize_t __wrap___read_chk(int fd, void *to, size_t len, size_t room)
{
	ssize_t some = share(CALL_READ, len);

	return some <= 0 ? some : __real___read_chk(fd, to, (size_t)some, room);
}

ssize_t __wrap___pread_chk(int fd, void *to, size_t len, off_t offset, size_t room)
{
	ssize_t some = share(CALL_PREAD, len);

	return some <= 0 ? some : __real___pread_chk(fd, to, (size_t)some, offset, room);
}

ssize_t __wrap_write(int fd, const void *from, size_t len)
{
	ssize_t some = share(CALL_WRITE, len);

	return some <= 0 ? some : __real_write(fd, from, (size_t)some);
}

int __wrap_fcntl(int fd, int command, ...)
{
	va_list arguments;
	int value;

	va_start(arguments, command);
	value = va_arg(arguments, int);
	va_end(arguments);
	return fails(CALL_FCNTL) ? -1 : __real_fcntl(fd, command, value);
}

void *__wrap_mmap(void *at, size_t len, int rights, int flags, int fd, off_t offset)
{
	return fails(CALL_MMAP) ? MAP_FAILED : __real_mmap(at, len, rights, flags, fd, offset);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	return fails(CALL_MEMFD_CREATE) ? -1 : __real_memfd_create(name, flags);
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return fails(CALL_FCHMOD) ? -1 : __real_fchmod(fd, mode);
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
	return fails(CALL_FDOPEN) ? NULL : __real_fdopen(fd, mode);
}

int __wrap_fseeko(FILE *stream, off_t offset, int whence)
{
	return fails(CALL_FSEEKO) ? -1 : __real_fseeko(stream, offset, whence);
}

size_t __wrap_fwrite(const void *from, size_t size, size_t count, FILE *stream)
{
	return fails(CALL_FWRITE) ? 0 : __real_fwrite(from, size, count, stream);
}

int __wrap_fflush(FILE *stream)
{
	return fails(CALL_FFLUSH) ? EOF : __real_fflush(stream);
}

/* What fclose() could not write is lost, but the stream is closed. */
int __wrap_fclose(FILE *stream)
{
	int done = __real_fclose(stream);

	return fails(CALL_FCLOSE) ? EOF : done;
}
