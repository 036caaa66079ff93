#include "event/event.h"

const char *ps_event_kind_name(unsigned kind)
{
	static const char *const names[PS_EVENT_KIND_COUNT] = {
	    "none", "listed", "lookalike", "pattern"};

	return kind < PS_EVENT_KIND_COUNT ? names[kind] : "?";
}

struct ps_name ps_event_name(const struct ps_event *event)
{
	uint8_t labels = 0;

	for (size_t i = 0; event->name[i] != 0; i += event->name[i] + 1u)
		labels++;
	return ps_name_trusted(event->name, event->name_len, labels);
}

struct ps_name ps_event_listed(const struct ps_event *event)
{
	return ps_name_suffix(event->found_listed ? ps_found_name(&event->found) : ps_event_name(event),
	    event->listed_labels);
}

/* Does an entry list the name, and not what was found? */
static bool is_listed(const struct ps_event *event)
{
	return event->entry != PS_EVENT_NO_ENTRY && !event->found_listed;
}

uint8_t ps_event_zone(const struct ps_event *event)
{
	uint8_t labels = ps_event_name(event).labels;

	if (is_listed(event))
		return event->listed_labels;
	return labels < 2 ? labels : 2;
}

static void forget_listing(struct ps_event *event)
{
	event->entry = PS_EVENT_NO_ENTRY;
	event->row = 0;
	event->listed_labels = 0;
	event->found_listed = false;
	event->category = PS_CATEGORY_OTHER;
	event->confidence = 0;
	event->tlp = PS_TLP_CLEAR;
	event->feed[0] = '\0';
}

void ps_event_widen(struct ps_event *event, uint8_t labels)
{
	struct ps_name name = ps_name_suffix(ps_event_name(event), labels);

	if (!is_listed(event) || event->listed_labels != labels)
		forget_listing(event);
	event->subtree = true;
	event->technique = PS_TECHNIQUE_NONE;
	event->score = 0;
	event->brand[0] = '\0';
	event->found = (struct ps_found){.kind = PS_FOUND_NONE};
	event->name_len = name.len;
	memmove(event->name, name.wire, name.len);
}

/* --- writing --------------------------------------------------------------------------- */

static size_t text_sum(const struct ps_event *event)
{
	return event->name_len + strlen(event->rule) + strlen(event->brand) +
	       strlen(event->feed) + strlen(event->case_key) + strlen(event->group_id) +
	       event->found.len;
}

size_t ps_event_size(const struct ps_event *event)
{
	size_t size = PS_RECORD_TEXTS + text_sum(event);

	return (size + PS_RECORD_ALIGN - 1) & ~(size_t)(PS_RECORD_ALIGN - 1);
}

static void put_fields(const struct ps_event *event, uint8_t *out)
{
	ps_store_le64(out + PS_RECORD_SERIAL, event->serial);
	ps_store_le64(out + PS_RECORD_FIRST, event->first);
	ps_store_le64(out + PS_RECORD_LAST, event->last);
	ps_store_le32(out + PS_RECORD_COUNT, event->count);
	ps_store_le32(out + PS_RECORD_GROUP, event->group);
	ps_store_le16(out + PS_RECORD_TYPE, event->type);
	out[PS_RECORD_ACTION] = (uint8_t)event->action;
	out[PS_RECORD_FLAGS] = (uint8_t)((event->trial ? PS_RECORD_TRIAL : 0u) |
	                                 (event->clients_differ ? PS_RECORD_CLIENTS_DIFFER : 0u) |
	                                 (event->subtree ? PS_RECORD_SUBTREE : 0u) |
	                                 (event->found_listed ? PS_RECORD_FOUND_LISTED : 0u));
	out[PS_RECORD_KIND] = (uint8_t)event->kind;
	out[PS_RECORD_TECHNIQUE] = (uint8_t)event->technique;
	out[PS_RECORD_SCORE] = event->score;
	out[PS_RECORD_CATEGORY] = (uint8_t)event->category;
	ps_store_le32(out + PS_RECORD_EDE, (uint32_t)event->ede);
	ps_store_le32(out + PS_RECORD_ENTRY, event->entry);
	ps_store_le16(out + PS_RECORD_ROW, event->row);
	out[PS_RECORD_LISTED_LABELS] = event->listed_labels;
	out[PS_RECORD_CONFIDENCE] = event->confidence;
	out[PS_RECORD_TLP] = (uint8_t)event->tlp;
	out[PS_RECORD_CLIENT_FORM] = (uint8_t)event->client.form;
	out[PS_RECORD_CLIENT_FAMILY] = event->client.family;
	out[PS_RECORD_CLIENT_LEN] = event->client.len;
	memcpy(out + PS_RECORD_SNAPSHOT, event->snapshot, sizeof(event->snapshot));
	memcpy(out + PS_RECORD_CLIENT, event->client.bytes, sizeof(event->client.bytes));
}

