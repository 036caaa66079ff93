/* The domains of the tables: public suffixes, free hosting, abused top-level domains. */
#include "lookalike/building.h"

#include "core/idn.h"

#include <stdlib.h>

static uint64_t hash_of(struct ps_name name)
{
	uint64_t state = 0;

	for (unsigned labels = 1; labels <= name.labels; labels++)
		state = ps_domain_hash(state, ps_name_suffix(name, labels).wire);
	return state;
}

static struct ps_built_domain *find_domain(struct ps_tables_builder *b, uint64_t hash)
{
	uint32_t mask = (UINT32_C(1) << b->domain_bits) - 1, at = (uint32_t)(hash >> 8) & mask;

	while (b->domains[at].hash != 0 && b->domains[at].hash != hash)
		at = (at + 1) & mask;
	return &b->domains[at];
}

static void grow_domains(struct ps_tables_builder *b)
{
	struct ps_built_domain *old = b->domains;
	uint32_t size = old == NULL ? 0 : UINT32_C(1) << b->domain_bits;

	b->domain_bits = old == NULL ? 7 : b->domain_bits + 1;
	b->domains = calloc(UINT32_C(1) << b->domain_bits, sizeof(*b->domains));
	if (b->domains == NULL) {
		b->domains = old;
		ps_tables_failed(b, PS_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		if (old[i].hash != 0)
			*find_domain(b, old[i].hash) = old[i];
	free(old);
}

static void put_domain(struct ps_tables_builder *b, struct ps_name name, uint16_t flags, uint16_t ratio)
{
	struct ps_built_domain *slot;
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
static void add_domain(struct ps_tables_builder *b, struct ps_name name, uint16_t flags, uint16_t ratio)
{
	put_domain(b, name, flags, ratio);
	for (unsigned labels = 1; labels < name.labels; labels++)
		put_domain(b, ps_name_suffix(name, labels), PS_DOMAIN_ABOVE, 0);
}

/* A reader refuses a table in which too many taken slots stand side by side: more of them
 * free make that improbable. */
static bool domains_are_crowded(const struct ps_tables_builder *b)
{
	uint32_t run = 0, size = UINT32_C(1) << b->domain_bits;

	for (uint32_t i = 0; i < size + PS_PROBES_MAX; i++) {
		run = b->domains[i & (size - 1)].hash == 0 ? 0 : run + 1;
		if (run > PS_PROBES_MAX)
			return true;
	}
	return false;
}

static void spread_domains(struct ps_tables_builder *b)
{
	while (b->status == PS_OK && b->domains != NULL && domains_are_crowded(b)) {
		if (b->domain_bits == PS_TABLES_BITS_MAX)
			ps_tables_failed(b, PS_LIMIT);
		else
			grow_domains(b);
	}
}

/* One rule of the list: publicsuffix.org/list, "Format". */
static void add_suffix(struct ps_tables_builder *b, struct ps_bytes rule, bool private)
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

static void add_suffixes(struct ps_tables_builder *b, struct ps_bytes list)
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

void ps_tables_add_domains(struct ps_tables_builder *b, struct ps_bytes suffixes)
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
unsigned ps_tables_suffix_labels(struct ps_tables_builder *b, struct ps_name name)
{
	uint64_t state = 0;
	unsigned suffix = 1;
	bool wildcard = false;

	for (unsigned labels = 1; labels <= name.labels; labels++) {
		const struct ps_built_domain *slot;

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
