/* What a judgement costs at its worst, in instructions (RELIABILITY M11).
 *
 * usage: valgrind --tool=callgrind --collect-atstart=no --toggle-collect=ps_verdict_judge
 *            faults_steps [CASE]
 *
 * Judges names at the limits of RFC 1035 against snapshots at the limits of the format and
 * against patterns that are known to run away, each case under a dump of callgrind's that is
 * named after it. Without valgrind it only runs. Prints a line a case: its name, its kind
 * (find, rows, pattern), what was decided, how many patterns ran into a limit.
 */
#include "snapshot/builder.h"
#include "verdict/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#define FEEDS 16

/* Patterns that are known to run away, each alone in its snapshot. The names are made of the
 * letters that they like. */
static const struct {
	const char *name;
	const char *pattern;
} evil[] = {
    {"nested-plus", "^([a.]+)+[^a.]"},
    {"either-same", "^(a|a|\\.)*$(?<!a)"},
    {"either-longer", "^(a|aa|[a.])+[^a.]"},
    {"star-star", "(.*)*[^a.0-9\\\\]$"},
    {"quartic", "[a.]*[a.]*[a.]*[a.]*[^a.0-9\\\\]"},
    {"many-optional", "^(?:[a.]?){60}[a.]{200}[^a.]"},
    {"lookahead", "^(?=([a.]+))*(\\1|[a.])*[^a.]"},
    {"long-count", "^(?:[0\\\\]?){60}[0\\\\.]{700}[^0\\\\.]"},
    {"scan-each-step", "^(?:(?:(?![a.]*+!)[a.])+)+[^a.]"},
    {"scan-escaped", "^(?:(?:(?![0-9.\\\\]*+!)[0-9.\\\\])+)+[^0-9.\\\\]"},
    {"scan-classes", "^(?:(?:(?!(?:[^!]*+!)|(?:[^?]*+\\?)|(?:[^#]*+#))[^!?#])+)+[!?#]"},
    {"back-reference", "^([a.]*)([a.]*)([a.]*)\\1\\2\\3[^a.]"},
    {"recursion", "^(a(?1)?a|[a.])+[^a.]"},
    {"deep-recursion", "^([a.]|(?R))+$(?<!a)"},
    {"counted-nest", "^(([a.]{1,20}){1,20}){1,20}[^a.]"},
    {"lazy", "^(?:.*?a.*?)*?[^a]{9}[^a]"},
    {"word-list", "^([a-z.]+[0-9]*)*\\.(com|net)$"},
    {"any-digits", "(\\w*\\d*\\.*\\w*)*[!?]"},
    {"atomic-miss", "(?>[a.]+b?)*[cd]"},
    {"possessive", "([a.]++b?)*+[cd]"},
    {"lookbehind", "(?:(?<=a)[a.]|[a.](?=a))*[bc]"},
    {"escaped-octets", "^(?:\\\\[0-9]{3}\\.?)*(?:\\\\[0-9]+\\.?)*[xy]"},
    {"wide-class", "([\\x00-\\xff]+[^\\x00]*)*[\\x01\\x02]"},
    {"each-start", ".{0,120}.{0,120}[#!]"},
    {"each-start-scan", "(?:(?![^!]*+!).){0,60}.{0,120}[#!]"},
    {"unanchored", "[a-z0-9\\\\.]*[a-z0-9\\\\.]*[a-z0-9\\\\.]*[a-z0-9\\\\.]*[#!]"},
};
#define EVIL (sizeof(evil) / sizeof(evil[0]))

struct subject {
	const char *name;
	struct ps_name_buffer buffer;
	struct ps_name wire;
};

static struct subject subjects[8];
static size_t subject_count;
static const char *only;

static _Noreturn void fail(const char *what, const struct ps_error *err)
{
	char words[512];

	ps_error_format(err, words, sizeof(words));
	fprintf(stderr, "faults_steps: %s: %s\n", what, words);
	exit(2);
}

/* --- names --------------------------------------------------------------------------- */

/* A name of as many octets as fit into total, of labels of size octets, each octet fill. */
static void add_subject(const char *name, size_t total, size_t size, uint8_t fill)
{
	struct subject *s = &subjects[subject_count++];
	uint8_t wire[PS_NAME_WIRE_MAX];
	size_t len = 0;

	while (len + 2 < total) {
		size_t label = total - len - 2 < size ? total - len - 2 : size;

		wire[len++] = (uint8_t)label;
		memset(wire + len, fill, label);
		len += label;
	}
	wire[len++] = 0;
	s->name = name;
	if (ps_name_from_wire(&s->wire, &s->buffer, ps_bytes_of(wire, len), NULL) != PS_OK) {
		fprintf(stderr, "faults_steps: %s is no name\n", name);
		exit(2);
	}
}