static uint8_t *put_text(uint8_t *to, uint8_t *len, const char *text)
{
	*len = (uint8_t)strlen(text);
	memcpy(to, text, *len);
	return to + *len;
}

size_t ps_event_encode(
    const struct ps_event *event, struct ps_hash_key key, uint8_t out[PS_RECORD_MAX])
{
	size_t size = ps_event_size(event);
	uint8_t *text = out + PS_RECORD_TEXTS;

	memset(out, 0, size);
	ps_store_le32(out + PS_RECORD_MAGIC_AT, PS_RECORD_MAGIC);
	ps_store_le32(out + PS_RECORD_LEN, (uint32_t)size);
	put_fields(event, out);
	out[PS_RECORD_NAME_LEN] = event->name_len;
	memcpy(text, event->name, event->name_len);
	text = put_text(text + event->name_len, &out[PS_RECORD_RULE_LEN], event->rule);
	text = put_text(text, &out[PS_RECORD_BRAND_LEN], event->brand);
	text = put_text(text, &out[PS_RECORD_FEED_LEN], event->feed);
	text = put_text(text, &out[PS_RECORD_CASE_LEN], event->case_key);
	text = put_text(text, &out[PS_RECORD_GROUP_LEN], event->group_id);
	out[PS_RECORD_FOUND_KIND] = (uint8_t)event->found.kind;
	out[PS_RECORD_FOUND_LEN] = event->found.len;
	memcpy(text, event->found.bytes, event->found.len);
	ps_store_le64(out + PS_RECORD_CHECKSUM,
	    ps_words_hash(key, ps_bytes_of(out + PS_RECORD_MAGIC_AT, size - PS_RECORD_MAGIC_AT)).lo);
	return size;
}

/* --- reading ----------------------------------------------------------------------------- */

size_t ps_event_peek(struct ps_bytes bytes)
{
	uint32_t magic;
	size_t len;

	if (bytes.len < PS_RECORD_SERIAL)
		return 0;
	magic = ps_load_le32(bytes.ptr + PS_RECORD_MAGIC_AT);
	if (magic != PS_RECORD_MAGIC && magic != PS_RECORD_MAGIC_1)
		return 0;
	len = ps_load_le32(bytes.ptr + PS_RECORD_LEN);
	return len >= PS_RECORD_MIN && len <= PS_RECORD_MAX && len % PS_RECORD_ALIGN == 0 ? len : 0;
}

static void take_fields(struct ps_event *out, const uint8_t *in)
{
	*out = (struct ps_event){
	    .serial = ps_load_le64(in + PS_RECORD_SERIAL),
	    .first = ps_load_le64(in + PS_RECORD_FIRST),
	    .last = ps_load_le64(in + PS_RECORD_LAST),
	    .count = ps_load_le32(in + PS_RECORD_COUNT),
	    .group = ps_load_le32(in + PS_RECORD_GROUP),
	    .type = ps_load_le16(in + PS_RECORD_TYPE),
	    .action = (enum ps_action)in[PS_RECORD_ACTION],
	    .trial = (in[PS_RECORD_FLAGS] & PS_RECORD_TRIAL) != 0,
	    .clients_differ = (in[PS_RECORD_FLAGS] & PS_RECORD_CLIENTS_DIFFER) != 0,
	    .subtree = (in[PS_RECORD_FLAGS] & PS_RECORD_SUBTREE) != 0,
	    .found_listed = (in[PS_RECORD_FLAGS] & PS_RECORD_FOUND_LISTED) != 0,
	    .kind = (enum ps_event_kind)in[PS_RECORD_KIND],
	    .technique = (enum ps_technique)in[PS_RECORD_TECHNIQUE],
	    .score = in[PS_RECORD_SCORE],
	    .category = (enum ps_category)in[PS_RECORD_CATEGORY],
	    .ede = (int32_t)ps_load_le32(in + PS_RECORD_EDE),
	    .entry = ps_load_le32(in + PS_RECORD_ENTRY),
	    .row = ps_load_le16(in + PS_RECORD_ROW),
	    .listed_labels = in[PS_RECORD_LISTED_LABELS],
	    .confidence = in[PS_RECORD_CONFIDENCE],
	    .tlp = (enum ps_tlp)in[PS_RECORD_TLP],
	    .found = {.kind = (enum ps_found_kind)in[PS_RECORD_FOUND_KIND],
	        .len = in[PS_RECORD_FOUND_LEN]},
	    .client = {.form = (enum ps_client_form)in[PS_RECORD_CLIENT_FORM],
	        .family = in[PS_RECORD_CLIENT_FAMILY],
	        .len = in[PS_RECORD_CLIENT_LEN]},
	};
	memcpy(out->snapshot, in + PS_RECORD_SNAPSHOT, sizeof(out->snapshot));
	memcpy(out->client.bytes, in + PS_RECORD_CLIENT, sizeof(out->client.bytes));
}

/* The checksum says that our writer made it; this, that a later version did not mean it
 * otherwise. */
