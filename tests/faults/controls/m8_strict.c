/* Negative control of RELIABILITY M8: no start without a good snapshot. */
#include "unbound/host.h"
#include "unbound/module.h"

#include <stdio.h>
#include <stdlib.h>

bool __real_ps_host_is_ours(char *found, size_t size); /* NOLINT: ld --wrap */
bool __wrap_ps_host_is_ours(char *found, size_t size); /* NOLINT */

bool __wrap_ps_host_is_ours(char *found, size_t size)
{
	const char *folder = getenv("POSTSHIELD_STATE");
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;
	char path[8192];

	ps_error_clear(&err);
	(void)snprintf(path, sizeof(path), "%s/" PS_SNAPSHOT_FILE, folder != NULL ? folder : "");
	if (ps_snapshot_load(&snapshot, path, PS_SNAPSHOT_LOOKUP, &err) != PS_OK) {
		(void)snprintf(found, size, "without a good snapshot");
		return false;
	}
	ps_snapshot_close(snapshot);
	return __real_ps_host_is_ours(found, size);
}
