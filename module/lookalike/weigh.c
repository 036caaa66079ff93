/* From a find to signs, and from signs to a score. */
#include "lookalike/judge.h"
#include "lookalike/suffix.h"

/* --- letters beside it ---------------------------------------------------------------- */

/* Pairs of letters that are rare in names and words of European languages: bit second of
 * row first. Under 2 in 10,000 pairs of 83,000 host names and of eight dictionaries. */
static const uint32_t rare_pairs[26] = {
    0x1810010, 0x2e996ee, 0x0e5b06a, 0x0a102a0, 0x1010000, 0x3e5b6ce, 0x3e996ee, 0x2a596ee,
    0x1810180, 0x3eb8bea, 0x3a196ea, 0x3e38220, 0x2eb0eec, 0x0839a00, 0x1810000, 0x2e1166a,
    0x3efffff, 0x0810280, 0x0a30208, 0x0a1926a, 0x1b14080, 0x3ffbeee, 0x2e99aea, 0x3fffeff,
    0x1b10191, 0x2a100a0,
};

static bool is_rare_pair(uint8_t a, uint8_t b)
{
	return a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z' &&
	    (rare_pairs[a - 'a'] >> (b - 'a') & 1) != 0;
}

static bool is_vowel(uint8_t c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

/* What a stretch of a label is made of. */
struct rest {
	unsigned letters; /* in no word */
	unsigned vowels;
	unsigned rare;
	unsigned digits;
	unsigned keywords;
	unsigned authorities;
	unsigned words;
	unsigned trades; /* of which are of another trade */
	unsigned homes; /* codes of the brand's own countries */
};

/* What a word is: enum ps_term_kind, or of the common ones a trade's or a pastime's. */
#define WORD_OF_TRADE PS_TERM_KIND_COUNT

static bool is_common(uint8_t kind)
{
	return kind == PS_TERM_COMMON || kind == WORD_OF_TRADE;
}

static uint8_t kind_of_word(const struct ps_term *term)
{
	return term->kind == PS_TERM_COMMON && term->topic == PS_TERM_TRADE ? WORD_OF_TRADE
	                                                                    : term->kind;
}

static unsigned walk_words(const struct ps_judging *j, unsigned at, unsigned end, uint8_t *kind)
{
	uint32_t slot = PS_TRIE_WORDS;
	unsigned longest = 0;

	for (unsigned i = at; i < end; i++) {
		uint32_t value;

		if (j->text.fold[i] == 0)
			break; /* no letter: 0 would lead to a term's end */
		slot = ps_tables_step(j->tables, slot, j->text.fold[i]);
		if (slot == PS_SLOT_NONE)
			break;
		value = ps_tables_end(j->tables, slot);
		if (value != PS_SLOT_NONE && i + 1 - at >= 3) {
			struct ps_term word =
			    ps_tables_term(j->tables, ps_tables_value(j->tables, value));

			longest = i + 1 - at;
			*kind = kind_of_word(&word);
		}
	}
	return longest;
}

/* The longest word from at on; its kind. 0: none. */
static inline unsigned longest_word(
    const struct ps_judging *j, unsigned at, unsigned end, uint8_t *kind)
{
	return ps_word_may_begin(j, at) ? walk_words(j, at, end, kind) : 0;
}

static void read_rest(const struct ps_judging *j, unsigned at, unsigned end, struct rest *rest)
{
	const uint8_t *plain = j->text.plain;

	while (at < end) {
		uint8_t kind = PS_TERM_COMMON;
		unsigned len = longest_word(j, at, end, &kind);

		if (len > 0) {
			rest->keywords += kind == PS_TERM_KEYWORD;
			rest->authorities += kind == PS_TERM_AUTHORITY;
			rest->words += is_common(kind);
			rest->trades += kind == WORD_OF_TRADE;
			at += len;
			continue;
		}
		if (j->text.flags[at] & PS_LETTER_DIGIT) {
			rest->digits++;
		} else {
			rest->letters++;
			rest->vowels += is_vowel(plain[at]);
			if (at + 1 < end && !(j->text.flags[at + 1] & PS_LETTER_GAP))
				rest->rare += is_rare_pair(plain[at], plain[at + 1]);
		}
		at++;
	}
}

/* Is there a word that means something else, or are there more than so many letters in no word?
 * As read_rest() reads; it takes off *letters what it has seen. */
static bool has_others(
    const struct ps_judging *j, unsigned at, unsigned end, unsigned *letters)
{
	while (at < end) {
		uint8_t kind = PS_TERM_COMMON;
		unsigned len = longest_word(j, at, end, &kind);

		if (len > 0) {
			if (is_common(kind))
				return true;
			at += len;
			continue;
		}
		if (!(j->text.flags[at++] & PS_LETTER_DIGIT) && (*letters)-- == 0)
			return true;
	}
	return false;
}

/* Letters that nobody would say: a rare pair for each three, or too few vowels. */
static bool is_random(const struct rest *rest)
{
	return rest->letters >= 2 &&
	    (rest->rare * 3 >= rest->letters || rest->vowels * 5 < rest->letters);
}

/* --- the whole name -------------------------------------------------------------------- */

static bool has_keyword(const struct ps_judging *j, const struct ps_text_label *label)
{
	for (unsigned at = label->first; at < label->end; at++) {
		uint8_t kind = PS_TERM_COMMON;
		unsigned len;

		if (!(j->text.flags[at] & PS_LETTER_GAP))
			continue;
		len = longest_word(j, at, label->end, &kind);
		if (len > 0 && kind == PS_TERM_KEYWORD)
			return true;
	}
	return false;
}

void ps_context_know(struct ps_judging *j)
{
	const struct ps_text *text = &j->text;
	const struct ps_text_label *domain = &text->label[text->labels - 1];
	unsigned hyphens = 0;
	struct rest rest = {0};

	if (j->context_known)
		return;
	j->context_known = true;
	j->context = 0;
	j->keyword_labels = 0;
	for (uint8_t i = 0; i < text->labels; i++) {
		hyphens += text->label[i].hyphens;
		if (has_keyword(j, &text->label[i]))
			j->keyword_labels |= UINT32_C(1) << i;
	}
	read_rest(j, domain->first, domain->end, &rest);
	if (is_random(&rest) || rest.digits >= 3)
		j->context |= UINT64_C(1) << PS_SIGN_RANDOM_DOMAIN;
	if (text->labels + text->skipped >= 3)
		j->context |= UINT64_C(1) << PS_SIGN_DEEP;
	j->hyphens = hyphens;
	j->is_like_post = ps_suffix_is_like_post(j->tld);
	if (j->is_like_post)
		j->context |= UINT64_C(1) << PS_SIGN_POST;
	if (domain->end - domain->first == 4 && memcmp(text->fold + domain->first, "post", 4) == 0)
		j->context |= UINT64_C(1) << PS_SIGN_POST;
	if (j->is_free)
		j->context |= UINT64_C(1) << PS_SIGN_FREE;
	if (ps_suffix_is_trusted(j->tld, j->second))
		j->context |= UINT64_C(1) << PS_SIGN_TRUSTED;
	if (j->is_country)
		j->context |= UINT64_C(1) << PS_SIGN_COUNTRY;
	if (j->ratio > 1)
		j->context |= UINT64_C(1) << PS_SIGN_TLD;
}

/* --- the find -------------------------------------------------------------------------- */

struct weighing {
	struct ps_judging *j;
	const struct ps_find *find;
	uint64_t signs;
	bool is_glued;
	bool is_digit_leet;
	bool is_mixed;
	bool is_whole;
	unsigned own_hyphens; /* where the name has a break itself: royal-mail */
	struct rest rest;
};

static void say(struct weighing *w, enum ps_sign sign)
{
	w->signs |= UINT64_C(1) << sign;
}

static void unsay(struct weighing *w, enum ps_sign sign)
{
	w->signs &= ~(UINT64_C(1) << sign);
}

static bool has(const struct weighing *w, enum ps_sign sign)
{
	return (w->signs >> sign & 1) != 0;
}

static void see_letters(struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text *text = &w->j->text;

	if ((find->term.flags & PS_TERM_WEAK) ||
	    ((find->term.flags & PS_TERM_DOMAIN) && find->slip != PS_TECHNIQUE_NONE))
		say(w, find->term.flags & PS_TERM_GENERIC ? PS_SIGN_GENERIC
		        : find->term.len <= 4             ? PS_SIGN_WEAK
		                                          : PS_SIGN_WORD);
	else
		say(w, find->term.len <= 4   ? PS_SIGN_SHORT
		        : find->term.len <= 6 ? PS_SIGN_MEDIUM
		                              : PS_SIGN_LONG);
	if (find->slip != PS_TECHNIQUE_NONE)
		say(w, PS_SIGN_TYPO);
	for (unsigned i = find->first; i < find->end; i++) {
		unsigned at = i - find->first;
		uint8_t flags = text->flags[i];

		/* A name in its own script is written as its owner writes it. */
		if ((flags & PS_LETTER_MAPPED) &&
		    !((find->term.flags & PS_TERM_NATIVE) && (flags & PS_LETTER_FOREIGN)))
			say(w, PS_SIGN_IDN);
		else if ((flags & PS_LETTER_PAIR) ||
		    (find->slip == PS_TECHNIQUE_NONE &&
		        text->plain[i] != (uint8_t)find->term.text[at])) {
			say(w, PS_SIGN_FOLDED);
			w->is_digit_leet |= (flags & PS_LETTER_DIGIT) != 0;
		}
		if (at == 0 || !(flags & PS_LETTER_GAP))
			continue;
		if (at < 32 && (find->term.gaps >> at & 1))
			w->own_hyphens++;
		else
			say(w, PS_SIGN_HYPHENATED);
	}
	if (has(w, PS_SIGN_TYPO) || has(w, PS_SIGN_FOLDED)) {
		if (find->term.len >= 9)
			say(w, PS_SIGN_SLIGHT);
		if (find->term.len >= 12)
			say(w, PS_SIGN_SLIGHTEST);
	}
	if (has(w, PS_SIGN_IDN)) {
		w->is_mixed = text->label[find->label].mixed;
		w->is_whole = text->label[find->label].whole;
		/* Marks on a word that is not even the name: a language, no disguise. */
		if (find->slip != PS_TECHNIQUE_NONE && !w->is_mixed && !w->is_whole)
			unsay(w, PS_SIGN_IDN);
	}
}

/* What stands on its left and on its right: PS_LETTER_GAP, PS_LETTER_DIGIT, or a letter, 0. */
static uint8_t left_of(const struct ps_text *text, const struct ps_find *find)
{
	if (text->flags[find->first] & PS_LETTER_GAP)
		return PS_LETTER_GAP;
	return text->flags[find->first - 1] & PS_LETTER_DIGIT;
}

static uint8_t right_of(const struct ps_text *text, const struct ps_find *find)
{
	if (text->flags[find->end] & PS_LETTER_GAP)
		return PS_LETTER_GAP;
	return text->flags[find->end] & PS_LETTER_DIGIT;
}

static void see_edges(struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text *text = &w->j->text;
	const struct ps_text_label *label = &text->label[find->label];
	uint8_t left = left_of(text, find), right = right_of(text, find);

	if (find->first == label->first && find->end == label->end)
		say(w, PS_SIGN_LABEL);
	else if (left != 0 && right != 0)
		say(w, PS_SIGN_TOKEN);
	else if (left != 0)
		say(w, PS_SIGN_FRONT);
	else if (right != 0)
		say(w, PS_SIGN_BACK);
	else
		say(w, PS_SIGN_INSIDE);
	if ((left | right) & PS_LETTER_DIGIT)
		say(w, PS_SIGN_DIGITS);
}

/* The two letters at `at` end or begin what is left of the label, or are a word of their own,
 * and the code of a country of the brand's: pl-poczta, inpostpl, dhl-uk-parcel. */
static bool is_country_code(const struct weighing *w, unsigned at, unsigned end)
{
	const struct ps_text *text = &w->j->text;
	if (at + 2 > end || (text->flags[at + 1] & PS_LETTER_GAP) ||
	    (!(text->flags[at] & PS_LETTER_GAP) && at != w->find->end) ||
	    (!(text->flags[at + 2] & PS_LETTER_GAP) && at + 2 != w->find->first))
		return false;
	return ps_suffix_is_of(
	    text->plain + at, ps_tables_brand(w->j->tables, w->find->term.brand).countries);
}

static void see_rest(struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text_label *label = &w->j->text.label[find->label];
	struct rest *rest = &w->rest;

	read_rest(w->j, label->first, find->first, rest);
	read_rest(w->j, find->end, label->end, rest);
	if (rest->keywords > 0)
		say(w, PS_SIGN_KEYWORD);
	if (rest->authorities > 0)
		say(w, PS_SIGN_AUTHORITY);
	rest->homes = is_country_code(w, find->end, label->end) ||
	    (find->first >= label->first + 2 &&
	        is_country_code(w, find->first - 2u, find->first));
	if (rest->homes > 0)
		say(w, PS_SIGN_HOME);
	if (is_random(rest))
		say(w, PS_SIGN_RANDOM);
	else if (rest->letters > 2 || rest->words > 0)
		say(w, PS_SIGN_WORDS);
	if (rest->digits > 0)
		say(w, PS_SIGN_DIGITS);
}

/* Do the word's edges stand at gaps where it reaches over the find's? hotel-de-la-poste is an
 * inn as hoteldelaposte is, but nobody reads "sposta" in express-posta. */
static bool is_read_over(
    const struct ps_text *text, const struct ps_find *find, unsigned first, unsigned end)
{
	if (first < find->first && (text->flags[find->first] & PS_LETTER_GAP) &&
	    !(text->flags[first] & PS_LETTER_GAP))
		return false;
	return end <= find->end || !(text->flags[find->end] & PS_LETTER_GAP) ||
	    (text->flags[end] & PS_LETTER_GAP);
}

/* What looks misspelt may be other words altogether, to the last letter: australian|post. */
static bool is_other_words(const struct weighing *w)
{
	struct rest rest = {0};

	read_rest(w->j, w->find->first, w->find->end, &rest);
	return rest.words + rest.keywords + rest.authorities > 0 && rest.letters == 0 &&
	    rest.digits == 0;
}

/* Does a longer word that means something else lie over it, or reach into it? */
static void see_cover(struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text_label *label = &w->j->text.label[find->label];
	unsigned first = find->first, len = find->end - find->first;
	bool parted = (w->j->text.flags[find->first] & PS_LETTER_GAP) != 0;

	if (find->slip != PS_TECHNIQUE_NONE && is_other_words(w)) {
		say(w, PS_SIGN_COVERED);
		return;
	}
	for (unsigned back = 0; back < 24; back++, first--) {
		uint8_t kind = PS_TERM_KEYWORD;
		unsigned longest = longest_word(w->j, first, label->end, &kind);

		if (longest > len && first + longest >= find->end && kind != PS_TERM_KEYWORD &&
		    is_read_over(&w->j->text, find, first, first + longest)) {
			say(w, PS_SIGN_COVERED);
			return;
		}
		/* Its first letters are the last ones of a word in front: zambian|post. */
		if (back > 0 && !parted && longest > back && longest >= 5 &&
		    (is_common(kind) || (find->term.flags & PS_TERM_WEAK)) &&
		    (w->j->text.flags[first] & PS_LETTER_GAP)) {
			say(w, PS_SIGN_COVERED);
			return;
		}
		if (first == label->first)
			break;
	}
	if ((w->j->text.flags[find->end] & PS_LETTER_GAP) || find->end + 1u >= label->end)
		return;
	/* Its last letters are the first ones of a word behind: ara|mexico. */
	for (first = find->first + 1u; first < find->end; first++) {
		uint8_t kind = PS_TERM_KEYWORD;
		unsigned at = first - find->first, longest;

		if (at < 32 && (find->term.gaps >> at & 1) &&
		    memcmp(w->j->text.fold + first, "post", 4) == 0)
			continue; /* canada|postmaster is its own word, and another; royal|maille not */
		longest = longest_word(w->j, first, label->end, &kind);
		if (longest >= 5 && first + longest > find->end + 1u && is_common(kind)) {
			say(w, PS_SIGN_COVERED);
			return;
		}
	}
}

/* Do the letters from at on say tail, with or without its dots, and end there? */
static bool says_tail(const struct ps_text *text, unsigned at, const char *tail, bool *glued)
{
	const char *p = tail;

	for (; *p != '\0' && *p != '.'; p++, at++)
		if (text->plain[at] != (uint8_t)*p)
			return false;
	if (text->flags[at] & PS_LETTER_GAP)
		return true;
	*glued = true;
	return (text->flags[at] & PS_LETTER_DIGIT) != 0;
}

/* Its own suffix behind it: as the next label's beginning, or in the same label. */
static void see_embedded(struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text *text = &w->j->text;
	struct ps_brand_view brand;
	bool ends = find->end == text->label[find->label].end;
	unsigned at = find->end;

	/* wwwusps.com: a dot was forgotten. */
	if (find->first == text->label[find->label].first + 3 &&
	    memcmp(text->plain + find->first - 3, "www", 3) == 0) {
		say(w, PS_SIGN_EMBEDDED);
		w->is_glued = true;
		return;
	}
	if (ends && find->label + 1 >= text->labels)
		return;
	brand = ps_tables_brand(w->j->tables, find->term.brand);
	if (ends)
		at++;
	for (const char *tail = brand.tails; *tail != '\0'; tail += strlen(tail) + 1) {
		bool glued = false;

		if (!says_tail(text, at, tail, &glued))
			continue;
		say(w, PS_SIGN_EMBEDDED);
		w->is_glued = !ends || glued;
		return;
	}
}

/* Is the top-level domain that of a country of the brand's, or of its script? */
static bool is_home_tld(const struct ps_judging *j, const struct ps_find *find)
{
	if (find->term.flags & PS_TERM_NATIVE)
		return j->tld[0] > 4 && memcmp(j->tld + 1, "xn--", 4) == 0;
	return j->tld[0] == 2 &&
	    ps_suffix_is_of(j->tld + 1, ps_tables_brand(j->tables, find->term.brand).countries);
}

static bool is_numbered(const struct rest *rest)
{
	return rest->digits > 0 && rest->digits <= 3 && rest->letters == 0 && rest->words == 0 &&
	    rest->keywords == 0 && rest->authorities == 0 && rest->homes == 0;
}

static void see_place(struct weighing *w)
{
	const struct ps_find *find = w->find;
	struct ps_judging *j = w->j;
	bool is_domain = find->label + 1 == j->text.labels;

	w->signs |= j->context;
	if (j->hyphens >= 2 + (has(w, PS_SIGN_HYPHENATED) ? 0 : w->own_hyphens))
		say(w, PS_SIGN_HYPHENS);
	if (!is_domain)
		say(w, PS_SIGN_SUBDOMAIN);
	else
		unsay(w, PS_SIGN_RANDOM_DOMAIN);
	if (is_domain && !j->is_like_post)
		unsay(w, PS_SIGN_POST);
	if (j->keyword_labels & ~(UINT32_C(1) << find->label))
		say(w, PS_SIGN_KEYWORD_ELSEWHERE);
	if (is_domain && has(w, PS_SIGN_LABEL) && !has(w, PS_SIGN_TYPO) && !has(w, PS_SIGN_FOLDED)) {
		say(w, PS_SIGN_WRONG_TLD);
		unsay(w, PS_SIGN_DEEP); /* whoever has the domain names hosts below it */
		if (is_home_tld(j, find)) /* as likely the owner's, and not in the list */
			say(w, PS_SIGN_HOME_TLD);
	}
	/* dao3: of a weak name and a small number a suffix that is abused a little says nothing. */
	if ((find->term.flags & PS_TERM_WEAK) && j->ratio < 10 && is_numbered(&w->rest))
		unsay(w, PS_SIGN_TLD);
	see_embedded(w);
}

static bool is_trade_tld(const struct ps_judging *j)
{
	uint32_t slot = PS_TRIE_WORDS;
	struct ps_term term;

	for (unsigned i = 1; i <= j->tld[0] && slot != PS_SLOT_NONE; i++)
		slot = ps_tables_step(j->tables, slot, ps_fold_octet[j->tld[i]]);
	if (slot != PS_SLOT_NONE)
		slot = ps_tables_end(j->tables, slot);
	if (slot == PS_SLOT_NONE)
		return false;
	term = ps_tables_term(j->tables, ps_tables_value(j->tables, slot));
	return kind_of_word(&term) == WORD_OF_TRADE;
}

/* Is it called as newspapers are, a word and "post"? With letters in front of the name, tsing|post,
 * or alone and of two words itself, jamaica post. */
static bool is_paper(const struct weighing *w)
{
	const struct ps_find *find = w->find;
	unsigned at = find->term.len - 4u;

	if (find->slip != PS_TECHNIQUE_NONE ||
	    memcmp(w->j->text.fold + find->end - 4, "post", 4) != 0)
		return false;
	return has(w, PS_SIGN_BACK) ||
	    (has(w, PS_SIGN_WRONG_TLD) && at < 32 && (find->term.gaps >> at & 1));
}

/* Does it, or what stands beside it, say another trade? The name itself may where it is an
 * owner's domain: an arena's, of fedex and forum. */
static bool says_trade(const struct weighing *w)
{
	struct rest own = {0};

	if (w->find->term.flags & PS_TERM_DOMAIN)
		read_rest(w->j, w->find->first, w->find->end, &own);
	return w->rest.trades > 0 || own.trades > 0 ||
	    (w->find->term.len <= 6 && is_trade_tld(w->j));
}

/* Do its last letters begin a word of the business that ends where the label or a part of it does?
 * usp|services, sing|postal. Not where the name has a break itself: royal|mailing. */
static bool lends_letters(const struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text *text = &w->j->text;
	unsigned end = text->label[find->label].end;

	for (unsigned first = find->first + 3u; first < find->end; first++) {
		uint8_t kind = PS_TERM_COMMON;
		unsigned at = first - find->first, len;

		if (at < 32 && (find->term.gaps >> at & 1))
			continue;
		len = longest_word(w->j, first, end, &kind);
		if (len >= 6 && first + len > find->end + 1u &&
		    (text->flags[first + len] & PS_LETTER_GAP))
			return true;
	}
	return false;
}

/* What speaks for somebody else where nothing but the strong name speaks for the post. */
static void see_others(struct weighing *w)
{
	static const uint64_t seconds = UINT64_C(1) << PS_SIGN_KEYWORD |
	    UINT64_C(1) << PS_SIGN_KEYWORD_ELSEWHERE | UINT64_C(1) << PS_SIGN_AUTHORITY |
	    UINT64_C(1) << PS_SIGN_HOME | UINT64_C(1) << PS_SIGN_RANDOM |
	    UINT64_C(1) << PS_SIGN_EMBEDDED | UINT64_C(1) << PS_SIGN_IDN |
	    UINT64_C(1) << PS_SIGN_SUBDOMAIN | UINT64_C(1) << PS_SIGN_TLD |
	    UINT64_C(1) << PS_SIGN_FREE | UINT64_C(1) << PS_SIGN_POST;
	bool goes_on = has(w, PS_SIGN_FRONT) || has(w, PS_SIGN_BACK);

	if ((w->find->term.flags & PS_TERM_WEAK) || (w->signs & seconds) != 0)
		return;
	if (says_trade(w))
		say(w, PS_SIGN_TRADE);
	if (is_paper(w))
		say(w, PS_SIGN_PAPER);
	/* Of letters that go on a language makes words, and who adds them to deceive seldom pays
	 * for a country's suffix; but one more at the end is a slip. */
	if (goes_on && has(w, PS_SIGN_COUNTRY) &&
	    (has(w, PS_SIGN_BACK) || w->rest.letters >= 2 || w->rest.words > 0))
		say(w, PS_SIGN_RUN_ON);
	if (goes_on && has(w, PS_SIGN_FOLDED) && !w->is_digit_leet)
		say(w, PS_SIGN_RUN_ON);
	if (has(w, PS_SIGN_FRONT) && lends_letters(w))
		say(w, PS_SIGN_RUN_ON);
}

/* Its name and one letter more: as a slip of the finger, where that stands right beside it. */
static enum ps_technique name_addition(const struct weighing *w)
{
	const struct ps_find *find = w->find;
	const struct ps_text *text = &w->j->text;
	const uint8_t *term = (const uint8_t *)find->term.text;
	enum ps_technique technique = PS_TECHNIQUE_NONE;
	size_t len = find->term.len;

	if (right_of(text, find) == 0)
		technique = ps_typo_classify(text->plain + find->first, len + 1, term, len);
	else if (left_of(text, find) == 0)
		technique = ps_typo_classify(text->plain + find->first - 1, len + 1, term, len);
	return technique != PS_TECHNIQUE_NONE ? technique : PS_TECHNIQUE_ADDITION;
}

/* Of the techniques that apply, the one that says most. */
static enum ps_technique name_technique(const struct weighing *w)
{
	if (has(w, PS_SIGN_IDN))
		return w->is_whole ? PS_TECHNIQUE_WHOLE_SCRIPT
		    : w->is_mixed  ? PS_TECHNIQUE_MIXED_SCRIPT
		                   : PS_TECHNIQUE_IDN;
	if (w->find->slip != PS_TECHNIQUE_NONE)
		return w->find->slip;
	if (has(w, PS_SIGN_FOLDED))
		return w->is_digit_leet ? PS_TECHNIQUE_LEET : PS_TECHNIQUE_HOMOGLYPH;
	if (has(w, PS_SIGN_EMBEDDED))
		return w->is_glued ? PS_TECHNIQUE_GLUED : PS_TECHNIQUE_EMBEDDED;
	if (has(w, PS_SIGN_POST))
		return PS_TECHNIQUE_POST_TLD;
	if (has(w, PS_SIGN_HYPHENATED))
		return PS_TECHNIQUE_HYPHENATION;
	if (has(w, PS_SIGN_KEYWORD))
		return PS_TECHNIQUE_KEYWORD;
	if (has(w, PS_SIGN_AUTHORITY) || has(w, PS_SIGN_HOME))
		return PS_TECHNIQUE_AUTHORITY;
	if (has(w, PS_SIGN_RANDOM) || has(w, PS_SIGN_DIGITS))
		return PS_TECHNIQUE_RANDOM;
	if (has(w, PS_SIGN_LABEL))
		return has(w, PS_SIGN_WRONG_TLD) ? PS_TECHNIQUE_WRONG_TLD
		                                 : PS_TECHNIQUE_SUBDOMAIN;
	if (w->rest.letters == 1 && w->rest.words == 0)
		return name_addition(w);
	return PS_TECHNIQUE_COMBINATION;
}

/* Within a word, but all that is left of it is the code of its own country and a letter or two:
 * plinposte, iinpostpl. */
static bool is_all_but_alone(const struct weighing *w)
{
	return w->rest.homes > 0 && w->rest.words == 0 && w->rest.letters <= 4;
}

/* A short weak name within a word says nothing, unless what is left of the label is a word of
 * the post's business (dhlparcel), or letters that nobody says under an abused suffix. */
static bool is_chance(const struct weighing *w)
{
	const uint8_t own = PS_TERM_WEAK | PS_TERM_DOMAIN;
	unsigned second, letters;

	if (ps_term_is_half(&w->find->term))
		return true;
	/* "secure" of an official secure-x.example is the name of nothing elsewhere. */
	if ((w->find->term.flags & own) == own && !has(w, PS_SIGN_WRONG_TLD) &&
	    !has(w, PS_SIGN_EMBEDDED))
		return true;
	/* Of six letters and weak, and one of them is another: too many names are. */
	if ((w->find->term.flags & PS_TERM_WEAK) && w->find->slip != PS_TECHNIQUE_NONE &&
	    w->find->term.len <= PS_TERM_TELLING)
		return true;
	if (has(w, PS_SIGN_INSIDE) && !has(w, PS_SIGN_RANDOM) && !has(w, PS_SIGN_KEYWORD) &&
	    !is_all_but_alone(w) && w->j->ratio < 10)
		return true; /* a stretch of other words */
	/* posta.bank.example is where the bank reads its mail; so are correos, posta-web, poczta2. */
	if ((w->find->term.flags & PS_TERM_MAIL) && has(w, PS_SIGN_SUBDOMAIN) &&
	    w->rest.letters <= 3 && w->rest.keywords == 0 && !has(w, PS_SIGN_EMBEDDED) &&
	    (has(w, PS_SIGN_LABEL) || !has(w, PS_SIGN_KEYWORD_ELSEWHERE)) &&
	    (!has(w, PS_SIGN_FREE) || has(w, PS_SIGN_COUNTRY)) &&
	    (w->j->ratio < 10 || has(w, PS_SIGN_TRUSTED)))
		return true;
	/* The word post alone is everybody's, under any suffix. */
	if (has(w, PS_SIGN_GENERIC) && has(w, PS_SIGN_WRONG_TLD))
		return true;
	if (!has(w, PS_SIGN_WEAK) && !has(w, PS_SIGN_GENERIC))
		return false;
	if (!has(w, PS_SIGN_FRONT) && !has(w, PS_SIGN_BACK))
		return has(w, PS_SIGN_INSIDE);
	/* Signs of the second kind are all that is left of the label (pttgov, dhluk), or most of
	 * it under an abused suffix (dpdhelps). */
	second = w->rest.keywords;
	letters = w->rest.letters;
	if (!has(w, PS_SIGN_GENERIC)) { /* poste and ch make postech */
		second += w->rest.authorities + w->rest.homes;
		letters -= 2 * w->rest.homes;
	}
	if (second > 0 && w->rest.words == 0 &&
	    (letters == 0 || (w->j->ratio >= 10 && letters <= 3)))
		return false;
	return has(w, PS_SIGN_BACK) || !has(w, PS_SIGN_RANDOM) || w->j->ratio < 10;
}

/* Is it chance whatever the rest of the label turns out to be? Told of most short weak names by
 * the first letters beside them, before anything dear is looked at. It says yes only where
 * is_chance() will, and of what has too few letters to be named: change them together (a test
 * compares the judge with one that does without this). */
static bool is_chance_already(const struct ps_judging *j, const struct ps_find *find)
{
	const struct ps_text_label *label = &j->text.label[find->label];
	bool left = left_of(&j->text, find) != 0, right = right_of(&j->text, find) != 0;
	unsigned letters = 2; /* of a country's code: left to is_chance() */

	/* PS_SIGN_WEAK or PS_SIGN_GENERIC */
	if (!PS_LOOKALIKE_FILTERED || find->term.len >= PS_TERM_TELLING ||
	    !(find->term.flags & PS_TERM_WEAK) ||
	    (find->term.len > 4 && !(find->term.flags & PS_TERM_GENERIC)))
		return false;
	if (left == right)
		return !left; /* inside a word, or no part of one */
	if (j->ratio >= 10)
		return false; /* a few letters may be said to be random */
	return has_others(j, find->end, label->end, &letters) ||
	    has_others(j, label->first, find->first, &letters);
}

static void weigh_whole(
    struct ps_judging *j, const struct ps_find *find, struct ps_likeness *out)
{
	struct weighing w = {.j = j, .find = find};
	const struct ps_text_label *label = &j->text.label[find->label];

	*out = (struct ps_likeness){.score = 0};
	see_letters(&w);
	see_edges(&w);
	see_rest(&w);
	see_cover(&w);
	see_place(&w);
	see_others(&w);
	if (is_chance(&w)) {
		if (find->term.len < PS_TERM_TELLING && !ps_term_is_half(&find->term))
			return;
		say(&w, PS_SIGN_CHANCE); /* named, and no more */
	}
	*out = (struct ps_likeness){
	    .technique = name_technique(&w),
	    .brand = find->term.brand,
	    .term = find->index,
	    .label = (uint8_t)(find->label + j->text.skipped),
	    .first = (uint8_t)(find->first - label->first),
	    .len = (uint8_t)(find->end - find->first),
	    .signs = w.signs,
	    .ratio = (uint16_t)j->ratio,
	};
	out->score = ps_signs_score(out->signs, out->ratio);
}

void ps_find_weigh(struct ps_judging *j, const struct ps_find *find, struct ps_likeness *out)
{
	bool chance = is_chance_already(j, find);

	/* Context is of the text at the first find, dear or not: here it will be another. */
	if (!chance || j->joined)
		ps_context_know(j);
	if (chance)
		out->score = 0;
	else
		weigh_whole(j, find, out);
}
