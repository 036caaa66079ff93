/* Random plans and indicators, and the slow obvious model that snapshots are compared
 * with: an array of all rows, searched from end to end.
 *
 * Ownership: create/destroy; what a sample hands out lives as long as it.
 */
#ifndef PS_TESTS_SNAPSHOT_SAMPLE_H
#define PS_TESTS_SNAPSHOT_SAMPLE_H

#include "snapshot/builder.h"

struct sample_random {
	uint64_t state;
};

uint64_t sample_next(struct sample_random *random);
/* 0 to below - 1. */
uint32_t sample_below(struct sample_random *random, uint32_t below);
bool sample_chance(struct sample_random *random, uint32_t percent);

struct sample_name {
	struct ps_name_buffer storage;
	struct ps_name name;
};

/* A name of up to `labels` labels: short ones of few letters, so that names meet, now
 * and then with odd octets, long labels, or as long as names get. */
void sample_random_name(struct sample_random *random, struct sample_name *out);
/* text is in presentation form; it must be right. */
void sample_text_name(const char *text, struct sample_name *out);
/* 255 octets in as many labels as asked for (4 to 127). */
void sample_longest_name(unsigned labels, uint8_t letter, struct sample_name *out);

/* One thing listed: by a feed, or by the plan. */
struct sample_row {
	bool is_address;
	struct sample_name name;
	struct ps_prefix prefix;
	struct ps_row row;
	uint64_t line;
	uint8_t reference[PS_SNAPSHOT_REFERENCE_MAX];
	uint8_t reference_len;
};

struct sample {
	struct ps_plan plan;
	struct sample_row *rows;
	uint32_t row_count;
	struct sample_inside *inside;
};

struct sample_shape {
	uint32_t feeds;
	uint32_t answers;
	uint32_t rules;
	uint32_t names;     /* rows of feeds for names */
	uint32_t addresses; /* rows of feeds for addresses */
	uint32_t brands;    /* protected names, with what belongs to them */
	uint32_t groups;    /* of clients, with prefixes that nest, and rules for some */
	bool asks_answers;  /* rules ask about answers, too */
	bool plain;         /* names as ordinary lists have them, each with the same row */
};

struct sample *sample_create(uint64_t seed, struct sample_shape shape);
void sample_destroy(struct sample *sample);

/* The indicator that a row was made from; borrows from it. */
struct ps_indicator sample_indicator(const struct sample_row *row);

/* A public suffix list in small: what plans with brands are built with. */
extern const char sample_suffixes[];

/* Adds all rows of feeds, in an order that depends on seed. */
void sample_feed(const struct sample *sample, struct ps_builder *builder, uint64_t seed);

/* Builds into a buffer of exactly as many octets (malloc), so that ASan sees one too
 * many. */
struct ps_bytes sample_build(const struct sample *sample, uint64_t seed);

/* Checks all that can be asked of an open snapshot against the model; random queries
 * depend on seed. NULL, or what differs. */
const char *sample_compare(
    const struct sample *sample, const struct ps_snapshot *snapshot, uint64_t seed);

/* The same for one name. */
const char *sample_compare_name(
    const struct sample *sample, const struct ps_snapshot *snapshot, struct ps_name name);

/* Calls every accessor for every index, reads every octet it is pointed to, and looks
 * up some names and addresses: for images that the verifier let pass though they are
 * no builder's. Returns a sum, so that nothing is left out. */
uint64_t sample_exercise(const struct ps_snapshot *snapshot);

#endif
