#include "cli/likeness_view.h"

#include "core/utf8.h"
#include "lookalike/fold.h"
#include "lookalike/text.h"

#include <string.h>

/* What it costs that two things stand for each other. */
#define COST_LOOKS 2u  /* other characters, but they look alike */
#define COST_PAIR 3u   /* two for one, or one for two */
#define COST_SWAP 5u   /* two neighbours swapped */
#define COST_OTHER 4u  /* another letter, one more, or one less */
#define COST_HYPHEN 2u /* where the protected name has no gap */
#define COST_NONE UINT32_MAX

/* --- texts ------------------------------------------------------------------------------- */

static void add_point(struct ps_view_text *text, uint32_t point, bool valid)
{
	if (text->point_count == PS_VIEW_POINTS_MAX)
		return;
	text->valid[text->point_count] = valid;
	text->points[text->point_count++] = point;
}

static void make_unit(struct ps_view_unit *unit, uint32_t point, bool valid)
{
	struct ps_letters letters = {.len = 0};

	if (valid)
		letters = ps_fold_code_point(point);
	unit->plain = point < 0x80 ? (uint8_t)point : 0;
	/* What has no letter's look is only like itself: its number. */
	if (letters.len == 0) {
		letters.len = 4;
		for (unsigned i = 0; i < 4; i++)
			letters.at[i] = (uint8_t)(point >> (8 * i));
	}
	unit->letters_len = letters.len;
	for (unsigned i = 0; i < letters.len; i++)
		unit->letters[i] = ps_fold_octet[letters.at[i]];
}

/* Marks belong to the character that they stand on. */
static void make_units(struct ps_view_text *text)
{
	text->unit_count = 0;
	for (unsigned i = 0; i < text->point_count; i++) {
		struct ps_view_unit *unit;

		if (text->unit_count > 0 && text->valid[i] &&
		    ps_character_width(text->points[i]) == 0) {
			unit = &text->units[text->unit_count - 1];
			unit->plain = 0;
			unit->count++;
			continue;
		}
		unit = &text->units[text->unit_count++];
		*unit = (struct ps_view_unit){.first = (uint16_t)i, .count = 1};
		make_unit(unit, text->points[i], text->valid[i]);
	}
}

static void add_utf8(struct ps_view_text *text, struct ps_bytes octets)
{
	size_t pos = 0;

	while (pos < octets.len) {
		uint32_t point;
		bool valid = ps_utf8_next(octets, &pos, &point);

		add_point(text, point, valid);
	}
}

