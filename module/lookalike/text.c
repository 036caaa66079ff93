#include "lookalike/text.h"

static void put(struct ps_text *t, struct ps_text_label *label, uint8_t plain, uint8_t flags)
{
	if (!(flags & PS_LETTER_GAP) && ps_text_pair(t->plain[t->count - 1], plain) != 0)
		label->pairs = true;
	t->plain[t->count] = plain;
	t->fold[t->count] = ps_fold_octet[plain];
	t->flags[t->count++] = flags;
}

/* What an octet of a name asks for: most ask for nothing. */
#define OCTET_HYPHEN 0x80u
#define OCTET_SECOND 0x40u /* the second of two that may look like one */
static const uint8_t octets[256] = {
    ['-'] = OCTET_HYPHEN, ['n'] = OCTET_SECOND, ['v'] = OCTET_SECOND, ['l'] = OCTET_SECOND,
    ['0'] = PS_LETTER_DIGIT, ['1'] = PS_LETTER_DIGIT, ['2'] = PS_LETTER_DIGIT,
    ['3'] = PS_LETTER_DIGIT, ['4'] = PS_LETTER_DIGIT, ['5'] = PS_LETTER_DIGIT,
    ['6'] = PS_LETTER_DIGIT, ['7'] = PS_LETTER_DIGIT, ['8'] = PS_LETTER_DIGIT,
    ['9'] = PS_LETTER_DIGIT,
};

/* Nearly every label is one of these, so counts are held apart from what octets are written
 * to: the compiler could not keep them in registers. */
static void put_ascii(struct ps_text *t, struct ps_text_label *out, struct ps_bytes label)
{
	uint16_t count = t->count;
	uint8_t gap = PS_LETTER_GAP, before = 0, hyphens = 0, digits = 0;
	bool pairs = false;

	for (size_t i = 0; i < label.len && count < PS_TEXT_MAX; i++) {
		uint8_t c = label.ptr[i], is = octets[c];

		if (is & OCTET_HYPHEN) {
			hyphens++;
			gap = PS_LETTER_GAP;
			continue;
		}
		if ((is & OCTET_SECOND) && gap == 0 && ps_text_pair(before, c) != 0)
			pairs = true;
		is &= PS_LETTER_DIGIT;
		digits = (uint8_t)(digits + is / PS_LETTER_DIGIT);
		t->plain[count] = c;
		t->fold[count] = ps_fold_octet[c];
		t->flags[count++] = gap | is;
		before = c;
		gap = 0;
	}
	t->count = count;
	out->hyphens = hyphens;
	out->digits = digits;
	out->pairs = pairs;
}

static void put_points(
    struct ps_text *t, struct ps_text_label *out, const uint32_t *points, size_t count)
{
	uint8_t gap = PS_LETTER_GAP;
	unsigned ascii = 0, foreign = 0, latin = 0;

	for (size_t i = 0; i < count; i++) {
		struct ps_letters letters;
		uint8_t flags = gap;

		if (points[i] == '-') {
			out->hyphens++;
			gap = PS_LETTER_GAP;
			continue;
		}
		letters = ps_fold_code_point(points[i]);
		if (t->count + letters.len > PS_TEXT_MAX)
			break;
		if (points[i] >= '0' && points[i] <= '9') {
			flags |= PS_LETTER_DIGIT;
			out->digits++;
		} else if (points[i] < 0x80) {
			ascii++;
		} else if (letters.other_script) {
			foreign++;
			flags |= PS_LETTER_FOREIGN;
		} else {
			latin++;
		}
		if (letters.mapped)
			flags |= PS_LETTER_MAPPED;
		for (uint8_t k = 0; k < letters.len; k++) {
			put(t, out, letters.at[k], flags);
			flags &= (uint8_t)~PS_LETTER_GAP;
		}
		gap = letters.len > 0 ? 0 : gap;
	}
	out->mixed = foreign > 0 && ascii + latin > 0;
	out->whole = foreign > 0 && ascii + latin == 0;
}

static void put_label(struct ps_text *t, struct ps_bytes label)
{
	struct ps_text_label *out = &t->label[t->labels++];
	uint32_t points[PS_NAME_LABEL_MAX];
	size_t count;

	*out = (struct ps_text_label){.first = t->count};
	if (label.len > 4 && memcmp(label.ptr, "xn--", 4) == 0) {
		if (ps_punycode_decode(ps_bytes_of(label.ptr + 4, label.len - 4), points,
		        PS_NAME_LABEL_MAX, &count)) {
			put_points(t, out, points, count);
		} else {
			out->broken = true;
			put_ascii(t, out, label);
		}
	} else {
		put_ascii(t, out, label);
	}
	out->end = t->count;
	t->plain[t->count] = 0;
	t->fold[t->count] = 0;
	t->flags[t->count++] = PS_LETTER_GAP;
}

void ps_text_make(struct ps_text *out, struct ps_name name, unsigned suffix_labels)
{
	const uint8_t *p = name.wire;
	unsigned above = suffix_labels < name.labels ? name.labels - suffix_labels : 0;

	out->count = 0;
	out->labels = 0;
	out->skipped = 0;
	for (; above > PS_TEXT_LABELS_MAX; above--, out->skipped++)
		p += *p + 1u;
	for (; above > 0; above--, p += *p + 1u)
		put_label(out, ps_bytes_of(p + 1, *p));
	memset(out->fold + out->count, 0, PS_GRAM_LETTERS);
}
