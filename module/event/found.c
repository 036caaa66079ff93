#include "event/found.h"

const char *ps_found_kind_name(unsigned kind)
{
	static const char *const names[PS_FOUND_KIND_COUNT] = {
	    "", "target", "address", "server", "server-address"};

	return kind < PS_FOUND_KIND_COUNT ? names[kind] : "?";
}

struct ps_bytes ps_found_octets_of_name(struct ps_name name)
{
	return ps_bytes_of(name.wire, name.len);
}

struct ps_bytes ps_found_octets_of_address(const struct ps_address *address)
{
	return ps_bytes_of(address->bytes, address->family == 4 ? 4 : 16);
}

struct ps_found ps_found_of(enum ps_found_kind kind, struct ps_bytes octets)
{
	struct ps_found out = {.kind = kind, .len = (uint8_t)octets.len};

	if (octets.len > 0)
		memcpy(out.bytes, octets.ptr, octets.len);
	return out;
}

bool ps_found_is_valid(const struct ps_found *found)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	size_t used = 0;

	switch (found->kind) {
	case PS_FOUND_NONE:
		return found->len == 0;
	case PS_FOUND_TARGET:
	case PS_FOUND_SERVER:
		/* In lower case already, and no octet behind the root. */
		return ps_name_from_wire(&name, &storage, ps_bytes_of(found->bytes, found->len),
		           &used) == PS_OK &&
		       used == found->len && memcmp(storage.wire, found->bytes, used) == 0;
	case PS_FOUND_ADDRESS:
	case PS_FOUND_SERVER_ADDRESS:
		return found->len == 4 || found->len == 16;
	case PS_FOUND_KIND_COUNT:
		break;
	}
	return false;
}

bool ps_found_equal(const struct ps_found *a, const struct ps_found *b)
{
	return a->kind == b->kind && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

struct ps_name ps_found_name(const struct ps_found *found)
{
	uint8_t labels = 0;

	for (size_t i = 0; found->bytes[i] != 0; i += found->bytes[i] + 1u)
		labels++;
	return ps_name_trusted(found->bytes, found->len, labels);
}

void ps_found_to_text(const struct ps_found *found, char out[PS_NAME_TEXT_MAX])
{
	struct ps_address address = {.family = found->len == 4 ? 4 : 6};

	out[0] = '\0';
	if (ps_found_is_name(found->kind)) {
		(void)ps_name_to_text(ps_found_name(found), out);
	} else if (found->kind != PS_FOUND_NONE) {
		memcpy(address.bytes, found->bytes, found->len);
		ps_address_to_text(&address, out);
	}
}
