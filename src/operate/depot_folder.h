/*
 * depot_folder.h
 *	  A depot that is a directory of the server, as one that is mounted from elsewhere.
 *	  Called by depot.c, whose functions these are.
 *
 * A file is first written into DATABASE-SYSTEMID/partiels, whatever its name.  To settle
 * means to sync what was put, to read it again for its SHA-256, and to give it its name;
 * for many at once, as a sync by itself makes the file system write its journal.  What a
 * crash leaves is in that one directory: so no run walks through an archive of a million
 * files.  Directories that become empty go with their last file.
 */
#ifndef DATASENS_OPERATE_DEPOT_FOLDER_H
#define DATASENS_OPERATE_DEPOT_FOLDER_H

#include "postgres.h"

typedef struct Folder Folder;

/* It goes with the context, and with it what was put and not settled. */
extern Folder *folder_open(MemoryContext context, const char *directory);

extern char *folder_put(Folder *folder, const char *name, int file, int64 size, const char *digits,
						void (*tick)(void *argument, int64 moved), void *argument);
extern char *folder_settle(Folder *folder);
extern char *folder_check(const Folder *folder, const char *name, int64 size, bool *there);
extern char *folder_get(const Folder *folder, const char *name, int file, int64 max, int64 *size);
extern char *folder_remove(Folder *folder, const char *name);

/* own: "DATABASE-SYSTEMID/". */
extern char *folder_clear(const Folder *folder, const char *own);

#endif
