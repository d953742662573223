/*
 * queue.h
 *	  Who may start next: requests wait in line behind their own host only.
 *
 * Each origin (scheme, host, port) has its line and its count of requests in
 * flight; the origins that have someone waiting and a place free take turns.
 * Requests with a spacing have a line of their own, so that a feed does not wait
 * behind a crawl of its site; a line whose host wants time between two requests
 * rests until that has passed.  Every operation is O(1), or of the logarithm of the
 * lines that rest, and a line is forgotten with its last request.
 *
 * Who calls it: net/fetch.c.  Nothing here waits, and no clock is read: now is the caller's.
 */
#ifndef DATASENS_NET_QUEUE_H
#define DATASENS_NET_QUEUE_H

#include "postgres.h"

#include "base/arena.h"

#include "lib/ilist.h"

typedef struct Queue	 Queue;
typedef struct QueueHost QueueHost;

/* To be embedded in what waits; spacing and alone are as FetchRequest has them. */
typedef struct QueueEntry
{
	dlist_node node;	/* in its host's line, while it waits */
	QueueHost *host;	/* from queue_push until it is taken out or released */
	int64	   spacing; /* microseconds; 0: none */
	bool	   alone;
} QueueEntry;

/* The queue lives and dies with the context. */
extern Queue *queue_create(MemoryContext context);

/* Lines up behind the others of its origin, or before them (it has waited already). */
extern void queue_push(Queue *queue, QueueEntry *entry, Text origin, bool first);

/*
 * The next that may start where an origin is allowed per_host at a time, now
 * counted as in flight; or NULL.  Give the place back with queue_release.  *held, if not 0:
 * the request is to fail instead, as its host wants to be left alone for that many
 * microseconds, longer than a spaced request waits (QUEUE_PATIENCE).
 */
#define QUEUE_PATIENCE (60 * INT64CONST(1000000))

extern QueueEntry *queue_take(Queue *queue, int per_host, int64 now, int64 *held);
extern void		   queue_release(Queue *queue, QueueEntry *entry, int64 now);

/* Microseconds until a line that rests has its turn again; -1: none rests. */
extern int64 queue_rest(const Queue *queue, int64 now);

/* Takes out one that waits. */
extern void queue_remove(Queue *queue, QueueEntry *entry);

#endif
