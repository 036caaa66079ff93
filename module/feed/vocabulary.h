/* The words of STIX, MISP and CSV feeds for what we call category, TLP and confidence.
 *
 * Threads: pure functions on constant tables.
 */
#ifndef PS_FEED_VOCABULARY_H
#define PS_FEED_VOCABULARY_H

#include "feed/indicator.h"

/* What several words say together: each word that is added can only make it more
 * telling (category, in the order of the table) or more restricted (TLP). */
struct ps_facts {
	uint8_t rank; /* of category among the words; 0: nothing said */
	enum ps_category category;
	bool has_tlp;
	enum ps_tlp tlp;
	bool has_confidence;
	uint8_t confidence;
	bool benign; /* said to be harmless */
};

/* Puts what facts say over an indicator's defaults. */
void ps_facts_apply(const struct ps_facts *facts, struct ps_indicator *indicator);

/* The more restricted of what was known and tlp. */
void ps_facts_add_tlp(struct ps_facts *facts, enum ps_tlp tlp);

/* A word of a category column, a STIX label, an indicator type or a kill chain phase:
 * letters of any case, words joined by "-", "_" or blanks. False: it says nothing. */
bool ps_facts_add_word(struct ps_facts *facts, struct ps_bytes word);

/* A STIX marking definition's id (STIX 2.1 section 7.2.1.4, and the TLP 2.0 common
 * objects of OASIS). False: not one of TLP's. */
bool ps_facts_add_marking(struct ps_facts *facts, struct ps_bytes id);
bool ps_tlp_from_marking(struct ps_bytes id, enum ps_tlp *out);

/* A level's name, of TLP 1 ("white") or 2, in any case; "amber_strict" too. */
bool ps_tlp_from_word(struct ps_bytes word, enum ps_tlp *out);

/* A MISP tag: "tlp:amber", "misp:confidence-level=...", or a taxonomy's or galaxy's
 * whose text holds one of the words for a category. */
void ps_facts_add_tag(struct ps_facts *facts, struct ps_bytes tag);

/* A MISP attribute's category, such as "Financial fraud". */
void ps_facts_add_misp_category(struct ps_facts *facts, struct ps_bytes category);

#endif
