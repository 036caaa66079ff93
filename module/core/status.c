#include "core/status.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *ps_status_name(enum ps_status status)
{
	switch (status) {
	case PS_OK:
		return "ok";
	case PS_INVALID:
		return "invalid";
	case PS_LIMIT:
		return "limit";
	case PS_UNSUPPORTED:
		return "unsupported";
	case PS_NOT_FOUND:
		return "not-found";
	case PS_IO:
		return "io";
	case PS_NO_MEMORY:
		return "no-memory";
	}
	return "unknown";
}

void ps_error_clear(struct ps_error *err)
{
	if (err == NULL)
		return;
	memset(err, 0, sizeof(*err));
	err->offset = UINT64_MAX;
}

enum ps_status ps_error_set(struct ps_error *err, enum ps_status status, const char *format, ...)
{
	int saved = errno;

	if (err != NULL) {
		va_list args;

		err->status = status;
		err->sys_errno = status == PS_IO ? saved : 0;
		va_start(args, format);
		(void)vsnprintf(err->text, sizeof(err->text), format, args);
		va_end(args);
	}
	errno = saved;
	return status;
}

void ps_error_at(
    struct ps_error *err, const char *file, uint64_t line, uint64_t column, uint64_t offset)
{
	if (err == NULL)
		return;
	if (file != NULL)
		(void)snprintf(err->file, sizeof(err->file), "%s", file);
	err->line = line;
	err->column = column;
	err->offset = offset;
}

/* Appends text with whatever a terminal could take as a command made visible. */
static size_t append_printable(char *out, size_t size, size_t used, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		char piece[5];
		size_t need;

		if (*p >= 0x20 && *p < 0x7f)
			(void)snprintf(piece, sizeof(piece), "%c", *p);
		else
			(void)snprintf(piece, sizeof(piece), "\\x%02X", *p);
		need = strlen(piece);
		if (used + need + 1 > size)
			break;
		memcpy(out + used, piece, need + 1);
		used += need;
	}
	return used;
}

void ps_error_format(const struct ps_error *err, char *out, unsigned long size)
{
	size_t used = 0;
	char place[64] = "";

	if (size == 0)
		return;
	out[0] = '\0';
	if (err->file[0] != '\0') {
		used = append_printable(out, size, used, err->file);
		if (err->line != 0 && err->column != 0)
			(void)snprintf(place, sizeof(place), ":%llu:%llu",
			    (unsigned long long)err->line, (unsigned long long)err->column);
		else if (err->line != 0)
			(void)snprintf(
			    place, sizeof(place), ":%llu", (unsigned long long)err->line);
		else if (err->offset != UINT64_MAX)
			(void)snprintf(place, sizeof(place), ": at byte %llu",
			    (unsigned long long)err->offset);
		used = append_printable(out, size, used, place);
		used = append_printable(out, size, used, ": ");
	}
	used = append_printable(out, size, used, err->text);
	if (err->sys_errno != 0) {
		char reason[128];

		(void)snprintf(reason, sizeof(reason), " (%s)", strerror(err->sys_errno));
		(void)append_printable(out, size, used, reason);
	}
}
