/*
 * schedule.c
 *	  datasens_cron_next(): what a schedule means, before trusting it.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/settings.h"
#include "compat.h"
#include "source/source.h"

#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_cron_next);

/* More due times than this are hardly asked for in earnest. */
#define MAX_TIMES 10000

static void
check_arguments(TimestampTz after, int n)
{
	if (n < 1 || n > MAX_TIMES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("n must be between 1 and %d, not %d", MAX_TIMES, n)));
	if (TIMESTAMP_IS_NOBEGIN(after))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("after must not be -infinity"),
				 errdetail("Nothing is the first time after it.")));
}

/*
 * datasens_cron_next(expr, after, timezone, n): the next n due times, or as many
 * as there are in a timestamp's range.  No rows for a null expr, after or n; a
 * null timezone is datasens.timezone.
 */
Datum
datasens_cron_next(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	const char	  *zone_name;
	Cron		   cron;
	Zone		   zone;
	Instant		   at;
	Instant		   end = instant_of(END_TIMESTAMP - 1);

	compat_materialize(fcinfo);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		return (Datum) 0;
	check_arguments(PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_INT32(3));
	schedule_parse(argument_string(fcinfo, 0), &cron);
	zone_name = argument_string(fcinfo, 2);
	zone = schedule_zone(zone_name ? zone_name : setting_timezone);

	at = instant_of(PG_GETARG_TIMESTAMPTZ(1));
	for (int i = 0; i < PG_GETARG_INT32(3) && at <= end; i++)
	{
		Datum value;
		bool  isnull = false;

		CHECK_FOR_INTERRUPTS();
		at = cron_next(&cron, zone, at);
		if (at > end)
			break;
		value = TimestampTzGetDatum(timestamp_of(at));
		tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}
