#include "policy/plan_valid.h"

#include "policy/pattern_options.h"
#include "policy/term.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define EXPECT(condition)                  \
	do {                               \
		if (!(condition))          \
			return #condition; \
	} while (0)

static bool name_is_whole(struct ps_name name)
{
	struct ps_name_buffer storage;
	struct ps_name again;
	size_t consumed = 0;

	return name.wire != NULL &&
	       ps_name_from_wire(&again, &storage, ps_bytes_of(name.wire, name.len), &consumed) ==
	           PS_OK &&
	       consumed == name.len && ps_name_equal(again, name) &&
	       again.labels == name.labels && name.labels > 0 && ps_name_is_hostname(name);
}

static bool id_is_good(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len <= 64 && id[len] == '\0' && id[0] != '-';
}

/* One line that may go to a terminal; max octets at most. */
static bool text_is_plain(const char *text, size_t max)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len <= max;
}

static const char *set_fault(const struct ps_name_set *set, unsigned scopes)
{
	for (uint32_t i = 0; i < set->count; i++) {
		const struct ps_scoped_name *name = &set->names[i];

		EXPECT(name_is_whole(name->name));
		EXPECT((scopes >> name->scope & 1) != 0);
		EXPECT(name->place.file != NULL && name->place.line > 0 && name->place.column > 0);
	}
	return NULL;
}

static const char *answer_fault(const struct ps_answer *answer)
{
	bool addresses = answer->a_count + answer->aaaa_count > 0;

	EXPECT(answer->name != NULL && id_is_good(answer->name));
	EXPECT(answer->action < PS_ACTION_COUNT);
	EXPECT(answer->ttl <= PS_TTL_MAX);
	EXPECT(answer->a_count <= PS_SINKHOLE_ADDRESSES_MAX);
	EXPECT(answer->aaaa_count <= PS_SINKHOLE_ADDRESSES_MAX);
	EXPECT(!(answer->has_cname && addresses));
	EXPECT((answer->action == PS_ACTION_SINKHOLE) == (answer->has_cname || addresses));
	EXPECT(!answer->has_cname || name_is_whole(answer->cname));
	for (uint32_t i = 0; i < answer->a_count; i++)
		EXPECT(answer->a[i].family == 4);
	for (uint32_t i = 0; i < answer->aaaa_count; i++)
		EXPECT(answer->aaaa[i].family == 6);
	return NULL;
}

static bool pattern_compiles(const char *pattern)
{
	PCRE2_SIZE offset;
	int number;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    PS_PATTERN_COMPILE_OPTIONS, &number, &offset, NULL);

	pcre2_code_free(code);
	return code != NULL;
}

static const char *condition_fault(
    const struct ps_plan *plan, const struct ps_condition *condition)
{
	EXPECT(condition->kind < PS_CONDITION_COUNT);
	EXPECT(condition->place.file != NULL && condition->place.line > 0);
	EXPECT(ps_condition_may_be_of(condition->kind, condition->of));
	switch (condition->kind) {
	case PS_CONDITION_NAMES:
		EXPECT(condition->names.count > 0);
		for (uint32_t i = 1; i < condition->names.count; i++)
			EXPECT(condition->names.names[i].scope == condition->names.names[0].scope);
		return set_fault(&condition->names, 7);
	case PS_CONDITION_PATTERN:
		EXPECT(condition->pattern != NULL && condition->pattern[0] != '\0');
		EXPECT(text_is_plain(condition->pattern, PS_PATTERN_TEXT_MAX));
		EXPECT(pattern_compiles(condition->pattern));
		return NULL;
	case PS_CONDITION_LISTED:
		EXPECT(condition->confidence_min <= condition->confidence_max);
		EXPECT(condition->confidence_max <= PS_CONFIDENCE_MAX);
		EXPECT(condition->categories < UINT32_C(1) << PS_CATEGORY_COUNT);
		for (uint32_t i = 0; i < condition->feed_count; i++)
			EXPECT(condition->feeds[i] < plan->feed_count);
		return NULL;
	case PS_CONDITION_LOOKALIKE:
		EXPECT(condition->score_min <= condition->score_max);
		EXPECT(condition->score_max <= 100);
		EXPECT((condition->techniques & 1) == 0);
		EXPECT(condition->techniques < UINT32_C(1) << PS_TECHNIQUE_COUNT);
		for (uint32_t i = 0; i < condition->brand_count; i++)
			EXPECT(condition->brands[i] < plan->lookalike.brand_count);
		return NULL;
	case PS_CONDITION_ADDRESSES:
		EXPECT(condition->prefix_count > 0 &&
		       condition->prefix_count <= PS_RULE_PREFIXES_MAX);
		for (uint32_t i = 0; i < condition->prefix_count; i++) {
			struct ps_prefix plain = condition->prefixes[i].prefix;

			EXPECT(!ps_prefix_unmap(&plain));
			EXPECT(condition->prefixes[i].place.line > 0);
		}
		return NULL;
	case PS_CONDITION_CLIENT:
		EXPECT(condition->clients != 0 && (condition->clients & 1) == 0);
		EXPECT(condition->clients >> plan->group_count >> 1 == 0);
		return NULL;
	default:
		return "kind";
	}
}

