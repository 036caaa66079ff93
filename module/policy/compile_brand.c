/* Brands: their names, domains, countries and languages. */
#include "policy/compile.h"
#include "policy/fix.h"

/* --- names ---------------------------------------------------------------------- */

/* The names of one brand on their way into the plan. */
struct naming {
	struct ps_compiler *compiler;
	struct ps_brand_term *terms;
	struct ps_span *spans;
	uint32_t count;
};

/* The first of those so far with this text; UINT32_MAX: none. */
static uint32_t find_term(const struct naming *naming, struct ps_bytes text)
{
	for (uint32_t i = 0; i < naming->count; i++)
		if (ps_bytes_equal_text(text, naming->terms[i].text))
			return i;
	return UINT32_MAX;
}

static void report_again(struct naming *naming, const struct ps_text *term, uint32_t first,
    bool weak)
{
	struct ps_diagnostics *diagnostics = naming->compiler->diagnostics;

	if (naming->terms[first].weak == weak) {
		ps_report(diagnostics, PS_CODE_DUPLICATE_NAME, ps_yaml_span(term->field.node),
		    "'%.*s' stands here again", PS_QUOTED(term->text));
		ps_report_other(diagnostics, naming->spans[first], "it stands here too");
		ps_fix_repeated(diagnostics, ps_yaml_span(term->field.node));
		return;
	}
	ps_report(diagnostics, PS_CODE_CONFLICT, ps_yaml_span(term->field.node),
	    "'%.*s' stands under 'names' and under 'weak'", PS_QUOTED(term->text));
	ps_report_hint(diagnostics, "it counts without a second sign, or it does not");
	ps_report_other(diagnostics, naming->spans[first], "it stands here too");
}

static void add_terms(struct naming *naming, const struct ps_list *list, bool weak)
{
	const struct ps_text *items = list->items;

	for (size_t i = 0; i < list->count; i++) {
		uint32_t first;

		if (!items[i].field.ok)
			continue;
		first = find_term(naming, items[i].text);
		if (first != UINT32_MAX) {
			report_again(naming, &items[i], first, weak);
			continue;
		}
		naming->spans[naming->count] = ps_yaml_span(items[i].field.node);
		naming->terms[naming->count] = (struct ps_brand_term){
		    .text = ps_compile_text(naming->compiler, items[i].text),
		    .weak = weak,
		    .place = ps_compile_place(naming->spans[naming->count])};
		if (naming->terms[naming->count].text == NULL)
			return;
		naming->count++;
	}
}

static void name_brand(
    struct ps_compiler *compiler, const struct ps_doc_brand *doc, struct ps_brand *brand)
{
	size_t room = doc->names.count + doc->weak.count;
	struct naming naming = {.compiler = compiler,
	    .terms = ps_compile_array(compiler, room, sizeof(*naming.terms)),
	    .spans = ps_compile_scratch(compiler, room, sizeof(*naming.spans))};

	if (naming.terms == NULL || naming.spans == NULL)
		return;
	add_terms(&naming, &doc->names, false);
	add_terms(&naming, &doc->weak, true);
	brand->terms = naming.terms;
	brand->term_count = naming.count;
	for (uint32_t i = 0; i < naming.count; i++)
		if (!naming.terms[i].weak)
			compiler->strong[compiler->strong_count++] = (struct ps_strong_name){
			    .text = naming.terms[i].text,
			    .brand = (uint32_t)(brand - compiler->plan_brands),
			    .span = naming.spans[i]};
}

/* --- domains, countries, languages -------------------------------------------------- */

static void add_domains(
    struct ps_compiler *compiler, const struct ps_list *list, struct ps_brand *brand)
{
	struct ps_gathered *all = &compiler->brand_domains;
	const struct ps_name_field *items = list->items;
	struct ps_gathered own = {.names = all->names + all->count,
	    .spans = all->spans + all->count,
	    .capacity = list->count};

	for (size_t i = 0; i < list->count; i++)
		if (items[i].field.ok)
			ps_gathered_add(compiler, &own, items[i].name, PS_SCOPE_SUBTREE,
			    ps_yaml_span(items[i].field.node));
	ps_gathered_check(compiler, &own);
	all->count += own.count;
	brand->domains = ps_gathered_set(&own);
}

static const char *const *copy_texts(
    struct ps_compiler *compiler, const struct ps_list *list, uint32_t *count)
{
	const struct ps_text *items = list->items;
	const char **texts = ps_compile_array(compiler, list->count, sizeof(*texts));

	for (size_t i = 0; texts != NULL && i < list->count; i++)
		if (items[i].field.ok)
			texts[(*count)++] = ps_compile_text(compiler, items[i].text);
	return texts;
}

static void compile_brand(
    struct ps_compiler *compiler, const struct ps_doc_brand *doc, struct ps_brand *brand)
{
	brand->id = ps_compile_text(compiler, doc->named.key->text);
	brand->owner =
	    doc->owner.field.ok ? ps_compile_text(compiler, doc->owner.text) : brand->id;
	brand->place = ps_compile_place(ps_yaml_span(doc->named.key));
	name_brand(compiler, doc, brand);
	add_domains(compiler, &doc->domains, brand);
	brand->countries = copy_texts(compiler, &doc->countries, &brand->country_count);
	brand->languages = copy_texts(compiler, &doc->languages, &brand->language_count);
	/* 'domains: []' says that there is none. */
	if (!doc->named.field.ok || doc->domains.field.node != NULL)
		return;
	ps_report(compiler->diagnostics, PS_CODE_NO_DOMAINS, ps_yaml_span(doc->named.key),
	    "the brand '%.*s' has no domains", PS_QUOTED(doc->named.key->text));
	ps_report_hint(compiler->diagnostics,
	    "its own site would be judged as a lookalike: name it under 'domains'");
}

/* --- the whole ----------------------------------------------------------------------- */

static size_t make_room(struct ps_compiler *compiler)
{
	size_t count = 0;
	size_t terms = 0;
	size_t domains = 0;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_doc_brand *items = compiler->documents[d].brands.items;

		for (size_t i = 0; i < compiler->documents[d].brands.count; i++, count++) {
			terms += items[i].names.count;
			domains += items[i].domains.count;
		}
	}
	compiler->plan_brands = ps_compile_array(compiler, count, sizeof(*compiler->plan_brands));
	compiler->strong = ps_compile_scratch(compiler, terms, sizeof(*compiler->strong));
	if (!ps_gathered_init(compiler, &compiler->brand_domains, domains) ||
	    ps_registry_init(&compiler->brands, "brand", count, compiler->scratch) != PS_OK)
		compiler->status = PS_NO_MEMORY;
	return count;
}

void ps_compile_brands(struct ps_compiler *compiler)
{
	size_t count = make_room(compiler);
	uint32_t next = 0;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].brands;
		const struct ps_doc_brand *items = list->items;

		for (size_t i = 0; i < list->count && compiler->status == PS_OK; i++, next++) {
			compile_brand(compiler, &items[i], &compiler->plan_brands[next]);
			if (items[i].named.id_ok)
				ps_registry_add(&compiler->brands, items[i].named.key->text,
				    ps_yaml_span(items[i].named.key), next);
		}
	}
	ps_registry_seal(&compiler->brands, compiler->diagnostics);
	ps_compile_limit(compiler, count, PS_BRANDS_MAX, "brands");
	compiler->plan->lookalike.brands = compiler->plan_brands;
	compiler->plan->lookalike.brand_count = (uint32_t)count;
}
