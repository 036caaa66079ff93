#include "feed/json_stream.h"

#include "core/random.h"
#include "feed/walk.h"

/* Walks into the outermost container and loads each of its values. */
static enum ps_status walk(struct ps_json_stream *stream, unsigned *values)
{
	uint8_t first;
	bool more;
	enum ps_status status = ps_json_peek(stream, &first);

	*values = 0;
	if (status == PS_OK)
		status = ps_json_enter(stream, first == '[' ? '[' : '{', "the document");
	while (status == PS_OK) {
		struct ps_json_value value;
		struct ps_bytes name;

		status = first == '[' ? ps_json_next_element(stream, &more) :
		                        ps_json_next_member(stream, &name, &more);
		if (status != PS_OK || !more)
			break;
		status = ps_json_load(stream, &value);
		*values += 1;
	}
	return status == PS_OK ? ps_json_finish(stream) : status;
}

static enum ps_status walk_text(
    const void *text, size_t len, unsigned *values, struct ps_error *err)
{
	int fd = collect_memory(text, len);
	struct ps_reading reading = reading_of(fd, err);
	struct ps_json_stream *stream = NULL;
	enum ps_status status;

	ck_assert_int_eq(ps_json_open(&stream, &reading, 0), PS_OK);
	status = walk(stream, values);
	ps_json_close(stream);
	close(fd);
	return status;
}

static void check(const char *text, enum ps_status want, unsigned want_values)
{
	struct ps_error err;
	unsigned values;
	enum ps_status got = walk_text(text, strlen(text), &values, &err);

	ck_assert_msg(got == want, "%s: %s (%s)", text, ps_status_name(got), err.text);
	ck_assert_uint_eq(values, want_values);
}

START_TEST(containers_are_walked)
{
	check("[]", PS_OK, 0);
	check("{}", PS_OK, 0);
	check(" [ 1 , \"a,]\\\"\" , [2,{}] , {\"x\":[3]} , null ] \n", PS_OK, 5);
	check("{\"a\":1,\"b\":{\"a\":1},\"\":\"\\\\\"}", PS_OK, 3);
	check("\xef\xbb\xbf[1]", PS_OK, 1);
}
END_TEST

