#include "unbound/strict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STRICT_FILE "/strict"

bool ps_strict_refuses(struct ps_module *module)
{
	const char *wanted = getenv("POSTSHIELD_STRICT");
	bool by_environment = wanted != NULL && wanted[0] != '\0' && strcmp(wanted, "0") != 0;
	char path[sizeof(module->folder) + sizeof(STRICT_FILE)];

	if (module != NULL && atomic_load(&module->current) != NULL)
		return false;
	path[0] = '\0';
	if (module != NULL)
		(void)snprintf(path, sizeof(path), "%s" STRICT_FILE, module->folder);
	if (!by_environment && (path[0] == '\0' || access(path, F_OK) != 0))
		return false;
	log_err("postshield: there is no good snapshot, and %s asks for one: the resolver does not "
	        "start; run postshield build, or %s",
	    by_environment ? "POSTSHIELD_STRICT" : path,
	    by_environment ? "unset that" : "remove that file");
	return true;
}
