/*
 * shared.c
 *	  What launcher, collectors and backends tell each other: shared memory.
 *
 * The states of a collector: shared_next_start() takes a free place (its ticket) and marks it as
 * starting (pid 0); the launcher registers a worker with the ticket; the worker takes the place
 * over (shared_collector_start) and gives it back when it leaves, with the next due time, or when
 * it dies (collector_gone). One that never starts has its place given back by the launcher
 * (shared_collector_failed). So running is always the number of places that the collectors of a
 * database have, and a failure in any state leads to a back-off.
 *
 * The lock is held for a few loads and stores, or for one pass over the tables; nothing that waits
 * or allocates is called under it.
 */
#include "postgres.h"

#include "base/settings.h"
#include "base/shared.h"
#include "base/shared_room.h"
#include "compat.h"

#include <signal.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/timestamp.h"

/*
 * So many collectors may be on their way at once, so that the start of a server with many
 * databases is no stampede.
 */
#define MAX_STARTING 3

/* So many runs can be shown by datasens_progress; further ones run unseen. */
#define MAX_PROGRESS 1024

/* How often an entry is read anew that is changed meanwhile: a change takes nanoseconds. */
#define MAX_READS 10000

/*
 * Seconds to wait after a failure, doubled with each further one in a row up to the second number.
 */
#define BACKOFF_FIRST 5
#define BACKOFF_LAST 300

/*
 * A database whose collectors were sent away for somebody's command gets none for so many seconds.
 */
#define STOP_HOLD 5

typedef struct BackOff
{
	TimestampTz retry_at;	/* no start before, after failures */
	int			failures;	/* in a row: starts, or looks for what is due */
	bool		in_trouble; /* it starts, but cannot look for what is due */
	uint32		reason;		/* why, as it was told last */
} BackOff;

typedef struct SharedDatabase
{
	Oid			database; /* InvalidOid: the place is free */
	TimestampTz next_due; /* when it needs a collector; DT_NOEND: not until poked */
	BackOff		back_off;
	int			wanted;	 /* collectors asked for */
	int			running; /* collectors starting or running */
	uint32		pokes;	 /* counted up by each poke */

	/* of its operator, the process that does the scheduled tasks */
	TimestampTz operator_due; /* when it is needed; DT_NOEND: not until told */
	BackOff		operator_back_off;
	bool		operator_running; /* or starting */
} SharedDatabase;

typedef struct SharedCollector
{
	Oid	  database; /* InvalidOid: the place is free */
	pid_t pid;		/* 0: still starting */
	bool  is_operator;
} SharedCollector;

typedef struct Shared
{
	LWLock			*lock;	   /* guards all but the progress entries */
	Latch			*launcher; /* NULL while there is none */
	bool			 rescan;   /* databases may have appeared */
	pg_atomic_uint32 progress_hint;
	SharedCollector	 collectors[SHARED_MAX_COLLECTORS];
	Progress		 progress[MAX_PROGRESS];
	int				 n_databases;
	SharedDatabase	 databases[FLEXIBLE_ARRAY_MEMBER];
} Shared;

static Shared		  *shared = NULL;
static int			   my_ticket = -1; /* a collector's place */
static SharedDatabase *my_database = NULL;
static uint32		   my_pokes;
static bool			   progress_exit_registered = false;

static Size
shared_size(void)
{
	return add_size(offsetof(Shared, databases),
					mul_size(setting_max_databases, sizeof(SharedDatabase)));
}

static void
attach(void *memory, LWLock *lock, bool is_new)
{
	shared = memory;
	if (!is_new)
		return;
	shared->lock = lock;
	shared->n_databases = setting_max_databases;
	pg_atomic_init_u32(&shared->progress_hint, 0);
	for (int i = 0; i < MAX_PROGRESS; i++)
		pg_atomic_init_u32(&shared->progress[i].change, 0);
}

void
shared_install(void)
{
	static SharedRoom room = {.name = "datasens", .size = shared_size, .attach = attach};

	shared_room_add(&room);
}

bool
shared_available(void)
{
	return shared != NULL;
}

