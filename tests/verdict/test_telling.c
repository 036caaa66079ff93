/* What an answer tells: its code and text for everybody, and the JSON of structured errors, read
 * back by another's JSON parser; and that it fits whatever room there is. */
#include "verdict/plan.h"
#include "verdict/telling.h"

#include <jansson.h>

#define NOW 1000u
#define RULES 12

static const struct ps_place place = {"p.yaml", 1, 1};
static const struct ps_feed_config feeds[] = {
    {.id = "vendor", .title = "Vendor Threat Feed", .file = "p.yaml", .line = 1}};
static const struct ps_answer answers[] = {{.name = "nxdomain", .action = PS_ACTION_NXDOMAIN},
    {.name = "page", .action = PS_ACTION_SINKHOLE, .a = {{4, {192, 0, 2, 80}}}, .a_count = 1}};

static struct ps_condition conditions[RULES];
static struct ps_scoped_name names[RULES];
static struct ps_name_buffer storage[RULES];
static struct ps_rule rules[RULES];
static struct ps_plan plan;
static struct court court;
static struct listed listings[8];
static struct ps_name_buffer listed_storage[8];

/* A rule about NAME.evil.com. */
static void add_rule(
    const char *name, unsigned answer, int32_t code, const char *text, unsigned sub)
{
	uint32_t i = plan.rule_count++;
	char full[64];

	(void)snprintf(full, sizeof(full), "%s.evil.com", name);
	names[i] = (struct ps_scoped_name){name_of(full, &storage[i]), PS_SCOPE_SUBTREE, place};
	conditions[i] =
	    (struct ps_condition){.kind = PS_CONDITION_NAMES, .place = place, .names = {&names[i], 1}};
	rules[i] = (struct ps_rule){.id = name,
	    .place = place,
	    .answer = (uint16_t)answer,
	    .conditions = &conditions[i],
	    .condition_count = 1,
	    .ede_code = code,
	    .ede_text = text,
	    .sub_error = (uint8_t)sub};
}

/* A rule about what the feed lists. */
static void add_listed_rule(int32_t code)
{
	add_rule("listed", 0, code, "", PS_SUB_ERROR_LISTED);
	conditions[plan.rule_count - 1] = (struct ps_condition){
	    .kind = PS_CONDITION_LISTED, .place = place, .confidence_max = 100};
}

static void open_court(void)
{
	static const char *const categories[] = {"other", "phishing", "malware", "botnet", "fraud",
	    "spam", "impersonation", "suspicious"};

	for (unsigned i = 0; i < PS_CATEGORY_COUNT; i++) {
		char full[64];

		(void)snprintf(full, sizeof(full), "%s.net", categories[i]);
		listings[i] = (struct listed){.indicator = {.name = name_of(full, &listed_storage[i]),
		                                  .scope = PS_SCOPE_SUBTREE,
		                                  .category = (enum ps_category)i,
		                                  .valid_until = PS_TIME_FOREVER}};
	}
	court_open(&court, &plan, listings, PS_CATEGORY_COUNT);
}

static void setup(void)
{
	plan = (struct ps_plan){.rules = rules,
	    .answers = answers,
	    .answer_count = 2,
	    .feeds = feeds,
	    .feed_count = 1,
	    .structured = {.on = true,
	        .contact_count = 1,
	        .contacts = {"mailto:abuse@post.example"},
	        .organization = "Example Post",
	        .language = "en"}};
}

static void teardown(void)
{
	court_close(&court);
}

static struct ps_verdict judge(const char *text)
{
	struct ps_name_buffer own;
	struct ps_verdict verdict = judge_name(&court, name_of(text, &own), NOW);

	ck_assert_msg(verdict.rule != PS_INDEX_NONE, "%s", text);
	return verdict;
}

static struct ps_telling plain(const char *text)
{
	struct ps_verdict verdict = judge(text);
	struct ps_telling telling;

	ps_telling_plain(court.snapshot, &verdict, &telling);
	ck_assert_uint_eq(telling.len, strlen(telling.text));
	return telling;
}

static struct ps_telling structured(const char *text, size_t room)
{
	struct ps_verdict verdict = judge(text);
	struct ps_telling telling;

	ps_telling_structured(court.snapshot, &verdict, room, &telling);
	ck_assert_uint_eq(telling.len, strlen(telling.text));
	ck_assert_uint_le(telling.len, room);
	return telling;
}

static void assert_told(const char *name, int32_t code, const char *text)
{
	struct ps_telling telling = structured(name, PS_TELLING_TEXT_MAX);

	ck_assert_int_eq(telling.code, code);
	ck_assert_str_eq(telling.text, text);
}

