/* LD_PRELOAD: makes the n-th allocation fail that is made for the module.
 *
 * "For the module" means that some frame of the calling thread's stack lies in its image:
 * so what libpcre2, libcrypto and Unbound itself allocate on its behalf counts, and what
 * Unbound allocates for itself does not.
 *
 * PS_NTH_MODULE: how the module's file name ends. PS_NTH_CONTROL: a file of four little
 * words of 64 bits, which the test maps and writes while the resolver runs:
 *   mode    0 off, 1 the n-th fails, 2 the n-th and all after it
 *   nth     from 1 on; 0: count only
 *   seen    allocations since the test set it to 0
 *   failed  of these, how many failed
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#define EXPORT __attribute__((visibility("default")))
#define FRAMES_MAX 64

struct control {
	_Atomic uint64_t mode;
	_Atomic uint64_t nth;
	_Atomic uint64_t seen;
	_Atomic uint64_t failed;
};

struct image {
	const char *name;
	uintptr_t start;
	uintptr_t end;
};

struct walk {
	struct image image;
	int frames;
	bool inside;
};

/* glibc's own, under names that nobody preloads over. */
extern void *__libc_malloc(size_t size);                 /* NOLINT */
extern void *__libc_calloc(size_t count, size_t size);   /* NOLINT */
extern void *__libc_realloc(void *p, size_t size);       /* NOLINT */
extern void *__libc_memalign(size_t align, size_t size); /* NOLINT */

EXPORT void *malloc(size_t size);
EXPORT void *calloc(size_t count, size_t size);
EXPORT void *realloc(void *p, size_t size);
EXPORT int posix_memalign(void **out, size_t align, size_t size);
EXPORT void *aligned_alloc(size_t align, size_t size);

static struct control *control;
static const char *module_name;
static __thread bool busy __attribute__((tls_model("initial-exec")));

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("PS_NTH_CONTROL");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	module_name = getenv("PS_NTH_MODULE");
	if (fd < 0 || module_name == NULL)
		return;
	map = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		control = map;
}

static int find_image(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct image *image = arg;
	size_t len = strlen(info->dlpi_name), tail = strlen(image->name);

	(void)size;
	if (len < tail || strcmp(info->dlpi_name + len - tail, image->name) != 0)
		return 0;
	image->start = UINTPTR_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (start < image->start)
			image->start = start;
		if (start + p->p_memsz > image->end)
			image->end = start + p->p_memsz;
	}
	return 1;
}

static _Unwind_Reason_Code visit(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = arg;
	uintptr_t ip = (uintptr_t)_Unwind_GetIP(context);

	if (ip >= walk->image.start && ip < walk->image.end) {
		walk->inside = true;
		return _URC_END_OF_STACK;
	}
	return ++walk->frames < FRAMES_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static bool is_for_module(void)
{
	/* Looked up each time: a reload loads the module anew, elsewhere. */
	struct walk walk = {.image = {.name = module_name}};

	if (dl_iterate_phdr(find_image, &walk.image) == 0)
		return false;
	(void)_Unwind_Backtrace(visit, &walk);
	return walk.inside;
}

static bool must_fail(void)
{
	uint64_t mode, nth, seen;
	bool mine;

	if (control == NULL || busy)
		return false;
	mode = atomic_load(&control->mode);
	if (mode == 0)
		return false;
	busy = true;
	mine = is_for_module();
	busy = false;
	if (!mine)
		return false;
	nth = atomic_load(&control->nth);
	seen = atomic_fetch_add(&control->seen, 1) + 1;
	if (nth == 0 || seen < nth || (mode == 1 && seen > nth))
		return false;
	atomic_fetch_add(&control->failed, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return must_fail() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return must_fail() ? NULL : __libc_realloc(p, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	void *p = must_fail() ? NULL : __libc_memalign(align, size);

	if (p == NULL)
		return ENOMEM;
	*out = p;
	return 0;
}

void *aligned_alloc(size_t align, size_t size)
{
	return must_fail() ? NULL : __libc_memalign(align, size);
}
