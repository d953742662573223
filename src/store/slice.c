/*
 * slice.c
 *	  The ledger of slices: claiming them, and how they end. What is expected and listed comes
 *	  from slice_listing.c, backfills from slice_backfill.c; the table and its states are
 *	  explained in slice.h.
 *
 * Periods are ranges of the server's (tstzrange), and sets of them its multiranges. What is to be
 * split or joined is deleted and inserted again in pieces by one statement, under the ledger lock.
 */
#include "postgres.h"

#include "base/transaction.h"
#include "source/kind.h"
#include "store/rows.h"
#include "store/slice.h"
#include "store/slice_parts.h"
#include "store/state.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * Classes of our advisory locks, as pg_locks.objsubid has them: LOCK_SLICE is on the id of a slice
 * that is claimed; LOCK_CLAIMS is on the source, shared by those who claim slices of it, and alone
 * with who wants no slice claimed elsewhere (slice_lock_source); LOCK_LEDGER is on the source, for
 * who splits and joins its rows. Those of base/lock.h have another class, those that users take
 * have 1 and 2.
 */
#define LOCK_SLICE 3
#define LOCK_CLAIMS 4
#define LOCK_LEDGER 5

/* So many candidates are looked at beyond the limit, as others may have claimed the first ones. */
#define CLAIMED_BY_OTHERS 256

#define INTERRUPTED "interrupted: the collector ended before the slice did"

/* ---- locks ---- */

static LOCKTAG
lock_tag(uint64 id, int class)
{
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (id >> 32), (uint32) id, class);
	return tag;
}

