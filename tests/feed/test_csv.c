#include "feed/csv.h"

#include "feed/collect.h"

static struct ps_feed_config config_of(void)
{
	struct ps_feed_config config = {.id = "csv",
	    .path = "feed.csv",
	    .format = PS_FEED_CSV,
	    .category = PS_CATEGORY_PHISHING,
	    .confidence = 40,
	    .tlp = PS_TLP_AMBER};

	config.csv.name = "domain";
	return config;
}

static struct ps_feed_config config_of_all(void)
{
	struct ps_feed_config config = config_of();

	config.csv.category = "kind";
	config.csv.confidence = "score";
	config.csv.valid_from = "from";
	config.csv.valid_until = "until";
	config.csv.reference = "id";
	return config;
}

START_TEST(columns_are_found_by_name_in_any_case_and_order)
{
	struct ps_feed_config config = config_of();

	check_feed(&config, "id,DOMAIN,x\n1,a.example,\n2,*.b.example,y\n",
	    "2 a.example exact\n3 b.example below\n");
	check_feed(&config, "\xef\xbb\xbf\" Domain \",x\r\na.example,1\r\n",
	    "2 a.example exact\n");
	check_feed(&config, "\n\ndomain\na.example", "4 a.example exact\n");
}
END_TEST

START_TEST(every_column_is_read)
{
	struct ps_feed_config config = config_of_all();

	check_feed_full(&config,
	    "domain,kind,score,from,until,id\n"
	    "a.example,Malware,100,2023-01-01,2030-01-01T00:00:00.5Z,ref-1\n"
	    "192.0.2.0/24,c2,0,1672531200,,\n"
	    "https://b.example/x,,,,,\n",
	    "2 a.example exact malware 100 amber 1672531200 1893456001 ref-1\n"
	    "3 192.0.2.0/24 address botnet 0 amber 1672531200 forever\n"
	    "4 b.example exact url-path phishing 40 amber 0 forever\n");
}
END_TEST

START_TEST(fields_that_cannot_be_read_refuse_the_row)
{
	struct ps_feed_config config = config_of_all();
	char row[400] = "domain,kind,score,from,until,id\na.example,,,,,";

	check_feed(&config,
	    "domain,kind,score,from,until,id\n"
	    "a.example,gardening,,,,\n"
	    "a.example,benign,,,,\n"
	    "a.example,,101,,,\n"
	    "a.example,,-1,,,\n"
	    "a.example,,high,,,\n"
	    "a.example,,,yesterday,,\n"
	    "a.example,,,,2023-02-30,\n"
	    "a.example,,,,2023-01-01,\n"
	    ",,,,,\n",
	    "2 !bad-field\n3 !bad-field\n4 !bad-field\n5 !bad-field\n6 !bad-field\n"
	    "7 !bad-field\n8 !bad-field\n9 !expired\n10 !bad-name\n");
	memset(row + strlen(row), 'r', PS_REFERENCE_MAX);
	check_feed(&config, row, "2 a.example exact\n");
	strcat(row, "r");
	check_feed(&config, row, "2 !bad-field\n");
}
END_TEST

START_TEST(quotes_are_as_rfc_4180_has_them)
{
	struct ps_feed_config config = config_of();

	check_feed(&config,
	    "domain,note\n"
	    "\"a.example\",\"x,y\"\n"
	    "b.example,\"two\r\nlines\nand \"\"more\"\"\"\n"
	    "\"c.\"\"example\",z\n"
	    "d.example,\"\"\n",
	    "2 a.example exact\n"
	    "3 b.example exact\n"
	    "6 !bad-name\n"
	    "7 d.example exact\n");
}
END_TEST

START_TEST(bad_records_end_at_the_next_line)
{
	struct ps_feed_config config = config_of();

	check_feed(&config,
	    "domain,note\n"
	    "a.example,x\"y\n"
	    "\"b.example\"z,y\n"
	    "c.example\n"
	    "d.example,x,y\n"
	    "e.example,ok\n",
	    "2 !bad-line\n3 !bad-line\n4 !bad-line\n5 !bad-line\n6 e.example exact\n");
}
END_TEST

START_TEST(a_quote_that_is_never_closed_ends_the_feed)
{
	struct ps_feed_config config = config_of();

	check_feed(&config, "domain,note\na.example,x\nb.example,\"y\nc.example,z\n",
	    "2 a.example exact\n"
	    "!invalid 3: has a quote in the record that begins here which is never closed\n");
}
END_TEST

