#include "unbound/events.h"
#include "core/pace.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <unistd.h>

#define TICK_MS 1000

/* Of the reader, and of the watcher (be_patient()). On processors that have nothing else to do it
 * changes nothing; on busy ones it gets about a tenth of a worker's share (sched(7)), so a swap
 * takes longer, and still comes. */
#define PS_READING_NICE 10

static uint64_t microseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static void set_digest(struct ps_module *module, const struct ps_snapshot *snapshot)
{
	const uint8_t *digest = ps_snapshot_digest(snapshot);

	for (size_t i = 0; i < PS_DIGEST_SIZE; i++)
		(void)snprintf(module->state.digest + 2 * i, 3, "%02x", digest[i]);
}

/* Waits until no worker looks at old any more. A worker looks for microseconds and
 * never sleeps in between, so this ends at once; the watcher has time. */
static void wait_for_readers(struct ps_module *module, const struct ps_generation *old)
{
	for (uint32_t i = 0; i < module->worker_max; i++) {
		while (atomic_load_explicit(&module->workers[i].mark, memory_order_seq_cst) == old) {
			struct timespec nap = {.tv_nsec = 50000};

			(void)nanosleep(&nap, NULL);
		}
	}
}

/* Removes what the active snapshot blocks from the cache. Once more a tick later, by
 * sweep_at: a thread may have judged by the old rules and stored after we came by. */
static uint64_t expire(struct ps_module *module, const struct ps_generation *generation)
{
	uint32_t now = (uint32_t)time(NULL);
	struct ps_scratch *scratch = NULL;
	uint64_t removed;

	if (ps_scratch_create(&scratch) != PS_OK)
		scratch = NULL;
	removed = ps_cache_expire(module, generation, scratch, now);
	ps_scratch_destroy(scratch);
	if (removed == UINT64_MAX) {
		ps_say(&module->say, PS_SAY_ERROR,
		    "no memory to remove cached answers: they end with their TTL");
		removed = 0;
	}
	module->state.flushed += removed;
	module->next_start = ps_generation_next_start(generation->snapshot, now);
	return removed;
}

/* The second look after a swap, and one when a row begins to hold. */
static void sweep(struct ps_module *module)
{
	const struct ps_generation *generation = atomic_load(&module->current);
	bool begins = (uint64_t)time(NULL) >= module->next_start;

	if (generation == NULL ||
	    (!begins && (module->sweep_at == 0 || microseconds() < module->sweep_at)))
		return;
	(void)expire(module, generation);
	module->sweep_at = begins ? microseconds() + TICK_MS * 1000u : 0;
}

/* The good snapshot becomes the active one: publish, expire what was cached under
 * the old rules, reclaim. Nothing here can fail. */
static void activate(struct ps_module *module, struct ps_generation *generation, uint64_t began)
{
	struct ps_generation *old =
	    atomic_exchange_explicit(&module->current, generation, memory_order_seq_cst);
	uint64_t swapped = microseconds();
	struct ps_snapshot_size size = ps_snapshot_size(generation->snapshot);
	uint64_t removed;

	module->state.generation = generation->number;
	module->state.activation_time = (uint64_t)time(NULL);
	module->state.file_time = (uint64_t)module->seen.st_mtim.tv_sec;
	module->state.activation_microseconds = swapped - began;
	module->state.rejection[0] = '\0';
	module->state.names = size.names;
	module->state.resident_bytes = size.resident;
	atomic_store_explicit(&module->resident, size.resident, memory_order_relaxed);
	set_digest(module, generation->snapshot);
	removed = expire(module, generation);
	module->sweep_at = microseconds() + TICK_MS * 1000u;
	ps_say(&module->say, PS_SAY_INFO,
	    "snapshot %.12s active: names %llu, rules %u, in %llu ms; cached answers removed: %llu",
	    module->state.digest, (unsigned long long)size.names, generation->rules,
	    (unsigned long long)(swapped - began) / 1000,
	    (unsigned long long)removed);
	ps_errand_knock(&module->errand);
	if (old != NULL) {
		wait_for_readers(module, old);
		ps_events_gather(module, old);
		ps_status_keep(module, old);
		ps_generation_destroy(old);
	}
}

