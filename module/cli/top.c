#include "cli/top.h"

#include "cli/activity.h"
#include "cli/frame.h"
#include "cli/top_json.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define INTERVAL_MS 2000
#define FRAME_OCTETS_MAX (1u << 20)
#define PLAIN_SIZE ((struct ps_frame_size){.columns = 100, .lines = 40})

/* The alternate screen keeps what stood there; no cursor, no wrapped lines. */
#define SCREEN_BEGIN "\033[?1049h\033[?25l\033[?7l\033[2J"
#define SCREEN_END "\033[?7h\033[?25h\033[?1049l"

struct top {
	const struct ps_cli *cli;
	struct ps_activity activity;
	int interval; /* milliseconds */
	uint64_t frames; /* 0: without end */
	bool live;       /* on a terminal, as a screen */
	bool json;
	bool screen;     /* the terminal is ours now */
	bool keys;       /* standard input is a terminal that is set to give single keys */
	bool deaf;       /* nobody types there any more */
	struct termios before;
	sigset_t mask_before;
	int signals; /* signalfd; -1 */
};

/* --- the terminal ------------------------------------------------------------------------- */

static bool write_all(const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t put = write(STDOUT_FILENO, at, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		len -= (size_t)put;
	}
	return true;
}

static void enter_screen(struct top *top)
{
	struct termios raw;

	if (top->screen || !top->live)
		return;
	top->screen = true;
	top->keys = isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp() &&
	            tcgetattr(STDIN_FILENO, &top->before) == 0;
	if (top->keys) {
		raw = top->before;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 0;
		raw.c_cc[VTIME] = 0;
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	(void)write_all(SCREEN_BEGIN, sizeof(SCREEN_BEGIN) - 1);
}

static void leave_screen(struct top *top)
{
	if (!top->screen)
		return;
	top->screen = false;
	(void)write_all(SCREEN_END, sizeof(SCREEN_END) - 1);
	if (top->keys)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &top->before);
	top->keys = false;
}

static struct ps_frame_size size_of_terminal(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
		return (struct ps_frame_size){.columns = 80, .lines = 24};
	return (struct ps_frame_size){.columns = size.ws_col, .lines = size.ws_row};
}

/* Over the last frame, line by line: nothing flickers. Each line's rest is cleared, and what is
 * below; the last line ends without a line feed, which would scroll. */
static bool show_live(struct ps_bytes frame)
{
	struct ps_buffer out;
	bool good;

	ps_buffer_init(&out, 2 * FRAME_OCTETS_MAX);
	(void)ps_buffer_printf(&out, "\033[H");
	while (frame.len > 0) {
		const uint8_t *end = memchr(frame.ptr, '\n', frame.len);
		size_t len = end == NULL ? frame.len : (size_t)(end - frame.ptr);

		(void)ps_buffer_append(&out, frame.ptr, len);
		(void)ps_buffer_printf(&out, "\033[K");
		frame = ps_bytes_of(frame.ptr + len, frame.len - len);
		if (frame.len > 1)
			(void)ps_buffer_printf(&out, "\r\n");
		if (frame.len > 0)
			frame = ps_bytes_of(frame.ptr + 1, frame.len - 1);
	}
	(void)ps_buffer_printf(&out, "\033[J");
	good = out.status == PS_OK && write_all(out.data, out.len);
	ps_buffer_clear(&out);
	return good;
}

static enum ps_status show_json(struct top *top, struct ps_error *err)
{
	enum ps_status status = ps_top_json_print(top->cli->out.stream, &top->activity);

	if (status == PS_OK && fflush(top->cli->out.stream) != 0)
		status = PS_IO;
	if (status == PS_OK)
		return status;
	return ps_error_set(
	    err, status, status == PS_IO ? "cannot write the output" : "out of memory");
}

static enum ps_status draw(struct top *top, struct ps_error *err)
{
	struct ps_buffer frame;
	enum ps_status status;
	bool good = true;

	if (top->json)
		return show_json(top, err);
	ps_buffer_init(&frame, FRAME_OCTETS_MAX);
	status = ps_frame_render(&frame, &top->activity,
	    top->live ? size_of_terminal() : PLAIN_SIZE, &top->cli->out);
	if (status == PS_OK)
		good = top->live ? show_live(ps_buffer_bytes(&frame))
		                 : write_all(frame.data, frame.len);
	ps_buffer_clear(&frame);
	if (status == PS_OK && !good)
		return ps_error_set(err, PS_IO, "cannot write the output");
	return status;
}

/* --- waiting ------------------------------------------------------------------------------ */

static int64_t milliseconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum wake { WAKE_TIME, WAKE_SIZE, WAKE_END };

static enum wake take_signal(struct top *top)
{
	struct signalfd_siginfo info;

