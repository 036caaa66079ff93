#include "unbound/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAITED_SECONDS 2 /* from then on a line says how old it is */

struct ps_say_line {
	struct ps_say_line *next;
	enum ps_say_level level;
	time_t since; /* CLOCK_MONOTONIC */
	char text[];
};

static time_t seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void leave(struct ps_say *say, struct ps_say_line *line)
{
	struct ps_say_line *first = atomic_load_explicit(&say->waiting, memory_order_relaxed);

	do
		line->next = first;
	while (!atomic_compare_exchange_weak_explicit(
	    &say->waiting, &first, line, memory_order_release, memory_order_relaxed));
}

void ps_say(struct ps_say *say, enum ps_say_level level, const char *format, ...)
{
	struct ps_say_line *line = NULL;
	char text[PS_SAY_LINE_MAX];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len < 0)
		text[0] = '\0';
	if (atomic_fetch_add(&say->count, 1) < PS_SAY_WAITING_MAX)
		line = malloc(sizeof(*line) + strlen(text) + 1);
	if (line == NULL) {
		(void)atomic_fetch_sub(&say->count, 1);
		(void)atomic_fetch_add(&say->lost, 1);
		return;
	}
	line->level = level;
	line->since = seconds();
	memcpy(line->text, text, strlen(text) + 1);
	leave(say, line);
}

static struct ps_say_line *oldest_first(struct ps_say_line *line)
{
	struct ps_say_line *out = NULL;

	while (line != NULL) {
		struct ps_say_line *next = line->next;

		line->next = out;
		out = line;
		line = next;
	}
	return out;
}

static void write_line(const struct ps_say_line *line)
{
	long long age = (long long)(seconds() - line->since);
	char waited[48] = "";

	if (age >= WAITED_SECONDS)
		(void)snprintf(waited, sizeof(waited), " (%lld s ago)", age);
	if (line->level == PS_SAY_ERROR)
		log_err("postshield: %s%s", line->text, waited);
	else if (line->level == PS_SAY_WARNING)
		log_warn("postshield: %s%s", line->text, waited);
	else
		log_info("postshield: %s%s", line->text, waited);
}

void ps_say_write(struct ps_say *say)
{
	struct ps_say_line *line = oldest_first(
	    atomic_exchange_explicit(&say->waiting, NULL, memory_order_acquire));
	uint64_t lost = atomic_exchange(&say->lost, 0);

	while (line != NULL) {
		struct ps_say_line *next = line->next;

		write_line(line);
		(void)atomic_fetch_sub(&say->count, 1);
		free(line);
		line = next;
	}
	if (lost > 0)
		log_warn("postshield: lines that could not be kept for the log: %llu",
		    (unsigned long long)lost);
}
