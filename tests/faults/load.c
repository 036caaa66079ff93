/* Questions over UDP at a steady rate, and a judgement of every answer.
 *
 * usage: faults_load PORT SECONDS RATE WINDOW QUESTIONS [COUNT]
 *
 * RATE: questions a second; 0: as fast as answers come. WINDOW: at most so many wait at
 * once. COUNT: no more than so many. QUESTIONS: a file, asked from its top again and again; a
 * line is LETTER NAME [TYPE [SOURCE]]; without these an A record, asked from 127.0.0.1:
 *   P name   passes: NOERROR, of type A with an address, and no word of ours
 *   B name   blocked: NXDOMAIN by some generation
 *   C name   the same, for what its answer shows
 *   S name   blocked: the sinkhole of some generation
 *   N base   passes: a label that was never used, below base: NXDOMAIN, no word of ours
 *   W base   a label that was never used, and passes as P does
 *   X base   a label that was never used, and is blocked as B is
 *
 * What `faults_snapshot` makes for generation G answers with TTL 1000 + G, says
 * "generation G" in its EDE and, where it is a sinkhole, gives the address 10.G: these
 * come from three tables of the file, so an answer made of two generations shows. A
 * question sent after an answer of G was seen must not be answered by G - 1: that shows
 * too.
 *
 * SIGTERM ends it early, as if its time were over: what was asked is still waited for.
 * Prints one JSON object; ends with 0 unless it could not run. Written in C because the
 * judge must not be slower than what it judges.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS 8 /* of one source */
#define SOURCES_MAX 8
#define SLOTS 8192 /* of one socket; a power of two */
#define LINES_MAX 200000
#define PACKET_MAX 2048
#define LOST_AFTER 5000000 /* microseconds */
#define LATENCIES_MAX 8000000
#define TTL_BASE 1000
#define OPT 41
#define TYPE_A 1
#define RCODE_SERVFAIL 2

enum kind {
	PASSES = 'P',
	BLOCKED = 'B',
	BLOCKED_BY_ANSWER = 'C',
	SINKHOLE = 'S',
	NEW = 'N',
	NEW_PASSES = 'W',
	NEW_BLOCKED = 'X',
};

struct question {
	enum kind kind;
	uint16_t type;
	unsigned source; /* index of it */
	size_t len;
	uint8_t wire[304];
	char text[300];
};

struct slot {
	bool waits;
	uint64_t sent_at;
	uint64_t sent_real; /* by the clock that stamps what arrives */
	int64_t seen; /* the newest generation that an answer had shown by then */
	uint32_t question;
};

struct answer {
	unsigned rcode;
	bool has_address;
	uint32_t address;
	int64_t ttl;        /* of the first record in answer or authority; -1: none */
	int64_t generation; /* of the EDE; -1: none */
};

static struct {
	uint64_t sent, answered, lost, failed, wrong, mixed, backwards, swaps_seen;
	uint64_t by_kind[128]; /* answered */
	int64_t first, newest;
	uint64_t last_arrival, longest_gap;
	char first_wrong[512];
	struct latencies {
		uint32_t *us;
		size_t count;
	} all, own; /* own: of questions that need no other server */
} total = {.first = -1, .newest = -1};

static struct question *questions;
static uint32_t question_count;
static struct in_addr sources[SOURCES_MAX];
static unsigned source_count;
static int sockets[SOURCES_MAX * SOCKETS];
static struct slot slots[SOURCES_MAX * SOCKETS][SLOTS];
static uint16_t next_id[SOURCES_MAX * SOCKETS];
static uint64_t waiting, unique;
static volatile sig_atomic_t told_to_stop;

static uint64_t as_us(const struct timespec *t)
{
	return (uint64_t)t->tv_sec * 1000000u + (uint64_t)t->tv_nsec / 1000u;
}

static uint64_t clock_us(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return as_us(&t);
}

static uint64_t now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "faults_load: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* --- questions --------------------------------------------------------------------- */

static size_t to_wire(const char *text, uint8_t *out)
{
	size_t len = 0;

	while (*text != '\0') {
		size_t label = strcspn(text, ".");

		if (label == 0)
			break;
		out[len++] = (uint8_t)label;
		memcpy(out + len, text, label);
		len += label;
		text += label + (text[label] == '.');
	}
	out[len++] = 0;
	return len;
}

