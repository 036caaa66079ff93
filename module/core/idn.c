#include "core/idn.h"

#include "core/address.h"

#include <idn2.h>

#define SHOWN(text) ((text).len > 100 ? 100 : (int)(text).len), (const char *)(text).ptr

enum ps_status ps_name_from_user(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err)
{
	char copy[4 * PS_NAME_TEXT_MAX];
	char *ascii = NULL;
	enum ps_status status;
	bool plain = true;
	int rc;

	for (size_t i = 0; i < text.len; i++)
		plain = plain && text.ptr[i] < 0x80;
	if (plain)
		return ps_name_from_text(out, storage, text, err);
	if (text.len >= sizeof(copy) || memchr(text.ptr, 0, text.len) != NULL)
		return ps_error_set(err, PS_INVALID, "the name is over 255 octets or holds a NUL");
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	rc = idn2_to_ascii_8z(copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc == IDN2_MALLOC)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	if (rc != IDN2_OK)
		return ps_error_set(
		    err, PS_INVALID, "is no internationalised name: %s", idn2_strerror(rc));
	/* Unicode has backslashes that mapping turns into ASCII's: no escapes here. */
	if (strchr(ascii, '\\') != NULL)
		status = ps_error_set(
		    err, PS_INVALID, "an internationalised name can hold no backslash");
	else
		status = ps_name_from_text(out, storage, ps_bytes_of_text(ascii), err);
	idn2_free(ascii);
	return status;
}

struct ps_bytes ps_url_host(struct ps_bytes text)
{
	const uint8_t *scheme = memmem(text.ptr, text.len, "://", 3);
	const uint8_t *at;
	const uint8_t *colon;
	size_t len = 0;

	if (scheme != NULL) {
		text.len -= (size_t)(scheme + 3 - text.ptr);
		text.ptr = scheme + 3;
	}
	while (len < text.len && text.ptr[len] != '\0' && strchr("/?#", text.ptr[len]) == NULL)
		len++;
	at = len > 0 ? memrchr(text.ptr, '@', len) : NULL; /* user and password */
	if (at != NULL) {
		len -= (size_t)(at + 1 - text.ptr);
		text.ptr = at + 1;
	}
	colon = len > 0 ? memchr(text.ptr, ':', len) : NULL; /* port */
	return ps_bytes_of(text.ptr, colon != NULL ? (size_t)(colon - text.ptr) : len);
}

/* The first octet that a name has only when somebody pasted something else; NULL: none. */
static const uint8_t *stray(struct ps_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] <= ' ' || text.ptr[i] == 0x7f ||
		         strchr("/:,;@[](){}<>\"'?#%&=|!$", text.ptr[i]) != NULL)
			return text.ptr + i;
	}
	return NULL;
}

/* Whether text becomes a name when "[.]" and "(.)" are read as dots; out: that text. */
static bool refang(struct ps_bytes text, char out[static PS_NAME_TEXT_MAX])
{
	size_t len = 0;
	bool found = false;

	for (size_t i = 0; i < text.len; i++) {
		bool dot = i + 2 < text.len && text.ptr[i + 1] == '.' &&
		           ((text.ptr[i] == '[' && text.ptr[i + 2] == ']') ||
		               (text.ptr[i] == '(' && text.ptr[i + 2] == ')'));

		found = found || dot;
		if (len + 1 == PS_NAME_TEXT_MAX)
			return false;
		out[len++] = dot ? '.' : (char)text.ptr[i];
		i += dot ? 2 : 0;
	}
	out[len] = '\0';
	return found && stray(ps_bytes_of(out, len)) == NULL;
}

enum ps_status ps_name_from_person(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err)
{
	const uint8_t *at = stray(text);
	struct ps_bytes host = ps_url_host(text);
	struct ps_address address;
	struct ps_error inner;
	char name[PS_NAME_TEXT_MAX];
	enum ps_status status;

	ps_error_clear(&inner);
	if (text.len == 0)
		return ps_error_set(err, PS_INVALID, "the name is empty; the root is '.'");
	if (ps_address_from_text(&address, text, NULL) == PS_OK ||
	    ps_address_from_text(&address, host, NULL) == PS_OK)
		return ps_error_set(err, PS_INVALID,
		    "'%.*s' is an address: 'postshield index lookup' tells what is listed of it",
		    SHOWN(text));
	if (at != NULL && memchr(text.ptr, '/', text.len) != NULL && host.len > 0)
		return ps_error_set(err, PS_INVALID,
		    "'%.*s' is a URL: give its host alone, '%.*s'", SHOWN(text), SHOWN(host));
	if (at != NULL && refang(text, name))
		return ps_error_set(err, PS_INVALID, "'%.*s' is no domain name: write '%.100s'",
		    SHOWN(text), name);
	if (at != NULL && (*at < ' ' || *at == 0x7f))
		return ps_error_set(err, PS_INVALID,
		    "'%.*s' is no domain name: no host has the control character %u in it",
		    SHOWN(text), *at);
	if (at != NULL)
		return ps_error_set(err, PS_INVALID,
		    "'%.*s' is no domain name: no host has '%c' in it; as an octet of a name it is "
		    "written \\%03u",
		    SHOWN(text), *at, *at);
	status = ps_name_from_user(out, storage, text, &inner);
	return status == PS_OK ? PS_OK
	                       : ps_error_set(err, status, "'%.*s' is no domain name: %.120s",
	                             SHOWN(text), inner.text);
}
