/*
 * test_cron.c
 *	  Schedules: what is read, what is refused, what is due.
 *
 * The due times are held to two slow and simple oracles: a walk over all days of
 * 41 years, and an imitation of cron(8)'s loop that wakes up each minute.
 */
#include "time/cron.h"

#include "libc_zone.h"
#include "unit.h"

#define DAY INT64_C(86400)

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

/* ---- reading ---- */

/* Bits as a list: "0,15,30". */
static const char *
list_of(uint64_t bits)
{
	static char list[300];
	size_t		len = 0;

	list[0] = '\0';
	for (int i = 0; i < 64; i++)
	{
		if (bits >> i & 1)
			len += snprintf(list + len, sizeof(list) - len, "%s%d", len > 0 ? "," : "", i);
	}
	return list;
}

/* One field at a time, the others being stars. */
static void
test_fields(void)
{
	static const struct
	{
		const char *expression;
		const char *values;
	} cases[] = {
		{"7 * * * *", "7"},
		{"007 * * * *", "7"},
		{"0,15,30,45 * * * *", "0,15,30,45"},
		{"10-20/5 * * * *", "10,15,20"},
		{"*/20 * * * *", "0,20,40"},
		{"*/99 * * * *", "0"},
		{"5/20 * * * *", "5,25,45"},
		{"59/1 * * * *", "59"},
		{"5-5 * * * *", "5"},
		{"1-1,12/26,55-59/2 * * * *", "1,12,38,55,57,59"},
		{"1/999999 * * * *", "1"},
		{"* 20-23 * * *", "20,21,22,23"},
		{"* */9 * * *", "0,9,18"},
		{"* * 28/2 * *", "28,30"},
		{"* * 31,1 * *", "1,31"},
		{"* * * JAN,feb,Dec *", "1,2,12"},
		{"* * * mar-JUN/2 *", "3,5"},
		{"* * * 11/1 *", "11,12"},
		{"* * * * 0", "0"},
		{"* * * * 7", "0"},
		{"* * * * 7/2", "0"},
		{"* * * * 5-7", "0,5,6"},
		{"* * * * 1-7/2", "0,1,3,5"},
		{"* * * * 4/2", "4,6"},
		{"* * * * */7", "0"},
		{"* * * * sun-TUE,Fri", "0,1,2,5"},
		{"* * * * sat/2", "6"},
	};

	for (size_t i = 0; i < lengthof(cases); i++)
	{
		const char *expression = cases[i].expression;
		Cron		cron = {0};
		CronError	error;
		uint64_t	values = 0;

		if (!ok(cron_parse(expression, &cron, &error), "reads %s", expression))
			continue;
		if (!cron.minute_star || expression[1] == '/')
			values = cron.minutes;
		else if (!cron.hour_star || expression[3] == '/')
			values = cron.hours;
		else if (!cron.day_star)
			values = cron.days;
		else if (cron.months != 0x1FFE)
			values = cron.months;
		else
			values = cron.weekdays & 0x7F;
		is_str(list_of(values), cases[i].values, "values of %s", expression);
		is_int(cron.weekdays >> 28, cron.weekdays & 0x7F, "in the last week as in the first");
	}
}

/* Forms that mean the same as others. */
static void
test_same(void)
{
	static const char *const cases[][2] = {
		{"@yearly", "0 0 1 1 *"},
		{"@annually", "0 0 1 1 *"},
		{"@monthly", "0 0 1 * *"},
		{"@weekly", "0 0 * * 0"},
		{"@daily", "0 0 * * *"},
		{"@midnight", "0 0 * * *"},
		{"@Hourly ", "0 * * * *"},
		{" \t0\t0 \t * * *\t", "0 0 * * *"},
		{"0 0 l * ?", "0 0 L * *"},
		{"0 0 ? * mon", "0 0 * * 1"},
		{"0 0 1-7 * 0", "0 0 7-7,1-6 * SUN"},
		{"0 0 * * 7#2,mon", "0 0 * * 1,0#2"},
		{"1 minute", "60 seconds"},
		{" 2  Hours\t", "120 minutes"},
		{"1 day", "24 hours"},
		{"2 days", "172800 second"},
	};

	for (size_t i = 0; i < lengthof(cases); i++)
	{
		Cron	  a = {0};
		Cron	  b = {0};
		CronError error;

		ok(cron_parse(cases[i][0], &a, &error) && cron_parse(cases[i][1], &b, &error) &&
			   a.minutes == b.minutes && a.hours == b.hours && a.days == b.days &&
			   a.months == b.months && a.weekdays == b.weekdays && a.last_day == b.last_day &&
			   a.minute_star == b.minute_star && a.hour_star == b.hour_star &&
			   a.day_star == b.day_star && a.weekday_star == b.weekday_star &&
			   a.interval == b.interval,
		   "\"%s\" is \"%s\"", cases[i][0], cases[i][1]);
	}
}