START_TEST(plain_text)
{
	add_rule("own", 0, 17, "our text", PS_SUB_ERROR_SPAM);
	add_rule("page", 1, 4, "", PS_SUB_ERROR_LISTED);
	add_rule("quiet", 0, PS_EDE_NONE, "", PS_SUB_ERROR_LISTED);
	add_listed_rule(15);
	open_court();
	ck_assert_int_eq(plain("own.evil.com").code, 17);
	ck_assert_str_eq(plain("own.evil.com").text, "our text");
	ck_assert_int_eq(plain("page.evil.com").code, 4);
	ck_assert_str_eq(plain("page.evil.com").text, "");
	ck_assert_int_eq(plain("quiet.evil.com").code, PS_EDE_NONE);
	/* The kind of abuse, and never whose list it is. */
	ck_assert_str_eq(plain("phishing.net").text, "phishing");
	ck_assert_str_eq(plain("a.botnet.net").text, "botnet");
	ck_assert_str_eq(plain("other.net").text, "");
}
END_TEST

START_TEST(what_json_says)
{
	add_rule("own", 0, 17, "our text", PS_SUB_ERROR_SPAM);
	add_rule("page", 1, 4, "", PS_SUB_ERROR_NONE);
	add_rule("number", 0, 15, "", 77);
	open_court();
	assert_told("own.evil.com", 17,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"j\":\"our text\",\"s\":3,\"o\":\"Example Post\","
	    "\"l\":\"en\"}");
	/* Never a forged answer. */
	assert_told("page.evil.com", 15,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"o\":\"Example Post\",\"l\":\"en\"}");
	assert_told("number.evil.com", 15,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"s\":77,\"o\":\"Example Post\",\"l\":\"en\"}");
}
END_TEST

START_TEST(sub_errors_by_what_lists_the_name)
{
	static const struct {
		const char *name;
		const char *json;
	} cases[] = {{"phishing.net", "\"j\":\"phishing\",\"s\":2,\"l\":\"en\"}"},
	    {"malware.net", "\"j\":\"malware\",\"s\":1,\"l\":\"en\"}"},
	    {"botnet.net", "\"j\":\"botnet\",\"s\":1,\"l\":\"en\"}"},
	    {"spam.net", "\"j\":\"spam\",\"s\":3,\"l\":\"en\"}"},
	    {"fraud.net", "\"j\":\"fraud\",\"l\":\"en\"}"},
	    {"impersonation.net", "\"j\":\"impersonation\",\"l\":\"en\"}"},
	    {"suspicious.net", "\"j\":\"suspicious\",\"l\":\"en\"}"}};

	add_listed_rule(15);
	plan.structured.organization = "";
	open_court();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char json[128];

		(void)snprintf(json, sizeof(json), "{\"c\":[\"mailto:abuse@post.example\"],%s",
		    cases[i].json);
		assert_told(cases[i].name, 15, json);
	}
	assert_told("other.net", 15, "{\"c\":[\"mailto:abuse@post.example\"]}");
}
END_TEST

/* The draft's registry: none beside Censored, policies beside Blocked alone. Beside Prohibited
 * and others a client discards JSON, so they keep their text. */
START_TEST(codes)
{
	add_rule("censored", 0, 16, "why", PS_SUB_ERROR_MALWARE);
	add_rule("filtered", 0, 17, "why", PS_SUB_ERROR_DNS_POLICY);
	add_rule("blocked", 0, 15, "why", PS_SUB_ERROR_NETWORK_POLICY);
	add_rule("prohibited", 0, 18, "why", PS_SUB_ERROR_MALWARE);
	add_rule("another", 0, 22, "why", PS_SUB_ERROR_MALWARE);
	add_rule("none", 1, PS_EDE_NONE, "", PS_SUB_ERROR_LISTED);
	plan.structured.organization = "";
	open_court();
	assert_told("censored.evil.com", 16,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"j\":\"why\",\"l\":\"en\"}");
	assert_told("filtered.evil.com", 17,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"j\":\"why\",\"l\":\"en\"}");
	assert_told("blocked.evil.com", 15,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"j\":\"why\",\"s\":5,\"l\":\"en\"}");
	assert_told("prohibited.evil.com", 18, "why");
	assert_told("another.evil.com", 22, "why");
	assert_told("none.evil.com", PS_EDE_NONE, "");
}
END_TEST

/* j and o have one language, and what we say ourselves is English. */
START_TEST(languages)
{
	add_rule("own", 0, 15, "Betrug", PS_SUB_ERROR_NONE);
	add_listed_rule(15);
	plan.structured.language = "de";
	plan.structured.organization = "Beispiel-Post";
	open_court();
	assert_told("own.evil.com", 15,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"j\":\"Betrug\",\"o\":\"Beispiel-Post\","
	    "\"l\":\"de\"}");
	assert_told("phishing.net", 15,
	    "{\"c\":[\"mailto:abuse@post.example\"],\"s\":2,\"o\":\"Beispiel-Post\",\"l\":\"de\"}");
}
END_TEST

