#include "cli/plan_guard.h"

#include "core/idn.h"

typedef enum ps_status (*guard_adder)(struct ps_guard *guard, struct ps_name name);

static enum ps_status add_set(
    struct ps_guard *guard, guard_adder add, const struct ps_name_set *set)
{
	for (uint32_t i = 0; i < set->count; i++) {
		enum ps_status status;

		/* "*.upu.post" leaves upu.post itself to the feeds, which the guard cannot
		 * say: it keeps a name with all below it. What is below is protected all
		 * the same: the never list's rows stand in the snapshot and are asked first. */
		if (set->names[i].scope == PS_SCOPE_BELOW)
			continue;
		status = add(guard, set->names[i].name);
		if (status != PS_OK)
			return status;
	}
	return PS_OK;
}

/* Hosts of ours and of those who publish our feeds: to block them would cut off the
 * answer itself, or the feed. */
static enum ps_status add_hosts(struct ps_guard *guard, const struct ps_plan *plan)
{
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; i < plan->feed_count && status == PS_OK; i++) {
		const char *publisher = plan->feeds[i].publisher;
		struct ps_name_buffer storage;
		struct ps_name name;

		/* The policy's checker has seen that it is a name. */
		if (publisher != NULL && ps_name_from_user(&name, &storage,
		                             ps_bytes_of_text(publisher), NULL) == PS_OK)
			status = ps_guard_add_never(guard, name);
	}
	for (uint32_t i = 0; i < plan->answer_count && status == PS_OK; i++)
		if (plan->answers[i].has_cname)
			status = ps_guard_add_never(guard, plan->answers[i].cname);
	return status;
}

static enum ps_status fill(struct ps_guard *guard, const struct ps_plan *plan)
{
	enum ps_status status = add_set(guard, ps_guard_add_never, &plan->never);

	if (status == PS_OK)
		status = add_set(guard, ps_guard_add_official, &plan->official);
	if (status == PS_OK)
		status = add_set(guard, ps_guard_add_popular, &plan->popular);
	return status == PS_OK ? add_hosts(guard, plan) : status;
}

enum ps_status ps_plan_guard_create(
    struct ps_guard **out, const struct ps_plan *plan, struct ps_error *err)
{
	struct ps_guard *guard;
	enum ps_status status = ps_guard_create(&guard, err);

	if (status != PS_OK)
		return status;
	status = fill(guard, plan);
	if (status != PS_OK) {
		ps_guard_destroy(guard);
		return ps_error_set(err, status, "out of memory");
	}
	*out = guard;
	return PS_OK;
}
