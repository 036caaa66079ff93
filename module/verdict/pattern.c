#include "verdict/pattern.h"

#include "core/pace.h"
#include "policy/pattern_options.h"
#include "verdict/fact.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

struct ps_matcher {
	uint32_t count;     /* conditions of the snapshot */
	bool asks_unlisted;
	bool asks_clients;
	bool answer_asks_clients; /* or above some rule about answers there is such a rule */
	uint32_t asks_answer; /* bit 1 << enum ps_fact_kind */
	uint64_t clients; /* every class that there is */
	pcre2_code **codes; /* NULL where the condition is no pattern */
	struct ps_condition_view *conditions;
	struct ps_ready_rule *rules;
	/* For a while; NULL: none. */
	struct ps_relief *relief;
	struct relieved *relieved; /* by the seconds in which they end */
	size_t relieved_count;
	struct ps_ready_rule *relieved_rules; /* of all of them */
};

/* The rules until that second, and from the one before on. */
struct relieved {
	uint64_t until;
	const struct ps_ready_rule *rules;
};

/* What one thread matches in. PCRE2 takes its frames from here and nowhere else: a bump
 * allocator. PCRE2 grows its frames by a new, larger block before it gives the old one
 * back, and holds on to the last one for the next match; when that is given back too, for
 * one of another size, all is free again but the contexts, which stay. */
struct slab {
	size_t used;
	size_t blocks;
	size_t kept_used; /* by the contexts */
	size_t kept_blocks;
	alignas(16) uint8_t bytes[PS_SCRATCH_SIZE];
};

struct ps_scratch {
	pcre2_general_context *general;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	struct slab slab;
};

static void *slab_take(size_t size, void *arg)
{
	struct slab *slab = arg;
	size_t need = (size + 15) & ~(size_t)15;
	void *p;

	if (need < size || need > sizeof(slab->bytes) - slab->used)
		return NULL;
	p = slab->bytes + slab->used;
	slab->used += need;
	slab->blocks++;
	return p;
}

static void slab_give(void *p, void *arg)
{
	struct slab *slab = arg;

	if (p == NULL)
		return;
	if (--slab->blocks == slab->kept_blocks)
		slab->used = slab->kept_used;
}

static pcre2_code *compile_text(
    const char *text, size_t len, uint32_t options, struct ps_error *err)
{
	int code = 0;
	PCRE2_SIZE offset = 0;
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)text, len,
	    PS_PATTERN_COMPILE_OPTIONS | options, &code, &offset, NULL);

	if (compiled == NULL) {
		char words[PS_ERROR_TEXT_MAX];

		if (code == PCRE2_ERROR_HEAP_FAILED) {
			(void)ps_error_set(err, PS_NO_MEMORY, "out of memory");
			return NULL;
		}
		(void)pcre2_get_error_message(code, (PCRE2_UCHAR *)words, sizeof(words));
		ps_error_at(err, NULL, 0, 0, offset);
		(void)ps_error_set(err, PS_INVALID, "%s", words);
	}
	return compiled;
}

/* PCRE2 counts towards the match limit anew from every octet where a match could begin:
 * '.{0,120}.{0,120}[#!]' took 1.8e9 instructions for one name of 255 octets and hit no
 * limit (RELIABILITY M11). So a pattern that may begin anywhere is compiled as an anchored
 * one that skips to its beginning by itself: then one count covers all of it. \E ends what
 * a \Q left open, a line feed what a comment under (?x) did. */
static pcre2_code *compile(const char *pattern, struct ps_error *err)
{
	static const char *const ends[] = {"\\E)", "\n)"};
	char text[PS_PATTERN_TEXT_MAX + 32];
	pcre2_code *code = compile_text(pattern, strlen(pattern), 0, err);
	uint32_t options = 0;

	if (code == NULL || strlen(pattern) > PS_PATTERN_TEXT_MAX)
		return code;
	(void)pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options);
	for (size_t i = 0; i < 2 && (options & PCRE2_ANCHORED) == 0; i++) {
		int len = snprintf(text, sizeof(text), "(?s:.*?)(?:%s%s", pattern, ends[i]);
		pcre2_code *anchored = compile_text(text, (size_t)len, PCRE2_ANCHORED, NULL);

		if (anchored != NULL) {
			pcre2_code_free(code);
			return anchored;
		}
	}
	return code;
}

_Static_assert(PS_OF_TARGET == 1 << PS_FACT_TARGET && PS_OF_ADDRESS == 1 << PS_FACT_ADDRESS &&
        PS_OF_SERVER_NAME == 1 << PS_FACT_SERVER_NAME &&
        PS_OF_SERVER_ADDRESS == 1 << PS_FACT_SERVER_ADDRESS,
    "what a condition is asked of is bits of kinds of facts");
_Static_assert(PS_ROW_KIND_COUNT <= 16, "the needs of a rule hold kinds of rows below bit 16");

