#include "feed/misp.h"

#include "core/buffer.h"
#include "feed/entry.h"
#include "feed/json_stream.h"
#include "feed/vocabulary.h"

/* One walk over the document. The first reads everything and learns the facts of each
 * event, the second hands attributes on. */
struct walk {
	struct ps_reading *reading;
	struct ps_json_stream *stream;
	bool second;
	struct ps_buffer *events; /* struct ps_facts, one an event */
	size_t event;             /* number of the event at hand */
	bool found;               /* the document has the shape of one with events */
};

/* --- tags ------------------------------------------------------------------------- */

static void add_tags(const json_t *tags, struct ps_facts *facts)
{
	struct ps_bytes name;

	for (size_t i = 0; i < json_array_size(tags); i++) {
		if (ps_json_string(json_object_get(json_array_get(tags, i), "name"), &name))
			ps_facts_add_tag(facts, name);
	}
}

static void add_galaxy(const json_t *galaxy, struct ps_facts *facts)
{
	const json_t *clusters = json_object_get(galaxy, "GalaxyCluster");
	struct ps_bytes name;

	for (size_t i = 0; i < json_array_size(clusters); i++) {
		if (ps_json_string(
		        json_object_get(json_array_get(clusters, i), "tag_name"), &name))
			ps_facts_add_tag(facts, name);
	}
}

/* What an attribute does not say itself, its event says for it. */
static struct ps_facts join(struct ps_facts attribute, const struct ps_facts *event)
{
	if (attribute.rank == 0) {
		attribute.rank = event->rank;
		attribute.category = event->category;
	}
	if (!attribute.has_confidence) {
		attribute.has_confidence = event->has_confidence;
		attribute.confidence = event->confidence;
	}
	if (event->has_tlp)
		ps_facts_add_tlp(&attribute, event->tlp);
	return attribute;
}

/* --- one attribute ------------------------------------------------------------------ */

enum form { FORM_DOMAIN, FORM_HOST, FORM_URL, FORM_ADDRESS };
enum tail { TAIL_NONE, TAIL_ADDRESS, TAIL_PORT };

struct type {
	const char *name;
	enum form form;
	enum tail tail; /* what stands behind "|" */
};

static const struct type types[] = {
    {"domain", FORM_DOMAIN, TAIL_NONE},
    {"domain|ip", FORM_DOMAIN, TAIL_ADDRESS},
    {"hostname", FORM_HOST, TAIL_NONE},
    {"hostname|port", FORM_HOST, TAIL_PORT},
    {"url", FORM_URL, TAIL_NONE},
    {"uri", FORM_URL, TAIL_NONE},
    {"ip-dst", FORM_ADDRESS, TAIL_NONE},
    {"ip-src", FORM_ADDRESS, TAIL_NONE},
    {"ip-dst|port", FORM_ADDRESS, TAIL_PORT},
    {"ip-src|port", FORM_ADDRESS, TAIL_PORT},
};

static const struct type *find_type(struct ps_bytes name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (ps_bytes_equal_text(name, types[i].name))
			return &types[i];
	}
	return NULL;
}

/* true, 1 and "1"; false, 0, "0" and nothing. False when it is none of these. */
static bool read_flag(const json_t *flag, bool *out)
{
	struct ps_bytes text;

	if (flag == NULL || json_is_boolean(flag)) {
		*out = json_is_true(flag);
		return true;
	}
	if (json_is_integer(flag)) {
		*out = json_integer_value(flag) == 1;
		return *out || json_integer_value(flag) == 0;
	}
	if (!ps_json_string(flag, &text))
		return false;
	*out = ps_bytes_equal_text(text, "1");
	return *out || ps_bytes_equal_text(text, "0");
}

static bool is_port(struct ps_bytes text)
{
	unsigned port = 0;

	if (text.len == 0 || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		port = port * 10 + (unsigned)(text.ptr[i] - '0');
	}
	return port <= 65535;
}

