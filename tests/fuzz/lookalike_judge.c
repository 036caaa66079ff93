/* Any name against fixed tables: what is found stands beside the slow model. The first octet
 * says whether the rest is wire form, text, or labels of Punycode. */
#include "lookalike/model.h"
#include "lookalike/sample.h"
#include "lookalike/unfiltered.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Octets as one A-label, and ".top". */
static enum ps_status read_a_label(
    struct ps_name *name, struct ps_name_buffer *storage, const uint8_t *data, size_t size)
{
	uint8_t wire[1 + 63 + 5];
	size_t len = size < 59 ? size : 59;

	wire[0] = (uint8_t)(len + 4);
	memcpy(wire + 1, "xn--", 4);
	memcpy(wire + 5, data, len);
	memcpy(wire + 5 + len, "\3top", 5);
	return ps_name_from_wire(name, storage, ps_bytes_of(wire, len + 10), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct lookalike_sample *sample;
	const struct ps_tables *tables;
	struct ps_likeness likeness, again;
	struct ps_name_buffer storage;
	struct ps_name name;
	enum ps_status status;
	const char *wrong;

	if (sample == NULL)
		sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, NULL);
	if (size == 0)
		return 0;
	tables = lookalike_sample_tables(sample);
	if (data[0] % 3 == 0)
		status = ps_name_from_wire(&name, &storage, ps_bytes_of(data + 1, size - 1), NULL);
	else if (data[0] % 3 == 1)
		status = ps_name_from_text(&name, &storage, ps_bytes_of(data + 1, size - 1), NULL);
	else
		status = read_a_label(&name, &storage, data + 1, size - 1);
	if (status != PS_OK)
		return 0;
	ps_lookalike_judge(tables, name, &likeness);
	ps_lookalike_judge(tables, name, &again);
	wrong = model_compare(tables, name, model_suffix_labels(name), &likeness);
	if (wrong == NULL && (likeness.score != again.score || likeness.signs != again.signs ||
	                         likeness.technique != again.technique))
		wrong = "another answer the second time";
	if (wrong == NULL && !unfiltered_agrees(tables, name, &likeness))
		wrong = "another answer than without filters";
	if (wrong != NULL) {
		char text[PS_NAME_TEXT_MAX];

		(void)ps_name_to_text(name, text);
		(void)fprintf(stderr, "%s: %s\n", text, wrong);
		abort();
	}
	return 0;
}
