/* STIX patterns. Whatever a pattern is judged, it is judged the same in parentheses; "or
 * itself" doubles its values, and "and itself" is not understood.
 */
#include "feed_check.h"

#include "feed/stix_pattern.h"

struct visits {
	size_t count;
	size_t octets;
};

static enum ps_status visit(void *ctx, enum ps_stix_object object, struct ps_bytes value)
{
	struct visits *visits = ctx;

	REQUIRE((unsigned)object <= PS_STIX_IPV6_ADDR);
	for (size_t i = 0; i < value.len; i++)
		visits->octets += value.ptr[i];
	visits->count++;
	return PS_OK;
}

static enum ps_status stop(void *ctx, enum ps_stix_object object, struct ps_bytes value)
{
	(void)object;
	(void)value;
	++*(size_t *)ctx;
	return PS_IO;
}

static enum ps_status read_joined(
    const char *format, const uint8_t *data, size_t size, struct visits *visits)
{
	struct ps_buffer text;
	enum ps_status status;

	/* A line break first, in case the pattern ends in a comment. */
	ps_buffer_init(&text, 3 * size + 64);
	for (const char *p = format; *p != '\0'; p++) {
		if (*p == '%') {
			(void)ps_buffer_append(&text, data, size);
			(void)ps_buffer_append(&text, "\n", 1);
		} else {
			(void)ps_buffer_append(&text, p, 1);
		}
	}
	REQUIRE(text.status == PS_OK);
	*visits = (struct visits){0};
	status = ps_stix_pattern_read(ps_buffer_bytes(&text), visit, visits);
	REQUIRE(status == PS_OK || visits->count == 0);
	ps_buffer_clear(&text);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct visits once = {0}, again;
	size_t calls = 0;
	enum ps_status status = ps_stix_pattern_read(ps_bytes_of(data, size), visit, &once);

	REQUIRE(status == PS_OK || status == PS_INVALID || status == PS_UNSUPPORTED);
	REQUIRE((status == PS_OK) == (once.count > 0));
	if (status == PS_INVALID)
		return 0;
	/* One level deeper may be one too many. */
	if (read_joined("(%)", data, size, &again) == PS_INVALID)
		return 0;
	REQUIRE(again.count == once.count && again.octets == once.octets);
	REQUIRE(read_joined("(%) OR (%)", data, size, &again) == status);
	REQUIRE(again.count == 2 * once.count && again.octets == 2 * once.octets);
	REQUIRE(read_joined("(%) AND (%)", data, size, &again) == PS_UNSUPPORTED);
	REQUIRE(read_joined("(%) FOLLOWEDBY (%)", data, size, &again) == PS_UNSUPPORTED);
	REQUIRE(read_joined("(%) REPEATS 2 TIMES", data, size, &again) == PS_UNSUPPORTED);
	REQUIRE(read_joined("(%) OR", data, size, &again) == PS_INVALID);
	if (status == PS_OK) {
		REQUIRE(ps_stix_pattern_read(ps_bytes_of(data, size), stop, &calls) == PS_IO);
		REQUIRE(calls == 1);
	}
	return 0;
}
