/* An indicator: one thing that a feed says is abusive, with its provenance.
 *
 * The value that flows from every feed parser to the builder of snapshots. It
 * borrows all that it points to until the function it is handed to returns.
 * Terms follow STIX 2.1 section 4.7 where it has them.
 *
 * Threads: plain values.
 */
#ifndef PS_FEED_INDICATOR_H
#define PS_FEED_INDICATOR_H

#include "core/address.h"
#include "core/name.h"

/* What kind of abuse. The numbers stand in snapshot files: never reuse one. */
enum ps_category {
	PS_CATEGORY_OTHER = 0, /* listed, no kind given */
	PS_CATEGORY_PHISHING = 1,
	PS_CATEGORY_MALWARE = 2,
	PS_CATEGORY_BOTNET = 3, /* command and control */
	PS_CATEGORY_FRAUD = 4,
	PS_CATEGORY_SPAM = 5,
	PS_CATEGORY_IMPERSONATION = 6, /* brand infringement */
	PS_CATEGORY_SUSPICIOUS = 7,    /* suspicious registration */
	PS_CATEGORY_COUNT = 8,
};

/* Traffic Light Protocol 2.0 (FIRST), least to most restricted. Numbers as above. */
enum ps_tlp {
	PS_TLP_CLEAR = 0,
	PS_TLP_GREEN = 1,
	PS_TLP_AMBER = 2, /* also: unknown */
	PS_TLP_AMBER_STRICT = 3,
	PS_TLP_RED = 4,
	PS_TLP_COUNT = 5,
};

/* How far a listed name reaches. */
enum ps_scope {
	PS_SCOPE_EXACT = 0,   /* that name alone */
	PS_SCOPE_SUBTREE = 1, /* that name and every name below it */
	PS_SCOPE_BELOW = 2,   /* every name below it, not the name itself (RPZ "*.name") */
};

/* What the feed named: a domain, or a URL of which only the host is left. */
enum ps_origin {
	PS_ORIGIN_NAME = 0,
	PS_ORIGIN_URL = 1,     /* "https://host/" : the whole host */
	PS_ORIGIN_URL_PATH = 2, /* a path on the host: the host may be shared */
	PS_ORIGIN_ADDRESS = 3,
	PS_ORIGIN_SERVER = 4, /* a name server, or its address: it says nothing of other names */
};

#define PS_CONFIDENCE_MAX 100
#define PS_TIME_NONE 0u                   /* valid_from: since ever */
#define PS_TIME_FOREVER UINT32_MAX        /* valid_until: no end */
#define PS_REFERENCE_MAX 128              /* octets of an indicator's own id */

struct ps_indicator {
	bool is_address;
	struct ps_name name;     /* when !is_address */
	enum ps_scope scope;     /* when !is_address */
	struct ps_prefix prefix; /* when is_address */
	enum ps_origin origin;
	enum ps_category category;
	uint8_t confidence;   /* 0 to PS_CONFIDENCE_MAX */
	enum ps_tlp tlp;
	uint32_t valid_from;  /* Unix seconds (UTC), or PS_TIME_NONE */
	uint32_t valid_until; /* Unix seconds: not valid at this second any more; or FOREVER */
	uint64_t line;        /* where it stands in the feed; 0 unknown */
	struct ps_bytes reference; /* the feed's own id of it (STIX id, MISP UUID); may be empty */
};

/* "phishing", "malware", ...; NULL for a number that is none. */
const char *ps_category_name(unsigned category);
PS_MUST_USE bool ps_category_from_text(struct ps_bytes text, enum ps_category *out);

/* "clear", "green", "amber", "amber+strict", "red". */
const char *ps_tlp_name(unsigned tlp);
PS_MUST_USE bool ps_tlp_from_text(struct ps_bytes text, enum ps_tlp *out);

/* "exact", "subtree", "below". */
const char *ps_scope_name(unsigned scope);
PS_MUST_USE bool ps_scope_from_text(struct ps_bytes text, enum ps_scope *out);

#endif
