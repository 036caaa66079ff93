/* System calls, and calls of stdio, that fail when told to. Linked with the linker's --wrap
 * (see failing_calls() in tests.cmake), so that the sources under test hold no line for it.
 * Threads: one. */
#ifndef PS_TESTS_CORE_FAILING_CALLS_H
#define PS_TESTS_CORE_FAILING_CALLS_H

enum failing_call {
	CALL_OPEN,
	CALL_MKOSTEMP,
	CALL_FSTAT,
	CALL_READ,
	CALL_PREAD,
	CALL_WRITE,
	CALL_FCNTL,
	CALL_MMAP,
	CALL_MEMFD_CREATE,
	CALL_FCHMOD,
	CALL_FDOPEN,
	CALL_FSEEKO,
	CALL_FWRITE,
	CALL_FFLUSH,
	CALL_FCLOSE,
	CALL_NONE,
};

/* How a call goes wrong when it is not by an errno. */
#define CALL_SHORT (-1) /* it does less than it was asked to */
#define CALL_AT_END 0   /* it finds the file at its end */

/* From now on the n-th such call fails (1: the next one), once: with this errno, or as said
 * above. An interrupted one (EINTR) is no failure to whoever asks again. */
void call_fails(enum failing_call call, int n, int error);

/* No call fails any more. How often did one? */
int call_failures(void);

/* Descriptors that are open. */
int count_descriptors(void);

#endif
