/*
 * file_write.c
 *	  Bytes into a file, all of them.
 */
#include "base/file_write.h"

#include <errno.h>
#include <unistd.h>

bool
file_write(int file, const void *data, size_t size, int64_t offset)
{
	const char *rest = data;

	while (size > 0)
	{
		ssize_t n = pwrite(file, rest, size, (off_t) offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
		{
			errno = n == 0 ? ENOSPC : errno;
			return false;
		}
		rest += n;
		size -= (size_t) n;
		offset += n;
	}
	return true;
}
