/*
 * test_producer.c
 *	  producer.h: everything that is made is taken, in order; stopping at any moment.
 */
#include "base/producer.h"

#include "unit.h"

#define SLOTS 3

/* Makes the numbers from 1 to last. */
typedef struct Counter
{
	int made;
	int last;
	int slots[SLOTS];
} Counter;

static bool
fill(void *arg, int slot)
{
	Counter *counter = arg;

	if (counter->made == counter->last)
		return false;
	counter->slots[slot] = ++counter->made;
	return true;
}

static void
test_all(int last)
{
	Counter	  counter = {.last = last};
	Producer *producer = producer_start(SLOTS, fill, &counter);
	bool	  ordered = true;
	int		  taken = 0;
	int		  slot;

	while ((slot = producer_next(producer)) >= 0)
	{
		taken++;
		ordered = ordered && counter.slots[slot] == taken;
	}
	ok(ordered, "%d things in order", last);
	is_int(taken, last, "all of them");
	is_int(producer_next(producer), -1, "and the end stays the end");
	producer_stop(producer);
}

static void
test_stop(int taken)
{
	Counter	  counter = {.last = 1000000};
	Producer *producer = producer_start(SLOTS, fill, &counter);

	for (int i = 0; i < taken; i++)
		(void) producer_next(producer);
	producer_stop(producer);
	ok(counter.made <= taken + SLOTS + 1, "stopped after %d, no more than the slots were made",
	   taken);
}

int
main(void)
{
	test_all(0);
	test_all(1);
	test_all(SLOTS);
	test_all(100000);
	test_stop(0);
	test_stop(1);
	test_stop(1000);
	producer_stop(NULL);
	return done_testing();
}
