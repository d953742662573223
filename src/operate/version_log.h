/*
 * version_log.h
 *	  The journal as markdown, in the form of the users' README_VERSIONNING.md:
 *
 *		- **YYYY-MM-DD HH:MM:SS UTC** | `ACTION` | details
 *
 * Who calls it: datasens_version_log() (api/journal.c).
 */
#ifndef DATASENS_OPERATE_VERSION_LOG_H
#define DATASENS_OPERATE_VERSION_LOG_H

#include "postgres.h"

/* The whole journal, oldest line first, palloc'd in context.  Inside an owner's scope. */
extern char *version_log_text(MemoryContext context);

/*
 * Appends to a file of the server (made where it is not there) those lines of the
 * journal that it lacks, and returns how many.  What a file lacks is told by the
 * lines at its end: none is written that is among those of its last day, and none
 * that is older.  Inside an owner's scope; the caller has checked that its user
 * may write files.  ereports with the path where the system refuses.
 *
 * Locks: one transaction at a time, until it ends, by an advisory lock on the journal.
 */
extern int64 version_log_append(const char *path);

#endif
