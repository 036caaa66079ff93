/* What one worker tells of its decisions: a table of name, rule and client group with a count,
 * which the watcher takes over about once a second.
 *
 * A tally has two halves. The worker writes into the one that is active; the watcher makes the
 * other one active, waits until the worker is not in the middle of a write to the old, and reads
 * and empties that. They meet in two words, as a generation's readers and its writer do
 * (unbound/worker.h): the worker says which half it writes, then looks whether that is still the
 * active one. So a query never waits, takes no lock, and writes nowhere that another worker
 * writes; a storm on one name is one entry, whatever its size.
 *
 * A flood of names must not take all of it. Half of a half's room is for whoever comes first; of
 * the rest a rule has PS_TALLY_RULE_SHARE entries for a client group and mode, and what stands
 * under one zone (facts.zone) PS_TALLY_ZONE_SHARE of those. What comes beyond that is counted
 * under its zone or, where that has no entry, under the root: with its key's subtree set. So a
 * flood under one zone is one entry with a count, and what else is blocked has room.
 *
 * Full means: not entered, and the worker counts it.
 *
 * Cost on the query path: a hash of the name and a comparison, in a flood two, only for names
 * that are blocked, logged or on trial. Memory: some 380 KiB a worker, of which only what is used
 * is touched.
 *
 * Why memory and not a file that both processes map: a mapping dies by SIGBUS when somebody
 * truncates the file, and a full disk shows itself there the same way. What is lost by kill -9 is
 * the second or so that was not taken over yet, and the window of window.h.
 *
 * Threads: note by the worker that owns it, drain by the one watcher.
 */
#ifndef PS_EVENT_TALLY_H
#define PS_EVENT_TALLY_H

#include "core/siphash.h"
#include "event/found.h"

#include <stdatomic.h>

#define PS_TALLY_ENTRIES 1024u
#define PS_TALLY_NAMES (48u << 10) /* octets of names */
#define PS_TALLY_RULE_SHARE 64u
#define PS_TALLY_ZONE_SHARE 2u

struct ps_tally;

/* One decision, by the numbers of the snapshot of that generation. */
struct ps_tally_key {
	struct ps_name name;
	uint64_t generation;
	uint32_t rule;
	uint32_t group; /* of clients; 0: none */
	bool trial;
	bool subtree; /* set by the tally alone: what stands under the name, and was too much */
};

/* What is kept of the first one. */
struct ps_tally_facts {
	uint16_t type;
	uint8_t technique; /* enum ps_technique; and what it looks like */
	uint8_t score;
	uint32_t brand;
	uint32_t row;   /* what listed it, or UINT32_MAX */
	uint32_t entry; /* or UINT32_MAX */
	uint8_t labels;
	uint8_t zone; /* the name's last labels that a flood's names have in common */
	bool found_listed; /* entry lists what was found, not the name */
	enum ps_found_kind found;
	struct ps_bytes found_octets;
	struct ps_address client; /* family 0: not kept */
};

struct ps_tally_entry {
	struct ps_tally_key key; /* its name points into the tally, as facts.found_octets does */
	struct ps_tally_facts facts;
	uint64_t first; /* milliseconds since 1970 */
	uint64_t last;
	uint32_t count;
	bool clients_differ;
	uint32_t hash;
	uint32_t inside; /* with subtree: entries that were made under it since the room was short */
};

/* key: of the hash, from a source that clients cannot guess. */
PS_MUST_USE enum ps_status ps_tally_create(struct ps_tally **out, struct ps_hash_key key);
void ps_tally_destroy(struct ps_tally *tally);

/* False: full. now: milliseconds since 1970. Cannot fail otherwise, does not allocate. */
PS_MUST_USE bool ps_tally_note(struct ps_tally *tally, const struct ps_tally_key *key,
    const struct ps_tally_facts *facts, uint64_t now);

/* Takes over what was noted since the last time, in the order of the first of each; each
 * entry is the receiver's until it returns. */
void ps_tally_drain(struct ps_tally *tally,
    void (*take)(void *ctx, const struct ps_tally_entry *entry), void *ctx);

#endif
