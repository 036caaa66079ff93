#include "feed/csv.h"

#include "feed/entry.h"
#include "feed/reader.h"
#include "feed/timestamp.h"
#include "core/utf8.h"
#include "feed/vocabulary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* --- records ---------------------------------------------------------------- */

enum record_kind {
	RECORD,
	RECORD_BAD,
	RECORD_TOO_LONG,
	RECORD_UNCLOSED, /* the input ends inside quotes */
	RECORD_END,
};

struct field {
	uint32_t start;
	uint32_t len;
};

struct record {
	enum record_kind kind;
	uint64_t line; /* where it begins */
	size_t count;
	size_t used; /* octets of text */
	size_t size; /* octets that it has in the file */
	struct field fields[PS_CSV_FIELDS_MAX];
	uint8_t text[PS_CSV_RECORD_MAX]; /* the fields without their quotes */
	uint8_t head[PS_EXCERPT_MAX];    /* its beginning as it stands in the file */
};

enum state { AT_START, IN_PLAIN, IN_QUOTES, BEHIND_QUOTE, IN_BAD, STATE_COUNT };
enum event { ON_QUOTE, ON_DELIMITER, ON_BREAK, ON_OTHER, EVENT_COUNT };
enum action { DO_NOTHING, DO_APPEND, DO_END_FIELD, DO_END_RECORD, DO_REFUSE };

/* RFC 4180 section 2. Every pair has its meaning: a bad record goes on to its end. */
static const struct {
	enum state next;
	enum action action;
} steps[STATE_COUNT][EVENT_COUNT] = {
    [AT_START] = {
        [ON_QUOTE] = {IN_QUOTES, DO_NOTHING},
        [ON_DELIMITER] = {AT_START, DO_END_FIELD},
        [ON_BREAK] = {AT_START, DO_END_RECORD},
        [ON_OTHER] = {IN_PLAIN, DO_APPEND}},
    [IN_PLAIN] = {
        [ON_QUOTE] = {IN_BAD, DO_REFUSE},
        [ON_DELIMITER] = {AT_START, DO_END_FIELD},
        [ON_BREAK] = {AT_START, DO_END_RECORD},
        [ON_OTHER] = {IN_PLAIN, DO_APPEND}},
    [IN_QUOTES] = {
        [ON_QUOTE] = {BEHIND_QUOTE, DO_NOTHING},
        [ON_DELIMITER] = {IN_QUOTES, DO_APPEND},
        [ON_BREAK] = {IN_QUOTES, DO_APPEND},
        [ON_OTHER] = {IN_QUOTES, DO_APPEND}},
    [BEHIND_QUOTE] = {
        [ON_QUOTE] = {IN_QUOTES, DO_APPEND},
        [ON_DELIMITER] = {AT_START, DO_END_FIELD},
        [ON_BREAK] = {AT_START, DO_END_RECORD},
        [ON_OTHER] = {IN_BAD, DO_REFUSE}},
    [IN_BAD] = {
        [ON_QUOTE] = {IN_BAD, DO_NOTHING},
        [ON_DELIMITER] = {IN_BAD, DO_NOTHING},
        [ON_BREAK] = {AT_START, DO_END_RECORD},
        [ON_OTHER] = {IN_BAD, DO_NOTHING}},
};

static void append(struct record *record, uint8_t c)
{
	if (record->used < sizeof(record->text))
		record->text[record->used++] = c;
}

static void end_field(struct record *record)
{
	uint32_t start = 0;

	if (record->count > 0 && record->count <= PS_CSV_FIELDS_MAX) {
		const struct field *last = &record->fields[record->count - 1];

		start = last->start + last->len;
	}
	if (record->count < PS_CSV_FIELDS_MAX)
		record->fields[record->count] =
		    (struct field){.start = start, .len = (uint32_t)record->used - start};
	else if (record->kind == RECORD)
		record->kind = RECORD_BAD;
	if (record->count <= PS_CSV_FIELDS_MAX)
		record->count++;
}

/* Takes one octet and says what it is. A CR counts only before LF. */
static enum event next_event(
    struct ps_reader *reader, struct record *record, char delimiter, uint8_t *c)
{
	*c = ps_reader_take(reader);
	if (record->size < sizeof(record->head))
		record->head[record->size] = *c;
	if (++record->size > PS_CSV_RECORD_MAX)
		record->kind = RECORD_TOO_LONG;
	if (*c == '"')
		return ON_QUOTE;
	if (*c == (uint8_t)delimiter)
		return ON_DELIMITER;
	return *c == '\n' ? ON_BREAK : ON_OTHER;
}

static bool cr_before_lf(struct ps_reader *reader, uint8_t c)
{
	return c == '\r' && ps_reader_more(reader) && ps_reader_peek(reader) == '\n';
}