/* ---- the table of databases; the callers hold the lock ---- */

static SharedDatabase *
find_database(Oid database)
{
	for (int i = 0; i < shared->n_databases; i++)
	{
		if (shared->databases[i].database == database)
			return &shared->databases[i];
	}
	return NULL;
}

/* NULL where the table is full. */
static SharedDatabase *
find_or_add_database(Oid database)
{
	SharedDatabase *entry = find_database(database);

	if (entry == NULL && (entry = find_database(InvalidOid)) != NULL)
	{
		memset(entry, 0, sizeof(*entry));
		entry->database = database;
		entry->next_due = DT_NOEND;
		entry->operator_due = DT_NOEND;
		entry->wanted = 1;
	}
	return entry;
}

static void
wake_launcher(void)
{
	if (shared->launcher != NULL)
		SetLatch(shared->launcher);
}

/* Counts a failure and puts off the next start. */
static void
back_off(BackOff *back)
{
	int64 delay = BACKOFF_FIRST;

	for (int i = 0; i < back->failures && delay < BACKOFF_LAST; i++)
		delay *= 2;
	back->failures++;
	back->retry_at = GetCurrentTimestamp() + Min(delay, BACKOFF_LAST) * USECS_PER_SEC;
}

/*
 * Makes the database due now. Something has been changed in it, perhaps just what was in the way:
 * where there was trouble, the back-off ends as well.
 */
static void
look_anew(SharedDatabase *entry)
{
	entry->next_due = 0;
	entry->pokes++;
	if (entry->back_off.in_trouble)
		entry->back_off.retry_at = 0;
	if (entry->operator_back_off.in_trouble)
		entry->operator_back_off.retry_at = 0;
}

/* ---- the launcher ---- */

bool
shared_take_rescan(void)
{
	bool rescan;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	rescan = shared->rescan;
	shared->rescan = false;
	LWLockRelease(shared->lock);
	return rescan;
}

bool
shared_poke(Oid database)
{
	SharedDatabase *entry;

	if (shared == NULL)
		return true;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_or_add_database(database);
	if (entry != NULL)
	{
		look_anew(entry);
		for (int i = 0; i < SHARED_MAX_COLLECTORS; i++)
		{
			if (shared->collectors[i].database == database && shared->collectors[i].pid != 0)
				kill(shared->collectors[i].pid, SIGUSR1);
		}
	}
	wake_launcher();
	LWLockRelease(shared->lock);
	return entry != NULL;
}

void
shared_poke_rescan(void)
{
	if (shared == NULL)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->rescan = true;
	wake_launcher();
	LWLockRelease(shared->lock);
}

void
shared_poke_all(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->n_databases; i++)
	{
		if (OidIsValid(shared->databases[i].database))
			look_anew(&shared->databases[i]);
	}
	LWLockRelease(shared->lock);
}

void
shared_forget(Oid database)
{
	SharedDatabase *entry;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_database(database);
	if (entry != NULL && entry->running == 0 && !entry->operator_running)
		entry->database = InvalidOid;
	LWLockRelease(shared->lock);
}

/*
 * Whether the database needs one more collector now. If it will later, *wake is brought forward to
 * that time.
 */
static bool
needs_collector(const SharedDatabase *entry, TimestampTz now, TimestampTz *wake)
{
	TimestampTz at = Max(entry->next_due, entry->back_off.retry_at);

	if (!OidIsValid(entry->database) || entry->running >= entry->wanted)
		return false;
	if (entry->running > 0) /* siblings are asked for at once, never waited for */
		return entry->back_off.retry_at <= now;
	if (at <= now)
		return true;
	if (at < *wake)
		*wake = at;
	return false;
}

/* The same of its operator. */
static bool
needs_operator(const SharedDatabase *entry, TimestampTz now, TimestampTz *wake)
{
	TimestampTz at = Max(entry->operator_due, entry->operator_back_off.retry_at);

	if (!OidIsValid(entry->database) || entry->operator_running)
		return false;
	if (at <= now)
		return true;
	if (at < *wake)
		*wake = at;
	return false;
}

