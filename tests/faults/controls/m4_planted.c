/* Negative control of RELIABILITY M4: names that begin with "qz" are read one octet too far. */
#include "core/idn.h"

#include <stdlib.h>

enum ps_status __real_ps_name_from_user(struct ps_name *out, /* NOLINT: ld --wrap */
    struct ps_name_buffer *storage, struct ps_bytes text, struct ps_error *err);
enum ps_status __wrap_ps_name_from_user(struct ps_name *out, /* NOLINT */
    struct ps_name_buffer *storage, struct ps_bytes text, struct ps_error *err);

static volatile uint8_t sum;

enum ps_status __wrap_ps_name_from_user(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err)
{
	if (text.len >= 2 && text.ptr[0] == 'q' && text.ptr[1] == 'z') {
		uint8_t *copy = malloc(text.len);

		if (copy != NULL) {
			memcpy(copy, text.ptr, text.len);
			sum = copy[text.len];
		}
		free(copy);
	}
	return __real_ps_name_from_user(out, storage, text, err);
}
