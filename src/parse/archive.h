/*
 * archive.h
 *	  The files in a zip or gzip file, or the file itself, as streams of bytes.
 *	  Plain C; on libarchive and zlib.
 *
 *		while ((step = unpack_member(unpacker, &name, &failure)) == UNPACK_GOT)
 *			while ((step = unpack_read(unpacker, &chunk, &failure)) == UNPACK_GOT)
 *				...
 *
 * Nothing is written to disk and a name from the archive is never used as a path.
 *
 * Who calls it: source/csv_file.c, through read_ahead.h, and source/gdelt_read.c.
 */
#ifndef DATASENS_PARSE_ARCHIVE_H
#define DATASENS_PARSE_ARCHIVE_H

#include "base/arena.h"
#include "base/failure.h"

#include <stdint.h>

typedef struct UnpackLimits
{
	uint64_t max_size;	  /* decoded bytes, all members together */
	unsigned max_ratio;	  /* decoded bytes per byte of the file, once they are over 1 MB */
	unsigned max_members; /* entries of the archive, wanted or not */
} UnpackLimits;

typedef enum UnpackStep
{
	UNPACK_GOT,
	UNPACK_END,	  /* no more members, or no more bytes of this one */
	UNPACK_FAILED /* *failure says why; the unpacker can only be closed */
} UnpackStep;

typedef struct Unpacker Unpacker;

/*
 * Reads the open file fd, whose kind is told by its first bytes and not by its
 * name: zip, gzip or plain.  The file is read with pread, so that fd's position
 * is neither used nor changed; it is not closed and must stay open.
 *
 * name is what the file is called, for the member's name where it is no archive
 * (of a gzip file, without ".gz"); NULL: "".  pattern picks the members of a zip:
 * a name exactly, or as fnmatch's pattern, the whole path or, without a slash in
 * the pattern, its last part; NULL: those ending in .csv, .tsv or .txt.  Of a
 * file that is no zip the only member is always picked.  NULL with *failure set:
 * FAILURE_PARSE for an archive of another kind (7z, rar, xz, ...),
 * FAILURE_TRUNCATED for an empty file or a zip without its end, FAILURE_MEMORY.
 */
extern Unpacker *unpack_open(int fd, const char *name, const char *pattern,
							 const UnpackLimits *limits, Failure *failure);
extern void		 unpack_close(Unpacker *unpacker);

/* Whether it is an archive of members with names of their own. */
extern bool unpack_is_zip(const Unpacker *unpacker);

/*
 * Goes to the next picked member, passing over what is left of this one.  *name
 * is valid UTF-8 without control characters, of at most 1 kB of the archive's (bytes that
 * are no UTF-8 are read as windows-1252), until the next call.
 *
 * Failures of both: FAILURE_TOO_LARGE beyond a limit; FAILURE_TRUNCATED where the
 * file ends too early; FAILURE_PARSE where a picked member is encrypted, itself an
 * archive, compressed by a method that is not known, or damaged (its checksum is
 * another), or where no member is picked: the detail then names some that are there.
 */
extern UnpackStep unpack_member(Unpacker *unpacker, Text *name, Failure *failure);

/* The member's next bytes, at least one, until the next call: raw bytes, not UTF-8. */
extern UnpackStep unpack_read(Unpacker *unpacker, Text *chunk, Failure *failure);

#endif
