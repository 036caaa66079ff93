/* The small tables: strings, feeds, answers, rules, conditions, as they stand in the
 * file. */
#include "lookalike/builder.h"
#include "snapshot/build.h"

#include <stdlib.h>

struct writing {
	struct ps_build_tables *tables;
	struct ps_intern strings; /* number n begins at starts of STRINGS by its end */
	enum ps_status status;    /* sticky */
};

/* Octets that are no UTF-8 (a path may have them) become question marks: the file says
 * UTF-8, and these strings are for people. */
static size_t copy_as_utf8(uint8_t *out, const char *text, size_t max)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t len = 0;

	while (*p != 0 && len < max) {
		size_t sequence = ps_image_utf8_sequence(p);

		if (sequence > max - len)
			break;
		if (sequence == 0) {
			out[len++] = '?';
			p++;
			continue;
		}
		memcpy(out + len, p, sequence);
		len += sequence;
		p += sequence;
	}
	return len;
}

/* The offset of a string in STRINGS; each string stands there once. NULL is "". */
static uint32_t put_string(struct writing *w, const char *text)
{
	struct ps_buffer *strings = &w->tables->section[PS_SECTION_STRINGS];
	uint8_t octets[4096];
	struct ps_bytes bytes;
	uint32_t known = w->strings.count;
	uint32_t number = 0;
	uint64_t offset;

	bytes = ps_bytes_of(octets, copy_as_utf8(octets, text == NULL ? "" : text, sizeof(octets)));
	if (w->status == PS_OK)
		w->status = ps_intern_add(&w->strings, bytes, &number);
	if (w->status != PS_OK)
		return 0;
	/* Before string n stand the octets of those before it, and their n NULs. */
	offset = number + (number == 0 ? 0 : w->strings.ends[number - 1]);
	if (number == known) {
		(void)ps_buffer_append(strings, bytes.ptr, bytes.len);
		(void)ps_buffer_append(strings, NULL, 1);
	}
	return (uint32_t)offset;
}

static void append(struct writing *w, enum ps_section section, const void *octets, size_t len)
{
	(void)ps_buffer_append(&w->tables->section[section], octets, len);
}

static uint32_t count_of(const struct writing *w, enum ps_section section)
{
	return (uint32_t)(w->tables->section[section].len / ps_image_section_record(section));
}

static void put_feed(
    struct writing *w, const struct ps_feed_config *feed, const struct ps_build_feed *facts)
{
	uint8_t p[PS_FEED_RECORD] = {0};

	ps_store_le32(p + PS_FEED_ID, put_string(w, feed->id));
	ps_store_le32(
	    p + PS_FEED_TITLE, put_string(w, feed->title == NULL ? feed->id : feed->title));
	ps_store_le32(p + PS_FEED_FILE, put_string(w, feed->file));
	ps_store_le32(p + PS_FEED_LINE, feed->line);
	p[PS_FEED_FORMAT] = (uint8_t)feed->format;
	p[PS_FEED_FLAGS] = (uint8_t)((feed->trial ? PS_FEED_FLAG_TRIAL : 0) |
	    (facts->held ? PS_FEED_FLAG_HELD : 0));
	ps_store_le32(p + PS_FEED_READ, facts->read);
	ps_store_le32(p + PS_FEED_KEPT, facts->kept);
	ps_store_le32(p + PS_FEED_REFUSED, facts->refused);
	append(w, PS_SECTION_FEEDS, p, sizeof(p));
}

static void put_addresses(struct writing *w, const struct ps_address *addresses, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint8_t p[PS_ADDRESS_RECORD] = {0};

		memcpy(p, addresses[i].bytes, addresses[i].family == 4 ? 4 : 16);
		append(w, PS_SECTION_ADDRESSES, p, sizeof(p));
	}
}

