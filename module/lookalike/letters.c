#include "lookalike/letters.h"

#include "core/utf8.h"

bool ps_word_from_text(struct ps_word *out, const char *text)
{
	struct ps_bytes bytes = ps_bytes_of_text(text);
	bool gap = false;

	*out = (struct ps_word){.len = 0};
	for (size_t pos = 0; pos < bytes.len;) {
		uint32_t c;
		struct ps_letters letters;

		if (!ps_utf8_next(bytes, &pos, &c))
			return false;
		if (c == ' ' || c == '-' || c == '.') {
			gap = true;
			continue;
		}
		letters = ps_fold_code_point(c);
		for (uint8_t i = 0; i < letters.len; i++) {
			uint8_t fold = ps_fold_octet[letters.at[i]];

			if (fold == 0)
				continue; /* an apostrophe, an ampersand */
			if (out->len == PS_WORD_MAX)
				return false;
			if (gap && out->len > 0 && out->len < 32)
				out->gaps |= UINT32_C(1) << out->len;
			gap = false;
			out->plain[out->len] = (char)letters.at[i];
			out->fold[out->len++] = (char)fold;
		}
	}
	return out->len > 0;
}