static const char *rule_fault(const struct ps_plan *plan, const struct ps_rule *rule)
{
	const struct ps_answer *answer;
	bool tells;

	EXPECT(id_is_good(rule->id));
	EXPECT(rule->place.file != NULL && rule->place.line > 0 && rule->place.column > 0);
	EXPECT(rule->mode < PS_MODE_COUNT);
	EXPECT(rule->answer < plan->answer_count);
	EXPECT(rule->condition_count <= PS_CONDITIONS_MAX);
	EXPECT(rule->ede_code >= PS_EDE_NONE && rule->ede_code <= 65535);
	EXPECT(rule->ede_text != NULL && text_is_plain(rule->ede_text, PS_EDE_TEXT_MAX));
	EXPECT(rule->ede_code != PS_EDE_NONE || rule->ede_text[0] == '\0');
	EXPECT(rule->ede_code != PS_EDE_NONE || rule->sub_error == PS_SUB_ERROR_LISTED);
	answer = &plan->answers[rule->answer];
	tells = answer->action != PS_ACTION_PASS && answer->action != PS_ACTION_LOG &&
	        answer->action != PS_ACTION_DROP;
	EXPECT(tells || rule->ede_code == PS_EDE_NONE);
	for (uint32_t i = 0; i < rule->condition_count; i++)
		EXPECT(rule->conditions[i].kind == PS_CONDITION_CLIENT
		           ? i + 1 == rule->condition_count
		           : i == 0 || rule->conditions[i].of >= rule->conditions[i - 1].of);
	for (uint32_t i = 0; i < rule->condition_count; i++) {
		const char *fault = condition_fault(plan, &rule->conditions[i]);

		if (fault != NULL)
			return fault;
	}
	return NULL;
}

static const char *feed_fault(const struct ps_feed_config *feed)
{
	EXPECT(feed->id != NULL && id_is_good(feed->id));
	EXPECT(feed->path != NULL && text_is_plain(feed->path, SIZE_MAX) && feed->path[0] != '\0');
	EXPECT(feed->format < PS_FEED_FORMAT_COUNT);
	EXPECT(feed->category < PS_CATEGORY_COUNT && feed->tlp < PS_TLP_COUNT);
	EXPECT(feed->confidence <= PS_CONFIDENCE_MAX);
	EXPECT(feed->scope == PS_SCOPE_EXACT || feed->scope == PS_SCOPE_SUBTREE);
	EXPECT((feed->format == PS_FEED_CSV) == (feed->csv.name != NULL));
	EXPECT(feed->max_bytes > 0 && feed->max_entries > 0);
	EXPECT(feed->shrink_percent >= 1 && feed->shrink_percent <= 100);
	EXPECT(feed->grow_percent >= 1);
	EXPECT(feed->file != NULL && feed->line > 0);
	return NULL;
}

static bool place_is_whole(const struct ps_place *place)
{
	return place->file != NULL && place->line > 0 && place->column > 0;
}

/* What makes a term leaves it as it is. */
static bool term_is_whole(const char *text)
{
	struct ps_term again;

	return ps_term_make(&again, ps_bytes_of_text(text), NULL) == PS_TERM_GOOD &&
	       strcmp((const char *)again.text, text) == 0;
}

static bool language_is_good(const char *language)
{
	size_t len = strspn(language, "abcdefghijklmnopqrstuvwxyz");

	return language[len] == '\0' && (len == 2 || len == 3);
}

