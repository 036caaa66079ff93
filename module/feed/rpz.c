#include "feed/rpz.h"

#include "feed/entry.h"
#include "feed/zone_text.h"

#include <ldns/ldns.h>
#include <stdio.h>

struct zone {
	struct ps_reading *reading;
	ldns_rdf *origin;   /* of relative names */
	ldns_rdf *previous; /* owner of the last record, for those without one */
	bool previous_lost; /* the last owner could not be read */
	uint32_t ttl;
	bool has_apex;
	struct ps_name apex;
	struct ps_name_buffer apex_storage;
	bool has_listed; /* listed: the owner that was handed on last */
	struct ps_name listed;
	struct ps_name_buffer listed_storage;
};

static enum ps_status no_memory(const struct zone *zone, uint64_t line)
{
	return ps_reading_fail(zone->reading, PS_NO_MEMORY, line, "out of memory");
}

static bool name_from_rdf(struct ps_name *out, struct ps_name_buffer *storage, const ldns_rdf *rdf)
{
	return rdf != NULL && ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME &&
	       ps_name_from_wire(out, storage, ps_bytes_of(ldns_rdf_data(rdf), ldns_rdf_size(rdf)),
	           NULL) == PS_OK;
}

/* --- triggers ------------------------------------------------------------------------- */

/* name without the apex it stands below, as a name of its own. */
static struct ps_name relative_name(
    struct ps_name name, struct ps_name apex, struct ps_name_buffer *storage)
{
	size_t len = (size_t)name.len - apex.len;

	memcpy(storage->wire, name.wire, len);
	storage->wire[len] = 0;
	return ps_name_trusted(
	    storage->wire, (uint8_t)(len + 1), (uint8_t)(name.labels - apex.labels));
}

#define IP_TEXT_MAX 64

/* Section 4.3: "24.0.2.0.192" and "48.zz.2.2001", the prefix length first and then the
 * address from its end; "zz" is "::". Here they become text that the one reader of
 * prefixes judges. labels: without "rpz-ip". */
static bool prefix_text(struct ps_name name, unsigned labels, char out[IP_TEXT_MAX])
{
	const uint8_t *words[10];
	unsigned count = 0;
	size_t used = 0;
	bool ipv6 = labels != 5;

	if (labels < 2 || labels > 9)
		return false;
	for (const uint8_t *p = name.wire; count < labels; p += *p + 1u) {
		words[count++] = p;
		if (*p > 4)
			return false;
		ipv6 = ipv6 || (*p == 2 && memcmp(p + 1, "zz", 2) == 0);
	}
	for (unsigned i = count - 1; i > 0; i--) {
		bool gap = words[i][0] == 2 && memcmp(words[i] + 1, "zz", 2) == 0;
		bool first = i == count - 1;
		bool after_gap = used > 1 && out[used - 1] == ':';
		const char *separator = first || after_gap ? "" : ipv6 ? ":" : ".";

		used += (size_t)snprintf(out + used, IP_TEXT_MAX - used, "%s%.*s",
		    gap ? "::" : separator, gap ? 0 : (int)words[i][0],
		    (const char *)words[i] + 1);
	}
	(void)snprintf(out + used, IP_TEXT_MAX - used, "/%.*s", (int)words[0][0],
	    (const char *)words[0] + 1);
	return true;
}

static bool is_text(struct ps_bytes label, const char *text)
{
	return ps_bytes_equal_text(label, text);
}

static enum ps_status refuse(enum ps_refusal *reason, enum ps_refusal why)
{
	*reason = why;
	return PS_INVALID;
}

static enum ps_status read_prefix(
    struct ps_name trigger, struct ps_indicator *out, enum ps_refusal *reason)
{
	char text[IP_TEXT_MAX];

	if (!prefix_text(trigger, trigger.labels - 1u, text))
		return refuse(reason, PS_REFUSED_BAD_ADDRESS);
	return ps_entry_from_address(out, ps_bytes_of_text(text), reason);
}

static enum ps_status read_name(
    struct ps_name trigger, struct ps_indicator *out, enum ps_refusal *reason)
{
	if (is_text(ps_name_first_label(trigger), "*"))
		return ps_entry_from_wire(
		    out, ps_name_parent(trigger), PS_SCOPE_BELOW, reason);
	return ps_entry_from_wire(out, trigger, PS_SCOPE_EXACT, reason);
}

