#include "feed/change.h"

static const struct ps_feed_config config = {.id = "misp",
    .path = "event.json",
    .format = PS_FEED_MISP,
    .category = PS_CATEGORY_OTHER,
    .confidence = 33,
    .tlp = PS_TLP_GREEN,
    .scope = PS_SCOPE_SUBTREE};

#define EVENT(members) "{\"Event\":{" members "}}"
#define ATTRIBUTES(list) EVENT("\"Attribute\":[\n" list "\n]")
#define ATTRIBUTE(type, value, more) \
	"{\"type\":\"" type "\",\"value\":\"" value "\"," more "\"to_ids\":true}"

START_TEST(every_type_gives_its_part)
{
	check_feed(&config,
	    ATTRIBUTES(ATTRIBUTE("domain", "a.example", "") ",\n"
	               ATTRIBUTE("hostname", "b.example", "") ",\n"
	               ATTRIBUTE("domain|ip", "c.example|192.0.2.1", "") ",\n"
	               ATTRIBUTE("hostname|port", "d.example|443", "") ",\n"
	               ATTRIBUTE("url", "https://e.example/x", "") ",\n"
	               ATTRIBUTE("uri", "http://f.example/", "") ",\n"
	               ATTRIBUTE("ip-dst", "192.0.2.1", "") ",\n"
	               ATTRIBUTE("ip-src", "2001:db8::/32", "") ",\n"
	               ATTRIBUTE("ip-dst|port", "192.0.2.1|80", "") ",\n"
	               ATTRIBUTE("ip-src|port", "2001:db8::1|80", "") ",\n"
	               ATTRIBUTE("domain", " g.example ", "")),
	    "2 a.example subtree\n"
	    "3 b.example exact\n"
	    "4 c.example subtree\n"
	    "5 d.example exact\n"
	    "6 e.example exact url-path\n"
	    "7 f.example exact url\n"
	    "8 192.0.2.1 address\n"
	    "9 2001:db8::/32 address\n"
	    "10 192.0.2.1 address\n"
	    "11 2001:db8::1 address\n"
	    "12 g.example subtree\n");
}
END_TEST

START_TEST(what_is_not_for_detection_is_counted)
{
	check_feed(&config,
	    ATTRIBUTES("{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":false},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\"},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":\"0\"},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":\"1\"},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":1},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":\"yes\"},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":2},\n"
	               "{\"type\":\"domain\",\"value\":\"a.example\",\"to_ids\":[]},\n"
	               ATTRIBUTE("domain", "a.example", "\"deleted\":\"maybe\",") ",\n"
	               ATTRIBUTE("domain", "a.example", "\"deleted\":true,") ",\n"
	               ATTRIBUTE("domain", "a.example", "\"deleted\":false,") ",\n"
	               ATTRIBUTE("md5", "d41d8cd98f00b204e9800998ecf8427e", "")),
	    "2 !no-to-ids\n3 !no-to-ids\n4 !no-to-ids\n"
	    "5 a.example subtree\n6 a.example subtree\n7 !bad-field\n8 !bad-field\n"
	    "9 !bad-field\n10 !bad-field\n11 !revoked\n12 a.example subtree\n"
	    "13 !unsupported-type\n");
}
END_TEST

START_TEST(values_that_cannot_be_read_are_counted)
{
	check_feed(&config,
	    ATTRIBUTES(ATTRIBUTE("domain", "a..example", "") ",\n"
	               ATTRIBUTE("domain", "*.a.example", "") ",\n"
	               ATTRIBUTE("domain|ip", "a.example", "") ",\n"
	               ATTRIBUTE("domain|ip", "a.example|192.0.2.256", "") ",\n"
	               ATTRIBUTE("hostname|port", "a.example|65536", "") ",\n"
	               ATTRIBUTE("hostname|port", "a.example|", "") ",\n"
	               ATTRIBUTE("hostname|port", "a.example|8o", "") ",\n"
	               ATTRIBUTE("hostname|port", "a.example|123456", "") ",\n"
	               ATTRIBUTE("ip-dst", "a.example", "") ",\n"
	               ATTRIBUTE("url", "a.example/x", "") ",\n"
	               ATTRIBUTE("domain", "", "") ",\n"
	               "{\"type\":\"domain\",\"value\":7,\"to_ids\":true},\n"
	               "{\"value\":\"a.example\",\"to_ids\":true},\n"
	               "7"),
	    "2 !bad-name\n3 !bad-name\n4 !bad-field\n5 !bad-address\n6 !bad-field\n"
	    "7 !bad-field\n8 !bad-field\n9 !bad-field\n10 !bad-address\n11 !bad-url\n"
	    "12 !bad-name\n13 !bad-line\n14 !unsupported-type\n15 !bad-line\n");
}
END_TEST

