#include "core/utf8.h"

#include <stdio.h>

struct span {
	uint32_t first;
	uint32_t last;
};

static const struct span hidden[] = {
    {0x85, 0x85},       {0xad, 0xad},       {0x61c, 0x61c},     {0x180e, 0x180e},
    {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0xe0000, 0xe007f},
};

/* The blocks of UAX #11 that terminals draw two cells wide. */
static const struct span wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
    {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},   {0xa960, 0xa97c},
    {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
    {0xffe0, 0xffe6},   {0x17000, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* Combining marks of the scripts that names are written in. */
static const struct span combining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},
    {0x6d6, 0x6dc},   {0x93a, 0x93a},   {0x93c, 0x93c},   {0x941, 0x948},   {0x94d, 0x94d},
    {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
    {0x200c, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static bool in_spans(const struct span *spans, size_t count, uint32_t character)
{
	for (size_t i = 0; i < count; i++)
		if (character >= spans[i].first && character <= spans[i].last)
			return true;
	return false;
}

#define IN(spans, character) in_spans(spans, sizeof(spans) / sizeof((spans)[0]), character)

/* The octets of the sequence that begins with lead, 0 for none, and the least
 * character that may be written so (RFC 3629 section 3: no overlong forms). */
static unsigned sequence_length(uint8_t lead, uint32_t *value, uint32_t *least)
{
	if (lead < 0x80) {
		*value = lead;
		*least = 0;
		return 1;
	}
	if (lead >= 0xc2 && lead <= 0xdf) {
		*value = lead & 0x1fu;
		*least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead <= 0xef) {
		*value = lead & 0x0fu;
		*least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*value = lead & 0x07u;
		*least = 0x10000;
		return 4;
	}
	return 0;
}

bool ps_utf8_next(struct ps_bytes text, size_t *pos, uint32_t *character)
{
	uint8_t lead = text.ptr[*pos];
	uint32_t value = 0;
	uint32_t least = 0;
	unsigned len = sequence_length(lead, &value, &least);

	if (len == 0 || len > text.len - *pos)
		goto bad;
	for (unsigned i = 1; i < len; i++) {
		uint8_t next = text.ptr[*pos + i];

		if ((next & 0xc0u) != 0x80)
			goto bad;
		value = value << 6 | (next & 0x3fu);
	}
	if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		goto bad;
	*pos += len;
	*character = value;
	return true;
bad:
	*pos += 1;
	*character = lead;
	return false;
}

/* Eight octets of ASCII, none of them 0: each has a clear top bit, which adding 0x7f
 * sets. */
static bool is_plain_word(const uint8_t *p)
{
	const uint64_t top = UINT64_C(0x8080808080808080);
	uint64_t word = ps_load_le64(p);

	return (word & top) == 0 && ((word + ~top) & top) == top;
}

bool ps_utf8_is_text(struct ps_bytes text)
{
	for (size_t pos = 0; pos < text.len;) {
		uint32_t character;

		if (text.len - pos >= 8 && is_plain_word(text.ptr + pos)) {
			pos += 8;
			continue;
		}
		if (!ps_utf8_next(text, &pos, &character) || character == 0)
			return false;
	}
	return true;
}

bool ps_character_is_control(uint32_t character)
{
	if (character == '\t' || character == '\n' || character == '\r')
		return false;
	return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

bool ps_character_is_hidden(uint32_t character)
{
	return character >= 0x80 && IN(hidden, character);
}

unsigned ps_character_width(uint32_t character)
{
	if (character < 0x300)
		return 1;
	if (IN(combining, character))
		return 0;
	return IN(wide, character) ? 2 : 1;
}

static size_t encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t ps_character_show(uint32_t character, bool valid, char out[PS_SHOWN_MAX], unsigned *cells)
{
	int len;

	if (valid && !ps_character_is_control(character) && !ps_character_is_hidden(character) &&
	    !ps_character_is_none(character) && character != '\t' && character != '\n' &&
	    character != '\r') {
		*cells += ps_character_width(character);
		return encode(character, out);
	}
	if (!valid || character < 0x80)
		len = snprintf(out, PS_SHOWN_MAX, "\\x%02X", (unsigned)character & 0xffu);
	else
		len = snprintf(out, PS_SHOWN_MAX, "\\u{%X}", (unsigned)character);
	*cells += (unsigned)len;
	return (size_t)len;
}

size_t ps_utf8_cut(struct ps_bytes text, size_t max)
{
	size_t len = text.len < max ? text.len : max;

	while (len > 0 && len < text.len && (text.ptr[len] & 0xc0u) == 0x80)
		len--;
	return len;
}
