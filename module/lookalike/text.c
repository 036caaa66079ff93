#include "lookalike/text.h"

static void put(struct ps_text *t, struct ps_text_label *label, uint8_t plain, uint8_t flags)
{
	if (!(flags & PS_LETTER_GAP) && ps_text_pair(t->plain[t->count - 1], plain) != 0)
		label->pairs = true;
	t->plain[t->count] = plain;
	t->fold[t->count] = ps_fold_octet[plain];
	t->flags[t->count++] = flags;
}

/* What there is to know of an octet of a name. Of pairs that look like one letter the first
 * has a bit eight above the second's: at least those of ps_text_pair(). One more (rr) costs a look
 * at the label's pairs, one less all that it hides. */
#define OCTET_HYPHEN 0x80u
#define OCTET_PAIR(bit) ((bit) | (bit) << 8)
static const uint16_t octets[256] = {
    ['-'] = OCTET_HYPHEN, ['r'] = 0x400 | OCTET_PAIR(0x20), ['n'] = OCTET_PAIR(0x4), ['v'] = OCTET_PAIR(0x8),
    ['c'] = 0x1000, ['l'] = 0x10, ['0'] = PS_LETTER_DIGIT, ['1'] = PS_LETTER_DIGIT,
    ['2'] = PS_LETTER_DIGIT, ['3'] = PS_LETTER_DIGIT, ['4'] = PS_LETTER_DIGIT,
    ['5'] = PS_LETTER_DIGIT, ['6'] = PS_LETTER_DIGIT, ['7'] = PS_LETTER_DIGIT,
    ['8'] = PS_LETTER_DIGIT, ['9'] = PS_LETTER_DIGIT,
};

/* --- eight letters at once --- */

#define EIGHT(c) ((c) * UINT64_C(0x0101010101010101))
#define TOPS EIGHT(UINT64_C(0x80))

/* The top bit of each octet that is c; none of the eight has its own set. */
static inline uint64_t eight_are(uint64_t octets8, uint8_t c)
{
	return ~((octets8 ^ EIGHT((uint64_t)c)) + EIGHT(UINT64_C(0x7f))) & TOPS;
}

/* Are all eight from a to z? */
static inline bool are_letters(uint64_t octets8)
{
	uint64_t low = octets8 & ~TOPS;

	return ((low + EIGHT((uint64_t)(0x80 - 'a'))) & ~(low + EIGHT((uint64_t)(0x7f - 'z'))) &
	           ~octets8 & TOPS) == TOPS;
}

/* The second ones of pairs that look like one letter, as above. */
static inline uint64_t eight_seconds(uint64_t octets8, uint64_t before)
{
	uint64_t firsts = octets8 << 8 | before;

	return (eight_are(octets8, 'n') & (eight_are(firsts, 'r') | eight_are(firsts, 'n'))) |
	    (eight_are(octets8, 'r') & eight_are(firsts, 'r')) |
	    (eight_are(octets8, 'v') & eight_are(firsts, 'v')) |
	    (eight_are(octets8, 'l') & eight_are(firsts, 'c'));
}

/* A label of the letters a to z alone, as most are. False: it is none; what stands behind
 * t->count is no matter then. Writes up to seven octets more than there are letters. */
static bool put_letters(struct ps_text *t, struct ps_text_label *out, struct ps_bytes label)
{
	uint8_t *plain = t->plain + t->count, *fold = t->fold + t->count;
	uint8_t *flags = t->flags + t->count;
	uint64_t pairs = 0, before = 0;

	if (label.len + t->count > PS_TEXT_MAX)
		return false;
	memcpy(plain, label.ptr, label.len);
	ps_store_le64(plain + label.len, EIGHT((uint64_t)'a'));
	for (size_t i = 0; i < label.len; i += 8) {
		uint64_t letters = ps_load_le64(plain + i);

		if (!are_letters(letters))
			return false;
		pairs |= eight_seconds(letters, before);
		before = letters >> 56;
		/* ps_fold_octet: of the letters it changes one, i to l. */
		ps_store_le64(fold + i, letters ^ (eight_are(letters, 'i') >> 7) * ('i' ^ 'l'));
		ps_store_le64(flags + i, 0);
	}
	flags[0] = PS_LETTER_GAP;
	t->count = (uint16_t)(t->count + label.len);
	out->pairs = pairs != 0;
	return true;
}

/* How many octets of the label are read until there is room for no more letters. */
static size_t fitting(struct ps_bytes label, size_t room)
{
	size_t len = 0;

	for (; len < label.len && room > 0; len++)
		room -= label.ptr[len] != '-';
	return len;
}

/* One branch an octet, for hyphens. What is counted stands apart from what octets are written
 * to, or the compiler could not keep it in registers. */
static void put_ascii(struct ps_text *t, struct ps_text_label *out, struct ps_bytes label)
{
	size_t room = PS_TEXT_MAX - t->count;
	const uint8_t *p = label.ptr, *folds = ps_fold_octet;
	const uint8_t *end = p + (label.len <= room ? label.len : fitting(label, room));
	uint8_t *plain = t->plain + t->count, *fold = t->fold + t->count;
	uint8_t *flags = t->flags + t->count;
	unsigned gap = PS_LETTER_GAP, hyphens = 0, digits = 0, pairs = 0, before = 0;
	size_t count = 0;

	for (; p < end; p++) {
		unsigned is = octets[*p];

		if (is & OCTET_HYPHEN) {
			hyphens++;
			gap = PS_LETTER_GAP;
			before = 0;
			continue;
		}
		plain[count] = *p;
		fold[count] = folds[*p];
		flags[count++] = (uint8_t)(gap | (is & PS_LETTER_DIGIT));
		digits += is & PS_LETTER_DIGIT;
		pairs |= before >> 8 & is;
		before = is;
		gap = 0;
	}
	t->count = (uint16_t)(t->count + count);
	out->hyphens = (uint8_t)hyphens;
	out->digits = (uint8_t)(digits / PS_LETTER_DIGIT);
	out->pairs = pairs != 0;
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

/* False: it is no A-label, or has no Punycode. */
static bool put_a_label(struct ps_text *t, struct ps_text_label *out, struct ps_bytes label)
{
	uint32_t points[PS_NAME_LABEL_MAX];
	size_t count;

	if (!ps_punycode_decode(ps_bytes_of(label.ptr + 4, label.len - 4), points,
	        PS_NAME_LABEL_MAX, &count)) {
		out->broken = true;
		return false;
	}
	put_points(t, out, points, count);
	return true;
}

static void put_label(struct ps_text *t, struct ps_bytes label)
{
	struct ps_text_label *out = &t->label[t->labels++];

	*out = (struct ps_text_label){.first = t->count};
	if (!put_letters(t, out, label) &&
	    (label.len <= 4 || memcmp(label.ptr, "xn--", 4) != 0 || !put_a_label(t, out, label)))
		put_ascii(t, out, label);
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
