/* CSV. A second, obvious reader of RFC 4180 that works in memory counts the records and
 * says whether the last quote is closed: both must agree.
 */
#include "feed_check.h"

struct model {
	size_t records;  /* that are not empty lines, the header among them */
	bool unclosed;
};

static bool at(const uint8_t *data, size_t size, size_t i, uint8_t c)
{
	return i < size && data[i] == c;
}

/* To behind the record that begins at i. *empty: it is an empty line, or "". */
static size_t model_record(const uint8_t *data, size_t size, size_t i, bool *empty, bool *unclosed)
{
	size_t content = 0;

	for (;;) {
		bool bad = false;

		if (at(data, size, i, '"')) {
			for (i++;; i++) {
				if (i >= size) {
					*unclosed = true;
					return i;
				}
				if (data[i] != '"') {
					content++;
				} else if (at(data, size, i + 1, '"')) {
					content++;
					i++;
				} else {
					break;
				}
			}
			i++;
			if (at(data, size, i, '\r') && at(data, size, i + 1, '\n'))
				i++;
			bad = i < size && data[i] != ',' && data[i] != '\n';
		} else {
			while (i < size && data[i] != ',' && data[i] != '\n' && data[i] != '"') {
				content += !(data[i] == '\r' && at(data, size, i + 1, '\n'));
				i++;
			}
			bad = at(data, size, i, '"');
		}
		if (bad) {
			content++;
			while (i < size && data[i] != '\n')
				i++;
		}
		if (i >= size || data[i] == '\n') {
			*empty = content == 0;
			return i + 1;
		}
		content++; /* a delimiter: more than one field */
		i++;
	}
}

static struct model model_read(const uint8_t *data, size_t size)
{
	struct model model = {0};
	size_t i = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (i < size) {
		bool empty = false;

		i = model_record(data, size, i, &empty, &model.unclosed);
		model.records += !empty;
	}
	return model;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ps_feed_config config = {.id = "fuzz", .path = "fuzz", .format = PS_FEED_CSV};
	struct model model = model_read(data, size);
	struct fuzz_feed feed;
	enum ps_status status;

	config.csv.name = "n";
	config.csv.category = "c";
	config.csv.confidence = "q";
	config.csv.valid_from = "f";
	config.csv.valid_until = "u";
	config.csv.reference = "r";
	status = fuzz_read(&feed, &config, data, size);
	if (status != PS_OK && feed.accepted + feed.refusals == 0) {
		/* Perhaps for want of a column: then the name alone. */
		ps_buffer_clear(&feed.text);
		memset(&config.csv, 0, sizeof(config.csv));
		config.csv.name = "n";
		status = fuzz_read(&feed, &config, data, size);
	}
	REQUIRE(status == PS_OK || status == PS_INVALID);
	if (status == PS_OK) {
		REQUIRE(!model.unclosed);
		REQUIRE(feed.accepted + feed.refusals + 1 == model.records);
	} else if (feed.accepted + feed.refusals > 0) {
		REQUIRE(model.unclosed);
	}
	fuzz_check_again(&feed);
	ps_buffer_clear(&feed.text);
	return 0;
}
