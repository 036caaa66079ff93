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
	PS_ACTION_TRUNCATE = 7, /* over UDP nothing but TC set; over TCP and the like: pass */
	PS_ACTION_COUNT = 8,
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
	PS_CONDITION_LOOKALIKE = 3, /* the query name looks like a protected one */
	PS_CONDITION_CLIENT = 4, /* who asks is in one of some groups; the rule's last condition */
	PS_CONDITION_ADDRESSES = 5, /* an address lies in one of some prefixes */
	PS_CONDITION_COUNT = 6,
};

/* What a condition is asked of: the question, or facts of the answer, as bits. Numbers stand in
 * snapshot files. All conditions of a rule with the same bits are asked of one and the same
 * fact. */
enum {
	PS_OF_QUESTION = 0,
	PS_OF_TARGET = 1 << 0, /* a name that the answer leads to */
	PS_OF_ADDRESS = 1 << 1, /* an address in the answer */
	PS_OF_SERVER_NAME = 1 << 2, /* of a name server on the way */
	PS_OF_SERVER_ADDRESS = 1 << 3,
	PS_OF_NAMES = PS_OF_TARGET | PS_OF_SERVER_NAME,
	PS_OF_ADDRESSES = PS_OF_ADDRESS | PS_OF_SERVER_ADDRESS,
	PS_OF_SERVER = PS_OF_SERVER_NAME | PS_OF_SERVER_ADDRESS,
};

/* How a name imitates a protected one. Of several that apply to a name the verdict
 * names the one that says most. */
