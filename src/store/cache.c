/*
 * cache.c
 *	  What servers told us to remember: cache_http, and of hosts how long they want to be left
 *	  alone and their robots.txt (hote).
 *
 * All of it is read for the sources of a round at once, before the first request, and written with
 * the run that learned it. Losing it would cost requests, never a document.
 */
#include "postgres.h"

#include "base/transaction.h"
#include "compat.h"
#include "source/kind.h"
#include "store/cache.h"
#include "store/rows.h"
#include "store/state.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Statement cache_load_statement = {
	.sql = "SELECT id_source, url, etag, last_modified, hash_corps FROM datasens.cache_http"
		   " WHERE id_source = ANY ($1) ORDER BY id_source",
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

/*
 * Only called for answers that bring something new, so that a server that says the same each time
 * causes no writes.
 */
static Statement cache_store_statement = {
	.sql = "INSERT INTO datasens.cache_http AS c (id_source, url, etag, last_modified, hash_corps)"
		   " VALUES ($1, $2, $3, $4, pg_catalog.encode($5, 'hex')::datasens.fingerprint)"
		   " ON CONFLICT (id_source, url) DO UPDATE SET etag = EXCLUDED.etag,"
		   "  last_modified = EXCLUDED.last_modified, hash_corps = EXCLUDED.hash_corps,"
		   "  date_maj = pg_catalog.now()",
	.n_args = 5,
	.types = {INT4OID, TEXTOID, TEXTOID, TEXTOID, BYTEAOID},
};

static Statement host_load_statement = {
	.sql = "SELECT hote, reessayer_apres FROM datasens.hote WHERE reessayer_apres > $1",
	.n_args = 1,
	.types = {TIMESTAMPTZOID},
};

static Statement host_store_statement = {
	.sql = "INSERT INTO datasens.hote AS h (hote, reessayer_apres) VALUES ($1, $2)"
		   " ON CONFLICT (hote) DO UPDATE SET reessayer_apres = EXCLUDED.reessayer_apres,"
		   "  date_maj = pg_catalog.now()",
	.n_args = 2,
	.types = {TEXTOID, TIMESTAMPTZOID},
};

/*
 * The hosts whose robots.txt a source needs: those that it has been collected from, and those that
 * its url and its options name.
 */
