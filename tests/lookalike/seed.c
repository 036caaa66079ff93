/* Writes the seeds of the lookalike fuzzers' corpora:
 *
 *   seed_lookalike tests/fuzz/corpus
 *
 * To be run again when the tables' layout changes: what is in the corpus then is refused at
 * its header, and tests nothing. */
#include "lookalike/sample.h"

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

static void write_tables(const char *corpus, const char *name, size_t brands)
{
	struct lookalike_sample *sample = lookalike_sample_create(
	    lookalike_brands, brands, "// ===BEGIN ICANN DOMAINS===\ncom\ntop\n*.ck\n!www.ck\n");
	struct ps_bytes bytes = lookalike_sample_bytes(sample);

	write_seed(corpus, name, bytes.ptr, bytes.len);
	lookalike_sample_destroy(sample);
}

int main(int argc, char **argv)
{
	static const char *const names[] = {"\1usps.top", "\1usps.com-track.top", "\1rnondialrelay.icu",
	    "\1us-ps.parcel-1npost.co.uk", "\1inpots.a.ck", "\1logistics.dhl.www.ck",
	    "\1xn--80a1afff93e.com", "\1""48usps48.royal-mail.pages.example", "\1.", "\1vvclnn.rn.post",
	    "\2usp-eza", "\2inpst-lye", "\2""80a1afff93e", "\2-", "\2", "\2""99999999",
	    "\1usps\\000.top", "\1parcel!x.inpost!.top"};

	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s tests/fuzz/corpus\n", argv[0]);
		return 2;
	}
	write_tables(argv[1], "lookalike_tables/one-brand", 1);
	write_tables(argv[1], "lookalike_tables/all-brands", SAMPLE_BRANDS);
	write_seed(argv[1], "lookalike_tables/empty", "", 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char file[64];

		(void)snprintf(file, sizeof(file), "lookalike_judge/name-%02zu", i);
		write_seed(argv[1], file, names[i], strlen(names[i]));
	}
	write_seed(argv[1], "lookalike_judge/wire", "\0\4usps\3top", 11);
	return 0;
}
