/* What stands behind a syntax error: YAML's readers stop there, authors want to know of every
 * mistake at once.
 *
 * The statement that is broken (its line, and the lines indented deeper) is blanked in a copy, and
 * the copy read again; of what is found only what stands behind it is told. So nothing is told
 * that the broken statement, or its absence, might be the reason of.
 * Threads: one at a time.
 */
#ifndef PS_POLICY_YAML_REST_H
#define PS_POLICY_YAML_REST_H

#include "policy/yaml_tree.h"

/* Reads and binds what stands behind the error of source, which was read (source->broken.line is
 * not 0), and behind those found there. Mistakes go to diagnostics, nothing else comes of it.
 * Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_yaml_read_rest(
    const struct ps_source *source, const struct ps_yaml_reading *reading);

#endif
