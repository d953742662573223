/*
 * backup_files.h
 *	  The files that backups are: their names, their directory, their removal.
 *
 * The table sauvegarde belongs to the database's owner, the directory to the
 * administrator: a name out of the table is therefore never followed, but for one
 * that is, to the letter, of the form that this database's backups have.
 *
 * Who calls it: backup.c, backup_record.c and backup_archive.c.
 */
#ifndef DATASENS_OPERATE_BACKUP_FILES_H
#define DATASENS_OPERATE_BACKUP_FILES_H

#include "postgres.h"

#include "operate/backup.h"

/* Sets file, partial and path: DATABASE_YYYYMMDDTHHMMSSZ.dump, not yet taken. */
extern void backup_name(Backup *backup);

/*
 * Makes the directory where it is not there and removes what a crash has left of
 * this database's backups.  What is wrong with it (palloc'd), or NULL.
 */
extern char *backup_prepare_directory(const Backup *backup);

/* Whether this database's backup of that name is there, of that size. */
extern bool backup_is_there(const Backup *backup, const char *file, int64 size);

/* The path of this database's backup of that name; NULL where the name is none of ours. */
extern char *backup_path(const char *database, const char *file);

/* Removes it; false with a line in the log where that cannot be. */
extern bool backup_remove(const Backup *backup, const char *file);

#endif
