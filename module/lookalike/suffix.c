#include "lookalike/suffix.h"

#include "core/name.h"
#include "lookalike/fold.h"

static bool label_is(const uint8_t *label, const char *text)
{
	return label[0] == strlen(text) && memcmp(label + 1, text, label[0]) == 0;
}

bool ps_suffix_is_trusted(const uint8_t *tld, const uint8_t *second)
{
	static const char *const words[] = {
	    "gov", "edu", "mil", "int", "ac", "gob", "gouv", "go", "gub", "govt", "sch", "k12"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (i < 4 && label_is(tld, words[i]))
			return true;
		if (second != NULL && tld[0] == 2 && label_is(second, words[i]))
			return true;
	}
	return false;
}

/* --- .post ---------------------------------------------------------------------------- */

static const char post[] = "post";

static bool is_folded_post(const uint8_t *letters)
{
	for (unsigned i = 0; i < 4; i++)
		if (ps_fold_octet[letters[i]] != ps_fold_octet[(uint8_t)post[i]])
			return false;
	return true;
}

/* label: what stands behind "xn--". */
static bool decodes_like_post(struct ps_bytes label)
{
	uint32_t points[PS_NAME_LABEL_MAX];
	uint8_t letters[4];
	size_t count, len = 0;

	if (!ps_punycode_decode(label, points, PS_NAME_LABEL_MAX, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct ps_letters fold = ps_fold_code_point(points[i]);

		if (fold.len > sizeof(letters) - len)
			return false;
		memcpy(letters + len, fold.at, fold.len);
		len += fold.len;
	}
	return len == sizeof(letters) && is_folded_post(letters);
}

bool ps_suffix_is_like_post(const uint8_t *tld)
{
	if (tld[0] == 4)
		return is_folded_post(tld + 1) && !label_is(tld, post);
	return tld[0] > 4 && memcmp(tld + 1, "xn--", 4) == 0 &&
	       decodes_like_post(ps_bytes_of(tld + 5, tld[0] - 4u));
}

/* --- countries ------------------------------------------------------------------------ */

bool ps_suffix_is_of(const uint8_t *letters, const char *countries)
{
	const char *code = countries;

	for (; code[0] != '\0' && code[1] != '\0'; code += code[2] == ' ' ? 3 : 2)
		if ((letters[0] == (code[0] | 0x20) && letters[1] == (code[1] | 0x20)) ||
		    (memcmp(code, "GB", 2) == 0 && memcmp(letters, "uk", 2) == 0))
			return true;
	return false;
}
