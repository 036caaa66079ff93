/* The plan: a checked policy, ready to be written into a snapshot.
 *
 * What the YAML reader makes and the snapshot builder takes. Everything in it has
 * been checked: references resolve to indices, names are names, patterns
 * compile. Plain arrays; all memory belongs to the policy that made it
 * (policy/policy.h) and lives as long.
 *
 * Threads: immutable once made.
 */
#ifndef PS_POLICY_PLAN_H
#define PS_POLICY_PLAN_H

#include "feed/feed.h"

/* The numbers of these enumerations stand in snapshot files: never reuse one. */
enum ps_action {
	PS_ACTION_PASS = 0,
	PS_ACTION_LOG = 1, /* pass, and record */
	PS_ACTION_NXDOMAIN = 2,
	PS_ACTION_NODATA = 3,
	PS_ACTION_REFUSED = 4,
	PS_ACTION_DROP = 5,
	PS_ACTION_SINKHOLE = 6,
	PS_ACTION_COUNT = 7,
};

enum ps_mode {
	PS_MODE_ENFORCE = 0,
	PS_MODE_SHADOW = 1, /* counted and shown, not answered: the next rule is asked */
	PS_MODE_COUNT = 2,
};

enum ps_condition_kind {
	PS_CONDITION_NAMES = 0,   /* the query name is in a name set */
	PS_CONDITION_PATTERN = 1, /* the query name matches a PCRE2 pattern */
	PS_CONDITION_LISTED = 2,  /* a feed lists the query name */
	PS_CONDITION_COUNT = 3,
};

struct ps_place {
	const char *file; /* as the user named it, for messages */
	uint32_t line;    /* 1-based */
	uint32_t column;
};

/* A name with its reach, as a rule or list says it. */
struct ps_scoped_name {
	struct ps_name name;
	enum ps_scope scope;
	struct ps_place place;
};

struct ps_name_set {
	const struct ps_scoped_name *names;
	uint32_t count;
};

struct ps_condition {
	enum ps_condition_kind kind;
	struct ps_place place;
	/* NAMES */
	struct ps_name_set names;
	/* PATTERN: PCRE2 over the name's lower-case text without the final dot,
	 * unanchored. Compiles under the limits of PS_PATTERN_*. */
	const char *pattern;
	/* LISTED */
	const uint16_t *feeds; /* indices into plan.feeds; count 0: any feed */
	uint32_t feed_count;
	uint32_t categories;   /* bit 1 << enum ps_category; 0: any */
	uint8_t confidence_min; /* inclusive, 0 to 100 */
	uint8_t confidence_max; /* inclusive */
};

#define PS_SINKHOLE_ADDRESSES_MAX 8
#define PS_EDE_NONE (-1)
#define PS_EDE_TEXT_MAX 96 /* octets of UTF-8: must fit beside the answer, DESIGN fact 11 */
#define PS_TTL_MAX 604800u
#define PS_TTL_DEFAULT 30u
#define PS_PATTERN_TEXT_MAX 1024
#define PS_PATTERN_MATCH_LIMIT 20000u
#define PS_PATTERN_DEPTH_LIMIT 500u
#define PS_PATTERN_HEAP_KIB 64u

struct ps_answer {
	const char *name; /* its name in the policy, or that of the built-in action */
	enum ps_action action;
	uint32_t ttl;     /* seconds, 0 to PS_TTL_MAX */
	/* SINKHOLE: addresses, or a CNAME (then no addresses). */
	struct ps_address a[PS_SINKHOLE_ADDRESSES_MAX];
	struct ps_address aaaa[PS_SINKHOLE_ADDRESSES_MAX];
	uint32_t a_count;
	uint32_t aaaa_count;
	bool has_cname;
	struct ps_name cname;
};

struct ps_rule {
	const char *id; /* [a-z0-9-], unique over the policy */
	struct ps_place place;
	enum ps_mode mode;
	uint16_t answer; /* index into plan.answers */
	/* All conditions must hold; none: every query. */
	const struct ps_condition *conditions;
	uint32_t condition_count;
	int32_t ede_code;     /* RFC 8914, or PS_EDE_NONE */
	const char *ede_text; /* UTF-8 without control characters; "" for none */
};

struct ps_plan {
	const struct ps_rule *rules; /* in the order in which they are asked */
	uint32_t rule_count;         /* at most PS_RULES_MAX */
	const struct ps_answer *answers;
	uint32_t answer_count;
	const struct ps_feed_config *feeds;
	uint32_t feed_count;
	struct ps_name_set never;    /* the name and all below (SUBTREE), or all below (BELOW) */
	struct ps_name_set official; /* operators' own domains (SUBTREE) */
	struct ps_name_set popular;  /* EXACT */
};

#define PS_RULES_MAX 4096
#define PS_ANSWERS_MAX 1024
#define PS_FEEDS_MAX 1024
#define PS_CONDITIONS_MAX 16 /* of one rule */

/* "pass", "log", "nxdomain", "nodata", "refused", "drop", "sinkhole". */
const char *ps_action_name(unsigned action);
PS_MUST_USE bool ps_action_from_text(struct ps_bytes text, enum ps_action *out);

#endif