/* Sections 4.4 and 4.5: of name servers, "ns.example.rpz-nsdname" and "32.1.2.0.192.rpz-nsip".
 * The name is copied into storage without its last label, which says which it is. */
static enum ps_status read_server(struct ps_name trigger, bool is_address,
    struct ps_name_buffer *storage, struct ps_indicator *out, enum ps_refusal *reason)
{
	struct ps_name kind = ps_name_suffix(trigger, 1);
	enum ps_status status =
	    is_address ? read_prefix(trigger, out, reason)
	               : read_name(relative_name(trigger, kind, storage), out, reason);

	if (status == PS_OK)
		out->origin = PS_ORIGIN_SERVER;
	return status;
}

/* Fills the name or address part of out from a trigger (relative to the apex). */
static enum ps_status read_trigger(struct ps_name trigger, struct ps_name_buffer *storage,
    struct ps_indicator *out, enum ps_refusal *reason)
{
	struct ps_bytes kind = ps_name_first_label(ps_name_suffix(trigger, 1));

	if (is_text(kind, "rpz-client-ip"))
		return refuse(reason, PS_REFUSED_UNSUPPORTED_TYPE);
	if (is_text(kind, "rpz-nsdname") || is_text(kind, "rpz-nsip"))
		return read_server(trigger, is_text(kind, "rpz-nsip"), storage, out, reason);
	if (is_text(kind, "rpz-ip"))
		return read_prefix(trigger, out, reason);
	return read_name(trigger, out, reason);
}

/* --- actions --------------------------------------------------------------------------- */

static bool begins_with_rpz(struct ps_name name)
{
	struct ps_bytes label = ps_name_first_label(name);

	return label.len > 4 && memcmp(label.ptr, "rpz-", 4) == 0;
}

static enum ps_status read_cname(
    const struct zone *zone, const ldns_rr *rr, struct ps_name trigger, enum ps_refusal *reason)
{
	struct ps_name_buffer storage;
	struct ps_name target;

	if (ldns_rr_rd_count(rr) != 1 || !name_from_rdf(&target, &storage, ldns_rr_rdf(rr, 0)))
		return refuse(reason, PS_REFUSED_BAD_LINE);
	if (target.labels == 1 && is_text(ps_name_first_label(target), "rpz-drop"))
		return PS_OK;
	/* Also "rpz-passthru" without its final dot, which lands below the apex: a slip
	 * that must not turn an exception into a block. */
	if (begins_with_rpz(target) &&
	    (target.labels == 1 || ps_name_is_under(target, zone->apex)))
		return refuse(reason, PS_REFUSED_UNSUPPORTED_ACTION);
	if (ps_name_equal(target, trigger))
		return refuse(reason, PS_REFUSED_UNSUPPORTED_ACTION);
	return PS_OK;
}

/* Section 3: what is no CNAME is local data, but for types that belong to the zone. */
static enum ps_status read_action(
    const struct zone *zone, const ldns_rr *rr, struct ps_name trigger, enum ps_refusal *reason)
{
	switch (ldns_rr_get_type(rr)) {
	case LDNS_RR_TYPE_CNAME:
		return read_cname(zone, rr, trigger, reason);
	case LDNS_RR_TYPE_SOA:
	case LDNS_RR_TYPE_NS:
	case LDNS_RR_TYPE_DNAME:
	case LDNS_RR_TYPE_DS:
	case LDNS_RR_TYPE_DNSKEY:
	case LDNS_RR_TYPE_RRSIG:
	case LDNS_RR_TYPE_NSEC:
	case LDNS_RR_TYPE_NSEC3:
	case LDNS_RR_TYPE_NSEC3PARAM:
		return refuse(reason, PS_REFUSED_UNSUPPORTED_TYPE);
	default:
		return PS_OK;
	}
}

/* --- records --------------------------------------------------------------------------- */

