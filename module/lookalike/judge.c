/* The judge. BOUNDS: at most PS_TEXT_MAX letters are looked at; from each, one walk of the
 * trie of at most PS_WORD_MAX steps; for each word of PS_TYPO_WORD_MAX letters at most, one
 * look-up a letter, of PS_PROBES_MAX steps; and at most CANDIDATES_MAX finds of weak names
 * and as many of others are weighed, each in one walk over its label. */
#include "lookalike/judge.h"

#include "lookalike/sound.h"

#define CANDIDATES_MAX 64u
#define LABEL_LETTERS_MAX (PS_NAME_LABEL_MAX * PS_FOLD_LETTERS_MAX)

/* --- suffix ------------------------------------------------------------------------- */

/* What stands for the suffix of labels 1, 2, ... in the table. */
static uint32_t find_domain(const struct ps_tables *t, uint64_t hash, uint32_t *ratio)
{
	uint32_t mask = (UINT32_C(1) << t->domain_bits) - 1, at = (uint32_t)(hash >> 8) & mask;

	for (;; at = (at + 1) & mask) {
		const uint8_t *p = t->domain + (size_t)at * PS_DOMAIN_RECORD;
		uint64_t there = ps_load_le64(p + PS_DOMAIN_HASH);

		if (there == 0)
			return 0;
		if (there != hash)
			continue;
		*ratio = ps_load_le16(p + PS_DOMAIN_RATIO);
		return ps_load_le16(p + PS_DOMAIN_FLAGS);
	}
}

/* The public suffix list's algorithm over the name's last labels (none of its rules has
 * more than SUFFIX_LABELS). */
#define SUFFIX_LABELS 8u

static void find_suffix(struct ps_judging *j, struct ps_name name)
{
	const uint8_t *labels[SUFFIX_LABELS + 1];
	unsigned count = name.labels < SUFFIX_LABELS ? name.labels : SUFFIX_LABELS;
	struct ps_name last = ps_name_suffix(name, count);
	const uint8_t *p = last.wire;
	uint64_t state = 0;
	bool wildcard = false, wildcard_private = false;

	for (unsigned i = count; i > 0; i--, p += *p + 1u)
		labels[i] = p;
	j->suffix = 1;
	j->registry_suffix = 1;
	for (unsigned i = 1; i <= count; i++) {
		uint32_t ratio = 0, flags;

		state = ps_domain_hash(state, labels[i]);
		flags = find_domain(j->tables, state, &ratio);
		if (ratio > j->ratio)
			j->ratio = ratio;
		if (flags & PS_DOMAIN_EXCEPTION) {
			j->suffix = i - 1;
			j->registry_suffix = i - 1;
			break;
		}
		if (wildcard || (flags & PS_DOMAIN_SUFFIX)) {
			j->suffix = i;
			if (wildcard ? !wildcard_private : (flags & PS_DOMAIN_PRIVATE) == 0)
				j->registry_suffix = i;
		}
		wildcard = (flags & PS_DOMAIN_WILDCARD) != 0;
		wildcard_private = (flags & PS_DOMAIN_PRIVATE) != 0;
		if (PS_LOOKALIKE_FILTERED &&
		    (flags & (PS_DOMAIN_ABOVE | PS_DOMAIN_WILDCARD)) == 0)
			break; /* of what is further left the table has nothing */
	}
	if (j->suffix >= name.labels) /* free hosting's own name */
		j->suffix = j->registry_suffix;
	j->is_free = j->suffix > j->registry_suffix;
	j->last = last;
	j->tld = labels[1];
	j->second = count > 1 ? labels[2] : NULL;
	j->is_country = labels[1][0] == 2;
}

/* --- protected names -------------------------------------------------------------------- */

static bool contains(const struct ps_likeness *a, const struct ps_likeness *b)
{
	return a->label == b->label && a->len > b->len && a->first <= b->first &&
	    a->first + a->len >= b->first + b->len;
}

/* Does a tell better than b whose name it is, where both say it as loudly (many scores are
 * 100)? A name around the other does, vietnampost and not nampost, unless it is misspelt and
 * the other is not: glspakete. Otherwise the sum of all points: usps-parcel.top is usps,
 * although it holds spsparcel. */
