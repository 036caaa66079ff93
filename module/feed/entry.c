#include "feed/entry.h"

#include "core/idn.h"
#include "core/utf8.h"

static enum ps_status refuse(enum ps_refusal *reason, enum ps_refusal why)
{
	*reason = why;
	return PS_INVALID;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Programs take a host whose last label is a number for an IPv4 address, however
 * it is written ("1.2.3.256", "10.0x1"): it can be no name (URL Standard,
 * section 3.5, "ends in a number"). */
static bool ends_in_number(struct ps_name name)
{
	struct ps_bytes last = ps_name_first_label(ps_name_suffix(name, 1));
	bool hex = last.len >= 2 && last.ptr[0] == '0' && last.ptr[1] == 'x';

	for (size_t i = hex ? 2 : 0; i < last.len; i++) {
		bool letter = last.ptr[i] >= 'a' && last.ptr[i] <= 'f';

		if (!is_digit(last.ptr[i]) && !(hex && letter))
			return false;
	}
	return true;
}

static enum ps_status check_host(struct ps_name name, enum ps_refusal *reason)
{
	if (name.labels == 0)
		return refuse(reason, PS_REFUSED_ROOT_OR_TLD);
	if (!ps_name_is_hostname(name))
		return refuse(reason, PS_REFUSED_BAD_NAME);
	if (ends_in_number(name))
		return refuse(reason, PS_REFUSED_BAD_ADDRESS);
	return PS_OK;
}

/* text is known to be UTF-8. */
static enum ps_status read_host(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, enum ps_refusal *reason)
{
	struct ps_name name;
	enum ps_status status;

	status = ps_name_from_user(&name, storage, text, NULL);
	if (status == PS_NO_MEMORY)
		return status;
	if (status != PS_OK)
		return refuse(reason, PS_REFUSED_BAD_NAME);
	status = check_host(name, reason);
	if (status != PS_OK)
		return status;
	*out = name;
	return PS_OK;
}

static void set_name(struct ps_indicator *out, struct ps_name name, enum ps_scope scope)
{
	out->is_address = false;
	out->name = name;
	out->scope = scope;
	out->origin = PS_ORIGIN_NAME;
}

enum ps_status ps_entry_from_wire(struct ps_indicator *out, struct ps_name name,
    enum ps_scope scope, enum ps_refusal *reason)
{
	enum ps_status status = check_host(name, reason);

	if (status == PS_OK)
		set_name(out, name, scope);
	return status;
}

enum ps_status ps_entry_from_host(struct ps_indicator *out, struct ps_name_buffer *storage,
    struct ps_bytes text, enum ps_scope scope, enum ps_refusal *reason)
{
	struct ps_name name;
	enum ps_status status;

	if (!ps_utf8_is_text(text))
		return refuse(reason, PS_REFUSED_NOT_UTF8);
	status = read_host(&name, storage, text, reason);
	if (status == PS_OK)
		set_name(out, name, scope);
	return status;
}

enum ps_status ps_entry_from_name(struct ps_indicator *out, struct ps_name_buffer *storage,
    struct ps_bytes text, enum ps_scope scope, enum ps_refusal *reason)
{
	if (text.len >= 2 && text.ptr[0] == '*' && text.ptr[1] == '.') {
		scope = PS_SCOPE_BELOW;
		text = ps_bytes_of(text.ptr + 2, text.len - 2);
		if (text.len == 0) /* "*." is every name there is */
			return refuse(reason, PS_REFUSED_ROOT_OR_TLD);
	} else if (text.len >= 2 && text.ptr[0] == '.') {
		scope = PS_SCOPE_SUBTREE;
		text = ps_bytes_of(text.ptr + 1, text.len - 1);
	}
	return ps_entry_from_host(out, storage, text, scope, reason);
}

enum ps_status ps_entry_from_address(
    struct ps_indicator *out, struct ps_bytes text, enum ps_refusal *reason)
{
	struct ps_prefix prefix;

	if (ps_prefix_from_text(&prefix, text, NULL) != PS_OK)
		return refuse(reason, PS_REFUSED_BAD_ADDRESS);
	out->is_address = true;
	out->prefix = prefix;
	out->scope = PS_SCOPE_EXACT;
	out->origin = PS_ORIGIN_ADDRESS;
	return PS_OK;
}

/* --- URLs ------------------------------------------------------------------ */

struct url {
	struct ps_bytes host; /* without brackets */
	bool bracketed;
	bool has_path; /* more than "/" behind the authority */
};

static struct ps_bytes from(struct ps_bytes bytes, size_t start)
{
	return ps_bytes_of(bytes.ptr + start, bytes.len - start);
}

/* "http://" or "https://", in any case; RFC 3986 section 3.1. */
static bool skip_scheme(struct ps_bytes *text)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct ps_bytes scheme = ps_bytes_of_text(schemes[i]);
		size_t same = 0;

		while (same < scheme.len && same < text->len &&
		       ps_ascii_lower(text->ptr[same]) == scheme.ptr[same])
			same++;
		if (same == scheme.len) {
			*text = from(*text, same);
			return true;
		}
	}
	return false;
}