static void put_answer(struct writing *w, const struct ps_answer *answer)
{
	uint8_t p[PS_ANSWER_RECORD] = {0};
	bool is_sinkhole = answer->action == PS_ACTION_SINKHOLE;
	bool has_cname = is_sinkhole && answer->has_cname;
	bool has_addresses = is_sinkhole && !has_cname;

	ps_store_le32(p + PS_ANSWER_NAME, put_string(w, answer->name));
	p[PS_ANSWER_ACTION] = (uint8_t)answer->action;
	ps_store_le32(p + PS_ANSWER_TTL, answer->ttl);
	ps_store_le32(p + PS_ANSWER_ADDRESS, count_of(w, PS_SECTION_ADDRESSES));
	if (has_addresses) {
		p[PS_ANSWER_A_COUNT] = (uint8_t)answer->a_count;
		p[PS_ANSWER_AAAA_COUNT] = (uint8_t)answer->aaaa_count;
		put_addresses(w, answer->a, answer->a_count);
		put_addresses(w, answer->aaaa, answer->aaaa_count);
	}
	if (has_cname) {
		p[PS_ANSWER_CNAME_LEN] = answer->cname.len;
		p[PS_ANSWER_CNAME_LABELS] = answer->cname.labels;
		ps_store_le32(p + PS_ANSWER_CNAME, count_of(w, PS_SECTION_NAMES));
		append(w, PS_SECTION_NAMES, answer->cname.wire, answer->cname.len);
	}
	append(w, PS_SECTION_ANSWERS, p, sizeof(p));
}

/* Ascending, each feed once: FEED indices are below PS_FEEDS_MAX. Returns how many. */
static uint32_t put_feed_list(struct writing *w, const struct ps_condition *condition)
{
	uint64_t in_list[PS_FEEDS_MAX / 64] = {0};
	uint32_t count = 0;

	for (uint32_t i = 0; i < condition->feed_count; i++)
		in_list[condition->feeds[i] / 64 % (PS_FEEDS_MAX / 64)] |= UINT64_C(1)
		    << condition->feeds[i] % 64;
	for (uint32_t feed = 0; feed < PS_FEEDS_MAX; feed++) {
		uint8_t p[2];

		if ((in_list[feed / 64] >> feed % 64 & 1) == 0)
			continue;
		ps_store_le16(p, (uint16_t)feed);
		append(w, PS_SECTION_FEED_LISTS, p, sizeof(p));
		count++;
	}
	return count;
}

static int compare_brands(const void *left, const void *right)
{
	const uint16_t *a = left, *b = right;

	return *a - *b;
}

/* Ascending, each brand once. Returns how many. */
static uint32_t put_brand_list(struct writing *w, const struct ps_condition *condition)
{
	size_t size = condition->brand_count * sizeof(uint16_t);
	uint16_t *brands = malloc(size > 0 ? size : 1);
	uint32_t count = 0;

	if (brands == NULL) {
		w->status = PS_NO_MEMORY;
		return 0;
	}
	if (size > 0)
		memcpy(brands, condition->brands, size);
	qsort(brands, condition->brand_count, sizeof(*brands), compare_brands);
	for (uint32_t i = 0; i < condition->brand_count; i++) {
		uint8_t p[2];

		if (i > 0 && brands[i] == brands[i - 1])
			continue;
		ps_store_le16(p, brands[i]);
		append(w, PS_SECTION_BRAND_LISTS, p, sizeof(p));
		count++;
	}
	free(brands);
	return count;
}

