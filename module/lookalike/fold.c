#include "lookalike/fold.h"

struct fold_entry {
	uint32_t code_point;
	uint8_t len;
	uint8_t other_script;
	uint16_t at; /* in fold_pool */
};

#include "lookalike/fold_table.h" /* made by make_fold */

/* Octets of UTF-8 stay as they are; what no host name has (and the hyphen) is 0. */
#define SAME(c) [c] = c
#define SAME4(c) SAME(c), SAME(c + 1), SAME(c + 2), SAME(c + 3)
#define SAME16(c) SAME4(c), SAME4(c + 4), SAME4(c + 8), SAME4(c + 12)
const uint8_t ps_fold_octet[256] = {
    SAME4('a'), SAME4('e'), ['i'] = 'l', SAME('j'), SAME('k'), SAME('l'), SAME4('m'), SAME4('q'),
    SAME4('u'), SAME('y'), SAME('z'), ['0'] = 'o', ['1'] = 'l', SAME('2'), ['3'] = 'e',
    ['4'] = 'a', ['5'] = 's', SAME('6'), ['7'] = 't', ['8'] = 'b', ['9'] = 'g', SAME('_'),
    SAME16(0x80), SAME16(0x90), SAME16(0xa0), SAME16(0xb0), SAME16(0xc0), SAME16(0xd0),
    SAME16(0xe0), SAME16(0xf0),
};

static uint8_t put_utf8(uint32_t c, uint8_t out[PS_FOLD_LETTERS_MAX])
{
	uint8_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (uint8_t i = len; i-- > 1; c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(0xf00u >> len | c);
	return len;
}

struct ps_letters ps_fold_code_point(uint32_t c)
{
	struct ps_letters out = {.len = 0};
	size_t low = 0, high = sizeof(fold_entries) / sizeof(fold_entries[0]);

	if (c < 0x80) {
		out.at[0] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
		out.len = 1;
		return out;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct fold_entry *entry = &fold_entries[middle];

		if (entry->code_point == c) {
			memcpy(out.at, fold_pool + entry->at, entry->len);
			out.len = entry->len;
			out.mapped = true;
			out.other_script = entry->other_script != 0;
			return out;
		}
		if (entry->code_point < c)
			low = middle + 1;
		else
			high = middle;
	}
	out.other_script = true;
	out.len = put_utf8(c, out.at);
	return out;
}

/* --- Punycode ------------------------------------------------------------------------ */

/* RFC 3492 section 5. */
enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_N = 128 };

/* Section 6.1. */
static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* The digit's value; BASE: it is none. */
static uint32_t digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0') + 26;
	return c >= 'a' && c <= 'z' ? (uint32_t)(c - 'a') : BASE;
}

/* Reads one generalized variable-length integer (section 3.3) and adds it to *i. */
static bool read_integer(struct ps_bytes text, size_t *pos, uint32_t bias, uint32_t *i)
{
	uint32_t weight = 1;

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t digit, t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

		if (*pos == text.len)
			return false;
		digit = digit_value(text.ptr[(*pos)++]);
		if (digit == BASE || digit > (UINT32_MAX - *i) / weight)
			return false;
		*i += digit * weight;
		if (digit < t)
			return true;
		if (weight > UINT32_MAX / (BASE - t))
			return false;
		weight *= BASE - t;
	}
}

bool ps_punycode_decode(struct ps_bytes text, uint32_t *out, size_t max, size_t *count)
{
	uint32_t n = FIRST_N, i = 0, bias = FIRST_BIAS;
	size_t len = 0, pos = 0;

	/* A hyphen in front delimits nothing: section 6.2 takes it for a digit, which it is not. */
	for (size_t at = text.len; at-- > 1;)
		if (text.ptr[at] == '-') {
			for (; len < at; len++) {
				if (len == max || text.ptr[len] >= 0x80)
					return false;
				out[len] = text.ptr[len];
			}
			pos = at + 1;
			break;
		}
	while (pos < text.len) {
		uint32_t before = i;

		if (!read_integer(text, &pos, bias, &i) || len == max)
			return false;
		bias = adapt(i - before, (uint32_t)len + 1, before == 0);
		if (i / (len + 1) > 0x10ffff - n)
			return false;
		n += i / (uint32_t)(len + 1);
		i %= (uint32_t)(len + 1);
		memmove(out + i + 1, out + i, (len - i) * sizeof(*out));
		out[i++] = n;
		len++;
	}
	*count = len;
	return len > 0;
}
