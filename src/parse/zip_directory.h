/*
 * zip_directory.h
 *	  What the directory of a zip file says of it, before anything is unpacked.
 *	  Plain C.  Called by archive.c.
 */
#ifndef DATASENS_PARSE_ZIP_DIRECTORY_H
#define DATASENS_PARSE_ZIP_DIRECTORY_H

#include "base/failure.h"

#include <stdint.h>

/*
 * Reads the directory at the end of the zip file (of file_size bytes, by pread).
 * False with *failure set: FAILURE_TRUNCATED where there is none, FAILURE_TOO_LARGE
 * for more than max_members members, FAILURE_PARSE where it has none, is damaged, or
 * where members overlap: many names for the same bytes, as only a bomb has them.
 */
extern bool zip_directory_check(int fd, uint64_t file_size, unsigned max_members, Failure *failure);

#endif
