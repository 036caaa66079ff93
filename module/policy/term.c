#include "policy/term.h"

#include "core/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>

/* What is mapped before small letters are made: nothing in it grows but by UTF-8's
 * own measure, and whatever is over this is too long in the end too. */
#define MAPPED_MAX 512

#define JOINER_NON 0x200c
#define JOINER 0x200d

static bool is_apostrophe(uint32_t c)
{
	return c == '\'' || c == '`' || c == 0xb4 || c == 0x2bc || c == 0x2bb || c == 0x2018 ||
	       c == 0x2019 || c == 0x201b || c == 0xff07;
}

static bool is_hyphen(uint32_t c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xff0d ||
	       c == 0xfe63;
}

enum kind { KIND_LETTER, KIND_MARK, KIND_KEPT, KIND_BLANK, KIND_DROPPED, KIND_REFUSED };

/* ASCII needs no table; *to is what stands for the character. */
static enum kind kind_of_ascii(uint32_t c, uint32_t *to)
{
	*to = c;
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return KIND_LETTER;
	if (c >= 'A' && c <= 'Z') {
		*to = c | 0x20;
		return KIND_LETTER;
	}
	if (c == '.' || c == '&' || c == '-' || c == '\'')
		return KIND_KEPT;
	if (c == '`') {
		*to = '\'';
		return KIND_KEPT;
	}
	if (c == '\t' || (c >= ' ' && c < 0x7f && strchr(" !\"#%()*,/:;?@[\\]_{}", (int)c) != NULL))
		return KIND_BLANK;
	return KIND_REFUSED;
}

static enum kind kind_of(uint32_t c, uint32_t *to)
{
	*to = c;
	if (c < 0x80)
		return kind_of_ascii(c, to);
	if (c == JOINER || c == JOINER_NON)
		return KIND_DROPPED;
	if (is_apostrophe(c)) {
		*to = '\'';
		return KIND_KEPT;
	}
	if (is_hyphen(c)) {
		*to = '-';
		return KIND_KEPT;
	}
	if (uc_is_general_category_withtable(
	        c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_Nd | UC_CATEGORY_MASK_Nl))
		return KIND_LETTER;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M))
		return KIND_MARK;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_Z))
		return KIND_BLANK;
	return KIND_REFUSED;
}

/* --- writing ------------------------------------------------------------------- */

struct mapped {
	uint8_t text[MAPPED_MAX];
	size_t len;
	unsigned letters; /* and marks: a syllable of some scripts is a letter and its vowel */
	bool plain; /* ASCII alone */
	bool full;
	bool open; /* the last character may bear a mark */
};

static void put(struct mapped *mapped, uint32_t c)
{
	uint8_t out[4];
	size_t len = 0;

	if (c < 0x80) {
		out[len++] = (uint8_t)c;
	} else if (c < 0x800) {
		out[len++] = (uint8_t)(0xc0 | c >> 6);
		out[len++] = (uint8_t)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		out[len++] = (uint8_t)(0xe0 | c >> 12);
		out[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[len++] = (uint8_t)(0x80 | (c & 0x3f));
	} else {
		out[len++] = (uint8_t)(0xf0 | c >> 18);
		out[len++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		out[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[len++] = (uint8_t)(0x80 | (c & 0x3f));
	}
	if (mapped->len + len > sizeof(mapped->text)) {
		mapped->full = true;
		return;
	}
	memcpy(mapped->text + mapped->len, out, len);
	mapped->len += len;
	mapped->plain = mapped->plain && c < 0x80;
}

static enum ps_term_fault map_character(struct mapped *mapped, uint32_t c)
{
	uint32_t to;
	enum kind kind = kind_of(c, &to);

	switch (kind) {
	case KIND_REFUSED:
		return PS_TERM_CHARACTER;
	case KIND_DROPPED:
		return PS_TERM_GOOD;
	case KIND_BLANK:
		if (mapped->len > 0 && mapped->text[mapped->len - 1] != ' ')
			put(mapped, ' ');
		mapped->open = false;
		return PS_TERM_GOOD;
	case KIND_MARK:
		if (!mapped->open)
			return PS_TERM_MARK;
		mapped->letters++;
		break;
	case KIND_LETTER:
		mapped->letters++;
		mapped->open = true;
		break;
	case KIND_KEPT:
		mapped->open = false;
		break;
	}
	put(mapped, to);
	return PS_TERM_GOOD;
}

static enum ps_term_fault map(struct mapped *mapped, struct ps_bytes text, size_t *offset)
{
	size_t pos = 0;

	mapped->len = 0;
	mapped->letters = 0;
	mapped->plain = true;
	mapped->full = false;
	mapped->open = false;
	while (pos < text.len) {
		enum ps_term_fault fault = PS_TERM_CHARACTER;
		uint32_t character;

		*offset = pos;
		if (ps_utf8_next(text, &pos, &character))
			fault = map_character(mapped, character);
		if (fault != PS_TERM_GOOD)
			return fault;
	}
	while (mapped->len > 0 && mapped->text[mapped->len - 1] == ' ')
		mapped->len--;
	*offset = 0;
	if (mapped->full)
		return PS_TERM_LONG;
	return mapped->letters < 2 ? PS_TERM_SHORT : PS_TERM_GOOD;
}

/* --- the whole -------------------------------------------------------------------- */

static enum ps_term_fault keep(struct ps_term *out, const uint8_t *text, size_t len)
{
	if (len > PS_TERM_TEXT_MAX)
		return PS_TERM_LONG;
	memcpy(out->text, text, len);
	out->text[len] = '\0';
	out->len = (uint8_t)len;
	return PS_TERM_GOOD;
}

/* Small letters of some scripts exist for Unicode's older versions only by way of marks
 * (U+0130 becomes i and U+0307), so the outcome is mapped once more. */
static enum ps_term_fault make_small(struct ps_term *out, struct mapped *mapped)
{
	uint8_t storage[MAPPED_MAX];
	size_t len = sizeof(storage);
	uint8_t *small = u8_tolower(mapped->text, mapped->len, NULL, UNINORM_NFC, storage, &len);
	enum ps_term_fault fault;
	size_t offset;

	if (small == NULL)
		return errno == ENOMEM ? PS_TERM_NO_MEMORY : PS_TERM_CHARACTER;
	fault = map(mapped, ps_bytes_of(small, len), &offset);
	if (fault == PS_TERM_GOOD)
		fault = keep(out, mapped->text, mapped->len);
	if (small != storage)
		free(small);
	return fault;
}

enum ps_term_fault ps_term_make(struct ps_term *out, struct ps_bytes text, size_t *offset)
{
	struct mapped mapped;
	size_t ignored;
	enum ps_term_fault fault = map(&mapped, text, offset != NULL ? offset : &ignored);

	if (fault != PS_TERM_GOOD)
		return fault;
	return mapped.plain ? keep(out, mapped.text, mapped.len) : make_small(out, &mapped);
}

unsigned ps_term_weight(struct ps_bytes term)
{
	unsigned weight = 0;
	size_t pos = 0;

	while (pos < term.len) {
		uint32_t character;
		uint32_t to;

		if (ps_utf8_next(term, &pos, &character) &&
		    kind_of(character, &to) == KIND_LETTER)
			weight += ps_character_width(character) == 2 ? 2 : 1;
	}
	return weight;
}