typedef struct RefusedCase
{
	const char *expression;
	int			position;
	const char *field;
	const char *message;
} RefusedCase;

static const RefusedCase refused[] = {
	{"", 0, "minute", "the minute field is missing"},
	{"  * * *  ", 9, "month", "the month field is missing"},
	{"* * * * * *", 10, NULL, "unexpected sixth field: a schedule has five"},
	{"60 * * * *", 0, "minute", "value 60 is out of range in the minute field (0 to 59)"},
	{"1-60 * * * *", 2, "minute", "value 60 is out of range in the minute field (0 to 59)"},
	{"* 24 * * *", 2, "hour", "value 24 is out of range in the hour field (0 to 23)"},
	{"* * 0 * *", 4, "day of month", "value 0 is out of range in the day of month field (1 to 31)"},
	{"* * * 13 *", 6, "month", "value 13 is out of range in the month field (1 to 12)"},
	{"* * * * 8", 8, "day of week", "value 8 is out of range in the day of week field (0 to 7)"},
	{"99999999999999999999999999 * * * *", 0, "minute",
	 "value 99999999999999999999 is out of range in the minute field (0 to 59)"},
	{"*/0 * * * *", 2, "minute", "step 0 is out of range in the minute field (1 to 999999)"},
	{"* * * * 1#6", 10, "day of week", "week 6 is out of range in the day of week field (1 to 5)"},
	{"5-1 * * * *", 0, "minute", "range \"5-1\" runs backwards in the minute field"},
	{"* * * dec-jan *", 6, "month", "range \"dec-jan\" runs backwards in the month field"},
	{"* * * * fri-sun", 8, "day of week",
	 "range \"fri-sun\" runs backwards in the day of week field"},
	{"-1 * * * *", 0, "minute", "unexpected \"-\" in the minute field"},
	{"0x10 * * * *", 1, "minute", "unexpected \"x\" in the minute field"},
	{"*-5 * * * *", 1, "minute", "unexpected \"-\" in the minute field"},
	{"/5 * * * *", 0, "minute", "unexpected \"/\" in the minute field"},
	{"0-10/x * * * *", 5, "minute", "unexpected \"x\" in the minute field"},
	{"1/ * * * *", 2, "minute", "the minute field ends too early"},
	{"1, * * * *", 2, "minute", "the minute field ends too early"},
	{", * * * *", 0, "minute", "unexpected \",\" in the minute field"},
	{"* jan * * *", 2, "hour", "unexpected \"j\" in the hour field"},
	{"* ? * * *", 2, "hour", "unexpected \"?\" in the hour field"},
	{"* L * * *", 2, "hour", "unexpected \"L\" in the hour field"},
	{"5 L * * *", 2, "hour", "unexpected \"L\" in the hour field"},
	{"* * ?,* * *", 5, "day of month", "unexpected \",\" in the day of month field"},
	{"* * L/2 * *", 5, "day of month", "unexpected \"/\" in the day of month field"},
	{"* * LW * *", 5, "day of month", "unexpected \"W\" in the day of month field"},
	{"* * 25-L * *", 7, "day of month", "unexpected \"L\" in the day of month field"},
	{"* * 15#2 * *", 6, "day of month", "unexpected \"#\" in the day of month field"},
	{"* * * foo *", 6, "month", "unknown name \"foo\" in the month field"},
	{"* * * janu-jun *", 6, "month", "unknown name \"janu\" in the month field"},
	{"* * * ja *", 6, "month", "unknown name \"ja\" in the month field"},
	{"* * * * L", 8, "day of week", "unknown name \"L\" in the day of week field"},
	{"* * * * 5L", 9, "day of week", "unexpected \"L\" in the day of week field"},
	{"* * * * mon-fri#1", 15, "day of week", "unexpected \"#\" in the day of week field"},
	{"* * * * *,b", 10, "day of week", "unknown name \"b\" in the day of week field"},
	{"* * * * \xC3\xA9", 8, "day of week", "unexpected byte 0xC3 in the day of week field"},
	{"* * * * 1\n", 9, "day of week", "unexpected byte 0x0A in the day of week field"},
	{"0 0 30 2 *", 4, "day of month", "no day of the given months fits the day of month field"},
	{"0 0 31 2,4,6,9,11 ?", 4, "day of month",
	 "no day of the given months fits the day of month field"},
	{"0 0 */31 * 1#2", 4, "day of month", "no day of the given months fits the day of month field"},
	{"@reboot", 0, NULL, "unknown name \"@reboot\""},
	{"@hourly * * * *", 8, NULL, "unexpected \"*\" in the schedule"},
	{"@", 0, NULL, "unknown name \"@\""},
	{"0 seconds", 0, NULL, "interval 0 is out of range in the schedule (1 to 315360000)"},
	{"-5 seconds", 0, "minute", "unexpected \"-\" in the minute field"},
	{"5x seconds", 1, NULL, "unexpected \"x\" in the schedule"},
	{"5 weeks", 2, NULL, "unknown unit \"weeks\" (seconds, minutes, hours or days)"},
	{"5 s", 2, NULL, "unknown unit \"s\" (seconds, minutes, hours or days)"},
	{"5 days!", 6, NULL, "unexpected \"!\" in the schedule"},
	{"4000 days", 0, NULL, "the interval is longer than 3650 days"},
};

