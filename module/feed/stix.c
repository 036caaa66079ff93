#include "feed/stix.h"

#include "feed/entry.h"
#include "feed/json_stream.h"
#include "feed/stix_pattern.h"
#include "feed/stix_survey.h"
#include "feed/timestamp.h"
#include "feed/vocabulary.h"

/* --- fields: each false where what is there is not what the standard says ---------- */

static bool read_times(const json_t *object, struct ps_indicator *indicator)
{
	const json_t *until = json_object_get(object, "valid_until");
	struct ps_timestamp from_time, until_time;
	struct ps_bytes text;

	if (!ps_json_string(json_object_get(object, "valid_from"), &text) ||
	    !ps_timestamp_from_rfc3339(text, &from_time))
		return false;
	indicator->valid_from = ps_timestamp_floor(from_time);
	if (until == NULL)
		return true;
	/* Section 4.7.2: it must be later than valid_from. */
	if (!ps_json_string(until, &text) || !ps_timestamp_from_rfc3339(text, &until_time) ||
	    ps_timestamp_compare(until_time, from_time) <= 0)
		return false;
	indicator->valid_until = ps_timestamp_ceiling(until_time);
	return true;
}

static bool read_confidence(const json_t *object, struct ps_indicator *indicator)
{
	const json_t *confidence = json_object_get(object, "confidence");

	if (confidence == NULL)
		return true;
	if (!json_is_integer(confidence) || json_integer_value(confidence) < 0 ||
	    json_integer_value(confidence) > PS_CONFIDENCE_MAX)
		return false;
	indicator->confidence = (uint8_t)json_integer_value(confidence);
	return true;
}

/* Adds each string of the list, or the string that each of its objects has as this member
 * (NULL: the strings themselves); an absent list is an empty one. */
static bool read_words(const json_t *list, const char *member, struct ps_facts *facts)
{
	struct ps_bytes word;

	if (list == NULL)
		return true;
	if (!json_is_array(list))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		if (!ps_json_string(member == NULL ? item : json_object_get(item, member), &word))
			return false;
		(void)!ps_facts_add_word(facts, word);
	}
	return true;
}

static bool read_markings(
    const struct ps_stix_survey *survey, const json_t *object, struct ps_facts *facts)
{
	const json_t *refs = json_object_get(object, "object_marking_refs");
	const json_t *granular = json_object_get(object, "granular_markings");
	const json_t *ref;
	struct ps_bytes id;

	if ((refs != NULL && !json_is_array(refs)) ||
	    (granular != NULL && !json_is_array(granular)))
		return false;
	for (size_t i = 0; i < json_array_size(refs); i++) {
		if (!ps_json_string(json_array_get(refs, i), &id))
			return false;
		ps_stix_survey_add_marking(survey, id, facts);
	}
	for (size_t i = 0; i < json_array_size(granular); i++) {
		/* One marks a language ("lang") instead: section 7.2.3. */
		ref = json_object_get(json_array_get(granular, i), "marking_ref");
		if (ref == NULL)
			continue;
		if (!ps_json_string(ref, &id))
			return false;
		ps_stix_survey_add_marking(survey, id, facts);
	}
	return true;
}

static bool read_facts(
    const struct ps_stix_survey *survey, const json_t *object, struct ps_facts *facts)
{
	return read_words(json_object_get(object, "labels"), NULL, facts) &&
	       read_words(json_object_get(object, "indicator_types"), NULL, facts) &&
	       read_words(json_object_get(object, "kill_chain_phases"), "phase_name", facts) &&
	       read_markings(survey, object, facts);
}

/* --- the pattern ---------------------------------------------------------------------- */

struct emission {
	struct ps_reading *reading;
	struct ps_indicator indicator;
	struct ps_name_buffer storage;
	enum ps_refusal reason;
	bool hand_on; /* not: only look whether every value can be read */
	enum ps_status handed; /* the first status but PS_OK of handing on */
};

