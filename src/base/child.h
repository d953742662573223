/*
 * child.h
 *	  A program that runs as a child of this process, to its end.
 *
 * Who calls it: the task that makes backups.  No shell is between unless the caller names
 * one.  The child has a process group of its own, /dev/null as input and output, no open
 * file of the server's, no signal blocked, a lower priority (nice 10), and files that it makes
 * are for the server's user alone.  It does not outlive its parent: a cancel, an error, a
 * shutdown or a crash ends it.
 */
#ifndef DATASENS_BASE_CHILD_H
#define DATASENS_BASE_CHILD_H

#include "postgres.h"

#include "lib/stringinfo.h"

/* Called about every second while the child runs. */
typedef void (*ChildTick)(void *argument);

/*
 * Runs argv[0], a path, and waits for its end.  environment: NULL-terminated
 * "NAME=value"s, which are added to the server's environment or override it.  True
 * where it ended with status 0; else *message (palloc'd) says how it ended and
 * what it wrote last to its standard error.  Waits on the process latch and looks at
 * interrupts, so it may ereport; needs no transaction.
 */
extern bool child_run(char *const argv[], char *const environment[], ChildTick tick, void *argument,
					  char **message);

/* Gives a process of the server's the children's low priority; one that has ended is no error. */
extern void child_yield(pid_t pid);

#endif
