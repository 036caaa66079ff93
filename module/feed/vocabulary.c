#include "feed/vocabulary.h"

/* --- words ----------------------------------------------------------------- */

#define WORD_MAX 64

/* ASCII lower case with "-" between words, as C text. False: too long to be a word
 * of the tables, or it holds a NUL. */
static bool normalise(struct ps_bytes word, char out[WORD_MAX])
{
	if (word.len >= WORD_MAX)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		uint8_t c = ps_ascii_lower(word.ptr[i]);

		if (c == 0)
			return false;
		out[i] = c == ' ' || c == '_' ? '-' : (char)c;
	}
	out[word.len] = '\0';
	return true;
}

/* From the most to the least telling: what stands first wins where an indicator says
 * several, because the first kinds are the ones that policies ask for by name.
 * STIX 2.1: indicator-type-ov (section 10.6) has malicious-activity, compromised,
 * anonymization, attribution and unknown too, which say nothing of the kind. */
static const struct {
	const char *word;
	enum ps_category category;
} words[] = {
    {"phishing", PS_CATEGORY_PHISHING},
    {"phish", PS_CATEGORY_PHISHING},
    {"spearphishing", PS_CATEGORY_PHISHING},
    {"spear-phishing", PS_CATEGORY_PHISHING},
    {"smishing", PS_CATEGORY_PHISHING},
    {"credential-phishing", PS_CATEGORY_PHISHING},
    {"credential-harvesting", PS_CATEGORY_PHISHING},
    {"impersonation", PS_CATEGORY_IMPERSONATION},
    {"brand-abuse", PS_CATEGORY_IMPERSONATION},
    {"brand-infringement", PS_CATEGORY_IMPERSONATION},
    {"typosquatting", PS_CATEGORY_IMPERSONATION},
    {"lookalike", PS_CATEGORY_IMPERSONATION},
    {"fraud", PS_CATEGORY_FRAUD},
    {"scam", PS_CATEGORY_FRAUD},
    {"botnet", PS_CATEGORY_BOTNET},
    {"botnet-cc", PS_CATEGORY_BOTNET},
    {"c2", PS_CATEGORY_BOTNET},
    {"c&c", PS_CATEGORY_BOTNET},
    {"cnc", PS_CATEGORY_BOTNET},
    {"c2-server", PS_CATEGORY_BOTNET},
    {"command-and-control", PS_CATEGORY_BOTNET},
    {"malware", PS_CATEGORY_MALWARE},
    {"malware-download", PS_CATEGORY_MALWARE},
    {"malware-distribution", PS_CATEGORY_MALWARE},
    {"malware-delivery", PS_CATEGORY_MALWARE},
    {"ransomware", PS_CATEGORY_MALWARE},
    {"trojan", PS_CATEGORY_MALWARE},
    {"exploit-kit", PS_CATEGORY_MALWARE},
    {"spam", PS_CATEGORY_SPAM},
    {"suspicious", PS_CATEGORY_SUSPICIOUS},
    {"suspicious-registration", PS_CATEGORY_SUSPICIOUS},
    {"newly-registered", PS_CATEGORY_SUSPICIOUS},
    {"anomalous-activity", PS_CATEGORY_SUSPICIOUS},
    {"other", PS_CATEGORY_OTHER},
};

#define WORD_COUNT (sizeof(words) / sizeof(words[0]))
_Static_assert(WORD_COUNT < UINT8_MAX, "ranks are octets");

static void add_category(struct ps_facts *facts, size_t index)
{
	uint8_t rank = (uint8_t)(WORD_COUNT - index);

	if (rank > facts->rank) {
		facts->rank = rank;
		facts->category = words[index].category;
	}
}

static bool add_normalised(struct ps_facts *facts, const char *word)
{
	if (strcmp(word, "benign") == 0) {
		facts->benign = true;
		return true;
	}
	for (size_t i = 0; i < WORD_COUNT; i++) {
		if (strcmp(word, words[i].word) == 0) {
			add_category(facts, i);
			return true;
		}
	}
	return false;
}

bool ps_facts_add_word(struct ps_facts *facts, struct ps_bytes word)
{
	char text[WORD_MAX];

	return normalise(word, text) && add_normalised(facts, text);
}

void ps_facts_add_tlp(struct ps_facts *facts, enum ps_tlp tlp)
{
	if (!facts->has_tlp || tlp > facts->tlp)
		facts->tlp = tlp;
	facts->has_tlp = true;
}

void ps_facts_apply(const struct ps_facts *facts, struct ps_indicator *indicator)
{
	if (facts->rank != 0)
		indicator->category = facts->category;
	if (facts->has_tlp)
		indicator->tlp = facts->tlp;
	if (facts->has_confidence)
		indicator->confidence = facts->confidence;
}

/* --- TLP ------------------------------------------------------------------- */

/* TLP 1: STIX 2.1 section 7.2.1.4, and schemas/common/marking-definition.json of
 * OASIS's cti-stix2-json-schemas. TLP 2: OASIS's cti-stix-common-objects,
 * extension-definition-specifications/tlp-2.0. */
