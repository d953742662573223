/*
 * shared_room.c
 *	  Rooms in the server's shared memory.
 *
 * Each part of datasens that keeps something there has a room: a size, a lock, and a function that
 * is told where it lies. The space is asked for while the postmaster starts, and given out once it
 * knows how much everyone wants; with EXEC_BACKEND every process attaches again. Servers from 15
 * on have the space requested in a hook of its own, older ones in _PG_init (compat.h).
 */
#include "postgres.h"

#include "base/shared_room.h"
#include "compat.h"

#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"

static SharedRoom *rooms = NULL;

#ifdef HAVE_SHMEM_REQUEST_HOOK
static shmem_request_hook_type previous_request_hook = NULL;
#endif
static shmem_startup_hook_type previous_startup_hook = NULL;

static void
request_room(const SharedRoom *room)
{
	RequestAddinShmemSpace(room->size());
	RequestNamedLWLockTranche(room->name, 1);
}

#ifdef HAVE_SHMEM_REQUEST_HOOK
static void
request_rooms(void)
{
	if (previous_request_hook)
		previous_request_hook();
	for (const SharedRoom *room = rooms; room; room = room->next)
		request_room(room);
}
#endif

/*
 * The hooks of other libraries that were loaded before us go first, as they would have without us.
 */
static void
attach_rooms(void)
{
	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	for (const SharedRoom *room = rooms; room; room = room->next)
	{
		bool  found;
		void *memory = ShmemInitStruct(room->name, room->size(), &found);

		if (!found)
			memset(memory, 0, room->size());
		room->attach(memory, &GetNamedLWLockTranche(room->name)->lock, !found);
	}
	LWLockRelease(AddinShmemInitLock);
}

void
shared_room_add(SharedRoom *room)
{
	if (rooms == NULL)
	{
#ifdef HAVE_SHMEM_REQUEST_HOOK
		previous_request_hook = shmem_request_hook;
		shmem_request_hook = request_rooms;
#endif
		previous_startup_hook = shmem_startup_hook;
		shmem_startup_hook = attach_rooms;
	}
	room->next = rooms;
	rooms = room;
#ifndef HAVE_SHMEM_REQUEST_HOOK
	request_room(room);
#endif
}
