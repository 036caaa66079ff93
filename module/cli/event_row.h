/* One event as a line: for people, as columns, as JSON.
 *
 * Names, ids and references come from outside: whichever form, a line is printable ASCII.
 * Threads: one at a time.
 */
#ifndef PS_CLI_EVENT_ROW_H
#define PS_CLI_EVENT_ROW_H

#include "cli/terminal.h"
#include "event/event.h"

enum ps_event_form { PS_EVENT_FORM_TEXT, PS_EVENT_FORM_TSV, PS_EVENT_FORM_JSON };

/* The event's name; one of all names under it as "*.evil.top". */
#define PS_EVENT_NAME_TEXT_MAX (PS_NAME_TEXT_MAX + 2)
void ps_event_name_text(const struct ps_event *event, char out[PS_EVENT_NAME_TEXT_MAX]);

/* reference: the feed's own id of what listed it; empty when not known. Errors: PS_IO,
 * PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_event_row_print(const struct ps_terminal *terminal,
    enum ps_event_form form, const struct ps_event *event, struct ps_bytes reference);

#endif
