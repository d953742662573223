/*
 * collector.c
 *	  A collector: the background worker that collects one database's sources.
 *
 * Who runs it: the launcher starts one when something is due in a database, and up to
 * datasens.workers of them beside each other where one cannot keep up. A collector lives while
 * there is work, or work is near (datasens.linger). Then it publishes in shared memory when the
 * next work is due, and exits.
 *
 * It is one loop (collect): lease what is due while there is room for more runs, let the network
 * and the parsers work, commit the runs that have finished. A transaction is open only while
 * leasing (lease) or committing (commit_in_transaction), never while waiting.
 *
 * Locks: each leased source's advisory lock, which the session holds from the lease to the commit,
 * and which vanishes with the process. What a crash does: the leases have been written down as
 * failed attempts, and nothing else has been written, so the next collector takes the sources up
 * when their retry is due. Slices (source/slice.h) are leased in the same way, by a lock and an
 * attempt of their own, but only a few at a time, so that a slice that has just been published
 * waits for few others.
 *
 * What it must never do: wait for the network, the parser or a user's lock without end while it
 * holds a transaction, a snapshot or a table lock.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/shared.h"
#include "base/transaction.h"
#include "compat.h"
#include "operate/alert.h"
#include "operate/payload.h"
#include "operate/task.h"
#include "run/collector.h"
#include "run/commit.h"
#include "run/outcome.h"
#include "run/round.h"
#include "run/session.h"
#include "store/journal.h"
#include "store/secret.h"
#include "store/slice.h"
#include "store/state.h"

#include <malloc.h>

#include "libpq/pqsignal.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/*
 * A finished run waits for others to share its commit, but at most this long, and only while those
 * that wait take less memory than this.
 */
#define COMMIT_DELAY_MS 100
#define COMMIT_BYTES (4 * 1024 * 1024)

/*
 * So many times max_connections runs may be under way in one collector, those that wait for their
 * host's turn included. It is a bound on memory.
 */
#define ROUND_FACTOR 4

/*
 * How many slices may be under way in one collector: one being stored, one being read, the others
 * being fetched.
 */
#define MAX_SLICES 4

/*
 * A slice that was begun this often and never came to an end must be what takes collectors down,
 * and is given up.
 */
#define MAX_SLICE_ATTEMPTS 10

/* How much freed memory malloc keeps for the next runs instead of giving it back to the system. */
#define KEEP_BYTES (128 * 1024 * 1024)

/* What session_trouble() says that this process cannot do: "datasens cannot collect ...". */
#define WHAT "collect"

/* When to look again where all that is due is in other collectors' hands. */
#define LOOK_AGAIN_MS 1000

static Round				*current_round;
static TimestampTz			 round_began; /* when the first of its runs was leased */
static TimestampTz			 next_look;	  /* when leasing makes sense again */
static bool					 replan;	  /* schedules may have changed */
static bool					 leaving;	  /* the extension is no longer in the database */
static volatile sig_atomic_t in_transaction = false;

/*
 * SIGTERM: lets the loop end in good order (shut_down). Only a transaction that is under way,
 * which may be waiting for somebody's lock, is cut short as in any backend.
 */
static void
handle_terminate(SIGNAL_ARGS)
{
	int saved_errno = errno;

	ShutdownRequestPending = true;
	if (in_transaction)
	{
		InterruptPending = true;
		ProcDiePending = true;
	}
	SetLatch(MyLatch);
	errno = saved_errno;
}

/* ---- transactions ---- */

/*
 * Starts a transaction as the tables' owner. False, and the collector is to leave, where the
 * extension is no longer in the database.
 */
static bool
begin_transaction(OwnerScope *scope)
{
	in_transaction = true;
	if (transaction_start(scope))
		return true;
	in_transaction = false;
	leaving = true;
	return false;
}

static void
end_transaction(OwnerScope *scope, bool durable)
{
	transaction_commit(scope, durable);
	in_transaction = false;
}

