/* Response policy zones. What was accepted reads back; directives and unclosed
 * parentheses may end the zone, and nothing else that a line can hold.
 */
#include "feed_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ps_feed_config config = {
	    .id = "fuzz", .path = "fuzz", .format = PS_FEED_RPZ};
	struct fuzz_feed feed;
	enum ps_status status = fuzz_read(&feed, &config, data, size);

	REQUIRE(status == PS_OK || status == PS_INVALID);
	REQUIRE(feed.accepted + feed.refusals <= feed.lines);
	/* No row and no refusal before an SOA, of which there is no shorter form. */
	REQUIRE(feed.accepted == 0 || size > strlen("@ SOA . . 0 0 0 0 0"));
	for (size_t i = 0; i < feed.text.len; i++)
		REQUIRE(feed.text.data[i] != '.' || i == 0 || feed.text.data[i - 1] != '\n');
	fuzz_check_again(&feed);
	ps_buffer_clear(&feed.text);
	return 0;
}
