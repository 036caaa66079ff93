/* Plain lists. At most one row or refusal a line; what was accepted reads back. */
#include "feed_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ps_feed_config config = {.id = "fuzz",
	    .path = "fuzz",
	    .format = PS_FEED_PLAIN,
	    .scope = PS_SCOPE_SUBTREE};
	struct fuzz_feed feed;

	REQUIRE(fuzz_read(&feed, &config, data, size) == PS_OK);
	REQUIRE(feed.accepted + feed.refusals <= feed.lines);
	fuzz_check_again(&feed);
	ps_buffer_clear(&feed.text);
	return 0;
}
