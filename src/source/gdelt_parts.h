/*
 * gdelt_parts.h
 *	  What the two files of the kind gdelt share: gdelt.c, which decides what to ask,
 *	  and gdelt_read.c, which reads the files on the parser's thread.
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

/* ReadFunction of both sorts of files. */
extern bool gdelt_read(Sink *sink, Arena *arena, const FetchResponse *response, Failure *failure);

#endif