/* Without what a condition cannot hold. */
static uint32_t needs_of(const struct ps_condition_view *condition)
{
	if (condition->of == PS_OF_SERVER)
		return PS_NEEDS_SERVER;
	if (condition->of != PS_OF_QUESTION)
		return PS_NEEDS_FACT(0) * condition->of;
	if (condition->kind == PS_CONDITION_NAMES)
		return 1u << PS_ROW_NAMES;
	return condition->kind == PS_CONDITION_LISTED ? 1u << PS_ROW_FEED : 0;
}

/* Unpacks the rules; false when some rule could hold without any row. */
static bool ready_rules(struct ps_matcher *matcher, const struct ps_snapshot *snapshot)
{
	bool all_ask_rows = true;

	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		struct ps_rule_view view = ps_snapshot_rule(snapshot, i);
		struct ps_ready_rule *rule = &matcher->rules[i];

		*rule = (struct ps_ready_rule){
		    .conditions = matcher->conditions + view.first_condition,
		    .first_condition = view.first_condition,
		    .condition_count = (uint16_t)view.condition_count,
		    .answer = view.answer,
		    .mode = view.mode,
		    .action = ps_snapshot_answer(snapshot, view.answer).action,
		    .clients = matcher->clients,
		};
		if (view.condition_count > 0 &&
		    rule->conditions[view.condition_count - 1].kind == PS_CONDITION_CLIENT)
			rule->clients &= rule->conditions[--rule->condition_count].clients;
		matcher->asks_clients =
		    matcher->asks_clients || rule->clients != matcher->clients;
		for (uint32_t c = 0; c < rule->condition_count; c++) {
			rule->needs |= needs_of(&rule->conditions[c]);
			if (rule->conditions[c].of == PS_OF_QUESTION)
				rule->question_count++;
			matcher->asks_answer |= rule->conditions[c].of;
		}
		matcher->answer_asks_clients =
		    matcher->answer_asks_clients ||
		    (matcher->asks_clients && rule->question_count < rule->condition_count);
		all_ask_rows = all_ask_rows && rule->needs != 0;
	}
	return all_ask_rows;
}

static enum ps_status compile_all(struct ps_matcher *matcher, struct ps_error *err)
{
	for (uint32_t i = 0; i < matcher->count; i++) {
		struct ps_error own;

		if (matcher->conditions[i].kind != PS_CONDITION_PATTERN)
			continue;
		ps_pace();
		ps_error_clear(&own);
		matcher->codes[i] = compile(matcher->conditions[i].pattern, &own);
		if (matcher->codes[i] == NULL) {
			ps_error_at(err, NULL, 0, 0, own.offset);
			return ps_error_set(err, own.status, "%s", own.text);
		}
	}
	return PS_OK;
}

enum ps_status ps_matcher_create(
    struct ps_matcher **out, const struct ps_snapshot *snapshot, struct ps_error *err)
{
	struct ps_matcher *matcher = calloc(1, sizeof(*matcher));
	uint32_t rules = ps_snapshot_rule_count(snapshot);
	enum ps_status status;

