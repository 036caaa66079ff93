/* Negative controls of RELIABILITY M9, and what the row compares with.
 *
 * M9_UNCOUNTED: one decision in ten finds no room, and nobody counts it.
 * M9_UNBOUNDED: each event is written twenty times, as if nothing kept the flood out.
 * M9_UNFAIR: the first thousand names of a second get all of the room, whatever they are.
 * M9_SILENT: no events at all: what queries cost without. */
#include "event/spool.h"
#include "unbound/events.h"

#ifdef M9_UNCOUNTED
bool __wrap_ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key, /* NOLINT: ld --wrap */
    const struct ps_tally_facts *facts, uint64_t now);
bool __real_ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key, /* NOLINT */
    const struct ps_tally_facts *facts, uint64_t now);

bool __wrap_ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now)
{
	static _Thread_local unsigned number;

	return number++ % 10 == 0 || __real_ps_tally_note(tally, key, facts, now);
}
#endif

#ifdef M9_UNFAIR
bool __wrap_ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key, /* NOLINT: ld --wrap */
    const struct ps_tally_facts *facts, uint64_t now);
bool __real_ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key, /* NOLINT */
    const struct ps_tally_facts *facts, uint64_t now);

bool __wrap_ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now)
{
	static _Thread_local uint64_t second;
	static _Thread_local unsigned number;

	if (now / 1000 != second)
		number = 0;
	second = now / 1000;
	return number++ < 1000 && __real_ps_tally_note(tally, key, facts, now);
}
#endif

#ifdef M9_UNBOUNDED
void __wrap_ps_spool_put(struct ps_spool *spool, struct ps_event *event, uint64_t now); /* NOLINT: ld --wrap */
void __real_ps_spool_put(struct ps_spool *spool, struct ps_event *event, uint64_t now); /* NOLINT */

void __wrap_ps_spool_put(struct ps_spool *spool, struct ps_event *event, uint64_t now)
{
	for (int i = 0; i < 20; i++)
		__real_ps_spool_put(spool, event, now);
}
#endif

#ifdef M9_SILENT
void __wrap_ps_events_note(const struct ps_generation *generation, /* NOLINT: ld --wrap */
    struct ps_worker *worker, const struct module_qstate *qstate, struct ps_name name,
    const struct ps_verdict *verdict, const struct ps_answer_facts *answer, uint32_t group);

void __wrap_ps_events_note(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, struct ps_name name, const struct ps_verdict *verdict,
    const struct ps_answer_facts *answer, uint32_t group)
{
	(void)generation, (void)worker, (void)qstate, (void)name, (void)verdict, (void)answer, (void)group;
}
#endif
