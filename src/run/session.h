/*
 * session.h
 *	  What the sessions of our background workers have in common.
 *
 * Who calls it: run/collector.c and run/operator.c.
 */
#ifndef DATASENS_RUN_SESSION_H
#define DATASENS_RUN_SESSION_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * Settings of a process without a user: what a database or role may have set
 * does not disturb it.  name: application_name.
 */
extern void session_pin(const char *name);

/*
 * After an error, in PG_CATCH: says it in the log, ends the transaction if there
 * is one, and goes on without it.
 */
extern void session_abandon(MemoryContext context);

/* The same, but what was said a moment ago is not said again, run after run. */
extern void session_abandon_once(MemoryContext context);

/*
 * The same where the error kept the process from looking for what is due, and would do
 * so again: says it once (for "collect", or whatever is not done), and returns when to
 * try again, later each time.
 */
extern TimestampTz session_trouble(MemoryContext context, const char *what);

/* The look for what is due has gone well; where it had not, that is told. */
extern void session_trouble_over(const char *what);

#endif
