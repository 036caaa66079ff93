/* Snapshots for the fault tests, made by the builder itself, without YAML and feeds.
 *
 * usage: faults_snapshot FILE GENERATION NAMES [PATTERNS]
 *
 * Every answer shows the generation three times, from three tables of the file: TTL 1000 +
 * GENERATION, "generation GENERATION" as EDE text, and 10.GENERATION as the sinkhole's address
 * (see load.c).
 *
 *   n00000.bulk.top to n00099.bulk.top  listed by feed "load": nxdomain, though they exist
 *   x0000000.listed.top and so on       listed likewise, NAMES of them
 *   n00100 to n00104.bulk.top           nodata, refused, drop, a CNAME, addresses
 *   canary.lab                          sinkhole
 *   ^parcel-[0-9]{6}\.                  sinkhole
 *   upu.int                             never
 *   PATTERNS                            so many more rules, each a pattern that matches nothing
 */
#include "snapshot/builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES 8
#define TTL_BASE 1000u

static struct ps_name_buffer buffers[16];
static unsigned buffer_count;

static _Noreturn void fail(const char *what, const struct ps_error *err)
{
	char words[512];

	ps_error_format(err, words, sizeof(words));
	fprintf(stderr, "faults_snapshot: %s: %s\n", what, words);
	exit(2);
}

static struct ps_name name_of(const char *text)
{
	struct ps_name name;
	struct ps_error err;

	ps_error_clear(&err);
	if (ps_name_from_text(
	        &name, &buffers[buffer_count++], ps_bytes_of_text(text), &err) != PS_OK)
		fail(text, &err);
	return name;
}

static void set_addresses(struct ps_answer *answer, uint32_t generation)
{
	for (int i = 0; i < 2; i++) {
		answer->a[i] = (struct ps_address){.family = 4,
		    .bytes = {(uint8_t)(10 + i), (uint8_t)(generation >> 16), (uint8_t)(generation >> 8),
		        (uint8_t)generation}};
		answer->aaaa[i] =
		    (struct ps_address){.family = 6, .bytes = {0x20, 1, 0x0d, 0xb8, [15] = (uint8_t)(1 + i)}};
	}
	answer->a_count = 1;
	answer->aaaa_count = 2;
}

/* first, a number of so many digits, rest. */
static void add_names(struct ps_builder *builder, const char *first, int digits,
    const char *rest, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ps_name_buffer storage;
		struct ps_indicator indicator = {.scope = PS_SCOPE_EXACT,
		    .category = PS_CATEGORY_PHISHING,
		    .confidence = 90,
		    .valid_until = PS_TIME_FOREVER,
		    .line = i + 1};
		struct ps_error err;
		char text[64];

		ps_error_clear(&err);
		(void)snprintf(text, sizeof(text), "%s%0*u%s", first, digits, (unsigned)i, rest);
		if (ps_name_from_text(&indicator.name, &storage, ps_bytes_of_text(text), &err) !=
		        PS_OK ||
		    ps_builder_add(builder, 0, &indicator, false, &err) != PS_OK)
			fail(text, &err);
	}
}

/* The plan's parts, which must outlive it. */
static const struct {
	const char *id;
	enum ps_action action;
	const char *name; /* NULL: listed by the feed, or the pattern */
} kinds[RULES] = {
    {"listed", PS_ACTION_NXDOMAIN, NULL},
    {"nodata", PS_ACTION_NODATA, "n00100.bulk.top"},
    {"refused", PS_ACTION_REFUSED, "n00101.bulk.top"},
    {"drop", PS_ACTION_DROP, "n00102.bulk.top"},
    {"cname", PS_ACTION_SINKHOLE, "n00103.bulk.top"},
    {"addresses", PS_ACTION_SINKHOLE, "n00104.bulk.top"},
    {"canary", PS_ACTION_SINKHOLE, "canary.lab"},
    {"parcel", PS_ACTION_SINKHOLE, NULL},
};
static struct ps_answer answers[RULES];
static struct ps_condition conditions[PS_RULES_MAX];
static struct ps_scoped_name scoped[RULES];
static struct ps_rule rules[PS_RULES_MAX];
static char ids[PS_RULES_MAX][16];
static struct ps_feed_config feed = {
    .id = "load", .path = "load.txt", .file = "faults", .line = 9};
