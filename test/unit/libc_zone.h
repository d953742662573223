/*
 * libc_zone.h
 *	  The C library's time zones as a Zone of time/cron.h, for programs that
 *	  test schedules outside the server.
 *
 * The library knows one zone a process, in TZ: libc_zone changes it, and a Zone
 * got before is then the new one too.
 */
#ifndef DATASENS_TEST_LIBC_ZONE_H
#define DATASENS_TEST_LIBC_ZONE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "time/cron.h"

static inline int
libc_zone_offset(const void *zone, Instant at)
{
	time_t	  moment = at;
	struct tm local;

	(void) zone;
	if (localtime_r(&moment, &local) == NULL)
		return 0;
	return (int) local.tm_gmtoff;
}

/*
 * The zone of that name, as "Europe/Paris", or of a POSIX rule, as
 * "<+0530>-05:30".  Ends the test where the name is not installed, for the
 * library would take it for UTC without a word.
 */
static inline Zone
libc_zone(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	if (name[0] != '<' && access(path, R_OK) != 0)
	{
		printf("Bail out! Time zone %s is not installed\n", name);
		exit(1);
	}
	setenv("TZ", name, 1);
	tzset();
	return (Zone){libc_zone_offset, NULL};
}

#endif
