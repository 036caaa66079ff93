#include "lookalike/sample.h"

#include "core/buffer.h"
#include "lookalike/builder.h"

#include <stdio.h>
#include <stdlib.h>

const struct lookalike_brand lookalike_brands[SAMPLE_BRANDS] = {
    [SAMPLE_USPS] = {"usps", {"usps"}, {NULL}, {"usps.com", "usps.gov", "uspsforum.com"}},
    [SAMPLE_INPOST] = {"inpost", {"inpost"}, {NULL}, {"inpost.pl"}},
    [SAMPLE_LAPOSTE] = {"laposte", {"la poste", "colissimo"}, {"poste"}, {"laposte.fr"}},
    [SAMPLE_DHL] = {"dhl", {NULL}, {"dhl"}, {"dhl.com", "logistics.dhl", "best-inc.co.uk"}},
    [SAMPLE_ROYAL] = {"royal", {"royal mail"}, {"rm"}, {"royalmail.com", "royalmail.co.uk"}},
    [SAMPLE_POCHTA] = {"pochta",
        {"\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0 \xd1\x80\xd0\xbe\xd1\x81\xd1\x81\xd0\xb8\xd0\xb8",
            "pochta"},
        {NULL}, {"pochta.ru"}},
    [SAMPLE_DEUTSCHE] = {"deutsche", {"deutsche post"}, {"post"}, {"deutschepost.de"}},
    [SAMPLE_MONDIAL] = {"mondial", {"mondial relay"}, {NULL}, {"mondialrelay.com"}},
};

static const char small_list[] =
    "// ===BEGIN ICANN DOMAINS===\n"
    "com\nnet\norg\ntop\npost\nfr\npl\nde\nru\nuk\nco.uk\ndhl\ngov\nck\n*.ck\n!www.ck\n"
    "// ===END ICANN DOMAINS===\n"
    "// ===BEGIN PRIVATE DOMAINS===\nblogspot.com\n*.stage.top\n"
    "// ===END PRIVATE DOMAINS===\n";

#define NAMES_MAX 16

struct lookalike_sample {
	struct ps_lookalike_plan plan;
	struct ps_brand *brands;
	struct ps_brand_term (*terms)[NAMES_MAX];
	struct ps_scoped_name (*domains)[NAMES_MAX];
	struct ps_name_buffer (*storage)[NAMES_MAX];
	struct ps_abused_tld tlds[2];
	struct ps_name_buffer tld_storage[2];
	struct ps_scoped_name hosting;
	struct ps_name_buffer hosting_storage;
	uint8_t *bytes; /* of exactly their length, for ASan */
	size_t len;
	struct ps_tables tables;
};

static const struct ps_keyword keywords[] = {
    {.text = "parcel", .language = "en", .topic = PS_TOPIC_PARCEL},
    {.text = "track", .language = "en", .topic = PS_TOPIC_TRACK},
    {.text = "delivery", .language = "en", .topic = PS_TOPIC_DELIVERY},
    {.text = "colis", .language = "fr", .topic = PS_TOPIC_PARCEL},
};

static const char *const common[] = {"campus", "compost", "composter", "deutscher", "groups", "inpostor",
    "maille", "outpost", "postmaster", "rooms", "signpost"};

struct ps_name lookalike_name(const char *text, struct ps_name_buffer *storage)
{
	struct ps_name name;

	if (ps_name_from_text(&name, storage, ps_bytes_of_text(text), NULL) != PS_OK) {
		(void)fprintf(stderr, "%s\n", text);
		abort();
	}
	return name;
}

static void fill_brand(
    struct lookalike_sample *sample, size_t i, const struct lookalike_brand *from)
{
	struct ps_brand *to = &sample->brands[i];

