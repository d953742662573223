/*
 * shared.h
 *	  What launcher, collectors and backends tell each other: shared memory.
 *
 * It exists only where the library is in shared_preload_libraries (shared_available()
 * tells); elsewhere what users' sessions call here does nothing.  One LWLock guards
 * the tables of databases and collectors, which change a few times a minute;
 * progress entries belong to the process that took them, and are read without
 * a lock by the view's function, guarded by a change counter each.
 *
 * A process that dies takes what it holds here with it: on_shmem_exit gives it
 * back, and after a crash the postmaster starts with fresh shared memory.
 *
 * Who calls it: the launcher, collectors and operators; SQL functions and hooks poke; runs and
 * tasks show their progress.
 */
#ifndef DATASENS_BASE_SHARED_H
#define DATASENS_BASE_SHARED_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "port/atomics.h"

/* Installs the request and startup hooks.  Called from _PG_init while preloading. */
extern void shared_install(void);

/* Whether there is shared memory of ours: the library is preloaded. */
extern bool shared_available(void);

/* ---- the launcher ---- */

/* Makes this process the launcher: pokes set its latch until it exits. */
extern void shared_launcher_start(void);

/* Whether databases may have appeared since the last call (launcher only). */
extern bool shared_take_rescan(void);

/*
 * The database is to be looked at now: something was changed in it. False where the table of
 * databases is full.
 */
extern bool shared_poke(Oid database);

/* The launcher is to look for databases that have just been created. */
extern void shared_poke_rescan(void);

/*
 * Every known database is to be looked at now: the configuration was reloaded, or the clock was
 * set back.
 */
extern void shared_poke_all(void);

/* Forgets a database that has been dropped. */
extern void shared_forget(Oid database);

/*
 * Finds a database that should get a collector, or its operator, now: marks one as starting and
 * returns its ticket (0 or more), which is to be handed to the process, or given back by
 * shared_collector_failed. -1: none is needed now, and *wake is when to ask again.
 */
extern int shared_next_start(TimestampTz now, Oid *database, bool *is_operator, TimestampTz *wake);

/*
 * The collector with that ticket could not be started: its place is free again, and the next start
 * is put off. Nothing happens where the process has taken the ticket over after all.
 */
extern void shared_collector_failed(int ticket);

/* Tickets are less than this. */
#define SHARED_MAX_COLLECTORS 256

/* ---- a collector ---- */

/*
 * Takes the ticket over, an operator's if is_operator; *database: what to connect to. False
 * where the ticket is no longer valid, and the process is to exit.
 */
extern bool shared_collector_start(int ticket, bool is_operator, Oid *database);

/* Publishes when the database needs a collector again; the caller then exits. */
extern void shared_collector_leave(TimestampTz next_due);

/* Whether this process is the only collector of its database. */
extern bool shared_collector_alone(void);

/* Asks for further collectors beside this one, up to wanted of them in all. */
extern void shared_want(int wanted);

/* True once for each poke of the own database. */
extern bool shared_take_poke(void);

/* When the database's scheduled tasks are due, as a collector found it. */
extern void shared_operator_due(TimestampTz due);

/*
 * Sends SIGTERM to the collectors and the operator of a database and has no
 * other started for a few seconds; returns how many there were.
 */
extern int shared_stop_collectors(Oid database);

/* ---- trouble, of a collector or the operator ---- */

/*
 * This process cannot even look for what is due. reason is a number that tells one cause from
 * another. Returns when to try again, later each time. *is_new: the last look went well, or failed
 * for another reason, so that the log is to be told.
 */
extern TimestampTz shared_trouble(uint32 reason, bool *is_new);

/* It can look again; true where it could not the last time. */
extern bool shared_trouble_over(void);

/* ---- the operator ---- */

/*
 * Called before the operator looks for tasks that are due: a due time that is published after this
 * call is not overwritten by shared_operator_leave.
 */
extern void shared_operator_take(void);

/*
 * Publishes when an operator is needed again, unless that is earlier already; the caller then
 * exits.
 */
extern void shared_operator_leave(TimestampTz next_due);

/* ---- progress ---- */

#define PROGRESS_NAME_SIZE 64
#define PROGRESS_HOST_SIZE 64

typedef enum ProgressPhase
{
	PROGRESS_WAITING,
	PROGRESS_FETCHING,
	PROGRESS_READING, /* a file */
	PROGRESS_STORING,
	PROGRESS_CHECKING,
	PROGRESS_BACKING_UP,
	PROGRESS_REPORTING,
	PROGRESS_SWEEPING, /* what is old */
	PROGRESS_ARCHIVING
} ProgressPhase;

/* A run in flight, or other work that takes its time, as the view datasens_progress shows it. */
typedef struct Progress
{
	pg_atomic_uint32 change; /* odd while its owner writes */
	int				 pid;	 /* 0: free */
	Oid				 database;
	int32			 id_source; /* 0: it is about none */
	ProgressPhase	 phase;
	int64			 bytes;
	int64			 bytes_total; /* -1: not announced */
	int64			 items;
	int64			 known; /* of so many; -1: not known */
	TimestampTz		 since;
	char			 name[PROGRESS_NAME_SIZE]; /* database encoding, cut */
	char			 host[PROGRESS_HOST_SIZE];
} Progress;

/*
 * Takes an entry for a run, or for other work that takes its time; NULL where there is no shared
 * memory or no free entry: then the work is not shown. name and host are copied, and cut. The
 * functions below take NULL, too.
 */
extern Progress *progress_take(int32 id_source, const char *name, const char *host);
extern void		 progress_set(Progress *progress, ProgressPhase phase, int64 bytes, int64 total,
							  int64 items);
extern void		 progress_set_known(Progress *progress, int64 known);
extern void		 progress_free(Progress *progress);

/* Copies entry i into *copy; false for a free one; i from 0 to progress_entries() - 1. */
extern int	progress_entries(void);
extern bool progress_read(int i, Progress *copy);

#endif