static enum ps_status read_value(
    struct emission *emission, enum ps_stix_object object, struct ps_bytes value)
{
	struct ps_indicator *out = &emission->indicator;
	enum ps_status status;

	switch (object) {
	case PS_STIX_DOMAIN_NAME:
		return ps_entry_from_host(out, &emission->storage, value,
		    emission->reading->config->scope, &emission->reason);
	case PS_STIX_URL:
		return ps_entry_from_url(out, &emission->storage, value, &emission->reason);
	case PS_STIX_IPV4_ADDR:
	case PS_STIX_IPV6_ADDR:
		break;
	}
	status = ps_entry_from_address(out, value, &emission->reason);
	if (status == PS_OK &&
	    (out->prefix.address.family == 4) != (object == PS_STIX_IPV4_ADDR)) {
		emission->reason = PS_REFUSED_BAD_ADDRESS;
		return PS_INVALID;
	}
	return status;
}

static enum ps_status visit(void *ctx, enum ps_stix_object object, struct ps_bytes value)
{
	struct emission *emission = ctx;
	enum ps_status status = read_value(emission, object, value);

	if (status == PS_OK && emission->hand_on)
		status = emission->handed =
		    ps_reading_accept(emission->reading, &emission->indicator);
	return status;
}

/* All values or none: they are read once to see that they can be, and then again.
 * PS_INVALID: refused, for emission->reason. */
static enum ps_status read_pattern(struct emission *emission, struct ps_bytes pattern)
{
	enum ps_status status;

	emission->reason = PS_REFUSED_BAD_FIELD;
	emission->hand_on = false;
	status = ps_stix_pattern_read(pattern, visit, emission);
	if (status == PS_OK) {
		emission->hand_on = true;
		status = ps_stix_pattern_read(pattern, visit, emission);
	}
	if (emission->handed != PS_OK)
		return emission->handed;
	if (status == PS_UNSUPPORTED) {
		emission->reason = PS_REFUSED_UNSUPPORTED_PATTERN;
		return PS_INVALID;
	}
	if (status == PS_NO_MEMORY)
		return ps_reading_fail(emission->reading, status, emission->indicator.line,
		    "out of memory");
	return status;
}

/* --- one indicator --------------------------------------------------------------------- */

/* Fills all but name and address; false with *reason when it is refused. */
static bool read_fields(const struct ps_stix_survey *survey, const json_t *object, uint32_t now,
    struct ps_indicator *out, enum ps_refusal *reason)
{
	const json_t *revoked = json_object_get(object, "revoked");
	struct ps_facts facts = {0};
	struct ps_timestamp modified;
	struct ps_bytes text;

	*reason = PS_REFUSED_BAD_FIELD;
	if (!ps_json_string(json_object_get(object, "id"), &out->reference) ||
	    !ps_stix_is_id(out->reference, "indicator") ||
	    !ps_json_string(json_object_get(object, "modified"), &text) ||
	    !ps_timestamp_from_rfc3339(text, &modified) ||
	    (revoked != NULL && !json_is_boolean(revoked)))
		return false;
	if (json_is_true(revoked)) {
		*reason = PS_REFUSED_REVOKED;
		return false;
	}
	if (!read_times(object, out) || !read_confidence(object, out) ||
	    !read_facts(survey, object, &facts))
		return false;
	ps_facts_apply(&facts, out);
	if (out->valid_until <= now) {
		*reason = PS_REFUSED_EXPIRED;
		return false;
	}
	*reason = PS_REFUSED_UNSUPPORTED_TYPE;
	return !facts.benign;
}

