/*
 * collector.h
 *	  A collector: the background worker that collects one database's sources.
 *
 * Who calls it: the postmaster, by its name, for a worker that the launcher has registered.
 */
#ifndef DATASENS_RUN_COLLECTOR_H
#define DATASENS_RUN_COLLECTOR_H

#include "postgres.h"

/* The worker's entry point; the argument is its ticket (base/shared.h). */
extern PGDLLEXPORT void datasens_collector_main(Datum ticket);

#endif