/*
 * After an error in a transaction, in PG_CATCH: logs the error and aborts the transaction; the
 * process goes on.
 */
static void
abandon_transaction(MemoryContext context)
{
	session_abandon(context);
	in_transaction = false;
}

/* ---- leasing ---- */

/*
 * Logs, once in a process, that nothing is collected because a restore seems to be under way
 * (state_settled). That passes soon, as a rule; but rows that somebody inserted with keys of their
 * own would keep us waiting for ever, so it has to be said.
 */
static void
tell_unsettled(void)
{
	static bool told = false;

	if (!told)
		ereport(LOG, (errmsg("datasens waits for the end of a restore"),
					  errdetail("pg_restore is connected, or rows of datasens.source, flux or "
								"document have keys that their sequences have not given."),
					  errhint("If rows were inserted with keys of their own, set the sequences "
							  "with setval() and pg_get_serial_sequence().")));
	told = true;
}

/*
 * Releases the advisory lock that the run of this source, or of its slice, has held since its
 * lease.
 */
static void
unlock(const Source *source)
{
	if (source->slice)
		slice_unlock(source);
	else
		state_unlock(source->id, true);
}

/*
 * How many more sources may be leased now. 0 while there are only a few free places: a lease is a
 * transaction, which should pay for itself.
 */
static int
room(void)
{
	int limit = setting_max_connections * ROUND_FACTOR;
	int left = limit - round_n_active(current_round) - round_n_finished(current_round);

	return left >= limit / 4 ? left : 0;
}

/*
 * Takes the advisory locks of at most limit due sources that neither we nor another collector
 * have. *locked, a list in context, gets their ids one by one, so that they are also known where
 * one cannot be locked, which is an error. *more: there were more of them, enough for another
 * collector.
 */
static void
lock_due(MemoryContext context, TimestampTz now, int limit, List **locked, bool *more)
{
	int		  under_way = round_n_active(current_round) + round_n_finished(current_round);
	List	 *due = state_due(now, limit + under_way + 1);
	ListCell *cell;

	*more = false;
	foreach (cell, due)
	{
		int32		  id = lfirst_int(cell);
		MemoryContext previous;

		if (round_has(current_round, id))
			continue;
		if (list_length(*locked) == limit)
		{
			*more = true;
			break;
		}
		if (!state_lock(id, true, false))
			continue;
		previous = MemoryContextSwitchTo(context);
		*locked = lappend_int(*locked, id);
		MemoryContextSwitchTo(previous);
	}
}

/*
 * Writes the leases of the locked sources down (outcome_of_lease), or what becomes of a run that
 * was missed and is not made up for. Returns the list of the sources that are to run now, in
 * context.
 */
static List *
write_leases(MemoryContext context, List *sources, TimestampTz now)
{
	StateChange *changes = palloc((list_length(sources) + 1) * sizeof(StateChange));
	List		*leased = NIL;
	ListCell	*cell;
	int			 n = 0;

	foreach (cell, sources)
	{
		Source *source = lfirst(cell);

		if (!outcome_of_missed(source, now, &changes[n]))
		{
			MemoryContext previous = MemoryContextSwitchTo(context);

			changes[n] = outcome_of_lease(source, now);
			leased = lappend(leased, source);
			MemoryContextSwitchTo(previous);
		}
		n++;
	}
	(void) state_write(changes, n);
	return leased;
}

/*
 * Loads the locked sources and leases them, with what their runs will have to know: cache entries
 * and the state of their ledgers. Returns the list of those that are to run now, in context.
 */
static List *
lease_locked(MemoryContext context, List *locked, TimestampTz now)
{
	List *leased = write_leases(context, state_load(context, locked, now), now);

	cache_load(leased);
	slice_load(leased);
	return leased;
}

/*
 * Claims due slices, as many as there is room for, into *slices. *more is set where due slices are
 * left for other collectors.
 */
