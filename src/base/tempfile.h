/*
 * tempfile.h
 *	  A temporary file of the server's that plain C can use.
 *
 * It lies where the server's own temporary files do, is counted among them when
 * it is closed (pg_stat_database, log_temp_files), has no name that matters, and
 * goes with its owner: on close, at the end of the process, or at the next start
 * of a server that crashed.  The server may close its own descriptors behind our
 * back, so the one here is a duplicate, counted among the external ones.
 *
 * Who calls it: net/ for what is downloaded, run/ for spools and archives.
 */
#ifndef DATASENS_BASE_TEMPFILE_H
#define DATASENS_BASE_TEMPFILE_H

#include "postgres.h"

#include "storage/fd.h"

typedef struct TempFile
{
	File file;
	int	 descriptor; /* open for reading and writing */
} TempFile;

#define TEMPFILE_NONE ((TempFile){-1, -1})

/* Opens one; ereports where the system or a limit of the server refuses. */
extern TempFile tempfile_open(void);

/*
 * Opens an existing file of the server's for reading, in the same struct: tempfile_close closes
 * it, and it stays where it is. TEMPFILE_NONE with errno set where it cannot be opened; EINVAL: it
 * is no regular file.
 */
extern TempFile tempfile_borrow(const char *path);

/* Closes and removes it (a borrowed one is only closed); nothing for TEMPFILE_NONE. */
extern void tempfile_close(TempFile *file);

/* The most bytes that may be written into one: limit, or less where temp_file_limit says so. */
extern int64 tempfile_limit(int64 limit);

#endif
