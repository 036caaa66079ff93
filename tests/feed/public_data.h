/* Public test vectors that are not part of the project: where POSTSHIELD_DATA (or
 * ../shared/data beside the source tree) has them. */
#ifndef PS_TESTS_FEED_PUBLIC_DATA_H
#define PS_TESTS_FEED_PUBLIC_DATA_H

#include "core/file.h"
#include "feed/collect.h"

/* Reads data/NAME whole; false, after a line that says what did not run, when it is not
 * there. */
static inline bool read_public(const char *name, struct ps_buffer *out)
{
	const char *folder = getenv("POSTSHIELD_DATA");
	char path[600];

	if (folder != NULL)
		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	else
		(void)snprintf(path, sizeof(path), "%s/../../../../shared/data/%s", PS_TEST_DATA, name);
	ps_buffer_init(out, 1 << 24);
	if (ps_file_read(path, out, NULL) == PS_OK && out->len > 0)
		return true;
	ps_buffer_clear(out);
	printf("NOT RUN: %s is not there (POSTSHIELD_DATA)\n", name);
	return false;
}

#endif