static const struct {
	const char *id;
	enum ps_tlp tlp;
} markings[] = {
    {"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9", PS_TLP_CLEAR},
    {"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da", PS_TLP_GREEN},
    {"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82", PS_TLP_AMBER},
    {"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed", PS_TLP_RED},
    {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", PS_TLP_CLEAR},
    {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", PS_TLP_GREEN},
    {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", PS_TLP_AMBER},
    {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", PS_TLP_AMBER_STRICT},
    {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", PS_TLP_RED},
};

bool ps_tlp_from_marking(struct ps_bytes id, enum ps_tlp *out)
{
	for (size_t i = 0; i < sizeof(markings) / sizeof(markings[0]); i++) {
		if (ps_bytes_equal_text(id, markings[i].id)) {
			*out = markings[i].tlp;
			return true;
		}
	}
	return false;
}

bool ps_facts_add_marking(struct ps_facts *facts, struct ps_bytes id)
{
	enum ps_tlp tlp;

	if (!ps_tlp_from_marking(id, &tlp))
		return false;
	ps_facts_add_tlp(facts, tlp);
	return true;
}

bool ps_tlp_from_word(struct ps_bytes word, enum ps_tlp *out)
{
	char text[WORD_MAX];

	if (!normalise(word, text))
		return false;
	if (strcmp(text, "white") == 0)
		*out = PS_TLP_CLEAR;
	else if (strcmp(text, "amber-strict") == 0)
		*out = PS_TLP_AMBER_STRICT;
	else
		return ps_tlp_from_text(ps_bytes_of_text(text), out);
	return true;
}

/* --- MISP ------------------------------------------------------------------ */

#define TAG_MAX 256

/* Looked for anywhere in a tag, in this order: "rsit:fraud=\"phishing\"" is phishing.
 * Each names the word of the table above that it means. */
static const struct {
	const char *part;
	const char *word;
} tag_parts[] = {
    {"phish", "phishing"},
    {"smishing", "phishing"},
    {"impersonat", "impersonation"},
    {"masquerade", "impersonation"},
    {"typosquat", "impersonation"},
    {"fraud", "fraud"},
    {"scam", "fraud"},
    {"botnet", "botnet"},
    {"c2-server", "botnet"},
    {"c&c", "botnet"},
    {"command and control", "botnet"},
    {"command-and-control", "botnet"},
    {"malware", "malware"},
    {"ransomware", "malware"},
    {"trojan", "malware"},
    {"spam", "spam"},
};

/* The misp taxonomy's confidence-level, with the numerical values it states. */
static const struct {
	const char *tag;
	uint8_t confidence;
} confidence_tags[] = {
    {"misp:confidence-level=\"completely-confident\"", 100},
    {"misp:confidence-level=\"usually-confident\"", 75},
    {"misp:confidence-level=\"fairly-confident\"", 50},
    {"misp:confidence-level=\"rarely-confident\"", 25},
    {"misp:confidence-level=\"unconfident\"", 0},
};

static bool lower(struct ps_bytes text, char *out, size_t size)
{
	if (text.len >= size)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == 0)
			return false;
		out[i] = (char)ps_ascii_lower(text.ptr[i]);
	}
	out[text.len] = '\0';
	return true;
}

/* True when the tag was about confidence. Several tags: the lowest counts. */
static bool add_confidence(struct ps_facts *facts, const char *tag)
{
	for (size_t i = 0; i < sizeof(confidence_tags) / sizeof(confidence_tags[0]); i++) {
		uint8_t confidence = confidence_tags[i].confidence;

		if (strcmp(tag, confidence_tags[i].tag) != 0)
			continue;
		if (!facts->has_confidence || confidence < facts->confidence)
			facts->confidence = confidence;
		facts->has_confidence = true;
		return true;
	}
	return false;
}

void ps_facts_add_tag(struct ps_facts *facts, struct ps_bytes tag)
{
	char text[TAG_MAX];

	if (!lower(tag, text, sizeof(text)))
		return;
	if (strncmp(text, "tlp:", 4) == 0) {
		enum ps_tlp tlp = PS_TLP_AMBER; /* a level that we do not know */

		(void)!ps_tlp_from_word(ps_bytes_of_text(text + 4), &tlp);
		ps_facts_add_tlp(facts, tlp);
		return;
	}
	if (add_confidence(facts, text))
		return;
	for (size_t i = 0; i < sizeof(tag_parts) / sizeof(tag_parts[0]); i++) {
		if (strstr(text, tag_parts[i].part) != NULL) {
			(void)add_normalised(facts, tag_parts[i].word);
			return;
		}
	}
}

void ps_facts_add_misp_category(struct ps_facts *facts, struct ps_bytes category)
{
	/* Network activity, external analysis and the rest say where a thing was
	 * seen, not what it is. */
	static const struct {
		const char *category;
		const char *word;
	} table[] = {
	    {"Financial fraud", "fraud"},
	    {"Antivirus detection", "malware"},
	    {"Payload delivery", "malware"},
	    {"Payload installation", "malware"},
	    {"Artifacts dropped", "malware"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (ps_bytes_equal_text(category, table[i].category))
			(void)add_normalised(facts, table[i].word);
	}
}