static enum ps_status read_indicator(struct ps_reading *reading,
    const struct ps_stix_survey *survey, const struct ps_json_value *value)
{
	struct emission emission = {
	    .reading = reading,
	    .indicator = ps_reading_indicator(reading, value->line),
	};
	struct ps_bytes pattern = value->text;
	struct ps_bytes type;
	enum ps_status status = PS_INVALID;

	if (read_fields(survey, value->json, reading->now, &emission.indicator,
	        &emission.reason)) {
		emission.reason = PS_REFUSED_BAD_FIELD;
		if (ps_json_string(json_object_get(value->json, "pattern"), &pattern) &&
		    ps_json_string(json_object_get(value->json, "pattern_type"), &type)) {
			if (ps_bytes_equal_text(type, "stix"))
				status = read_pattern(&emission, pattern);
			else
				emission.reason = PS_REFUSED_UNSUPPORTED_PATTERN;
		}
	} else if (!ps_json_string(json_object_get(value->json, "pattern"), &pattern)) {
		pattern = value->text;
	}
	if (status != PS_INVALID || emission.handed != PS_OK)
		return status;
	ps_reading_refuse(reading, emission.reason, value->line, pattern);
	return PS_OK;
}

/* --- the second walk ------------------------------------------------------------------- */

static enum ps_status read_object(struct ps_reading *reading,
    const struct ps_stix_survey *survey, enum ps_stix_kind kind, struct ps_json_stream *stream)
{
	struct ps_json_value value;
	struct ps_bytes type;
	enum ps_status status = kind == PS_STIX_INDICATOR || kind == PS_STIX_OTHER ?
	                            ps_json_load(stream, &value) :
	                            ps_json_pass(stream, &value);

	if (status != PS_OK)
		return status;
	switch (kind) {
	case PS_STIX_INDICATOR:
		if (value.json == NULL)
			return ps_reading_fail(
			    reading, PS_IO, value.line, "was changed while it was read");
		return read_indicator(reading, survey, &value);
	case PS_STIX_OTHER:
		if (!ps_json_string(json_object_get(value.json, "type"), &type))
			type = value.text;
		ps_reading_refuse(reading, PS_REFUSED_UNSUPPORTED_TYPE, value.line, type);
		break;
	case PS_STIX_OLDER:
		ps_reading_refuse(reading, PS_REFUSED_DUPLICATE, value.line, value.text);
		break;
	case PS_STIX_TOO_LONG:
		ps_reading_refuse(reading, PS_REFUSED_LINE_TOO_LONG, value.line, value.text);
		break;
	case PS_STIX_MARKING:
		break;
	}
	return PS_OK;
}

static enum ps_status read_objects(struct ps_reading *reading,
    const struct ps_stix_survey *survey, struct ps_json_stream *stream)
{
	size_t index = 0;
	enum ps_status status = ps_json_enter(stream, '[', "the bundle's objects");

	for (; status == PS_OK; index++) {
		bool more;

		status = ps_json_next_element(stream, &more);
		if (status != PS_OK || !more)
			break;
		if (index >= ps_stix_survey_count(survey))
			return ps_reading_fail(
			    reading, PS_IO, 0, "was changed while it was read");
		status = read_object(
		    reading, survey, ps_stix_survey_kind(survey, index), stream);
	}
	return status;
}

static enum ps_status read_bundle(struct ps_reading *reading,
    const struct ps_stix_survey *survey, struct ps_json_stream *stream)
{
	enum ps_status status = ps_json_enter(stream, '{', "a STIX bundle");

	while (status == PS_OK) {
		struct ps_json_value value;
		struct ps_bytes name;
		bool more;

		status = ps_json_next_member(stream, &name, &more);
		if (status != PS_OK || !more)
			break;
		if (ps_bytes_equal_text(name, "objects"))
			status = read_objects(reading, survey, stream);
		else
			status = ps_json_pass(stream, &value);
	}
	return status;
}

enum ps_status ps_stix_read(struct ps_reading *reading)
{
	struct ps_stix_survey *survey = NULL;
	struct ps_json_stream *stream = NULL;
	int64_t start;
	enum ps_status status = ps_json_start(reading, &start);

	if (status != PS_OK)
		return status;
	status = ps_stix_survey_create(&survey, reading, start);
	if (status == PS_OK)
		status = ps_json_open(&stream, reading, start);
	if (status == PS_OK)
		status = read_bundle(reading, survey, stream);
	ps_json_close(stream);
	ps_stix_survey_destroy(survey);
	return status;
}