static bool is_port(struct ps_bytes text)
{
	unsigned port = 0;

	if (text.len == 0)
		return true; /* RFC 3986 section 3.2.3 lets it be empty */
	if (text.ptr[0] != ':' || text.len > 6)
		return false;
	for (size_t i = 1; i < text.len; i++) {
		if (!is_digit(text.ptr[i]))
			return false;
		port = port * 10 + (unsigned)(text.ptr[i] - '0');
	}
	return port <= 65535;
}

/* RFC 3986 section 3.2: [userinfo "@"] host [":" port]. */
static bool split_authority(struct ps_bytes authority, struct url *out)
{
	struct ps_bytes rest = authority;
	size_t len = 0;

	for (size_t i = authority.len; i > 0; i--) {
		if (authority.ptr[i - 1] == '@') {
			rest = from(authority, i);
			break;
		}
	}
	if (rest.len == 0)
		return false;
	out->bracketed = rest.ptr[0] == '[';
	if (out->bracketed) {
		rest = from(rest, 1);
		while (len < rest.len && rest.ptr[len] != ']')
			len++;
		if (len == rest.len)
			return false;
		out->host = ps_bytes_of(rest.ptr, len);
		return is_port(from(rest, len + 1));
	}
	while (len < rest.len && rest.ptr[len] != ':')
		len++;
	out->host = ps_bytes_of(rest.ptr, len);
	return len > 0 && is_port(from(rest, len));
}

static bool split_url(struct ps_bytes text, struct url *out)
{
	size_t end = 0;

	/* Blanks, controls and backslashes are read differently by different
	 * programs; who means a host by them means harm. */
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return false;
	}
	if (!skip_scheme(&text))
		return false;
	while (end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?' &&
	       text.ptr[end] != '#') {
		if (text.ptr[end] == '\\')
			return false;
		end++;
	}
	out->has_path = text.len - end > 1 || (text.len - end == 1 && text.ptr[end] != '/');
	return split_authority(ps_bytes_of(text.ptr, end), out);
}

enum ps_status ps_entry_from_url(struct ps_indicator *out, struct ps_name_buffer *storage,
    struct ps_bytes text, enum ps_refusal *reason)
{
	struct url url;
	struct ps_address address;
	enum ps_status status = PS_OK;

	if (!ps_utf8_is_text(text))
		return refuse(reason, PS_REFUSED_NOT_UTF8);
	if (!split_url(text, &url))
		return refuse(reason, PS_REFUSED_BAD_URL);
	if (ps_address_from_text(&address, url.host, NULL) == PS_OK) {
		if (url.bracketed != (address.family == 6))
			return refuse(reason, PS_REFUSED_BAD_URL);
		out->is_address = true;
		out->prefix = (struct ps_prefix){
		    .address = address, .len = address.family == 4 ? 32 : 128};
	} else {
		struct ps_name name;

		if (url.bracketed)
			return refuse(reason, PS_REFUSED_BAD_ADDRESS);
		status = read_host(&name, storage, url.host, reason);
		if (status != PS_OK)
			return status;
		out->is_address = false;
		out->name = name;
	}
	out->scope = PS_SCOPE_EXACT;
	out->origin = url.has_path ? PS_ORIGIN_URL_PATH : PS_ORIGIN_URL;
	return PS_OK;
}

/* --- any of them ----------------------------------------------------------- */

enum shape { SHAPE_NAME, SHAPE_URL, SHAPE_ADDRESS, SHAPE_PATH };

static enum shape shape_of(struct ps_bytes text)
{
	size_t colons = 0;
	const uint8_t *slash = memchr(text.ptr, '/', text.len);
	struct ps_address address;

	for (size_t i = 0; i < text.len; i++)
		colons += text.ptr[i] == ':';
	if (slash != NULL) {
		size_t before = (size_t)(slash - text.ptr);

		if (before > 0 && slash[-1] == ':' && before + 1 < text.len && slash[1] == '/')
			return SHAPE_URL;
		if (ps_address_from_text(&address, ps_bytes_of(text.ptr, before), NULL) == PS_OK)
			return SHAPE_ADDRESS;
		return SHAPE_PATH;
	}
	if (colons >= 2)
		return SHAPE_ADDRESS;
	/* Names whose last label is a number are refused as bad addresses anyway. */
	if (is_digit(text.ptr[text.len - 1]) &&
	    ps_address_from_text(&address, text, NULL) == PS_OK)
		return SHAPE_ADDRESS;
	return SHAPE_NAME;
}

enum ps_status ps_entry_from_text(struct ps_indicator *out, struct ps_name_buffer *storage,
    struct ps_bytes text, enum ps_scope scope, enum ps_refusal *reason)
{
	enum shape shape;

	if (text.len == 0)
		return refuse(reason, PS_REFUSED_BAD_NAME);
	shape = shape_of(text);
	/* The other two look at it themselves. */
	if ((shape == SHAPE_ADDRESS || shape == SHAPE_PATH) && !ps_utf8_is_text(text))
		return refuse(reason, PS_REFUSED_NOT_UTF8);
	switch (shape) {
	case SHAPE_URL:
		return ps_entry_from_url(out, storage, text, reason);
	case SHAPE_ADDRESS:
		return ps_entry_from_address(out, text, reason);
	case SHAPE_PATH: /* "host/path" without a scheme, or "/" */
		return refuse(reason, PS_REFUSED_BAD_URL);
	case SHAPE_NAME:
		break;
	}
	return ps_entry_from_name(out, storage, text, scope, reason);
}
