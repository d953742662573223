/*
 * queue.h
 *	  Who may start next: requests wait in line behind their own host only.
 *
 * Each origin (scheme, host, port) has its line and its count of requests in
 * flight; the origins that have someone waiting and a place free take turns.
 * Every operation is O(1), and an origin is forgotten with its last request.
 */
#ifndef DATASENS_NET_QUEUE_H
#define DATASENS_NET_QUEUE_H

#include "postgres.h"

#include "base/arena.h"

#include "lib/ilist.h"

typedef struct Queue	 Queue;
typedef struct QueueHost QueueHost;

/* To be embedded in what waits. */
typedef struct QueueEntry
{
	dlist_node node; /* in its host's line, while it waits */
	QueueHost *host; /* from queue_push until it is taken out or released */
} QueueEntry;

/* The queue lives and dies with the context. */
extern Queue *queue_create(MemoryContext context);

/* Lines up behind the others of its origin, or before them (it has waited already). */
extern void queue_push(Queue *queue, QueueEntry *entry, Text origin, bool first);

/*
 * The next that may start where an origin is allowed per_host at a time, now
 * counted as in flight; or NULL.  Give the place back with queue_release.
 */
extern QueueEntry *queue_take(Queue *queue, int per_host);
extern void		   queue_release(Queue *queue, QueueEntry *entry);

/* Takes out one that waits. */
extern void queue_remove(Queue *queue, QueueEntry *entry);

#endif