START_TEST(what_is_no_json_is_refused)
{
	static const char *const cases[] = {"", " ", "[", "{", "[1", "[1,", "{\"a\"", "{\"a\":",
	    "{\"a\":1", "{\"a\":1,", "[1,]", "{\"a\":1,}", "[,1]", "[1 2]", "[1]]", "[1] x",
	    "{a:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "[truefalse]", "[\"a\"\"b\"]", "[{]}]",
	    "[\"a]", "[\"\\\"]", "[01]", "[1e999]", "[99999999999999999999]", "[\"\\ud800\"]",
	    "[\"\xff\"]", "[\"\x01\"]", "[\"\\u0000\"]", "[{\"a\":1,\"a\":2}]", "[nul]", "[}",
	    "[-]", "[1:2]", "{1:2}", "{\"a\\ud800\":1}", "}", "[\"\\x\"]"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_error err;
		unsigned values;

		ck_assert_msg(walk_text(cases[i], strlen(cases[i]), &values, &err) == PS_INVALID,
		    "%s", cases[i]);
		ck_assert_ptr_null(json_loads(cases[i], JSON_REJECT_DUPLICATES, NULL));
		ck_assert_str_eq(err.file, "x.feed");
		ck_assert_uint_ge(err.line, 1);
	}
}
END_TEST

START_TEST(duplicate_names_are_refused_however_they_are_written)
{
	check("{\"a\":1,\"a\":2}", PS_INVALID, 1);
	check("{\"ab\":1,\"\\u0061b\":2}", PS_INVALID, 1);
	check("{\"a\":1,\"A\":2,\"ab\":3,\"\":4}", PS_OK, 4);
}
END_TEST

START_TEST(nuls_are_refused_in_every_place)
{
	static const char document[] = "{ \"ab\" : [ 1 , \"c\" ] }";
	struct ps_error err;
	unsigned values;

	for (size_t at = 0; at <= sizeof(document) - 1; at++) {
		char text[sizeof(document)];

		memcpy(text, document, at);
		text[at] = '\0';
		memcpy(text + at + 1, document + at, sizeof(document) - 1 - at);
		ck_assert_msg(walk_text(text, sizeof(text), &values, &err) == PS_INVALID,
		    "at %zu", at);
	}
}
END_TEST

START_TEST(errors_name_the_line)
{
	struct ps_error err;
	unsigned values;
	static const char text[] = "[1,\n2,\n{\"a\":\n\n tru}]";

	ck_assert_int_eq(walk_text(text, sizeof(text) - 1, &values, &err), PS_INVALID);
	ck_assert_uint_eq(err.line, 5);
}
END_TEST

/* open^depth close^depth inside a list */
static enum ps_status nested(size_t depth)
{
	static char text[10000];
	struct ps_error err;
	unsigned values;

	text[0] = '[';
	memset(text + 1, '[', depth);
	memset(text + 1 + depth, ']', depth);
	text[1 + 2 * depth] = ']';
	return walk_text(text, 2 * depth + 2, &values, &err);
}

START_TEST(nesting_has_a_limit)
{
	ck_assert_int_eq(nested(PS_JSON_DEPTH_MAX), PS_OK);
	ck_assert_int_eq(nested(PS_JSON_DEPTH_MAX + 1), PS_LIMIT);
	ck_assert_int_eq(nested(4000), PS_LIMIT);
}
END_TEST

START_TEST(walking_deeper_than_the_stack_is_refused)
{
	static const char text[] = "[[[[[[[[[[";
	int fd = collect_memory(text, sizeof(text) - 1);
	struct ps_error err;
	struct ps_reading reading = reading_of(fd, &err);
	struct ps_json_stream *stream = NULL;
	unsigned depth = 0;
	bool more;

	ck_assert_int_eq(ps_json_open(&stream, &reading, 0), PS_OK);
	while (ps_json_enter(stream, '[', "x") == PS_OK) {
		ck_assert_int_eq(ps_json_next_element(stream, &more), PS_OK);
		depth++;
	}
	ck_assert_uint_eq(depth, 8);
	ck_assert_int_eq(err.status, PS_LIMIT);
	ps_json_close(stream);
	close(fd);
}
END_TEST

/* A list of one string of len octets with its quotes, and a 7. */
static void check_long(size_t len, bool fits)
{
	char *text = malloc(len + 10);
	int fd;
	struct ps_error err;
	struct ps_reading reading;
	struct ps_json_stream *stream = NULL;
	struct ps_json_value value;
	bool more;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', len + 1);
	text[0] = '[';
	text[1] = text[len] = '"';
	memcpy(text + len + 1, ",\n7]", 5);
	fd = collect_memory(text, len + 5);
	reading = reading_of(fd, &err);
	ck_assert_int_eq(ps_json_open(&stream, &reading, 0), PS_OK);
	ck_assert_int_eq(ps_json_enter(stream, '[', "x"), PS_OK);
	ck_assert_int_eq(ps_json_next_element(stream, &more), PS_OK);
	ck_assert_int_eq(ps_json_load(stream, &value), PS_OK);
	ck_assert(value.too_long == !fits);
	ck_assert((value.json == NULL) == !fits);
	ck_assert_uint_le(value.text.len, PS_JSON_VALUE_MAX);
	ck_assert_int_eq(ps_json_next_element(stream, &more), PS_OK);
	ck_assert_int_eq(ps_json_load(stream, &value), PS_OK);
	ck_assert(json_integer_value(value.json) == 7);
	ck_assert_uint_eq(value.line, 2);
	ps_json_close(stream);
	close(fd);
	free(text);
}

START_TEST(a_value_has_one_mebibyte_at_most_and_the_next_is_found)
{
	check_long(PS_JSON_VALUE_MAX, true);
	check_long(PS_JSON_VALUE_MAX + 1, false);
	check_long(100u << 20, false);
}
END_TEST

START_TEST(members_and_names_have_limits)
{
	static char text[20000];
	struct ps_error err;
	unsigned values;

	for (int count = PS_JSON_MEMBERS_MAX; count <= PS_JSON_MEMBERS_MAX + 1; count++) {
		size_t used = (size_t)snprintf(text, sizeof(text), "{\"0\":0");

		for (int i = 1; i < count; i++)
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, ",\"%d\":0", i);
		text[used++] = '}';
		ck_assert_int_eq(walk_text(text, used, &values, &err),
		    count == PS_JSON_MEMBERS_MAX ? PS_OK : PS_LIMIT);
	}
	for (size_t len = PS_JSON_KEY_MAX; len <= PS_JSON_KEY_MAX + 1; len++) {
		memset(text, 'k', len + 2);
		memcpy(text, "{\"", 2);
		memcpy(text + len + 2, "\":0}", 4);
		ck_assert_int_eq(walk_text(text, len + 6, &values, &err),
		    len == PS_JSON_KEY_MAX ? PS_OK : PS_LIMIT);
	}
}
END_TEST