/* Cuts off what stands behind "|", which must be what the type says. */
static bool cut_tail(enum tail tail, struct ps_bytes *value, enum ps_refusal *reason)
{
	const uint8_t *bar = value->len > 0 ? memchr(value->ptr, '|', value->len) : NULL;
	struct ps_bytes rest;
	struct ps_address address;

	if (tail == TAIL_NONE)
		return true;
	*reason = PS_REFUSED_BAD_FIELD;
	if (bar == NULL)
		return false;
	rest = ps_bytes_of(bar + 1, value->len - (size_t)(bar - value->ptr) - 1);
	value->len = (size_t)(bar - value->ptr);
	if (tail == TAIL_PORT)
		return is_port(rest);
	*reason = PS_REFUSED_BAD_ADDRESS;
	return ps_address_from_text(&address, rest, NULL) == PS_OK;
}

static enum ps_status read_value(const struct ps_reading *reading, const struct type *type,
    struct ps_bytes value, struct ps_indicator *out, struct ps_name_buffer *storage,
    enum ps_refusal *reason)
{
	if (!cut_tail(type->tail, &value, reason))
		return PS_INVALID;
	switch (type->form) {
	case FORM_DOMAIN:
		return ps_entry_from_host(out, storage, value, reading->config->scope, reason);
	case FORM_HOST:
		return ps_entry_from_host(out, storage, value, PS_SCOPE_EXACT, reason);
	case FORM_URL:
		return ps_entry_from_url(out, storage, value, reason);
	case FORM_ADDRESS:
		break;
	}
	return ps_entry_from_address(out, value, reason);
}

/* Everything but the value; false with *reason when the attribute is refused. */
static bool read_fields(const json_t *attribute, bool deleted, const struct ps_facts *event,
    struct ps_indicator *out, const struct type **type, enum ps_refusal *reason)
{
	const json_t *galaxies = json_object_get(attribute, "Galaxy");
	struct ps_facts facts = {0};
	struct ps_bytes text = {0};
	bool to_ids, gone;

	*reason = PS_REFUSED_BAD_FIELD;
	if (!read_flag(json_object_get(attribute, "to_ids"), &to_ids) ||
	    !read_flag(json_object_get(attribute, "deleted"), &gone))
		return false;
	*reason = PS_REFUSED_REVOKED;
	if (gone || deleted)
		return false;
	*reason = PS_REFUSED_NOT_TO_IDS;
	if (!to_ids)
		return false;
	*reason = PS_REFUSED_UNSUPPORTED_TYPE;
	(void)!ps_json_string(json_object_get(attribute, "type"), &text);
	*type = find_type(text);
	if (*type == NULL)
		return false;
	*reason = PS_REFUSED_BAD_FIELD;
	(void)!ps_json_string(json_object_get(attribute, "uuid"), &out->reference);
	if (out->reference.len > PS_REFERENCE_MAX)
		return false;
	add_tags(json_object_get(attribute, "Tag"), &facts);
	for (size_t i = 0; i < json_array_size(galaxies); i++)
		add_galaxy(json_array_get(galaxies, i), &facts);
	facts = join(facts, event);
	if (facts.rank == 0 && ps_json_string(json_object_get(attribute, "category"), &text))
		ps_facts_add_misp_category(&facts, text);
	ps_facts_apply(&facts, out);
	return true;
}

/* text: what to show of it where it has no value. */
static enum ps_status read_attribute(const struct walk *walk, const json_t *attribute,
    bool deleted, uint64_t line, struct ps_bytes text)
{
	struct ps_indicator indicator = ps_reading_indicator(walk->reading, line);
	const struct type *type = NULL;
	struct ps_name_buffer storage;
	struct ps_facts event;
	enum ps_refusal reason = PS_REFUSED_BAD_LINE;
	enum ps_status status = PS_INVALID;

	memcpy(&event, walk->events->data + walk->event * sizeof(event), sizeof(event));
	if (json_is_object(attribute) &&
	    ps_json_string(json_object_get(attribute, "value"), &text) &&
	    read_fields(attribute, deleted, &event, &indicator, &type, &reason))
		status = read_value(walk->reading, type, ps_bytes_trim(text), &indicator,
		    &storage, &reason);
	return ps_reading_settle(walk->reading, status, &indicator, reason, text);
}