static void
test_refused(void)
{
	char long_one[CRON_MAX_LENGTH + 2];

	for (size_t i = 0; i < lengthof(refused); i++)
	{
		const RefusedCase *c = &refused[i];
		Cron			   cron;
		CronError		   error = {-1, NULL, "(accepted)"};

		ok(!cron_parse(c->expression, &cron, &error), "refuses \"%s\"", c->expression);
		is_int(error.position, c->position, "where it goes wrong");
		is_str(error.field, c->field, "in which field");
		is_str(error.message, c->message, "and why");
	}
	memset(long_one, ' ', sizeof(long_one));
	memcpy(long_one + 500, "* * * * *", 9);
	long_one[CRON_MAX_LENGTH + 1] = '\0';
	{
		Cron	  cron;
		CronError error;

		ok(!cron_parse(long_one, &cron, &error), "refuses what is too long");
		is_str(error.message, "the schedule is longer than 1000 bytes", "and says so");
		long_one[CRON_MAX_LENGTH] = '\0';
		ok(cron_parse(long_one, &cron, &error), "takes what is just not too long");
	}
}

/* ---- due times ---- */

/* "2024-03-31 01:30" in UTC. */
static Instant
instant_of(const char *text)
{
	struct tm tm = {0};

	if (sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
			   &tm.tm_min) != 5)
		return INSTANT_NEVER;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm);
}

static const char *
text_of(Instant at)
{
	static char text[40];
	time_t		moment = at;
	struct tm	tm;

	if (at == INSTANT_NEVER)
		return "never";
	gmtime_r(&moment, &tm);
	snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
			 tm.tm_mday, tm.tm_hour, tm.tm_min);
	return text;
}