/*
 * A free place for a collector; -1: there is none, or enough are starting. The launcher is woken
 * when that changes.
 */
static int
free_ticket(void)
{
	int ticket = -1;
	int starting = 0;

	for (int i = SHARED_MAX_COLLECTORS - 1; i >= 0; i--)
	{
		if (!OidIsValid(shared->collectors[i].database))
			ticket = i;
		else if (shared->collectors[i].pid == 0)
			starting++;
	}
	return starting < MAX_STARTING ? ticket : -1;
}

int
shared_next_start(TimestampTz now, Oid *database, bool *is_operator, TimestampTz *wake)
{
	int ticket = -1;

	*wake = DT_NOEND;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < shared->n_databases && ticket < 0; i++)
	{
		SharedDatabase *entry = &shared->databases[i];

		*is_operator = false;
		if (!needs_collector(entry, now, wake) &&
			!(*is_operator = needs_operator(entry, now, wake)))
			continue;
		ticket = free_ticket();
		if (ticket < 0)
			break;
		shared->collectors[ticket].database = *database = entry->database;
		shared->collectors[ticket].pid = 0;
		shared->collectors[ticket].is_operator = *is_operator;
		if (*is_operator)
			entry->operator_running = true;
		else
			entry->running++;
	}
	LWLockRelease(shared->lock);
	return ticket;
}

/*
 * Gives a place back; the caller holds the lock. failed: the process has ended, or never begun,
 * without saying what is to be done next.
 */
static void
release_ticket(int ticket, bool failed)
{
	SharedCollector *collector = &shared->collectors[ticket];
	SharedDatabase	*entry = find_database(collector->database);

	if (entry != NULL && collector->is_operator)
	{
		entry->operator_running = false;
		if (failed)
		{
			back_off(&entry->operator_back_off);
			/* what it was to do is still to be done */
			entry->operator_due = Min(entry->operator_due, entry->operator_back_off.retry_at);
		}
	}
	else if (entry != NULL)
	{
		entry->running--;
		entry->wanted = 1;
		if (failed)
			back_off(&entry->back_off);
	}
	collector->database = InvalidOid;
	collector->pid = 0;
	wake_launcher();
}

void
shared_collector_failed(int ticket)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (OidIsValid(shared->collectors[ticket].database) && shared->collectors[ticket].pid == 0)
		release_ticket(ticket, true);
	LWLockRelease(shared->lock);
}

/*
 * on_shmem_exit callback.  Gives back the places of the processes that are on their way: only
 * the launcher that asked for one hears that it could not be started.  One that starts after
 * all finds its place gone, or takes another of its kind, and then that one leaves.
 */
static void
launcher_gone(int code, Datum arg)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = NULL;
	for (int i = 0; i < SHARED_MAX_COLLECTORS; i++)
	{
		if (OidIsValid(shared->collectors[i].database) && shared->collectors[i].pid == 0)
			release_ticket(i, false);
	}
	LWLockRelease(shared->lock);
}

void
shared_launcher_start(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	shared->launcher = MyLatch;
	shared->rescan = true;
	LWLockRelease(shared->lock);
	on_shmem_exit(launcher_gone, (Datum) 0);
}

/* ---- a collector ---- */

/* before_shmem_exit callback: ends the place of a process that has not left in good order. */
static void
collector_gone(int code, Datum arg)
{
	if (my_ticket < 0)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	release_ticket(my_ticket, true);
	LWLockRelease(shared->lock);
	my_ticket = -1;
	my_database = NULL;
}

bool
shared_collector_start(int ticket, bool is_operator, Oid *database)
{
	bool valid = false;

	if (shared == NULL || ticket < 0 || ticket >= SHARED_MAX_COLLECTORS)
		return false;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (OidIsValid(shared->collectors[ticket].database) && shared->collectors[ticket].pid == 0 &&
		shared->collectors[ticket].is_operator == is_operator)
	{
		*database = shared->collectors[ticket].database;
		my_database = find_database(*database);
		valid = my_database != NULL;
	}
	if (valid)
	{
		shared->collectors[ticket].pid = MyProcPid;
		my_ticket = ticket;
		my_pokes = my_database->pokes - 1; /* the first look counts as poked */
		wake_launcher();
	}
	LWLockRelease(shared->lock);
	if (valid)
		before_shmem_exit(collector_gone, (Datum) 0);
	return valid;
}

