/* Corrections: what a policy's author surely meant, as an edit of the file's octets. An edit
 * only corrects how something is spelt, or takes away what stands there twice: it never
 * changes what a policy that is right decides.
 *
 * Reported beside the diagnostics (policy.h: struct ps_fix), so that who reads a policy
 * decides whether they are made. Where it is not plain which octets are meant (text over
 * several lines, with escapes, a comment in the way), nothing is reported.
 *
 * Threads: one at a time.
 */
#ifndef PS_POLICY_FIX_H
#define PS_POLICY_FIX_H

#include "policy/suggest.h"
#include "policy/yaml_tree.h"

/* Whether a fix belongs to the mistake that was reported last, or is of form alone. */
enum ps_fix_kind { PS_FIX_MISTAKE, PS_FIX_FORM };

/* The scalar's text becomes `text`; its quotes stay. */
void ps_fix_scalar(struct ps_diagnostics *diagnostics, enum ps_fix_kind kind,
    const struct ps_yaml_node *node, struct ps_bytes text, const char *why);

/* The scalar becomes what the suggestion says, if that is the only one near it. */
void ps_fix_spelling(struct ps_diagnostics *diagnostics, const struct ps_yaml_node *node,
    const struct ps_suggest *suggest);

/* A name in small letters without a final dot. span: all of text, a name a line. */
void ps_fix_name(struct ps_diagnostics *diagnostics, const struct ps_yaml_node *node);
void ps_fix_name_line(
    struct ps_diagnostics *diagnostics, struct ps_span span, struct ps_bytes text);

/* Takes an entry of a list away that stands there before. */
void ps_fix_repeated(struct ps_diagnostics *diagnostics, struct ps_span span);

/* Tabs that indent become blanks, if there is but one way to read them. Errors:
 * PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_fix_tabs(
    struct ps_diagnostics *diagnostics, const struct ps_source *source);

#endif
