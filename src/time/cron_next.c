/*
 * cron_next.c
 *	  When a schedule is due next.
 *
 * The search goes by the wall clock first: days that fit are looked for a month
 * at a time, as sets of bits, then the hour and the minute within the day.  The
 * zone is asked only for a few instants around what was found.  Nothing is
 * counted minute by minute, so a schedule that is due once in 40 years costs
 * little more than one that is due each minute.
 */
#include "time/cron.h"

#define MINUTE INT64_C(60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MINUTES_A_DAY 1440

/*
 * No schedule pauses longer, in days: 29 February meets a given weekday every
 * 28 years, and after 40 where a century's leap year is left out.
 */
#define LONGEST_PAUSE (41 * 366)

/*
 * Instants are taken from 4800 BC to the year 294,000, about the range of the
 * server's timestamps: no sum below overflows, and every due time is one.
 */
#define FIRST_INSTANT (-INT64_C(215000000000))
#define LAST_INSTANT INT64_C(9220000000000)

/*
 * ---- the calendar ----
 *
 * The wall clock is read as if it were UTC: its days are counted from
 * 1970-01-01, its seconds from that day's midnight, in the Gregorian calendar at
 * all times.
 */

typedef struct Month
{
	int64_t year;
	int		month; /* 1 to 12 */
	int64_t first; /* the day it begins with */
	int		length;
} Month;

/* The quotient rounded down; the remainder is then never negative. */
static int64_t
divide_down(int64_t number, int64_t divisor)
{
	return number / divisor - (number % divisor < 0);
}

/* The day that a year begins with; 719162 days lie between 0001-01-01 and 1970-01-01. */
static int64_t
first_day_of_year(int64_t year)
{
	int64_t past = year - 1;

	return past * 365 + divide_down(past, 4) - divide_down(past, 100) + divide_down(past, 400) -
		   719162;
}

static int
length_of_month(int64_t year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool			 leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return lengths[month - 1] + (month == 2 && leap);
}

static void
go_to_next_month(Month *month)
{
	month->first += month->length;
	if (++month->month > 12)
	{
		month->month = 1;
		month->year++;
	}
	month->length = length_of_month(month->year, month->month);
}

/* The month that a day lies in, found from the year's begin. */
static Month
month_of_day(int64_t day)
{
	Month month = {.month = 1, .length = 31};

	/* 400 years have 146097 days; around New Year this may be one year off, up or down */
	month.year = 1970 + divide_down(day * 400, 146097);
	if (first_day_of_year(month.year) > day)
		month.year--;
	month.first = first_day_of_year(month.year);
	while (month.first + month.length <= day)
		go_to_next_month(&month);
	return month;
}

/*
 * The days of the month that fit, as bits 1 to 31.  Two restricted day fields
 * mean either one (crontab(5)); a star in front makes it both, as in cron(8),
 * where a bare star then leaves the decision to the other field.
 */
static uint64_t
fitting_days(const Cron *cron, const Month *month)
{
	int64_t	 since_sunday = month->first + 4; /* 1970-01-01 was a Thursday */
	int		 weekday = (int) (since_sunday - divide_down(since_sunday, 7) * 7);
	uint64_t all = (UINT64_C(2) << month->length) - 2;
	uint64_t by_day = cron->days & all;
	uint64_t by_weekday = 0;

	if (cron->last_day)
		by_day |= UINT64_C(1) << month->length;
	for (int day = 0; day < month->length; day++)
	{
		if (cron->weekdays >> (day / 7 * 7 + (weekday + day) % 7) & 1)
			by_weekday |= UINT64_C(2) << day;
	}
	if (cron->day_star || cron->weekday_star)
		return by_day & by_weekday;
	return by_day | by_weekday;
}

/*
 * The first day from the given one on that fits; false where none does up to the
 * limit's month.  Months that are not asked for are passed over unseen.
 */
static bool
find_day(const Cron *cron, int64_t day, int64_t limit, int64_t *found)
{
	Month month = month_of_day(day);

	for (; month.first <= limit; go_to_next_month(&month))
	{
		uint64_t fitting;

		if (!(cron->months >> month.month & 1))
			continue;
		fitting = fitting_days(cron, &month);
		if (day > month.first)
			fitting &= ~UINT64_C(0) << (day - month.first + 1);
		if (fitting != 0)
		{
			*found = month.first + __builtin_ctzll(fitting) - 1;
			return true;
		}
	}
	return false;
}

/*
 * The first minute of a day, from the given one on, that fits; -1: none.  Neither
 * set of bits is ever empty: within the hour we begin in only later minutes count,
 * in a later hour all of them.
 */
static int
find_minute(const Cron *cron, int from)
{
	uint64_t minutes = cron->minutes >> (from % 60);
	uint32_t hours = cron->hours >> (from / 60);

	if ((hours & 1) && minutes != 0)
		return from + __builtin_ctzll(minutes);
	hours &= ~UINT32_C(1);
	if (hours == 0)
		return -1;
	return (from / 60 + __builtin_ctz(hours)) * 60 + __builtin_ctzll(cron->minutes);
}

