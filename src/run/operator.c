/*
 * operator.c
 *	  The operator: the background worker that does a database's scheduled tasks
 *	  (operate/task.h): backups, reports, alerts, the archive, the removal of what is old.
 *
 * Who runs it: the launcher, when a task is due, beside the collectors, which it therefore never
 * delays. It does what is due, one task after the other, publishes in shared memory when the next
 * one is, and leaves; an idle database has none. Where the library is not preloaded there is no
 * launcher: then a session that commits sends an operator on an errand, for the tasks without a
 * schedule only (datasens_errand_main).
 *
 * A transaction is open only while a task is leased and while its end is written down, and inside
 * of tasks where they say so; never while one waits for a program, a disk or the network. Locks:
 * the task's advisory lock, which the session holds from the lease to the end. What a crash does:
 * the lease has been written down as a failed attempt, and the next operator takes the task up
 * when its retry is due.
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

/* What session_trouble() says that this process cannot do: "datasens cannot do its tasks ...". */
#define WHAT "do its tasks"

/*
 * When to look again where something is in the way: a restore, or another process that has the
 * task.
 */
#define LOOK_AGAIN_S 5

/* When to look again after a task that could not even write down what became of it. */
#define LOST_AGAIN_S 60

/*
 * How often an operator on an errand looks at most. It is in the way of a DROP DATABASE, from
 * which no hook protects it.
 */
#define ERRAND_LOOKS 6

/*
 * Leases the next task that is due, in a transaction of its own. False: none can be had now, and
 * *next says when to look again; DT_NOEND: not at all. errand: only tasks without a schedule.
 */
static bool
lease(MemoryContext context, bool errand, TaskLease *task, TimestampTz *next)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz later = now + LOOK_AGAIN_S * USECS_PER_SEC;
	OwnerScope	scope;
	bool		leased = false;

	*next = DT_NOEND;
	if (!transaction_start(&scope))
		return false;
	if (!errand)
		shared_operator_take();
	*next = later;
	if (state_settled())
	{
		*next = errand ? task_unscheduled_due() : task_plan(now);
		leased = *next <= now && task_lease(context, now, !errand, task);
		if (!leased && *next <= now) /* somebody else has it */
			*next = later;
	}
	transaction_commit(&scope, leased);
	return leased;
}

/*
 * The same; but an operator that the launcher has started outlives an error, and looks again as
 * shared memory says it should, later each time. Where there is no shared memory the error ends
 * the process.
 */
static bool
try_lease(MemoryContext context, bool errand, TaskLease *task, TimestampTz *next)
{
	volatile bool leased = false;

	if (errand)
		return lease(context, errand, task, next);
	PG_TRY();
	{
		leased = lease(context, errand, task, next);
		session_trouble_over(WHAT);
	}
	PG_CATCH();
	{
		*next = session_trouble(context, WHAT);
	}
	PG_END_TRY();
	return leased;
}

/*
 * Runs the task. Returns NULL, or what went wrong, in the given context; that has been logged,
 * too.
 */
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

/* Writes down how the task ended, which plans its next time. */
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
 * Does what is due, one task after the other; returns when the next one is. A task without a
 * schedule keeps account of its attempts itself: where it could not even do that, it is left alone
 * for a while.
 */
static TimestampTz
operate(MemoryContext context, bool errand)
{
	TimestampTz next;
	TaskLease	task;

	while (setting_enabled && try_lease(context, errand, &task, &next))
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

static void
accept_signals(void)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
}

/* Connects to the database; returns the memory context of the tasks, which is the current one. */
static MemoryContext
begin_session(Oid database)
{
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	session_pin("datasens operator");
	ProcessConfigFile(PGC_SIGHUP);
	MemoryContextSwitchTo(
		AllocSetContextCreate(TopMemoryContext, "datasens operator", ALLOCSET_DEFAULT_SIZES));
	return CurrentMemoryContext;
}

void
datasens_operator_main(Datum ticket)
{
	Oid database;

	accept_signals();
	if (!shared_collector_start(DatumGetInt32(ticket), true, &database))
		proc_exit(0);
	shared_operator_leave(operate(begin_session(database), false));
	proc_exit(0);
}

/*
 * What is in the way of a task may be gone soon, such as the lock of the session that sent us: so
 * it looks a few times, as long as something is due shortly.
 */
void
datasens_errand_main(Datum database)
{
	MemoryContext context;
	TimestampTz	  next;
	int			  looks = 0;

	accept_signals();
	context = begin_session(DatumGetObjectId(database));
	do
	{
		next = operate(context, true);
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
