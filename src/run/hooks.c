/*
 * hooks.c
 *	  What the server's own commands mean to us.
 *
 * A collector that happens to run in a database would make DROP DATABASE, a rename and the like
 * wait five seconds and then fail, so it is stopped first (watch_utility). A database that is
 * created, or that lets people in again, may have come with the extension in it, so the launcher
 * looks. DROP EXTENSION is refused while documents are held, unless datasens.allow_drop says
 * otherwise (check_access).
 *
 * The hooks run in every backend, for every utility command and every object that is dropped: they
 * must be cheap for what does not concern us, and call those that were there before us.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/shared.h"
#include "compat.h"
#include "run/hooks.h"
#include "run/launcher.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "commands/dbcommands.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

/*
 * How long a command waits for the collectors that it has stopped; they take well under this. DROP
 * DATABASE by itself then waits for five seconds more.
 */
#define STOP_WAIT_MS 2000
#define STOP_POLL_MS 10

static ProcessUtility_hook_type previous_utility = NULL;
static object_access_hook_type	previous_access = NULL;

/* ---- DROP EXTENSION ---- */

/*
 * Whether the table has a row that this transaction can see.  By a plain scan:
 * in the middle of a DROP, indexes and types of it may be gone already.
 */
static bool
holds_rows(Oid table)
{
	Relation		relation = table_open(table, AccessShareLock);
	Snapshot		snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc	scan = table_beginscan(relation, snapshot, 0, NULL);
	bool			holds = table_scan_getnextslot(scan, ForwardScanDirection, slot);

	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(relation, AccessShareLock);
	return holds;
}

/* The table's name where it holds what was collected, else NULL. */
static const char *
collected_table(Oid relation)
{
	static const char *const names[] = {"document", "meteo", "evenement", "document_evenement"};
	char					*name = get_rel_name(relation);
	Oid						 schema = get_namespace_oid("datasens", true);

	if (name == NULL || !OidIsValid(schema) || get_rel_namespace(relation) != schema)
		return NULL;
	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return names[i];
	return NULL;
}

/*
 * object_access_hook: refuses to drop a table that holds collected rows. It looks at tables and
 * not at the extension, as the extension's own object comes last, when its tables are gone
 * already.
 */
static void
check_access(ObjectAccessType access, Oid classId, Oid objectId, int subId, void *arg)
{
	const char *table;

	if (previous_access)
		previous_access(access, classId, objectId, subId, arg);
	if (access != OAT_DROP || classId != RelationRelationId || subId != 0 || setting_allow_drop)
		return;
	table = collected_table(objectId);
	if (table != NULL && get_rel_relkind(objectId) == RELKIND_RELATION && holds_rows(objectId))
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot drop extension datasens: it holds collected documents"),
				 errdetail("Dropping the extension drops datasens.%s with all its rows.", table),
				 errhint("Save what you need, then SET datasens.allow_drop = on and drop again.")));
}

/* ---- databases ---- */

/* The database that a utility command wants nobody else to be connected to, or InvalidOid. */
static Oid
database_needed(const Node *command)
{
	const char *name = NULL;

	if (IsA(command, DropdbStmt))
		name = ((const DropdbStmt *) command)->dbname;
	else if (IsA(command, RenameStmt) &&
			 ((const RenameStmt *) command)->renameType == OBJECT_DATABASE)
		name = ((const RenameStmt *) command)->subname;
	else if (IsA(command, AlterDatabaseStmt))
		name = ((const AlterDatabaseStmt *) command)->dbname;
	else if (IsA(command, CreatedbStmt))
	{
		ListCell *cell;

		foreach (cell, ((const CreatedbStmt *) command)->options)
		{
			const DefElem *option = lfirst(cell);

			if (strcmp(option->defname, "template") == 0 && option->arg && IsA(option->arg, String))
				name = strVal(option->arg);
		}
	}
	return name ? get_database_oid(name, true) : InvalidOid;
}

/*
 * Stops the database's collectors and its operator, and waits a moment until they are gone. That
 * none of them comes back at once is for shared_stop_collectors.
 */
static void
stop_collectors(Oid database)
{
	for (int waited = 0; waited < STOP_WAIT_MS; waited += STOP_POLL_MS)
	{
		if (shared_stop_collectors(database) == 0)
			return;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, STOP_POLL_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/*
 * ProcessUtility_hook, where the library is preloaded: stops the collectors of a database that the
 * command needs for itself, if the user may do that to it at all, and has the launcher look for
 * new databases.
 */
/*
 * What a prepared transaction has changed of the sources it has told nobody, and who commits it may
 * be another session than the one that knows.
 */
static bool
is_commit_prepared(const Node *command)
{
	return IsA(command, TransactionStmt) &&
		   ((const TransactionStmt *) command)->kind == TRANS_STMT_COMMIT_PREPARED;
}

static void
watch_utility(PlannedStmt *statement, const char *query, bool read_only_tree,
			  ProcessUtilityContext context, ParamListInfo params, QueryEnvironment *environment,
			  DestReceiver *dest, QueryCompletion *completion)
{
	const Node *command = statement->utilityStmt;
	Oid			needed = shared_available() ? database_needed(command) : InvalidOid;
	bool		opens = IsA(command, CreatedbStmt) || IsA(command, AlterDatabaseStmt);
	bool		commits_prepared = is_commit_prepared(command);

	if (OidIsValid(needed) && compat_owns_database(needed, GetUserId()))
		stop_collectors(needed);
	if (previous_utility)
		previous_utility(statement, query, read_only_tree, context, params, environment, dest,
						 completion);
	else
		standard_ProcessUtility(statement, query, read_only_tree, context, params, environment,
								dest, completion);
	if (opens)
		launcher_rescan_at_commit();
	if (commits_prepared)
		launcher_poke_at_commit();
}

void
hooks_install(void)
{
	previous_access = object_access_hook;
	object_access_hook = check_access;
	if (process_shared_preload_libraries_in_progress)
	{
		previous_utility = ProcessUtility_hook;
		ProcessUtility_hook = watch_utility;
	}
}
