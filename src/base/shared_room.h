/*
 * shared_room.h
 *	  Rooms in the server's shared memory: asked for in _PG_init of the postmaster, there from
 *	  its start.
 *
 * Who calls it: the owners of the rooms (base/shared.c, net/host.c), while
 * shared_preload_libraries are loaded and never later.
 */
#ifndef DATASENS_BASE_SHARED_ROOM_H
#define DATASENS_BASE_SHARED_ROOM_H

#include "postgres.h"

#include "storage/lwlock.h"

typedef struct SharedRoom
{
	const char *name; /* of the memory and of its lock's tranche */
	Size (*size)(void);

	/*
	 * Runs in each process that attaches (with EXEC_BACKEND in all, else in the postmaster):
	 * is_new: the memory is zeroed and to be filled.  lock: the room's own.
	 */
	void (*attach)(void *memory, LWLock *lock, bool is_new);

	struct SharedRoom *next; /* for shared_room.c */
} SharedRoom;

/*
 * Adds a room. It is a static variable of the caller's and stays where it is. From _PG_init only.
 */
extern void shared_room_add(SharedRoom *room);

#endif
