/* Lines that hold one JSON array, taken apart while they come in: crt.sh answers with a single
 * line of any length.
 *
 * The array's brackets and the commas between its elements become PS_SCAN_BREAK, a character
 * that RFC 7464 puts between texts and that none may have in it, so that each element can be
 * read alone. Nothing else is changed and nothing is checked: an element that is no JSON stays
 * none, and an array that breaks off is read as far as it goes.
 * Ownership: a plain value; all zero is a file's beginning. Threads: one at a time.
 */
#ifndef PS_CLI_SCAN_ELEMENTS_H
#define PS_CLI_SCAN_ELEMENTS_H

#include "core/bytes.h"

#define PS_SCAN_BREAK ((uint8_t)0x1e)

struct ps_scan_elements {
	bool begun; /* more than blanks of the line were seen */
	bool in_array;
	bool in_string;
	bool escaped;
	uint64_t depth; /* brackets that are open, the array's among them */
};

/* The next octets of the file, in place. */
void ps_scan_elements_part(struct ps_scan_elements *elements, uint8_t *octets, size_t len);

#endif
