/*
 * backup_files.c
 *	  The files that backups are: their names, their directory, their removal.
 */
#include "postgres.h"

#include "base/settings.h"
#include "operate/backup_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "storage/fd.h"
#include "utils/timestamp.h"

#define SUFFIX ".dump"
#define PARTIAL ".partial"

/* 20261125T023000Z */
#define STAMP_FORM "00000000T000000Z"

/* The directory's path; a relative one is meant in the data directory, as log_directory is. */
static char *
directory_path(void)
{
	char *path = is_absolute_path(setting_backup_directory)
					 ? pstrdup(setting_backup_directory)
					 : psprintf("%s/%s", DataDir, setting_backup_directory);

	canonicalize_path(path);
	return path;
}

/* The database's name as a file's: what is not plain becomes '_'. */
static char *
prefix(const Backup *backup)
{
	char *name = pstrdup(backup->database);

	for (char *c = name; *c != '\0'; c++)
	{
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
			  *c == '-' || *c == '_'))
			*c = '_';
	}
	return name;
}

/*
 * Whether the name is one of this database's: PREFIX_STAMP.dump and, for those of
 * the same second, a digit in between.
 */
static bool
is_ours(const Backup *backup, const char *name, const char *suffix)
{
	const char *start = prefix(backup);
	size_t		length = strlen(start);

	if (strncmp(name, start, length) != 0 || name[length] != '_')
		return false;
	name += length + 1;
	for (const char *form = STAMP_FORM; *form != '\0'; form++, name++)
	{
		if (*form == '0' ? *name < '0' || *name > '9' : *name != *form)
			return false;
	}
	if (*name >= 'a' && *name <= 'z')
		name++;
	return strcmp(name, suffix) == 0;
}

void
backup_name(Backup *backup)
{
	char		 *directory = directory_path();
	pg_time_t	  seconds = timestamptz_to_time_t(backup->started);
	struct pg_tm *utc = pg_gmtime(&seconds);
	char *stem = psprintf("%s_%04d%02d%02dT%02d%02d%02dZ", prefix(backup), utc->tm_year + 1900,
						  utc->tm_mon + 1, utc->tm_mday, utc->tm_hour, utc->tm_min, utc->tm_sec);
	char  letter[2] = "";

	do
	{
		backup->file = psprintf("%s%s" SUFFIX, stem, letter);
		backup->path = psprintf("%s/%s", directory, backup->file);
		letter[0] = letter[0] == '\0' ? 'a' : letter[0] + 1;
	} while (letter[0] <= 'z' && access(backup->path, F_OK) == 0);
	backup->partial = psprintf("%s" PARTIAL, backup->path);
}

/* Removes what a crash has left: whoever has the lock is the only one who writes. */
static void
sweep(const Backup *backup, const char *directory, DIR *dir)
{
	struct dirent *entry;

	while ((entry = ReadDirExtended(dir, directory, LOG)) != NULL)
	{
		if (is_ours(backup, entry->d_name, SUFFIX PARTIAL))
			(void) unlink(psprintf("%s/%s", directory, entry->d_name));
	}
}

char *
backup_prepare_directory(const Backup *backup)
{
	char *directory = directory_path();
	DIR	 *dir;

	if (MakePGDirectory(directory) != 0 && errno != EEXIST)
		return psprintf("could not create directory \"%s\": %s", directory, strerror(errno));
	dir = AllocateDir(directory);
	if (dir == NULL)
		return psprintf("could not open directory \"%s\": %s", directory, strerror(errno));
	sweep(backup, directory, dir);
	FreeDir(dir);
	if (access(directory, W_OK | X_OK) != 0)
		return psprintf("could not write to directory \"%s\": %s", directory, strerror(errno));
	return NULL;
}

bool
backup_is_there(const Backup *backup, const char *file, int64 size)
{
	struct stat status;

	return is_ours(backup, file, SUFFIX) &&
		   lstat(psprintf("%s/%s", directory_path(), file), &status) == 0 &&
		   S_ISREG(status.st_mode) && status.st_size == size;
}

bool
backup_remove(const Backup *backup, const char *file)
{
	char *path = psprintf("%s/%s", directory_path(), file);

	if (!is_ours(backup, file, SUFFIX))
		return false;
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	ereport(LOG,
			(errcode_for_file_access(), errmsg("could not remove old backup \"%s\": %m", path)));
	return false;
}
