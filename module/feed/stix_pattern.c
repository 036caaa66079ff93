#include "feed/stix_pattern.h"

#include <stdlib.h>

/* --- tokens: STIXPattern.g4 of OASIS, the grammar of section 9 -------------------- */

enum token {
	T_END,
	T_BAD,
	T_NAME,         /* an identifier without hyphens */
	T_HYPHEN_NAME,  /* one with */
	T_STRING,
	T_INTEGER,      /* not negative */
	T_NEGATIVE,     /* an integer */
	T_FLOAT,        /* not negative */
	T_NEGATIVE_FLOAT,
	T_HEX,
	T_BINARY,
	T_TIMESTAMP,
	T_EQUAL,
	T_NOT_EQUAL,
	T_ORDER,        /* < <= > >= */
	T_COLON,
	T_DOT,
	T_COMMA,
	T_STAR,
	T_LEFT_PAREN,
	T_RIGHT_PAREN,
	T_LEFT_BRACKET,
	T_RIGHT_BRACKET,
	T_AND,
	T_OR,
	T_NOT,
	T_FOLLOWEDBY,
	T_LIKE,
	T_MATCHES,
	T_ISSUPERSET,
	T_ISSUBSET,
	T_EXISTS,
	T_IN,
	T_START,
	T_STOP,
	T_SECONDS,
	T_BOOLEAN,
	T_WITHIN,
	T_REPEATS,
	T_TIMES,
};

static const struct {
	const char *word;
	enum token token;
} keywords[] = {
    {"AND", T_AND},
    {"OR", T_OR},
    {"NOT", T_NOT},
    {"FOLLOWEDBY", T_FOLLOWEDBY},
    {"LIKE", T_LIKE},
    {"MATCHES", T_MATCHES},
    {"ISSUPERSET", T_ISSUPERSET},
    {"ISSUBSET", T_ISSUBSET},
    {"EXISTS", T_EXISTS},
    {"IN", T_IN},
    {"START", T_START},
    {"STOP", T_STOP},
    {"SECONDS", T_SECONDS},
    {"true", T_BOOLEAN},
    {"false", T_BOOLEAN},
    {"WITHIN", T_WITHIN},
    {"REPEATS", T_REPEATS},
    {"TIMES", T_TIMES},
};

struct parser {
	struct ps_bytes text;
	size_t pos;            /* behind the token at hand */
	enum token token;
	struct ps_bytes lexeme; /* without quotes and their letter */
	unsigned depth;
	bool invalid;
	bool unsupported;
	size_t values; /* asked for so far */

	ps_stix_visit visit; /* NULL on the first, judging walk */
	void *ctx;
	uint8_t *scratch; /* as long as the text, for strings with escapes */
	enum ps_status status;
};

