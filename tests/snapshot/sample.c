#include "snapshot/sample.h"

#include <stdio.h>
#include <stdlib.h>

struct sample_inside {
	void **blocks;
	size_t block_count;
};

/* --- randomness ----------------------------------------------------------- */

/* splitmix64 (Steele, Lea and Flood, 2014). */
uint64_t sample_next(struct sample_random *random)
{
	uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t sample_below(struct sample_random *random, uint32_t below)
{
	return (uint32_t)((sample_next(random) >> 32) * below >> 32);
}

bool sample_chance(struct sample_random *random, uint32_t percent)
{
	return sample_below(random, 100) < percent;
}

/* --- names ---------------------------------------------------------------- */

static void finish_name(struct sample_name *out, const uint8_t *wire, size_t len)
{
	if (ps_name_from_wire(&out->name, &out->storage, ps_bytes_of(wire, len), NULL) != PS_OK)
		abort();
}

void sample_text_name(const char *text, struct sample_name *out)
{
	if (ps_name_from_text(&out->name, &out->storage, ps_bytes_of_text(text), NULL) != PS_OK)
		abort();
}

void sample_longest_name(unsigned labels, uint8_t letter, struct sample_name *out)
{
	uint8_t wire[PS_NAME_WIRE_MAX];
	size_t left = PS_NAME_WIRE_MAX - 1, at = 0;

	for (; labels > 0; labels--) {
		/* What is left, but for two octets for each label to come. */
		size_t label = left - (labels - 1) * 2 - 1;

		label = label < PS_NAME_LABEL_MAX ? label : PS_NAME_LABEL_MAX;
		wire[at] = (uint8_t)label;
		memset(wire + at + 1, letter, label);
		at += label + 1;
		left -= label + 1;
	}
	wire[at++] = 0;
	finish_name(out, wire, at);
}

static size_t random_label(struct sample_random *random, uint8_t *out)
{
	size_t len = sample_chance(random, 5) ? 1 + sample_below(random, PS_NAME_LABEL_MAX)
	                                      : 1 + sample_below(random, 2);

	for (size_t i = 1; i <= len; i++)
		out[i] = sample_chance(random, 3) ? (uint8_t)sample_next(random)
		                                  : (uint8_t)("abcABC"[sample_below(random, 6)]);
	out[0] = (uint8_t)len;
	return len + 1;
}

void sample_random_name(struct sample_random *random, struct sample_name *out)
{
	uint8_t wire[PS_NAME_WIRE_MAX + PS_NAME_LABEL_MAX + 1];
	size_t at = 0;
	uint32_t labels = 1 + sample_below(random, sample_chance(random, 5) ? 126 : 4);

	if (sample_chance(random, 1)) {
		sample_longest_name(4 + sample_below(random, 124), 'a', out);
		return;
	}
	for (; labels > 0; labels--) {
		size_t len = random_label(random, wire + at);

		if (at + len + 1 > PS_NAME_WIRE_MAX)
			break;
		at += len;
	}
	wire[at++] = 0;
	finish_name(out, wire, at);
}

/* As lists of abused hosts have them. */
static void plain_name(struct sample_random *random, struct sample_name *out)
{
	static const char *const tops[] = {"com", "net", "top", "xyz", "post", "co.uk"};
	char text[80];

	(void)snprintf(text, sizeof(text), "%s%08x.%s",
	    sample_chance(random, 30) ? "parcel." : "", (unsigned)sample_next(random),
	    tops[sample_below(random, 6)]);
	sample_text_name(text, out);
}

/* --- plans ---------------------------------------------------------------- */

/* Zeroed memory that lives as long as the sample. */
static void *take(struct sample *sample, size_t count, size_t size)
{
	struct sample_inside *inside = sample->inside;
	void **blocks = realloc(inside->blocks, (inside->block_count + 1) * sizeof(*blocks));
	void *block = calloc(count + 1, size);

	if (blocks == NULL || block == NULL)
		abort();
	inside->blocks = blocks;
	inside->blocks[inside->block_count++] = block;
	return block;
}

static const char *text(struct sample *sample, const char *word, uint32_t number)
{
	char *out = take(sample, 1, 64);

	(void)snprintf(out, 64, "%s-%u", word, number);
	return out;
}

static struct sample_row *new_row(struct sample *sample)
{
	struct sample_row *row = &sample->rows[sample->row_count++];

	*row = (struct sample_row){0};
	return row;
}

static struct ps_name_set make_set(struct sample *sample, struct sample_random *random,
    enum ps_row_kind kind, uint32_t source)
{
	uint32_t count = sample_below(random, 5);
	struct ps_scoped_name *names = take(sample, count, sizeof(*names));

	for (uint32_t i = 0; i < count; i++) {
		struct sample_row *row = new_row(sample);

		sample_random_name(random, &row->name);
		row->row = (struct ps_row){
		    .kind = kind,
		    .scope = sample_below(random, 3),
		    .source = (uint16_t)source,
		    .valid_until = PS_TIME_FOREVER,
		};
		row->line = 1 + sample_below(random, 300);
		row->reference_len = 11;
		memcpy(row->reference, "policy.yaml", 11);
		names[i] = (struct ps_scoped_name){
		    .scope = row->row.scope,
		    .place = {.file = "policy.yaml", .line = (uint32_t)row->line},
		};
		names[i].name = row->name.name;
		names[i].name.wire = memcpy(
		    take(sample, 1, PS_NAME_WIRE_MAX), row->name.name.wire, row->name.name.len);
	}
	return (struct ps_name_set){.names = names, .count = count};
}

static void fill_lookalike(
    struct sample *sample, struct sample_random *random, struct ps_condition *out)
{
	uint32_t count = sample->plan.lookalike.brand_count;
	uint16_t *brands = take(sample, count, sizeof(*brands));

	/* Descending: the builder must not count on their order. */
	for (uint32_t i = count; i-- > 0;)
		if (sample_chance(random, 30))
			brands[out->brand_count++] = (uint16_t)i;
	out->brands = brands;
	out->techniques = sample_below(random, 1u << PS_TECHNIQUE_COUNT);
	out->score_min = (uint8_t)sample_below(random, 80);
	out->score_max = (uint8_t)(80 + sample_below(random, 21));
}

static struct ps_prefix random_prefix(struct sample_random *random)
{
	struct ps_prefix out = {.address.family = sample_chance(random, 60) ? 4 : 6};
	unsigned octets = out.address.family == 4 ? 4 : 16;

	out.len = (uint8_t)sample_below(random, octets * 8 + 1);
	/* Few different octets, so that prefixes nest. */
	for (unsigned i = 0; i < octets; i++)
		out.address.bytes[i] = (uint8_t)(sample_below(random, 3) * 0x55);
	for (unsigned i = out.len; i < octets * 8; i++)
		out.address.bytes[i / 8] &= (uint8_t)~(0x80 >> i % 8);
	return out;
}

/* The prefixes of a rule: rows of the policy's own. */
static void fill_prefixes(struct sample *sample, struct sample_random *random, uint32_t number,
    struct ps_condition *out)
{
	struct ps_placed_prefix *prefixes = take(sample, 4, sizeof(*prefixes));

	out->prefix_count = sample_below(random, 5);
	for (uint32_t i = 0; i < out->prefix_count; i++) {
		struct sample_row *row = new_row(sample);

		row->is_address = true;
		row->prefix = random_prefix(random);
		row->row = (struct ps_row){.kind = PS_ROW_ADDRESSES,
		    .source = (uint16_t)number,
		    .valid_until = PS_TIME_FOREVER};
		row->line = 1 + sample_below(random, 300);
		row->reference_len = 11;
		memcpy(row->reference, "policy.yaml", 11);
		prefixes[i] = (struct ps_placed_prefix){.prefix = row->prefix,
		    .place = {.file = "policy.yaml", .line = (uint32_t)row->line}};
	}
	out->prefixes = prefixes;
}

static struct ps_condition make_condition(
    struct sample *sample, struct sample_random *random, enum ps_condition_kind kind,
    uint32_t number)
{
	static const char *const patterns[] = {"^parcel-[0-9]{6}\\.", "colis|paket", "a+b"};
	struct ps_condition out = {.kind = kind};
	uint16_t *feeds;

	if (out.kind == PS_CONDITION_NAMES)
		out.names = make_set(sample, random, PS_ROW_NAMES, number);
	if (out.kind == PS_CONDITION_ADDRESSES)
		fill_prefixes(sample, random, number, &out);
	if (out.kind == PS_CONDITION_PATTERN)
		out.pattern = patterns[sample_below(random, 3)];
	if (out.kind == PS_CONDITION_LOOKALIKE)
		fill_lookalike(sample, random, &out);
	if (out.kind != PS_CONDITION_LISTED)
		return out;
	feeds = take(sample, sample->plan.feed_count, sizeof(*feeds));
	for (uint32_t i = 0; i < sample->plan.feed_count; i++)
		if (sample_chance(random, 50))
			feeds[out.feed_count++] = (uint16_t)i;
	out.feeds = feeds;
	out.categories = sample_below(random, 1u << PS_CATEGORY_COUNT);
	out.confidence_min = (uint8_t)sample_below(random, 60);
	out.confidence_max = (uint8_t)(60 + sample_below(random, 41));
	return out;
}

/* About answers, ascending by what they are asked of. Returns how many. */
static uint32_t make_answer_conditions(struct sample *sample, struct sample_random *random,
    uint32_t number, struct ps_condition *out)
{
	static const struct {
		enum ps_condition_kind kind;
		uint8_t of;
	} shapes[] = {
	    {PS_CONDITION_NAMES, PS_OF_TARGET},
	    {PS_CONDITION_LISTED, PS_OF_TARGET},
	    {PS_CONDITION_LOOKALIKE, PS_OF_TARGET},
	    {PS_CONDITION_ADDRESSES, PS_OF_ADDRESS},
	    {PS_CONDITION_LISTED, PS_OF_ADDRESS},
	    {PS_CONDITION_PATTERN, PS_OF_SERVER_NAME},
	    {PS_CONDITION_ADDRESSES, PS_OF_SERVER_ADDRESS},
	    {PS_CONDITION_LISTED, PS_OF_SERVER},
	};
	uint32_t count = 0;

	for (uint32_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		/* Mostly one: else none holds. The last one where there would be none. */
		if (!sample_chance(random, 15) &&
		    (count > 0 || i + 1 < sizeof(shapes) / sizeof(*shapes)))
			continue;
		out[count] = make_condition(sample, random, shapes[i].kind, number + count);
		out[count++].of = shapes[i].of;
	}
	return count;
}

static struct ps_condition make_client(struct sample *sample, struct sample_random *random)
{
	uint64_t all = (UINT64_C(2) << (sample->plan.group_count - 1)) - 1;
	struct ps_condition out = {.kind = PS_CONDITION_CLIENT};

	while (out.clients == 0)
		out.clients = sample_next(random) & sample_next(random) & all << 1;
	return out;
}

static int compare_clients(const void *a, const void *b)
{
	const struct ps_client_prefix *x = a, *y = b;

	return ps_prefix_compare(&x->prefix, &y->prefix);
}

/* Of few octets and lengths, so that they nest and meet. */
static struct ps_prefix client_prefix(struct sample_random *random)
{
	struct ps_prefix out = {.address.family = sample_chance(random, 60) ? 4 : 6};
	uint32_t width = out.address.family == 4 ? 32 : 128;

	for (uint32_t i = 0; i < width / 8; i++)
		out.address.bytes[i] = (uint8_t)(sample_below(random, 3) << 6);
	out.len = (uint8_t)(sample_chance(random, 10) ? 0 : sample_below(random, width + 1));
	for (uint32_t bit = out.len; bit < width; bit++)
		out.address.bytes[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
	return out;
}

static void make_clients(struct sample *sample, struct sample_random *random, uint32_t count)
{
	struct ps_client_group *groups = take(sample, count, sizeof(*groups));
	struct ps_client_prefix *prefixes = take(sample, count * 20, sizeof(*prefixes));
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++)
		groups[i] = (struct ps_client_group){
		    .id = text(sample, "group", i), .place = {.file = "clients.yaml", .line = i + 1}};
	for (uint32_t i = 0; i < count * 20; i++)
		prefixes[i] = (struct ps_client_prefix){.prefix = client_prefix(random),
		    .group = (uint16_t)sample_below(random, count)};
	qsort(prefixes, count * 20, sizeof(*prefixes), compare_clients);
	for (uint32_t i = 0; i < count * 20; i++)
		if (kept == 0 || compare_clients(&prefixes[kept - 1], &prefixes[i]) != 0)
			prefixes[kept++] = prefixes[i];
	sample->plan.groups = groups;
	sample->plan.group_count = count;
	sample->plan.client_prefixes = prefixes;
	sample->plan.client_prefix_count = kept;
}

static void make_feeds(struct sample *sample, struct sample_random *random, uint32_t count)
{
	struct ps_feed_config *feeds = take(sample, count, sizeof(*feeds));

	for (uint32_t i = 0; i < count; i++)
		feeds[i] = (struct ps_feed_config){
		    .id = text(sample, "feed", i),
		    .title = sample_chance(random, 50) ? "Übersicht der Päckchen" : NULL,
		    .format = sample_below(random, PS_FEED_FORMAT_COUNT),
		    .trial = sample_chance(random, 30),
		    .file = "feeds.yaml",
		    .line = i + 1,
		};
	sample->plan.feeds = feeds;
	sample->plan.feed_count = count;
}

static void fill_sinkhole(struct sample *sample, struct sample_random *random,
    struct ps_answer *answer)
{
	struct sample_name *name = take(sample, 1, sizeof(*name));

	if (sample_chance(random, 40)) {
		sample_random_name(random, name);
		answer->cname = name->name;
		answer->has_cname = true;
		return;
	}
	answer->a_count = 1 + sample_below(random, PS_SINKHOLE_ADDRESSES_MAX);
	answer->aaaa_count = sample_below(random, PS_SINKHOLE_ADDRESSES_MAX + 1);
	for (uint32_t i = 0; i < answer->a_count; i++) {
		answer->a[i].family = 4;
		ps_store_le32(answer->a[i].bytes, (uint32_t)sample_next(random));
	}
	for (uint32_t i = 0; i < answer->aaaa_count; i++) {
		answer->aaaa[i].family = 6;
		ps_store_le64(answer->aaaa[i].bytes, sample_next(random));
		ps_store_le64(answer->aaaa[i].bytes + 8, sample_next(random));
	}
}

static void make_answers(struct sample *sample, struct sample_random *random, uint32_t count)
{
	struct ps_answer *answers = take(sample, count, sizeof(*answers));

	for (uint32_t i = 0; i < count; i++) {
		answers[i].name = text(sample, "answer", i);
		answers[i].action = sample_below(random, PS_ACTION_TRUNCATE);
		if (answers[i].action == PS_ACTION_DROP && i % 2 != 0)
			answers[i].action = PS_ACTION_TRUNCATE;
		answers[i].ttl = sample_below(random, PS_TTL_MAX + 1);
		if (answers[i].action == PS_ACTION_SINKHOLE)
			fill_sinkhole(sample, random, &answers[i]);
	}
	sample->plan.answers = answers;
	sample->plan.answer_count = count;
}

/* By a stream of its own, so that what else is made stays as tests know it. */
static void make_structured(struct sample *sample, uint64_t seed)
{
	struct sample_random own = {.state = seed + 1}, *random = &own;
	struct ps_structured_plan *plan = &sample->plan.structured;

	if (seed % 4 == 3)
		return;
	*plan = (struct ps_structured_plan){.on = true,
	    .option = sample_chance(random, 50) ? (uint16_t)sample_below(random, 65535) : 0,
	    .contact_count = 1 + (uint32_t)(seed % PS_STRUCTURED_CONTACTS_MAX),
	    .organization = sample_chance(random, 50) ? "Example Post" : "",
	    .language = sample_chance(random, 50) ? "en" : "gsw"};
	for (uint32_t i = 0; i < plan->contact_count; i++)
		plan->contacts[i] = text(sample, "mailto:abuse@post.example", i);
}

static void make_rules(struct sample *sample, struct sample_random *random, uint32_t count,
    bool asks_answers)
{
	struct ps_rule *rules = take(sample, count, sizeof(*rules));
	uint32_t number = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct ps_condition *conditions = take(sample, 13, sizeof(*conditions));
		uint32_t more;
		bool has_ede = sample_chance(random, 50);

		rules[i] = (struct ps_rule){
		    .id = text(sample, "rule", i),
		    .place = {.file = "rules.yaml", .line = i + 1},
		    .mode = sample_below(random, PS_MODE_COUNT),
		    .answer = (uint16_t)sample_below(random, sample->plan.answer_count),
		    .conditions = conditions,
		    .condition_count = sample_below(random, 4),
		    .ede_code = has_ede ? (int32_t)sample_below(random, 30) : PS_EDE_NONE,
		    .ede_text = has_ede ? "listed by the sector's ISAC" : "",
		    .sub_error = has_ede ? (uint8_t)(i * 85) : PS_SUB_ERROR_LISTED,
		};
		if (asks_answers && sample_chance(random, 50))
			rules[i].condition_count = 0;
		for (uint32_t k = 0; k < rules[i].condition_count; k++)
			conditions[k] = make_condition(sample, random,
			    sample_below(random, PS_CONDITION_CLIENT), number++);
		more = asks_answers ? make_answer_conditions(sample, random, number,
		                          conditions + rules[i].condition_count)
		                    : 0;
		rules[i].condition_count += more;
		number += more;
		if (sample->plan.group_count > 0 && sample_chance(random, 60)) {
			conditions[rules[i].condition_count++] = make_client(sample, random);
			number++;
		}
	}
	sample->plan.rules = rules;
	sample->plan.rule_count = count;
}