/* again: the same file as last time, tried once more. */
static void reject(struct ps_module *module, const struct ps_error *err, bool again)
{
	char words[sizeof(module->state.rejection)];

	ps_error_format(err, words, sizeof(words));
	if (again && strcmp(words, module->state.rejection) == 0)
		return; /* said once */
	module->state.rejected++;
	memcpy(module->state.rejection, words, sizeof(words));
	ps_say(&module->say, PS_SAY_ERROR, "snapshot refused: %s; %s", words,
	    atomic_load(&module->current) != NULL ? "the last good one goes on serving"
	                                          : "nothing is blocked until a good one comes");
}

/* The same file as last time? Renaming a new one over it changes the inode; writing
 * in place changes size or times. */
static bool is_same(const struct ps_module *module, const struct stat *st)
{
	return module->seen.st_dev == st->st_dev &&
	       module->seen.st_ino == st->st_ino && module->seen.st_size == st->st_size &&
	       module->seen.st_mtim.tv_sec == st->st_mtim.tv_sec &&
	       module->seen.st_mtim.tv_nsec == st->st_mtim.tv_nsec &&
	       module->seen.st_ctim.tv_sec == st->st_ctim.tv_sec &&
	       module->seen.st_ctim.tv_nsec == st->st_ctim.tv_nsec;
}

/* --- reading a snapshot ----------------------------------------------------------- */

struct reading {
	const char *path;
	uint64_t number;                  /* of the generation that it would become */
	uint32_t workers;                 /* likewise */
	const _Atomic bool *stopping;     /* then it need not give way any more */
	struct ps_generation *generation; /* out; NULL: refused, and err says why */
	struct ps_error err;
};

static void read_snapshot(struct reading *reading)
{
	struct ps_snapshot *snapshot = NULL;

	ps_error_clear(&reading->err);
	if (ps_snapshot_load(&snapshot, reading->path, PS_SNAPSHOT_LOOKUP, &reading->err) !=
	        PS_OK ||
	    ps_generation_create(&reading->generation, snapshot, reading->number, reading->workers,
	        &reading->err) != PS_OK)
		reading->generation = NULL;
}

static void *read_with_patience(void *arg)
{
	const struct reading *reading = arg;

	/* Of this thread alone: setpriority(2), "C library/kernel differences". */
	(void)setpriority(PRIO_PROCESS, 0, PS_READING_NICE);
	ps_pace_begin(reading->stopping);
	read_snapshot(arg);
	return NULL;
}

/* Copying and verifying is all work and no lock, so it is done by a thread that gives
 * way to those which answer queries. The watcher itself must not as long as it may have to go over
 * the cache (errand.h): a thread without a processor's time would keep the cache's locks from the
 * workers. And it could not come back: to raise a priority is a right that the resolver gave up. */
static void read_aside(struct reading *reading)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, read_with_patience, reading) == 0)
		(void)pthread_join(thread, NULL);
	else
		read_snapshot(reading);
}

/* reader: read_snapshot where nothing else runs yet, else read_aside. */
static void look(struct ps_module *module, void (*reader)(struct reading *))
{
	uint64_t began = microseconds();
	struct reading reading = {
	    .path = module->snapshot_path,
	    .number = module->state.generation + 1,
	    .workers = module->worker_max,
	    .stopping = &module->stopping};
	struct stat st;
	bool again;

	if (stat(module->snapshot_path, &st) != 0) {
		if (!module->missing_said)
			ps_say(&module->say, PS_SAY_WARNING, "no snapshot at %s (%s): %s",
			    module->snapshot_path, strerror(errno),
			    atomic_load(&module->current) != NULL
			        ? "the last good one goes on serving"
			        : "nothing is blocked until one comes");
		module->missing_said = true;
		module->seen_valid = false;
		return;
	}
	module->missing_said = false;
	again = is_same(module, &st);
	if (again && module->seen_valid)
		return;
	module->seen = st;
	module->seen_valid = true;
	reader(&reading);
	if (reading.generation == NULL) {
		/* Out of memory and the like may pass: then the same file is tried again. */
		if (reading.err.status == PS_NO_MEMORY || reading.err.status == PS_IO)
			module->seen_valid = false;
		reject(module, &reading.err, again);
		return;
	}
	ps_reliefs_equip(module, reading.generation);
	activate(module, reading.generation, began);
}

