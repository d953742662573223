/*
 * retry.c
 *	  When what has failed is tried again.
 */
#include "postgres.h"

#include "base/settings.h"
#include "compat.h"
#include "store/retry.h"
#include "time/plan.h"

TimestampTz
retry_time(TimestampTz now, int attempts, int retry_after)
{
	return now +
		   plan_retry_delay(setting_retry_delay, attempts, retry_after, compat_random_fraction()) *
			   USECS_PER_SEC;
}
