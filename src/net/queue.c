/*
 * queue.c
 *	  Who may start next: requests wait in line behind their own host only.
 *
 * A line with someone waiting is in `ready` unless queue_take found it full or its
 * host not to be asked yet.  A full one comes back when one of its places is given
 * back; one that rests lies in a heap, and comes back when its time has come.
 */
#include "net/queue.h"

#include "net/host.h"

#include "common/hashfn.h"
#include "lib/pairingheap.h"

/* What a line is known by. */
typedef struct LineKey
{
	Text origin;
	bool spaced; /* the requests have a spacing */
} LineKey;

/* A line: exists while someone waits in it or is in flight from it. */
struct QueueHost
{
	LineKey			 line; /* the origin's bytes follow the struct */
	HostKey			 key;
	int				 in_flight;
	dlist_head		 waiting;  /* entries, the next to start first */
	bool			 is_ready; /* node is in the queue's ready list */
	dlist_node		 node;	   /* there */
	bool			 is_resting;
	int64			 wake; /* until when */
	pairingheap_node resting;
};

/* The hash table moves its slots about; hosts stay where they are. */
typedef struct HostSlot
{
	LineKey	   line; /* the host's own copy */
	QueueHost *host;
	uint32	   hash;
	char	   status; /* simplehash's */
} HostSlot;

static inline uint32
hash_line(LineKey line)
{
	return hash_bytes((const unsigned char *) line.origin.data, (int) line.origin.len) ^
		   (uint32) line.spaced;
}

#define SH_PREFIX hosts
#define SH_ELEMENT_TYPE HostSlot
#define SH_KEY_TYPE LineKey
#define SH_KEY line
#define SH_HASH_KEY(table, key) hash_line(key)
#define SH_EQUAL(table, a, b) ((a).spaced == (b).spaced && text_equal((a).origin, (b).origin))
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
	dlist_head	  ready;   /* hosts whose turn is to come, the next one first */
	pairingheap	 *resting; /* the first to wake first */
};

/* pairingheap's comparator: the one that wakes first is the largest. */
static int
compare_wake(const pairingheap_node *a, const pairingheap_node *b, void *arg)
{
	int64 left = pairingheap_const_container(QueueHost, resting, a)->wake;
	int64 right = pairingheap_const_container(QueueHost, resting, b)->wake;

	return (right > left) - (right < left);
}

Queue *
queue_create(MemoryContext context)
{
	MemoryContext previous = MemoryContextSwitchTo(context);
	Queue		 *queue = palloc(sizeof(Queue));

	queue->context = context;
	queue->hosts = hosts_create(context, HOSTS_INITIAL, NULL);
	queue->resting = pairingheap_allocate(compare_wake, NULL);
	dlist_init(&queue->ready);
	MemoryContextSwitchTo(previous);
	return queue;
}

/* The host and its name in one block. */
static QueueHost *
host_create(Queue *queue, LineKey line)
{
	QueueHost *host = MemoryContextAllocZero(queue->context, sizeof(QueueHost) + line.origin.len);
	char	  *copy = (char *) (host + 1);

	memcpy(copy, line.origin.data, line.origin.len);
	host->line = (LineKey){{copy, line.origin.len}, line.spaced};
	host->key = host_key(line.origin);
	dlist_init(&host->waiting);
	return host;
}

/* Nothing is in the table yet if the host's memory cannot be had: an error leaves it whole. */
static QueueHost *
host_find_or_create(Queue *queue, LineKey line)
{
	bool	  found;
	HostSlot *slot = hosts_lookup(queue->hosts, line);

	if (slot == NULL)
	{
		QueueHost *host = host_create(queue, line);

		slot = hosts_insert(queue->hosts, host->line, &found);
		slot->host = host;
	}
	return slot->host;
}

static void
set_resting(Queue *queue, QueueHost *host, bool resting)
{
	if (resting && !host->is_resting)
		pairingheap_add(queue->resting, &host->resting);
	if (!resting && host->is_resting)
		pairingheap_remove(queue->resting, &host->resting);
	host->is_resting = resting;
}

/* In or out of the list of turns; a host that comes in takes the last one, and rests no more. */
static void
set_ready(Queue *queue, QueueHost *host, bool ready)
{
	set_resting(queue, host, false);
	if (ready && !host->is_ready)
		dlist_push_tail(&queue->ready, &host->node);
	if (!ready && host->is_ready)
		dlist_delete(&host->node);
	host->is_ready = ready;
}

/* After someone left: the host is ready, busy, or no longer needed. */
static void
host_settle(Queue *queue, QueueHost *host)
{
	set_ready(queue, host, !dlist_is_empty(&host->waiting));
	if (!host->is_ready && host->in_flight == 0)
	{
		hosts_delete(queue->hosts, host->line);
		pfree(host);
	}
}

void
queue_push(Queue *queue, QueueEntry *entry, Text origin, bool first)
{
	QueueHost *host = host_find_or_create(queue, (LineKey){origin, entry->spacing > 0});

	entry->host = host;
	if (first)
		dlist_push_head(&host->waiting, &entry->node);
	else
		dlist_push_tail(&host->waiting, &entry->node);
	set_ready(queue, host, true);
}

/* Those whose time has come have their turn again. */
static void
wake_resting(Queue *queue, int64 now)
{
	while (!pairingheap_is_empty(queue->resting))
	{
		QueueHost *host =
			pairingheap_container(QueueHost, resting, pairingheap_first(queue->resting));

		if (host->wake > now)
			break;
		set_ready(queue, host, true);
	}
}

/*
 * Whether the host may be asked now by the first in its line; if not, the line rests.
 * *held: it may not for so long that nobody should wait for it.
 */
static bool
admit(Queue *queue, QueueHost *host, const QueueEntry *entry, int64 now, int64 *held)
{
	int64 wait;

	if (entry->spacing == 0)
		return true;
	*held = host_held(host->key, now);
	if (*held > QUEUE_PATIENCE)
		return true;
	*held = 0;
	wait = host_enter(host->key, entry->spacing, entry->alone, now);
	if (wait == 0)
		return true;
	host->wake = now + wait;
	set_resting(queue, host, true);
	return false;
}

/*
 * Hosts found full leave the list of turns until one of theirs is released, so
 * each is looked at once a release: the loop is O(1) over time.
 */
QueueEntry *
queue_take(Queue *queue, int per_host, int64 now, int64 *held)
{
	*held = 0;
	wake_resting(queue, now);
	while (!dlist_is_empty(&queue->ready))
	{
		QueueHost  *host = dlist_head_element(QueueHost, node, &queue->ready);
		QueueEntry *entry = dlist_head_element(QueueEntry, node, &host->waiting);

		/* Out of its turn, and to the end where it has more and room for more. */
		set_ready(queue, host, false);
		if (host->in_flight >= (entry->alone ? 1 : per_host) ||
			!admit(queue, host, entry, now, held))
			continue;
		dlist_delete(&entry->node);
		host->in_flight++;
		set_ready(queue, host, !dlist_is_empty(&host->waiting));
		return entry;
	}
	return NULL;
}

int64
queue_rest(const Queue *queue, int64 now)
{
	const QueueHost *host;

	if (pairingheap_is_empty(queue->resting))
		return -1;
	host = pairingheap_container(QueueHost, resting, pairingheap_first(queue->resting));
	return Max(host->wake - now, 0);
}

/* A host that was full has its turn again. */
void
queue_release(Queue *queue, QueueEntry *entry, int64 now)
{
	QueueHost *host = entry->host;

	if (entry->spacing > 0 && entry->alone)
		host_leave(host->key, entry->spacing, now);
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