static bool is_clearer(const struct ps_likeness *a, const struct ps_likeness *b)
{
	const uint64_t misspelt = UINT64_C(1) << PS_SIGN_TYPO;
	int sum, other;

	if (contains(a, b))
		return !((a->signs & ~b->signs) & misspelt);
	if (contains(b, a))
		return (b->signs & ~a->signs & misspelt) != 0;
	sum = ps_signs_sum(a->signs, a->ratio);
	other = ps_signs_sum(b->signs, b->ratio);
	return sum != other ? sum > other : a->len > b->len;
}

/* A strong name that is the whole domain, at home: la-poste.fr is no "poste" with two letters
 * beside it, however much that would say. */
static bool settles(const struct ps_likeness *a, const struct ps_likeness *part)
{
	const uint64_t strong = UINT64_C(1) << PS_SIGN_SHORT | UINT64_C(1) << PS_SIGN_MEDIUM |
	    UINT64_C(1) << PS_SIGN_LONG;

	return contains(a, part) && (a->signs & UINT64_C(1) << PS_SIGN_HOME_TLD) != 0 &&
	    (a->signs & strong) != 0;
}

static bool is_better(const struct ps_likeness *a, const struct ps_likeness *than)
{
	if (than->score > 0 && (settles(a, than) || settles(than, a)))
		return contains(a, than);
	return a->score != than->score ? a->score > than->score : is_clearer(a, than);
}

static void weigh(struct ps_judging *j, const struct ps_find *find)
{
	/* Weak names have many owners (post), and whoever makes a name can crowd it with them: that
	 * must hide no other. */
	uint32_t *weighed = &j->weighed[(find->term.flags & PS_TERM_WEAK) != 0];
	struct ps_likeness likeness;

	if (*weighed == CANDIDATES_MAX)
		return;
	++*weighed;
	ps_find_weigh(j, find, &likeness);
	if (likeness.score == 0)
		return;
	if (is_better(&likeness, j->best))
		*j->best = likeness;
}

static bool is_edge(const struct ps_text *text, unsigned at)
{
	return (text->flags[at] & (PS_LETTER_GAP | PS_LETTER_DIGIT)) != 0;
}

/* Does it stand there letter by letter, without a gap that it has not? */
static bool is_plain(const struct ps_judging *j, const struct ps_find *find)
{
	/* Folded it stands there, or it would not have been found: where its letters are folded
	 * ones, they need not be fetched. */
	const uint8_t *letters = find->term.flags & PS_TERM_PLAIN
	    ? j->text.fold + find->first
	    : (const uint8_t *)find->term.text;

	for (unsigned i = find->first; i < find->end; i++) {
		unsigned at = i - find->first;

		if (j->text.plain[i] != letters[at] ||
		    (at > 0 && (j->text.flags[i] & PS_LETTER_GAP) &&
		        !(at < 32 && (find->term.gaps >> at & 1))))
			return false;
	}
	return true;
}

/* A weak name must begin or end a word, one of two letters both. */
static bool is_at_edge(const struct ps_judging *j, const struct ps_find *find)
{
	const struct ps_text *text = &j->text;
	bool left = (text->flags[find->first] & PS_LETTER_GAP) != 0 ||
	    (find->first > text->label[find->label].first &&
	        (text->flags[find->first - 1] & PS_LETTER_DIGIT) != 0);
	bool right = is_edge(text, find->end);

	return find->end - find->first >= 3 ? left || right : left && right;
}

/* And a short one must stand there as it is written. */
static bool is_written(const struct ps_judging *j, const struct ps_find *find)
{
	return !(find->term.flags & PS_TERM_WEAK) || find->term.len > 4 || is_plain(j, find);
}

/* tail: text, "co.uk". */
static bool is_suffix(const uint8_t *wire, const char *tail)
{
	for (; wire[0] > 0; wire += wire[0] + 1u) {
		if (strncmp(tail, (const char *)wire + 1, wire[0]) != 0)
			return false;
		tail += wire[0];
		if (tail[0] == '.')
			tail++;
		else if (tail[0] != '\0' || wire[wire[0] + 1u] != 0)
			return false;
	}
	return tail[0] == '\0';
}

