#include "cli/line_diff.h"

#include "core/utf8.h"

#include <stdlib.h>

#define CONTEXT 3u
#define CHANGES_MAX 2000 /* lines: the trace takes the square of them */

/* --- lines ------------------------------------------------------------------------------- */

struct lines {
	struct ps_bytes *items; /* each with its end */
	size_t count;
};

static bool split(struct lines *lines, struct ps_bytes text)
{
	size_t count = 0, start = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.ptr[i] == '\n' || i + 1 == text.len;
	lines->count = 0;
	lines->items = calloc(count + 1, sizeof(*lines->items));
	for (size_t i = 0; lines->items != NULL && i < text.len; i++) {
		if (text.ptr[i] != '\n' && i + 1 != text.len)
			continue;
		lines->items[lines->count++] = ps_bytes_of(text.ptr + start, i + 1 - start);
		start = i + 1;
	}
	return lines->items != NULL;
}

/* --- what differs ------------------------------------------------------------------------- */

/* kept_old[i]: line i stands in both; the same of the new ones. */
struct comparison {
	struct lines old;
	struct lines now;
	bool *kept_old;
	bool *kept_now;
};

static bool same(const struct comparison *c, size_t old, size_t now)
{
	return ps_bytes_equal(c->old.items[old], c->now.items[now]);
}

/* Row d holds how far d changes lead on each diagonal k (old - now) from -d to d: it begins at
 * d * d, its middle stands d behind that. */
static size_t middle(int d)
{
	return (size_t)d * (size_t)d + (size_t)d;
}

/* The diagonal that k is reached from; before: the middle of the row of one change less. */
static int from_diagonal(const int *before, int d, int k)
{
	return k == -d || (k != d && before[k - 1] < before[k + 1]) ? k + 1 : k - 1;
}

/* Marks what is kept, from the ends of both back. */
static void walk_back(
    struct comparison *c, const int *rows, int changes, int old, int now, size_t first)
{
	for (int d = changes; d >= 0; d--) {
		const int *before = d > 0 ? rows + middle(d - 1) : NULL;
		int from = d > 0 ? from_diagonal(before, d, old - now) : 0;
		int begin = d > 0 ? before[from] + (from < old - now) : 0;

		while (old > begin) {
			old--;
			now--;
			c->kept_old[first + (size_t)old] = true;
			c->kept_now[first + (size_t)now] = true;
		}
		if (d > 0) {
			old = before[from];
			now = old - from;
		}
	}
}

/* Fills row d; true: it leads to the ends of both. */
static bool go_on(struct comparison *c, int *rows, int d, int old_count, int now_count,
    size_t first)
{
	const int *before = d > 0 ? rows + middle(d - 1) : NULL;
	int *row = rows + middle(d);

	for (int k = -d; k <= d; k += 2) {
		int from = d > 0 ? from_diagonal(before, d, k) : 0;
		int old = d > 0 ? before[from] + (from < k) : 0;
		int now = old - k;

		while (old < old_count && now < now_count &&
		    same(c, first + (size_t)old, first + (size_t)now)) {
			old++;
			now++;
		}
		row[k] = old;
		if (old >= old_count && now >= now_count)
			return true;
	}
	return false;
}

/* Compares lines [first, ...) of both, counts of them. False: out of memory. */
static bool compare_middle(struct comparison *c, size_t first, int old_count, int now_count)
{
	size_t room = 0;
	int *rows = NULL;

	for (int d = 0; d <= CHANGES_MAX; d++) {
		if (room < middle(d) + (size_t)d + 1) {
			size_t more = room == 0 ? 4096 : 2 * room;
			int *grown = realloc(rows, more * sizeof(*rows));

			if (grown == NULL) {
				free(rows);
				return false;
			}
			rows = grown;
			room = more;
		}
		if (go_on(c, rows, d, old_count, now_count, first)) {
			walk_back(c, rows, d, old_count, now_count, first);
			break;
		}
	}
	free(rows);
	return true;
}

static bool compare(struct comparison *c)
{
	size_t first = 0, old = c->old.count, now = c->now.count;

	while (first < old && first < now && same(c, first, first)) {
		c->kept_old[first] = c->kept_now[first] = true;
		first++;
	}
	while (old > first && now > first && same(c, old - 1, now - 1))
		c->kept_old[--old] = c->kept_now[--now] = true;
	if (old == first || now == first)
		return true;
	return compare_middle(c, first, (int)(old - first), (int)(now - first));
}

/* --- hunks -------------------------------------------------------------------------------- */

