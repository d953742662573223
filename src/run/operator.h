/*
 * operator.h
 *	  The operator: the background worker that does a database's scheduled tasks.
 *
 * Who calls it: the postmaster, by its name, for a worker that the launcher has registered.
 */
#ifndef DATASENS_RUN_OPERATOR_H
#define DATASENS_RUN_OPERATOR_H

#include "postgres.h"

/* The worker's entry point; the argument is its ticket (base/shared.h). */
extern PGDLLEXPORT void datasens_operator_main(Datum ticket);

/*
 * The same where the library is not preloaded, sent by a session that has committed
 * (launcher_errand_at_commit): the argument is the database.  It does those tasks that have
 * no schedule, as far as they are due, and leaves: nothing is to run on schedule there.
 */
extern PGDLLEXPORT void datasens_errand_main(Datum database);

#endif
