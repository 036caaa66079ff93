/* Writes the seeds of the snapshot fuzzers' corpora:
 *
 *   seed_snapshot tests/fuzz/corpus
 *
 * To be run again when the format changes: what is in the corpus then is refused at
 * its header, and tests nothing. */
#include "snapshot/sample.h"

#include <stdio.h>
#include <stdlib.h>

static void write_seed(const char *folder, const char *name, const void *octets, size_t len)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(octets, 1, len, file) != len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void write_snapshots(const char *corpus)
{
	static const struct sample_shape shapes[] = {
	    {.plain = true},
	    {.feeds = 1, .names = 1, .plain = true},
	    {.feeds = 1, .names = 12, .plain = true},
	    {.feeds = 2, .answers = 8, .rules = 3},
	    {.feeds = 2, .addresses = 12},
	    {.feeds = 2, .answers = 3, .rules = 4, .names = 20, .addresses = 8},
	    {.feeds = 3, .answers = 5, .rules = 6, .names = 80, .addresses = 40},
	    {.feeds = 1, .answers = 3, .rules = 8, .names = 8, .brands = 3},
	    {.feeds = 1, .answers = 3, .rules = 6, .names = 4, .groups = 3},
	    {.feeds = 2, .answers = 3, .rules = 8, .names = 6, .addresses = 6, .brands = 2,
	        .asks_answers = true},
	};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		struct sample *sample = sample_create(i + 1, shapes[i]);
		struct ps_bytes image = sample_build(sample, 0);
		char name[64];

		(void)snprintf(name, sizeof(name), "snapshot_open/shape-%zu", i);
		write_seed(corpus, name, image.ptr, image.len);
		free((void *)image.ptr);
		sample_destroy(sample);
	}
	write_seed(corpus, "snapshot_open/empty", "", 0);
	write_seed(corpus, "snapshot_open/magic", PS_SNAPSHOT_MAGIC, 8);
}

static void write_names(const char *corpus)
{
	struct sample_random random = {.state = 1};

	for (unsigned i = 0; i < 24; i++) {
		struct sample_name name;
		uint8_t octets[1 + PS_NAME_WIRE_MAX];
		char file[64];

		if (i < 20)
			sample_random_name(&random, &name);
		else
			sample_longest_name(4 + (i - 20) * 41, 'a', &name);
		octets[0] = (uint8_t)i;
		memcpy(octets + 1, name.name.wire, name.name.len);
		(void)snprintf(file, sizeof(file), "snapshot_find/wire-%02u", i);
		write_seed(corpus, file, octets, name.name.len + 1u);
	}
	write_seed(corpus, "snapshot_find/text", "\x82" "a.B\\003.ab.c", 13);
	write_seed(corpus, "snapshot_find/root", "\x83.", 2);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s tests/fuzz/corpus\n", argv[0]);
		return 2;
	}
	write_snapshots(argv[1]);
	write_names(argv[1]);
	return 0;
}