START_TEST(objects_have_attributes_too)
{
	check_feed(&config,
	    EVENT("\"Object\":[\n"
	          "{\"name\":\"x\",\"Attribute\":[" ATTRIBUTE("domain", "a.example", "") ","
	          ATTRIBUTE("ip-dst", "192.0.2.1", "") "]},\n"
	          "{\"deleted\":true,\"Attribute\":[" ATTRIBUTE("domain", "b.example", "") "]},\n"
	          "{\"name\":\"empty\"},\n"
	          "{\"Attribute\":{}},\n"
	          "7\n]"),
	    "2 a.example subtree\n2 192.0.2.1 address\n3 !revoked\n5 !bad-line\n6 !bad-line\n");
}
END_TEST

START_TEST(odd_shapes_inside_an_event)
{
	check_feed(&config,
	    EVENT("\"Tag\":[{\"x\":1},7],\"Galaxy\":[7,{\"GalaxyCluster\":[{\"x\":1}]}],"
	          "\"Attribute\":[\n"
	          ATTRIBUTE("domain", "a.example", "\"Tag\":[{\"x\":1},{\"name\":7},7],") "],"
	          "\"Object\":[\n{\"deleted\":\"maybe\",\"Attribute\":[]},\n"
	          "{\"Attribute\":[7]},\n"
	          "{\"deleted\":0,\"Attribute\":[" ATTRIBUTE("domain", "b.example", "") "]},\n"
	          "[]]"),
	    "2 a.example subtree\n3 !bad-line\n4 !bad-line\n5 b.example subtree\n6 !bad-line\n");
}
END_TEST

START_TEST(flags_are_yes_or_no)
{
	check_feed(&config,
	    EVENT("\"Object\":[\n"
	          "{\"deleted\":2,\"Attribute\":[]},\n{\"deleted\":\"1\",\"Attribute\":[" ATTRIBUTE(
	              "domain", "a.example", "") "]},\n"
	          "{\"deleted\":\"0\",\"Attribute\":[" ATTRIBUTE("domain", "b.example", "") "]},\n"
	          "{\"deleted\":1,\"Attribute\":[" ATTRIBUTE("domain", "c.example", "") "]},\n"
	          "{\"deleted\":1.0},\n{\"deleted\":null},\n\"x\",\nnull]"),
	    "2 !bad-line\n3 !revoked\n4 b.example subtree\n5 !revoked\n6 !bad-line\n7 !bad-line\n"
	    "8 !bad-line\n9 !bad-line\n");
}
END_TEST

/* The sink's refusal of one attribute of an object ends the feed there. */
START_TEST(a_full_sink_ends_the_feed)
{
	static struct collect c = {.accept_status = PS_LIMIT};
	static const char event[] =
	    EVENT("\"Object\":[{\"Attribute\":[" ATTRIBUTE("domain", "a.example", "") ","
	          ATTRIBUTE("domain", "b.example", "") "]}]");
	const char *got = collect(&c, &config, event, strlen(event));

	ck_assert_msg(strstr(got, "the sink is full") != NULL, "%s", got);
	ck_assert_uint_eq(c.accepted, 1);
}
END_TEST

/* An event more than the first walk saw has no tags that anybody knows. */
START_TEST(a_file_that_gains_an_event_between_the_walks_ends_the_feed)
{
	struct change change = {.text = "," EVENT("\"Attribute\":[]") "]"};
	const struct ps_feed_sink sink = {
	    .ctx = &change, .accept = change_file, .refuse = ignore_refusal};
	struct ps_buffer text;
	struct ps_error err;

	ps_buffer_init(&text, 1 << 20);
	(void)ps_buffer_printf(&text,
	    "[" EVENT("\"Attribute\":[" ATTRIBUTE("domain", "a.example", "") "]"));
	(void)ps_buffer_printf(&text, ",{\"x\":\"%0*d\"}", 200000, 0);
	change.at = (off_t)text.len;
	(void)ps_buffer_printf(&text, "]%60s", "");
	change.fd = collect_memory(text.data, text.len);
	ps_error_clear(&err);
	ck_assert_int_eq(ps_feed_read(&config, change.fd, COLLECT_NOW, &sink, &err), PS_IO);
	ck_assert_str_eq(err.text, "was changed while it was read");
	ck_assert_uint_eq(change.accepted, 1);
	close(change.fd);
	ps_buffer_clear(&text);
}
END_TEST