static _Noreturn void refuse(const char *what, const char *text)
{
	fprintf(stderr, "faults_load: %s: %s\n", what, text);
	exit(2);
}

static uint16_t type_of(const char *text)
{
	static const struct {
		const char *text;
		uint16_t type;
	} types[] = {{"A", TYPE_A}, {"NS", 2}, {"CNAME", 5}, {"SOA", 6}, {"PTR", 12}, {"MX", 15},
	    {"TXT", 16}, {"AAAA", 28}, {"SRV", 33}, {"DS", 43}, {"HTTPS", 65}, {"ANY", 255},
	    {"CAA", 257}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].text, text) == 0)
			return types[i].type;
	refuse("no type", text);
}

static unsigned source_of(const char *text)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		refuse("no address", text);
	for (unsigned i = 0; i < source_count; i++)
		if (sources[i].s_addr == address.s_addr)
			return i;
	if (source_count == SOURCES_MAX)
		refuse("too many addresses", text);
	sources[source_count] = address;
	return source_count++;
}

static void read_questions(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[300];

	questions = calloc(LINES_MAX, sizeof(*questions));
	if (file == NULL || questions == NULL)
		die(path);
	while (question_count < LINES_MAX && fgets(line, sizeof(line), file) != NULL) {
		struct question *q = &questions[question_count];
		char letter, name[256], type[8] = "A", source[16] = "127.0.0.1";

		line[strcspn(line, "\n")] = '\0';
		if (sscanf(line, "%c %200s %7s %15s", &letter, name, type, source) < 2)
			continue;
		q->kind = (enum kind)letter;
		q->type = type_of(type);
		q->source = source_of(source);
		(void)snprintf(q->text, sizeof(q->text), "%s", line + 2);
		q->len = to_wire(name, q->wire);
		question_count++;
	}
	fclose(file);
	if (question_count == 0)
		refuse("no question", path);
}

static bool is_new(const struct question *q)
{
	return q->kind == NEW || q->kind == NEW_PASSES || q->kind == NEW_BLOCKED;
}

static bool needs_no_other_server(const struct question *q)
{
	return q->kind != NEW && q->kind != NEW_PASSES && q->kind != BLOCKED_BY_ANSWER;
}

