/* The judge: techniques and owners by a table of names; what must not be found; suffixes
 * against libpsl; and any name at all against the slow model. Scores are fitted anew now and
 * then, so none stands here. */
#include "lookalike/lookalike.h"

#include "core/random.h"
#include "lookalike/model.h"
#include "lookalike/sound.h"
#include "lookalike/sample.h"
#include "lookalike/unfiltered.h"

#include <check.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>

static struct lookalike_sample *sample;
static const struct ps_tables *tables;

static void setup(void)
{
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, NULL);
	tables = lookalike_sample_tables(sample);
}

static void teardown(void)
{
	lookalike_sample_destroy(sample);
}

static struct ps_likeness judge(struct ps_name name)
{
	struct ps_likeness likeness;

	memset(&likeness, 0xa5, sizeof(likeness));
	ps_lookalike_judge(tables, name, &likeness);
	return likeness;
}

static struct ps_likeness judge_text(const char *text)
{
	struct ps_name_buffer storage;

	return judge(lookalike_name(text, &storage));
}

/* --- what is found -------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum ps_technique technique;
	uint32_t brand;
} found[] = {
    {"inposl.top", PS_TECHNIQUE_REPLACEMENT, SAMPLE_INPOST},
    {"rnondialrelay.top", PS_TECHNIQUE_HOMOGLYPH, SAMPLE_MONDIAL},
    {"monclialrelay.top", PS_TECHNIQUE_HOMOGLYPH, SAMPLE_MONDIAL},
    {"rnoncliairelay.com", PS_TECHNIQUE_HOMOGLYPH, SAMPLE_MONDIAL}, /* i for l as well */
    {"lnpost.com", PS_TECHNIQUE_HOMOGLYPH, SAMPLE_INPOST},
    {"1npost.com", PS_TECHNIQUE_LEET, SAMPLE_INPOST},
    {"inp0st.top", PS_TECHNIQUE_LEET, SAMPLE_INPOST},
    {"u5p5.top", PS_TECHNIQUE_LEET, SAMPLE_USPS},
    {"xn--usp-eza.top", PS_TECHNIQUE_IDN, SAMPLE_USPS},           /* s with acute */
    {"xn--inpst-xua.top", PS_TECHNIQUE_IDN, SAMPLE_INPOST},       /* o with stroke */
    {"xn--inpst-lye.top", PS_TECHNIQUE_MIXED_SCRIPT, SAMPLE_INPOST}, /* Cyrillic o */
    {"xn--80a1afff93e.com", PS_TECHNIQUE_WHOLE_SCRIPT, SAMPLE_POCHTA},
    {"xn--80aqavbdjjaf8c.com", PS_TECHNIQUE_WRONG_TLD, SAMPLE_POCHTA}, /* as its owner writes it */
    {"inpot.top", PS_TECHNIQUE_OMISSION, SAMPLE_INPOST},
    {"inprost.top", PS_TECHNIQUE_INSERTION, SAMPLE_INPOST},
    {"innpost.top", PS_TECHNIQUE_REPETITION, SAMPLE_INPOST},
    {"inpostt.top", PS_TECHNIQUE_REPETITION, SAMPLE_INPOST},
    {"iinpost.top", PS_TECHNIQUE_REPETITION, SAMPLE_INPOST},
    {"inposts.top", PS_TECHNIQUE_PLURAL, SAMPLE_INPOST},
    {"inpostx.top", PS_TECHNIQUE_ADDITION, SAMPLE_INPOST},
    {"xinpost.top", PS_TECHNIQUE_ADDITION, SAMPLE_INPOST},
    {"inpost-s.top", PS_TECHNIQUE_ADDITION, SAMPLE_INPOST}, /* a word of its own */
    {"ipnost.top", PS_TECHNIQUE_TRANSPOSITION, SAMPLE_INPOST},
    {"inpodt.top", PS_TECHNIQUE_ADJACENT_KEY, SAMPLE_INPOST},
    {"unpost.top", PS_TECHNIQUE_VOWEL_SWAP, SAMPLE_INPOST},
    {"kolissimo.top", PS_TECHNIQUE_SOUND, SAMPLE_LAPOSTE},  /* at distance one */
    {"kolisimo.top", PS_TECHNIQUE_SOUND, SAMPLE_LAPOSTE},   /* at two */
    {"dcutschcpost.top", PS_TECHNIQUE_HOMOGLYPH, SAMPLE_DEUTSCHE}, /* c for e, twice */
    {"rrondialrelay.top", PS_TECHNIQUE_HOMOGLYPH, SAMPLE_MONDIAL},
    {"xn--inost-0tb.top", PS_TECHNIQUE_IDN, SAMPLE_INPOST}, /* wynn for p */
    {"inqost.top", PS_TECHNIQUE_BIT_FLIP, SAMPLE_INPOST},
    {"in-post.top", PS_TECHNIQUE_HYPHENATION, SAMPLE_INPOST},
    {"us-ps.top", PS_TECHNIQUE_HYPHENATION, SAMPLE_USPS},
    {"usps-parcel.top", PS_TECHNIQUE_KEYWORD, SAMPLE_USPS},
    {"colis-laposte.net", PS_TECHNIQUE_KEYWORD, SAMPLE_LAPOSTE},
    {"parcelusps.top", PS_TECHNIQUE_KEYWORD, SAMPLE_USPS},
    {"uspsxkqzv.top", PS_TECHNIQUE_RANDOM, SAMPLE_USPS},
    {"usps-48291.top", PS_TECHNIQUE_RANDOM, SAMPLE_USPS},
    {"usps-official.top", PS_TECHNIQUE_AUTHORITY, SAMPLE_USPS},
    {"usps-outpost.top", PS_TECHNIQUE_COMBINATION, SAMPLE_USPS},
    {"usps.tindera.top", PS_TECHNIQUE_SUBDOMAIN, SAMPLE_USPS},
    {"usps.com-track.top", PS_TECHNIQUE_EMBEDDED, SAMPLE_USPS},
    {"usps.com.tindera.top", PS_TECHNIQUE_EMBEDDED, SAMPLE_USPS},
    {"uspscom.top", PS_TECHNIQUE_GLUED, SAMPLE_USPS},
    {"royalmailco.top", PS_TECHNIQUE_GLUED, SAMPLE_ROYAL},
    {"usps.top", PS_TECHNIQUE_WRONG_TLD, SAMPLE_USPS},
    {"usps.co.uk", PS_TECHNIQUE_WRONG_TLD, SAMPLE_USPS},
    {"www.usps.ck.ck", PS_TECHNIQUE_WRONG_TLD, SAMPLE_USPS}, /* a wildcard's suffix */
    {"usps.www.ck", PS_TECHNIQUE_SUBDOMAIN, SAMPLE_USPS},    /* its exception is a domain */
    {"usps.post.net", PS_TECHNIQUE_POST_TLD, SAMPLE_USPS},
    {"usps.p0st", PS_TECHNIQUE_POST_TLD, SAMPLE_USPS},
    {"usps.xn--pst-9yc", PS_TECHNIQUE_POST_TLD, SAMPLE_USPS}, /* Greek omicron */
    {"usps.xn--pst-fka", PS_TECHNIQUE_WRONG_TLD, SAMPLE_USPS}, /* another letter */
    {"dhl-gov.top", PS_TECHNIQUE_AUTHORITY, SAMPLE_DHL},
    {"dhlgov.com", PS_TECHNIQUE_AUTHORITY, SAMPLE_DHL},     /* nothing else is left of it */
    {"dhlparcels.top", PS_TECHNIQUE_KEYWORD, SAMPLE_DHL},   /* little else, and the TLD */
    {"usps.blogspot.com", PS_TECHNIQUE_WRONG_TLD, SAMPLE_USPS},
    {"dhl-parcel.top", PS_TECHNIQUE_KEYWORD, SAMPLE_DHL},
    {"royal-mail.top", PS_TECHNIQUE_WRONG_TLD, SAMPLE_ROYAL}, /* its own hyphen is none */
    {"xn--usps-99999.top", PS_TECHNIQUE_RANDOM, SAMPLE_USPS}, /* no Punycode: letters */
};

