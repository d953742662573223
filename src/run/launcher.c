/*
 * launcher.c
 *	  The launcher: starts a collector wherever something is due.
 *
 * It is one static background worker, which the postmaster starts when recovery has finished: so
 * there is none on a standby, and one by itself after a promotion. It is connected to no database
 * and so is in nobody's way; but it sees only the shared catalogs and cannot tell which databases
 * have the extension. Therefore it sends a collector into each database at its start and into
 * every new one. The collector leaves at once where there is nothing to do; a CREATE EXTENSION
 * that commits pokes the launcher (base/shared.h).
 *
 * Otherwise it sleeps until the earliest due time that a collector has published. The tasks beside
 * the collecting (backup, retention, ...) are done by an operator, which it starts in the same way
 * (run/operator.c).
 *
 * Backends use this file, too: the launcher_..._at_commit() functions run in whatever session has
 * changed a source, or left something to be done.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/shared.h"
#include "compat.h"
#include "run/launcher.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "libpq/pqsignal.h"
#include "portability/instr_time.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* The postmaster starts a launcher that has failed again after so many seconds. */
#define RESTART_SECONDS 1

/*
 * Where the clock is set back by more than this, due times that were computed before it would come
 * late by as much: everything is planned anew.
 */
#define CLOCK_STEP (60 * USECS_PER_SEC)

static bool told_no_slot = false;

void
launcher_register(void)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = RESTART_SECONDS;
	strlcpy(worker.bgw_library_name, "datasens", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "datasens_launcher_main", BGW_MAXLEN);
	strlcpy(worker.bgw_name, "datasens launcher", BGW_MAXLEN);
	strlcpy(worker.bgw_type, "datasens launcher", BGW_MAXLEN);
	RegisterBackgroundWorker(&worker);
}

/* ---- pokes from backends ---- */

static bool poke_pending = false;
static bool rescan_pending = false;
static bool errand_pending = false;

/*
 * Describes a worker of ours for a database, ready for RegisterDynamicBackgroundWorker. function:
 * the middle of its entry point's name; type: the end of its bgw_type.
 */
static BackgroundWorker
worker_for(Oid database, const char *function, const char *type, Datum argument)
{
	BackgroundWorker worker;

	memset(&worker, 0, sizeof(worker));
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_main_arg = argument;
	strlcpy(worker.bgw_library_name, "datasens", BGW_MAXLEN);
	snprintf(worker.bgw_function_name, BGW_MAXLEN, "datasens_%s_main", function);
	snprintf(worker.bgw_name, BGW_MAXLEN, "datasens %s for database %u", type, database);
	snprintf(worker.bgw_type, BGW_MAXLEN, "datasens %s", type);
	return worker;
}

/*
 * Where the library is not preloaded: starts an operator for this database, without a ticket, as
 * there is no shared memory to hold one.
 */
static void
send_errand(void)
{
	BackgroundWorker worker =
		worker_for(MyDatabaseId, "errand", "operator", ObjectIdGetDatum(MyDatabaseId));

	if (!RegisterDynamicBackgroundWorker(&worker, NULL))
		ereport(WARNING, (errmsg("what is to be archived or delivered has to wait: out of "
								 "background worker slots"),
						  errdetail("The next datasens_collect() tries again."),
						  errhint("Increase max_worker_processes and restart the server.")));
}

/*
 * XactCallback, called at the end of every transaction once it is registered: does what was asked
 * for where the transaction commits, and forgets it where not.
 */
static void
poke_at_end(XactEvent event, void *arg)
{
	bool poke = poke_pending;
	bool rescan = rescan_pending;
	bool errand = errand_pending;

	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT)
		return;
	poke_pending = rescan_pending = errand_pending = false;
	if (event == XACT_EVENT_ABORT)
		return;
	if (errand)
		send_errand();
	if (rescan)
		shared_poke_rescan();
	if (poke && !shared_poke(MyDatabaseId))
		ereport(WARNING, (errmsg("datasens does not collect in this database: too many databases"),
						  errhint("Increase datasens.max_databases and restart the server.")));
}

/*
 * Notes what is to be done when the transaction commits. Were it done at once, the launcher would
 * look at the tables and not see what is not committed yet.
 */
static void
at_commit(bool *pending)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(poke_at_end, NULL);
		registered = true;
	}
	*pending = true;
}

void
launcher_poke_at_commit(void)
{
	if (shared_available())
		at_commit(&poke_pending);
}

void
launcher_rescan_at_commit(void)
{
	if (shared_available())
		at_commit(&rescan_pending);
}

void
launcher_errand_at_commit(void)
{
	at_commit(shared_available() ? &poke_pending : &errand_pending);
}