static void
claim_slices(MemoryContext context, TimestampTz now, List **slices, bool *more)
{
	SliceClaim claim = {
		.parent = context,
		.limit = MAX_SLICES - round_n_slices(current_round),
		.session = true,
		.retry_delay = setting_retry_delay,
		.max_attempts = MAX_SLICE_ATTEMPTS,
	};

	if (claim.limit > 0)
		slice_claim(&claim, now, slices, more);
}

/* Gives claimed slices back unused: a restore has been found to be under way. */
static void
return_slices(List **slices)
{
	ListCell *cell;

	slice_return(*slices);
	foreach (cell, *slices)
		unlock(lfirst(cell));
	*slices = NIL;
}

/*
 * What a lease has locked, also where an error has ended it: not in variables of its own, which
 * that may undo.
 */
typedef struct Locked
{
	List *sources; /* ids */
	List *slices;  /* claimed ones, of Source * */
} Locked;

/*
 * The transaction of a lease: plans the sources that have no due time yet, locks and loads what is
 * due, and writes the leases down. Returns the sources to run. *locked gets what was locked and
 * claimed, also where an error ends the transaction, for the locks are the session's and survive
 * it. All lists are in context.
 *
 * state_settled() is asked again after the locking: a restore may have begun in between.
 */
static List *
lease_in_transaction(MemoryContext context, TimestampTz now, Locked *locked)
{
	OwnerScope scope;
	List	  *leased = NIL;
	bool	   more = false;
	bool	   want = false;
	bool	   settled;

	if (!begin_transaction(&scope))
		return NIL;
	next_look = now + LOOK_AGAIN_MS * INT64CONST(1000);
	settled = !replan || state_plan(now, true);
	if (replan && settled && state_settled())
		shared_operator_due(task_plan(now));
	replan = !settled;
	if (settled)
	{
		lock_due(context, now, room(), &locked->sources, &more);
		claim_slices(context, now, &locked->slices, &want);
	}
	if (locked->sources != NIL || locked->slices != NIL)
		settled = state_settled();
	if (!settled)
		return_slices(&locked->slices);
	else
	{
		TimestampTz due;

		if (locked->sources != NIL)
			leased = lease_locked(context, locked->sources, now);
		if (leased != NIL || locked->slices != NIL)
		{
			round_set_host_waits(current_round, host_load(CurrentMemoryContext, now));
			round_set_secrets(current_round, secret_load(CurrentMemoryContext));
		}
		/* What is due still is in others' hands, or there is no room: not at once again. */
		due = Min(state_next_due(), slice_next_due());
		if (due > now)
			next_look = due;
	}
	end_transaction(&scope, leased != NIL || locked->slices != NIL);
	if (!settled)
		tell_unsettled();
	if (more && settled)
		next_look = now;
	if ((more || want) && settled)
		shared_want(setting_workers);
	return leased;
}

/*
 * Leases what is due and starts its runs. Whatever happens, in the end exactly those sources are
 * locked that have a run in the round.
 */
static void
lease(void)
{
	MemoryContext context =
		AllocSetContextCreate(TopMemoryContext, "datasens lease", ALLOCSET_DEFAULT_SIZES);
	TimestampTz now = GetCurrentTimestamp();
	Locked	   *locked = MemoryContextAllocZero(context, sizeof(Locked));
	List *volatile leased = NIL;
	ListCell *cell;

	PG_TRY();
	{
		leased = lease_in_transaction(context, now, locked);
		session_trouble_over(WHAT);
	}
	PG_CATCH();
	{
		in_transaction = false;
		next_look = session_trouble(TopMemoryContext, WHAT);
		replan = true; /* what was planned is taken back */
		foreach (cell, locked->slices)
			unlock(lfirst(cell));
		locked->slices = NIL;
	}
	PG_END_TRY();

	if (round_n_active(current_round) == 0 && round_n_finished(current_round) == 0)
		round_began = now;
	foreach (cell, leased)
	{
		Source *source = lfirst(cell);

		round_start(current_round, source, outcome_trigger(source, now));
	}
	foreach (cell, locked->slices)
	{
		Source *source = lfirst(cell);

		round_start(current_round, source, outcome_trigger(source, now));
	}
	foreach (cell, locked->sources)
	{
		if (!round_has(current_round, lfirst_int(cell)))
			state_unlock(lfirst_int(cell), true);
	}
	MemoryContextDelete(context);
}

