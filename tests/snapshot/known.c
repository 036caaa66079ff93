#include "snapshot/known.h"
#include "snapshot/sample.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define LONG_TITLE \
	"A title that is longer than what an answer may tell: 0123456789 0123456789 " \
	"0123456789 0123456789 0123456789"

static const struct ps_feed_config feeds[] = {
    {.id = "one", .title = LONG_TITLE, .file = "f.yaml", .line = 1},
    {.id = "two", .title = "Two", .file = "f.yaml", .line = 2}};
static const uint16_t both_feeds[] = {0, 1};
static char longest[PS_SNAPSHOT_REFERENCE_MAX + 1]; /* of the references: a file's path */
static const struct ps_place place = {.file = longest, .line = 7};

static const struct ps_placed_prefix rule_prefixes[] = {
    {{{4, {192, 0, 2, 1}}, 32}, {.file = longest, .line = 7}}};

struct known {
	struct sample_name wall, never, only, named, other[40];
	struct ps_answer answers[ANSWERS];
	struct ps_scoped_name named_set[1], never_set[2];
	struct ps_condition of_a[2], of_b[1], of_c[1], of_d[2], of_e[3];
	struct ps_client_group groups[GROUPS];
	struct ps_rule rules[RULES];
	struct ps_plan plan;
};

static struct known known;

static struct ps_address ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct ps_address){.family = 4, .bytes = {a, b, c, d}};
}

static void make_answers(void)
{
	struct ps_address six = {.family = 6, .bytes = {0x20, 1, 0xd, 0xb8}};
	struct ps_answer *answers = known.answers;

	sample_text_name("walled.example", &known.wall);
	answers[GONE] = (struct ps_answer){.name = "gone", .action = PS_ACTION_NXDOMAIN};
	answers[PAGE] = (struct ps_answer){.name = "page",
	    .action = PS_ACTION_SINKHOLE,
	    .a = {ipv4(192, 0, 2, 1), ipv4(192, 0, 2, 2)},
	    .a_count = 2,
	    .aaaa = {six},
	    .aaaa_count = 1};
	answers[SIX] = (struct ps_answer){
	    .name = "six", .action = PS_ACTION_SINKHOLE, .aaaa = {six}, .aaaa_count = 1};
	answers[WALL] = (struct ps_answer){.name = "wall",
	    .action = PS_ACTION_SINKHOLE,
	    .has_cname = true,
	    .cname = known.wall.name};
	answers[WALL_TOO] = answers[WALL];
	answers[WALL_TOO].name = "wall-too";
	known.plan.answers = answers;
	known.plan.answer_count = ANSWERS;
}

static void make_rules(void)
{
	sample_text_name("named.example", &known.named);
	known.named_set[0] = (struct ps_scoped_name){known.named.name, PS_SCOPE_EXACT, place};
	known.of_a[0] = (struct ps_condition){.kind = PS_CONDITION_LISTED,
	    .feeds = both_feeds,
	    .feed_count = 2,
	    .confidence_min = 10,
	    .confidence_max = 90};
	known.of_a[1] = (struct ps_condition){.kind = PS_CONDITION_PATTERN, .pattern = "^parcel-"};
	known.of_b[0] = (struct ps_condition){
	    .kind = PS_CONDITION_NAMES, .names = {known.named_set, 1}};
	known.of_c[0] = (struct ps_condition){.kind = PS_CONDITION_LISTED,
	    .feeds = both_feeds,
	    .feed_count = 1,
	    .confidence_max = 100};
	known.rules[RULE_A] = (struct ps_rule){.id = "a",
	    .place = place,
	    .answer = PAGE,
	    .conditions = known.of_a,
	    .condition_count = 2,
	    .ede_code = 15,
	    .ede_text = "told",
	    .sub_error = PS_SUB_ERROR_PHISHING};
	known.rules[RULE_B] = (struct ps_rule){.id = "b",
	    .place = place,
	    .conditions = known.of_b,
	    .condition_count = 1,
	    .ede_code = PS_EDE_NONE,
	    .ede_text = ""};
	known.rules[RULE_C] = known.rules[RULE_B];
	known.rules[RULE_C].id = "c";
	known.rules[RULE_C].conditions = known.of_c;
	known.of_d[0] = (struct ps_condition){.kind = PS_CONDITION_PATTERN, .pattern = "."};
	known.of_d[1] = (struct ps_condition){
	    .kind = PS_CONDITION_CLIENT, .clients = UINT64_C(2) << ANALYSTS};
	known.rules[RULE_D] = known.rules[RULE_B];
	known.rules[RULE_D].id = "d";
	known.rules[RULE_D].conditions = known.of_d;
	known.rules[RULE_D].condition_count = 2;
	known.of_e[0] = (struct ps_condition){
	    .kind = PS_CONDITION_PATTERN, .of = PS_OF_TARGET, .pattern = "cdn"};
	known.of_e[1] = (struct ps_condition){.kind = PS_CONDITION_ADDRESSES,
	    .of = PS_OF_ADDRESS,
	    .prefixes = rule_prefixes,
	    .prefix_count = 1};
	known.of_e[2] = (struct ps_condition){.kind = PS_CONDITION_LISTED,
	    .of = PS_OF_SERVER,
	    .feeds = both_feeds,
	    .feed_count = 1,
	    .confidence_max = 100};
	known.rules[RULE_E] = known.rules[RULE_B];
	known.rules[RULE_E].id = "e";
	known.rules[RULE_E].conditions = known.of_e;
	known.rules[RULE_E].condition_count = 3;
	known.plan.rules = known.rules;
	known.plan.rule_count = RULES;
	known.plan.structured = (struct ps_structured_plan){.on = true,
	    .option = 65001,
	    .contact_count = 2,
	    .contacts = {"mailto:abuse@post.example", "tel:+41-58-555-0100"},
	    .organization = "Example Post",
	    .language = "en"};
}

