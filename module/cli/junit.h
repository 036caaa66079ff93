/* An examination as JUnit's XML, which CI systems show: a test case a test, by file.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_JUNIT_H
#define PS_CLI_JUNIT_H

#include "cli/examination.h"

/* Replaces the file at path, whole or not at all. Errors: PS_IO, PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_junit_write(
    const struct ps_examination *examination, const char *path, struct ps_error *err);

#endif
