#include "core/idn.h"

#include <idn2.h>

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
