/* Diagnostics as the policy room makes them; policy.h has what others see.
 *
 * One call reports one mistake; a hint and a second place may be added to the
 * report just made. All text is escaped for terminals here, so callers quote the
 * user's text as it is (with PS_QUOTED, which bounds it).
 * Errors are sticky: lack of memory is seen once, with ps_diagnostics_status().
 * Threads: one at a time.
 */
#ifndef PS_POLICY_DIAGNOSTICS_H
#define PS_POLICY_DIAGNOSTICS_H

#include "policy/diagnostic_code.h"
#include "policy/policy.h"
#include "policy/source.h"
#include "core/utf8.h"

/* After so many the rest is counted only. */
#define PS_DIAGNOSTICS_MAX 1000
/* Octets of the user's text in one message. */
#define PS_QUOTED_MAX 60

/* Text without octets may have no place in memory, which printf wants all the same. */
static inline const char *ps_quotable(struct ps_bytes bytes)
{
	return bytes.len > 0 ? (const char *)bytes.ptr : "";
}

/* For "%.*s": the beginning of the user's text. */
#define PS_QUOTED(bytes) (int)ps_utf8_cut(bytes, PS_QUOTED_MAX), ps_quotable(bytes)

/* span.source NULL: file names it instead (may be NULL). */
void ps_report(struct ps_diagnostics *diagnostics, enum ps_code code, struct ps_span span,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* From now on reports of places in front of this line, and corrections, are dropped; 0: none is. */
void ps_diagnostics_behind(struct ps_diagnostics *diagnostics, uint32_t line);

/* For a file that could not be read, so that there is no source. */
void ps_report_file(struct ps_diagnostics *diagnostics, enum ps_code code, const char *file,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* To the report just made; the last hint stands. */
void ps_report_hint(struct ps_diagnostics *diagnostics, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void ps_report_other(struct ps_diagnostics *diagnostics, struct ps_span span, const char *text);

/* A correction of octets [start, end) of the source's text; those beyond PS_DIAGNOSTICS_MAX
 * are dropped: they are found when the others are made. mistake: of the report just made. */
void ps_report_fix(struct ps_diagnostics *diagnostics, bool mistake,
    const struct ps_source *source, size_t start, size_t end, struct ps_bytes text,
    const char *why);

/* By file, line, column; of the same place in the order of reporting. */
void ps_diagnostics_sort(struct ps_diagnostics *diagnostics);

/* PS_OK or PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_diagnostics_status(const struct ps_diagnostics *diagnostics);

#endif