/* --- protected names ------------------------------------------------------ */

const char sample_suffixes[] = "// ===BEGIN ICANN DOMAINS===\n"
                               "com\nnet\ntop\npost\nuk\nco.uk\n*.ck\n!www.ck\n"
                               "// ===END ICANN DOMAINS===\n"
                               "// ===BEGIN PRIVATE DOMAINS===\nblogspot.com\n"
                               "// ===END PRIVATE DOMAINS===\n";

static struct ps_name text_name(struct sample *sample, const char *text)
{
	struct sample_name *name = take(sample, 1, sizeof(*name));

	sample_text_name(text, name);
	return name->name;
}

static void make_brand(struct sample *sample, struct sample_random *random, uint32_t number,
    struct ps_brand *out)
{
	static const char *const words[] = {"usps", "royal mail", "inpost", "ems", "la poste",
	    "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0", "swiss post"};
	static const char *const domains[] = {"usps.com", "parcel.co.uk", "a.www.ck", "x.post"};
	static const char *const countries[] = {"US", "GB"};
	struct ps_brand_term *terms = take(sample, 2, sizeof(*terms));
	struct ps_scoped_name *names = take(sample, 2, sizeof(*names));

	*out = (struct ps_brand){
	    .id = text(sample, "brand", number),
	    .owner = "An owner",
	    .place = {.file = "brands.yaml", .line = number + 1},
	    .terms = terms,
	    .term_count = 1 + sample_below(random, 2),
	    .domains = {.names = names, .count = sample_below(random, 3)},
	    .countries = countries,
	    .country_count = sample_below(random, 3),
	};
	for (uint32_t i = 0; i < out->term_count; i++)
		terms[i] = (struct ps_brand_term){
		    .text = words[sample_below(random, 7)], .weak = sample_chance(random, 30)};
	for (uint32_t i = 0; i < out->domains.count; i++)
		names[i] = (struct ps_scoped_name){
		    .name = text_name(sample, domains[sample_below(random, 4)]),
		    .scope = PS_SCOPE_SUBTREE};
}

