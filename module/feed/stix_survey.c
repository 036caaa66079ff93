#include "feed/stix_survey.h"

#include "core/arena.h"
#include "core/buffer.h"
#include "feed/timestamp.h"

#include <stdlib.h>

#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

struct version {
	struct ps_bytes id; /* in the arena */
	struct ps_timestamp modified;
	uint32_t index;
};

struct marking {
	struct ps_bytes id; /* in the arena */
	bool has_tlp;       /* not: a statement, a licence and the like */
	enum ps_tlp tlp;
};

struct ps_stix_survey {
	struct ps_arena ids;
	struct ps_buffer kinds;    /* an octet an object */
	struct ps_buffer versions; /* struct version; emptied when all are known */
	struct ps_buffer markings; /* struct marking, sorted by id when all are known */
};

static struct ps_bytes member(const json_t *object, const char *name)
{
	struct ps_bytes text = {0};

	(void)!ps_json_string(json_object_get(object, name), &text);
	return text;
}

bool ps_stix_is_id(struct ps_bytes id, const char *type)
{
	static const char shape[] = "--xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t len = strlen(type);

	if (id.len != len + sizeof(shape) - 1 || memcmp(id.ptr, type, len) != 0)
		return false;
	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		uint8_t c = ps_ascii_lower(id.ptr[len + i]);
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

		if (shape[i] == 'x' ? !hex : c != '-')
			return false;
	}
	return true;
}

/* --- one object ------------------------------------------------------------------ */

static bool copy_id(struct ps_stix_survey *survey, struct ps_bytes id, struct ps_bytes *out)
{
	const uint8_t *copy = ps_arena_copy(&survey->ids, id);

	*out = ps_bytes_of(copy, id.len);
	return copy != NULL;
}

/* An indicator whose id or version cannot be read is refused by the second walk. */
static enum ps_status survey_indicator(struct ps_stix_survey *survey, const json_t *object)
{
	struct version version = {.index = (uint32_t)survey->kinds.len};
	struct ps_bytes id = member(object, "id");

	if (!ps_stix_is_id(id, "indicator") ||
	    !ps_timestamp_from_rfc3339(member(object, "modified"), &version.modified))
		return PS_OK;
	if (!copy_id(survey, id, &version.id))
		return PS_NO_MEMORY;
	return ps_buffer_append(&survey->versions, &version, sizeof(version));
}

static enum ps_status survey_marking(struct ps_stix_survey *survey, const json_t *object)
{
	const json_t *extension =
	    json_object_get(json_object_get(object, "extensions"), TLP_EXTENSION);
	struct marking marking = {0};
	struct ps_facts facts = {0};
	struct ps_bytes id = member(object, "id");
	enum ps_tlp tlp = PS_TLP_AMBER; /* for a word that we do not know */

	if (!ps_stix_is_id(id, "marking-definition"))
		return PS_OK;
	if (extension != NULL) {
		(void)!ps_tlp_from_word(member(extension, "tlp_2_0"), &tlp);
		ps_facts_add_tlp(&facts, tlp);
	}
	if (ps_bytes_equal_text(member(object, "definition_type"), "tlp")) {
		tlp = PS_TLP_AMBER;
		(void)!ps_tlp_from_word(
		    member(json_object_get(object, "definition"), "tlp"), &tlp);
		ps_facts_add_tlp(&facts, tlp);
	}
	marking.has_tlp = facts.has_tlp;
	marking.tlp = facts.tlp;
	if (!copy_id(survey, id, &marking.id))
		return PS_NO_MEMORY;
	return ps_buffer_append(&survey->markings, &marking, sizeof(marking));
}

static enum ps_status survey_object(
    struct ps_stix_survey *survey, const struct ps_json_value *value)
{
	struct ps_bytes type = member(value->json, "type");
	uint8_t kind = PS_STIX_OTHER;
	enum ps_status status = PS_OK;

	if (value->too_long) {
		kind = PS_STIX_TOO_LONG;
	} else if (ps_bytes_equal_text(type, "indicator")) {
		kind = PS_STIX_INDICATOR;
		status = survey_indicator(survey, value->json);
	} else if (ps_bytes_equal_text(type, "marking-definition")) {
		kind = PS_STIX_MARKING;
		status = survey_marking(survey, value->json);
	}
	if (status != PS_OK)
		return status;
	return ps_buffer_append(&survey->kinds, &kind, 1);
}

/* --- the bundle -------------------------------------------------------------------- */

struct bundle {
	bool has_type;
	bool has_id;
};

static enum ps_status survey_objects(struct ps_stix_survey *survey,
    struct ps_json_stream *stream, const struct ps_reading *reading)
{
	enum ps_status status = ps_json_enter(stream, '[', "the bundle's objects");

	while (status == PS_OK) {
		struct ps_json_value value;
		bool more;

		status = ps_json_next_element(stream, &more);
		if (status != PS_OK || !more)
			break;
		status = ps_json_load(stream, &value);
		if (status != PS_OK)
			break;
		status = survey_object(survey, &value);
		if (status == PS_LIMIT)
			return ps_reading_fail(reading, status, value.line,
			    "has more objects than its limit of %u, or %u marking definitions",
			    PS_STIX_OBJECTS_MAX, PS_STIX_MARKINGS_MAX);
		if (status != PS_OK)
			return ps_reading_fail(reading, status, value.line, "out of memory");
	}
	return status;
}

static enum ps_status survey_member(struct ps_stix_survey *survey, struct bundle *bundle,
    struct ps_bytes name, struct ps_json_stream *stream, const struct ps_reading *reading)
{
	bool is_type = ps_bytes_equal_text(name, "type");
	bool is_id = ps_bytes_equal_text(name, "id");
	struct ps_json_value value;
	struct ps_bytes text;
	enum ps_status status;

