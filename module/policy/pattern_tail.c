#include "policy/pattern_tail.h"

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_literal(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* An odd number of backslashes stands before pos. */
static bool is_escaped(struct ps_bytes pattern, size_t pos)
{
	size_t count = 0;

	while (count < pos && pattern.ptr[pos - 1 - count] == '\\')
		count++;
	return count % 2 != 0;
}

/* Whether the pattern is of one piece: no alternative outside of groups, no option and no
 * quoted stretch that would change what its characters mean. */
static bool is_simple(struct ps_bytes pattern)
{
	unsigned depth = 0;
	bool in_class = false;

	for (size_t i = 0; i < pattern.len; i++) {
		uint8_t c = pattern.ptr[i], next = i + 1 < pattern.len ? pattern.ptr[i + 1] : 0;

		if (c == '\\') {
			if (next == 'Q' || next == 'E')
				return false;
			i++;
		} else if (in_class) {
			in_class = c != ']';
		} else if (c == '[') {
			in_class = true;
			/* A ']' that stands first is one of the class. */
			if (next == '^')
				i++;
			if (i + 1 < pattern.len && pattern.ptr[i + 1] == ']')
				i++;
		} else if (c == '(') {
			uint8_t third = i + 2 < pattern.len ? pattern.ptr[i + 2] : 0;

			if (next == '*' || (next == '?' && (is_word(third) || third == '^' ||
			                                       third == '-' || third == '#')))
				return false;
			depth++;
		} else if (c == ')') {
			depth -= depth > 0;
		} else if (c == '|' && depth == 0) {
			return false;
		}
	}
	return true;
}

/* An escape of one letter stands for itself whatever follows; others take what follows with
 * them (\x41). */
static bool ends_an_escape(uint8_t letter)
{
	return memchr("dDwWsSbBhHvVRAGKz", letter, 17) != NULL;
}

size_t ps_pattern_tail(struct ps_bytes pattern, char out[PS_PATTERN_TAIL_MAX])
{
	size_t end = pattern.len, at = PS_PATTERN_TAIL_MAX;

	if (end == 0 || pattern.ptr[end - 1] != '$' || is_escaped(pattern, end - 1) ||
	    !is_simple(pattern))
		return 0;
	for (end--; end > 0 && at > 0; end--) {
		uint8_t c = pattern.ptr[end - 1];
		bool escaped = is_escaped(pattern, end - 1);

		if (escaped && is_word(c) && !ends_an_escape(c))
			return 0;
		if (escaped ? c != '.' && c != '-' && c != '_' : !is_literal(c))
			break;
		out[--at] = (char)c;
		end -= escaped;
	}
	/* A back reference, or a number of an escape: what stands before a digit decides. */
	for (size_t i = end; i > 0 && is_word(pattern.ptr[i - 1]); i--)
		if (is_escaped(pattern, i - 1) && !ends_an_escape(pattern.ptr[i - 1]))
			return 0;
	memmove(out, out + at, PS_PATTERN_TAIL_MAX - at);
	return PS_PATTERN_TAIL_MAX - at;
}
