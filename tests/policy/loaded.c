#include "policy/loaded.h"

#include <stdlib.h>

static struct loaded begin(void)
{
	struct loaded loaded = {.status = PS_OK};

	ps_error_clear(&loaded.err);
	if (ps_diagnostics_create(&loaded.diagnostics) != PS_OK)
		abort();
	return loaded;
}

struct loaded loaded_text(const char *name, struct ps_bytes text)
{
	struct loaded loaded = begin();

	loaded.status =
	    ps_policy_parse(&loaded.policy, name, text, loaded.diagnostics, &loaded.err);
	return loaded;
}

struct loaded loaded_path(const char *path)
{
	struct loaded loaded = begin();

	loaded.status = ps_policy_load(&loaded.policy, path, loaded.diagnostics, &loaded.err);
	return loaded;
}

void loaded_clear(struct loaded *loaded)
{
	ps_policy_destroy(loaded->policy);
	ps_diagnostics_destroy(loaded->diagnostics);
}

char *loaded_said(const struct loaded *loaded, enum ps_diagnostic_style style)
{
	struct ps_buffer out;

	ps_buffer_init(&out, (size_t)16 << 20);
	for (size_t i = 0; i < ps_diagnostics_count(loaded->diagnostics); i++)
		ps_diagnostic_print(ps_diagnostics_get(loaded->diagnostics, i), style, &out);
	if (ps_buffer_append(&out, "", 1) != PS_OK)
		abort();
	return (char *)out.data;
}

const char *loaded_code(const struct loaded *loaded, size_t index)
{
	const struct ps_diagnostic *d = ps_diagnostics_get(loaded->diagnostics, index);

	return d != NULL ? d->code : "";
}
