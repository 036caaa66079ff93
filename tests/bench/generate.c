/* Names as abuse feeds have them, any number, the same ones every time.
 *
 * usage: generate COUNT [--plain FILE] [--rpz FILE] [--sample K FILE]... [--popular K ZONE FILE]...
 *
 * The n-th name is a function of n alone. --plain: one name a line. --rpz: a response
 * policy zone with NAME and *.NAME for each. --sample: K of the names, evenly spread.
 * --popular: K names of ZONE made of syllables, as long as the names of such a sample (where K is
 * more than COUNT, as the names by turns), with addresses for a day, as the text of a zone file:
 * they are what gets resolved and cached.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_LEN 5
#define CODES 60466176u /* 36^5 */
#define NAME_MAX_LEN 128

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const brands[] = {"usps", "ups", "dhl", "fedex", "royalmail", "laposte",
    "correos", "poste", "inpost", "posten", "swisspost", "auspost", "canadapost", "dpd", "gls",
    "evri", "colissimo", "hermes", "postnl", "bpost", "anpost", "ctt", "ptt", "sagawa", "yamato"};
static const char *const words[] = {"redelivery", "parcel", "track", "tracking", "customs", "fee",
    "delivery", "update", "confirm", "verify", "secure", "login", "support", "package", "address",
    "reschedule", "notice", "pay", "help", "service", "online", "info", "express", "pickup",
    "post", "mail", "my", "id", "return", "hold"};
static const char *const tlds[] = {"top", "top", "top", "xyz", "xyz", "com", "com", "com", "com",
    "shop", "info", "online", "site", "cc", "icu", "vip", "click", "link", "live", "buzz", "cn",
    "ru", "org", "net", "cfd", "sbs", "life", "world", "co", "us"};
static const char *const hosts[] = {"pages.dev", "web.app", "duckdns.org", "workers.dev",
    "vercel.app", "netlify.app", "weebly.com", "github.io"};

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014. */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Five letters and digits that no other n has: n times a number coprime to 36. */
static void make_code(uint64_t n, char code[CODE_LEN + 1])
{
	uint64_t value = (n * 22360679u + 1234567u) % CODES;

	for (int i = CODE_LEN; i-- > 0; value /= 36)
		code[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[value % 36];
	code[CODE_LEN] = '\0';
}

static const char *pick(const char *const *list, size_t count, uint64_t *random)
{
	*random = mix(*random);
	return list[*random % count];
}
#define PICK(list) pick(list, LENGTH(list), &random)

static size_t make_name(uint64_t n, char name[NAME_MAX_LEN])
{
	uint64_t random = mix(n);
	unsigned form = (unsigned)(random % 100);
	char code[CODE_LEN + 1];
	const char *brand = PICK(brands), *word = PICK(words), *other = PICK(words);
	const char *tld = PICK(tlds), *host = PICK(hosts);

	make_code(n, code);
	if (form < 35)
		return (size_t)snprintf(name, NAME_MAX_LEN, "%s-%s-%s.%s", brand, word, code, tld);
	if (form < 50)
		return (size_t)snprintf(name, NAME_MAX_LEN, "%s%s.%s", brand, code, tld);
	if (form < 60)
		return (size_t)snprintf(name, NAME_MAX_LEN, "%s%s.%s", code, word, tld);
	if (form < 75)
		return (size_t)snprintf(name, NAME_MAX_LEN, "%s.%s-%s.%s", brand, word, code, tld);
	if (form < 85)
		return (size_t)snprintf(
		    name, NAME_MAX_LEN, "%s.com-%s%s.%s", brand, other, code, tld);
	return (size_t)snprintf(name, NAME_MAX_LEN, "%s-%s%s.%s", brand, word, code, host);
}

static FILE *create(const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL) {
		fprintf(stderr, "generate: %s: %s\n", path, strerror(errno));
		exit(3);
	}
	setvbuf(file, NULL, _IOFBF, 1u << 20);
	return file;
}