START_TEST(techniques)
{
	struct ps_likeness likeness = judge_text(found[_i].name);

	ck_assert_msg(likeness.score > 0, "%s is not found", found[_i].name);
	ck_assert_msg(likeness.brand == found[_i].brand, "%s: %s, not %s", found[_i].name,
	    ps_tables_brand(tables, likeness.brand).id, lookalike_brands[found[_i].brand].id);
	if (found[_i].technique != PS_TECHNIQUE_NONE)
		ck_assert_msg(likeness.technique == found[_i].technique, "%s: %s, not %s",
		    found[_i].name, ps_technique_name(likeness.technique),
		    ps_technique_name(found[_i].technique));
}
END_TEST

/* Names that are other words, of other people, or nothing. */
static const char *const not_found[] = {
    ".", "top", "usps", "com", "co.uk", "weather.top", "example.com", "a.b.c.d.e.f.top",
    "192.0.2.1", "1.2.0.192.in-addr.arpa", "xn--.top", "xn--a.top", "---.top",
    "groups.top",    /* "ups" is no brand here */
    "compost.com",   /* "post" is weak, and no word of its own */
    "impostor.com", "composter.net", "storm.net", "form.top",
    "usps.ck",       /* a suffix by its wildcard */
    "mall.com",      /* "rm" is weak and short */
};

