#include "event/client.h"

#include <stdio.h>

/* Bits [bits, 8 * size) become 0. */
static void clear_from(uint8_t *bytes, size_t size, unsigned bits)
{
	for (size_t i = 0; i < size; i++) {
		unsigned first = (unsigned)i * 8;

		if (first >= bits)
			bytes[i] = 0;
		else if (first + 8 > bits)
			bytes[i] &= (uint8_t)(0xff00u >> (bits - first));
	}
}

struct ps_client ps_client_reduce(
    enum ps_client_form form, const struct ps_address *address, struct ps_hash_key key)
{
	struct ps_client out = {.form = PS_CLIENT_NONE};
	size_t size = address->family == 4 ? 4 : 16;

	if (form == PS_CLIENT_NONE || (address->family != 4 && address->family != 6))
		return out;
	out.form = form;
	if (form == PS_CLIENT_HASH) {
		uint8_t words[24] = {address->family};

		memcpy(words + 8, address->bytes, size);
		ps_store_le64(
		    out.bytes, ps_words_hash(key, ps_bytes_of(words, sizeof(words))).lo);
		return out;
	}
	out.family = address->family;
	memcpy(out.bytes, address->bytes, size);
	if (form == PS_CLIENT_PREFIX) {
		out.len = address->family == 4 ? PS_CLIENT_PREFIX4 : PS_CLIENT_PREFIX6;
		clear_from(out.bytes, sizeof(out.bytes), out.len);
	}
	return out;
}

#define DAY_MS UINT64_C(86400000)

bool ps_client_key_renew(
    struct ps_client_key *key, uint64_t now, bool (*draw)(struct ps_hash_key *key))
{
	if (key->day == 0 || key->day != now / DAY_MS)
		key->day = draw(&key->key) ? now / DAY_MS : 0;
	return key->day != 0;
}

bool ps_client_is_valid(const struct ps_client *client)
{
	struct ps_client kept = *client;
	bool known = client->family == 4 || client->family == 6;

	switch (client->form) {
	case PS_CLIENT_NONE:
		clear_from(kept.bytes, sizeof(kept.bytes), 0);
		break;
	case PS_CLIENT_HASH:
		clear_from(kept.bytes, sizeof(kept.bytes), 64);
		break;
	case PS_CLIENT_FULL:
		clear_from(kept.bytes, sizeof(kept.bytes), client->family == 4 ? 32 : 128);
		return known && client->len == 0 && ps_client_equal(&kept, client);
	case PS_CLIENT_PREFIX:
		if (client->len > (client->family == 4 ? 32 : 128))
			return false;
		clear_from(kept.bytes, sizeof(kept.bytes), client->len);
		return known && ps_client_equal(&kept, client);
	case PS_CLIENT_FORM_COUNT:
		return false;
	}
	return client->family == 0 && client->len == 0 && ps_client_equal(&kept, client);
}

bool ps_client_equal(const struct ps_client *a, const struct ps_client *b)
{
	return a->form == b->form && a->family == b->family && a->len == b->len &&
	       memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

void ps_client_to_text(const struct ps_client *client, char out[PS_CLIENT_TEXT_MAX])
{
	struct ps_prefix prefix = {.address = {.family = client->family}, .len = client->len};

	memcpy(prefix.address.bytes, client->bytes, sizeof(client->bytes));
	out[0] = '\0';
	if (client->form == PS_CLIENT_HASH)
		(void)snprintf(out, PS_CLIENT_TEXT_MAX, "#%016llx",
		    (unsigned long long)ps_load_le64(client->bytes));
	else if (client->form == PS_CLIENT_FULL)
		ps_address_to_text(&prefix.address, out);
	else if (client->form == PS_CLIENT_PREFIX)
		ps_prefix_to_text(&prefix, out);
}
