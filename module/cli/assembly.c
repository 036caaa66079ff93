#include "cli/assembly.h"

#include "cli/plan_guard.h"
#include "cli/suffixes.h"

#include <stdlib.h>

#define IMAGE_MAX ((size_t)8 << 30)

static enum ps_status read_feeds(struct ps_assembly *assembly, const struct ps_plan *plan,
    struct ps_progress *progress, uint32_t now, struct ps_error *err)
{
	struct ps_intake_context context = {.plan = plan,
	    .guard = assembly->guard,
	    .builder = assembly->builder,
	    .progress = progress,
	    .now = now};
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; i < plan->feed_count && status == PS_OK; i++)
		status = ps_intake_read(&assembly->intakes[i], &context, i, err);
	if (status != PS_OK)
		return status;
	ps_progress_begin(progress, "sorting");
	return ps_builder_settle(assembly->builder, err);
}

static enum ps_status write_image(struct ps_assembly *assembly, struct ps_error *err)
{
	enum ps_status status =
	    ps_builder_write_buffer(assembly->builder, &assembly->image, err);

	/* Names in their millions take more room in it than in what it wrote. */
	ps_builder_destroy(assembly->builder);
	assembly->builder = NULL;
	if (status != PS_OK)
		return status;
	return ps_snapshot_open(
	    &assembly->snapshot, ps_buffer_bytes(&assembly->image), PS_SNAPSHOT_WHOLE, err);
}

enum ps_status ps_assembly_make(struct ps_assembly *out, const struct ps_plan *plan,
    struct ps_progress *progress, uint32_t now, struct ps_error *err)
{
	enum ps_status status;

	*out = (struct ps_assembly){.guard = NULL};
	ps_buffer_init(&out->image, IMAGE_MAX);
	status = ps_plan_guard_create(&out->guard, plan, err);
	if (status == PS_OK)
		status = ps_builder_create(&out->builder, plan, err);
	if (status == PS_OK)
		status = ps_suffixes_give(&out->suffixes, out->builder, plan, err);
	if (status != PS_OK)
		return status;
	out->intakes = calloc(plan->feed_count + 1u, sizeof(*out->intakes));
	if (out->intakes == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	status = read_feeds(out, plan, progress, now, err);
	return status == PS_OK ? write_image(out, err) : status;
}

void ps_assembly_clear(struct ps_assembly *assembly)
{
	ps_snapshot_close(assembly->snapshot);
	ps_buffer_clear(&assembly->image);
	free(assembly->intakes);
	ps_builder_destroy(assembly->builder);
	ps_buffer_clear(&assembly->suffixes);
	ps_guard_destroy(assembly->guard);
	*assembly = (struct ps_assembly){.guard = NULL};
}
