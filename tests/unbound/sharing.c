/* LD_PRELOAD: what workers could get in one another's way by, while the module judges and answers.
 *
 * The module under it is compiled with -fsanitize=thread and linked without its runtime: each
 * read and write of memory, atomic or not, and each function's beginning and end is a call to what
 * stands here in its place. Kept is, while the test says so:
 *
 *   shared       a cache line (64 octets) that one worker wrote and another wrote or read; each
 *                worker's own stack is left out
 *   locks        mutexes, read-write locks and spin locks taken while a function of the module was
 *                running, by the module or by whom it called
 *   allocations  likewise
 *
 * Not seen: what libraries write that were not compiled so; memcpy() and its kin are, for the
 * module calls them through us (sharing_module.c).
 *
 * A worker is a thread that has asked for its struct ps_worker. PS_SHARING_FILE: a file of the
 * size of struct report, which the test maps.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define OWN static __thread __attribute__((tls_model("initial-exec")))
#define LINE_BITS 6
#define SLOTS (1u << 20)
#define RECORDS 8192
#define WORKERS 32

enum kind { SHARED = 1, LOCK = 2, ALLOCATION = 3 };

struct record {
	uint64_t kind;
	uint64_t address;
	uint64_t at;    /* where in the module; of LOCK and ALLOCATION: the function that runs there */
	uint64_t other; /* SHARED: where the other worker was */
};

struct report {
	_Atomic uint64_t armed;
	_Atomic uint64_t workers; /* a bit each, of those that came by */
	_Atomic uint64_t accesses[2]; /* reads, writes */
	_Atomic uint64_t lines;
	_Atomic uint64_t counts[4]; /* by kind */
	_Atomic uint64_t used;      /* records */
	struct record records[RECORDS];
};

/* What is known of one cache line. */
struct slot {
	_Atomic uintptr_t line;
	_Atomic uint32_t writers; /* a bit a worker */
	_Atomic uint32_t readers;
	_Atomic uintptr_t last; /* where it was last written */
	_Atomic bool told;
};

static struct report *report;
static struct slot *slots;
static _Atomic uint32_t worker_count;

OWN uint32_t worker; /* number + 1; 0: none */
OWN bool paused;
OWN uint32_t depth;  /* functions of the module that are running */
OWN uintptr_t stack[WORKERS * 8]; /* where they were called from */
OWN uintptr_t stack_low;
OWN uintptr_t stack_high;

/* glibc's own, under names that nobody preloads over. */
extern void *__libc_malloc(size_t size);                 /* NOLINT */
extern void *__libc_calloc(size_t count, size_t size);   /* NOLINT */
extern void *__libc_realloc(void *p, size_t size);       /* NOLINT */
extern void *__libc_memalign(size_t align, size_t size); /* NOLINT */

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("PS_SHARING_FILE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	slots = mmap(NULL, SLOTS * sizeof(*slots), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	map = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED && slots != MAP_FAILED)
		report = map;
}

static bool is_watched(void)
{
	return worker != 0 && depth > 0 && !paused && report != NULL &&
	       atomic_load_explicit(&report->armed, memory_order_relaxed) != 0;
}

static void tell(enum kind kind, uintptr_t address, uintptr_t at, uintptr_t other)
{
	uint64_t used;

	atomic_fetch_add(&report->counts[kind], 1);
	used = atomic_fetch_add(&report->used, 1);
	if (used < RECORDS)
		report->records[used] = (struct record){(uint64_t)kind, address, at, other};
}

/* --- threads and functions ------------------------------------------------------------------ */

/* Called by the module when a thread asks for its worker. */
EXPORT void ps_sharing_worker(void);
void ps_sharing_worker(void)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	if (worker == 0) {
		worker = atomic_fetch_add(&worker_count, 1) + 1;
		if (worker > WORKERS)
			_exit(99);
		if (pthread_getattr_np(pthread_self(), &attr) == 0) {
			if (pthread_attr_getstack(&attr, &low, &size) == 0) {
				stack_low = (uintptr_t)low;
				stack_high = stack_low + size;
			}
			pthread_attr_destroy(&attr);
		}
	}
	if (is_watched())
		atomic_fetch_or(&report->workers, UINT64_C(1) << (worker - 1));
}

