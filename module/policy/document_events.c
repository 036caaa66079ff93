/* The table of `events`. */
#include "policy/document.h"

static const struct ps_word clients[] = {{"none", PS_CLIENT_NONE}, {"full", PS_CLIENT_FULL},
    {"prefix", PS_CLIENT_PREFIX}, {"hash", PS_CLIENT_HASH}, {NULL, 0}};

static const struct ps_value client_value = {
    .kind = PS_VALUE_WORD, .what = "what is kept of a client's address", .words = clients};

static const struct ps_key events_keys[] = {
    {"client", &client_value, offsetof(struct ps_doc_events, client), PS_OPTIONAL,
        "What an event keeps of the client's address: none; hash (tells one day's clients apart, "
        "and nobody can go back to the address); prefix (24 bits of IPv4, 48 of IPv6); or full. "
        "none unless said otherwise.",
        "clients address addresses ip privacy"},
    {"keep", &ps_value_size, offsetof(struct ps_doc_events, keep), PS_OPTIONAL,
        "How much of the events is kept on disk until somebody takes them, 1MiB to 65535MiB; "
        "64MiB unless said otherwise. Above it the oldest are removed.",
        "size limit max cap disk"},
    {0},
};

/* Sizes are octets; the snapshot has whole MiB. */
static void check_events(struct ps_binder *binder, const struct ps_yaml_node *node, void *into)
{
	const struct ps_doc_events *events = into;
	uint64_t octets = events->keep.value;

	(void)node;
	if (!events->keep.field.ok ||
	    (octets >= (1u << 20) && octets <= (uint64_t)PS_EVENTS_KEEP_MIB_MAX << 20))
		return;
	ps_report(binder->diagnostics, PS_CODE_NUMBER, ps_yaml_span(events->keep.field.node),
	    "'%.*s' is not from 1MiB to 65535MiB", PS_QUOTED(events->keep.field.node->text));
	ps_report_hint(binder->diagnostics, "as in 'keep: 64MiB'");
}

static const struct ps_mapping events_mapping = {
    .what = "'events'", .keys = events_keys, .keys_min = 1, .check = check_events};

const struct ps_value ps_value_events = {.kind = PS_VALUE_MAPPING,
    .what = "a mapping",
    .hint = "as in 'events: {client: prefix, keep: 64MiB}'",
    .mapping = &events_mapping};