/* Rows of exceptions, some of which end, and of popular names. */
static void make_unjudged(struct sample *sample, struct sample_random *random)
{
	uint32_t first = sample->row_count;
	struct ps_name_set set = make_set(sample, random, PS_ROW_EXCEPTION, 0);
	struct ps_exception *exceptions = take(sample, set.count, sizeof(*exceptions));
	struct ps_scoped_name *popular;

	for (uint32_t i = 0; i < set.count; i++) {
		exceptions[i] = (struct ps_exception){.name = set.names[i],
		    .reason = "nothing bad",
		    .valid_until = sample_chance(random, 50) ? 2000 : PS_TIME_FOREVER};
		sample->rows[first + i].row.valid_until = exceptions[i].valid_until;
	}
	sample->plan.lookalike.exceptions = exceptions;
	sample->plan.lookalike.exception_count = set.count;
	first = sample->row_count;
	sample->plan.popular = make_set(sample, random, PS_ROW_POPULAR, 0);
	popular = (struct ps_scoped_name *)sample->plan.popular.names;
	for (uint32_t i = 0; i < sample->plan.popular.count; i++) {
		popular[i].scope = PS_SCOPE_EXACT;
		sample->rows[first + i].row.scope = PS_SCOPE_SUBTREE;
	}
	/* One of them is free hosting: it speaks for itself alone. */
	if (sample->plan.popular.count > 0) {
		sample->plan.lookalike.free_hosting =
		    (struct ps_name_set){.names = popular, .count = 1};
		for (uint32_t i = 0; i < sample->plan.popular.count; i++)
			if (ps_name_equal(popular[i].name, popular[0].name))
				sample->rows[first + i].row.scope = PS_SCOPE_EXACT;
	}
}

