/* What an answer shows, as said with --answer and --server or by a test: facts for the
 * evaluator, each with what is known of it.
 *
 * Ownership: a zeroed struct ps_shown is empty; clear it in any case. Listings point into the
 * snapshot. Threads: one at a time.
 */
#ifndef PS_CLI_SHOWN_H
#define PS_CLI_SHOWN_H

#include "cli/listing.h"
#include "verdict/verdict.h"

struct ps_cli;

struct ps_shown_fact {
	struct ps_fact fact; /* its name lies in storage */
	struct ps_name_buffer storage;
	struct ps_listings listings;
	bool never;                 /* the never list covers it: it meets nothing */
	bool unjudged;              /* as a name that is asked for would be */
	struct ps_likeness likeness; /* of a name that the answer leads to; score 0: none */
};

struct ps_shown {
	struct ps_shown_fact **items;
	struct ps_fact *facts; /* the same, as the evaluator takes them */
	struct ps_answer_facts answer;
	uint32_t count;
};

/* Adds one; of a name a copy. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_shown_add(struct ps_shown *shown, const struct ps_fact *fact);

/* Adds what text says: an address where it is one, else a name. Errors: PS_INVALID. */
PS_MUST_USE enum ps_status ps_shown_add_text(
    struct ps_shown *shown, const char *text, bool of_server, struct ps_error *err);

/* Adds a test's. */
PS_MUST_USE enum ps_status ps_shown_add_test(
    struct ps_shown *shown, const struct ps_policy_test *test);

/* By --answer and --server. */
PS_MUST_USE enum ps_status ps_shown_add_options(
    struct ps_shown *shown, const struct ps_cli *cli, struct ps_error *err);

/* Looks each of them up. */
PS_MUST_USE enum ps_status ps_shown_look_up(
    struct ps_shown *shown, const struct ps_snapshot *snapshot, uint32_t now);

/* What a question carries; NULL: nothing was said, so there is no answer. Valid until the next
 * one is added. */
const struct ps_answer_facts *ps_shown_answer(struct ps_shown *shown);

void ps_shown_clear(struct ps_shown *shown);

/* "leads to", "address", "name server", "name server". */
const char *ps_fact_kind_words(enum ps_fact_kind kind);

/* The name or address. Printable ASCII. */
#define PS_FACT_TEXT_MAX PS_NAME_TEXT_MAX
void ps_fact_text_of(const struct ps_fact *fact, char out[PS_FACT_TEXT_MAX]);

#endif