static uint8_t at(const struct parser *p, size_t ahead)
{
	return p->pos + ahead < p->text.len ? p->text.ptr[p->pos + ahead] : 0;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool starts_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The length of the blank at pos, or 0: ASCII's, and Unicode's as the grammar has them. */
static size_t blank_length(const struct parser *p)
{
	uint8_t a = at(p, 0), b = at(p, 1), c = at(p, 2);

	if (a == ' ' || (a >= '\t' && a <= '\r'))
		return 1;
	if (a == 0xc2 && (b == 0x85 || b == 0xa0))
		return 2;
	if (a == 0xe1 && b == 0x9a && c == 0x80)
		return 3;
	if (a == 0xe2 && b == 0x80 &&
	    ((c >= 0x80 && c <= 0x8a) || c == 0xa8 || c == 0xa9 || c == 0xaf))
		return 3;
	if ((a == 0xe2 && b == 0x81 && c == 0x9f) || (a == 0xe3 && b == 0x80 && c == 0x80))
		return 3;
	return 0;
}

/* Over blanks and comments. False: a comment that does not end. */
static bool skip_blanks(struct parser *p)
{
	while (p->pos < p->text.len) {
		size_t blank = blank_length(p);

		if (blank > 0) {
			p->pos += blank;
		} else if (at(p, 0) == '/' && at(p, 1) == '/') {
			while (p->pos < p->text.len && at(p, 0) != '\n' && at(p, 0) != '\r')
				p->pos++;
		} else if (at(p, 0) == '/' && at(p, 1) == '*') {
			p->pos += 2;
			while (p->pos < p->text.len && !(at(p, 0) == '*' && at(p, 1) == '/'))
				p->pos++;
			if (p->pos >= p->text.len)
				return false;
			p->pos += 2;
		} else {
			break;
		}
	}
	return true;
}

/* From behind the opening quote to behind the closing one. */
static enum token read_string(struct parser *p)
{
	size_t start = p->pos;

	while (p->pos < p->text.len) {
		uint8_t c = at(p, 0);

		if (c == '\'') {
			p->lexeme = ps_bytes_of(p->text.ptr + start, p->pos - start);
			p->pos++;
			return T_STRING;
		}
		if (c == '\\' && at(p, 1) != '\'' && at(p, 1) != '\\')
			return T_BAD;
		p->pos += c == '\\' ? 2 : 1;
	}
	return T_BAD;
}

static bool is_hex(struct ps_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = ps_ascii_lower(text.ptr[i]);

		if (!is_digit(c) && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return text.len % 2 == 0;
}

static bool is_base64(struct ps_bytes text)
{
	size_t end = text.len;

	for (int pad = 0; pad < 2 && end > 0 && text.ptr[end - 1] == '='; pad++)
		end--;
	for (size_t i = 0; i < end; i++) {
		uint8_t c = text.ptr[i];

		if (!is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    c != '+' && c != '/')
			return false;
	}
	return text.len % 4 == 0;
}

/* YYYY-MM-DDTHH:MM:SS[.fraction]Z, by its shape: the value is not used. */
static bool is_timestamp(struct ps_bytes text)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd";
	size_t i = 0;

	if (text.len < sizeof(shape) || text.ptr[text.len - 1] != 'Z')
		return false;
	for (; i < sizeof(shape) - 1; i++) {
		if (shape[i] == 'd' ? !is_digit(text.ptr[i]) : text.ptr[i] != (uint8_t)shape[i])
			return false;
	}
	if (i == text.len - 1)
		return true;
	if (text.ptr[i] != '.' || i + 2 == text.len)
		return false;
	for (i++; i < text.len - 1; i++) {
		if (!is_digit(text.ptr[i]))
			return false;
	}
	return true;
}

/* h'', b'' and t'' */
static enum token read_typed(struct parser *p)
{
	uint8_t type = at(p, 0);

	p->pos += 2;
	if (read_string(p) != T_STRING)
		return T_BAD;
	if (type == 'h')
		return is_hex(p->lexeme) ? T_HEX : T_BAD;
	if (type == 'b')
		return is_base64(p->lexeme) ? T_BINARY : T_BAD;
	return is_timestamp(p->lexeme) ? T_TIMESTAMP : T_BAD;
}

static enum token read_name(struct parser *p)
{
	size_t start = p->pos;
	bool hyphen = false;

	while (starts_name(at(p, 0)) || is_digit(at(p, 0)) || at(p, 0) == '-') {
		hyphen = hyphen || at(p, 0) == '-';
		p->pos++;
	}
	p->lexeme = ps_bytes_of(p->text.ptr + start, p->pos - start);
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (ps_bytes_equal_text(p->lexeme, keywords[i].word))
			return keywords[i].token;
	}
	return hyphen ? T_HYPHEN_NAME : T_NAME;
}

static enum token read_number(struct parser *p)
{
	bool negative = at(p, 0) == '-';
	size_t digits, start;

	if (at(p, 0) == '-' || at(p, 0) == '+')
		p->pos++;
	start = p->pos;
	while (is_digit(at(p, 0)))
		p->pos++;
	digits = p->pos - start;
	if (at(p, 0) == '.' && is_digit(at(p, 1))) {
		for (p->pos++; is_digit(at(p, 0)); p->pos++)
			;
		return negative ? T_NEGATIVE_FLOAT : T_FLOAT;
	}
	if (digits == 0 || (digits > 1 && p->text.ptr[start] == '0'))
		return T_BAD;
	return negative ? T_NEGATIVE : T_INTEGER;
}

static enum token read_sign(struct parser *p)
{
	uint8_t c = at(p, 0);
	uint8_t next = at(p, 1);

	p->pos++;
	switch (c) {
	case '=':
		p->pos += next == '=';
		return T_EQUAL;
	case '!':
		p->pos += next == '=';
		return next == '=' ? T_NOT_EQUAL : T_BAD;
	case '<':
		p->pos += next == '=' || next == '>';
		return next == '>' ? T_NOT_EQUAL : T_ORDER;
	case '>':
		p->pos += next == '=';
		return T_ORDER;
	case ':':
		return T_COLON;
	case '.':
		return T_DOT;
	case ',':
		return T_COMMA;
	case '*':
		return T_STAR;
	case '(':
		return T_LEFT_PAREN;
	case ')':
		return T_RIGHT_PAREN;
	case '[':
		return T_LEFT_BRACKET;
	case ']':
		return T_RIGHT_BRACKET;
	default:
		return T_BAD;
	}
}

