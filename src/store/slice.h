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
 * Takes in what a run of the source found in the publisher's lists: expects the slots since the
 * newest that was known, notes the files of those that are listed, and which ones do not exist.
 * What is still expected of streams that the source no longer has is forgotten.
 */
extern void slice_store_listing(const Source *source, const Listing *listing);

/* Which slices are to be claimed, and how. */
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
 * Claims listed slices and adds each to *claimed, a List of Source * with the slice in it; those
 * that came with time before those of backfills, then those not tried yet before the others, then
 * the newest first. *claimed is valid also where an error ends the function: the locks are held
 * then. *more is set where there are others that could be claimed, and is else left alone.
 */
extern void slice_claim(const SliceClaim *claim, TimestampTz now, List **claimed, bool *more);

/* Gives back a claim that lasts for the session; also outside of a transaction. */
extern void slice_unlock(const Source *source);

/*
 * When a listed slice can be claimed next, by whomever; DT_NOEND: there is none. One that is
 * claimed just now counts as well.
 */
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

/*
 * How many slices are missing of what a source should have collected with time (not of backfills).
 */
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
 * Waits for the slices of the source that are claimed now, and has none claimed by others until
 * slice_unlock_source or the end of the transaction: for a transaction that collects by hand. To
 * be called before the source's row is locked, which those that are claimed need to end.
 */
extern void slice_lock_source(int32 id_source);
extern void slice_unlock_source(int32 id_source);

/* ---- backfills ---- */

/*
 * Queues what the ledger lacks of the period, and what has failed or was absent in it. streams
 * ends with a NULL. Returns the id of the backfill.
 */
extern int32 slice_backfill(int32 id_source, char **streams, SlotRange range);

/* The source of a backfill; 0: there is no such backfill. */
extern int32 slice_backfill_source(int32 id);

/*
 * The status of a backfill (historique.statut), palloc'd, or NULL where there is none. Takes the
 * ledger lock of its source, which the two functions below need.
 */
extern char *slice_backfill_status(int32 id, int32 *id_source);
extern void	 slice_backfill_set(int32 id, const char *statut);

/* Forgets what a backfill still expects; returns how many slices these were. */
extern int64 slice_backfill_forget(int32 id);

#endif
