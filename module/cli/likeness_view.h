/* A name and the protected name that it looks like, one above the other, with what differs
 * marked.
 *
 *       asked      track-lnpost.top
 *       protected        inpost
 *                        ^
 *
 * The protected name is laid over the label (or, when it stands across dots, over the whole
 * name) where it costs least: by an edit distance in which letters that look alike are near,
 * and in which one letter may stand for two (rn for m) and two for one.
 * Cost: the product of both lengths.
 *
 * Threads: pure functions on the caller's storage.
 */
#ifndef PS_CLI_LIKENESS_VIEW_H
#define PS_CLI_LIKENESS_VIEW_H

#include "cli/terminal.h"
#include "core/name.h"

/* A column of the two lines: what stands in the one and in the other, either may be empty. */
struct ps_view_cell {
	uint16_t asked;     /* units [asked, asked + asked_count) of the name */
	uint16_t protected; /* and of the protected name */
	uint8_t asked_count;
	uint8_t protected_count;
	bool differs;
};

/* A character with the marks that stand on it. */
struct ps_view_unit {
	uint16_t first; /* code points [first, first + count) */
	uint8_t count;
	uint8_t letters_len;
	uint8_t letters[4]; /* folded as the judge folds them */
	uint8_t plain;      /* the letter itself when it is one of ASCII; 0: it is not */
};

#define PS_VIEW_POINTS_MAX 512
#define PS_VIEW_CELLS_MAX (2 * PS_VIEW_POINTS_MAX)

struct ps_view_text {
	uint32_t points[PS_VIEW_POINTS_MAX];
	bool valid[PS_VIEW_POINTS_MAX];
	struct ps_view_unit units[PS_VIEW_POINTS_MAX];
	unsigned point_count;
	unsigned unit_count;
};

struct ps_likeness_view {
	struct ps_view_text asked; /* in Unicode, without the final dot */
	struct ps_view_text protected;
	struct ps_view_cell cells[PS_VIEW_CELLS_MAX];
	unsigned cell_count;
	uint32_t gaps; /* bit i: a word of the protected name begins at its unit i */
	bool internationalised; /* the name's text in the DNS is another */
};

/* term: UTF-8. gaps: bit i: a word of it begins at its octet i. label: of the name, from the
 * left, in which it was found. */
void ps_likeness_view_make(struct ps_likeness_view *view, struct ps_name name, const char *term,
    uint32_t gaps, unsigned label);

/* The lines of the two names, and a line of marks where there are no colours. before: what
 * each line begins with. */
void ps_likeness_view_print(const struct ps_likeness_view *view, struct ps_name name,
    const char *before, const struct ps_terminal *terminal);

#endif
