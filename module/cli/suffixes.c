#include "cli/suffixes.h"

#include "core/file.h"

#define LIST_MAX ((size_t)16 << 20) /* it has 260 KB */

enum ps_status ps_suffixes_give(struct ps_buffer *list, struct ps_builder *builder,
    const struct ps_plan *plan, struct ps_error *err)
{
	enum ps_status status;

	ps_buffer_init(list, LIST_MAX);
	if (plan->lookalike.brand_count == 0)
		return PS_OK;
	ps_error_at(err, PS_PUBLIC_SUFFIX_LIST, 0, 0, 0);
	status = ps_file_read(PS_PUBLIC_SUFFIX_LIST, list, err);
	if (status == PS_OK)
		ps_builder_set_suffixes(builder, ps_buffer_bytes(list));
	return status;
}
