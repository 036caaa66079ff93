#include "feed/feed.h"

#include "feed/csv.h"
#include "feed/hosts.h"
#include "feed/misp.h"
#include "feed/plain.h"
#include "feed/reading.h"
#include "feed/rpz.h"
#include "feed/stix.h"

static const struct {
	const char *name;
	enum ps_status (*read)(struct ps_reading *reading);
} formats[PS_FEED_FORMAT_COUNT] = {
    [PS_FEED_PLAIN] = {"plain", ps_plain_read},
    [PS_FEED_HOSTS] = {"hosts", ps_hosts_read},
    [PS_FEED_CSV] = {"csv", ps_csv_read},
    [PS_FEED_RPZ] = {"rpz", ps_rpz_read},
    [PS_FEED_STIX] = {"stix", ps_stix_read},
    [PS_FEED_MISP] = {"misp", ps_misp_read},
};

static const struct {
	const char *name;
	const char *text;
} refusals[PS_REFUSAL_COUNT] = {
    [PS_REFUSED_BAD_NAME] = {"bad-name",
        "is no valid host name (defanged forms such as example[.]com are not read)"},
    [PS_REFUSED_BAD_ADDRESS] = {"bad-address",
        "is no valid IP address or prefix"},
    [PS_REFUSED_BAD_URL] = {"bad-url",
        "is no http or https URL with a host"},
    [PS_REFUSED_BAD_FIELD] = {"bad-field",
        "has a date, number or word that cannot be read"},
    [PS_REFUSED_BAD_LINE] = {"bad-line",
        "does not have the shape of its format"},
    [PS_REFUSED_LINE_TOO_LONG] = {"line-too-long",
        "is longer than one entry may be"},
    [PS_REFUSED_NOT_UTF8] = {"not-utf8",
        "holds a NUL or bytes that are no UTF-8"},
    [PS_REFUSED_UNSUPPORTED_PATTERN] = {"unsupported-pattern",
        "has a pattern that says more than =, IN and OR on names, URLs and addresses"},
    [PS_REFUSED_UNSUPPORTED_TYPE] = {"unsupported-type",
        "is of a type that a resolver has no use for"},
    [PS_REFUSED_UNSUPPORTED_ACTION] = {"unsupported-action",
        "asks for something other than a block"},
    [PS_REFUSED_NOT_TO_IDS] = {"no-to-ids",
        "is not meant for detection (to_ids is off)"},
    [PS_REFUSED_REVOKED] = {"revoked",
        "was taken back by its publisher"},
    [PS_REFUSED_EXPIRED] = {"expired",
        "is not valid any more"},
    [PS_REFUSED_LOCAL_ADDRESS] = {"local-address",
        "is a private or reserved address (RFC 6890), or a prefix too wide for a feed"},
    [PS_REFUSED_LOCAL_NAME] = {"local-name",
        "is a special-use name, such as localhost (RFC 6761)"},
    [PS_REFUSED_ROOT_OR_TLD] = {"root-or-tld",
        "is the root or a top-level domain"},
    [PS_REFUSED_PUBLIC_SUFFIX] = {"public-suffix",
        "is a public suffix, under which anybody registers names"},
    [PS_REFUSED_NEVER] = {"never",
        "is on the never-block list, or stands above a name that is"},
    [PS_REFUSED_DUPLICATE] = {"duplicate",
        "is listed again in the same feed, or is an older version of what is"},
};

enum ps_status ps_feed_read(const struct ps_feed_config *config, int fd, uint32_t now,
    const struct ps_feed_sink *sink, struct ps_error *err)
{
	struct ps_reading reading = {
	    .config = config,
	    .sink = sink,
	    .err = err,
	    .fd = fd,
	    .now = now,
	    .max_bytes =
	        config->max_bytes != 0 ? config->max_bytes : PS_FEED_MAX_BYTES_DEFAULT,
	    .max_entries =
	        config->max_entries != 0 ? config->max_entries : PS_FEED_MAX_ENTRIES_DEFAULT,
	};

	ps_error_at(err, config->path, 0, 0, UINT64_MAX);
	if ((unsigned)config->format >= PS_FEED_FORMAT_COUNT)
		return ps_error_set(err, PS_UNSUPPORTED, "has a format that is not known");
	return formats[config->format].read(&reading);
}

const char *ps_feed_format_name(unsigned format)
{
	return format < PS_FEED_FORMAT_COUNT ? formats[format].name : NULL;
}

bool ps_feed_format_from_text(struct ps_bytes text, enum ps_feed_format *out)
{
	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		if (ps_bytes_equal_text(text, formats[i].name)) {
			*out = (enum ps_feed_format)i;
			return true;
		}
	}
	return false;
}

const char *ps_refusal_name(unsigned refusal)
{
	return refusal < PS_REFUSAL_COUNT ? refusals[refusal].name : NULL;
}

const char *ps_refusal_text(unsigned refusal)
{
	return refusal < PS_REFUSAL_COUNT ? refusals[refusal].text : NULL;
}
