/*
 * backup_files.c
 *	  The files that backups are: their names, their directory, their removal.
 */
#include "postgres.h"

#include "base/settings.h"
#include "operate/backup_files.h"
#include "operate/kept_files.h"

#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".dump"

void
backup_name(Backup *backup)
{
	char *directory = kept_directory(setting_backup_directory);

	backup->file = kept_name(directory, backup->database, backup->started, SUFFIX);
	backup->path = psprintf("%s/%s", directory, backup->file);
	backup->partial = psprintf("%s" KEPT_PARTIAL, backup->path);
}

/*
 * Only who has the lock (backup_begin) calls it, and so no file that is removed here is still
 * being written.
 */
char *
backup_prepare_directory(const Backup *backup)
{
	return kept_prepare(kept_directory(setting_backup_directory), backup->database, SUFFIX);
}

char *
backup_path(const char *database, const char *file)
{
	if (!kept_is_ours(file, database, SUFFIX))
		return NULL;
	return psprintf("%s/%s", kept_directory(setting_backup_directory), file);
}

bool
backup_is_there(const Backup *backup, const char *file, int64 size)
{
	struct stat status;

	return kept_is_ours(file, backup->database, SUFFIX) &&
		   lstat(psprintf("%s/%s", kept_directory(setting_backup_directory), file), &status) == 0 &&
		   S_ISREG(status.st_mode) && status.st_size == size;
}

bool
backup_remove(const Backup *backup, const char *file)
{
	char *path = psprintf("%s/%s", kept_directory(setting_backup_directory), file);

	if (!kept_is_ours(file, backup->database, SUFFIX))
		return false;
	if (unlink(path) == 0 || errno == ENOENT)
		return true;
	ereport(LOG,
			(errcode_for_file_access(), errmsg("could not remove old backup \"%s\": %m", path)));
	return false;
}
