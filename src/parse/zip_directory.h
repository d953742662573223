/*
 * zip_directory.h
 *	  What the directory of a zip file says of it, before anything is unpacked.
 *	  Plain C.  Called by archive.c.
 */
#ifndef DATASENS_PARSE_ZIP_DIRECTORY_H
#define DATASENS_PARSE_ZIP_DIRECTORY_H

#include "base/failure.h"

#include <stddef.h>
#include <stdint.h>

/* A member: where its local header is, and what the directory says of it. */
typedef struct ZipMember
{
	uint64_t start;
	uint64_t end;	 /* of its bytes, at least */
	uint64_t packed; /* its size, and unpacked: */
	uint64_t size;
	uint32_t crc;
	uint16_t method;
} ZipMember;

#define ZIP_DEFLATED 8

typedef struct ZipDirectory
{
	ZipMember *members; /* malloc'd, by their starts */
	size_t	   n;
} ZipDirectory;

/*
 * Reads the directory at the end of the zip file (of file_size bytes, by pread).
 * False with *failure set: FAILURE_TRUNCATED where there is none, FAILURE_TOO_LARGE
 * for more than max_members members, FAILURE_PARSE where it has none, is damaged, or
 * where members overlap: many names for the same bytes, as only a bomb has them.
 */
extern bool zip_directory_read(ZipDirectory *directory, int fd, uint64_t file_size,
							   unsigned max_members, Failure *failure);

/* The member whose packed bytes begin there; NULL: there is none. */
extern const ZipMember *zip_directory_member(const ZipDirectory *directory, int fd,
											 uint64_t position);

#endif