enum ps_technique {
	PS_TECHNIQUE_NONE = 0,
	/* Letters that look alike */
	PS_TECHNIQUE_HOMOGLYPH = 1,      /* other letters of the same script: rn for m, cl for d */
	PS_TECHNIQUE_IDN = 2,            /* letters beyond ASCII that look like it: UTS #39 */
	PS_TECHNIQUE_WHOLE_SCRIPT = 3,   /* all of another script: UTS #39 section 4 */
	PS_TECHNIQUE_MIXED_SCRIPT = 4,   /* of several scripts: UTS #39 section 5 */
	PS_TECHNIQUE_LEET = 5,           /* digits for letters: 1 for l, 0 for o */
	/* Typing errors */
	PS_TECHNIQUE_OMISSION = 6,
	PS_TECHNIQUE_INSERTION = 7,      /* a letter within */
	PS_TECHNIQUE_ADDITION = 8,       /* a letter at either end */
	PS_TECHNIQUE_REPETITION = 9,
	PS_TECHNIQUE_TRANSPOSITION = 10,
	PS_TECHNIQUE_ADJACENT_KEY = 11,  /* QWERTY, QWERTZ or AZERTY */
	PS_TECHNIQUE_VOWEL_SWAP = 12,
	PS_TECHNIQUE_BIT_FLIP = 13,
	PS_TECHNIQUE_REPLACEMENT = 14,   /* any other letter */
	PS_TECHNIQUE_PLURAL = 15,
	PS_TECHNIQUE_HYPHENATION = 16,   /* us-ps, or a hyphen left out */
	PS_TECHNIQUE_SOUND = 17,         /* fonetic */
	/* What stands beside the name, and where */
	PS_TECHNIQUE_KEYWORD = 18,       /* usps-redelivery */
	PS_TECHNIQUE_RANDOM = 19,        /* uspsgcvs */
	PS_TECHNIQUE_AUTHORITY = 20,     /* with a country or an office: usps-gov, inpost-pl */
	PS_TECHNIQUE_COMBINATION = 21,   /* with any other word */
	PS_TECHNIQUE_SUBDOMAIN = 22,     /* the name as a label of somebody else's domain */
	PS_TECHNIQUE_EMBEDDED = 23,      /* the official domain, with its dots: usps.com-track.top */
	PS_TECHNIQUE_GLUED = 24,         /* without them: uspscom.top, wwwusps.com */
	PS_TECHNIQUE_WRONG_TLD = 25,     /* the official domain but for what follows: usps.top */
	PS_TECHNIQUE_POST_TLD = 26,      /* an imitation of .post: usps.post.example, usps.p0st */
	PS_TECHNIQUE_COUNT = 27,
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

/* A prefix as a rule says it. */
struct ps_placed_prefix {
	struct ps_prefix prefix; /* never an IPv4-mapped one */
	struct ps_place place;
};

struct ps_condition {
	enum ps_condition_kind kind;
	uint8_t of; /* PS_OF_* */
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
	/* LOOKALIKE */
	const uint16_t *brands; /* indices into plan.lookalike.brands; count 0: any */
	uint32_t brand_count;
	uint32_t techniques;    /* bit 1 << enum ps_technique; 0: any */
	uint8_t score_min;      /* inclusive, 0 to 100 */
	uint8_t score_max;      /* inclusive */
	/* CLIENT: bit 1 + index into plan.groups; bit 0, who is in none, is not said yet. */
	uint64_t clients;
	/* ADDRESSES */
	const struct ps_placed_prefix *prefixes;
	uint32_t prefix_count; /* at most PS_RULE_PREFIXES_MAX */
};

#define PS_RULE_PREFIXES_MAX 100000

/* May a condition of this kind be asked of that? */
static inline bool ps_condition_may_be_of(unsigned kind, unsigned of)
{
	switch (kind) {
	case PS_CONDITION_NAMES:
	case PS_CONDITION_PATTERN:
		return of == PS_OF_QUESTION || of == PS_OF_TARGET || of == PS_OF_SERVER_NAME;
	case PS_CONDITION_LISTED:
		return of == PS_OF_QUESTION || of == PS_OF_TARGET || of == PS_OF_ADDRESS ||
		       of == PS_OF_SERVER_NAME || of == PS_OF_SERVER_ADDRESS || of == PS_OF_SERVER;
	case PS_CONDITION_LOOKALIKE:
		return of == PS_OF_QUESTION || of == PS_OF_TARGET;
	case PS_CONDITION_CLIENT:
		return of == PS_OF_QUESTION;
	case PS_CONDITION_ADDRESSES:
		return of == PS_OF_ADDRESS || of == PS_OF_SERVER_ADDRESS;
	default:
		return false;
	}
}

/* Clients are told apart by class alone: 0 is in no group, 1 + i in group i. An address is in
 * the group of the longest prefix that covers it, hence in one at most. */
#define PS_CLIENT_GROUPS_MAX 63 /* the classes are a mask of 64 bits */
#define PS_CLIENT_PREFIXES_MAX 100000

struct ps_client_group {
	const char *id; /* [a-z0-9-], unique over the policy */
	struct ps_place place;
};

struct ps_client_prefix {
	struct ps_prefix prefix; /* never an IPv4-mapped one: those are IPv4 */
	uint16_t group;          /* index into plan.groups */
	struct ps_place place;
};

#define PS_SINKHOLE_ADDRESSES_MAX 8
#define PS_EDE_NONE (-1)
#define PS_EDE_FORGED_ANSWER 4 /* RFC 8914, as the next four */
#define PS_EDE_BLOCKED 15
#define PS_EDE_CENSORED 16
#define PS_EDE_FILTERED 17
#define PS_EDE_PROHIBITED 18
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
	/* All conditions must hold; none: every query. Ascending by `of`, but for the one about
	 * clients, which is the last. */
	const struct ps_condition *conditions;
	uint32_t condition_count;
	int32_t ede_code;     /* RFC 8914, or PS_EDE_NONE */
	const char *ede_text; /* UTF-8 without control characters; "" for none */
	uint8_t sub_error;    /* PS_SUB_ERROR_*; only where the policy has structured errors */
};

/* --- lookalikes ------------------------------------------------------------------- */

/* One way to write a protected name, or a keyword: UTF-8, lower case, in NFC; words are
 * separated by one space. At least 2 characters, at most PS_TERM_TEXT_MAX octets. */
struct ps_brand_term {
	const char *text;
	bool weak; /* too short or too common to count without a second sign */
	struct ps_place place;
};

#define PS_TERM_TEXT_MAX 63
#define PS_SCORE_MAX 100

struct ps_brand {
	const char *id;    /* [a-z0-9-], unique over the policy */
	const char *owner; /* for people; the id where the policy says none */
	struct ps_place place;
	const struct ps_brand_term *terms;
	uint32_t term_count;
	struct ps_name_set domains;   /* the owner's own (SUBTREE): never judged. Official, too */
	const char *const *countries; /* ISO 3166-1 alpha-2, upper case */
	uint32_t country_count;
	const char *const *languages; /* BCP 47 primary subtags, lower case */
	uint32_t language_count;
};

