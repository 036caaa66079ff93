/* The names in a batch of `scan`: a line each, or what certificates are for.
 *
 * Threads: pure but for memory.
 */
#ifndef PS_CLI_SCAN_NAMES_H
#define PS_CLI_SCAN_NAMES_H

#include "cli/scan_source.h"

/* What is wrong with a line. */
enum ps_scan_fault {
	PS_SCAN_FAULT_NONE,
	PS_SCAN_FAULT_EMPTY,
	PS_SCAN_FAULT_TOO_LONG,
	PS_SCAN_FAULT_NO_NAME, /* found by who reads names */
	PS_SCAN_FAULT_NO_JSON,
	PS_SCAN_FAULT_COUNT,
};

struct ps_scan_visitor {
	void *ctx;
	/* One name: as given, and the part of it to judge (a certificate's "*." is no part
	 * of it). fault NO_JSON: the whole line is meant, and is no name. Anything but
	 * PS_OK ends the visit with it. */
	enum ps_status (*name)(void *ctx, struct ps_bytes given, struct ps_bytes judged,
	    uint64_t line, enum ps_scan_fault fault);
};

/* Hands on every name of the batch in order; *lines: how many lines end in it. line: from 1
 * on. Errors: the visitor's, PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_scan_visit(const struct ps_scan_batch *batch,
    enum ps_scan_format format, const struct ps_scan_visitor *visitor, uint64_t *lines);

#endif
