/*
 * task.c
 *	  The scheduled tasks beside the collecting: when each is due, and what became of it.
 *
 * There are two sorts. A task with a schedule has its state in the table tache: due time,
 * attempts, failures. A task without one (alertes, archivage) says itself when it is due, and
 * keeps account of its attempts in its own table.
 */
#include "postgres.h"

#include "base/lock.h"
#include "base/settings.h"
#include "base/transaction.h"
#include "operate/alert.h"
#include "operate/archive.h"
#include "operate/backup.h"
#include "operate/report.h"
#include "operate/retention.h"
#include "operate/task.h"
#include "store/retry.h"
#include "time/plan.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/*
 * A new task is one file, and one line here. Its place here is the number of its lock, so new ones
 * go to the end.
 */
static const Task *const tasks[] = {
	&task_backup, &task_retention, &task_watch, &task_report, &task_deliver, &task_archive,
};

static Statement plan_statement = {
	.sql = "INSERT INTO datasens.tache AS t (nom, prochaine_execution, planification_appliquee,"
		   "  derniere_erreur) VALUES ($1, $2, $3, $4)"
		   " ON CONFLICT (nom) DO UPDATE SET prochaine_execution = EXCLUDED.prochaine_execution,"
		   "  planification_appliquee = EXCLUDED.planification_appliquee, tentative = 0,"
		   "  derniere_erreur = coalesce(EXCLUDED.derniere_erreur, t.derniere_erreur)",
	.n_args = 4,
	.types = {TEXTOID, TIMESTAMPTZOID, TEXTOID, TEXTOID},
};

static Statement find_statement = {
	.sql = "SELECT prochaine_execution, planification_appliquee, derniere_execution, tentative"
		   " FROM datasens.tache WHERE nom = $1",
	.n_args = 1,
	.types = {TEXTOID},
};

static Statement hold_statement = {
	.sql =
		"SELECT tentative, echecs_consecutifs, alerte"
		" FROM datasens.tache WHERE nom = $1 AND prochaine_execution <= $2 FOR UPDATE SKIP LOCKED",
	.n_args = 2,
	.types = {TEXTOID, TIMESTAMPTZOID},
};

static Statement write_statement = {
	.sql = "UPDATE datasens.tache SET prochaine_execution = $2, planification_appliquee = $3,"
		   "  tentative = $4, echecs_consecutifs = $5, derniere_erreur = $6,"
		   "  derniere_execution = $7, dernier_succes = coalesce($8, dernier_succes)"
		   " WHERE nom = $1",
	.n_args = 8,
	.types = {TEXTOID, TIMESTAMPTZOID, TEXTOID, INT4OID, INT4OID, TEXTOID, TIMESTAMPTZOID,
			  TIMESTAMPTZOID},
};

/* What is to be written of a task that has been started. */
typedef struct TaskState
{
	TimestampTz next;
	int			attempts;
	int			failures;
	const char *error;
	TimestampTz started;
	TimestampTz succeeded; /* DT_NOBEGIN: it has not */
} TaskState;

const Task *
task_next(const Task *task)
{
	for (size_t i = 0; i < lengthof(tasks); i++)
	{
		if (task == NULL)
			return tasks[i];
		if (tasks[i] == task)
			task = NULL;
	}
	return NULL;
}

static int32
lock_number(const Task *task)
{
	int32 number = 0;

	while (tasks[number] != task)
		number++;
	return number;
}

char *
task_schedule(const Task *task, Schedule *schedule)
{
	bool on = task->possible == NULL || task->possible();

	return schedule_try(schedule, NULL, on ? *task->schedule : "", NULL);
}

/* ---- planning ---- */

/* A clock may be set back by a minute without anybody's noticing. */
#define CLOCK_SLACK (60 * USECS_PER_SEC)

/*
 * Whether the row that find_statement gave was planned from a time that is in the future now,
 * because the clock was set back: the task has run then and is due after that, or it is due later
 * than the next time from now.
 */
static bool
clock_left_behind(TimestampTz due, TimestampTz next, TimestampTz now)
{
	bool		isnull;
	Datum		last = row_datum(0, 3, TIMESTAMPTZOID, &isnull);
	TimestampTz last_run = isnull ? DT_NOBEGIN : DatumGetTimestampTz(last);
	bool		is_retry = row_int32(0, 4) > 0;

	if (TIMESTAMP_NOT_FINITE(due))
		return false;
	return (last_run > now + CLOCK_SLACK && due > last_run) ||
		   (!is_retry && due > next + CLOCK_SLACK);
}

/* Plans a task, unless it is planned by its schedule already. Returns when it is due. */
static TimestampTz
plan(const Task *task, TimestampTz now)
{
	Datum		key[] = {CStringGetTextDatum(task->nom)};
	Schedule	schedule;
	char	   *wrong = task_schedule(task, &schedule);
	char	   *name = schedule_name(&schedule);
	TimestampTz next = wrong ? DT_NOEND : schedule_next(&schedule, now);
	Datum		values[] = {key[0], TimestampTzGetDatum(next), CStringGetTextDatum(name),
						wrong ? CStringGetTextDatum(wrong) : (Datum) 0};
	char		nulls[] = {' ', ' ', ' ', wrong ? ' ' : 'n'};

	statement_run(&find_statement, key, NULL, SPI_OK_SELECT);
	if (SPI_processed == 1)
	{
		char	   *planned = row_string(CurrentMemoryContext, 0, 2);
		TimestampTz due = row_time(0, 1);

		if (planned != NULL && strcmp(planned, name) == 0 && !clock_left_behind(due, next, now))
			return due;
	}
	statement_run(&plan_statement, values, nulls, SPI_OK_INSERT);
	return next;
}

