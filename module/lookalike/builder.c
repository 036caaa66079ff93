#include "lookalike/building.h"

#include "core/utf8.h"

#include <stdlib.h>

/* --- terms ---------------------------------------------------------------------------- */

static void add_term(struct ps_tables_builder *b, const struct ps_built_term *term)
{
	if (b->term_count == b->term_room) {
		uint32_t room = b->term_room == 0 ? 1024 : b->term_room * 2;
		struct ps_built_term *more = realloc(b->terms, room * sizeof(*more));

		if (more == NULL) {
			ps_tables_failed(b, PS_NO_MEMORY);
			return;
		}
		b->terms = more;
		b->term_room = room;
	}
	b->terms[b->term_count++] = *term;
}

static void add_words(struct ps_tables_builder *b, const char *text, uint8_t kind, uint8_t topic)
{
	struct ps_built_term term = {.kind = kind, .topic = topic};

	if (ps_word_from_text(&term.word, text))
		add_term(b, &term);
}

static uint32_t put_string(struct ps_tables_builder *b, const char *text, size_t len)
{
	uint32_t at = (uint32_t)b->strings.len;

	ps_tables_failed(b, ps_buffer_append(&b->strings, text, len));
	ps_tables_failed(b, ps_buffer_append(&b->strings, NULL, 1));
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

/* What stands in front of a label's first hyphen: best-pay.co.th is after best-inc.co.th. */
static void add_half(struct ps_tables_builder *b, const struct ps_brand *brand,
    const struct ps_built_term *whole, char *label)
{
	struct ps_built_term term = *whole;

	label[strcspn(label, "-")] = '\0';
	if (!ps_word_from_text(&term.word, label) || term.word.len < 3 || term.word.len >= 32 ||
	    term.word.len == whole->word.len || has_term(brand, &term.word))
		return;
	term.word.gaps |= UINT32_C(1) << term.word.len;
	add_term(b, &term);
}

/* The label of an official domain: a name of the brand in its own right, weak unless a strong
 * one stands in it ("logistics" of logistics.dhl says nothing by itself). */
static void add_domain_term(
    struct ps_tables_builder *b, const struct ps_brand *brand, uint16_t number, struct ps_bytes label)
{
	struct ps_built_term term = {
	    .kind = PS_TERM_BRAND, .brand = number, .flags = PS_TERM_DOMAIN};
	char text[PS_NAME_LABEL_MAX + 1];

	memcpy(text, label.ptr, label.len);
	text[label.len] = '\0';
	if ((label.len >= 4 && memcmp(label.ptr, "xn--", 4) == 0) ||
	    !ps_word_from_text(&term.word, text) || term.word.len < 3)
		return;
	if (has_term(brand, &term.word))
		return; /* stands there */
	if (has_strong(brand, &term.word)) {
		add_term(b, &term);
		return;
	}
	term.flags |= PS_TERM_WEAK;
	add_term(b, &term);
	add_half(b, brand, &term, text);
}

/* What follows the label: "com", "co.uk". */
static void put_tail(struct ps_tables_builder *b, struct ps_name suffix, uint32_t first)
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

static uint32_t add_brand_domains(struct ps_tables_builder *b, const struct ps_brand *brand, uint16_t number)
{
	uint32_t first = (uint32_t)b->strings.len;

	for (uint32_t i = 0; i < brand->domains.count && b->status == PS_OK; i++) {
		struct ps_name name = brand->domains.names[i].name;
		unsigned suffix = ps_tables_suffix_labels(b, name);

		put_tail(b, ps_name_suffix(name, suffix), first);
		if (suffix < name.labels)
			add_domain_term(b, brand, number,
			    ps_name_first_label(ps_name_suffix(name, suffix + 1)));
	}
	(void)put_string(b, "", 0);
	return first;
}

static uint32_t put_countries(struct ps_tables_builder *b, const struct ps_brand *brand)
{
	uint32_t first = (uint32_t)b->strings.len;

	for (uint32_t i = 0; i < brand->country_count; i++) {
		if (i > 0)
			ps_tables_failed(b, ps_buffer_append(&b->strings, " ", 1));
		ps_tables_failed(b, ps_buffer_append(
		              &b->strings, brand->countries[i], strlen(brand->countries[i])));
	}
	ps_tables_failed(b, ps_buffer_append(&b->strings, NULL, 1));
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

static void add_brand(struct ps_tables_builder *b, uint16_t number)
{
	const struct ps_brand *brand = &b->plan->brands[number];
	const char *file = brand->place.file != NULL ? brand->place.file : "";
	uint8_t p[PS_BRAND_RECORD] = {0};

	for (uint32_t i = 0; i < brand->term_count; i++) {
		struct ps_built_term term = {.kind = PS_TERM_BRAND,
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
	ps_tables_failed(b, ps_buffer_append(&b->brands, p, sizeof(p)));
}

/* Words by which a name claims an office, in any country. */
static const char *const authorities[] = {
    "gov", "govt", "gob", "gouv", "official", "oficial", "officiel", "portal", "federal",
    "national", "post", "posta", "poste", "postal", "express", "online", "usa", "europe",
    "africa", "asia",
};

/* Words of other trades, pastimes and institutions, by which an honest name says what it is: a
 * museum, a choir, an arena. None that imitations of posts have beside the name (news, team,
 * group, app, media, live, gift). */
static const char *const trades[] = {
    /* institutions */
    "museum", "museums", "museo", "musee", "museu", "muzeum", "muzej", "muzeul", "muuseum", "museet",
    "school", "schule", "ecole", "escuela", "escola", "scuola", "szkola", "skola", "okul", "iskola",
    "college", "university", "universite", "universitaet", "universidad", "akademie", "academy",
    "library", "bibliothek", "biblioteca", "church", "kirche", "eglise", "iglesia", "parish",
    "hospital", "klinik", "clinic", "clinica", "dental",
    /* arts and letters */
    "band", "choir", "chor", "choeur", "coro", "kor", "orchestra", "orchester", "orkiestra",
    "theatre", "theater", "teatro", "teatr", "cinema", "kino", "film", "films", "gallery",
    "galerie", "galeria", "studio", "studios", "photography", "fotografie", "poetry", "poster",
    "posters", "design", "comics", "ballet", "opera", "jazz",
    /* people who like something */
    "blog", "blogs", "forum", "forums", "foro", "fan", "fans", "fanclub", "hobby", "collectors",
    "sammler", "sammeln", "philatelie", "philately", "filatelia", "filatelie", "stamps",
    /* sport */
    "football", "fussball", "futbol", "futebol", "fotboll", "fodbold", "voetbal", "calcio",
    "soccer", "tennis", "hockey", "rugby", "cricket", "golf", "darts", "chess", "schach",
    "cycling", "racing", "running", "fitness", "yoga", "handball", "volleyball", "basketball",
    "turnverein", "sportverein", "athletics", "arena", "stadium", "stadion",
    /* trades */
    "chemicals", "chemie", "chimie", "quimica", "pharma", "apotheke", "pharmacie", "farmacia",
    "steel", "textile", "textiles", "knitwear", "furniture", "moebel", "bakery", "baeckerei",
    "brewery", "brauerei", "winery", "weingut", "restaurant", "ristorante", "hotel", "gasthof",
    "auberge", "garden", "gardens", "nursery", "architects", "architekten", "dentist", "solar",
};

static void gather_terms(struct ps_tables_builder *b)
{
	const struct ps_lookalike_plan *plan = b->plan;

	for (uint32_t i = 0; i < plan->brand_count && b->status == PS_OK; i++)
		add_brand(b, (uint16_t)i);
	for (uint32_t i = 0; i < plan->keyword_count && b->status == PS_OK; i++)
		add_words(b, plan->keywords[i].text, PS_TERM_KEYWORD,
		    (uint8_t)plan->keywords[i].topic);
	for (size_t i = 0; i < sizeof(authorities) / sizeof(authorities[0]); i++)
		add_words(b, authorities[i], PS_TERM_AUTHORITY, 0);
	for (size_t i = 0; i < sizeof(trades) / sizeof(trades[0]); i++)
		add_words(b, trades[i], PS_TERM_COMMON, PS_TERM_TRADE);
	for (uint32_t i = 0; i < plan->common_word_count && b->status == PS_OK; i++)
		add_words(b, plan->common_words[i], PS_TERM_COMMON, 0);
}

static int compare_terms(const void *left, const void *right)
{
	const struct ps_built_term *a = left, *b = right;
	int order = ps_built_root(a) - ps_built_root(b);

	if (order == 0)
		order = strcmp(a->word.fold, b->word.fold);
	if (order == 0)
		order = (a->flags & PS_TERM_WEAK) - (b->flags & PS_TERM_WEAK);
	if (order == 0)
		order = a->kind - b->kind;
	if (order == 0)
		order = b->topic - a->topic; /* a trade's before one of none */
	if (order == 0)
		order = strcmp(a->word.plain, b->word.plain);
	if (order == 0)
		order = a->brand - b->brand;
	if (order == 0)
		order = (int)a->word.gaps - (int)b->word.gaps;
	return order != 0 ? order : a->flags - b->flags;
}

static void settle_terms(struct ps_tables_builder *b)
{
	uint32_t kept = 0, same = 0;

	qsort(b->terms, b->term_count, sizeof(*b->terms), compare_terms);
	for (uint32_t i = 0; i < b->term_count; i++) {
		struct ps_built_term *last = kept > 0 ? &b->terms[kept - 1] : NULL;

		if (last != NULL && ps_built_same_letters(last, &b->terms[i])) {
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
static void mark_generic(struct ps_tables_builder *b)
{
	uint32_t words = 0, word;

	while (words < b->term_count && ps_built_root(&b->terms[words]) == (int)PS_TRIE_BRANDS)
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

static uint8_t *slot(struct ps_tables_builder *b, uint32_t index)
{
	while (b->status == PS_OK && b->trie.len <= (size_t)index * PS_SLOT_RECORD) {
		size_t from = b->trie.len;
		uint8_t *more = ps_buffer_extend(&b->trie, 4096 * PS_SLOT_RECORD);

		if (more == NULL) {
			ps_tables_failed(b, b->trie.status);
			break;
		}
		memset(b->trie.data + from, 0xff, 4096 * PS_SLOT_RECORD);
	}
	return b->status == PS_OK ? b->trie.data + (size_t)index * PS_SLOT_RECORD : NULL;
}

static bool is_free(struct ps_tables_builder *b, uint32_t index)
{
	const uint8_t *p = slot(b, index);

	return p != NULL && ps_load_le32(p + PS_SLOT_CHECK) == PS_SLOT_NONE;
}

/* A base at which slots for all letters are free. */
static uint32_t find_base(struct ps_tables_builder *b, const uint8_t *letters, uint32_t count)
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
    struct ps_tables_builder *b, uint32_t parent, uint32_t first, uint32_t end, unsigned depth)
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

static void build_trie(struct ps_tables_builder *b)
{
	uint32_t words = 0;

	while (words < b->term_count && ps_built_root(&b->terms[words]) == (int)PS_TRIE_BRANDS)
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
/* --- writing ------------------------------------------------------------------------------- */

static void put_terms(struct ps_tables_builder *b)
{
	for (uint32_t i = 0; i < b->term_count && b->status == PS_OK; i++) {
		const struct ps_built_term *term = &b->terms[i];
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
		ps_tables_failed(b, ps_buffer_append(&b->records, p, sizeof(p)));
	}
}

static void put_section(struct ps_tables_builder *b, struct ps_buffer *out, const void *octets, size_t len)
{
	ps_tables_failed(b, ps_buffer_append(out, octets, len));
	ps_tables_failed(b, ps_buffer_append(out, NULL, (8 - len % 8) % 8));
}

static void put_domains(struct ps_tables_builder *b, struct ps_buffer *out)
{
	for (uint32_t i = 0; i < UINT32_C(1) << b->domain_bits; i++) {
		uint8_t p[PS_DOMAIN_RECORD] = {0};

		ps_store_le64(p + PS_DOMAIN_HASH, b->domains[i].hash);
		ps_store_le16(p + PS_DOMAIN_FLAGS, b->domains[i].flags);
		ps_store_le16(p + PS_DOMAIN_RATIO, b->domains[i].ratio);
		ps_tables_failed(b, ps_buffer_append(out, p, sizeof(p)));
	}
}

/* What the header says beside what is in the builder. */
struct bits {
	uint32_t typo, name, word, end, spelling;
};

static void put_tables(struct ps_tables_builder *b, struct ps_buffer *out, const struct bits *bits)
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
	struct ps_tables_builder b = {.plan = plan, .status = PS_OK};
	struct ps_buffer *buffers[] = {&b.strings, &b.trie, &b.typos, &b.brands, &b.records,
	    &b.name_filter, &b.word_filter, &b.end_filter, &b.spelling_filter};
	struct bits bits = {.typo = 7};

	if (plan->brand_count == 0)
		return PS_OK;
	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		ps_buffer_init(buffers[i], PS_TABLES_MAX);
	(void)put_string(&b, "", 0);
	ps_tables_add_domains(&b, suffixes);
	if (b.status == PS_OK && b.domain_count == 0)
		ps_tables_failed(&b, ps_error_set(err, PS_INVALID, "the public suffix list is empty"));
	if (b.status == PS_OK)
		gather_terms(&b);
	if (b.status == PS_OK) {
		settle_terms(&b);
		mark_generic(&b);
		put_terms(&b);
		build_trie(&b);
	}
	if (b.status == PS_OK)
		ps_tables_build_typos(&b, &bits.typo);
	if (b.status == PS_OK)
		ps_tables_build_gram_filter(&b, PS_NAME_FILTER, &b.name_filter, &bits.name);
	if (b.status == PS_OK)
		ps_tables_build_gram_filter(&b, PS_WORD_FILTER, &b.word_filter, &bits.word);
	if (b.status == PS_OK)
		ps_tables_build_gram_filter(&b, PS_END_FILTER, &b.end_filter, &bits.end);
	if (b.status == PS_OK)
		ps_tables_build_spelling_filter(&b, bits.typo, &bits.spelling);
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
