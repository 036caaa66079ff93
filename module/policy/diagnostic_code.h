/* The codes of diagnostics: what each means, said once.
 *
 * The numbers are stable over versions: people look them up, editors and scripts
 * match them. Never reuse one. Errors stand below PS060, warnings from there on.
 * Threads: constant data.
 */
#ifndef PS_POLICY_DIAGNOSTIC_CODE_H
#define PS_POLICY_DIAGNOSTIC_CODE_H

#include <stddef.h>

enum ps_code {
	PS_CODE_UNREADABLE = 1,
	PS_CODE_EMPTY_FOLDER = 2,
	PS_CODE_TOO_LARGE = 3,
	PS_CODE_TOO_MANY = 4,
	PS_CODE_NOT_UTF8 = 5,
	PS_CODE_CONTROL = 6,
	PS_CODE_HIDDEN = 7,
	PS_CODE_SYNTAX = 8,
	PS_CODE_TAB = 9,
	PS_CODE_ANCHOR = 10,
	PS_CODE_ALIAS = 11,
	PS_CODE_TAG = 12,
	PS_CODE_MERGE = 13,
	PS_CODE_UNKNOWN_KEY = 14,
	PS_CODE_DUPLICATE_KEY = 15,
	PS_CODE_TOO_DEEP = 16,
	PS_CODE_DOCUMENTS = 17,
	PS_CODE_DIRECTIVE = 18,
	PS_CODE_KEY_SHAPE = 19,
	PS_CODE_SHAPE = 20,
	PS_CODE_MISSING_KEY = 21,
	PS_CODE_NO_VALUE = 22,
	PS_CODE_NO_VERSION = 23,
	PS_CODE_VERSION = 24,
	PS_CODE_WORD = 25,
	PS_CODE_NUMBER = 26,
	PS_CODE_ID = 27,
	PS_CODE_DUPLICATE_ID = 28,
	PS_CODE_UNKNOWN_REFERENCE = 29,
	PS_CODE_NAME = 30,
	PS_CODE_WILDCARD = 31,
	PS_CODE_URL = 32,
	PS_CODE_ADDRESS = 33,
	PS_CODE_CONFLICT = 34,
	PS_CODE_NO_CONDITION = 35,
	PS_CODE_CONFIDENCE = 36,
	PS_CODE_TELL = 37,
	PS_CODE_TEXT = 38,
	PS_CODE_EDE = 39,
	PS_CODE_ANSWER = 40,
	PS_CODE_SINKHOLE = 41,
	PS_CODE_PATTERN = 42,
	PS_CODE_PATTERN_REFUSED = 43,
	PS_CODE_PATTERN_LENGTH = 44,
	PS_CODE_WHOLE_SUFFIX = 45,
	PS_CODE_FEED_KEY = 46,
	PS_CODE_PATH = 47,
	PS_CODE_PUBLISHER = 48,
	PS_CODE_EMPTY_LIST = 49,
	PS_CODE_ROOT = 50,
	PS_CODE_MORE = 51,
	PS_CODE_TERM = 52,
	PS_CODE_LANGUAGE = 53,
	PS_CODE_TLD = 54,
	PS_CODE_DATE = 55,
	PS_CODE_SCORE = 56,
	PS_CODE_NO_TERM = 57,
	PS_CODE_TYPE = 58,
	PS_CODE_TWO_GROUPS = 59,

	PS_CODE_UNREACHABLE = 60,
	PS_CODE_PATTERN_IS_NAME = 61,
	PS_CODE_PATTERN_DOT = 62,
	PS_CODE_PATTERN_UPPER = 63,
	PS_CODE_PATTERN_ALL = 64,
	PS_CODE_NEVER_MATCHES = 65,
	PS_CODE_EVERYTHING = 66,
	PS_CODE_PROTECTED = 67,
	PS_CODE_UNUSED_FEED = 68,
	PS_CODE_DUPLICATE_NAME = 69,
	PS_CODE_NO_RULES = 70,
	PS_CODE_NEVER_TLD = 71,
	PS_CODE_FILE_NAME = 72,
	PS_CODE_COMMON_NAME = 73,
	PS_CODE_SHORT_NAME = 74,
	PS_CODE_NO_DOMAINS = 75,
	PS_CODE_SHARED_NAME = 76,
	PS_CODE_EXCEPTION_IDLE = 77,
	PS_CODE_SHADOWED = 78,
	PS_CODE_CONTRARY = 79,
	PS_CODE_EXCLUDING = 80,
	PS_CODE_KNOWN_GOOD = 81,
	PS_CODE_UNUSED_GROUP = 82,
	PS_CODE_TOO_LATE = 83,
	PS_CODE_SPECIAL_ADDRESSES = 84,
	PS_CODE_PATTERN_FINAL_DOT = 85,
	PS_CODE_SUB_ERROR_IDLE = 86,
	PS_CODE_COUNT = 87,
};

struct ps_code_info {
	const char *code;        /* "PS014"; NULL: no such code */
	const char *title;       /* one line */
	const char *explanation; /* a few sentences for whoever met it */
};

/* The entry of a code; number may be anything. */
struct ps_code_info ps_code_info(unsigned number);

/* The entry that stands for "PS014" (letter case aside). code NULL: none. */
struct ps_code_info ps_code_find(const char *code);

static inline int ps_code_is_warning(enum ps_code code)
{
	return code >= PS_CODE_UNREACHABLE;
}

#endif
