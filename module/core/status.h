/* What happened, and where: the one status type and the one error object.
 *
 * Every function that can fail returns enum ps_status, which the caller must
 * look at. A function that takes a struct ps_error fills it where the failure
 * happens; the pointer may be NULL when the caller has no use for the words.
 * Libraries of this project never log and never exit: they report.
 *
 * Threads: plain values, no shared state.
 */
#ifndef PS_CORE_STATUS_H
#define PS_CORE_STATUS_H

#include <stdarg.h>
#include <stdint.h>

#define PS_MUST_USE __attribute__((warn_unused_result))

enum ps_status {
	PS_OK = 0,
	PS_INVALID,     /* the input breaks its format's rules */
	PS_LIMIT,       /* the input is over a limit that we declared */
	PS_UNSUPPORTED, /* a version or feature that this program does not know */
	PS_NOT_FOUND,   /* the thing asked for does not exist */
	PS_IO,          /* the operating system said no: see sys_errno */
	PS_NO_MEMORY,
};

#define PS_ERROR_FILE_MAX 256
#define PS_ERROR_TEXT_MAX 256

/* An open value: owns nothing, may be copied. line, column: 1-based, 0 where
 * they do not apply. offset: in bytes, UINT64_MAX where it does not apply. */
struct ps_error {
	enum ps_status status;
	int sys_errno; /* 0 unless status is PS_IO */
	uint64_t line;
	uint64_t column;
	uint64_t offset;
	char file[PS_ERROR_FILE_MAX]; /* "" where it does not apply */
	char text[PS_ERROR_TEXT_MAX]; /* one short sentence, no newline */
};

/* The status in one word, for logs and JSON: "invalid", "io", ... */
const char *ps_status_name(enum ps_status status);

/* Empties err (NULL is allowed). */
void ps_error_clear(struct ps_error *err);

/* Fills err (NULL is allowed) with a formatted sentence and returns status, so
 * that a failing function can end in `return ps_error_set(err, ...)`. errno is
 * taken up when status is PS_IO. file, line, column and offset are left as
 * they are: set them before with ps_error_at(). */
enum ps_status ps_error_set(struct ps_error *err, enum ps_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says where (NULL err is allowed; file NULL keeps the file). */
void ps_error_at(struct ps_error *err, const char *file, uint64_t line, uint64_t column,
    uint64_t offset);

/* "file:line:column: text (strerror)" into out of size bytes, always terminated,
 * non-printable bytes escaped as \xNN so that it is safe on a terminal. */
void ps_error_format(const struct ps_error *err, char *out, unsigned long size);

#endif
