#include "cli/frame.h"

#include <stdarg.h>
#include <stdio.h>

#define COLUMNS_MAX 500u
#define LEADERS_MAX 200u

struct canvas {
	struct ps_buffer *out;
	const struct ps_terminal *styles;
	struct ps_frame_size size;
	unsigned column;
	unsigned line; /* lines that are complete */
};

/* Text up to the right border; on a line too many, nothing. */
static void put(struct canvas *c, enum ps_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(struct canvas *c, enum ps_style style, const char *format, ...)
{
	char text[COLUMNS_MAX + 1];
	va_list args;
	size_t len;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	len = strlen(text);
	if (c->line >= c->size.lines)
		return;
	if (len > c->size.columns - c->column)
		len = c->size.columns - c->column;
	if (len == 0)
		return;
	if (style != PS_STYLE_PLAIN)
		(void)ps_buffer_printf(c->out, "%s", ps_terminal_style(c->styles, style));
	(void)ps_buffer_append(c->out, text, len);
	if (style != PS_STYLE_PLAIN)
		(void)ps_buffer_printf(c->out, "%s", ps_terminal_style(c->styles, PS_STYLE_PLAIN));
	c->column += (unsigned)len;
}

static void end_line(struct canvas *c)
{
	if (c->line < c->size.lines)
		(void)ps_buffer_append(c->out, "\n", 1);
	c->line++;
	c->column = 0;
}

static unsigned lines_left(const struct canvas *c)
{
	return c->line < c->size.lines ? c->size.lines - c->line : 0;
}

/* --- the head ----------------------------------------------------------------------------- */

static void put_module(struct canvas *c, const struct ps_activity *a)
{
	const struct ps_health *health = &a->health;
	char age[PS_MOMENT_TEXT_MAX], moment[PS_MOMENT_TEXT_MAX], version[40];

	put(c, PS_STYLE_PLAIN, "resolver  ");
	if (!health->seen) {
		put(c, PS_STYLE_BAD, "not seen");
	} else {
		put(c, health->alive ? PS_STYLE_GOOD : PS_STYLE_BAD, "%s",
		    health->alive                ? "alive"
		    : health->state.running == 0 ? "stopped"
		                                 : "silent");
		if (health->alive)
			put(c, PS_STYLE_PLAIN, ", up %s",
			    ps_terminal_age(health->now > health->state.start_time
			                        ? health->now - health->state.start_time
			                        : 0,
			        age));
		else
			put(c, PS_STYLE_BAD, " for %s", ps_terminal_age(health->silence, age));
		(void)ps_terminal_escape(
		    ps_bytes_of_text(health->version), version, sizeof(version));
		put(c, PS_STYLE_PLAIN, ", version %s", version);
	}
	put(c, PS_STYLE_FAINT, "   %s", ps_terminal_moment(health->now, moment));
	end_line(c);
}

static void put_snapshot(struct canvas *c, const struct ps_activity *a)
{
	const struct ps_counters_state *state = &a->health.state;
	char age[PS_MOMENT_TEXT_MAX], names[PS_COUNT_TEXT_MAX], digest[80];
	uint64_t since = state->activation_time;

	put(c, PS_STYLE_PLAIN, "snapshot  ");
	if (!a->health.seen || state->digest[0] == '\0') {
		put(c, PS_STYLE_BAD, a->health.seen ? "none: every query passes" : "-");
	} else {
		(void)ps_terminal_escape(ps_bytes_of_text(state->digest), digest, sizeof(digest));
		put(c, PS_STYLE_PLAIN, "%.12s, in use for %s, %s", digest,
		    ps_terminal_age(a->health.now > since ? a->health.now - since : 0, age),
		    ps_terminal_count(state->names, "name", "names", names));
	}
	if (a->health.seen && state->rejection[0] != '\0')
		put(c, PS_STYLE_BAD, "; a newer one was refused");
	end_line(c);
}

static void put_rate(struct canvas *c, const char *what, uint64_t total, bool known, double rate)
{
	char number[PS_NUMBER_TEXT_MAX];

	put(c, PS_STYLE_PLAIN, "%s", what);
	if (known)
		put(c, PS_STYLE_STRONG, "%.1f/s", rate);
	else
		put(c, PS_STYLE_FAINT, "-/s");
	put(c, PS_STYLE_PLAIN, " (%s)", ps_terminal_number(total, number));
}

static void put_rates(struct canvas *c, const struct ps_activity *a)
{
	char number[PS_NUMBER_TEXT_MAX];

	put_rate(c, "blocked   ", ps_activity_blocked(a), a->rates_known, a->blocked_rate);
	put_rate(c, "   of judged  ", ps_activity_judged(a), a->rates_known, a->judged_rate);
	put(c, PS_STYLE_PLAIN, "   in %u min: %s", PS_LEADERS_SECONDS / 60,
	    ps_terminal_number(ps_leaders_total(a->names), number));
	end_line(c);
}

static void put_loss(struct canvas *c, const char *comma, const char *what, uint64_t count)
{
	char number[PS_NUMBER_TEXT_MAX];

	put(c, count > 0 ? PS_STYLE_BAD : PS_STYLE_PLAIN, "%s%s %s", comma,
	    ps_terminal_number(count, number), what);
}

static void put_losses(struct canvas *c, const struct ps_activity *a)
{
	put(c, PS_STYLE_PLAIN, "lost      ");
	put_loss(c, "", "let through unjudged", a->health.unjudged);
	put_loss(c, ", ", "events dropped", ps_health_count(&a->health, "events_dropped"));
	put_loss(c, ", ", "unreadable", a->missing);
	end_line(c);
}

static void put_problems(struct canvas *c, const struct ps_activity *a)
{
	for (size_t i = 0; i < a->health.problem_count && i < 3; i++) {
		put(c, PS_STYLE_BAD, "problem:  %s", a->health.problems[i]);
		end_line(c);
	}
	if (a->trouble[0] != '\0') {
		put(c, PS_STYLE_BAD, "problem:  %s", a->trouble);
		end_line(c);
	}
}

/* --- what blocked most -------------------------------------------------------------------- */

/* A key keeps its column's width: what is too long for it is cut. */
static void put_leader(struct canvas *c, const struct ps_leader *leader, unsigned width)
{
	char number[PS_NUMBER_TEXT_MAX];
	bool cut = strlen(leader->text) > width;

	put(c, PS_STYLE_PLAIN, "%9s  ", ps_terminal_number(leader->count, number));
	put(c, PS_STYLE_STRONG, "%.*s%s", (int)(cut ? width - 3 : width), leader->text,
	    cut ? "..." : "");
	if (leader->note[0] != '\0')
		put(c, PS_STYLE_PLAIN, "%*s  %s",
		    (int)(cut ? 0 : width - strlen(leader->text)), "", leader->note);
	end_line(c);
}

static void put_leaders(struct canvas *c, const struct ps_leaders *leaders, const char *what,
    unsigned lines)
{
	static struct ps_leader list[LEADERS_MAX]; /* 72 KiB; one frame at a time */
	unsigned wide = c->size.columns * 6 / 10, width = wide > 26 ? wide - 11 : 15;
	size_t max = lines > 2 ? lines - 2 : 0, count;

	if (max == 0)
		return;
	count = ps_leaders_list(leaders, list, max < LEADERS_MAX ? max : LEADERS_MAX);
	end_line(c);
	put(c, PS_STYLE_FAINT, "    count  %s", what);
	if (count == 0)
		put(c, PS_STYLE_FAINT, ": none in the last %u minutes", PS_LEADERS_SECONDS / 60);
	end_line(c);
	for (size_t i = 0; i < count; i++)
		put_leader(c, &list[i], width);
}

enum ps_status ps_frame_render(struct ps_buffer *out, const struct ps_activity *activity,
    struct ps_frame_size size, const struct ps_terminal *styles)
{
	struct canvas c = {.out = out, .styles = styles, .size = size};
	unsigned rest;

	if (c.size.columns > COLUMNS_MAX)
		c.size.columns = COLUMNS_MAX;
	put_module(&c, activity);
	put_snapshot(&c, activity);
	put_rates(&c, activity);
	put_losses(&c, activity);
	put_problems(&c, activity);
	/* Names half of what is left, then rules, then feeds; what one leaves the next may take. */
	rest = lines_left(&c);
	put_leaders(&c, activity->names, "blocked name", rest < 8 ? rest : rest / 2);
	rest = lines_left(&c);
	put_leaders(&c, activity->rules, "rule", rest < 8 ? rest : rest * 6 / 10);
	put_leaders(&c, activity->feeds, "feed", lines_left(&c));
	return out->status;
}
