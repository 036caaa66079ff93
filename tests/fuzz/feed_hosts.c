/* Hosts files. Every row is one exact name; what was accepted reads back. */
#include "feed_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ps_feed_config config = {.id = "fuzz",
	    .path = "fuzz",
	    .format = PS_FEED_HOSTS,
	    .scope = PS_SCOPE_SUBTREE};
	struct fuzz_feed feed;

	REQUIRE(fuzz_read(&feed, &config, data, size) == PS_OK);
	/* A name needs at least a blank before it. */
	REQUIRE(feed.accepted + feed.refusals <= size);
	for (size_t i = 0; i < feed.text.len; i++)
		REQUIRE(feed.text.data[i] != '*' && feed.text.data[i] != '/');
	fuzz_check_again(&feed);
	ps_buffer_clear(&feed.text);
	return 0;
}
