/* Patterns of rules: compiled when a snapshot becomes active, matched in memory that
 * was set aside before.
 *
 * PCRE2 without UTF, callouts, \C and JIT, and with match, depth and heap limits
 * (pcre2api(3), "Setting limits"): a pattern that hits one counts as not matching
 * and is counted. `postshield check` compiles with the same options
 * (policy/pattern_options.h), so what it accepts does compile here.
 *
 * Threads: a matcher is immutable and shared; a scratch belongs to one thread.
 */
#ifndef PS_VERDICT_PATTERN_H
#define PS_VERDICT_PATTERN_H

#include "core/bytes.h"
#include "core/status.h"
#include "snapshot/snapshot.h"
#include "verdict/relief.h"

/* The size of the fixed memory that one thread's matching may use: PCRE2's largest block
 * of frames, and beside it those that it grew out of (20 KiB, 40 KiB). */
#define PS_SCRATCH_SIZE ((size_t)PS_PATTERN_HEAP_KIB * 1024 * 2 + 8192)

struct ps_matcher;
struct ps_scratch;

/* A rule as it is asked: what a judgement needs of it, unpacked once. */
struct ps_ready_rule {
	const struct ps_condition_view *conditions;
	uint32_t first_condition; /* the index of conditions[0] in the snapshot */
	uint16_t question_count;  /* conditions about the question, which stand first */
	uint16_t condition_count; /* with those about the answer; without the one about clients */
	uint16_t answer;
	enum ps_mode mode;
	enum ps_action action;
	/* Without any of these it cannot hold: bits 1 << enum ps_row_kind of rows for the name,
	 * and PS_NEEDS_* of facts of the answer. */
	uint32_t needs;
	uint64_t clients;   /* bit n: it is for clients of class n (ps_snapshot_client()) */
};

/* What a rule needs of the answer, beside the kinds of rows: a fact of a kind. */
#define PS_NEEDS_FACT(kind) (1u << 16 << (kind))
#define PS_NEEDS_SERVER (1u << 20) /* a name server's name or its address */

/* The snapshot's rules in their order, ps_snapshot_rule_count() of them, as they hold at `now`:
 * with relief, rules that block may be on trial. */
const struct ps_ready_rule *ps_matcher_rules(const struct ps_matcher *matcher, uint64_t now);

/* Compiles every pattern of the snapshot, which must outlive the matcher. */
PS_MUST_USE enum ps_status ps_matcher_create(
    struct ps_matcher **out, const struct ps_snapshot *snapshot, struct ps_error *err);
void ps_matcher_destroy(struct ps_matcher *matcher);

/* Gives relief (relief.h; copied), before the matcher is shared. Rules that its entries switch off
 * are on trial, each until its own end, and names pass until theirs: to the second, even where
 * nobody makes another matcher when one ends. Memory: the rules once for each end. */
PS_MUST_USE enum ps_status ps_matcher_relieve(struct ps_matcher *matcher,
    const struct ps_snapshot *snapshot, const struct ps_relief *relief, uint64_t now);

/* Is the name let through for a while? */
bool ps_matcher_allows(const struct ps_matcher *matcher, struct ps_name name, uint64_t now);

/* True when some rule could hold for a name that no entry covers (it asks for a
 * pattern alone, or for nothing); else such a name needs no look at the rules. */
bool ps_matcher_asks_unlisted(const struct ps_matcher *matcher);

/* Bits 1 << enum ps_fact_kind: what some rule, on trial or not, asks of answers; 0: no rule
 * asks of them, and who has an answer need not judge again. */
uint32_t ps_matcher_asks_answer(const struct ps_matcher *matcher);

/* Whether this rule, on trial or not, asks of answers; and whether one that does may decide for
 * some clients and not for others: it, or a rule above it, is for some alone. */
bool ps_matcher_rule_asks_answer(const struct ps_matcher *matcher, uint32_t rule);
bool ps_matcher_answer_asks_clients(const struct ps_matcher *matcher);

/* Every class of clients that there is, as bits. */
uint64_t ps_matcher_clients(const struct ps_matcher *matcher);

/* True when some rule is for some clients and not for others. */
bool ps_matcher_asks_clients(const struct ps_matcher *matcher);

PS_MUST_USE enum ps_status ps_scratch_create(struct ps_scratch **out);
void ps_scratch_destroy(struct ps_scratch *scratch);

enum ps_match { PS_MATCH_NO, PS_MATCH_YES, PS_MATCH_LIMIT };

/* Matches the pattern of a condition against text (lower case, no final dot).
 * scratch NULL (a thread that could get none): PS_MATCH_LIMIT. */
enum ps_match ps_matcher_match(const struct ps_matcher *matcher, struct ps_scratch *scratch,
    uint32_t condition, struct ps_bytes text);

#endif
