/*
 * slice.h
 *	  The ledger of slices, table tranche: what is expected, claimed, collected.
 *
 * A row is a period of neighbours of a stream with the same status, so that years
 * are one row:
 *
 *		attendue	expected; with octets and md5 it is one slice, listed: it can be
 *					claimed.  A backfill of any length begins as one row a stream.
 *		collectee	melts into its neighbours
 *		absente		was not in the publisher's list, which has later ones
 *		echec		was tried in vain; tried again after a while
 *
 * A listed slice is claimed by an advisory lock on its row's id, which vanishes with
 * its holder, and by writing down, as a failed attempt, that it was begun.  Rows are
 * split and joined only under the ledger lock of their source, which is taken last
 * in a transaction and held to its end.
 *
 * All functions run inside an owner's scope, but for slice_unlock.
 *
 * Who calls it: the collector and datasens_collect() claim, run/commit.c writes, api/backfill.c
 * queues, operate/alert.c looks for gaps.
 */
#ifndef DATASENS_STORE_SLICE_H
#define DATASENS_STORE_SLICE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "source/source.h"

/* Sets streams of each of these sources whose kind has slices. */
extern void slice_load(List *sources);

/*
 * Takes in what a run of the source found: expects what came since the newest slice
 * that was known, notes the files of what is expected, and what does not exist.  What is
 * still expected of streams that the source no longer has is forgotten.
 */
extern void slice_store_listing(const Source *source, const Listing *listing);

/* Which slices are asked for. */
typedef struct SliceClaim
{
	MemoryContext parent; /* of the sources that are returned */
	List		 *only;	  /* ids of sources, and no backfills; NIL: all active ones */
	int			  limit;
	bool		  session;		/* locks last until slice_unlock; else until the transaction ends */
	int			  retry_delay;	/* seconds: what a crash would delay the slice by */
	int			  max_attempts; /* begun and never ended: then it has failed */
} SliceClaim;

/*
 * Claims listed slices, those of time before those of backfills, those not tried before
 * those that were, the newest first, and adds each to *claimed (a List of Source *, each
 * with its slice), also where an error ends it.  *more is set where there are others that
 * could be claimed.
 */
extern void slice_claim(const SliceClaim *claim, TimestampTz now, List **claimed, bool *more);
extern void slice_unlock(const Source *source, bool session);

/* When a listed slice can be claimed next, which may be by others; DT_NOEND: none. */
extern TimestampTz slice_next_due(void);

/* How a claimed slice ended. */
typedef struct SliceEnd
{
	bool		collected;
	bool		given_up; /* if not collected: no further attempt */
	TimestampTz next;	  /* of the next attempt */
	const char *error;
	int64		inserted; /* documents, for the source's total */
} SliceEnd;

/* Writes it down; false where the slice is no longer expected (its backfill was cancelled). */
extern bool slice_end(const Source *source, const SliceEnd *end);

/* What of a source came with time and is not there, in slices. */
typedef struct SliceGaps
{
	int64 given_up; /* tried in vain; tried again after a while */
	int64 pending;	/* failed, or begun; another attempt is to come */
	int64 lost;		/* given up, and too old to be tried again */
	char *error;	/* of the latest of given_up: which it is, and why */
} SliceGaps;

extern SliceGaps slice_gaps(int32 id_source);

/* Takes the claims of these sources back: the runs did not take place. */
extern void slice_return(List *sources);

/*
 * While one holds them alone (a transaction that collects by hand), no slice of the
 * source is claimed elsewhere.  Waits for those that are; to be asked before the source's
 * row is locked, which they need to end.  Until the transaction ends, at the latest.
 */
extern void slice_lock_source(int32 id_source);
extern void slice_unlock_source(int32 id_source);

/* ---- backfills ---- */

/* Queues what the ledger lacks of the period, and what has failed or was absent; returns its id. */
extern int32 slice_backfill(int32 id_source, char **streams, SlotRange range);

/* The source of a backfill; 0: there is no such backfill. */
extern int32 slice_backfill_source(int32 id);

/*
 * The status of a backfill, or NULL where there is none.  Takes the source's ledger lock,
 * which the two below need.
 */
extern char *slice_backfill_status(int32 id, int32 *id_source);
extern void	 slice_backfill_set(int32 id, const char *statut);

/* Forgets what a backfill still expects; returns how many slices that are. */
extern int64 slice_backfill_forget(int32 id);

#endif
