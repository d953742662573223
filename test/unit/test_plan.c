/*
 * test_plan.c
 *	  When sources are due after successes, failures and stops.
 */
#include "time/plan.h"

#include "libc_zone.h"
#include "unit.h"

/* Monday 2024-01-15 10:00:00 UTC: a round time to count from. */
#define MONDAY INT64_C(1705312800)

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

static Zone utc;

static Cron
cron_of(const char *expression)
{
	Cron	  cron;
	CronError error;

	if (!cron_parse(expression, &cron, &error))
	{
		printf("Bail out! \"%s\": %s\n", expression, error.message);
		exit(1);
	}
	return cron;
}

static void
test_after_success(void)
{
	Cron	   hourly = cron_of("0 * * * *");
	Cron	   half = cron_of("30 minutes");
	MissedRuns every[] = {MISSED_ONCE, MISSED_SKIP, MISSED_ALL};

	for (int i = 0; i < 3; i++)
	{
		is_int(plan_after_success(&hourly, utc, every[i], MONDAY, MONDAY + 40), MONDAY + HOUR,
			   "policy %d: a run in time is followed by the next due time", i);
		is_int(plan_after_success(&half, utc, every[i], MONDAY, MONDAY + 40), MONDAY + 30 * MINUTE,
			   "policy %d: an interval does not drift by a run's duration", i);
		is_int(plan_after_success(&hourly, utc, every[i], MONDAY + 5 * HOUR, MONDAY + 10),
			   MONDAY + HOUR, "policy %d: a run before its time skips none after it", i);
		is_int(plan_after_success(&half, utc, every[i], INSTANT_NEVER, MONDAY),
			   MONDAY + 30 * MINUTE, "policy %d: an interval without a due time begins now", i);
	}
	is_int(plan_after_success(&hourly, utc, MISSED_ONCE, MONDAY, MONDAY + 5 * HOUR + 20),
		   MONDAY + 6 * HOUR, "once: one run makes up for the five that were missed");
	is_int(plan_after_success(&hourly, utc, MISSED_SKIP, MONDAY, MONDAY + 5 * HOUR + 20),
		   MONDAY + 6 * HOUR, "skip: the same after a long run");
	is_int(plan_after_success(&hourly, utc, MISSED_ALL, MONDAY, MONDAY + 5 * HOUR + 20),
		   MONDAY + HOUR, "all: the first of the missed ones is next, though it has passed");
	is_int(plan_after_success(&half, utc, MISSED_ONCE, MONDAY, MONDAY + 100 * MINUTE),
		   MONDAY + 120 * MINUTE, "once: an interval stays on its grid over missed runs");
	is_int(plan_after_success(&half, utc, MISSED_ONCE, MONDAY, MONDAY + 90 * MINUTE),
		   MONDAY + 120 * MINUTE, "once: a run that ends on the grid is followed by the next");
	is_int(plan_after_success(&half, utc, MISSED_ALL, MONDAY, MONDAY + 100 * MINUTE),
		   MONDAY + 30 * MINUTE, "all: an interval's missed runs come one by one");
}

static void
test_all_catches_up(void)
{
	Cron	quarter = cron_of("*/15 * * * *");
	Instant now = MONDAY + 61 * MINUTE;
	Instant due = MONDAY;
	int		runs = 1;

	while ((due = plan_after_success(&quarter, utc, MISSED_ALL, due, now)) <= now)
		runs++;
	is_int(runs, 5, "all: an hour and a minute of quarters are five runs");
	is_int(due, MONDAY + 75 * MINUTE, "all: and then the next in time");
}

static void
test_admit(void)
{
	Cron	hourly = cron_of("0 * * * *");
	Cron	half = cron_of("30 minutes");
	Instant next = -1;

	ok(plan_admit(&hourly, utc, MISSED_ONCE, MONDAY, MONDAY + DAY, &next), "once: admitted late");
	ok(plan_admit(&hourly, utc, MISSED_ALL, MONDAY, MONDAY + DAY, &next), "all: admitted late");
	ok(plan_admit(&hourly, utc, MISSED_SKIP, MONDAY, MONDAY, &next), "skip: admitted in time");
	ok(plan_admit(&hourly, utc, MISSED_SKIP, MONDAY, MONDAY + PLAN_MISSED_AFTER, &next),
	   "skip: admitted while it is merely late");
	is_int(next, -1, "no time to wait for where the source is admitted");
	ok(!plan_admit(&hourly, utc, MISSED_SKIP, MONDAY, MONDAY + PLAN_MISSED_AFTER + 1, &next),
	   "skip: not admitted where the time was missed");
	is_int(next, MONDAY + HOUR, "skip: waits for the next due time");
	ok(!plan_admit(&half, utc, MISSED_SKIP, MONDAY, MONDAY + 100 * MINUTE, &next),
	   "skip: the same for an interval");
	is_int(next, MONDAY + 120 * MINUTE, "skip: an interval stays on its grid");
}

