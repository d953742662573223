/*
 * depot.h
 *	  Where things are archived: the bucket or the directory that datasens.archive_url
 *	  names.
 *
 * Who calls it: backup_archive.c and payload_work.c, outside of transactions unless it is
 * done by hand.  All that this database of this cluster archives is below
 * DATABASE-SYSTEMID/, so that several may share a depot and none removes what is another's.
 *
 * Names are relative to datasens.archive_url.  Each function returns NULL, or what went
 * wrong (palloc'd, without a secret in it).
 */
#ifndef DATASENS_OPERATE_DEPOT_H
#define DATASENS_OPERATE_DEPOT_H

#include "postgres.h"

typedef struct Depot Depot;

/* Whether datasens.archive_url is set. */
extern bool depot_configured(void);

/*
 * The depot of the setting, with the secrets that it needs; it goes with the context.
 * NULL with *error set where a secret is missing, or its file cannot be read.
 */
extern Depot *depot_open(MemoryContext context, char **error);

/* The database's name, also outside of a transaction (palloc'd). */
extern char *depot_database(void);

/* "DATABASE-SYSTEMID/": what the names of this database begin with (palloc'd). */
extern char *depot_own(void);

/* The URI of a name, as tables have it; the name in a URI, NULL where that is of another depot. */
extern char *depot_uri(const char *name);
extern char *depot_name(const char *uri);

/*
 * Whether a name is one that this database has given, in this cluster or the one it came
 * from; own: as depot_own() has it.
 */
extern bool depot_is_ours(const char *name, const char *own);

/* From now on shows transfers in datasens_progress, under that name; NULL: no longer. */
extern void depot_show(Depot *depot, const char *what);

/* Whether size and SHA-256 can be those of a file: rows of tables may say anything. */
extern bool depot_can_be(int64 size, const char *digits);

/*
 * Puts an open file there; digits: SHA-256 of its size bytes, as sha256sum prints it.  What
 * was there under the name is replaced.  That it is there for sure, and whole, is only said
 * by depot_settle, of all that was put since it was called last: so files are put many at a
 * time.  Where that fails all of them are to be put again.
 */
extern char *depot_put(Depot *depot, const char *name, int file, int64 size, const char *digits);
extern char *depot_settle(Depot *depot);

/* Whether it is there, and of that size. */
extern char *depot_check(Depot *depot, const char *name, int64 size, bool *there);

/* Writes it into an open file from its start, at most max bytes; *size of them. */
extern char *depot_get(Depot *depot, const char *name, int file, int64 max, int64 *size);

/* Removes it, if it is there. */
extern char *depot_remove(Depot *depot, const char *name);

/* Takes back what this database has begun to put there and not ended. */
extern char *depot_clear(Depot *depot);

#endif
