/* Groups of clients: ids, and which prefix leads to which. */
#include "policy/compile.h"

#include "policy/fix.h"

#include <stdlib.h>

/* A prefix with where it stands, while they are sorted. */
struct placed {
	struct ps_client_prefix it;
	struct ps_span span;
	size_t index; /* in the order of the files */
};

static int compare_placed(const void *a, const void *b)
{
	const struct placed *x = a;
	const struct placed *y = b;
	int order = ps_prefix_compare(&x->it.prefix, &y->it.prefix);

	if (order != 0)
		return order;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* One prefix in two groups would be a matter of luck; in one group it does no harm. */
static void report_repeated(
    struct ps_compiler *compiler, const struct placed *first, const struct placed *second)
{
	char text[PS_PREFIX_TEXT_MAX];

	ps_prefix_to_text(&second->it.prefix, text);
	if (first->it.group == second->it.group) {
		ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_NAME, second->span,
		    "'%s' stands here again", text);
		ps_report_other(compiler->diagnostics, first->span, "it stands here too");
		if (second->span.source == first->span.source)
			ps_fix_repeated(compiler->diagnostics, second->span);
		return;
	}
	ps_report(compiler->diagnostics, PS_CODE_TWO_GROUPS, second->span,
	    "'%s' is in the group '%s' and in the group '%s'", text,
	    compiler->plan->groups[first->it.group].id,
	    compiler->plan->groups[second->it.group].id);
	ps_report_hint(compiler->diagnostics,
	    "an address is in one group: take it off one of the two, or write a longer prefix");
	ps_report_other(compiler->diagnostics, first->span, "it stands here too");
}

/* Sorts them, and keeps each once. */
static void keep_prefixes(struct ps_compiler *compiler, struct placed *placed, size_t count)
{
	struct ps_client_prefix *kept = ps_compile_array(compiler, count, sizeof(*kept));
	uint32_t next = 0;
	size_t first = 0;

	if (kept == NULL)
		return;
	if (count > 0)
		qsort(placed, count, sizeof(*placed), compare_placed);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 &&
		    ps_prefix_compare(&placed[i].it.prefix, &placed[first].it.prefix) == 0) {
			report_repeated(compiler, &placed[first], &placed[i]);
			continue;
		}
		first = i;
		kept[next++] = placed[i].it;
	}
	compiler->plan->client_prefixes = kept;
	compiler->plan->client_prefix_count = next;
}

static size_t add_prefixes(
    const struct ps_list *list, uint32_t group, struct placed *placed, size_t count)
{
	const struct ps_prefix_field *items = list->items;

	for (size_t i = 0; i < list->count; i++) {
		struct ps_span span;

		if (!items[i].field.ok)
			continue;
		span = ps_yaml_span(items[i].field.node);
		placed[count] = (struct placed){.it = {.prefix = items[i].prefix,
		                                    .group = (uint16_t)group,
		                                    .place = ps_compile_place(span)},
		    .span = span,
		    .index = count};
		count++;
	}
	return count;
}

void ps_compile_clients(struct ps_compiler *compiler)
{
	struct ps_client_group *groups;
	struct placed *placed;
	size_t count = 0, prefixes = 0;
	uint32_t next = 0;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].clients;

		count += list->count;
		for (size_t i = 0; i < list->count; i++)
			prefixes += ((const struct ps_doc_group *)list->items)[i].prefixes.count;
	}
	groups = ps_compile_array(compiler, count, sizeof(*groups));
	placed = ps_compile_scratch(compiler, prefixes, sizeof(*placed));
	if (groups == NULL || placed == NULL ||
	    ps_registry_init(&compiler->groups, "client group", count, compiler->scratch) !=
	        PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	compiler->groups.under = "clients";
	prefixes = 0;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].clients;
		const struct ps_doc_group *items = list->items;

		for (size_t i = 0; i < list->count; i++, next++) {
			struct ps_span span = ps_yaml_span(items[i].named.key);

			groups[next].id = ps_compile_text(compiler, items[i].named.key->text);
			groups[next].place = ps_compile_place(span);
			if (items[i].named.id_ok)
				ps_registry_add(&compiler->groups, items[i].named.key->text, span,
				    next);
			prefixes = add_prefixes(&items[i].prefixes, next, placed, prefixes);
		}
	}
	ps_registry_seal(&compiler->groups, compiler->diagnostics);
	ps_compile_limit(compiler, count, PS_CLIENT_GROUPS_MAX, "client groups");
	ps_compile_limit(compiler, prefixes, PS_CLIENT_PREFIXES_MAX, "prefixes of clients");
	compiler->plan->groups = groups;
	compiler->plan->group_count = (uint32_t)count;
	if (compiler->status == PS_OK)
		keep_prefixes(compiler, placed, prefixes);
}