	*to = (struct ps_brand){.id = from->id,
	    .owner = from->id,
	    .place = {"brands.yaml", (uint32_t)i + 1, 1},
	    .terms = sample->terms[i]};
	for (size_t k = 0; k < 6 && from->names[k] != NULL; k++)
		sample->terms[i][to->term_count++].text = from->names[k];
	for (size_t k = 0; k < 4 && from->weak[k] != NULL; k++)
		sample->terms[i][to->term_count++] =
		    (struct ps_brand_term){.text = from->weak[k], .weak = true};
	to->domains.names = sample->domains[i];
	for (size_t k = 0; k < 5 && from->domains[k] != NULL; k++)
		sample->domains[i][to->domains.count++] = (struct ps_scoped_name){
		    .name = lookalike_name(from->domains[k], &sample->storage[i][k]),
		    .scope = PS_SCOPE_SUBTREE};
}

static void fill_plan(struct lookalike_sample *sample, size_t count)
{
	sample->tlds[0] = (struct ps_abused_tld){
	    .name = lookalike_name("top", &sample->tld_storage[0]), .ratio = 40};
	sample->tlds[1] = (struct ps_abused_tld){
	    .name = lookalike_name("icu", &sample->tld_storage[1]), .ratio = 5};
	sample->hosting = (struct ps_scoped_name){
	    .name = lookalike_name("pages.example", &sample->hosting_storage),
	    .scope = PS_SCOPE_SUBTREE};
	sample->plan = (struct ps_lookalike_plan){.brands = sample->brands,
	    .brand_count = (uint32_t)count,
	    .keywords = keywords,
	    .keyword_count = sizeof(keywords) / sizeof(*keywords),
	    .abused_tlds = sample->tlds,
	    .abused_tld_count = 2,
	    .free_hosting = {.names = &sample->hosting, .count = 1},
	    .common_words = common,
	    .common_word_count = sizeof(common) / sizeof(*common)};
}

struct lookalike_sample *lookalike_sample_create(
    const struct lookalike_brand *brands, size_t count, const char *suffixes)
{
	struct lookalike_sample *sample = calloc(1, sizeof(*sample));
	struct ps_buffer out;
	struct ps_error err;

	if (sample == NULL)
		abort();
	sample->brands = calloc(count, sizeof(*sample->brands));
	sample->terms = calloc(count, sizeof(*sample->terms));
	sample->domains = calloc(count, sizeof(*sample->domains));
	sample->storage = calloc(count, sizeof(*sample->storage));
	if (sample->brands == NULL || sample->terms == NULL || sample->domains == NULL ||
	    sample->storage == NULL)
		abort();
	for (size_t i = 0; i < count; i++)
		fill_brand(sample, i, &brands[i]);
	fill_plan(sample, count);
	ps_error_clear(&err);
	ps_buffer_init(&out, PS_TABLES_MAX);
	if (ps_tables_build(&out, &sample->plan,
	        ps_bytes_of_text(suffixes == NULL ? small_list : suffixes), &err) != PS_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		abort();
	}
	sample->len = out.len;
	sample->bytes = malloc(out.len);
	if (sample->bytes == NULL)
		abort();
	memcpy(sample->bytes, out.data, out.len);
	ps_buffer_clear(&out);
	if (ps_tables_open(&sample->tables, lookalike_sample_bytes(sample), &err) != PS_OK) {
		(void)fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return sample;
}

void lookalike_sample_destroy(struct lookalike_sample *sample)
{
	if (sample == NULL)
		return;
	free(sample->bytes);
	free(sample->brands);
	free(sample->terms);
	free(sample->domains);
	free(sample->storage);
	free(sample);
}

const struct ps_tables *lookalike_sample_tables(const struct lookalike_sample *sample)
{
	return &sample->tables;
}

struct ps_bytes lookalike_sample_bytes(const struct lookalike_sample *sample)
{
	return ps_bytes_of(sample->bytes, sample->len);
}

const struct ps_lookalike_plan *lookalike_sample_plan(const struct lookalike_sample *sample)
{
	return &sample->plan;
}
