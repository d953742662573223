/*
 * backfill.c
 *	  datasens_backfill() and what ends, stops or goes on with one.
 *
 * Nothing is fetched here: the ledger is told what is expected, and the source's next
 * run, which is made due now, looks for it in its publisher's lists.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/shared.h"
#include "run/launcher.h"
#include "source/kind.h"
#include "store/journal.h"
#include "store/slice.h"
#include "store/state.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_backfill);
PG_FUNCTION_INFO_V1(datasens_backfill_pause);
PG_FUNCTION_INFO_V1(datasens_backfill_resume);
PG_FUNCTION_INFO_V1(datasens_backfill_cancel);

static Statement find_statement = {
	.sql = "SELECT id_source FROM datasens.source WHERE nom = $1",
	.n_args = 1,
	.types = {TEXTOID},
};

/* ---- a new one ---- */

/* The source of that name; ereports where there is none, or none with slices. */
static Source *
find_source(const char *nom)
{
	Datum	values[] = {CStringGetTextDatum(nom)};
	Source *source = NULL;

	(void) state_plan(GetCurrentTimestamp(), false);
	statement_run(&find_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 1)
		source = state_read(CurrentMemoryContext, row_int32(0, 1));
	if (source == NULL)
		no_such_source(nom);
	if (source->kind->begin_slice == NULL)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("source \"%s\" has no past that could be collected", nom),
						errdetail("It is of type %s.", source->kind->name),
						errhint("Sources of type gdelt have one.")));
	return source;
}

/* The slots that begin in the period, as far as they can have been published at all. */
static SlotRange
find_slots(const Kind *kind, TimestampTz from, TimestampTz to)
{
	SlotRange all = {kind->first_slot, slot_of(instant_of(GetCurrentTimestamp()))};
	SlotRange range;

	if (from >= to)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the period ends before it begins"),
						errdetail("It is from %s to %s.", pstrdup(timestamptz_to_str(from)),
								  pstrdup(timestamptz_to_str(to)))));
	range = slot_range_between(instant_of(from), instant_of(to));
	range = slot_range_common(range, all);
	if (slot_range_empty(range))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("no slice begins in the period"),
				 errdetail("The first one began at %s.",
						   timestamptz_to_str(timestamp_of(slot_start(kind->first_slot)))),
				 errhint("Slices begin every %d minutes, up to now.", SLOT_SECONDS / 60)));
	return range;
}

Datum
datasens_backfill(PG_FUNCTION_ARGS)
{
	char	  *nom = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Source	  *source;
	SlotRange  range;
	OwnerScope scope;
	int32	   id;

	check_can_write("datasens_backfill");
	owner_enter(&scope);
	source = find_source(nom);
	range = find_slots(source->kind, PG_GETARG_TIMESTAMPTZ(1), PG_GETARG_TIMESTAMPTZ(2));
	(void) state_request(list_make1_int(source->id));
	id = slice_backfill(source->id, source->kind->streams(source), range);
	journal_write("HISTORIQUE_DEMANDE", psprintf("%s, %d: %lld slices a stream", nom, id,
												 (long long) slot_range_count(range)));
	owner_leave(&scope);
	launcher_poke_at_commit();
	PG_RETURN_INT32(id);
}

/* ---- one that is there ---- */

/*
 * Changes the status of a backfill from one to another. False where it has the new one already;
 * ereports where it has neither. *id_source: its source.
 */
static bool
change_status(int32 id, const char *from, const char *to, int32 *id_source)
{
	char *statut = slice_backfill_status(id, id_source);

	if (statut == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("there is no backfill %d", id),
						errhint("The view datasens_backfills lists them.")));
	if (strcmp(statut, to) == 0)
		return false;
	if (strcmp(statut, "annule") == 0 || strcmp(statut, "termine") == 0 ||
		(from != NULL && strcmp(statut, from) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("backfill %d has ended", id), errdetail("Its status is \"%s\".", statut),
				 errhint("datasens_backfill() queues what is still missing.")));
	slice_backfill_set(id, to);
	return true;
}

Datum
datasens_backfill_pause(PG_FUNCTION_ARGS)
{
	OwnerScope scope;
	int32	   id_source;

	check_can_write("datasens_backfill_pause");
	owner_enter(&scope);
	(void) change_status(PG_GETARG_INT32(0), "en_cours", "suspendu", &id_source);
	owner_leave(&scope);
	PG_RETURN_VOID();
}

Datum
datasens_backfill_resume(PG_FUNCTION_ARGS)
{
	OwnerScope scope;
	int32	   id_source;

	check_can_write("datasens_backfill_resume");
	owner_enter(&scope);
	/* Its lists are asked for at once; the source's row is locked before its ledger. */
	id_source = slice_backfill_source(PG_GETARG_INT32(0));
	(void) state_request(list_make1_int(id_source));
	(void) change_status(PG_GETARG_INT32(0), "suspendu", "en_cours", &id_source);
	owner_leave(&scope);
	launcher_poke_at_commit();
	PG_RETURN_VOID();
}

Datum
datasens_backfill_cancel(PG_FUNCTION_ARGS)
{
	OwnerScope scope;
	int32	   id_source;
	int64	   forgotten = 0;

	check_can_write("datasens_backfill_cancel");
	owner_enter(&scope);
	if (change_status(PG_GETARG_INT32(0), NULL, "annule", &id_source))
		forgotten = slice_backfill_forget(PG_GETARG_INT32(0));
	owner_leave(&scope);
	PG_RETURN_INT64(forgotten);
}
