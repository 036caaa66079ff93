/* Linked with --wrap into a copy of the program: the n-th allocation of our own code
 * and of jansson fails. PS_NTH_ALLOCATION is n. When there were fewer, the program ends
 * with one more line on its error stream. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t max);

static unsigned long nth;
static unsigned long seen;

static int fails(void)
{
	if (++seen != nth)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

char *__wrap_strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy = __wrap_malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, strlen(text));
}

__attribute__((constructor)) static void begin(void)
{
	const char *given = getenv("PS_NTH_ALLOCATION");

	nth = given == NULL ? 0 : strtoul(given, NULL, 10);
	json_set_alloc_funcs(__wrap_malloc, free);
}

__attribute__((destructor)) static void end(void)
{
	if (seen < nth)
		(void)fputs("fewer allocations\n", stderr);
	nth = 0; /* what comes now is the coverage's own writing of its counts */
}
