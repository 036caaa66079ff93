/* The snapshot file's layout as constants: FORMAT.md is the specification, this
 * file its transcription. Included by the builder, the verifier and the reader only.
 */
#ifndef PS_SNAPSHOT_FORMAT_H
#define PS_SNAPSHOT_FORMAT_H

#include <stdint.h>

#define PS_SNAPSHOT_MAGIC "PSSNAP\r\n" /* 8 octets; the CR LF shows a text-mode transfer */
#define PS_SNAPSHOT_VERSION 6u
#define PS_SNAPSHOT_ALIGN 64u /* sections begin at multiples of a cache line */

/* Header: at offset 0. All numbers little-endian. */
enum {
	PS_HEADER_MAGIC = 0,          /* 8 octets */
	PS_HEADER_VERSION = 8,        /* u32 */
	PS_HEADER_SECTIONS = 12,      /* u32: PS_SECTION_COUNT */
	PS_HEADER_LOOKUP_LEN = 16,    /* u64: octets of the lookup part, header included */
	PS_HEADER_FILE_LEN = 24,      /* u64: octets of the whole file */
	PS_HEADER_KEY = 32,           /* 16 octets: SipHash key */
	PS_HEADER_LOOKUP_DIGEST = 48, /* SHA-256 of [PS_HEADER_SIZE, lookup_len) */
	PS_HEADER_TEXT_DIGEST = 80,   /* SHA-256 of [lookup_len, file_len) */
	PS_HEADER_BUCKET_BITS = 112,  /* u32 */
	PS_HEADER_EVENT_CLIENT = 116, /* u8: what events keep of a client's address */
	PS_HEADER_RESERVED = 117,     /* u8: 0 */
	PS_HEADER_EVENT_KEEP = 118,   /* u16: MiB of events that are kept; 0: the default */
	PS_HEADER_DEPTHS = 120,       /* 16 octets: bit i set when an entry has i labels */
	PS_HEADER_TABLE = 136,        /* PS_SECTION_COUNT times {u64 offset, u64 octets} */
	PS_HEADER_TABLE_END = 520,
	PS_HEADER_STRUCTURED = 520,   /* 24 octets: PS_STRUCTURED_* */
	PS_HEADER_DIGEST = 544,       /* SHA-256 of [0, 544) */
	PS_HEADER_SIZE = 576,
};

/* What clients that ask for structured errors are told, as offsets from PS_HEADER_STRUCTURED; all
 * zeros: nothing. */
enum {
	PS_STRUCTURED_OPTION = 0,       /* u16: code of the EDNS option; 0: it has none yet */
	PS_STRUCTURED_CONTACTS = 2,     /* u8: how many; 0: off */
	PS_STRUCTURED_RESERVED = 3,     /* u8: 0 */
	PS_STRUCTURED_CONTACT = 4,      /* three times u32: offset in STRINGS */
	PS_STRUCTURED_ORGANIZATION = 16, /* u32: offset in STRINGS */
	PS_STRUCTURED_LANGUAGE = 20,    /* u32: offset in STRINGS */
	PS_STRUCTURED_SIZE = 24,
};

/* Sections, in the order in which they stand in the file. */
enum ps_section {
	PS_SECTION_STRINGS,    /* octets; NUL-terminated strings, UTF-8, the first one "" */
	PS_SECTION_NAMES,      /* octets; wire names (CNAME targets), in the answers' order */
	PS_SECTION_FEEDS,      /* PS_FEED_RECORD each */
	PS_SECTION_ANSWERS,    /* PS_ANSWER_RECORD each */
	PS_SECTION_ADDRESSES,  /* 16 octets each: sinkhole addresses, in the answers' order */
	PS_SECTION_RULES,      /* PS_RULE_RECORD each */
	PS_SECTION_CONDITIONS, /* PS_CONDITION_RECORD each, in the rules' order */
	PS_SECTION_FEED_LISTS, /* u16 each: feeds of LISTED conditions, in their order */
	PS_SECTION_BRAND_LISTS, /* u16 each: brands of LOOKALIKE conditions, likewise */
	PS_SECTION_GROUPS,     /* PS_GROUP_RECORD each: the groups of clients */
	PS_SECTION_CLIENTS4,   /* PS_PREFIX4_RECORD each, ascending: whose group is whose */
	PS_SECTION_CLIENTS6,   /* PS_PREFIX6_RECORD each, ascending */
	PS_SECTION_LOOKALIKE,  /* octets; the tables of lookalike/tables.h */
	PS_SECTION_ROWS,       /* PS_ROW_RECORD each, set after set */
	PS_SECTION_SETS,       /* u32 each: first row of a set, and flags; one more at the end */
	PS_SECTION_BUCKETS,    /* PS_BUCKET_RECORD each: 2^bucket_bits, and one more */
	PS_SECTION_ENTRIES,    /* PS_ENTRY_RECORD each, ascending by hash */
	PS_SECTION_PREFIXES4,  /* PS_PREFIX4_RECORD each, ascending */
	PS_SECTION_PREFIXES6,  /* PS_PREFIX6_RECORD each, ascending */
	/* Here the lookup part ends and the text part begins. */
	PS_SECTION_TEXT_INDEX,   /* u64 each: offset in TEXT of every 64th entry's record */
	PS_SECTION_TEXT,         /* a record an entry, in the order of ENTRIES */
	PS_SECTION_PREFIX_INDEX, /* u64 each: the same for PREFIX_TEXT */
	PS_SECTION_PREFIX_TEXT,  /* a record a prefix, IPv4 first */
	PS_SECTION_REFERENCES,   /* octets; NUL-terminated: the feeds' own ids */
	PS_SECTION_COUNT,
};
#define PS_SECTION_LOOKUP_COUNT PS_SECTION_TEXT_INDEX

