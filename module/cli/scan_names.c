#include "cli/scan_names.h"

#include "feed/json_stream.h"

#define NAME_LINE_MAX ((size_t)8192) /* with escapes and blanks; more is no name */

struct visit {
	const struct ps_scan_visitor *visitor;
	uint64_t line;
};

static enum ps_status visit_name(
    const struct visit *v, struct ps_bytes given, enum ps_scan_fault fault)
{
	return v->visitor->name(v->visitor->ctx, given, given, v->line, fault);
}

/* --- a name a line ---------------------------------------------------------------------- */

static enum ps_status visit_line(const struct visit *v, struct ps_bytes line, bool cut)
{
	struct ps_bytes name = ps_bytes_trim(line);

	if (name.len == 0)
		return visit_name(v, name, PS_SCAN_FAULT_EMPTY);
	return visit_name(v, name,
	    cut || name.len > NAME_LINE_MAX ? PS_SCAN_FAULT_TOO_LONG : PS_SCAN_FAULT_NONE);
}

/* --- certificates ----------------------------------------------------------------------- */

static enum ps_status visit_certified(const struct visit *v, struct ps_bytes given)
{
	struct ps_bytes judged = given;

	if (given.len == 0)
		return PS_OK;
	if (given.len > 2 && given.ptr[0] == '*' && given.ptr[1] == '.')
		judged = ps_bytes_of(given.ptr + 2, given.len - 2);
	return v->visitor->name(v->visitor->ctx, given, judged, v->line,
	    given.len > NAME_LINE_MAX ? PS_SCAN_FAULT_TOO_LONG : PS_SCAN_FAULT_NONE);
}

/* Names with line ends between them, as crt.sh has them. */
static enum ps_status visit_text(const struct visit *v, const json_t *json)
{
	struct ps_bytes rest;
	enum ps_status status = PS_OK;

	if (!json_is_string(json))
		return PS_OK;
	rest = ps_bytes_of(json_string_value(json), json_string_length(json));
	while (rest.len > 0 && status == PS_OK) {
		const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr);

		status = visit_certified(v, ps_bytes_trim(ps_bytes_of(rest.ptr, len)));
		rest.ptr += end == NULL ? len : len + 1;
		rest.len -= end == NULL ? len : len + 1;
	}
	return status;
}

static enum ps_status visit_texts(const struct visit *v, const json_t *array)
{
	enum ps_status status = PS_OK;

	for (size_t i = 0; i < json_array_size(array) && status == PS_OK; i++)
		status = visit_text(v, json_array_get(array, i));
	return status;
}

/* certstream's message, or only its names; crt.sh's row; a search's. An object without
 * names (a heartbeat) has nothing to say. */
static enum ps_status visit_json(const struct visit *v, const json_t *json)
{
	const json_t *data = json_object_get(json, "data");
	enum ps_status status = PS_OK;

	if (json_is_array(data))
		status = visit_texts(v, data);
	else
		status = visit_texts(
		    v, json_object_get(json_object_get(data, "leaf_cert"), "all_domains"));
	if (status == PS_OK)
		status = visit_text(v, json_object_get(json, "name_value"));
	if (status == PS_OK)
		status = visit_texts(v, json_object_get(json, "dns_names"));
	return status;
}

static enum ps_status visit_certificate(const struct visit *v, struct ps_bytes line, bool cut)
{
	struct ps_bytes text = ps_bytes_trim(line);
	enum ps_status status;
	json_t *json = NULL;

	if (text.len == 0)
		return PS_OK;
	if (cut)
		return visit_name(v, text, PS_SCAN_FAULT_TOO_LONG);
	status = ps_json_read(&json, text);
	if (status == PS_INVALID)
		return visit_name(v, text, PS_SCAN_FAULT_NO_JSON);
	if (status != PS_OK)
		return status;
	status = visit_json(v, json);
	json_decref(json);
	return status;
}

/* Behind the line, or behind the element of an array; NULL: the batch ends before. */
static const uint8_t *line_end(struct ps_bytes rest, enum ps_scan_format format)
{
	const uint8_t *end = memchr(rest.ptr, '\n', rest.len);
	const uint8_t *element = format != PS_SCAN_CT
	    ? NULL
	    : memchr(rest.ptr, PS_SCAN_BREAK, end == NULL ? rest.len : (size_t)(end - rest.ptr));

	return element != NULL ? element : end;
}

enum ps_status ps_scan_visit(const struct ps_scan_batch *batch, enum ps_scan_format format,
    const struct ps_scan_visitor *visitor, uint64_t *lines)
{
	static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
	struct ps_bytes rest = ps_bytes_of(batch->data, batch->len);
	struct visit v = {.visitor = visitor, .line = 1};
	enum ps_status status = PS_OK;

	if (batch->begins && rest.len >= sizeof(mark) &&
	    memcmp(rest.ptr, mark, sizeof(mark)) == 0)
		rest = ps_bytes_of(rest.ptr + sizeof(mark), rest.len - sizeof(mark));
	while (rest.len > 0 && status == PS_OK) {
		const uint8_t *end = line_end(rest, format);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.ptr);
		struct ps_bytes line = ps_bytes_of(rest.ptr, len);
		bool cut = batch->cut && end == NULL;

		status = format == PS_SCAN_CT ? visit_certificate(&v, line, cut)
		                              : visit_line(&v, line, cut);
		v.line += end != NULL && *end == '\n';
		rest.ptr += end == NULL ? len : len + 1;
		rest.len -= end == NULL ? len : len + 1;
	}
	*lines = v.line - 1 + batch->cut; /* of which the end is passed over */
	return status;
}