static void make_lookalike(struct sample *sample, struct sample_random *random, uint32_t count)
{
	static const char *const common[] = {"composter", "groups"};
	struct ps_lookalike_plan *plan = &sample->plan.lookalike;
	struct ps_brand *brands = take(sample, count, sizeof(*brands));
	struct ps_keyword *keywords = take(sample, 2, sizeof(*keywords));
	struct ps_abused_tld *tlds = take(sample, 1, sizeof(*tlds));

	for (uint32_t i = 0; i < count; i++)
		make_brand(sample, random, i, &brands[i]);
	keywords[0] = (struct ps_keyword){.text = "parcel", .language = "en"};
	keywords[1] = (struct ps_keyword){
	    .text = "douane", .language = "fr", .topic = PS_TOPIC_CUSTOMS};
	tlds[0] = (struct ps_abused_tld){.name = text_name(sample, "top"), .ratio = 40};
	*plan = (struct ps_lookalike_plan){
	    .brands = brands,
	    .brand_count = count,
	    .keywords = keywords,
	    .keyword_count = 2,
	    .abused_tlds = tlds,
	    .abused_tld_count = 1,
	    .common_words = common,
	    .common_word_count = 2,
	};
	make_unjudged(sample, random);
}

/* --- rows of feeds -------------------------------------------------------- */