static const char *brand_fault(const struct ps_brand *brand)
{
	EXPECT(id_is_good(brand->id));
	EXPECT(brand->owner != NULL && text_is_plain(brand->owner, SIZE_MAX));
	EXPECT(place_is_whole(&brand->place));
	EXPECT(brand->term_count > 0);
	for (uint32_t i = 0; i < brand->term_count; i++) {
		EXPECT(term_is_whole(brand->terms[i].text));
		EXPECT(place_is_whole(&brand->terms[i].place));
		for (uint32_t j = 0; j < i; j++)
			EXPECT(strcmp(brand->terms[i].text, brand->terms[j].text) != 0);
	}
	for (uint32_t i = 0; i < brand->country_count; i++)
		EXPECT(strlen(brand->countries[i]) == 2);
	for (uint32_t i = 0; i < brand->language_count; i++)
		EXPECT(language_is_good(brand->languages[i]));
	return set_fault(&brand->domains, 1u << PS_SCOPE_SUBTREE);
}

static const char *words_fault(const struct ps_lookalike_plan *plan)
{
	EXPECT(plan->keyword_count <= PS_KEYWORDS_MAX);
	EXPECT(plan->common_word_count <= PS_COMMON_WORDS_MAX);
	for (uint32_t i = 0; i < plan->keyword_count; i++) {
		EXPECT(term_is_whole(plan->keywords[i].text));
		EXPECT(language_is_good(plan->keywords[i].language));
		EXPECT(plan->keywords[i].topic < PS_TOPIC_COUNT);
		EXPECT(place_is_whole(&plan->keywords[i].place));
	}
	for (uint32_t i = 0; i < plan->common_word_count; i++) {
		EXPECT(term_is_whole(plan->common_words[i]));
		EXPECT(i == 0 || strcmp(plan->common_words[i - 1], plan->common_words[i]) < 0);
	}
	return NULL;
}

static const char *lookalike_fault(const struct ps_lookalike_plan *plan)
{
	const char *fault = words_fault(plan);

	EXPECT(plan->brand_count <= PS_BRANDS_MAX);
	for (uint32_t i = 0; fault == NULL && i < plan->brand_count; i++)
		fault = brand_fault(&plan->brands[i]);
	for (uint32_t i = 0; i < plan->abused_tld_count; i++) {
		EXPECT(name_is_whole(plan->abused_tlds[i].name));
		EXPECT(plan->abused_tlds[i].name.labels == 1);
		EXPECT(plan->abused_tlds[i].ratio >= 2 && plan->abused_tlds[i].ratio <= 1000);
		EXPECT(place_is_whole(&plan->abused_tlds[i].place));
	}
	if (fault == NULL)
		fault = set_fault(&plan->free_hosting, 1u << PS_SCOPE_SUBTREE);
	for (uint32_t i = 0; fault == NULL && i < plan->exception_count; i++) {
		const struct ps_name_set one = {&plan->exceptions[i].name, 1};

		fault = set_fault(&one, 1u << PS_SCOPE_SUBTREE);
		EXPECT(plan->exceptions[i].reason != NULL);
		EXPECT(text_is_plain(plan->exceptions[i].reason, SIZE_MAX));
		EXPECT(plan->exceptions[i].valid_until > 0);
	}
	return fault;
}

static const char *test_fault(const struct ps_plan *plan, const struct ps_policy_test *test)
{
	EXPECT(name_is_whole(test->name));
	EXPECT(place_is_whole(&test->place));
	EXPECT(test->type > 0);
	EXPECT(test->fact_count <= 2 * PS_TEST_FACTS_MAX);
	for (uint32_t i = 0; i < test->fact_count; i++) {
		const struct ps_test_fact *fact = &test->facts[i];
		bool is_address = (fact->of & PS_OF_ADDRESSES) != 0;

		EXPECT(fact->of == PS_OF_TARGET || fact->of == PS_OF_ADDRESS ||
		       fact->of == PS_OF_SERVER_NAME || fact->of == PS_OF_SERVER_ADDRESS);
		EXPECT(is_address == (fact->address.family != 0));
		EXPECT(is_address || name_is_whole(fact->name));
	}
	EXPECT(test->action == PS_TEST_ANY || test->action < PS_ACTION_COUNT);
	EXPECT(test->answer == PS_TEST_ANY || test->answer < plan->answer_count);
	EXPECT(test->action == PS_TEST_ANY || test->answer == PS_TEST_ANY);
	EXPECT(test->rule >= PS_TEST_NONE || test->rule < plan->rule_count);
	EXPECT(test->brand >= PS_TEST_NONE || test->brand < plan->lookalike.brand_count);
	EXPECT(test->technique == PS_TEST_ANY || test->technique < PS_TECHNIQUE_COUNT);
	EXPECT(test->action != PS_TEST_ANY || test->answer != PS_TEST_ANY ||
	       test->rule != PS_TEST_ANY || test->brand != PS_TEST_ANY ||
	       test->technique != PS_TEST_ANY);
	return NULL;
}

