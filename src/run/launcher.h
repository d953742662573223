/*
 * launcher.h
 *	  The launcher: starts a collector wherever something is due.
 *
 * Who calls it: _PG_init; whatever changes sources or schedules, to poke.
 */
#ifndef DATASENS_RUN_LAUNCHER_H
#define DATASENS_RUN_LAUNCHER_H

#include "postgres.h"

/* Registers the launcher.  Called from _PG_init while preloading. */
extern void launcher_register(void);

/*
 * Tells the launcher, when the current transaction commits, that something in
 * this database has changed: a source, or the extension itself.
 */
extern void launcher_poke_at_commit(void);

/* The same, that there may be another database to collect in. */
extern void launcher_rescan_at_commit(void);

/*
 * Has what the transaction leaves to the tasks without a schedule (alerts to be delivered,
 * what is to be archived or removed there) done when it commits: outside of it, as it may
 * still roll back, and as it takes a network.  Where the library is not preloaded, and so
 * nobody is there to do it, a worker comes for just that (run/operator.h).
 */
extern void launcher_errand_at_commit(void);

/* The worker's entry point. */
extern PGDLLEXPORT void datasens_launcher_main(Datum unused);

#endif
