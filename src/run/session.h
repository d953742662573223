/*
 * session.h
 *	  What the sessions of our background workers have in common.
 */
#ifndef DATASENS_RUN_SESSION_H
#define DATASENS_RUN_SESSION_H

#include "postgres.h"

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

#endif