START_TEST(an_events_tags_hold_for_attributes_before_them)
{
	check_feed_full(&config,
	    EVENT("\"Attribute\":[\n" ATTRIBUTE("domain", "a.example", "\"uuid\":\"u-1\",") "],\n"
	          "\"Tag\":[{\"name\":\"tlp:amber\"},{\"name\":\"rsit:fraud=\\\"phishing\\\"\"},"
	          "{\"name\":\"misp:confidence-level=\\\"usually-confident\\\"\"}]"),
	    "2 a.example subtree phishing 75 amber 0 forever u-1\n");
}
END_TEST

START_TEST(an_attributes_own_tags_come_first_but_tlp_is_the_stricter)
{
	static const char event[] =
	    EVENT("\"Tag\":[{\"name\":\"tlp:amber\"},{\"name\":\"phishing\"},"
	          "{\"name\":\"misp:confidence-level=\\\"usually-confident\\\"\"}],"
	          "\"Attribute\":[\n"
	          ATTRIBUTE("domain", "a.example",
	              "\"Tag\":[{\"name\":\"tlp:white\"},{\"name\":\"spam\"},{\"name\":"
	              "\"misp:confidence-level=\\\"rarely-confident\\\"\"},{\"name\":"
	              "\"misp:confidence-level=\\\"usually-confident\\\"\"}],") ",\n"
	          ATTRIBUTE("domain", "b.example", "\"Tag\":[{\"name\":\"tlp:red\"}],") ",\n"
	          ATTRIBUTE("domain", "c.example",
	              "\"Galaxy\":[{\"GalaxyCluster\":[{\"tag_name\":"
	              "\"misp-galaxy:tool=\\\"Trojan\\\"\"}]}],") "]");

	check_feed_full(&config, event,
	    "2 a.example subtree spam 25 amber 0 forever\n"
	    "3 b.example subtree phishing 75 red 0 forever\n"
	    "4 c.example subtree malware 75 amber 0 forever\n");
}
END_TEST

START_TEST(misps_category_is_asked_last)
{
	check_feed_full(&config,
	    ATTRIBUTES(ATTRIBUTE("domain", "a.example", "\"category\":\"Financial fraud\",") ",\n"
	               ATTRIBUTE("domain", "b.example", "\"category\":\"Network activity\",")),
	    "2 a.example subtree fraud 33 green 0 forever\n"
	    "3 b.example subtree other 33 green 0 forever\n");
	check_feed_full(&config,
	    EVENT("\"Attribute\":[\n"
	          ATTRIBUTE("domain", "a.example", "\"category\":\"Financial fraud\",")
	          "],\"Galaxy\":[{\"GalaxyCluster\":[{\"tag_name\":"
	          "\"misp-galaxy:mitre-attack-pattern=\\\"Phishing - T1566\\\"\"}]}]"),
	    "2 a.example subtree phishing 33 green 0 forever\n");
}
END_TEST

START_TEST(each_event_has_its_own_tags)
{
	check_feed_full(&config,
	    "{\"response\":[\n"
	    EVENT("\"Attribute\":[" ATTRIBUTE("domain", "a.example", "") "],"
	          "\"Tag\":[{\"name\":\"tlp:red\"}]") ",\n"
	    EVENT("\"Attribute\":[" ATTRIBUTE("domain", "b.example", "") "]") ",\n"
	    EVENT("\"Attribute\":[" ATTRIBUTE("domain", "c.example", "") "],"
	          "\"Tag\":[{\"name\":\"tlp:clear\"}]") "]}",
	    "2 a.example subtree other 33 red 0 forever\n"
	    "3 b.example subtree other 33 green 0 forever\n"
	    "4 c.example subtree other 33 clear 0 forever\n");
}
END_TEST

