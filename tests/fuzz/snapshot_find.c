/* Any name, looked up in fixed snapshots and in the rows they were made from. The
 * first octet says which snapshot, and whether the rest is wire or text form. */
#include "snapshot/sample.h"

#include <stdio.h>
#include <stdlib.h>

#define FIXED 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sample *samples[FIXED];
static struct ps_snapshot *snapshots[FIXED];

static void make_snapshots(void)
{
	for (uint32_t i = 0; i < FIXED; i++) {
		struct sample_shape shape = {
		    .feeds = 3, .answers = 2, .rules = 8, .names = 40 * i * i, .groups = i};

		samples[i] = sample_create(i + 1, shape);
		if (ps_snapshot_open(&snapshots[i], sample_build(samples[i], 0),
		        PS_SNAPSHOT_WHOLE, NULL) != PS_OK)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	const char *wrong;
	enum ps_status status;
	unsigned which;

	if (samples[0] == NULL)
		make_snapshots();
	if (size == 0)
		return 0;
	which = data[0] % FIXED;
	if ((data[0] & 0x80) != 0)
		status = ps_name_from_text(
		    &name, &storage, ps_bytes_of(data + 1, size - 1), NULL);
	else
		status = ps_name_from_wire(
		    &name, &storage, ps_bytes_of(data + 1, size - 1), NULL);
	if (status != PS_OK)
		return 0;
	wrong = sample_compare_name(samples[which], snapshots[which], name);
	if (wrong != NULL) {
		(void)fprintf(stderr, "%s\n", wrong);
		abort();
	}
	return 0;
}