START_TEST(nothing)
{
	struct ps_likeness likeness = judge_text(not_found[_i]);

	ck_assert_msg(likeness.score == 0, "%s: %s", not_found[_i],
	    ps_technique_name(likeness.technique));
	ck_assert_int_eq(likeness.technique, PS_TECHNIQUE_NONE);
	ck_assert_uint_eq(likeness.signs, 0);
}
END_TEST

/* Of two names the first is likelier. */
static const char *const likelier[][2] = {
    {"usps-parcel.top", "usps-parcel.com"},  /* an abused TLD */
    {"usps-parcel.top", "usps-outpost.top"}, /* a keyword */
    {"usps.com-track.top", "usps.track.top"},
    {"inpost.top", "inpot.top"},
    {"inpost-parcel.com", "inpost-parcel.gov"},
    {"dhl-parcel.top", "dhl-garden.top"},
};

START_TEST(order_of_scores)
{
	ck_assert_msg(judge_text(likelier[_i][0]).score >= judge_text(likelier[_i][1]).score,
	    "%s is less likely than %s", likelier[_i][0], likelier[_i][1]);
}
END_TEST

/* Where it stands, in letters of its label. */
START_TEST(places)
{
	struct ps_likeness likeness = judge_text("www.my-us-ps.parcel.xyz.top");

	ck_assert_uint_eq(likeness.label, 1);
	ck_assert_uint_eq(likeness.first, 2);
	ck_assert_uint_eq(likeness.len, 4);
	ck_assert_str_eq(ps_tables_term(tables, likeness.term).text, "usps");
	/* Beyond the labels that are looked at. */
	ck_assert_uint_eq(judge_text("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.usps.com.x.top")
	                      .label, 23);
	ck_assert_uint_eq(judge_text("usps.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.top")
	                      .score, 0);
}
END_TEST

/* --- suffixes ------------------------------------------------------------------------------- */

#ifdef PS_PUBLIC_SUFFIX_LIST
static char *read_list(void)
{
	FILE *file = fopen(PS_PUBLIC_SUFFIX_LIST, "rb");
	char *text = calloc(1, 1 << 20);

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, file), 100000);
	(void)fclose(file);
	return text;
}

/* What the judge takes for the suffix, told by whether "usps" in front of tail stands in the
 * registrable domain's own label; tail has no protected name in it. */
static void check_suffix(const psl_ctx_t *psl, const char *tail, unsigned counts[3])
{
	struct ps_name_buffer storage;
	char text[300];
	const char *suffix;
	struct ps_name name;
	struct ps_likeness likeness;

	(void)snprintf(text, sizeof(text), "usps.%s", tail);
	suffix = psl_unregistrable_domain(psl, text);
	ck_assert_ptr_nonnull(suffix);
	if (ps_name_from_text(&name, &storage, ps_bytes_of_text(text), NULL) != PS_OK)
		return;
	likeness = judge(name);
	if (strcmp(suffix, text) == 0) {
		/* Itself a suffix: nobody's, or hosting's own name, which the list's first
		 * part judges. */
		bool registered = psl_is_public_suffix2(
		    psl, text, PSL_TYPE_ICANN);

		ck_assert_msg(!registered || likeness.score == 0, "%s is a suffix", text);
		counts[0]++;
		return;
	}
	ck_assert_msg(likeness.score > 0, "%s is not found", text);
	if (likeness.label != 0)
		return; /* of two finds the other one is likelier */
	ck_assert_msg(((likeness.signs >> PS_SIGN_SUBDOMAIN & 1) == 0) ==
	        (strcmp(suffix, tail) == 0),
	    "%s: the suffix is %s", text, suffix);
	counts[strcmp(suffix, tail) == 0 ? 1 : 2]++;
}