static bool add_punycode(struct ps_view_text *text, struct ps_bytes label)
{
	uint32_t points[PS_NAME_LABEL_MAX];
	size_t count;

	if (label.len <= 4 || memcmp(label.ptr, "xn--", 4) != 0 ||
	    !ps_punycode_decode(ps_bytes_of(label.ptr + 4, label.len - 4), points,
	        PS_NAME_LABEL_MAX, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		add_point(text, points[i],
		    points[i] <= 0x10ffff && (points[i] < 0xd800 || points[i] > 0xdfff));
	return true;
}

/* The name in Unicode; *first and *end: the points of the label. Octets of a label that are
 * not printable ASCII are shown escaped, as everywhere. */
static void add_name(struct ps_likeness_view *view, struct ps_name name, unsigned label,
    unsigned *first, unsigned *end)
{
	const uint8_t *p = name.wire;

	for (unsigned i = 0; i < name.labels; i++, p += *p + 1u) {
		if (i > 0)
			add_point(&view->asked, '.', true);
		if (i == label)
			*first = view->asked.point_count;
		if (add_punycode(&view->asked, ps_bytes_of(p + 1, *p)))
			view->internationalised = true;
		else
			for (unsigned k = 0; k < *p; k++)
				add_point(&view->asked, p[k + 1], p[k + 1] < 0x80);
		if (i == label)
			*end = view->asked.point_count;
	}
}

/* --- the alignment -------------------------------------------------------------------------- */

static bool same_letters(const struct ps_view_unit *a, const struct ps_view_unit *b)
{
	return a->letters_len == b->letters_len &&
	       memcmp(a->letters, b->letters, a->letters_len) == 0;
}

static bool identical(const struct ps_likeness_view *view, unsigned i, unsigned j)
{
	const struct ps_view_unit *a = &view->asked.units[i];
	const struct ps_view_unit *b = &view->protected.units[j];

	return a->count == b->count &&
	       memcmp(&view->asked.points[a->first], &view->protected.points[b->first],
	           a->count * sizeof(uint32_t)) == 0;
}

/* Two of a text look like the one of the other: rn and m, ss and a sharp s. */
static bool two_look_like(const struct ps_view_unit *two, const struct ps_view_unit *one)
{
	if (one->letters_len == 2 && two[0].letters_len == 1 && two[1].letters_len == 1 &&
	    one->letters[0] == two[0].letters[0] && one->letters[1] == two[1].letters[0])
		return true;
	return one->plain != 0 && two[0].plain != 0 && two[1].plain != 0 &&
	       ps_text_pair(two[0].plain, two[1].plain) == one->plain;
}

struct step {
	uint8_t asked;     /* how many units of each */
	uint8_t protected;
	uint32_t cost;
};

static void consider(struct step *best, uint32_t before, uint32_t cost, uint8_t asked,
    uint8_t protected)
{
	if (before != COST_NONE && before + cost < best->cost)
		*best = (struct step){asked, protected, before + cost};
}

/* costs: a row a unit of the name, (terms + 1) wide. */
struct grid {
	const struct ps_likeness_view *view;
	unsigned first; /* unit of the name that row 0 stands before */
	unsigned rows;
	unsigned columns;
	uint32_t *costs;
};

static uint32_t cost_at(const struct grid *grid, unsigned i, unsigned j)
{
	return grid->costs[i * grid->columns + j];
}

/* A hyphen or dot between the words of the protected name is as good as none. */
static uint32_t cost_of_more(const struct grid *grid, const struct ps_view_unit *unit, unsigned j)
{
	bool gap = unit->plain == '-' || unit->plain == '.';

	if (!gap)
		return COST_OTHER;
	return j < 32 && (grid->view->gaps >> j & 1) != 0 ? 0 : COST_HYPHEN;
}

/* The cheapest way to have i units of the stretch and j of the protected name. */
static struct step step_to(const struct grid *grid, unsigned i, unsigned j)
{
	const struct ps_view_unit *a = grid->view->asked.units + grid->first + i;
	const struct ps_view_unit *b = grid->view->protected.units + j;
	struct step best = {0, 0, j == 0 ? 0 : COST_NONE}; /* it may begin anywhere */

	if (i > 0 && j > 0)
		consider(&best, cost_at(grid, i - 1, j - 1),
		    identical(grid->view, grid->first + i - 1, j - 1) ? 0
		        : same_letters(a - 1, b - 1)                   ? COST_LOOKS
		                                                       : COST_OTHER,
		    1, 1);
	if (i > 1 && j > 0 && two_look_like(a - 2, b - 1))
		consider(&best, cost_at(grid, i - 2, j - 1), COST_PAIR, 2, 1);
	if (i > 0 && j > 1 && two_look_like(b - 2, a - 1))
		consider(&best, cost_at(grid, i - 1, j - 2), COST_PAIR, 1, 2);
	if (i > 1 && j > 1 && same_letters(a - 2, b - 1) && same_letters(a - 1, b - 2) &&
	    !same_letters(a - 2, a - 1))
		consider(&best, cost_at(grid, i - 2, j - 2), COST_SWAP, 2, 2);
	if (i > 0 && j > 0)
		consider(&best, cost_at(grid, i - 1, j), cost_of_more(grid, a - 1, j), 1, 0);
	if (j > 0)
		consider(&best, cost_at(grid, i, j - 1), COST_OTHER, 0, 1);
	return best;
}

static void add_cell(struct ps_likeness_view *view, struct ps_view_cell cell)
{
	if (view->cell_count < PS_VIEW_CELLS_MAX)
		view->cells[view->cell_count++] = cell;
}

/* The cells from the end back, then turned round. */
static void walk_back(struct ps_likeness_view *view, const struct grid *grid, unsigned end)
{
	unsigned i = end, j = grid->columns - 1, first = view->cell_count;

	while (j > 0) {
		struct step step = step_to(grid, i, j);
		bool differs;

		i -= step.asked;
		j -= step.protected;
		differs = step.cost > cost_at(grid, i, j);
		add_cell(view, (struct ps_view_cell){.asked = (uint16_t)(grid->first + i),
		                   .asked_count = step.asked,
		                   .protected = (uint16_t)j,
		                   .protected_count = step.protected,
		                   .differs = differs});
	}
	for (unsigned low = first, high = view->cell_count; low + 1 < high; low++) {
		struct ps_view_cell kept = view->cells[low];

		view->cells[low] = view->cells[--high];
		view->cells[high] = kept;
	}
}

/* Lays the protected name over units [first, end) of the name; the cost, and no cells when
 * it is over max. */
static uint32_t lay_over(
    struct ps_likeness_view *view, unsigned first, unsigned end, uint32_t max)
{
	uint32_t costs[(PS_NAME_LABEL_MAX * 4 + 1) * (PS_NAME_LABEL_MAX + 1)];
	struct grid grid = {.view = view,
	    .first = first,
	    .rows = end - first + 1,
	    .columns = view->protected.unit_count + 1,
	    .costs = costs};
	unsigned best = 0;

	if (grid.rows * grid.columns > sizeof(costs) / sizeof(costs[0]))
		return COST_NONE;
	for (unsigned i = 0; i < grid.rows; i++)
		for (unsigned j = 0; j < grid.columns; j++)
			costs[i * grid.columns + j] = step_to(&grid, i, j).cost;
	/* The first place of several; but its last letter is rather another than lacking. */
	for (unsigned i = 1; i < grid.rows; i++) {
		uint32_t cost = cost_at(&grid, i, grid.columns - 1);
		uint32_t least = cost_at(&grid, best, grid.columns - 1);

		if (cost < least || (cost == least && i == best + 1))
			best = i;
	}
	if (cost_at(&grid, best, grid.columns - 1) <= max)
		walk_back(view, &grid, best);
	return cost_at(&grid, best, grid.columns - 1);
}

static unsigned unit_at(const struct ps_view_text *text, unsigned point)
{
	unsigned unit = 0;

	while (unit < text->unit_count && text->units[unit].first < point)
		unit++;
	return unit;
}

/* Gaps are told by octets; here they are by units. */
static uint32_t gaps_of(const struct ps_view_text *text, const char *term, uint32_t gaps)
{
	struct ps_bytes octets = ps_bytes_of_text(term);
	uint32_t out = 0;
	size_t pos = 0;

	for (unsigned point = 0; pos < octets.len && pos < 32; point++) {
		unsigned unit = unit_at(text, point);
		uint32_t character;

		if ((gaps >> pos & 1) != 0 && unit < 32)
			out |= UINT32_C(1) << unit;
		(void)ps_utf8_next(octets, &pos, &character);
	}
	return out;
}

void ps_likeness_view_make(struct ps_likeness_view *view, struct ps_name name, const char *term,
    uint32_t gaps, unsigned label)
{
	unsigned first = 0, end = 0;
	uint32_t far, cost;

	memset(view, 0, sizeof(*view));
	add_name(view, name, label, &first, &end);
	add_utf8(&view->protected, ps_bytes_of_text(term));
	make_units(&view->asked);
	make_units(&view->protected);
	view->gaps = gaps_of(&view->protected, term, gaps);
	/* More than a third of its letters being others: it stands elsewhere. */
	far = COST_OTHER * (view->protected.unit_count / 3 + 1);
	cost = lay_over(view, unit_at(&view->asked, first), unit_at(&view->asked, end), far);
	if (cost > far)
		(void)lay_over(view, 0, view->asked.unit_count, COST_NONE - 1);
}

/* --- the lines ------------------------------------------------------------------------------- */

/* A character, and the colours before and behind it: a line has at most PS_VIEW_POINTS_MAX of
 * them. */
#define LINE_MAX_OCTETS ((PS_SHOWN_MAX + 16) * PS_VIEW_POINTS_MAX)

/* One of the lines, and where in it we are. */
struct line {
	char text[LINE_MAX_OCTETS];
	size_t len;
	unsigned cells;
};

static void put_octets(struct line *line, const char *octets, size_t len)
{
	if (len > sizeof(line->text) - line->len)
		return;
	memcpy(line->text + line->len, octets, len);
	line->len += len;
}

static void put(struct line *line, const char *text)
{
	put_octets(line, text, strlen(text));
}

static void put_points(struct line *line, const struct ps_view_text *text, unsigned first,
    unsigned end, const struct ps_terminal *t)
{
	for (unsigned i = first; i < end; i++) {
		uint32_t point = text->points[i];
		char shown[PS_SHOWN_MAX + 1];
		size_t len;

		/* What Punycode makes of no character is no octet either: its whole number. */
		if (text->valid[i] ? point >= 0x80 && !t->lines : point > 0xff) {
			len = (size_t)snprintf(
			    shown, sizeof(shown), "\\u{%X}", (unsigned)point & 0x1fffffu);
			line->cells += (unsigned)len;
		} else {
			len = ps_character_show(point, text->valid[i], shown, &line->cells);
		}
		put_octets(line, shown, len);
	}
}

static void put_units(struct line *line, const struct ps_view_text *text, unsigned first,
    unsigned count, const struct ps_terminal *t)
{
	for (unsigned i = first; i < first + count && i < text->unit_count; i++)
		put_points(line, text, text->units[i].first,
		    text->units[i].first + text->units[i].count, t);
}

static void put_blanks(struct line *line, unsigned until)
{
	for (; line->cells < until; line->cells++)
		put(line, " ");
}

static void put_cell(struct line lines[3], const struct ps_likeness_view *view,
    const struct ps_view_cell *cell, const struct ps_terminal *t)
{
	unsigned first = lines[0].cells, width;
	const char *begin = ps_terminal_style(t, PS_STYLE_BAD);
	const char *end = ps_terminal_style(t, PS_STYLE_PLAIN);

	put_blanks(&lines[1], first);
	for (unsigned i = 0; i < 2; i++) {
		if (cell->differs)
			put(&lines[i], begin);
		if (i == 0)
			put_units(&lines[0], &view->asked, cell->asked, cell->asked_count, t);
		else
			put_units(&lines[1], &view->protected, cell->protected,
			    cell->protected_count, t);
		if (cell->differs)
			put(&lines[i], end);
	}
	width = lines[0].cells > lines[1].cells ? lines[0].cells : lines[1].cells;
	put_blanks(&lines[0], width);
	put_blanks(&lines[1], width);
	if (!cell->differs)
		return;
	put_blanks(&lines[2], first);
	for (; lines[2].cells < width; lines[2].cells++)
		put(&lines[2], "^");
}

/* Nothing stands behind the last of a line. */
static void print_line(struct line *line, const char *before, const char *label, FILE *stream)
{
	while (line->len > 0 && line->text[line->len - 1] == ' ')
		line->len--;
	(void)fprintf(stream, "%s%-11s%.*s", before, label, (int)line->len, line->text);
}

void ps_likeness_view_print(const struct ps_likeness_view *view, struct ps_name name,
    const char *before, const struct ps_terminal *t)
{
	struct line lines[3];
	unsigned behind = 0;
	char ascii[PS_NAME_TEXT_MAX];

	if (view->cell_count == 0)
		return;
	for (unsigned i = 0; i < 3; i++)
		lines[i].len = lines[i].cells = 0;
	put_units(&lines[0], &view->asked, 0, view->cells[0].asked, t);
	for (unsigned i = 0; i < view->cell_count; i++) {
		put_cell(lines, view, &view->cells[i], t);
		behind = view->cells[i].asked + view->cells[i].asked_count;
	}
	put_units(&lines[0], &view->asked, behind, view->asked.unit_count - behind, t);
	print_line(&lines[0], before, "asked", t->stream);
	if (view->internationalised) {
		(void)ps_name_to_text(name, ascii);
		ps_terminal_styled(t, PS_STYLE_FAINT, "  (%s)", ascii);
	}
	(void)fputc('\n', t->stream);
	print_line(&lines[1], before, "protected", t->stream);
	(void)fputc('\n', t->stream);
	if (!t->color && lines[2].len > 0) {
		print_line(&lines[2], before, "", t->stream);
		(void)fputc('\n', t->stream);
	}
}
