/*
 * cron.h
 *	  Schedules: what an expression means and when it is due next.
 *
 * Five fields (minute hour day-of-month month day-of-week) with lists, ranges,
 * steps, names of months and days, 7 as Sunday and L as the month's last day
 * (POSIX crontab, Vixie cron); @yearly @annually @monthly @weekly @daily
 * @midnight @hourly; and "N seconds|minutes|hours|days" as an interval.  Plain C.
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
	uint8_t	 weekdays;	  /* bits 0 (Sunday) to 6 */
	bool	 last_day;	  /* L stands in the day field */
	bool	 minute_star; /* the field begins with a star: see cron_next */
	bool	 hour_star;
	bool	 day_star;
	bool	 weekday_star;
	int64_t	 interval; /* seconds between runs, or 0: by the fields */
} Cron;

#define CRON_MESSAGE_SIZE 200

/* Why an expression was refused. */
typedef struct CronError
{
	int			position; /* offset of the fault in the expression, in bytes from 0 */
	const char *field;	  /* "minute", "hour", "day of month", "month", "day of week", or NULL */
	char		message[CRON_MESSAGE_SIZE]; /* names the field and the character; no period */
} CronError;

/* Reads a NUL-terminated expression; on false, error says where and why. */
extern bool cron_parse(const char *expression, Cron *cron, CronError *error);

/*
 * The first due time strictly after the given one, or INSTANT_NEVER (30
 * February).  Daylight saving as Debian's cron does it: a job with fixed minute
 * and hour whose local time the change skips runs once right after the change,
 * one whose time is repeated runs once; a job with a star in minute or hour
 * follows the clock.  An interval counts from after.
 */
extern Instant cron_next(const Cron *cron, Zone zone, Instant after);

#endif