START_TEST(events_come_alone_in_arrays_and_in_responses)
{
	check_feed(&config, "[]", "");
	check_feed(&config, "{\"response\":[]}", "");
	check_feed(&config, "{\"x\":{\"y\":[1]},\"Event\":{\"info\":\"z\"}}", "");
	check_feed(&config,
	    "[\n" ATTRIBUTES(ATTRIBUTE("domain", "a.example", "")) ",\n{\"x\":1},\n7\n]",
	    "3 a.example subtree\n5 !bad-line\n6 !bad-line\n");
}
END_TEST

START_TEST(what_is_no_event_is_refused)
{
	check_feed(&config, "{}",
	    "!invalid 1: is no MISP event: it has neither \"Event\" nor \"response\"\n");
	check_feed(&config, "7", "!invalid 1: has no object where a MISP event should be\n");
	check_feed(&config, "{\"Event\":7}",
	    "!invalid 1: has no object where a MISP event should be\n");
	check_feed(&config, "{\"response\":{}}",
	    "!invalid 1: has no array where a list of MISP events should be\n");
	check_feed(&config, EVENT("\"Attribute\":{}"),
	    "!invalid 1: has no array where a list of the event should be\n");
	check_feed(&config, EVENT("\"Attribute\":[],\"Attribute\":[]"),
	    "!invalid 1: is no JSON that could be trusted: the name 'Attribute' stands twice\n");
}
END_TEST

START_TEST(an_event_that_is_broken_at_its_end_gives_no_row)
{
	static struct collect c;
	static const char *const ends[] = {"", "]", "]}", "]}} x", "],\"Tag\":7}}", "],\"x\":nul}}"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char text[500];

		(void)snprintf(text, sizeof(text), "{\"Event\":{\"Attribute\":[%s%s",
		    ATTRIBUTE("domain", "a.example", ""), ends[i]);
		(void)collect(&c, &config, text, strlen(text));
		ck_assert_uint_eq(c.accepted, 0);
		ck_assert_msg(strncmp((char *)c.out.data, "!invalid", 8) == 0, "%s", ends[i]);
	}
}
END_TEST

START_TEST(an_attribute_over_one_mebibyte_is_one_refusal)
{
	static struct collect c;
	size_t len = (size_t)2 << 20;
	char *text = malloc(len + 1000);
	size_t used = (size_t)snprintf(text, 500,
	    "{\"Event\":{\"x\":\"\",\"Attribute\":[\n{\"type\":\"attachment\",\"data\":\"");

	memset(text + used, 'A', len);
	used += len;
	used += (size_t)snprintf(
	    text + used, 500, "\"},\n%s]}}", ATTRIBUTE("domain", "a.example", ""));
	ck_assert_str_eq(
	    collect(&c, &config, text, used), "2 !line-too-long\n3 a.example subtree\n");
	free(text);
}
END_TEST

START_TEST(a_reference_has_128_octets_at_most)
{
	for (int len = PS_REFERENCE_MAX; len <= PS_REFERENCE_MAX + 1; len++) {
		char text[500];

		(void)snprintf(text, sizeof(text),
		    "{\"Event\":{\"Attribute\":[{\"type\":\"domain\",\"value\":\"a.example\","
		    "\"to_ids\":true,\"uuid\":\"%0*d\"}]}}",
		    len, 0);
		check_feed(&config, text,
		    len == PS_REFERENCE_MAX ? "1 a.example subtree\n" : "1 !bad-field\n");
	}
}
END_TEST

START_TEST(an_event_as_misp_writes_it)
{
	check_golden(&config, "event.json");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    every_type_gives_its_part,
	    what_is_not_for_detection_is_counted,
	    values_that_cannot_be_read_are_counted,
	    objects_have_attributes_too,
	    odd_shapes_inside_an_event,
	    flags_are_yes_or_no,
	    a_full_sink_ends_the_feed,
	    a_file_that_gains_an_event_between_the_walks_ends_the_feed,
	    an_events_tags_hold_for_attributes_before_them,
	    an_attributes_own_tags_come_first_but_tlp_is_the_stricter,
	    misps_category_is_asked_last,
	    each_event_has_its_own_tags,
	    events_come_alone_in_arrays_and_in_responses,
	    what_is_no_event_is_refused,
	    an_event_that_is_broken_at_its_end_gives_no_row,
	    an_attribute_over_one_mebibyte_is_one_refusal,
	    a_reference_has_128_octets_at_most,
	    an_event_as_misp_writes_it,
	};

	return RUN_TESTS("feed.misp", tests);
}
