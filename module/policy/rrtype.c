#include "policy/rrtype.h"

#include <stdio.h>

static const struct {
	const char *name;
	uint16_t type;
} types[] = {{"A", 1}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"PTR", 12}, {"MX", 15}, {"TXT", 16},
    {"AAAA", 28}, {"SRV", 33}, {"NAPTR", 35}, {"DS", 43}, {"DNSKEY", 48}, {"TLSA", 52},
    {"SVCB", 64}, {"HTTPS", 65}, {"ANY", 255}, {"CAA", 257}};

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

static bool begins_folded(struct ps_bytes text, const char *name)
{
	for (size_t i = 0; name[i] != '\0'; i++)
		if (i >= text.len ||
		    ps_ascii_lower(text.ptr[i]) != ps_ascii_lower((uint8_t)name[i]))
			return false;
	return true;
}

bool ps_rrtype_from_text(struct ps_bytes text, uint16_t *out)
{
	size_t start = begins_folded(text, "TYPE") ? 4 : 0;
	uint32_t number = 0;

	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (text.len == strlen(types[i].name) && begins_folded(text, types[i].name)) {
			*out = types[i].type;
			return true;
		}
	if (start == text.len)
		return false;
	for (size_t i = start; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		number = number * 10 + (uint32_t)(text.ptr[i] - '0');
		if (number > UINT16_MAX)
			return false;
	}
	if (number == 0)
		return false;
	*out = (uint16_t)number;
	return true;
}

const char *ps_rrtype_to_text(uint16_t type, char out[PS_RRTYPE_TEXT_MAX])
{
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (types[i].type == type)
			return types[i].name;
	(void)snprintf(out, PS_RRTYPE_TEXT_MAX, "TYPE%u", type);
	return out;
}
