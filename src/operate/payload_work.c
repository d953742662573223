/*
 * payload_work.c
 *	  What runs received, on its way to datasens.archive_url: the queue is worked off, objects
 *	  are removed, and found again for a replay. The protocol is in payload.h.
 *
 * Each batch has three parts: a transaction that takes items and counts the attempt, the work
 * without a transaction, and a transaction that writes down what became of them.
 */
#include "postgres.h"

#include "base/hasher.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/kept_files.h"
#include "operate/payload.h"
#include "parse/warc.h"
#include "store/journal.h"
#include "store/retry.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * So many rows are taken in one transaction, and so many transactions are made before the operator
 * looks at its other tasks.
 */
#define BATCH 100
#define MAX_BATCHES 10

/* The delay between attempts doubles this often and then stays. */
#define MAX_DOUBLINGS 6

static Statement due_statement = {
	.sql = "SELECT pg_catalog.min(prochaine) FROM datasens.archive",
};

/* vain: nobody wants the item any more. */
static Statement take_statement = {
	.sql = "SELECT a.id_archive, a.id_flux, a.nom, a.octets, a.sha256, a.uri, a.tentatives,"
		   "  a.retiree OR (a.uri IS NULL AND f.id_flux IS NULL) AS vain"
		   " FROM datasens.archive a LEFT JOIN datasens.flux f ON f.id_flux = a.id_flux"
		   " WHERE a.prochaine <= pg_catalog.now() ORDER BY a.id_archive LIMIT $1"
		   " FOR UPDATE OF a SKIP LOCKED",
	.n_args = 1,
	.types = {INT4OID},
};

/* $1: ids; $2: when they are tried again if this attempt comes to nothing. */
static Statement attempt_statement = {
	.sql = "UPDATE datasens.archive SET tentatives = tentatives + 1, prochaine = $2,"
		   "  erreur = 'interrupted: its process ended before it did'"
		   " WHERE id_archive = ANY ($1)",
	.n_args = 2,
	.types = {INT8ARRAYOID, TIMESTAMPTZOID},
};

/* $1: id; $2: why; $3: whether the attempt counts. */
static Statement failed_statement = {
	.sql = "UPDATE datasens.archive SET erreur = $2,"
		   "  tentatives = tentatives - CASE WHEN $3 THEN 0 ELSE 1 END WHERE id_archive = $1",
	.n_args = 3,
	.types = {INT8OID, TEXTOID, BOOLOID},
};

/* $1: an item that failed. No other is tried before it is, as it is the depot that fails. */
static Statement postpone_statement = {
	.sql = "UPDATE datasens.archive a SET prochaine = r.prochaine FROM datasens.archive r"
		   " WHERE r.id_archive = $1 AND a.prochaine < r.prochaine",
	.n_args = 1,
	.types = {INT8OID},
};

static Statement done_statement = {
	.sql = "DELETE FROM datasens.archive WHERE id_archive = $1",
	.n_args = 1,
	.types = {INT8OID},
};

static Statement name_statement = {
	.sql = "UPDATE datasens.flux SET manifest_uri = $2 WHERE id_flux = $1",
	.n_args = 2,
	.types = {INT8OID, TEXTOID},
};

static Statement find_statement = {
	.sql = "SELECT f.id_flux, f.id_source, f.manifest_uri, a.nom IS NOT NULL AND NOT a.retiree"
		   " FROM datasens.flux r JOIN datasens.flux f"
		   "  ON f.id_flux = coalesce(r.id_flux_origine, r.id_flux)"
		   " LEFT JOIN datasens.archive a ON a.id_flux = f.id_flux"
		   " WHERE r.id_flux = $1",
	.n_args = 1,
	.types = {INT8OID},
};

static Statement forget_objects_statement = {
	.sql = "WITH anciens AS (SELECT id_flux, manifest_uri FROM datasens.flux"
		   "  WHERE id_source = $1 AND id_flux >= $2 AND manifest_uri LIKE '%" WARC_SUFFIX "'"
		   "  FOR UPDATE),"
		   " retires AS (INSERT INTO datasens.archive (uri) SELECT manifest_uri FROM anciens)"
		   " UPDATE datasens.flux f SET manifest_uri = NULL FROM anciens a"
		   " WHERE f.id_flux = a.id_flux",
	.n_args = 2,
	.types = {INT4OID, INT8OID},
};

static Statement forget_queued_statement = {
	.sql = "UPDATE datasens.archive a SET retiree = true, prochaine = pg_catalog.now()"
		   " FROM datasens.flux f WHERE f.id_flux = a.id_flux AND f.id_source = $1"
		   "  AND f.id_flux >= $2",
	.n_args = 2,
	.types = {INT4OID, INT8OID},
};