static void put_line(struct ps_buffer *out, char mark, struct ps_bytes line, bool safe)
{
	bool ended = line.len > 0 && line.ptr[line.len - 1] == '\n';
	size_t pos = 0;

	(void)ps_buffer_append(out, &mark, 1);
	if (!safe)
		(void)ps_buffer_append(out, line.ptr, line.len);
	line.len -= ended;
	while (safe && pos < line.len) {
		char shown[PS_SHOWN_MAX];
		unsigned cells = 0;
		uint32_t character;
		bool valid = ps_utf8_next(line, &pos, &character);

		if (valid && character == '\t')
			(void)ps_buffer_append(out, "\t", 1);
		else if (!(valid && character == '\r' && pos == line.len))
			(void)ps_buffer_append(
			    out, shown, ps_character_show(character, valid, shown, &cells));
	}
	if (safe || !ended)
		(void)ps_buffer_append(out, "\n", 1);
	if (!ended)
		(void)ps_buffer_printf(out, "\\ No newline at end of file\n");
}

/* As diff writes it: an empty range stands behind the line before it. */
static void put_range(struct ps_buffer *out, char mark, size_t first, size_t count)
{
	(void)ps_buffer_printf(out, " %c%zu", mark, count == 0 ? first : first + 1);
	if (count != 1)
		(void)ps_buffer_printf(out, ",%zu", count);
}

/* A place in both texts. */
struct at {
	size_t old;
	size_t now;
};

static bool is_end(const struct comparison *c, struct at at)
{
	return at.old == c->old.count && at.now == c->now.count;
}

static bool is_kept(const struct comparison *c, struct at at)
{
	return at.old < c->old.count && at.now < c->now.count && c->kept_old[at.old] &&
	       c->kept_now[at.now];
}

/* Where the change that begins at `at` ends. */
static struct at behind_change(const struct comparison *c, struct at at)
{
	while (at.old < c->old.count && !c->kept_old[at.old])
		at.old++;
	while (at.now < c->now.count && !c->kept_now[at.now])
		at.now++;
	return at;
}

static void put_hunk(struct ps_buffer *out, const struct comparison *c, struct at first,
    struct at end, bool safe)
{
	struct at at = first;

	(void)ps_buffer_printf(out, "@@");
	put_range(out, '-', first.old, end.old - first.old);
	put_range(out, '+', first.now, end.now - first.now);
	(void)ps_buffer_printf(out, " @@\n");
	while (at.old < end.old || at.now < end.now) {
		struct at next = behind_change(c, at);

		for (; at.old < next.old; at.old++)
			put_line(out, '-', c->old.items[at.old], safe);
		for (; at.now < next.now; at.now++)
			put_line(out, '+', c->now.items[at.now], safe);
		if (at.old < end.old && at.now < end.now) {
			put_line(out, ' ', c->old.items[at.old], safe);
			at.old++;
			at.now++;
		}
	}
}

static void put_hunks(struct ps_buffer *out, const struct comparison *c, bool safe)
{
	struct at at = {0, 0};

	while (!is_end(c, at)) {
		struct at first, end;
		size_t kept = 0;

		if (is_kept(c, at)) {
			at.old++;
			at.now++;
			continue;
		}
		kept = at.old < at.now ? at.old : at.now;
		kept = kept < CONTEXT ? kept : CONTEXT;
		first = (struct at){at.old - kept, at.now - kept};
		end = behind_change(c, at);
		/* Changes that are near one another stand in one hunk. */
		for (at = end, kept = 0; !is_end(c, at) && (kept < 2 * CONTEXT || !is_kept(c, at));) {
			if (is_kept(c, at)) {
				at.old++;
				at.now++;
				kept++;
			} else {
				at = end = behind_change(c, at);
				kept = 0;
			}
		}
		at = end;
		for (kept = 0; kept < CONTEXT && is_kept(c, end); kept++) {
			end.old++;
			end.now++;
		}
		put_hunk(out, c, first, end, safe);
		at = end;
	}
}

enum ps_status ps_line_diff(struct ps_buffer *out, const char *name, struct ps_bytes old,
    struct ps_bytes now, bool safe)
{
	struct comparison c = {.kept_old = NULL};
	bool whole;

	if (ps_bytes_equal(old, now))
		return PS_OK;
	whole = split(&c.old, old);
	whole = split(&c.now, now) && whole;
	c.kept_old = calloc(c.old.count + 1, sizeof(*c.kept_old));
	c.kept_now = calloc(c.now.count + 1, sizeof(*c.kept_now));
	whole = whole && c.kept_old != NULL && c.kept_now != NULL && compare(&c);
	if (whole) {
		(void)ps_buffer_printf(out, "--- %s\n+++ %s\n", name, name);
		put_hunks(out, &c, safe);
	}
	free(c.old.items);
	free(c.now.items);
	free(c.kept_old);
	free(c.kept_now);
	return whole ? out->status : PS_NO_MEMORY;
}
