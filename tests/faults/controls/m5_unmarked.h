/* Negative control of RELIABILITY M5: readers do not say which generation they look at, so
 * the watcher frees it under them. Included before every file of the module. */
#include "unbound/worker.h"

#define ps_worker_enter(worker, current)                                                         \
	((void)(worker), (const struct ps_generation *)atomic_load(current))