/* What is let through for a while has changed: the same snapshot with that. */
static void relieve(struct ps_module *module)
{
	uint64_t since = module->state.activation_time;
	uint64_t took = module->state.activation_microseconds;
	struct ps_generation *next = ps_reliefs_look(module) ? ps_reliefs_renew(module) : NULL;

	if (next == NULL)
		return;
	activate(module, next, microseconds());
	module->state.activation_time = since;
	module->state.activation_microseconds = took;
}

/* --- the thread ---------------------------------------------------------------- */

static void watch_folder(struct ps_module *module)
{
	if (module->inotify_fd < 0 || module->inotify_watch >= 0)
		return;
	module->inotify_watch = inotify_add_watch(module->inotify_fd, module->folder,
	    IN_MOVED_TO | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
}

/* Reads all that waits; true when something happened to the snapshot's name. The
 * counters file lies in the same folder and is not news. */
static bool drain_inotify(struct ps_module *module)
{
	_Alignas(struct inotify_event) char bytes[4096];
	bool news = false;
	ssize_t got;

	while ((got = read(module->inotify_fd, bytes, sizeof(bytes))) > 0) {
		for (char *p = bytes; p < bytes + got;) {
			const struct inotify_event *event = (const struct inotify_event *)p;

			if (event->mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_Q_OVERFLOW)) {
				/* A folder that was moved away takes the watch along. */
				if (event->mask & IN_MOVE_SELF)
					(void)inotify_rm_watch(module->inotify_fd, event->wd);
				if (event->mask & IN_IGNORED)
					module->inotify_watch = -1;
				news = true;
			}
			if (event->len > 0 && (strcmp(event->name, PS_SNAPSHOT_FILE) == 0 ||
			                          strcmp(event->name, PS_RELIEF_FILE) == 0))
				news = true;
			p += sizeof(*event) + event->len;
		}
	}
	return news;
}

/* A worker goes over the cache from now on, and the watcher takes no lock any more that a worker
 * waits for: to free a generation, to gather events and to write files are as patient as reading. */
static void be_patient(const struct ps_module *module, bool *patient)
{
	if (!*patient && atomic_load_explicit(&module->errand.ready, memory_order_acquire))
		*patient = setpriority(PRIO_PROCESS, 0, PS_READING_NICE) == 0;
}

static void *run(void *arg)
{
	struct ps_module *module = arg;
	uint64_t ticked = microseconds();
	bool patient = false;

	ps_pace_begin(&module->stopping);
	for (;;) {
		struct pollfd fds[2] = {
		    {.fd = module->wake_fd, .events = POLLIN},
		    {.fd = module->inotify_fd, .events = POLLIN},
		};
		int ready = poll(fds, 2, TICK_MS);
		bool news = false;

		if (ready > 0 && (fds[0].revents & POLLIN))
			break;
		if (ready > 0 && fds[1].revents != 0)
			news = drain_inotify(module);
		/* Once a second in any case: inotify does not see what happens on network
		 * file systems, or while the folder was not there. */
		if (news || microseconds() - ticked >= TICK_MS * 1000u) {
			ticked = microseconds();
			be_patient(module, &patient);
			watch_folder(module);
			look(module, read_aside);
			relieve(module);
			ps_pace();
			sweep(module);
			ps_pace();
			ps_events_write(module, false);
			ps_pace();
			ps_status_write(module, news);
		}
	}
	return NULL;
}

void ps_watcher_start(struct ps_module *module)
{
	sigset_t all, before;
	int failed;

	module->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	watch_folder(module); /* before the first look, so that nothing falls between */
	(void)ps_reliefs_look(module);
	look(module, read_snapshot);
	ps_status_write(module, true);
	ps_say_write(&module->say);
	module->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Signals are for Unbound's main thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = module->wake_fd < 0 ? errno : pthread_create(&module->thread, NULL, run, module);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed != 0)
		log_err("postshield: cannot watch for new snapshots (%s): the one loaded now serves "
		        "until the next reload",
		    strerror(failed));
	module->thread_runs = failed == 0;
}

void ps_watcher_stop(struct ps_module *module)
{
	if (module->thread_runs) {
		uint64_t one = 1;

		atomic_store(&module->stopping, true);
		while (write(module->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
			continue;
		(void)pthread_join(module->thread, NULL);
	}
	ps_events_write(module, true);
	module->state.running = 0;
	ps_status_write(module, true);
	ps_say_write(&module->say);
	if (module->wake_fd >= 0)
		close(module->wake_fd);
	if (module->inotify_fd >= 0)
		close(module->inotify_fd);
}
