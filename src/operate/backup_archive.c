/*
 * backup_archive.c
 *	  Backups in the archive: which are to go there, which have, and which are removed again.
 *
 * The table belongs to the database's owner, the depot to the administrator. So a row is followed
 * only where its file is one of this database's own backups, and its object lies where we would
 * have put it.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/transaction.h"
#include "operate/archive.h"
#include "operate/backup_files.h"
#include "operate/kept_files.h"
#include "store/journal.h"
#include "store/retry.h"

#include <unistd.h>

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define FOLDER "sauvegardes/"

/* No more archived backups than these are looked at for removal: three years of daily ones. */
#define MAX_KEPT 1000

static Statement due_statement = {
	.sql = "SELECT pg_catalog.min(archive_prochaine) FROM datasens.sauvegarde",
};

static Statement take_statement = {
	.sql = "SELECT id_sauvegarde, fichier, octets, sha256, archive_tentatives"
		   " FROM datasens.sauvegarde WHERE archive_prochaine <= pg_catalog.now()"
		   " ORDER BY id_sauvegarde DESC LIMIT 1 FOR UPDATE",
};

/* $2: when it is tried again if this attempt comes to nothing; null: never. */
static Statement attempt_statement = {
	.sql =
		"UPDATE datasens.sauvegarde SET archive_tentatives = archive_tentatives + 1,"
		"  archive_prochaine = $2, archive_erreur = 'interrupted: its process ended before it did',"
		"  archive_statut = CASE WHEN $2 IS NULL THEN 'echec' ELSE 'attendue' END"
		" WHERE id_sauvegarde = $1",
	.n_args = 2,
	.types = {INT8OID, TIMESTAMPTZOID},
};

static Statement archived_statement = {
	.sql = "UPDATE datasens.sauvegarde SET archive_statut = 'archivee', archive_uri = $2,"
		   "  archive_prochaine = NULL, archive_erreur = NULL WHERE id_sauvegarde = $1",
	.n_args = 2,
	.types = {INT8OID, TEXTOID},
};

static Statement failed_statement = {
	.sql = "UPDATE datasens.sauvegarde SET archive_erreur = $2 WHERE id_sauvegarde = $1",
	.n_args = 2,
	.types = {INT8OID, TEXTOID},
};

