#include "feed/zone_names.h"

#include "feed/zone_text.h"

#include <ldns/ldns.h>
#include <stdlib.h>

#define TYPE_TEXT_MAX 32 /* of TTLs and classes, too */

struct ps_zone_names {
	struct ps_feed_config config; /* path alone: for errors */
	struct ps_reading reading;
	struct ps_error err;          /* what reads below keeps a pointer to it */
	struct ps_zone_text *text;
	ldns_rdf *origin;
	bool has_name; /* name: the one given last */
	struct ps_name name;
	struct ps_name_buffer storage;
};

static void give_error(struct ps_zone_names *zone, struct ps_error *err)
{
	if (zone->err.file[0] == '\0')
		ps_error_at(&zone->err, zone->config.path, 0, 0, UINT64_MAX);
	if (err != NULL)
		*err = zone->err;
}

enum ps_status ps_zone_names_open(
    struct ps_zone_names **out, const char *path, int fd, struct ps_error *err)
{
	static const uint8_t root[1] = {0};
	struct ps_zone_names *zone = calloc(1, sizeof(*zone));
	enum ps_status status;

	if (zone == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	zone->config.path = path;
	zone->config.id = path;
	ps_error_clear(&zone->err);
	zone->reading = (struct ps_reading){
	    .config = &zone->config, .err = &zone->err, .fd = fd, .max_bytes = UINT64_MAX};
	zone->origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, sizeof(root), root);
	status = zone->origin == NULL ? ps_error_set(&zone->err, PS_NO_MEMORY, "out of memory")
	                              : ps_zone_text_open(&zone->text, &zone->reading);
	if (status != PS_OK) {
		give_error(zone, err);
		ps_zone_names_close(zone);
		return status;
	}
	*out = zone;
	return PS_OK;
}

void ps_zone_names_close(struct ps_zone_names *zone)
{
	if (zone == NULL)
		return;
	ps_zone_text_close(zone->text);
	ldns_rdf_deep_free(zone->origin);
	free(zone);
}

static enum ps_status bad(
    struct ps_zone_name *out, const struct ps_zone_record *record, const char *why)
{
	*out = (struct ps_zone_name){.kind = PS_ZONE_NAMES_BAD, .line = record->line, .why = why};
	return PS_OK;
}

