#include "core/address.h"

#include <arpa/inet.h>
#include <stdio.h>

enum ps_status ps_address_from_text(
    struct ps_address *out, struct ps_bytes text, struct ps_error *err)
{
	char copy[PS_ADDRESS_TEXT_MAX];
	struct ps_address address = {0};

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, 0, text.len) != NULL)
		return ps_error_set(err, PS_INVALID, "is no IP address");
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, address.bytes) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, copy, address.bytes) == 1)
		address.family = 6;
	else
		return ps_error_set(err, PS_INVALID, "is no IP address");
	*out = address;
	return PS_OK;
}

static bool host_bits_clear(const struct ps_prefix *prefix)
{
	unsigned width = prefix->address.family == 4 ? 32 : 128;

	for (unsigned bit = prefix->len; bit < width; bit++) {
		if (prefix->address.bytes[bit / 8] & (0x80u >> (bit % 8)))
			return false;
	}
	return true;
}

enum ps_status ps_prefix_from_text(
    struct ps_prefix *out, struct ps_bytes text, struct ps_error *err)
{
	const uint8_t *slash = text.len > 0 ? memchr(text.ptr, '/', text.len) : NULL;
	struct ps_bytes host = text;
	struct ps_prefix prefix = {0};
	unsigned width, len = 0;
	enum ps_status status;

	if (slash != NULL)
		host.len = (size_t)(slash - text.ptr);
	status = ps_address_from_text(&prefix.address, host, err);
	if (status != PS_OK)
		return status;
	width = prefix.address.family == 4 ? 32 : 128;
	if (slash == NULL) {
		len = width;
	} else {
		struct ps_bytes digits = ps_bytes_of(slash + 1, text.len - host.len - 1);

		if (digits.len == 0 || digits.len > 3 || (digits.len > 1 && digits.ptr[0] == '0'))
			return ps_error_set(err, PS_INVALID, "has no valid prefix length");
		for (size_t i = 0; i < digits.len; i++) {
			if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
				return ps_error_set(err, PS_INVALID, "has no valid prefix length");
			len = len * 10 + (unsigned)(digits.ptr[i] - '0');
		}
		if (len > width)
			return ps_error_set(
			    err, PS_INVALID, "has a prefix length above %u", width);
	}
	prefix.len = (uint8_t)len;
	if (!host_bits_clear(&prefix))
		return ps_error_set(
		    err, PS_INVALID, "has bits set behind its prefix length of %u", len);
	*out = prefix;
	return PS_OK;
}

void ps_address_to_text(const struct ps_address *address, char out[PS_ADDRESS_TEXT_MAX])
{
	int family = address->family == 4 ? AF_INET : AF_INET6;

	if (inet_ntop(family, address->bytes, out, PS_ADDRESS_TEXT_MAX) == NULL)
		out[0] = '\0';
}

void ps_prefix_to_text(const struct ps_prefix *prefix, char out[PS_PREFIX_TEXT_MAX])
{
	char text[PS_ADDRESS_TEXT_MAX];

	ps_address_to_text(&prefix->address, text);
	if (prefix->len == (prefix->address.family == 4 ? 32 : 128))
		(void)snprintf(out, PS_PREFIX_TEXT_MAX, "%s", text);
	else
		(void)snprintf(out, PS_PREFIX_TEXT_MAX, "%s/%u", text, prefix->len);
}

bool ps_prefix_covers(const struct ps_prefix *prefix, const struct ps_address *address)
{
	unsigned whole = prefix->len / 8;
	unsigned rest = prefix->len % 8;

	if (prefix->address.family != address->family)
		return false;
	if (memcmp(prefix->address.bytes, address->bytes, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	return ((prefix->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool ps_address_unmap(struct ps_address *address)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	struct ps_address out = {.family = 4};

	if (address->family != 6 || memcmp(address->bytes, mapped, sizeof(mapped)) != 0)
		return false;
	memcpy(out.bytes, address->bytes + sizeof(mapped), 4);
	*address = out;
	return true;
}

bool ps_prefix_unmap(struct ps_prefix *prefix)
{
	if (prefix->len < 96 || !ps_address_unmap(&prefix->address))
		return false;
	prefix->len = (uint8_t)(prefix->len - 96);
	return true;
}

int ps_prefix_compare(const struct ps_prefix *a, const struct ps_prefix *b)
{
	int order;

	if (a->address.family != b->address.family)
		return a->address.family < b->address.family ? -1 : 1;
	order = memcmp(a->address.bytes, b->address.bytes, sizeof(a->address.bytes));
	return order != 0 ? order : (int)a->len - (int)b->len;
}
