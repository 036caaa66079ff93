/* MISP events. A document is taken exactly when jansson takes it whole and it has the
 * shape of one; and every attribute leaves one row or one refusal.
 */
#include "feed_json.h"

/* Counts what must leave a trace; false when the shape is wrong. */
static bool model_event(const json_t *event, size_t *count)
{
	static const char *const lists[] = {"Attribute", "Object", "Tag", "Galaxy"};
	const json_t *objects = json_object_get(event, "Object");

	if (!json_is_object(event))
		return false;
	for (size_t i = 0; i < 4; i++) {
		const json_t *list = json_object_get(event, lists[i]);

		if (list != NULL && !json_is_array(list))
			return false;
	}
	*count += json_array_size(json_object_get(event, "Attribute"));
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *object = json_array_get(objects, i);
		const json_t *list = json_object_get(object, "Attribute");
		const json_t *deleted = json_object_get(object, "deleted");
		bool flag = deleted == NULL || json_is_boolean(deleted) ||
		            is_string(deleted, "0") || is_string(deleted, "1") ||
		            (json_is_integer(deleted) && (json_integer_value(deleted) == 0 ||
		                                             json_integer_value(deleted) == 1));

		if (!json_is_object(object) || (list != NULL && !json_is_array(list)) || !flag)
			*count += 1;
		else
			*count += json_array_size(list);
	}
	return true;
}

static bool model_array(const json_t *array, size_t *count)
{
	if (!json_is_array(array))
		return false;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *event = json_object_get(json_array_get(array, i), "Event");

		if (event == NULL)
			*count += 1;
		else if (!model_event(event, count))
			return false;
	}
	return true;
}

static bool model_document(const json_t *whole, size_t *count)
{
	const json_t *event = json_object_get(whole, "Event");
	const json_t *response = json_object_get(whole, "response");

	if (json_is_array(whole))
		return model_array(whole, count);
	return (event != NULL || response != NULL) &&
	       (event == NULL || model_event(event, count)) &&
	       (response == NULL || model_array(response, count));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ps_feed_config config = {.id = "fuzz",
	    .path = "fuzz",
	    .format = PS_FEED_MISP,
	    .scope = PS_SCOPE_SUBTREE};
	struct fuzz_feed feed;
	enum ps_status status = fuzz_read(&feed, &config, data, size);
	json_t *whole = whole_document(data, size);
	size_t count = 0;

	if (status == PS_OK) {
		REQUIRE(model_document(whole, &count));
		REQUIRE(feed.accepted + feed.refusals == count);
	} else {
		REQUIRE(status == PS_LIMIT || !model_document(whole, &count));
		REQUIRE(feed.accepted + feed.refusals == 0);
	}
	json_decref(whole);
	fuzz_check_again(&feed);
	ps_buffer_clear(&feed.text);
	return 0;
}
