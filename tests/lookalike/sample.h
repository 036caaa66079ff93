/* A small plan of protected names, made into tables: for the tests of this room and the
 * fuzzers. What cannot be made aborts.
 *
 * Ownership: create gives, destroy frees. Threads: one at a time.
 */
#ifndef PS_TESTS_LOOKALIKE_SAMPLE_H
#define PS_TESTS_LOOKALIKE_SAMPLE_H

#include "lookalike/lookalike.h"
#include "policy/plan.h"

/* What one brand says; lists end with NULL. */
struct lookalike_brand {
	const char *id;
	const char *names[6];
	const char *weak[4];
	const char *domains[5];
};

struct lookalike_sample;

/* brands: count of them; suffixes: in the public suffix list's format, NULL: a small one. */
struct lookalike_sample *lookalike_sample_create(
    const struct lookalike_brand *brands, size_t count, const char *suffixes);
void lookalike_sample_destroy(struct lookalike_sample *sample);

/* The brands that every test knows: index in the tables. */
enum { SAMPLE_USPS, SAMPLE_INPOST, SAMPLE_LAPOSTE, SAMPLE_DHL, SAMPLE_ROYAL, SAMPLE_POCHTA,
	SAMPLE_DEUTSCHE, SAMPLE_MONDIAL, SAMPLE_BRANDS };
extern const struct lookalike_brand lookalike_brands[SAMPLE_BRANDS];

const struct ps_tables *lookalike_sample_tables(const struct lookalike_sample *sample);
struct ps_bytes lookalike_sample_bytes(const struct lookalike_sample *sample);
const struct ps_lookalike_plan *lookalike_sample_plan(const struct lookalike_sample *sample);

/* The name in presentation form, which must be one. */
struct ps_name lookalike_name(const char *text, struct ps_name_buffer *storage);

#endif
