/* One policy file as bound: what stands in it, typed but not yet checked against
 * the rest of the policy. The tables of the language stand in document_*.c.
 *
 * Ownership: the binder's arena. Threads: immutable once bound.
 */
#ifndef PS_POLICY_DOCUMENT_H
#define PS_POLICY_DOCUMENT_H

#include "policy/scalar.h"

#define PS_LANGUAGE_VERSION 1

/* --- answers --------------------------------------------------------------------- */

struct ps_doc_sinkhole {
	struct ps_field field;
	struct ps_list a;    /* of struct ps_address_field */
	struct ps_list aaaa; /* of struct ps_address_field */
	struct ps_name_field cname;
};

struct ps_doc_answer {
	struct ps_named named;
	struct ps_field plain[PS_ACTION_COUNT]; /* by action; not SINKHOLE */
	struct ps_doc_sinkhole sinkhole;
	struct ps_number ttl;
};

/* --- clients -------------------------------------------------------------------- */

struct ps_doc_group {
	struct ps_named named;
	struct ps_list prefixes; /* of struct ps_prefix_field */
};

/* --- rules ------------------------------------------------------------------------- */

struct ps_doc_name_condition {
	struct ps_field field;
	struct ps_list is; /* of struct ps_name_field, as the next two */
	struct ps_list under;
	struct ps_list below;
	struct ps_text pattern;
};

struct ps_doc_listed {
	struct ps_field field;
	struct ps_number any;  /* `listed: any` */
	struct ps_list feeds;  /* of struct ps_text */
	struct ps_list categories; /* of struct ps_number */
	struct ps_range_field confidence;
};

struct ps_doc_looks {
	struct ps_field field;
	struct ps_range_field score;
	struct ps_list brands;     /* of struct ps_text */
	struct ps_list techniques; /* of struct ps_number */
};

/* A name that the answer leads to. */
struct ps_doc_target {
	struct ps_field field;
	struct ps_doc_name_condition name;
	struct ps_doc_listed listed;
	struct ps_doc_looks looks;
};

struct ps_doc_address_condition {
	struct ps_list list; /* of struct ps_prefix_field; its field is that of the whole */
	struct ps_doc_listed listed;
};

struct ps_doc_answer_condition {
	struct ps_field field;
	struct ps_doc_target target;
	struct ps_doc_address_condition address;
};

struct ps_doc_server_condition {
	struct ps_field field;
	struct ps_doc_name_condition name;
	struct ps_doc_address_condition address;
	struct ps_doc_listed listed;
};

struct ps_doc_when {
	struct ps_field field;
	struct ps_number everything; /* `when: everything` */
	struct ps_doc_name_condition name;
	struct ps_doc_listed listed;
	struct ps_doc_looks looks;
	struct ps_doc_answer_condition answer;
	struct ps_doc_server_condition server;
	struct ps_list clients; /* of struct ps_text: groups */
};

struct ps_doc_tell {
	struct ps_field field;
	struct ps_number ede; /* or PS_EDE_WORD_NONE */
	struct ps_text text;
	struct ps_number sub_error; /* PS_SUB_ERROR_* */
};

enum { PS_CONFIRM_WHOLE_SUFFIX = 1, PS_CONFIRM_SPECIAL_ADDRESSES = 2 };

struct ps_doc_rule {
	struct ps_field field;
	struct ps_text id;
	struct ps_doc_when when;
	struct ps_text then;
	struct ps_doc_tell tell;
	struct ps_number mode;
	struct ps_number confirm; /* PS_CONFIRM_* */
	struct ps_text note;
};

/* --- feeds -------------------------------------------------------------------------- */

struct ps_doc_columns {
	struct ps_field field;
	struct ps_text name;
	struct ps_text category;
	struct ps_text confidence;
	struct ps_text valid_from;
	struct ps_text valid_until;
	struct ps_text reference;
};

struct ps_doc_limits {
	struct ps_field field;
	struct ps_number bytes;
	struct ps_number entries;
	struct ps_number shrink;
	struct ps_number grow;
};

struct ps_doc_feed {
	struct ps_named named;
	struct ps_number format;
	struct ps_text path;
	struct ps_text title;
	struct ps_text publisher;
	struct ps_number category;
	struct ps_number confidence;
	struct ps_number tlp;
	struct ps_number scope;
	struct ps_doc_columns columns;
	struct ps_number delimiter; /* the character */
	struct ps_doc_limits limits;
	struct ps_number trial;
};

/* --- lists of names ------------------------------------------------------------------- */

struct ps_doc_official {
	struct ps_field field;
	struct ps_name_field name; /* also when the item is a name alone */
	struct ps_text owner;
	struct ps_text country;
};

struct ps_doc_popular {
	struct ps_list list; /* of struct ps_name_field */
	struct ps_text file;
};

/* --- lookalikes --------------------------------------------------------------------------- */

