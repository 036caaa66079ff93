#include "lookalike/builder.h"

#include "core/arena.h"
#include "core/idn.h"
#include "core/utf8.h"
#include "lookalike/letters.h"
#include "lookalike/sound.h"
#include "lookalike/tables.h"
#include "lookalike/typo.h"

#include <stdlib.h>

struct built_term {
	struct ps_word word;
	uint16_t brand;
	uint8_t kind;
	uint8_t flags;
	uint8_t topic;
};

struct domain_slot {
	uint64_t hash;
	uint16_t flags;
	uint16_t ratio;
};

struct builder {
	const struct ps_lookalike_plan *plan;
	struct ps_arena arena;
	struct built_term *terms;
	uint32_t term_count, term_room;
	struct domain_slot *domains;
	uint32_t domain_count, domain_bits;
	struct ps_buffer strings, trie, typos, brands, records;
	struct ps_buffer name_filter, word_filter, end_filter, spelling_filter;
	uint32_t trie_free; /* no slot below is free */
	uint32_t trie_end;  /* no slot from there on is taken */
	enum ps_status status;
};

static bool failed(struct builder *b, enum ps_status status)
{
	if (status != PS_OK && b->status == PS_OK)
		b->status = status;
	return b->status != PS_OK;
}

/* --- domains ----------------------------------------------------------------------- */

static uint64_t hash_of(struct ps_name name)
{
	uint64_t state = 0;

	for (unsigned labels = 1; labels <= name.labels; labels++)
		state = ps_domain_hash(state, ps_name_suffix(name, labels).wire);
	return state;
}

static struct domain_slot *find_domain(struct builder *b, uint64_t hash)
{
	uint32_t mask = (UINT32_C(1) << b->domain_bits) - 1, at = (uint32_t)(hash >> 8) & mask;

	while (b->domains[at].hash != 0 && b->domains[at].hash != hash)
		at = (at + 1) & mask;
	return &b->domains[at];
}