/* The due times of one job after another, all in UTC. */
static void
test_due(void)
{
	static const struct
	{
		const char *zone;
		const char *expression;
		const char *after;
		const char *due[4];
	} cases[] = {
		/* the days */
		{"UTC", "0 0 L * *", "2024-02-10 00:00", {"2024-02-29 00:00", "2024-03-31 00:00"}},
		{"UTC", "0 0 15,L * *", "2025-02-10 00:00", {"2025-02-15 00:00", "2025-02-28 00:00"}},
		{"UTC", "0 0 29 2 *", "2097-01-01 00:00", {"2104-02-29 00:00", "2108-02-29 00:00"}},
		{"UTC", "0 0 29 2 */7", "2076-01-01 00:00", {"2088-02-29 00:00", "2128-02-29 00:00"}},
		{"UTC", "0 0 13 * 5", "2024-09-01 00:00", {"2024-09-06 00:00", "2024-09-13 00:00"}},
		{"UTC", "0 0 */2 * 1", "2024-01-01 00:00", {"2024-01-15 00:00", "2024-01-29 00:00"}},
		{"UTC", "0 0 1-7 * */3", "2024-01-02 00:00", {"2024-01-03 00:00", "2024-01-06 00:00"}},
		{"UTC", "0 0 ? * tue#5", "2024-01-31 00:00", {"2024-04-30 00:00", "2024-07-30 00:00"}},
		{"UTC", "59 23 31 12 *", "1969-12-30 00:00", {"1969-12-31 23:59", "1970-12-31 23:59"}},
		{"UTC", "0 0 1 1 *", "0004-02-29 00:00", {"0005-01-01 00:00", "0006-01-01 00:00"}},
		{"UTC", "5400 seconds", "1970-01-01 00:00", {"1970-01-01 01:30", "1970-01-01 03:00"}},
		{"UTC", "2 hours", "2024-01-15 10:07", {"2024-01-15 12:07", "2024-01-15 14:07"}},
		{"Asia/Kolkata", "0 9 * * *", "2024-01-15 10:00", {"2024-01-16 03:30"}},
		/* skipped: Paris goes from 2 to 3 h on 31 March 2024, 1 h UTC */
		{"Europe/Paris",
		 "30 2 * * *",
		 "2024-03-30 02:00",
		 {"2024-03-31 01:00", "2024-04-01 00:30", "2024-04-02 00:30"}},
		{"Europe/Paris",
		 "0,30 2,3 * * *",
		 "2024-03-30 03:00",
		 {"2024-03-31 01:00", "2024-03-31 01:30", "2024-04-01 00:00"}},
		{"Europe/Paris", "*/30 2 * * *", "2024-03-31 00:00", {"2024-04-01 00:00"}},
		{"Europe/Paris",
		 "30 */2 * * *",
		 "2024-03-30 23:45",
		 {"2024-03-31 02:30", "2024-03-31 04:30"}},
		{"Europe/Paris", "0 * * * *", "2024-03-31 00:30", {"2024-03-31 01:00", "2024-03-31 02:00"}},
		/* a job that is never due but in the skipped hour, and whose minute is a star */
		{"Europe/Paris", "*/30 2 25-31 3 */7", "2024-01-01 00:00", {"never"}},
		{"Europe/Paris",
		 "30 2 25-31 3 */7",
		 "2024-01-01 00:00",
		 {"2024-03-31 01:00", "2025-03-30 01:00"}},
		/* repeated: back from 3 to 2 h on 27 October 2024, 1 h UTC */
		{"Europe/Paris",
		 "30 2 * * *",
		 "2024-10-26 01:00",
		 {"2024-10-27 00:30", "2024-10-28 01:30"}},
		{"Europe/Paris", "30 2 * * *", "2024-10-27 01:10", {"2024-10-28 01:30"}},
		{"Europe/Paris", "0 3 * * *", "2024-10-27 00:59", {"2024-10-27 02:00", "2024-10-28 02:00"}},
		{"Europe/Paris",
		 "*/30 2 * * *",
		 "2024-10-27 00:15",
		 {"2024-10-27 00:30", "2024-10-27 01:00", "2024-10-27 01:30", "2024-10-28 01:00"}},
		{"Europe/Paris",
		 "45 * * * *",
		 "2024-10-27 00:45",
		 {"2024-10-27 01:45", "2024-10-27 02:45"}},
		/* the clock of a star goes back into the same day, though July is what comes next */
		{"Europe/Paris",
		 "*/30 2 27 7,10 *",
		 "2024-10-27 00:45",
		 {"2024-10-27 01:00", "2024-10-27 01:30", "2025-07-27 00:00"}},
		/* half an hour, and at midnight */
		{"Australia/Lord_Howe",
		 "45 1 * * *",
		 "2024-04-06 13:00",
		 {"2024-04-06 14:45", "2024-04-07 15:15"}},
		{"America/Sao_Paulo",
		 "0 0 * * *",
		 "2018-11-03 12:00",
		 {"2018-11-04 03:00", "2018-11-05 02:00"}},
		/* a whole day left out, 30 December 2011: the clock was set, nothing is made up for */
		{"Pacific/Apia", "0 9 * * *", "2011-12-29 18:00", {"2011-12-29 19:00", "2011-12-30 19:00"}},
	};

	for (size_t i = 0; i < lengthof(cases); i++)
	{
		Zone	  zone = libc_zone(cases[i].zone);
		Instant	  at = instant_of(cases[i].after);
		Cron	  cron;
		CronError error;

		if (!cron_parse(cases[i].expression, &cron, &error))
			ok(false, "reads %s", cases[i].expression);
		for (size_t j = 0; j < lengthof(cases[i].due) && cases[i].due[j]; j++)
		{
			at = cron_next(&cron, zone, at);
			is_str(text_of(at), cases[i].due[j], "%s in %s after %s: %zu", cases[i].expression,
				   cases[i].zone, cases[i].after, j + 1);
		}
	}
}

