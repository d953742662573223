/*
 * cache.h
 *	  What servers told us to remember: cache_http (per source and URL) and
 *	  hote (per host).
 *
 * All functions run inside an owner's scope.
 *
 * Who calls it: the collector and the functions that collect by hand load, run/commit.c stores.
 */
#ifndef DATASENS_STORE_CACHE_H
#define DATASENS_STORE_CACHE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

#include "source/source.h"
#include "store/fingerprint.h"

/* What the last successful response for a URL of a source was known by. */
typedef struct CacheEntry
{
	int32 id_source;
	char *url;
	char *etag; /* NULL: none; likewise below */
	char *last_modified;
	bool  has_hash;
	uint8 hash[FINGERPRINT_SIZE]; /* of the decoded body */
} CacheEntry;

/*
 * Sets cached of each of these sources (a List of Source *), in the source's memory, and
 * robots of those whose kind wants it: the files of the hosts of its URLs.
 */
extern void cache_load(List *sources);

extern void cache_store(const CacheEntry *entry);

/* Hosts that asked to be left alone for a while. */
typedef struct HostWait
{
	char	   *host; /* scheme://host:port, as url_origin gives it */
	TimestampTz until;
} HostWait;

/* Those whose time has not come (a List of HostWait *). */
extern List *host_load(MemoryContext context, TimestampTz now);

/*
 * What a transaction has to remember of hosts: that one wants to be left alone until then; their
 * robots.txt (a List of RobotsFile *), fetched now.  Added to *news as it comes, stored all at
 * once, in the order of the hosts: of two transactions that write the same rows the one waits for
 * the other, and never both.  What is added is not copied.
 */
extern void host_add_wait(List **news, const char *host, TimestampTz until);
extern void host_add_robots(List **news, List *files);
extern void host_store(List *news);

#endif
