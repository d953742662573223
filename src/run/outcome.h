/*
 * outcome.h
 *	  What a run comes to: the row that logs it, and what its source does next.
 *	  The rules of failure and retry are here, and only here.
 *
 * Who calls it: the collector and datasens_collect() for leases, commit.c for what came of them.
 * Never: a table is written here.
 */
#ifndef DATASENS_RUN_OUTCOME_H
#define DATASENS_RUN_OUTCOME_H

#include "postgres.h"

#include "run/run.h"
#include "store/slice.h"
#include "store/state.h"

/*
 * The state to write before a run starts: the one that it would leave if it
 * took the process down, as an attempt that failed and may pass.
 */
extern StateChange outcome_of_lease(const Source *source, TimestampTz now);

/* The state that takes a lease back: the run did not take place. */
extern StateChange outcome_of_return(const Source *source, TimestampTz now);

/*
 * The state of a source that is due, but whose time was missed and is not made
 * up for (datasens.missed_runs = skip); false where it is to run now.
 */
extern bool outcome_of_missed(const Source *source, TimestampTz now, StateChange *change);

/* Why a run takes place now, of the source or of its slice: flux.declencheur. */
extern const char *outcome_trigger(const Source *source, TimestampTz now);

/* How the run of a slice ended, by what its flux says; inserted is left to the caller. */
extern SliceEnd outcome_of_slice(const Run *run, const Flux *flux);

/* The same for one that could not be stored. */
extern SliceEnd outcome_of_refused_slice(const Source *source, const char *error);

/*
 * What a finished run comes to, but for the number of documents inserted, which
 * the commit fills in.  Strings are palloc'd or the run's.  Inside a transaction
 * (messages are brought into the database's encoding).
 */
extern void outcome_of_run(const Run *run, Flux *flux, StateChange *change);

/* Whether the source is due again at once, as the run has ended only to be committed. */
extern bool outcome_goes_on(const Run *run);

#endif