typedef enum Outcome
{
	UNTRIED,
	FAILED,	 /* to be tried again */
	BROUGHT, /* it is there */
	REMOVED, /* or it is gone */
	DROPPED, /* nobody wants it */
	LOST	 /* it is nowhere */
} Outcome;

/* A row of the queue. */
typedef struct QueueItem
{
	int64	id;
	int64	id_flux;
	char   *name; /* to be put there: in the depot; else NULL */
	int64	size;
	char   *digits;
	char   *uri; /* to be removed, else NULL */
	int		attempts;
	bool	vain;
	bool	put; /* it is there when the depot has settled */
	Outcome outcome;
	char   *reason; /* of what failed, or is lost */
} QueueItem;

TimestampTz
payload_due(void)
{
	return statement_time(&due_statement);
}

/* ---- taking and recording ---- */

/* own: what the names of this database begin with (depot_own). */
static void
read_item(QueueItem *item, uint64 row, const char *own, MemoryContext context)
{
	char *nom = row_string(CurrentMemoryContext, row, 3);

	memset(item, 0, sizeof(*item));
	item->id = row_int64(row, 1);
	item->id_flux = row_int64(row, 2);
	item->name = nom ? MemoryContextStrdup(context, psprintf("%s%s", own, nom)) : NULL;
	item->size = row_int64(row, 4);
	item->digits = row_string(context, row, 5);
	item->uri = row_string(context, row, 6);
	item->attempts = row_int32(row, 7) + 1;
	item->vain = row_bool(row, 8);
}

/*
 * Counts an attempt of each item. All of them are tried again at the same time, as late as the one
 * that was tried most often has it.
 */
