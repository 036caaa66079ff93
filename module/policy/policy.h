/* Policies: YAML in, a checked plan out, and every mistake named at once.
 *
 * A policy is one file or a folder of *.postshield.yaml files, with those in the
 * folders that stand in it (one level deep; hidden ones aside), read in the order of
 * their paths' octets; names are unique over all of them. Every file is read to its
 * end, so one run shows all diagnostics.
 *
 * Ownership: the policy owns the plan and every string in it.
 * Threads: immutable once loaded.
 */
#ifndef PS_POLICY_POLICY_H
#define PS_POLICY_POLICY_H

#include "core/buffer.h"
#include "policy/plan.h"

struct ps_policy;
struct ps_diagnostics;

enum ps_severity { PS_SEVERITY_ERROR, PS_SEVERITY_WARNING };

/* One thing said about a policy. code is stable over versions ("PS014"). All
 * strings belong to the diagnostics. */
struct ps_diagnostic {
	enum ps_severity severity;
	const char *code;
	const char *text;
	const char *file;
	uint32_t line;   /* 1-based; 0: the file as a whole */
	uint32_t column; /* 1-based, in characters (code points) */
	uint32_t length; /* of what the caret marks, at least 1 */
	const char *source; /* the line itself, escaped for a terminal; NULL if none */
	const char *hint;   /* "did you mean 'confidence'?"; NULL if none */
	/* A second place that belongs to it ("first defined here"); line 0: none. */
	const char *other_file;
	uint32_t other_line;
	uint32_t other_column;
	const char *other_text;
	const char *other_source;
	/* Where the carets stand in source and other_source as shown: terminal cells
	 * before the mark, and under it. */
	uint32_t mark_start;
	uint32_t mark_width;
	uint32_t other_mark_start;
	uint32_t other_mark_width;
};

PS_MUST_USE enum ps_status ps_diagnostics_create(struct ps_diagnostics **out);
void ps_diagnostics_destroy(struct ps_diagnostics *diagnostics);
size_t ps_diagnostics_count(const struct ps_diagnostics *diagnostics);
size_t ps_diagnostics_errors(const struct ps_diagnostics *diagnostics);
const struct ps_diagnostic *ps_diagnostics_get(
    const struct ps_diagnostics *diagnostics, size_t index);

/* A correction that is safe: octets [start, end) of the file, which are `old`, become `text`.
 * It only changes how something is spelt, or takes away what stands there twice. Several may
 * meet in the same octets. All memory belongs to the diagnostics. */
struct ps_fix {
	const char *file; /* its path, not escaped */
	uint32_t line;    /* of start, as in a diagnostic */
	uint32_t column;
	size_t start;
	size_t end;
	struct ps_bytes old;
	struct ps_bytes text;
	const char *why;
	bool mistake; /* a diagnostic tells of it; otherwise it is of form alone */
};
size_t ps_diagnostics_fix_count(const struct ps_diagnostics *diagnostics);
const struct ps_fix *ps_diagnostics_fix(const struct ps_diagnostics *diagnostics, size_t index);

enum ps_diagnostic_style {
	PS_DIAGNOSTIC_FANCY, /* as USERS.md shows: line, caret, hint */
	PS_DIAGNOSTIC_COLOR, /* the same with colours */
	PS_DIAGNOSTIC_PLAIN, /* one line each, for screen readers and editors */
};

/* Renders one diagnostic, ending in a newline. */
void ps_diagnostic_print(
    const struct ps_diagnostic *diagnostic, enum ps_diagnostic_style style, struct ps_buffer *out);

/* Reads and checks the policy at path. PS_OK: *out is whole (there may be
 * warnings). PS_INVALID: diagnostics say why, *out untouched. PS_IO,
 * PS_NOT_FOUND, PS_NO_MEMORY: err says why. */
PS_MUST_USE enum ps_status ps_policy_load(struct ps_policy **out, const char *path,
    struct ps_diagnostics *diagnostics, struct ps_error *err);

/* Text that stands for a file's while a policy is read: what the file would be. */
struct ps_overlay {
	const char *path; /* as ps_policy_file() or struct ps_fix names it */
	struct ps_bytes text;
};
/* dictionary: a word a line; a protected name that is one is warned of. Words with a capital letter
 * are names themselves, and none of these. Empty: none. */
PS_MUST_USE enum ps_status ps_policy_load_with(struct ps_policy **out, const char *path,
    const struct ps_overlay *overlays, size_t overlay_count, struct ps_bytes dictionary,
    struct ps_diagnostics *diagnostics, struct ps_error *err);

/* The same for one file's text that lies in memory (tests, fuzzing). name: the
 * file name for messages; feed paths resolve against its folder. */
PS_MUST_USE enum ps_status ps_policy_parse(struct ps_policy **out, const char *name,
    struct ps_bytes text, struct ps_diagnostics *diagnostics, struct ps_error *err);

void ps_policy_destroy(struct ps_policy *policy);
const struct ps_plan *ps_policy_plan(const struct ps_policy *policy);

/* What was read, for `check`: the files in order. */
size_t ps_policy_file_count(const struct ps_policy *policy);
const char *ps_policy_file(const struct ps_policy *policy, size_t index);

#endif
