#include "feed/hosts.h"

#include "feed/entry.h"

/* What distributions and list makers put into /etc/hosts for the machine itself. */
static const char *const local_names[] = {
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost4.localdomain4",
    "localhost6",
    "localhost6.localdomain6",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "0.0.0.0",
    "127.0.0.1",
    "::1",
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* The next word of *rest, which is cut off; empty at the end of the line. */
static struct ps_bytes next_word(struct ps_bytes *rest)
{
	struct ps_bytes word;
	size_t start = 0, end;

	while (start < rest->len && is_blank(rest->ptr[start]))
		start++;
	end = start;
	while (end < rest->len && !is_blank(rest->ptr[end]))
		end++;
	word = ps_bytes_of(rest->ptr + start, end - start);
	*rest = ps_bytes_of(rest->ptr + end, rest->len - end);
	return word;
}

static bool is_local_name(struct ps_bytes word)
{
	for (size_t i = 0; i < sizeof(local_names) / sizeof(local_names[0]); i++) {
		size_t len = strlen(local_names[i]);
		size_t same = 0;

		if (word.len != len)
			continue;
		while (same < len && ps_ascii_lower(word.ptr[same]) == local_names[i][same])
			same++;
		if (same == len)
			return true;
	}
	return false;
}

/* A zone index ("fe80::1%lo0", RFC 4007 section 11) is no part of the address. */
static bool read_address(struct ps_bytes word, struct ps_address *out)
{
	const uint8_t *percent = word.len > 0 ? memchr(word.ptr, '%', word.len) : NULL;

	if (percent != NULL)
		word.len = (size_t)(percent - word.ptr);
	return ps_address_from_text(out, word, NULL) == PS_OK;
}

/* 0.0.0.0, 127.0.0.0/8, ::, ::1 */
static bool is_sinkhole(const struct ps_address *address)
{
	static const uint8_t zeros[15];

	if (address->family == 4)
		return address->bytes[0] == 127 || memcmp(address->bytes, zeros, 4) == 0;
	return memcmp(address->bytes, zeros, 15) == 0 && address->bytes[15] <= 1;
}

static enum ps_status read_name(
    struct ps_reading *reading, uint64_t line, bool sinkhole, struct ps_bytes word)
{
	struct ps_indicator indicator = ps_reading_indicator(reading, line);
	struct ps_name_buffer storage;
	enum ps_refusal reason;
	enum ps_status status;

	if (is_local_name(word)) {
		ps_reading_refuse(reading, PS_REFUSED_LOCAL_NAME, line, word);
		return PS_OK;
	}
	status = ps_entry_from_host(&indicator, &storage, word, PS_SCOPE_EXACT, &reason);
	if (status == PS_OK && !sinkhole) {
		reason = PS_REFUSED_UNSUPPORTED_ACTION;
		status = PS_INVALID;
	}
	return ps_reading_settle(reading, status, &indicator, reason, word);
}

static enum ps_status read_line(
    struct ps_reading *reading, uint64_t number, struct ps_bytes line)
{
	struct ps_bytes rest = ps_bytes_trim(line);
	const uint8_t *hash;
	struct ps_bytes word;
	struct ps_address address;
	enum ps_status status = PS_OK;

	hash = rest.len > 0 ? memchr(rest.ptr, '#', rest.len) : NULL;
	if (hash != NULL)
		rest = ps_bytes_trim(ps_bytes_of(rest.ptr, (size_t)(hash - rest.ptr)));
	if (rest.len == 0)
		return PS_OK;
	word = next_word(&rest);
	if (!read_address(word, &address) || ps_bytes_trim(rest).len == 0) {
		ps_reading_refuse(reading, PS_REFUSED_BAD_LINE, number, line);
		return PS_OK;
	}
	for (word = next_word(&rest); status == PS_OK && word.len > 0; word = next_word(&rest))
		status = read_name(reading, number, is_sinkhole(&address), word);
	return status;
}

enum ps_status ps_hosts_read(struct ps_reading *reading)
{
	return ps_reading_lines(reading, read_line);
}
