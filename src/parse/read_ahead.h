/*
 * read_ahead.h
 *	  A member of an archive, unpacked by a thread ahead of its reader.  Plain C.
 *
 * Unpacking takes about as long as reading the rows and hashing them: with a
 * thread each, a file takes as long as one of them.
 *
 * Who calls it: source/csv_file.c.
 */
#ifndef DATASENS_PARSE_READ_AHEAD_H
#define DATASENS_PARSE_READ_AHEAD_H

#include "parse/archive.h"

typedef struct ReadAhead ReadAhead;

/*
 * Begins to unpack the member that unpack_member has gone to, some pieces ahead (about
 * a megabyte of them).  The unpacker is the thread's until read_ahead_free.  NULL
 * where memory is out.  The thread has all signals blocked; where there is none to be
 * had, the reader unpacks.
 */
extern ReadAhead *read_ahead_create(Unpacker *unpacker);

/* As unpack_read. */
extern UnpackStep read_ahead(ReadAhead *ahead, Text *chunk, Failure *failure);

/* Ends the thread, wherever it is, within the time that a piece takes.  NULL is allowed. */
extern void read_ahead_free(ReadAhead *ahead);

#endif
