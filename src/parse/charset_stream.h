/*
 * charset_stream.h
 *	  Chunks of any encoding to chunks of valid UTF-8.  Plain C.
 *
 *		charset_stream_feed(stream, chunk, last);
 *		while (charset_stream_next(stream, &piece))
 *			...
 *
 * Who calls it: source/csv_file.c, for files that are too large to be converted whole.
 */
#ifndef DATASENS_PARSE_CHARSET_STREAM_H
#define DATASENS_PARSE_CHARSET_STREAM_H

#include "base/arena.h"

#include <stdint.h>

typedef struct CharsetStream CharsetStream;

/*
 * A stream from the encoding (a name of iconv's or of the WHATWG Encoding
 * Standard, without regard to case).  NULL where the name is unknown or memory
 * is out.  Some KB large; freed with charset_stream_free, which NULL is allowed
 * for.
 */
extern CharsetStream *charset_stream_create(const char *encoding);
extern void			  charset_stream_free(CharsetStream *stream);

/* The next bytes: they must stay until charset_stream_next is false.  last: no more will come. */
extern void charset_stream_feed(CharsetStream *stream, Text chunk, bool last);

/*
 * The next piece of the chunk as whole UTF-8 characters, never empty; false
 * where it is used up.  The piece is good until the next call.  UTF-8 that is
 * valid is given in place, not copied.  A byte order mark at the beginning is
 * left out.  U+0000 is passed on.  Bytes that fit nothing are repaired as
 * charset.h does it: of UTF-8 they are read as windows-1252, of other encodings
 * they become U+FFFD.
 */
extern bool charset_stream_next(CharsetStream *stream, Text *piece);

#endif
