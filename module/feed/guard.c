#include "feed/guard.h"

#include "feed/suffix_set.h"

#include <libpsl.h>
#include <stdlib.h>

struct ps_guard {
	psl_ctx_t *suffixes;
	struct ps_suffix_set special;
	struct ps_suffix_set never;
	struct ps_suffix_set official;
	struct ps_suffix_set popular;
};

/* Names that are not delegated in the public DNS, or that every resolver answers
 * by itself: RFC 6761 (test, example, invalid, localhost, and the reverse zones,
 * for which all of arpa stands here), RFC 6762 (local), RFC 7686 (onion), RFC 8375
 * (home.arpa), RFC 9476 (alt), and ICANN's reservation of internal (2024). */
static const char *const special_names[] = {
    "alt",
    "arpa",
    "example",
    "example.com",
    "example.net",
    "example.org",
    "internal",
    "invalid",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "test",
};

/* The top-level domain of the posts is theirs altogether. */
static const char post[] = "post";

static enum ps_status add_text(struct ps_suffix_set *set, const char *text, struct ps_error *err)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	enum ps_status status = ps_name_from_text(&name, &storage, ps_bytes_of_text(text), err);

	return status != PS_OK ? status : ps_suffix_set_add(set, name);
}

static enum ps_status add_built_in(struct ps_guard *guard, struct ps_error *err)
{
	for (size_t i = 0; i < sizeof(special_names) / sizeof(special_names[0]); i++) {
		enum ps_status status = add_text(&guard->special, special_names[i], err);

		if (status != PS_OK)
			return status;
	}
	return add_text(&guard->official, post, err);
}

enum ps_status ps_guard_create(struct ps_guard **out, struct ps_error *err)
{
	struct ps_guard *guard = malloc(sizeof(*guard));
	enum ps_status status;

	if (guard == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	ps_suffix_set_init(&guard->special);
	ps_suffix_set_init(&guard->never);
	ps_suffix_set_init(&guard->official);
	ps_suffix_set_init(&guard->popular);
	/* The newest of libpsl's built-in list, the distribution's and the one named. */
	guard->suffixes = psl_latest(getenv("PS_PUBLIC_SUFFIX_FILE"));
	if (guard->suffixes == NULL)
		status = ps_error_set(err, PS_NOT_FOUND, "libpsl has no public suffix list");
	else
		status = add_built_in(guard, err);
	if (status != PS_OK) {
		ps_guard_destroy(guard);
		return status;
	}
	*out = guard;
	return PS_OK;
}

void ps_guard_destroy(struct ps_guard *guard)
{
	if (guard == NULL)
		return;
	psl_free(guard->suffixes);
	ps_suffix_set_clear(&guard->special);
	ps_suffix_set_clear(&guard->never);
	ps_suffix_set_clear(&guard->official);
	ps_suffix_set_clear(&guard->popular);
	free(guard);
}

enum ps_status ps_guard_add_never(struct ps_guard *guard, struct ps_name name)
{
	return ps_suffix_set_add(&guard->never, name);
}

enum ps_status ps_guard_add_official(struct ps_guard *guard, struct ps_name name)
{
	return ps_suffix_set_add(&guard->official, name);
}

enum ps_status ps_guard_add_popular(struct ps_guard *guard, struct ps_name name)
{
	return ps_suffix_set_add(&guard->popular, name);
}

/* --- rulings --------------------------------------------------------------- */

/* libpsl takes the parent of a wildcard rule ("kobe.jp" of "*.kobe.jp") for a public
 * suffix too: as wide a name as its children, and as much out of bounds. About 0.4 us
 * a question, so at most one is asked of a name that is none. */
static bool refused_as_suffix(const struct ps_guard *guard, struct ps_name name,
    enum ps_scope scope, enum ps_refusal *reason)
{
	char text[PS_NAME_TEXT_MAX];

