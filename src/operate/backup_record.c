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
#include "store/journal.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Statement insert_statement = {
	.sql = "INSERT INTO datasens.sauvegarde (date_debut, duree, declencheur, statut, fichier,"
		   "  octets, sha256, note, erreur) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		   " RETURNING id_sauvegarde",
	.n_args = 9,
	.types = {TIMESTAMPTZOID, INTERVALOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, TEXTOID, TEXTOID,
			  TEXTOID},
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

static Datum
text_or_null(const char *string, char *null)
{
	*null = string ? ' ' : 'n';
	return string ? CStringGetTextDatum(string) : (Datum) 0;
}

static void
insert_row(Backup *backup)
{
	Interval duration = {.time = backup->ended - backup->started};
	bool	 good = backup->error == NULL;
	bool	 measured = good && backup->kept;
	char	 nulls[] = "         ";
	Datum	 values[9];
	bool	 isnull;

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
	statement_run(&insert_statement, values, nulls, SPI_OK_INSERT_RETURNING);
	backup->id = DatumGetInt64(row_datum(0, 1, &isnull));
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
 * Removes files that are too old.  Rows come newest first: the first whose file
 * is there and whole is the last good one, and stays however old it is.
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
		int64		size = DatumGetInt64(SPI_getbinval(rows->vals[row], rows->tupdesc, 3, &isnull));
		TimestampTz made =
			DatumGetTimestampTz(SPI_getbinval(rows->vals[row], rows->tupdesc, 4, &isnull));
		Datum id[] = {SPI_getbinval(rows->vals[row], rows->tupdesc, 1, &isnull)};
		bool  there = file != NULL && backup_is_there(backup, file, size);

		if (there && (!have_good || made >= limit))
			have_good = true;
		else if (made < limit && (!there || backup_remove(backup, file)))
			statement_run(&removed_statement, id, NULL, SPI_OK_UPDATE);
	}
}

void
backup_record(Backup *backup)
{
	insert_row(backup);
	write_journal(backup);
	if (backup->error == NULL)
		remove_old(backup);
}
