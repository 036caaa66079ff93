/* An explanation as JSON. The keys are stable: programs rely on them. */
#include "cli/explanation.h"

static json_t *rule_json(const struct ps_explanation *e, uint32_t index, bool *whole)
{
	struct ps_rule_view rule = ps_snapshot_rule(e->snapshot, index);
	json_t *object = json_object();

	*whole &= ps_fact_text(object, "id", rule.id);
	*whole &= ps_fact_text(object, "file", rule.file);
	*whole &= ps_fact_number(object, "line", rule.line);
	return object;
}

static json_t *addresses_json(uint8_t family, const uint8_t *bytes, uint32_t count, bool *whole)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < count; i++) {
		struct ps_address address = {.family = family};
		char text[PS_ADDRESS_TEXT_MAX];

		memcpy(address.bytes, bytes + 16 * (size_t)i, 16);
		ps_address_to_text(&address, text);
		*whole &= ps_fact_add(array, json_string(text));
	}
	return array;
}

static json_t *answer_json(const struct ps_explanation *e, bool *whole)
{
	struct ps_answer_view answer = ps_snapshot_answer(e->snapshot, e->verdict.answer);
	json_t *object = json_object();
	char text[PS_NAME_TEXT_MAX];

	*whole &= ps_fact_text(object, "name", answer.name);
	*whole &= ps_fact_number(object, "ttl", answer.ttl);
	*whole &= ps_fact_put(object, "a", addresses_json(4, answer.a, answer.a_count, whole));
	*whole &=
	    ps_fact_put(object, "aaaa", addresses_json(6, answer.aaaa, answer.aaaa_count, whole));
	if (answer.cname.wire == NULL) {
		*whole &= ps_fact_null(object, "cname");
	} else {
		(void)ps_name_to_text(answer.cname, text);
		*whole &= ps_fact_text(object, "cname", text);
	}
	return object;
}

/* null: nobody is told in JSON. */
static void put_structured(const struct ps_explanation *e, json_t *root, bool *whole)
{
	struct ps_telling telling;
	enum ps_action action;
	json_t *object;

	if (!ps_explanation_structured(e, &telling)) {
		*whole &= ps_fact_null(root, "structured");
		return;
	}
	object = json_object();
	action = ps_telling_is_forged(&e->verdict) ? PS_ACTION_NODATA : e->verdict.action;
	*whole &= ps_fact_text(object, "action", ps_action_name(action));
	*whole &= ps_fact_text(object, "rcode", ps_action_rcode(action));
	*whole &= ps_fact_signed(object, "code", telling.code);
	*whole &= ps_fact_text(object, "text", telling.text);
	*whole &= ps_fact_put(root, "structured", object);
}

/* rule, answer, rcode and ede: null where there are none. */
static void put_decision(const struct ps_explanation *e, json_t *root, bool *whole)
{
	const struct ps_verdict *v = &e->verdict;
	const char *rcode = ps_action_rcode(v->action);
	bool has_rule = v->rule != PS_INDEX_NONE;
	struct ps_telling telling = {.code = PS_EDE_NONE};

	if (has_rule && ps_verdict_blocks(v))
		ps_telling_plain(e->snapshot, v, &telling);
	*whole &= ps_fact_text(root, "decision", ps_explanation_decision(e));
	*whole &= ps_fact_text(root, "action", ps_action_name(v->action));
	*whole &=
	    rcode != NULL ? ps_fact_text(root, "rcode", rcode) : ps_fact_null(root, "rcode");
	*whole &= has_rule ? ps_fact_put(root, "rule", rule_json(e, v->rule, whole))
	                   : ps_fact_null(root, "rule");
	*whole &= ps_verdict_blocks(v) ? ps_fact_put(root, "answer", answer_json(e, whole))
	                               : ps_fact_null(root, "answer");
	if (telling.code == PS_EDE_NONE) {
		*whole &= ps_fact_null(root, "ede");
	} else {
		json_t *ede = json_object();

		*whole &= ps_fact_signed(ede, "code", telling.code);
		*whole &= ps_fact_text(ede, "text", telling.text);
		*whole &= ps_fact_put(root, "ede", ede);
	}
	put_structured(e, root, whole);
}

