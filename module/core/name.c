#include "core/name.h"

/* Eight octets in lower case at once (after H. S. Warren, Hacker's Delight, on finding
 * bytes in ranges). Length octets are below 64 and no letters, so a whole name is
 * lower-cased without a look at where its labels begin. */
static uint64_t lower_word(uint64_t word)
{
	uint64_t low = word & UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t from_a = low + UINT64_C(0x3f3f3f3f3f3f3f3f);  /* top bit: at least 'A' */
	uint64_t above_z = low + UINT64_C(0x2525252525252525); /* top bit: above 'Z' */
	uint64_t upper = from_a & ~above_z & ~word & UINT64_C(0x8080808080808080);

	return word | upper >> 2;
}

static void lower_eight(uint8_t *to, const uint8_t *from)
{
	uint64_t word;

	memcpy(&word, from, 8);
	word = lower_word(word);
	memcpy(to, &word, 8);
}

static void lower_copy(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t i = 0;

	for (; i + 8 <= len; i += 8)
		lower_eight(to + i, from + i);
	/* The last eight, some of them once more, cost less than the rest one by one. */
	if (i < len && len >= 8)
		lower_eight(to + len - 8, from + len - 8);
	else
		for (; i < len; i++)
			to[i] = ps_ascii_lower(from[i]);
}

enum ps_status ps_name_from_wire(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes wire, size_t *consumed)
{
	size_t end = wire.len < PS_NAME_WIRE_MAX ? wire.len : PS_NAME_WIRE_MAX;
	size_t pos = 0;
	unsigned labels = 0;

	/* A label that reaches the end leaves no place for the root's, which is then missed. */
	for (;;) {
		size_t label;

		if (pos >= end)
			return PS_INVALID;
		label = wire.ptr[pos];
		if (label > PS_NAME_LABEL_MAX) /* pointer or extended label type */
			return PS_INVALID;
		pos += label + 1;
		if (label == 0)
			break;
		labels++;
	}
	lower_copy(storage->wire, wire.ptr, pos);
	*out = ps_name_trusted(storage->wire, (uint8_t)pos, (uint8_t)labels);
	if (consumed != NULL)
		*consumed = pos;
	return PS_OK;
}

/* One octet of presentation form at *pos; the caller knows that *pos is inside. */
static enum ps_status read_octet(
    struct ps_bytes text, size_t *pos, uint8_t *octet, struct ps_error *err)
{
	unsigned value = 0;

	if (text.ptr[*pos] != '\\') {
		*octet = text.ptr[(*pos)++];
		return PS_OK;
	}
	if (*pos + 1 >= text.len) {
		ps_error_at(err, NULL, 0, 0, *pos);
		return ps_error_set(err, PS_INVALID, "the name ends in a backslash");
	}
	if (text.ptr[*pos + 1] < '0' || text.ptr[*pos + 1] > '9') {
		*octet = text.ptr[*pos + 1];
		*pos += 2;
		return PS_OK;
	}
	for (size_t i = 1; i <= 3; i++) {
		uint8_t c = *pos + i < text.len ? text.ptr[*pos + i] : 0;

		if (c < '0' || c > '9') {
			ps_error_at(err, NULL, 0, 0, *pos);
			return ps_error_set(
			    err, PS_INVALID, "an escape in a name needs three digits, as in \\032");
		}
		value = value * 10 + (unsigned)(c - '0');
	}
	if (value > 255) {
		ps_error_at(err, NULL, 0, 0, *pos);
		return ps_error_set(err, PS_INVALID, "an escape in a name is above \\255");
	}
	*octet = (uint8_t)value;
	*pos += 4;
	return PS_OK;
}

enum ps_status ps_name_from_text(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err)
{
	size_t pos = 0;
	size_t at = 0; /* where the current label's length octet stands */
	unsigned labels = 0;

