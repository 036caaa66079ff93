#include "unbound/events.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TICK_MS 1000

void ps_errand_open(struct ps_errand *errand)
{
	errand->knock_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	errand->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void ps_errand_close(struct ps_errand *errand)
{
	/* Its loop is gone, and took the event out: this frees its memory, no more. */
	ub_event_free(errand->event);
	if (errand->knock_fd >= 0)
		close(errand->knock_fd);
	if (errand->done_fd >= 0)
		close(errand->done_fd);
}

static void ring(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

static void silence(int fd)
{
	uint64_t rings;

	while (read(fd, &rings, sizeof(rings)) < 0 && errno == EINTR)
		continue;
}

void ps_errand_knock(struct ps_errand *errand)
{
	if (atomic_load_explicit(&errand->ready, memory_order_acquire))
		ring(errand->knock_fd);
}

/* In the worker's loop. One step of a sweep, then its queries come first again. */
static void answer_knock(int fd, short bits, void *arg)
{
	struct ps_module *module = arg;
	struct ps_errand *errand = &module->errand;
	struct ps_sweep *sweep;

	(void)bits;
	silence(fd);
	ps_say_write_some(&module->say);
	sweep = atomic_load_explicit(&errand->sweep, memory_order_acquire);
	if (sweep == NULL)
		return;
	if (ps_sweep_step(sweep)) {
		ring(fd);
		return;
	}
	atomic_store_explicit(&errand->sweep, NULL, memory_order_release);
	ring(errand->done_fd);
}

void ps_errand_join(struct ps_module *module, const struct module_env *env)
{
#ifdef PS_HOST_CALLS_ANY_EVENT
	struct ps_errand *errand = &module->errand;
	struct ub_event_base *loop;

	if (ps_daemon(env) == NULL || errand->knock_fd < 0 || errand->done_fd < 0 ||
	    atomic_exchange(&errand->taken, true))
		return;
	loop = comm_base_internal(env->worker_base);
	errand->event = ub_event_new(
	    loop, errand->knock_fd, UB_EV_READ | UB_EV_PERSIST, answer_knock, module);
	if (errand->event == NULL || ub_event_add(errand->event, NULL) != 0)
		return;
	atomic_store_explicit(&errand->ready, true, memory_order_release);
#else
	(void)module;
	(void)env;
	(void)answer_knock;
#endif
}

bool ps_errand_sweep(struct ps_module *module, struct ps_sweep *sweep)
{
	struct ps_errand *errand = &module->errand;

	if (!atomic_load_explicit(&errand->ready, memory_order_acquire))
		return false;
	silence(errand->done_fd);
	atomic_store_explicit(&errand->sweep, sweep, memory_order_release);
	ring(errand->knock_fd);
	for (;;) {
		struct pollfd fds[2] = {
		    {.fd = errand->done_fd, .events = POLLIN},
		    {.fd = module->wake_fd, .events = POLLIN},
		};

		int ready = poll(fds, 2, TICK_MS);

		if (atomic_load_explicit(&errand->sweep, memory_order_acquire) == NULL)
			return true;
		if (fds[1].revents & POLLIN)
			return true; /* the workers have ended: the next load looks through the rest */
		if (ready == 0) {
			/* A large cache, or a busy worker: others see meanwhile that we live. */
			ps_events_write(module, false);
			ps_status_write(module, false);
		}
	}
}
