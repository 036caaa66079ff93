/* Events to test with: random ones that are valid, and what makes two equal. */
#ifndef PS_TESTS_EVENT_SAMPLE_H
#define PS_TESTS_EVENT_SAMPLE_H

#include "core/random.h"
#include "event/event.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A plain one: name blocked by rule once. */
static inline struct ps_event sample_plain(const char *name, const char *rule, uint64_t at)
{
	struct ps_event event = {.first = at,
	    .last = at,
	    .count = 1,
	    .type = 1,
	    .action = PS_ACTION_NXDOMAIN,
	    .kind = PS_EVENT_KIND_LISTED,
	    .ede = PS_EDE_NONE,
	    .entry = PS_EVENT_NO_ENTRY};
	struct ps_name_buffer storage;
	struct ps_name wire;

	ck_assert_int_eq(
	    ps_name_from_text(&wire, &storage, ps_bytes_of_text(name), NULL), PS_OK);
	event.name_len = wire.len;
	memcpy(event.name, wire.wire, wire.len);
	(void)snprintf(event.rule, sizeof(event.rule), "%s", rule);
	return event;
}

static inline void sample_text(struct random *r, char out[PS_EVENT_TEXT_MAX + 1], bool may_be_empty)
{
	size_t len = random_below(r, PS_EVENT_TEXT_MAX) + !may_be_empty;

	for (size_t i = 0; i < len; i++)
		out[i] = "abcdefghijklmnopqrstuvwxyz0123456789-"[random_below(r, 37)];
	out[len] = '\0';
}

/* What a rule about answers finds; a name every other time. */
static inline struct ps_found sample_found(struct random *r)
{
	enum ps_found_kind kind = (enum ps_found_kind)random_below(r, PS_FOUND_KIND_COUNT);
	struct ps_name_buffer storage;
	struct ps_name name;
	uint8_t wire[PS_NAME_WIRE_MAX];

	if (kind == PS_FOUND_NONE)
		return (struct ps_found){.kind = kind};
	if (!ps_found_is_name(kind)) {
		for (int i = 0; i < 16; i++)
			wire[i] = (uint8_t)random_next(r);
		return ps_found_of(kind, ps_bytes_of(wire, random_below(r, 2) ? 4 : 16));
	}
	(void)random_wire(r, 1 + (unsigned)random_below(r, 20), wire);
	ck_assert_int_eq(
	    ps_name_from_wire(&name, &storage, ps_bytes_of(wire, sizeof(wire)), NULL), PS_OK);
	return ps_found_of(kind, ps_found_octets_of_name(name));
}

/* Every field has a value of its own. */
static inline struct ps_event sample_random(struct random *r)
{
	struct ps_event e = {.serial = random_next(r),
	    .first = random_next(r) >> 20,
	    .count = (uint32_t)random_below(r, 1000000) + 1,
	    .group = random_below(r, 2) ? 1 + (uint32_t)random_below(r, 64) : 0,
	    .subtree = random_below(r, 2) != 0,
	    .type = (uint16_t)random_next(r),
	    .action = (enum ps_action)random_below(r, PS_ACTION_COUNT),
	    .trial = random_below(r, 2) != 0,
	    .kind = (enum ps_event_kind)random_below(r, PS_EVENT_KIND_COUNT),
	    .technique = (enum ps_technique)random_below(r, PS_TECHNIQUE_COUNT),
	    .score = (uint8_t)random_below(r, PS_SCORE_MAX + 1),
	    .ede = (int32_t)random_below(r, 65537) - 1,
	    .clients_differ = random_below(r, 2) != 0,
	    .entry = (uint32_t)random_next(r),
	    .row = (uint16_t)random_next(r),
	    .category = (enum ps_category)random_below(r, PS_CATEGORY_COUNT),
	    .confidence = (uint8_t)random_below(r, 101),
	    .tlp = (enum ps_tlp)random_below(r, PS_TLP_COUNT)};
	struct ps_address address = {.family = random_below(r, 2) ? 4 : 6};
	struct ps_name_buffer storage;
	struct ps_name name;
	uint8_t wire[PS_NAME_WIRE_MAX];

	e.last = e.first + random_below(r, 10000);
	for (size_t i = 0; i < (address.family == 4 ? 4u : 16u); i++)
		address.bytes[i] = (uint8_t)random_next(r);
	e.client = ps_client_reduce((enum ps_client_form)random_below(r, PS_CLIENT_FORM_COUNT),
	    &address, (struct ps_hash_key){1, 2});
	for (size_t i = 0; i < sizeof(e.snapshot); i++)
		e.snapshot[i] = (uint8_t)random_next(r);
	(void)random_wire(r, 1 + (unsigned)random_below(r, 20), wire);
	ck_assert_int_eq(
	    ps_name_from_wire(&name, &storage, ps_bytes_of(wire, sizeof(wire)), NULL), PS_OK);
	e.name_len = name.len;
	memcpy(e.name, name.wire, name.len);
	e.found = sample_found(r);
	e.found_listed = ps_found_is_name(e.found.kind) && random_below(r, 2);
	e.listed_labels = (uint8_t)random_below(
	    r, (e.found_listed ? ps_found_name(&e.found).labels : name.labels) + 1u);
	if (e.group > 0)
		sample_text(r, e.group_id, false);
	sample_text(r, e.rule, false);
	sample_text(r, e.brand, true);
	sample_text(r, e.feed, true);
	sample_text(r, e.case_key, true);
	return e;
}

/* Field by field, as a reader sees them. */
static inline bool sample_equal(const struct ps_event *a, const struct ps_event *b)
{
	return a->serial == b->serial && a->first == b->first && a->last == b->last &&
	       a->count == b->count && a->group == b->group && a->type == b->type &&
	       a->subtree == b->subtree && a->found_listed == b->found_listed &&
	       ps_found_equal(&a->found, &b->found) && strcmp(a->group_id, b->group_id) == 0 &&
	       a->action == b->action && a->trial == b->trial && a->kind == b->kind &&
	       a->technique == b->technique && a->score == b->score && a->ede == b->ede &&
	       a->clients_differ == b->clients_differ && a->entry == b->entry &&
	       a->row == b->row && a->listed_labels == b->listed_labels &&
	       a->category == b->category && a->confidence == b->confidence &&
	       a->tlp == b->tlp && ps_client_equal(&a->client, &b->client) &&
	       memcmp(a->snapshot, b->snapshot, sizeof(a->snapshot)) == 0 &&
	       a->name_len == b->name_len && memcmp(a->name, b->name, a->name_len) == 0 &&
	       strcmp(a->rule, b->rule) == 0 && strcmp(a->brand, b->brand) == 0 &&
	       strcmp(a->feed, b->feed) == 0 && strcmp(a->case_key, b->case_key) == 0;
}

#endif