	if (text.len == 0) {
		ps_error_at(err, NULL, 0, 0, 0);
		return ps_error_set(err, PS_INVALID, "the name is empty");
	}
	if (text.len == 1 && text.ptr[0] == '.')
		pos = 1;
	while (pos < text.len) {
		size_t label_start = pos;
		size_t used = 0;

		while (pos < text.len && text.ptr[pos] != '.') {
			uint8_t octet = 0;
			size_t octet_start = pos;
			enum ps_status status = read_octet(text, &pos, &octet, err);

			if (status != PS_OK)
				return status;
			if (used == PS_NAME_LABEL_MAX) {
				ps_error_at(err, NULL, 0, 0, octet_start);
				return ps_error_set(err, PS_INVALID,
				    "a label is over 63 octets (RFC 1035 section 2.3.4)");
			}
			if (at + 1 + used + 1 >= PS_NAME_WIRE_MAX) {
				ps_error_at(err, NULL, 0, 0, octet_start);
				return ps_error_set(err, PS_INVALID,
				    "the name is over 255 octets (RFC 1035 section 2.3.4)");
			}
			storage->wire[at + 1 + used++] = ps_ascii_lower(octet);
		}
		if (used == 0) {
			ps_error_at(err, NULL, 0, 0, label_start);
			return ps_error_set(err, PS_INVALID, "the name has an empty label");
		}
		storage->wire[at] = (uint8_t)used;
		at += used + 1;
		labels++;
		if (pos < text.len)
			pos++; /* the dot; a final one ends the loop */
	}
	storage->wire[at] = 0;
	*out = ps_name_trusted(storage->wire, (uint8_t)(at + 1), (uint8_t)labels);
	return PS_OK;
}

size_t ps_name_to_text(struct ps_name name, char out[PS_NAME_TEXT_MAX])
{
	size_t used = 0;
	size_t pos = 0;

	if (name.labels == 0) {
		memcpy(out, ".", 2);
		return 1;
	}
	while (name.wire[pos] != 0) {
		size_t label = name.wire[pos++];

		if (used > 0)
			out[used++] = '.';
		for (; label > 0; label--) {
			uint8_t c = name.wire[pos++];

			if (c == '.' || c == '\\' || c == '"' || c == ';' || c == '(' || c == ')' ||
			    c == '@' || c == '$') {
				out[used++] = '\\';
				out[used++] = (char)c;
			} else if (c > 0x20 && c < 0x7f) {
				out[used++] = (char)c;
			} else {
				out[used++] = '\\';
				out[used++] = (char)('0' + c / 100);
				out[used++] = (char)('0' + c / 10 % 10);
				out[used++] = (char)('0' + c % 10);
			}
		}
	}
	out[used] = '\0';
	return used;
}

struct ps_name ps_name_parent(struct ps_name name)
{
	unsigned skip;

	if (name.labels == 0)
		return name;
	skip = name.wire[0] + 1u;
	return ps_name_trusted(
	    name.wire + skip, (uint8_t)(name.len - skip), (uint8_t)(name.labels - 1));
}

struct ps_name ps_name_suffix(struct ps_name name, unsigned labels)
{
	while (name.labels > labels)
		name = ps_name_parent(name);
	return name;
}

struct ps_bytes ps_name_first_label(struct ps_name name)
{
	return ps_bytes_of(name.wire + 1, name.wire[0]);
}

bool ps_name_is_under(struct ps_name name, struct ps_name ancestor)
{
	if (name.labels < ancestor.labels)
		return false;
	return ps_name_equal(ps_name_suffix(name, ancestor.labels), ancestor);
}

bool ps_name_is_hostname(struct ps_name name)
{
	if (name.labels == 0)
		return false;
	for (; name.labels > 0; name = ps_name_parent(name)) {
		struct ps_bytes label = ps_name_first_label(name);

		if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++) {
			uint8_t c = label.ptr[i];

			if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			        c == '_'))
				return false;
		}
	}
	return true;
}

int ps_name_compare(struct ps_name a, struct ps_name b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return memcmp(a.wire, b.wire, a.len);
}