TimestampTz
task_plan(TimestampTz now)
{
	TimestampTz first = DT_NOEND;

	for (size_t i = 0; i < lengthof(tasks); i++)
		first = Min(first, tasks[i]->due ? tasks[i]->due() : plan(tasks[i], now));
	return first;
}

TimestampTz
task_due(const Task *task)
{
	Datum key[] = {CStringGetTextDatum(task->nom)};

	statement_run(&find_statement, key, NULL, SPI_OK_SELECT);
	return SPI_processed == 0 ? DT_NOEND : row_time(0, 1);
}

/* ---- leasing ---- */

static void
write_state(const Task *task, const TaskState *state)
{
	Schedule schedule;
	Datum	 values[8];
	char	 nulls[] = "        ";

	(void) task_schedule(task, &schedule);
	values[0] = CStringGetTextDatum(task->nom);
	values[1] = TimestampTzGetDatum(state->next);
	values[2] = CStringGetTextDatum(schedule_name(&schedule));
	values[3] = Int32GetDatum(state->attempts);
	values[4] = Int32GetDatum(state->failures);
	values[5] = state->error ? CStringGetTextDatum(state->error) : (Datum) 0;
	values[6] = TimestampTzGetDatum(state->started);
	values[7] = TimestampTzGetDatum(state->succeeded);
	nulls[5] = state->error ? ' ' : 'n';
	nulls[7] = TIMESTAMP_IS_NOBEGIN(state->succeeded) ? 'n' : ' ';
	statement_run(&write_statement, values, nulls, SPI_OK_UPDATE);
}

/* The next scheduled time after now; DT_NOEND: there is none. */
static TimestampTz
next_scheduled(const Task *task, TimestampTz now)
{
	Schedule schedule;

	return task_schedule(task, &schedule) ? DT_NOEND : schedule_next(&schedule, now);
}

/*
 * The state that a failure leaves: a retry while there are some left, else the next scheduled
 * time.
 */
static TaskState
failed_state(const TaskLease *lease, const char *error, TimestampTz started, TimestampTz now)
{
	TaskState state = {.error = error, .started = started, .succeeded = DT_NOBEGIN};

	if (lease->attempts < setting_max_retries)
	{
		state.attempts = lease->attempts + 1;
		state.failures = lease->failures;
		state.next = retry_time(now, state.attempts, -1);
	}
	else
	{
		state.failures = lease->failures + 1;
		state.next = next_scheduled(lease->task, now);
	}
	return state;
}

/*
 * OID of datasens.tache, as the last task_lease found it: task_unlock also runs outside of a
 * transaction.
 */
static Oid task_table = InvalidOid;

/* Writes down the lease of a task that is locked; false where it turns out not to be due. */
static bool
lease_scheduled(MemoryContext context, TimestampTz now, TaskLease *lease)
{
	Datum	  values[] = {CStringGetTextDatum(lease->task->nom), TimestampTzGetDatum(now)};
	TaskState state;

	statement_run(&hold_statement, values, NULL, SPI_OK_SELECT);
	if (SPI_processed == 0)
		return false;
	lease->attempts = row_int32(0, 1);
	lease->failures = row_int32(0, 2);
	lease->alert = row_string(context, 0, 3);
	state = failed_state(lease, "interrupted: its process ended before it did", now, now);
	write_state(lease->task, &state);
	return true;
}

TimestampTz
task_unscheduled_due(void)
{
	TimestampTz first = DT_NOEND;

	for (size_t i = 0; i < lengthof(tasks); i++)
	{
		if (tasks[i]->due)
			first = Min(first, tasks[i]->due());
	}
	return first;
}

bool
task_lease(MemoryContext context, TimestampTz now, bool scheduled, TaskLease *lease)
{
	task_table = lock_table("tache");
	for (size_t i = 0; i < lengthof(tasks); i++)
	{
		if (!scheduled && tasks[i]->due == NULL)
			continue;
		if (!lock_take(task_table, (int32) i, true, false))
			continue;
		*lease = (TaskLease){.task = tasks[i]};
		if (tasks[i]->due ? tasks[i]->due() <= now : lease_scheduled(context, now, lease))
			return true;
		lock_release(task_table, (int32) i, true);
	}
	return false;
}

void
task_finish(const TaskLease *lease, const char *error, TimestampTz started, TimestampTz ended)
{
	TaskState state = {.started = started, .succeeded = ended};

	if (lease->task->due)
		return;
	if (error)
		state = failed_state(lease, error, started, ended);
	else
		state.next = next_scheduled(lease->task, ended);
	write_state(lease->task, &state);
	if (error == NULL || state.failures > 0)
		alert_task(lease->task->nom, lease->alert, error);
}

void
task_unlock(const TaskLease *lease)
{
	lock_release(task_table, lock_number(lease->task), true);
}
