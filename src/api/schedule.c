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

/* Where a call stands between two of its rows. */
typedef struct CronCall
{
	Cron	cron;
	Zone	zone;
	Instant at; /* the last due time that was given, at first what it is to be after */
} CronCall;

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

/* Reads the arguments, of which only timezone may be null. */
static CronCall *
start_call(FunctionCallInfo fcinfo)
{
	CronCall   *call = palloc(sizeof(CronCall));
	const char *zone_name = argument_string(fcinfo, 2);

	check_arguments(PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_INT32(3));
	schedule_parse(argument_string(fcinfo, 0), &call->cron);
	call->zone = schedule_zone(zone_name ? zone_name : setting_timezone);
	call->at = instant_of(PG_GETARG_TIMESTAMPTZ(1));
	return call;
}

/*
 * datasens_cron_next(expr, after, timezone, n): the next n due times, or as many
 * as there are till the end of time.  No rows for a null expr, after or n; a
 * null timezone is datasens.timezone.
 */
Datum
datasens_cron_next(PG_FUNCTION_ARGS)
{
	FuncCallContext *rows;
	CronCall		*call;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext previous;

		rows = SRF_FIRSTCALL_INIT();
		if (!PG_ARGISNULL(0) && !PG_ARGISNULL(1) && !PG_ARGISNULL(3))
		{
			previous = MemoryContextSwitchTo(rows->multi_call_memory_ctx);
			rows->user_fctx = start_call(fcinfo);
			rows->max_calls = PG_GETARG_INT32(3);
			MemoryContextSwitchTo(previous);
		}
	}
	rows = SRF_PERCALL_SETUP();
	call = rows->user_fctx;
	if (rows->call_cntr < rows->max_calls)
	{
		call->at = cron_next(&call->cron, call->zone, call->at);
		if (call->at != INSTANT_NEVER)
			SRF_RETURN_NEXT(rows, TimestampTzGetDatum(timestamp_of(call->at)));
	}
	SRF_RETURN_DONE(rows);
}
