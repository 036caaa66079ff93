/* Any bytes as lookalike tables: opening refuses them with a reason, or names can be judged
 * by them, whatever they say, and all that they point to can be read. */
#include "lookalike/sample.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* libFuzzer's; replay does without it. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static volatile uint64_t sink;

static const char *const names[] = {"usps.top", "parcel-usps.com.top", "1npost.co.uk", "uspss.net",
    "royal-mail.a.ck", "xn--80a1afff93e.com", "post.inpots-colis.blogspot.com", "dhl1.top",
    "parcel!x.deutschepost.x.www.ck", "rnondialrelay.icu", "a.b.c.d.e.f.g.h.i.j.k.top",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaa.aaaaaaaaaaaaa.a"};

static uint64_t read_text(const char *text)
{
	uint64_t sum = 0;

	while (*text != '\0')
		sum = sum * 31 + (uint8_t)*text++;
	return sum;
}

static uint64_t exercise(const struct ps_tables *tables)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < tables->brands; i++) {
		struct ps_brand_view it = ps_tables_brand(tables, i);

		sum += read_text(it.id) + read_text(it.owner) + read_text(it.file) +
		    read_text(it.countries);
		for (const char *tail = it.tails; *tail != '\0'; tail += strlen(tail) + 1)
			sum += read_text(tail);
	}
	for (uint32_t i = 0; i < tables->terms; i++)
		sum += read_text(ps_tables_term(tables, i).text);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct ps_name_buffer storage;
		struct ps_likeness likeness;

		ps_lookalike_judge(tables, lookalike_name(names[i], &storage), &likeness);
		if (likeness.score > 0)
			sum += read_text(ps_tables_brand(tables, likeness.brand).id) +
			    read_text(ps_tables_term(tables, likeness.term).text);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size > 0 ? size : 1);
	struct ps_tables tables;
	struct ps_error err;

	if (exact == NULL)
		return 0;
	if (size > 0)
		memcpy(exact, data, size);
	ps_error_clear(&err);
	if (ps_tables_open(&tables, ps_bytes_of(exact, size), &err) == PS_OK)
		sink = exercise(&tables);
	else if (err.text[0] == '\0' || err.offset > size)
		abort();
	free(exact);
	return 0;
}

/* Mostly a change within a few octets that leaves the length as it is: the counts must fit
 * it, or nothing behind them is ever reached. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	size_t at, window;

	if (LLVMFuzzerMutate == NULL)
		return size;
	if (size < PS_TABLES_HEADER || seed % 32 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	at = seed / 32 % size;
	window = 1 + seed % 13;
	window = window < size - at ? window : size - at;
	(void)LLVMFuzzerMutate(data + at, window, window);
	return size;
}
