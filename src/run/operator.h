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

#endif