static void make_subjects(void)
{
	add_subject("root", 1, 1, 'a');
	add_subject("short", 12, 9, 'a');
	add_subject("127-labels", 255, 1, 'a');
	add_subject("long-labels", 255, 63, 'a');
	add_subject("127-octets-255", 255, 1, 0xff);
	add_subject("octets-255", 255, 63, 0xff);
	add_subject("zeros", 255, 63, 0);
	/* Finite without limits as well, and long enough: for the control. */
	add_subject("short-quartic", 80, 63, 'a');
}

/* --- snapshots ----------------------------------------------------------------------- */

struct made {
	struct ps_buffer bytes;
	struct ps_snapshot *snapshot;
	struct ps_matcher *matcher;
};

static void open_made(struct made *made, struct ps_builder *builder)
{
	struct ps_error err;

	ps_error_clear(&err);
	ps_buffer_init(&made->bytes, (size_t)1 << 30);
	if (ps_builder_write_buffer(builder, &made->bytes, &err) != PS_OK ||
	    ps_snapshot_open(&made->snapshot, ps_buffer_bytes(&made->bytes), PS_SNAPSHOT_LOOKUP,
	        &err) != PS_OK ||
	    ps_matcher_create(&made->matcher, made->snapshot, &err) != PS_OK)
		fail("snapshot", &err);
}

static void close_made(struct made *made)
{
	ps_matcher_destroy(made->matcher);
	ps_snapshot_close(made->snapshot);
	ps_buffer_clear(&made->bytes);
}

static const struct ps_answer answer = {
    .name = "nxdomain", .action = PS_ACTION_NXDOMAIN, .ttl = 30};

static struct ps_rule rule_of(const char *id, const struct ps_condition *condition)
{
	return (struct ps_rule){.id = id, .place = {"steps", 1, 1}, .conditions = condition,
	    .condition_count = 1, .ede_code = PS_EDE_NONE, .ede_text = ""};
}

/* One rule: a pattern. */
static void make_pattern(struct made *made, const char *pattern)
{
	struct ps_condition condition = {
	    .kind = PS_CONDITION_PATTERN, .place = {"steps", 1, 1}, .pattern = pattern};
	struct ps_rule rule = rule_of("pattern", &condition);
	struct ps_plan plan = {
	    .rules = &rule, .rule_count = 1, .answers = &answer, .answer_count = 1};
	struct ps_builder *builder = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	if (ps_builder_create(&builder, &plan, &err) != PS_OK)
		fail("plan", &err);
	open_made(made, builder);
	ps_builder_destroy(builder);
}

/* Every suffix of the subject is listed by every feed, and none of the rules holds: each of
 * them looks at every row. */
static void make_crowded(struct made *made, const struct subject *subject)
{
	static char ids[FEEDS][16];
	struct ps_feed_config feeds[FEEDS] = {{0}};
	uint16_t numbers[FEEDS];
	struct ps_condition conditions[FEEDS] = {{0}};
	struct ps_rule rules[FEEDS];
	struct ps_plan plan = {.rules = rules, .rule_count = FEEDS, .answers = &answer,
	    .answer_count = 1, .feeds = feeds, .feed_count = FEEDS};
	struct ps_builder *builder = NULL;
	struct ps_error err;

	for (uint16_t i = 0; i < FEEDS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "feed-%u", (unsigned)i);
		feeds[i] = (struct ps_feed_config){
		    .id = ids[i], .path = ids[i], .file = "steps", .line = 1};
		numbers[i] = i;
		conditions[i] = (struct ps_condition){.kind = PS_CONDITION_LISTED,
		    .place = {"steps", 1, 1}, .feeds = &numbers[i], .feed_count = 1,
		    .confidence_min = 100, .confidence_max = 100};
		rules[i] = rule_of(ids[i], &conditions[i]);
	}
	ps_error_clear(&err);
	if (ps_builder_create(&builder, &plan, &err) != PS_OK)
		fail("plan", &err);
	for (unsigned labels = 1; labels <= subject->wire.labels; labels++) {
		struct ps_indicator indicator = {.name = ps_name_suffix(subject->wire, labels),
		    .scope = PS_SCOPE_SUBTREE, .confidence = 50, .valid_until = PS_TIME_FOREVER};

		for (uint32_t feed = 0; feed < FEEDS; feed++) {
			if (ps_builder_add(builder, feed, &indicator, false, &err) != PS_OK)
				fail("indicator", &err);
		}
	}
	open_made(made, builder);
	ps_builder_destroy(builder);
}

