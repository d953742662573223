/*
 * payload.h
 *	  What runs received, on its way to datasens.archive_url: the queue between the commit
 *	  of a run and its object in the depot.
 *
 * A run's archive (run/keep.h) is put into a file of the queue's, in datasens_archive/ of the
 * data directory, before the run is committed; its row of the table archive commits with the
 * run.  So the collecting waits for no depot.  The task archivage brings the file there, and
 * then flux.manifest_uri names the object: a flux never names what is not there.  What a
 * crash does: a file without a row is removed after a day; one that was brought there and
 * not written down is brought there again, under the same name.  No commit waits until the
 * file is on disk, which would halve the rate of feeds: a failure of the machine, not of the
 * server, may lose or damage those of the last seconds.  Their digests show it, and the
 * journal tells (ARCHIVE_PERDUE); what was read of them is stored.  A
 * depot that cannot be reached is tried again, later and later, and told by the task's
 * alert; meanwhile the queue grows up to datasens.archive_queue_size, and what runs
 * receive beyond that is not kept.
 *
 * A row may also name an object that is to be removed: of a flux that is gone or too old
 * (datasens.archive_retention), or that documents were forgotten of.
 *
 * Who calls it: run/commit.c, the task archivage (archive.c), retention.c, and api/replay.c, which
 * reads an archive again.
 */
#ifndef DATASENS_OPERATE_PAYLOAD_H
#define DATASENS_OPERATE_PAYLOAD_H

#include "postgres.h"

#include "base/hasher.h"
#include "base/tempfile.h"
#include "datatype/timestamp.h"
#include "operate/depot.h"

/* Where they are in the depot, below what is this database's. */
#define PAYLOAD_FOLDER "reponses/"

/* Whether there is a place for archives. */
extern bool payload_configured(void);

/* An archive in the queue. */
typedef struct Payload
{
	int64		id_flux; /* 0: none */
	char	   *name;	 /* in the depot, below what is this database's (depot_own); palloc'd */
	int64		size;
	char		digits[HASHER_DIGITS + 1]; /* of its SHA-256 */
	TimestampTz due;
} Payload;

/* ---- payload.c ---- */

/*
 * Writes the file of payload->id_flux, a flux of that source and time: the bytes, or
 * where file is no -1 its size bytes.  NULL, or what went wrong (palloc'd).
 */
extern char *payload_write(Payload *payload, const char *nom, TimestampTz at, Text bytes, int file,
						   int64 size);

/* Removes the file; nothing where there is none. */
extern void payload_discard(int64 id_flux);

/* The file's path (palloc'd). */
extern char *payload_path(int64 id_flux);

/* Removes files that no row needs: of rolled back transactions, of databases that are gone. */
extern void payload_clean(void);

/*
 * Inside an owner's scope: bytes that the queue has room for, and when what is added is
 * due: now, or while the depot fails with what waits for its next attempt.  Adds to it.
 */
extern int64 payload_room(TimestampTz *due);
extern void	 payload_insert(const Payload *payload);

/* Whether this process has added to the queue since it was asked last: the task is due then. */
extern bool payload_take_written(void);

/* ---- payload_work.c ---- */

/* When something of the queue is due, inside an owner's scope; DT_NOEND: nothing. */
extern TimestampTz payload_due(void);

/*
 * Works the queue off, a bounded part of it, in transactions of its own: what it does in the
 * depot no rollback would undo.  At the queue's end it clears its directory.  trouble: why
 * there is no depot, if that is NULL.  *spent: a depot that fails has done so for as often as
 * there are retries.  NULL, or what went wrong.
 */
extern char *payload_work(Depot *depot, const char *trouble, bool *spent);

/* Where an archive is. */
typedef struct PayloadPlace
{
	int64 id_flux; /* whose archive it is: of a replay that of the flux it replays */
	int32 id_source;
	char *name; /* in the depot; NULL: it is in the queue */
} PayloadPlace;

/* Inside an owner's scope: where that of a flux is; ereports where there is none. */
extern void payload_find(int64 id_flux, PayloadPlace *place);

/*
 * Outside of it: brings what was found into a file that the caller closes; *size of its
 * bytes.  ereports where it cannot be read, naming what is wrong.
 */
extern TempFile payload_fetch(const PayloadPlace *place, int64 *size);

/*
 * Inside an owner's scope: has the archives of a source's flux from that one on removed,
 * as what is in them is to be forgotten.
 */
extern void payload_forget(int32 id_source, int64 first_flux);

#endif