static void grow_domains(struct builder *b)
{
	struct domain_slot *old = b->domains;
	uint32_t size = old == NULL ? 0 : UINT32_C(1) << b->domain_bits;

	b->domain_bits = old == NULL ? 7 : b->domain_bits + 1;
	b->domains = calloc(UINT32_C(1) << b->domain_bits, sizeof(*b->domains));
	if (b->domains == NULL) {
		b->domains = old;
		failed(b, PS_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		if (old[i].hash != 0)
			*find_domain(b, old[i].hash) = old[i];
	free(old);
}

static void put_domain(struct builder *b, struct ps_name name, uint16_t flags, uint16_t ratio)
{
	struct domain_slot *slot;
	uint64_t hash = hash_of(name);

	if (b->domains == NULL || b->domain_count * 2 >= UINT32_C(1) << b->domain_bits)
		grow_domains(b);
	if (b->status != PS_OK)
		return;
	slot = find_domain(b, hash);
	b->domain_count += slot->hash == 0;
	slot->hash = hash;
	slot->flags |= flags;
	if (ratio > slot->ratio)
		slot->ratio = ratio;
}

/* All above it say so: a reader stops where nothing lies below. */
static void add_domain(struct builder *b, struct ps_name name, uint16_t flags, uint16_t ratio)
{
	put_domain(b, name, flags, ratio);
	for (unsigned labels = 1; labels < name.labels; labels++)
		put_domain(b, ps_name_suffix(name, labels), PS_DOMAIN_ABOVE, 0);
}

/* A reader refuses a table in which too many taken slots stand side by side: more of them
 * free make that improbable. */
static bool domains_are_crowded(const struct builder *b)
{
	uint32_t run = 0, size = UINT32_C(1) << b->domain_bits;

	for (uint32_t i = 0; i < size + PS_PROBES_MAX; i++) {
		run = b->domains[i & (size - 1)].hash == 0 ? 0 : run + 1;
		if (run > PS_PROBES_MAX)
			return true;
	}
	return false;
}

static void spread_domains(struct builder *b)
{
	while (b->status == PS_OK && b->domains != NULL && domains_are_crowded(b)) {
		if (b->domain_bits == PS_TABLES_BITS_MAX)
			failed(b, PS_LIMIT);
		else
			grow_domains(b);
	}
}

/* One rule of the list: publicsuffix.org/list, "Format". */
static void add_suffix(struct builder *b, struct ps_bytes rule, bool private)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	uint16_t flags = PS_DOMAIN_SUFFIX;

	if (rule.len > 1 && rule.ptr[0] == '!') {
		flags = PS_DOMAIN_EXCEPTION;
		rule = ps_bytes_of(rule.ptr + 1, rule.len - 1);
	} else if (rule.len > 2 && rule.ptr[0] == '*' && rule.ptr[1] == '.') {
		flags = PS_DOMAIN_WILDCARD;
		rule = ps_bytes_of(rule.ptr + 2, rule.len - 2);
	}
	if (ps_name_from_user(&name, &storage, rule, NULL) == PS_OK && name.labels > 0)
		add_domain(b, name, flags | (private ? PS_DOMAIN_PRIVATE : 0), 0);
}

static bool begins(struct ps_bytes line, const char *text)
{
	size_t len = strlen(text);

	return line.len >= len && memcmp(line.ptr, text, len) == 0;
}

static void add_suffixes(struct builder *b, struct ps_bytes list)
{
	bool private = false;

	for (size_t at = 0; at < list.len;) {
		const uint8_t *end = memchr(list.ptr + at, '\n', list.len - at);
		size_t len = (end != NULL ? (size_t)(end - list.ptr) : list.len) - at;
		struct ps_bytes line = ps_bytes_trim(ps_bytes_of(list.ptr + at, len));

		at += len + 1;
		if (begins(line, "// ===BEGIN PRIVATE"))
			private = true;
		else if (begins(line, "// ===END PRIVATE"))
			private = false;
		if (line.len > 0 && !begins(line, "//"))
			add_suffix(b, line, private);
	}
}

static void add_domains(struct builder *b, struct ps_bytes suffixes)
{
	const struct ps_lookalike_plan *plan = b->plan;

	add_suffixes(b, suffixes);
	for (uint32_t i = 0; i < plan->abused_tld_count; i++)
		add_domain(b, plan->abused_tlds[i].name, 0, plan->abused_tlds[i].ratio);
	for (uint32_t i = 0; i < plan->free_hosting.count; i++)
		add_domain(b, plan->free_hosting.names[i].name,
		    PS_DOMAIN_SUFFIX | PS_DOMAIN_PRIVATE, 0);
	spread_domains(b);
}

/* How many labels of name are its public suffix: the list's algorithm, private part aside
 * when icann. */
static unsigned suffix_labels(struct builder *b, struct ps_name name)
{
	uint64_t state = 0;
	unsigned suffix = 1;
	bool wildcard = false;

	for (unsigned labels = 1; labels <= name.labels; labels++) {
		const struct domain_slot *slot;

		state = ps_domain_hash(state, ps_name_suffix(name, labels).wire);
		slot = find_domain(b, state);
		if (wildcard)
			suffix = labels;
		if (slot->flags & PS_DOMAIN_SUFFIX)
			suffix = labels;
		if (slot->flags & PS_DOMAIN_EXCEPTION)
			return labels - 1;
		wildcard = (slot->flags & PS_DOMAIN_WILDCARD) != 0;
	}
	return suffix;
}

/* --- terms ---------------------------------------------------------------------------- */

static void add_term(struct builder *b, const struct built_term *term)
{
	if (b->term_count == b->term_room) {
		uint32_t room = b->term_room == 0 ? 1024 : b->term_room * 2;
		struct built_term *more = realloc(b->terms, room * sizeof(*more));

		if (more == NULL) {
			failed(b, PS_NO_MEMORY);
			return;
		}
		b->terms = more;
		b->term_room = room;
	}
	b->terms[b->term_count++] = *term;
}

static void add_words(struct builder *b, const char *text, uint8_t kind, uint8_t topic)
{
	struct built_term term = {.kind = kind, .topic = topic};

	if (ps_word_from_text(&term.word, text))
		add_term(b, &term);
}

static uint32_t put_string(struct builder *b, const char *text, size_t len)
{
	uint32_t at = (uint32_t)b->strings.len;

	failed(b, ps_buffer_append(&b->strings, text, len));
	failed(b, ps_buffer_append(&b->strings, NULL, 1));
	return at;
}

static bool has_term(const struct ps_brand *brand, const struct ps_word *word)
{
	for (uint32_t i = 0; i < brand->term_count; i++) {
		struct ps_word other;

		if (ps_word_from_text(&other, brand->terms[i].text) &&
		    strcmp(other.fold, word->fold) == 0)
			return true;
	}
	return false;
}

/* Does a strong name of the brand stand in word? */
static bool has_strong(const struct ps_brand *brand, const struct ps_word *word)
{
	for (uint32_t i = 0; i < brand->term_count; i++) {
		struct ps_word other;

		if (!brand->terms[i].weak && ps_word_from_text(&other, brand->terms[i].text) &&
		    strstr(word->fold, other.fold) != NULL)
			return true;
	}
	return false;
}

/* The label of an official domain: a name of the brand in its own right, weak unless a strong
 * one stands in it ("logistics" of logistics.dhl says nothing by itself). */
static void add_domain_term(
    struct builder *b, const struct ps_brand *brand, uint16_t number, struct ps_bytes label)
{
	struct built_term term = {
	    .kind = PS_TERM_BRAND, .brand = number, .flags = PS_TERM_DOMAIN};
	char text[PS_NAME_LABEL_MAX + 1];

	memcpy(text, label.ptr, label.len);
	text[label.len] = '\0';
	if (begins(label, "xn--") || !ps_word_from_text(&term.word, text) || term.word.len < 3)
		return;
	if (has_term(brand, &term.word))
		return; /* stands there */
	if (!has_strong(brand, &term.word))
		term.flags |= PS_TERM_WEAK;
	add_term(b, &term);
}

/* What follows the label: "com", "co.uk". */
static void put_tail(struct builder *b, struct ps_name suffix, uint32_t first)
{
	char text[PS_NAME_TEXT_MAX];
	size_t len = ps_name_to_text(suffix, text);

	if (b->strings.len - first + len + 2 > PS_TAILS_MAX)
		return; /* an owner with hundreds of suffixes: the first ones do */
	for (size_t at = first; at < b->strings.len;) {
		const char *known = (const char *)b->strings.data + at;

		if (strcmp(known, text) == 0)
			return;
		at += strlen(known) + 1;
	}
	(void)put_string(b, text, len);
}

static uint32_t add_brand_domains(struct builder *b, const struct ps_brand *brand, uint16_t number)
{
	uint32_t first = (uint32_t)b->strings.len;

	for (uint32_t i = 0; i < brand->domains.count && b->status == PS_OK; i++) {
		struct ps_name name = brand->domains.names[i].name;
		unsigned suffix = suffix_labels(b, name);

		put_tail(b, ps_name_suffix(name, suffix), first);
		if (suffix < name.labels)
			add_domain_term(b, brand, number,
			    ps_name_first_label(ps_name_suffix(name, suffix + 1)));
	}
	(void)put_string(b, "", 0);
	return first;
}

static uint32_t put_countries(struct builder *b, const struct ps_brand *brand)
{
	uint32_t first = (uint32_t)b->strings.len;

	for (uint32_t i = 0; i < brand->country_count; i++) {
		if (i > 0)
			failed(b, ps_buffer_append(&b->strings, " ", 1));
		failed(b, ps_buffer_append(
		              &b->strings, brand->countries[i], strlen(brand->countries[i])));
	}
	failed(b, ps_buffer_append(&b->strings, NULL, 1));
	return first;
}

/* Is there a letter of another script than Latin in it, and none of Latin? */
static bool is_native(const char *text)
{
	struct ps_bytes bytes = ps_bytes_of_text(text);
	bool native = false;
	uint32_t c;

	for (size_t pos = 0; pos < bytes.len && ps_utf8_next(bytes, &pos, &c);) {
		if (c >= 'a' && c <= 'z')
			return false;
		native |= c >= 0x80 && ps_fold_code_point(c).other_script;
	}
	return native;
}

static void add_brand(struct builder *b, uint16_t number)
{
	const struct ps_brand *brand = &b->plan->brands[number];
	const char *file = brand->place.file != NULL ? brand->place.file : "";
	uint8_t p[PS_BRAND_RECORD] = {0};

	for (uint32_t i = 0; i < brand->term_count; i++) {
		struct built_term term = {.kind = PS_TERM_BRAND,
		    .brand = number,
		    .flags = brand->terms[i].weak ? PS_TERM_WEAK : 0};

		if (is_native(brand->terms[i].text))
			term.flags |= PS_TERM_NATIVE;
		if (ps_word_from_text(&term.word, brand->terms[i].text))
			add_term(b, &term);
	}
	ps_store_le32(p + PS_BRAND_ID, put_string(b, brand->id, strlen(brand->id)));
	ps_store_le32(p + PS_BRAND_OWNER, put_string(b, brand->owner, strlen(brand->owner)));
	ps_store_le32(p + PS_BRAND_FILE, put_string(b, file, strlen(file)));
	ps_store_le32(p + PS_BRAND_LINE, brand->place.line);
	ps_store_le32(p + PS_BRAND_TAILS, add_brand_domains(b, brand, number));
	ps_store_le32(p + PS_BRAND_COUNTRIES, put_countries(b, brand));
	failed(b, ps_buffer_append(&b->brands, p, sizeof(p)));
}

/* Words by which a name claims an office, in any country. */
static const char *const authorities[] = {
    "gov", "govt", "gob", "gouv", "official", "oficial", "officiel", "portal", "federal",
    "national", "post", "posta", "poste", "postal", "express", "online", "usa", "europe",
    "africa", "asia",
};

static void gather_terms(struct builder *b)
{
	const struct ps_lookalike_plan *plan = b->plan;

	for (uint32_t i = 0; i < plan->brand_count && b->status == PS_OK; i++)
		add_brand(b, (uint16_t)i);
	for (uint32_t i = 0; i < plan->keyword_count && b->status == PS_OK; i++)
		add_words(b, plan->keywords[i].text, PS_TERM_KEYWORD,
		    (uint8_t)plan->keywords[i].topic);
	for (size_t i = 0; i < sizeof(authorities) / sizeof(authorities[0]); i++)
		add_words(b, authorities[i], PS_TERM_AUTHORITY, 0);
	for (uint32_t i = 0; i < plan->common_word_count && b->status == PS_OK; i++)
		add_words(b, plan->common_words[i], PS_TERM_COMMON, 0);
}

static int root_of(const struct built_term *term)
{
	return term->kind == PS_TERM_BRAND ? (int)PS_TRIE_BRANDS : (int)PS_TRIE_WORDS;
}

static int compare_terms(const void *left, const void *right)
{
	const struct built_term *a = left, *b = right;
	int order = root_of(a) - root_of(b);

	if (order == 0)
		order = strcmp(a->word.fold, b->word.fold);
	if (order == 0)
		order = (a->flags & PS_TERM_WEAK) - (b->flags & PS_TERM_WEAK);
	if (order == 0)
		order = a->kind - b->kind;
	if (order == 0)
		order = strcmp(a->word.plain, b->word.plain);
	if (order == 0)
		order = a->brand - b->brand;
	if (order == 0)
		order = (int)a->word.gaps - (int)b->word.gaps;
	return order != 0 ? order : a->flags - b->flags;
}

static bool same_letters(const struct built_term *a, const struct built_term *b)
{
	return root_of(a) == root_of(b) && strcmp(a->word.fold, b->word.fold) == 0;
}

static void settle_terms(struct builder *b)
{
	uint32_t kept = 0, same = 0;

	qsort(b->terms, b->term_count, sizeof(*b->terms), compare_terms);
	for (uint32_t i = 0; i < b->term_count; i++) {
		struct built_term *last = kept > 0 ? &b->terms[kept - 1] : NULL;

		if (last != NULL && same_letters(last, &b->terms[i])) {
			/* Once a brand; and of words the first kind alone counts. */
			if (last->brand == b->terms[i].brand || last->kind != PS_TERM_BRAND)
				continue;
			/* Of owners with the same name so many are told apart. */
			if (same == PS_SAME_TERMS_MAX - 1)
				continue;
			same++;
			last->flags |= PS_TERM_MORE;
		} else {
			same = 0;
		}
		b->terms[kept++] = b->terms[i];
	}
	b->term_count = kept;
}

/* Names of posts that mean e-mail as well, folded. */
static const char *const mail_words[] = {"post", "posta", "poste", "posten", "postl", "poczta",
    "pastas", "pochta", "poshta", "correo", "correlo", "correos", "mall"};

static bool is_mail_word(const char *fold)
{
	for (size_t i = 0; i < sizeof(mail_words) / sizeof(mail_words[0]); i++)
		if (strcmp(fold, mail_words[i]) == 0)
			return true;
	return false;
}

/* Marks brands' terms that are words of other kinds too: both runs are in order. */
static void mark_generic(struct builder *b)
{
	uint32_t words = 0, word;

	while (words < b->term_count && root_of(&b->terms[words]) == (int)PS_TRIE_BRANDS)
		words++;
	word = words;
	for (uint32_t i = 0; i < words; i++) {
		const char *fold = b->terms[i].word.fold;

		if ((b->terms[i].flags & PS_TERM_WEAK) && is_mail_word(fold))
			b->terms[i].flags |= PS_TERM_MAIL;
		while (word < b->term_count && strcmp(b->terms[word].word.fold, fold) < 0)
			word++;
		if (word < b->term_count && strcmp(b->terms[word].word.fold, fold) == 0)
			b->terms[i].flags |= PS_TERM_GENERIC;
	}
}

/* --- the trie ------------------------------------------------------------------------- */

static uint8_t *slot(struct builder *b, uint32_t index)
{
	while (b->status == PS_OK && b->trie.len <= (size_t)index * PS_SLOT_RECORD) {
		size_t from = b->trie.len;
		uint8_t *more = ps_buffer_extend(&b->trie, 4096 * PS_SLOT_RECORD);

		if (more == NULL) {
			failed(b, b->trie.status);
			break;
		}
		memset(b->trie.data + from, 0xff, 4096 * PS_SLOT_RECORD);
	}
	return b->status == PS_OK ? b->trie.data + (size_t)index * PS_SLOT_RECORD : NULL;
}

static bool is_free(struct builder *b, uint32_t index)
{
	const uint8_t *p = slot(b, index);

	return p != NULL && ps_load_le32(p + PS_SLOT_CHECK) == PS_SLOT_NONE;
}

/* A base at which slots for all letters are free. */
static uint32_t find_base(struct builder *b, const uint8_t *letters, uint32_t count)
{
	while (b->status == PS_OK && !is_free(b, b->trie_free))
		b->trie_free++;
	for (uint32_t at = b->trie_free; b->status == PS_OK; at++) {
		uint32_t base = at - letters[0], i = 0;

		if (at < letters[0] || base <= PS_TRIE_WORDS)
			continue;
		while (i < count && is_free(b, base + letters[i]))
			i++;
		if (i < count)
			continue;
		/* Where little is free, looking on is dearer than the slots. */
		if (at - b->trie_free > 1024)
			b->trie_free = at - 512;
		return base;
	}
	return 0;
}

/* Makes the children of parent for terms [first, end), alike in their first depth letters. */
static void add_children(
    struct builder *b, uint32_t parent, uint32_t first, uint32_t end, unsigned depth)
{
	uint8_t letters[256];
	uint32_t starts[257], count = 0, base;

	for (uint32_t i = first; i < end; i++) {
		uint8_t letter = (uint8_t)b->terms[i].word.fold[depth];

		if (count == 0 || letters[count - 1] != letter) {
			letters[count] = letter;
			starts[count++] = i;
		}
	}
	starts[count] = end;
	base = find_base(b, letters, count);
	if (b->status != PS_OK)
		return;
	ps_store_le32(slot(b, parent) + PS_SLOT_BASE, letters[0] == 0 ? base | PS_SLOT_ENDS : base);
	for (uint32_t i = 0; i < count && b->status == PS_OK; i++) {
		uint8_t *p = slot(b, base + letters[i]);

		if (p != NULL)
			ps_store_le32(p + PS_SLOT_CHECK, parent);
		if (base + letters[i] >= b->trie_end)
			b->trie_end = base + letters[i] + 1;
	}
	for (uint32_t i = 0; i < count && b->status == PS_OK; i++) {
		if (letters[i] == 0)
			ps_store_le32(slot(b, base) + PS_SLOT_BASE, starts[i]);
		else
			add_children(b, base + letters[i], starts[i], starts[i + 1], depth + 1);
	}
}

static void build_trie(struct builder *b)
{
	uint32_t words = 0;

	while (words < b->term_count && root_of(&b->terms[words]) == (int)PS_TRIE_BRANDS)
		words++;
	for (uint32_t root = PS_TRIE_BRANDS; root <= PS_TRIE_WORDS && b->status == PS_OK; root++) {
		uint8_t *p = slot(b, root);

		if (p == NULL)
			return;
		ps_store_le32(p + PS_SLOT_CHECK, root); /* taken */
		ps_store_le32(p + PS_SLOT_BASE, 2);
	}
	b->trie_free = 2;
	b->trie_end = 2;
	if (words > 0)
		add_children(b, PS_TRIE_BRANDS, 0, words, 0);
	if (words < b->term_count)
		add_children(b, PS_TRIE_WORDS, words, b->term_count, 0);
	if (b->status != PS_OK)
		return;
	/* Any step from any base must lie inside, and no base is behind the last slot. */
	b->trie_end = b->trie_end < 256 ? 512 : b->trie_end + 256;
	(void)slot(b, b->trie_end - 1);
	if (b->status != PS_OK)
		return;
	b->trie.len = (size_t)b->trie_end * PS_SLOT_RECORD;
	for (uint32_t i = 0; i < b->trie.len / PS_SLOT_RECORD; i++) {
		uint8_t *p = b->trie.data + (size_t)i * PS_SLOT_RECORD;

		/* A slot that nobody uses, or a leaf's base, leads nowhere. */
		if (ps_load_le32(p + PS_SLOT_BASE) == PS_SLOT_NONE)
			ps_store_le32(p + PS_SLOT_BASE, 0);
	}
}

/* --- misspellings ------------------------------------------------------------------------ */

/* Of words that differ in one letter and no more ("aost" to "zost") so many stand under what
 * they have in common: all of one hash are gone through at each look-up. */
#define SAME_SPELLINGS_MAX 32u

static void put_typo(struct builder *b, uint32_t bits, uint32_t hash, uint32_t term)
{
	uint32_t mask = (UINT32_C(1) << bits) - 1, at = hash & mask, same = 0;

	for (;; at = (at + 1) & mask) {
		uint8_t *p = b->typos.data + (size_t)at * PS_TYPO_RECORD;
		uint32_t there = ps_load_le32(p + PS_TYPO_TERM);

		if (there != 0) {
			if (ps_load_le32(p + PS_TYPO_HASH) == hash &&
			    (there == term + 1 || ++same == SAME_SPELLINGS_MAX))
				return;
			continue;
		}
		ps_store_le32(p + PS_TYPO_HASH, hash);
		ps_store_le32(p + PS_TYPO_TERM, term + 1);
		return;
	}
}

static bool typos_are_crowded(const struct builder *b, uint32_t bits)
{
	uint32_t run = 0, size = UINT32_C(1) << bits;

	for (uint32_t i = 0; i < size + PS_PROBES_MAX; i++) {
		const uint8_t *p = b->typos.data + (size_t)(i & (size - 1)) * PS_TYPO_RECORD;

		run = ps_load_le32(p + PS_TYPO_TERM) == 0 ? 0 : run + 1;
		if (run > PS_PROBES_MAX)
			return true;
	}
	return false;
}

static bool has_typos(const struct built_term *term)
{
	/* The first of those with the same letters stands for them. */
	return term->kind == PS_TERM_BRAND &&
	    term->word.len >= (term->flags & PS_TERM_WEAK ? PS_TERM_TELLING : PS_TYPO_TERM_MIN) &&
	    term->word.len <= PS_TYPO_TERM_MAX;
}

/* Other spellings that stand in the table, by all their letters: of the same sound, and with
 * letters that look nearly the same; both of a strong name alone, and the first of one long
 * enough that it cannot be chance. In folded letters; how many. */
#define SPELLINGS_MAX (PS_SOUND_SPELLINGS + PS_BLURS_MAX)
static unsigned spell(const struct built_term *term, struct ps_spelling out[SPELLINGS_MAX])
{
	uint8_t blurred[PS_BLURS_MAX][PS_TYPO_TERM_MAX];
	const struct ps_word *word = &term->word;
	unsigned count = 0, blurs;

	if (term->kind != PS_TERM_BRAND || (term->flags & PS_TERM_WEAK))
		return 0;
	if (!(term->flags & PS_TERM_NATIVE) && word->len >= PS_TYPO_TERM_MIN &&
	    word->len <= PS_TYPO_TERM_MAX)
		count = ps_sound_spell((const uint8_t *)word->plain, word->len, out);
	for (unsigned k = 0; k < count; k++)
		for (unsigned i = 0; i < out[k].len; i++)
			out[k].letters[i] = ps_fold_octet[out[k].letters[i]];
	blurs = ps_typo_blur((const uint8_t *)word->fold, word->len, blurred);
	for (unsigned k = 0; k < blurs; k++) {
		out[count].len = (uint8_t)word->len;
		memcpy(out[count++].letters, blurred[k], word->len);
	}
	return count;
}

static uint32_t spelling_hash(const struct ps_spelling *spelling)
{
	uint32_t hashes[PS_SOUND_WORD_MAX + 1];

	ps_typo_hashes(spelling->letters, spelling->len, hashes);
	return hashes[0];
}

static void fill_typos(struct builder *b, uint32_t bits)
{
	b->typos.len = 0;
	failed(b, ps_buffer_append(&b->typos, NULL, ((size_t)1 << bits) * PS_TYPO_RECORD));
	for (uint32_t i = 0; i < b->term_count && b->status == PS_OK; i++) {
		const struct ps_word *word = &b->terms[i].word;
		uint32_t hashes[PS_TYPO_TERM_MAX + 1];
		struct ps_spelling spelling[SPELLINGS_MAX];
		unsigned spellings;

		if (!has_typos(&b->terms[i]) ||
		    (i > 0 && same_letters(&b->terms[i - 1], &b->terms[i])))
			continue;
		ps_typo_hashes((const uint8_t *)word->fold, word->len, hashes);
		for (uint32_t k = 0; k <= word->len; k++)
			put_typo(b, bits, hashes[k], i);
		spellings = spell(&b->terms[i], spelling);
		for (unsigned k = 0; k < spellings; k++)
			put_typo(b, bits, spelling_hash(&spelling[k]), i);
	}
}

static void build_typos(struct builder *b, uint32_t *bits)
{
	uint64_t spellings = 0;

	for (uint32_t i = 0; i < b->term_count; i++)
		if (has_typos(&b->terms[i])) {
			struct ps_spelling spelling[SPELLINGS_MAX];

			spellings += b->terms[i].word.len + 1u;
			spellings += spell(&b->terms[i], spelling);
		}
	for (*bits = 7; UINT64_C(1) << *bits < spellings * 5 / 2; (*bits)++)
		continue;
	for (; b->status == PS_OK; (*bits)++) {
		if (*bits > PS_TABLES_BITS_MAX) {
			failed(b, PS_LIMIT);
			return;
		}
		fill_typos(b, *bits);
		if (b->status != PS_OK || !typos_are_crowded(b, *bits))
			return;
	}
}

/* --- filters ------------------------------------------------------------------------------- */

/* A filter has so many bits for each thing in it, or up to twice as many. */
#define BITS_A_GRAM 16u
#define BITS_A_SPELLING 8u

/* All runs of four letters that begin with the word: of a shorter one, whatever follows. */
static uint32_t mark_grams(uint8_t *grams, const struct ps_word *word)
{
	uint32_t first = 0, count = 1, marked = 0;

	for (unsigned i = 0; i < PS_GRAM_LETTERS; i++) {
		first = first * PS_GRAM_CODES +
		    (i < word->len ? (uint8_t)word->fold[i] % PS_GRAM_CODES : 0);
		count *= i < word->len ? 1 : PS_GRAM_CODES;
	}
	for (uint32_t gram = first; gram < first + count; gram++) {
		marked += (grams[gram / 8] >> gram % 8 & 1) == 0;
		grams[gram / 8] |= (uint8_t)(1u << gram % 8);
	}
	return marked;
}

enum gram_filter { NAME_FILTER, WORD_FILTER, END_FILTER };

/* The four letters of a word from at on. */
static uint32_t mark_four(uint8_t *grams, const uint8_t *letters)
{
	struct ps_word four = {.len = PS_GRAM_LETTERS};

	memcpy(four.fold, letters, PS_GRAM_LETTERS);
	return mark_grams(grams, &four);
}

/* What begins (or, at_end, ends) the other spellings of the term: see may_be_half() of the
 * judge, which asks about long words alone. */
static uint32_t mark_spellings(uint8_t *grams, const struct built_term *term, bool at_end)
{
	struct ps_spelling spelling[SPELLINGS_MAX];
	unsigned count = has_typos(term) ? spell(term, spelling) : 0;
	uint32_t marked = 0;

	for (unsigned k = 0; k < count; k++)
		if (spelling[k].len >= PS_TYPO_HALVES_MIN - 1)
			marked += mark_four(grams, spelling[k].letters +
			        (at_end ? spelling[k].len - PS_GRAM_LETTERS : 0));
	return marked;
}

/* How many grams of the term are new. */
static uint32_t mark_term(uint8_t *grams, const struct built_term *term, enum gram_filter filter)
{
	switch (filter) {
	case NAME_FILTER:
		return term->kind != PS_TERM_BRAND
		    ? 0
		    : mark_grams(grams, &term->word) + mark_spellings(grams, term, false);
	case WORD_FILTER: /* words of fewer letters than three nobody asks for */
		return term->kind != PS_TERM_BRAND && term->word.len >= 3
		    ? mark_grams(grams, &term->word)
		    : 0;
	case END_FILTER:
		return !has_typos(term)
		    ? 0
		    : mark_four(grams, (const uint8_t *)term->word.fold + term->word.len -
		              PS_GRAM_LETTERS) +
		        mark_spellings(grams, term, true);
	}
	return 0;
}

static void build_gram_filter(
    struct builder *b, enum gram_filter filter, struct ps_buffer *out, uint32_t *bits)
{
	uint8_t *grams = calloc(PS_GRAM_COUNT / 8, 1);
	uint32_t count = 0;

	if (grams == NULL) {
		failed(b, PS_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < b->term_count; i++)
		count += mark_term(grams, &b->terms[i], filter);
	*bits = PS_GRAM_BITS_MIN;
	while (*bits < PS_GRAM_BITS_MAX && UINT32_C(1) << *bits < count * BITS_A_GRAM)
		(*bits)++;
	failed(b, ps_buffer_append(out, NULL, ((size_t)1 << *bits) / 8));
	for (uint32_t gram = 0; gram < PS_GRAM_COUNT && b->status == PS_OK; gram++) {
		uint32_t bit = ps_gram_bit(gram, *bits);

		if (grams[gram / 8] >> gram % 8 & 1)
			out->data[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
	free(grams);
}

/* Of what stands in the table, whatever put it there. */
static void build_spelling_filter(struct builder *b, uint32_t typo_bits, uint32_t *bits)
{
	uint64_t slots = UINT64_C(1) << typo_bits, spellings = 0;

	for (uint64_t i = 0; i < slots; i++)
		spellings += ps_load_le32(b->typos.data + i * PS_TYPO_RECORD + PS_TYPO_TERM) != 0;
	for (*bits = PS_SPELLING_BITS_MIN; *bits < PS_SPELLING_BITS_MAX &&
	     UINT64_C(32) << *bits < spellings * BITS_A_SPELLING; (*bits)++)
		continue;
	failed(b, ps_buffer_append(&b->spelling_filter, NULL, (size_t)4 << *bits));
	for (uint64_t i = 0; i < slots && b->status == PS_OK; i++) {
		const uint8_t *slot = b->typos.data + i * PS_TYPO_RECORD;
		uint64_t hash = ps_spelling_hash(ps_typo_unmix(ps_load_le32(slot + PS_TYPO_HASH)));
		uint8_t *p = b->spelling_filter.data + 4 * ps_spelling_word(hash, *bits);

		if (ps_load_le32(slot + PS_TYPO_TERM) != 0)
			ps_store_le32(p, ps_load_le32(p) | ps_spelling_mask(hash));
	}
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_terms(struct builder *b)
{
	for (uint32_t i = 0; i < b->term_count && b->status == PS_OK; i++) {
		const struct built_term *term = &b->terms[i];
		uint8_t p[PS_TERM_RECORD] = {0};

		ps_store_le32(
		    p + PS_TERM_TEXT, put_string(b, term->word.plain, term->word.len));
		ps_store_le32(p + PS_TERM_GAPS, term->word.gaps);
		ps_store_le16(p + PS_TERM_BRAND_NUMBER, term->brand);
		p[PS_TERM_LEN] = term->word.len;
		p[PS_TERM_KIND] = term->kind;
		p[PS_TERM_FLAGS] = term->flags |
		    (strcmp(term->word.plain, term->word.fold) == 0 ? PS_TERM_PLAIN : 0);
		p[PS_TERM_TOPIC] = term->topic;
		failed(b, ps_buffer_append(&b->records, p, sizeof(p)));
	}
}

static void put_section(struct builder *b, struct ps_buffer *out, const void *octets, size_t len)
{
	failed(b, ps_buffer_append(out, octets, len));
	failed(b, ps_buffer_append(out, NULL, (8 - len % 8) % 8));
}

static void put_domains(struct builder *b, struct ps_buffer *out)
{
	for (uint32_t i = 0; i < UINT32_C(1) << b->domain_bits; i++) {
		uint8_t p[PS_DOMAIN_RECORD] = {0};

		ps_store_le64(p + PS_DOMAIN_HASH, b->domains[i].hash);
		ps_store_le16(p + PS_DOMAIN_FLAGS, b->domains[i].flags);
		ps_store_le16(p + PS_DOMAIN_RATIO, b->domains[i].ratio);
		failed(b, ps_buffer_append(out, p, sizeof(p)));
	}
}

/* What the header says beside what is in the builder. */
struct bits {
	uint32_t typo, name, word, end, spelling;
};

static void put_tables(struct builder *b, struct ps_buffer *out, const struct bits *bits)
{
	uint8_t header[PS_TABLES_HEADER] = {0};

	ps_store_le32(header + PS_TABLES_BRANDS, b->plan->brand_count);
	ps_store_le32(header + PS_TABLES_TERMS, b->term_count);
	ps_store_le32(header + PS_TABLES_SLOTS, (uint32_t)(b->trie.len / PS_SLOT_RECORD));
	ps_store_le32(header + PS_TABLES_TYPO_BITS, bits->typo);
	ps_store_le32(header + PS_TABLES_DOMAIN_BITS, b->domain_bits);
	ps_store_le32(header + PS_TABLES_STRINGS, (uint32_t)b->strings.len);
	ps_store_le32(header + PS_TABLES_NAME_BITS, bits->name);
	ps_store_le32(header + PS_TABLES_WORD_BITS, bits->word);
	ps_store_le32(header + PS_TABLES_END_BITS, bits->end);
	ps_store_le32(header + PS_TABLES_SPELLING_BITS, bits->spelling);
	put_section(b, out, header, sizeof(header));
	put_section(b, out, b->brands.data, b->brands.len);
	put_section(b, out, b->records.data, b->records.len);
	put_section(b, out, b->trie.data, b->trie.len);
	put_section(b, out, b->typos.data, b->typos.len);
	put_domains(b, out);
	put_section(b, out, b->name_filter.data, b->name_filter.len);
	put_section(b, out, b->word_filter.data, b->word_filter.len);
	put_section(b, out, b->end_filter.data, b->end_filter.len);
	put_section(b, out, b->spelling_filter.data, b->spelling_filter.len);
	put_section(b, out, b->strings.data, b->strings.len);
}

enum ps_status ps_tables_build(struct ps_buffer *out, const struct ps_lookalike_plan *plan,
    struct ps_bytes suffixes, struct ps_error *err)
{
	struct builder b = {.plan = plan, .status = PS_OK};
	struct ps_buffer *buffers[] = {&b.strings, &b.trie, &b.typos, &b.brands, &b.records,
	    &b.name_filter, &b.word_filter, &b.end_filter, &b.spelling_filter};
	struct bits bits = {.typo = 7};

	if (plan->brand_count == 0)
		return PS_OK;
	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		ps_buffer_init(buffers[i], PS_TABLES_MAX);
	(void)put_string(&b, "", 0);
	add_domains(&b, suffixes);
	if (b.status == PS_OK && b.domain_count == 0)
		failed(&b, ps_error_set(err, PS_INVALID, "the public suffix list is empty"));
	if (b.status == PS_OK)
		gather_terms(&b);
	if (b.status == PS_OK) {
		settle_terms(&b);
		mark_generic(&b);
		put_terms(&b);
		build_trie(&b);
	}
	if (b.status == PS_OK)
		build_typos(&b, &bits.typo);
	if (b.status == PS_OK)
		build_gram_filter(&b, NAME_FILTER, &b.name_filter, &bits.name);
	if (b.status == PS_OK)
		build_gram_filter(&b, WORD_FILTER, &b.word_filter, &bits.word);
	if (b.status == PS_OK)
		build_gram_filter(&b, END_FILTER, &b.end_filter, &bits.end);
	if (b.status == PS_OK)
		build_spelling_filter(&b, bits.typo, &bits.spelling);
	if (b.status == PS_OK)
		put_tables(&b, out, &bits);
	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		ps_buffer_clear(buffers[i]);
	free(b.terms);
	free(b.domains);
	if (b.status == PS_NO_MEMORY)
		return ps_error_set(err, b.status, "out of memory");
	if (b.status == PS_LIMIT)
		return ps_error_set(err, b.status, "the tables of protected names are too large");
	return b.status;
}
