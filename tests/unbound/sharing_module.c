/* Linked into the module that sharing.c watches: tells it who is a worker, and what memcpy() and
 * its kin and PCRE2 touch, which no compiler announces. Put in their places by the linker's --wrap.
 * And tables that calloc() gives lie as badly as malloc() may place them: 16 octets before a
 * cache line ends, so that what relies on being placed well is found out. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "unbound/module.h"

void ps_sharing_worker(void);
void ps_sharing_pause(bool pause);
void ps_sharing_touch(const void *address, size_t size, bool writes, void *at);

/* NOLINTBEGIN: ld --wrap */
struct ps_worker *__real_ps_module_worker(struct ps_module *module, const struct module_env *env);
struct ps_worker *__wrap_ps_module_worker(struct ps_module *module, const struct module_env *env);
bool __real_ps_sweep_step(struct ps_sweep *sweep);
bool __wrap_ps_sweep_step(struct ps_sweep *sweep);
void *__wrap_calloc(size_t count, size_t size);
void __real_free(void *p);
void __wrap_free(void *p);
void *__real_memcpy(void *to, const void *from, size_t size);
void *__wrap_memcpy(void *to, const void *from, size_t size);
void *__real_memmove(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size);
void *__real_memset(void *to, int value, size_t size);
void *__wrap_memset(void *to, int value, size_t size);
int __real_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE len, PCRE2_SIZE at,
    uint32_t options, pcre2_match_data *data, pcre2_match_context *context);
int __wrap_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE len, PCRE2_SIZE at,
    uint32_t options, pcre2_match_data *data, pcre2_match_context *context);

struct ps_worker *__wrap_ps_module_worker(struct ps_module *module, const struct module_env *env)
{
	ps_sharing_worker();
	return __real_ps_module_worker(module, env);
}

/* A worker goes over the cache for the watcher in steps between its queries, with the locks of
 * that cache: no query's path (unbound/errand.h). */
bool __wrap_ps_sweep_step(struct ps_sweep *sweep)
{
	bool more;

	ps_sharing_pause(true);
	more = __real_ps_sweep_step(sweep);
	ps_sharing_pause(false);
	return more;
}

#define LINE 64
#define PLACED_MAX 256
static _Atomic(void *) placed[PLACED_MAX];

void *__wrap_calloc(size_t count, size_t size)
{
	size_t octets = (count * size + 2 * LINE) & ~(size_t)(LINE - 1);
	uint8_t *block = aligned_alloc(LINE, octets);

	if (block == NULL)
		return NULL;
	__real_memset(block, 0, octets);
	block += LINE - 16;
	for (size_t i = 0; i < PLACED_MAX; i++) {
		void *none = NULL;

		if (atomic_compare_exchange_strong(&placed[i], &none, block))
			return block;
	}
	abort(); /* more than a test asks for */
}

void __wrap_free(void *p)
{
	for (size_t i = 0; p != NULL && i < PLACED_MAX; i++) {
		void *block = p;

		if (atomic_compare_exchange_strong(&placed[i], &block, NULL)) {
			__real_free((uint8_t *)p - (LINE - 16));
			return;
		}
	}
	__real_free(p);
}

void *__wrap_memcpy(void *to, const void *from, size_t size)
{
	ps_sharing_touch(from, size, false, __builtin_return_address(0));
	ps_sharing_touch(to, size, true, __builtin_return_address(0));
	return __real_memcpy(to, from, size);
}

void *__wrap_memmove(void *to, const void *from, size_t size)
{
	ps_sharing_touch(from, size, false, __builtin_return_address(0));
	ps_sharing_touch(to, size, true, __builtin_return_address(0));
	return __real_memmove(to, from, size);
}

void *__wrap_memset(void *to, int value, size_t size)
{
	ps_sharing_touch(to, size, true, __builtin_return_address(0));
	return __real_memset(to, value, size);
}

/* It writes into the match data, and into what its context gives it. */
int __wrap_pcre2_match_8(const pcre2_code *code, PCRE2_SPTR subject, PCRE2_SIZE len, PCRE2_SIZE at,
    uint32_t options, pcre2_match_data *data, pcre2_match_context *context)
{
	ps_sharing_touch(data, 1, true, __builtin_return_address(0));
	return __real_pcre2_match_8(code, subject, len, at, options, data, context);
}
/* NOLINTEND */