/* Every rule of the whole list: itself, a name below it, one below that, and its parent. */
START_TEST(suffixes_as_libpsl_has_them)
{
	char *list = read_list();
	psl_ctx_t *psl = psl_load_file(PS_PUBLIC_SUFFIX_LIST);
	unsigned counts[3] = {0};
	char *rest = list, *line;

	lookalike_sample_destroy(sample);
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, list);
	tables = lookalike_sample_tables(sample);
	ck_assert_ptr_nonnull(psl);
	while ((line = strsep(&rest, "\n")) != NULL) {
		char text[300];
		const char *bare;

		line[strcspn(line, " \t\r")] = '\0';
		if (line[0] == '\0' || strncmp(line, "//", 2) == 0)
			continue;
		bare = line[0] == '!' ? line + 1 : line[0] == '*' ? line + 2 : line;
		for (const char *p = bare; *p != '\0'; p++)
			if ((uint8_t)*p >= 0x80)
				bare = "";
		if (bare[0] == '\0')
			continue; /* in letters beyond ASCII: see the next test */
		check_suffix(psl, bare, counts);
		(void)snprintf(text, sizeof(text), "qq.%s", bare);
		check_suffix(psl, text, counts);
		(void)snprintf(text, sizeof(text), "jj.qq.%s", bare);
		check_suffix(psl, text, counts);
		if (strchr(bare, '.') != NULL)
			check_suffix(psl, strchr(bare, '.') + 1, counts);
	}
	ck_assert_uint_gt(counts[1], 5000);
	ck_assert_uint_gt(counts[2], 10000);
	ck_assert_uint_gt(counts[0], 5);
	psl_free(psl);
	free(list);
}
END_TEST

/* Rules in other letters stand by their A-labels. */
/* Below what everybody uses, and where everybody names things? */
START_TEST(hosted_names)
{
	static const struct {
		const char *name;
		unsigned labels; /* of the popular name */
		bool hosted;
	} cases[] = {{"usps.s3.amazonaws.com", 2, true}, {"usps.s3.amazonaws.com", 3, true},
	    {"usps.s3.amazonaws.com", 4, false}, {"a.usps.s3.amazonaws.com", 2, true},
	    {"s3.amazonaws.com", 2, false}, {"s3.amazonaws.com", 3, false},
	    {"www.amazonaws.com", 2, false}, {"amazonaws.com", 2, false},
	    {"usps.pages.example", 2, true}, {"usps.pages.example", 1, true},
	    {"pages.example", 2, false}, {"shop.co.uk", 2, false}, {"www.shop.co.uk", 3, false},
	    {"com", 1, false}};
	char *list = read_list();

	lookalike_sample_destroy(sample);
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, list);
	tables = lookalike_sample_tables(sample);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ps_name_buffer storage;
		struct ps_name name;

		ck_assert_int_eq(ps_name_from_text(&name, &storage,
		                     ps_bytes_of_text(cases[i].name), NULL), PS_OK);
		ck_assert_msg(ps_lookalike_is_hosted(tables, name, cases[i].labels) ==
		    cases[i].hosted, "%s below %u labels", cases[i].name, cases[i].labels);
	}
	free(list);
}
END_TEST

START_TEST(suffixes_in_other_letters)
{
	psl_ctx_t *psl = psl_load_file(PS_PUBLIC_SUFFIX_LIST);
	static const char *const tails[] = {"xn--55qx5d.cn", "xn--j1aef.xn--p1ai", "xn--p1ai",
	    "xn--o1ac.xn--90a3ac", "xn--mgbaam7a8h", "qq.xn--55qx5d.hk"};
	char *list = read_list();
	unsigned counts[3] = {0};

	lookalike_sample_destroy(sample);
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, list);
	tables = lookalike_sample_tables(sample);
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++)
		check_suffix(psl, tails[i], counts);
	ck_assert_uint_ge(counts[1] + counts[2], 5);
	psl_free(psl);
	free(list);
}
END_TEST
#endif

