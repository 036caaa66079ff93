/* The six symbols that Unbound's dynlib module looks for: the only ones that
 * postshield.so exports (module.map). */
#include "unbound/answer.h"
#include "unbound/host.h"
#include "unbound/operate.h"
#include "unbound/strict.h"

#include "core/version.h"

#define PS_EXPORT __attribute__((visibility("default")))

PS_EXPORT int init(struct module_env *env, int id);
PS_EXPORT void deinit(struct module_env *env, int id);
PS_EXPORT void operate(
    struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *entry);
PS_EXPORT void inform_super(
    struct module_qstate *qstate, int id, struct module_qstate *super);
PS_EXPORT void clear(struct module_qstate *qstate, int id);
PS_EXPORT size_t get_mem(struct module_env *env, int id);

static struct ps_module *module_of(struct module_env *env, int id)
{
	return ((struct dynlibmod_env *)env->modinfo[id])->dyn_env;
}

/* dynlib's own wrapper stands on Unbound's whitelist and calls us: DESIGN fact 12. */
static int on_response(
    struct module_qstate *qstate, struct dns_msg *response, int id, void *arg)
{
	struct ps_module *module = module_of(qstate->env, id);

	(void)arg;
	if (module != NULL)
		ps_operate_response(module, qstate, response, id);
	return 1;
}

/* dynlib takes a function as void *: POSIX lets it be one, ISO C has no cast for it. */
static bool watch_responses(struct module_env *env, int id)
{
	inplace_cb_query_response_func_type *function = on_response;
	void *pointer;

	memcpy(&pointer, &function, sizeof(pointer));
	return inplace_cb_register_wrapped(pointer, inplace_cb_query_response, NULL, env, id) != 0;
}

int init(struct module_env *env, int id)
{
	char found[96];

	/* The one start that fails, but for those that strict wants to: to go on would write
	 * through wrong offsets. */
	if (!ps_host_is_ours(found, sizeof(found))) {
		log_err("postshield %s was built for %s (%.60s...), this is %s: install the "
		        "postshield package that belongs to this Unbound",
		    PS_VERSION, PS_HOST_PACKAGE, PS_HOST_CONFIGURE, found);
		return 0;
	}
	((struct dynlibmod_env *)env->modinfo[id])->dyn_env = ps_module_create(env);
	if (module_of(env, id) == NULL)
		log_err("postshield %s: no memory to start: nothing is blocked", PS_VERSION);
	if (ps_strict_refuses(module_of(env, id))) {
		ps_module_destroy(module_of(env, id));
		((struct dynlibmod_env *)env->modinfo[id])->dyn_env = NULL;
		return 0;
	}
	if (!watch_responses(env, id))
		log_err("postshield: no memory to see responses: answers for blocked names that "
		        "the resolver needs itself may be cached");
	if (id != 0)
		log_warn("postshield: dynlib is module %d: it must stand first in module-config, or "
		         "the modules before it answer without being asked",
		    id);
	return 1;
}

void deinit(struct module_env *env, int id)
{
	struct dynlibmod_env *host = env->modinfo[id];

	inplace_cb_delete_wrapped(env, inplace_cb_query_response, id);
	ps_module_destroy(host->dyn_env);
	host->dyn_env = NULL;
}

/* Nothing of Unbound's sends such a one to a module that sends no queries. Whatever it means, the
 * query goes on: down, when it is new to us, and judged when its answer comes; else back to who
 * asked. */
static void pass_unexpected(
    struct ps_module *module, struct module_qstate *qstate, enum module_ev event, int id)
{
	if (atomic_fetch_add_explicit(&module->unjudged_unexpected, 1, memory_order_relaxed) == 0)
		log_err("postshield: unexpected event %d: the query goes on unjudged", (int)event);
	if (qstate->minfo[id] == NULL)
		ps_operate_pass(qstate, id);
	else
		qstate->ext_state[id] = module_finished;
}

void operate(
    struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *entry)
{
	struct ps_module *module = module_of(qstate->env, id);

	(void)entry;
	if (module == NULL) {
		qstate->ext_state[id] =
		    event == module_event_moddone ? module_finished : module_wait_module;
		return;
	}
	ps_say_write_some(&module->say);
	switch (event) {
	case module_event_new:
		ps_operate_new(module, qstate, id);
		break;
	case module_event_pass:
		/* From a module before us the query is new to us; from a CNAME's target it
		 * comes back. */
		if (qstate->minfo[id] == NULL)
			ps_operate_new(module, qstate, id);
		else
			ps_operate_done(module, qstate, id);
		break;
	case module_event_moddone:
		ps_operate_done(module, qstate, id);
		break;
	default:
		pass_unexpected(module, qstate, event, id);
		break;
	}
}

void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super)
{
	uintptr_t waits = (uintptr_t)super->minfo[id];

	/* A target that is blocked itself is not shown: the CNAME then stands alone. */
	if (waits != 0 && (waits & 1) == 0 && !ps_operate_is_withheld(qstate, id))
		ps_answer_take_target(super->minfo[id], qstate, super);
}

void clear(struct module_qstate *qstate, int id)
{
	/* What it pointed to lies in the query's region. */
	qstate->minfo[id] = NULL;
}

size_t get_mem(struct module_env *env, int id)
{
	struct ps_module *module = module_of(env, id);

	return module == NULL ? 0 : ps_module_memory(module);
}