static size_t make_packet(const struct question *q, uint16_t id, uint8_t *out)
{
	const uint8_t type_and_class[] = {(uint8_t)(q->type >> 8), (uint8_t)q->type, 0, 1};
	static const uint8_t opt[] = {0, 0, OPT, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
	size_t len = 12;

	memset(out, 0, 12);
	out[0] = (uint8_t)(id >> 8);
	out[1] = (uint8_t)id;
	out[2] = 1; /* RD */
	out[5] = 1;
	out[11] = 1;
	if (is_new(q)) {
		int label = snprintf((char *)out + 13, 32, "u%" PRIu64 "-%d", unique++, getpid());

		out[12] = (uint8_t)label;
		len += 1 + (size_t)label;
	}
	memcpy(out + len, q->wire, q->len);
	len += q->len;
	memcpy(out + len, type_and_class, sizeof(type_and_class));
	len += sizeof(type_and_class);
	memcpy(out + len, opt, sizeof(opt));
	return len + sizeof(opt);
}

/* --- answers ----------------------------------------------------------------------- */

static size_t skip_name(const uint8_t *p, size_t at, size_t len)
{
	while (at < len) {
		if (p[at] == 0)
			return at + 1;
		if (p[at] >= 0xc0)
			return at + 2;
		at += 1 + (size_t)p[at];
	}
	return len + 1;
}

static void read_options(const uint8_t *p, size_t len, struct answer *answer)
{
	static const char words[] = "generation ";

	for (size_t at = 0; at + 4 <= len;) {
		unsigned code = (unsigned)(p[at] << 8 | p[at + 1]);
		size_t size = (size_t)(p[at + 2] << 8 | p[at + 3]);
		char text[64];

		if (at + 4 + size > len)
			return;
		if (code == 15 && size > 2 + strlen(words) && size < sizeof(text)) {
			memcpy(text, p + at + 6, size - 2);
			text[size - 2] = '\0';
			if (strncmp(text, words, strlen(words)) == 0)
				answer->generation = atoll(text + strlen(words));
		}
		at += 4 + size;
	}
}

static bool read_answer(const uint8_t *p, size_t len, struct answer *answer)
{
	unsigned counts[4];
	size_t at = 12;

	*answer = (struct answer){.ttl = -1, .generation = -1, .rcode = p[3] & 15u};
	for (int i = 0; i < 4; i++)
		counts[i] = (unsigned)(p[4 + 2 * i] << 8 | p[5 + 2 * i]);
	if (counts[0] != 1)
		return false;
	at = skip_name(p, at, len) + 4;
	for (unsigned n = 0; n < counts[1] + counts[2] + counts[3]; n++) {
		unsigned type;
		size_t size;
		int64_t ttl;

		at = skip_name(p, at, len);
		if (at + 10 > len)
			return false;
		type = (unsigned)(p[at] << 8 | p[at + 1]);
		ttl = (int64_t)p[at + 4] << 24 | (int64_t)p[at + 5] << 16 | (int64_t)p[at + 6] << 8 |
		      p[at + 7];
		size = (size_t)(p[at + 8] << 8 | p[at + 9]);
		at += 10;
		if (at + size > len)
			return false;
		if (type == OPT)
			read_options(p + at, size, answer);
		else if (answer->ttl < 0 && n < counts[1] + counts[2])
			answer->ttl = ttl;
		if (type == TYPE_A && size == 4 && n < counts[1] && !answer->has_address) {
			answer->has_address = true;
			answer->address = (uint32_t)p[at] << 24 | (uint32_t)p[at + 1] << 16 |
			                  (uint32_t)p[at + 2] << 8 | p[at + 3];
		}
		at += size;
	}
	return true;
}

static void complain(uint64_t *which, const char *what, const struct question *q,
    const struct answer *a)
{
	if (total.first_wrong[0] == '\0')
		(void)snprintf(total.first_wrong, sizeof(total.first_wrong),
		    "%s: %c %s: rcode %u, address %s%u.%u.%u.%u, ttl %" PRId64 ", generation %" PRId64,
		    what, (char)q->kind, q->text, a->rcode, a->has_address ? "" : "none ",
		    a->address >> 24, a->address >> 16 & 255, a->address >> 8 & 255, a->address & 255,
		    a->ttl, a->generation);
	++*which;
}

/* What nobody blocks. */
static void judge_passed(const struct question *q, const struct answer *a)
{
	bool address = q->type != TYPE_A || (a->has_address && a->address >> 24 != 10);
	bool good = q->kind == NEW ? a->rcode == 3 : a->rcode == 0 && address;

	if (!good || a->generation >= 0)
		complain(&total.wrong, "wrong", q, a);
}

static void judge(const struct question *q, const struct slot *slot, const struct answer *a)
{
	bool address = q->kind == SINKHOLE && q->type == TYPE_A;

	/* No word of ours: the resolver's own servers were late. */
	if (a->rcode == RCODE_SERVFAIL && a->generation < 0) {
		complain(&total.failed, "SERVFAIL", q, a);
		return;
	}
	if (q->kind == PASSES || q->kind == NEW || q->kind == NEW_PASSES) {
		judge_passed(q, a);
		return;
	}
	if (a->generation < 0 || a->rcode != (q->kind == SINKHOLE ? 0u : 3u) ||
	    (address && !a->has_address)) {
		complain(&total.wrong, "wrong", q, a);
		return;
	}
	if (a->ttl != TTL_BASE + a->generation ||
	    (address && a->address != (10u << 24 | (uint32_t)a->generation)))
		complain(&total.mixed, "of two generations", q, a);
	if (a->generation < slot->seen)
		complain(&total.backwards, "older than one seen before", q, a);
	if (total.first < 0)
		total.first = a->generation;
	if (a->generation > total.newest) {
		total.newest = a->generation;
		total.swaps_seen++;
	}
}

/* Length, or as recv(2). arrived: when the kernel had it, so that an answer does not count as
 * late because this program was. */
static ssize_t receive_stamped(unsigned s, uint8_t *packet, uint64_t *arrived)
{
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(struct timespec))];
	struct iovec piece = {packet, PACKET_MAX};
	struct msghdr message = {.msg_iov = &piece,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(sockets[s], &message, 0);
	struct timespec stamp;

	if (got <= 0)
		return got;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
			*arrived = as_us(&stamp);
			return got;
		}
	die("an answer without a time stamp");
}