static void
count_attempts(const QueueItem *items, int n)
{
	Datum *ids = palloc(n * sizeof(Datum));
	Datum  values[2];
	int	   attempts = 1;

	for (int i = 0; i < n; i++)
	{
		ids[i] = Int64GetDatum(items[i].id);
		attempts = Max(attempts, items[i].attempts);
	}
	values[0] = PointerGetDatum(
		construct_array(ids, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[1] =
		TimestampTzGetDatum(retry_time(GetCurrentTimestamp(), Min(attempts, MAX_DOUBLINGS), -1));
	statement_run(&attempt_statement, values, NULL, SPI_OK_UPDATE);
}

/* Takes a batch of what is due, and returns how many items it has. */
static int
take_items(QueueItem *items, const char *own)
{
	MemoryContext context = CurrentMemoryContext;
	Datum		  limit[] = {Int32GetDatum(BATCH)};
	OwnerScope	  scope;
	int			  n;

	if (!transaction_start(&scope))
		return 0;
	statement_run(&take_statement, limit, NULL, SPI_OK_SELECT);
	n = (int) SPI_processed;
	for (int i = 0; i < n; i++)
		read_item(&items[i], (uint64) i, own, context);
	if (n > 0)
		count_attempts(items, n);
	transaction_commit(&scope, true);
	return n;
}

static void
record_failed(const QueueItem *item, const char *reason)
{
	Datum values[] = {Int64GetDatum(item->id), CStringGetTextDatum(reason),
					  BoolGetDatum(item->outcome == FAILED)};

	statement_run(&failed_statement, values, NULL, SPI_OK_UPDATE);
}

/*
 * It is enough to do so for one that failed: all of them have the same time for their next
 * attempt.
 */
static void
postpone_others(const QueueItem *items, int n)
{
	for (int i = 0; i < n; i++)
	{
		Datum failed[] = {Int64GetDatum(items[i].id)};

		if (items[i].outcome != FAILED)
			continue;
		statement_run(&postpone_statement, failed, NULL, SPI_OK_UPDATE);
		return;
	}
}

static void
record_done(const QueueItem *item)
{
	Datum done[] = {Int64GetDatum(item->id)};
	Datum name[2];

	if (item->outcome == BROUGHT)
	{
		name[0] = Int64GetDatum(item->id_flux);
		name[1] = CStringGetTextDatum(depot_uri(item->name));
		statement_run(&name_statement, name, NULL, SPI_OK_UPDATE);
	}
	else if (item->outcome == LOST)
		journal_write("ARCHIVE_PERDUE", item->uri ? psprintf("%s: %s", item->uri, item->reason)
												  : psprintf("flux " INT64_FORMAT ": %s",
															 item->id_flux, item->reason));
	statement_run(&done_statement, done, NULL, SPI_OK_DELETE);
}

/*
 * Writes down what became of the items. reason: what stopped those that were not tried. The files
 * of those that are done with are removed when that is committed, not before.
 */
static void
record_items(const QueueItem *items, int n, const char *reason)
{
	OwnerScope scope;

	if (!transaction_start(&scope))
		return;
	for (int i = 0; i < n; i++)
	{
		if (items[i].outcome == UNTRIED || items[i].outcome == FAILED)
			record_failed(&items[i], reason);
		else
			record_done(&items[i]);
	}
	postpone_others(items, n);
	transaction_commit(&scope, true);
	for (int i = 0; i < n; i++)
	{
		if (items[i].name != NULL && items[i].outcome > FAILED)
			payload_discard(items[i].id_flux);
	}
}

/* ---- the work on one ---- */

/* NULL where the open file is what was queued; else what is wrong with it. */
static char *
check_file(int file, const QueueItem *item)
{
	char  found[HASHER_DIGITS + 1];
	int64 size;

	if (!hasher_file(file, &size, found))
		return psprintf("its file could not be read: %s", strerror(errno));
	if (size == item->size && strcmp(found, item->digits) == 0)
		return NULL;
	return psprintf("its file in the queue is damaged: %lld bytes for %lld, SHA-256 %s for %s",
					(long long) size, (long long) item->size, found, item->digits);
}

/*
 * Whether the name is that of an archive of this database's; own: as depot_own() has it. The
 * tables belong to the database's owner, the depot to the administrator: what tables say is
 * followed only where we would have put an archive.
 */
static bool
is_archive(const char *name, const char *own)
{
	size_t length = name ? strlen(name) : 0;

	return name != NULL && depot_is_ours(name, own) &&
		   strstr(name, "/" PAYLOAD_FOLDER) == strchr(name, '/') && length > strlen(WARC_SUFFIX) &&
		   strcmp(name + length - strlen(WARC_SUFFIX), WARC_SUFFIX) == 0;
}

/* The same, and of this cluster: what another one has put there is not ours to change. */
static bool
is_own_archive(const char *name, const char *own)
{
	return is_archive(name, own) && strncmp(name, own, strlen(own)) == 0;
}

static void
lose(QueueItem *item, const char *reason)
{
	item->outcome = LOST;
	item->reason = pstrdup(reason);
}

/*
 * The item's file is gone or damaged. It may have been brought to the depot before, by a process
 * that could not write that down.
 */
static void
look_there(Depot *depot, QueueItem *item, const char *why)
{
	bool there = false;

	item->reason = depot_check(depot, item->name, item->size, &there);
	item->outcome = item->reason ? FAILED : there ? BROUGHT : LOST;
	if (item->outcome == LOST)
		lose(item, why);
}

/*
 * Brings one archive to the depot. If that fails because the local file is damaged or missing it
 * may be there already (look_there): the operator may have died between the upload and the mark of
 * it.
 */
static void
bring(Depot *depot, const char *own, QueueItem *item)
{
	char *path = payload_path(item->id_flux);
	char *damage;
	int	  file;

	if (!is_own_archive(item->name, own) || !depot_can_be(item->size, item->digits))
	{
		lose(item, "its name, size or SHA-256 is none that datasens gives");
		return;
	}
	file = OpenTransientFile(path, O_RDONLY | O_NOFOLLOW | PG_BINARY);
	if (file < 0)
	{
		look_there(depot, item, file_trouble("open", path));
		return;
	}
	depot_show(depot, "archivage");
	item->reason = depot_put(depot, item->name, file, item->size, item->digits);
	depot_show(depot, NULL);
	item->outcome = item->reason ? FAILED : BROUGHT;
	item->put = item->reason == NULL;
	damage = item->reason ? check_file(file, item) : NULL;
	if (damage)
		look_there(depot, item, damage);
	CloseTransientFile(file);
}

static void
take_away(Depot *depot, const char *own, QueueItem *item)
{
	char *name = depot_name(item->uri);

	if (!is_own_archive(name, own))
	{
		lose(item, "it is left where it is, as it is no archive of this database's "
				   "below datasens.archive_url");
		return;
	}
	item->reason = depot_remove(depot, name);
	item->outcome = item->reason ? FAILED : REMOVED;
}

static void
work_on(Depot *depot, const char *own, const char *trouble, QueueItem *item)
{
	if (item->vain)
		item->outcome = DROPPED;
	else if (depot == NULL)
	{
		item->outcome = FAILED;
		item->reason = pstrdup(trouble);
	}
	else if (item->uri)
		take_away(depot, own, item);
	else
		bring(depot, own, item);
}

/* Makes sure of what was put, or has all of it put again. */
static void
settle(Depot *depot, QueueItem *items, int n)
{
	char *error = depot ? depot_settle(depot) : NULL;

	for (int i = 0; error != NULL && i < n; i++)
	{
		if (!items[i].put)
			continue;
		items[i].outcome = FAILED;
		items[i].reason = error;
	}
}

/*
 * Works on the items until one fails: a depot that fails is not asked for the others. Returns what
 * went wrong, or NULL.
 */
static const char *
work_on_all(Depot *depot, const char *own, const char *trouble, QueueItem *items, int n,
			bool *spent)
{
	const char *reason = NULL;
	bool		failed = false;

	for (int i = 0; i < n && !failed; i++)
	{
		CHECK_FOR_INTERRUPTS();
		work_on(depot, own, trouble, &items[i]);
		failed = items[i].outcome == FAILED;
	}
	settle(depot, items, n);
	for (int i = 0; i < n; i++)
	{
		if (items[i].outcome != FAILED)
			continue;
		reason = items[i].reason;
		*spent = *spent || items[i].attempts > setting_max_retries;
	}
	return reason;
}

char *
payload_work(Depot *depot, const char *trouble, bool *spent)
{
	QueueItem  *items = palloc(BATCH * sizeof(QueueItem));
	const char *own = depot_own();
	const char *reason = NULL;
	int			n = BATCH;

	*spent = false;
	for (int i = 0; i < MAX_BATCHES && n == BATCH && reason == NULL; i++)
	{
		n = take_items(items, own);
		reason = work_on_all(depot, own, trouble, items, n, spent);
		if (n > 0)
			record_items(items, n, reason);
	}
	if (n < BATCH && reason == NULL)
		payload_clean();
	return reason ? pstrdup(reason) : NULL;
}

/* ---- found again ---- */

/* Does not return. */
static void
report_missing(int64 id_flux, const char *uri)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("what flux " INT64_FORMAT " received was not archived, or is no longer kept",
					id_flux),
			 uri ? errdetail("Its manifest_uri is \"%s\".", uri) : 0,
			 errhint("Sources with the option \"archiver\": true are archived where "
					 "datasens.archive_url says, for datasens.archive_retention.")));
}

