#include "cli/span.h"

#include <stddef.h>
#include <string.h>

static const struct {
	char letter;
	uint64_t seconds;
} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

bool ps_span_from_text(const char *text, uint64_t *seconds)
{
	uint64_t number = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 6 || text[digits] == '\0' || text[digits + 1] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[digits] != units[i].letter)
			continue;
		*seconds = number * units[i].seconds;
		return true;
	}
	return false;
}