START_TEST(a_missing_column_is_named_with_those_there_are)
{
	struct ps_feed_config config = config_of();

	check_feed(&config, "id,host,first seen\n1,a.example,x\n",
	    "!invalid 1: has no column 'domain'; its columns are: id, host, first seen\n");
	check_feed(&config, "domain,DOMAIN\na,b\n",
	    "!invalid 1: has two columns named 'domain'\n");
	check_feed(&config, "", "!invalid 1: is empty: the first line must name the columns\n");
	check_feed(&config, "a\"b\n", "!invalid 1: does not begin with a line of column names\n");
	config.csv.name = NULL;
	check_feed(&config, "domain\n",
	    "!invalid 0: cannot be read before its policy says which column has the name\n");
}
END_TEST

START_TEST(any_delimiter_will_do)
{
	struct ps_feed_config config = config_of();

	config.csv.delimiter = ';';
	check_feed(&config, "id;domain\n1;a.example\n\"2;x\";b.example\n",
	    "2 a.example exact\n3 b.example exact\n");
	config.csv.delimiter = '\t';
	check_feed(&config, "id\tdomain\n1\ta.example\n", "2 a.example exact\n");
}
END_TEST

START_TEST(only_the_columns_that_are_used_must_be_text)
{
	static struct collect c;
	struct ps_feed_config config = config_of();
	static const char text[] = "domain,note\n"
	                           "a.example,Fran\xe7ois\n"
	                           "ev\xffil.example,x\n"
	                           "ev\0il.example,x\n"
	                           "b.example,\0\n";

	ck_assert_str_eq(collect(&c, &config, text, sizeof(text) - 1),
	    "2 a.example exact\n3 !not-utf8\n4 !not-utf8\n5 b.example exact\n");
}
END_TEST

/* "domain,note\na.example,XXX\nb.example,y\n" with a first record of size octets. */
static void check_record(size_t size, bool quoted, const char *want)
{
	static struct collect c;
	static const char head[] = "domain,note\n";
	static const char tail[] = "\nb.example,y\n";
	struct ps_feed_config config = config_of();
	char *text = malloc(size + 100);
	size_t used = sizeof(head) - 1;

	ck_assert_ptr_nonnull(text);
	memcpy(text, head, used);
	memset(text + used, 'x', size - 1);
	memcpy(text + used, quoted ? "a.example,\"\n" : "a.example,", quoted ? 12 : 10);
	if (quoted)
		text[used + size - 2] = '"';
	memcpy(text + used + size - 1, tail, sizeof(tail) - 1);
	ck_assert_str_eq(
	    collect(&c, &config, text, used + size - 1 + sizeof(tail) - 1), want);
	free(text);
}

START_TEST(a_record_has_64_kib_at_most)
{
	check_record(PS_CSV_RECORD_MAX, false, "2 a.example exact\n3 b.example exact\n");
	check_record(PS_CSV_RECORD_MAX + 1, false, "2 !line-too-long\n3 b.example exact\n");
	check_record(PS_CSV_RECORD_MAX, true, "2 a.example exact\n4 b.example exact\n");
	check_record(PS_CSV_RECORD_MAX + 1, true, "2 !line-too-long\n4 b.example exact\n");
	check_record(100u << 20, false, "2 !line-too-long\n3 b.example exact\n");
	check_record(100u << 20, true, "2 !line-too-long\n4 b.example exact\n");
}
END_TEST

START_TEST(a_record_has_1024_fields_at_most)
{
	static char text[9000];
	static struct collect c;
	struct ps_feed_config config = config_of();
	size_t len = 6;

	for (int fields = PS_CSV_FIELDS_MAX; fields <= PS_CSV_FIELDS_MAX + 2; fields++) {
		const char *want = fields == PS_CSV_FIELDS_MAX ?
		                       "2 a.example exact\n" :
		                       "!invalid 1: does not begin with a line of column names\n";

		len = (size_t)snprintf(text, sizeof(text), "domain");
		for (int i = 1; i < fields; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, ",%d", i % 10);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\na.example");
		for (int i = 1; i < fields; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, ",");
		ck_assert_str_eq(collect(&c, &config, text, len), want);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    columns_are_found_by_name_in_any_case_and_order,
	    every_column_is_read,
	    fields_that_cannot_be_read_refuse_the_row,
	    quotes_are_as_rfc_4180_has_them,
	    bad_records_end_at_the_next_line,
	    a_quote_that_is_never_closed_ends_the_feed,
	    a_missing_column_is_named_with_those_there_are,
	    any_delimiter_will_do,
	    only_the_columns_that_are_used_must_be_text,
	    a_record_has_64_kib_at_most,
	    a_record_has_1024_fields_at_most,
	};

	return RUN_TESTS("feed.csv", tests);
}