/* Does it begin a registrable domain, with a hyphen behind it, under a suffix of its owner's? */
static bool is_half_at_home(const struct ps_judging *j, const struct ps_find *find)
{
	const struct ps_text_label *label = &j->text.label[find->label];
	struct ps_name suffix = ps_name_suffix(j->last, j->suffix);
	const char *tail;

	if (find->label + 1u != j->text.labels || find->first != label->first ||
	    find->end == label->end || !(j->text.flags[find->end] & PS_LETTER_GAP))
		return false;
	for (tail = ps_tables_brand(j->tables, find->term.brand).tails; *tail != '\0';
	     tail += strlen(tail) + 1)
		if (is_suffix(suffix.wire, tail))
			return true;
	return false;
}

/* Most are short and weak, and stand in the middle of a word: that is seen first. */
static void found(struct ps_judging *j, struct ps_find *find, uint32_t term)
{
	uint8_t flags;

	do {
		const uint8_t *p = j->tables->term + (size_t)term * PS_TERM_RECORD;

		flags = p[PS_TERM_FLAGS];
		if (p[PS_TERM_LEN] != find->end - find->first)
			return;
		if ((flags & PS_TERM_WEAK) == 0 || is_at_edge(j, find)) {
			find->index = term;
			find->term = ps_tables_term(j->tables, term);
			find->slip = PS_TECHNIQUE_NONE;
			if (is_written(j, find) &&
			    (!ps_term_is_half(&find->term) || is_half_at_home(j, find)))
				weigh(j, find);
		}
		term++;
	} while ((flags & PS_TERM_MORE) != 0);
}

/* The names that begin at a letter. */
static void look_for_names_at(struct ps_judging *j, uint8_t label, uint16_t first)
{
	const struct ps_tables *t = j->tables;
	uint32_t slot = PS_TRIE_BRANDS;

	for (uint16_t at = first; j->text.fold[at] != 0; at++) {
		uint32_t end;

		slot = ps_tables_step(t, slot, j->text.fold[at]);
		if (slot == PS_SLOT_NONE)
			break;
		end = ps_tables_end(t, slot);
		if (end != PS_SLOT_NONE) {
			struct ps_find find; /* the rest is found()'s */

			find.label = label;
			find.first = first;
			find.end = (uint16_t)(at + 1);
			found(j, &find, ps_tables_value(t, end));
		}
	}
}

/* The letters of [first, end) at which a name may begin, in order; how many. Without a branch:
 * few are left to walk from. */
static unsigned filter_letters(
    const struct ps_judging *j, unsigned first, unsigned end, uint16_t out[PS_TEXT_ROOM])
{
	const uint8_t *letters = j->text.fold, *filter = j->tables->name_filter;
	uint32_t gram = ps_gram_begin(letters + first), bits = j->tables->name_bits;
	unsigned count = 0;

	for (unsigned i = first; i < end; i++) {
		gram = ps_gram_next(gram, letters[i + 3]);
		out[count] = (uint16_t)i;
		count += ps_gram_test(filter, bits, gram);
	}
	return count;
}

static void look_for_names(struct ps_judging *j, uint8_t label)
{
	const struct ps_text_label *where = &j->text.label[label];
	uint16_t may[PS_TEXT_ROOM];
	unsigned count = filter_letters(j, where->first, where->end, may);

	for (unsigned i = 0; i < count; i++)
		look_for_names_at(j, label, may[i]);
}

/* A name with dots in it, from a label's beginning to the registrable domain's end: pays.hop.pt.
 * Named, and no more: honest words meet by chance. */