static void make_clients(void)
{
	static const struct ps_client_prefix prefixes[] = {
	    {.prefix = {{4, {10}}, 8}, .group = COUNTERS},
	    {.prefix = {{4, {10}}, 16}, .group = ANALYSTS},
	    {.prefix = {{4, {192, 0, 2, 1}}, 32}, .group = COUNTERS},
	    {.prefix = {{6, {0x20, 1, 0xd, 0xb8}}, 32}, .group = COUNTERS},
	    {.prefix = {{6, {0x20, 1, 0xd, 0xb8, 1}}, 40}, .group = ANALYSTS}};

	known.groups[COUNTERS] = (struct ps_client_group){.id = "counters", .place = place};
	known.groups[ANALYSTS] = (struct ps_client_group){.id = "analysts", .place = place};
	known.plan.groups = known.groups;
	known.plan.group_count = GROUPS;
	known.plan.client_prefixes = prefixes;
	known.plan.client_prefix_count = sizeof(prefixes) / sizeof(prefixes[0]);
}

static void make_never(void)
{
	sample_text_name("never.example", &known.never);
	sample_text_name("only.example", &known.only);
	known.never_set[0] = (struct ps_scoped_name){known.never.name, PS_SCOPE_SUBTREE, place};
	known.never_set[1] = (struct ps_scoped_name){known.only.name, PS_SCOPE_EXACT, place};
	known.plan.never = (struct ps_name_set){known.never_set, 2};
}

static void add(struct ps_builder *builder, uint32_t feed, struct ps_indicator indicator)
{
	indicator.valid_until = PS_TIME_FOREVER;
	ck_assert_int_eq(ps_builder_add(builder, feed, &indicator, false, NULL), PS_OK);
}

/* Names that refer to what others refer to, some of them listed by both feeds. */
static void add_names(struct ps_builder *builder)
{
	for (uint32_t i = 0; i < 40; i++) {
		struct ps_indicator indicator = {.line = i + 1};
		char text[32];

		(void)snprintf(text, sizeof(text), "n%u.example", i);
		sample_text_name(text, &known.other[i]);
		indicator.name = known.other[i].name;
		indicator.scope = i % 2 == 0 ? PS_SCOPE_EXACT : PS_SCOPE_SUBTREE;
		indicator.reference = ps_bytes_of_text(i % 3 == 0 ? "case-6" : "case-7");
		add(builder, 0, indicator);
		if (i < 9)
			add(builder, 1, indicator);
	}
}

static void add_addresses(struct ps_builder *builder)
{
	static const struct ps_prefix prefixes[] = {
	    {{4, {10}}, 8}, {{4, {10}}, 16}, {{4, {192, 0, 2, 1}}, 32},
	    {{6, {0x20, 1, 0xd, 0xb8}}, 32}, {{6, {0x20, 1, 0xd, 0xb8, 1}}, 40}};

	for (uint32_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		/* Rows of their own, so that each has a set of its own. */
		add(builder, 0,
		    (struct ps_indicator){.is_address = true,
		        .prefix = prefixes[i],
		        .confidence = (uint8_t)(50 + i),
		        .origin = PS_ORIGIN_ADDRESS,
		        .line = 500 + i});
}

struct ps_bytes known_build(const struct ps_plan *plan, void (*fill)(struct ps_builder *))
{
	struct ps_builder *builder = NULL;
	struct ps_buffer buffer;
	struct ps_error err;
	uint8_t *exact;
	size_t len;

	ps_error_clear(&err);
	ps_buffer_init(&buffer, 1 << 24);
	ck_assert_int_eq(ps_builder_create(&builder, plan, NULL), PS_OK);
	fill(builder);
	ck_assert_msg(ps_builder_write_buffer(builder, &buffer, &err) == PS_OK, "%s", err.text);
	ps_builder_destroy(builder);
	len = buffer.len;
	exact = malloc(len);
	memcpy(exact, buffer.data, len);
	ps_buffer_clear(&buffer);
	return ps_bytes_of(exact, len);
}

static void fill_known(struct ps_builder *builder)
{
	add_names(builder);
	add_addresses(builder);
}

struct ps_bytes known_image(void)
{
	memset(longest, 'r', sizeof(longest) - 1);
	known = (struct known){.plan = {.feeds = feeds, .feed_count = 2}};
	make_answers();
	make_rules();
	make_clients();
	make_never();
	return known_build(&known.plan, fill_known);
}
