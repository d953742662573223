/*
 * depot_folder.h
 *	  A depot that is a directory of the server, as one that is mounted from elsewhere.
 *	  Called by depot.c, whose functions these are; directory is its path.
 *
 * A file is written as NAME.partial, synced, read again for its SHA-256, and renamed.
 */
#ifndef DATASENS_OPERATE_DEPOT_FOLDER_H
#define DATASENS_OPERATE_DEPOT_FOLDER_H

#include "operate/depot.h"

extern char *folder_put(const char *directory, const char *name, int file, int64 size,
						const char *digits, void (*tick)(void *argument, int64 moved),
						void	   *argument);
extern char *folder_check(const char *directory, const char *name, int64 size, bool *there);
extern char *folder_get(const char *directory, const char *name, int file, int64 max, int64 *size);
extern char *folder_remove(const char *directory, const char *name);

/* Removes the files below the prefix, which ends with a '/', that were begun and not ended. */
extern char *folder_clear(const char *directory, const char *prefix);

#endif
