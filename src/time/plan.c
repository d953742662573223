/*
 * plan.c
 *	  When a source is due: after a success, after a failure, after a stop of
 *	  the server.
 *
 * A schedule of five fields is bound to the clock: what is due next depends on
 * the time alone.  An interval is bound to the due times before it: it is
 * counted from them and not from the ends of the runs, or each run's duration
 * would move it.
 */
#include "time/plan.h"

/* Due times that plan_period looks ahead: a workweek's, twice a day. */
#define PERIOD_TIMES 10

/* How far plan_period looks back for a due time: as far as schedules pause. */
#define MAX_LOOK_BACK (INT64_C(41) * 366 * 86400)

/*
 * The first due time after now.  An interval's lie on a grid through due; where
 * due itself is still to come (or is INSTANT_NEVER) the grid begins anew at now.
 */
static Instant
next_after(const Cron *cron, Zone zone, Instant due, Instant now)
{
	if (cron->interval > 0 && due < now)
		return now + cron->interval - (now - due) % cron->interval;
	return cron_next(cron, zone, now);
}

Instant
plan_after_success(const Cron *cron, Zone zone, MissedRuns missed, Instant due, Instant now)
{
	/* a run before its time changes nothing about the times after it */
	if (missed == MISSED_ALL && due < now)
		return cron_next(cron, zone, due);
	return next_after(cron, zone, due, now);
}

/* Merely late sources run: the server was busy, not away. */
bool
plan_admit(const Cron *cron, Zone zone, MissedRuns missed, Instant due, Instant now, Instant *next)
{
	if (missed != MISSED_SKIP || due >= now - PLAN_MISSED_AFTER)
		return true;
	*next = next_after(cron, zone, due, now);
	return false;
}

/* The cap holds before the jitter, so that no attempt overflows, and after it. */
int64_t
plan_retry_delay(int64_t delay, int attempt, int retry_after, double jitter)
{
	int64_t wait = delay;

	for (int i = 1; i < attempt && wait > 0 && wait < PLAN_MAX_DELAY; i++)
		wait *= 2;
	if (wait > PLAN_MAX_DELAY)
		wait = PLAN_MAX_DELAY;
	wait = (int64_t) (wait * (0.875 + 0.25 * jitter) + 0.5);
	if (wait < retry_after)
		wait = retry_after;
	return wait < PLAN_MAX_DELAY ? wait : PLAN_MAX_DELAY;
}

/*
 * The last due time up to now, or the first one after it where there was none.
 * cron_next only looks ahead, but it never falls as its argument grows: so look
 * back twice as far until a due time shows, then halve the way to the last one.
 */
static Instant
last_due(const Cron *cron, Zone zone, Instant now, Instant next)
{
	int64_t back = next - now;
	int64_t none = 0; /* looking back this far shows no due time up to now */

	while (cron_next(cron, zone, now - back) > now)
	{
		none = back;
		back *= 2;
		if (back > MAX_LOOK_BACK)
			return next;
	}
	while (back - none > 1)
	{
		int64_t middle = none + (back - none) / 2;

		if (cron_next(cron, zone, now - middle) > now)
			none = middle;
		else
			back = middle;
	}
	return cron_next(cron, zone, now - back);
}

/*
 * The gap that now lies in counts too: seen on a Saturday, a schedule of
 * workdays pauses for a weekend, whatever its next few due times are.
 */
int64_t
plan_period(const Cron *cron, Zone zone, Instant now)
{
	Instant next = cron_next(cron, zone, now);
	Instant last;
	int64_t longest = 0;

	if (cron->interval > 0 || next == INSTANT_NEVER)
		return cron->interval;
	last = last_due(cron, zone, now, next);
	for (int i = 0; i < PERIOD_TIMES && next != INSTANT_NEVER; i++)
	{
		if (next - last > longest)
			longest = next - last;
		last = next;
		next = cron_next(cron, zone, last);
	}
	return longest;
}
