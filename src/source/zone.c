/*
 * zone.c
 *	  Time zones for time/: the server's own.
 */
#include "postgres.h"

#include "source/zone.h"

#include "pgtime.h"

/*
 * The offset function of a Zone. An instant whose year does not fit into an int has none: UTC will
 * do.
 */
static int
zone_offset(const void *zone, Instant at)
{
	pg_time_t	  time = at;
	struct pg_tm *local = pg_localtime(&time, zone);

	return local ? (int) local->tm_gmtoff : 0;
}

bool
zone_find(const char *name, Zone *zone)
{
	pg_tz *found = pg_tzset(name);

	if (found == NULL || !pg_tz_acceptable(found)) /* the latter: it counts leap seconds */
		return false;
	zone->offset = zone_offset;
	zone->zone = found;
	return true;
}