static void
test_ends_of_time(void)
{
	Zone	  utc = libc_zone("UTC");
	Cron	  yearly;
	Cron	  never = {.minutes = 1, .hours = 1, .days = 1u << 30, .months = 1u << 2};
	CronError error;

	cron_parse("@yearly", &yearly, &error);
	is_int(cron_next(&never, utc, 0), INSTANT_NEVER, "30 February is never");
	is_int(cron_next(&yearly, utc, INSTANT_NEVER), INSTANT_NEVER, "nothing after never");
	is_int(cron_next(&yearly, utc, INSTANT_NEVER - 1), INSTANT_NEVER, "nor just before it");
	ok(cron_next(&yearly, utc, INT64_MIN) < 0, "a due time after the beginning of time");
	is_str(text_of(cron_next(&yearly, utc, instant_of("294000-06-01 00:00"))), "294001-01-01 00:00",
		   "a due time in the last years of the server's timestamps");
}

/* ---- oracles ---- */

/* A number below limit, the same ones in each run. */
static unsigned
draw(unsigned limit)
{
	static uint64_t state = 20240331;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned) (state >> 33) % limit;
}

#define pick(array) ((array)[draw(lengthof(array))])

static const char *const minute_fields[] = {"*", "*/7", "30", "0,45", "5-50/9", "59", "0", "15/20"};
static const char *const hour_fields[] = {"*", "*/2", "2", "1-3", "0", "23", "0,2,3", "*/5"};
static const char *const day_fields[] = {"*", "*", "*/2", "L", "31", "1-7", "29", "?", "30,L"};
static const char *const month_fields[] = {"*", "*", "*", "3,4", "10", "mar-nov", "2", "4/3"};
static const char *const weekday_fields[] = {"*",	"*",	 "0",	"7",	"mon-fri",
											 "*/2", "sun#1", "5#5", "2,4#3"};

static void
draw_cron(Cron *cron, char *expression, size_t size, bool any_time)
{
	CronError error;

	do
	{
		snprintf(expression, size, "%s %s %s %s %s", any_time ? pick(minute_fields) : "0",
				 any_time ? pick(hour_fields) : "0", pick(day_fields), pick(month_fields),
				 pick(weekday_fields));
	} while (!cron_parse(expression, cron, &error));
}

/* Whether a broken-down time fits the fields. */
static bool
fits(const Cron *cron, const struct tm *tm)
{
	struct tm tomorrow = *tm;
	bool	  day = cron->days >> tm->tm_mday & 1;
	bool	  weekday = cron->weekdays >> ((tm->tm_mday - 1) / 7 * 7 + tm->tm_wday) & 1;

	if (!(cron->minutes >> tm->tm_min & 1) || !(cron->hours >> tm->tm_hour & 1) ||
		!(cron->months >> (tm->tm_mon + 1) & 1))
		return false;
	tomorrow.tm_mday++;
	timegm(&tomorrow);
	day = day || (cron->last_day && tomorrow.tm_mday == 1);
	return cron->day_star || cron->weekday_star ? day && weekday : day || weekday;
}

/* Each day of 41 years, looked at by itself. */
static void
test_days(void)
{
	Zone utc = libc_zone("UTC");

	for (int i = 0; i < 60; i++)
	{
		char	expression[100];
		Cron	cron;
		Instant first = instant_of("2079-06-15 00:00");
		Instant due;
		Instant at = first;

		draw_cron(&cron, expression, sizeof(expression), false);
		due = cron_next(&cron, utc, at - 1);
		for (; at < first + 41 * 366 * DAY; at += DAY)
		{
			time_t	  moment = at;
			struct tm tm;

			gmtime_r(&moment, &tm);
			if (fits(&cron, &tm) != (due == at))
				break;
			if (due == at)
				due = cron_next(&cron, utc, at);
		}
		is_str(at < first + 41 * 366 * DAY ? text_of(at) : NULL, NULL, "%s: each day of 41 years",
			   expression);
	}
}