static struct ps_scoped_name never = {.scope = PS_SCOPE_SUBTREE, .place = {"faults", 1, 1}};

static void set_rule(uint32_t i, const char *id, uint16_t answer, int32_t ede, const char *text)
{
	conditions[i].place = (struct ps_place){"faults", i + 1, 1};
	rules[i] = (struct ps_rule){.id = id, .place = conditions[i].place, .answer = answer,
	    .conditions = &conditions[i], .condition_count = 1, .ede_code = ede, .ede_text = text};
}

static void set_kind(uint16_t i, uint32_t generation, const char *words)
{
	answers[i] = (struct ps_answer){
	    .name = kinds[i].id, .action = kinds[i].action, .ttl = TTL_BASE + generation};
	if (strcmp(kinds[i].id, "cname") == 0) {
		answers[i].has_cname = true;
		answers[i].cname = name_of("n00500.bulk.top");
	} else if (kinds[i].action == PS_ACTION_SINKHOLE) {
		set_addresses(&answers[i], generation);
	}
	if (kinds[i].name != NULL) {
		scoped[i] = (struct ps_scoped_name){.name = name_of(kinds[i].name)};
		conditions[i].kind = PS_CONDITION_NAMES;
		conditions[i].names = (struct ps_name_set){&scoped[i], 1};
	} else if (i == 0) {
		conditions[i].kind = PS_CONDITION_LISTED;
		conditions[i].confidence_max = 100;
	} else {
		conditions[i].kind = PS_CONDITION_PATTERN;
		conditions[i].pattern = "^parcel-[0-9]{6}\\.";
	}
	set_rule(i, kinds[i].id, i, 15, words);
}

static void set_pattern(uint32_t i)
{
	(void)snprintf(ids[i], sizeof(ids[i]), "pattern-%u", (unsigned)i);
	conditions[i].kind = PS_CONDITION_PATTERN;
	conditions[i].pattern = "^(?:track|parcel|paket)-never-[a-z]+[0-9]{3,9}\\.(?:top|icu)$";
	set_rule(i, ids[i], 0, PS_EDE_NONE, "");
}

int main(int argc, char **argv)
{
	struct ps_plan plan = {.rules = rules, .answers = answers, .answer_count = RULES,
	    .feeds = &feed, .feed_count = 1, .never = {&never, 1}};
	struct ps_builder *builder = NULL;
	struct ps_error err;
	char words[64];
	uint32_t generation, count, patterns;

	if (argc < 4) {
		fprintf(stderr, "usage: faults_snapshot FILE GENERATION NAMES [PATTERNS]\n");
		return 2;
	}
	generation = (uint32_t)atol(argv[2]);
	count = (uint32_t)atol(argv[3]);
	patterns = argc > 4 ? (uint32_t)atol(argv[4]) : 0;
	if (patterns > PS_RULES_MAX - RULES)
		patterns = PS_RULES_MAX - RULES;
	(void)snprintf(words, sizeof(words), "generation %u", (unsigned)generation);
	never.name = name_of("upu.int");
	for (uint16_t i = 0; i < RULES; i++)
		set_kind(i, generation, words);
	for (uint32_t i = 0; i < patterns; i++)
		set_pattern(RULES + i);
	plan.rule_count = RULES + patterns;
	ps_error_clear(&err);
	if (ps_builder_create(&builder, &plan, &err) != PS_OK)
		fail("plan", &err);
	add_names(builder, "n", 5, ".bulk.top", 100);
	add_names(builder, "x", 7, ".listed.top", count);
	ps_builder_set_feed(builder, 0, count + 100, count + 100, 0, false);
	if (ps_builder_write(builder, argv[1], &err) != PS_OK)
		fail(argv[1], &err);
	ps_builder_destroy(builder);
	return 0;
}
