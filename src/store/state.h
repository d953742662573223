/*
 * state.h
 *	  What is due, who collects it, and what became of it: etat_source.
 *
 * A source is collected by whoever holds its lock: an advisory lock on its id,
 * which vanishes with its holder.  To lease a source is to lock it and to write
 * down, before anything is fetched, the state that a failure would leave; a run
 * that takes the process down has thus been counted.  The run's commit then
 * writes what really happened.
 *
 * All functions run inside an owner's scope, but for the locks.
 *
 * Who calls it: the collector, run/commit.c, and the functions that collect by hand or change
 * sources.
 */
#ifndef DATASENS_STORE_STATE_H
#define DATASENS_STORE_STATE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "source/source.h"

/* What is to be written into a source's row; NULL strings are nulls. */
typedef struct StateChange
{
	int32		id;
	bool		lease;	 /* overrides what was asked for meanwhile */
	const char *planned; /* the schedule that next comes from: else next is left alone */
	TimestampTz next;
	const char *declencheur; /* of the next run */
	int			attempts;
	int			failures;
	const char *error;
	const char *cursor;
	TimestampTz collected; /* DT_NOBEGIN: leave as it is; likewise below */
	TimestampTz succeeded;
	int64		inserted; /* documents to add to the total */
} StateChange;

/* A change that leaves everything of the source as it is. */
extern StateChange state_unchanged(const Source *source);

/*
 * Gives a state to every source without one and, if all, a new due time to each whose schedule is
 * not the one that its due time came from. False, and nothing was done, where the sources are
 * those of a restore under way.
 */
extern bool state_plan(TimestampTz now, bool all);

/* The same for that one source, however many there are. */
extern bool state_plan_source(TimestampTz now, int32 id_source);

/*
 * Whether the rows that have just been read can be trusted: not while a restore is under way,
 * which brings the rows before it sets the sequences. To be asked after they have been read, or a
 * restore may begin in between.
 */
extern bool state_settled(void);

/* Ids (a List of int) of at most limit active sources due by then, the longest due first. */
extern List *state_due(TimestampTz now, int limit);

/* When the next active source is due; DT_NOEND: none. */
extern TimestampTz state_next_due(void);

/* Ids of the active sources of that kind or that name, or all of them. */
extern List *state_named(const char *what);

/*
 * The lock of a source.  session: until state_unlock or the end of the process;
 * else until the end of the transaction at the latest.  wait false: at once or
 * not at all.  Inside a transaction; state_unlock works outside of one, too.
 */
extern bool state_lock(int32 id, bool session, bool wait);
extern void state_unlock(int32 id, bool session);

/*
 * Loads the sources of these ids (a List of int), each into a memory context of
 * its own below parent, their rows locked.  due_by: only those that are active and due by
 * then, and whose row nobody else has locked; DT_NOEND: all of them, waiting for rows.
 */
extern List *state_load(MemoryContext parent, List *ids, TimestampTz due_by);

/* The source of that id as it is, into a memory context of its own below parent; NULL: none. */
extern Source *state_read(MemoryContext parent, int32 id);

/* Whether the owner of the database, and so of its tables, may read the server's files. */
extern bool state_owner_reads_files(void);

/*
 * Locks the states of these sources (a List of int) until the transaction ends, in the order of
 * their ids.  Whoever changes those of several holds them first; so does who also changes a
 * source's row, or whose triggers do, for runs lock the state first, then refer to the source.
 */
extern void state_hold(List *ids);

/* Makes the sources of these ids (a List of int) due now; returns how many there were. */
extern int64 state_request(List *ids);

/* Adds documents to a source's total, and leaves all else; false where the source is gone. */
extern bool state_add_documents(int32 id, int64 n);

/* Writes the changes; returns how many sources were there. */
extern int state_write(const StateChange *changes, int n);

#endif