/* Called by the module around what is no query's. */
EXPORT void ps_sharing_pause(bool pause);
void ps_sharing_pause(bool pause)
{
	paused = pause;
}

EXPORT void __tsan_init(void);               /* NOLINT */
EXPORT void __tsan_func_entry(void *caller); /* NOLINT */
EXPORT void __tsan_func_exit(void);          /* NOLINT */

void __tsan_init(void) {} /* NOLINT */

void __tsan_func_entry(void *caller) /* NOLINT */
{
	(void)caller;
	if (depth < sizeof(stack) / sizeof(stack[0]))
		stack[depth] = (uintptr_t)__builtin_return_address(0);
	depth++;
}

void __tsan_func_exit(void) /* NOLINT */
{
	depth--;
}

static uintptr_t running(void)
{
	size_t at = depth - 1;

	return at < sizeof(stack) / sizeof(stack[0]) ? stack[at] : 0;
}

/* --- memory --------------------------------------------------------------------------------- */

static struct slot *slot_of(uintptr_t line)
{
	size_t at = (size_t)(line * UINT64_C(0x9e3779b97f4a7c15) >> 44) & (SLOTS - 1);

	for (size_t tries = 0; tries < SLOTS; tries++, at = (at + 1) & (SLOTS - 1)) {
		uintptr_t seen = atomic_load_explicit(&slots[at].line, memory_order_acquire);

		if (seen == 0 && atomic_compare_exchange_strong(&slots[at].line, &seen, line)) {
			atomic_fetch_add(&report->lines, 1);
			return &slots[at];
		}
		if (seen == line)
			return &slots[at];
	}
	_exit(98); /* the test asked too much */
}

static void touch_line(uintptr_t line, bool writes, uintptr_t at)
{
	struct slot *slot = slot_of(line);
	uint32_t own = UINT32_C(1) << (worker - 1);
	uint32_t writers, readers;

	if (writes) {
		writers = atomic_fetch_or(&slot->writers, own) | own;
		readers = atomic_load(&slot->readers);
	} else {
		readers = atomic_fetch_or(&slot->readers, own) | own;
		writers = atomic_load(&slot->writers);
	}
	/* One has written; anybody else has been there. */
	if (writers != 0 && ((writers | readers) & ((writers | readers) - 1)) != 0 &&
	    !atomic_exchange(&slot->told, true))
		tell(SHARED, line << LINE_BITS, at, atomic_load(&slot->last));
	if (writes)
		atomic_store(&slot->last, at);
}

static void touch(const void *address, size_t size, bool writes, void *at)
{
	uintptr_t low = (uintptr_t)address;

	if (!is_watched() || size == 0 || (low >= stack_low && low < stack_high))
		return;
	atomic_fetch_add_explicit(&report->accesses[writes], 1, memory_order_relaxed);
	for (uintptr_t line = low >> LINE_BITS; line <= (low + size - 1) >> LINE_BITS; line++)
		touch_line(line, writes, (uintptr_t)at);
}

/* Called by the module in the place of memcpy() and its kin. */
EXPORT void ps_sharing_touch(const void *address, size_t size, bool writes, void *at);
void ps_sharing_touch(const void *address, size_t size, bool writes, void *at)
{
	touch(address, size, writes, at);
}

#define HERE __builtin_return_address(0)
#define PLAIN(size) \
	EXPORT void __tsan_read##size(void *p); \
	EXPORT void __tsan_write##size(void *p); \
	EXPORT void __tsan_unaligned_read##size(void *p); \
	EXPORT void __tsan_unaligned_write##size(void *p); \
	EXPORT void __tsan_volatile_read##size(void *p); \
	EXPORT void __tsan_volatile_write##size(void *p); \
	void __tsan_read##size(void *p) { touch(p, size, false, HERE); } \
	void __tsan_write##size(void *p) { touch(p, size, true, HERE); } \
	void __tsan_unaligned_read##size(void *p) { touch(p, size, false, HERE); } \
	void __tsan_unaligned_write##size(void *p) { touch(p, size, true, HERE); } \
	void __tsan_volatile_read##size(void *p) { touch(p, size, false, HERE); } \
	void __tsan_volatile_write##size(void *p) { touch(p, size, true, HERE); }
PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

EXPORT void __tsan_read_range(void *p, size_t size);  /* NOLINT */
EXPORT void __tsan_write_range(void *p, size_t size); /* NOLINT */
void __tsan_read_range(void *p, size_t size) { touch(p, size, false, HERE); } /* NOLINT */
void __tsan_write_range(void *p, size_t size) { touch(p, size, true, HERE); } /* NOLINT */

/* Any order is at most sequential consistency, so that is what all get. */
#define CHANGE(bits, type, name, operation) \
	EXPORT type __tsan_atomic##bits##_##name(_Atomic type *p, type v, int order); \
	type __tsan_atomic##bits##_##name(_Atomic type *p, type v, int order) \
	{ \
		(void)order; \
		touch((const void *)p, sizeof(type), true, HERE); \
		return operation(p, v); \
	}
#define EXCHANGE(bits, type, name) \
	EXPORT int __tsan_atomic##bits##_compare_exchange_##name( \
	    _Atomic type *p, type *expected, type v, int order, int fail); \
	int __tsan_atomic##bits##_compare_exchange_##name( \
	    _Atomic type *p, type *expected, type v, int order, int fail) \
	{ \
		(void)order; \
		(void)fail; \
		touch((const void *)p, sizeof(type), true, HERE); \
		return atomic_compare_exchange_strong(p, expected, v); \
	}
#define ATOMIC(bits, type) \
	EXPORT type __tsan_atomic##bits##_load(const _Atomic type *p, int order); \
	type __tsan_atomic##bits##_load(const _Atomic type *p, int order) \
	{ \
		(void)order; \
		touch((const void *)p, sizeof(type), false, HERE); \
		return atomic_load(p); \
	} \
	EXPORT void __tsan_atomic##bits##_store(_Atomic type *p, type v, int order); \
	void __tsan_atomic##bits##_store(_Atomic type *p, type v, int order) \
	{ \
		(void)order; \
		touch((const void *)p, sizeof(type), true, HERE); \
		atomic_store(p, v); \
	} \
	CHANGE(bits, type, exchange, atomic_exchange) \
	CHANGE(bits, type, fetch_add, atomic_fetch_add) \
	CHANGE(bits, type, fetch_sub, atomic_fetch_sub) \
	CHANGE(bits, type, fetch_and, atomic_fetch_and) \
	CHANGE(bits, type, fetch_or, atomic_fetch_or) \
	CHANGE(bits, type, fetch_xor, atomic_fetch_xor) \
	EXCHANGE(bits, type, strong) \
	EXCHANGE(bits, type, weak)
ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

EXPORT void __tsan_atomic_thread_fence(int order); /* NOLINT */
void __tsan_atomic_thread_fence(int order)         /* NOLINT */
{
	(void)order;
	atomic_thread_fence(memory_order_seq_cst);
}

/* --- locks and memory asked for ------------------------------------------------------------ */

#define TAKES(function, type) \
	EXPORT int function(type *lock); \
	int function(type *lock) \
	{ \
		static int (*real)(type *); \
		if (real == NULL) \
			*(void **)&real = dlsym(RTLD_NEXT, #function); \
		if (is_watched()) \
			tell(LOCK, (uintptr_t)lock, running(), 0); \
		return real(lock); \
	}
TAKES(pthread_mutex_lock, pthread_mutex_t)
TAKES(pthread_mutex_trylock, pthread_mutex_t)
TAKES(pthread_rwlock_rdlock, pthread_rwlock_t)
TAKES(pthread_rwlock_wrlock, pthread_rwlock_t)
TAKES(pthread_spin_lock, pthread_spinlock_t)

static void note_allocation(size_t size)
{
	if (is_watched())
		tell(ALLOCATION, size, running(), 0);
}

EXPORT void *malloc(size_t size);
EXPORT void *calloc(size_t count, size_t size);
EXPORT void *realloc(void *p, size_t size);
EXPORT int posix_memalign(void **out, size_t align, size_t size);

void *malloc(size_t size)
{
	note_allocation(size);
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	note_allocation(count * size);
	return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	note_allocation(size);
	return __libc_realloc(p, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	note_allocation(size);
	*out = __libc_memalign(align, size);
	return *out == NULL ? 12 : 0;
}
