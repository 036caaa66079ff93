#include "policy/plan_text.h"

#include "policy/ede.h"
#include "policy/rrtype.h"

static const char *or_none(const char *text)
{
	return text != NULL ? text : "-";
}

static void names_text(const char *what, const struct ps_name_set *set, struct ps_buffer *out)
{
	for (uint32_t i = 0; i < set->count; i++) {
		char text[PS_NAME_TEXT_MAX];

		(void)ps_name_to_text(set->names[i].name, text);
		(void)ps_buffer_printf(out, "%s %s %s (%s:%u:%u)\n", what,
		    ps_scope_name(set->names[i].scope), text, set->names[i].place.file,
		    set->names[i].place.line, set->names[i].place.column);
	}
}

static void answer_text(const struct ps_answer *answer, struct ps_buffer *out)
{
	char text[PS_NAME_TEXT_MAX];

	(void)ps_buffer_printf(out, "answer %s: %s ttl %u", answer->name,
	    ps_action_name(answer->action), answer->ttl);
	for (uint32_t i = 0; i < answer->a_count; i++) {
		ps_address_to_text(&answer->a[i], text);
		(void)ps_buffer_printf(out, " a %s", text);
	}
	for (uint32_t i = 0; i < answer->aaaa_count; i++) {
		ps_address_to_text(&answer->aaaa[i], text);
		(void)ps_buffer_printf(out, " aaaa %s", text);
	}
	if (answer->has_cname) {
		(void)ps_name_to_text(answer->cname, text);
		(void)ps_buffer_printf(out, " cname %s", text);
	}
	(void)ps_buffer_printf(out, "\n");
}

static void looks_text(
    const struct ps_plan *plan, const struct ps_condition *condition, struct ps_buffer *out)
{
	(void)ps_buffer_printf(
	    out, "  lookalike score %u-%u brands", condition->score_min, condition->score_max);
	for (uint32_t i = 0; i < condition->brand_count; i++)
		(void)ps_buffer_printf(
		    out, " %s", plan->lookalike.brands[condition->brands[i]].id);
	(void)ps_buffer_printf(out, "%s techniques", condition->brand_count == 0 ? " any" : "");
	for (unsigned i = 0; i < PS_TECHNIQUE_COUNT; i++)
		if ((condition->techniques >> i & 1) != 0)
			(void)ps_buffer_printf(out, " %s", ps_technique_name(i));
	(void)ps_buffer_printf(out, "%s\n", condition->techniques == 0 ? " any" : "");
}

static void place_text(const struct ps_place *place, struct ps_buffer *out)
{
	(void)ps_buffer_printf(out, " (%s:%u:%u)\n", place->file, place->line, place->column);
}

static void condition_text(
    const struct ps_plan *plan, const struct ps_condition *condition, struct ps_buffer *out)
{
	static const char *const subjects[] = {[PS_OF_TARGET] = "answer leads to",
	    [PS_OF_ADDRESS] = "answer address",
	    [PS_OF_SERVER_NAME] = "server name",
	    [PS_OF_SERVER_ADDRESS] = "server address",
	    [PS_OF_SERVER] = "server"};

	if (condition->of != PS_OF_QUESTION)
		(void)ps_buffer_printf(out, "  %s:\n", subjects[condition->of]);
	for (uint32_t i = 0; i < condition->prefix_count; i++) {
		char prefix[PS_PREFIX_TEXT_MAX];

		ps_prefix_to_text(&condition->prefixes[i].prefix, prefix);
		(void)ps_buffer_printf(out, "  prefix %s", prefix);
		place_text(&condition->prefixes[i].place, out);
	}
	if (condition->kind == PS_CONDITION_ADDRESSES)
		return;
	if (condition->kind == PS_CONDITION_NAMES) {
		names_text("  name", &condition->names, out);
		return;
	}
	if (condition->kind == PS_CONDITION_PATTERN) {
		(void)ps_buffer_printf(out, "  pattern %s\n", condition->pattern);
		return;
	}
	if (condition->kind == PS_CONDITION_CLIENT) {
		(void)ps_buffer_printf(out, "  client");
		for (uint32_t i = 0; i < plan->group_count; i++)
			if (condition->clients >> i >> 1 & 1)
				(void)ps_buffer_printf(out, " %s", plan->groups[i].id);
		(void)ps_buffer_printf(out, "\n");
		return;
	}
	if (condition->kind == PS_CONDITION_LOOKALIKE) {
		looks_text(plan, condition, out);
		return;
	}
	(void)ps_buffer_printf(out, "  listed confidence %u-%u feeds", condition->confidence_min,
	    condition->confidence_max);
	for (uint32_t i = 0; i < condition->feed_count; i++)
		(void)ps_buffer_printf(out, " %s", plan->feeds[condition->feeds[i]].id);
	(void)ps_buffer_printf(out, "%s categories", condition->feed_count == 0 ? " any" : "");
	for (unsigned i = 0; i < PS_CATEGORY_COUNT; i++)
		if ((condition->categories >> i & 1) != 0)
			(void)ps_buffer_printf(out, " %s", ps_category_name(i));
	(void)ps_buffer_printf(out, "%s\n", condition->categories == 0 ? " any" : "");
}

