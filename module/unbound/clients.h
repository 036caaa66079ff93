/* Who waits for an answer, and that nobody waits with others whose answer is another.
 *
 * Unbound lets clients that ask the same wait for one lookup together, and gives all of them
 * one answer. Where the answer depends on who asks, that must not be: such a query is set
 * apart when it begins, so that nobody joins it. Those that joined before the snapshot came
 * which tells them apart are found when the lookup ends, and asked to ask again.
 *
 * Threads: Unbound's rules: a query state is one worker's.
 */
#ifndef PS_UNBOUND_CLIENTS_H
#define PS_UNBOUND_CLIENTS_H

#include "unbound/operate.h"

unsigned ps_client_find_class(
    const struct ps_generation *generation, const struct mesh_reply *reply);

/* The class of a client (ps_snapshot_client()); 0 for nobody (NULL), and where no rule asks. */
static inline unsigned ps_client_class(
    const struct ps_generation *generation, const struct mesh_reply *reply)
{
	return reply == NULL || generation->classes == 0
	           ? 0
	           : ps_client_find_class(generation, reply);
}

/* The verdict on what is asked for who waits there (NULL: nobody), who is of this class. One that
 * truncates is, over a connection, one that passes, and like what is for some clients nobody
 * else's. Like ps_operate_judge() besides. */
void ps_client_judge(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_env *env, const struct ps_asked *asked,
    const struct ps_answer_facts *facts, const struct mesh_reply *reply, unsigned client,
    struct ps_verdict *verdict);

/* Takes a client's query that begins out of those that others can join. */
void ps_client_set_apart(struct module_qstate *qstate);

/* Have all who wait the verdict that the first one has? facts: as for ps_operate_judge(). */
bool ps_clients_agree(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, const struct ps_answer_facts *facts,
    const struct ps_verdict *verdict);

#endif