/* ---- committing ---- */

/*
 * Commits these runs in one transaction, and adds them to the tally of the round: all that was
 * collected between two idle moments, of which the journal gets one line. last: no other finished
 * run is left. If nothing is in flight either, that is the end of the round.
 */
static void
commit_in_transaction(List *runs, bool last)
{
	static CommitTally of_round;
	CommitTally		   tally = of_round;
	OwnerScope		   scope;
	TimestampTz		   next_due;
	bool			   told;

	if (!begin_transaction(&scope))
		return;
	commit_count(&tally, commit_runs(runs, CurrentMemoryContext, &next_due));
	if (last && round_n_active(current_round) == 0)
	{
		journal_round(round_began, tally.n_runs, tally.n_failed, tally.n_documents);
		tally = (CommitTally){0};
	}
	end_transaction(&scope, false);
	told = alert_take_written();
	if (payload_take_written() || told)
		shared_operator_due(GetCurrentTimestamp());
	of_round = tally;
	next_look = Min(next_look, next_due);
}

/* The same; false after an error, which has been logged. */
static bool
try_commit(List *runs, bool last)
{
	volatile bool committed = true;

	PG_TRY();
	{
		commit_in_transaction(runs, last);
	}
	PG_CATCH();
	{
		committed = false;
		session_abandon_once(TopMemoryContext);
		in_transaction = false;
	}
	PG_END_TRY();
	return committed;
}

/*
 * Commits all runs that have finished. Runs share a transaction, but for those that have files,
 * each of which has one of its own. Where the common one fails as a whole (a deferred constraint,
 * no space left), its runs are tried one by one as well. A run that fails even then keeps the
 * failed attempt that its lease has written down, and so is repeated. An error that fails them all
 * is logged once, and then how many runs it has cost.
 */
static void
commit_finished(void)
{
	List	 *runs = round_take_finished(current_round);
	List	 *together = NIL;
	List	 *alone = NIL;
	ListCell *cell;
	int		  n_lost = 0;

	foreach (cell, runs)
	{
		Run *run = lfirst(cell);

		if (run_is_bulk(run))
			alone = lappend(alone, run);
		else
			together = lappend(together, run);
	}
	if (together != NIL && !try_commit(together, alone == NIL) && list_length(together) > 1)
		alone = list_concat(together, alone);
	foreach (cell, alone)
	{
		List *one = list_make1(lfirst(cell));

		if (!try_commit(one, lnext(alone, cell) == NULL))
			n_lost++;
		list_free(one);
	}
	if (n_lost > 1)
		ereport(LOG, (errmsg("datasens could not store %d runs", n_lost),
					  errdetail("Nothing of them is stored; they are repeated.")));
	list_free(alone);
	foreach (cell, runs)
	{
		Run *run = lfirst(cell);

		unlock(run->source);
		run_free(run);
	}
	list_free(runs);
}

/*
 * Milliseconds until the finished runs should be committed: 0 is now, -1 is never, as there are
 * none. There is no use in waiting for company where nothing is in flight, where the finished ones
 * take up the room or the memory, or where one is committed alone anyway.
 */
static long
commit_delay(void)
{
	if (round_n_finished(current_round) == 0)
		return -1;
	if (round_n_active(current_round) == 0 || room() <= 0 ||
		TIMESTAMP_IS_NOBEGIN(round_finished_since(current_round)) ||
		round_finished_bytes(current_round) > COMMIT_BYTES)
		return 0;
	return TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
										   round_finished_since(current_round) +
											   COMMIT_DELAY_MS * INT64CONST(1000));
}

/* ---- the end ---- */

/*
 * The transaction that takes back the leases of runs that a shutdown has cut short, so that they
 * do not count as attempts that failed. It does not wait long for anybody's lock.
 */
