#include "verdict/rdata.h"

#include "core/random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* What was shown, as text: "target b.net | address 192.0.2.1". */
struct shown {
	char text[4096];
};

static void note(void *ctx, const struct ps_fact *fact)
{
	static const char *const kinds[] = {"target", "address", "server", "server-address"};
	struct shown *shown = ctx;
	size_t used = strlen(shown->text);
	char value[PS_NAME_TEXT_MAX];

	if (ps_fact_is_name(fact->kind))
		(void)ps_name_to_text(fact->name, value);
	else
		ps_address_to_text(&fact->address, value);
	(void)snprintf(shown->text + used, sizeof(shown->text) - used, "%s%s %s",
	    used > 0 ? " | " : "", kinds[fact->kind], value);
}

static const char *show(struct shown *shown, uint16_t type, enum ps_rdata_section section,
    const char *rdata, size_t len)
{
	uint8_t *exact = malloc(len > 0 ? len : 1); /* so that a sanitizer sees what is beyond */

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, rdata, len);
	shown->text[0] = '\0';
	ps_rdata_visit(type, section, ps_bytes_of(exact, len), &(struct ps_fact_visitor){shown, note});
	free(exact);
	return shown->text;
}

#define B_NET "\001B\003net\000"
#define HTTPS_ALIAS "\000\000" B_NET
#define HTTPS_OWN "\000\001\000" "\000\001\000\003\002h2" \
	"\000\004\000\010\300\000\002\001\300\000\002\002" \
	"\000\006\000\020\040\001\015\270\0\0\0\0\0\0\0\0\0\0\0\005"
#define MAPPED "\0\0\0\0\0\0\0\0\0\0\377\377\300\000\002\007"

START_TEST(each_type_shows_what_it_has)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t len;
		const char *answer, *servers;
	} cases[] = {
#define RDATA(text) text, sizeof(text) - 1
	    {1, RDATA("\300\000\002\001"), "address 192.0.2.1", "server-address 192.0.2.1"},
	    {28, RDATA("\040\001\015\270\0\0\0\0\0\0\0\0\0\0\0\001"), "address 2001:db8::1",
	        "server-address 2001:db8::1"},
	    {28, RDATA(MAPPED), "address 192.0.2.7", "server-address 192.0.2.7"},
	    {5, RDATA(B_NET), "target b.net", ""},
	    {39, RDATA(B_NET), "target b.net", ""},
	    {5, RDATA("\000"), "target .", ""},
	    {2, RDATA(B_NET), "", "server b.net"},
	    {64, RDATA(HTTPS_ALIAS), "target b.net", ""},
	    {65, RDATA(HTTPS_ALIAS), "target b.net", ""},
	    {65, RDATA(HTTPS_OWN), "address 192.0.2.1 | address 192.0.2.2 | address 2001:db8::5", ""},
	    {65, RDATA("\000\001" B_NET "\000\004\000\004\300\000\002\011"),
	        "target b.net | address 192.0.2.9", ""},
	    {16, RDATA("\003abc"), "", ""},
	    {15, RDATA("\000\012" B_NET), "", ""},
	    {43, RDATA("\001\002\003\004"), "", ""},
	    {47, RDATA(B_NET), "", ""},
	};
	struct shown shown;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_str_eq(show(&shown, cases[i].type, PS_RDATA_ANSWER, cases[i].rdata,
		                     cases[i].len),
		    cases[i].answer);
		ck_assert_str_eq(show(&shown, cases[i].type, PS_RDATA_SERVERS, cases[i].rdata,
		                     cases[i].len),
		    cases[i].servers);
	}
}
END_TEST

START_TEST(what_is_malformed_shows_what_stands_before)
{
	static const struct {
		uint16_t type;
		const char *rdata;
		size_t len;
		const char *answer;
	} cases[] = {
	    {1, RDATA("\300\000\002"), ""},
	    {1, RDATA("\300\000\002\001\001"), ""},
	    {28, RDATA("\300\000\002\001"), ""},
	    {5, RDATA(""), ""},
	    {5, RDATA("\001b\003ne"), ""},
	    {5, RDATA("\300\014"), ""},
	    {65, RDATA("\000"), ""},
	    {65, RDATA("\000\001"), ""},
	    {65, RDATA("\000\001" B_NET "\000"), "target b.net"},
	    {65, RDATA("\000\001" B_NET "\000\004\000\010\300\000\002\011"), "target b.net"},
	    {65, RDATA("\000\001" B_NET "\000\004\000\004\300\000\002\011\000\006\000\001"),
	        "target b.net | address 192.0.2.9"},
	    /* Not a multiple of four: the whole ones. */
	    {65, RDATA("\000\001" B_NET "\000\004\000\006\300\000\002\011\300\000"),
	        "target b.net | address 192.0.2.9"},
	    {65, RDATA("\000\001" B_NET "\000\006\000\004\300\000\002\011"), "target b.net"},
	};
	struct shown shown;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_str_eq(show(&shown, cases[i].type, PS_RDATA_ANSWER, cases[i].rdata,
		                     cases[i].len),
		    cases[i].answer);
}
END_TEST

/* Every beginning of good data shows a beginning of what the whole shows. */
START_TEST(data_that_ends_early)
{
	static const char whole[] = HTTPS_OWN;
	struct shown all, part;

	show(&all, 65, PS_RDATA_ANSWER, whole, sizeof(whole) - 1);
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		show(&part, 65, PS_RDATA_ANSWER, whole, len);
		ck_assert_uint_lt(strlen(part.text), strlen(all.text));
		ck_assert_int_eq(strncmp(all.text, part.text, strlen(part.text)), 0);
	}
}
END_TEST

static void count(void *ctx, const struct ps_fact *fact)
{
	uint64_t *facts = ctx;

	/* A name that was shown is whole, and an address has a family. */
	if (ps_fact_is_name(fact->kind))
		ck_assert_int_eq(fact->name.wire[fact->name.len - 1], 0);
	else
		ck_assert(fact->address.family == 4 || fact->address.family == 6);
	(*facts)++;
}

START_TEST(whatever_it_is_nothing_beyond_is_read)
{
	static const uint16_t types[] = {1, 2, 5, 28, 39, 64, 65};
	struct random random = {.state = 7};
	uint64_t facts = 0;

	for (unsigned round = 0; round < 200000; round++) {
		size_t len = random_below(&random, 48);
		uint8_t *rdata = malloc(len > 0 ? len : 1);

		ck_assert_ptr_nonnull(rdata);
		for (size_t i = 0; i < len; i++)
			rdata[i] = (uint8_t)random_below(&random, random_below(&random, 4) ? 8 : 256);
		ps_rdata_visit(types[random_below(&random, 7)],
		    random_below(&random, 2) ? PS_RDATA_ANSWER : PS_RDATA_SERVERS,
		    ps_bytes_of(rdata, len), &(struct ps_fact_visitor){&facts, count});
		free(rdata);
	}
	ck_assert_uint_gt(facts, 10000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict.rdata");
	TCase *tests = tcase_create("rdata");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 60); /* sanitizers on a busy machine */
	tcase_add_test(tests, each_type_shows_what_it_has);
	tcase_add_test(tests, what_is_malformed_shows_what_stands_before);
	tcase_add_test(tests, data_that_ends_early);
	tcase_add_test(tests, whatever_it_is_nothing_beyond_is_read);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
