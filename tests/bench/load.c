/* Asks a resolver on 127.0.0.1 over UDP and says what came back, as one line of JSON.
 *
 * usage: load PORT NAMES count --queries N [--from I] [--window W] [--edns]
 *        load PORT NAMES pace --rate R --seconds S [--also NAMES] [--edns]
 *
 * NAMES: a name a line (what follows a blank is not read), asked from top to bottom and
 * again, type A. count keeps W questions in flight, as fast as the server answers, and begins
 * I names down. pace asks R a second whatever comes back, names of the two files by turns,
 * for S seconds or until SIGTERM, and prints before that the moment it starts (CLOCK_REALTIME,
 * ns). Arrivals are stamped by the kernel, so a late wake-up of this program is not taken
 * for a late answer; what it sent late itself is told (longest_send_gap_ms).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define IDS 65536u
#define PACKET_MAX 4096
#define COUNT_PATIENCE_MS 20000 /* valgrind takes its time */
#define SECOND UINT64_C(1000000000)
#define BIN_NS (SECOND / 100)
#define LAST_ANSWERS_NS (SECOND / 4)

struct question {
	uint8_t wire[300];
	size_t len;
};

struct questions {
	struct question *list;
	size_t count;
};

struct options {
	uint16_t port;
	const char *names;
	const char *also;
	bool pace;
	uint64_t queries;
	uint64_t from;
	uint64_t window;
	uint64_t rate;
	uint64_t seconds;
	bool edns;
};

struct tally {
	uint64_t sent;
	uint64_t answered;
	uint64_t rcodes[16];
};

static void fail(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(3);
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* --- questions ------------------------------------------------------------------ */

/* A query for A with RD set; with an OPT of 1,232 octets if edns (RFC 6891 section 6.1). */
static bool make_question(struct question *q, char *name, bool edns)
{
	static const uint8_t opt[] = {0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
	uint8_t *p = q->wire;

	memset(p, 0, 12);
	p[2] = 1;
	p[5] = 1;
	p[11] = edns;
	p += 12;
	name[strcspn(name, " \t\r\n")] = '\0';
	if (strlen(name) > 253)
		return false;
	for (char *label = strtok(name, "."); label != NULL; label = strtok(NULL, ".")) {
		size_t len = strlen(label);

		if (len > 63)
			return false;
		*p++ = (uint8_t)len;
		memcpy(p, label, len);
		p += len;
	}
	memcpy(p, "\0\0\1\0\1", 5);
	p += 5;
	if (edns) {
		memcpy(p, opt, sizeof(opt));
		p += sizeof(opt);
	}
	q->len = (size_t)(p - q->wire);
	return true;
}

static struct questions read_questions(const char *path, bool edns)
{
	struct questions out = {NULL, 0};
	size_t capacity = 0;
	char line[1024];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		fail(path);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (out.count == capacity) {
			capacity = capacity * 2 + 1024;
			out.list = realloc(out.list, capacity * sizeof(*out.list));
			if (out.list == NULL)
				fail("memory");
		}
		if (make_question(&out.list[out.count], line, edns))
			out.count++;
	}
	fclose(file);
	if (out.count == 0) {
		fprintf(stderr, "load: %s holds no name\n", path);
		exit(2);
	}
	return out;
}

/* --- the socket ------------------------------------------------------------------- */

static int open_socket(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int one = 1, octets = 4 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	/* Best effort: FORCE needs a privilege. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets));
	return fd;
}

static bool send_question(int fd, const struct question *q, uint16_t id)
{
	uint8_t packet[sizeof(q->wire)];

	memcpy(packet, q->wire, q->len);
	packet[0] = (uint8_t)(id >> 8);
	packet[1] = (uint8_t)id;
	return send(fd, packet, q->len, 0) == (ssize_t)q->len;
}

/* One answer: its id and when it arrived (CLOCK_REALTIME); false: none waits. */
static bool take_answer(int fd, uint16_t *id, unsigned *rcode, uint64_t *arrived)
{
	uint8_t packet[PACKET_MAX];
	_Alignas(struct cmsghdr) char control[256];
	struct iovec iov = {packet, sizeof(packet)};

	for (;;) {
		struct msghdr msg = {.msg_iov = &iov,
		    .msg_iovlen = 1,
		    .msg_control = control,
		    .msg_controllen = sizeof(control)};
		ssize_t got = recvmsg(fd, &msg, 0);

		if (got < 0 && (errno == EINTR || errno == ECONNREFUSED))
			continue;
		if (got < 0)
			return false;
		if (got < 12 || (packet[2] & 0x80) == 0)
			continue;
		*id = (uint16_t)(packet[0] << 8 | packet[1]);
		*rcode = packet[3] & 15u;
		*arrived = 0;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c)) {
			if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
				struct timespec t;

				memcpy(&t, CMSG_DATA(c), sizeof(t));
				*arrived = (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
			}
		}
		if (*arrived == 0)
			*arrived = now_ns(CLOCK_REALTIME);
		return true;
	}
}