struct ps_doc_brand {
	struct ps_named named;
	struct ps_text owner;
	struct ps_list countries; /* of struct ps_text, as the next three */
	struct ps_list languages;
	struct ps_list names;
	struct ps_list weak;
	struct ps_list domains; /* of struct ps_name_field */
};

/* The keywords of a language. */
struct ps_doc_keywords {
	struct ps_named named;
	struct ps_list topics[PS_TOPIC_COUNT]; /* of struct ps_text */
};

struct ps_doc_tld {
	struct ps_named named;
	struct ps_number ratio;
	struct ps_name name;
};

struct ps_doc_words {
	struct ps_list list; /* of struct ps_text */
	struct ps_text file;
};

struct ps_doc_exception {
	struct ps_field field;
	struct ps_name_field name;
	struct ps_text reason;
	struct ps_number expires; /* the first second after it */
};

/* --- tests ----------------------------------------------------------------------------------- */

struct ps_doc_expect {
	struct ps_field field;
	struct ps_text action; /* also when it stands alone */
	struct ps_text rule;
	struct ps_number technique;
	struct ps_text brand;
};

/* What a test says that an answer shows. */
struct ps_shown_field {
	struct ps_name_field name; /* its field is that of the whole */
	struct ps_address address; /* family 0: it is a name */
};

struct ps_doc_test {
	struct ps_field field;
	struct ps_name_field name;
	struct ps_number type;
	struct ps_address_field client;
	struct ps_list answer; /* of struct ps_shown_field, as the next */
	struct ps_list server;
	struct ps_doc_expect expect;
	struct ps_text note;
};

/* --- events -------------------------------------------------------------------------------- */

struct ps_doc_events {
	struct ps_field field;
	struct ps_number client; /* enum ps_client_form */
	struct ps_number keep;   /* octets */
};

/* --- structured errors ------------------------------------------------------------------- */

struct ps_doc_structured {
	struct ps_field field;
	struct ps_list contacts; /* of struct ps_text */
	struct ps_text organization;
	struct ps_text language;
	struct ps_number option;
};

/* --- the file --------------------------------------------------------------------------- */

struct ps_document {
	struct ps_field field;
	struct ps_number version;
	struct ps_list clients; /* of struct ps_doc_group */
	struct ps_list answers; /* of struct ps_doc_answer */
	struct ps_list rules;   /* of struct ps_doc_rule */
	struct ps_list never;   /* of struct ps_name_field */
	struct ps_list official; /* of struct ps_doc_official */
	struct ps_doc_popular popular;
	struct ps_list feeds; /* of struct ps_doc_feed */
	struct ps_list brands;      /* of struct ps_doc_brand */
	struct ps_list keywords;    /* of struct ps_doc_keywords */
	struct ps_list abused_tlds; /* of struct ps_doc_tld */
	struct ps_list free_hosting; /* of struct ps_name_field */
	struct ps_doc_words common_words;
	struct ps_list exceptions; /* of struct ps_doc_exception */
	struct ps_list tests;      /* of struct ps_doc_test */
	struct ps_doc_events events;
	struct ps_doc_structured structured;
	struct ps_number strict; /* 1: the resolver is to refuse to start unprotected */
};

/* The language: what a whole file is. */
extern const struct ps_value ps_value_document;

/* Its parts, each in a file of its own. */
extern const struct ps_value ps_value_clients;
extern const struct ps_value ps_value_groups; /* `client` of a rule's `when` */
extern const struct ps_value ps_value_answers;
extern const struct ps_value ps_value_rules;
extern const struct ps_value ps_value_never;
extern const struct ps_value ps_value_official;
extern const struct ps_value ps_value_popular;
extern const struct ps_value ps_value_feeds;
extern const struct ps_value ps_value_brands;
extern const struct ps_value ps_value_keywords;
extern const struct ps_value ps_value_abused_tlds;
extern const struct ps_value ps_value_free_hosting;
extern const struct ps_value ps_value_common_words;
extern const struct ps_value ps_value_exceptions;
extern const struct ps_value ps_value_looks; /* `lookalike` of a rule's `when` */
extern const struct ps_value ps_value_name_condition; /* `name`, as the next three */
extern const struct ps_value ps_value_listed;
extern const struct ps_value ps_value_answer_condition; /* `answer` */
extern const struct ps_value ps_value_server_condition;
extern const struct ps_value ps_value_shown; /* `answer` and `server` of a test */
extern const struct ps_value ps_value_technique; /* or none */
extern const struct ps_value ps_value_tests;
extern const struct ps_value ps_value_events;
extern const struct ps_value ps_value_structured; /* `structured-errors` */
extern const struct ps_value ps_value_tell;

/* Binds a file's tree (NULL: an empty file); mistakes go to the diagnostics. */
void ps_document_bind(struct ps_document *document, struct ps_binder *binder,
    const struct ps_source *source, const struct ps_yaml_node *root);

#endif
