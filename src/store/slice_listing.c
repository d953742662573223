/*
 * slice_listing.c
 *	  The ledger and the publisher's lists: what a run of the source has to look for in them,
 *	  and what it found there.
 *
 * A run of the source knows from slice_load() which slots are expected, and reads the list for
 * them. When it is committed, slice_store_listing() writes what it found: slices that are listed
 * get rows of their own, with the size and the MD5 of their file, and can be claimed; slots that
 * the list does not have, though it has later ones, are absent.
 */
#include "postgres.h"

#include "base/transaction.h"
#include "source/kind.h"
#include "store/rows.h"
#include "store/slice.h"
#include "store/slice_parts.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * Slots that were absent are looked for again for so many slots after their time (a day): some are
 * published late.
 */
#define LATE_SLOTS 96

/*
 * Slices that came with time and have failed are tried again every few hours, for so many days
 * after their time.
 */
#define AGAIN_DAYS "7"

#define SLOT_NUMBER(time) "(extract(epoch FROM " time ") / 900)::pg_catalog.int4"
#define LOWER "pg_catalog.lower(t.periode)"
#define UPPER "pg_catalog.upper(t.periode)"

/* ---- what is wanted ---- */

/* The newest slot that came with time, of each stream. */
static Statement newest_statement = {
	.sql = "SELECT DISTINCT ON (t.id_source, t.flux) t.id_source, t.flux, " SLOT_NUMBER(
		UPPER) " - 1"
			   " FROM datasens.tranche t WHERE t.id_source = ANY ($1) AND t.id_historique IS NULL"
			   " ORDER BY t.id_source, t.flux, " LOWER " DESC",
	.n_args = 1,
	.types = {INT4ARRAYOID},
};

/* Streams without a slot that came with time have no newest one, but perhaps a backfill. */
static Statement wanted_statement = {
	.sql = "SELECT t.id_source, t.flux, " SLOT_NUMBER(LOWER) ", " SLOT_NUMBER(
		UPPER) " - 1,"
			   "  t.id_historique IS NOT NULL, t.statut = 'absente'"
			   " FROM datasens.tranche t LEFT JOIN datasens.historique h USING (id_historique)"
			   " WHERE t.id_source = ANY ($1) AND t.octets IS NULL"
			   "  AND (t.statut = 'attendue' AND coalesce(h.statut, 'en_cours') = 'en_cours'"
			   "   OR t.statut = 'absente' AND t.id_historique IS NULL AND " UPPER " > (SELECT"
			   "    pg_catalog.max(pg_catalog.upper(n.periode)) FROM datasens.tranche n"
			   "    WHERE n.id_source = t.id_source AND n.flux = t.flux AND n.id_historique IS NULL)"
			   "    - $2 * pg_catalog.make_interval(secs => 900))"
			   " ORDER BY t.id_source, t.flux, t.id_historique IS NOT NULL, " LOWER " DESC",
	.n_args = 2,
	.types = {INT4ARRAYOID, INT4OID},
};

/* The source's state of the stream of this row, made where it is not there yet. */
static StreamState *
stream_of(Source *source, uint64 row)
{
	MemoryContext previous = MemoryContextSwitchTo(source->context);
	char		 *stream = row_need_string(source->context, row, 2);
	StreamState	 *state = source_stream(source, stream);

	if (state == NULL)
	{
		state = palloc0(sizeof(StreamState));
		state->stream = stream;
		source->streams = lappend(source->streams, state);
	}
	MemoryContextSwitchTo(previous);
	return state;
}

/* Adds a row of wanted_statement to its stream's wanted slots. */
static void
load_wanted(Source *source, uint64 row)
{
	MemoryContext previous = MemoryContextSwitchTo(source->context);
	StreamState	 *state = stream_of(source, row);
	WantedSlots	 *wanted = palloc(sizeof(WantedSlots));

	wanted->range.first = row_int32(row, 3);
	wanted->range.last = row_int32(row, 4);
	wanted->backfill = row_bool(row, 5);
	wanted->late = row_bool(row, 6);
	state->wanted = lappend(state->wanted, wanted);
	MemoryContextSwitchTo(previous);
}