static void finish(FILE *file, const char *path)
{
	if (fclose(file) != 0) {
		fprintf(stderr, "generate: %s: %s\n", path, strerror(errno));
		exit(3);
	}
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*end != '\0' || value == 0 || value > CODES) {
		fprintf(stderr, "generate: %s is no number from 1 to %u\n", text, CODES);
		exit(2);
	}
	return value;
}

static void write_plain(uint64_t count, const char *path)
{
	FILE *file = create(path);
	char name[NAME_MAX_LEN];

	for (uint64_t n = 0; n < count; n++) {
		make_name(n, name);
		fprintf(file, "%s\n", name);
	}
	finish(file, path);
}

static void write_rpz(uint64_t count, const char *path)
{
	FILE *file = create(path);
	char name[NAME_MAX_LEN];

	fputs("$TTL 60\n@ SOA localhost. nobody.invalid. 1 3600 1200 604800 60\n@ NS localhost.\n",
	    file);
	for (uint64_t n = 0; n < count; n++) {
		make_name(n, name);
		fprintf(file, "%s CNAME .\n*.%s CNAME .\n", name, name);
	}
	finish(file, path);
}

static void write_sample(uint64_t count, uint64_t sample, const char *path)
{
	FILE *file = create(path);
	char name[NAME_MAX_LEN];

	for (uint64_t i = 0; i < sample; i++) {
		make_name(count / sample * i, name);
		fprintf(file, "%s\n", name);
	}
	finish(file, path);
}

/* Syllables, as honest names have them. */
static void make_label(uint64_t n, size_t len, char *label)
{
	uint64_t random = mix(~n);

	for (size_t k = 0; k < len; k++) {
		random = mix(random);
		label[k] = k % 2 == 0 ? "bcdfghklmnprstvz"[random % 16] : "aeiou"[random % 5];
	}
}

/* For the i-th name of the sample one with as many octets, if that is possible: a label of
 * syllables and a code before the zone. */
static void write_popular(uint64_t count, uint64_t sample, const char *zone, const char *path)
{
	FILE *file = create(path);
	char name[NAME_MAX_LEN], label[NAME_MAX_LEN], code[CODE_LEN + 1];
	uint64_t step = count > sample ? count / sample : 1;

	for (uint64_t i = 0; i < sample; i++) {
		size_t want = make_name(step * i % count, name);
		size_t rest = strlen(zone) + 1;
		size_t len = want > rest + CODE_LEN ? want - rest : CODE_LEN;

		make_code(i, code);
		make_label(i, len - CODE_LEN, label);
		memcpy(label + len - CODE_LEN, code, CODE_LEN);
		label[len] = '\0';
		fprintf(file, "%s.%s. 86400 A 198.18.1.%u\n", label, zone, (unsigned)(i % 250 + 1));
	}
	finish(file, path);
}

int main(int argc, char **argv)
{
	uint64_t count;

	if (argc < 2)
		count = 0;
	else
		count = number(argv[1]);
	for (int i = 2; count > 0 && i < argc;) {
		int left = argc - i - 1;

		if (strcmp(argv[i], "--plain") == 0 && left >= 1) {
			write_plain(count, argv[i + 1]);
			i += 2;
		} else if (strcmp(argv[i], "--rpz") == 0 && left >= 1) {
			write_rpz(count, argv[i + 1]);
			i += 2;
		} else if (strcmp(argv[i], "--sample") == 0 && left >= 2) {
			write_sample(count, number(argv[i + 1]), argv[i + 2]);
			i += 3;
		} else if (strcmp(argv[i], "--popular") == 0 && left >= 3) {
			write_popular(count, number(argv[i + 1]), argv[i + 2], argv[i + 3]);
			i += 4;
		} else {
			count = 0;
		}
	}
	if (count == 0) {
		fputs("usage: generate COUNT [--plain FILE] [--rpz FILE] [--sample K FILE] "
		      "[--popular K ZONE FILE]\n",
		    stderr);
		return 2;
	}
	return 0;
}
