/*
 * backup.h
 *	  Backups of the database, by pg_dump or a command of the administrator's.
 *
 * A backup is written as NAME.partial, verified (pg_restore --list reads what pg_dump wrote; no
 * file is empty), measured (size, SHA-256), synced and renamed: a file of the final name is whole.
 * It runs beside the collecting; pg_dump reads in a snapshot and locks nobody out.
 *
 * The parts go together as
 *
 *		in a transaction	backup_begin	names, the lock
 *		outside of one		backup_make		minutes; may be cancelled
 *		in a transaction	backup_record	the row, the journal, old ones removed
 *		outside of one		backup_end		the lock
 *
 * where the function that does it by hand has one transaction for all.  What is archived
 * (datasens.archive_url) is so afterwards: operate/archive.h.
 *
 * Who calls it: the task, and datasens_backup() (api/operate.c).
 */
#ifndef DATASENS_OPERATE_BACKUP_H
#define DATASENS_OPERATE_BACKUP_H

#include "postgres.h"

#include "base/hasher.h"

#include "datatype/timestamp.h"
#include "operate/task.h"

/* Strings are palloc'd where backup_begin was called; NULL for none. */
typedef struct Backup
{
	const char *trigger; /* planifie, manuel */
	const char *note;
	bool		session; /* the lock outlives the transaction */
	Oid			lock;	 /* the table it is on */
	char	   *database;
	char	   *user;
	TimestampTz started;
	TimestampTz ended;
	char	   *file; /* its name */
	char	   *partial;
	char	   *path;
	bool		kept; /* it is at path; a command may have put it elsewhere */
	int64		size;
	char		digits[HASHER_DIGITS + 1]; /* of its SHA-256 */
	char	   *error;					   /* NULL: it is good */
	int64		id;						   /* of its row, after backup_record */
} Backup;

/*
 * Begins one.  ereports where datasens.backup_directory is not set.  The lock
 * keeps others from it: with session true it is there at once or an error, else
 * it is waited for and ends with the transaction.
 */
extern void backup_begin(Backup *backup, const char *trigger, const char *note, bool session);

/* Makes it, or sets error; ereports when it is cancelled, and then leaves nothing behind. */
extern void backup_make(Backup *backup);

/* Writes down what became of it, and removes backups that are too old.  Inside an owner's scope. */
extern void backup_record(Backup *backup);

extern void backup_end(Backup *backup);

/* Whether it is to be archived: there is a file, and a place for it. */
extern bool backup_is_for_archive(const Backup *backup);

/* The task "sauvegarde". */
extern const Task task_backup;

#endif
