#include "feed/timestamp.h"

/* A cursor over the text: each step takes what it names or says false. */
struct cursor {
	const uint8_t *p;
	const uint8_t *end;
};

static bool take_digits(struct cursor *c, int count, int *out)
{
	int value = 0;

	if (c->end - c->p < count)
		return false;
	for (int i = 0; i < count; i++) {
		if (c->p[i] < '0' || c->p[i] > '9')
			return false;
		value = value * 10 + (c->p[i] - '0');
	}
	c->p += count;
	*out = value;
	return true;
}

static bool take(struct cursor *c, char wanted)
{
	if (c->p == c->end || *c->p != (uint8_t)wanted)
		return false;
	c->p++;
	return true;
}

static bool take_any(struct cursor *c, const char *wanted)
{
	if (c->p == c->end || *c->p == 0 || strchr(wanted, *c->p) == NULL)
		return false;
	c->p++;
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 of a day of the proleptic Gregorian calendar. */
static int64_t days_from_date(int year, int month, int day)
{
	static const int before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t past = year - 1; /* whole years since the year 1; -1 for the year 0 */
	int64_t leaps = year == 0 ? -1 : past / 4 - past / 100 + past / 400;

	return past * 365 + leaps + before[month - 1] + (month > 2 && is_leap(year)) + day - 1 -
	       719162;
}

static bool take_date(struct cursor *c, int64_t *days)
{
	static const int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (!take_digits(c, 4, &year) || !take(c, '-') || !take_digits(c, 2, &month) ||
	    !take(c, '-') || !take_digits(c, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1 ||
	    day > lengths[month - 1] + (month == 2 && is_leap(year)))
		return false;
	*days = days_from_date(year, month, day);
	return true;
}

static bool take_fraction(struct cursor *c, uint32_t *nanoseconds)
{
	uint32_t value = 0;
	int digits = 0;

	for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++, digits++) {
		if (digits < 9)
			value = value * 10 + (uint32_t)(*c->p - '0');
	}
	for (int i = digits; i < 9; i++)
		value *= 10;
	*nanoseconds = value;
	return digits > 0;
}

static bool take_time(struct cursor *c, int64_t *seconds, uint32_t *nanoseconds)
{
	int hour, minute, second;

	if (!take_digits(c, 2, &hour) || !take(c, ':') || !take_digits(c, 2, &minute) ||
	    !take(c, ':') || !take_digits(c, 2, &second))
		return false;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*seconds = hour * 3600 + minute * 60 + second;
	*nanoseconds = 0;
	return !take(c, '.') || take_fraction(c, nanoseconds);
}

static bool take_offset(struct cursor *c, int64_t *seconds)
{
	int hour, minute, sign;

	*seconds = 0;
	if (take_any(c, "Zz"))
		return true;
	if (take(c, '+'))
		sign = 1;
	else if (take(c, '-'))
		sign = -1;
	else
		return false;
	if (!take_digits(c, 2, &hour) || !take(c, ':') || !take_digits(c, 2, &minute) ||
	    hour > 23 || minute > 59)
		return false;
	*seconds = sign * (hour * 3600 + minute * 60);
	return true;
}

bool ps_timestamp_from_rfc3339(struct ps_bytes text, struct ps_timestamp *out)
{
	struct cursor c = {.p = text.ptr, .end = text.ptr + text.len};
	int64_t days, seconds, offset;
	uint32_t nanoseconds;

	if (text.len == 0 || !take_date(&c, &days) || !take_any(&c, "Tt ") ||
	    !take_time(&c, &seconds, &nanoseconds) || !take_offset(&c, &offset) || c.p != c.end)
		return false;
	*out = (struct ps_timestamp){
	    .seconds = days * 86400 + seconds - offset, .nanoseconds = nanoseconds};
	return true;
}

bool ps_timestamp_from_text(struct ps_bytes text, struct ps_timestamp *out)
{
	struct cursor c = {.p = text.ptr, .end = text.ptr + text.len};
	int64_t value = 0;

	if (text.len == 0)
		return false;
	if (ps_timestamp_from_rfc3339(text, out))
		return true;
	if (take_date(&c, &value) && c.p == c.end) {
		*out = (struct ps_timestamp){.seconds = value * 86400};
		return true;
	}
	if (text.len > 11)
		return false;
	value = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
		value = value * 10 + (text.ptr[i] - '0');
	}
	*out = (struct ps_timestamp){.seconds = value};
	return true;
}

int ps_timestamp_compare(struct ps_timestamp a, struct ps_timestamp b)
{
	if (a.seconds != b.seconds)
		return a.seconds < b.seconds ? -1 : 1;
	return (a.nanoseconds > b.nanoseconds) - (a.nanoseconds < b.nanoseconds);
}

static uint32_t clamp(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
}

uint32_t ps_timestamp_floor(struct ps_timestamp time)
{
	return clamp(time.seconds);
}

uint32_t ps_timestamp_ceiling(struct ps_timestamp time)
{
	return clamp(time.seconds + (time.nanoseconds > 0));
}