static void random_row(const struct sample *sample, struct sample_random *random,
    struct sample_row *row)
{
	row->row = (struct ps_row){
	    .kind = PS_ROW_FEED,
	    .scope = sample_below(random, 3),
	    .source = (uint16_t)sample_below(random, sample->plan.feed_count),
	    .category = sample_below(random, PS_CATEGORY_COUNT),
	    .confidence = (uint8_t)(sample_below(random, 3) * 50),
	    .tlp = sample_below(random, PS_TLP_COUNT),
	    .origin = sample_below(random, 3),
	    .trial = sample_chance(random, 10),
	    .valid_from = sample_chance(random, 80) ? PS_TIME_NONE : 1000,
	    .valid_until = sample_chance(random, 80) ? PS_TIME_FOREVER : 2000,
	};
	if (sample_chance(random, 75))
		row->line = sample_next(random) >> (2 + sample_below(random, 60));
	if (sample_chance(random, 50))
		row->reference_len = (uint8_t)snprintf((char *)row->reference, 64,
		    "indicator--%u", sample_below(random, 200));
}

static void plain_row(struct sample_row *row, uint32_t line)
{
	row->row = (struct ps_row){
	    .kind = PS_ROW_FEED,
	    .scope = PS_SCOPE_SUBTREE,
	    .category = PS_CATEGORY_PHISHING,
	    .confidence = 75,
	    .tlp = PS_TLP_AMBER,
	    .valid_until = PS_TIME_FOREVER,
	};
	row->line = line;
}

