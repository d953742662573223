/*
 * producer.h
 *	  A thread that makes things before they are needed, in a ring of slots.  Plain C.
 *	  Called by spool.c and parse/read_ahead.c.
 *
 *		producer = producer_start(SLOTS, fill, arg);
 *		while ((slot = producer_next(producer)) >= 0)
 *			...							the slot is ours until the next call
 *		producer_stop(producer);
 */
#ifndef DATASENS_BASE_PRODUCER_H
#define DATASENS_BASE_PRODUCER_H

#include <stdbool.h>

typedef struct Producer Producer;

/*
 * Fills the slot of that number; false: there is nothing more, and why is in arg.  On
 * the thread, and one call at a time: what it writes may be read once producer_next
 * has given the slot, or has said that there are no more.
 */
typedef bool (*FillFunction)(void *arg, int slot);

/*
 * Starts to fill slots 0 to n - 1 and again from 0, each when the one who takes them
 * is through with it.  The thread has all signals blocked.  Where the system has no
 * thread to give, producer_next fills itself.  NULL where memory is out.
 */
extern Producer *producer_start(int n, FillFunction fill, void *arg);

/* The next filled slot; -1: fill has said that there is nothing more. */
extern int producer_next(Producer *producer);

/*
 * Ends the thread, once it is through with the slot that it is filling, and frees the producer.
 * NULL is allowed.
 */
extern void producer_stop(Producer *producer);

#endif
