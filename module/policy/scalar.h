/* The kinds of text in a policy that are more than text: names, addresses, ranges
 * of confidence, sizes and so on, each with the mistakes people make.
 *
 * Threads: as the binder.
 */
#ifndef PS_POLICY_SCALAR_H
#define PS_POLICY_SCALAR_H

#include "policy/binder.h"

/* A name with its reach. */
struct ps_name_field {
	struct ps_field field;
	struct ps_name name;
	enum ps_scope scope;
};

struct ps_address_field {
	struct ps_field field;
	struct ps_address address;
};

struct ps_prefix_field {
	struct ps_field field;
	struct ps_prefix prefix; /* an IPv4-mapped one has become IPv4 */
};

/* Inclusive at both ends. */
struct ps_range_field {
	struct ps_field field;
	uint8_t min;
	uint8_t max;
};

extern const struct ps_value ps_value_text;      /* one line, struct ps_text */
extern const struct ps_value ps_value_note;      /* any text, struct ps_text */
extern const struct ps_value ps_value_id;        /* struct ps_text */
extern const struct ps_value ps_value_name;      /* struct ps_name_field, EXACT */
extern const struct ps_value ps_value_reach;     /* "name" SUBTREE or "*.name" BELOW */
extern const struct ps_value ps_value_address4;  /* struct ps_address_field */
extern const struct ps_value ps_value_address6;
extern const struct ps_value ps_value_client;    /* an address of either family */
extern const struct ps_value ps_value_prefix;    /* struct ps_prefix_field */
extern const struct ps_value ps_value_confidence_range; /* struct ps_range_field */
extern const struct ps_value ps_value_score_range;
extern const struct ps_value ps_value_confidence;       /* struct ps_number */
extern const struct ps_value ps_value_category;
extern const struct ps_value ps_value_tlp;
extern const struct ps_value ps_value_ttl;
extern const struct ps_value ps_value_size;      /* octets, struct ps_number */
extern const struct ps_value ps_value_shrink;    /* percent, struct ps_number */
extern const struct ps_value ps_value_grow;
extern const struct ps_value ps_value_switch;    /* yes 1, no 0 */
extern const struct ps_value ps_value_path;      /* struct ps_text */
extern const struct ps_value ps_value_country;   /* "CH", struct ps_text */
extern const struct ps_value ps_value_language;  /* "de", struct ps_text */
extern const struct ps_value ps_value_last_day;  /* a date; struct ps_number: Unix seconds of
                                                    the first second after it */
extern const struct ps_value ps_value_publisher; /* a host as A-labels, struct ps_text */

/* Whether text is a language's primary subtag (BCP 47); reports. */
PS_MUST_USE bool ps_language_check(struct ps_binder *binder, const struct ps_yaml_node *node);

/* Adds the hint that fits what was written instead of a name to the report just made;
 * false: none fits. Also for keys elsewhere that take names. */
bool ps_name_hint(struct ps_binder *binder, struct ps_bytes text);

#endif
