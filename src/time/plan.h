/*
 * plan.h
 *	  When a source is due: after a success, after a failure, after a stop of
 *	  the server.  Plain C; instants and delays in seconds.
 *
 * Who calls it: run/outcome.c and operate/task.c for due times, store/retry.c for delays.  No
 * clock is read: now is the caller's.
 */
#ifndef DATASENS_TIME_PLAN_H
#define DATASENS_TIME_PLAN_H

#include "time/cron.h"

/* What becomes of due times that passed while nothing could run (datasens.missed_runs). */
typedef enum MissedRuns
{
	MISSED_ONCE, /* one run makes up for all of them */
	MISSED_SKIP, /* none: wait for the next due time */
	MISSED_ALL	 /* one run each, one after the other */
} MissedRuns;

/* A due time is missed, not merely late, when it is this many seconds ago. */
#define PLAN_MISSED_AFTER 60

/* Back-off doubles the delay at most to this many seconds (a day). */
#define PLAN_MAX_DELAY 86400

/*
 * The due time that follows a run which was due at due and ended at now: the
 * first one after now, or with MISSED_ALL the first one after due, which may
 * have passed.  An interval counts from due, so it does not drift.
 */
extern Instant plan_after_success(const Cron *cron, Zone zone, MissedRuns missed, Instant due,
								  Instant now);

/*
 * Whether a source that was found due is to run now. False (MISSED_SKIP, and its time was missed):
 * *next is the time to wait for instead.
 */
extern bool plan_admit(const Cron *cron, Zone zone, MissedRuns missed, Instant due, Instant now,
					   Instant *next);

/*
 * Seconds to wait before the next attempt after attempt number attempt (1 = the
 * first) failed: delay doubled with every attempt, spread by +/- 12.5 % with
 * jitter (0 to 1, drawn by the caller) and never under retry_after (-1: none),
 * never over PLAN_MAX_DELAY.
 */
extern int64_t plan_retry_delay(int64_t delay, int attempt, int retry_after, double jitter);

/*
 * The period of a schedule around an instant, in seconds: the longest gap between the last due
 * time before it and the next few after it; 0 where there are none.
 */
extern int64_t plan_period(const Cron *cron, Zone zone, Instant now);

#endif
