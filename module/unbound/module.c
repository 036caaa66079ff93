#include "unbound/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/version.h"
#include "event/spool.h"

static _Atomic uint64_t next_serial = 1;

/* A thread finds its worker here. The serial guards against a module that was loaded
 * again while the thread lived on. initial-exec: otherwise glibc allocates these 16 octets at
 * a thread's first query, and aborts when it cannot (RELIABILITY M7). */
static __attribute__((tls_model("initial-exec"))) _Thread_local struct {
	uint64_t serial;
	struct ps_worker *worker;
} own;

struct ps_worker *ps_module_worker(struct ps_module *module, const struct module_env *env)
{
	uint32_t index;
	struct ps_worker *worker;

	if (own.serial == module->serial)
		return own.worker;
	own.serial = module->serial;
	own.worker = NULL;
	atomic_store(&module->daemon, ps_daemon(env));
	index = atomic_fetch_add(&module->worker_count, 1);
	if (index >= module->worker_max) {
		atomic_store(&module->worker_count, module->worker_max);
		return NULL;
	}
	worker = &module->workers[index];
	worker->index = index;
	if (ps_scratch_create(&worker->scratch) != PS_OK)
		worker->scratch = NULL;
	ps_events_equip(worker);
	ps_errand_join(module, env);
	own.worker = worker;
	return worker;
}

/* False: no memory. */
static bool set_workers(struct ps_module *module, int threads)
{
	uint32_t count = threads > (int)PS_WORKERS_MIN ? (uint32_t)threads : PS_WORKERS_MIN;
	void *workers = NULL;

	/* Workers' marks stand on cache lines of their own. */
	if (posix_memalign(&workers, 64, count * sizeof(*module->workers)) != 0)
		return false;
	memset(workers, 0, count * sizeof(*module->workers));
	module->workers = workers;
	module->worker_max = count;
	return true;
}

static bool set_folder(struct ps_module *module)
{
	const char *folder = getenv("POSTSHIELD_STATE");
	int len;

	if (folder == NULL || folder[0] == '\0')
		folder = PS_STATE_DIR;
	len = snprintf(module->folder, sizeof(module->folder), "%s", folder);
	if (len < 0 || (size_t)len >= sizeof(module->folder))
		return false;
	(void)snprintf(module->snapshot_path, sizeof(module->snapshot_path), "%s/%s",
	    module->folder, PS_SNAPSHOT_FILE);
	return true;
}

static void set_events(struct ps_module *module)
{
	char path[sizeof(module->folder) + sizeof("/" PS_SPOOL_FOLDER)];

	(void)snprintf(path, sizeof(path), "%s/%s", module->folder, PS_SPOOL_FOLDER);
	module->events = ps_events_create(path);
	if (module->events == NULL)
		log_err("postshield: no memory for events: they are dropped and counted");
}

struct ps_module *ps_module_create(struct module_env *env)
{
	struct ps_module *module = calloc(1, sizeof(*module));

	if (module == NULL || !set_workers(module, env->cfg->num_threads)) {
		free(module);
		return NULL;
	}
	module->env = env;
	module->serial = atomic_fetch_add(&next_serial, 1);
	module->wake_fd = -1;
	ps_errand_open(&module->errand);
	module->inotify_fd = -1;
	module->inotify_watch = -1;
	module->state.start_time = (uint64_t)time(NULL);
	module->state.running = 1;
	if (!set_folder(module)) {
		log_err("postshield: POSTSHIELD_STATE is longer than 4095 bytes: nothing is blocked");
		ps_errand_close(&module->errand);
		free(module->workers);
		free(module);
		return NULL;
	}
	set_events(module);
	ps_watcher_start(module);
	return module;
}

void ps_module_destroy(struct ps_module *module)
{
	if (module == NULL)
		return;
	ps_watcher_stop(module);
	ps_errand_close(&module->errand);
	ps_generation_destroy(atomic_load(&module->current));
	for (uint32_t i = 0; i < module->worker_max; i++) {
		ps_scratch_destroy(module->workers[i].scratch);
		ps_tally_destroy(atomic_load(&module->workers[i].tally));
	}
	ps_events_destroy(module->events);
	free(module->past);
	free(module->workers);
	free(module);
}

size_t ps_module_memory(struct ps_module *module)
{
	return sizeof(*module) + module->worker_max * sizeof(*module->workers) +
	       (size_t)atomic_load_explicit(&module->resident, memory_order_relaxed);
}