static void advance(struct parser *p)
{
	uint8_t c, next;

	if (!skip_blanks(p)) {
		p->token = T_BAD;
		return;
	}
	c = at(p, 0);
	next = at(p, 1);
	if (p->pos >= p->text.len) {
		p->token = T_END;
	} else if (c == '\'') {
		p->pos++;
		p->token = read_string(p);
	} else if (next == '\'' && (c == 'h' || c == 'b' || c == 't')) {
		p->token = read_typed(p);
	} else if (starts_name(c)) {
		p->token = read_name(p);
	} else if (is_digit(c) || c == '+' || c == '-' || (c == '.' && is_digit(next))) {
		p->token = read_number(p);
	} else {
		p->token = read_sign(p);
	}
}

/* --- the grammar ------------------------------------------------------------------- */

static bool take(struct parser *p, enum token token)
{
	if (p->token != token)
		return false;
	advance(p);
	return true;
}

/* After the first mistake nothing more is read: the token at hand becomes bad. */
static void fail(struct parser *p)
{
	p->invalid = true;
	p->token = T_BAD;
}

static void expect(struct parser *p, enum token token)
{
	if (!take(p, token))
		fail(p);
}

static bool enter(struct parser *p)
{
	if (p->depth == PS_STIX_PATTERN_DEPTH_MAX) {
		fail(p);
		return false;
	}
	p->depth++;
	return true;
}

struct path {
	bool known;
	enum ps_stix_object object;
};

static const struct {
	const char *type;
	enum ps_stix_object object;
} objects[] = {
    {"domain-name", PS_STIX_DOMAIN_NAME},
    {"url", PS_STIX_URL},
    {"ipv4-addr", PS_STIX_IPV4_ADDR},
    {"ipv6-addr", PS_STIX_IPV6_ADDR},
};

/* objectType ":" firstPathComponent objectPathComponent* */
static struct path read_path(struct parser *p)
{
	struct path path = {0};

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		if (ps_bytes_equal_text(p->lexeme, objects[i].type))
			path = (struct path){.known = true, .object = objects[i].object};
	}
	if (!take(p, T_NAME) && !take(p, T_HYPHEN_NAME))
		fail(p);
	expect(p, T_COLON);
	path.known = path.known && ps_bytes_equal_text(p->lexeme, "value");
	if (!take(p, T_NAME) && !take(p, T_STRING))
		fail(p);
	while (!p->invalid && (p->token == T_DOT || p->token == T_LEFT_BRACKET)) {
		path.known = false;
		if (take(p, T_DOT)) {
			if (!take(p, T_NAME) && !take(p, T_STRING))
				fail(p);
			continue;
		}
		advance(p);
		if (!take(p, T_INTEGER) && !take(p, T_NEGATIVE) && !take(p, T_STAR))
			fail(p);
		expect(p, T_RIGHT_BRACKET);
	}
	return path;
}

/* A string without its escapes: \' and \\ are the two there are. */
static struct ps_bytes unescape(struct parser *p, struct ps_bytes text)
{
	size_t used = 0;

	if (text.len == 0 || memchr(text.ptr, '\\', text.len) == NULL)
		return text;
	for (size_t i = 0; i < text.len; i++) {
		i += text.ptr[i] == '\\';
		p->scratch[used++] = text.ptr[i];
	}
	return ps_bytes_of(p->scratch, used);
}

/* One literal, which the pattern asks for when path is known and it is a string. */
static void read_literal(struct parser *p, struct path path)
{
	struct ps_bytes text = p->lexeme;

	if (take(p, T_STRING)) {
		p->values++;
		p->unsupported = p->unsupported || !path.known;
		if (p->visit != NULL && p->status == PS_OK)
			p->status = p->visit(p->ctx, path.object, unescape(p, text));
		return;
	}
	p->unsupported = true;
	if (!take(p, T_INTEGER) && !take(p, T_NEGATIVE) && !take(p, T_FLOAT) &&
	    !take(p, T_NEGATIVE_FLOAT) && !take(p, T_HEX) && !take(p, T_BINARY) &&
	    !take(p, T_TIMESTAMP) && !take(p, T_BOOLEAN))
		fail(p);
}

