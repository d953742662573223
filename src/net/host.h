/*
 * host.h
 *	  When a host may be asked again: what all collectors of all databases owe it
 *	  together.
 *
 * A table of hosts in shared memory holds for each when the next spaced request
 * may start, and until when it wants to be left alone.  Where the library is not
 * preloaded each process has a table of its own.  Times are loop_now()'s, which
 * all processes of a machine share.
 *
 * Who calls it: the queue, for requests that have a spacing, and the fetcher,
 * where a server says 429 or 503.  Nothing here waits.
 */
#ifndef DATASENS_NET_HOST_H
#define DATASENS_NET_HOST_H

#include "postgres.h"

#include "base/arena.h"

/*
 * A host as the table knows it: its name and port, whatever the scheme, hashed.
 * Where two collide, one waits for the other.
 */
typedef uint64 HostKey;

/* The key of an origin as url_origin gives it. */
extern HostKey host_key(Text origin);

/* Asks for the shared memory.  Called from _PG_init while preloading. */
extern void host_install(void);

/*
 * Whether a spaced request may start now.  0: yes, and it counts as started, so that the
 * next one has to wait for spacing microseconds; else the microseconds to wait before asking
 * again.  alone: no other starts before this one ends, which host_leave tells, and the spacing
 * counts from there; a process that ends without telling is waited for as long as a request
 * may take (datasens.request_timeout).
 */
extern int64 host_enter(HostKey host, int64 spacing, bool alone, int64 now);
extern void	 host_leave(HostKey host, int64 spacing, int64 now);

/* The host wants to be left alone for that long; how much of that is left, 0: nothing. */
extern void	 host_hold(HostKey host, int64 duration);
extern int64 host_held(HostKey host, int64 now);

#endif
