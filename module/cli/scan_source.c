#include "cli/scan_source.h"

#include "cli/event_names.h"
#include "feed/zone_names.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum ps_status ps_scan_source_init(struct ps_scan_source *source, enum ps_scan_format format,
    const char *const *files, size_t file_count, int wake, struct ps_error *err)
{
	static const char *const standard_input[] = {"-"};

	*source = (struct ps_scan_source){.format = format,
	    .files = file_count > 0 ? files : standard_input,
	    .file_count = file_count > 0 ? file_count : 1,
	    .batch_size = format == PS_SCAN_CT ? PS_SCAN_BATCH_CT : PS_SCAN_BATCH_NAMES,
	    .wake = wake,
	    .fd = -1};
	source->carry = malloc(source->batch_size);
	return source->carry != NULL ? PS_OK : ps_error_set(err, PS_NO_MEMORY, "out of memory");
}

static void close_file(struct ps_scan_source *source)
{
	ps_zone_names_close(source->zone);
	source->zone = NULL;
	if (source->fd > STDIN_FILENO)
		(void)close(source->fd);
	source->fd = -1;
	source->skipping = false;
	source->elements = (struct ps_scan_elements){.begun = false};
}

void ps_scan_source_clear(struct ps_scan_source *source)
{
	close_file(source);
	free(source->carry);
	source->carry = NULL;
}

static const char *file_of(const struct ps_scan_source *source)
{
	return source->files[source->next_file - 1];
}

static enum ps_status fail(
    const struct ps_scan_source *source, const char *what, struct ps_error *err)
{
	int number = errno;

	ps_error_at(err, file_of(source), 0, 0, UINT64_MAX);
	errno = number;
	return ps_error_set(err, number == ENOENT ? PS_NOT_FOUND : PS_IO, "%s",
	    number == ENOENT ? "no such file" : what);
}

/* A FIFO is as good as a file: it is waited for. */
static enum ps_status open_file(struct ps_scan_source *source, struct ps_error *err)
{
	const char *path = source->files[source->next_file++];

	source->begins = true;
	source->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (source->fd < 0)
		return fail(source, "cannot be opened", err);
	if (source->format != PS_SCAN_ZONE)
		return PS_OK;
	return ps_zone_names_open(&source->zone, path, source->fd, err);
}

/* --- lines ----------------------------------------------------------------------------- */

enum had { HAD_OCTETS, HAD_END, HAD_WAKE };

static enum ps_status read_more(struct ps_scan_source *source, struct ps_scan_batch *batch,
    enum had *had, struct ps_error *err)
{
	struct pollfd waits[] = {{source->fd, POLLIN, 0}, {source->wake, POLLIN, 0}};

	for (;;) {
		ssize_t got;

		if (poll(waits, 2, -1) < 0 && errno != EINTR)
			return fail(source, "cannot be read", err);
		if (waits[1].revents != 0) {
			*had = HAD_WAKE;
			return PS_OK;
		}
		if (waits[0].revents == 0)
			continue;
		got = read(source->fd, batch->data + batch->len, source->batch_size - batch->len);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got < 0)
			return fail(source, "cannot be read", err);
		if (source->format == PS_SCAN_CT)
			ps_scan_elements_part(
			    &source->elements, batch->data + batch->len, (size_t)got);
		batch->len += (size_t)got;
		*had = got == 0 ? HAD_END : HAD_OCTETS;
		return PS_OK;
	}
}

static bool ends_line(const struct ps_scan_source *source, uint8_t octet)
{
	return octet == '\n' || (source->format == PS_SCAN_CT && octet == PS_SCAN_BREAK);
}

/* Drops what belongs to a line that was cut. */
static void skip(struct ps_scan_source *source, struct ps_scan_batch *batch)
{
	size_t rest = 0;

	while (rest < batch->len && !ends_line(source, batch->data[rest]))
		rest++;
	source->skipping = rest == batch->len;
	if (!source->skipping)
		rest++;
	batch->len -= rest;
	memmove(batch->data, batch->data + rest, batch->len);
}

/* Leaves whole lines, and keeps the rest for the next batch. False: there is no whole
 * line yet. */
