#include "unbound/clients.h"

#include "unbound/structured.h"

unsigned ps_client_find_class(
    const struct ps_generation *generation, const struct mesh_reply *reply)
{
	struct ps_address address = {.family = 0};

	if (!ps_reply_address(reply, &address))
		return 0;
	return ps_snapshot_client(generation->snapshot, &address, NULL);
}

/* Unbound looks for a query in flight by what it asks, and finds none that is unique (mesh.c,
 * mesh_state_compare()). env->unique_mesh would make every query so; this is for the few that
 * need it: for all other names many clients still wait for one lookup. Whether a query is
 * unique is a part of the key that it stands under in the tree of all, so it is taken out of
 * that first. Nothing else refers to a new query by its key. */
void ps_client_set_apart(struct module_qstate *qstate)
{
	struct mesh_state *state = qstate->mesh_info;
	struct mesh_area *mesh = qstate->env->mesh;

	if (state->unique != NULL || state->super_set.count > 0 ||
	    state->sub_set.count > 0 || rbtree_delete(&mesh->all, state) == NULL)
		return;
	state->unique = state; /* mesh_state_make_unique(), which not every version exports */
	(void)rbtree_insert(&mesh->all, &state->node);
}

static bool is_datagram(const struct mesh_reply *reply)
{
	return reply == NULL || reply->query_reply.c->type == comm_udp;
}

void ps_client_judge(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_env *env, const struct ps_asked *asked,
    const struct ps_answer_facts *facts, const struct mesh_reply *reply, unsigned client,
    struct ps_verdict *verdict)
{
	ps_operate_judge(generation, worker, env, asked, facts, client, verdict);
	if (verdict->action == PS_ACTION_TRUNCATE) {
		verdict->by_client = true;
		if (!is_datagram(reply))
			verdict->action = PS_ACTION_PASS;
	}
}

bool ps_clients_agree(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, const struct ps_answer_facts *facts,
    const struct ps_verdict *verdict)
{
	const struct mesh_reply *first = qstate->mesh_info->reply_list;
	struct ps_asked asked;
	unsigned client;

	if (first != NULL && first->next != NULL && ps_verdict_blocks(verdict) &&
	    ps_structured_asked(qstate, generation->snapshot) == PS_ASKED_BY_SOME)
		return false;
	if (!verdict->by_client || first == NULL || first->next == NULL)
		return true;
	if (!ps_operate_read(&asked, &qstate->qinfo))
		return false;
	client = ps_client_class(generation, first);
	for (const struct mesh_reply *r = first->next; r != NULL; r = r->next) {
		unsigned other = ps_client_class(generation, r);
		struct ps_verdict own;

		if (other == client && is_datagram(r) == is_datagram(first))
			continue;
		ps_client_judge(
		    generation, worker, qstate->env, &asked, facts, r, other, &own);
		if (ps_verdict_blocks(&own) != ps_verdict_blocks(verdict) ||
		    (ps_verdict_blocks(&own) && own.rule != verdict->rule))
			return false;
	}
	return true;
}
