/*
 * full_disk.c
 *	  Disks that are full, for tests that may not mount any.
 *
 * A process that is started with LD_PRELOAD=full_disk.so and FULL_DISK=FILE cannot make a file
 * longer whose path begins with a line of FILE: it gets ENOSPC, as from a file system without
 * a free block.  What is written over what a file has already succeeds, as it does there.
 * FILE is read at each write that would lengthen a file: tests fill and empty disks by it.
 *
 * Never: a lock or memory of the C library's beyond what the caller's own call may take.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The function of the C library that this one stands before. */
#define NEXT(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

/* The list of full places, as one string of lines; false where there is none. */
static bool
read_list(char *list, size_t size)
{
	const char *path = getenv("FULL_DISK");
	int			fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t		n;

	if (fd < 0)
		return false;
	n = NEXT(read)(fd, list, size - 1);
	close(fd);
	if (n <= 0)
		return false;
	list[n] = '\0';
	return true;
}

/* Whether what the descriptor is of lies where there is no room. */
static bool
lies_in_full_place(int fd)
{
	char	list[4096];
	char	link[64];
	char	path[4096];
	ssize_t length;

	if (!read_list(list, sizeof(list)))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0)
		return false;
	path[length] = '\0';
	for (char *line = list, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
	{
		if (strncmp(path, line, (size_t) (end - line)) == 0)
			return true;
	}
	return false;
}

/* Whether a file that is to reach as far as that has no room; errno is set then only. */
static bool
has_no_room(int fd, off_t end)
{
	int			saved_errno = errno;
	struct stat status;
	bool		full = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && end > status.st_size &&
				lies_in_full_place(fd);

	errno = full ? ENOSPC : saved_errno;
	return full;
}

/* Where the next write begins; files that are appended to: at their end. */
static off_t
position(int fd)
{
	return lseek(fd, 0, (fcntl(fd, F_GETFL) & O_APPEND) ? SEEK_END : SEEK_CUR);
}

static off_t
length_of(const struct iovec *parts, int n)
{
	off_t length = 0;

	for (int i = 0; i < n; i++)
		length += (off_t) parts[i].iov_len;
	return length;
}

ssize_t
write(int fd, const void *data, size_t size)
{
	struct stat status;

	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
		has_no_room(fd, position(fd) + (off_t) size))
		return -1;
	return NEXT(write)(fd, data, size);
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return has_no_room(fd, offset + (off_t) size) ? -1 : NEXT(pwrite)(fd, data, size, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	return has_no_room(fd, offset + (off_t) size) ? -1 : NEXT(pwrite64)(fd, data, size, offset);
}

ssize_t
pwritev(int fd, const struct iovec *parts, int n, off_t offset)
{
	return has_no_room(fd, offset + length_of(parts, n)) ? -1 : NEXT(pwritev)(fd, parts, n, offset);
}

ssize_t
pwritev64(int fd, const struct iovec *parts, int n, off64_t offset)
{
	return has_no_room(fd, offset + length_of(parts, n)) ? -1
														 : NEXT(pwritev64)(fd, parts, n, offset);
}

int
posix_fallocate(int fd, off_t offset, off_t length)
{
	return has_no_room(fd, offset + length) ? ENOSPC : NEXT(posix_fallocate)(fd, offset, length);
}

int
posix_fallocate64(int fd, off64_t offset, off64_t length)
{
	return has_no_room(fd, offset + length) ? ENOSPC : NEXT(posix_fallocate64)(fd, offset, length);
}

/* What is buffered in the stream counts as written: only whole files are told apart. */
size_t
fwrite(const void *data, size_t size, size_t n, FILE *stream)
{
	int fd = fileno(stream);

	if (fd >= 0 && has_no_room(fd, position(fd) + (off_t) (size * n)))
		return 0;
	return NEXT(fwrite)(data, size, n, stream);
}
