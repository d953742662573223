/*
 * kept_files.h
 *	  Files that are made again and again and kept for a while: backups, reports.
 *
 * A file is DATABASE_YYYYMMDDTHHMMSSZ and a suffix, with ".partial" behind it
 * until it is whole.  Only names of that form, of this database, are ever removed.
 *
 * Who calls it: backup_files.c and report_file.c; payload.c and depot.c for names.
 */
#ifndef DATASENS_OPERATE_KEPT_FILES_H
#define DATASENS_OPERATE_KEPT_FILES_H

#include "postgres.h"

#include "datatype/timestamp.h"

#define KEPT_PARTIAL ".partial"

/* "could not VERB "PATH": " and what errno says (palloc'd). */
extern char *file_trouble(const char *verb, const char *path);

/* The path that a setting means: a relative one is in the data directory, as log_directory is. */
extern char *kept_directory(const char *setting);

/* A name as a part of a file's: what is not plain becomes '_'. */
extern char *kept_stem(const char *name);

/*
 * A database's name likewise, but no other database's gives the same: the owner of one that
 * is called alike would have its files.  What was not plain has a '.' and a hash behind it.
 */
extern char *kept_database(const char *database);

/* The name of a file of that time that is not there yet. */
extern char *kept_name(const char *directory, const char *database, TimestampTz at,
					   const char *suffix);

/* Whether a name is one of this database's with that suffix. */
extern bool kept_is_ours(const char *name, const char *database, const char *suffix);

/*
 * Makes the directory where it is not there and removes what a crash has left.
 * What is wrong with it (palloc'd), or NULL.
 */
extern char *kept_prepare(const char *directory, const char *database, const char *suffix);

/* Removes files of this database that are older than the limit, by their names. */
extern void kept_remove_older(const char *directory, const char *database, const char *suffix,
							  TimestampTz limit);

#endif
