/*
 * health.c
 *	  datasens_health(), datasens_stats(), datasens_summary(), datasens_metrics(),
 *	  datasens_check(), datasens_schedule() and the progress view's function: how things are, and
 *	  when they will go on.
 */
#include "postgres.h"

#include "api/api.h"
#include "base/shared.h"
#include "compat.h"
#include "operate/check.h"
#include "operate/health.h"
#include "operate/metrics.h"
#include "operate/stats.h"
#include "operate/task.h"
#include "source/kind.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(datasens_health);
PG_FUNCTION_INFO_V1(datasens_stats);
PG_FUNCTION_INFO_V1(datasens_summary);
PG_FUNCTION_INFO_V1(datasens_metrics);
PG_FUNCTION_INFO_V1(datasens_check);
PG_FUNCTION_INFO_V1(datasens_schedule);
PG_FUNCTION_INFO_V1(datasens_progress_entries);

/* More future runs of each source than this are hardly asked for in earnest. */
#define MAX_TIMES 10000

static Statement schedule_statement = {
	.sql = "SELECT s.nom, s.type_source, s.planification, s.fuseau, s.actif, e.prochaine_collecte"
		   " FROM datasens.source s LEFT JOIN datasens.etat_source e USING (id_source)"
		   " ORDER BY s.nom",
};

/* A time without its fraction, as people read it. Not for infinite times. */
static TimestampTz
whole_second(TimestampTz at)
{
	return at - at % USECS_PER_SEC;
}

Datum
datasens_health(PG_FUNCTION_ARGS)
{
	OwnerScope scope;

	compat_materialize(fcinfo);
	owner_enter(&scope);
	notice_if_idle();
	health_query();
	return_rows((ReturnSetInfo *) fcinfo->resultinfo);
	owner_leave(&scope);
	return (Datum) 0;
}

/* datasens_stats(since): a null means ever. */
Datum
datasens_stats(PG_FUNCTION_ARGS)
{
	TimestampTz since = PG_ARGISNULL(0) ? DT_NOBEGIN : PG_GETARG_TIMESTAMPTZ(0);
	OwnerScope	scope;

	compat_materialize(fcinfo);
	owner_enter(&scope);
	stats_query(since);
	return_rows((ReturnSetInfo *) fcinfo->resultinfo);
	owner_leave(&scope);
	return (Datum) 0;
}

Datum
datasens_summary(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;
	Summary		  summary;
	OwnerScope	  scope;

	owner_enter(&scope);
	summary_load(&summary);
	owner_leave(&scope);
	MemoryContextSwitchTo(context);
	PG_RETURN_TEXT_P(cstring_to_text(summary_line(&summary)));
}

Datum
datasens_metrics(PG_FUNCTION_ARGS)
{
	MemoryContext context = CurrentMemoryContext;
	OwnerScope	  scope;
	char		 *text;

	owner_enter(&scope);
	text = metrics_text(context);
	owner_leave(&scope);
	PG_RETURN_TEXT_P(cstring_to_text(text));
}

Datum
datasens_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	OwnerScope	   scope;

	compat_materialize(fcinfo);
	owner_enter(&scope);
	check_stored(result->setResult, result->setDesc);
	owner_leave(&scope);
	return (Datum) 0;
}

/* ---- datasens_schedule ---- */

