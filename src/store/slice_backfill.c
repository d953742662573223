/*
 * slice_backfill.c
 *	  The ledger and backfills: past periods that are queued, as one row of the ledger for each
 *	  stream.
 */
#include "postgres.h"

#include "base/transaction.h"
#include "store/rows.h"
#include "store/slice.h"
#include "store/slice_parts.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Statement insert_statement = {
	.sql = "INSERT INTO datasens.historique (id_source, periode)"
		   " VALUES ($1, pg_catalog.tstzrange($2, $3)) RETURNING id_historique",
	.n_args = 3,
	.types = {INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID},
};

/*
 * What has failed or was absent inside of the period is to be asked for again: it is cut out of
 * its rows.
 */
static Statement forget_vain_statement = {
	.sql =
		"WITH gone AS (DELETE FROM datasens.tranche WHERE id_source = $1 AND flux = ANY ($2)"
		"  AND statut IN ('echec', 'absente') AND periode && pg_catalog.tstzrange($3, $4)"
		"  RETURNING flux, periode, statut, id_historique)"
		" INSERT INTO datasens.tranche (id_source, flux, periode, statut, id_historique)"
		" SELECT $1, flux, pg_catalog.unnest(pg_catalog.tstzmultirange(periode)"
		"  - pg_catalog.tstzmultirange(pg_catalog.tstzrange($3, $4))), statut, id_historique FROM gone",
	.n_args = 4,
	.types = {INT4OID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID},
};

/*
 * Queues what the ledger lacks of the period, but only up to the newest slice that came with time:
 * later ones will come by themselves, and are not to wait for the backfill.
 */
static Statement queue_statement = {
	.sql =
		"INSERT INTO datasens.tranche (id_source, flux, periode, statut, id_historique)"
		" SELECT $1, q.flux, pg_catalog.unnest("
		"  pg_catalog.tstzmultirange(q.periode) - coalesce("
		"   (SELECT pg_catalog.range_agg(t.periode) FROM datasens.tranche t WHERE t.id_source = $1"
		"    AND t.flux = q.flux AND t.periode && q.periode),"
		"   '{}'::pg_catalog.tstzmultirange)), 'attendue', $5"
		" FROM (SELECT f.flux, pg_catalog.tstzrange($3, greatest($3, least($4,"
		"   (SELECT pg_catalog.max(pg_catalog.upper(n.periode)) FROM datasens.tranche n"
		"    WHERE n.id_source = $1 AND n.flux = f.flux AND n.id_historique IS NULL)))) AS periode"
		"  FROM pg_catalog.unnest($2) AS f (flux)) AS q",
	.n_args = 5,
	.types = {INT4OID, TEXTARRAYOID, TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID},
};

static Statement status_statement = {
	.sql = "SELECT statut, id_source FROM datasens.historique WHERE id_historique = $1",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement set_statement = {
	.sql =
		"UPDATE datasens.historique SET statut = $2,"
		"  date_fin = CASE WHEN $2 = 'annule' THEN pg_catalog.now() END WHERE id_historique = $1",
	.n_args = 2,
	.types = {INT4OID, TEXTOID},
};

static Statement forget_statement = {
	.sql = "WITH gone AS (DELETE FROM datasens.tranche WHERE id_historique = $1"
		   "  AND statut = 'attendue' RETURNING periode)"
		   " SELECT coalesce(pg_catalog.sum(extract(epoch FROM"
		   "   pg_catalog.upper(periode) - pg_catalog.lower(periode)) / 900), 0)::pg_catalog.int8"
		   "  FROM gone",
	.n_args = 1,
	.types = {INT4OID},
};

int32
slice_backfill(int32 id_source, char **streams, SlotRange range)
{
	Datum from = TimestampTzGetDatum(timestamp_of(slot_start(range.first)));
	Datum to = TimestampTzGetDatum(timestamp_of(slot_start(range.last) + SLOT_SECONDS));
	Datum row[] = {Int32GetDatum(id_source), from, to};
	Datum values[] = {Int32GetDatum(id_source), (Datum) 0, from, to, (Datum) 0};

	values[1] = text_array_of(streams);
	slice_lock_ledger(id_source);
	statement_run(&insert_statement, row, NULL, SPI_OK_INSERT_RETURNING);
	values[4] = Int32GetDatum(row_int32(0, 1));
	statement_run(&forget_vain_statement, values, NULL, SPI_OK_INSERT);
	statement_run(&queue_statement, values, NULL, SPI_OK_INSERT);
	slice_end_backfills(id_source);
	return DatumGetInt32(values[4]);
}

int32
slice_backfill_source(int32 id)
{
	Datum values[] = {Int32GetDatum(id)};

	statement_run(&status_statement, values, NULL, SPI_OK_SELECT);
	return SPI_processed == 0 ? 0 : row_int32(0, 2);
}

char *
slice_backfill_status(int32 id, int32 *id_source)
{
	Datum values[] = {Int32GetDatum(id)};

	*id_source = slice_backfill_source(id);
	if (*id_source == 0)
		return NULL;
	slice_lock_ledger(*id_source);
	statement_run(&status_statement, values, NULL, SPI_OK_SELECT);
	return SPI_processed == 0 ? NULL : row_string(CurrentMemoryContext, 0, 1);
}

void
slice_backfill_set(int32 id, const char *statut)
{
	Datum values[] = {Int32GetDatum(id), CStringGetTextDatum(statut)};

	statement_run(&set_statement, values, NULL, SPI_OK_UPDATE);
}

int64
slice_backfill_forget(int32 id)
{
	Datum values[] = {Int32GetDatum(id)};

	statement_run(&forget_statement, values, NULL, SPI_OK_SELECT);
	return row_int64(0, 1);
}