static bool begins_with(const struct ps_zone_record *record, const char *word)
{
	size_t len = strlen(word);

	if (record->len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (ps_ascii_lower((uint8_t)record->text[i]) != (uint8_t)word[i])
			return false;
	return record->len == len || record->text[len] == ' ' || record->text[len] == '\t';
}

/* *taken: it was read, and there is nothing to say. */
static enum ps_status read_directive(struct ps_zone_names *zone,
    const struct ps_zone_record *record, struct ps_zone_name *out, bool *taken)
{
	char line[PS_NAME_TEXT_MAX + 16];
	struct ps_bytes word;
	ldns_rr *rr = NULL;

	*taken = begins_with(record, "$ttl");
	if (*taken)
		return PS_OK;
	if (!begins_with(record, "$origin"))
		return bad(out, record, "$INCLUDE and $GENERATE are not followed");
	word = ps_bytes_trim(ps_bytes_of(record->text + 7, record->len - 7));
	if (word.len == 0 || word.len >= PS_NAME_TEXT_MAX)
		return bad(out, record, "an $ORIGIN that is no domain name");
	/* ldns reads it as it reads owners: relative to the one before. */
	(void)snprintf(line, sizeof(line), "%.*s IN NS", (int)word.len, (const char *)word.ptr);
	if (ldns_rr_new_question_frm_str(&rr, line, zone->origin, NULL) != LDNS_STATUS_OK)
		return bad(out, record, "an $ORIGIN that is no domain name");
	ldns_rdf_deep_free(zone->origin);
	zone->origin = ldns_rr_owner(rr);
	ldns_rr_set_owner(rr, NULL);
	ldns_rr_free(rr);
	*taken = true;
	return PS_OK;
}

/* Where the token at *at ends; *at: where it begins. RFC 1035 section 5.1: a blank behind a
 * backslash is part of it. */
static size_t token_end(const struct ps_zone_record *record, size_t *at)
{
	size_t end;

	while (*at < record->len && (record->text[*at] == ' ' || record->text[*at] == '\t'))
		++*at;
	for (end = *at; end < record->len && record->text[end] != ' ' && record->text[end] != '\t';
	     end++)
		end += record->text[end] == '\\' && end + 1 < record->len;
	return end;
}

/* Whether a type stands behind the owner, which ends at owner_end, with TTL and class before
 * it in either order (ldns knows only one). */
static bool has_type(const struct ps_zone_record *record, size_t owner_end)
{
	size_t begin, end = owner_end;

	for (unsigned token = 0; token < 3; token++) {
		char word[TYPE_TEXT_MAX];

		begin = end;
		end = token_end(record, &begin);
		if (end == begin || end - begin >= sizeof(word))
			return false;
		memcpy(word, record->text + begin, end - begin);
		word[end - begin] = '\0';
		if (ldns_get_rr_type_by_name(word) != 0)
			return true;
		if ((word[0] < '0' || word[0] > '9') && ldns_get_rr_class_by_name(word) == 0)
			return false;
	}
	return false;
}

/* *taken: as above. A record without an owner has that of the one before. */
static enum ps_status read_record(struct ps_zone_names *zone,
    const struct ps_zone_record *record, struct ps_zone_name *out, bool *taken)
{
	char line[PS_NAME_TEXT_MAX + 16];
	struct ps_name_buffer storage;
	struct ps_name name;
	ldns_rr *rr = NULL;
	ldns_status result;
	const ldns_rdf *owner;
	size_t begin = 0, len;

	*taken = !record->has_owner;
	if (*taken)
		return PS_OK;
	len = token_end(record, &begin);
	if (!has_type(record, len))
		return bad(out, record, "no type behind the owner");
	if (len >= PS_NAME_TEXT_MAX)
		return bad(out, record, "an owner that is no domain name");
	(void)snprintf(line, sizeof(line), "%.*s IN NS", (int)len, record->text);
	result = ldns_rr_new_question_frm_str(&rr, line, zone->origin, NULL);
	if (result == LDNS_STATUS_MEM_ERR)
		return ps_reading_fail(&zone->reading, PS_NO_MEMORY, record->line, "out of memory");
	if (result != LDNS_STATUS_OK)
		return bad(out, record, "an owner that is no domain name");
	owner = ldns_rr_owner(rr);
	if (owner == NULL || ps_name_from_wire(&name, &storage,
	                         ps_bytes_of(ldns_rdf_data(owner), ldns_rdf_size(owner)),
	                         NULL) != PS_OK) {
		ldns_rr_free(rr);
		return bad(out, record, "an owner that is no domain name");
	}
	ldns_rr_free(rr);
	*taken = zone->has_name && ps_name_equal(name, zone->name);
	if (*taken)
		return PS_OK;
	memcpy(zone->storage.wire, storage.wire, name.len);
	zone->name = ps_name_trusted(zone->storage.wire, name.len, name.labels);
	zone->has_name = true;
	*out = (struct ps_zone_name){
	    .kind = PS_ZONE_NAMES_NAME, .line = record->line, .name = zone->name};
	return PS_OK;
}

static enum ps_status next(struct ps_zone_names *zone, struct ps_zone_name *out)
{
	for (;;) {
		struct ps_zone_record record;
		enum ps_status status = ps_zone_text_next(zone->text, &record);
		bool taken = false;

		if (status != PS_OK)
			return status;
		switch (record.kind) {
		case PS_ZONE_RECORD:
			status = read_record(zone, &record, out, &taken);
			break;
		case PS_ZONE_DIRECTIVE:
			status = read_directive(zone, &record, out, &taken);
			break;
		case PS_ZONE_TOO_LONG:
			return bad(out, &record, "a record that is too long");
		case PS_ZONE_BAD:
			return bad(out, &record, "a quote that is not closed");
		case PS_ZONE_NOT_UTF8:
			return bad(out, &record, "octets that are no UTF-8");
		case PS_ZONE_END:
			*out = (struct ps_zone_name){.kind = PS_ZONE_NAMES_END};
			return PS_OK;
		}
		if (status != PS_OK || !taken)
			return status;
	}
}

enum ps_status ps_zone_names_next(
    struct ps_zone_names *zone, struct ps_zone_name *out, struct ps_error *err)
{
	enum ps_status status = next(zone, out);

	if (status != PS_OK)
		give_error(zone, err);
	return status;
}
