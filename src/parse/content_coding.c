/*
 * content_coding.c
 *	  The codings that bodies come in by HTTP: gzip and deflate.
 *
 * A body of several codings goes through as many stages, each of which takes what the one
 * before it gives: the stage of the coding that was applied last has the body's own bytes.
 */
#include "parse/content_coding.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE_SIZE (32 * 1024)

/* zlib: the largest window there is, gzip's header, no header at all. */
#define WINDOW_BITS 15
#define GZIP_BITS (WINDOW_BITS + 16)
#define RAW_BITS (-WINDOW_BITS)

/* First bytes of gzip's members, and the method that a zlib header begins with (RFC 1950, 2.2). */
#define GZIP_FIRST 0x1F
#define ZLIB_METHOD 8

/*
 * What one coding gives to the next may be so many times what came, once it is over a
 * megabyte: the last one's pieces are the caller's to count, but those between are seen by nobody,
 * and could be a gigabyte of empty members.
 */
#define BOMB_SIZE (1024 * 1024)
#define BOMB_RATIO 200

typedef enum StageState
{
	STAGE_FRESH,  /* has had no byte yet */
	STAGE_INSIDE, /* the stream is on */
	STAGE_ENDED,  /* a member has ended; another may follow */
	STAGE_TAIL	  /* what follows is no member */
} StageState;

typedef struct Stage
{
	ContentCoding coding;
	StageState	  state;
	bool		  made; /* zlib's state is */
	z_stream	  zlib; /* next_in and avail_in: what there is to read */
	unsigned char piece[PIECE_SIZE];
} Stage;

struct ContentDecoder
{
	uint64_t fed;	  /* bytes of the body */
	uint64_t between; /* bytes that stages gave to stages */
	int		 n;
	Stage	 stages[]; /* the first has the body's bytes */
};

/* ---- what a server says ---- */

static void
add_coding(ContentCodings *codings, Text name)
{
	if (name.len == 0 || text_is(name, "identity"))
		return;
	if (codings->n == CONTENT_CODINGS_MAX)
		codings->unknown = true;
	else if (text_is(name, "gzip") || text_is(name, "x-gzip"))
		codings->list[codings->n++] = CODING_GZIP;
	else if (text_is(name, "deflate"))
		codings->list[codings->n++] = CODING_DEFLATE;
	else
		codings->unknown = true;
}

void
content_codings_add(ContentCodings *codings, Text value)
{
	while (value.len > 0)
	{
		const char *comma = memchr(value.data, ',', value.len);
		size_t		len = comma ? (size_t) (comma - value.data) : value.len;

		add_coding(codings, text_trim((Text){value.data, len}));
		len += comma != NULL;
		value.data += len;
		value.len -= len;
	}
}

/* ---- a decoder ---- */

ContentDecoder *
content_decoder_create(const ContentCodings *codings)
{
	size_t			size = sizeof(ContentDecoder) + (size_t) codings->n * sizeof(Stage);
	ContentDecoder *decoder = malloc(size);

	if (decoder == NULL)
		return NULL;
	decoder->fed = 0;
	decoder->between = 0;
	decoder->n = codings->n;
	for (int i = 0; i < codings->n; i++)
	{
		Stage *stage = &decoder->stages[i];

		memset(stage, 0, offsetof(Stage, piece));
		stage->coding = codings->list[codings->n - 1 - i];
	}
	return decoder;
}

void
content_decoder_free(ContentDecoder *decoder)
{
	for (int i = 0; decoder != NULL && i < decoder->n; i++)
	{
		if (decoder->stages[i].made)
			inflateEnd(&decoder->stages[i].zlib);
	}
	free(decoder);
}

static void
give(Stage *stage, Text chunk)
{
	stage->zlib.next_in = (unsigned char *) (uintptr_t) chunk.data;
	stage->zlib.avail_in = (unsigned) chunk.len;
}

void
content_decoder_feed(ContentDecoder *decoder, Text chunk)
{
	decoder->fed += chunk.len;
	give(&decoder->stages[0], chunk);
}

