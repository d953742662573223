/*
 * gdelt_parts.h
 *	  What the files of the kind gdelt share: gdelt.c, which decides what to ask, and
 *	  gdelt_read.c and gdelt_list.c, which read slices and lists on the parser's thread.
 *
 * A file's parameters are lines: of a slice
 *
 *		slice <number of its stream> <bytes> <md5>
 *		<the source's options in UTF-8>
 *
 * and of a list of all files, a line for each range of slots that is looked for:
 *
 *		list
 *		<number of the stream> <first slot> <last slot>
 */
#ifndef DATASENS_SOURCE_GDELT_PARTS_H
#define DATASENS_SOURCE_GDELT_PARTS_H

#include "parse/gdelt.h"
#include "source/kind.h"

/* Streams by number: the English ones and then the translated ones, each in GdeltStream's order. */
#define GDELT_N_STREAMS (2 * GDELT_STREAMS)
#define gdelt_stream_number(stream, translated) ((translated) ? GDELT_STREAMS + (stream) : (stream))

/* Their names in the ledger: "export", "translation.export". */
extern const char *const gdelt_streams[GDELT_N_STREAMS];

/* What is read of a file at a time. */
#define GDELT_PIECE (64 * 1024)

/* The next bytes of the file, at most GDELT_PIECE; -1 with *failure set. */
extern ssize_t gdelt_read_piece(int descriptor, char *piece, off_t offset, Failure *failure);

/* ReadFunction of a list of all files; and of both sorts of files. */
extern bool gdelt_read_list(Sink *sink, Arena *arena, const FetchResponse *response,
							Failure *failure);
extern bool gdelt_read(Sink *sink, Arena *arena, const FetchResponse *response, Failure *failure);

#endif
