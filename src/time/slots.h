/*
 * slots.h
 *	  Slices of a quarter of an hour, as GDELT publishes: their numbers, names,
 *	  ranges and sets.  Plain C; no clock is read.
 *
 * A slot is a number: the quarters of an hour since 1970 UTC.  11 years are
 * 400,000 of them, so what is planned and stored is ranges, never a row each (see
 * store/slice.h).  What a list of files names is looked up in a SlotSet, one bit a
 * slot: 50 kB a stream for all years.
 *
 * Who uses it: the kind gdelt and the ledger (store/slice*.c).
 */
#ifndef DATASENS_TIME_SLOTS_H
#define DATASENS_TIME_SLOTS_H

#include "base/arena.h"

#include "time/cron.h"

typedef int32_t Slot;

#define SLOT_SECONDS 900

/* The first batch of GDELT 2.0: 2015-02-18 22:45 UTC (translated; in English a quarter later). */
#define SLOT_FIRST ((Slot) 1582555)

/* Slots that slot_name can write: the years 1 to 9999. */
#define SLOT_MIN ((Slot) -69039552)
#define SLOT_MAX ((Slot) 281558111)

/* "YYYYMMDDHHMMSS" and its NUL. */
#define SLOT_NAME_SIZE 15

/* The slot that an instant lies in; clamped to SLOT_MIN and SLOT_MAX. */
extern Slot slot_of(Instant at);

/* The instant at which the slot begins, by which its files are named. */
extern Instant slot_start(Slot slot);

/* Writes its name, UTC. */
extern void slot_name(Slot slot, char name[SLOT_NAME_SIZE]);

/* The slots from first to last, both included; none where last < first. */
typedef struct SlotRange
{
	Slot first;
	Slot last;
} SlotRange;

#define slot_range_empty(r) ((r).last < (r).first)

/* How many slots are in it. */
extern int64_t slot_range_count(SlotRange range);

/* The slots that begin in [from, to): empty where there are none. */
extern SlotRange slot_range_between(Instant from, Instant to);

/*
 * The slots after cursor up to newest: what is expected.  cursor may lie
 * anywhere; from its far past at most limit slots are kept, the newest (limit
 * < 0: all).
 */
extern SlotRange slot_range_expected(Slot cursor, Slot newest, int64_t limit);

/* The slots that are in both. */
extern SlotRange slot_range_common(SlotRange a, SlotRange b);

/* Takes the newest n slots (at most) off the range and returns them; n < 1: none. */
extern SlotRange slot_range_take(SlotRange *range, int64_t n);

/* A set of slots inside bounds; in an arena. */
typedef struct SlotSet SlotSet;

/* An empty set; NULL where the arena is exhausted. */
extern SlotSet *slot_set_create(Arena *arena, SlotRange bounds);

/* Slots outside of the bounds are not added. */
extern void slot_set_add_range(SlotSet *set, SlotRange range);
extern bool slot_set_has(const SlotSet *set, Slot slot);

#endif
