/*
 * replay.h
 *	  What a run received, served again: a run's answers out of its archive (run/keep.h).
 *
 * Who calls it: api/replay.c, which opens an archive, and the round, whose fetcher asks it
 * instead of the network.  Requests are told apart by their address without secrets, as the
 * archive has it; several answers from one address are given one after the other, each once.
 *
 * All of an archive is read, and so checked, before anything of it is used.
 */
#ifndef DATASENS_RUN_REPLAY_H
#define DATASENS_RUN_REPLAY_H

#include "postgres.h"

#include "run/run.h"

/*
 * An archive in an open file, which stays the caller's, as does the memory context; a
 * round's means must end before both.  ereports (XX001) where the archive is damaged.
 */
extern Replay *replay_open(MemoryContext context, int file);

/* Gives the source what the run began with: its cursor, its slice.  In the source's memory. */
extern void replay_prepare(const Replay *replay, Source *source);

/* FetchSupplier: the next answer to what is asked. */
extern void replay_supply(void *replay, const FetchResponse *asked, FetchSupply *supply);

#endif