static void
put_time(ReturnSetInfo *result, const char *nom, const char *type, const Schedule *schedule,
		 const char *from, TimestampTz at, bool known)
{
	Datum values[] = {
		CStringGetTextDatum(nom),
		CStringGetTextDatum(type),
		CStringGetTextDatum(schedule->expression),
		CStringGetTextDatum(schedule->zone_name),
		CStringGetTextDatum(from),
		TimestampTzGetDatum(whole_second(at)),
	};
	bool nulls[] = {false, false, false, false, false, !known};

	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/*
 * Puts the next n times of the source in a row of schedule_statement; one row with a null where it
 * has none.
 */
static void
put_source(ReturnSetInfo *result, uint64 row, int n)
{
	char	   *nom = row_need_string(CurrentMemoryContext, row, 1);
	char	   *type = row_string(CurrentMemoryContext, row, 2);
	const Kind *kind = kind_find(type);
	const char *from;
	Schedule	schedule;
	TimestampTz at;
	Datum		due;
	bool		isnull;

	if (kind == NULL || schedule_try(&schedule, kind, row_string(CurrentMemoryContext, row, 3),
									 row_string(CurrentMemoryContext, row, 4)) != NULL)
		return;
	from = schedule.of_kind ? psprintf("datasens.%s_schedule", type) : "source";
	due = row_datum(row, 6, TIMESTAMPTZOID, &isnull);
	at = isnull ? schedule_next(&schedule, GetCurrentTimestamp()) : DatumGetTimestampTz(due);
	if (!row_bool(row, 5) || at == DT_NOEND)
		put_time(result, nom, type, &schedule, from, 0, false);
	else
	{
		for (int i = 0; i < n && at != DT_NOEND; i++)
		{
			CHECK_FOR_INTERRUPTS();
			put_time(result, nom, type, &schedule, from, at, true);
			at = schedule_next(&schedule, Max(at, GetCurrentTimestamp()));
		}
	}
}

/* The same of a task. */
static void
put_task(ReturnSetInfo *result, const Task *task, int n)
{
	TimestampTz at = task_due(task);
	Schedule	schedule;

	if (task_schedule(task, &schedule) != NULL)
		return;
	if (schedule.expression[0] == '\0')
		put_time(result, task->nom, "tache", &schedule, task->setting, 0, false);
	else if (at == DT_NOEND)
		at = schedule_next(&schedule, GetCurrentTimestamp());
	for (int i = 0; i < n && schedule.expression[0] != '\0' && at != DT_NOEND; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_time(result, task->nom, "tache", &schedule, task->setting, at, true);
		at = schedule_next(&schedule, Max(at, GetCurrentTimestamp()));
	}
}

Datum
datasens_schedule(PG_FUNCTION_ARGS)
{
	int		   n = PG_GETARG_INT32(0);
	OwnerScope scope;

	if (n < 1 || n > MAX_TIMES)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("number of times must be between 1 and %d", MAX_TIMES)));
	compat_materialize(fcinfo);
	owner_enter(&scope);
	statement_run(&schedule_statement, NULL, NULL, SPI_OK_SELECT);
	for (uint64 row = 0; row < SPI_processed; row++)
		put_source((ReturnSetInfo *) fcinfo->resultinfo, row, n);
	for (const Task *task = task_next(NULL); task; task = task_next(task))
		if (task->schedule)
			put_task((ReturnSetInfo *) fcinfo->resultinfo, task, n);
	owner_leave(&scope);
	return (Datum) 0;
}

/* ---- progress ---- */

static const char *
phase_word(ProgressPhase phase)
{
	switch (phase)
	{
		case PROGRESS_WAITING:
			return "attente";
		case PROGRESS_FETCHING:
			return "telechargement";
		case PROGRESS_READING:
			return "lecture";
		case PROGRESS_STORING:
			return "enregistrement";
		case PROGRESS_CHECKING:
			return "verification";
		case PROGRESS_BACKING_UP:
			return "sauvegarde";
		case PROGRESS_REPORTING:
			return "rapport";
		case PROGRESS_SWEEPING:
			return "menage";
		case PROGRESS_ARCHIVING:
			return "archivage";
	}
	return "inconnu";
}

/* The function behind the view datasens_progress: what is under way in this database. */
Datum
datasens_progress_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Progress	   entry;

	compat_materialize(fcinfo);
	for (int i = 0; i < progress_entries(); i++)
	{
		Datum values[10];
		bool  nulls[10] = {false};

		if (!progress_read(i, &entry) || entry.database != MyDatabaseId)
			continue;
		values[0] = Int32GetDatum(entry.pid);
		nulls[1] = entry.id_source == 0;
		values[1] = Int32GetDatum(entry.id_source);
		values[2] = CStringGetTextDatum(entry.name);
		values[3] = CStringGetTextDatum(phase_word(entry.phase));
		values[4] = CStringGetTextDatum(entry.host);
		values[5] = Int64GetDatum(entry.bytes);
		nulls[6] = entry.bytes_total < 0;
		values[6] = Int64GetDatum(entry.bytes_total);
		values[7] = Int64GetDatum(entry.items);
		nulls[8] = entry.known < 0;
		values[8] = Int64GetDatum(entry.known);
		values[9] = TimestampTzGetDatum(whole_second(entry.since));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