static void note(struct latencies *latencies, uint32_t us)
{
	if (latencies->count < LATENCIES_MAX)
		latencies->us[latencies->count++] = us;
}

/* One socket is read after another, so what arrived before may come up later. */
static void note_arrival(uint64_t arrived)
{
	if (arrived <= total.last_arrival)
		return;
	if (arrived - total.last_arrival > total.longest_gap)
		total.longest_gap = arrived - total.last_arrival;
	total.last_arrival = arrived;
}

static void receive(unsigned s)
{
	uint8_t packet[PACKET_MAX];
	uint64_t arrived = 0;
	uint32_t waited;
	ssize_t got;

	while ((got = receive_stamped(s, packet, &arrived)) > 0) {
		uint16_t id = (uint16_t)(packet[0] << 8 | packet[1]);
		struct slot *slot = &slots[s][id % SLOTS];
		struct answer answer;

		if (got < 12 || !slot->waits)
			continue;
		slot->waits = false;
		waiting--;
		total.answered++;
		note_arrival(arrived);
		waited = arrived > slot->sent_real ? (uint32_t)(arrived - slot->sent_real) : 0;
		note(&total.all, waited);
		if (needs_no_other_server(&questions[slot->question]))
			note(&total.own, waited);
		total.by_kind[questions[slot->question].kind & 127]++;
		if (!read_answer(packet, (size_t)got, &answer))
			answer = (struct answer){.ttl = -1, .generation = -1, .rcode = 99};
		judge(&questions[slot->question], slot, &answer);
	}
}

static bool send_one(void)
{
	static uint64_t count;
	static unsigned turn[SOURCES_MAX];
	uint32_t which = (uint32_t)(count % question_count);
	unsigned source = questions[which].source;
	unsigned s = source * SOCKETS + (turn[source] = (turn[source] + 1) % SOCKETS);
	uint16_t id = next_id[s];
	struct slot *slot = &slots[s][id % SLOTS];
	uint8_t packet[512];
	uint64_t sent_real;
	size_t len;

	if (slot->waits)
		return false;
	len = make_packet(&questions[which], id, packet);
	sent_real = clock_us(CLOCK_REALTIME);
	if (send(sockets[s], packet, len, 0) != (ssize_t)len)
		return false;
	next_id[s]++;
	count++;
	*slot = (struct slot){.waits = true,
	    .sent_at = now_us(),
	    .sent_real = sent_real,
	    .seen = total.newest,
	    .question = which};
	waiting++;
	total.sent++;
	return true;
}

static void give_up(uint64_t older_than)
{
	for (unsigned s = 0; s < source_count * SOCKETS; s++) {
		for (int i = 0; i < SLOTS; i++) {
			struct slot *slot = &slots[s][i];

			if (!slot->waits || slot->sent_at > older_than)
				continue;
			if (total.lost == 0 && total.first_wrong[0] == '\0')
				(void)snprintf(total.first_wrong, sizeof(total.first_wrong), "lost: %c %s",
				    (char)questions[slot->question].kind, questions[slot->question].text);
			slot->waits = false;
			waiting--;
			total.lost++;
		}
	}
}

static void receive_all(int patience_ms)
{
	struct pollfd fds[SOURCES_MAX * SOCKETS];
	unsigned count = source_count * SOCKETS;

	for (unsigned s = 0; s < count; s++)
		fds[s] = (struct pollfd){.fd = sockets[s], .events = POLLIN};
	if (poll(fds, count, patience_ms) <= 0)
		return;
	for (unsigned s = 0; s < count; s++) {
		if (fds[s].revents != 0)
			receive(s);
	}
}

