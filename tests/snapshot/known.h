/* A small image of which every record is known: for tests that change one of them. */
#ifndef PS_TESTS_SNAPSHOT_KNOWN_H
#define PS_TESTS_SNAPSHOT_KNOWN_H

#include "snapshot/builder.h"

/* Its answers, conditions and rules by number. */
enum { GONE, PAGE, SIX, WALL, WALL_TOO, ANSWERS };
enum {
	LISTED,
	PATTERN,
	NAMES,
	ANY_NAME,
	CLIENT,
	LISTED_TOO,
	TARGET,
	IN_PREFIX,
	SERVER,
	CONDITIONS
};
enum { RULE_A, RULE_B, RULE_D, RULE_C, RULE_E, RULES };
enum { COUNTERS, ANALYSTS, GROUPS };

/* Two groups of clients with three IPv4 and two IPv6 prefixes. Three IPv4 and two IPv6 prefixes,
 * each with a set of its own, the third of which a rule about answers has too; forty names, some
 * listed by both feeds; two names that are never blocked, one of them without what is below it. The
 * references are "case-6", "case-7" and one as long as they get. In exactly as many octets
 * as it needs (malloc). */
struct ps_bytes known_image(void);

/* The image of any plan and of what fill adds, likewise. */
struct ps_bytes known_build(const struct ps_plan *plan, void (*fill)(struct ps_builder *));

#endif
