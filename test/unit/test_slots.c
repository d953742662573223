/*
 * test_slots.c
 *	  time/slots.c: numbers and names of slots, ranges, sets; the latter beside a plain
 *	  array of flags.
 */
#include "time/slots.h"

#include <stdlib.h>

#include "unit.h"

#define SLOT_2015 ((Slot) 1582556) /* 2015-02-18 23:00 */

static void
check_name(Slot slot, const char *want)
{
	char name[SLOT_NAME_SIZE];

	slot_name(slot, name);
	is_str(name, want, "name of %s", want);
}

static void
test_numbers(void)
{
	is_int(slot_of(0), 0, "the epoch");
	is_int(slot_of(899), 0, "its last second");
	is_int(slot_of(900), 1, "the next");
	is_int(slot_of(-1), -1, "before the epoch");
	is_int(slot_of(-900), -1, "the first second before it");
	is_int(slot_of(-901), -2, "one more");
	is_int(slot_of(INSTANT_NEVER), SLOT_MAX, "never");
	is_int(slot_of(INT64_MIN), SLOT_MIN, "long ago");
	is_int(slot_start(SLOT_2015), INT64_C(1424300400), "start of the first English batch");
	check_name(0, "19700101000000");
	check_name(SLOT_2015, "20150218230000");
	check_name(SLOT_FIRST, "20150218224500");
	check_name(SLOT_MIN, "00010101000000");
	check_name(SLOT_MAX, "99991231234500");
	check_name(slot_of(INT64_C(1709251199)), "20240229234500");
}

static void
check_range(SlotRange range, int64_t first, int64_t last, const char *what)
{
	if (last < first)
		ok(slot_range_empty(range) && slot_range_count(range) == 0, "%s: empty", what);
	else
	{
		is_int(range.first, first, "%s: first", what);
		is_int(range.last, last, "%s: last", what);
		is_int(slot_range_count(range), last - first + 1, "%s: count", what);
	}
}

static void
test_ranges(void)
{
	SlotRange all = {SLOT_MIN, SLOT_MAX};
	SlotRange range = {10, 19};

	check_range(slot_range_between(900, 2700), 1, 2, "whole quarters");
	check_range(slot_range_between(901, 2701), 2, 3, "odd ends");
	check_range(slot_range_between(901, 902), 0, -1, "inside a quarter");
	check_range(slot_range_between(2700, 900), 0, -1, "the wrong way round");
	check_range(slot_range_between(INT64_MIN, INSTANT_NEVER), SLOT_MIN, SLOT_MAX, "all time");
	check_range(slot_range_expected(5, 8, -1), 6, 8, "after the cursor");
	check_range(slot_range_expected(5, 5, -1), 0, -1, "nothing new");
	check_range(slot_range_expected(9, 5, -1), 0, -1, "a cursor in the future");
	check_range(slot_range_expected(5, 500, 10), 491, 500, "at most ten");
	check_range(slot_range_expected(5, 8, 0), 0, -1, "none");
	check_range(slot_range_expected(SLOT_MIN, SLOT_MAX, -1), SLOT_MIN + 1, SLOT_MAX, "everything");
	check_range(slot_range_common(range, all), 10, 19, "with all");
	check_range(slot_range_common(range, (SlotRange){15, 30}), 15, 19, "overlap");
	check_range(slot_range_common(range, (SlotRange){20, 30}), 0, -1, "neighbours");
	check_range(slot_range_take(&range, 4), 16, 19, "the newest four");
	check_range(range, 10, 15, "what is left");
	check_range(slot_range_take(&range, 0), 0, -1, "nothing taken");
	check_range(slot_range_take(&range, -3), 0, -1, "nor less");
	check_range(slot_range_take(&range, 100), 10, 15, "the rest");
	check_range(range, 0, -1, "then");
	check_range(slot_range_take(&range, 1), 0, -1, "of an empty one");
	check_range(slot_range_take(&all, 1000000), SLOT_MAX - 999999, SLOT_MAX, "a million");
}

#define N_FLAGS 700
#define FLAGS_FIRST (-321)

static void
test_sets(void)
{
	SlotRange bounds = {FLAGS_FIRST, FLAGS_FIRST + N_FLAGS - 1};
	Arena	 *arena = arena_create(1 << 20);
	bool	  counts = true;

	srand(5);
	for (int round = 0; round < 300; round++)
	{
		SlotSet *set = slot_set_create(arena, bounds);
		bool	 flags[N_FLAGS] = {false};

		for (int i = 0; i < round % 20; i++)
		{
			int		  at = rand() % N_FLAGS;
			int		  n = rand() % 150;
			SlotRange added = {(Slot) (FLAGS_FIRST + at), (Slot) (FLAGS_FIRST + at + n)};

			slot_set_add_range(set, added);
			for (int j = at; j <= at + n && j < N_FLAGS; j++)
				flags[j] = true;
		}
		for (int i = 0; i < N_FLAGS; i++)
			counts = counts && flags[i] == slot_set_has(set, (Slot) (FLAGS_FIRST + i));
		arena_reset(arena);
	}
	ok(counts, "sets hold what was added");
	arena_free(arena);
}

static void
test_edges(void)
{
	Arena	*arena = arena_create(1 << 20);
	SlotSet *set = slot_set_create(arena, (SlotRange){100, 199});

	slot_set_add_range(set, (SlotRange){100, 100});
	slot_set_add_range(set, (SlotRange){199, 1000});
	ok(slot_set_has(set, 100) && slot_set_has(set, 199), "at the bounds");
	ok(!slot_set_has(set, 99) && !slot_set_has(set, 101) && !slot_set_has(set, 200), "not beside");
	slot_set_add_range(set, (SlotRange){5, 4});
	ok(!slot_set_has(set, 150), "an empty range adds nothing");
	ok(slot_set_create(arena, (SlotRange){5, 4}) != NULL, "a set of nothing");
	ok(slot_set_create(arena, (SlotRange){SLOT_FIRST, SLOT_FIRST + 400000}) != NULL &&
		   arena_used(arena) < 51000,
	   "eleven years take 50 kB");
	ok(slot_set_create(arena, (SlotRange){SLOT_MIN, SLOT_MAX}) == NULL && arena_exhausted(arena),
	   "an arena too small");
	arena_free(arena);
}

int
main(void)
{
	test_numbers();
	test_ranges();
	test_sets();
	test_edges();
	return done_testing();
}
