/*
 * collect.c
 *	  datasens_collect(), datasens_collect_async(): collecting by hand.
 *
 * datasens_collect drives the very same runs as a collector, in the caller's backend and
 * transaction: what it stores is seen by others when that commits, and is gone if it rolls back.
 * It is the one place where a transaction is open over the network.
 *
 * Locks: the sources are taken in the order of their ids, a chunk at a time; of each first the
 * advisory lock, waiting for a collector that has it, and then the row of its state. Nothing is in
 * flight while waiting for a lock, and as everyone takes them in that order, nobody waits in a
 * circle. The row stays locked until the transaction ends, so collectors pass the source over. The
 * same goes for the lock on the claims of a source's slices; the slices that came with time follow
 * the source's own run.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/settings.h"
#include "compat.h"
#include "base/shared.h"
#include "operate/alert.h"
#include "operate/archive.h"
#include "operate/payload.h"
#include "run/commit.h"
#include "run/launcher.h"
#include "run/outcome.h"
#include "run/round.h"
#include "source/kind.h"
#include "store/journal.h"
#include "store/secret.h"
#include "store/slice.h"
#include "store/state.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_collect);
PG_FUNCTION_INFO_V1(datasens_collect_async);

/* So many sources are under way at once: a bound on locks and memory. */
#define CHUNK 256

/* Documents wait for one sorted insert of all of them, up to so many bytes. */
#define COMMIT_BYTES ((Size) 64 * 1024 * 1024)

/* So many slices are under way at once. */
#define MAX_SLICES 4

/* A cancel is noticed at least this often. */
#define WAIT_MS 1000

/* ---- the sources that are meant ---- */

/* The ids of the sources that what names; ereports where it names nothing. */
static List *
find_sources(const char *what)
{
	List *ids;

	(void) state_plan(GetCurrentTimestamp(), false);
	ids = state_named(what);
	if (ids == NIL && strcmp(what, "all") != 0 && kind_find(what) == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("there is no source or type of source \"%s\"", what),
						errhint("Use 'all', a type (%s), or a name that datasens_health() lists.",
								kind_names())));
	if (ids == NIL && strcmp(what, "all") == 0)
		notice_if_idle();
	return ids;
}

/* ---- the rounds ---- */

void
return_flux(ReturnSetInfo *result, const Run *run, const Flux *flux)
{
	Interval duration = {.time = flux->duree};
	Datum	 values[] = {
		   Int64GetDatum(flux->id),
		   CStringGetTextDatum(run->source->nom),
		   CStringGetTextDatum(run->source->kind->name),
		   CStringGetTextDatum(flux->statut),
		   Int64GetDatum(flux->lus),
		   Int64GetDatum(flux->inseres),
		   Int64GetDatum(flux->doublons),
		   Int64GetDatum(flux->rejetes),
		   Int64GetDatum(flux->octets),
		   IntervalPGetDatum(&duration),
		   flux->erreur ? CStringGetTextDatum(flux->erreur) : (Datum) 0,
	   };
	bool nulls[lengthof(values)] = {false};

	nulls[lengthof(values) - 1] = flux->erreur == NULL;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * Whether the run leaves work for collectors, of which they do not know yet: a retry, or a
 * backfill.
 */
static bool
leaves_work(const Run *run, const Flux *flux)
{
	return flux == NULL || run->listing.slices != NULL ||
		   (strcmp(flux->statut, "succes") != 0 && strcmp(flux->statut, "inchange") != 0);
}

/*
 * Stores the runs that have finished, and puts a row for each into the result. The sources that go
 * on at once are added to *again.
 */
static void
store_finished(Round *round, ReturnSetInfo *result, CommitTally *tally, List **again)
{
	MemoryContext context = CurrentMemoryContext;
	List		 *runs = round_take_finished(round);
	TimestampTz	  next_due;
	List		 *fluxes;
	OwnerScope	  scope;
	ListCell	 *run_cell;
	ListCell	 *flux_cell;

	owner_enter(&scope);
	fluxes = commit_runs(runs, context, &next_due);
	commit_count(tally, fluxes);
	owner_leave(&scope);
	forboth (run_cell, runs, flux_cell, fluxes)
	{
		Run	 *run = lfirst(run_cell);
		int32 id = run->source->id;

		if (lfirst(flux_cell))
			return_flux(result, run, lfirst(flux_cell));
		if (lfirst(flux_cell) && run->source->slice == NULL && outcome_goes_on(run))
			*again = lappend_int(*again, id);
		if (leaves_work(run, lfirst(flux_cell)))
			launcher_poke_at_commit();
		if (run->source->slice == NULL)
			state_unlock(id, false);
		run_free(run);
	}
}

/* Starts the next slices of the chunk's sources; false where there are none left. */
static bool
start_slices(Round *round, List *ids, int from)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens slices", ALLOCSET_DEFAULT_SIZES);
	SliceClaim claim = {.parent = context,
						.limit = MAX_SLICES - round_n_slices(round),
						.retry_delay = setting_retry_delay,
						.max_attempts = PG_INT32_MAX};
	List	  *slices = NIL;
	bool	   more = false;
	OwnerScope scope;
	ListCell  *cell;

	for (int i = from; i < Min(from + CHUNK, list_length(ids)); i++)
		claim.only = lappend_int(claim.only, list_nth_int(ids, i));
	owner_enter(&scope);
	slice_claim(&claim, GetCurrentTimestamp(), &slices, &more);
	owner_leave(&scope);
	foreach (cell, slices)
		round_start(round, lfirst(cell), "manuel");
	MemoryContextDelete(context);
	return slices != NIL;
}

