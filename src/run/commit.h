/*
 * commit.h
 *	  Finished runs into the tables: everything that a run changed, or nothing
 *	  of it.
 *
 * Who calls it: the collector; the functions that collect or replay by hand.
 */
#ifndef DATASENS_RUN_COMMIT_H
#define DATASENS_RUN_COMMIT_H

#include "postgres.h"

#include "run/run.h"

/*
 * Stores finished runs inside the current transaction and owner's scope: their
 * documents, fluxes, rejects, cache entries, and their sources' next due times.
 * runs is a List of Run *.  Each run is stored whole or, where what it brings is
 * refused, with its state only; the documents that were refused one by one go
 * to rejet.  Returns a List of Flux * (one a stored run, in the given memory
 * context), in the order of runs; a NULL stands for a run of which nothing was
 * logged.  *next_due is set to the earliest time that one of the sources is due.
 *
 * An error that concerns none of them alone (a cancel, no space) is thrown on.
 */
extern List *commit_runs(List *runs, MemoryContext context, TimestampTz *next_due);

/* What a round has brought so far; zeroes begin one. */
typedef struct CommitTally
{
	int64 n_runs;
	int64 n_failed;
	int64 n_documents;
} CommitTally;

/* Adds what commit_runs returned. */
extern void commit_count(CommitTally *tally, List *fluxes);

#endif