static void load(double seconds, uint64_t rate, uint64_t window, uint64_t most)
{
	uint64_t began = now_us();
	uint64_t end = began + (uint64_t)(seconds * 1e6);
	uint64_t swept = began;

	total.last_arrival = clock_us(CLOCK_REALTIME);
	for (uint64_t t = began; t < end && total.sent < most && !told_to_stop; t = now_us()) {
		uint64_t due = rate == 0 ? most : (t - began) * rate / 1000000;

		if (due > most)
			due = most;
		/* In small steps: a burst would be a load of another kind. */
		for (int i = 0; i < 32 && total.sent < due && waiting < window; i++) {
			if (!send_one())
				break;
		}
		receive_all(total.sent < due && waiting < window ? 0 : 1);
		if (t - swept > 1000000) {
			give_up(t - LOST_AFTER);
			swept = t;
		}
	}
	for (uint64_t t = now_us(); waiting > 0 && now_us() - t < LOST_AFTER;)
		receive_all(10);
	give_up(UINT64_MAX);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void make_room(struct latencies *latencies)
{
	latencies->us = calloc(LATENCIES_MAX, sizeof(*latencies->us));
	if (latencies->us == NULL)
		die("memory");
}

/* Of sorted ones. */
static uint32_t quantile(const struct latencies *latencies, double q)
{
	size_t at = (size_t)(q * (double)latencies->count);

	if (latencies->count == 0)
		return 0;
	return latencies->us[at < latencies->count ? at : latencies->count - 1];
}

static void open_sockets(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int room = 8 << 20; /* what is lost must not be lost here */
	int on = 1;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (unsigned s = 0; s < source_count * SOCKETS; s++) {
		struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = sources[s / SOCKETS]};

		sockets[s] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (sockets[s] < 0 || bind(sockets[s], (struct sockaddr *)&from, sizeof(from)) != 0 ||
		    connect(sockets[s], (struct sockaddr *)&to, sizeof(to)) != 0)
			die("socket");
		if (setsockopt(sockets[s], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0)
			die("SO_TIMESTAMPNS");
		if (setsockopt(sockets[s], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) != 0)
			(void)setsockopt(sockets[s], SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	}
}

static void on_signal(int number)
{
	(void)number;
	told_to_stop = 1;
}

static void print_total(double seconds)
{
	printf("{\"sent\": %" PRIu64 ", \"answered\": %" PRIu64 ", \"lost\": %" PRIu64
	       ", \"failed\": %" PRIu64 ", \"wrong\": %" PRIu64 ", \"mixed\": %" PRIu64
	       ", \"backwards\": %" PRIu64 ", \"first_generation\": %" PRId64
	       ", \"last_generation\": %" PRId64 ", \"generations_seen\": %" PRIu64
	       ", \"seconds\": %.3f, \"rate\": %.0f, \"p50_us\": %u, \"p99_us\": %u, \"p999_us\": %u, "
	       "\"max_us\": %u, \"own_p999_us\": %u, \"longest_gap_us\": %" PRIu64 ", \"answered_by\": {",
	    total.sent, total.answered, total.lost, total.failed, total.wrong, total.mixed,
	    total.backwards, total.first, total.newest, total.swaps_seen, seconds,
	    (double)total.answered / seconds, quantile(&total.all, 0.5), quantile(&total.all, 0.99),
	    quantile(&total.all, 0.999), quantile(&total.all, 1.0), quantile(&total.own, 0.999),
	    total.longest_gap);
	for (const char *kind = "PBCSNWX"; *kind != '\0'; kind++)
		printf("%s\"%c\": %" PRIu64, *kind == 'P' ? "" : ", ", *kind, total.by_kind[(int)*kind]);
	printf("}, \"first_wrong\": \"%s\"}\n", total.first_wrong);
}

int main(int argc, char **argv)
{
	uint64_t began;

	if (argc != 6 && argc != 7) {
		fprintf(stderr, "usage: faults_load PORT SECONDS RATE WINDOW QUESTIONS [COUNT]\n");
		return 2;
	}
	(void)signal(SIGTERM, on_signal);
	read_questions(argv[5]);
	make_room(&total.all);
	make_room(&total.own);
	open_sockets((uint16_t)atoi(argv[1]));
	began = now_us();
	load(atof(argv[2]), (uint64_t)atoll(argv[3]), (uint64_t)atoll(argv[4]),
	    argc == 7 ? (uint64_t)atoll(argv[6]) : UINT64_MAX);
	began = now_us() - began;
	qsort(total.all.us, total.all.count, sizeof(*total.all.us), by_size);
	qsort(total.own.us, total.own.count, sizeof(*total.own.us), by_size);
	print_total((double)began / 1e6);
	free(total.all.us);
	free(total.own.us);
	free(questions);
	return 0;
}