static void read_set(struct parser *p, struct path path)
{
	expect(p, T_LEFT_PAREN);
	if (take(p, T_RIGHT_PAREN))
		return;
	do {
		read_literal(p, path);
	} while (take(p, T_COMMA));
	expect(p, T_RIGHT_PAREN);
}

static bool is_address(struct path path)
{
	return path.object == PS_STIX_IPV4_ADDR || path.object == PS_STIX_IPV6_ADDR;
}

static void read_comparison(struct parser *p)
{
	struct path path = read_path(p);

	if (take(p, T_NOT))
		p->unsupported = true;
	if (take(p, T_EQUAL)) {
		read_literal(p, path);
	} else if (take(p, T_IN)) {
		read_set(p, path);
	} else if (take(p, T_ISSUBSET)) {
		p->unsupported = p->unsupported || p->token != T_STRING || !is_address(path);
		if (p->token != T_STRING)
			fail(p);
		read_literal(p, path);
	} else if (take(p, T_NOT_EQUAL)) {
		p->unsupported = true;
		read_literal(p, path);
	} else if (take(p, T_ORDER)) {
		p->unsupported = true;
		if (p->token == T_BOOLEAN)
			fail(p);
		read_literal(p, path);
	} else if (take(p, T_LIKE) || take(p, T_MATCHES) || take(p, T_ISSUPERSET)) {
		p->unsupported = true;
		expect(p, T_STRING);
	} else {
		fail(p);
	}
}

static void read_comparisons(struct parser *p);

static void read_proposition(struct parser *p)
{
	if (take(p, T_EXISTS)) {
		p->unsupported = true;
		(void)read_path(p);
	} else if (p->token == T_LEFT_PAREN) {
		if (!enter(p))
			return;
		advance(p);
		read_comparisons(p);
		expect(p, T_RIGHT_PAREN);
		p->depth--;
	} else {
		read_comparison(p);
	}
}

/* AND binds tighter than OR; as one AND spoils the pattern, its place needs no tree. */
static void read_comparisons(struct parser *p)
{
	read_proposition(p);
	while (!p->invalid && (p->token == T_AND || p->token == T_OR)) {
		p->unsupported = p->unsupported || p->token == T_AND;
		advance(p);
		read_proposition(p);
	}
}

static void read_qualifiers(struct parser *p)
{
	while (!p->invalid &&
	       (p->token == T_START || p->token == T_WITHIN || p->token == T_REPEATS)) {
		p->unsupported = true;
		if (take(p, T_START)) {
			expect(p, T_TIMESTAMP);
			expect(p, T_STOP);
			expect(p, T_TIMESTAMP);
		} else if (take(p, T_WITHIN)) {
			if (!take(p, T_INTEGER) && !take(p, T_FLOAT))
				fail(p);
			expect(p, T_SECONDS);
		} else {
			advance(p);
			expect(p, T_INTEGER);
			expect(p, T_TIMES);
		}
	}
}

static void read_observations(struct parser *p);

static void read_observation(struct parser *p)
{
	if (!enter(p))
		return;
	if (take(p, T_LEFT_BRACKET)) {
		read_comparisons(p);
		expect(p, T_RIGHT_BRACKET);
	} else if (take(p, T_LEFT_PAREN)) {
		read_observations(p);
		expect(p, T_RIGHT_PAREN);
	} else {
		fail(p);
	}
	p->depth--;
	read_qualifiers(p);
}

static void read_observations(struct parser *p)
{
	read_observation(p);
	while (!p->invalid &&
	       (p->token == T_AND || p->token == T_OR || p->token == T_FOLLOWEDBY)) {
		p->unsupported = p->unsupported || p->token != T_OR;
		advance(p);
		read_observation(p);
	}
}

static void walk(struct parser *p)
{
	p->pos = 0;
	p->values = 0;
	advance(p);
	read_observations(p);
	expect(p, T_END);
}

enum ps_status ps_stix_pattern_read(struct ps_bytes text, ps_stix_visit visit, void *ctx)
{
	struct parser p = {.text = text, .ctx = ctx, .status = PS_OK};

	walk(&p);
	if (p.invalid)
		return PS_INVALID;
	if (p.unsupported || p.values == 0)
		return PS_UNSUPPORTED;
	p.scratch = malloc(text.len);
	if (p.scratch == NULL)
		return PS_NO_MEMORY;
	p.visit = visit;
	walk(&p);
	free(p.scratch);
	return p.status;
}
