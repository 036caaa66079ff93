/* From what the files say to a plan: references resolved, everything checked that
 * needs more than one place to be seen.
 *
 * Ownership: the plan's memory is `arena`'s (the policy's); `scratch` is gone after
 * loading. Threads: one at a time.
 */
#ifndef PS_POLICY_COMPILE_H
#define PS_POLICY_COMPILE_H

#include "policy/document.h"
#include "policy/reach.h"
#include "policy/registry.h"

/* Names being gathered for a set of the plan, with where each stands. */
struct ps_gathered {
	struct ps_scoped_name *names; /* arena */
	struct ps_span *spans;        /* scratch */
	size_t count;
	size_t capacity;
};

/* A name of a brand that counts without a second sign. */
struct ps_strong_name {
	const char *text;
	uint32_t brand; /* index in the plan */
	struct ps_span span;
};

/* Where a condition of a rule stands. */
struct ps_condition_check {
	const struct ps_yaml_node *node;
	const struct ps_span *spans; /* of its names or prefixes; NULL: it has none */
};

/* What later checks ask of a rule. `names` to `looks` are about the question alone. */
struct ps_rule_check {
	const struct ps_doc_rule *doc;
	bool whole; /* bound and resolved without an error */
	const struct ps_condition *names; /* its NAMES condition; NULL: none */
	const struct ps_span *name_spans;
	const struct ps_condition *listed;
	const struct ps_condition *looks; /* its LOOKALIKE condition */
	const struct ps_condition *client; /* its CLIENT condition */
	bool asks_answer; /* it has a condition about the answer */
	struct ps_condition_check *conditions; /* of each condition of the rule, in its order */
};

struct ps_compiler {
	struct ps_arena *arena;
	struct ps_arena *scratch;
	struct ps_diagnostics *diagnostics;
	const struct ps_document *documents; /* in the order of the files */
	const struct ps_source *sources;     /* the same order */
	size_t document_count;
	const struct ps_overlay *overlays;
	size_t overlay_count;
	struct ps_bytes dictionary; /* a word a line; may be empty */
	bool cut; /* some file was not read to its end: what is missing may stand there */

	struct ps_registry groups;
	struct ps_registry answers;
	struct ps_registry feeds;
	struct ps_registry rules;
	struct ps_gathered never;
	struct ps_gathered official;
	struct ps_gathered popular;
	struct ps_answer *plan_answers;
	const bool *answer_ok; /* bound without an error */
	struct ps_feed_config *plan_feeds;
	const bool *feed_ok;
	struct ps_rule *plan_rules;
	struct ps_rule_check *rule_checks;

	struct ps_registry brands;
	struct ps_brand *plan_brands;
	struct ps_gathered brand_domains; /* those of a brand stand together */
	struct ps_strong_name *strong; /* scratch */
	size_t strong_count;
	struct ps_gathered free_hosting;
	struct ps_gathered exceptions;

	struct ps_plan *plan;
	enum ps_status status; /* sticky: PS_OK or PS_NO_MEMORY */
};

/* Fills *plan. All pointers above `answers` are set by the caller, the rest is
 * zero. Mistakes go to the diagnostics; errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_compile(struct ps_compiler *compiler, struct ps_plan *plan);

/* --- its parts, each in a file of its own ----------------------------------------- */

/* Groups of clients. */
void ps_compile_clients(struct ps_compiler *compiler);
void ps_compile_answers(struct ps_compiler *compiler);
void ps_compile_feeds(struct ps_compiler *compiler);
/* Brands, before names: their domains are official ones. */
void ps_compile_brands(struct ps_compiler *compiler);
void ps_compile_names(struct ps_compiler *compiler);
/* What stands beside brands: keywords, common words, top-level domains, exceptions. */
void ps_compile_words(struct ps_compiler *compiler);
void ps_compile_rules(struct ps_compiler *compiler);
/* What a rule would do to the whole DNS: whole suffixes, every query. */
void ps_compile_width(struct ps_compiler *compiler);
/* Warnings about rules that cannot do what they seem to, and feeds that do nothing. */
void ps_compile_order(struct ps_compiler *compiler);
/* Warnings about rules that go against their own conditions, or against good names. */
void ps_compile_clash(struct ps_compiler *compiler);
/* What tests expect, after all that they may name. */
void ps_compile_tests(struct ps_compiler *compiler);
/* What is kept of events. */
void ps_compile_events(struct ps_compiler *compiler);
/* What clients that ask for structured errors are told. */
void ps_compile_structured(struct ps_compiler *compiler);
/* Warnings about brands and exceptions that do not say what they seem to. */
void ps_compile_strength(struct ps_compiler *compiler);