static bool cut_behind_line(struct ps_scan_source *source, struct ps_scan_batch *batch)
{
	size_t whole = batch->len;

	while (whole > 0 && !ends_line(source, batch->data[whole - 1]))
		whole--;

	if (whole == 0 && batch->len == source->batch_size) {
		batch->cut = true;
		source->skipping = true;
		return true;
	}
	if (whole == 0)
		return false;
	source->carry_len = batch->len - whole;
	memcpy(source->carry, batch->data + whole, source->carry_len);
	batch->len = whole;
	return true;
}

/* len stays 0 when the file has no more. */
static enum ps_status next_lines(struct ps_scan_source *source, struct ps_scan_batch *batch,
    bool *woken, struct ps_error *err)
{
	memcpy(batch->data, source->carry, source->carry_len);
	batch->len = source->carry_len;
	source->carry_len = 0;
	for (;;) {
		enum had had = HAD_END;
		enum ps_status status = read_more(source, batch, &had, err);

		if (status != PS_OK)
			return status;
		*woken = had == HAD_WAKE;
		if (had == HAD_WAKE)
			batch->len = 0;
		if (had != HAD_OCTETS)
			return PS_OK;
		if (source->skipping)
			skip(source, batch);
		if (batch->len > 0 && cut_behind_line(source, batch))
			return PS_OK;
	}
}

/* --- zones ------------------------------------------------------------------------------ */

/* len stays 0 when the file has no more. */
static enum ps_status next_owners(
    struct ps_scan_source *source, struct ps_scan_batch *batch, bool *woken, struct ps_error *err)
{
	struct pollfd wait = {source->wake, POLLIN, 0};

	if (source->late.status != PS_OK) {
		*err = source->late;
		return err->status;
	}
	*woken = poll(&wait, 1, 0) > 0;
	batch->len = 0;
	while (!*woken && batch->len + PS_NAME_TEXT_MAX <= source->batch_size) {
		char text[PS_NAME_TEXT_MAX];
		struct ps_zone_name owner;
		enum ps_status status = ps_zone_names_next(source->zone, &owner, &source->late);
		size_t len;

		/* What was read before goes first. */
		if (status != PS_OK && (batch->len > 0 || batch->bad > 0))
			break;
		if (status != PS_OK) {
			*err = source->late;
			return status;
		}
		if (owner.kind == PS_ZONE_NAMES_END)
			break;
		if (owner.kind == PS_ZONE_NAMES_BAD) {
			if (batch->bad++ == 0) {
				batch->bad_line = owner.line;
				batch->bad_why = owner.why;
			}
			continue;
		}
		len = ps_name_to_text(owner.name, text);
		text[len++] = '\n';
		memcpy(batch->data + batch->len, text, len);
		batch->len += len;
	}
	return PS_OK;
}

/* --- events ------------------------------------------------------------------------------ */

static void next_events(struct ps_scan_source *source, struct ps_scan_batch *batch)
{
	struct pollfd wait = {source->wake, POLLIN, 0};
	struct ps_name name;

	batch->file = "events";
	if (source->events == NULL || poll(&wait, 1, 0) > 0)
		return;
	while (batch->len + PS_NAME_TEXT_MAX <= source->batch_size) {
		if (!ps_event_names_next(source->events, &name)) {
			source->events = NULL;
			return;
		}
		batch->len += ps_name_to_text(name, (char *)batch->data + batch->len);
		batch->data[batch->len++] = '\n';
	}
}

enum ps_status ps_scan_source_next(
    struct ps_scan_source *source, struct ps_scan_batch *batch, struct ps_error *err)
{
	bool woken = false;

	*batch = (struct ps_scan_batch){.data = batch->data};
	if (source->format == PS_SCAN_EVENTS) {
		next_events(source, batch);
		return PS_OK;
	}
	while (!woken && (source->fd >= 0 || source->next_file < source->file_count)) {
		enum ps_status status = source->fd >= 0 ? PS_OK : open_file(source, err);

		if (status == PS_OK)
			status = source->zone != NULL ? next_owners(source, batch, &woken, err)
			                              : next_lines(source, batch, &woken, err);
		if (status != PS_OK)
			return status;
		batch->file = file_of(source);
		batch->begins = source->begins;
		if (batch->len > 0 || batch->bad > 0) {
			source->begins = false;
			return PS_OK;
		}
		close_file(source);
	}
	return PS_OK;
}
