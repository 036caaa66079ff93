#include "cli/repair.h"

#include "cli/line_diff.h"
#include "core/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS_MAX 10
#define TEXT_MAX_OCTETS ((size_t)16 << 20)
#define DIFF_MAX ((size_t)256 << 20)
#define SHOWN_MAX 64

/* --- texts ------------------------------------------------------------------------------ */

static enum ps_status find_file(
    struct ps_repair *repair, const char *path, size_t *index, struct ps_error *err)
{
	struct ps_repair_file *files;
	struct ps_overlay *overlays;
	struct ps_repair_file file = {.path = NULL};
	enum ps_status status;

	for (*index = 0; *index < repair->file_count; (*index)++)
		if (strcmp(repair->files[*index].path, path) == 0)
			return PS_OK;
	files = realloc(repair->files, (repair->file_count + 1) * sizeof(*files));
	if (files != NULL)
		repair->files = files;
	overlays = realloc(repair->overlays, (repair->file_count + 1) * sizeof(*overlays));
	if (overlays != NULL)
		repair->overlays = overlays;
	file.path = strdup(path);
	ps_buffer_init(&file.before, TEXT_MAX_OCTETS);
	ps_buffer_init(&file.after, TEXT_MAX_OCTETS);
	status = files == NULL || overlays == NULL || file.path == NULL
	             ? ps_error_set(err, PS_NO_MEMORY, "out of memory")
	             : ps_file_read(path, &file.before, err);
	if (status == PS_OK &&
	    ps_buffer_append(&file.after, file.before.data, file.before.len) != PS_OK)
		status = ps_error_set(err, PS_NO_MEMORY, "out of memory");
	if (status != PS_OK) {
		free(file.path);
		ps_buffer_clear(&file.before);
		ps_buffer_clear(&file.after);
		return status;
	}
	repair->files[repair->file_count] = file;
	repair->overlays[repair->file_count++] = (struct ps_overlay){
	    .path = file.path, .text = ps_buffer_bytes(&file.after)};
	return PS_OK;
}

/* --- a round ---------------------------------------------------------------------------------- */

struct correction {
	const struct ps_fix *fix;
	size_t file;
	bool chosen;
};

/* What is said of a policy, in numbers. */
struct state {
	size_t errors;
	size_t warnings;
	/* Errors that a correction can cause, and not only show: of form, behind which the rest
	 * of a file is not read; and of two that cannot stand together. */
	size_t caused;
};

struct round {
	struct ps_repair *repair;
	struct ps_diagnostics *diagnostics;
	struct correction *items; /* by file and place */
	size_t count;
	struct state before;
	bool strict;
};

static int compare_corrections(const void *a, const void *b)
{
	const struct correction *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->fix->start != y->fix->start)
		return x->fix->start < y->fix->start ? -1 : 1;
	/* Of several at one place the longest stands first: the others are within it. */
	if (x->fix->end != y->fix->end)
		return x->fix->end > y->fix->end ? -1 : 1;
	return x->fix < y->fix ? -1 : x->fix > y->fix;
}

/* PS005 to PS019 are about the file, not about what it says; but for an unknown key. Of the
 * rest: an id twice, keys that cannot stand together, an answer that says two things. */
static bool is_caused(const char *code)
{
	static const char *const others[] = {"PS028", "PS034", "PS040", "PS041"};

	if (strcmp(code, "PS005") >= 0 && strcmp(code, "PS019") <= 0)
		return strcmp(code, "PS014") != 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(code, others[i]) == 0)
			return true;
	return false;
}

static struct state state_of(const struct ps_diagnostics *diagnostics)
{
	struct state state = {.errors = ps_diagnostics_errors(diagnostics)};

	for (size_t i = 0; i < ps_diagnostics_count(diagnostics); i++) {
		const struct ps_diagnostic *d = ps_diagnostics_get(diagnostics, i);

		state.warnings += d->severity == PS_SEVERITY_WARNING;
		state.caused += is_caused(d->code);
	}
	return state;
}

