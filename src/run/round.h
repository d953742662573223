/*
 * round.h
 *	  Many runs at once: one fetcher, one parser, one wait; and the
 *	  finished ones that wait for their common commit.
 *
 * Who calls it: the collector, which feeds it leases for as long as it lives,
 * and the foreground function, which feeds it the sources it was asked for.
 */
#ifndef DATASENS_RUN_ROUND_H
#define DATASENS_RUN_ROUND_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "run/run.h"

typedef struct Round Round;

/*
 * A round in a memory context of its own below the given one; all goes with it.
 * threaded: bodies are parsed beside the loop, and the round lives as long as
 * the process.
 */
extern Round *round_create(MemoryContext parent, bool threaded);

/* Gives up what is under way and frees everything. */
extern void round_free(Round *round);

/* Starts a run of a source (run_start): the source's memory becomes the round's. */
extern void round_start(Round *round, Source *source, const char *trigger);

/* The same of a replay of that flux: what it brings is stored, and nothing else of it. */
extern void round_start_replay(Round *round, Source *source, int64 id_flux);

/* Hosts that are to be left alone (List of HostWait *, copied): for the runs that start now. */
extern void round_set_host_waits(Round *round, List *waits);

/* The database's secrets (List of Secret *, copied): for the runs that ask for them from now on. */
extern void round_set_secrets(Round *round, List *secrets);

/* Has the answers of a replay for the runs that start from now on, and none of the network's. */
extern void round_set_replay(Round *round, Replay *replay);

/* Whether a run of the source (not of a slice) was started and not yet taken as finished. */
extern bool round_has(const Round *round, int32 id_source);

/* Runs with something in flight; runs that are finished and wait for their commit. */
extern int round_n_active(const Round *round);
extern int round_n_finished(const Round *round);

/* Runs of slices, of either sort. */
extern int round_n_slices(const Round *round);

/*
 * Bytes of documents that wait for their commit, and when the oldest of them finished;
 * -infinity where one is committed by itself, and so need not wait for others.
 */
extern Size		   round_finished_bytes(const Round *round);
extern TimestampTz round_finished_since(const Round *round);

/* Waits for something to happen (fetcher_wait) and lets the runs do their work on it. */
extern void round_work(Round *round, long timeout);

/* The finished runs (a List of Run * in the current context): the caller frees each by run_free. */
extern List *round_take_finished(Round *round);

/* The runs that are still in flight, given up by the caller's run_free. */
extern List *round_take_active(Round *round);

#endif
