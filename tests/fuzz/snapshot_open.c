/* Any bytes as a snapshot: opening refuses them, or everything that can be asked of them
 * can be asked. The digests are made right first, or nothing would ever get behind
 * them; where the length differs from what the header says, that too. */
#include "snapshot/sample.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* libFuzzer's; replay does without it. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static volatile uint64_t sink;

static void try_part(const uint8_t *bytes, size_t len, enum ps_snapshot_part part)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	if (ps_snapshot_open(&snapshot, ps_bytes_of(bytes, len), part, &err) == PS_OK)
		sink = sample_exercise(snapshot);
	else if (err.text[0] == '\0')
		abort(); /* a refusal without a reason */
	ps_snapshot_close(snapshot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = calloc(1, size > 0 ? size : 1);

	if (copy == NULL)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	try_part(copy, size, PS_SNAPSHOT_WHOLE);
	if (size >= PS_HEADER_SIZE) {
		uint64_t lookup_len;

		ps_store_le64(copy + PS_HEADER_FILE_LEN, size);
		ps_snapshot_seal(copy, size);
		try_part(copy, size, PS_SNAPSHOT_WHOLE);
		try_part(copy, size, PS_SNAPSHOT_LOOKUP);
		lookup_len = ps_load_le64(copy + PS_HEADER_LOOKUP_LEN);
		if (lookup_len >= PS_HEADER_SIZE && lookup_len < size) {
			uint8_t *lookup = malloc((size_t)lookup_len);

			if (lookup != NULL) {
				memcpy(lookup, copy, (size_t)lookup_len);
				try_part(lookup, (size_t)lookup_len, PS_SNAPSHOT_LOOKUP);
			}
			free(lookup);
		}
	}
	free(copy);
	return 0;
}

/* Most of the time a change within a few octets that leaves the length as it is: else
 * the layout's checks would be all that is ever reached. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	struct sample_random random = {.state = seed};
	size_t at, window;

	if (LLVMFuzzerMutate == NULL)
		return size;
	if (size < PS_HEADER_SIZE || sample_chance(&random, 5))
		return LLVMFuzzerMutate(data, size, max_size);
	at = sample_below(&random, (uint32_t)size);
	window = 1 + sample_below(&random, 16);
	window = window < size - at ? window : size - at;
	(void)LLVMFuzzerMutate(data + at, window, window);
	return size;
}
