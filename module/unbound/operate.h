/* What happens to one query on its way through the module.
 *
 *   event             query of a client            lookup of the resolver's own
 *   new               judge; blocked: answer here  judge; blocked: keep it out of the cache
 *                     blocked for others: let
 *                     nobody join, keep it out of
 *                     the cache
 *   response          judge the name that was      likewise
 *                     asked for: keep it out of
 *                     the cache; hold back what
 *                     rules about answers have
 *                     yet to see
 *   moddone           judge again if the snapshot  likewise; a client that joined is dropped
 *                     changed meanwhile; judge the
 *                     answer, and store it if it
 *                     was held back
 *   pass (CNAME)      the target was looked up     -
 *
 * "Blocked" in the right column, for responses and in the cache is "for anybody": what the
 * resolver finds for itself, any client might find. RRsets of such names are kept, where
 * lookups that were let through find them again, and no client can ask for them.
 *
 * Threads: Unbound's rules: a query state is one worker's.
 */
#ifndef PS_UNBOUND_OPERATE_H
#define PS_UNBOUND_OPERATE_H

#include "unbound/module.h"

void ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id);
/* Begins without a judgement, as where there is no snapshot yet: it is judged at moddone. */
void ps_operate_pass(struct module_qstate *qstate, int id);
/* Called from Unbound's inplace_cb_query_response; response may be NULL (a timeout). */
void ps_operate_response(struct ps_module *module, struct module_qstate *qstate,
    const struct dns_msg *response, int id);
void ps_operate_done(struct ps_module *module, struct module_qstate *qstate, int id);

/* What a query asks, as it is judged: read once. */
struct ps_asked {
	struct ps_name name; /* in storage */
	uint16_t type;
	struct ps_name_buffer storage;
};

/* False: not a question that we judge, or a name that is none. */
bool ps_operate_read(struct ps_asked *out, const struct query_info *query);

/* The verdict on it, for a client of this class, by what its answer shows (NULL: there is none
 * yet). */
void ps_operate_judge(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_env *env, const struct ps_asked *asked,
    const struct ps_answer_facts *facts, unsigned client, struct ps_verdict *verdict);

/* Was this lookup of the resolver's own for a name that is blocked? */
bool ps_operate_is_withheld(const struct module_qstate *qstate, int id);

#endif