static Statement kept_statement = {
	.sql = "SELECT id_sauvegarde, archive_uri, octets, date_debut FROM datasens.sauvegarde"
		   " WHERE archive_statut = 'archivee' AND octets IS NOT NULL"
		   " ORDER BY date_debut DESC, id_sauvegarde DESC LIMIT $1",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement removed_statement = {
	.sql = "UPDATE datasens.sauvegarde SET archive_statut = 'supprimee' WHERE id_sauvegarde = $1",
	.n_args = 1,
	.types = {INT8OID},
};

/* The newest of all is never too old. */
static Statement old_statement = {
	.sql = "SELECT EXISTS (SELECT FROM datasens.sauvegarde WHERE archive_statut = 'archivee'"
		   " AND date_debut < $1 AND date_debut < (SELECT pg_catalog.max(date_debut)"
		   "  FROM datasens.sauvegarde WHERE archive_statut = 'archivee'))",
	.n_args = 1,
	.types = {TIMESTAMPTZOID},
};

/* What the backup is called in the depot. */
static char *
name_of(const char *file)
{
	return psprintf("%s" FOLDER "%s", depot_own(), file);
}

TimestampTz
backup_archive_due(void)
{
	return statement_time(&due_statement);
}

/* When to try again if the attempt of that number fails; *null is 'n' where it is the last. */
static Datum
next_attempt(int attempts, char *null)
{
	*null = attempts > setting_max_retries ? 'n' : ' ';
	return TimestampTzGetDatum(retry_time(GetCurrentTimestamp(), attempts, -1));
}

bool
backup_archive_take(MemoryContext context, BackupItem *item)
{
	Datum values[2];
	char  nulls[] = "  ";

	statement_run(&take_statement, NULL, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return false;
	item->id = row_int64(0, 1);
	item->file = row_string(context, 0, 2);
	item->size = row_int64(0, 3);
	item->digits = row_string(context, 0, 4);
	item->attempts = row_int32(0, 5) + 1;
	values[0] = Int64GetDatum(item->id);
	values[1] = next_attempt(item->attempts, &nulls[1]);
	item->last = nulls[1] == 'n';
	statement_run(&attempt_statement, values, nulls, SPI_OK_UPDATE);
	return true;
}

void
backup_archive_record(const BackupItem *item, const char *error)
{
	char *file = item->file ? item->file : "?";
	char *uri = depot_uri(name_of(file));
	Datum values[] = {Int64GetDatum(item->id), CStringGetTextDatum(error ? error : uri)};

	statement_run(error ? &failed_statement : &archived_statement, values, NULL, SPI_OK_UPDATE);
	if (error == NULL)
		journal_write("PG_SNAPSHOT_ARCHIVE", uri);
	else if (item->last)
		journal_write("PG_SNAPSHOT_ARCHIVE_ERROR", psprintf("%s : %s", file, error));
}

/* The path of the item's file; NULL where the row does not describe a backup of ours. */
static char *
path_of(const BackupItem *item)
{
	if (item->file == NULL || !depot_can_be(item->size, item->digits) ||
		setting_backup_directory[0] == '\0')
		return NULL;
	return backup_path(depot_database(), item->file);
}

char *
backup_archive_put(Depot *depot, const BackupItem *item)
{
	char *path = path_of(item);
	char *name;
	int	  file;
	char *error;

	if (path == NULL)
		return pstrdup("it is no backup that is in datasens.backup_directory");
	name = name_of(item->file); /* in a transaction, which would end with the open file */
	file = OpenTransientFile(path, O_RDONLY | O_NOFOLLOW | PG_BINARY);
	if (file < 0)
		return file_trouble("open", path);
	depot_show(depot, "datasens_backup");
	error = depot_put(depot, name, file, item->size, item->digits);
	if (error == NULL)
		error = depot_settle(depot);
	depot_show(depot, NULL);
	CloseTransientFile(file);
	return error;
}

/* ---- retention ---- */

typedef struct Kept
{
	int64		id;
	char	   *name; /* NULL: it is in no depot of ours */
	int64		size;
	TimestampTz made;
} Kept;

/* The backups that are archived, newest first, in the context; *n of them. */
static Kept *
load_kept(MemoryContext context, int *n)
{
	Kept	  *kept;
	Datum	   limit[] = {Int32GetDatum(MAX_KEPT)};
	char	  *own = depot_own();
	OwnerScope scope;

	*n = 0;
	if (!transaction_start(&scope))
		return NULL;
	statement_run(&kept_statement, limit, NULL, SPI_OK_SELECT);
	kept = MemoryContextAllocZero(context, (SPI_processed + 1) * sizeof(Kept));
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Kept *one = &kept[(*n)++];
		char *uri = row_string(context, row, 2);
		char *name = uri ? depot_name(uri) : NULL;

		one->id = row_int64(row, 1);
		one->size = row_int64(row, 3);
		one->made = row_time(row, 4);
		if (name && strncmp(name, own, strlen(own)) == 0 &&
			strncmp(name + strlen(own), FOLDER, strlen(FOLDER)) == 0 &&
			strchr(name + strlen(own) + strlen(FOLDER), '/') == NULL)
			one->name = MemoryContextStrdup(context, name);
	}
	transaction_commit(&scope, false);
	return kept;
}

static void
record_removed(int64 id)
{
	Datum	   values[] = {Int64GetDatum(id)};
	OwnerScope scope;

	if (!transaction_start(&scope))
		return;
	statement_run(&removed_statement, values, NULL, SPI_OK_UPDATE);
	transaction_commit(&scope, true);
}

/* Backups that were made before this are too old. */
static TimestampTz
limit_of_age(void)
{
	return GetCurrentTimestamp() - setting_backup_retention * USECS_PER_SEC;
}

bool
backup_archive_has_old(void)
{
	Datum	   limit[] = {TimestampTzGetDatum(limit_of_age())};
	OwnerScope scope;
	bool	   has_old;

	if (setting_backup_retention == 0 || !transaction_start(&scope))
		return false;
	statement_run(&old_statement, limit, NULL, SPI_OK_SELECT);
	has_old = row_bool(0, 1);
	transaction_commit(&scope, false);
	return has_old;
}

/*
 * The first of them that is there and has its size is the last good one, which stays however old
 * it is.
 */
char *
backup_archive_remove_old(Depot *depot)
{
	TimestampTz limit = limit_of_age();
	bool		have_good = false;
	int			n;
	Kept	   *kept;
	char	   *error = NULL;

	if (setting_backup_retention == 0)
		return NULL;
	kept = load_kept(CurrentMemoryContext, &n);
	for (int i = 0; i < n && error == NULL; i++)
	{
		bool good = false;

		if (kept[i].name == NULL || (have_good && kept[i].made >= limit))
			continue;
		if (!have_good)
		{
			error = depot_check(depot, kept[i].name, kept[i].size, &good);
			have_good = error == NULL && good;
		}
		if (error || good || kept[i].made >= limit)
			continue;
		error = depot_remove(depot, kept[i].name);
		if (error == NULL)
			record_removed(kept[i].id);
	}
	return error;
}
