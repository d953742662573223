/*
 * api.c
 *	  What the SQL-callable functions share.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/settings.h"
#include "base/shared.h"

#include "access/xlog.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

static Statement any_statement = {.sql = "SELECT FROM datasens.source LIMIT 1"};

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
no_such_source(const char *nom)
{
	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("source \"%s\" does not exist", nom),
					errhint("datasens_health() lists the sources.")));
	pg_unreachable();
}

void
notice_if_idle(void)
{
	statement_run(&any_statement, NULL, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		ereport(NOTICE, (errmsg("there are no sources yet"),
						 errhint("SELECT datasens_add_default_sources() adds the usual ones, "
								 "datasens_add_source(type_source, nom, url) any other.")));
	else if (!shared_available())
		ereport(NOTICE,
				(errmsg("nothing is collected on schedule: datasens is not preloaded"),
				 errhint("Add datasens to shared_preload_libraries and restart the server.")));
	else if (!setting_enabled)
		ereport(NOTICE, (errmsg("nothing is collected on schedule: datasens.enabled is off"),
						 errhint("Set it to on and reload the configuration.")));
}

void
return_rows(ReturnSetInfo *result)
{
	TupleDesc desc = result->setDesc;
	Datum	 *values = palloc(desc->natts * sizeof(Datum));
	bool	 *nulls = palloc(desc->natts * sizeof(bool));

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		for (int i = 0; i < desc->natts; i++)
			values[i] = row_datum(row, i + 1, TupleDescAttr(desc, i)->atttypid, &nulls[i]);
		tuplestore_putvalues(result->setResult, desc, values, nulls);
	}
}
