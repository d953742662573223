/*
 * lock.h
 *	  Advisory locks on what a table's rows stand for: a source, a task.
 *
 * Told apart by the table's OID as the first key, and by the class from what anyone may take by
 * pg_advisory_lock().  They vanish with their holder.
 *
 * Who calls it: store/state.c for sources, operate/ for tasks, backups and the journal.
 */
#ifndef DATASENS_BASE_LOCK_H
#define DATASENS_BASE_LOCK_H

#include "postgres.h"

/*
 * The class, as pg_locks.objsubid has it: 1 and 2 are the users', 3 to 5 those of slices
 * (store/slice.c).
 */
#define LOCK_TABLE_CLASS 6

/* The OID of a table of datasens, inside a transaction. */
extern Oid lock_table(const char *name);

/*
 * The lock on an id of that table.  session: until lock_release or the end of
 * the process; else until the end of the transaction at the latest.  wait false:
 * at once or not at all.  Inside a transaction; lock_release works outside of
 * one, too.
 */
extern bool lock_take(Oid table, int32 id, bool session, bool wait);
extern void lock_release(Oid table, int32 id, bool session);

#endif
