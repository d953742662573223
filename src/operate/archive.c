/*
 * archive.c
 *	  The task "archivage": brings to datasens.archive_url what is to be there. First the
 *	  backups, then what runs received; then old backups are removed.
 *
 * What exactly is to be done with a backup is in backup_archive.c, with what runs received in
 * payload_work.c; here is only the order, the lock, and what is told of it.
 */
#include "postgres.h"

#include "base/lock.h"
#include "base/transaction.h"
#include "operate/alert.h"
#include "operate/archive.h"
#include "operate/payload.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define NAME "archivage"

/*
 * The number of the lock of who archives, on the table sauvegarde; that of who makes a backup is
 * 0.
 */
#define LOCK_NUMBER 1

static Statement row_statement = {
	.sql = "INSERT INTO datasens.tache (nom) VALUES ('" NAME "') ON CONFLICT DO NOTHING",
};

static Statement mark_statement = {
	.sql = "SELECT alerte FROM datasens.tache WHERE nom = '" NAME "'",
};

/* $1: what went wrong; null: nothing. */
static Statement told_statement = {
	.sql = "UPDATE datasens.tache SET derniere_execution = pg_catalog.now(), derniere_erreur = $1,"
		   "  dernier_succes = CASE WHEN $1 IS NULL THEN pg_catalog.now() ELSE dernier_succes END,"
		   "  echecs_consecutifs = CASE WHEN $1 IS NULL THEN 0 ELSE echecs_consecutifs + 1 END"
		   " WHERE nom = '" NAME "'",
	.n_args = 1,
	.types = {TEXTOID},
};

/*
 * Writes down how the task is, and raises or ends its alert where that is news. spent: there are
 * no retries left. Inside an owner's scope.
 */
static void
tell(const char *error, bool spent)
{
	Datum values[] = {error ? CStringGetTextDatum(error) : (Datum) 0};
	char *mark;

	statement_run(&row_statement, NULL, NULL, SPI_OK_INSERT);
	statement_run(&told_statement, values, error ? NULL : "n", SPI_OK_UPDATE);
	statement_run(&mark_statement, NULL, NULL, SPI_OK_SELECT);
	mark = row_string(CurrentMemoryContext, 0, 1);
	if (error == NULL || spent)
		alert_task(NAME, mark, error);
}

/* ---- the task ---- */

/* While somebody archives by hand it is not due: looked at again in so many seconds. */
#define LOOK_AGAIN_S 5

TimestampTz
archive_waits_until(void)
{
	return depot_configured() ? Min(backup_archive_due(), payload_due()) : DT_NOEND;
}

/*
 * The task's due function. Where somebody is archiving by hand at the moment it looks again
 * shortly.
 */
static TimestampTz
archive_due(void)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz due = archive_waits_until();

	if (due <= now && !lock_take(lock_table("sauvegarde"), LOCK_NUMBER, false, false))
		return now + LOOK_AGAIN_S * USECS_PER_SEC;
	return due;
}

/* The depot, with nothing half-done in it; NULL with *error set where that cannot be had. */
static Depot *
open_depot(MemoryContext context, char **error)
{
	Depot *depot = depot_open(context, error);

	if (depot)
		*error = depot_clear(depot);
	return *error ? NULL : depot;
}

static bool
take(MemoryContext context, BackupItem *item)
{
	OwnerScope scope;
	bool	   taken;

	if (!transaction_start(&scope))
		return false;
	taken = backup_archive_take(context, item);
	transaction_commit(&scope, true);
	return taken;
}

static void
record(const BackupItem *item, const char *error)
{
	OwnerScope scope;

	if (!transaction_start(&scope))
		return;
	backup_archive_record(item, error);
	tell(error, item->last);
	transaction_commit(&scope, true);
}

/*
 * Archives all backups that are due. depot NULL: there is none, and error says why; then each of
 * them gets that error. Returns what went wrong with the last one, or NULL.
 */
static char *
archive_backups(Depot *depot, char *error)
{
	MemoryContext context = CurrentMemoryContext;
	BackupItem	  item;
	char		 *failed = NULL;

	while (take(context, &item))
	{
		failed = depot ? backup_archive_put(depot, &item) : error;
		record(&item, failed);
		if (failed)
			ereport(LOG, (errmsg("could not archive backup \"%s\": %s", item.file ? item.file : "?",
								 failed)));
	}
	return failed;
}

/* Whether anything that runs received is due. */
static bool
payloads_are_due(void)
{
	OwnerScope scope;
	bool	   due;

	if (!transaction_start(&scope))
		return false;
	due = payload_due() <= GetCurrentTimestamp();
	transaction_commit(&scope, false);
	return due;
}

/* Archives what runs received, likewise. Returns what went wrong, or NULL. */
static char *
archive_payloads(Depot *depot, const char *error)
{
	OwnerScope scope;
	bool	   spent;
	char	  *failed;

	if (!payloads_are_due())
		return NULL;
	failed = payload_work(depot, error, &spent);
	if (transaction_start(&scope))
	{
		tell(failed, spent);
		transaction_commit(&scope, true);
	}
	return failed;
}

static void
archive_all(void)
{
	char  *error;
	Depot *depot = open_depot(CurrentMemoryContext, &error);
	char  *failed = archive_backups(depot, error);

	if (failed == NULL)
		failed = archive_payloads(depot, error);
	if (depot && failed == NULL)
		failed = backup_archive_remove_old(depot);
	if (failed)
		ereport(LOG, (errmsg("archiving failed: %s", failed)));
}

/* Does the work while holding the lock of who archives; does nothing where somebody else has it. */
static void
do_locked(void (*work)(void))
{
	Oid		   table;
	OwnerScope scope;
	bool	   locked;

	if (!transaction_start(&scope))
		return;
	table = lock_table("sauvegarde");
	locked = lock_take(table, LOCK_NUMBER, true, false);
	transaction_commit(&scope, false);
	if (!locked)
		return;
	PG_TRY();
	{
		work();
	}
	PG_FINALLY();
	{
		lock_release(table, LOCK_NUMBER, true);
	}
	PG_END_TRY();
}

static void
run_archive(void)
{
	do_locked(archive_all);
}

static void
remove_old(void)
{
	char  *error;
	Depot *depot = open_depot(CurrentMemoryContext, &error);

	if (depot)
		error = backup_archive_remove_old(depot);
	if (error)
		ereport(LOG, (errmsg("old backups could not be removed from the archive: %s", error)));
}

void
archive_remove_old(void)
{
	if (depot_configured() && backup_archive_has_old())
		do_locked(remove_old);
}

const Task task_archive = {
	.nom = NAME,
	.due = archive_due,
	.run = run_archive,
};

/* ---- by hand ---- */

char *
archive_backup_now(const Backup *backup)
{
	MemoryContext context = CurrentMemoryContext;
	BackupItem	  item = {.id = backup->id,
						  .file = backup->file,
						  .size = backup->size,
						  .digits = pstrdup(backup->digits),
						  .attempts = 1};
	char		 *error;
	Depot		 *depot;
	OwnerScope	  scope;

	(void) lock_take(lock_table("sauvegarde"), LOCK_NUMBER, false, true);
	depot = open_depot(context, &error);
	if (depot)
		error = backup_archive_put(depot, &item);
	owner_enter(&scope);
	backup_archive_record(&item, error);
	tell(error, false);
	owner_leave(&scope);
	MemoryContextSwitchTo(context);
	return error;
}
