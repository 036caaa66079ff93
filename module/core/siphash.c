#include "core/siphash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13);
	s->v1 ^= s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16);
	s->v3 ^= s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21);
	s->v3 ^= s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17);
	s->v1 ^= s->v2;
	s->v2 = rotl(s->v2, 32);
}

static inline void absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

static inline struct state begin(struct ps_hash_key key)
{
	struct state s = {
	    .v0 = key.k0 ^ UINT64_C(0x736f6d6570736575),
	    .v1 = key.k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee, /* 0xee: 128 bits wanted */
	    .v2 = key.k0 ^ UINT64_C(0x6c7967656e657261),
	    .v3 = key.k1 ^ UINT64_C(0x7465646279746573),
	};
	return s;
}

/* By value: the caller's state goes on to the next label. */
static inline struct ps_hash finish(struct state s, size_t words)
{
	struct ps_hash out;

	/* The last word of a message of whole words holds its length alone. */
	absorb(&s, (uint64_t)(words * 8) << 56);
	s.v2 ^= 0xee;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	out.hi = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	s.v1 ^= 0xdd;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	out.lo = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
	return out;
}

/* The octets [at, at + len) of a name as a word with zeros above; len 1 to 7. Read together with
 * others of the name where it has as many: a copy of so few octets costs a call. */
static inline uint64_t load_rest(struct ps_name name, const uint8_t *at, size_t len)
{
	size_t before = (size_t)(at - name.wire);
	uint8_t last[8] = {0};

	if (before + len >= 8)
		return ps_load_le64(at + len - 8) >> (64 - 8 * len);
	if (name.len - before >= 8)
		return ps_load_le64(at) & (UINT64_MAX >> (64 - 8 * len));
	memcpy(last, at, len);
	return ps_load_le64(last);
}

/* Takes in one label of name, length octet included; returns the words it came to. */
static inline size_t absorb_label(struct state *s, struct ps_name name, const uint8_t *label)
{
	size_t len = label[0] + 1u;
	size_t words = 0;

	for (; len >= 8; len -= 8, label += 8, words++)
		absorb(s, ps_load_le64(label));
	if (len > 0) {
		absorb(s, load_rest(name, label, len));
		words++;
	}
	return words;
}

void ps_name_hash_suffixes(struct ps_hash_key key, struct ps_name name, struct ps_depths wanted,
    struct ps_hash hashes[PS_NAME_LABELS_MAX + 1])
{
	const uint8_t *starts[PS_NAME_LABELS_MAX];
	struct state s = begin(key);
	const uint8_t *p = name.wire;
	size_t words = 0;

	for (unsigned i = 0; i < name.labels; i++) {
		starts[i] = p;
		p += *p + 1u;
	}
	for (unsigned i = 0; i <= name.labels; i++) {
		if (i > 0)
			words += absorb_label(&s, name, starts[name.labels - i]);
		if (ps_depths_have(wanted, i))
			hashes[i] = finish(s, words);
	}
}

struct ps_hash ps_name_hash(struct ps_hash_key key, struct ps_name name)
{
	const uint8_t *starts[PS_NAME_LABELS_MAX];
	struct state s = begin(key);
	const uint8_t *p = name.wire;
	size_t words = 0;

	for (unsigned i = 0; i < name.labels; i++) {
		starts[i] = p;
		p += *p + 1u;
	}
	for (unsigned i = name.labels; i > 0; i--)
		words += absorb_label(&s, name, starts[i - 1]);
	return finish(s, words);
}

struct ps_hash ps_words_hash(struct ps_hash_key key, struct ps_bytes words)
{
	struct state s = begin(key);

	for (size_t i = 0; i + 8 <= words.len; i += 8)
		absorb(&s, ps_load_le64(words.ptr + i));
	return finish(s, words.len / 8);
}