/* What is read only now may hold mistakes, too: that is worse only to the strict. */
static bool is_worse(const struct state *before, const struct state *after, bool strict)
{
	if (after->caused > before->caused)
		return true;
	if (before->errors == 0 || strict)
		return after->errors > before->errors ||
		       (after->errors == before->errors && after->warnings > before->warnings);
	return false;
}

static enum ps_status read_policy(const struct ps_repair *repair,
    const struct ps_overlay *overlays, struct ps_diagnostics **out, struct ps_error *err)
{
	struct ps_policy *policy = NULL;
	enum ps_status status = ps_diagnostics_create(out);

	if (status != PS_OK)
		return ps_error_set(err, status, "out of memory");
	status = ps_policy_load_with(
	    &policy, repair->path, overlays, repair->file_count, ps_bytes_of(NULL, 0), *out, err);
	ps_policy_destroy(policy);
	return status == PS_INVALID ? PS_OK : status;
}

/* The text of a file with the corrections that are chosen. */
static enum ps_status edit(
    const struct round *round, size_t file, struct ps_buffer *out, struct ps_error *err)
{
	struct ps_bytes text = ps_buffer_bytes(&round->repair->files[file].after);
	size_t at = 0;

	for (size_t i = 0; i < round->count; i++) {
		const struct ps_fix *fix = round->items[i].fix;

		if (round->items[i].file != file || !round->items[i].chosen)
			continue;
		(void)ps_buffer_append(out, text.ptr + at, fix->start - at);
		(void)ps_buffer_append(out, fix->text.ptr, fix->text.len);
		at = fix->end;
	}
	if (ps_buffer_append(out, text.ptr + at, text.len - at) != PS_OK)
		return ps_error_set(err, out->status, "out of memory");
	return PS_OK;
}

/* Reads the policy with what is chosen; *good: it is not worse than before. */
static enum ps_status judge(struct round *round, bool *good, struct ps_error *err)
{
	const struct ps_repair *repair = round->repair;
	struct ps_buffer *texts = calloc(repair->file_count, sizeof(*texts));
	struct ps_overlay *overlays = calloc(repair->file_count, sizeof(*overlays));
	struct ps_diagnostics *diagnostics = NULL;
	enum ps_status status = PS_OK;
	struct state after;

	if (texts == NULL || overlays == NULL)
		status = ps_error_set(err, PS_NO_MEMORY, "out of memory");
	for (size_t i = 0; texts != NULL && i < repair->file_count; i++)
		ps_buffer_init(&texts[i], TEXT_MAX_OCTETS);
	for (size_t i = 0; i < repair->file_count && status == PS_OK; i++) {
		status = edit(round, i, &texts[i], err);
		overlays[i] = (struct ps_overlay){
		    repair->files[i].path, ps_buffer_bytes(&texts[i])};
	}
	if (status == PS_OK)
		status = read_policy(repair, overlays, &diagnostics, err);
	if (status == PS_OK) {
		after = state_of(diagnostics);
		*good = !is_worse(&round->before, &after, round->strict);
	}
	for (size_t i = 0; texts != NULL && i < repair->file_count; i++)
		ps_buffer_clear(&texts[i]);
	ps_diagnostics_destroy(diagnostics);
	free(texts);
	free(overlays);
	return status;
}

static void choose(struct round *round, size_t first, size_t end, bool chosen)
{
	for (size_t i = first; i < end; i++)
		round->items[i].chosen = chosen;
}

/* Chooses of [first, end) as much as makes nothing worse, beside what is chosen already: all
 * at once, or each half by itself. */
static enum ps_status choose_good(
    struct round *round, size_t first, size_t end, struct ps_error *err)
{
	size_t half = first + (end - first) / 2;
	bool good = false;
	enum ps_status status;

	choose(round, first, end, true);
	status = judge(round, &good, err);
	if (status != PS_OK || good)
		return status;
	choose(round, first, end, false);
	if (end - first == 1)
		return PS_OK;
	status = choose_good(round, first, half, err);
	return status == PS_OK ? choose_good(round, half, end, err) : status;
}

/* What is corrected in this round: each place once, and only where the file is still as the
 * reader saw it. */
