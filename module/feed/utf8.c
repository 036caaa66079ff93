#include "feed/utf8.h"

/* RFC 3629 section 4: the octets that may follow each first octet. Returns the
 * length of the character at p, or 0 when it is none. */
static size_t character(const uint8_t *p, size_t left)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return p[0] != 0;
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		len = 2;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		len = 3;
		low = p[0] == 0xe0 ? 0xa0 : low;   /* overlong */
		high = p[0] == 0xed ? 0x9f : high; /* surrogates */
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		len = 4;
		low = p[0] == 0xf0 ? 0x90 : low;   /* overlong */
		high = p[0] == 0xf4 ? 0x8f : high; /* above U+10FFFF */
	} else {
		return 0;
	}
	if (left < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	}
	return len;
}

/* Eight octets of ASCII, none of them 0: each has a clear top bit, which adding 0x7f
 * sets. */
static bool is_plain_word(const uint8_t *p)
{
	uint64_t word = ps_load_le64(p);
	const uint64_t top = UINT64_C(0x8080808080808080);

	return (word & top) == 0 && ((word + ~top) & top) == top;
}

bool ps_utf8_is_text(struct ps_bytes bytes)
{
	for (size_t i = 0; i < bytes.len;) {
		size_t len;

		if (bytes.len - i >= 8 && is_plain_word(bytes.ptr + i)) {
			i += 8;
			continue;
		}
		len = character(bytes.ptr + i, bytes.len - i);

		if (len == 0)
			return false;
		i += len;
	}
	return true;
}