/* Locks, loads and starts the sources of the list from the given place on. */
static void
start_chunk(Round *round, List *ids, int from)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens chunk", ALLOCSET_DEFAULT_SIZES);
	List	  *chunk = NIL;
	List	  *loaded;
	List	  *sources;
	OwnerScope scope;
	ListCell  *cell;

	for (int i = from; i < Min(from + CHUNK, list_length(ids)); i++)
		chunk = lappend_int(chunk, list_nth_int(ids, i));
	foreach (cell, chunk)
	{
		(void) state_lock(lfirst_int(cell), false, true);
		slice_lock_source(lfirst_int(cell));
	}

	owner_enter(&scope);
	loaded = state_load(context, chunk, DT_NOEND);
	cache_load(loaded);
	slice_load(loaded);
	round_set_host_waits(round, host_load(context, GetCurrentTimestamp()));
	round_set_secrets(round, secret_load(context));
	/* SPI's statements leave us in its own memory, which goes with the scope. */
	MemoryContextSwitchTo(context);
	sources = list_copy(loaded);
	owner_leave(&scope);
	foreach (cell, sources)
	{
		Source *source = lfirst(cell);

		if (source->kind->begin_slice == NULL)
			slice_unlock_source(source->id);
		round_start(round, source, "manuel");
	}
	MemoryContextDelete(context);
}

static void
finish_chunk(Round *round, ReturnSetInfo *result, CommitTally *tally, List **again)
{
	while (round_n_active(round) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		round_work(round, WAIT_MS);
		if (round_finished_bytes(round) > COMMIT_BYTES)
			store_finished(round, result, tally, again);
	}
}

/* One pass over the sources of these ids; returns those that are to go on. */
static List *
collect_pass(Round *round, List *ids, ReturnSetInfo *result, CommitTally *tally)
{
	List *again = NIL;

	for (int from = 0; from < list_length(ids); from += CHUNK)
	{
		start_chunk(round, ids, from);
		finish_chunk(round, result, tally, &again);
		store_finished(round, result, tally, &again);
		while (start_slices(round, ids, from))
		{
			finish_chunk(round, result, tally, &again);
			store_finished(round, result, tally, &again);
		}
	}
	return again;
}

/* Collects the sources of these ids, a row of the result for each run. */
static void
collect_sources(List *ids, ReturnSetInfo *result)
{
	Round	   *round = round_create(CurrentMemoryContext, false);
	CommitTally tally = {0};
	TimestampTz began = GetCurrentTimestamp();
	OwnerScope	scope;

	while (ids != NIL)
		ids = collect_pass(round, ids, result, &tally);
	round_free(round);
	owner_enter(&scope);
	journal_round(began, tally.n_runs, tally.n_failed, tally.n_documents);
	owner_leave(&scope);
}

/*
 * What is to be archived or told goes where it belongs when this has committed. Where the library
 * is not preloaded, so does what had to wait before, as nobody else comes back to it.
 */
static void
leave_errands(void)
{
	bool told = alert_take_written();
	bool written = payload_take_written() || told;

	if (!shared_available())
	{
		TimestampTz now = GetCurrentTimestamp();
		OwnerScope	scope;

		owner_enter(&scope);
		written = Min(archive_waits_until(), task_deliver.due()) <= now;
		owner_leave(&scope);
	}
	if (written)
		launcher_errand_at_commit();
}

Datum
datasens_collect(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char		  *what = text_to_cstring(PG_GETARG_TEXT_PP(0));
	MemoryContext  context = CurrentMemoryContext;
	List		  *ids;
	List		  *named;
	OwnerScope	   scope;

	check_can_write("datasens_collect");
	compat_materialize(fcinfo);
	owner_enter(&scope);
	named = find_sources(what);
	MemoryContextSwitchTo(context);
	ids = list_copy(named);
	owner_leave(&scope);

	collect_sources(ids, result);
	leave_errands();
	return (Datum) 0;
}

Datum
datasens_collect_async(PG_FUNCTION_ARGS)
{
	char	  *what = text_to_cstring(PG_GETARG_TEXT_PP(0));
	OwnerScope scope;
	int64	   requested;

	check_can_write("datasens_collect_async");
	if (!shared_available())
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("there are no collectors: datasens is not preloaded"),
						errhint("Add datasens to shared_preload_libraries and restart the server, "
								"or use datasens_collect().")));
	owner_enter(&scope);
	requested = state_request(find_sources(what));
	owner_leave(&scope);
	launcher_poke_at_commit();
	PG_RETURN_INT64(requested);
}
