/*
 * transaction.c
 *	  All that datasens does in tables: as their owner, with a pinned
 *	  search_path, through kept plans.
 */
#include "postgres.h"

#include "base/transaction.h"
#include "base/version.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * What a user, a database or a role may have set must not change what our statements mean, nor how
 * long they take. All of them reach rows by key or read a small table whole, so the plans that
 * were made for an empty table are to be right for a full one.
 */
static const char *const pinned_settings[][2] = {
	{"search_path", "pg_catalog, pg_temp"},
	{"enable_hashjoin", "off"},
	{"enable_mergejoin", "off"},
	{"enable_seqscan", "off"},
	{"jit", "off"},
	{"row_security", "off"},
	{"DateStyle", "ISO, YMD"},
	{"IntervalStyle", "postgres"},
};

/* ---- the extension ---- */

/*
 * Keeps the extension from being dropped until the transaction ends. False where it is not there,
 * or was dropped while we waited for whoever did that.
 */
static bool
extension_keep(void)
{
	Oid extension = get_extension_oid("datasens", true);

	if (!OidIsValid(extension))
		return false;
	LockDatabaseObject(ExtensionRelationId, extension, 0, AccessShareLock);
	return get_extension_oid("datasens", true) == extension;
}

/*
 * Whether the tables are those that our statements are written for; they are not between the
 * upgrade of the server's package and ALTER EXTENSION UPDATE in this database. Says so at that
 * level where they are not.
 */
static bool
extension_fits(int level)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	char	   *version = NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		fits;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("datasens"));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool  isnull;
		Datum value = heap_getattr(tuple, Anum_pg_extension_extversion,
								   RelationGetDescr(extensions), &isnull);

		version = TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	fits = version == NULL || strcmp(version, DATASENS_VERSION) == 0;
	if (!fits)
		ereport(level, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("extension datasens is of version %s in this database, its library "
							   "of version %s",
							   version, DATASENS_VERSION),
						errhint("Run ALTER EXTENSION datasens UPDATE in it. If it has been run, "
								"restart the server, which has an old library loaded.")));
	return fits;
}

/* ---- the owner ---- */

/*
 * Becomes the role pg_database_owner, in a security-restricted operation and with pinned settings,
 * and connects to SPI.
 */
static void
become_owner(OwnerScope *scope)
{
	GetUserIdAndSecContext(&scope->user, &scope->security_context);
	SetUserIdAndSecContext(ROLE_PG_DATABASE_OWNER, scope->security_context |
													   SECURITY_LOCAL_USERID_CHANGE |
													   SECURITY_RESTRICTED_OPERATION);
	scope->guc_level = NewGUCNestLevel();
	for (size_t i = 0; i < lengthof(pinned_settings); i++)
		(void) set_config_option(pinned_settings[i][0], pinned_settings[i][1], PGC_SUSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
}

void
owner_enter(OwnerScope *scope)
{
	/* The scripts themselves call us while the version is not yet what they make it. */
	if (!creating_extension)
		(void) extension_fits(ERROR);
	become_owner(scope);
}

void
owner_plan_freely(void)
{
	static const char *const ways[] = {"enable_hashjoin", "enable_mergejoin", "enable_seqscan"};

	for (size_t i = 0; i < lengthof(ways); i++)
		(void) set_config_option(ways[i], "on", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								 false);
}

void
owner_leave(OwnerScope *scope)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "could not finish SPI");
	AtEOXact_GUC(false, scope->guc_level);
	SetUserIdAndSecContext(scope->user, scope->security_context);
}

bool
transaction_start(OwnerScope *scope)
{
	scope->context = CurrentMemoryContext;
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	if (!extension_keep() || !extension_fits(LOG))
	{
		CommitTransactionCommand();
		MemoryContextSwitchTo(scope->context);
		return false;
	}
	PushActiveSnapshot(GetTransactionSnapshot());
	become_owner(scope);
	return true;
}