void
slice_load(List *sources)
{
	List	 *ids = NIL;
	Datum	  values[2];
	ListCell *cell;

	foreach (cell, sources)
	{
		Source *source = lfirst(cell);

		if (source->kind->begin_slice != NULL)
			ids = lappend_int(ids, source->id);
	}
	if (ids == NIL)
		return;
	values[0] = id_array(ids);
	values[1] = Int32GetDatum(LATE_SLOTS);
	statement_run(&newest_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		StreamState *state = stream_of(source_of_id(sources, row_int32(row, 1)), row);

		state->known = true;
		state->newest = row_int32(row, 3);
	}
	statement_run(&wanted_statement, values, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
		load_wanted(source_of_id(sources, row_int32(row, 1)), row);
}

/* ---- what was found ---- */

/*
 * Expects what came since the newest slot that is known, up to the slot of $3. The first time that
 * is this slot only.
 */
static Statement expect_statement = {
	.sql = "WITH since AS (SELECT least(coalesce((SELECT " UPPER " FROM datasens.tranche t"
		   "   WHERE t.id_source = $1 AND t.flux = $2 AND t.id_historique IS NULL"
		   "   ORDER BY " LOWER " DESC LIMIT 1), $3), $3 + $4) AS debut),"
		   " fresh AS (SELECT pg_catalog.tstzrange(debut, $3 + $4) AS periode FROM since)"
		   " INSERT INTO datasens.tranche (id_source, flux, periode, statut)"
		   " SELECT $1, $2, pg_catalog.unnest(pg_catalog.tstzmultirange(f.periode) - coalesce("
		   "   (SELECT pg_catalog.range_agg(t.periode) FROM datasens.tranche t"
		   "    WHERE t.id_source = $1 AND t.flux = $2 AND t.periode && f.periode),"
		   "   '{}'::pg_catalog.tstzmultirange)), 'attendue' FROM fresh f",
	.n_args = 4,
	.types = {INT4OID, TEXTOID, TIMESTAMPTZOID, INTERVALOID},
};

/*
 * Slices that are listed get rows of their own, taken out of the periods that expect
 * them or had none.  Of several entries for one the last of the list holds.
 */
static Statement list_statement = {
	.sql =
		"WITH listed AS (SELECT DISTINCT ON (flux, debut) flux, debut, octets, md5,"
		"   pg_catalog.tstzrange(debut, debut + $2) AS periode"
		"  FROM incoming_slices ORDER BY flux, debut, ordre DESC),"
		" hit AS (SELECT DISTINCT t.id_tranche FROM listed l JOIN datasens.tranche t"
		"   ON t.id_source = $1 AND t.flux = l.flux AND t.periode @> l.debut"
		"  WHERE t.statut IN ('attendue', 'absente') AND t.octets IS NULL),"
		" gone AS (DELETE FROM datasens.tranche t USING hit WHERE t.id_tranche = hit.id_tranche"
		"  RETURNING t.id_tranche, t.flux, t.periode, t.statut, t.id_historique),"
		" found AS (SELECT g.id_tranche, g.flux, l.periode, l.octets, l.md5, g.id_historique"
		"  FROM gone g JOIN listed l ON l.flux = g.flux AND g.periode @> l.debut)"
		" INSERT INTO datasens.tranche (id_source, flux, periode, statut, id_historique, octets, md5)"
		" SELECT $1, flux, periode, 'attendue', id_historique, octets, md5 FROM found"
		" UNION ALL SELECT $1, g.flux, pg_catalog.unnest(pg_catalog.tstzmultirange(g.periode) -"
		"   (SELECT pg_catalog.range_agg(f.periode) FROM found f WHERE f.id_tranche = g.id_tranche)),"
		"  g.statut, g.id_historique, NULL, NULL FROM gone g",
	.n_args = 2,
	.types = {INT4OID, INTERVALOID},
};

/*
 * A slice that is listed again with another file (MD5) has that file from now on, and counts as
 * not tried; the old one may have been the reason why it failed.
 */
static Statement relist_statement = {
	.sql =
		"UPDATE datasens.tranche t SET octets = l.octets, md5 = l.md5, statut = 'attendue',"
		"  tentative = 0, pas_avant = NULL, date_maj = pg_catalog.now()"
		" FROM incoming_slices l WHERE t.id_source = $1 AND t.flux = l.flux AND " LOWER " = l.debut"
		"  AND t.statut IN ('attendue', 'echec') AND t.octets IS NOT NULL AND t.md5 <> l.md5",
	.n_args = 1,
	.types = {INT4OID},
};

/* Slots that were looked for in vain are absent. */
static Statement absent_statement = {
	.sql =
		"WITH looked AS (SELECT flux, pg_catalog.tstzrange(debut, fin) AS periode"
		"  FROM incoming_looked),"
		" hit AS (SELECT t.id_tranche, pg_catalog.range_agg(l.periode) AS looked"
		"  FROM looked l JOIN datasens.tranche t"
		"   ON t.id_source = $1 AND t.flux = l.flux AND t.periode && l.periode"
		"  WHERE t.statut = 'attendue' AND t.octets IS NULL GROUP BY t.id_tranche),"
		" gone AS (DELETE FROM datasens.tranche t USING hit WHERE t.id_tranche = hit.id_tranche"
		"  RETURNING t.flux, t.periode, t.id_historique, hit.looked)"
		" INSERT INTO datasens.tranche (id_source, flux, periode, statut, id_historique)"
		" SELECT $1, flux, pg_catalog.unnest(pg_catalog.tstzmultirange(periode) * looked),"
		"  'absente', id_historique FROM gone"
		" UNION ALL SELECT $1, flux, pg_catalog.unnest(pg_catalog.tstzmultirange(periode) - looked),"
		"  'attendue', id_historique FROM gone",
	.n_args = 1,
	.types = {INT4OID},
};

/*
 * A slice that came with time and has failed is expected again, to be looked up anew, every few
 * hours.
 */
static Statement again_statement = {
	.sql = "UPDATE datasens.tranche t SET statut = 'attendue', octets = NULL, md5 = NULL,"
		   "  tentative = 0, pas_avant = NULL, date_maj = pg_catalog.now()"
		   " WHERE t.id_source = $1 AND t.flux = $2 AND t.statut = 'echec'"
		   "  AND t.id_historique IS NULL"
		   "  AND t.date_maj < pg_catalog.now() - pg_catalog.make_interval(hours => 6)"
		   "  AND " LOWER " > $3 - pg_catalog.make_interval(days => " AGAIN_DAYS ")",
	.n_args = 3,
	.types = {INT4OID, TEXTOID, TIMESTAMPTZOID},
};

/* A slice that is expected and has an error was tried before. */
static Statement gaps_statement = {
	.sql =
		"SELECT coalesce(pg_catalog.sum(n) FILTER (WHERE statut = 'echec' AND tried), 0)::pg_catalog.int8,"
		"  coalesce(pg_catalog.sum(n) FILTER (WHERE statut = 'attendue'), 0)::pg_catalog.int8,"
		"  coalesce(pg_catalog.sum(n) FILTER (WHERE statut = 'echec' AND NOT tried), 0)::pg_catalog.int8,"
		"  (pg_catalog.array_agg(pg_catalog.concat(flux, ' ', debut, ': ', erreur) ORDER BY debut DESC)"
		"   FILTER (WHERE statut = 'echec' AND tried))[1]"
		" FROM (SELECT t.flux, t.statut, t.erreur, " LOWER " AS debut,"
		"   (extract(epoch FROM " UPPER " - " LOWER ") / 900)::pg_catalog.int8 AS n,"
		"   " LOWER " > (SELECT pg_catalog.max(pg_catalog.upper(n.periode)) FROM datasens.tranche n"
		"    WHERE n.id_source = t.id_source AND n.flux = t.flux AND n.id_historique IS NULL)"
		"    - pg_catalog.make_interval(days => " AGAIN_DAYS ") AS tried"
		"  FROM datasens.tranche t WHERE t.id_source = $1 AND t.id_historique IS NULL"
		"   AND (t.statut = 'echec' OR t.statut = 'attendue' AND t.erreur IS NOT NULL)) AS gaps",
	.n_args = 1,
	.types = {INT4OID},
};

static Statement forget_streams_statement = {
	.sql = "DELETE FROM datasens.tranche WHERE id_source = $1 AND statut = 'attendue'"
		   " AND flux <> ALL ($2)",
	.n_args = 2,
	.types = {INT4OID, TEXTARRAYOID},
};

static TimestampTz
start_of(Slot slot)
{
	return timestamp_of(slot_start(slot));
}

static Datum
slot_interval(void)
{
	Interval *interval = palloc0(sizeof(Interval));

	interval->time = SLOT_SECONDS * USECS_PER_SEC;
	return IntervalPGetDatum(interval);
}

/* Expects the newest slots, and tries again what has failed. */
static void
expect(int32 id_source, const Listing *listing)
{
	for (const StreamSlots *newest = listing->newest; newest; newest = newest->next)
	{
		Datum values[] = {Int32GetDatum(id_source), CStringGetTextDatum(newest->stream),
						  TimestampTzGetDatum(start_of(newest->range.last)), slot_interval()};

		statement_run(&expect_statement, values, NULL, SPI_OK_INSERT);
		statement_run(&again_statement, values, NULL, SPI_OK_UPDATE);
	}
}

/* Notes which files the listed slices have. */
static void
note_listed(int32 id_source, const Listing *listing)
{
	static const RowsColumn columns[] = {{"flux", TEXTOID},
										 {"debut", TIMESTAMPTZOID},
										 {"octets", INT8OID},
										 {"md5", TEXTOID},
										 {"ordre", INT4OID}};
	Datum					arguments[] = {Int32GetDatum(id_source), slot_interval()};
	bool					nulls[lengthof(columns)] = {false};
	int32					order = PG_INT32_MAX;
	Rows					rows;

	rows_create(&rows, "incoming_slices", columns, lengthof(columns));
	for (const ListedSlice *slice = listing->slices; slice; slice = slice->next)
	{
		Datum values[] = {CStringGetTextDatum(slice->stream),
						  TimestampTzGetDatum(start_of(slice->slot)), Int64GetDatum(slice->size),
						  CStringGetTextDatum(slice->md5), Int32GetDatum(order--)};

		rows_add(&rows, values, nulls);
	}
	rows_register(&rows);
	statement_run(&relist_statement, arguments, NULL, SPI_OK_UPDATE);
	statement_run(&list_statement, arguments, NULL, SPI_OK_INSERT);
	rows_free(&rows);
}

/* Notes which slots were looked for in vain; whether there was anything to be noted. */
static bool
note_absent(int32 id_source, const Listing *listing)
{
	static const RowsColumn columns[] = {
		{"flux", TEXTOID}, {"debut", TIMESTAMPTZOID}, {"fin", TIMESTAMPTZOID}};
	Datum arguments[] = {Int32GetDatum(id_source)};
	bool  nulls[lengthof(columns)] = {false};
	bool  noted;
	Rows  rows;

	rows_create(&rows, "incoming_looked", columns, lengthof(columns));
	for (const StreamSlots *looked = listing->looked; looked; looked = looked->next)
	{
		Datum values[] = {CStringGetTextDatum(looked->stream),
						  TimestampTzGetDatum(start_of(looked->range.first)),
						  TimestampTzGetDatum(start_of(looked->range.last + 1))};

		rows_add(&rows, values, nulls);
	}
	rows_register(&rows);
	statement_run(&absent_statement, arguments, NULL, SPI_OK_INSERT);
	noted = SPI_processed > 0;
	rows_free(&rows);
	return noted;
}

SliceGaps
slice_gaps(int32 id_source)
{
	Datum values[] = {Int32GetDatum(id_source)};

	statement_run(&gaps_statement, values, NULL, SPI_OK_SELECT);
	return (SliceGaps){
		.given_up = row_int64(0, 1),
		.pending = row_int64(0, 2),
		.lost = row_int64(0, 3),
		.error = row_string(CurrentMemoryContext, 0, 4),
	};
}

/* Forgets what is still expected of streams that the source's options no longer name. */
static void
forget_streams(const Source *source)
{
	char **streams = source->kind->streams(source);
	Datum  values[2] = {Int32GetDatum(source->id)};

	values[1] = text_array_of(streams);
	statement_run(&forget_streams_statement, values, NULL, SPI_OK_DELETE);
}

void
slice_store_listing(const Source *source, const Listing *listing)
{
	slice_lock_ledger(source->id);
	forget_streams(source);
	expect(source->id, listing);
	if (listing->slices)
		note_listed(source->id, listing);
	if (listing->looked && note_absent(source->id, listing))
		slice_go_on_with_backfills(source->id);
	slice_end_backfills(source->id);
}
