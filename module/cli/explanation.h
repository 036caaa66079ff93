/* An explanation: a verdict with all that speaks for and against it, gathered once,
 * shown as a tree or as JSON.
 *
 * Ownership: init/clear on the caller's storage; points into the snapshot, which
 * must outlive it. Threads: one at a time.
 */
#ifndef PS_CLI_EXPLANATION_H
#define PS_CLI_EXPLANATION_H

#include "cli/trace.h"
#include "core/address.h"
#include "lookalike/words.h"
#include "verdict/telling.h"

struct ps_explanation {
	const struct ps_snapshot *snapshot;
	const char *path; /* of the snapshot, or of the policy */
	bool of_policy;   /* judged by a policy as it is now, not by a snapshot file */
	struct ps_question question;
	struct ps_address client; /* family 0: not said */
	uint32_t client_prefix; /* which puts it into a group; PS_INDEX_NONE: it is in none */
	bool asks_clients; /* some rule is for some clients */
	uint32_t asks_answer; /* what some rule asks of answers: ps_matcher_asks_answer() */
	/* What the answer shows: none of it said, there is no answer. The question's answer points
	 * into it only while it is judged. */
	struct ps_shown shown;
	bool at_once; /* it was blocked, or decided, without what the answer shows */
	struct ps_name_buffer storage; /* of the question's name */
	struct ps_verdict verdict;
	struct ps_listings listings;
	struct ps_trace *traces; /* of the rules that were asked: [0, asked) */
	uint32_t asked;
	bool never;    /* the never list covers it */
	bool unjudged; /* it is an official domain, an exception or popular, or below one */
	struct ps_likeness likeness; /* also where no rule asked; score 0: none, or unjudged */
	bool official; /* it is, or is below, an operator's own domain */
};

/* Judges question (its name is copied, its answer as well) as client asks it (NULL or family 0:
 * not said, so it is in no group) and gathers. As the resolver does: an answer counts where the
 * name is not blocked without it. PS_NO_MEMORY; clear in any case. */
PS_MUST_USE enum ps_status ps_explanation_make(struct ps_explanation *out,
    const struct ps_snapshot *snapshot, const char *path, const struct ps_question *question,
    const struct ps_address *client, struct ps_error *err);

/* The fact that the verdict rests on, as "it leads to x.example"; "" when it is none. Printable
 * ASCII. */
#define PS_FACT_WORDS_MAX 320
void ps_explanation_fact_words(
    const struct ps_explanation *explanation, char out[PS_FACT_WORDS_MAX]);

/* Whether a rule that is for some clients only could change what is decided here: somebody
 * else gets another answer, or a rule that was asked is for others. */
bool ps_explanation_by_client(const struct ps_explanation *explanation);
void ps_explanation_clear(struct ps_explanation *explanation);

/* What clients that ask for structured errors are told, however much room they have; false: the
 * policy has none, or there is no answer of ours that tells something. */
bool ps_explanation_structured(
    const struct ps_explanation *explanation, struct ps_telling *telling);

/* "block", "pass" or "log". */
const char *ps_explanation_decision(const struct ps_explanation *explanation);

/* "NXDOMAIN", "NOERROR", "REFUSED"; NULL: the client gets no answer, or the
 * name's own. */
const char *ps_action_rcode(enum ps_action action);

/* Is this listing the one that the verdict rests on? */
bool ps_explanation_rests_on(
    const struct ps_explanation *explanation, const struct ps_listing *listing);

/* One plain sentence, and what to do next. Printable ASCII. */
#define PS_SENTENCE_MAX 768
void ps_explanation_reason(const struct ps_explanation *explanation, char out[PS_SENTENCE_MAX]);
void ps_explanation_next(const struct ps_explanation *explanation, char out[PS_SENTENCE_MAX]);

void ps_explanation_print_shown(
    const struct ps_explanation *explanation, const struct ps_terminal *terminal);
json_t *ps_explanation_shown_json(const struct ps_explanation *explanation, bool *whole);

void ps_explanation_print_likeness(
    const struct ps_explanation *explanation, const struct ps_terminal *terminal);
json_t *ps_explanation_likeness_json(const struct ps_explanation *explanation, bool *whole);

void ps_explanation_print(
    const struct ps_explanation *explanation, const struct ps_terminal *terminal);
json_t *ps_explanation_json(const struct ps_explanation *explanation, bool *whole);

#endif