static bool fields_are_valid(const struct ps_event *e, const uint8_t *in)
{
	return e->first <= e->last && e->count > 0 && in[PS_RECORD_ACTION] < PS_ACTION_COUNT &&
	       in[PS_RECORD_FLAGS] < 2 * PS_RECORD_FOUND_LISTED &&
	       in[PS_RECORD_KIND] < PS_EVENT_KIND_COUNT &&
	       in[PS_RECORD_TECHNIQUE] < PS_TECHNIQUE_COUNT && e->score <= PS_SCORE_MAX &&
	       in[PS_RECORD_CATEGORY] < PS_CATEGORY_COUNT && e->ede >= PS_EDE_NONE &&
	       e->ede <= UINT16_MAX && e->confidence <= PS_CONFIDENCE_MAX &&
	       in[PS_RECORD_TLP] < PS_TLP_COUNT &&
	       in[PS_RECORD_CLIENT_FORM] < PS_CLIENT_FORM_COUNT && ps_client_is_valid(&e->client);
}

/* Of version 1: what came with version 2 is 0, so that the rest reads both. */
static bool is_of_its_version(const uint8_t *in)
{
	if (ps_load_le32(in + PS_RECORD_MAGIC_AT) == PS_RECORD_MAGIC)
		return in[PS_RECORD_GROUP_LEN] == 0 || ps_load_le32(in + PS_RECORD_GROUP) != 0;
	return in[PS_RECORD_FLAGS] < PS_RECORD_SUBTREE && in[PS_RECORD_GROUP_LEN] == 0 &&
	       in[PS_RECORD_FOUND_LEN] == 0 && in[PS_RECORD_FOUND_KIND] == PS_FOUND_NONE;
}

/* An id, or what may stand for none: printable ASCII. */
static bool take_text(char *to, const uint8_t **from, size_t len)
{
	if (len > PS_EVENT_TEXT_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((*from)[i] <= 0x20 || (*from)[i] > 0x7e)
			return false;
	memcpy(to, *from, len);
	to[len] = '\0';
	*from += len;
	return true;
}

/* The labels that the listed name is a suffix of. */
static bool listing_is_valid(const struct ps_event *event)
{
	if (!event->found_listed)
		return event->listed_labels <= ps_event_name(event).labels;
	return ps_found_is_name(event->found.kind) &&
	       event->listed_labels <= ps_found_name(&event->found).labels;
}

static bool take_found(struct ps_event *out, const uint8_t **from)
{
	memcpy(out->found.bytes, *from, out->found.len);
	*from += out->found.len;
	return ps_found_is_valid(&out->found) && listing_is_valid(out);
}

static bool take_texts(struct ps_event *out, struct ps_bytes bytes)
{
	const uint8_t *lens = bytes.ptr + PS_RECORD_NAME_LEN;
	const uint8_t *at = bytes.ptr + PS_RECORD_TEXTS;
	const uint8_t *end = bytes.ptr + bytes.len;
	size_t sum = (size_t)lens[0] + lens[1] + lens[2] + lens[3] + lens[4] + lens[5] + lens[6];
	size_t room = bytes.len - PS_RECORD_TEXTS;
	struct ps_name_buffer storage;
	struct ps_name name;
	size_t used = 0;

	if (sum > room || room - sum >= PS_RECORD_ALIGN)
		return false;
	/* In lower case already, and no octet behind the root. */
	if (ps_name_from_wire(&name, &storage, ps_bytes_of(at, lens[0]), &used) != PS_OK ||
	    used != lens[0] || memcmp(storage.wire, at, used) != 0)
		return false;
	out->name_len = lens[0];
	memcpy(out->name, at, lens[0]);
	at += lens[0];
	if (!take_text(out->rule, &at, lens[1]) || !take_text(out->brand, &at, lens[2]) ||
	    !take_text(out->feed, &at, lens[3]) || !take_text(out->case_key, &at, lens[4]) ||
	    !take_text(out->group_id, &at, lens[5]) || !take_found(out, &at))
		return false;
	while (at < end)
		if (*at++ != 0)
			return false;
	return true;
}

enum ps_status ps_event_decode(
    struct ps_event *out, struct ps_hash_key key, struct ps_bytes bytes)
{
	if (ps_event_peek(bytes) != bytes.len || bytes.len == 0)
		return PS_INVALID;
	if (ps_load_le64(bytes.ptr + PS_RECORD_CHECKSUM) !=
	    ps_words_hash(key, ps_bytes_of(bytes.ptr + PS_RECORD_MAGIC_AT,
	                           bytes.len - PS_RECORD_MAGIC_AT)).lo)
		return PS_INVALID;
	take_fields(out, bytes.ptr);
	return fields_are_valid(out, bytes.ptr) && is_of_its_version(bytes.ptr) &&
	        take_texts(out, bytes)
	    ? PS_OK
	    : PS_INVALID;
}
