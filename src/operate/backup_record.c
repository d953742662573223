/*
 * backup_record.c
 *	  What is kept of backups: their rows, their lines in the journal, and the
 *	  files for as long as datasens.backup_retention says.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/transaction.h"
#include "operate/backup.h"
#include "operate/backup_files.h"
#include "operate/depot.h"
#include "store/journal.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Statement insert_statement = {
	.sql = "INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier,"
		   "  octets, sha256, note, erreur, archive_statut, archive_prochaine)"
		   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CASE WHEN $10 THEN 'attendue' END,"
		   "  CASE WHEN $10 THEN pg_catalog.now() END) RETURNING id_sauvegarde",
	.n_args = 10,
	.types = {TIMESTAMPTZOID, INTERVALOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTOID,
			  TEXTOID, BOOLOID},
};

/* Backups that could not be archived are tried again with each new one, the newest few of them. */
static Statement again_statement = {
	.sql = "UPDATE datasens.sauvegarde SET archive_statut = 'attendue', archive_tentatives = 0,"
		   "  archive_prochaine = pg_catalog.now() WHERE id_sauvegarde IN"
		   " (SELECT id_sauvegarde FROM datasens.sauvegarde WHERE archive_statut = 'echec'"
		   "  AND date_suppression IS NULL ORDER BY date_debut DESC LIMIT 3)",
};

static Statement kept_statement = {
	.sql = "SELECT id_sauvegarde, fichier, octets, date_debut FROM datasens.sauvegarde"
		   " WHERE statut = 'succes' AND octets IS NOT NULL AND date_suppression IS NULL"
		   " ORDER BY date_debut DESC, id_sauvegarde DESC",
};

static Statement removed_statement = {
	.sql = "UPDATE datasens.sauvegarde SET date_suppression = pg_catalog.now()"
		   " WHERE id_sauvegarde = $1",
	.n_args = 1,
	.types = {INT8OID},
};

bool
backup_is_for_archive(const Backup *backup)
{
	return backup->error == NULL && backup->kept && depot_configured();
}

static void
insert_row(Backup *backup)
{
	Interval duration = {.time = backup->ended - backup->started};
	bool	 good = backup->error == NULL;
	bool	 measured = good && backup->kept;
	char	 nulls[] = "          ";
	Datum	 values[10];

	values[0] = TimestampTzGetDatum(backup->started);
	values[1] = IntervalPGetDatum(&duration);
	values[2] = CStringGetTextDatum(backup->trigger);
	values[3] = CStringGetTextDatum(good ? "succes" : "echec");
	values[4] = text_or_null(good ? backup->file : NULL, &nulls[4]);
	values[5] = Int64GetDatum(backup->size);
	nulls[5] = measured ? ' ' : 'n';
	values[6] = text_or_null(measured ? backup->digits : NULL, &nulls[6]);
	values[7] = text_or_null(backup->note, &nulls[7]);
	values[8] = text_or_null(backup->error, &nulls[8]);
	values[9] = BoolGetDatum(backup_is_for_archive(backup));
	statement_run(&insert_statement, values, nulls, SPI_OK_INSERT_RETURNING);
	backup->id = row_int64(0, 1);
}

static void
write_journal(const Backup *backup)
{
	const char *separator = backup->note ? " : " : "";
	const char *note = backup->note ? backup->note : "";

	if (backup->error)
		journal_write("PG_SNAPSHOT_ERROR", psprintf("%s%s%s", backup->error, separator, note));
	else if (backup->kept)
		journal_write("PG_SNAPSHOT",
					  psprintf("%s, %lld octets, sha256 %s%s%s", backup->file,
							   (long long) backup->size, backup->digits, separator, note));
	else
		journal_write("PG_SNAPSHOT", psprintf("%s%s%s", backup->file, separator, note));
}

/*
 * Removes files that are too old. The rows come newest first: the first whose file is there and
 * has its size is the last good one, which stays however old it is.
 */
static void
remove_old(const Backup *backup)
{
	TimestampTz	   limit = backup->ended - setting_backup_retention * USECS_PER_SEC;
	bool		   have_good = false;
	SPITupleTable *rows;
	uint64		   n;

	if (setting_backup_retention == 0)
		return;
	statement_run(&kept_statement, NULL, NULL, SPI_OK_SELECT);
	rows = SPI_tuptable;
	n = SPI_processed;
	for (uint64 row = 0; row < n; row++)
	{
		bool		isnull;
		char	   *file = SPI_getvalue(rows->vals[row], rows->tupdesc, 2);
		int64		size = DatumGetInt64(table_datum(rows, row, 3, INT8OID, &isnull));
		TimestampTz made = DatumGetTimestampTz(table_datum(rows, row, 4, TIMESTAMPTZOID, &isnull));
		Datum		id[] = {table_datum(rows, row, 1, INT8OID, &isnull)};
		bool		there = file != NULL && backup_is_there(backup, file, size);

		if (there && (!have_good || made >= limit))
			have_good = true;
		else if (made < limit && (!there || backup_remove(backup, file)))
			statement_run(&removed_statement, id, NULL, SPI_OK_UPDATE);
	}
}

void
backup_record(Backup *backup)
{
	if (backup_is_for_archive(backup))
		statement_run(&again_statement, NULL, NULL, SPI_OK_UPDATE);
	insert_row(backup);
	write_journal(backup);
	if (backup->error == NULL)
		remove_old(backup);
}
