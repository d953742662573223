/*
 * cron.h
 *	  Schedules: what an expression means and when it is due next.
 *
 * Three forms, white space (spaces, tabs) around them and letters in either
 * case allowed:
 *
 *	- five fields, minute hour day-of-month month day-of-week, as POSIX crontab
 *	  and Vixie's cron have them: "*", values, ranges "a-b", each with a step
 *	  "/n", in lists with commas; three-letter English names of months and days;
 *	  0 and 7 are Sunday.  "a/n" runs from a to the field's end.  "L" is the
 *	  month's last day, "mon#2" the month's second Monday, and "?" for a whole
 *	  day field the same as "*".
 *	- @yearly @annually @monthly @weekly @daily @midnight @hourly
 *	- "N seconds", "N minutes", "N hours", "N days" (or "1 day"): an interval
 *
 * Where both day fields are restricted a day that fits either is due; where one
 * of them begins with a star a day must fit both (Debian's cron(8): so star/2
 * counts as a star).  Plain C.
 *
 * Who calls it: source/source.c for sources and tasks, plan.c; the settings' check.
 */
#ifndef DATASENS_TIME_CRON_H
#define DATASENS_TIME_CRON_H

#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970-01-01 00:00:00 UTC, without leap seconds. */
typedef int64_t Instant;

#define INSTANT_NEVER INT64_MAX

/*
 * A time zone, as the caller's library knows it: offset gives the seconds east
 * of UTC that are in force at an instant.
 */
typedef struct Zone
{
	int (*offset)(const void *zone, Instant at);
	const void *zone;
} Zone;

typedef struct Cron
{
	uint64_t minutes; /* bit n: minute n; likewise below */
	uint32_t hours;
	uint32_t days;		  /* bits 1 to 31 */
	uint16_t months;	  /* bits 1 to 12 */
	uint64_t weekdays;	  /* bit 7 * n + d: the (n + 1)th day d (0: Sunday) of the month */
	bool	 last_day;	  /* L stands in the day field */
	bool	 minute_star; /* the field begins with a star: see cron_next */
	bool	 hour_star;
	bool	 day_star;
	bool	 weekday_star;
	int64_t	 interval; /* seconds between runs, or 0: by the fields */
} Cron;

/* Longer expressions are refused (bytes): all values of all fields take 400. */
#define CRON_MAX_LENGTH 1000

/* Longer intervals are refused (seconds): ten years. */
#define CRON_MAX_INTERVAL (INT64_C(3650) * 86400)

#define CRON_MESSAGE_SIZE 200

/* Why an expression was refused. */
typedef struct CronError
{
	int			position; /* offset of the fault in the expression, in bytes from 0 */
	const char *field;	  /* "minute", "hour", "day of month", "month", "day of week", or NULL */
	char		message[CRON_MESSAGE_SIZE]; /* names the field and the character; no period */
} CronError;

/*
 * Reads a NUL-terminated expression; on false, error says where and why (never
 * with a byte beyond ASCII).  Refused too are fields that no day fits, such as
 * 30 February.  error is written on false only.
 */
extern bool cron_parse(const char *expression, Cron *cron, CronError *error);

/*
 * The first due time strictly after the given one, or INSTANT_NEVER.  An
 * interval counts from after.
 *
 * Where a zone's clocks are changed by up to three hours, as Debian's cron(8)
 * does it: a job with fixed minute and hour runs once right after the change if
 * its local time is skipped, and the first time only if it is repeated; a job
 * whose minute or hour begins with a star follows the clock.  After larger
 * changes every job follows the clock.
 */
extern Instant cron_next(const Cron *cron, Zone zone, Instant after);

#endif
