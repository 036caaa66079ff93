/* STIX bundles. A document is taken exactly when jansson takes it whole and it is a
 * bundle; and every object gives rows or one refusal, but for marking definitions.
 */
#include "feed_json.h"

static bool is_bundle_id(const json_t *id)
{
	const char *text = json_string_value(id);

	if (text == NULL || strlen(text) != json_string_length(id) || strlen(text) != 44 ||
	    strncmp(text, "bundle--", 8) != 0)
		return false;
	for (size_t i = 8; i < 44; i++) {
		if (i == 16 || i == 21 || i == 26 || i == 31) {
			if (text[i] != '-')
				return false;
		} else if (strchr("0123456789abcdefABCDEF", text[i]) == NULL) {
			return false;
		}
	}
	return true;
}

static bool is_bundle(const json_t *whole)
{
	const json_t *objects = json_object_get(whole, "objects");

	return json_is_object(whole) && is_string(json_object_get(whole, "type"), "bundle") &&
	       is_bundle_id(json_object_get(whole, "id")) &&
	       (objects == NULL || json_is_array(objects));
}

/* Objects that must leave a trace. */
static size_t count_objects(const json_t *whole)
{
	const json_t *objects = json_object_get(whole, "objects");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(objects); i++)
		count += !is_string(json_object_get(json_array_get(objects, i), "type"),
		    "marking-definition");
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ps_feed_config config = {.id = "fuzz",
	    .path = "fuzz",
	    .format = PS_FEED_STIX,
	    .scope = PS_SCOPE_SUBTREE};
	struct fuzz_feed feed;
	enum ps_status status = fuzz_read(&feed, &config, data, size);
	json_t *whole = whole_document(data, size);

	/* Our own limits are narrower: a deep or wide document may be refused. */
	if (status == PS_OK)
		REQUIRE(is_bundle(whole));
	else if (status == PS_INVALID)
		REQUIRE(!is_bundle(whole));
	if (status == PS_OK) {
		REQUIRE(feed.refusals <= count_objects(whole));
		REQUIRE(feed.accepted + feed.refusals >= count_objects(whole));
	} else {
		REQUIRE(feed.accepted + feed.refusals == 0);
	}
	json_decref(whole);
	fuzz_check_again(&feed);
	ps_buffer_clear(&feed.text);
	return 0;
}