/* What a keyword is about: the second sign beside a protected name. */
enum ps_topic {
	PS_TOPIC_PARCEL = 0,
	PS_TOPIC_DELIVERY = 1,
	PS_TOPIC_CUSTOMS = 2,
	PS_TOPIC_REDELIVERY = 3,
	PS_TOPIC_TRACK = 4,
	PS_TOPIC_FEE = 5,
	PS_TOPIC_ADDRESS = 6,
	PS_TOPIC_ACCOUNT = 7,
	PS_TOPIC_HELP = 8,
	PS_TOPIC_COUNT = 9,
};

struct ps_keyword {
	const char *text;     /* as a term's */
	const char *language; /* BCP 47 primary subtag */
	enum ps_topic topic;
	struct ps_place place;
};

/* A top-level domain that is abused more than others. */
struct ps_abused_tld {
	struct ps_name name; /* one label */
	uint16_t ratio;      /* how many times as often in phishing as on ordinary sites, 2 to 1000 */
	struct ps_place place;
};

/* A name that looks like a protected one and is nothing bad: it and all below. */
struct ps_exception {
	struct ps_scoped_name name;
	const char *reason;
	uint32_t valid_until; /* Unix seconds; UINT32_MAX: no end */
};

struct ps_lookalike_plan {
	const struct ps_brand *brands;
	uint32_t brand_count; /* at most PS_BRANDS_MAX */
	const struct ps_keyword *keywords;
	uint32_t keyword_count;
	const struct ps_abused_tld *abused_tlds;
	uint32_t abused_tld_count;
	struct ps_name_set free_hosting; /* SUBTREE: anybody may put a name below */
	const char *const *common_words; /* as a term's text; ascending, each once */
	uint32_t common_word_count;
	const struct ps_exception *exceptions;
	uint32_t exception_count;
};

#define PS_BRANDS_MAX 30000
#define PS_KEYWORDS_MAX 20000
#define PS_COMMON_WORDS_MAX 200000

/* --- events ------------------------------------------------------------------------ */

/* What an event keeps of the client's address. Numbers stand in files. */
enum ps_client_form {
	PS_CLIENT_NONE = 0,
	PS_CLIENT_FULL = 1,
	PS_CLIENT_PREFIX = 2, /* the network: 24 bits of IPv4, 48 of IPv6 */
	PS_CLIENT_HASH = 3,   /* under a key that changes every day and is never written */
	PS_CLIENT_FORM_COUNT = 4,
};

struct ps_events_plan {
	enum ps_client_form client;
	uint16_t keep_mib; /* of events that nobody has taken yet; 0: the default */
};

#define PS_EVENTS_KEEP_MIB_MAX 65535u

/* --- structured errors ----------------------------------------------------------------- */

/* What an Extended DNS Error says to clients that ask for JSON in its text:
 * draft-ietf-dnsop-structured-dns-error-22. */
#define PS_STRUCTURED_CONTACTS_MAX 3
#define PS_CONTACT_MAX 96          /* octets of a URI, which is ASCII */
#define PS_ORGANIZATION_MAX 64     /* octets of UTF-8 */
#define PS_STRUCTURED_LANGUAGE_MAX 3

struct ps_structured_plan {
	bool on;
	uint16_t option; /* of the draft's EDNS option, which has no number yet; 0: not known */
	uint32_t contact_count; /* 1 to PS_STRUCTURED_CONTACTS_MAX, when on; else 0 */
	const char *contacts[PS_STRUCTURED_CONTACTS_MAX]; /* URIs: mailto and tel */
	const char *organization; /* "" for none; never NULL when on */
	const char *language;     /* of the organization's name and the rules' texts: BCP 47 */
};

/* A rule's sub-error: section 11.4 of the draft. 1 to 254 are the registry's. */
enum {
	PS_SUB_ERROR_LISTED = 0, /* by the category of what lists the name */
	PS_SUB_ERROR_MALWARE = 1,
	PS_SUB_ERROR_PHISHING = 2,
	PS_SUB_ERROR_SPAM = 3,
	PS_SUB_ERROR_SPYWARE = 4,
	PS_SUB_ERROR_NETWORK_POLICY = 5,
	PS_SUB_ERROR_DNS_POLICY = 6,
	PS_SUB_ERROR_NONE = 255,
};

