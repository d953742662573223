/*
 * replay.c
 *	  datasens_replay(): what a run received, read again by today's parsers.
 *
 * It is the very same run as the source's, but its answers come out of the archive: nothing is
 * asked of the network but the archive itself. What it finds is stored as by any run: what is
 * there already is a duplicate, and what today's code or options make of the answers differently
 * is new. The flux says whose answers they were (id_flux_origine). How the source is today stays
 * as it is: its cursor, its due time, its alerts, the ledger of slices, what is cached of its
 * URLs.
 *
 * Locks: those of the source, as datasens_collect() takes them, until the transaction ends.
 */
#include "postgres.h"

#include "api/api.h"
#include "compat.h"
#include "operate/payload.h"
#include "run/commit.h"
#include "run/replay.h"
#include "run/round.h"
#include "source/kind.h"
#include "store/journal.h"
#include "store/secret.h"
#include "store/slice.h"
#include "store/state.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_replay);

/* A cancel is noticed at least this often. */
#define WAIT_MS 1000

/* Finds where the flux's answers are, and locks its source. */
static void
find_archive(int64 id_flux, PayloadPlace *place)
{
	MemoryContext context = CurrentMemoryContext;
	OwnerScope	  scope;

	owner_enter(&scope);
	payload_find(id_flux, place);
	place->name = place->name ? MemoryContextStrdup(context, place->name) : NULL;
	owner_leave(&scope);
	MemoryContextSwitchTo(context);
}

/* The source as it is today, and the secrets, as addresses in the archive have them masked. */
static Source *
load_source(Round *round, int32 id)
{
	MemoryContext context = CurrentMemoryContext;
	OwnerScope	  scope;
	Source		 *source;

	owner_enter(&scope);
	source = state_read(context, id);
	round_set_secrets(round, secret_load(context));
	owner_leave(&scope);
	MemoryContextSwitchTo(context);
	if (source == NULL || source->kind == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("the source of the flux has been dropped, or is of no known type")));
	return source;
}

static void
tell_absent(const Run *run)
{
	if (run->n_absent > 0)
		ereport(NOTICE, (errmsg("%d addresses are not in the archive", run->n_absent),
						 errdetail("The first is %s.", run->absent),
						 errhint("An archive has what was new then; it is left out here.")));
}

/* Stores what the run has found, and puts its row into the result. */
static void
store(ReturnSetInfo *result, Run *run)
{
	MemoryContext context = CurrentMemoryContext;
	OwnerScope	  scope;
	TimestampTz	  next_due;
	const Flux	 *flux;

	owner_enter(&scope);
	flux = linitial(commit_runs(list_make1(run), context, &next_due));
	if (flux)
		journal_write("REJEU",
					  psprintf("%s: flux " INT64_FORMAT " -> " INT64_FORMAT ", +%lld documents",
							   run->source->nom, run->origin, flux->id, (long long) flux->inseres));
	owner_leave(&scope);
	MemoryContextSwitchTo(context);
	if (flux)
		return_flux(result, run, flux);
	tell_absent(run);
}

/*
 * Runs the archive as a collector would run its source, in a round of its own whose fetcher
 * answers out of the file.
 */
static void
replay_file(ReturnSetInfo *result, const PayloadPlace *place, int file)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "datasens replay", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(context);
	Replay		 *replay = replay_open(context, file);
	Round		 *round = round_create(context, false);
	Source		 *source = load_source(round, place->id_source);
	Run			 *run;

	round_set_replay(round, replay);
	replay_prepare(replay, source);
	round_start_replay(round, source, place->id_flux);
	while (round_n_active(round) > 0)
	{
		CHECK_FOR_INTERRUPTS();
		round_work(round, WAIT_MS);
	}
	run = linitial(round_take_finished(round));
	store(result, run);
	run_free(run);
	round_free(round);
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(context);
}

/* datasens_replay(id_flux): a row, as datasens_collect() has them. */
Datum
datasens_replay(PG_FUNCTION_ARGS)
{
	ReturnSetInfo	 *result = (ReturnSetInfo *) fcinfo->resultinfo;
	PayloadPlace	  place;
	volatile TempFile file = TEMPFILE_NONE;
	int64			  size;

	check_can_write("datasens_replay");
	compat_materialize(fcinfo);
	find_archive(PG_GETARG_INT64(0), &place);
	(void) state_lock(place.id_source, false, true);
	slice_lock_source(place.id_source);
	find_archive(PG_GETARG_INT64(0), &place); /* it may have been brought elsewhere meanwhile */
	file = payload_fetch(&place, &size);
	PG_TRY();
	{
		replay_file(result, &place, file.descriptor);
	}
	PG_FINALLY();
	{
		TempFile opened = file;

		tempfile_close(&opened);
	}
	PG_END_TRY();
	return (Datum) 0;
}
