/* STIX 2.1 bundles (OASIS, STIX Version 2.1): the indicators in them.
 *
 * Read twice: feed/stix_survey.h says why, so fd must be a regular file. Each indicator
 * gives one row for every value of its pattern, or none at all. Refused by reason:
 *   bad-field            id, modified, valid_from, valid_until, confidence, revoked or a
 *                        marking is missing where required or is none; a broken pattern
 *   duplicate            a newer version of the same id stands in the bundle
 *   revoked, expired     as the newest version says
 *   unsupported-pattern  pattern_type is not "stix", or see feed/stix_pattern.h
 *   unsupported-type     another object than an indicator, or one said to be benign
 *   line-too-long        an object over PS_JSON_VALUE_MAX
 * Category: from labels, indicator_types and kill chain phases (feed/vocabulary.h).
 * TLP: the most restricted of object_marking_refs and granular markings; one that is
 * not defined anywhere counts as amber. Reference: the indicator's id.
 */
#ifndef PS_FEED_STIX_H
#define PS_FEED_STIX_H

#include "feed/reading.h"

PS_MUST_USE enum ps_status ps_stix_read(struct ps_reading *reading);

#endif