/* A poke that came after this process's last look is not lost: then the database stays due. */
void
shared_collector_leave(TimestampTz next_due)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (!my_database->back_off.in_trouble)
		my_database->back_off = (BackOff){0};
	if (my_database->pokes == my_pokes)
		my_database->next_due = next_due;
	release_ticket(my_ticket, false);
	LWLockRelease(shared->lock);
	my_ticket = -1;
	my_database = NULL;
}

/* ---- trouble ---- */

/* This process's own back-off: the collectors' or the operator's. */
static BackOff *
my_back_off(void)
{
	return shared->collectors[my_ticket].is_operator ? &my_database->operator_back_off
													 : &my_database->back_off;
}

TimestampTz
shared_trouble(uint32 reason, bool *is_new)
{
	BackOff	   *back = my_back_off();
	TimestampTz retry_at;

	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	*is_new = !back->in_trouble || back->reason != reason;
	back->in_trouble = true;
	back->reason = reason;
	back_off(back);
	retry_at = back->retry_at;
	LWLockRelease(shared->lock);
	return retry_at;
}

bool
shared_trouble_over(void)
{
	BackOff *back = my_back_off();

	if (!back->in_trouble)
		return false;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	*back = (BackOff){0};
	LWLockRelease(shared->lock);
	return true;
}

/* ---- the operator ---- */

/*
 * While an operator is running, the due time is only brought forward: what it publishes at its end
 * may not overwrite what it has not seen.
 */
void
shared_operator_due(TimestampTz due)
{
	if (my_database->operator_due == due)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_database->operator_due =
		my_database->operator_running ? Min(my_database->operator_due, due) : due;
	wake_launcher();
	LWLockRelease(shared->lock);
}

void
shared_operator_take(void)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_database->operator_due = DT_NOEND;
	LWLockRelease(shared->lock);
}

void
shared_operator_leave(TimestampTz next_due)
{
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	if (!my_database->operator_back_off.in_trouble)
		my_database->operator_back_off = (BackOff){0};
	my_database->operator_due = Min(my_database->operator_due, next_due);
	release_ticket(my_ticket, false);
	LWLockRelease(shared->lock);
	my_ticket = -1;
	my_database = NULL;
}

bool
shared_collector_alone(void)
{
	return my_database->running <= 1;
}

void
shared_want(int wanted)
{
	if (my_database->wanted >= wanted)
		return;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	my_database->wanted = Max(my_database->wanted, wanted);
	wake_launcher();
	LWLockRelease(shared->lock);
}

/* A single load of a word that only grows: no lock is needed. */
bool
shared_take_poke(void)
{
	uint32 pokes = my_database->pokes;

	if (pokes == my_pokes)
		return false;
	my_pokes = pokes;
	return true;
}

int
shared_stop_collectors(Oid database)
{
	TimestampTz		hold = GetCurrentTimestamp() + STOP_HOLD * USECS_PER_SEC;
	SharedDatabase *entry;
	int				stopped = 0;

	if (shared == NULL)
		return 0;
	LWLockAcquire(shared->lock, LW_EXCLUSIVE);
	entry = find_database(database);
	if (entry != NULL)
	{
		entry->back_off.retry_at = Max(entry->back_off.retry_at, hold);
		entry->operator_back_off.retry_at = Max(entry->operator_back_off.retry_at, hold);
	}
	for (int i = 0; i < SHARED_MAX_COLLECTORS; i++)
	{
		if (shared->collectors[i].database == database)
		{
			stopped++;
			if (shared->collectors[i].pid != 0)
				kill(shared->collectors[i].pid, SIGTERM);
		}
	}
	LWLockRelease(shared->lock);
	return stopped;
}

/* ---- progress ---- */

