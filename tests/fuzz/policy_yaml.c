/* Any bytes as a policy file: either something is said against it, or the plan keeps
 * every promise of its header; and whatever is said can be shown on a terminal. */
#include "policy/plan_valid.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void check_shown(const struct ps_diagnostics *diagnostics)
{
	struct ps_buffer out;

	ps_buffer_init(&out, (size_t)64 << 20);
	for (size_t i = 0; i < ps_diagnostics_count(diagnostics); i++) {
		const struct ps_diagnostic *d = ps_diagnostics_get(diagnostics, i);

		check(d->code != NULL && d->text != NULL && d->file != NULL, "a whole diagnostic");
		ps_diagnostic_print(d, PS_DIAGNOSTIC_FANCY, &out);
		ps_diagnostic_print(d, PS_DIAGNOSTIC_PLAIN, &out);
	}
	for (size_t i = 0; i < out.len; i++)
		check(out.data[i] == '\n' || (out.data[i] >= 0x20 && out.data[i] != 0x7f),
		    "printable diagnostics");
	check(out.status == PS_OK, "diagnostics within 64 MiB");
	ps_buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ps_diagnostics *diagnostics;
	struct ps_policy *policy = NULL;
	struct ps_error err;
	enum ps_status status;

	ps_error_clear(&err);
	check(ps_diagnostics_create(&diagnostics) == PS_OK, "memory");
	status = ps_policy_parse(
	    &policy, "fuzz.yaml", ps_bytes_of(data, size), diagnostics, &err);
	check(status == PS_OK || status == PS_INVALID, "a policy or mistakes");
	check((status == PS_OK) == (ps_diagnostics_errors(diagnostics) == 0), "one of both");
	if (status == PS_OK) {
		const char *fault = plan_fault(ps_policy_plan(policy));

		check(fault == NULL, fault);
	}
	check_shown(diagnostics);
	ps_policy_destroy(policy);
	ps_diagnostics_destroy(diagnostics);
	return 0;
}