/* --- any name -------------------------------------------------------------------------------- */

static void check(struct ps_name name)
{
	struct ps_likeness likeness = judge(name), again = judge(name);
	char text[PS_NAME_TEXT_MAX];
	const char *wrong =
	    model_compare(tables, name, model_suffix_labels(name), &likeness);

	(void)ps_name_to_text(name, text);
	ck_assert_msg(wrong == NULL, "%s: %s (%s)", text, wrong,
	    ps_technique_name(likeness.technique));
	ck_assert_msg(unfiltered_agrees(tables, name, &likeness), "%s: not as without filters", text);
	ck_assert_uint_eq(likeness.score, again.score);
	ck_assert_int_eq(likeness.technique, again.technique);
	ck_assert_uint_eq(likeness.signs, again.signs);
	ck_assert_uint_le(likeness.score, PS_SCORE_MAX);
	ck_assert(likeness.score == 0 ||
	    (likeness.technique > PS_TECHNIQUE_NONE && likeness.technique < PS_TECHNIQUE_COUNT));
}

static void check_wire(const uint8_t *wire, size_t len)
{
	uint8_t *exact = malloc(len);
	struct ps_name_buffer storage;
	struct ps_name name;

	/* The judge reads a name of exactly its length. */
	memcpy(exact, wire, len);
	ck_assert_int_eq(ps_name_from_wire(&name, &storage, ps_bytes_of(exact, len), NULL), PS_OK);
	memcpy(exact, name.wire, name.len);
	check(ps_name_trusted(exact, name.len, name.labels));
	free(exact);
}

START_TEST(random_octets)
{
	struct random random = {11};

	for (int i = 0; i < 20000; i++) {
		uint8_t wire[PS_NAME_WIRE_MAX];

		check_wire(wire, random_wire(&random, i % 5 == 0 ? 127 : 6, wire));
	}
}
END_TEST

/* Names made of pieces that matter, changed a little. */
static size_t pieces(struct random *random, char *text, size_t room)
{
	static const char *const parts[] = {"usps", "inpost", "la", "poste", "post", "dhl", "rm",
	    "royal", "mail", "mondial", "relay", "parcel", "track", "compost", "outpost", "groups",
	    "-", "-", ".", ".", "1", "0", "48", "rn", "vv", "cl", "nn", "x", "com", "co", "official",
	    "xn--", "xn--80a1afff93e", "5", "!", "_", "deutsche", "m0ndial", "logistics", "kqz"};
	static const char *const tails[] = {".top", ".com", ".co.uk", ".a.ck", ".www.ck", ".icu",
	    ".blogspot.com", ".x.pages.example", ".q.stage.top", ".post"};
	size_t count = 1 + random_below(random, 6), len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const char *part = parts[random_below(random, sizeof(parts) / sizeof(*parts))];

		if (len + strlen(part) + 20 > room)
			break;
		len += (size_t)snprintf(text + len, room - len, "%s", part);
		if (random_below(random, 4) == 0 && len > 0)
			text[random_below(random, len)] =
			    "abcdeilmnoprstuvw015-"[random_below(random, 21)];
	}
	return len + (size_t)snprintf(text + len, room - len, "%s",
	    tails[random_below(random, sizeof(tails) / sizeof(*tails))]);
}

START_TEST(random_pieces)
{
	struct random random = {12};
	unsigned hits = 0, names = 0;

	for (int i = 0; i < 60000; i++) {
		char text[200];
		struct ps_name_buffer storage;
		struct ps_name name;
		size_t len = pieces(&random, text, sizeof(text));

		if (ps_name_from_text(&name, &storage, ps_bytes_of(text, len), NULL) != PS_OK)
			continue;
		names++;
		check(name);
		hits += judge(name).score > 0;
	}
	ck_assert_uint_gt(names, 20000);
	ck_assert_uint_gt(hits, 5000);
	ck_assert_uint_gt(names - hits, 3000);
}
END_TEST

/* Hundreds of names that chance made, weak ones of three letters among them, and names near
 * them: with filters and without. */
#define MADE 300