static enum ps_status gather(struct round *round, struct ps_error *err)
{
	size_t count = ps_diagnostics_fix_count(round->diagnostics), kept = 0;
	enum ps_status status = PS_OK;

	round->items = calloc(count + 1, sizeof(*round->items));
	if (round->items == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count && status == PS_OK; i++) {
		round->items[i].fix = ps_diagnostics_fix(round->diagnostics, i);
		status = find_file(
		    round->repair, round->items[i].fix->file, &round->items[i].file, err);
	}
	if (status != PS_OK)
		return status;
	qsort(round->items, count, sizeof(*round->items), compare_corrections);
	for (size_t i = 0; i < count; i++) {
		const struct correction *item = &round->items[i];
		const struct ps_buffer *text = &round->repair->files[item->file].after;
		const struct correction *last = kept > 0 ? &round->items[kept - 1] : NULL;

		if (item->fix->end > text->len ||
		    !ps_bytes_equal(item->fix->old, ps_bytes_of(text->data + item->fix->start,
		                                        item->fix->end - item->fix->start)) ||
		    (last != NULL && last->file == item->file &&
		        item->fix->start < last->fix->end))
			continue;
		round->items[kept++] = *item;
	}
	round->count = kept;
	return PS_OK;
}

/* --- what became of it ------------------------------------------------------------------------ */

static char *shown(struct ps_bytes text)
{
	char out[SHOWN_MAX];

	(void)ps_terminal_escape(text, out, sizeof(out));
	return strdup(out);
}

/* An entry goes with what holds it in the list. */
static struct ps_bytes without_frame(struct ps_bytes text)
{
	while (text.len > 0 && strchr(" \t\r\n-,", text.ptr[0]) != NULL && text.ptr[0] != '\0') {
		text.ptr++;
		text.len--;
	}
	while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL &&
	    text.ptr[text.len - 1] != '\0')
		text.len--;
	return text;
}

static enum ps_status note(
    struct ps_repair *repair, const struct correction *item, struct ps_error *err)
{
	const struct ps_fix *fix = item->fix;
	struct ps_repair_change *grown = realloc(
	    repair->changes, (repair->change_count + 1) * sizeof(*repair->changes));
	struct ps_repair_change *change;
	/* What runs over lines is their indentation, which is not shown. */
	bool is_spelling =
	    fix->text.len > 0 && memchr(fix->old.ptr, '\n', fix->old.len) == NULL;
	struct ps_bytes none = {.len = 0};
	struct ps_bytes old = fix->text.len > 0 ? none : without_frame(fix->old);

