/* The first walk over a STIX bundle: what must be known before any indicator is taken.
 *
 * It reads every object, so that a bundle that is broken anywhere is refused before
 * its first indicator is handed on; finds for each indicator id the newest version
 * (STIX 2.1 section 3.6.1: an object is known by id, and the latest "modified" is
 * what counts, revoked or not); and learns the marking definitions.
 *
 * Memory: an octet an object, some 100 octets an indicator.
 * Ownership: create/destroy. Threads: immutable once made.
 */
#ifndef PS_FEED_STIX_SURVEY_H
#define PS_FEED_STIX_SURVEY_H

#include "feed/json_stream.h"
#include "feed/vocabulary.h"

#define PS_STIX_OBJECTS_MAX 50000000u
#define PS_STIX_MARKINGS_MAX 65536u

/* What the second walk does with the object of the same number. */
enum ps_stix_kind {
	PS_STIX_OTHER,     /* an object that is no indicator */
	PS_STIX_MARKING,   /* a marking definition: taken in here */
	PS_STIX_INDICATOR, /* the newest version, or one whose version cannot be read */
	PS_STIX_OLDER,     /* an indicator of which there is a newer version */
	PS_STIX_TOO_LONG,
};

struct ps_stix_survey;

/* Walks the bundle that begins at start. Errors: PS_INVALID (no JSON, no bundle),
 * PS_LIMIT, PS_IO, PS_NO_MEMORY, with the reading's err filled. */
PS_MUST_USE enum ps_status ps_stix_survey_create(
    struct ps_stix_survey **out, const struct ps_reading *reading, int64_t start);
void ps_stix_survey_destroy(struct ps_stix_survey *survey);

size_t ps_stix_survey_count(const struct ps_stix_survey *survey);
enum ps_stix_kind ps_stix_survey_kind(const struct ps_stix_survey *survey, size_t index);

/* Adds what the marking definition with this id says: TLP's own ids, then those the
 * bundle defines. An id that nobody defines means amber: it may restrict. */
void ps_stix_survey_add_marking(
    const struct ps_stix_survey *survey, struct ps_bytes id, struct ps_facts *facts);

/* "TYPE--UUID" (STIX 2.1 section 2.9). */
bool ps_stix_is_id(struct ps_bytes id, const char *type);

#endif