void
slice_lock_ledger(int32 id_source)
{
	LOCKTAG tag = lock_tag((uint64) id_source, LOCK_LEDGER);

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

void
slice_lock_source(int32 id_source)
{
	LOCKTAG tag = lock_tag((uint64) id_source, LOCK_CLAIMS);

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

void
slice_unlock_source(int32 id_source)
{
	LOCKTAG tag = lock_tag((uint64) id_source, LOCK_CLAIMS);

	(void) LockRelease(&tag, ExclusiveLock, false);
}

/* Takes the locks of a claim, at once or not at all. */
static bool
lock_slice(int64 id, int32 id_source, bool session)
{
	LOCKTAG claims = lock_tag((uint64) id_source, LOCK_CLAIMS);
	LOCKTAG slice = lock_tag((uint64) id, LOCK_SLICE);

	if (LockAcquire(&claims, ShareLock, session, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	switch (LockAcquire(&slice, ExclusiveLock, session, true))
	{
		case LOCKACQUIRE_OK:
			return true;
		case LOCKACQUIRE_ALREADY_HELD: /* by a run under way here */
			(void) LockRelease(&slice, ExclusiveLock, session);
			break;
		default:
			break;
	}
	(void) LockRelease(&claims, ShareLock, session);
	return false;
}

static void
unlock_slice(int64 id, int32 id_source, bool session)
{
	LOCKTAG slice = lock_tag((uint64) id, LOCK_SLICE);
	LOCKTAG claims = lock_tag((uint64) id_source, LOCK_CLAIMS);

	(void) LockRelease(&slice, ExclusiveLock, session);
	(void) LockRelease(&claims, ShareLock, session);
}

void
slice_unlock(const Source *source)
{
	unlock_slice(source->slice->id, source->id, true);
}

/* ---- claiming ---- */

/*
 * What can be claimed: a listed slice of a backfill that is not paused, or of none. When it may be
 * claimed, and whether its source has to be active, is for the statements to say.
 */
#define CLAIMABLE                                                                                  \
	" FROM datasens.tranche t JOIN datasens.source s USING (id_source)"                            \
	" LEFT JOIN datasens.historique h USING (id_historique)"                                       \
	" WHERE t.statut = 'attendue' AND t.octets IS NOT NULL"                                        \
	" AND (t.id_historique IS NULL OR h.statut = 'en_cours')"

static Statement candidates_statement = {
	.sql = "SELECT t.id_tranche, t.id_source" CLAIMABLE
		   " AND (t.pas_avant IS NULL OR t.pas_avant <= $1)"
		   " AND CASE WHEN $3 IS NULL THEN s.actif"
		   "  ELSE t.id_source = ANY ($3) AND t.id_historique IS NULL END"
		   " ORDER BY t.id_historique IS NOT NULL, t.tentative, pg_catalog.lower(t.periode) DESC,"
		   "  t.id_tranche"
		   " LIMIT $2",
	.n_args = 3,
	.types = {TIMESTAMPTZOID, INT4OID, INT4ARRAYOID},
};

static Statement next_due_statement = {
	.sql =
		"SELECT coalesce(pg_catalog.min(coalesce(t.pas_avant, '-infinity')), 'infinity')" CLAIMABLE
		" AND s.actif",
};

/*
 * Whether the slice is expected is asked again now that it is locked: somebody may have ended it
 * since. One whose attempts have taken the process down each time is given up ('echec').
 */
static Statement claim_statement = {
	.sql =
		"UPDATE datasens.tranche SET"
		"  statut = CASE WHEN tentative < $3 THEN statut ELSE 'echec' END,"
		"  tentative = tentative + 1, erreur = $4, date_maj = pg_catalog.now(),"
		"  pas_avant = $2 + pg_catalog.make_interval(secs => $5)"
		" WHERE id_tranche = $1 AND statut = 'attendue' AND octets IS NOT NULL"
		"  AND (pas_avant IS NULL OR pas_avant <= $2)"
		" RETURNING statut, flux, (extract(epoch FROM pg_catalog.lower(periode)) / 900)::pg_catalog.int4,"
		"  octets, md5, tentative - 1, coalesce(id_historique, 0)",
	.n_args = 5,
	.types = {INT8OID, TIMESTAMPTZOID, INT4OID, TEXTOID, INT4OID},
};

/* The slice of a row of the claim statement, in the source's memory. */
static void
load_slice(Source *source, int64 id)
{
	Slice *slice = MemoryContextAllocZero(source->context, sizeof(Slice));

	slice->id = id;
	slice->stream = row_need_string(source->context, 0, 2);
	slice->slot = row_int32(0, 3);
	slice->size = row_int64(0, 4);
	slice->md5 = row_string(source->context, 0, 5);
	slice->attempts = row_int32(0, 6);
	slice->backfill = row_int32(0, 7);
	source->slice = slice;
}

/*
 * Claims a slice whose locks are held. Returns a copy of its source, with the slice; NULL where it
 * cannot be claimed after all.
 */
static Source *
claim_locked(const SliceClaim *claim, int64 id, int32 id_source, TimestampTz now)
{
	Datum	values[] = {Int64GetDatum(id), TimestampTzGetDatum(now),
						Int32GetDatum(claim->max_attempts), CStringGetTextDatum(INTERRUPTED),
						Int32GetDatum(claim->retry_delay)};
	Source *source = state_read(claim->parent, id_source);

	if (source == NULL)
		return NULL;
	if (source->kind->begin_slice != NULL)
	{
		statement_run(&claim_statement, values, NULL, SPI_OK_UPDATE_RETURNING);
		if (SPI_processed == 1 && strcmp(row_need_string(CurrentMemoryContext, 0, 1), "echec") != 0)
		{
			load_slice(source, id);
			return source;
		}
	}
	MemoryContextDelete(source->context);
	return NULL;
}

/* A row of candidates_statement. */
typedef struct Candidate
{
	int64 id;
	int32 id_source;
} Candidate;

/* The slices that may be claimed, best first; *n of them. */
static Candidate *
find_candidates(const SliceClaim *claim, TimestampTz now, uint64 *n)
{
	Datum values[] = {TimestampTzGetDatum(now), Int32GetDatum(claim->limit + CLAIMED_BY_OTHERS),
					  claim->only ? id_array(claim->only) : (Datum) 0};
	char  nulls[] = {' ', ' ', claim->only ? ' ' : 'n'};
	Candidate *candidates;

	statement_run(&candidates_statement, values, nulls, SPI_OK_SELECT);
	*n = SPI_processed;
	candidates = palloc((*n + 1) * sizeof(Candidate));
	for (uint64 row = 0; row < *n; row++)
	{
		candidates[row].id = row_int64(row, 1);
		candidates[row].id_source = row_int32(row, 2);
	}
	return candidates;
}

/*
 * Claims a candidate whose locks are held and adds it to *claimed. False where that comes to
 * nothing, and its locks are released.
 */
static bool
claim_candidate(const SliceClaim *claim, const Candidate *candidate, TimestampTz now,
				List **claimed)
{
	Source *volatile source = NULL;
	MemoryContext previous;

	PG_TRY();
	{
		source = claim_locked(claim, candidate->id, candidate->id_source, now);
	}
	PG_CATCH();
	{
		unlock_slice(candidate->id, candidate->id_source, claim->session);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (source == NULL)
	{
		unlock_slice(candidate->id, candidate->id_source, claim->session);
		return false;
	}
	previous = MemoryContextSwitchTo(claim->parent);
	*claimed = lappend(*claimed, source);
	MemoryContextSwitchTo(previous);
	return true;
}

void
slice_claim(const SliceClaim *claim, TimestampTz now, List **claimed, bool *more)
{
	uint64	   n;
	Candidate *candidates = find_candidates(claim, now, &n);
	int		   n_claimed = 0;

	for (uint64 i = 0; i < n; i++)
	{
		if (!lock_slice(candidates[i].id, candidates[i].id_source, claim->session))
			continue;
		if (n_claimed == claim->limit)
		{
			unlock_slice(candidates[i].id, candidates[i].id_source, claim->session);
			*more = true;
			return;
		}
		n_claimed += claim_candidate(claim, &candidates[i], now, claimed);
	}
}

TimestampTz
slice_next_due(void)
{
	statement_run(&next_due_statement, NULL, NULL, SPI_OK_SELECT);
	return row_time(0, 1);
}

/* ---- ending ---- */

/* Marks a slice as collected, and joins it to the collected neighbours before and after it. */
static Statement collected_statement = {
	.sql =
		"WITH mine AS (DELETE FROM datasens.tranche WHERE id_tranche = $1 AND statut = 'attendue'"
		"  RETURNING id_source, flux, periode, id_historique),"
		" before AS (DELETE FROM datasens.tranche t USING mine m"
		"  WHERE t.id_tranche = (SELECT b.id_tranche FROM datasens.tranche b"
		"    WHERE b.id_source = m.id_source AND b.flux = m.flux"
		"     AND pg_catalog.lower(b.periode) < pg_catalog.lower(m.periode)"
		"    ORDER BY pg_catalog.lower(b.periode) DESC LIMIT 1)"
		"   AND t.statut = 'collectee' AND pg_catalog.upper(t.periode) = pg_catalog.lower(m.periode)"
		"   AND t.id_historique IS NOT DISTINCT FROM m.id_historique RETURNING t.periode),"
		" after AS (DELETE FROM datasens.tranche t USING mine m"
		"  WHERE t.id_source = m.id_source AND t.flux = m.flux"
		"   AND pg_catalog.lower(t.periode) = pg_catalog.upper(m.periode) AND t.statut = 'collectee'"
		"   AND t.id_historique IS NOT DISTINCT FROM m.id_historique RETURNING t.periode)"
		" INSERT INTO datasens.tranche (id_source, flux, periode, statut, id_historique)"
		" SELECT id_source, flux, pg_catalog.tstzrange("
		"   coalesce((SELECT pg_catalog.lower(periode) FROM before), pg_catalog.lower(periode)),"
		"   coalesce((SELECT pg_catalog.upper(periode) FROM after), pg_catalog.upper(periode))),"
		"  'collectee', id_historique FROM mine",
	.n_args = 1,
	.types = {INT8OID},
};

static Statement failed_statement = {
	.sql = "UPDATE datasens.tranche SET statut = $2, pas_avant = $3, erreur = $4,"
		   "  date_maj = pg_catalog.now()"
		   " WHERE id_tranche = $1 AND statut = 'attendue'",
	.n_args = 4,
	.types = {INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTOID},
};

static Statement return_statement = {
	.sql = "UPDATE datasens.tranche SET tentative = tentative - 1, pas_avant = NULL, erreur = NULL"
		   " WHERE id_tranche = $1 AND statut = 'attendue'",
	.n_args = 1,
	.types = {INT8OID},
};

static Statement total_statement = {
	.sql = "UPDATE datasens.etat_source SET total_docs = total_docs + $2,"
		   "  dernier_apport = dernier_apport + $2,"
		   "  derniere_collecte = pg_catalog.now(),"
		   "  dernier_succes = CASE WHEN $3 THEN pg_catalog.now() ELSE dernier_succes END"
		   " WHERE id_source = $1",
	.n_args = 3,
	.types = {INT4OID, INT8OID, BOOLOID},
};

static Statement backfill_done_statement = {
	.sql =
		"UPDATE datasens.historique h SET statut = 'termine', date_fin = pg_catalog.now()"
		" WHERE h.id_source = $1 AND h.statut = 'en_cours' AND NOT EXISTS (SELECT"
		"  FROM datasens.tranche t WHERE t.id_historique = h.id_historique AND t.statut = 'attendue')",
	.n_args = 1,
	.types = {INT4OID},
};

/*
 * Makes the source due where nothing of a backfill is left that was looked up in the publisher's
 * lists, but something that was not.
 */
static Statement backfill_goes_on_statement = {
	.sql =
		"UPDATE datasens.etat_source e SET prochaine_collecte = pg_catalog.now(),"
		"  declencheur = 'rattrapage'"
		" WHERE e.id_source = $1 AND e.tentative = 0 AND e.prochaine_collecte > pg_catalog.now()"
		"  AND EXISTS (SELECT FROM datasens.tranche t JOIN datasens.historique h USING (id_historique)"
		"   WHERE t.id_source = $1 AND t.statut = 'attendue' AND h.statut = 'en_cours')"
		"  AND NOT EXISTS (SELECT FROM datasens.tranche t WHERE t.id_source = $1"
		"   AND t.statut = 'attendue' AND t.octets IS NOT NULL AND t.id_historique IS NOT NULL)",
	.n_args = 1,
	.types = {INT4OID},
};

void
slice_end_backfills(int32 id_source)
{
	Datum values[] = {Int32GetDatum(id_source)};

	statement_run(&backfill_done_statement, values, NULL, SPI_OK_UPDATE);
}

void
slice_go_on_with_backfills(int32 id_source)
{
	Datum values[] = {Int32GetDatum(id_source)};

	statement_run(&backfill_goes_on_statement, values, NULL, SPI_OK_UPDATE);
}

bool
slice_end(const Source *source, const SliceEnd *end)
{
	Datum total[] = {Int32GetDatum(source->id), Int64GetDatum(end->inserted),
					 BoolGetDatum(end->collected)};
	Datum values[] = {
		Int64GetDatum(source->slice->id), CStringGetTextDatum(end->given_up ? "echec" : "attendue"),
		TimestampTzGetDatum(end->next), end->error ? CStringGetTextDatum(end->error) : (Datum) 0};
	char nulls[] = {' ', ' ', ' ', end->error ? ' ' : 'n'};
	bool written;

	/* The source's row is locked before its ledger, as everywhere. */
	statement_run(&total_statement, total, NULL, SPI_OK_UPDATE);
	slice_lock_ledger(source->id);
	if (end->collected)
		statement_run(&collected_statement, values, NULL, SPI_OK_INSERT);
	else
		statement_run(&failed_statement, values, nulls, SPI_OK_UPDATE);
	written = SPI_processed == 1;
	if (source->slice->backfill != 0)
	{
		slice_end_backfills(source->id);
		slice_go_on_with_backfills(source->id);
	}
	return written;
}

void
slice_return(List *sources)
{
	ListCell *cell;

	foreach (cell, sources)
	{
		Datum values[] = {Int64GetDatum(((Source *) lfirst(cell))->slice->id)};

		statement_run(&return_statement, values, NULL, SPI_OK_UPDATE);
	}
}