	if (grown == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	repair->changes = grown;
	change = &grown[repair->change_count++];
	*change = (struct ps_repair_change){.file = strdup(fix->file),
	    .line = fix->line,
	    .column = fix->column,
	    .old = shown(is_spelling ? fix->old : old),
	    .text = shown(is_spelling ? fix->text : none),
	    .why = fix->why,
	    .left = !item->chosen};
	if (change->file == NULL || change->old == NULL || change->text == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	return PS_OK;
}

static enum ps_status apply(struct round *round, struct ps_error *err)
{
	struct ps_repair *repair = round->repair;
	enum ps_status status = PS_OK;

	for (size_t i = 0; i < repair->file_count && status == PS_OK; i++) {
		struct ps_buffer text;

		ps_buffer_init(&text, TEXT_MAX_OCTETS);
		status = edit(round, i, &text, err);
		if (status != PS_OK) {
			ps_buffer_clear(&text);
			break;
		}
		ps_buffer_clear(&repair->files[i].after);
		repair->files[i].after = text;
		repair->overlays[i].text = ps_buffer_bytes(&repair->files[i].after);
	}
	for (size_t i = 0; i < round->count && status == PS_OK; i++)
		if (round->items[i].chosen)
			status = note(repair, &round->items[i], err);
	return status;
}

/* *more: something was corrected. What is left is noted in the last round. */
static enum ps_status run_round(struct ps_repair *repair, bool strict, struct state *before,
    bool *more, struct ps_error *err)
{
	struct round round = {.repair = repair, .strict = strict};
	enum ps_status status = read_policy(repair, repair->overlays, &round.diagnostics, err);

	*more = false;
	if (status == PS_OK) {
		round.before = *before = state_of(round.diagnostics);
		status = gather(&round, err);
	}
	if (status == PS_OK && round.count > 0) {
		status = choose_good(&round, 0, round.count, err);
	}
	for (size_t i = 0; i < round.count && status == PS_OK; i++)
		*more = *more || round.items[i].chosen;
	if (status == PS_OK && *more)
		status = apply(&round, err);
	for (size_t i = 0; !*more && i < round.count && status == PS_OK; i++)
		status = note(repair, &round.items[i], err);
	free(round.items);
	ps_diagnostics_destroy(round.diagnostics);
	return status;
}

/* All rounds. *good: what comes of them is not worse than what there was. */
static enum ps_status run_rounds(
    struct ps_repair *repair, bool strict, bool *good, struct ps_error *err)
{
	struct state first = {.errors = 0}, last = {.errors = 0};
	enum ps_status status = PS_OK;
	bool more = true;

	for (int i = 0; i < ROUNDS_MAX && more && status == PS_OK; i++) {
		status = run_round(repair, strict, &last, &more, err);
		if (i == 0)
			first = last;
	}
	*good = !more && !is_worse(&first, &last, true);
	return status;
}

enum ps_status ps_repair_make(struct ps_repair *repair, const char *path, struct ps_error *err)
{
	bool good = false;
	enum ps_status status;

	*repair = (struct ps_repair){.path = path};
	status = run_rounds(repair, false, &good, err);
	if (status != PS_OK || good)
		return status;
	/* More mistakes were shown than corrected: only what shows none is. */
	ps_repair_clear(repair);
	repair->path = path;
	return run_rounds(repair, true, &good, err);
}

/* --- writing ------------------------------------------------------------------------------------ */

/* The file has the mode and, where that can be, the owner of the one before; a link stays. */
static enum ps_status write_file(const struct ps_repair_file *file, struct ps_error *err)
{
	struct ps_file_writer writer = {.stream = NULL};
	struct ps_buffer now;
	struct stat st;
	char *real = realpath(file->path, NULL);
	enum ps_status status = PS_OK;

	ps_buffer_init(&now, TEXT_MAX_OCTETS);
	ps_error_at(err, file->path, 0, 0, UINT64_MAX);
	if (real == NULL || stat(real, &st) != 0)
		status = ps_error_set(err, errno == ENOMEM ? PS_NO_MEMORY : PS_IO, "%s",
		    errno == ENOMEM ? "out of memory" : "cannot be found any more");
	if (status == PS_OK)
		status = ps_file_read(real, &now, err);
	if (status == PS_OK &&
	    !ps_bytes_equal(ps_buffer_bytes(&now), ps_buffer_bytes(&file->before)))
		status = ps_error_set(err, PS_IO, "it changed while it was checked: try again");
	if (status == PS_OK)
		status = ps_file_writer_open(&writer, real, st.st_mode & 07777, err);
	if (status == PS_OK) {
		if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
		    fchown(fileno(writer.stream), st.st_uid, st.st_gid) != 0)
			status = ps_error_set(
			    err, PS_IO, "its owner cannot be kept, so it is left as it was");
		else if (fchmod(fileno(writer.stream), st.st_mode & 07777) != 0)
			status = ps_error_set(err, PS_IO, "its mode cannot be kept");
		else
			(void)fwrite(file->after.data, 1, file->after.len, writer.stream);
		if (status == PS_OK)
			status = ps_file_writer_commit(&writer, err);
		else
			ps_file_writer_abort(&writer);
	}
	ps_buffer_clear(&now);
	free(real);
	return status;
}

static bool is_changed(const struct ps_repair_file *file)
{
	return !ps_bytes_equal(ps_buffer_bytes(&file->before), ps_buffer_bytes(&file->after));
}

enum ps_status ps_repair_write(struct ps_repair *repair, struct ps_error *err)
{
	enum ps_status status = PS_OK;

