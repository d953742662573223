/*
 * archive.h
 *	  The task "archivage": brings to datasens.archive_url what is to be there.
 *
 * It runs when a backup (the table sauvegarde) or what runs received (operate/payload.h) is
 * to be archived.  An attempt is counted, and the next one set, before it is made: so a crash
 * costs a repetition, and what takes the process down is not tried for ever.  Only one process
 * of a database archives at a time (an advisory lock); what it finds half-done there was
 * left by a crash, and is taken back first.
 *
 * Who calls it: the operator, by the table of task.c; functions that have no operator beside
 * them, by archive_backup_now.
 */
#ifndef DATASENS_OPERATE_ARCHIVE_H
#define DATASENS_OPERATE_ARCHIVE_H

#include "postgres.h"

#include "operate/backup.h"
#include "operate/depot.h"
#include "operate/task.h"

extern const Task task_archive;

/*
 * When something is to be archived, or removed there; DT_NOEND: nothing.  Inside an owner's
 * scope; takes no lock, unlike the task's own look.
 */
extern TimestampTz archive_waits_until(void);

/*
 * Archives a backup that was recorded in this transaction, by hand; NULL, or why it could
 * not be, which is written down: the task tries again.  Waits for the task where it is at
 * work.  Outside of an owner's scope.
 */
extern char *archive_backup_now(const Backup *backup);

/*
 * Removes backups from the archive that are too old, whether there is anything to archive
 * or not: part of the task menage.  What stands in the way is told in the log, and tried
 * again the next time.  Outside of any transaction.
 */
extern void archive_remove_old(void);

/* ---- backup_archive.c; inside an owner's scope, but for the last three ---- */

/* A backup that is to be archived. */
typedef struct BackupItem
{
	int64 id;
	char *file;
	int64 size;
	char *digits;
	int	  attempts; /* with this one */
	bool  last;		/* there is no other after it */
} BackupItem;

/* When the next one is due; DT_NOEND: none. */
extern TimestampTz backup_archive_due(void);

/* Takes one that is due, its attempt written down, in the current context; false: there is none. */
extern bool backup_archive_take(MemoryContext context, BackupItem *item);

/* Writes down what became of it: error NULL for a success. */
extern void backup_archive_record(const BackupItem *item, const char *error);

/* Brings it there. */
extern char *backup_archive_put(Depot *depot, const BackupItem *item);

/* Whether one is there that is too old, beside the newest; in a transaction of its own. */
extern bool backup_archive_has_old(void);

/* Removes what is there and too old, never the last good one; in transactions of its own. */
extern char *backup_archive_remove_old(Depot *depot);

#endif
