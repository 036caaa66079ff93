/* What a build did, for people and for programs.
 *
 * Ownership: borrows all it points to. Threads: one at a time.
 */
#ifndef PS_CLI_LEDGER_H
#define PS_CLI_LEDGER_H

#include "cli/cli.h"
#include "cli/diagnosis.h"
#include "cli/intake.h"

/* A feed of the last snapshot that the policy does not have any more. */
struct ps_gone_feed {
	char id[128];
	uint64_t kept;
};

struct ps_ledger {
	const struct ps_diagnosis *diagnosis;
	const char *output;
	const struct ps_intake *intakes; /* a feed each */
	uint32_t intake_count;
	const struct ps_gone_feed *gone;
	uint32_t gone_count;
	const struct ps_snapshot *made;
	double seconds;
};

/* The table, held feeds, places where asked for, and the closing line. quiet: only
 * what went wrong, on the error stream. */
PS_MUST_USE enum ps_status ps_ledger_print(
    const struct ps_ledger *ledger, const struct ps_cli *cli);

json_t *ps_ledger_json(const struct ps_ledger *ledger, bool *whole);

/* "grew 340 %, limit 200 %", "is empty, had 60 entries", "cannot be read: ...": why
 * an intake is not the feed as it is now. Printable ASCII. */
#define PS_LEDGER_TEXT_MAX 1200
void ps_ledger_reason(const struct ps_intake *intake, char out[PS_LEDGER_TEXT_MAX]);

/* Finds what is gone (last NULL: nothing), for as long as free() is not called on
 * *out. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_gone_feeds(struct ps_gone_feed **out, uint32_t *count,
    const struct ps_snapshot *last, const struct ps_plan *plan);

#endif
