/*
 * epoch.h
 *	  From 1970-01-01, where the plain C of parse/ and time/ counts from, to 2000-01-01,
 *	  where the server's timestamps and dates do.
 *
 * Called by whatever hands a time from the one to the other.
 */
#ifndef DATASENS_BASE_EPOCH_H
#define DATASENS_BASE_EPOCH_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define EPOCH_DAYS (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)
#define EPOCH_SECONDS (EPOCH_DAYS * INT64CONST(86400))
#define EPOCH_MICROSECONDS (EPOCH_DAYS * USECS_PER_DAY)

#endif