static void put_condition(struct writing *w, const struct ps_condition *condition)
{
	uint8_t p[PS_CONDITION_RECORD] = {0};

	p[PS_CONDITION_KIND] = (uint8_t)condition->kind;
	p[PS_CONDITION_OF] = condition->of;
	ps_store_le32(p + PS_CONDITION_FEED, count_of(w, PS_SECTION_FEED_LISTS));
	if (condition->kind == PS_CONDITION_PATTERN)
		ps_store_le32(p + PS_CONDITION_PATTERN_TEXT, put_string(w, condition->pattern));
	if (condition->kind == PS_CONDITION_LISTED) {
		p[PS_CONDITION_MIN] = condition->confidence_min;
		p[PS_CONDITION_MAX] = condition->confidence_max;
		ps_store_le32(p + PS_CONDITION_CATEGORIES, condition->categories);
		ps_store_le32(p + PS_CONDITION_FEED_COUNT, put_feed_list(w, condition));
	}
	ps_store_le32(p + PS_CONDITION_BRAND, count_of(w, PS_SECTION_BRAND_LISTS));
	if (condition->kind == PS_CONDITION_LOOKALIKE) {
		p[PS_CONDITION_MIN] = condition->score_min;
		p[PS_CONDITION_MAX] = condition->score_max;
		ps_store_le32(p + PS_CONDITION_TECHNIQUES, condition->techniques);
		ps_store_le32(p + PS_CONDITION_BRAND_COUNT, put_brand_list(w, condition));
	}
	if (condition->kind == PS_CONDITION_CLIENT)
		ps_store_le64(p + PS_CONDITION_CLIENTS, condition->clients);
	append(w, PS_SECTION_CONDITIONS, p, sizeof(p));
}

static void put_group(struct writing *w, const struct ps_client_group *group)
{
	uint8_t p[PS_GROUP_RECORD] = {0};

	ps_store_le32(p + PS_GROUP_ID, put_string(w, group->id));
	ps_store_le32(p + PS_GROUP_FILE, put_string(w, group->place.file));
	ps_store_le32(p + PS_GROUP_LINE, group->place.line);
	append(w, PS_SECTION_GROUPS, p, sizeof(p));
}

/* The prefix that is before this one in order and narrowest around it: the one before, or one
 * of those around that. first: the family's first prefix; numbers within the family. */
static uint32_t find_parent(const struct ps_client_prefix *first, uint32_t index,
    const uint8_t *records, size_t record)
{
	uint32_t around = index == 0 ? PS_PREFIX_NONE : index - 1;

	while (around != PS_PREFIX_NONE &&
	    !ps_prefix_covers(&first[around].prefix, &first[index].prefix.address))
		around = ps_load_le32(records + around * record + (record - PS_PREFIX_REST) +
		    PS_PREFIX_PARENT);
	return around;
}

/* Sorted by family, then as the file wants them. */
static void put_clients(struct writing *w, const struct ps_plan *plan)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < plan->client_prefix_count && w->status == PS_OK; i++) {
		const struct ps_client_prefix *it = &plan->client_prefixes[i];
		bool is_ipv6 = it->prefix.address.family == 6;
		enum ps_section section = is_ipv6 ? PS_SECTION_CLIENTS6 : PS_SECTION_CLIENTS4;
		size_t octets = is_ipv6 ? 16 : 4;
		uint8_t p[PS_PREFIX6_RECORD] = {0};

		if (i > 0 && is_ipv6 && plan->client_prefixes[i - 1].prefix.address.family == 4)
			first = i;
		memcpy(p, it->prefix.address.bytes, octets);
		ps_store_le32(p + octets + PS_PREFIX_SET, it->group);
		ps_store_le32(p + octets + PS_PREFIX_PARENT,
		    find_parent(&plan->client_prefixes[first], i - first,
		        w->tables->section[section].data, octets + PS_PREFIX_REST));
		p[octets + PS_PREFIX_LEN] = it->prefix.len;
		append(w, section, p, octets + PS_PREFIX_REST);
		w->status = w->tables->section[section].status;
	}
}