static void look_across_dots(struct ps_judging *j, uint8_t label)
{
	const struct ps_text *text = &j->text;
	const struct ps_text_label *last = &text->label[text->labels - 1];
	uint32_t slot = PS_TRIE_BRANDS, end;
	struct ps_term term;

	for (unsigned at = text->label[label].first; at < last->end; at++) {
		if (text->fold[at] == 0)
			continue; /* between labels */
		slot = ps_tables_step(j->tables, slot, text->fold[at]);
		if (slot == PS_SLOT_NONE)
			return;
	}
	end = ps_tables_end(j->tables, slot);
	if (end == PS_SLOT_NONE)
		return;
	term = ps_tables_term(j->tables, ps_tables_value(j->tables, end));
	if (term.len < PS_TERM_TELLING || ps_term_is_half(&term))
		return;
	*j->best = (struct ps_likeness){
	    .technique = PS_TECHNIQUE_SUBDOMAIN,
	    .brand = term.brand,
	    .term = ps_tables_value(j->tables, end),
	    .label = (uint8_t)(label + text->skipped),
	    .len = (uint8_t)(text->label[label].end - text->label[label].first),
	    .signs = UINT64_C(1) << PS_SIGN_LONG | UINT64_C(1) << PS_SIGN_CHANCE,
	};
	j->best->score = ps_signs_score(j->best->signs, 0);
}

/* --- misspelt ones -------------------------------------------------------------------------- */

static bool is_word(const struct ps_judging *j, unsigned first, unsigned end)
{
	uint32_t slot = PS_TRIE_WORDS;

	for (unsigned at = first; at < end; at++) {
		/* 0 would lead to a term's end, from which there is no way on. */
		slot = j->text.fold[at] == 0 ? PS_SLOT_NONE
		                             : ps_tables_step(j->tables, slot, j->text.fold[at]);
		if (slot == PS_SLOT_NONE)
			return false;
	}
	return ps_tables_end(j->tables, slot) != PS_SLOT_NONE;
}

static enum ps_technique classify(
    const struct ps_judging *j, const struct ps_find *find)
{
	uint8_t folded[PS_WORD_MAX];
	unsigned len = find->end - find->first;
	const uint8_t *word = j->text.plain + find->first, *term = (const uint8_t *)find->term.text;
	enum ps_technique technique;

	for (unsigned i = 0; i < find->term.len; i++)
		folded[i] = ps_fold_octet[term[i]];
	/* Nothing but letters that look alike: found as such, and no slip of a finger. */
	if (len == find->term.len && memcmp(j->text.fold + find->first, folded, len) == 0)
		return PS_TECHNIQUE_NONE;
	technique = ps_typo_classify(word, len, term, find->term.len);
	/* c and k, v and w, i and y are one bit apart as well: the sound is likelier meant. */
	if (technique == PS_TECHNIQUE_REPLACEMENT || technique == PS_TECHNIQUE_INSERTION ||
	    technique == PS_TECHNIQUE_OMISSION || technique == PS_TECHNIQUE_BIT_FLIP)
		return ps_sound_is_same(word, len, term, find->term.len) ? PS_TECHNIQUE_SOUND
		                                                         : technique;
	if (technique != PS_TECHNIQUE_NONE)
		return technique;
	technique = ps_typo_classify(j->text.fold + find->first, len, folded, find->term.len);
	if (technique != PS_TECHNIQUE_NONE)
		return technique;
	if (ps_sound_is_same(word, len, term, find->term.len))
		return PS_TECHNIQUE_SOUND;
	return ps_typo_is_blurred(j->text.fold + find->first, len, folded, find->term.len)
	    ? PS_TECHNIQUE_HOMOGLYPH
	    : PS_TECHNIQUE_NONE;
}

static void found_misspelt(struct ps_judging *j, struct ps_find *find, uint32_t term)
{
	do {
		find->index = term;
		find->term = ps_tables_term(j->tables, term);
		if (find->term.kind != PS_TERM_BRAND || find->term.len > PS_TYPO_TERM_MAX ||
		    ps_term_is_half(&find->term))
			continue;
		find->slip = classify(j, find);
		if (find->slip != PS_TECHNIQUE_NONE)
			weigh(j, find);
	} while ((ps_tables_term(j->tables, term++).flags & PS_TERM_MORE) != 0);
}

