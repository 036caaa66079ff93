/* Events: what is decided, told to whoever reads the spool (event/).
 *
 * A worker notes a decision in its tally: one call, some hundred instructions, for names that
 * are blocked, logged or on trial and for no others. The watcher takes the tallies over about
 * once a second, makes events of their numbers while it holds the snapshots that they belong
 * to, and seals them in the spool after a few seconds. Nothing here can stop a query or the
 * resolver: what cannot be kept is dropped and counted.
 *
 * In sum, always: events_total = what the sealed records count + dropped + still open.
 */
#ifndef PS_UNBOUND_EVENTS_H
#define PS_UNBOUND_EVENTS_H

#include "unbound/module.h"

/* --- a worker's ------------------------------------------------------------------------ */

/* Gives the worker a tally; without memory its decisions are dropped and counted. */
void ps_events_equip(struct ps_worker *worker);

/* Notes the verdict's rule, unless it lets pass, and the rules on trial, and says so in the log
 * (line.h). name: that was judged. answer: what was judged of it, NULL: the question alone. group: of
 * clients; 0: none. Inside ps_worker_enter() and leave(), whose generation it is. */
void ps_events_note(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, struct ps_name name, const struct ps_verdict *verdict,
    const struct ps_answer_facts *answer, uint32_t group);

/* --- the watcher's ------------------------------------------------------------------------ */

/* What it keeps: NULL without memory, and then nothing is kept. */
PS_MUST_USE struct ps_events *ps_events_create(const char *folder);
void ps_events_destroy(struct ps_events *events);

/* Takes the tallies over. old: a generation that no worker uses any more and that is about to
 * end; NULL: none. */
void ps_events_gather(struct ps_module *module, const struct ps_generation *old);

/* Gathers, and seals what is due (all: everything). Logs once when it begins to fail, and
 * once when that is over. */
void ps_events_write(struct ps_module *module, bool all);

/* Fills in the state's part about events. */
void ps_events_tell(const struct ps_module *module, struct ps_counters_state *state);

#endif
