#include "cli/shown.h"

#include "cli/cli.h"
#include "core/idn.h"

#include <stdlib.h>

enum ps_status ps_shown_add(struct ps_shown *shown, const struct ps_fact *fact)
{
	size_t room = shown->count + 1u;
	struct ps_shown_fact **items = realloc(shown->items, room * sizeof(struct ps_shown_fact *));
	struct ps_fact *facts;
	struct ps_shown_fact *item;

	if (items == NULL)
		return PS_NO_MEMORY;
	shown->items = items;
	facts = realloc(shown->facts, room * sizeof(*facts));
	if (facts == NULL)
		return PS_NO_MEMORY;
	shown->facts = facts;
	item = calloc(1, sizeof(*item));
	if (item == NULL)
		return PS_NO_MEMORY;
	item->fact = *fact;
	if (ps_fact_is_name(fact->kind)) {
		memcpy(item->storage.wire, fact->name.wire, fact->name.len);
		item->fact.name = ps_name_trusted(
		    item->storage.wire, fact->name.len, fact->name.labels);
	}
	facts[shown->count] = item->fact;
	items[shown->count++] = item;
	return PS_OK;
}

enum ps_status ps_shown_add_text(
    struct ps_shown *shown, const char *text, bool of_server, struct ps_error *err)
{
	struct ps_bytes bytes = ps_bytes_of_text(text);
	struct ps_fact fact = {.kind = of_server ? PS_FACT_SERVER_ADDRESS : PS_FACT_ADDRESS};
	struct ps_name_buffer storage;
	struct ps_error own;
	enum ps_status status = PS_OK;

	ps_error_clear(&own);
	if (ps_address_from_text(&fact.address, bytes, NULL) != PS_OK) {
		fact.kind = of_server ? PS_FACT_SERVER_NAME : PS_FACT_TARGET;
		fact.address.family = 0;
		status = ps_name_from_person(&fact.name, &storage, bytes, &own);
		if (status != PS_OK)
			return ps_error_set(err, status, "%s: '%.64s' is neither an address nor a "
			    "name: %.200s", of_server ? "--server" : "--answer", text, own.text);
	}
	status = ps_shown_add(shown, &fact);
	return status == PS_OK ? status : ps_error_set(err, status, "out of memory");
}

enum ps_status ps_shown_add_test(struct ps_shown *shown, const struct ps_policy_test *test)
{
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; i < test->fact_count && status == PS_OK; i++) {
		struct ps_fact fact = {
		    .name = test->facts[i].name, .address = test->facts[i].address};

		while (1u << fact.kind != test->facts[i].of)
			fact.kind++;
		status = ps_shown_add(shown, &fact);
	}
	return status;
}

enum ps_status ps_shown_add_options(
    struct ps_shown *shown, const struct ps_cli *cli, struct ps_error *err)
{
	static const enum ps_option_id options[] = {PS_OPTION_ANSWER, PS_OPTION_SERVER};
	enum ps_status status = PS_OK;

	for (unsigned o = 0; o < 2; o++) {
		const char *text;

		for (size_t i = 0; status == PS_OK &&
		     (text = ps_options_value(cli->options, options[o], i)) != NULL; i++)
			status = ps_shown_add_text(
			    shown, text, options[o] == PS_OPTION_SERVER, err);
	}
	return status;
}

static void look_at_lists(
    struct ps_shown_fact *item, const struct ps_snapshot *snapshot, uint32_t now)
{
	for (size_t i = 0; i < item->listings.count; i++) {
		const struct ps_listing *listing = &item->listings.items[i];

		if (!ps_listing_is_valid(listing, now))
			continue;
		item->never |= listing->row.kind == PS_ROW_NEVER;
		item->unjudged |= ps_verdict_spares(
		    snapshot, item->fact.name, listing->row.kind, listing->name.labels);
	}
}

enum ps_status ps_shown_look_up(
    struct ps_shown *shown, const struct ps_snapshot *snapshot, uint32_t now)
{
	for (uint32_t i = 0; i < shown->count; i++) {
		struct ps_shown_fact *item = shown->items[i];
		struct ps_address address = item->fact.address;
		enum ps_status status;

		(void)ps_address_unmap(&address);
		status = ps_fact_is_name(item->fact.kind)
		             ? ps_listings_of_name(&item->listings, snapshot, item->fact.name)
		             : ps_listings_of_address(&item->listings, snapshot, &address);
		if (status != PS_OK)
			return status;
		if (!ps_fact_is_name(item->fact.kind))
			continue;
		look_at_lists(item, snapshot, now);
		if (item->fact.kind == PS_FACT_TARGET && !item->never && !item->unjudged)
			ps_lookalike_judge(
			    ps_snapshot_tables(snapshot), item->fact.name, &item->likeness);
	}
	return PS_OK;
}

const struct ps_answer_facts *ps_shown_answer(struct ps_shown *shown)
{
	shown->answer = (struct ps_answer_facts){.facts = shown->facts, .count = shown->count};
	return shown->count > 0 ? &shown->answer : NULL;
}

void ps_shown_clear(struct ps_shown *shown)
{
	for (uint32_t i = 0; i < shown->count; i++) {
		ps_listings_clear(&shown->items[i]->listings);
		free(shown->items[i]);
	}
	free(shown->items);
	free(shown->facts);
	*shown = (struct ps_shown){0};
}

const char *ps_fact_kind_words(enum ps_fact_kind kind)
{
	switch (kind) {
	case PS_FACT_TARGET:
		return "leads to";
	case PS_FACT_ADDRESS:
		return "address";
	case PS_FACT_SERVER_NAME:
	case PS_FACT_SERVER_ADDRESS:
		return "name server";
	case PS_FACT_KIND_COUNT:
		break;
	}
	return "unknown";
}

void ps_fact_text_of(const struct ps_fact *fact, char out[PS_FACT_TEXT_MAX])
{
	if (ps_fact_is_name(fact->kind))
		(void)ps_name_to_text(fact->name, out);
	else
		ps_address_to_text(&fact->address, out);
}