static void look_up_spelling(struct ps_judging *j, struct ps_find *find, uint32_t hash)
{
	const struct ps_tables *t = j->tables;
	uint32_t mask = (UINT32_C(1) << t->typo_bits) - 1;

	for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
		const uint8_t *p = t->typo + (size_t)at * PS_TYPO_RECORD;
		uint32_t term = ps_load_le32(p + PS_TYPO_TERM);

		if (term == 0)
			return;
		if (ps_load_le32(p + PS_TYPO_HASH) == hash)
			found_misspelt(j, find, term - 1);
	}
}

/* One slip leaves the first four letters of nine as they are, or the last four: does any
 * protected name begin or end like that? */
static bool may_be_half(const struct ps_judging *j, unsigned first, unsigned end)
{
	const struct ps_tables *t = j->tables;
	const uint8_t *front = j->text.fold + first, *back = j->text.fold + end - PS_GRAM_LETTERS;

	return ps_gram_test(t->name_filter, t->name_bits,
	           ps_gram_next(ps_gram_begin(front), front[3])) ||
	    ps_gram_test(t->end_filter, t->end_bits, ps_gram_next(ps_gram_begin(back), back[3]));
}

static void look_up_spellings(struct ps_judging *j, uint8_t label, unsigned first, unsigned end)
{
	uint32_t sums[PS_TYPO_WORD_MAX + 1];
	struct ps_find find;
	unsigned len = end - first, count = 0;

	ps_typo_sums(j->text.fold + first, len, sums);
	for (unsigned i = 0; i <= len; i++) {
		sums[count] = sums[i];
		count += ps_tables_may_spell(j->tables, sums[i]);
	}
	if (count == 0 || is_word(j, first, end))
		return;
	find = (struct ps_find){.label = label, .first = (uint16_t)first, .end = (uint16_t)end};
	for (unsigned i = 0; i < count; i++)
		look_up_spelling(j, &find, ps_typo_mix(sums[i]));
}

static inline void look_for_spelling(
    struct ps_judging *j, uint8_t label, unsigned first, unsigned end)
{
	unsigned len = end - first;

	if (len >= PS_TYPO_TERM_MIN && len <= PS_TYPO_WORD_MAX &&
	    (len < PS_TYPO_HALVES_MIN || may_be_half(j, first, end)))
		look_up_spellings(j, label, first, end);
}

/* Words between gaps; without the digits at their ends as well. */
static void look_for_misspellings(struct ps_judging *j, uint8_t label)
{
	const struct ps_text *text = &j->text;
	const struct ps_text_label *where = &text->label[label];

	if (where->hyphens == 0 && where->digits == 0) { /* most are one word */
		look_for_spelling(j, label, where->first, where->end);
		return;
	}
	for (unsigned first = where->first; first < where->end;) {
		unsigned end = first + 1, left = first, right;

		while (!(text->flags[end] & PS_LETTER_GAP))
			end++;
		right = end;
		while (left < end && (text->flags[left] & PS_LETTER_DIGIT))
			left++;
		while (right > left && (text->flags[right - 1] & PS_LETTER_DIGIT))
			right--;
		look_for_spelling(j, label, first, end);
		if (right - left < end - first)
			look_for_spelling(j, label, left, right);
		first = end;
	}
	if (where->hyphens > 0)
		look_for_spelling(j, label, where->first, where->end);
}

/* --- pairs that look like one letter --------------------------------------------------- */

/* Writes one pair of the label as the letter that it looks like; true: there was one at or
 * behind *from, which then is where to go on. What stands left of it in the label moves one to
 * the right, so that all behind it, the other labels too, stay where they are. */