static void print_tally(const struct tally *tally)
{
	printf("\"sent\": %" PRIu64 ", \"answered\": %" PRIu64 ", \"rcodes\": [", tally->sent,
	    tally->answered);
	for (int i = 0; i < 16; i++)
		printf("%s%" PRIu64, i > 0 ? ", " : "", tally->rcodes[i]);
	printf("]");
}

/* --- count ------------------------------------------------------------------------- */

static void run_count(const struct options *o, const struct questions *questions)
{
	static bool waiting[IDS];
	int fd = open_socket(o->port);
	struct pollfd poller = {.fd = fd, .events = POLLIN};
	uint64_t flying = 0, began = now_ns(CLOCK_MONOTONIC);
	struct tally tally = {0};

	while (tally.sent < o->queries || flying > 0) {
		uint64_t arrived;
		unsigned rcode;
		uint16_t id;

		for (; flying < o->window && tally.sent < o->queries; flying++, tally.sent++) {
			const struct question *q = &questions->list[(o->from + tally.sent) % questions->count];

			if (!send_question(fd, q, (uint16_t)tally.sent))
				break;
			waiting[tally.sent % IDS] = true;
		}
		if (poll(&poller, 1, COUNT_PATIENCE_MS) == 0)
			break; /* what is in flight is lost */
		while (take_answer(fd, &id, &rcode, &arrived)) {
			if (!waiting[id])
				continue;
			waiting[id] = false;
			flying--;
			tally.answered++;
			tally.rcodes[rcode]++;
		}
	}
	printf("{");
	print_tally(&tally);
	printf(", \"seconds\": %.6f}\n", (double)(now_ns(CLOCK_MONOTONIC) - began) / 1e9);
	close(fd);
}

/* --- pace -------------------------------------------------------------------------- */

struct pace {
	int fd;
	uint64_t began;     /* CLOCK_REALTIME */
	uint64_t sent_at[IDS]; /* 0: not in flight */
	struct tally tally;
	uint64_t last_arrival;
	uint64_t longest_gap;
	uint64_t gap_began;
	uint64_t last_send;
	uint64_t longest_send_gap;
	uint32_t *delays; /* us, one an answer */
	uint32_t *bins;
	size_t bin_count;
};

static void note_arrival(struct pace *p, uint64_t arrived)
{
	if (arrived > p->last_arrival && arrived - p->last_arrival > p->longest_gap) {
		p->longest_gap = arrived - p->last_arrival;
		p->gap_began = p->last_arrival;
	}
	p->last_arrival = arrived;
}

static void take_answers(struct pace *p)
{
	uint64_t arrived;
	unsigned rcode;
	uint16_t id;

	while (take_answer(p->fd, &id, &rcode, &arrived)) {
		size_t bin = arrived > p->began ? (size_t)((arrived - p->began) / BIN_NS) : 0;

		if (p->sent_at[id] == 0 || p->tally.answered >= p->tally.sent)
			continue;
		p->delays[p->tally.answered++] = arrived > p->sent_at[id]
		    ? (uint32_t)((arrived - p->sent_at[id]) / 1000)
		    : 0;
		p->sent_at[id] = 0;
		p->tally.rcodes[rcode]++;
		note_arrival(p, arrived);
		if (bin < p->bin_count)
			p->bins[bin]++;
	}
}

static void send_due(
    struct pace *p, const struct questions *a, const struct questions *b, uint64_t due)
{
	for (; p->tally.sent < due; p->tally.sent++) {
		const struct questions *from = p->tally.sent % 2 != 0 ? b : a;
		uint64_t turn = p->tally.sent / 2;
		uint64_t now = now_ns(CLOCK_REALTIME);
		uint16_t id = (uint16_t)(p->tally.sent % IDS);

		/* Not sent (no buffer, nobody listens) is lost like any other. */
		(void)send_question(p->fd, &from->list[turn % from->count], id);
		p->sent_at[id] = now;
		if (p->last_send != 0 && now - p->last_send > p->longest_send_gap)
			p->longest_send_gap = now - p->last_send;
		p->last_send = now;
	}
}

