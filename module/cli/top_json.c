#include "cli/top_json.h"

#include "cli/fact.h"

static bool put_rate(json_t *object, const char *key, bool known, double rate)
{
	return known ? ps_fact_real(object, key, rate) : ps_fact_null(object, key);
}

/* The note of a name: the action and the rule, with blanks between. Neither has one. */
static bool put_note(json_t *object, const char *note)
{
	const char *rule = strrchr(note, ' ');
	bool whole = ps_fact_bytes(object, "action", ps_bytes_of(note, strcspn(note, " ")));

	whole &= rule != NULL ? ps_fact_text(object, "rule", rule + 1) : ps_fact_null(object, "rule");
	return whole;
}

/* A rule's id, which has no blank, and what stands behind it where it does not block. */
static bool put_rule(json_t *object, const char *text)
{
	bool whole = ps_fact_bytes(object, "id", ps_bytes_of(text, strcspn(text, " ")));

	whole &= ps_fact_text(object, "mode", strstr(text, " (on trial)") != NULL ? "shadow" : "enforce");
	whole &= ps_fact_flag(object, "blocks", strchr(text, ' ') == NULL);
	return whole;
}

enum leader_kind { LEADER_NAME, LEADER_RULE, LEADER_FEED };

static json_t *leaders_json(const struct ps_leaders *leaders, enum leader_kind kind, bool *whole)
{
	static struct ps_leader list[PS_TOP_JSON_LEADERS]; /* 36 KiB; one look at a time */
	size_t count = ps_leaders_list(leaders, list, PS_TOP_JSON_LEADERS);
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *object = json_object();

		*whole &= ps_fact_number(object, "count", list[i].count);
		if (kind == LEADER_RULE)
			*whole &= put_rule(object, list[i].text);
		else
			*whole &=
			    ps_fact_text(object, kind == LEADER_NAME ? "name" : "id", list[i].text);
		if (kind == LEADER_NAME)
			*whole &= put_note(object, list[i].note);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *problems_json(const struct ps_activity *a, bool *whole)
{
	json_t *array = json_array();

	for (size_t i = 0; i < a->health.problem_count; i++)
		*whole &= ps_fact_add(array, json_string(a->health.problems[i]));
	if (a->trouble[0] != '\0')
		*whole &= ps_fact_add(array, json_string(a->trouble));
	return array;
}

/* Keys that `postshield status --json` has, too, mean the same. */
static bool put_module(json_t *root, const struct ps_activity *a)
{
	const struct ps_counters_state *state = &a->health.state;
	bool whole = ps_fact_moment(root, "now", a->health.now);

	whole &= ps_fact_flag(root, "seen", a->health.seen);
	whole &= ps_fact_flag(root, "alive", a->health.alive);
	whole &= ps_fact_number(root, "heartbeat", state->now);
	whole &= ps_fact_number(root, "start_time", state->start_time);
	whole &= ps_fact_text(root, "version", a->health.version);
	whole &= ps_fact_text(root, "digest", state->digest);
	whole &= ps_fact_number(root, "activation_time", state->activation_time);
	whole &= ps_fact_number(root, "names_listed", state->names);
	whole &= ps_fact_text(root, "rejection", state->rejection);
	return whole;
}

enum ps_status ps_top_json_print(FILE *stream, const struct ps_activity *a)
{
	json_t *root = json_object();
	bool whole = put_module(root, a);

	whole &= ps_fact_number(root, "judged", ps_activity_judged(a));
	whole &= ps_fact_number(root, "blocked", ps_activity_blocked(a));
	whole &= put_rate(root, "judged_per_second", a->rates_known, a->judged_rate);
	whole &= put_rate(root, "blocked_per_second", a->rates_known, a->blocked_rate);
	whole &= ps_fact_number(root, "unjudged", a->health.unjudged);
	whole &= ps_fact_number(root, "events_dropped", ps_health_count(&a->health, "events_dropped"));
	whole &= ps_fact_number(root, "events_unreadable", a->missing);
	whole &= ps_fact_number(root, "window_seconds", PS_LEADERS_SECONDS);
	whole &= ps_fact_number(root, "blocked_in_window", ps_leaders_total(a->names));
	whole &= ps_fact_put(root, "names", leaders_json(a->names, LEADER_NAME, &whole));
	whole &= ps_fact_put(root, "rules", leaders_json(a->rules, LEADER_RULE, &whole));
	whole &= ps_fact_put(root, "feeds", leaders_json(a->feeds, LEADER_FEED, &whole));
	whole &= ps_fact_put(root, "problems", problems_json(a, &whole));
	return ps_fact_print_line(stream, root, whole);
}
