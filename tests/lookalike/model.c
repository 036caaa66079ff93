#include "lookalike/model.h"

#include "lookalike/fold.h"
#include "lookalike/sound.h"
#include "lookalike/typo.h"

#include <stdlib.h>

/* --- distance ------------------------------------------------------------------------- */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

#define LETTERS_MAX 300

unsigned model_distance(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	static unsigned d[LETTERS_MAX][LETTERS_MAX];

	for (unsigned i = 0; i <= a_len; i++)
		d[i][0] = i;
	for (unsigned k = 0; k <= b_len; k++)
		d[0][k] = k;
	for (size_t i = 1; i <= a_len; i++)
		for (size_t k = 1; k <= b_len; k++) {
			d[i][k] = least(least(d[i - 1][k], d[i][k - 1]) + 1,
			    d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	return d[a_len][b_len];
}

/* --- the sample's suffixes -------------------------------------------------------------- */

static const char *const suffix_rules[] = {"com", "net", "org", "top", "post", "fr", "pl", "de",
    "ru", "uk", "co.uk", "dhl", "gov", "ck", "blogspot.com", "pages.example"};

static bool is_rule(const char *text)
{
	for (size_t i = 0; i < sizeof(suffix_rules) / sizeof(*suffix_rules); i++)
		if (strcmp(suffix_rules[i], text) == 0)
			return true;
	return false;
}

static bool parent_is(struct ps_name name, const char *text)
{
	char parent[PS_NAME_TEXT_MAX];

	(void)ps_name_to_text(ps_name_parent(name), parent);
	return strcmp(parent, text) == 0;
}

unsigned model_suffix_labels(struct ps_name name)
{
	unsigned suffix = 1, registry = 1;

	for (unsigned labels = 1; labels <= name.labels; labels++) {
		struct ps_name tail = ps_name_suffix(name, labels);
		char text[PS_NAME_TEXT_MAX];

		(void)ps_name_to_text(tail, text);
		if (strcmp(text, "www.ck") == 0)
			return 1;
		if (!is_rule(text) && !(labels == 2 && parent_is(tail, "ck")) &&
		    !(labels == 3 && parent_is(tail, "stage.top")))
			continue;
		suffix = labels;
		if (strcmp(text, "blogspot.com") != 0 && strcmp(text, "pages.example") != 0 &&
		    !parent_is(tail, "stage.top"))
			registry = labels;
	}
	return suffix >= name.labels ? registry : suffix;
}

/* --- letters ------------------------------------------------------------------------------ */

struct letter {
	uint8_t plain;
	bool gap;   /* a hyphen stood before it, or it is the first */
	bool digit;
};

struct label {
	struct letter at[LETTERS_MAX];
	unsigned count;
	bool hyphens;
};

static void put(struct label *label, uint8_t plain, bool digit, bool *gap)
{
	label->at[label->count++] = (struct letter){plain, *gap, digit};
	*gap = false;
}

/* Letters of one label; room: how many the text has left. */
static void read_label(struct label *out, struct ps_bytes octets, unsigned room)
{
	uint32_t points[PS_NAME_LABEL_MAX];
	size_t count = 0;
	bool gap = true, is_idn = octets.len > 4 && memcmp(octets.ptr, "xn--", 4) == 0 &&
	    ps_punycode_decode(ps_bytes_of(octets.ptr + 4, octets.len - 4), points,
	        PS_NAME_LABEL_MAX, &count);

	*out = (struct label){.count = 0};
	if (!is_idn)
		for (count = 0; count < octets.len; count++)
			points[count] = octets.ptr[count];
	for (size_t i = 0; i < count; i++) {
		struct ps_letters letters = {.at = {(uint8_t)points[i]}, .len = 1};

		if (points[i] == '-') {
			out->hyphens = true;
			gap = true;
			continue;
		}
		if (is_idn)
			letters = ps_fold_code_point(points[i]);
		if (out->count + letters.len > room)
			break;
		for (unsigned k = 0; k < letters.len; k++)
			put(out, letters.at[k], points[i] >= '0' && points[i] <= '9', &gap);
	}
}

static bool ends_word(const struct label *label, unsigned at)
{
	return at == label->count || label->at[at].gap;
}

/* --- finds -------------------------------------------------------------------------------- */

struct comparing {
	const struct ps_tables *tables;
	const struct ps_likeness *likeness;
	unsigned number; /* of the label */
	bool must; /* something must be found */
	bool same; /* what the judge says can be found */
};

static void note(struct comparing *c, unsigned first, unsigned len, const struct ps_term *term,
    bool must)
{
	const struct ps_likeness *it = c->likeness;

	c->must = c->must || must;
	if (it->score > 0 && it->label == c->number && it->first == first && it->len == len &&
	    it->brand == term->brand && it->term < c->tables->terms &&
	    strcmp(ps_tables_term(c->tables, it->term).text, term->text) == 0)
		c->same = true;
}

static bool folds_alike(const struct label *label, unsigned first, const struct ps_term *term)
{
	for (unsigned i = 0; i < term->len; i++)
		if (first + i >= label->count || ps_fold_octet[label->at[first + i].plain] == 0 ||
		    ps_fold_octet[label->at[first + i].plain] !=
		        ps_fold_octet[(uint8_t)term->text[i]])
			return false;
	return true;
}

/* posta.bank.example is where the bank reads its mail, and so is posta-web. */
static bool may_be_mail(const struct ps_term *term)
{
	return (term->flags & PS_TERM_MAIL) != 0;
}

static bool must_count(const struct label *label, unsigned first, const struct ps_term *term)
{
	unsigned end = first + term->len;
	bool left = label->at[first].gap || label->at[first - 1].digit;
	bool right = ends_word(label, end) || label->at[end].digit;

	if ((term->flags & PS_TERM_WEAK) == 0)
		return left || right;
	for (unsigned i = 0; i < term->len; i++)
		if (label->at[first + i].plain != (uint8_t)term->text[i] ||
		    (i > 0 && label->at[first + i].gap))
			return false;
	if (may_be_mail(term))
		return false;
	return left && right && (term->flags & PS_TERM_DOMAIN) == 0;
}

static void find_stretches(struct comparing *c, const struct label *label)
{
	for (uint32_t t = 0; t < c->tables->terms; t++) {
		struct ps_term term = ps_tables_term(c->tables, t);

		for (unsigned first = 0; term.kind == PS_TERM_BRAND && first < label->count; first++)
			if (folds_alike(label, first, &term))
				note(c, first, term.len, &term, must_count(label, first, &term));
	}
}

static bool same_folded(const struct ps_term *a, const struct ps_term *b)
{
	for (unsigned i = 0; i < a->len && a->len == b->len; i++)
		if (ps_fold_octet[(uint8_t)a->text[i]] != ps_fold_octet[(uint8_t)b->text[i]])
			return false;
	return a->len == b->len;
}

/* Terms of under six letters are compared when one of the same letters is strong. */
static bool is_compared(const struct ps_tables *tables, const struct ps_term *term)
{
	if (term->kind != PS_TERM_BRAND || term->len < 5 || term->len > 24 || ps_term_is_half(term))
		return false;
	for (uint32_t t = 0; t < tables->terms && term->len < PS_TERM_TELLING; t++) {
		struct ps_term other = ps_tables_term(tables, t);

		if (other.kind == PS_TERM_BRAND && (other.flags & PS_TERM_WEAK) == 0 && /* no half is */
		    same_folded(&other, term))
			return true;
	}
	return term->len >= PS_TERM_TELLING;
}

static bool is_known_word(const struct ps_tables *tables, const struct label *label,
    unsigned first, unsigned end)
{
	for (uint32_t t = 0; t < tables->terms; t++) {
		struct ps_term term = ps_tables_term(tables, t);

		if (term.kind != PS_TERM_BRAND && term.len == end - first &&
		    folds_alike(label, first, &term))
			return true;
	}
	return false;
}

static void find_misspellings(
    struct comparing *c, const struct label *label, unsigned first, unsigned end)
{
	uint8_t plain[32], fold[32], term_fold[32];
	unsigned len = end - first;

	if (len < 5 || len > 25 || is_known_word(c->tables, label, first, end))
		return;
	for (unsigned i = 0; i < len; i++) {
		plain[i] = label->at[first + i].plain;
		fold[i] = ps_fold_octet[plain[i]];
	}
	for (uint32_t t = 0; t < c->tables->terms; t++) {
		struct ps_term term = ps_tables_term(c->tables, t);

		if (!is_compared(c->tables, &term))
			continue;
		for (unsigned i = 0; i < term.len; i++)
			term_fold[i] = ps_fold_octet[(uint8_t)term.text[i]];
		if (model_distance(plain, len, (const uint8_t *)term.text, term.len) == 1 ||
		    model_distance(fold, len, term_fold, term.len) == 1)
			note(c, first, len, &term, !may_be_mail(&term));
		/* Spellings that are further away: the likeliest are found, not all. */
		else if (ps_sound_is_same(plain, len, (const uint8_t *)term.text, term.len) ||
		    ps_typo_is_blurred(fold, len, term_fold, term.len))
			note(c, first, len, &term, false);
	}
}

static void find_words(struct comparing *c, const struct label *label)
{
	for (unsigned first = 0, end; first < label->count; first = end) {
		unsigned left = first, right;

		for (end = first + 1; !ends_word(label, end); end++)
			continue;
		for (right = end; left < end && label->at[left].digit; left++)
			continue;
		while (right > left && label->at[right - 1].digit)
			right--;
		find_misspellings(c, label, first, end);
		if (left > first || right < end)
			find_misspellings(c, label, left, right);
	}
	if (label->hyphens)
		find_misspellings(c, label, 0, label->count);
}

/* --- pairs -------------------------------------------------------------------------------- */

static char pair_of(const struct label *label, unsigned at)
{
	static const char pairs[][4] = {"rnm", "rrm", "vvw", "cld", "nnm"};

	if (at + 1 >= label->count || label->at[at + 1].gap)
		return 0;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (label->at[at].plain == pairs[i][0] && label->at[at + 1].plain == pairs[i][1])
			return pairs[i][2];
	return 0;
}

/* The label with its pair number which (from 0; all of them: UINT_MAX) written as one
 * letter. False: there is no such pair. */
static bool join(const struct label *label, unsigned which, struct label *out)
{
	unsigned seen = 0;
	bool joined = false;

	*out = (struct label){.hyphens = label->hyphens};
	for (unsigned at = 0; at < label->count; at++) {
		char one = pair_of(label, at);

		out->at[out->count++] = label->at[at];
		if (one == 0)
			continue;
		if (which == UINT32_MAX || seen == which) {
			out->at[out->count - 1].plain = (uint8_t)one;
			joined = true;
		} else {
			out->at[out->count++] = label->at[at + 1];
		}
		seen++;
		at++;
	}
	return joined;
}

static void find_pairs(struct comparing *c, const struct label *label)
{
	static struct label joined;
	unsigned count = 0;

	while (count < 4 && join(label, count, &joined)) {
		find_stretches(c, &joined);
		count++;
	}
	if (count >= 2 && join(label, UINT32_MAX, &joined))
		find_stretches(c, &joined);
}

/* Do the labels from likeness->label to the registrable domain's say its term, dots aside? */
static bool says_term_across_dots(const struct ps_tables *tables, struct ps_name name,
    unsigned above, const struct ps_likeness *likeness)
{
	static struct label label;
	struct ps_term term = ps_tables_term(tables, likeness->term);
	unsigned at = 0;

	for (unsigned number = 0; number < above; number++, name = ps_name_parent(name)) {
		if (number < likeness->label)
			continue;
		read_label(&label, ps_name_first_label(name), 768);
		for (unsigned i = 0; i < label.count; i++) {
			uint8_t fold = ps_fold_octet[label.at[i].plain];

			if (fold == 0)
				continue; /* what is no letter stands between as a dot does */
			if (at >= term.len || fold != ps_fold_octet[(uint8_t)term.text[at]])
				return false;
			at++;
		}
	}
	return at == term.len;
}

const char *model_compare(const struct ps_tables *tables, struct ps_name name, unsigned suffix,
    const struct ps_likeness *likeness)
{
	static struct label label;
	struct comparing c = {.tables = tables, .likeness = likeness};
	unsigned above = name.labels > suffix ? name.labels - suffix : 0, used = 0;
	struct ps_name whole = name;

	for (; name.labels >= 2 && c.number < above; c.number++, name = ps_name_parent(name)) {
		if (above - c.number > 24)
			continue; /* too far from the suffix */
		read_label(&label, ps_name_first_label(name), used < 768 ? 768 - used : 0);
		used += label.count + 1;
		find_stretches(&c, &label);
		find_words(&c, &label);
		find_pairs(&c, &label);
	}
	if (likeness->score == 0)
		return c.must ? "nothing found, and there is something" : NULL;
	if (!c.same && !c.must && likeness->technique == PS_TECHNIQUE_SUBDOMAIN)
		c.same = says_term_across_dots(tables, whole, above, likeness);
	return c.same ? NULL : "found something that is not there";
}
