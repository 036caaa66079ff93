#include "cli/scan_elements.h"

/* Blanks, and a byte-order mark. */
static bool may_precede(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r' || octet == PS_SCAN_BREAK ||
	       octet == 0xef || octet == 0xbb || octet == 0xbf;
}

static void begin_line(struct ps_scan_elements *elements, uint8_t *octet)
{
	if (may_precede(*octet))
		return;
	elements->begun = true;
	elements->in_array = *octet == '[';
	if (elements->in_array) {
		elements->depth = 1;
		*octet = PS_SCAN_BREAK;
	}
}

static void in_string(struct ps_scan_elements *elements, uint8_t octet)
{
	if (elements->escaped)
		elements->escaped = false;
	else if (octet == '\\')
		elements->escaped = true;
	else if (octet == '"')
		elements->in_string = false;
}

static void in_array(struct ps_scan_elements *elements, uint8_t *octet)
{
	switch (*octet) {
	case '"':
		elements->in_string = true;
		break;
	case '[':
	case '{':
		elements->depth++;
		break;
	case ']':
	case '}':
		if (elements->depth > 1) {
			elements->depth--;
		} else if (*octet == ']') { /* a brace too many is the element's */
			elements->in_array = false;
			*octet = PS_SCAN_BREAK;
		}
		break;
	case ',':
		if (elements->depth == 1)
			*octet = PS_SCAN_BREAK;
		break;
	default:
		break;
	}
}

void ps_scan_elements_part(struct ps_scan_elements *elements, uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (octets[i] == '\n') {
			*elements = (struct ps_scan_elements){.begun = false};
		} else if (!elements->begun) {
			begin_line(elements, &octets[i]);
		} else if (!elements->in_array) {
			const uint8_t *end = memchr(octets + i, '\n', len - i);

			i = end == NULL ? len - 1 : (size_t)(end - octets) - 1;
		} else if (elements->in_string) {
			in_string(elements, octets[i]);
		} else {
			in_array(elements, &octets[i]);
		}
	}
}
