/*
 * queue.c
 *	  Who may start next: requests wait in line behind their own host only.
 *
 * An origin with someone waiting is in `ready` unless queue_take found it full;
 * it comes back when one of its places is given back.
 */
#include "net/queue.h"

#include "common/hashfn.h"

/* An origin: exists while someone waits for it or is in flight at it. */
struct QueueHost
{
	Text	   origin; /* its bytes follow the struct */
	int		   in_flight;
	dlist_head waiting;	 /* entries, the next to start first */
	bool	   is_ready; /* node is in the queue's ready list */
	dlist_node node;	 /* there */
};

/* The hash table moves its slots about; hosts stay where they are. */
typedef struct HostSlot
{
	Text	   origin; /* the host's own copy */
	QueueHost *host;
	uint32	   hash;
	char	   status; /* simplehash's */
} HostSlot;

#define SH_PREFIX hosts
#define SH_ELEMENT_TYPE HostSlot
#define SH_KEY_TYPE Text
#define SH_KEY origin
#define SH_HASH_KEY(table, key) hash_bytes((const unsigned char *) (key).data, (int) (key).len)
#define SH_EQUAL(table, a, b) text_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, slot) (slot)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Origins the table has room for at first. */
#define HOSTS_INITIAL 64

struct Queue
{
	MemoryContext context;
	hosts_hash	 *hosts;
	dlist_head	  ready; /* hosts whose turn is to come, the next one first */
};

Queue *
queue_create(MemoryContext context)
{
	Queue *queue = MemoryContextAlloc(context, sizeof(Queue));

	queue->context = context;
	queue->hosts = hosts_create(context, HOSTS_INITIAL, NULL);
	dlist_init(&queue->ready);
	return queue;
}

/* The host and its name in one block. */
static QueueHost *
host_create(Queue *queue, Text origin)
{
	QueueHost *host = MemoryContextAllocZero(queue->context, sizeof(QueueHost) + origin.len);
	char	  *copy = (char *) (host + 1);

	memcpy(copy, origin.data, origin.len);
	host->origin = (Text){copy, origin.len};
	dlist_init(&host->waiting);
	return host;
}

/* Nothing is in the table yet if the host's memory cannot be had: an error leaves it whole. */
static QueueHost *
host_find_or_create(Queue *queue, Text origin)
{
	bool	  found;
	HostSlot *slot = hosts_lookup(queue->hosts, origin);

	if (slot == NULL)
	{
		QueueHost *host = host_create(queue, origin);

		slot = hosts_insert(queue->hosts, host->origin, &found);
		slot->host = host;
	}
	return slot->host;
}

/* In or out of the list of turns; a host that comes in takes the last one. */
static void
set_ready(Queue *queue, QueueHost *host, bool ready)
{
	if (ready && !host->is_ready)
		dlist_push_tail(&queue->ready, &host->node);
	if (!ready && host->is_ready)
		dlist_delete(&host->node);
	host->is_ready = ready;
}

/* After someone left: the host is ready, busy, or of no more use. */
static void
host_settle(Queue *queue, QueueHost *host)
{
	set_ready(queue, host, !dlist_is_empty(&host->waiting));
	if (!host->is_ready && host->in_flight == 0)
	{
		hosts_delete(queue->hosts, host->origin);
		pfree(host);
	}
}

void
queue_push(Queue *queue, QueueEntry *entry, Text origin, bool first)
{
	QueueHost *host = host_find_or_create(queue, origin);

	entry->host = host;
	if (first)
		dlist_push_head(&host->waiting, &entry->node);
	else
		dlist_push_tail(&host->waiting, &entry->node);
	set_ready(queue, host, true);
}

/*
 * Hosts found full leave the list of turns until one of theirs is released, so
 * each is looked at once a release: the loop is O(1) over time.
 */
QueueEntry *
queue_take(Queue *queue, int per_host)
{
	while (!dlist_is_empty(&queue->ready))
	{
		QueueHost  *host = dlist_head_element(QueueHost, node, &queue->ready);
		QueueEntry *entry;

		/* Out of its turn, and to the end where it has more and room for more. */
		set_ready(queue, host, false);
		if (host->in_flight >= per_host)
			continue;
		entry = dlist_container(QueueEntry, node, dlist_pop_head_node(&host->waiting));
		host->in_flight++;
		set_ready(queue, host, !dlist_is_empty(&host->waiting));
		return entry;
	}
	return NULL;
}

/* A host that was full has its turn again. */
void
queue_release(Queue *queue, QueueEntry *entry)
{
	QueueHost *host = entry->host;

	entry->host = NULL;
	host->in_flight--;
	host_settle(queue, host);
}

void
queue_remove(Queue *queue, QueueEntry *entry)
{
	QueueHost *host = entry->host;

	entry->host = NULL;
	dlist_delete(&entry->node);
	host_settle(queue, host);
}