static enum ps_status read_apex(
    struct zone *zone, const ldns_rr *rr, const struct ps_zone_record *record)
{
	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA ||
	    !name_from_rdf(&zone->apex, &zone->apex_storage, ldns_rr_owner(rr)))
		return ps_reading_fail(zone->reading, PS_INVALID, record->line,
		    "is no zone file: its first record is not an SOA");
	zone->has_apex = true;
	return PS_OK;
}

static bool was_listed(const struct zone *zone, struct ps_name owner)
{
	return zone->has_listed && ps_name_equal(zone->listed, owner);
}

static void remember(struct zone *zone, struct ps_name owner)
{
	memcpy(zone->listed_storage.wire, owner.wire, owner.len);
	zone->listed = ps_name_trusted(zone->listed_storage.wire, owner.len, owner.labels);
	zone->has_listed = true;
}

static enum ps_status read_rr(
    struct zone *zone, const ldns_rr *rr, const struct ps_zone_record *record)
{
	struct ps_indicator indicator = ps_reading_indicator(zone->reading, record->line);
	struct ps_name_buffer owner_storage, trigger_storage, listed_storage;
	struct ps_name owner, trigger;
	enum ps_refusal reason = PS_REFUSED_BAD_LINE;
	enum ps_status status = PS_INVALID;

	if (!zone->has_apex)
		return read_apex(zone, rr, record);
	if (name_from_rdf(&owner, &owner_storage, ldns_rr_owner(rr)) &&
	    ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN && ps_name_is_under(owner, zone->apex)) {
		if (owner.labels == zone->apex.labels)
			return PS_OK;
		trigger = relative_name(owner, zone->apex, &trigger_storage);
		status = read_action(zone, rr, trigger, &reason);
		if (status == PS_OK)
			status = read_trigger(trigger, &listed_storage, &indicator, &reason);
	}
	if (status == PS_OK) {
		if (was_listed(zone, owner))
			return PS_OK;
		remember(zone, owner);
		return ps_reading_accept(zone->reading, &indicator);
	}
	ps_reading_refuse(
	    zone->reading, reason, record->line, ps_bytes_of(record->text, record->len));
	return PS_OK;
}

static enum ps_status read_record(struct zone *zone, const struct ps_zone_record *record)
{
	ldns_rr *rr = NULL;
	ldns_status result;
	enum ps_status status;

	if (!record->has_owner && zone->previous_lost) {
		ps_reading_refuse(zone->reading, PS_REFUSED_BAD_LINE, record->line,
		    ps_bytes_of(record->text, record->len));
		return PS_OK;
	}
	result = ldns_rr_new_frm_str(&rr, record->text, zone->ttl, zone->origin, &zone->previous);
	if (result == LDNS_STATUS_MEM_ERR)
		return no_memory(zone, record->line);
	if (result == LDNS_STATUS_OK && rr != NULL) {
		zone->previous_lost = false;
		status = read_rr(zone, rr, record);
		ldns_rr_free(rr);
		return status;
	}
	if (!zone->has_apex)
		return ps_reading_fail(zone->reading, PS_INVALID, record->line,
		    "is no zone file: its first record cannot be read (%s)",
		    ldns_get_errorstr_by_id(result));
	zone->previous_lost = zone->previous_lost || record->has_owner;
	ps_reading_refuse(zone->reading, PS_REFUSED_BAD_LINE, record->line,
	    ps_bytes_of(record->text, record->len));
	return PS_OK;
}

/* --- directives ------------------------------------------------------------------------ */

/* The word behind the directive's own; empty if there is none. */
static struct ps_bytes argument(const struct ps_zone_record *record, size_t skip)
{
	struct ps_bytes rest =
	    ps_bytes_trim(ps_bytes_of(record->text + skip, record->len - skip));
	size_t len = 0;

	while (len < rest.len && rest.ptr[len] != ' ' && rest.ptr[len] != '\t')
		len++;
	rest.len = len;
	return rest;
}

static bool is_directive(const struct ps_zone_record *record, const char *word)
{
	size_t len = strlen(word);

	if (record->len < len || (record->len > len && record->text[len] != ' ' &&
	                             record->text[len] != '\t'))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (ps_ascii_lower((uint8_t)record->text[i]) != (uint8_t)word[i])
			return false;
	}
	return true;
}

