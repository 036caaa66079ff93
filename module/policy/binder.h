/* The binder: tables say what a policy file may hold, and one walk over a file's
 * tree fills plain structs by them.
 *
 * Everything that depends on the language's keys reads the same tables: the walk,
 * its messages, "did you mean", the JSON Schema and the reference.
 *
 * Every struct that a table fills begins with a struct ps_field, so that later
 * checks know whether something stood there, where, and whether it was bound: what
 * was reported once is never reported again as a consequence.
 *
 * Ownership: all that is bound is the binder's arena's, or borrowed from the tree.
 * Threads: tables are constant; a binder by one thread at a time.
 */
#ifndef PS_POLICY_BINDER_H
#define PS_POLICY_BINDER_H

#include "policy/yaml_tree.h"

struct ps_field {
	const struct ps_yaml_node *node; /* NULL: not written */
	bool ok;                         /* bound without an error in itself */
};

/* Text, as written. */
struct ps_text {
	struct ps_field field;
	struct ps_bytes text;
};

/* A number, or the number that stands beside a word in its table. */
struct ps_number {
	struct ps_field field;
	uint64_t value;
};

/* Items of a list, or of a mapping whose keys are ids. Each begins with a struct
 * ps_field; those of a mapping with a struct ps_named. */
struct ps_list {
	struct ps_field field;
	void *items;
	size_t count;
};

struct ps_named {
	struct ps_field field;
	const struct ps_yaml_node *key;
	bool id_ok; /* the key is a well-formed id, or what bind_key() takes */
};

struct ps_binder {
	struct ps_arena *arena;
	struct ps_diagnostics *diagnostics;
	const struct ps_value *root; /* the whole language, for hints; may be NULL */
	const char *key; /* the key whose value is being bound, for messages */
	size_t key_len;
	enum ps_status status; /* sticky: PS_OK or PS_NO_MEMORY */
};

struct ps_word {
	const char *word;
	uint64_t value;
};

enum ps_value_kind {
	PS_VALUE_SCALAR,  /* text that bind() understands */
	PS_VALUE_WORD,    /* one of words, into a struct ps_number */
	PS_VALUE_NUMBER,  /* min to max, into a struct ps_number */
	PS_VALUE_MAPPING, /* the keys of a mapping table */
	PS_VALUE_NAMED,   /* ids to items, into a struct ps_list */
	PS_VALUE_LIST,    /* items, into a struct ps_list */
	PS_VALUE_ITEMS,   /* an item or a list of them, into a struct ps_list */
	PS_VALUE_CHOICE,  /* by what stands there: scalar, list, or other */
	PS_VALUE_EMPTY,   /* nothing, or {} */
};

/* What may stand behind a key. */
struct ps_value {
	enum ps_value_kind kind;
	const char *what; /* for messages: "a domain name" */
	const char *hint; /* said when another kind of value stands there; may be NULL */
	enum ps_code missing_code; /* when it must stand and does not; 0: MISSING_KEY */

	/* SCALAR: false when it reported a mistake. */
	bool (*bind)(struct ps_binder *binder, const struct ps_yaml_node *node, void *into);
	const char *pattern; /* what the JSON Schema says of it; may be NULL */
	uint32_t length_max; /* characters, for the JSON Schema; 0: unsaid */
	bool number_too;     /* JSON Schema: an integer from min to max will do */

	const struct ps_word *words; /* WORD; SCALAR: for the JSON Schema; ends in NULL */
	bool is_switch;              /* WORD: yes and no, which some readers make booleans */

	uint64_t min; /* NUMBER */
	uint64_t max;

	const struct ps_mapping *mapping; /* MAPPING */

	const struct ps_value *item; /* NAMED, LIST, ITEMS */
	size_t item_size;
	size_t item_offset; /* NAMED: where in an item its value is bound */
	/* NAMED: keys that are no ids. False when it reported a mistake. NULL: ids. */
	bool (*bind_key)(struct ps_binder *binder, const struct ps_yaml_node *key, void *item);
	const char *key_pattern; /* what the JSON Schema says of them */
	size_t items_max; /* 0: no limit of its own */
	bool may_be_empty;

	const struct ps_value *scalar; /* CHOICE: taken when text stands there; or NULL */
	const struct ps_value *list;   /* CHOICE: taken when a list stands there; or NULL */
	const struct ps_value *other;  /* CHOICE: taken otherwise */
	size_t scalar_offset;          /* where `scalar` is bound, from the target on */
};

enum ps_presence {
	PS_OPTIONAL = 0,
	PS_REQUIRED,
	PS_ONE_OF, /* exactly one key of the mapping that is marked so */
};

struct ps_key {
	const char *key;
	const struct ps_value *value;
	size_t offset; /* in the struct that the mapping fills */
	enum ps_presence presence;
	const char *doc;      /* one or two sentences for the policy author */
	const char *synonyms; /* words people write instead, with blanks between; or NULL */
};

struct ps_mapping {
	const char *what; /* "a rule" */
	const char *hint; /* said of a key that is like none of them; may be NULL */
	const struct ps_key *keys; /* at most 64, then a NULL key */
	size_t keys_min;           /* at least so many of the optional ones */
	enum ps_code one_of_code;  /* when PS_ONE_OF does not hold */
	enum ps_code empty_code;   /* when keys_min does not hold; 0: PS_CODE_MISSING_KEY */
	/* What the table cannot say; NULL: nothing. into: the filled struct. */
	void (*check)(struct ps_binder *binder, const struct ps_yaml_node *node, void *into);
};

/* Binds node by value into the zeroed struct at into. */
void ps_bind(struct ps_binder *binder, const struct ps_value *value,
    const struct ps_yaml_node *node, void *into);

/* The value of a key in a mapping node; NULL when it does not stand there. */
const struct ps_yaml_node *ps_yaml_get(const struct ps_yaml_node *mapping, const char *key);

/* Rule, answer and feed ids: [a-z0-9][a-z0-9-]*, at most PS_ID_MAX. Reports. */
#define PS_ID_MAX 64
#define PS_ID_PATTERN "^[a-z0-9][a-z0-9-]{0,63}$"
PS_MUST_USE bool ps_id_check(struct ps_binder *binder, const struct ps_yaml_node *node);

/* Looks text up among words; on success *value is set. */
PS_MUST_USE bool ps_word_find(
    const struct ps_word *words, struct ps_bytes text, uint64_t *value);

/* Reports that text is none of words, lists or suggests them. */
void ps_word_report(struct ps_binder *binder, enum ps_code code, const struct ps_yaml_node *node,
    const char *what, const struct ps_word *words);

#endif
