/*
 * operator.c
 *	  The operator: the background worker that does a database's scheduled tasks.
 *
 * Who runs it: the launcher, when a task is due, beside the collectors, which it
 * therefore never delays.  It does what is due, one task after the other,
 * publishes when the next one is, and leaves: an idle database has none.  Where there is no
 * launcher a session sends one for the tasks without a schedule (datasens_errand_main).
 *
 * A transaction is open only while a task is leased or its end is written down,
 * and inside of tasks where they say so; never while one waits for a program or
 * a disk.  Locks: the task's advisory lock, held by the session from the lease to
 * the end.  What a crash does: the lease has been written down as a failed
 * attempt, and the next operator takes it up when its retry is due.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "compat.h"
#include "operate/task.h"
#include "run/operator.h"
#include "run/session.h"
#include "store/state.h"

#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

/* What is told in the log. */
#define WHAT "do its tasks"

/* When something is in the way (a restore, another process): look again. */
#define LOOK_AGAIN_S 5

/* A task that cannot even say what became of it is done again after this. */
#define LOST_AGAIN_S 60

/* Who came for an errand does so this often at most: it is in the way of DROP DATABASE. */
#define ERRAND_LOOKS 6

/* Leases a task; false: none now, and *next says when one is due. */
typedef bool (*Lease)(MemoryContext context, TaskLease *task, TimestampTz *next);

static bool
lease(MemoryContext context, TaskLease *task, TimestampTz *next)
{
	TimestampTz now = GetCurrentTimestamp();
	OwnerScope	scope;
	bool		leased = false;

	*next = DT_NOEND;
	if (!transaction_start(&scope))
		return false;
	shared_operator_take();
	*next = now + LOOK_AGAIN_S * USECS_PER_SEC;
	if (state_settled())
	{
		*next = task_plan(now);
		leased = *next <= now && task_lease(context, now, true, task);
		if (!leased && *next <= now) /* somebody else has it */
			*next = now + LOOK_AGAIN_S * USECS_PER_SEC;
	}
	transaction_commit(&scope, leased);
	return leased;
}

/* The same where looking may fail: then *next is when to try again. */
static bool
try_lease(MemoryContext context, TaskLease *task, TimestampTz *next)
{
	volatile bool leased = false;

	PG_TRY();
	{
		leased = lease(context, task, next);
		session_trouble_over(WHAT);
	}
	PG_CATCH();
	{
		*next = session_trouble(context, WHAT);
	}
	PG_END_TRY();
	return leased;
}

/* The same of tasks without a schedule. */
static bool
lease_errand(MemoryContext context, TaskLease *task, TimestampTz *next)
{
	TimestampTz now = GetCurrentTimestamp();
	OwnerScope	scope;
	bool		leased = false;

	*next = DT_NOEND;
	if (!transaction_start(&scope))
		return false;
	if (state_settled())
	{
		*next = task_unscheduled_due();
		leased = *next <= now && task_lease(context, now, false, task);
		if (!leased && *next <= now)
			*next = now + LOOK_AGAIN_S * USECS_PER_SEC;
	}
	transaction_commit(&scope, leased);
	return leased;
}

/* What went wrong, in the given context, or NULL; it has been told in the log. */
static char *
run(const Task *task, MemoryContext context)
{
	MemoryContext own = AllocSetContextCreate(context, "datasens task", ALLOCSET_DEFAULT_SIZES);
	char *volatile error = NULL;

	MemoryContextSwitchTo(own);
	PG_TRY();
	{
		task->run();
	}
	PG_CATCH();
	{
		ErrorData *data;

		MemoryContextSwitchTo(context);
		data = CopyErrorData();
		error = data->detail ? psprintf("%s: %s", data->message, data->detail) : data->message;
		session_abandon(context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	MemoryContextDelete(own);
	return error;
}

static void
finish(const TaskLease *task, const char *error, TimestampTz started)
{
	OwnerScope scope;

	if (!transaction_start(&scope))
		return;
	task_finish(task, error, started, GetCurrentTimestamp());
	transaction_commit(&scope, true);
}

/*
 * Does what is due; returns when the next task is.  A task without a schedule keeps account
 * of its attempts itself: where it could not even do that, it is left alone for a while.
 */
static TimestampTz
operate(MemoryContext context, Lease next_task)
{
	TimestampTz next;
	TaskLease	task;

	while (setting_enabled && next_task(context, &task, &next))
	{
		TimestampTz started = GetCurrentTimestamp();
		char	   *error = run(task.task, context);
		bool		lost = error != NULL && task.task->due != NULL;

		finish(&task, error, started);
		task_unlock(&task);
		MemoryContextReset(context);
		if (lost)
			return GetCurrentTimestamp() + LOST_AGAIN_S * USECS_PER_SEC;
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
	}
	return setting_enabled ? next : DT_NOEND;
}

void
datasens_operator_main(Datum ticket)
{
	Oid			  database;
	MemoryContext context;

	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	if (!shared_collector_start(DatumGetInt32(ticket), &database))
		proc_exit(0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	session_pin("datasens operator");
	ProcessConfigFile(PGC_SIGHUP);
	context = AllocSetContextCreate(TopMemoryContext, "datasens operator", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	shared_operator_leave(operate(context, try_lease));
	proc_exit(0);
}

/* ---- without a launcher ---- */

/* What is in the way of a task now may be gone soon, as the lock of the session that sent us. */
void
datasens_errand_main(Datum database)
{
	TimestampTz	  next;
	int			  looks = 0;
	MemoryContext context;

	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
	session_pin("datasens operator");
	ProcessConfigFile(PGC_SIGHUP);
	context = AllocSetContextCreate(TopMemoryContext, "datasens operator", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	do
	{
		next = operate(context, lease_errand);
		if (next > GetCurrentTimestamp() + 2 * LOOK_AGAIN_S * USECS_PER_SEC)
			break;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next),
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	} while (++looks < ERRAND_LOOKS);
	proc_exit(0);
}
