/*
 * commit_parts.h
 *	  Between the two files that store finished runs: commit.c inserts their records, and
 *	  commit_results.c writes all that follows from these.
 *
 * Who calls it: those two files only.
 */
#ifndef DATASENS_RUN_COMMIT_PARTS_H
#define DATASENS_RUN_COMMIT_PARTS_H

#include "postgres.h"

#include "operate/payload.h"
#include "run/run.h"
#include "store/slice.h"
#include "store/state.h"

/* A run on its way into the tables, and its records in memory that are to be inserted now. */
typedef struct Pending
{
	Run		   *run;
	Document   *documents;
	int64		n_documents;
	Row		   *rows;
	Flux		flux;
	Payload		payload; /* its archive; id_flux 0: none */
	StateChange change;	 /* of a run of the source */
	SliceEnd	slice;	 /* of a run of a slice */
} Pending;

/*
 * SQLSTATE of what commit_results throws where the source of one of the runs is no longer there,
 * or its slice is no longer expected: somebody has dropped it while the run was under way. So
 * there is nothing to store of that run, and nothing to complain of.
 */
#define SOURCE_GONE ERRCODE_NO_DATA_FOUND

/*
 * Writes what follows from the records of n runs, once these have been inserted and counted
 * (flux.inseres): the rows of flux and rejet, the sources' states, cache entries, the ledgers of
 * slices, alerts, the queue of the archive. Fills the other counts of each flux. Inside an
 * owner's scope; ereports where anything is refused, and the caller's subtransaction takes it all
 * back.
 */
extern void commit_results(Pending *pending, int n);

#endif
