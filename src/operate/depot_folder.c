/*
 * depot_folder.c
 *	  A depot that is a directory of the server: see depot_folder.h for the order in which files
 *	  are written, synced, verified and renamed.
 */
#include "postgres.h"

#include "base/file_write.h"
#include "base/hasher.h"
#include "operate/depot_folder.h"
#include "operate/kept_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file_perm.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/fd.h"

#define PARTIAL "partiels"
#define CHUNK (256 * 1024)

/* A file that was put and is not yet where it belongs. */
typedef struct Placing
{
	char *partial; /* paths */
	char *path;
	int64 size;
	char *digits;
} Placing;

struct Folder
{
	MemoryContextCallback on_reset;
	MemoryContext		  context;
	char				 *directory;
	char				 *made; /* where the last file was put: the next ones often are, too */
	List				 *placings;
};

static char *
path_of(const Folder *folder, const char *name)
{
	return psprintf("%s/%s", folder->directory, name);
}

/* Removes the files that were begun; also the reset callback of the folder's memory. */
static void
abandon(void *folder)
{
	ListCell *cell;

	foreach (cell, ((Folder *) folder)->placings)
		(void) unlink(((Placing *) lfirst(cell))->partial);
	((Folder *) folder)->placings = NIL;
}

Folder *
folder_open(MemoryContext context, const char *directory)
{
	Folder *folder = MemoryContextAllocZero(context, sizeof(Folder));

	folder->on_reset.func = abandon;
	folder->on_reset.arg = folder;
	MemoryContextRegisterResetCallback(context, &folder->on_reset);
	folder->context = context;
	folder->directory = MemoryContextStrdup(context, directory);
	return folder;
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

/*
 * Copies from the start of one file to the start of the other, at most max bytes. Returns NULL, or
 * what went wrong.
 */
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
			return file_trouble("read", task->path);
		if (task->size + n > task->max)
			return psprintf("\"%s\" is larger than %lld bytes", task->path, (long long) task->max);
		if (!file_write(task->to, chunk, (size_t) n, task->size))
			return file_trouble("write", task->path);
		task->size += n;
		if (task->tick)
			task->tick(task->argument, task->size);
	}
	pfree(chunk);
	return NULL;
}

/*
 * Reads the written file again and compares it with what it should be. Returns what is wrong, or
 * NULL.
 */
static char *
verify(int file, const Placing *placing)
{
	char  found[HASHER_DIGITS + 1];
	int64 size;

	if (!hasher_file(file, &size, found))
		return file_trouble("read", placing->partial);
	if (size == placing->size && strcmp(found, placing->digits) == 0)
		return NULL;
	return psprintf("\"%s\" is not what was written: %lld bytes for %lld, SHA-256 %s for %s",
					placing->partial, (long long) size, (long long) placing->size, found,
					placing->digits);
}

/* ---- putting ---- */

/* Makes the directories that the path leads through. */
static char *
make_parents(const char *path)
{
	char *parent = pstrdup(path);

	*strrchr(parent, '/') = '\0';
	if (pg_mkdir_p(parent, pg_dir_create_mode) != 0)
		return file_trouble("create directory", parent);
	pfree(parent);
	return NULL;
}

/* The same for both paths of a file; once for neighbours. */
static char *
make_place(Folder *folder, const Placing *placing)
{
	size_t length = strrchr(placing->path, '/') - placing->path;
	char  *error;

	if (folder->made && strlen(folder->made) == length &&
		strncmp(folder->made, placing->path, length) == 0)
		return NULL;
	error = make_parents(placing->partial);
	if (error == NULL)
		error = make_parents(placing->path);
	if (error == NULL)
		folder->made = MemoryContextStrdup(folder->context, pnstrdup(placing->path, (Size) length));
	return error;
}

/*
 * "DATABASE-SYSTEMID/partiels/FILE". It need not be unique beyond the file's name: only one
 * process archives at a time, and no file's name is used twice.
 */
static char *
partial_of(const Folder *folder, const char *name)
{
	return psprintf("%s/%.*s/" PARTIAL "%s", folder->directory, (int) strcspn(name, "/"), name,
					strrchr(name, '/'));
}

static Placing *
add_placing(Folder *folder, const char *name, int64 size, const char *digits)
{
	MemoryContext previous = MemoryContextSwitchTo(folder->context);
	Placing		 *placing = palloc(sizeof(Placing));

	placing->partial = partial_of(folder, name);
	placing->path = path_of(folder, name);
	placing->size = size;
	placing->digits = pstrdup(digits);
	folder->placings = lappend(folder->placings, placing);
	MemoryContextSwitchTo(previous);
	return placing;
}

/* Writes the file, and has the system begin to write it to disk. */
static char *
fill(const Placing *placing, Copy *task)
{
	char *error;

	task->to = OpenTransientFilePerm(placing->partial, O_RDWR | O_CREAT | O_TRUNC | PG_BINARY,
									 pg_file_create_mode);
	if (task->to < 0)
		return file_trouble("create", placing->partial);
	error = copy(task);
	if (error == NULL)
		error = verify(task->to, placing);
	pg_flush_data(task->to, 0, 0);
	if (CloseTransientFile(task->to) != 0 && error == NULL)
		error = file_trouble("close", placing->partial);
	return error;
}