static bool ids_differ(const struct ps_plan *plan)
{
	for (uint32_t i = 0; i < plan->rule_count; i++)
		for (uint32_t j = 0; j < i && plan->rule_count < 200; j++)
			if (strcmp(plan->rules[i].id, plan->rules[j].id) == 0)
				return false;
	for (uint32_t i = 0; i < plan->feed_count; i++)
		for (uint32_t j = 0; j < i && plan->feed_count < 200; j++)
			if (strcmp(plan->feeds[i].id, plan->feeds[j].id) == 0)
				return false;
	for (uint32_t i = 0; i < plan->answer_count; i++)
		for (uint32_t j = 0; j < i && plan->answer_count < 200; j++)
			if (strcmp(plan->answers[i].name, plan->answers[j].name) == 0)
				return false;
	for (uint32_t i = 0; i < plan->lookalike.brand_count; i++)
		for (uint32_t j = 0; j < i && plan->lookalike.brand_count < 200; j++)
			if (strcmp(plan->lookalike.brands[i].id, plan->lookalike.brands[j].id) == 0)
				return false;
	return true;
}

static const char *clients_fault(const struct ps_plan *plan)
{
	EXPECT(plan->group_count <= PS_CLIENT_GROUPS_MAX);
	EXPECT(plan->client_prefix_count <= PS_CLIENT_PREFIXES_MAX);
	for (uint32_t i = 0; i < plan->group_count; i++) {
		EXPECT(id_is_good(plan->groups[i].id));
		EXPECT(place_is_whole(&plan->groups[i].place));
	}
	for (uint32_t i = 0; i < plan->client_prefix_count; i++) {
		const struct ps_client_prefix *it = &plan->client_prefixes[i];
		struct ps_prefix unmapped = it->prefix;

		EXPECT(it->group < plan->group_count);
		EXPECT(it->prefix.address.family == 4 || it->prefix.address.family == 6);
		EXPECT(!ps_prefix_unmap(&unmapped));
		EXPECT(i == 0 || ps_prefix_compare(&(it - 1)->prefix, &it->prefix) < 0);
		EXPECT(place_is_whole(&it->place));
	}
	return NULL;
}

const char *plan_fault(const struct ps_plan *plan)
{
	const char *fault = NULL;

	EXPECT(plan->rule_count <= PS_RULES_MAX && plan->answer_count <= PS_ANSWERS_MAX);
	EXPECT(plan->feed_count <= PS_FEEDS_MAX);
	fault = clients_fault(plan);
	for (uint32_t i = 0; fault == NULL && i < plan->answer_count; i++)
		fault = answer_fault(&plan->answers[i]);
	for (uint32_t i = 0; fault == NULL && i < plan->feed_count; i++)
		fault = feed_fault(&plan->feeds[i]);
	for (uint32_t i = 0; fault == NULL && i < plan->rule_count; i++)
		fault = rule_fault(plan, &plan->rules[i]);
	if (fault == NULL)
		fault = set_fault(&plan->never, 1u << PS_SCOPE_SUBTREE | 1u << PS_SCOPE_BELOW);
	if (fault == NULL)
		fault = set_fault(&plan->official, 1u << PS_SCOPE_SUBTREE);
	if (fault == NULL)
		fault = set_fault(&plan->popular, 1u << PS_SCOPE_EXACT);
	if (fault == NULL)
		fault = lookalike_fault(&plan->lookalike);
	EXPECT(plan->test_count <= PS_TESTS_MAX);
	for (uint32_t i = 0; fault == NULL && i < plan->test_count; i++)
		fault = test_fault(plan, &plan->tests[i]);
	EXPECT(fault != NULL || ids_differ(plan));
	return fault;
}