	if (read(top->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return WAKE_SIZE;
	switch (info.ssi_signo) {
	case SIGWINCH:
		return WAKE_SIZE;
	case SIGTSTP:
		leave_screen(top);
		(void)raise(SIGSTOP);
		enter_screen(top);
		return WAKE_SIZE;
	case SIGCONT:
		leave_screen(top);
		enter_screen(top);
		return WAKE_SIZE;
	default:
		return WAKE_END;
	}
}

static enum wake take_key(struct top *top)
{
	char keys[64];
	ssize_t got = read(STDIN_FILENO, keys, sizeof(keys));

	top->deaf = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
	for (ssize_t i = 0; i < got; i++)
		if (keys[i] == 'q' || keys[i] == 'Q')
			return WAKE_END;
	return WAKE_SIZE;
}

/* Until the time has come, the terminal has another size, or somebody wants an end. */
static enum wake wait_until(struct top *top, int64_t due)
{
	for (;;) {
		struct pollfd fds[2] = {
		    {.fd = top->signals, .events = POLLIN},
		    {.fd = top->keys && !top->deaf ? STDIN_FILENO : -1, .events = POLLIN},
		};
		int64_t rest = due - milliseconds();
		int ready = rest <= 0 ? 0 : poll(fds, 2, (int)rest);
		enum wake wake;

		if (ready == 0)
			return WAKE_TIME;
		if (ready < 0 && errno != EINTR)
			return WAKE_END;
		if (ready > 0 && fds[0].revents != 0)
			return take_signal(top);
		if (ready > 0 && fds[1].revents != 0) {
			wake = take_key(top);
			if (wake == WAKE_END)
				return wake;
		}
	}
}

static void watch_signals(struct top *top)
{
	static const int wanted[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t mask;

	(void)sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		(void)sigaddset(&mask, wanted[i]);
	(void)sigprocmask(SIG_BLOCK, &mask, &top->mask_before);
	top->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* --- the run ------------------------------------------------------------------------------ */

static enum ps_status look(struct top *top, struct ps_error *err)
{
	uint32_t now = 0;
	enum ps_status status = ps_cli_now(top->cli, &now, err);

	return status == PS_OK ? ps_activity_look(&top->activity, now, err) : status;
}

static enum ps_status loop(struct top *top, struct ps_error *err)
{
	int64_t due = milliseconds();
	uint64_t shown = 0;
	enum wake wake = WAKE_TIME;

	while (wake != WAKE_END) {
		enum ps_status status = PS_OK;

		if (wake == WAKE_TIME) {
			status = look(top, err);
			if (status == PS_OK)
				enter_screen(top); /* a wrong --now is told before */
			shown++;
			due = milliseconds() + top->interval;
		}
		/* An object is a look, and no answer to a signal. */
		if (status == PS_OK && (wake == WAKE_TIME || !top->json))
			status = draw(top, err);
		if (status != PS_OK || (top->frames != 0 && shown >= top->frames))
			return status;
		wake = wait_until(top, due);
	}
	return PS_OK;
}

static enum ps_status read_options(struct top *top, struct ps_error *err)
{
	const char *frames = ps_options_value(top->cli->options, PS_OPTION_FRAMES, 0);
	const char *interval = ps_options_value(top->cli->options, PS_OPTION_INTERVAL, 0);
	char *end = NULL;
	double seconds;

	top->interval = INTERVAL_MS;
	top->frames = top->live || ps_cli_has(top->cli, PS_OPTION_FOLLOW) ? 0 : 1;
	if (frames != NULL) {
		top->frames = strtoul(frames, &end, 10);
		if (frames[0] < '0' || frames[0] > '9' || *end != '\0' || top->frames == 0 ||
		    top->frames > 1000000000)
			return ps_error_set(
			    err, PS_INVALID, "--frames: '%.48s' is no such number", frames);
	}
	if (interval != NULL) {
		seconds = strtod(interval, &end);
		if (interval[0] < '0' || interval[0] > '9' || *end != '\0' ||
		    !(seconds >= 0.1 && seconds <= 3600))
			return ps_error_set(err, PS_INVALID,
			    "--interval: '%.48s' is no time from 0.1 to 3600 seconds", interval);
		top->interval = (int)(seconds * 1000 + 0.5);
	}
	return PS_OK;
}

enum ps_exit ps_top_run(const struct ps_cli *cli)
{
	bool json = ps_cli_has(cli, PS_OPTION_JSON);
	struct top top = {
	    .cli = cli, .json = json, .live = cli->out.interactive && !json, .signals = -1};
	struct ps_error err;
	enum ps_status status;

	ps_error_clear(&err);
	status = read_options(&top, &err);
	if (status == PS_OK)
		status = ps_activity_open(&top.activity, &err);
	if (status == PS_OK) {
		watch_signals(&top);
		status = loop(&top, &err);
		leave_screen(&top);
		(void)sigprocmask(SIG_SETMASK, &top.mask_before, NULL);
		if (top.signals >= 0)
			(void)close(top.signals);
	}
	ps_activity_close(&top.activity);
	return status == PS_OK ? PS_EXIT_DONE : ps_cli_fail(cli, status, &err);
}
