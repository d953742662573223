/*
 * zone.h
 *	  Time zones for time/: the server's own, so that a schedule means what SQL
 *	  means by the same name.
 *
 * Who calls it: source/source.c.
 */
#ifndef DATASENS_SOURCE_ZONE_H
#define DATASENS_SOURCE_ZONE_H

#include "postgres.h"

#include "time/cron.h"

/*
 * The zone of that name, in any case: one of pg_timezone_names or a POSIX
 * specification, as the setting "timezone" takes them.  False where there is
 * none.  A zone once found is good for the life of the process.
 */
extern bool zone_find(const char *name, Zone *zone);

#endif