void
payload_find(int64 id_flux, PayloadPlace *place)
{
	Datum values[] = {Int64GetDatum(id_flux)};
	char *uri;
	bool  queued;

	statement_run(&find_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no flux " INT64_FORMAT, id_flux)));
	memset(place, 0, sizeof(*place));
	place->id_flux = row_int64(0, 1);
	place->id_source = row_int32(0, 2);
	uri = row_string(CurrentMemoryContext, 0, 3);
	queued = row_bool(0, 4);
	if (queued)
		return;
	if (uri == NULL || !is_archive(depot_name(uri), depot_own()))
		report_missing(place->id_flux, uri);
	place->name = depot_name(uri);
}

/* Reads the object into a temporary file. */
static TempFile
fetch_object(const PayloadPlace *place, int64 *size)
{
	volatile TempFile file = tempfile_open();

	PG_TRY();
	{
		char  *error;
		Depot *depot = depot_open(CurrentMemoryContext, &error);

		if (depot)
		{
			depot_show(depot, "datasens_replay");
			error = depot_get(depot, place->name, file.descriptor,
							  tempfile_limit((int64) setting_max_download_size * 1024), size);
			depot_show(depot, NULL);
		}
		if (error)
			ereport(ERROR, (errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
							errmsg("could not read the archive of flux " INT64_FORMAT ": %s",
								   place->id_flux, error)));
	}
	PG_CATCH();
	{
		TempFile opened = file;

		tempfile_close(&opened);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return file;
}

TempFile
payload_fetch(const PayloadPlace *place, int64 *size)
{
	TempFile	file;
	struct stat status;

	if (place->name != NULL)
		return fetch_object(place, size);
	file = tempfile_borrow(payload_path(place->id_flux));
	if (file.descriptor < 0 || fstat(file.descriptor, &status) != 0)
		ereport(ERROR,
				(errcode_for_file_access(),
				 errmsg("could not open the archive of flux " INT64_FORMAT ": %m", place->id_flux),
				 errhint("It may just have been brought to datasens.archive_url: try again.")));
	*size = (int64) status.st_size;
	return file;
}

void
payload_forget(int32 id_source, int64 first_flux)
{
	Datum values[] = {Int32GetDatum(id_source), Int64GetDatum(first_flux)};

	statement_run(&forget_objects_statement, values, NULL, SPI_OK_UPDATE);
	statement_run(&forget_queued_statement, values, NULL, SPI_OK_UPDATE);
}