static void
return_leases(List *runs)
{
	StateChange *changes = palloc(list_length(runs) * sizeof(StateChange));
	List		*slices = NIL;
	OwnerScope	 scope;
	ListCell	*cell;
	int			 n = 0;

	SetConfigOption("lock_timeout", "1s", PGC_SUSET, PGC_S_OVERRIDE);
	if (!begin_transaction(&scope))
		return;
	foreach (cell, runs)
	{
		Source *source = ((Run *) lfirst(cell))->source;

		if (source->slice)
			slices = lappend(slices, source);
		else
			changes[n++] = outcome_of_return(source, GetCurrentTimestamp());
	}
	(void) state_write(changes, n);
	slice_return(slices);
	end_transaction(&scope, true);
}

/*
 * The end in good order: commits what has finished and gives the other leases back. The locks go
 * with the process.
 */
static void
shut_down(void)
{
	List	 *runs;
	ListCell *cell;

	if (round_n_finished(current_round) > 0)
		commit_finished();
	runs = round_take_active(current_round);
	if (runs != NIL)
	{
		PG_TRY();
		{
			return_leases(runs);
		}
		PG_CATCH();
		{
			abandon_transaction(TopMemoryContext);
		}
		PG_END_TRY();
	}
	foreach (cell, runs)
		run_free(lfirst(cell));
}

/* ---- the loop ---- */

/*
 * Acts on what signals and other processes have asked for since the last look: an interrupt, a
 * reload of the configuration, a poke (something was changed in this database).
 */
static void
handle_signals(void)
{
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
		replan = true;
		next_look = GetCurrentTimestamp();
	}
	if (shared_take_poke())
	{
		replan = true;
		next_look = GetCurrentTimestamp();
	}
}

/*
 * Whether the process may leave: nothing is under way, and nothing is due within datasens.linger.
 * Only the last collector of a database lingers.
 */
static bool
work_is_far(TimestampTz now)
{
	TimestampTz linger = now;

	if (round_n_active(current_round) > 0 || round_n_finished(current_round) > 0)
		return false;
	if (shared_collector_alone())
		linger += setting_linger * USECS_PER_SEC;
	return !setting_enabled || next_look > linger;
}

/* Milliseconds until something is to be done even if nothing happens meanwhile; -1: never. */
static long
next_wake(TimestampTz now)
{
	long commit = commit_delay();
	long look = -1;

	if (setting_enabled && room() > 0 && next_look != DT_NOEND)
		look = TimestampDifferenceMilliseconds(now, next_look);
	if (commit < 0)
		return look;
	return look < 0 ? commit : Min(look, commit);
}

/* The loop. It ends on SIGTERM, when the extension is gone, or when there is no work near. */
static void
collect(void)
{
	while (!ShutdownRequestPending && !leaving)
	{
		TimestampTz now;

		handle_signals();
		if (commit_delay() == 0)
			commit_finished();
		now = GetCurrentTimestamp();
		if (setting_enabled && next_look <= now && room() > 0)
			lease();
		if (leaving || work_is_far(now = GetCurrentTimestamp()))
			break;
		round_work(current_round, next_wake(now));
	}
}

void
datasens_collector_main(Datum ticket)
{
	Oid database;

	pqsignal(SIGTERM, handle_terminate);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	if (!shared_collector_start(DatumGetInt32(ticket), false, &database))
		proc_exit(0);
	in_transaction = true; /* several, which may wait for who creates or drops the database */
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	session_pin("datasens collector");
	in_transaction = false;
	ProcessConfigFile(PGC_SIGHUP);

	/* Runs come and go: what one gives back is for the next, not for the system. */
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);

	replan = true;
	next_look = GetCurrentTimestamp();
	current_round = round_create(TopMemoryContext, true);
	collect();
	shut_down();
	shared_collector_leave(leaving || !setting_enabled ? DT_NOEND : next_look);
	proc_exit(0);
}