static enum ps_status read_object(const struct walk *walk, const struct ps_json_value *value)
{
	const json_t *attributes = json_object_get(value->json, "Attribute");
	bool deleted = false;
	enum ps_status status = PS_OK;

	if (!json_is_object(value->json) || (attributes != NULL && !json_is_array(attributes)) ||
	    !read_flag(json_object_get(value->json, "deleted"), &deleted)) {
		ps_reading_refuse(walk->reading, PS_REFUSED_BAD_LINE, value->line, value->text);
		return PS_OK;
	}
	for (size_t i = 0; i < json_array_size(attributes) && status == PS_OK; i++)
		status = read_attribute(
		    walk, json_array_get(attributes, i), deleted, value->line, value->text);
	return status;
}

/* --- walking ---------------------------------------------------------------------------- */

static enum ps_status pass_over(const struct walk *walk)
{
	struct ps_json_value value;

	return walk->second ? ps_json_pass(walk->stream, &value) :
	                      ps_json_load(walk->stream, &value);
}

/* What the elements of an event's lists are. */
enum list { LIST_ATTRIBUTES, LIST_OBJECTS, LIST_TAGS, LIST_GALAXIES };

static enum ps_status take_element(
    const struct walk *walk, enum list list, const struct ps_json_value *value)
{
	struct ps_facts *facts =
	    (struct ps_facts *)(void *)walk->events->data + walk->event;

	if (!walk->second) {
		struct ps_bytes name;

		if (list == LIST_GALAXIES)
			add_galaxy(value->json, facts);
		else if (list == LIST_TAGS &&
		         ps_json_string(json_object_get(value->json, "name"), &name))
			ps_facts_add_tag(facts, name);
		return PS_OK;
	}
	if (list != LIST_ATTRIBUTES && list != LIST_OBJECTS)
		return PS_OK;
	if (value->too_long) {
		ps_reading_refuse(
		    walk->reading, PS_REFUSED_LINE_TOO_LONG, value->line, value->text);
		return PS_OK;
	}
	if (list == LIST_OBJECTS)
		return read_object(walk, value);
	return read_attribute(walk, value->json, false, value->line, value->text);
}

static enum ps_status walk_list(const struct walk *walk, enum list list)
{
	enum ps_status status = ps_json_enter(walk->stream, '[', "a list of the event");

	while (status == PS_OK) {
		struct ps_json_value value;
		bool more;

		status = ps_json_next_element(walk->stream, &more);
		if (status != PS_OK || !more)
			break;
		status = ps_json_load(walk->stream, &value);
		if (status == PS_OK)
			status = take_element(walk, list, &value);
	}
	return status;
}

static enum ps_status walk_event_member(const struct walk *walk, struct ps_bytes name)
{
	static const struct {
		const char *name;
		enum list list;
	} lists[] = {
	    {"Attribute", LIST_ATTRIBUTES},
	    {"Object", LIST_OBJECTS},
	    {"Tag", LIST_TAGS},
	    {"Galaxy", LIST_GALAXIES},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (ps_bytes_equal_text(name, lists[i].name))
			return walk_list(walk, lists[i].list);
	}
	return pass_over(walk);
}

/* Makes room for the facts of one more event, or finds those of the first walk. */
static enum ps_status begin_event(const struct walk *walk)
{
	enum ps_status status = PS_OK;

	if (!walk->second)
		status = ps_buffer_append(walk->events, NULL, sizeof(struct ps_facts));
	else if ((walk->event + 1) * sizeof(struct ps_facts) > walk->events->len)
		return ps_reading_fail(walk->reading, PS_IO, 0, "was changed while it was read");
	if (status == PS_LIMIT)
		return ps_reading_fail(walk->reading, status, 0,
		    "has more events than its limit of %u", PS_MISP_EVENTS_MAX);
	if (status != PS_OK)
		return ps_reading_fail(walk->reading, status, 0, "out of memory");
	return PS_OK;
}

