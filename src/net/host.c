/*
 * host.c
 *	  When a host may be asked again: the table, in shared memory or our own.
 *
 * The table is of a fixed size, in sets of a few places: a host is in one of the
 * places of its set or in none, and a new one takes the place of that which
 * would be free to be asked first.  So nothing is ever cleaned up, every
 * operation is O(1), and a flood of hosts costs the oldest some politeness.
 */
#include "net/host.h"

#include "base/settings.h"
#include "base/shared_room.h"
#include "net/loop.h"

#include <string.h>

#include "common/hashfn.h"
#include "storage/lwlock.h"
#include "utils/memutils.h"

/* 8,192 hosts in 256 kB; the number of sets is a power of two. */
#define SETS 1024
#define PLACES 8

typedef struct Host
{
	HostKey key;  /* 0: the place is free */
	int64	next; /* when the next spaced request may start */
	int64	hold; /* until when none may */
} Host;

typedef struct HostTable
{
	LWLock *lock; /* NULL: the process's own table */
	Host	sets[SETS][PLACES];
} HostTable;

static HostTable *hosts = NULL;

/* ---- the memory ---- */

static Size
table_size(void)
{
	return sizeof(HostTable);
}

static void
attach(void *memory, LWLock *lock, bool is_new)
{
	hosts = memory;
	if (is_new)
		hosts->lock = lock;
}

void
host_install(void)
{
	static SharedRoom room = {.name = "datasens hosts", .size = table_size, .attach = attach};

	shared_room_add(&room);
}

/* The table, for this process alone until unlock. */
static void
lock(void)
{
	if (hosts == NULL)
		hosts = MemoryContextAllocZero(TopMemoryContext, sizeof(HostTable));
	if (hosts->lock != NULL)
		LWLockAcquire(hosts->lock, LW_EXCLUSIVE);
}

static void
unlock(void)
{
	if (hosts->lock != NULL)
		LWLockRelease(hosts->lock);
}

/* ---- the places ---- */

HostKey
host_key(Text origin)
{
	size_t scheme = 0;
	uint64 key;

	while (scheme + 3 <= origin.len && memcmp(origin.data + scheme, "://", 3) != 0)
		scheme++;
	if (scheme + 3 <= origin.len)
	{
		origin.data += scheme + 3;
		origin.len -= scheme + 3;
	}
	key = hash_bytes_extended((const unsigned char *) origin.data, (int) origin.len, 0);
	return key == 0 ? 1 : key;
}

/* The host's place; NULL where it has none.  The caller holds the lock. */
static Host *
find(HostKey key)
{
	Host *set = hosts->sets[key % SETS];

	for (int i = 0; i < PLACES; i++)
	{
		if (set[i].key == key)
			return &set[i];
	}
	return NULL;
}

static Host *
find_or_add(HostKey key)
{
	Host *set = hosts->sets[key % SETS];
	Host *host = find(key);

	if (host != NULL)
		return host;
	host = &set[0];
	for (int i = 1; i < PLACES; i++)
	{
		if (Max(set[i].next, set[i].hold) < Max(host->next, host->hold))
			host = &set[i];
	}
	*host = (Host){.key = key};
	return host;
}

/* ---- what is asked of it ---- */

/*
 * A lease is longer than a request may take: it matters only where a process
 * ends without a word.
 */
int64
host_enter(HostKey key, int64 spacing, bool alone, int64 now)
{
	Host *host;
	int64 wait;

	lock();
	host = find_or_add(key);
	wait = Max(host->next, host->hold) - now;
	if (wait <= 0)
	{
		wait = 0;
		host->next = now + spacing + (alone ? setting_request_timeout * INT64CONST(1000) : 0);
	}
	unlock();
	/* Under a lease the end may come at any time. */
	return Min(wait, spacing);
}

void
host_leave(HostKey key, int64 spacing, int64 now)
{
	lock();
	find_or_add(key)->next = now + spacing;
	unlock();
}

void
host_hold(HostKey key, int64 duration)
{
	int64 until = loop_now() + duration;
	Host *host;

	lock();
	host = find_or_add(key);
	host->hold = Max(host->hold, until);
	unlock();
}

int64
host_held(HostKey key, int64 now)
{
	const Host *host;
	int64		held = 0;

	lock();
	host = find(key);
	if (host != NULL)
		held = Max(host->hold - now, 0);
	unlock();
	return held;
}