static void read_record(struct ps_reader *reader, char delimiter, struct record *record)
{
	enum state state = AT_START;

	record->kind = RECORD;
	record->line = reader->line;
	record->count = 0;
	record->used = 0;
	record->size = 0;
	while (ps_reader_more(reader)) {
		uint8_t c;
		enum event event = next_event(reader, record, delimiter, &c);
		enum action action;

		if (event == ON_OTHER && state != IN_QUOTES && cr_before_lf(reader, c))
			continue;
		action = steps[state][event].action;
		state = steps[state][event].next;
		if (action == DO_APPEND)
			append(record, c);
		else if (action == DO_REFUSE && record->kind == RECORD)
			record->kind = RECORD_BAD;
		else if (action == DO_END_FIELD || action == DO_END_RECORD)
			end_field(record);
		if (action == DO_END_RECORD)
			return;
	}
	if (state == IN_QUOTES)
		record->kind = RECORD_UNCLOSED;
	else if (record->size == 0)
		record->kind = RECORD_END;
	else
		end_field(record); /* the last line break may be left out */
}

static struct ps_bytes field(const struct record *record, size_t index)
{
	return ps_bytes_of(
	    record->text + record->fields[index].start, record->fields[index].len);
}

/* An empty line is no record of one empty field here. */
static bool is_empty(const struct record *record)
{
	return record->kind == RECORD && record->count == 1 && record->fields[0].len == 0;
}

/* --- columns ---------------------------------------------------------------- */

enum column { NAME, CATEGORY, CONFIDENCE, VALID_FROM, VALID_UNTIL, REFERENCE, COLUMN_COUNT };

struct table {
	struct ps_reading *reading;
	struct ps_reader *reader;
	char delimiter;
	size_t width;                /* fields of the header */
	size_t places[COLUMN_COUNT]; /* SIZE_MAX: not asked for */
	struct record record;
};

static bool equal_without_case(struct ps_bytes a, struct ps_bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (ps_ascii_lower(a.ptr[i]) != ps_ascii_lower(b.ptr[i]))
			return false;
	}
	return true;
}

/* "which columns there are", as far as an error has room for them. */
static void list_columns(const struct record *header, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < header->count && used + 1 < size; i++) {
		struct ps_bytes name = ps_bytes_trim(field(header, i));
		int len = name.len > 40 ? 40 : (int)name.len;

		used += (size_t)snprintf(out + used, size - used, "%s%.*s", i > 0 ? ", " : "", len,
		    (const char *)name.ptr);
	}
}

static enum ps_status find_column(struct table *table, const char *wanted, size_t *place)
{
	const struct record *header = &table->record;
	struct ps_bytes name;
	char columns[160];

	*place = SIZE_MAX;
	if (wanted == NULL)
		return PS_OK;
	name = ps_bytes_of_text(wanted);
	for (size_t i = 0; i < header->count; i++) {
		if (!equal_without_case(ps_bytes_trim(field(header, i)), name))
			continue;
		if (*place != SIZE_MAX)
			return ps_reading_fail(table->reading, PS_INVALID, header->line,
			    "has two columns named '%.60s'", wanted);
		*place = i;
	}
	if (*place != SIZE_MAX)
		return PS_OK;
	list_columns(header, columns, sizeof(columns));
	return ps_reading_fail(table->reading, PS_INVALID, header->line,
	    "has no column '%.60s'; its columns are: %s", wanted, columns);
}

static enum ps_status read_failed(const struct table *table)
{
	const struct ps_reader *reader = table->reader;

	if (reader->status == PS_LIMIT)
		return ps_reading_fail(table->reading, PS_LIMIT, reader->line,
		    "is larger than the limit of %llu bytes",
		    (unsigned long long)reader->max_bytes);
	errno = reader->sys_errno;
	return ps_reading_fail(table->reading, PS_IO, reader->line, "cannot read");
}

static enum ps_status read_header(struct table *table)
{
	const struct ps_feed_config *config = table->reading->config;
	const char *names[COLUMN_COUNT] = {
	    [NAME] = config->csv.name,
	    [CATEGORY] = config->csv.category,
	    [CONFIDENCE] = config->csv.confidence,
	    [VALID_FROM] = config->csv.valid_from,
	    [VALID_UNTIL] = config->csv.valid_until,
	    [REFERENCE] = config->csv.reference,
	};
	struct record *record = &table->record;

	if (names[NAME] == NULL)
		return ps_reading_fail(table->reading, PS_INVALID, 0,
		    "cannot be read before its policy says which column has the name");
	do {
		read_record(table->reader, table->delimiter, record);
	} while (is_empty(record));
	if (table->reader->status != PS_OK)
		return read_failed(table);
	if (record->kind != RECORD)
		return ps_reading_fail(table->reading, PS_INVALID, record->line,
		    record->kind == RECORD_END ? "is empty: the first line must name the columns" :
		                                 "does not begin with a line of column names");
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		enum ps_status status = find_column(table, names[i], &table->places[i]);