	if (matcher == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	matcher->count = ps_snapshot_condition_count(snapshot);
	matcher->codes = calloc(matcher->count + 1u, sizeof(*matcher->codes));
	matcher->conditions = calloc(matcher->count + 1u, sizeof(*matcher->conditions));
	matcher->rules = calloc(rules + 1u, sizeof(*matcher->rules));
	if (matcher->codes == NULL || matcher->conditions == NULL || matcher->rules == NULL) {
		ps_matcher_destroy(matcher);
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	}
	for (uint32_t i = 0; i < matcher->count; i++)
		matcher->conditions[i] = ps_snapshot_condition(snapshot, i);
	matcher->clients = UINT64_MAX >> (PS_CLIENT_GROUPS_MAX - ps_snapshot_group_count(snapshot));
	matcher->asks_unlisted = !ready_rules(matcher, snapshot);
	status = compile_all(matcher, err);
	if (status != PS_OK) {
		ps_matcher_destroy(matcher);
		return status;
	}
	*out = matcher;
	return PS_OK;
}

void ps_matcher_destroy(struct ps_matcher *matcher)
{
	if (matcher == NULL)
		return;
	for (uint32_t i = 0; matcher->codes != NULL && i < matcher->count; i++)
		pcre2_code_free(matcher->codes[i]);
	free(matcher->codes);
	free(matcher->conditions);
	free(matcher->rules);
	free(matcher->relief);
	free(matcher->relieved);
	free(matcher->relieved_rules);
	free(matcher);
}

const struct ps_ready_rule *ps_matcher_rules(const struct ps_matcher *matcher, uint64_t now)
{
	for (size_t i = 0; i < matcher->relieved_count; i++)
		if (now < matcher->relieved[i].until)
			return matcher->relieved[i].rules;
	return matcher->rules;
}

bool ps_matcher_allows(const struct ps_matcher *matcher, struct ps_name name, uint64_t now)
{
	return matcher->relief != NULL && ps_relief_of_name(matcher->relief, name, now) != NULL;
}

/* When what switches rules off ends: each second once, the earliest first. Returns how many. */
static size_t list_ends(
    const struct ps_relief *relief, uint64_t now, uint64_t ends[PS_RELIEF_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < relief->count; i++) {
		uint64_t until = relief->entry[i].until;
		size_t at = 0;

		while (at < count && ends[at] < until)
			at++;
		if (relief->entry[i].kind == PS_RELIEF_ALLOW || until <= now ||
		    (at < count && ends[at] == until))
			continue;
		memmove(ends + at + 1, ends + at, (count++ - at) * sizeof(*ends));
		ends[at] = until;
	}
	return count;
}

/* The rules as they are in the second before `until`. */
static void relieve_until(const struct ps_matcher *matcher, const struct ps_snapshot *snapshot,
    uint64_t until, struct ps_ready_rule *out)
{
	uint32_t rules = ps_snapshot_rule_count(snapshot);

	for (uint32_t i = 0; i < rules; i++) {
		out[i] = matcher->rules[i];
		if (out[i].action != PS_ACTION_PASS && out[i].action != PS_ACTION_LOG &&
		    ps_relief_of_rule(
		        matcher->relief, ps_snapshot_rule(snapshot, i).id, until - 1) != NULL)
			out[i].mode = PS_MODE_SHADOW;
	}
}

enum ps_status ps_matcher_relieve(struct ps_matcher *matcher,
    const struct ps_snapshot *snapshot, const struct ps_relief *relief, uint64_t now)
{
	size_t rules = ps_snapshot_rule_count(snapshot);
	uint64_t ends[PS_RELIEF_MAX];
	size_t count = list_ends(relief, now, ends);

	matcher->relief = malloc(sizeof(*relief));
	matcher->relieved = calloc(count + 1, sizeof(*matcher->relieved));
	matcher->relieved_rules = calloc(count * rules + 1, sizeof(*matcher->relieved_rules));
	if (matcher->relief == NULL || matcher->relieved == NULL || matcher->relieved_rules == NULL)
		return PS_NO_MEMORY;
	*matcher->relief = *relief;
	for (size_t i = 0; i < count; i++) {
		relieve_until(matcher, snapshot, ends[i], matcher->relieved_rules + i * rules);
		matcher->relieved[i] =
		    (struct relieved){.until = ends[i], .rules = matcher->relieved_rules + i * rules};
	}
	matcher->relieved_count = count;
	return PS_OK;
}

bool ps_matcher_asks_unlisted(const struct ps_matcher *matcher)
{
	return matcher->asks_unlisted;
}

uint32_t ps_matcher_asks_answer(const struct ps_matcher *matcher)
{
	return matcher->asks_answer;
}

bool ps_matcher_rule_asks_answer(const struct ps_matcher *matcher, uint32_t rule)
{
	return matcher->rules[rule].question_count < matcher->rules[rule].condition_count;
}

bool ps_matcher_answer_asks_clients(const struct ps_matcher *matcher)
{
	return matcher->answer_asks_clients;
}

uint64_t ps_matcher_clients(const struct ps_matcher *matcher)
{
	return matcher->clients;
}

bool ps_matcher_asks_clients(const struct ps_matcher *matcher)
{
	return matcher->asks_clients;
}

enum ps_status ps_scratch_create(struct ps_scratch **out)
{
	struct ps_scratch *scratch = calloc(1, sizeof(*scratch));

	if (scratch == NULL)
		return PS_NO_MEMORY;
	/* The contexts themselves live in the slab as well. */
	scratch->general = pcre2_general_context_create(slab_take, slab_give, &scratch->slab);
	if (scratch->general != NULL) {
		scratch->limits = pcre2_match_context_create(scratch->general);
		scratch->data = pcre2_match_data_create(1, scratch->general);
	}
	if (scratch->limits == NULL || scratch->data == NULL) {
		ps_scratch_destroy(scratch);
		return PS_NO_MEMORY;
	}
	(void)pcre2_set_match_limit(scratch->limits, PS_PATTERN_MATCH_LIMIT);
	(void)pcre2_set_depth_limit(scratch->limits, PS_PATTERN_DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(scratch->limits, PS_PATTERN_HEAP_KIB);
	scratch->slab.kept_used = scratch->slab.used;
	scratch->slab.kept_blocks = scratch->slab.blocks;
	*out = scratch;
	return PS_OK;
}

void ps_scratch_destroy(struct ps_scratch *scratch)
{
	/* Everything PCRE2 made is inside. */
	free(scratch);
}

enum ps_match ps_matcher_match(const struct ps_matcher *matcher, struct ps_scratch *scratch,
    uint32_t condition, struct ps_bytes text)
{
	int rc;

	if (scratch == NULL || condition >= matcher->count || matcher->codes[condition] == NULL)
		return PS_MATCH_LIMIT;
	rc = pcre2_match(matcher->codes[condition], text.ptr, text.len, 0, 0, scratch->data,
	    scratch->limits);
	if (rc >= 0)
		return PS_MATCH_YES;
	return rc == PCRE2_ERROR_NOMATCH ? PS_MATCH_NO : PS_MATCH_LIMIT;
}