/* Hands the piece to the stage; false where there have been too many such. */
static bool
hand_on(ContentDecoder *decoder, Stage *stage, Text piece)
{
	decoder->between += piece.len;
	give(stage, piece);
	return decoder->between <= BOMB_SIZE || decoder->between / BOMB_RATIO <= decoder->fed;
}

/* The first byte is there: it tells deflate's two forms apart, as browsers do. */
static DecodeStep
begin(Stage *stage)
{
	int bits = GZIP_BITS;
	int status;

	if (stage->coding == CODING_DEFLATE)
		bits = (stage->zlib.next_in[0] & 0x0F) == ZLIB_METHOD ? WINDOW_BITS : RAW_BITS;
	status = inflateInit2(&stage->zlib, bits);
	stage->made = status == Z_OK;
	stage->state = STAGE_INSIDE;
	return status == Z_OK ? DECODE_PIECE : DECODE_NO_MEMORY;
}

/* A member has ended and more bytes are there: another member, or nothing of ours. */
static void
go_on(Stage *stage)
{
	if (stage->coding == CODING_GZIP && stage->zlib.next_in[0] == GZIP_FIRST &&
		inflateReset(&stage->zlib) == Z_OK)
		stage->state = STAGE_INSIDE;
	else
		stage->state = STAGE_TAIL;
}

/* Unpacks what there is to read: as much as there is room for. */
static DecodeStep
unpack(Stage *stage, Text *piece)
{
	int status;

	stage->zlib.next_out = stage->piece;
	stage->zlib.avail_out = PIECE_SIZE;
	status = inflate(&stage->zlib, Z_NO_FLUSH);
	if (status == Z_STREAM_END)
		stage->state = STAGE_ENDED;
	else if (status == Z_MEM_ERROR)
		return DECODE_NO_MEMORY;
	else if (status != Z_OK && status != Z_BUF_ERROR) /* the latter: no input, or no room */
		return DECODE_DAMAGED;
	*piece = (Text){(char *) stage->piece, PIECE_SIZE - stage->zlib.avail_out};
	return piece->len > 0 ? DECODE_PIECE : DECODE_STARVED;
}

/* The next piece that a stage has of the bytes it was given. */
static DecodeStep
stage_next(Stage *stage, Text *piece)
{
	DecodeStep step = DECODE_STARVED;

	/* room was filled: zlib may hold more, though it has read all */
	if (stage->state == STAGE_INSIDE && stage->made && stage->zlib.avail_out == 0 &&
		stage->zlib.avail_in == 0)
		return unpack(stage, piece);
	while (stage->zlib.avail_in > 0 && stage->state != STAGE_TAIL)
	{
		if (stage->state == STAGE_FRESH && (step = begin(stage)) != DECODE_PIECE)
			return step;
		if (stage->state == STAGE_ENDED)
			go_on(stage);
		if (stage->state == STAGE_INSIDE && (step = unpack(stage, piece)) != DECODE_STARVED)
			return step;
	}
	stage->zlib.avail_in = 0;
	return DECODE_STARVED;
}

/* The last stage's piece; a stage that is starved is fed by the one before it. */
DecodeStep
content_decoder_next(ContentDecoder *decoder, Text *piece)
{
	int at = decoder->n - 1;

	for (;;)
	{
		DecodeStep step = stage_next(&decoder->stages[at], piece);

		if (step == DECODE_PIECE && at == decoder->n - 1)
			return step;
		if (step == DECODE_PIECE && !hand_on(decoder, &decoder->stages[++at], *piece))
			return DECODE_BOMB;
		else if (step == DECODE_PIECE)
			continue;
		else if (step != DECODE_STARVED || at == 0)
			return step;
		else
			at--;
	}
}

bool
content_decoder_is_whole(const ContentDecoder *decoder)
{
	for (int i = 0; i < decoder->n; i++)
	{
		if (decoder->stages[i].state == STAGE_INSIDE)
			return false;
	}
	return true;
}