static Statement robots_load_statement = {
	.sql = "SELECT u.id_source, h.hote, h.robots_statut, h.robots FROM datasens.hote h JOIN"
		   " (SELECT id_source, pg_catalog.substring(url, '^https?://[^/?#]+') AS hote"
		   "  FROM datasens.cache_http WHERE id_source = ANY ($1)"
		   "  UNION SELECT id_source, pg_catalog.substring(url, '^https?://[^/?#]+')"
		   "  FROM datasens.source WHERE id_source = ANY ($1)"
		   "  UNION SELECT s.id_source, pg_catalog.substring(o #>> '{}', '^https?://[^/?#]+')"
		   "  FROM datasens.source s, pg_catalog.jsonb_path_query(s.options, '$.*[*]') AS o"
		   "  WHERE s.id_source = ANY ($1)) AS u USING (hote)"
		   " WHERE h.robots_date > pg_catalog.now() - interval '1 day'",
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

static Statement robots_store_statement = {
	.sql = "INSERT INTO datasens.hote (hote, robots_statut, robots, robots_date)"
		   " VALUES ($1, $2, $3, pg_catalog.now())"
		   " ON CONFLICT (hote) DO UPDATE SET robots_statut = EXCLUDED.robots_statut,"
		   "  robots = EXCLUDED.robots, robots_date = EXCLUDED.robots_date,"
		   "  date_maj = pg_catalog.now()",
	.n_args = 3,
	.types = {TEXTOID, INT4OID, BYTEAOID},
};

/* A CacheEntry of a row of cache_load_statement, in the context. */
static CacheEntry *
load_entry(MemoryContext context, uint64 row)
{
	CacheEntry *entry = MemoryContextAllocZero(context, sizeof(CacheEntry));
	bool		isnull;
	Datum		hash;

	entry->id_source = row_int32(row, 1);
	entry->url = row_need_string(context, row, 2);
	entry->etag = row_string(context, row, 3);
	entry->last_modified = row_string(context, row, 4);
	hash = row_datum(row, 5, fingerprint_type(), &isnull);
	entry->has_hash = !isnull;
	if (!isnull)
		memcpy(entry->hash, DatumGetPointer(hash), FINGERPRINT_SIZE);
	return entry;
}

/* For list_sort: by id. */
static int
compare_sources(const ListCell *a, const ListCell *b)
{
	const Source *left = lfirst(a);
	const Source *right = lfirst(b);

	return (left->id > right->id) - (left->id < right->id);
}

/* A RobotsFile of a row of robots_load_statement, in the context. */
static RobotsFile *
load_robots(MemoryContext context, uint64 row)
{
	RobotsFile *robots = MemoryContextAlloc(context, sizeof(RobotsFile));
	bool		isnull;
	Datum		body;

	robots->host = row_need_string(context, row, 2);
	robots->status = row_int32(row, 3);
	robots->body = TEXT_NULL;
	body = row_datum(row, 4, BYTEAOID, &isnull);
	if (!isnull)
	{
		bytea *bytes = DatumGetByteaPP(body);
		size_t len = VARSIZE_ANY_EXHDR(bytes);
		char  *copy = MemoryContextAlloc(context, len + 1);

		memcpy(copy, VARDATA_ANY(bytes), len);
		robots->body = (Text){copy, len};
	}
	return robots;
}

/* Sets robots of those sources whose kind wants to know about robots.txt. */
static void
robots_load(List *sources)
{
	List	 *ids = NIL;
	ListCell *cell;
	Datum	  values[1];

	foreach (cell, sources)
	{
		const Source *source = lfirst(cell);

		if (source->kind->robots)
			ids = lappend_int(ids, source->id);
	}
	if (ids == NIL)
		return;
	values[0] = id_array(ids);
	statement_run(&robots_load_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Source		 *source = source_of_id(sources, row_int32(row, 1));
		MemoryContext previous = MemoryContextSwitchTo(source->context);

		source->robots = lappend(source->robots, load_robots(source->context, row));
		MemoryContextSwitchTo(previous);
	}
}

void
cache_load(List *sources)
{
	List	 *by_id = list_copy(sources);
	List	 *ids = NIL;
	int		  at = 0;
	ListCell *cell;
	Datum	  values[1];

	list_sort(by_id, compare_sources);
	foreach (cell, by_id)
		ids = lappend_int(ids, ((Source *) lfirst(cell))->id);
	values[0] = id_array(ids);
	statement_run(&cache_load_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++) /* both are in the order of the ids */
	{
		int32		  id = row_int32(row, 1);
		Source		 *source;
		MemoryContext previous;

		while ((source = list_nth(by_id, at))->id != id)
			at++;
		previous = MemoryContextSwitchTo(source->context);
		source->cached = lappend(source->cached, load_entry(source->context, row));
		MemoryContextSwitchTo(previous);
	}
	robots_load(sources);
}

void
cache_store(const CacheEntry *entry)
{
	char   nulls[] = {' ', ' ', entry->etag ? ' ' : 'n', entry->last_modified ? ' ' : 'n',
					  entry->has_hash ? ' ' : 'n'};
	bytea *hash = palloc(VARHDRSZ + FINGERPRINT_SIZE);
	Datum  values[] = {
		 Int32GetDatum(entry->id_source),
		 CStringGetTextDatum(entry->url),
		 entry->etag ? CStringGetTextDatum(entry->etag) : (Datum) 0,
		 entry->last_modified ? CStringGetTextDatum(entry->last_modified) : (Datum) 0,
		 PointerGetDatum(hash),
	 };

	SET_VARSIZE(hash, VARHDRSZ + FINGERPRINT_SIZE);
	memcpy(VARDATA(hash), entry->hash, FINGERPRINT_SIZE);
	statement_run(&cache_store_statement, values, nulls, SPI_OK_INSERT);
}

List *
host_load(MemoryContext context, TimestampTz now)
{
	Datum values[] = {TimestampTzGetDatum(now)};
	List *waits = NIL;

	statement_run(&host_load_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		MemoryContext previous = MemoryContextSwitchTo(context);
		HostWait	 *wait = palloc(sizeof(HostWait));

		wait->host = row_need_string(context, row, 1);
		wait->until = row_time(row, 2);
		waits = lappend(waits, wait);
		MemoryContextSwitchTo(previous);
	}
	return waits;
}

/* ---- what hosts have said ---- */

typedef struct HostNews
{
	const char		 *host;
	TimestampTz		  until;  /* of a wait */
	const RobotsFile *robots; /* or NULL: it is a wait */
} HostNews;

static void
add_news(List **news, HostNews added)
{
	HostNews *copy = palloc(sizeof(HostNews));

	*copy = added;
	*news = lappend(*news, copy);
}

void
host_add_wait(List **news, const char *host, TimestampTz until)
{
	add_news(news, (HostNews){.host = host, .until = until});
}

void
host_add_robots(List **news, List *files)
{
	ListCell *cell;

	foreach (cell, files)
	{
		const RobotsFile *file = lfirst(cell);

		add_news(news, (HostNews){.host = file->host, .robots = file});
	}
}

static int
compare_hosts(const ListCell *a, const ListCell *b)
{
	return strcmp(((const HostNews *) lfirst(a))->host, ((const HostNews *) lfirst(b))->host);
}

static void
store_wait(const HostNews *news)
{
	Datum values[] = {CStringGetTextDatum(news->host), TimestampTzGetDatum(news->until)};

	statement_run(&host_store_statement, values, NULL, SPI_OK_INSERT);
}

static void
store_robots(const RobotsFile *file)
{
	char   nulls[] = {' ', ' ', text_present(file->body) ? ' ' : 'n'};
	bytea *body = palloc(VARHDRSZ + file->body.len);
	Datum  values[] = {CStringGetTextDatum(file->host), Int32GetDatum(file->status),
					   PointerGetDatum(body)};

	SET_VARSIZE(body, VARHDRSZ + file->body.len);
	if (text_present(file->body))
		memcpy(VARDATA(body), file->body.data, file->body.len);
	statement_run(&robots_store_statement, values, nulls, SPI_OK_INSERT);
}

void
host_store(List *news)
{
	ListCell *cell;

	list_sort(news, compare_hosts);
	foreach (cell, news)
	{
		const HostNews *one = lfirst(cell);

		if (one->robots != NULL)
			store_robots(one->robots);
		else
			store_wait(one);
	}
}
