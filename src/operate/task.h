/*
 * task.h
 *	  The scheduled tasks beside the collecting: when each is due, and what
 *	  became of it (the table tache).
 *
 * Who calls it: a collector plans the tasks and publishes when the first is due;
 * the operator (run/operator.c) leases them one by one and runs them; the
 * functions that do the same by hand call the task's own room.
 *
 * A task is leased as a source is: by an advisory lock that vanishes with its
 * holder, and by writing down, before anything is done, the state that a failure
 * would leave.  A task that takes its process down has thus been counted.
 */
#ifndef DATASENS_OPERATE_TASK_H
#define DATASENS_OPERATE_TASK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "source/source.h"

typedef struct Task
{
	const char *nom;
	const char *setting;	  /* that holds its schedule; NULL: it has none, but due */
	char	  **schedule;	  /* the same as a variable */
	TimestampTz (*due)(void); /* when it is due, inside an owner's scope; DT_NOEND: not now */
	bool (*possible)(void);	  /* false: other settings turn it off; NULL: they never do */

	/*
	 * Does it.  Outside of any transaction, in a memory context that is deleted
	 * after it; what it does in tables it does in transactions of its own.
	 * ereports where it fails; whatever it took is then given back by itself.
	 */
	void (*run)(void);
} Task;

/* The tasks one after the other: NULL begins, NULL ends. */
extern const Task *task_next(const Task *task);

/* Its schedule; "" where it is off.  What is wrong with it (palloc'd), or NULL. */
extern char *task_schedule(const Task *task, Schedule *schedule);

/* ---- in the table; inside an owner's scope ---- */

/*
 * Gives every task whose schedule is another than the one its due time came from, or
 * whose due time a clock that was set back has left in the future, a new one; returns when
 * the first of all is due.
 */
extern TimestampTz task_plan(TimestampTz now);

/* When a task is due by the table; DT_NOEND: never, or not yet planned. */
extern TimestampTz task_due(const Task *task);

/* A task on its way. */
typedef struct TaskLease
{
	const Task *task;
	int			attempts; /* that had failed before */
	int			failures; /* in a row, with all their retries */
	char	   *alert;	  /* its mark (operate/alert.h), in the context of the lease; or NULL */
} TaskLease;

/*
 * Locks one of the tasks that are due and writes its lease down; false: there is
 * none.  One without a schedule keeps account of its attempts itself.  scheduled false:
 * only those.
 */
extern bool task_lease(MemoryContext context, TimestampTz now, bool scheduled, TaskLease *lease);

/* When the first of those without a schedule is due; DT_NOEND: none. */
extern TimestampTz task_unscheduled_due(void);

/* Writes down what became of it: error is NULL after a success. */
extern void task_finish(const TaskLease *lease, const char *error, TimestampTz started,
						TimestampTz ended);

/* Gives the lock back; outside of a transaction, too. */
extern void task_unlock(const TaskLease *lease);

#endif