	if (name.labels <= 1) {
		*reason = PS_REFUSED_ROOT_OR_TLD;
		return true;
	}
	(void)ps_name_to_text(name, text);
	*reason = PS_REFUSED_PUBLIC_SUFFIX;
	/* One host may stand at a private suffix: it is somebody's. */
	return psl_is_public_suffix2(guard->suffixes, text,
	           scope == PS_SCOPE_EXACT ? PSL_TYPE_ICANN : PSL_TYPE_ANY) != 0;
}

static bool is_www_of_popular(const struct ps_guard *guard, struct ps_name name)
{
	return ps_bytes_equal_text(ps_name_first_label(name), "www") &&
	       ps_suffix_set_has(&guard->popular, ps_name_parent(name));
}

static bool is_popular(const struct ps_guard *guard, struct ps_name name, enum ps_scope scope)
{
	if (scope != PS_SCOPE_BELOW &&
	    (ps_suffix_set_has(&guard->popular, name) || is_www_of_popular(guard, name)))
		return true;
	if (scope == PS_SCOPE_EXACT)
		return false;
	/* A subtree takes in every popular name below, and the www of its own. */
	return ps_suffix_set_has_below(&guard->popular, name) ||
	       ps_suffix_set_has(&guard->popular, name);
}

static struct ps_guard_ruling refuse(enum ps_refusal reason)
{
	return (struct ps_guard_ruling){.refused = true, .reason = reason};
}

struct ps_guard_ruling ps_guard_judge(
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope)
{
	struct ps_guard_ruling ruling = {.scope = scope};
	enum ps_refusal reason;

	if (ps_suffix_set_covers(&guard->special, name))
		return refuse(PS_REFUSED_LOCAL_NAME);
	if (ps_suffix_set_covers(&guard->never, name))
		return refuse(PS_REFUSED_NEVER);
	if (refused_as_suffix(guard, name, scope, &reason))
		return refuse(reason);
	if (scope != PS_SCOPE_EXACT &&
	    (ps_suffix_set_has_below(&guard->never, name) ||
	        ps_suffix_set_covers(&guard->official, name) ||
	        ps_suffix_set_has_below(&guard->official, name))) {
		/* "*.name" lists no host of its own that could be left of it. */
		if (scope == PS_SCOPE_BELOW)
			return refuse(PS_REFUSED_NEVER);
		ruling.scope = PS_SCOPE_EXACT;
		ruling.narrowed = true;
	}
	ruling.trial = is_popular(guard, name, ruling.scope);
	return ruling;
}

/* --- addresses -------------------------------------------------------------- */

/* From the IANA special-purpose registries (RFC 6890). The documentation prefixes are
 * left out: tests use them and nobody else can. */
static const struct ps_prefix reserved[] = {
    {{4, {0}}, 8},                     /* this network */
    {{4, {10}}, 8},                    /* private, RFC 1918 */
    {{4, {100, 64}}, 10},              /* shared, RFC 6598 */
    {{4, {127}}, 8},                   /* loopback */
    {{4, {169, 254}}, 16},             /* link-local, RFC 3927 */
    {{4, {172, 16}}, 12},              /* private */
    {{4, {192, 0, 0}}, 24},            /* IETF protocol assignments */
    {{4, {192, 168}}, 16},             /* private */
    {{4, {224}}, 4},                   /* multicast */
    {{4, {240}}, 4},                   /* reserved, and broadcast */
    {{6, {0}}, 128},                   /* unspecified */
    {{6, {[15] = 1}}, 128},            /* loopback */
    {{6, {[10] = 0xff, 0xff}}, 96},    /* IPv4-mapped: list the IPv4 address */
    {{6, {0, 0x64, 0xff, 0x9b}}, 96},  /* NAT64, RFC 6052 */
    {{6, {0xfc}}, 7},                  /* unique local, RFC 4193 */
    {{6, {0xfe, 0x80}}, 10},           /* link-local */
    {{6, {0xfe, 0xc0}}, 10},           /* site-local, RFC 3879 */
    {{6, {0xff}}, 8},                  /* multicast */
};

static bool lies_in(const struct ps_prefix *inner, const struct ps_prefix *outer)
{
	return outer->len <= inner->len && ps_prefix_covers(outer, &inner->address);
}

bool ps_guard_address_may_stand(const struct ps_prefix *prefix)
{
	if (prefix->len < (prefix->address.family == 4 ? PS_GUARD_SHORTEST_IPV4
	                                               : PS_GUARD_SHORTEST_IPV6))
		return false;
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++) {
		if (lies_in(prefix, &reserved[i]) || lies_in(&reserved[i], prefix))
			return false;
	}
	return true;
}