START_TEST(passing_over_finds_the_same_places)
{
	static const char text[] = "[{\"a\":\"]}\"},\n\"x\\\"\", -1.5e3 ,\n[[]]]";
	int fd = collect_memory(text, sizeof(text) - 1);
	struct ps_error err;
	struct ps_reading reading = reading_of(fd, &err);
	struct ps_json_stream *a = NULL, *b = NULL;
	struct ps_json_value loaded, passed;
	char seen[100];
	size_t len;
	bool more = true;

	for (unsigned wanted = 0; more; wanted++) {
		/* Both read the one fd: one after the other. */
		ck_assert_int_eq(ps_json_open(&a, &reading, 0), PS_OK);
		ck_assert_int_eq(ps_json_enter(a, '[', "x"), PS_OK);
		for (unsigned i = 0; i <= wanted && more; i++) {
			ck_assert_int_eq(ps_json_next_element(a, &more), PS_OK);
			if (more)
				ck_assert_int_eq(ps_json_load(a, &loaded), PS_OK);
		}
		len = loaded.text.len;
		memcpy(seen, loaded.text.ptr, len);
		ps_json_close(a);
		more = true;
		ck_assert_int_eq(ps_json_open(&b, &reading, 0), PS_OK);
		ck_assert_int_eq(ps_json_enter(b, '[', "x"), PS_OK);
		for (unsigned i = 0; i <= wanted && more; i++) {
			ck_assert_int_eq(ps_json_next_element(b, &more), PS_OK);
			if (more)
				ck_assert_int_eq(ps_json_pass(b, &passed), PS_OK);
		}
		ck_assert(ps_bytes_equal(passed.text, ps_bytes_of(seen, len)));
		ck_assert_uint_eq(passed.line, loaded.line);
		ck_assert_ptr_null(passed.json);
		ps_json_close(b);
	}
	close(fd);
}
END_TEST

/* --- parity with a whole-document reading ----------------------------------------------- */

/* One value, mostly JSON. */
static void random_value(struct random *r, struct ps_buffer *out, int depth)
{
	static const char *const scalars[] = {"0", "-1", "2.5e-3", "true", "false", "null",
	    "\"\"", "\"a\"", "\"\\u00e9\\n\"", "\"\xc3\xa9\"", "\"]}\"", "\"\\\\\"", "\"\\\"\"",
	    "tru", "01", "\"\xff\"", "\"\\ud800\"", "1e400", "\"\\q\""};
	static const char *const names[] = {"\"a\"", "\"b\"", "\"c\"", "\"\\u0061\"", "a"};
	/* The odd ones at the ends of the tables are rare. */
	size_t odd = random_below(r, 60) == 0;
	size_t count = random_below(r, 4);
	bool object = random_below(r, 2) == 0;

	if (depth == 0 || random_below(r, 3) == 0) {
		(void)ps_buffer_printf(out, "%s", scalars[random_below(r, odd ? 19 : 13)]);
		return;
	}
	(void)ps_buffer_printf(out, object ? "{" : " [");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			(void)ps_buffer_printf(out, ", ");
		if (object)
			(void)ps_buffer_printf(out, "%s:", names[odd ? random_below(r, 5) : i % 3]);
		random_value(r, out, depth - 1);
	}
	(void)ps_buffer_printf(out, object ? "}" : "]\n");
}

/* Takes an octet out, puts one in, or cuts the end off. */
static void mutate(struct random *r, struct ps_buffer *text)
{
	static const char octets[] = "{}[],:\"\\ \n0ae\xff";
	size_t at = random_below(r, text->len);

	switch (random_below(r, 3)) {
	case 0:
		text->data[at] = (uint8_t)octets[random_below(r, sizeof(octets))];
		break;
	case 1:
		memmove(text->data + at, text->data + at + 1, text->len - at - 1);
		text->len--;
		break;
	default:
		text->len = at;
	}
}

START_TEST(random_documents_are_taken_as_jansson_takes_them_whole)
{
	struct random r = {.state = 6};
	struct ps_buffer text;
	unsigned taken = 0, refused = 0;

	ps_buffer_init(&text, 1 << 20);
	for (int i = 0; i < 6000; i++) {
		struct ps_error err;
		unsigned values;
		json_t *whole;
		enum ps_status status;

		text.len = 0;
		random_value(&r, &text, 4);
		if (text.len > 0 && random_below(&r, 2) == 0)
			mutate(&r, &text);
		status = walk_text(text.data, text.len, &values, &err);
		whole = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
		if ((status == PS_OK) != (whole != NULL))
			ck_abort_msg("%.*s: %s", (int)text.len, text.data, err.text);
		if (whole != NULL) {
			size_t want = json_is_array(whole) ? json_array_size(whole) :
			                                     json_object_size(whole);

			ck_assert_uint_eq(values, want);
		}
		taken += whole != NULL;
		refused += whole == NULL;
		json_decref(whole);
	}
	ck_assert_uint_gt(taken, 500);
	ck_assert_uint_gt(refused, 500);
	ps_buffer_clear(&text);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    containers_are_walked,
	    what_is_no_json_is_refused,
	    duplicate_names_are_refused_however_they_are_written,
	    nuls_are_refused_in_every_place,
	    errors_name_the_line,
	    nesting_has_a_limit,
	    walking_deeper_than_the_stack_is_refused,
	    a_value_has_one_mebibyte_at_most_and_the_next_is_found,
	    members_and_names_have_limits,
	    passing_over_finds_the_same_places,
	    random_documents_are_taken_as_jansson_takes_them_whole,
	};

	return RUN_TESTS("feed.json_stream", tests);
}
