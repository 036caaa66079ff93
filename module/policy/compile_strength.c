/* Names of brands that say less than their author believes, exceptions that do nothing, and
 * what lets a whole suffix through. Warnings only. */
#include "policy/compile.h"

#include "policy/term.h"

#include <libpsl.h>
#include <stdlib.h>

#define SHORT_WEIGHT 3

static const char *const weak_hint =
    "put it under 'weak': it then counts beside a second sign only";

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* --- common, short -------------------------------------------------------------------- */

static bool has_text(const char *const *sorted, uint32_t count, const char *text)
{
	return count > 0 && bsearch(&text, sorted, count, sizeof(*sorted), compare_texts) != NULL;
}

/* Without a list nothing is known to be a top-level domain. */
static bool is_tld(const char *text)
{
	const psl_ctx_t *suffixes = psl_builtin();

	return suffixes != NULL && strpbrk(text, " .") == NULL &&
	       psl_is_public_suffix2(
	           suffixes, text, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

static void report_weak(
    struct ps_compiler *compiler, const struct ps_strong_name *name, const char *what)
{
	ps_report(compiler->diagnostics, PS_CODE_COMMON_NAME, name->span, "'%.*s' is %s",
	    PS_QUOTED(ps_bytes_of_text(name->text)), what);
	ps_report_hint(compiler->diagnostics, "%s", weak_hint);
}

static int compare_names(const void *a, const void *b)
{
	const struct ps_strong_name *x = a;
	const struct ps_strong_name *y = b;
	int order = strcmp(x->text, y->text);

	if (order != 0)
		return order;
	return x->brand < y->brand ? -1 : x->brand > y->brand;
}

/* Marks those of the strong names that are a word of the dictionary. */
static bool *find_words(struct ps_compiler *compiler)
{
	bool *found = ps_compile_scratch(compiler, compiler->strong_count + 1, sizeof(*found));
	struct ps_bytes rest = compiler->dictionary;

	while (found != NULL && rest.len > 0) {
		const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr);
		char word[PS_TERM_TEXT_MAX + 1];

		if (len > 0 && len < sizeof(word)) {
			size_t low = 0, high = compiler->strong_count;

			memcpy(word, rest.ptr, len);
			word[len] = '\0';
			while (low < high) {
				size_t middle = low + (high - low) / 2;

				if (strcmp(compiler->strong[middle].text, word) < 0)
					low = middle + 1;
				else
					high = middle;
			}
			for (; low < compiler->strong_count &&
			       strcmp(compiler->strong[low].text, word) == 0; low++)
				found[low] = true;
		}
		rest.ptr += end == NULL ? len : len + 1;
		rest.len -= end == NULL ? len : len + 1;
	}
	return found;
}

/* The names are in ascending order. */
static void warn_weak_names(struct ps_compiler *compiler)
{
	const struct ps_lookalike_plan *plan = &compiler->plan->lookalike;
	const char **keywords =
	    ps_compile_scratch(compiler, plan->keyword_count, sizeof(*keywords));

	bool *words = find_words(compiler);

	if (keywords == NULL || words == NULL)
		return;
	for (uint32_t i = 0; i < plan->keyword_count; i++)
		keywords[i] = plan->keywords[i].text;
	if (plan->keyword_count > 0)
		qsort(keywords, plan->keyword_count, sizeof(*keywords), compare_texts);
	for (size_t i = 0; i < compiler->strong_count; i++) {
		const struct ps_strong_name *name = &compiler->strong[i];

		if (has_text(plan->common_words, plan->common_word_count, name->text)) {
			report_weak(compiler, name, "a common word");
		} else if (has_text(keywords, plan->keyword_count, name->text)) {
			report_weak(compiler, name, "a keyword");
		} else if (is_tld(name->text)) {
			report_weak(compiler, name, "a top-level domain");
		} else if (words[i]) {
			report_weak(compiler, name, "a word of the dictionary");
		} else if (ps_term_weight(ps_bytes_of_text(name->text)) <= SHORT_WEIGHT) {
			ps_report(compiler->diagnostics, PS_CODE_SHORT_NAME, name->span,
			    "'%.*s' is so short that it stands in many names by chance",
			    PS_QUOTED(ps_bytes_of_text(name->text)));
			ps_report_hint(compiler->diagnostics, "%s", weak_hint);
		}
	}
}

/* --- shared ------------------------------------------------------------------------------ */

static void warn_shared_names(struct ps_compiler *compiler)
{
	size_t first = 0;

	for (size_t i = 1; i < compiler->strong_count; i++) {
		const struct ps_strong_name *name = &compiler->strong[i];
		const struct ps_strong_name *other = &compiler->strong[first];

		if (strcmp(name->text, other->text) != 0) {
			first = i;
			continue;
		}
		ps_report(compiler->diagnostics, PS_CODE_SHARED_NAME, name->span,
		    "'%.*s' is a name of the brand '%s' too",
		    PS_QUOTED(ps_bytes_of_text(name->text)),
		    compiler->plan->lookalike.brands[other->brand].id);
		ps_report_other(compiler->diagnostics, other->span, "the same name");
	}
}

/* --- suffixes ----------------------------------------------------------------------------- */

/* Where anybody may put a name: com, co.uk, and github.io; but not internal, which is in no list. */
static bool is_suffix(struct ps_name name)
{
	const psl_ctx_t *suffixes = psl_builtin();
	char text[PS_NAME_TEXT_MAX];

	if (name.labels == 0 || suffixes == NULL)
		return name.labels < 2;
	(void)ps_name_to_text(name, text);
	return psl_is_public_suffix2(suffixes, text, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}

/* what: what becomes of all that stands below. */
static void warn_suffixes(
    struct ps_compiler *compiler, const struct ps_gathered *list, const char *what)
{
	for (size_t i = 0; i < list->count; i++) {
		struct ps_name name = list->names[i].name;
		char text[PS_NAME_TEXT_MAX];

		if (!is_suffix(name))
			continue;
		(void)ps_name_to_text(name, text);
		if (name.labels < 2)
			ps_report(compiler->diagnostics, PS_CODE_NEVER_TLD, list->spans[i],
			    "nothing below this top-level domain %s any more", what);
		else
			ps_report(compiler->diagnostics, PS_CODE_NEVER_TLD, list->spans[i],
			    "nothing below '%.*s', where others register names, %s any more",
			    PS_QUOTED(ps_bytes_of_text(text)), what);
		ps_report_hint(compiler->diagnostics, "name the domains that you mean");
	}
}

/* --- exceptions ----------------------------------------------------------------------------- */

static void warn_idle_exceptions(struct ps_compiler *compiler)
{
	const struct ps_gathered *domains = &compiler->brand_domains;
	struct ps_reach reach;

	if (ps_reach_init(&reach, domains->count, compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	for (size_t i = 0; i < domains->count; i++)
		ps_reach_add(&reach, domains->names[i].name, PS_SCOPE_SUBTREE, (uint32_t)i);
	ps_reach_seal(&reach);
	for (size_t i = 0; i < compiler->exceptions.count; i++) {
		struct ps_name name = compiler->exceptions.names[i].name;
		uint32_t by = ps_reach_find(&reach, name, PS_SCOPE_SUBTREE);

		if (!is_suffix(name) && by != PS_REACH_NONE) {
			ps_report(compiler->diagnostics, PS_CODE_EXCEPTION_IDLE,
			    compiler->exceptions.spans[i],
			    "this is a brand's own, and needs no exception");
			ps_report_other(
			    compiler->diagnostics, domains->spans[by], "the brand's domain");
		}
	}
}

void ps_compile_strength(struct ps_compiler *compiler)
{
	if (compiler->strong_count > 0)
		qsort(compiler->strong, compiler->strong_count, sizeof(*compiler->strong),
		    compare_names);
	warn_weak_names(compiler);
	warn_shared_names(compiler);
	warn_suffixes(compiler, &compiler->never, "can be blocked");
	warn_suffixes(compiler, &compiler->brand_domains, "is judged");
	warn_suffixes(compiler, &compiler->exceptions, "is judged");
	warn_idle_exceptions(compiler);
}
