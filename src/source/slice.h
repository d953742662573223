/*
 * slice.h
 *	  Slices: the parts that a source publishes one a quarter of an hour, in streams.
 *
 * A kind with slices has two sorts of runs.  A run of the source reads its
 * publisher's lists and says what is there: the newest slice of each stream, the
 * files of slices that are expected, and where it has looked.  The ledger (table
 * tranche, store/slice.h) takes that in when the run is committed.  Then each slice
 * that is listed has a run of its own, begun by the kind's begin_slice and committed
 * by itself: its records, its line in flux and its mark in the ledger together.
 *
 * Who uses it: the kind gdelt, run/, store/slice*.c.
 */
#ifndef DATASENS_SOURCE_SLICE_H
#define DATASENS_SOURCE_SLICE_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "time/slots.h"

#define SLICE_MD5_DIGITS 32

/* A slice that is to be collected, as the ledger has it (Source.slice). */
typedef struct Slice
{
	int64 id; /* id_tranche */
	char *stream;
	Slot  slot;
	int64 size; /* of its file, as listed; likewise md5 */
	char *md5;
	int	  attempts; /* that were begun before */
	int32 backfill; /* id_historique; 0: it came with time */
} Slice;

/* Slots that are expected and that no list has named yet, or that may have come late. */
typedef struct WantedSlots
{
	SlotRange range;
	bool	  backfill;
	bool	  late; /* did not exist when they were looked for */
} WantedSlots;

/* What the ledger knows of a stream when a run begins (Source.streams). */
typedef struct StreamState
{
	char *stream;
	bool  known;  /* something of it was expected before */
	Slot  newest; /* the newest that is expected, valid if known */
	List *wanted; /* of WantedSlots *, those of time first, the newest first */
} StreamState;

/*
 * What a run found in the publisher's lists. All three are linked lists, the last entry of the
 * publisher's list first. stream is a constant of the kind's.
 */
typedef struct ListedSlice
{
	struct ListedSlice *next;
	const char		   *stream;
	Slot				slot;
	int64				size;
	char				md5[SLICE_MD5_DIGITS + 1];
} ListedSlice;

typedef struct StreamSlots
{
	struct StreamSlots *next;
	const char		   *stream;
	SlotRange			range;
} StreamSlots;

typedef struct Listing
{
	StreamSlots *newest; /* range.last: the newest slot that is published */
	ListedSlice *slices;
	StreamSlots *looked; /* what is expected there and not listed does not exist */
} Listing;

#endif