/* before_shmem_exit callback. */
static void
progress_gone(int code, Datum arg)
{
	for (int i = 0; i < MAX_PROGRESS; i++)
	{
		if (shared->progress[i].pid == MyProcPid)
			progress_free(&shared->progress[i]);
	}
}

/*
 * Readers copy an entry and then see whether its change counter was even and has stayed the same;
 * so a writer makes it odd before it writes, and even again behind it.
 */
static void
progress_begin_change(Progress *progress)
{
	pg_atomic_fetch_add_u32(&progress->change, 1);
	pg_write_barrier();
}

static void
progress_end_change(Progress *progress)
{
	pg_write_barrier();
	pg_atomic_fetch_add_u32(&progress->change, 1);
}

/*
 * Claims a free entry: whoever makes its counter odd owns it. The search begins at a place that
 * moves on with each call, so that processes seldom meet.
 */
static Progress *
progress_claim(void)
{
	uint32 start = pg_atomic_fetch_add_u32(&shared->progress_hint, 1);

	for (uint32 i = 0; i < MAX_PROGRESS; i++)
	{
		Progress *progress = &shared->progress[(start + i) % MAX_PROGRESS];
		uint32	  change = pg_atomic_read_u32(&progress->change);

		if (change % 2 == 0 && progress->pid == 0 &&
			pg_atomic_compare_exchange_u32(&progress->change, &change, change + 1))
		{
			if (progress->pid == 0)
				return progress;
			progress_end_change(progress);
		}
	}
	return NULL;
}

Progress *
progress_take(int32 id_source, const char *name, const char *host)
{
	Progress *progress;

	if (shared == NULL)
		return NULL;
	if (!progress_exit_registered)
	{
		before_shmem_exit(progress_gone, (Datum) 0);
		progress_exit_registered = true;
	}
	progress = progress_claim();
	if (progress == NULL)
		return NULL;
	progress->pid = MyProcPid;
	progress->database = MyDatabaseId;
	progress->id_source = id_source;
	progress->phase = PROGRESS_WAITING;
	progress->bytes = progress->items = 0;
	progress->bytes_total = -1;
	progress->known = -1;
	progress->since = GetCurrentTimestamp();
	memset(progress->name, 0, sizeof(progress->name));
	memset(progress->host, 0, sizeof(progress->host));
	memcpy(progress->name, name, pg_mbcliplen(name, strlen(name), PROGRESS_NAME_SIZE - 1));
	memcpy(progress->host, host, pg_mbcliplen(host, strlen(host), PROGRESS_HOST_SIZE - 1));
	progress_end_change(progress);
	return progress;
}

void
progress_set(Progress *progress, ProgressPhase phase, int64 bytes, int64 total, int64 items)
{
	if (progress == NULL)
		return;
	progress_begin_change(progress);
	progress->phase = phase;
	progress->bytes = bytes;
	progress->bytes_total = total;
	progress->items = items;
	progress_end_change(progress);
}

void
progress_set_known(Progress *progress, int64 known)
{
	if (progress == NULL)
		return;
	progress_begin_change(progress);
	progress->known = known;
	progress_end_change(progress);
}

void
progress_free(Progress *progress)
{
	if (progress == NULL)
		return;
	progress_begin_change(progress);
	progress->pid = 0;
	progress_end_change(progress);
}

int
progress_entries(void)
{
	return shared == NULL ? 0 : MAX_PROGRESS;
}

bool
progress_read(int i, Progress *copy)
{
	const Progress *progress = &shared->progress[i];

	/* A process that was stopped in the middle of a change is not waited for. */
	for (int tries = 0; tries < MAX_READS; tries++)
	{
		uint32 before = pg_atomic_read_u32((pg_atomic_uint32 *) &progress->change);

		pg_read_barrier();
		*copy = *progress;
		pg_read_barrier();
		if (before % 2 == 0 && before == pg_atomic_read_u32((pg_atomic_uint32 *) &progress->change))
			return copy->pid != 0;
		CHECK_FOR_INTERRUPTS();
	}
	return false;
}