	for (size_t i = 0; i < repair->file_count && status == PS_OK; i++)
		if (is_changed(&repair->files[i]))
			status = write_file(&repair->files[i], err);
	return status;
}

/* --- showing -------------------------------------------------------------------------------------- */

size_t ps_repair_done(const struct ps_repair *repair)
{
	size_t count = 0;

	for (size_t i = 0; i < repair->change_count; i++)
		count += !repair->changes[i].left;
	return count;
}

size_t ps_repair_files(const struct ps_repair *repair)
{
	size_t count = 0;

	for (size_t i = 0; i < repair->file_count; i++)
		count += is_changed(&repair->files[i]);
	return count;
}

/* "fixed: policies/us.yaml:5:5: 'confidense' is now 'confidence' (spelling)" */
void ps_repair_print(const struct ps_repair *repair, const struct ps_terminal *t)
{
	for (size_t i = 0; i < repair->change_count; i++) {
		const struct ps_repair_change *change = &repair->changes[i];

		ps_terminal_styled(t, change->left ? PS_STYLE_WARN : PS_STYLE_GOOD, "%s",
		    change->left ? "left:" : "fixed:");
		(void)fputc(' ', t->stream);
		ps_terminal_text(t, ps_bytes_of_text(change->file));
		(void)fprintf(t->stream, ":%u:%u: ", change->line, change->column);
		if (change->old[0] == '\0')
			(void)fputs("the indentation", t->stream);
		else if (change->text[0] == '\0')
			(void)fprintf(t->stream, "'%s' %s", change->old,
			    change->left ? "stays" : "is gone");
		else
			(void)fprintf(t->stream, "'%s' %s '%s'", change->old,
			    change->left ? "is not made" : "is now", change->text);
		(void)fprintf(t->stream, " (%s)\n",
		    change->left ? "it would make something else worse" : change->why);
	}
}

enum ps_status ps_repair_print_diff(
    const struct ps_repair *repair, const struct ps_terminal *t)
{
	struct ps_buffer out;
	enum ps_status status = PS_OK;

	ps_buffer_init(&out, DIFF_MAX);
	for (size_t i = 0; i < repair->file_count && status == PS_OK; i++) {
		char name[PATH_MAX];

		(void)ps_terminal_escape(
		    ps_bytes_of_text(repair->files[i].path), name, sizeof(name));
		status = ps_line_diff(&out, name, ps_buffer_bytes(&repair->files[i].before),
		    ps_buffer_bytes(&repair->files[i].after), t->interactive);
	}
	if (status == PS_OK)
		(void)fwrite(out.data, 1, out.len, t->stream);
	ps_buffer_clear(&out);
	return status;
}

json_t *ps_repair_json(const struct ps_repair *repair, bool written, bool *whole)
{
	json_t *array = json_array();

	for (size_t i = 0; i < repair->change_count; i++) {
		const struct ps_repair_change *change = &repair->changes[i];
		json_t *object = json_object();

		*whole &= ps_fact_text(object, "file", change->file);
		*whole &= ps_fact_number(object, "line", change->line);
		*whole &= ps_fact_number(object, "column", change->column);
		*whole &= ps_fact_text(object, "old", change->old);
		*whole &= ps_fact_text(object, "new", change->text);
		*whole &= ps_fact_text(object, "why", change->why);
		*whole &= ps_fact_flag(object, "left", change->left);
		*whole &= ps_fact_flag(object, "written", written && !change->left);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

void ps_repair_clear(struct ps_repair *repair)
{
	for (size_t i = 0; i < repair->file_count; i++) {
		free(repair->files[i].path);
		ps_buffer_clear(&repair->files[i].before);
		ps_buffer_clear(&repair->files[i].after);
	}
	for (size_t i = 0; i < repair->change_count; i++) {
		free(repair->changes[i].file);
		free(repair->changes[i].old);
		free(repair->changes[i].text);
	}
	free(repair->files);
	free(repair->overlays);
	free(repair->changes);
	*repair = (struct ps_repair){.path = NULL};
}