static enum ps_status walk_event(struct walk *walk)
{
	enum ps_status status = begin_event(walk);

	if (status == PS_OK)
		status = ps_json_enter(walk->stream, '{', "a MISP event");
	while (status == PS_OK) {
		struct ps_bytes name;
		bool more;

		status = ps_json_next_member(walk->stream, &name, &more);
		if (status != PS_OK || !more)
			break;
		status = walk_event_member(walk, name);
	}
	walk->event++;
	return status;
}

/* {"Event": {...}}; what stands beside it in the same object is passed over. */
static enum ps_status walk_element(struct walk *walk)
{
	uint8_t first;
	bool found = false;
	struct ps_json_value value = {0};
	enum ps_status status = ps_json_peek(walk->stream, &first);

	value.line = ps_json_line(walk->stream);
	if (status == PS_OK && first != '{')
		status = walk->second ? ps_json_pass(walk->stream, &value) :
		                        ps_json_load(walk->stream, &value);
	else if (status == PS_OK)
		status = ps_json_enter(walk->stream, '{', "a MISP event");
	while (status == PS_OK && first == '{') {
		struct ps_bytes name;
		bool more;

		status = ps_json_next_member(walk->stream, &name, &more);
		if (status != PS_OK || !more)
			break;
		found = found || ps_bytes_equal_text(name, "Event");
		status = ps_bytes_equal_text(name, "Event") ? walk_event(walk) : pass_over(walk);
	}
	if (status == PS_OK && !found && walk->second)
		ps_reading_refuse(
		    walk->reading, PS_REFUSED_BAD_LINE, value.line, value.text);
	return status;
}

static enum ps_status walk_array(struct walk *walk)
{
	enum ps_status status = ps_json_enter(walk->stream, '[', "a list of MISP events");

	walk->found = true;
	while (status == PS_OK) {
		bool more;

		status = ps_json_next_element(walk->stream, &more);
		if (status != PS_OK || !more)
			break;
		status = walk_element(walk);
	}
	return status;
}

static enum ps_status walk_top_object(struct walk *walk)
{
	enum ps_status status = ps_json_enter(walk->stream, '{', "a MISP event");

	while (status == PS_OK) {
		struct ps_bytes name;
		bool more;

		status = ps_json_next_member(walk->stream, &name, &more);
		if (status != PS_OK || !more)
			break;
		if (ps_bytes_equal_text(name, "Event")) {
			walk->found = true;
			status = walk_event(walk);
		} else if (ps_bytes_equal_text(name, "response")) {
			status = walk_array(walk);
		} else {
			status = pass_over(walk);
		}
	}
	return status;
}

static enum ps_status walk_document(struct walk *walk)
{
	uint8_t first;
	enum ps_status status = ps_json_peek(walk->stream, &first);

	if (status == PS_OK)
		status = first == '[' ? walk_array(walk) : walk_top_object(walk);
	if (status == PS_OK)
		status = ps_json_finish(walk->stream);
	if (status == PS_OK && !walk->found)
		return ps_reading_fail(walk->reading, PS_INVALID, 1,
		    "is no MISP event: it has neither \"Event\" nor \"response\"");
	return status;
}

enum ps_status ps_misp_read(struct ps_reading *reading)
{
	struct ps_buffer events;
	int64_t start;
	enum ps_status status = ps_json_start(reading, &start);

	if (status != PS_OK)
		return status;
	ps_buffer_init(&events, PS_MISP_EVENTS_MAX * sizeof(struct ps_facts));
	for (int pass = 0; pass < 2 && status == PS_OK; pass++) {
		struct walk walk = {
		    .reading = reading, .second = pass == 1, .events = &events};

		status = ps_json_open(&walk.stream, reading, start);
		if (status == PS_OK)
			status = walk_document(&walk);
		ps_json_close(walk.stream);
	}
	ps_buffer_clear(&events);
	return status;
}