static enum ps_status set_origin(struct zone *zone, const struct ps_zone_record *record)
{
	struct ps_bytes word = argument(record, strlen("$origin"));
	struct ps_name_buffer storage;
	struct ps_name name;
	ldns_rdf *origin;
	bool absolute;

	if (ps_name_from_text(&name, &storage, word, NULL) != PS_OK)
		return ps_reading_fail(zone->reading, PS_INVALID, record->line,
		    "has an $ORIGIN that is no domain name");
	/* An escaped final dot belongs to the last label: then the name has that octet. */
	absolute = word.ptr[word.len - 1] == '.' &&
	           (word.len == 1 || word.ptr[word.len - 2] != '\\');
	origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, name.len, name.wire);
	if (origin == NULL)
		return no_memory(zone, record->line);
	if (!absolute && zone->origin != NULL) {
		ldns_rdf *whole = ldns_dname_cat_clone(origin, zone->origin);

		ldns_rdf_deep_free(origin);
		if (whole == NULL || !name_from_rdf(&name, &storage, whole)) {
			ldns_rdf_deep_free(whole);
			return ps_reading_fail(zone->reading, PS_INVALID, record->line,
			    "has an $ORIGIN that is no domain name");
		}
		origin = whole;
	}
	ldns_rdf_deep_free(zone->origin);
	zone->origin = origin;
	return PS_OK;
}

static enum ps_status read_directive(struct zone *zone, const struct ps_zone_record *record)
{
	if (is_directive(record, "$origin"))
		return set_origin(zone, record);
	if (is_directive(record, "$ttl")) {
		/* The argument stands at the end of NUL-ended text. */
		struct ps_bytes word = argument(record, strlen("$ttl"));
		const char *end = NULL;

		zone->ttl = ldns_str2period((const char *)word.ptr, &end);
		if (word.len > 0 && end == (const char *)word.ptr + word.len)
			return PS_OK;
		return ps_reading_fail(zone->reading, PS_INVALID, record->line,
		    "has a $TTL that is no number of seconds");
	}
	return ps_reading_fail(zone->reading, PS_INVALID, record->line,
	    "has a directive that is not read here ($INCLUDE and $GENERATE are not)");
}

/* --- the zone --------------------------------------------------------------------------- */

static enum ps_status read_one(struct zone *zone, const struct ps_zone_record *record)
{
	enum ps_refusal reason = PS_REFUSED_LINE_TOO_LONG;

	switch (record->kind) {
	case PS_ZONE_RECORD:
		return read_record(zone, record);
	case PS_ZONE_DIRECTIVE:
		return read_directive(zone, record);
	case PS_ZONE_BAD:
		reason = PS_REFUSED_BAD_LINE;
		break;
	case PS_ZONE_NOT_UTF8:
		reason = PS_REFUSED_NOT_UTF8;
		break;
	case PS_ZONE_TOO_LONG:
	case PS_ZONE_END:
		break;
	}
	zone->previous_lost = true;
	ps_reading_refuse(
	    zone->reading, reason, record->line, ps_bytes_of(record->text, record->len));
	return PS_OK;
}

static enum ps_status read_zone(struct zone *zone, struct ps_zone_text *text)
{
	static const uint8_t root[1] = {0};

	zone->origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, sizeof(root), root);
	if (zone->origin == NULL)
		return no_memory(zone, 0);
	for (;;) {
		struct ps_zone_record record;
		enum ps_status status = ps_zone_text_next(text, &record);

		if (status != PS_OK)
			return status;
		if (record.kind == PS_ZONE_END)
			break;
		status = read_one(zone, &record);
		if (status != PS_OK)
			return status;
	}
	if (!zone->has_apex)
		return ps_reading_fail(
		    zone->reading, PS_INVALID, 0, "is no zone file: it has no SOA record");
	return PS_OK;
}

enum ps_status ps_rpz_read(struct ps_reading *reading)
{
	struct zone zone = {.reading = reading, .ttl = 3600};
	struct ps_zone_text *text = NULL;
	enum ps_status status = ps_zone_text_open(&text, reading);

	if (status == PS_OK)
		status = read_zone(&zone, text);
	ldns_rdf_deep_free(zone.origin);
	ldns_rdf_deep_free(zone.previous);
	ps_zone_text_close(text);
	return status;
}