static void put_rule(struct writing *w, const struct ps_rule *rule)
{
	uint8_t p[PS_RULE_RECORD] = {0};
	bool has_ede = rule->ede_code != PS_EDE_NONE;

	ps_store_le32(p + PS_RULE_ID, put_string(w, rule->id));
	ps_store_le32(p + PS_RULE_FILE, put_string(w, rule->place.file));
	ps_store_le32(p + PS_RULE_LINE, rule->place.line);
	p[PS_RULE_MODE] = (uint8_t)rule->mode;
	p[PS_RULE_SUB_ERROR] = has_ede ? rule->sub_error : PS_SUB_ERROR_LISTED;
	ps_store_le16(p + PS_RULE_ANSWER, rule->answer);
	ps_store_le32(p + PS_RULE_CONDITION, count_of(w, PS_SECTION_CONDITIONS));
	ps_store_le16(p + PS_RULE_CONDITION_COUNT, (uint16_t)rule->condition_count);
	ps_store_le32(p + PS_RULE_EDE_CODE, (uint32_t)rule->ede_code);
	ps_store_le32(p + PS_RULE_EDE_TEXT, put_string(w, has_ede ? rule->ede_text : ""));
	for (uint32_t i = 0; i < rule->condition_count; i++)
		put_condition(w, &rule->conditions[i]);
	append(w, PS_SECTION_RULES, p, sizeof(p));
}

static void put_structured(struct writing *w, const struct ps_structured_plan *plan)
{
	uint8_t *p = w->tables->structured;

	memset(p, 0, PS_STRUCTURED_SIZE);
	if (!plan->on)
		return;
	ps_store_le16(p + PS_STRUCTURED_OPTION, plan->option);
	p[PS_STRUCTURED_CONTACTS] = (uint8_t)plan->contact_count;
	for (uint32_t i = 0; i < plan->contact_count; i++)
		ps_store_le32(
		    p + PS_STRUCTURED_CONTACT + i * 4u, put_string(w, plan->contacts[i]));
	ps_store_le32(p + PS_STRUCTURED_ORGANIZATION, put_string(w, plan->organization));
	ps_store_le32(p + PS_STRUCTURED_LANGUAGE, put_string(w, plan->language));
}

void ps_build_tables_clear(struct ps_build_tables *tables)
{
	for (enum ps_section i = 0; i < PS_SECTION_ROWS; i++)
		ps_buffer_clear(&tables->section[i]);
}

enum ps_status ps_build_tables(
    struct ps_build_tables *tables, const struct ps_builder *builder, struct ps_error *err)
{
	const struct ps_plan *plan = builder->plan;
	struct writing w = {.tables = tables, .status = PS_OK};

	ps_intern_init(&w.strings);
	for (enum ps_section i = 0; i < PS_SECTION_ROWS; i++)
		ps_buffer_init(&tables->section[i], PS_SNAPSHOT_STRINGS_MAX);
	(void)put_string(&w, "");
	for (uint32_t i = 0; i < plan->feed_count; i++)
		put_feed(&w, &plan->feeds[i], &builder->feeds[i]);
	for (uint32_t i = 0; i < plan->answer_count; i++)
		put_answer(&w, &plan->answers[i]);
	for (uint32_t i = 0; i < plan->rule_count; i++)
		put_rule(&w, &plan->rules[i]);
	for (uint32_t i = 0; i < plan->group_count; i++)
		put_group(&w, &plan->groups[i]);
	put_clients(&w, plan);
	put_structured(&w, &plan->structured);
	ps_intern_clear(&w.strings);
	if (w.status == PS_OK) {
		enum ps_status status = ps_tables_build(&tables->section[PS_SECTION_LOOKALIKE],
		    &plan->lookalike, builder->suffixes, err);

		if (status != PS_OK && status != PS_NO_MEMORY && status != PS_LIMIT)
			return status;
		w.status = status;
	}
	for (enum ps_section i = 0; i < PS_SECTION_ROWS && w.status == PS_OK; i++)
		w.status = tables->section[i].status;
	if (w.status != PS_OK)
		return ps_error_set(err, w.status,
		    w.status == PS_LIMIT ? "the policy's tables are too large" : "out of memory");
	return PS_OK;
}
