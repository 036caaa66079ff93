/* A feed: where it lies, how it is read, what it may do; and the one way to read
 * any of them.
 *
 * ps_feed_read() streams: it holds one line (or one JSON object within its
 * limit), hands every indicator to sink->accept as soon as it is whole, and
 * counts what it does not take by reason, with the place of each. An indicator
 * is handed on whole or not at all.
 *
 * Threads: one feed is read by one thread; several feeds may be read side by
 * side, each with its own sink.
 */
#ifndef PS_FEED_FEED_H
#define PS_FEED_FEED_H

#include "feed/indicator.h"

enum ps_feed_format {
	PS_FEED_PLAIN, /* one name, address or URL a line; # and ; begin comments */
	PS_FEED_HOSTS, /* hosts(5): address, then names */
	PS_FEED_CSV,   /* RFC 4180, columns by name */
	PS_FEED_RPZ,   /* response policy zone, master file (RFC 1035 section 5) */
	PS_FEED_STIX,  /* STIX 2.1 bundle */
	PS_FEED_MISP,  /* MISP event, or an array of them */
	PS_FEED_FORMAT_COUNT,
};

/* Why something in a feed is not in the snapshot. The names are shown to people
 * and written to JSON: "bad-name", "no-to-ids", ... */
enum ps_refusal {
	PS_REFUSED_BAD_NAME,      /* no valid domain name, or no host name */
	PS_REFUSED_BAD_ADDRESS,
	PS_REFUSED_BAD_URL,
	PS_REFUSED_BAD_FIELD,     /* a date, number or word that cannot be read */
	PS_REFUSED_BAD_LINE,      /* the line does not have the format's shape */
	PS_REFUSED_LINE_TOO_LONG,
	PS_REFUSED_NOT_UTF8,      /* NUL or bytes that are no UTF-8 */
	PS_REFUSED_UNSUPPORTED_PATTERN,   /* STIX pattern beyond =, IN, OR on our types */
	PS_REFUSED_UNSUPPORTED_TYPE,      /* object, attribute or RPZ trigger we do not use */
	PS_REFUSED_UNSUPPORTED_ACTION,    /* RPZ passthru, tcp-only and the like */
	PS_REFUSED_NOT_TO_IDS,    /* MISP: not meant for detection */
	PS_REFUSED_REVOKED,
	PS_REFUSED_EXPIRED,       /* valid_until is past at build time */
	PS_REFUSED_LOCAL_ADDRESS, /* private, reserved, or so wide a prefix that it takes those in */
	PS_REFUSED_LOCAL_NAME,    /* localhost and the like: special-use names, RFC 6761 */
	PS_REFUSED_ROOT_OR_TLD,
	PS_REFUSED_PUBLIC_SUFFIX,
	PS_REFUSED_NEVER,         /* the operator's never-block list, or a host of ours */
	PS_REFUSED_DUPLICATE,     /* the same row again in the same feed, or an older version */
	PS_REFUSAL_COUNT,
};

#define PS_FEED_COLUMNS_MAX 8

/* Everything that a policy says of one feed. Strings are borrowed from the
 * policy that made it. */
struct ps_feed_config {
	const char *id;        /* as rules name it */
	const char *title;     /* for people; NULL: the id */
	const char *path;      /* resolved against the policy's folder */
	enum ps_feed_format format;
	const char *publisher; /* host of who publishes it: never blocked; NULL unknown */

	/* What indicators get that do not say it themselves. */
	enum ps_category category;
	uint8_t confidence;
	enum ps_tlp tlp;
	enum ps_scope scope; /* plain, CSV, STIX, MISP domain names; hosts files are exact */

	/* CSV: column names; NULL where there is none. name is required. */
	struct {
		char delimiter; /* ',' unless said otherwise */
		const char *name;
		const char *category;
		const char *confidence;
		const char *valid_from;
		const char *valid_until;
		const char *reference;
	} csv;

	/* Limits. 0: the default that stands beside. */
	uint64_t max_bytes;      /* 1 GiB */
	uint64_t max_entries;    /* 20,000,000 */
	uint32_t shrink_percent; /* 50: may lose so many of a hundred entries at one build */
	uint32_t grow_percent;   /* 200: may gain so many of a hundred */
	bool trial;              /* its rows are counted and shown, never answered */

	/* Where the policy defines it. */
	const char *file;
	uint32_t line;
};

#define PS_FEED_MAX_BYTES_DEFAULT (UINT64_C(1) << 30)
#define PS_FEED_MAX_ENTRIES_DEFAULT UINT64_C(20000000)
#define PS_FEED_SHRINK_DEFAULT 50u
#define PS_FEED_GROW_DEFAULT 200u

struct ps_feed_sink {
	void *ctx;
	/* Takes one whole indicator. Anything but PS_OK ends the reading with that
	 * status (err filled by the sink). */
	enum ps_status (*accept)(
	    void *ctx, const struct ps_indicator *indicator, struct ps_error *err);
	/* Hears of one thing that was not taken. excerpt: at most 80 octets of it,
	 * as they stand in the feed (escape before showing). */
	void (*refuse)(void *ctx, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt);
};

/* Reads the whole feed from fd (not owned), which lies at config->path as far as
 * errors say. STIX and MISP are read twice, so fd must be a regular file there; they are
 * known to be whole before their first row is handed on, while the line-based formats
 * may end in an error after some. now: Unix seconds, for what has expired. Errors end the feed
 * as a whole: PS_INVALID (not the format at all: broken JSON, zone file without
 * SOA, CSV without the named column), PS_LIMIT, PS_IO, PS_NO_MEMORY; err says
 * file, line and why. A bad line alone is no error: it goes to sink->refuse. */
PS_MUST_USE enum ps_status ps_feed_read(const struct ps_feed_config *config, int fd, uint32_t now,
    const struct ps_feed_sink *sink, struct ps_error *err);

/* "plain", "hosts", "csv", "rpz", "stix", "misp"; NULL for a number that is none. */
const char *ps_feed_format_name(unsigned format);
PS_MUST_USE bool ps_feed_format_from_text(struct ps_bytes text, enum ps_feed_format *out);

/* "bad-name", ...: the stable word of a refusal; and a sentence for people. */
const char *ps_refusal_name(unsigned refusal);
const char *ps_refusal_text(unsigned refusal);

#endif