#define WINDOW (5 * 1440)

/* What the wall shows in each minute of the window. */
typedef struct Wall
{
	Instant	  start;
	int64_t	  minute[WINDOW]; /* since 1970 on the wall */
	struct tm tm[WINDOW];
} Wall;

static void
fill_wall(Wall *wall, Instant start)
{
	wall->start = start;
	for (int i = 0; i < WINDOW; i++)
	{
		time_t moment = start + i * 60;

		localtime_r(&moment, &wall->tm[i]);
		wall->minute[i] = (moment + wall->tm[i].tm_gmtoff) / 60;
	}
}

/* Whether a wall time that was left out, between two minutes that were shown, fits. */
static bool
fits_between(const Cron *cron, int64_t from, int64_t to)
{
	for (int64_t minute = from; minute <= to; minute++)
	{
		time_t	  moment = minute * 60;
		struct tm tm;

		gmtime_r(&moment, &tm);
		if (fits(cron, &tm))
			return true;
	}
	return false;
}

/*
 * cron(8)'s loop: it keeps a wall time of its own, and lets jobs without a star
 * in minute and hour follow that one, the others the wall.  virtual is moved on.
 */
static bool
runs_in_minute(const Cron *cron, const Wall *wall, int i, int64_t *virtual)
{
	bool	wild = cron->minute_star || cron->hour_star;
	int64_t now = wall->minute[i];
	int64_t shift = now - *virtual - 1;
	int64_t from = *virtual + 1;

	if (shift < 0 && shift >= -180)
		return wild && fits(cron, &wall->tm[i]);
	*virtual = now;
	if (shift > 0 && shift <= 180 && !wild)
		return fits_between(cron, from, now);
	return fits(cron, &wall->tm[i]);
}

/* Compares all due times of the window; the first that differs, or -1. */
static Instant
first_difference(const Cron *cron, Zone zone, const Wall *wall)
{
	int64_t virtual = wall->minute[0] - 1;
	Instant due = cron_next(cron, zone, wall->start - 1);

	for (int i = 0; i < WINDOW; i++)
	{
		Instant at = wall->start + i * 60;

		if (runs_in_minute(cron, wall, i, &virtual) != (due == at))
			return at;
		/* the next one is the same from whichever minute it is asked for */
		if (due == at)
			due = cron_next(cron, zone, at);
		else if (i % 16 == 0 && cron_next(cron, zone, at) != due)
			return at;
	}
	return -1;
}

static void
test_minutes(void)
{
	static const struct
	{
		const char *zone;
		const char *start; /* UTC, two days before a change */
	} changes[] = {
		{"Europe/Paris", "2024-03-29 01:00"},		 {"Europe/Paris", "2024-10-25 01:00"},
		{"America/New_York", "2024-03-08 07:00"},	 {"America/New_York", "2024-11-01 06:00"},
		{"Australia/Lord_Howe", "2024-10-03 15:30"}, {"Australia/Lord_Howe", "2024-04-04 15:00"},
		{"America/Sao_Paulo", "2018-11-02 03:00"},	 {"America/Sao_Paulo", "2019-02-15 02:00"},
		{"America/St_Johns", "2006-04-01 03:31"},	 {"America/St_Johns", "2006-10-28 02:31"},
		{"Pacific/Apia", "2011-12-28 10:00"},		 {"Antarctica/Troll", "2024-03-29 01:00"},
		{"Antarctica/Troll", "2024-10-25 01:00"},	 {"Asia/Kolkata", "2024-02-27 00:00"},
	};
	static Wall wall;

	for (size_t i = 0; i < lengthof(changes); i++)
	{
		Zone	zone = libc_zone(changes[i].zone);
		char	expression[100] = "";
		Instant wrong = -1;

		fill_wall(&wall, instant_of(changes[i].start));
		for (int j = 0; j < 80 && wrong < 0; j++)
		{
			Cron cron;

			draw_cron(&cron, expression, sizeof(expression), true);
			wrong = first_difference(&cron, zone, &wall);
		}
		if (!ok(wrong < 0, "each minute of five days around %s in %s", changes[i].start,
				changes[i].zone))
			diag("first differs at %s: %s", text_of(wrong), expression);
	}
}

int
main(void)
{
	test_fields();
	test_same();
	test_refused();
	test_due();
	test_ends_of_time();
	test_days();
	test_minutes();
	return done_testing();
}