static void rule_text(
    const struct ps_plan *plan, const struct ps_rule *rule, struct ps_buffer *out)
{
	(void)ps_buffer_printf(out, "rule %s (%s:%u:%u): %s%s\n", rule->id, rule->place.file,
	    rule->place.line, rule->place.column, plan->answers[rule->answer].name,
	    rule->mode == PS_MODE_SHADOW ? ", shadow" : "");
	for (uint32_t i = 0; i < rule->condition_count; i++)
		condition_text(plan, &rule->conditions[i], out);
	if (rule->ede_code != PS_EDE_NONE)
		(void)ps_buffer_printf(out, "  ede %d %s '%s'\n", rule->ede_code,
		    or_none(ps_ede_name((unsigned)rule->ede_code)), rule->ede_text);
	if (rule->sub_error != PS_SUB_ERROR_LISTED)
		(void)ps_buffer_printf(out, "  sub-error %u\n", rule->sub_error);
}

static void feed_text(const struct ps_feed_config *feed, struct ps_buffer *out)
{
	(void)ps_buffer_printf(out, "feed %s (%s:%u): %s %s title %s publisher %s\n", feed->id,
	    feed->file, feed->line, ps_feed_format_name(feed->format), feed->path,
	    or_none(feed->title), or_none(feed->publisher));
	(void)ps_buffer_printf(out, "  %s confidence %u tlp %s scope %s%s\n",
	    ps_category_name(feed->category), feed->confidence, ps_tlp_name(feed->tlp),
	    ps_scope_name(feed->scope), feed->trial ? " trial" : "");
	(void)ps_buffer_printf(out, "  limits %llu bytes %llu entries shrink %u%% grow %u%%\n",
	    (unsigned long long)feed->max_bytes, (unsigned long long)feed->max_entries,
	    feed->shrink_percent, feed->grow_percent);
	if (feed->format == PS_FEED_CSV)
		(void)ps_buffer_printf(out,
		    "  columns by 0x%02x: name %s category %s confidence %s valid-from %s "
		    "valid-until %s reference %s\n",
		    (unsigned)feed->csv.delimiter, feed->csv.name, or_none(feed->csv.category),
		    or_none(feed->csv.confidence), or_none(feed->csv.valid_from),
		    or_none(feed->csv.valid_until), or_none(feed->csv.reference));
}

static void brand_text(const struct ps_brand *brand, struct ps_buffer *out)
{
	(void)ps_buffer_printf(out, "brand %s: %s", brand->id, brand->owner);
	for (uint32_t i = 0; i < brand->country_count; i++)
		(void)ps_buffer_printf(out, " %s", brand->countries[i]);
	for (uint32_t i = 0; i < brand->language_count; i++)
		(void)ps_buffer_printf(out, " %s", brand->languages[i]);
	place_text(&brand->place, out);
	for (uint32_t i = 0; i < brand->term_count; i++) {
		(void)ps_buffer_printf(out, "  %s '%s'", brand->terms[i].weak ? "weak" : "name",
		    brand->terms[i].text);
		place_text(&brand->terms[i].place, out);
	}
	names_text("  domain", &brand->domains, out);
}

static void lookalike_text(const struct ps_lookalike_plan *plan, struct ps_buffer *out)
{
	for (uint32_t i = 0; i < plan->brand_count; i++)
		brand_text(&plan->brands[i], out);
	for (uint32_t i = 0; i < plan->keyword_count; i++) {
		(void)ps_buffer_printf(out, "keyword %s %u '%s'", plan->keywords[i].language,
		    (unsigned)plan->keywords[i].topic, plan->keywords[i].text);
		place_text(&plan->keywords[i].place, out);
	}
	for (uint32_t i = 0; i < plan->abused_tld_count; i++) {
		char text[PS_NAME_TEXT_MAX];

		(void)ps_name_to_text(plan->abused_tlds[i].name, text);
		(void)ps_buffer_printf(
		    out, "abused tld %s %u", text, plan->abused_tlds[i].ratio);
		place_text(&plan->abused_tlds[i].place, out);
	}
	names_text("free hosting", &plan->free_hosting, out);
	for (uint32_t i = 0; i < plan->common_word_count; i++)
		(void)ps_buffer_printf(out, "common word '%s'\n", plan->common_words[i]);
	for (uint32_t i = 0; i < plan->exception_count; i++) {
		const struct ps_name_set one = {&plan->exceptions[i].name, 1};

		names_text("exception", &one, out);
		(void)ps_buffer_printf(out, "  until %u: %s\n", plan->exceptions[i].valid_until,
		    plan->exceptions[i].reason);
	}
}