/* ---- databases ---- */

/* Has a collector sent into every database that one can connect to, by poking all of them. */
static void
look_at_databases(void)
{
	Relation	  relation;
	TableScanDesc scan;
	HeapTuple	  tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		if (database->datistemplate || !database->datallowconn ||
			database->datconnlimit == DATCONNLIMIT_INVALID_DB)
			continue;
		if (!shared_poke(database->oid))
		{
			ereport(LOG, (errmsg("datasens: more databases than datasens.max_databases = %d",
								 setting_max_databases),
						  errhint("Increase datasens.max_databases and restart the server.")));
			break;
		}
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();
}

/*
 * Whether the database is still there. By a scan of the table: in a new cluster, a process without
 * a database does not know of its indexes yet.
 */
static bool
database_exists(Oid database)
{
	Relation	relation;
	ScanKeyData key;
	SysScanDesc scan;
	bool		exists;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_database_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(database));
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 1, &key);
	exists = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();
	return exists;
}

/* ---- collectors ---- */

/*
 * By ticket, the workers that have been registered and have not been seen to run or to end yet;
 * NULL for all others.
 */
static BackgroundWorkerHandle *starting[SHARED_MAX_COLLECTORS];

static bool
start_collector(int ticket, Oid database, bool is_operator)
{
	const char		*type = is_operator ? "operator" : "collector";
	BackgroundWorker worker = worker_for(database, type, type, Int32GetDatum(ticket));

	worker.bgw_notify_pid = MyProcPid;
	return RegisterDynamicBackgroundWorker(&worker, &starting[ticket]);
}

/*
 * Follows the workers that are on their way. One that the postmaster could not start never took
 * its ticket over, so the ticket is given back here.
 */
static void
watch_starting(void)
{
	for (int ticket = 0; ticket < SHARED_MAX_COLLECTORS; ticket++)
	{
		pid_t			pid;
		BgwHandleStatus status;

		if (starting[ticket] == NULL)
			continue;
		status = GetBackgroundWorkerPid(starting[ticket], &pid);
		if (status == BGWH_NOT_YET_STARTED)
			continue;
		if (status == BGWH_STOPPED)
			shared_collector_failed(ticket);
		pfree(starting[ticket]);
		starting[ticket] = NULL;
	}
}

/* Logs that no background worker slot is free: once, not at each of the tries that follow. */
static void
tell_no_slot(void)
{
	if (!told_no_slot)
		ereport(LOG, (errmsg("datasens: out of background worker slots; collecting is delayed"),
					  errhint("Increase max_worker_processes and restart the server.")));
	told_no_slot = true;
}

/* Starts all collectors and operators that are needed now; returns when to look again. */
static TimestampTz
start_collectors(void)
{
	TimestampTz wake;

	for (;;)
	{
		Oid	 database;
		bool is_operator;
		int	 ticket = shared_next_start(GetCurrentTimestamp(), &database, &is_operator, &wake);

		if (ticket < 0)
			return wake;
		if (!database_exists(database))
		{
			shared_collector_failed(ticket);
			shared_forget(database);
		}
		else if (start_collector(ticket, database, is_operator))
			told_no_slot = false;
		else
		{
			shared_collector_failed(ticket);
			tell_no_slot();
		}
	}
}

/* Notices when the server's clock is set back, by comparing it with the monotonic clock. */
static void
watch_clock(void)
{
	static int64 last = PG_INT64_MIN;
	instr_time	 steady;
	int64		 ahead;

	INSTR_TIME_SET_CURRENT(steady);
	ahead = GetCurrentTimestamp() - (int64) INSTR_TIME_GET_MICROSEC(steady);
	if (last > ahead + CLOCK_STEP)
	{
		ereport(LOG, (errmsg("datasens: the clock was set back by %lld seconds",
							 (long long) ((last - ahead) / USECS_PER_SEC)),
					  errdetail("What is planned is planned anew.")));
		shared_poke_all();
	}
	last = ahead;
}

void
datasens_launcher_main(Datum unused)
{
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	ProcessConfigFile(PGC_SIGHUP);
	shared_launcher_start();

	while (!ShutdownRequestPending)
	{
		TimestampTz wake = DT_NOEND;
		long		timeout = -1;

		watch_starting();
		watch_clock();
		if (shared_take_rescan())
			look_at_databases();
		if (setting_enabled)
			wake = start_collectors();
		if (wake != DT_NOEND)
			timeout = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), wake);
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (timeout >= 0 ? WL_TIMEOUT : 0),
						 timeout, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
			shared_poke_all();
		}
	}
	/* Not 0, which is for ever: one that was terminated by hand is started again. */
	proc_exit(1);
}
