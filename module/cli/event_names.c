#include "cli/event_names.h"

#include "cli/span.h"
#include "cli/terminal.h"
#include "core/arena.h"
#include "event/spool.h"
#include "event/spool_reader.h"
#include "feed/timestamp.h"

#include <stdlib.h>

/* A spool of 64 MiB, the most that a policy keeps by default, has not half as much of names. */
#define NAMES_MAX ((size_t)1 << 30)

struct ps_event_names {
	struct ps_arena arena;
	struct ps_name *names;
	size_t count;
	size_t room;
	size_t next;
};

/* --- since when -------------------------------------------------------------------------- */

enum ps_status ps_cli_since(const struct ps_cli *cli, uint64_t *out, struct ps_error *err)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_SINCE, 0);
	struct ps_timestamp moment;
	uint32_t now = 0;
	uint64_t span;
	enum ps_status status;

	*out = 0;
	if (given == NULL)
		return PS_OK;
	if (ps_span_from_text(given, &span)) {
		status = ps_cli_now(cli, &now, err);
		if (status == PS_OK && now > span)
			*out = (now - span) * 1000;
		return status;
	}
	if (!ps_timestamp_from_text(ps_bytes_of_text(given), &moment))
		return ps_error_set(err, PS_INVALID,
		    "--since: '%.48s' is neither a time nor a span: as 15m, 2h, 7d, 2025-11-21, or "
		    "2025-11-21T22:41:05Z",
		    given);
	*out = moment.seconds > 0
	    ? (uint64_t)moment.seconds * 1000 + moment.nanoseconds / 1000000
	    : 0;
	return PS_OK;
}

/* --- what cannot be read ------------------------------------------------------------------- */

bool ps_cli_tell_losses(const struct ps_cli *cli, const struct ps_spool_reader *reader)
{
	struct ps_spool_losses l = ps_spool_reader_losses(reader);
	char missing[PS_NUMBER_TEXT_MAX], octets[PS_NUMBER_TEXT_MAX], damaged[PS_COUNT_TEXT_MAX];
	char refused[PS_COUNT_TEXT_MAX];

	if (l.damaged > 0)
		ps_cli_warn(cli, "%s, %s octets in all: skipped",
		    ps_terminal_count(l.damaged, "damaged place", "damaged places", damaged),
		    ps_terminal_number(l.octets, octets));
	if (l.refused > 0)
		ps_cli_warn(cli, "%s without a good header: skipped",
		    ps_terminal_count(l.refused, "file", "files", refused));
	if (l.missing > 0)
		ps_cli_warn(cli, "events missing: %s", ps_terminal_number(l.missing, missing));
	return l.damaged > 0 || l.refused > 0 || l.missing > 0;
}

/* --- the names ------------------------------------------------------------------------------ */

static enum ps_status add(struct ps_event_names *names, struct ps_name name)
{
	const uint8_t *wire;

	if (names->count == names->room) {
		size_t room = names->room == 0 ? 1024 : names->room * 2;
		struct ps_name *grown = reallocarray(names->names, room, sizeof(*grown));

		if (grown == NULL)
			return PS_NO_MEMORY;
		names->names = grown;
		names->room = room;
	}
	wire = ps_arena_copy(&names->arena, ps_bytes_of(name.wire, name.len));
	if (wire == NULL)
		return ps_arena_is_full(&names->arena) ? PS_LIMIT : PS_NO_MEMORY;
	names->names[names->count++] = ps_name_trusted(wire, name.len, name.labels);
	return PS_OK;
}

static int by_octets(const void *left, const void *right)
{
	const struct ps_name *a = left;
	const struct ps_name *b = right;
	int order = memcmp(a->wire, b->wire, a->len < b->len ? a->len : b->len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static void keep_one_of_each(struct ps_event_names *names)
{
	size_t kept = 0;

	if (names->count == 0)
		return;
	qsort(names->names, names->count, sizeof(*names->names), by_octets);
	for (size_t i = 0; i < names->count; i++)
		if (i == 0 || by_octets(&names->names[kept - 1], &names->names[i]) != 0)
			names->names[kept++] = names->names[i];
	names->count = kept;
}

static enum ps_status read_all(struct ps_event_names *names, struct ps_spool_reader *reader,
    uint64_t since, struct ps_error *err)
{
	struct ps_event event;
	enum ps_status status;
	bool got;

	for (;;) {
		status = ps_spool_reader_next(reader, &event, &got, err);
		if (status != PS_OK || !got)
			return status;
		if (event.last < since || event.subtree)
			continue; /* nobody asked for the name of what stands under it */
		status = add(names, ps_event_name(&event));
		if (status != PS_OK)
			return ps_error_set(err, status, status == PS_LIMIT
			        ? "the events have more than 1 GiB of names: say --since"
			        : "out of memory");
	}
}

static enum ps_status fill(
    struct ps_event_names *names, const struct ps_cli *cli, struct ps_error *err)
{
	struct ps_spool_reader *reader = NULL;
	char path[PATH_MAX];
	uint64_t since;
	enum ps_status status = ps_cli_since(cli, &since, err);

	if (status == PS_OK)
		status = ps_cli_state_path(PS_SPOOL_FOLDER, path, err);
	if (status == PS_OK)
		status = ps_spool_reader_open(&reader, path, (struct ps_spool_position){0});
	if (status == PS_OK)
		status = read_all(names, reader, since, err);
	if (status == PS_OK)
		(void)ps_cli_tell_losses(cli, reader);
	ps_spool_reader_close(reader);
	keep_one_of_each(names);
	return status;
}

enum ps_status ps_event_names_open(
    struct ps_event_names **out, const struct ps_cli *cli, struct ps_error *err)
{
	struct ps_event_names *names = calloc(1, sizeof(*names));
	enum ps_status status;

	*out = NULL;
	if (names == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	ps_arena_init(&names->arena, NAMES_MAX);
	status = fill(names, cli, err);
	if (status != PS_OK) {
		ps_event_names_close(names);
		return status;
	}
	*out = names;
	return PS_OK;
}

void ps_event_names_close(struct ps_event_names *names)
{
	if (names == NULL)
		return;
	ps_arena_clear(&names->arena);
	free(names->names);
	free(names);
}

bool ps_event_names_next(struct ps_event_names *names, struct ps_name *out)
{
	if (names->next == names->count)
		return false;
	*out = names->names[names->next++];
	return true;
}
