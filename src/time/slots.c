/*
 * slots.c
 *	  Slices of a quarter of an hour: arithmetic, ranges, and sets of one bit a
 *	  slot.  Called by the gdelt kind and by what keeps its ledger; reads no clock.
 */
#include "time/slots.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WORD_BITS 64

static const SlotRange nothing = {0, -1};

Slot
slot_of(Instant at)
{
	Instant quarter = at / SLOT_SECONDS - (at % SLOT_SECONDS < 0);

	if (quarter < SLOT_MIN)
		return SLOT_MIN;
	return quarter > SLOT_MAX ? SLOT_MAX : (Slot) quarter;
}

Instant
slot_start(Slot slot)
{
	return (Instant) slot * SLOT_SECONDS;
}

void
slot_name(Slot slot, char name[SLOT_NAME_SIZE])
{
	time_t	  start = (time_t) slot_start(slot);
	struct tm utc;
	char	  text[64];

	gmtime_r(&start, &utc);
	snprintf(text, sizeof(text), "%04d%02d%02d%02d%02d%02d", utc.tm_year + 1900, utc.tm_mon + 1,
			 utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
	memcpy(name, text, SLOT_NAME_SIZE - 1);
	name[SLOT_NAME_SIZE - 1] = '\0';
}

/* ---- ranges ---- */

int64_t
slot_range_count(SlotRange range)
{
	return slot_range_empty(range) ? 0 : (int64_t) range.last - range.first + 1;
}

/* The first slot that begins at the instant or after it. */
static int64_t
slot_from(Instant at)
{
	Slot slot = slot_of(at);

	return (int64_t) slot + (slot_start(slot) < at);
}

SlotRange
slot_range_between(Instant from, Instant to)
{
	int64_t first = slot_from(from);
	int64_t last = slot_from(to) - 1;

	if (last < first)
		return nothing;
	return (SlotRange){(Slot) first, (Slot) last};
}

SlotRange
slot_range_expected(Slot cursor, Slot newest, int64_t limit)
{
	SlotRange range = {cursor, newest};

	if (newest <= cursor || limit == 0)
		return nothing;
	range.first++;
	if (limit > 0 && slot_range_count(range) > limit)
		range.first = (Slot) (newest - limit + 1);
	return range;
}

SlotRange
slot_range_common(SlotRange a, SlotRange b)
{
	SlotRange common = {a.first > b.first ? a.first : b.first, a.last < b.last ? a.last : b.last};

	return slot_range_empty(a) || slot_range_empty(b) || slot_range_empty(common) ? nothing
																				  : common;
}

SlotRange
slot_range_take(SlotRange *range, int64_t n)
{
	SlotRange taken = slot_range_expected((Slot) (range->first - 1), range->last, n < 0 ? 0 : n);

	if (!slot_range_empty(taken))
		range->last = (Slot) (taken.first - 1);
	return taken;
}

/* ---- sets ---- */

struct SlotSet
{
	SlotRange bounds;
	uint64_t  words[]; /* bit n: the slot bounds.first + n */
};

SlotSet *
slot_set_create(Arena *arena, SlotRange bounds)
{
	size_t	 n_words = (size_t) ((slot_range_count(bounds) + WORD_BITS - 1) / WORD_BITS);
	SlotSet *set = arena_alloc_zero(arena, sizeof(SlotSet) + n_words * sizeof(uint64_t));

	if (set != NULL)
		set->bounds = bounds;
	return set;
}

bool
slot_set_has(const SlotSet *set, Slot slot)
{
	uint32_t bit;

	if (slot < set->bounds.first || slot > set->bounds.last)
		return false;
	bit = (uint32_t) (slot - set->bounds.first);
	return (set->words[bit / WORD_BITS] >> (bit % WORD_BITS) & 1) != 0;
}

void
slot_set_add_range(SlotSet *set, SlotRange range)
{
	range = slot_range_common(range, set->bounds);
	for (int64_t slot = range.first; slot <= range.last; slot++)
	{
		uint32_t bit = (uint32_t) (slot - set->bounds.first);

		set->words[bit / WORD_BITS] |= UINT64_C(1) << (bit % WORD_BITS);
	}
}
