/* Counters: what the module counted, as it leaves the resolver's process.
 *
 * Inside, each worker counts in a page of its own, so that no query writes where
 * another thread writes. Once a second (when something changed) the module's
 * watcher sums the pages up and replaces the file "module.prom" in the state folder by write
 * and rename. The format is the Prometheus text exposition format 0.0.4, so
 * node_exporter's textfile collector can take it as it is, and `postshield status`
 * reads it with the parser below. A shared mapping was tried on paper and left: a
 * mapping of a file dies by SIGBUS when somebody truncates the file.
 *
 * Labels are ids of rules, feeds and groups, policy files and actions: never a name or a client.
 * Of each there are at most PS_COUNTERS_ROWS_MAX, then comes "other".
 *
 * Threads: plain values and pure functions.
 */
#ifndef PS_EVENT_COUNTERS_H
#define PS_EVENT_COUNTERS_H

#include "core/buffer.h"
#include "policy/plan.h"

#define PS_COUNTERS_FILE "module.prom"
#define PS_COUNTERS_FILE_MAX (4u << 20)
#define PS_COUNTERS_ROWS_MAX 256u
#define PS_COUNTERS_OTHER "other" /* the id of what is over */

/* Of each worker's client queries one in so many is timed. */
#define PS_TIMED_EVERY 1024u
#define PS_DURATION_BUCKETS 11u

/* The nanoseconds that a bucket holds at most; UINT64_MAX: the last. */
uint64_t ps_duration_bound(unsigned bucket);

/* Plain counts of one worker, or their sum. */
struct ps_counters {
	uint64_t decided;            /* client queries that a rule decided */
	uint64_t undecided;          /* client queries that no rule decided, and so let pass */
	uint64_t prefetches_blocked;
	uint64_t subqueries;         /* let pass: the resolver's own lookups */
	uint64_t responses_unstored; /* for a blocked name that the resolver needs itself */
	uint64_t late_blocks;        /* blocked when the answer came: the snapshot had changed */
	uint64_t shadow_hits;
	uint64_t never_hits;
	uint64_t allowed_hits;       /* let pass for a while, by postshield allow */
	uint64_t pattern_limits;
	uint64_t answers_failed;     /* blocked by REFUSED: there was no memory for their answer */
	uint64_t unjudged;           /* clients' queries let through because there is no snapshot */
	uint64_t unjudged_answers;   /* answers let through for want of memory to judge them */
	uint64_t events;             /* decisions of which an event is to be kept */
	uint64_t events_dropped;     /* of them, those that found no room in their worker's tally */
	uint64_t durations[PS_DURATION_BUCKETS]; /* of those timed, each in one bucket */
	uint64_t duration_nanoseconds;           /* their sum */
};

struct ps_counters_state {
	uint64_t start_time;      /* Unix seconds */
	uint64_t now;             /* when this was written */
	uint64_t generation;      /* snapshots activated since start */
	uint64_t activation_time; /* Unix seconds of the last; 0: none */
	uint64_t file_time;       /* Unix seconds: when its file was written; 0: none */
	uint64_t activation_microseconds; /* rename seen to pointer swapped */
	uint64_t rejected;        /* snapshots refused since start */
	uint64_t unjudged_crowd;  /* let through: of threads for which there is no worker */
	uint64_t unjudged_unexpected; /* let through: a check of our own failed */
	uint64_t flushed;         /* cached answers removed because a snapshot blocks them */
	uint64_t resident_bytes;
	uint64_t names;
	uint64_t disabled;        /* 1: blocking is switched off for a while */
	uint64_t rules_disabled;  /* rules that are, one by one */
	uint64_t names_allowed;   /* names that are let through for a while */
	uint64_t running;         /* 1; 0: it was stopped, and this is its last word */
	uint64_t events_dropped;  /* decisions of events dropped behind the tallies */
	uint64_t events_open;     /* decisions of events that are not sealed yet */
	bool events_failing;      /* the last event could not be written */
	uint64_t event_records;   /* sealed since start */
	uint64_t event_records_removed;  /* at the cap, taken by nobody */
	uint64_t event_segments_removed; /* likewise */
	uint64_t event_spool_octets;
	char digest[65];          /* of the active snapshot, hex; "" none */
	char rejection[256];      /* why the last one was refused; "" if the active one is good */
};

struct ps_rule_hits {
	const char *id;
	uint64_t hits;   /* decided */
	uint64_t shadow; /* would have decided, on trial */
};

struct ps_feed_hits {
	const char *id;
	uint64_t hits;
	uint64_t entries;
	bool held; /* held back, or not to be read: these are its last good entries */
};

/* Client queries that rules decided, by what they did and the file that they stand in. */
struct ps_decision_hits {
	const char *policy;
	enum ps_action action;
	uint64_t hits;
};

struct ps_group_hits {
	const char *id; /* "": of clients that are in no group */
	uint64_t queries;
	uint64_t blocked; /* of them */
};

/* All that the file tells; borrowed. */
struct ps_counters_facts {
	const struct ps_counters *counters;
	const struct ps_counters_state *state;
	const struct ps_decision_hits *decisions; /* each policy and action once */
	size_t decision_count;
	const struct ps_rule_hits *rules;
	size_t rule_count;
	const struct ps_feed_hits *feeds;
	size_t feed_count;
	const struct ps_group_hits *groups; /* none, where no rule asks who asks */
	size_t group_count;
};

/* One family of metrics: its description, which stands once before its samples, and a sample
 * with one label. Names without "postshield_". */
void ps_metric_family(
    struct ps_buffer *out, const char *name, const char *type, const char *help);
void ps_metric_labelled(
    struct ps_buffer *out, const char *name, const char *key, const char *text, uint64_t value);

/* Renders the whole file. */
enum ps_status ps_counters_print(struct ps_buffer *out, const struct ps_counters_facts *facts);

/* --- reading ---------------------------------------------------------------- */

/* One sample: name{label="value",...} value. Borrowed from the text parsed. */
struct ps_sample {
	struct ps_bytes name;
	struct ps_bytes labels; /* between the braces; may be empty */
	double value;
};

/* Calls each for every sample; stops with its status when that is not PS_OK.
 * PS_INVALID with err->line when the text breaks the format. */
PS_MUST_USE enum ps_status ps_counters_parse(struct ps_bytes text,
    enum ps_status (*each)(void *ctx, const struct ps_sample *sample), void *ctx,
    struct ps_error *err);

/* The value of one label, unescaped into out; false when it is not there. */
bool ps_sample_label(
    const struct ps_sample *sample, const char *label, char *out, size_t size);

#endif