/* --- which rule decides --------------------------------------------------------------- */

/* What rules decide whatever the rest of a query is like. */
struct ps_decided {
	struct ps_reach names; /* rules with one NAMES condition, and names that a PATTERN above has;
	                        * rank: the rule */
	uint32_t everything;   /* the first rule for all names; UINT32_MAX: none */
};

/* Bound without an error, and not on trial. */
bool ps_rule_decides(const struct ps_compiler *compiler, uint32_t rule);

/* False: out of memory, noted. */
PS_MUST_USE bool ps_decided_find(struct ps_compiler *compiler, struct ps_decided *decided);

/* The first rule that decides all of (name, scope); UINT32_MAX: none. */
static inline uint32_t ps_decided_by(
    const struct ps_decided *decided, struct ps_name name, enum ps_scope scope)
{
	uint32_t rank = ps_reach_find(&decided->names, name, scope);

	return rank < decided->everything ? rank : decided->everything;
}

/* --- tools ---------------------------------------------------------------------------- */

/* NULL: out of memory, noted in status. */
void *ps_compile_array(struct ps_compiler *compiler, size_t count, size_t size);
void *ps_compile_scratch(struct ps_compiler *compiler, size_t count, size_t size);
const char *ps_compile_text(struct ps_compiler *compiler, struct ps_bytes text);

struct ps_place ps_compile_place(struct ps_span span);

/* A path of a file, from the folder of the file that span stands in. */
const char *ps_compile_path(
    struct ps_compiler *compiler, const struct ps_source *source, struct ps_bytes path);

/* Reads a file, or takes what stands for it. Errors: those of ps_file_read(). */
PS_MUST_USE enum ps_status ps_compile_read(const struct ps_overlay *overlays,
    size_t overlay_count, const char *path, struct ps_buffer *buffer, struct ps_error *err);

/* The file of names or words that node's file names by path, for the messages about its
 * lines too; NULL: reported, or out of memory. max: octets. */
struct ps_source *ps_compile_file(
    struct ps_compiler *compiler, const struct ps_text *path, size_t max);

/* What stands on a line of such a file, without its comment and blanks; empty: nothing.
 * *span: its place. */
struct ps_bytes ps_compile_line(
    const struct ps_source *source, uint32_t line, struct ps_span *span);

/* The index of what text names; false: reported, or not to be told because a file was
 * cut off. */
PS_MUST_USE bool ps_compile_find(struct ps_compiler *compiler, const struct ps_registry *among,
    const struct ps_text *text, uint32_t *index);

/* Says that there is no answer of this name. */
void ps_compile_report_answer(struct ps_compiler *compiler, const struct ps_text *then);

/* Says that the policy has more than max of something. */
void ps_compile_limit(
    struct ps_compiler *compiler, size_t count, size_t max, const char *what);

PS_MUST_USE bool ps_gathered_init(
    struct ps_compiler *compiler, struct ps_gathered *gathered, size_t capacity);
void ps_gathered_add(struct ps_compiler *compiler, struct ps_gathered *gathered,
    struct ps_name name, enum ps_scope scope, struct ps_span span);
/* Warns of names that stand twice in one file. */
void ps_gathered_check(struct ps_compiler *compiler, const struct ps_gathered *gathered);

/* An action that keeps the true answer from whoever asks. */
static inline bool ps_action_blocks(enum ps_action action)
{
	return action != PS_ACTION_PASS && action != PS_ACTION_LOG;
}

static inline struct ps_name_set ps_gathered_set(const struct ps_gathered *gathered)
{
	return (struct ps_name_set){gathered->names, (uint32_t)gathered->count};
}

#endif
