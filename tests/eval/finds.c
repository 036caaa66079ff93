/* Prints of each name on standard input all that the judge finds in it, before any weighing:
 *
 *     NAME<TAB>SIGNS:RATIO SIGNS:RATIO ...        signs in hexadecimal, bit 1 << enum ps_sign
 *     #sign NUMBER WORD POINTS                    first, once for each sign
 *
 * usage: finds SNAPSHOT < NAMES
 *
 * Which find of a name counts depends on the points that are to be fitted, so tests/eval/fit
 * wants all of them. Linked with --wrap=ps_signs_score, whose argument they are (fit.py). */
#include <stdio.h>
#include <string.h>

#include "core/idn.h"
#include "lookalike/lookalike.h"
#include "lookalike/words.h"
#include "snapshot/snapshot.h"

uint8_t __real_ps_signs_score(uint64_t signs, uint16_t ratio);
uint8_t __wrap_ps_signs_score(uint64_t signs, uint16_t ratio);

uint8_t __wrap_ps_signs_score(uint64_t signs, uint16_t ratio)
{
	printf(" %llx:%u", (unsigned long long)signs, (unsigned)ratio);
	return __real_ps_signs_score(signs, ratio);
}

int main(int argc, char **argv)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;
	char line[1024];

	ps_error_clear(&err);
	if (argc != 2 ||
	    ps_snapshot_load(&snapshot, argv[1], PS_SNAPSHOT_LOOKUP, &err) != PS_OK) {
		fprintf(stderr, "finds: %s\n", argc == 2 ? err.text : "usage: finds SNAPSHOT");
		return 2;
	}
	for (unsigned i = 0; i < PS_SIGN_COUNT; i++)
		printf("#sign %u %s %d\n", i, ps_sign_name((enum ps_sign)i),
		    ps_sign_points((enum ps_sign)i, 2)); /* of the TLD's: one doubling */
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct ps_name_buffer storage;
		struct ps_likeness likeness;
		struct ps_name name;

		line[strcspn(line, "\r\n")] = '\0';
		printf("%s\t", line);
		if (ps_name_from_user(&name, &storage, ps_bytes_of_text(line), NULL) == PS_OK)
			ps_lookalike_judge(ps_snapshot_tables(snapshot), name, &likeness);
		putchar('\n');
	}
	ps_snapshot_close(snapshot);
	return 0;
}