/* The first wall time after the given one that fits, in seconds; INSTANT_NEVER: none. */
static int64_t
find_wall_time(const Cron *cron, int64_t after, int64_t limit_day)
{
	int64_t minute = divide_down(after, MINUTE) + 1;
	int64_t day = divide_down(minute, MINUTES_A_DAY);
	int64_t found;
	int		time = find_minute(cron, (int) (minute - day * MINUTES_A_DAY));

	if (!find_day(cron, time < 0 ? day + 1 : day, limit_day, &found))
		return INSTANT_NEVER;
	if (found > day)
		time = find_minute(cron, 0);
	return found * DAY + time * MINUTE;
}

/*
 * ---- the zone ----
 *
 * A job counts as done up to some wall time, and its next one lies beyond it.
 * That wall time follows the clock; only after a change that repeats an hour it
 * waits, for a job of fixed times, until the clock has caught up (cron(8) calls
 * it the virtual time).
 */

/* A change of the clocks. */
typedef struct Change
{
	Instant at;		/* the first instant of the new offset */
	int		before; /* seconds east of UTC */
	int		after;
} Change;

/*
 * Changes that cron(8) takes for daylight saving; with larger ones the clock was
 * set anew, and nothing was skipped or repeated.
 */
#define LARGEST_SAVING (3 * HOUR)

static int
offset_at(Zone zone, Instant at)
{
	return zone.offset(zone.zone, at);
}

/*
 * A change after from, not after to, found by halving; false where the offset is
 * the same at both ends.  Callers ask for a day at most, in which no zone changes
 * twice.
 */
static bool
find_change(Zone zone, Instant from, Instant to, Change *change)
{
	change->before = offset_at(zone, from);
	if (offset_at(zone, to) == change->before)
		return false;
	while (to - from > 1)
	{
		Instant middle = from + (to - from) / 2;

		if (offset_at(zone, middle) == change->before)
			from = middle;
		else
			to = middle;
	}
	change->at = to;
	change->after = offset_at(zone, to);
	return true;
}

/* Whether the job is one of fixed times, each of which is to come once. */
static bool
is_fixed(const Cron *cron)
{
	return !cron->minute_star && !cron->hour_star;
}

/* Whether that holds across this change. */
static bool
is_bridged(const Cron *cron, const Change *change)
{
	int shift = change->after - change->before;

	return is_fixed(cron) && shift <= LARGEST_SAVING && shift >= -LARGEST_SAVING;
}

/* The wall time up to which the job is done after a change: a bridged one sees no hour twice. */
static int64_t
wall_after(const Cron *cron, const Change *change)
{
	int offset = change->after;

	if (is_bridged(cron, change) && change->before > offset)
		offset = change->before;
	return change->at + offset - 1;
}

/* The same at any instant, which may lie in an hour that is being repeated. */
static int64_t
wall_at(const Cron *cron, Zone zone, Instant at)
{
	int64_t wall = at + offset_at(zone, at);
	Change	change;

	if (is_fixed(cron) && find_change(zone, at - LARGEST_SAVING, at, &change) &&
		wall < wall_after(cron, &change))
		return wall_after(cron, &change);
	return wall;
}

/*
 * Goes from the instant toward the next wall time that fits, change by change.
 * A change that lies far before it only alters the offset, for no change moves
 * the clock by more than a day; so what lies between the first day and the last
 * two is left out.
 */
static Instant
next_by_fields(const Cron *cron, Zone zone, Instant now)
{
	int64_t wall = wall_at(cron, zone, now);
	int64_t limit_day = divide_down(wall, DAY) + LONGEST_PAUSE;
	int64_t due_wall = find_wall_time(cron, wall, limit_day);

	while (due_wall != INSTANT_NEVER)
	{
		Instant due = due_wall - offset_at(zone, now);
		Instant to = due - now > DAY ? now + DAY : due;
		Change	change;

		if (!find_change(zone, now, to, &change))
		{
			if (to == due)
				return due;
			now = due - 2 * DAY > to ? due - 2 * DAY : to;
			continue;
		}
		now = change.at;
		/* skipped by the change? */
		if (due_wall < now + change.after && is_bridged(cron, &change))
			return now;
		due_wall = find_wall_time(cron, wall_after(cron, &change), limit_day);
	}
	return INSTANT_NEVER;
}

Instant
cron_next(const Cron *cron, Zone zone, Instant after)
{
	if (after >= LAST_INSTANT)
		return INSTANT_NEVER;
	if (after < FIRST_INSTANT)
		after = FIRST_INSTANT;
	if (cron->interval > 0)
		return after + cron->interval;
	return next_by_fields(cron, zone, after);
}
