/*
 * depot_folder.c
 *	  A depot that is a directory of the server.
 */
#include "postgres.h"

#include "base/file_write.h"
#include "base/hasher.h"
#include "operate/depot_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "miscadmin.h"
#include "storage/fd.h"
#include "storage/ipc.h"

#define PARTIAL ".partial"
#define CHUNK (256 * 1024)

/* Directories in directories: there are three levels of ours. */
#define MAX_DEPTH 8

static char *
path_of(const char *directory, const char *name)
{
	return psprintf("%s/%s", directory, name);
}

static char *
trouble(const char *verb, const char *path)
{
	return psprintf("could not %s \"%s\": %s", verb, path, strerror(errno));
}

/* ---- copying ---- */

typedef struct Copy
{
	int	  from;
	int	  to;
	int64 max;
	int64 size;
	void (*tick)(void *argument, int64 moved);
	void	   *argument;
	const char *path; /* that is not ours: for messages */
} Copy;

/* From the start of one file to the start of the other. */
static char *
copy(Copy *task)
{
	char   *chunk = palloc(CHUNK);
	ssize_t n;

	while ((n = pread(task->from, chunk, CHUNK, (off_t) task->size)) != 0)
	{
		CHECK_FOR_INTERRUPTS();
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return trouble("read", task->path);
		if (task->size + n > task->max)
			return psprintf("\"%s\" is larger than %lld bytes", task->path, (long long) task->max);
		if (!file_write(task->to, chunk, (size_t) n, task->size))
			return trouble("write", task->path);
		task->size += n;
		if (task->tick)
			task->tick(task->argument, task->size);
	}
	pfree(chunk);
	return NULL;
}

/* ---- putting ---- */

/* Reads again what was written. */
static char *
verify(int file, const char *path, int64 size, const char *digits)
{
	char  found[HASHER_DIGITS + 1];
	int64 found_size;

	if (!hasher_file(file, &found_size, found))
		return trouble("read", path);
	if (found_size != size || strcmp(found, digits) != 0)
		return psprintf("\"%s\" is not what was written: %lld bytes for %lld, SHA-256 %s for %s",
						path, (long long) found_size, (long long) size, found, digits);
	return NULL;
}

static char *
fill(int to, Copy *task, const char *digits, int64 size)
{
	char *error = copy(task);

	if (error == NULL && pg_fsync(to) != 0)
		error = trouble("sync", task->path);
	return error ? error : verify(to, task->path, size, digits);
}

/* In PG_ENSURE_ERROR_CLEANUP, and after a failure. */
static void
clean_up(int code, Datum path)
{
	(void) unlink((const char *) DatumGetPointer(path));
}

/* Makes the directories that the path is in. */
static char *
make_parents(const char *path)
{
	char *parent = pstrdup(path);

	*strrchr(parent, '/') = '\0';
	if (pg_mkdir_p(parent, pg_dir_create_mode) != 0)
		return trouble("create directory", parent);
	return NULL;
}

char *
folder_put(const char *directory, const char *name, int file, int64 size, const char *digits,
		   void (*tick)(void *argument, int64 moved), void *argument)
{
	char *path = path_of(directory, name);
	char *partial = psprintf("%s" PARTIAL, path);
	Copy  task = {.from = file, .max = size, .tick = tick, .argument = argument, .path = partial};
	char *volatile error = make_parents(path);

	if (error)
		return error;
	PG_ENSURE_ERROR_CLEANUP(clean_up, PointerGetDatum(partial));
	{
		task.to = OpenTransientFilePerm(partial, O_RDWR | O_CREAT | O_TRUNC | PG_BINARY,
										pg_file_create_mode);
		if (task.to < 0)
			error = trouble("create", partial);
		else
			error = fill(task.to, &task, digits, size);
		if (task.to >= 0 && CloseTransientFile(task.to) != 0 && error == NULL)
			error = trouble("close", partial);
		if (error == NULL && durable_rename(partial, path, LOG) != 0)
			error = trouble("rename", partial);
	}
	PG_END_ENSURE_ERROR_CLEANUP(clean_up, PointerGetDatum(partial));
	if (error)
		(void) unlink(partial);
	return error;
}

/* ---- reading and removing ---- */

char *
folder_check(const char *directory, const char *name, int64 size, bool *there)
{
	char	   *path = path_of(directory, name);
	struct stat status;

	*there = lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == size;
	if (!*there && errno != ENOENT && access(directory, R_OK | X_OK) != 0)
		return trouble("look at", path);
	return NULL;
}

char *
folder_get(const char *directory, const char *name, int file, int64 max, int64 *size)
{
	char *path = path_of(directory, name);
	int	  from = OpenTransientFile(path, O_RDONLY | O_NOFOLLOW | PG_BINARY);
	Copy  task = {.from = from, .to = file, .max = max, .path = path};
	char *error;

	if (from < 0)
		return trouble("open", path);
	error = copy(&task);
	CloseTransientFile(from);
	*size = task.size;
	return error;
}

char *
folder_remove(const char *directory, const char *name)
{
	char *path = path_of(directory, name);

	if (unlink(path) == 0 || errno == ENOENT)
		return NULL;
	return trouble("remove", path);
}

/* ---- what was begun and not ended ---- */

static bool
is_partial(const char *name)
{
	size_t length = strlen(name);

	return length > strlen(PARTIAL) && strcmp(name + length - strlen(PARTIAL), PARTIAL) == 0;
}

/* Clears what is below the name, which ends with a '/'.  A directory that is not there is empty. */
static char *
clear_below(const char *directory, const char *name, int depth)
{
	char		  *path = path_of(directory, name);
	DIR			  *dir = AllocateDir(path);
	char		  *error = NULL;
	struct dirent *entry;

	if (dir == NULL)
		return errno == ENOENT ? NULL : trouble("open directory", path);
	while (error == NULL && (entry = ReadDirExtended(dir, path, LOG)) != NULL)
	{
		char	   *entry_name = psprintf("%s%s", name, entry->d_name);
		struct stat status;

		CHECK_FOR_INTERRUPTS();
		if (entry->d_name[0] != '.' && lstat(path_of(directory, entry_name), &status) == 0)
		{
			if (S_ISDIR(status.st_mode) && depth < MAX_DEPTH)
				error = clear_below(directory, psprintf("%s/", entry_name), depth + 1);
			else if (S_ISREG(status.st_mode) && is_partial(entry_name))
				error = folder_remove(directory, entry_name);
		}
		pfree(entry_name);
	}
	FreeDir(dir);
	return error;
}

char *
folder_clear(const char *directory, const char *prefix)
{
	return clear_below(directory, prefix, 0);
}
