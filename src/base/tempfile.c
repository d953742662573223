/*
 * tempfile.c
 *	  A temporary file of the server's that plain C can use.
 */
#include "base/tempfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "utils/guc.h"

TempFile
tempfile_open(void)
{
	volatile TempFile result = {-1, -1};

	if (!AcquireExternalFD())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES), errmsg("out of file descriptors"),
				 errhint("Increase max_files_per_process, or lower datasens.max_connections.")));
	PG_TRY();
	{
		result.file = OpenTemporaryFile(true);
		result.descriptor = dup(FileGetRawDesc(result.file));
		if (result.descriptor < 0)
			ereport(ERROR, (errcode_for_file_access(),
							errmsg("could not duplicate the descriptor of a temporary file: %m")));
	}
	PG_CATCH();
	{
		if (result.file >= 0)
			FileClose(result.file);
		ReleaseExternalFD();
		PG_RE_THROW();
	}
	PG_END_TRY();
	return (TempFile){result.file, result.descriptor};
}

TempFile
tempfile_borrow(const char *path)
{
	TempFile	result = TEMPFILE_NONE;
	struct stat status;
	int			saved_errno;

	if (!AcquireExternalFD())
		return result; /* EMFILE */
	/* not to be held up by a named pipe, which is refused below */
	result.descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (result.descriptor >= 0 && fstat(result.descriptor, &status) == 0)
	{
		if (S_ISREG(status.st_mode))
			return result;
		errno = EINVAL;
	}
	saved_errno = errno;
	if (result.descriptor >= 0)
		close(result.descriptor);
	ReleaseExternalFD();
	errno = saved_errno;
	return TEMPFILE_NONE;
}

void
tempfile_close(TempFile *file)
{
	if (file->descriptor < 0)
		return;
	close(file->descriptor);
	ReleaseExternalFD();
	if (file->file >= 0)
		FileClose(file->file);
	*file = TEMPFILE_NONE;
}

int64
tempfile_limit(int64 limit)
{
	int64 allowed = (int64) temp_file_limit * 1024;

	return temp_file_limit >= 0 && allowed < limit ? allowed : limit;
}
