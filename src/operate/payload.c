/*
 * payload.c
 *	  What runs received, on its way to datasens.archive_url: files and rows of the queue. The
 *	  other half, which works the queue off, is payload_work.c. The protocol is in payload.h.
 */
#include "postgres.h"

#include "base/file_write.h"
#include "base/hasher.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/kept_files.h"
#include "operate/payload.h"
#include "parse/warc.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "common/file_perm.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* The queue's directory in the data directory, for all databases. */
#define FOLDER "datasens_archive"

#define CHUNK (64 * 1024)

/* So many characters of a source's name go into an object's name. */
#define STEM_LENGTH 60

/*
 * A file without a row is removed only after so many seconds: the transaction that has written it
 * may still commit.
 */
#define ORPHAN_AGE_S (24 * 60 * 60)

/*
 * How many bytes the queue holds, and when what is added is due: at once; but while the depot
 * fails, together with what waits for its next attempt. Rows that the task is at work on have a
 * later time as well, which means nothing unless the task has failed.
 */
static Statement room_statement = {
	.sql = "SELECT coalesce(pg_catalog.sum(octets), 0)::bigint,"
		   "  CASE WHEN EXISTS (SELECT FROM datasens.tache WHERE nom = 'archivage'"
		   "    AND echecs_consecutifs > 0)"
		   "   THEN greatest(pg_catalog.now(), pg_catalog.min(prochaine)"
		   "    FILTER (WHERE tentatives > 0))"
		   "   ELSE pg_catalog.now() END"
		   " FROM datasens.archive",
};

static Statement insert_statement = {
	.sql = "INSERT INTO datasens.archive (id_flux, nom, octets, sha256, prochaine)"
		   " VALUES ($1, $2, $3, $4, $5)",
	.n_args = 5,
	.types = {INT8OID, TEXTOID, INT8OID, TEXTOID, TIMESTAMPTZOID},
};

static Statement needed_statement = {
	.sql = "SELECT 1 FROM datasens.archive WHERE id_flux = $1",
	.n_args = 1,
	.types = {INT8OID},
};

/* The queue has grown since payload_take_written. */
static bool written = false;

bool
payload_configured(void)
{
	return depot_configured();
}

/* ---- files ---- */

char *
payload_path(int64 id_flux)
{
	return psprintf(FOLDER "/%u." INT64_FORMAT WARC_SUFFIX, MyDatabaseId, id_flux);
}

/*
 * "reponses/2024-01-31/SOURCE-ID.warc.gz", with the day in UTC on which the run began. There is no
 * directory for each source, as making one costs as much as all the rest of an object.
 */
static char *
name_of(int64 id_flux, const char *nom, TimestampTz at)
{
	pg_time_t	  seconds = timestamptz_to_time_t(at);
	struct pg_tm *utc = pg_gmtime(&seconds);

	return psprintf(PAYLOAD_FOLDER "%04d-%02d-%02d/%.*s-" INT64_FORMAT WARC_SUFFIX,
					utc->tm_year + 1900, utc->tm_mon + 1, utc->tm_mday, STEM_LENGTH, kept_stem(nom),
					id_flux);
}

/* Adds bytes to the file, at that offset, and to the hash. */
static bool
add_bytes(int to, Hasher *hasher, const char *bytes, size_t n, int64 offset)
{
	if (!hasher_add(hasher, bytes, n))
		elog(ERROR, "could not compute SHA-256");
	return file_write(to, bytes, n, offset);
}

/* The same with all of a file. */
static bool
add_file(int to, Hasher *hasher, int file, int64 size)
{
	char *chunk = palloc(CHUNK);
	int64 offset = 0;
	bool  added = true;

	while (added && offset < size)
	{
		ssize_t n = pread(file, chunk, (size_t) Min(CHUNK, size - offset), (off_t) offset);

		CHECK_FOR_INTERRUPTS();
		if (n < 0 && errno == EINTR)
			continue;
		errno = n == 0 ? EIO : errno;
		added = n > 0 && add_bytes(to, hasher, chunk, (size_t) n, offset);
		offset += n;
	}
	pfree(chunk);
	return added;
}

static void
finish_digits(Payload *payload, Hasher *hasher)
{
	uint8 hash[SHA256_SIZE];

	if (!hasher_end(hasher, hash))
		elog(ERROR, "could not compute SHA-256");
	hasher_write_digits(hash, payload->digits);
}

