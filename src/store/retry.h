/*
 * retry.h
 *	  When what has failed is tried again.
 *
 * Who calls it: whatever writes an attempt down, of a source, a slice, a task, an alert
 * or something to be archived.
 */
#ifndef DATASENS_STORE_RETRY_H
#define DATASENS_STORE_RETRY_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * The time of the next attempt after so many (from 1) that failed: datasens.retry_delay, doubled
 * with each and with jitter, or what a server asked for (retry_after, in seconds; -1: nothing).
 * See plan_retry_delay in time/plan.h.
 */
extern TimestampTz retry_time(TimestampTz now, int attempts, int retry_after);

#endif