/* Record sizes. */
enum {
	PS_FEED_RECORD = 64,
	PS_ANSWER_RECORD = 32,
	PS_ADDRESS_RECORD = 16,
	PS_RULE_RECORD = 32,
	PS_CONDITION_RECORD = 32,
	PS_GROUP_RECORD = 16,
	PS_ROW_RECORD = 16,
	PS_SET_RECORD = 4,
	PS_BUCKET_RECORD = 8,
	PS_ENTRY_RECORD = 16,
	PS_PREFIX4_RECORD = 16,
	PS_PREFIX6_RECORD = 28,
	PS_INDEX_RECORD = 8,
};

/* Fields, as offsets in their record. What is not named is zero. */
enum {
	PS_FEED_ID = 0,     /* u32: offset in STRINGS */
	PS_FEED_TITLE = 4,  /* u32: offset in STRINGS */
	PS_FEED_FILE = 8,   /* u32: offset in STRINGS */
	PS_FEED_LINE = 12,  /* u32 */
	PS_FEED_FORMAT = 16, /* u8 */
	PS_FEED_FLAGS = 17, /* u8: PS_FEED_FLAG_* */
	PS_FEED_READ = 20,  /* u32 */
	PS_FEED_KEPT = 24,  /* u32 */
	PS_FEED_REFUSED = 28, /* u32 */
};
#define PS_FEED_FLAG_TRIAL 1u
#define PS_FEED_FLAG_HELD 2u

enum {
	PS_ANSWER_NAME = 0,       /* u32: offset in STRINGS */
	PS_ANSWER_ACTION = 4,     /* u8 */
	PS_ANSWER_A_COUNT = 5,    /* u8 */
	PS_ANSWER_AAAA_COUNT = 6, /* u8 */
	PS_ANSWER_CNAME_LEN = 7,  /* u8: octets; 0: no CNAME */
	PS_ANSWER_TTL = 8,        /* u32 */
	PS_ANSWER_ADDRESS = 12,   /* u32: first of its records in ADDRESSES; A, then AAAA */
	PS_ANSWER_CNAME = 16,     /* u32: offset in NAMES; 0 without a CNAME */
	PS_ANSWER_CNAME_LABELS = 20, /* u8 */
};

enum {
	PS_RULE_ID = 0,               /* u32: offset in STRINGS */
	PS_RULE_FILE = 4,             /* u32: offset in STRINGS */
	PS_RULE_LINE = 8,             /* u32 */
	PS_RULE_MODE = 12,            /* u8 */
	PS_RULE_SUB_ERROR = 13,       /* u8: PS_SUB_ERROR_* */
	PS_RULE_ANSWER = 14,          /* u16 */
	PS_RULE_CONDITION = 16,       /* u32: its first */
	PS_RULE_CONDITION_COUNT = 20, /* u16 */
	PS_RULE_EDE_CODE = 24,        /* i32: 0 to 65535, or -1 */
	PS_RULE_EDE_TEXT = 28,        /* u32: offset in STRINGS */
};

enum {
	PS_CONDITION_KIND = 0,       /* u8 */
	PS_CONDITION_MIN = 1,        /* u8: LISTED, confidence; LOOKALIKE, score */
	PS_CONDITION_MAX = 2,        /* u8: likewise */
	PS_CONDITION_OF = 3,         /* u8: PS_OF_*: what it is asked of */
	PS_CONDITION_PATTERN_TEXT = 4, /* u32: offset in STRINGS; PATTERN */
	PS_CONDITION_FEED = 8,       /* u32: first of its records in FEED_LISTS */
	PS_CONDITION_FEED_COUNT = 12, /* u32: LISTED */
	PS_CONDITION_CATEGORIES = 16, /* u32: LISTED */
	PS_CONDITION_BRAND = 20,     /* u32: first of its records in BRAND_LISTS */
	PS_CONDITION_BRAND_COUNT = 24, /* u32: LOOKALIKE */
	PS_CONDITION_TECHNIQUES = 28, /* u32: LOOKALIKE */
	PS_CONDITION_CLIENTS = 24,   /* u64: CLIENT; bit 0 who is in no group, 1 + i group i */
};

enum {
	PS_GROUP_ID = 0,   /* u32: offset in STRINGS */
	PS_GROUP_FILE = 4, /* u32: offset in STRINGS */
	PS_GROUP_LINE = 8, /* u32 */
};