static void make_word(struct random *random, unsigned syllables, char *out)
{
	while (syllables-- > 0) {
		*out++ = "bcdfghjklmnprstvwxz1"[random_below(random, 20)];
		*out++ = "aeiou"[random_below(random, 5)];
		if (random_below(random, 2) == 0)
			*out++ = "lmnrstx"[random_below(random, 7)];
	}
	*out = '\0';
}

static void slip(struct random *random, char *word)
{
	size_t len = strlen(word), at = random_below(random, len);

	switch (random_below(random, 6)) {
	case 0:
		memmove(word + at, word + at + 1, len - at);
		break;
	case 1:
		memmove(word + at + 1, word + at, len + 1 - at);
		word[at] = "aeinrxl-05"[random_below(random, 10)];
		break;
	case 2:
		word[at] = "aeinrxlvc-157"[random_below(random, 13)];
		break;
	case 3:
		if (at + 1 < len) {
			char c = word[at];

			word[at] = word[at + 1];
			word[at + 1] = c;
		}
		break;
	default:
		break;
	}
}

/* Another spelling of the same sound, or letters e written c: further off than a slip. */
static void respell(struct random *random, char word[32])
{
	struct ps_spelling spelling[PS_SOUND_SPELLINGS];
	unsigned count = ps_sound_spell((const uint8_t *)word, strlen(word), spelling);

	if (count > 0 && random_below(random, 2) == 0) {
		const struct ps_spelling *one = &spelling[random_below(random, count)];

		memcpy(word, one->letters, one->len);
		word[one->len] = '\0';
		return;
	}
	for (char *p = word; *p != '\0'; p++)
		if (*p == 'e')
			*p = 'c';
}

START_TEST(made_brands_with_filters_and_without)
{
	static char words[MADE][24], weak[MADE][4];
	static struct lookalike_brand brands[MADE];
	struct random random = {14};
	struct lookalike_sample *made;
	unsigned hits = 0, names = 0, respelt = 0;

	for (size_t i = 0; i < MADE; i++) {
		make_word(&random, 2 + (unsigned)random_below(&random, 4), words[i]);
		memcpy(weak[i], words[i], 3);
		brands[i] = (struct lookalike_brand){
		    .id = words[i], .names = {words[i]}, .domains = {"a.com"}};
		if (i % 5 == 0)
			brands[i].weak[0] = weak[i];
	}
	made = lookalike_sample_create(brands, MADE, NULL);
	for (int i = 0; i < 100000; i++) {
		static const char *const tails[] = {"top", "com", "co.uk", "pages.example", "icu"};
		static const char *const between[] = {"", "-", ".", "1"};
		char text[128] = "", word[32];
		struct ps_name_buffer storage;
		struct ps_likeness likeness;
		struct ps_name name;

		for (unsigned k = (unsigned)random_below(&random, 3) + 1; k > 0; k--) {
			if (random_below(&random, 2) == 0)
				make_word(&random, 1 + (unsigned)random_below(&random, 3), word);
			else
				(void)snprintf(word, sizeof(word), "%s",
				    words[random_below(&random, MADE)]);
			if (random_below(&random, 4) == 0)
				respell(&random, word);
			else
				slip(&random, word);
			(void)strcat(text, word);
			(void)strcat(text, k == 1 ? "." : between[random_below(&random, 4)]);
		}
		(void)strcat(text, tails[random_below(&random, 5)]);
		if (ps_name_from_text(&name, &storage, ps_bytes_of_text(text), NULL) != PS_OK)
			continue;
		names++;
		ps_lookalike_judge(lookalike_sample_tables(made), name, &likeness);
		hits += likeness.score > 0;
		respelt += likeness.score > 0 && likeness.len >= 9 &&
		    (likeness.technique == PS_TECHNIQUE_SOUND ||
		        likeness.technique == PS_TECHNIQUE_HOMOGLYPH);
		ck_assert_msg(unfiltered_agrees(lookalike_sample_tables(made), name, &likeness),
		    "%s: not as without filters", text);
	}
	ck_assert_uint_gt(names, 90000);
	ck_assert_uint_gt(hits, 30000);
	ck_assert_uint_gt(names - hits, 10000);
	ck_assert_uint_gt(respelt, 300);
	lookalike_sample_destroy(made);
}
END_TEST