		if (status != PS_OK)
			return status;
	}
	table->width = record->count;
	return PS_OK;
}

/* --- rows ------------------------------------------------------------------- */

/* Cuts column's field out; false when the row has none (or an empty one). */
static bool cell(const struct table *table, enum column column, struct ps_bytes *out)
{
	if (table->places[column] == SIZE_MAX)
		return false;
	*out = ps_bytes_trim(field(&table->record, table->places[column]));
	return out->len > 0;
}

static bool read_confidence(struct ps_bytes text, uint8_t *out)
{
	unsigned value = 0;

	if (text.len > 3)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		value = value * 10 + (unsigned)(text.ptr[i] - '0');
	}
	if (value > PS_CONFIDENCE_MAX)
		return false;
	*out = (uint8_t)value;
	return true;
}

static bool read_details(const struct table *table, struct ps_indicator *indicator)
{
	struct ps_bytes text;
	struct ps_timestamp time;

	if (cell(table, CATEGORY, &text)) {
		struct ps_facts facts = {0};

		if (!ps_facts_add_word(&facts, text) || facts.benign)
			return false;
		ps_facts_apply(&facts, indicator);
	}
	if (cell(table, CONFIDENCE, &text) && !read_confidence(text, &indicator->confidence))
		return false;
	if (cell(table, VALID_FROM, &text)) {
		if (!ps_timestamp_from_text(text, &time))
			return false;
		indicator->valid_from = ps_timestamp_floor(time);
	}
	if (cell(table, VALID_UNTIL, &text)) {
		if (!ps_timestamp_from_text(text, &time))
			return false;
		indicator->valid_until = ps_timestamp_ceiling(time);
	}
	if (cell(table, REFERENCE, &text)) {
		if (text.len > PS_REFERENCE_MAX)
			return false;
		indicator->reference = text;
	}
	return true;
}

static bool cells_are_text(const struct table *table)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		if (table->places[i] != SIZE_MAX &&
		    !ps_utf8_is_text(field(&table->record, table->places[i])))
			return false;
	}
	return true;
}

static enum ps_status read_row(struct table *table)
{
	struct ps_reading *reading = table->reading;
	const struct record *record = &table->record;
	struct ps_bytes head = ps_bytes_of(
	    record->head, record->size < PS_EXCERPT_MAX ? record->size : PS_EXCERPT_MAX);
	struct ps_indicator indicator = ps_reading_indicator(reading, record->line);
	struct ps_name_buffer storage;
	struct ps_bytes name;
	enum ps_refusal reason = PS_REFUSED_BAD_LINE;
	enum ps_status status = PS_INVALID;

	if (record->kind == RECORD_TOO_LONG) {
		reason = PS_REFUSED_LINE_TOO_LONG;
	} else if (record->kind == RECORD && record->count == table->width) {
		if (!cells_are_text(table)) {
			reason = PS_REFUSED_NOT_UTF8;
		} else if (!cell(table, NAME, &name)) {
			reason = PS_REFUSED_BAD_NAME;
		} else {
			status = ps_entry_from_text(
			    &indicator, &storage, name, reading->config->scope, &reason);
		}
	}
	if (status == PS_OK && !read_details(table, &indicator)) {
		reason = PS_REFUSED_BAD_FIELD;
		status = PS_INVALID;
	} else if (status == PS_OK && indicator.valid_until <= reading->now) {
		reason = PS_REFUSED_EXPIRED;
		status = PS_INVALID;
	}
	return ps_reading_settle(reading, status, &indicator, reason, head);
}

static enum ps_status read_table(struct table *table)
{
	struct record *record = &table->record;
	enum ps_status status = read_header(table);

	while (status == PS_OK) {
		read_record(table->reader, table->delimiter, record);
		if (table->reader->status != PS_OK)
			return read_failed(table);
		if (record->kind == RECORD_END)
			break;
		if (record->kind == RECORD_UNCLOSED)
			return ps_reading_fail(table->reading, PS_INVALID, record->line,
			    "has a quote in the record that begins here which is never closed");
		if (!is_empty(record))
			status = read_row(table);
	}
	return status;
}

enum ps_status ps_csv_read(struct ps_reading *reading)
{
	/* On the heap: the record alone is over 64 KiB. */
	struct table *table = malloc(sizeof(*table));
	struct ps_reader *reader = ps_reader_open(reading->fd, reading->max_bytes);
	char delimiter = reading->config->csv.delimiter;
	enum ps_status status;

	if (table == NULL || reader == NULL) {
		status = ps_reading_fail(reading, PS_NO_MEMORY, 0, "out of memory");
	} else {
		table->reading = reading;
		table->reader = reader;
		table->delimiter = delimiter != '\0' ? delimiter : ',';
		status = read_table(table);
	}
	ps_reader_close(reader);
	free(table);
	return status;
}