/* client: null when none was said. group and prefix: null for who is in none. */
static void put_client(const struct ps_explanation *e, json_t *root, bool *whole)
{
	json_t *object;
	char text[PS_ADDRESS_TEXT_MAX];

	if (e->client.family == 0) {
		*whole &= ps_fact_null(root, "client");
		return;
	}
	object = json_object();
	ps_address_to_text(&e->client, text);
	*whole &= ps_fact_text(object, "address", text);
	*whole &= ps_fact_flag(object, "matters", ps_explanation_by_client(e));
	if (e->client_prefix == PS_INDEX_NONE) {
		*whole &= ps_fact_null(object, "group");
		*whole &= ps_fact_null(object, "prefix");
	} else {
		uint32_t group;
		struct ps_prefix found =
		    ps_snapshot_client_prefix(e->snapshot, e->client_prefix, &group);
		char prefix[PS_PREFIX_TEXT_MAX];

		ps_prefix_to_text(&found, prefix);
		*whole &=
		    ps_fact_text(object, "group", ps_snapshot_group(e->snapshot, group).id);
		*whole &= ps_fact_text(object, "prefix", prefix);
	}
	*whole &= ps_fact_put(root, "client", object);
}

static json_t *evidence_json(const struct ps_explanation *e, bool *whole)
{
	json_t *array = json_array();

	for (size_t i = 0; i < e->listings.count; i++) {
		const struct ps_listing *listing = &e->listings.items[i];
		json_t *object;

		if (!ps_listing_concerns(listing, e->snapshot, PS_OF_QUESTION))
			continue;
		object = ps_listing_json(listing, e->snapshot, whole);
		*whole &=
		    ps_fact_flag(object, "valid", ps_listing_is_valid(listing, e->question.now));
		*whole &= ps_fact_flag(object, "decided", ps_explanation_rests_on(e, listing));
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *rules_json(const struct ps_explanation *e, bool *whole)
{
	static const char *const outcomes[] = {"no", "trial", "holds"};
	json_t *array = json_array();

	for (uint32_t i = 0; i < e->asked; i++) {
		json_t *object = rule_json(e, i, whole);

		*whole &= ps_fact_text(object, "outcome", outcomes[e->traces[i].outcome]);
		*whole &= ps_fact_text(object, "why", e->traces[i].why);
		*whole &= ps_fact_flag(object, "decided", i == e->verdict.rule);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *shadow_json(const struct ps_explanation *e, bool *whole)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < e->verdict.shadow_count && i < PS_VERDICT_SHADOWS_MAX; i++)
		*whole &= ps_fact_add(array, rule_json(e, e->verdict.shadow[i], whole));
	return array;
}

json_t *ps_explanation_json(const struct ps_explanation *e, bool *whole)
{
	json_t *root = json_object();
	json_t *snapshot = json_object();
	char name[PS_NAME_TEXT_MAX], sentence[PS_SENTENCE_MAX];

	(void)ps_name_to_text(e->question.name, name);
	*whole &= ps_fact_text(root, "name", name);
	*whole &= ps_fact_number(root, "type", e->question.type);
	*whole &= ps_fact_moment(root, "now", e->question.now);
	put_client(e, root, whole);
	*whole &= ps_fact_flag(root, "by_client", ps_explanation_by_client(e));
	put_decision(e, root, whole);
	*whole &= ps_fact_put(root, "lookalike", ps_explanation_likeness_json(e, whole));
	ps_explanation_reason(e, sentence);
	*whole &= ps_fact_text(root, "reason", sentence);
	ps_explanation_next(e, sentence);
	*whole &= ps_fact_text(root, "next", sentence);
	*whole &= ps_fact_put(root, "evidence", evidence_json(e, whole));
	*whole &= ps_fact_flag(root, "asks_answer", e->asks_answer != 0);
	*whole &= ps_fact_flag(root, "at_once", e->at_once);
	*whole &= ps_fact_put(root, "shown", ps_explanation_shown_json(e, whole));
	*whole &= ps_fact_flag(root, "never", e->never);
	*whole &= ps_fact_flag(root, "official", e->official);
	*whole &= ps_fact_put(root, "shadow", shadow_json(e, whole));
	*whole &= ps_fact_put(root, "rules", rules_json(e, whole));
	*whole &= ps_fact_number(root, "pattern_failures", e->verdict.pattern_failures);
	*whole &= ps_fact_text(snapshot, "path", e->path);
	*whole &= ps_fact_flag(snapshot, "of_policy", e->of_policy);
	*whole &=
	    ps_fact_hex(snapshot, "digest", ps_snapshot_digest(e->snapshot), PS_DIGEST_SIZE);
	*whole &= ps_fact_put(root, "snapshot", snapshot);
	return root;
}
