#include "core/siphash.h"

#include "core/random.h"

#include <check.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>

/* The documented message of a name: labels from the root's side, each filled up. */
static size_t message_of(struct ps_name name, uint8_t out[2 * 256 + 8 * 128])
{
	size_t used = 0;

	for (unsigned labels = 1; labels <= name.labels; labels++) {
		struct ps_bytes label = ps_name_first_label(ps_name_suffix(name, labels));
		size_t len = label.len + 1;

		out[used] = (uint8_t)label.len;
		memcpy(out + used + 1, label.ptr, label.len);
		while (len % 8 != 0)
			out[used + len++] = 0;
		used += len;
	}
	return used;
}

/* OpenSSL's SipHash-1-3 with 16 octets. */
static struct ps_hash openssl_hash(
    EVP_MAC *mac, struct ps_hash_key key, const uint8_t *message, size_t len)
{
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
	unsigned compress = 1, finalise = 3;
	size_t size = 16, got = 0;
	uint8_t secret[16], out[16];
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_C_ROUNDS, &compress),
	    OSSL_PARAM_construct_uint(OSSL_MAC_PARAM_D_ROUNDS, &finalise),
	    OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
	    OSSL_PARAM_construct_end(),
	};

	ps_store_le64(secret, key.k0);
	ps_store_le64(secret + 8, key.k1);
	ck_assert_ptr_nonnull(ctx);
	ck_assert_int_eq(EVP_MAC_init(ctx, secret, sizeof(secret), params), 1);
	ck_assert_int_eq(EVP_MAC_update(ctx, message, len), 1);
	ck_assert_int_eq(EVP_MAC_final(ctx, out, &got, sizeof(out)), 1);
	ck_assert_uint_eq(got, 16);
	EVP_MAC_CTX_free(ctx);
	return (struct ps_hash){.hi = ps_load_le64(out), .lo = ps_load_le64(out + 8)};
}

START_TEST(every_suffix_is_what_openssl_computes)
{
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	struct random r = {.state = 3};

	ck_assert_ptr_nonnull(mac);
	for (int i = 0; i < 300; i++) {
		struct ps_hash_key key = {.k0 = random_next(&r), .k1 = random_next(&r)};
		struct ps_hash hashes[PS_NAME_LABELS_MAX + 1];
		uint8_t wire[PS_NAME_WIRE_MAX];
		struct ps_name_buffer storage;
		struct ps_name name;

		(void)random_wire(&r, i % 3 == 0 ? 127 : 5, wire);
		ck_assert_int_eq(ps_name_from_wire(&name, &storage,
		                     ps_bytes_of(wire, sizeof(wire)), NULL),
		    PS_OK);
		struct ps_depths wanted = {{(uint64_t)random(), (uint64_t)random()}};
		struct ps_hash some[PS_NAME_LABELS_MAX + 1] = {{0}};

		ps_name_hash_suffixes(key, name, PS_DEPTHS_ALL, hashes);
		ps_name_hash_suffixes(key, name, wanted, some);
		for (unsigned labels = 0; labels <= name.labels; labels++) {
			uint8_t message[2 * 256 + 8 * 128];
			struct ps_name suffix = ps_name_suffix(name, labels);
			size_t len = message_of(suffix, message);
			struct ps_hash want = openssl_hash(mac, key, message, len);
			struct ps_hash got = ps_name_hash(key, suffix);

			struct ps_hash whole = ps_words_hash(key, ps_bytes_of(message, len));

			ck_assert(hashes[labels].hi == want.hi && hashes[labels].lo == want.lo);
			ck_assert(whole.hi == want.hi && whole.lo == want.lo);
			ck_assert(got.hi == want.hi && got.lo == want.lo);
			if (!ps_depths_have(wanted, labels))
				want = (struct ps_hash){0};
			ck_assert(some[labels].hi == want.hi && some[labels].lo == want.lo);
		}
	}
	EVP_MAC_free(mac);
}
END_TEST

START_TEST(label_borders_and_keys_change_the_hash)
{
	static const char *const names[] = {"ab.c", "a.bc", "abc", "a.b.c", "c.ab", "."};
	struct ps_hash_key key = {.k0 = 1, .k1 = 2};
	struct ps_hash_key other = {.k0 = 2, .k1 = 1};
	struct ps_hash hash[6];

	for (int i = 0; i < 6; i++) {
		struct ps_name_buffer storage;
		struct ps_name name;
		struct ps_hash again;

		ck_assert_int_eq(
		    ps_name_from_text(&name, &storage, ps_bytes_of_text(names[i]), NULL), PS_OK);
		hash[i] = ps_name_hash(key, name);
		again = ps_name_hash(other, name);
		ck_assert(again.hi != hash[i].hi && again.lo != hash[i].lo);
		for (int k = 0; k < i; k++)
			ck_assert(hash[k].hi != hash[i].hi && hash[k].lo != hash[i].lo);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.siphash");
	TCase *tc = tcase_create("siphash");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, every_suffix_is_what_openssl_computes);
	tcase_add_test(tc, label_borders_and_keys_change_the_hash);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