char *
payload_write(Payload *payload, const char *nom, TimestampTz at, Text bytes, int file, int64 size)
{
	char   *path = payload_path(payload->id_flux);
	Hasher *hasher = hasher_own();
	char   *error = NULL;
	int		to;
	bool	added;

	if (MakePGDirectory(FOLDER) != 0 && errno != EEXIST)
		return file_trouble("create directory", FOLDER);
	to = OpenTransientFile(path, O_WRONLY | O_CREAT | O_TRUNC | PG_BINARY);
	if (to < 0)
		return file_trouble("create", path);
	added = hasher_begin(hasher) && (file >= 0 ? add_file(to, hasher, file, size)
											   : add_bytes(to, hasher, bytes.data, bytes.len, 0));
	if (!added)
		error = file_trouble("write", path);
	else
		pg_flush_data(to, 0, 0); /* begins to write it to the disk; nobody waits */
	if (CloseTransientFile(to) != 0 && error == NULL)
		error = file_trouble("close", path);
	finish_digits(payload, hasher);
	if (error != NULL)
		(void) unlink(path);
	payload->size = file >= 0 ? size : (int64) bytes.len;
	payload->name = name_of(payload->id_flux, nom, at);
	return error;
}

void
payload_discard(int64 id_flux)
{
	char *path = payload_path(id_flux);

	if (unlink(path) != 0 && errno != ENOENT)
		ereport(LOG, (errcode_for_file_access(), errmsg("could not remove file \"%s\": %m", path)));
	pfree(path);
}

/* ---- files that nobody needs ---- */

/* Whether a row names the file of that flux. */
static bool
is_needed(int64 id_flux)
{
	Datum values[] = {Int64GetDatum(id_flux)};

	statement_run(&needed_statement, values, NULL, SPI_OK_SELECT);
	return SPI_processed > 0;
}

/* Whether nobody can be about to write a row for the file any more. */
static bool
is_old(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
		   (pg_time_t) status.st_mtime < (pg_time_t) time(NULL) - ORPHAN_AGE_S;
}

/*
 * Removes a file of the queue that is old and that no row of its database needs; of another
 * database only where that database is gone.
 */
static void
clean_file(const char *entry)
{
	char		*path = psprintf(FOLDER "/%s", entry);
	unsigned int database;
	long long	 id_flux;
	int			 end = 0;
	OwnerScope	 scope;
	bool		 needed;

	if (sscanf(entry, "%u.%lld" WARC_SUFFIX "%n", &database, &id_flux, &end) < 2 ||
		entry[end] != '\0' || !is_old(path) || !transaction_start(&scope))
		return;
	needed = database == MyDatabaseId ? is_needed(id_flux) : get_database_name(database) != NULL;
	transaction_commit(&scope, false);
	if (!needed && unlink(path) != 0)
		ereport(LOG, (errcode_for_file_access(), errmsg("could not remove file \"%s\": %m", path)));
}

/* Reads all names first, as the end of a transaction closes the directory. */
void
payload_clean(void)
{
	DIR			  *folder = AllocateDir(FOLDER);
	List		  *names = NIL;
	ListCell	  *cell;
	struct dirent *entry;

	while (folder != NULL && (entry = ReadDirExtended(folder, FOLDER, LOG)) != NULL)
	{
		if (entry->d_name[0] != '.')
			names = lappend(names, pstrdup(entry->d_name));
	}
	if (folder != NULL)
		FreeDir(folder);
	foreach (cell, names)
	{
		CHECK_FOR_INTERRUPTS();
		clean_file(lfirst(cell));
	}
}

/* ---- rows ---- */

int64
payload_room(TimestampTz *due)
{
	statement_run(&room_statement, NULL, NULL, SPI_OK_SELECT);
	*due = row_time(0, 2);
	return (int64) setting_archive_queue_size * 1024 - row_int64(0, 1);
}

void
payload_insert(const Payload *payload)
{
	Datum values[] = {Int64GetDatum(payload->id_flux), CStringGetTextDatum(payload->name),
					  Int64GetDatum(payload->size), CStringGetTextDatum(payload->digits),
					  TimestampTzGetDatum(payload->due)};

	statement_run(&insert_statement, values, NULL, SPI_OK_INSERT);
	written = true;
}

bool
payload_take_written(void)
{
	bool was = written;

	written = false;
	return was;
}