/* ENTRY: u64 hash.hi, u32 low half of hash.lo, u32 set index and flags. The set's
 * own record carries the same flags beside the number of its first row. */
enum {
	PS_ENTRY_HI = 0,
	PS_ENTRY_LO = 8,
	PS_ENTRY_SET = 12,
};
#define PS_ENTRY_SET_MASK UINT32_C(0x3fffffff)
#define PS_ENTRY_HAS_SUBTREE UINT32_C(0x80000000) /* a row reaches below the name */
#define PS_ENTRY_HAS_EXACT UINT32_C(0x40000000)   /* a row covers the name itself */

/* BUCKET: u32 first entry, u32 filter: bit hash.lo % 32 is set for each entry of the
 * bucket. The bucket of a hash is the number in its hash.hi's top bucket_bits bits. */
enum {
	PS_BUCKET_FIRST = 0,
	PS_BUCKET_FILTER = 4,
};
#define PS_BUCKET_BITS_MAX 26u
#define PS_BUCKET_MEAN 8u         /* the entries a bucket holds on average are fewer */
#define PS_BUCKET_ENTRIES_MAX 64u /* a file with a fuller bucket is refused: bounded steps */

/* PREFIX: the address (4 or 16 octets, network order), then at these offsets behind it. */
enum {
	PS_PREFIX_SET = 0,    /* u32: set index, no flags; of a client: index of the group */
	PS_PREFIX_PARENT = 4, /* u32: the next shorter prefix that covers it, or NONE */
	PS_PREFIX_LEN = 8,    /* u8 */
	PS_PREFIX_REST = 12,  /* octets of a record behind the address */
};
#define PS_PREFIX_NONE UINT32_MAX

/* ROW */
enum ps_row_kind {
	PS_ROW_FEED = 0,     /* source: feed index */
	PS_ROW_NAMES = 1,    /* source: index of a NAMES condition */
	PS_ROW_NEVER = 2,    /* source: 0 */
	PS_ROW_OFFICIAL = 3, /* source: 0 */
	PS_ROW_EXCEPTION = 4, /* source: 0; never a lookalike, may end */
	PS_ROW_POPULAR = 5,  /* source: 0; never a lookalike */
	PS_ROW_ADDRESSES = 6, /* source: index of an ADDRESSES condition; of prefixes alone */
	PS_ROW_KIND_COUNT = 7,
};
enum {
	PS_ROW_KIND = 0,        /* u8 */
	PS_ROW_SCOPE = 1,       /* u8 */
	PS_ROW_SOURCE = 2,      /* u16 */
	PS_ROW_CATEGORY = 4,    /* u8 */
	PS_ROW_CONFIDENCE = 5,  /* u8 */
	PS_ROW_TLP = 6,         /* u8 */
	PS_ROW_ORIGIN = 7,      /* u8: origin, and PS_ROW_TRIAL */
	PS_ROW_VALID_FROM = 8,  /* u32 */
	PS_ROW_VALID_UNTIL = 12, /* u32 */
};
#define PS_ROW_TRIAL 0x80u

#define PS_TEXT_INDEX_STEP 64u

/* Limits that the verifier holds, so that a lookup is bounded whatever the file. */
#define PS_SET_ROWS_MAX 2048u
#define PS_SNAPSHOT_ENTRIES_MAX (UINT32_C(1) << 28)  /* 128 suffixes: 2^(28+7-96) < 2^-60 */
#define PS_SNAPSHOT_PREFIXES_MAX (UINT32_C(1) << 28) /* of one family */
#define PS_SNAPSHOT_ROWS_MAX PS_ENTRY_SET_MASK
#define PS_SNAPSHOT_CONDITIONS_MAX 65536u            /* a row's source has 16 bits */
#define PS_SNAPSHOT_LOOKALIKE_MAX (UINT64_C(1) << 28)
#define PS_SNAPSHOT_STRINGS_MAX (UINT64_C(1) << 27)
#define PS_SNAPSHOT_FILE_MAX (UINT64_C(1) << 36)
#define PS_SNAPSHOT_LINE_MAX (UINT64_C(1) << 62)     /* lines are below it */
#define PS_SNAPSHOT_REFERENCE_MAX 255u

/* How many bits a snapshot of so many entries has its buckets by: the fewest with
 * which the mean bucket holds under PS_BUCKET_MEAN. */
static inline uint32_t ps_format_bucket_bits(uint64_t entries)
{
	uint32_t bits = 0;

	while (entries >> bits >= PS_BUCKET_MEAN)
		bits++;
	return bits;
}

/* Two shifts: bits may be 0, and a shift by 64 is undefined. */
static inline uint64_t ps_format_bucket(uint64_t hi, uint32_t bits)
{
	return hi >> 1 >> (63 - bits);
}

static inline uint64_t ps_format_align(uint64_t offset)
{
	return (offset + (PS_SNAPSHOT_ALIGN - 1)) & ~(uint64_t)(PS_SNAPSHOT_ALIGN - 1);
}

#endif
