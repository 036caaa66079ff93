/* LD_PRELOAD: system calls that the module makes fail; the resolver's own do not.
 *
 * PS_REFUSE: a list such as "mmap:ENOMEM,eventfd:EMFILE". Only calls whose return address
 * lies in the module count (PS_REFUSE_MODULE: how its file name ends). Unlike strace it
 * needs no privilege and no word for "this file only".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define EXPORT __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))real(#name))

static const struct {
	const char *name;
	int number;
} errors[] = {
    {"EMFILE", EMFILE}, {"ENOMEM", ENOMEM}, {"EIO", EIO}, {"EACCES", EACCES}, {"ENOSPC", ENOSPC},
    {"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EAGAIN", EAGAIN}};

static void *real(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (found == NULL)
		abort();
	return found;
}

static bool is_module(const void *caller)
{
	const char *tail = getenv("PS_REFUSE_MODULE");
	Dl_info info;
	size_t len;

	if (tail == NULL || dladdr(caller, &info) == 0 || info.dli_fname == NULL)
		return false;
	len = strlen(info.dli_fname);
	return len >= strlen(tail) && strcmp(info.dli_fname + len - strlen(tail), tail) == 0;
}

/* 0, or the errno that this call shall end with. */
static int refused(const char *call, const void *caller)
{
	const char *at = getenv("PS_REFUSE");
	size_t len = strlen(call);

	for (; at != NULL && *at != '\0'; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
		if (strncmp(at, call, len) != 0 || at[len] != ':' || !is_module(caller))
			continue;
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			if (strncmp(at + len + 1, errors[i].name, strlen(errors[i].name)) == 0)
				return errors[i].number;
		}
	}
	return 0;
}

/* Inlined, so that the address is the one that its caller returns to. */
static inline __attribute__((always_inline)) bool refuses(const char *call)
{
	int number = refused(call, __builtin_return_address(0));

	if (number != 0)
		errno = number;
	return number != 0;
}

EXPORT int open(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode = 0;

	va_start(more, flags);
	if ((flags & (O_CREAT | O_TMPFILE)) != 0)
		mode = va_arg(more, mode_t);
	va_end(more);
	if ((flags & O_CREAT) == 0 && refuses("open"))
		return -1;
	return REAL(open)(path, flags, mode);
}

EXPORT int fstat(int fd, struct stat *st)
{
	if (refuses("fstat"))
		return -1;
	return REAL(fstat)(fd, st);
}

EXPORT int stat(const char *path, struct stat *st)
{
	if (refuses("stat"))
		return -1;
	return REAL(stat)(path, st);
}

EXPORT ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	if (refuses("pread"))
		return -1;
	return REAL(pread)(fd, to, len, at);
}

EXPORT ssize_t __pread_chk(int fd, void *to, size_t len, off_t at, size_t room) /* NOLINT */
{
	if (refuses("pread"))
		return -1;
	(void)room;
	return REAL(pread)(fd, to, len, at);
}

EXPORT ssize_t write(int fd, const void *from, size_t len)
{
	if (refuses("write"))
		return -1;
	return REAL(write)(fd, from, len);
}

EXPORT int memfd_create(const char *name, unsigned flags)
{
	if (refuses("memfd_create"))
		return -1;
	return REAL(memfd_create)(name, flags);
}

EXPORT int fcntl(int fd, int command, ...)
{
	va_list more;
	void *argument;

	va_start(more, command);
	argument = va_arg(more, void *);
	va_end(more);
	if (refuses("fcntl"))
		return -1;
	return REAL(fcntl)(fd, command, argument);
}

EXPORT void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	if (refuses("mmap"))
		return MAP_FAILED;
	return REAL(mmap)(at, len, protection, flags, fd, offset);
}

EXPORT int eventfd(unsigned count, int flags)
{
	if (refuses("eventfd"))
		return -1;
	return REAL(eventfd)(count, flags);
}

EXPORT int inotify_init1(int flags)
{
	if (refuses("inotify_init1"))
		return -1;
	return REAL(inotify_init1)(flags);
}

EXPORT int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (refuses("inotify_add_watch"))
		return -1;
	return REAL(inotify_add_watch)(fd, path, mask);
}

EXPORT int rename(const char *from, const char *to)
{
	if (refuses("rename"))
		return -1;
	return REAL(rename)(from, to);
}

/* The error is the result, not errno. */
EXPORT int pthread_create(
    pthread_t *out, const pthread_attr_t *how, void *(*run)(void *), void *arg)
{
	int number = refused("pthread_create", __builtin_return_address(0));

	return number != 0 ? number : REAL(pthread_create)(out, how, run, arg);
}