char *
folder_put(Folder *folder, const char *name, int file, int64 size, const char *digits,
		   void (*tick)(void *argument, int64 moved), void *argument)
{
	Placing *placing = add_placing(folder, name, size, digits);
	Copy	 task = {
			.from = file, .max = size, .tick = tick, .argument = argument, .path = placing->partial};
	char *error = make_place(folder, placing);

	if (error == NULL)
		error = fill(placing, &task);
	if (error)
	{
		(void) unlink(placing->partial);
		folder->placings = list_delete_ptr(folder->placings, placing);
	}
	return error;
}

/* ---- settling ---- */

/* Waits until the file is on the disk, and reads it again. */
static char *
sync_placing(const Placing *placing)
{
	int	  file = OpenTransientFile(placing->partial, O_RDWR | PG_BINARY);
	char *error;

	if (file < 0)
		return file_trouble("open", placing->partial);
	error = pg_fsync(file) != 0 ? file_trouble("sync", placing->partial) : verify(file, placing);
	CloseTransientFile(file);
	return error;
}

static int
compare_paths(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

/*
 * The directories that the files are in, up to the depot's own; sorted, and some of them several
 * times.
 */
static List *
directories_of(const Folder *folder)
{
	size_t	  length = strlen(folder->directory);
	List	 *directories = NIL;
	ListCell *cell;

	foreach (cell, folder->placings)
	{
		char *path = pstrdup(((Placing *) lfirst(cell))->path);
		char *slash;

		while ((slash = strrchr(path, '/')) != NULL && slash >= path + length)
		{
			*slash = '\0';
			directories = lappend(directories, pstrdup(path));
		}
		pfree(path);
	}
	list_sort(directories, compare_paths);
	return directories;
}

/* Waits until the names are on the disk. */
static char *
sync_names(const Folder *folder)
{
	List	   *directories = directories_of(folder);
	const char *last = "";
	ListCell   *cell;

	foreach (cell, directories)
	{
		const char *path = lfirst(cell);

		if (strcmp(path, last) != 0 && fsync_fname_ext(path, true, false, DEBUG1) != 0)
			return file_trouble("sync directory", path);
		last = path;
	}
	return NULL;
}

/*
 * Does each step for all files before the next step: a sync by itself has the file system write
 * its journal, and one takes along what the others have begun.
 */
char *
folder_settle(Folder *folder)
{
	char	 *error = NULL;
	ListCell *cell;

	foreach (cell, folder->placings)
	{
		if (error == NULL)
			error = sync_placing(lfirst(cell));
	}
	foreach (cell, folder->placings)
	{
		const Placing *placing = lfirst(cell);

		if (error == NULL && rename(placing->partial, placing->path) != 0)
			error = file_trouble("rename", placing->partial);
	}
	if (error == NULL)
		error = sync_names(folder);
	abandon(folder);
	return error;
}

/* ---- reading and removing ---- */

char *
folder_check(const Folder *folder, const char *name, int64 size, bool *there)
{
	char	   *path = path_of(folder, name);
	struct stat status;

	*there = lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == size;
	if (!*there && errno != ENOENT && access(folder->directory, R_OK | X_OK) != 0)
		return file_trouble("look at", path);
	return NULL;
}

char *
folder_get(const Folder *folder, const char *name, int file, int64 max, int64 *size)
{
	char *path = path_of(folder, name);
	int	  from = OpenTransientFile(path, O_RDONLY | O_NOFOLLOW | PG_BINARY);
	Copy  task = {.from = from, .to = file, .max = max, .path = path};
	char *error;

	if (from < 0)
		return file_trouble("open", path);
	error = copy(&task);
	CloseTransientFile(from);
	*size = task.size;
	return error;
}

/* Removes the directories of the path that have become empty, but not the database's own. */
static void
prune(const Folder *folder, char *path)
{
	char *own = path + strlen(folder->directory) + 1;

	for (char *slash; (slash = strrchr(own, '/')) != NULL && slash != strchr(own, '/');)
	{
		*slash = '\0';
		if (rmdir(path) != 0)
			return;
	}
}

char *
folder_remove(Folder *folder, const char *name)
{
	char *path = path_of(folder, name);

	if (unlink(path) != 0 && errno != ENOENT)
		return file_trouble("remove", path);
	prune(folder, path);
	folder->made = NULL;
	return NULL;
}

char *
folder_clear(const Folder *folder, const char *own)
{
	char		  *path = path_of(folder, psprintf("%s" PARTIAL, own));
	DIR			  *directory = AllocateDir(path);
	struct dirent *entry;
	char		  *error = NULL;

	if (directory == NULL)
		return errno == ENOENT ? NULL : file_trouble("open directory", path);
	while (error == NULL && (entry = ReadDirExtended(directory, path, LOG)) != NULL)
	{
		char *file = psprintf("%s/%s", path, entry->d_name);

		if (entry->d_name[0] != '.' && unlink(file) != 0 && errno != ENOENT)
			error = file_trouble("remove", file);
		pfree(file);
	}
	FreeDir(directory);
	return error;
}