static void
test_retry_delay(void)
{
	is_int(plan_retry_delay(300, 1, -1, 0.5), 300, "the first retry after the delay");
	is_int(plan_retry_delay(300, 2, -1, 0.5), 600, "the second after its double");
	is_int(plan_retry_delay(300, 4, -1, 0.5), 2400, "the fourth after eight times as long");
	is_int(plan_retry_delay(800, 1, -1, 0.0), 700, "an eighth less at the lowest jitter");
	is_int(plan_retry_delay(800, 1, -1, 1.0), 900, "an eighth more at the highest");
	is_int(plan_retry_delay(300, 1, 1000, 0.5), 1000, "not before Retry-After");
	is_int(plan_retry_delay(300, 3, 100, 0.5), 1200, "a short Retry-After does not hurry it");
	is_int(plan_retry_delay(300, 1, 0, 0.5), 300, "nor does one of 0 seconds");
	is_int(plan_retry_delay(300, 30, -1, 0.5), PLAN_MAX_DELAY, "a day at most");
	is_int(plan_retry_delay(300, 30, -1, 1.0), PLAN_MAX_DELAY, "with jitter too");
	is_int(plan_retry_delay(300, 2147483647, -1, 0.5), PLAN_MAX_DELAY, "however many attempts");
	is_int(plan_retry_delay(300, 1, 2147483647, 0.5), PLAN_MAX_DELAY, "or Retry-After asks");
	is_int(plan_retry_delay(0, 2147483647, -1, 1.0), 0, "a delay of 0 stays one");
}

static void
test_jitter_spreads(void)
{
	int64_t least = INT64_MAX;
	int64_t most = 0;

	for (int i = 0; i <= 1000; i++)
	{
		int64_t wait = plan_retry_delay(4000, 3, -1, i / 1000.0);

		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	is_int(least, 14000, "jitter goes down to -12.5 per cent of the doubled delay");
	is_int(most, 18000, "and up to +12.5 per cent");
}

static void
test_period(void)
{
	static const struct
	{
		const char *expression;
		Instant		now;
		int64_t		period;
	} cases[] = {
		{"0 3 * * 0", MONDAY, 7 * DAY},
		{"*/15 * * * *", MONDAY, 15 * MINUTE},
		{"*/15 * * * *", MONDAY + 7 * MINUTE, 15 * MINUTE},
		{"* * * * *", MONDAY, MINUTE},
		{"0 0 1 * *", MONDAY, 31 * DAY},
		{"0 0 29 2 *", MONDAY, 1461 * DAY},
		{"0 8 * * 1-5", MONDAY, 3 * DAY},
		{"0 9,17 * * 1-5", MONDAY + 2 * DAY, 64 * HOUR},
		{"90 minutes", MONDAY, 90 * MINUTE},
		/* Friday's last and Monday's first run, seen from the days between and the days around */
		{"*/15 9-17 * * 1-5", MONDAY - 2 * DAY, 63 * HOUR + 15 * MINUTE},
		{"*/15 9-17 * * 1-5", MONDAY - HOUR - 1, 63 * HOUR + 15 * MINUTE},
		/* a year but for a day: from the last minute of 1 January to the first of the next */
		{"* * 1 1 *", MONDAY, 365 * DAY + MINUTE},
	};
	Cron none = {.minutes = 1, .hours = 1, .days = 1u << 30, .months = 1u << 2, .weekdays = 0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Cron cron = cron_of(cases[i].expression);

		is_int(plan_period(&cron, utc, cases[i].now), cases[i].period, "the period of %s",
			   cases[i].expression);
	}
	is_int(plan_period(&none, utc, MONDAY), 0, "no period where nothing is ever due");
}

int
main(void)
{
	utc = libc_zone("UTC");
	test_after_success();
	test_all_catches_up();
	test_admit();
	test_retry_delay();
	test_jitter_spreads();
	test_period();
	return done_testing();
}