static void expected_text(
    const char *what, uint32_t index, const char *name, struct ps_buffer *out)
{
	if (index != PS_TEST_ANY)
		(void)ps_buffer_printf(out, " %s %s", what, index == PS_TEST_NONE ? "-" : name);
}

static void test_text(
    const struct ps_plan *plan, const struct ps_policy_test *test, struct ps_buffer *out)
{
	bool rule = test->rule < plan->rule_count;
	bool brand = test->brand < plan->lookalike.brand_count;
	char text[PS_NAME_TEXT_MAX];
	char type[PS_RRTYPE_TEXT_MAX];

	(void)ps_name_to_text(test->name, text);
	(void)ps_buffer_printf(
	    out, "test %s %s:", text, ps_rrtype_to_text(test->type, type));
	if (test->client.family != 0) {
		char client[PS_ADDRESS_TEXT_MAX];

		ps_address_to_text(&test->client, client);
		(void)ps_buffer_printf(out, " client %s", client);
	}
	for (uint32_t i = 0; i < test->fact_count; i++) {
		const struct ps_test_fact *fact = &test->facts[i];

		if (fact->address.family != 0)
			ps_address_to_text(&fact->address, text);
		else
			(void)ps_name_to_text(fact->name, text);
		(void)ps_buffer_printf(out, " %s %s",
		    fact->of & PS_OF_SERVER ? "server" : "shows", text);
	}
	if (test->action != PS_TEST_ANY)
		(void)ps_buffer_printf(out, " action %s", ps_action_name(test->action));
	if (test->answer != PS_TEST_ANY)
		(void)ps_buffer_printf(out, " answer %s", plan->answers[test->answer].name);
	expected_text("rule", test->rule, rule ? plan->rules[test->rule].id : "", out);
	expected_text(
	    "brand", test->brand, brand ? plan->lookalike.brands[test->brand].id : "", out);
	if (test->technique != PS_TEST_ANY)
		(void)ps_buffer_printf(
		    out, " technique %s", ps_technique_name(test->technique));
	place_text(&test->place, out);
	if (test->note != NULL)
		(void)ps_buffer_printf(out, "  note %s\n", test->note);
}

static void clients_text(const struct ps_plan *plan, struct ps_buffer *out)
{
	for (uint32_t i = 0; i < plan->group_count; i++) {
		(void)ps_buffer_printf(out, "client group %s", plan->groups[i].id);
		place_text(&plan->groups[i].place, out);
	}
	for (uint32_t i = 0; i < plan->client_prefix_count; i++) {
		char text[PS_PREFIX_TEXT_MAX];

		ps_prefix_to_text(&plan->client_prefixes[i].prefix, text);
		(void)ps_buffer_printf(out, "client %s in %s", text,
		    plan->groups[plan->client_prefixes[i].group].id);
		place_text(&plan->client_prefixes[i].place, out);
	}
}

void plan_text(const struct ps_plan *plan, struct ps_buffer *out)
{
	clients_text(plan, out);
	for (uint32_t i = 0; i < plan->answer_count; i++)
		answer_text(&plan->answers[i], out);
	for (uint32_t i = 0; i < plan->rule_count; i++)
		rule_text(plan, &plan->rules[i], out);
	for (uint32_t i = 0; i < plan->feed_count; i++)
		feed_text(&plan->feeds[i], out);
	names_text("never", &plan->never, out);
	names_text("official", &plan->official, out);
	names_text("popular", &plan->popular, out);
	lookalike_text(&plan->lookalike, out);
	if (plan->strict)
		(void)ps_buffer_printf(out, "strict\n");
	if (plan->structured.on) {
		(void)ps_buffer_printf(out, "structured errors: option %u organization '%s' language %s\n",
		    plan->structured.option, plan->structured.organization,
		    plan->structured.language);
		for (uint32_t i = 0; i < plan->structured.contact_count; i++)
			(void)ps_buffer_printf(out, "  contact %s\n", plan->structured.contacts[i]);
	}
	if (plan->events.client != PS_CLIENT_NONE || plan->events.keep_mib != 0)
		(void)ps_buffer_printf(out, "events: client %s keep %u MiB\n",
		    ps_client_form_name(plan->events.client), plan->events.keep_mib);
	for (uint32_t i = 0; i < plan->test_count; i++)
		test_text(plan, &plan->tests[i], out);
}
