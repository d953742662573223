/*
 * content_coding.h
 *	  The codings that bodies come in by HTTP (RFC 9110, 8.4.1): chunks of packed bytes to
 *	  chunks of bytes.  Plain C; on zlib.  Called while a body is received.
 *
 *		content_decoder_feed(decoder, chunk);
 *		while ((step = content_decoder_next(decoder, &piece)) == DECODE_PIECE)
 *			...
 *		at the body's end: content_decoder_is_whole(decoder)
 *
 * libcurl unpacks by itself, too, but takes a stream that was cut short for a whole one.
 */
#ifndef DATASENS_PARSE_CONTENT_CODING_H
#define DATASENS_PARSE_CONTENT_CODING_H

#include "base/arena.h"

/* What is asked for: the value of Accept-Encoding. */
#define CONTENT_CODINGS_ACCEPTED "gzip, deflate"

/* Servers that pack what is packed do it once too often, not more. */
#define CONTENT_CODINGS_MAX 3

typedef enum ContentCoding
{
	CODING_GZIP,
	CODING_DEFLATE
} ContentCoding;

/* The codings of a body, in the order in which they were applied; zeroed: none. */
typedef struct ContentCodings
{
	ContentCoding list[CONTENT_CODINGS_MAX];
	int			  n;
	bool		  unknown; /* there is one that we did not ask for, or there are too many */
} ContentCodings;

/* Adds what a Content-Encoding says; of several such lines, one after the other. */
extern void content_codings_add(ContentCodings *codings, Text value);

typedef enum DecodeStep
{
	DECODE_PIECE,	/* *piece is not empty */
	DECODE_STARVED, /* the chunk is used up */
	DECODE_DAMAGED, /* not in the coding, or another checksum than it should have */
	DECODE_BOMB,	/* packed more than once, and nothing but packing: see content_coding.c */
	DECODE_NO_MEMORY
} DecodeStep;

typedef struct ContentDecoder ContentDecoder;

/* NULL where memory is out.  Some 80 kB a coding; freed with content_decoder_free (NULL too). */
extern ContentDecoder *content_decoder_create(const ContentCodings *codings);
extern void			   content_decoder_free(ContentDecoder *decoder);

/* The next bytes of the body: they must stay until they are used up. */
extern void content_decoder_feed(ContentDecoder *decoder, Text chunk);

/*
 * The next bytes as they were before they were packed, until the next call.  Members of gzip
 * that follow each other are one stream (RFC 1952, 2.2); what else follows an end is ignored, as
 * gzip(1) and browsers do.  deflate is read with zlib's header (RFC 9110, 8.4.1.2) or without.
 */
extern DecodeStep content_decoder_next(ContentDecoder *decoder, Text *piece);

/* Whether the bytes so far end where their codings do; no bytes are whole. */
extern bool content_decoder_is_whole(const ContentDecoder *decoder);

#endif