static int compare_delays(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double delay_at(const struct pace *p, double share)
{
	if (p->tally.answered == 0)
		return 0;
	return p->delays[(uint64_t)(share * (double)(p->tally.answered - 1))] / 1e3;
}

static void print_pace(struct pace *p)
{
	qsort(p->delays, p->tally.answered, sizeof(*p->delays), compare_delays);
	printf("{");
	print_tally(&p->tally);
	printf(", \"longest_gap_ms\": %.3f, \"gap_at_ms\": %.3f, \"longest_send_gap_ms\": %.3f",
	    (double)p->longest_gap / 1e6,
	    p->gap_began > p->began ? (double)(p->gap_began - p->began) / 1e6 : 0.0,
	    (double)p->longest_send_gap / 1e6);
	printf(", \"delay_ms\": {\"p50\": %.3f, \"p99\": %.3f, \"p99.9\": %.3f, \"max\": %.3f}",
	    delay_at(p, 0.5), delay_at(p, 0.99), delay_at(p, 0.999), delay_at(p, 1));
	printf(", \"bin_ms\": %u, \"bins\": [", (unsigned)(BIN_NS / 1000000));
	for (size_t i = 0; i < p->bin_count; i++)
		printf("%s%u", i > 0 ? "," : "", p->bins[i]);
	printf("]}\n");
}

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* The last answers are still under way. */
static void drain(struct pace *p)
{
	uint64_t end = now_ns(CLOCK_MONOTONIC) + LAST_ANSWERS_NS;
	struct pollfd poller = {.fd = p->fd, .events = POLLIN};

	while (p->tally.answered < p->tally.sent && now_ns(CLOCK_MONOTONIC) < end) {
		(void)poll(&poller, 1, 10);
		take_answers(p);
	}
}

static void run_pace(const struct options *o, const struct questions *a, const struct questions *b)
{
	struct pace *p = calloc(1, sizeof(*p));
	uint64_t total = o->rate * o->seconds, began, end;
	struct sched_param param = {.sched_priority = 1};
	struct sigaction action = {.sa_handler = stop};

	(void)sigaction(SIGTERM, &action, NULL);
	if (p == NULL)
		fail("memory");
	p->bin_count = o->seconds * (SECOND / BIN_NS);
	p->delays = calloc(total + 1, sizeof(*p->delays));
	p->bins = calloc(p->bin_count, sizeof(*p->bins));
	if (p->delays == NULL || p->bins == NULL)
		fail("memory");
	p->fd = open_socket(o->port);
	(void)sched_setscheduler(0, SCHED_FIFO, &param); /* where allowed: to be on time */
	p->began = now_ns(CLOCK_REALTIME);
	p->last_arrival = p->began;
	printf("%" PRIu64 "\n", p->began);
	fflush(stdout);
	began = now_ns(CLOCK_MONOTONIC);
	end = began + o->seconds * SECOND;
	for (uint64_t now = began; now < end && !stopped; now = now_ns(CLOCK_MONOTONIC)) {
		uint64_t due = (now - began) * o->rate / SECOND + 1;
		uint64_t next = began + due * SECOND / o->rate;
		struct pollfd poller = {.fd = p->fd, .events = POLLIN};
		struct timespec wait = {0, 0};

		send_due(p, a, b, due < total ? due : total);
		take_answers(p);
		now = now_ns(CLOCK_MONOTONIC);
		if (next > now)
			wait.tv_nsec = (long)(next - now);
		(void)ppoll(&poller, 1, &wait, NULL);
	}
	take_answers(p);
	note_arrival(p, now_ns(CLOCK_REALTIME)); /* a silence up to the end is a gap as well */
	if ((now_ns(CLOCK_REALTIME) - p->began) / BIN_NS < p->bin_count)
		p->bin_count = (size_t)((now_ns(CLOCK_REALTIME) - p->began) / BIN_NS);
	drain(p);
	print_pace(p);
	close(p->fd);
}

/* --- options ------------------------------------------------------------------------ */

static void usage(void)
{
	fputs("usage: load PORT NAMES count --queries N [--from I] [--window W] [--edns]\n"
	      "       load PORT NAMES pace --rate R --seconds S [--also NAMES] [--edns]\n",
	    stderr);
	exit(2);
}

static struct options read_options(int argc, char **argv)
{
	struct options o = {.window = 32};

	if (argc < 4)
		usage();
	o.port = (uint16_t)strtoul(argv[1], NULL, 10);
	o.names = argv[2];
	o.pace = strcmp(argv[3], "pace") == 0;
	if (!o.pace && strcmp(argv[3], "count") != 0)
		usage();
	for (int i = 4; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;

		if (strcmp(argv[i], "--edns") == 0) {
			o.edns = true;
			continue;
		}
		if (value == NULL)
			usage();
		else if (strcmp(argv[i], "--queries") == 0)
			o.queries = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--from") == 0)
			o.from = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--window") == 0)
			o.window = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--rate") == 0)
			o.rate = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--seconds") == 0)
			o.seconds = strtoull(value, NULL, 10);
		else if (strcmp(argv[i], "--also") == 0)
			o.also = value;
		else
			usage();
		i++;
	}
	if (o.port == 0 || o.window == 0 || o.window > 4096 ||
	    (o.pace ? o.rate == 0 || o.seconds == 0 : o.queries == 0))
		usage();
	return o;
}

int main(int argc, char **argv)
{
	struct options o = read_options(argc, argv);
	struct questions first = read_questions(o.names, o.edns);

	if (o.pace) {
		struct questions second =
		    o.also != NULL ? read_questions(o.also, o.edns) : first;

		run_pace(&o, &first, &second);
		if (second.list != first.list)
			free(second.list);
	} else {
		run_count(&o, &first);
	}
	free(first.list);
	return 0;
}