/* A pattern that cannot match and costs nothing, so that every name is judged whole, and
 * names at every depth: so that every suffix is looked up. */
static void make_deep(struct made *made)
{
	struct ps_condition condition = {
	    .kind = PS_CONDITION_LISTED, .place = {"steps", 1, 1}, .confidence_max = 100};
	struct ps_rule rule = rule_of("listed", &condition);
	struct ps_feed_config feed = {.id = "deep", .path = "deep", .file = "steps", .line = 1};
	struct ps_plan plan = {.rules = &rule, .rule_count = 1, .answers = &answer,
	    .answer_count = 1, .feeds = &feed, .feed_count = 1};
	struct ps_builder *builder = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	if (ps_builder_create(&builder, &plan, &err) != PS_OK)
		fail("plan", &err);
	for (unsigned labels = 1; labels <= PS_NAME_LABELS_MAX; labels++) {
		for (uint32_t n = 0; n < 400; n++) {
			struct ps_name_buffer storage;
			struct ps_indicator indicator = {
			    .scope = PS_SCOPE_SUBTREE, .confidence = 50, .valid_until = PS_TIME_FOREVER};
			uint8_t wire[PS_NAME_WIRE_MAX];
			size_t len = 0;

			for (unsigned i = 0; i < labels; i++) {
				wire[len++] = 1;
				wire[len++] = (uint8_t)('b' + (n >> (i % 8) & 7u));
			}
			wire[len++] = 0;
			if (ps_name_from_wire(&indicator.name, &storage, ps_bytes_of(wire, len), NULL) !=
			        PS_OK ||
			    ps_builder_add(builder, 0, &indicator, false, &err) != PS_OK)
				fail("indicator", &err);
		}
	}
	open_made(made, builder);
	ps_builder_destroy(builder);
}

/* --- judgements ---------------------------------------------------------------------- */

static void run(const char *kind, const char *what, const struct made *made,
    const struct subject *subject)
{
	struct ps_question question = {.name = subject->wire, .type = 1, .now = 1800000000};
	struct ps_scratch *scratch = NULL;
	struct ps_verdict verdict;
	char title[96];

	(void)snprintf(title, sizeof(title), "%s/%s/%s", kind, what, subject->name);
	if (only != NULL && strcmp(only, title) != 0)
		return;
	if (ps_scratch_create(&scratch) != PS_OK) {
		fprintf(stderr, "faults_steps: no memory\n");
		exit(2);
	}
	CALLGRIND_ZERO_STATS;
	ps_verdict_judge(made->snapshot, made->matcher, scratch, &question, &verdict);
	CALLGRIND_DUMP_STATS_AT(title);
	printf("%s %s %u\n", title, ps_action_name(verdict.action),
	    (unsigned)verdict.pattern_failures);
	(void)fflush(stdout);
	ps_scratch_destroy(scratch);
}

int main(int argc, char **argv)
{
	struct made made;

	only = argc > 1 ? argv[1] : NULL;
	make_subjects();
	/* What the bounds are made of. */
	printf("limits steps=%u text=%d rows=%d\n", (unsigned)PS_PATTERN_MATCH_LIMIT,
	    PS_NAME_TEXT_MAX, PS_NAME_LABELS_MAX * FEEDS * FEEDS);
	make_deep(&made);
	for (size_t i = 0; i < subject_count; i++)
		run("find", "deep", &made, &subjects[i]);
	close_made(&made);
	for (size_t i = 0; i < subject_count; i++) {
		make_crowded(&made, &subjects[i]);
		run("rows", "crowded", &made, &subjects[i]);
		close_made(&made);
	}
	for (size_t p = 0; p < EVIL; p++) {
		make_pattern(&made, evil[p].pattern);
		for (size_t i = 0; i < subject_count; i++)
			run("pattern", evil[p].name, &made, &subjects[i]);
		close_made(&made);
	}
	return 0;
}
