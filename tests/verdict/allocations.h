/* Counts this program's allocations. Included by one .c file of a test.
 *
 * A sanitizer has its own allocator and offers hooks; without one, malloc and its kin are
 * defined here and lead to glibc's own, so that those of every library count as well.
 */
#ifndef PS_TESTS_ALLOCATIONS_H
#define PS_TESTS_ALLOCATIONS_H

#include <stdatomic.h>
#include <stddef.h>

static _Atomic unsigned long allocations;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PS_TESTS_HOOKED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PS_TESTS_HOOKED 1
#endif
#endif

#ifdef PS_TESTS_HOOKED
int __sanitizer_install_malloc_and_free_hooks(
    void (*taken)(const volatile void *, size_t), void (*given)(const volatile void *));

static void taken_hook(const volatile void *p, size_t size)
{
	(void)p;
	(void)size;
	atomic_fetch_add(&allocations, 1);
}

static void given_hook(const volatile void *p)
{
	(void)p;
}

static void allocations_count(void)
{
	(void)__sanitizer_install_malloc_and_free_hooks(taken_hook, given_hook);
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *p, size_t size);
void *memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_realloc(p, size);
}

void *memalign(size_t alignment, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __libc_memalign(alignment, size);
}

static void allocations_count(void)
{
}
#endif

#endif
