#include "verdict/rdata.h"

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_AAAA = 28,
	TYPE_DNAME = 39,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
};

enum { KEY_IPV4HINT = 4, KEY_IPV6HINT = 6 }; /* RFC 9460 section 14.3.2 */

/* False: there is no whole name at the beginning. */
static bool show_name(enum ps_fact_kind kind, struct ps_bytes rdata, bool root_too,
    size_t *consumed, const struct ps_fact_visitor *visitor)
{
	struct ps_fact fact = {.kind = kind};
	struct ps_name_buffer storage;

	if (ps_name_from_wire(&fact.name, &storage, rdata, consumed) != PS_OK)
		return false;
	if (root_too || fact.name.labels > 0)
		visitor->fact(visitor->ctx, &fact);
	return true;
}

static void show_address(enum ps_fact_kind kind, const uint8_t *octets, uint8_t family,
    const struct ps_fact_visitor *visitor)
{
	struct ps_fact fact = {.kind = kind, .address = {.family = family}};

	memcpy(fact.address.bytes, octets, family == 4 ? 4 : 16);
	(void)ps_address_unmap(&fact.address);
	visitor->fact(visitor->ctx, &fact);
}

static void show_hints(
    struct ps_bytes value, uint8_t family, const struct ps_fact_visitor *visitor)
{
	size_t width = family == 4 ? 4 : 16;

	for (size_t at = 0; at + width <= value.len; at += width)
		show_address(PS_FACT_ADDRESS, value.ptr + at, family, visitor);
}

static void show_service(struct ps_bytes rdata, const struct ps_fact_visitor *visitor)
{
	size_t at = 2, consumed; /* behind SvcPriority */

	if (rdata.len < at ||
	    !show_name(PS_FACT_TARGET, ps_bytes_of(rdata.ptr + at, rdata.len - at), false,
	        &consumed, visitor))
		return;
	at += consumed;
	while (rdata.len - at >= 4) {
		const uint8_t *p = rdata.ptr + at;
		unsigned key = (unsigned)p[0] << 8 | p[1];
		size_t len = (size_t)p[2] << 8 | p[3];

		at += 4;
		if (len > rdata.len - at)
			return;
		if (key == KEY_IPV4HINT || key == KEY_IPV6HINT)
			show_hints(ps_bytes_of(rdata.ptr + at, len),
			    key == KEY_IPV4HINT ? 4 : 6, visitor);
		at += len;
	}
}

void ps_rdata_visit(uint16_t type, enum ps_rdata_section section, struct ps_bytes rdata,
    const struct ps_fact_visitor *visitor)
{
	bool answer = section == PS_RDATA_ANSWER;
	enum ps_fact_kind address = answer ? PS_FACT_ADDRESS : PS_FACT_SERVER_ADDRESS;

	if (type == TYPE_A && rdata.len == 4)
		show_address(address, rdata.ptr, 4, visitor);
	else if (type == TYPE_AAAA && rdata.len == 16)
		show_address(address, rdata.ptr, 6, visitor);
	else if ((type == TYPE_CNAME || type == TYPE_DNAME) && answer)
		(void)show_name(PS_FACT_TARGET, rdata, true, NULL, visitor);
	else if ((type == TYPE_SVCB || type == TYPE_HTTPS) && answer)
		show_service(rdata, visitor);
	else if (type == TYPE_NS && !answer)
		(void)show_name(PS_FACT_SERVER_NAME, rdata, true, NULL, visitor);
}