void
transaction_commit(OwnerScope *scope, bool durable)
{
	owner_leave(scope);
	PopActiveSnapshot();
	if (!durable)
		(void) set_config_option("synchronous_commit", "off", PGC_SUSET, PGC_S_SESSION,
								 GUC_ACTION_LOCAL, true, 0, false);
	CommitTransactionCommand();
	MemoryContextSwitchTo(scope->context);
	pgstat_report_stat(false);
}

void
statement_run(Statement *statement, const Datum *values, const char *nulls, int expected)
{
	int result;

	if (statement->plan == NULL)
	{
		SPIPlanPtr plan = SPI_prepare(statement->sql, statement->n_args, statement->types);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare \"%s\": %s", statement->sql,
				 SPI_result_code_string(SPI_result));
		statement->plan = plan;
	}
	result = SPI_execute_plan(statement->plan, (Datum *) values, nulls, false, 0);
	if (result != expected)
		elog(ERROR, "unexpected result of \"%s\": %s", statement->sql,
			 SPI_result_code_string(result));
}

TimestampTz
statement_time(Statement *statement)
{
	statement_run(statement, NULL, NULL, SPI_OK_SELECT);
	return row_time(0, 1);
}

Datum
text_or_null(const char *string, char *null)
{
	*null = string ? ' ' : 'n';
	return string ? CStringGetTextDatum(string) : (Datum) 0;
}

/* ---- results ---- */

static void
check_row(const SPITupleTable *rows, uint64 row)
{
	if (rows == NULL || row >= rows->numvals)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a row of a table in schema datasens has not been written"),
				 errhint("Look for a trigger or a rule on the tables that keeps rows out.")));
}

static void
check_type(TupleDesc desc, int column, Oid type)
{
	Form_pg_attribute attribute = TupleDescAttr(desc, column - 1);

	if (attribute->atttypid != type && getBaseType(attribute->atttypid) != type)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("column \"%s\" of a table in schema datasens is of type %s, not %s",
							   NameStr(attribute->attname), format_type_be(attribute->atttypid),
							   format_type_be(type)),
						errhint("Give it back the type that CREATE EXTENSION gave it.")));
}

Datum
table_datum(SPITupleTable *rows, uint64 row, int column, Oid type, bool *isnull)
{
	check_row(rows, row);
	check_type(rows->tupdesc, column, type);
	return SPI_getbinval(rows->vals[row], rows->tupdesc, column, isnull);
}

Datum
row_datum(uint64 row, int column, Oid type, bool *isnull)
{
	return table_datum(SPI_tuptable, row, column, type, isnull);
}

bool
row_bool(uint64 row, int column)
{
	bool isnull;

	return DatumGetBool(row_datum(row, column, BOOLOID, &isnull));
}

int32
row_int32(uint64 row, int column)
{
	bool isnull;

	return DatumGetInt32(row_datum(row, column, INT4OID, &isnull));
}

int64
row_int64(uint64 row, int column)
{
	bool isnull;

	return DatumGetInt64(row_datum(row, column, INT8OID, &isnull));
}

TimestampTz
row_time(uint64 row, int column)
{
	bool  isnull;
	Datum value = row_datum(row, column, TIMESTAMPTZOID, &isnull);

	return isnull ? DT_NOEND : DatumGetTimestampTz(value);
}

char *
row_string(MemoryContext context, uint64 row, int column)
{
	MemoryContext previous = MemoryContextSwitchTo(context);
	char		 *value;

	check_row(SPI_tuptable, row);
	value = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
	MemoryContextSwitchTo(previous);
	return value;
}

char *
row_need_string(MemoryContext context, uint64 row, int column)
{
	char *value = row_string(context, row, column);

	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\" of a table in schema datasens is null",
						NameStr(TupleDescAttr(SPI_tuptable->tupdesc, column - 1)->attname)),
				 errhint("Fill it, and give it back the NOT NULL that CREATE EXTENSION gave it.")));
	return value;
}
