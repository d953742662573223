/*
 * slice_parts.h
 *	  What the files of the ledger share (slice.c, slice_listing.c, slice_backfill.c).
 */
#ifndef DATASENS_STORE_SLICE_PARTS_H
#define DATASENS_STORE_SLICE_PARTS_H

#include "postgres.h"

/* Waits for the ledger lock of a source and holds it until the transaction ends. */
extern void slice_lock_ledger(int32 id_source);

/* Ends the source's backfills that expect nothing any more. */
extern void slice_end_backfills(int32 id_source);

/*
 * Makes the source due where a backfill expects slices of which none is listed. Only to be called
 * when something was done for a backfill just now, or the source would be due for ever.
 */
extern void slice_go_on_with_backfills(int32 id_source);

#endif