static void make_rows(struct sample *sample, struct sample_random *random,
    struct sample_shape shape)
{
	for (uint32_t i = 0; i < shape.names; i++) {
		struct sample_row *row = new_row(sample);

		if (shape.plain) {
			plain_name(random, &row->name);
			plain_row(row, i + 1);
			continue;
		}
		random_row(sample, random, row);
		/* Now and then the same again, from elsewhere in the feed. */
		if (i > 0 && sample_chance(random, 10)) {
			row->row = row[-1].row;
			row->name = row[-1].name;
			row->name.name.wire = row->name.storage.wire;
		} else {
			sample_random_name(random, &row->name);
		}
	}
	for (uint32_t i = 0; i < shape.addresses; i++) {
		struct sample_row *row = new_row(sample);

		random_row(sample, random, row);
		row->is_address = true;
		row->row.scope = PS_SCOPE_EXACT;
		row->row.origin = PS_ORIGIN_ADDRESS;
		row->prefix = random_prefix(random);
	}
}

struct sample *sample_create(uint64_t seed, struct sample_shape shape)
{
	struct sample_random random = {.state = seed};
	struct sample *sample = calloc(1, sizeof(*sample));
	size_t rows = (size_t)shape.names + shape.addresses + (shape.rules * 12 + 4) * 5;

