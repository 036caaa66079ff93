/* A YAML file as a tree of text: libyaml's events, with what a policy must not
 * use refused, and every node's place kept.
 *
 * Refused with a code each: anchors, aliases, tags, merge keys, directives, a
 * second document, duplicate keys, keys that are not text, too deep nesting.
 * A syntax error ends the file (source->cut); what stands before it is a tree all
 * the same, so that its other mistakes are found in the same run.
 *
 * Scalars stay text: whether NO is a country or a refusal is the schema's to say.
 * Ownership: nodes are the arena's. Threads: immutable once read.
 */
#ifndef PS_POLICY_YAML_TREE_H
#define PS_POLICY_YAML_TREE_H

#include "policy/diagnostics.h"
#include "policy/source.h"

#define PS_YAML_DEPTH_MAX 16
/* Nodes of one policy: more are refused before memory is. */
#define PS_YAML_NODES_MAX 1000000u

enum ps_yaml_kind {
	PS_YAML_SCALAR,
	PS_YAML_LIST,
	PS_YAML_MAPPING,
	PS_YAML_BROKEN, /* something stood here that was refused and reported */
};

struct ps_yaml_node {
	enum ps_yaml_kind kind;
	bool quoted;          /* a scalar in quotes, or a block scalar */
	bool cut;             /* a collection whose end was not reached */
	uint32_t line;        /* 1-based, of its first character */
	uint32_t column;      /* 1-based, in characters */
	uint32_t length;      /* characters on that line, at least 1 */
	struct ps_bytes text; /* SCALAR */
	const struct ps_source *source;
	struct ps_yaml_node *first; /* LIST: items. MAPPING: key, value, key, value, ... */
	struct ps_yaml_node *next;
	uint32_t count; /* LIST: items; MAPPING: pairs */
};

struct ps_yaml_reading {
	struct ps_arena *arena;
	struct ps_diagnostics *diagnostics;
	uint32_t nodes; /* read so far, over all files */
};

/* Reads the source, whose text is UTF-8 without control characters. *root is NULL
 * when the file says nothing. Mistakes go to diagnostics; errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_yaml_read(
    struct ps_yaml_node **root, struct ps_source *source, struct ps_yaml_reading *reading);

static inline struct ps_span ps_yaml_span(const struct ps_yaml_node *node)
{
	return (struct ps_span){node->source, node->line, node->column, node->length};
}

/* The place of the offset-th octet of a scalar's text, as exactly as the way it
 * is quoted allows; else that of the scalar. */
struct ps_span ps_yaml_span_at(const struct ps_yaml_node *node, size_t offset);

/* An empty scalar without quotes: a key with nothing behind it. */
static inline bool ps_yaml_is_empty(const struct ps_yaml_node *node)
{
	return node->kind == PS_YAML_SCALAR && node->text.len == 0 && !node->quoted;
}

#endif