	if (ps_bytes_equal_text(name, "objects"))
		return survey_objects(survey, stream, reading);
	status = ps_json_load(stream, &value);
	if (status != PS_OK || (!is_type && !is_id))
		return status;
	if (!ps_json_string(value.json, &text))
		text = ps_bytes_of(NULL, 0);
	if (is_type && !ps_bytes_equal_text(text, "bundle"))
		return ps_reading_fail(reading, PS_INVALID, value.line,
		    "is no STIX bundle: its type is not \"bundle\"");
	if (is_id && !ps_stix_is_id(text, "bundle"))
		return ps_reading_fail(reading, PS_INVALID, value.line,
		    "is no STIX bundle: its id is not \"bundle--\" and a UUID");
	bundle->has_type = bundle->has_type || is_type;
	bundle->has_id = bundle->has_id || is_id;
	return PS_OK;
}

static enum ps_status survey_bundle(struct ps_stix_survey *survey,
    struct ps_json_stream *stream, const struct ps_reading *reading)
{
	struct bundle bundle = {0};
	struct ps_bytes name;
	bool more = true;
	enum ps_status status = ps_json_enter(stream, '{', "a STIX bundle");

	while (status == PS_OK) {
		status = ps_json_next_member(stream, &name, &more);
		if (status != PS_OK || !more)
			break;
		status = survey_member(survey, &bundle, name, stream, reading);
	}
	if (status == PS_OK)
		status = ps_json_finish(stream);
	if (status == PS_OK && (!bundle.has_type || !bundle.has_id))
		return ps_reading_fail(
		    reading, PS_INVALID, 1, "is no STIX bundle: it has no type or no id");
	return status;
}

/* --- what follows from it ------------------------------------------------------------ */

static int compare_ids(struct ps_bytes a, struct ps_bytes b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.ptr, b.ptr, a.len);
}

/* By id, the newest first; of equally new ones that which stands first in the bundle. */
static int compare_versions(const void *left, const void *right)
{
	const struct version *a = left;
	const struct version *b = right;
	int order = compare_ids(a->id, b->id);

	if (order == 0)
		order = ps_timestamp_compare(b->modified, a->modified);
	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static int compare_markings(const void *left, const void *right)
{
	return compare_ids(
	    ((const struct marking *)left)->id, ((const struct marking *)right)->id);
}

static void settle_versions(struct ps_stix_survey *survey)
{
	struct version *versions = (struct version *)(void *)survey->versions.data;
	size_t count = survey->versions.len / sizeof(*versions);

	if (count > 0)
		qsort(versions, count, sizeof(*versions), compare_versions);
	for (size_t i = 1; i < count; i++) {
		if (compare_ids(versions[i].id, versions[i - 1].id) == 0)
			survey->kinds.data[versions[i].index] = PS_STIX_OLDER;
	}
	ps_buffer_clear(&survey->versions);
}

static void settle_markings(struct ps_stix_survey *survey)
{
	if (survey->markings.len > 0)
		qsort(survey->markings.data, survey->markings.len / sizeof(struct marking),
		    sizeof(struct marking), compare_markings);
}

enum ps_status ps_stix_survey_create(
    struct ps_stix_survey **out, const struct ps_reading *reading, int64_t start)
{
	struct ps_stix_survey *survey = calloc(1, sizeof(*survey));
	struct ps_json_stream *stream = NULL;
	enum ps_status status;

	if (survey == NULL)
		return ps_reading_fail(reading, PS_NO_MEMORY, 0, "out of memory");
	ps_arena_init(&survey->ids, SIZE_MAX / 2);
	ps_buffer_init(&survey->kinds, PS_STIX_OBJECTS_MAX);
	ps_buffer_init(&survey->versions, (size_t)PS_STIX_OBJECTS_MAX * sizeof(struct version));
	ps_buffer_init(&survey->markings, PS_STIX_MARKINGS_MAX * sizeof(struct marking));
	status = ps_json_open(&stream, reading, start);
	if (status == PS_OK)
		status = survey_bundle(survey, stream, reading);
	ps_json_close(stream);
	if (status != PS_OK) {
		ps_stix_survey_destroy(survey);
		return status;
	}
	settle_versions(survey);
	settle_markings(survey);
	*out = survey;
	return PS_OK;
}

void ps_stix_survey_destroy(struct ps_stix_survey *survey)
{
	if (survey == NULL)
		return;
	ps_arena_clear(&survey->ids);
	ps_buffer_clear(&survey->kinds);
	ps_buffer_clear(&survey->versions);
	ps_buffer_clear(&survey->markings);
	free(survey);
}

size_t ps_stix_survey_count(const struct ps_stix_survey *survey)
{
	return survey->kinds.len;
}

enum ps_stix_kind ps_stix_survey_kind(const struct ps_stix_survey *survey, size_t index)
{
	return (enum ps_stix_kind)survey->kinds.data[index];
}

void ps_stix_survey_add_marking(
    const struct ps_stix_survey *survey, struct ps_bytes id, struct ps_facts *facts)
{
	const struct marking *markings = (const struct marking *)(void *)survey->markings.data;
	size_t low = 0;
	size_t count = survey->markings.len / sizeof(*markings);
	size_t high = count;
	bool defined = false;

	if (ps_facts_add_marking(facts, id))
		return;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_ids(markings[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < count && compare_ids(markings[low].id, id) == 0; low++) {
		defined = true;
		if (markings[low].has_tlp)
			ps_facts_add_tlp(facts, markings[low].tlp);
	}
	if (!defined)
		ps_facts_add_tlp(facts, PS_TLP_AMBER);
}
