/*
 * warc.h
 *	  Archives of what servers answered, in the web's own format: WARC 1.1 (ISO 28500), each
 *	  record a member of gzip by itself.  Plain C; on zlib.
 *
 * Who calls it: run/, which writes what a run received (run/keep.h) and reads it again
 * (run/replay.h).  Other tools read the same files.
 *
 * Memory is bounded, whatever a file holds: some 300 kB a writer, 250 kB a reader; a
 * record's block comes and goes in pieces.  Every loop is linear in the packed bytes and in
 * what they unpack to.  Never: a field with a line's end in it.
 */
#ifndef DATASENS_PARSE_WARC_H
#define DATASENS_PARSE_WARC_H

#include "base/arena.h"

#include <stdint.h>

/* What the names of such files end in. */
#define WARC_SUFFIX ".warc.gz"

/* A record's header, and that of the HTTP answer in it, have at most so many bytes each. */
#define WARC_HEAD_MAX ((size_t) 64 * 1024)

#define WARC_ID_SIZE 16

typedef enum WarcType
{
	WARC_INFO,	   /* warcinfo: of the file */
	WARC_RESPONSE, /* an answer of HTTP: its header, an empty line, its body */
	WARC_RESOURCE, /* bytes from elsewhere, as a file's */
	WARC_METADATA,
	WARC_OTHER /* read only: what we do not write */
} WarcType;

/* A record but for its block.  Of the reader, texts are valid until its next record. */
typedef struct WarcRecord
{
	WarcType type;
	Text	 uri;			   /* WARC-Target-URI; absent: none */
	Text	 final_uri;		   /* Datasens-Final-URI: where redirects led; absent: nowhere else */
	Text	 content_type;	   /* of the block; absent: not said */
	int64_t	 length;		   /* of the block, in bytes */
	int64_t	 date;			   /* written only: microseconds since 1970 UTC */
	uint8_t	 id[WARC_ID_SIZE]; /* written only: random */
	int64_t	 offset;		   /* read only: of its member in the file */
} WarcRecord;

/*
 * What we keep of the header of an HTTP answer.  It is a list of what may be kept, so that
 * cookies, credentials and whatever is invented next are not.
 */
typedef struct WarcHttp
{
	int	 status;
	Text content_type; /* absent: there is none; likewise below */
	Text etag;
	Text last_modified;
	Text robots_tag;
	Text location;
} WarcHttp;

/* ---- writing ---- */

typedef struct WarcWriter WarcWriter;

/* Takes the next packed bytes; false: no more, which ends the writing. */
typedef bool (*WarcOutput)(void *context, const void *bytes, size_t n);

/*
 * level: zlib's, 0 to 9.  block: bytes of a record's block at most, 0 where that is not known;
 * for small ones less is set up, which costs more than to pack them.  NULL where memory is out.
 * warc_writer_free takes NULL.
 */
extern WarcWriter *warc_writer_create(WarcOutput output, void *context, int level, int64_t block);
extern void		   warc_writer_free(WarcWriter *writer);

/*
 * A record: its header, then its block in pieces, record->length bytes of them, then its
 * end.  false where the output takes no more, or the length is another: the file is of no
 * use then.
 */
extern bool warc_begin(WarcWriter *writer, const WarcRecord *record);
extern bool warc_add(WarcWriter *writer, const void *bytes, size_t n);
extern bool warc_end(WarcWriter *writer);

/* The header of an answer with a body of that many bytes, its empty line included. */
extern Text warc_http_head(Arena *arena, const WarcHttp *http, int64_t body);

/* ---- reading ---- */

typedef struct WarcReader WarcReader;

/* Brings at most n packed bytes; how many, 0 at the end, -1 where they cannot be had. */
typedef ptrdiff_t (*WarcInput)(void *context, void *bytes, size_t n);

typedef enum WarcStep
{
	WARC_RECORD,
	WARC_END,	 /* of a whole file */
	WARC_DAMAGED /* warc_error says how */
} WarcStep;

/* A reader of a file from some member on, which is at that offset.  NULL where memory is out. */
extern WarcReader *warc_reader_create(WarcInput input, void *context, int64_t offset);
extern void		   warc_reader_free(WarcReader *reader);

/* The next record; what was not read of the one before is checked, too, by its checksum. */
extern WarcStep warc_next(WarcReader *reader, WarcRecord *record);

/* The header of the answer that begins the block of a WARC_RESPONSE; false: damaged. */
extern bool warc_read_http(WarcReader *reader, WarcHttp *http);

/* The next at most n bytes of the block; 0 at its end, -1: damaged. */
extern ptrdiff_t warc_read(WarcReader *reader, void *bytes, size_t n);

/* What is wrong with the file: a constant; NULL: nothing so far. */
extern const char *warc_error(const WarcReader *reader);

#endif