/* May text for programs stand beside this code? Clients discard it beside any other, also
 * beside 18: draft-ietf-dnsop-structured-dns-error-22, client processing, step 2. */
static inline bool ps_ede_is_structured(int32_t code)
{
	return code >= PS_EDE_BLOCKED && code <= PS_EDE_FILTERED;
}

/* May a sub-error stand beside this code? The draft's registry; what is not in it yet is taken
 * for a kind of abuse. */
static inline bool ps_sub_error_fits(unsigned sub_error, int32_t code)
{
	if (sub_error == PS_SUB_ERROR_NETWORK_POLICY || sub_error == PS_SUB_ERROR_DNS_POLICY)
		return code == PS_EDE_BLOCKED;
	return code == PS_EDE_BLOCKED || code == PS_EDE_FILTERED;
}

/* --- tests ------------------------------------------------------------------------- */

#define PS_TEST_ANY UINT32_MAX        /* nothing is said of it */
#define PS_TEST_NONE (UINT32_MAX - 1) /* there must be none */

/* What an answer shows, in a test. */
struct ps_test_fact {
	uint8_t of; /* one of PS_OF_* */
	struct ps_name name;
	struct ps_address address; /* family 0: it is a name */
};

#define PS_TEST_FACTS_MAX 64

/* A name and what its verdict must be. Tests stand in the policy alone: no snapshot has
 * them. */
struct ps_policy_test {
	struct ps_name name;
	uint16_t type; /* RR type that is asked for */
	struct ps_place place;
	uint32_t action;    /* enum ps_action, or ANY */
	uint32_t answer;    /* index into plan.answers, or ANY; then action is ANY */
	uint32_t rule;      /* index into plan.rules, ANY or NONE */
	uint32_t technique; /* enum ps_technique, or ANY */
	uint32_t brand;     /* index into plan.lookalike.brands, ANY or NONE */
	const char *note;   /* NULL: none */
	struct ps_address client; /* who asks; family 0: not said, so in no group */
	const struct ps_test_fact *facts; /* what the answer shows; none: there is no answer */
	uint32_t fact_count;
};

#define PS_TESTS_MAX 100000

struct ps_plan {
	const struct ps_rule *rules; /* in the order in which they are asked */
	uint32_t rule_count;         /* at most PS_RULES_MAX */
	const struct ps_answer *answers;
	uint32_t answer_count;
	const struct ps_feed_config *feeds;
	uint32_t feed_count;
	struct ps_name_set never;    /* the name and all below (SUBTREE), or all below (BELOW) */
	struct ps_name_set official; /* operators' own domains (SUBTREE), the brands' among them */
	struct ps_name_set popular;  /* EXACT */
	struct ps_lookalike_plan lookalike;
	const struct ps_client_group *groups;
	uint32_t group_count; /* at most PS_CLIENT_GROUPS_MAX */
	/* Ascending by family, address and length; no two are equal. */
	const struct ps_client_prefix *client_prefixes;
	uint32_t client_prefix_count; /* at most PS_CLIENT_PREFIXES_MAX */
	struct ps_events_plan events;
	struct ps_structured_plan structured;
	bool strict; /* the resolver is to refuse to start without a good snapshot; in no snapshot */
	const struct ps_policy_test *tests;
	uint32_t test_count;
};

#define PS_RULES_MAX 4096
#define PS_ANSWERS_MAX 1024
#define PS_FEEDS_MAX 1024
#define PS_CONDITIONS_MAX 16 /* of one rule */

/* "pass", "log", "nxdomain", "nodata", "refused", "drop", "sinkhole". */
const char *ps_action_name(unsigned action);
PS_MUST_USE bool ps_action_from_text(struct ps_bytes text, enum ps_action *out);

/* "none", "full", "prefix", "hash". */
const char *ps_client_form_name(unsigned form);

/* "homoglyph", "wrong-tld", ...; "none" for PS_TECHNIQUE_NONE. */
const char *ps_technique_name(unsigned technique);
PS_MUST_USE bool ps_technique_from_text(struct ps_bytes text, enum ps_technique *out);

#endif