static bool join_pair(struct ps_judging *j, uint8_t label, unsigned *from)
{
	struct ps_text *text = &j->text;
	struct ps_text_label *where = &text->label[label];

	for (unsigned at = *from; at + 1 < where->end; at++) {
		uint16_t first = where->first;
		uint8_t one = ps_text_pair(text->plain[at], text->plain[at + 1]);

		if ((text->flags[at + 1] & PS_LETTER_GAP) || one == 0)
			continue;
		text->plain[at + 1] = one;
		text->fold[at + 1] = ps_fold_octet[one];
		text->flags[at + 1] = text->flags[at] | PS_LETTER_PAIR;
		memmove(text->plain + first + 1, text->plain + first, at - first);
		memmove(text->fold + first + 1, text->fold + first, at - first);
		memmove(text->flags + first + 1, text->flags + first, at - first);
		text->plain[first] = 0;
		text->fold[first] = 0;
		text->flags[first] = PS_LETTER_GAP;
		where->first++;
		*from = at + 2;
		return true;
	}
	return false;
}

/* A label's letters, to be put back. */
struct letters_before {
	uint16_t first;
	uint8_t plain[LABEL_LETTERS_MAX];
	uint8_t fold[LABEL_LETTERS_MAX];
	uint8_t flags[LABEL_LETTERS_MAX];
};

static void keep_letters(const struct ps_judging *j, uint8_t label, struct letters_before *out)
{
	size_t first = j->text.label[label].first, len = j->text.label[label].end - first;

	out->first = (uint16_t)first;
	memcpy(out->plain, j->text.plain + first, len);
	memcpy(out->fold, j->text.fold + first, len);
	memcpy(out->flags, j->text.flags + first, len);
}

static void put_back_letters(
    struct ps_judging *j, uint8_t label, const struct letters_before *before)
{
	size_t first = before->first, len = j->text.label[label].end - first;

	j->text.label[label].first = before->first;
	memcpy(j->text.plain + first, before->plain, len);
	memcpy(j->text.fold + first, before->fold, len);
	memcpy(j->text.flags + first, before->flags, len);
}

/* Each pair alone, then all of them. */
static void look_through_pairs(struct ps_judging *j, uint8_t label)
{
	struct letters_before before;
	unsigned from = j->text.label[label].first, joined = 0;

	keep_letters(j, label, &before);
	if (j->weighed[0] + j->weighed[1] > 0)
		ps_context_know(j);
	j->joined = true;
	for (unsigned i = 0; i < 4 && join_pair(j, label, &from); i++) {
		joined++;
		look_for_names(j, label);
		put_back_letters(j, label, &before);
	}
	if (joined >= 2) {
		from = before.first;
		while (join_pair(j, label, &from))
			continue;
		look_for_names(j, label);
		put_back_letters(j, label, &before);
	}
	j->joined = false;
}

bool ps_lookalike_is_hosted(
    const struct ps_tables *tables, struct ps_name name, unsigned labels)
{
	struct ps_judging j;

	if (tables->terms == 0 || name.labels == 0)
		return false;
	j.tables = tables;
	j.ratio = 0;
	find_suffix(&j, name);
	return j.is_free && j.suffix >= labels;
}

void ps_lookalike_judge(
    const struct ps_tables *tables, struct ps_name name, struct ps_likeness *out)
{
	struct ps_judging j;
	uint16_t may[PS_TEXT_ROOM];
	unsigned count;

	*out = (struct ps_likeness){.score = 0};
	if (tables->terms == 0 || name.labels < 2)
		return;
	j.tables = tables;
	j.best = out;
	j.weighed[0] = j.weighed[1] = 0;
	j.ratio = 0;
	j.context_known = false;
	j.joined = false;
	find_suffix(&j, name);
	if (j.suffix >= name.labels)
		return;
	ps_text_make(&j.text, name, j.suffix);
	count = filter_letters(&j, 0, j.text.count, may);
	/* From the registrable domain to the left: what is weighed has an end, and who made the
	 * name chose what stands in front. */
	for (uint8_t label = j.text.labels; label-- > 0;) {
		unsigned i = count;

		while (i > 0 && may[i - 1] >= j.text.label[label].first)
			i--;
		for (unsigned k = i; k < count; k++)
			look_for_names_at(&j, label, may[k]);
		count = i;
		look_for_misspellings(&j, label);
		if (j.text.label[label].pairs)
			look_through_pairs(&j, label);
	}
	for (uint8_t label = 0; label + 1 < j.text.labels && out->score == 0; label++)
		look_across_dots(&j, label);
}
