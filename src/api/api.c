/*
 * api.c
 *	  What the SQL-callable functions share.
 */
#include "postgres.h"

#include "api/api.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

char *
argument_string(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(i));
}

void
check_can_write(const char *function)
{
	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("cannot execute %s() during recovery", function),
						errhint("Call it on the primary server.")));
	PreventCommandIfReadOnly(psprintf("%s()", function));
}

void
return_rows(ReturnSetInfo *result)
{
	for (uint64 row = 0; row < SPI_processed; row++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[row]);
}
