#include "verdict/relief.h"

#include <string.h>

#define VERSION 1u

static const char magic[8] = "PSRELIEF";

/* Offsets in an entry. */
enum {
	AT_UNTIL = 0,
	AT_MADE = 8,
	AT_KIND = 16,
	AT_NAME_LEN = 17,
	AT_RULE_LEN = 18,
	AT_REASON_LEN = 19,
	AT_ZEROS = 20,
	AT_NAME = 24,
	AT_RULE = AT_NAME + 256,
	AT_REASON = AT_RULE + 128,
	AT_END = AT_REASON + 232,
};
_Static_assert(AT_END == PS_RELIEF_ENTRY, "the fields fill the entry");

static uint64_t checksum(struct ps_bytes bytes)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.ptr[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static void store(uint8_t *at, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t load(const uint8_t *at, size_t octets)
{
	uint64_t value = 0;

	for (size_t i = 0; i < octets; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

struct ps_name ps_relief_name(const struct ps_relief_entry *entry)
{
	struct ps_name name = {.wire = entry->name, .len = entry->name_len};

	for (size_t at = 0; entry->name[at] != 0; at += (size_t)entry->name[at] + 1)
		name.labels++;
	return name;
}

enum ps_status ps_relief_encode(const struct ps_relief *relief, struct ps_buffer *out)
{
	uint8_t *header = ps_buffer_extend(
	    out, PS_RELIEF_HEADER + relief->count * PS_RELIEF_ENTRY);
	uint8_t *at;

	if (header == NULL)
		return out->status;
	memset(header, 0, PS_RELIEF_HEADER + relief->count * PS_RELIEF_ENTRY);
	at = header + PS_RELIEF_HEADER;
	for (size_t i = 0; i < relief->count; i++, at += PS_RELIEF_ENTRY) {
		const struct ps_relief_entry *e = &relief->entry[i];
		size_t rule = strlen(e->rule), reason = strlen(e->reason);

		store(at + AT_UNTIL, e->until, 8);
		store(at + AT_MADE, e->made, 8);
		at[AT_KIND] = (uint8_t)e->kind;
		at[AT_NAME_LEN] = e->name_len;
		at[AT_RULE_LEN] = (uint8_t)rule;
		at[AT_REASON_LEN] = (uint8_t)reason;
		memcpy(at + AT_NAME, e->name, e->name_len);
		memcpy(at + AT_RULE, e->rule, rule);
		memcpy(at + AT_REASON, e->reason, reason);
	}
	memcpy(header, magic, sizeof(magic));
	store(header + 8, VERSION, 4);
	store(header + 12, relief->count, 4);
	store(header + 16,
	    checksum(ps_bytes_of(header + PS_RELIEF_HEADER, relief->count * PS_RELIEF_ENTRY)), 8);
	return PS_OK;
}

static bool is_zero(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (at[i] != 0)
			return false;
	return true;
}

/* Printable ASCII of len octets, zeros behind, into out with a NUL. */
static bool take_text(const uint8_t *at, size_t len, size_t size, char *out)
{
	if (len >= size || !is_zero(at + len, size - len))
		return false;
	for (size_t i = 0; i < len; i++)
		if (at[i] < 0x20 || at[i] > 0x7e)
			return false;
	memcpy(out, at, len);
	out[len] = '\0';
	return true;
}

static bool take_name(const uint8_t *at, size_t len, struct ps_relief_entry *out)
{
	struct ps_name_buffer storage;
	struct ps_name name;

	if (!is_zero(at + len, 256 - len))
		return false;
	if (len == 0)
		return true;
	/* As it stands there: checked, and lower-cased already. */
	if (ps_name_from_wire(&name, &storage, ps_bytes_of(at, len), NULL) != PS_OK ||
	    name.len != len || memcmp(name.wire, at, len) != 0)
		return false;
	memcpy(out->name, at, len);
	out->name_len = (uint8_t)len;
	return true;
}

static bool take_entry(const uint8_t *at, struct ps_relief_entry *out)
{
	uint8_t kind = at[AT_KIND];

	*out = (struct ps_relief_entry){
	    .kind = kind, .until = load(at + AT_UNTIL, 8), .made = load(at + AT_MADE, 8)};
	return kind >= PS_RELIEF_DISABLE && kind <= PS_RELIEF_ALLOW &&
	       is_zero(at + AT_ZEROS, AT_NAME - AT_ZEROS) &&
	       (at[AT_NAME_LEN] > 1) == (kind == PS_RELIEF_ALLOW) &&
	       (at[AT_RULE_LEN] > 0) == (kind == PS_RELIEF_DISABLE_RULE) &&
	       take_name(at + AT_NAME, at[AT_NAME_LEN], out) &&
	       take_text(at + AT_RULE, at[AT_RULE_LEN], sizeof(out->rule), out->rule) &&
	       take_text(at + AT_REASON, at[AT_REASON_LEN], sizeof(out->reason), out->reason);
}

enum ps_status ps_relief_decode(
    struct ps_relief *out, struct ps_bytes bytes, struct ps_error *err)
{
	uint64_t count;

	out->count = 0;
	if (bytes.len < PS_RELIEF_HEADER || memcmp(bytes.ptr, magic, sizeof(magic)) != 0)
		return ps_error_set(err, PS_INVALID, "is no file of this kind");
	if (load(bytes.ptr + 8, 4) != VERSION)
		return ps_error_set(err, PS_UNSUPPORTED, "is of another version");
	count = load(bytes.ptr + 12, 4);
	if (count > PS_RELIEF_MAX || bytes.len != PS_RELIEF_HEADER + count * PS_RELIEF_ENTRY ||
	    !is_zero(bytes.ptr + 24, 8) ||
	    load(bytes.ptr + 16, 8) != checksum(ps_bytes_of(bytes.ptr + PS_RELIEF_HEADER,
	                                   (size_t)count * PS_RELIEF_ENTRY)))
		return ps_error_set(err, PS_INVALID, "is damaged");
	for (size_t i = 0; i < count; i++) {
		if (!take_entry(bytes.ptr + PS_RELIEF_HEADER + i * PS_RELIEF_ENTRY, &out->entry[i]))
			return ps_error_set(err, PS_INVALID, "has a bad entry");
	}
	out->count = (size_t)count;
	return PS_OK;
}

bool ps_relief_expire(struct ps_relief *relief, uint64_t now)
{
	size_t kept = 0, before = relief->count;

	for (size_t i = 0; i < before; i++)
		if (relief->entry[i].until > now)
			relief->entry[kept++] = relief->entry[i];
	relief->count = kept;
	return kept != before;
}

bool ps_relief_entry_equal(const struct ps_relief_entry *a, const struct ps_relief_entry *b)
{
	return a->kind == b->kind && a->until == b->until && a->name_len == b->name_len &&
	       memcmp(a->name, b->name, a->name_len) == 0 && strcmp(a->rule, b->rule) == 0;
}

bool ps_relief_equal(const struct ps_relief *a, const struct ps_relief *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!ps_relief_entry_equal(&a->entry[i], &b->entry[i]))
			return false;
	return true;
}

uint64_t ps_relief_next_end(const struct ps_relief *relief)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < relief->count; i++)
		if (relief->entry[i].until < next)
			next = relief->entry[i].until;
	return next;
}

const struct ps_relief_entry *ps_relief_of_rule(
    const struct ps_relief *relief, const char *rule, uint64_t now)
{
	const struct ps_relief_entry *found = NULL;

	for (size_t i = 0; i < relief->count; i++) {
		const struct ps_relief_entry *e = &relief->entry[i];
		bool meant = e->kind == PS_RELIEF_DISABLE ||
		             (e->kind == PS_RELIEF_DISABLE_RULE && rule != NULL &&
		                 strcmp(e->rule, rule) == 0);

		if (meant && e->until > now && (found == NULL || e->until > found->until))
			found = e;
	}
	return found;
}

const struct ps_relief_entry *ps_relief_of_name(
    const struct ps_relief *relief, struct ps_name name, uint64_t now)
{
	const struct ps_relief_entry *found = NULL;

	for (size_t i = 0; i < relief->count; i++) {
		const struct ps_relief_entry *e = &relief->entry[i];
		size_t at = 0; /* of a label in name */

		if (e->kind != PS_RELIEF_ALLOW || e->until <= now || e->name_len > name.len)
			continue;
		while (name.len - at > e->name_len)
			at += (size_t)name.wire[at] + 1;
		if (name.len - at == e->name_len &&
		    memcmp(name.wire + at, e->name, e->name_len) == 0 &&
		    (found == NULL || e->until > found->until))
			found = e;
	}
	return found;
}
