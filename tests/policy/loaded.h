/* A policy parsed from text for a test, with what was said of it. */
#ifndef PS_TESTS_POLICY_LOADED_H
#define PS_TESTS_POLICY_LOADED_H

#include "policy/policy.h"

struct loaded {
	enum ps_status status;
	struct ps_policy *policy; /* NULL unless status is PS_OK */
	struct ps_diagnostics *diagnostics;
	struct ps_error err;
};

/* Aborts when there is no memory. */
struct loaded loaded_text(const char *name, struct ps_bytes text);
struct loaded loaded_path(const char *path);
void loaded_clear(struct loaded *loaded);

/* All diagnostics, rendered. The caller frees it. */
char *loaded_said(const struct loaded *loaded, enum ps_diagnostic_style style);

/* The n-th diagnostic's code; "" when there are fewer. */
const char *loaded_code(const struct loaded *loaded, size_t index);

#endif