/* Each octet value, within a protected name and beside it. */
START_TEST(every_octet_value)
{
	for (unsigned c = 0; c < 256; c++) {
		uint8_t wire[] = "\5usps-\3top";

		wire[5] = ps_ascii_lower((uint8_t)c);
		check_wire(wire, sizeof(wire));
		wire[3] = ps_ascii_lower((uint8_t)c);
		check_wire(wire, sizeof(wire));
	}
}
END_TEST

/* A name as long as names are, of one label over and over. */
static void repeat(const char *label, uint8_t wire[PS_NAME_WIRE_MAX], size_t *len)
{
	size_t own = strlen(label), at = 0;

	while (at + own + 1 + 5 <= PS_NAME_WIRE_MAX) {
		wire[at] = (uint8_t)own;
		memcpy(wire + at + 1, label, own);
		at += own + 1;
	}
	memcpy(wire + at, "\3top", 5);
	*len = at + 5;
}

static const char *const long_labels[] = {
    "x", "0", "-", "rn", "usp", "usps", "dhl", "post", "rnrnrnrnrnrnrnrnrnrnrnrnrnrnrnrn",
    "vvclrnnnvvclrnnnvvclrnnn", "xn--80a1afff93e", "xn--inpst-lye", "xn--", "xn--a", "xn--99999",
    "111111111111111111111111111111111111111111111111111111111111111",
    "parcelparcelparcelparcelparcelparcelparcelparcelparcelparcel",
    "usps-usps-usps-usps-usps-usps-usps-usps-usps-usps-usps",
    "xn--0ca24w", "\xd0\xbf\xff", "inp-ost-inpos-inpot-innpost", "1-1-1-1-1-1-1-1-1-1-1",
};

START_TEST(long_names)
{
	uint8_t wire[PS_NAME_WIRE_MAX];
	size_t len;

	repeat(long_labels[_i], wire, &len);
	check_wire(wire, len);
}
END_TEST

/* A-labels of random code points: bidi, unassigned, ligatures, marks, nothing. */
START_TEST(random_a_labels)
{
	struct random random = {13};

	for (int i = 0; i < 30000; i++) {
		uint8_t wire[PS_NAME_WIRE_MAX];
		size_t at = 0, labels = 1 + random_below(&random, 4);

		for (; labels > 0; labels--) {
			size_t len = 5 + random_below(&random, i % 3 == 0 ? 58 : 14);

			if (at + len + 1 + 5 > PS_NAME_WIRE_MAX)
				break;
			wire[at] = (uint8_t)len;
			memcpy(wire + at + 1, "xn--", 4);
			for (size_t k = 5; k <= len; k++)
				wire[at + k] = (uint8_t)"uspsinpostabcdexyz0123456789-"
				    [random_below(&random, 29)];
			at += len + 1;
		}
		memcpy(wire + at, "\3top", 5);
		check_wire(wire, at + 5);
	}
}
END_TEST

/* Weak names, read again for each vv and rn, hide no other one. */
START_TEST(crowds)
{
	const struct ps_likeness likeness = judge_text("npost.c.postn5postvvrn5postv5postx5postvvpost5"
	                                               "postvvpost.vvrnpost5postvvpost.u");

	ck_assert_uint_gt(likeness.score, 0);
	ck_assert_str_eq(ps_tables_brand(tables, likeness.brand).id, "inpost");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("judge");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, techniques, 0, (int)(sizeof(found) / sizeof(*found)));
	tcase_add_loop_test(tests, nothing, 0, (int)(sizeof(not_found) / sizeof(*not_found)));
	tcase_add_loop_test(tests, order_of_scores, 0, (int)(sizeof(likelier) / sizeof(*likelier)));
	tcase_add_test(tests, crowds);
	tcase_add_test(tests, places);
#ifdef PS_PUBLIC_SUFFIX_LIST
	tcase_add_test(tests, suffixes_as_libpsl_has_them);
	tcase_add_test(tests, hosted_names);
	tcase_add_test(tests, suffixes_in_other_letters);
#endif
	tcase_add_test(tests, random_octets);
	tcase_add_test(tests, random_pieces);
	tcase_add_test(tests, made_brands_with_filters_and_without);
	tcase_add_test(tests, every_octet_value);
	tcase_add_loop_test(
	    tests, long_names, 0, (int)(sizeof(long_labels) / sizeof(*long_labels)));
	tcase_add_test(tests, random_a_labels);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