/* jansson reads what is said, and gets what the policy says. */
START_TEST(another_parser_reads_it)
{
	static const char text[] = "\"quoted\" \\ and {[]},: \xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa6 /";
	json_t *root;
	json_error_t error;
	struct ps_telling telling;

	add_rule("own", 0, 15, text, PS_SUB_ERROR_MALWARE);
	add_rule("odd", 0, 15, "a\xef\xbf\xbf" "b\xef\xb7\x90" "c\xf4\x8f\xbf\xbe", PS_SUB_ERROR_NONE);
	plan.structured.organization = "\"Post\" \\ \xc3\x84rger";
	plan.structured.contact_count = 3;
	plan.structured.contacts[1] = "tel:+41-58-555-0100";
	plan.structured.contacts[2] = "mailto:odd\"\\@post.example";
	open_court();
	telling = structured("own.evil.com", PS_TELLING_TEXT_MAX);
	root = json_loads(telling.text, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(root != NULL, "%s: %s", error.text, telling.text);
	ck_assert_uint_eq(json_object_size(root), 5);
	ck_assert_str_eq(json_string_value(json_object_get(root, "j")), text);
	ck_assert_str_eq(
	    json_string_value(json_object_get(root, "o")), plan.structured.organization);
	ck_assert_str_eq(json_string_value(json_object_get(root, "l")), "en");
	ck_assert_int_eq(json_integer_value(json_object_get(root, "s")), 1);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "c")), 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(
		    json_string_value(json_array_get(json_object_get(root, "c"), i)),
		    plan.structured.contacts[i]);
	json_decref(root);
	/* No noncharacters in I-JSON. */
	ck_assert_ptr_nonnull(
	    strstr(structured("odd.evil.com", PS_TELLING_TEXT_MAX).text, "\"j\":\"a?b?c?\""));
}
END_TEST

/* What is left out, in the draft's order: section 5.2. */
START_TEST(whatever_room_there_is)
{
	static const char full[] = "{\"c\":[\"mailto:abuse@post.example\"],\"j\":\"why\",\"s\":2,"
	                           "\"o\":\"Example Post\",\"l\":\"en\"}";
	static const char less[] = "{\"c\":[\"mailto:abuse@post.example\"],\"s\":2}";

	add_rule("own", 0, 15, "why", PS_SUB_ERROR_PHISHING);
	add_rule("prohibited", 0, 18, "why", PS_SUB_ERROR_LISTED);
	open_court();
	for (size_t room = 0; room <= 200; room++) {
		struct ps_telling telling = structured("own.evil.com", room);

		ck_assert_int_eq(telling.code, 15);
		ck_assert_str_eq(telling.text, room >= strlen(full) ? full
		        : room >= strlen(less)                      ? less
		                                                    : "");
		ck_assert_str_eq(structured("prohibited.evil.com", room).text, room >= 3 ? "why" : "");
	}
}
END_TEST

/* The longest of everything, all of which needs an escape. */
START_TEST(the_longest_fits_its_storage)
{
	static char text[PS_EDE_TEXT_MAX + 1], contact[PS_CONTACT_MAX + 1],
	    organization[PS_ORGANIZATION_MAX + 1];
	struct ps_telling telling;
	json_t *root;

	memset(text, '"', sizeof(text) - 1);
	memset(contact, 'x', sizeof(contact) - 1);
	memset(organization, '\\', sizeof(organization) - 1);
	add_rule("own", 0, 15, text, 254);
	plan.structured = (struct ps_structured_plan){.on = true,
	    .option = 65534,
	    .contact_count = 3,
	    .contacts = {contact, contact, contact},
	    .organization = organization,
	    .language = "gsw"};
	open_court();
	telling = structured("own.evil.com", SIZE_MAX);
	root = json_loads(telling.text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_str_eq(json_string_value(json_object_get(root, "o")), organization);
	ck_assert_str_eq(json_string_value(json_object_get(root, "j")), text);
	ck_assert_str_eq(json_string_value(json_object_get(root, "l")), "gsw");
	json_decref(root);
}
END_TEST

int main(void)
{
	const TTest *const all[] = {plain_text, what_json_says, sub_errors_by_what_lists_the_name,
	    codes, languages, another_parser_reads_it, whatever_room_there_is,
	    the_longest_fits_its_storage};
	Suite *suite = suite_create("verdict");
	TCase *tests = tcase_create("telling");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