	if (sample == NULL || (sample->inside = calloc(1, sizeof(*sample->inside))) == NULL)
		abort();
	sample->rows = take(sample, rows, sizeof(*sample->rows));
	make_feeds(sample, &random, shape.feeds);
	make_answers(sample, &random, shape.answers);
	if (shape.brands > 0)
		make_lookalike(sample, &random, shape.brands);
	if (shape.groups > 0)
		make_clients(sample, &random, shape.groups);
	make_rules(sample, &random, shape.rules, shape.asks_answers);
	if (!shape.plain)
		make_structured(sample, seed);
	if (!shape.plain) {
		sample->plan.never = make_set(sample, &random, PS_ROW_NEVER, 0);
		sample->plan.official = make_set(sample, &random, PS_ROW_OFFICIAL, 0);
	}
	make_rows(sample, &random, shape);
	return sample;
}

void sample_destroy(struct sample *sample)
{
	if (sample == NULL)
		return;
	for (size_t i = 0; i < sample->inside->block_count; i++)
		free(sample->inside->blocks[i]);
	free(sample->inside->blocks);
	free(sample->inside);
	free(sample);
}

struct ps_indicator sample_indicator(const struct sample_row *row)
{
	return (struct ps_indicator){
	    .is_address = row->is_address,
	    .name = row->name.name,
	    .scope = row->row.scope,
	    .prefix = row->prefix,
	    .origin = row->row.origin,
	    .category = row->row.category,
	    .confidence = row->row.confidence,
	    .tlp = row->row.tlp,
	    .valid_from = row->row.valid_from,
	    .valid_until = row->row.valid_until,
	    .line = row->line,
	    .reference = ps_bytes_of(row->reference, row->reference_len),
	};
}

void sample_feed(const struct sample *sample, struct ps_builder *builder, uint64_t seed)
{
	struct sample_random random = {.state = seed};
	uint32_t count = sample->row_count;
	uint32_t *order = calloc(count + 1, sizeof(*order));

	if (order == NULL)
		abort();
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = seed == 0 ? i : sample_below(&random, i + 1);

		order[i] = order[at];
		order[at] = i;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct sample_row *row = &sample->rows[order[i]];
		struct ps_indicator indicator = sample_indicator(row);

		if (row->row.kind == PS_ROW_FEED &&
		    ps_builder_add(builder, row->row.source, &indicator, row->row.trial, NULL) !=
		        PS_OK)
			abort();
	}
	free(order);
}

struct ps_bytes sample_build(const struct sample *sample, uint64_t seed)
{
	struct ps_builder *builder;
	struct ps_buffer buffer;
	struct ps_error err;
	uint8_t *exact;
	size_t len;

	ps_error_clear(&err);
	ps_buffer_init(&buffer, PS_SNAPSHOT_FILE_MAX);
	if (ps_builder_create(&builder, &sample->plan, NULL) != PS_OK)
		abort();
	ps_builder_set_suffixes(builder, ps_bytes_of_text(sample_suffixes));
	sample_feed(sample, builder, seed);
	for (uint32_t i = 0; i < sample->plan.feed_count; i++)
		ps_builder_set_feed(builder, i, 1000 + i, 100 + i, 10 + i, i % 2 == 1);
	if (ps_builder_write_buffer(builder, &buffer, &err) != PS_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		abort();
	}
	len = buffer.len;
	exact = malloc(len);
	if (exact == NULL)
		abort();
	memcpy(exact, buffer.data, len);
	ps_buffer_clear(&buffer);
	ps_builder_destroy(builder);
	return ps_bytes_of(exact, len);
}
