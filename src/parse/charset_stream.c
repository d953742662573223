/*
 * charset_stream.c
 *	  The streams of charset_stream.h.
 *
 * A character that the end of a chunk cut is kept and completed from the next
 * one.  What is UTF-8 already is only looked at; what has to be repaired or
 * converted goes through a buffer, so that damage everywhere costs no more than
 * a conversion.  Called by what reads tables; iconv never sees options.
 */
#include "parse/charset_stream.h"

#include "parse/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define OUT_SIZE 32768

/* The longest character of any encoding of iconv's, with its shift sequences. */
#define TAIL_SIZE 16

/* Valid bytes before damage that are worth giving in place. */
#define IN_PLACE 4096

typedef enum Way
{
	WAY_UTF8,
	WAY_WINDOWS_1252,
	WAY_ICONV
} Way;

struct CharsetStream
{
	Way		way;
	iconv_t conversion;
	size_t	unit; /* bytes to pass over where iconv sees no character */
	Text	chunk;
	size_t	at;
	bool	last;
	bool	started;
	size_t	tail_len;
	char	tail[TAIL_SIZE]; /* of the chunks before: the beginning of a character */
	size_t	out_len;
	char	out[OUT_SIZE];
};

static bool
starts_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

CharsetStream *
charset_stream_create(const char *encoding)
{
	char		   name[CHARSET_NAME_SIZE];
	CharsetStream *stream;

	if (!charset_meant((Text){encoding, strlen(encoding)}, name))
		return NULL;
	stream = malloc(sizeof(CharsetStream));
	if (stream == NULL)
		return NULL;
	memset(stream, 0, offsetof(CharsetStream, out));
	stream->unit = starts_with(name, "utf-16") || starts_with(name, "ucs-2")   ? 2
				   : starts_with(name, "utf-32") || starts_with(name, "ucs-4") ? 4
																			   : 1;
	if (strcmp(name, "utf-8") == 0 || strcmp(name, "us-ascii") == 0 || strcmp(name, "ascii") == 0)
		stream->way = WAY_UTF8;
	else if (strcmp(name, "windows-1252") == 0)
		stream->way = WAY_WINDOWS_1252;
	else
	{
		stream->way = WAY_ICONV;
		stream->conversion = iconv_open("UTF-8", name);
		if (stream->conversion == (iconv_t) -1)
		{
			free(stream);
			return NULL;
		}
	}
	return stream;
}

void
charset_stream_free(CharsetStream *stream)
{
	if (stream == NULL)
		return;
	if (stream->way == WAY_ICONV)
		iconv_close(stream->conversion);
	free(stream);
}

void
charset_stream_feed(CharsetStream *stream, Text chunk, bool last)
{
	stream->chunk = chunk.data != NULL ? chunk : TEXT_LITERAL("");
	stream->at = 0;
	stream->last = last;
}

static Text
rest_of(const CharsetStream *stream)
{
	return (Text){stream->chunk.data + stream->at, stream->chunk.len - stream->at};
}

static void
put(CharsetStream *stream, const char *data, size_t len)
{
	memcpy(stream->out + stream->out_len, data, len);
	stream->out_len += len;
}

static void
put_windows_1252(CharsetStream *stream, char byte)
{
	stream->out_len += windows_1252_as_utf8((unsigned char) byte, stream->out + stream->out_len);
}

/* Whether more bytes may make a character of these, which are none by themselves. */
static bool
utf8_is_cut(const unsigned char *p, size_t len)
{
	unsigned char padded[4] = {0x80, 0x80, 0x80, 0x80};

	if (len >= 4 || p[0] < 0xC2 || p[0] > 0xF4)
		return false;
	if (len == 1)
		return true;
	memcpy(padded, p, len);
	return utf8_length(padded, sizeof(padded)) > len;
}

/* Completes the character that was cut; or reads its bytes one by one. */
static void
finish_utf8_tail(CharsetStream *stream)
{
	unsigned char *tail = (unsigned char *) stream->tail;

	while (stream->tail_len > 0)
	{
		size_t len = utf8_length(tail, stream->tail_len);

		if (len == 0 && utf8_is_cut(tail, stream->tail_len))
		{
			if (stream->at < stream->chunk.len)
			{
				stream->tail[stream->tail_len++] = stream->chunk.data[stream->at++];
				continue;
			}
			if (!stream->last)
				return;
		}
		if (len > 0)
			put(stream, stream->tail, len);
		else
		{
			len = 1;
			put_windows_1252(stream, stream->tail[0]);
		}
		stream->tail_len -= len;
		memmove(stream->tail, stream->tail + len, stream->tail_len);
	}
}

/* Fills the buffer, reading what is no UTF-8 (or, without utf8, no ASCII) as windows-1252. */
static void
fill_8bit(CharsetStream *stream, bool utf8)
{
	while (stream->at < stream->chunk.len && stream->out_len + 4 <= OUT_SIZE)
	{
		Text				 rest = rest_of(stream);
		const unsigned char *p = (const unsigned char *) rest.data;
		size_t				 room = OUT_SIZE - stream->out_len;
		size_t				 run = ascii_run(p, rest.len < room ? rest.len : room);

		if (run == 0 && utf8)
			run = utf8_length(p, rest.len);
		if (run > 0)
		{
			put(stream, rest.data, run);
			stream->at += run;
			continue;
		}
		if (utf8 && utf8_is_cut(p, rest.len))
			return;
		put_windows_1252(stream, rest.data[0]);
		stream->at++;
	}
}

static bool
next_8bit(CharsetStream *stream, bool utf8, Text *piece)
{
	Text   rest;
	size_t good;

	stream->out_len = 0;
	if (utf8)
		finish_utf8_tail(stream);
	rest = rest_of(stream);
	if (stream->out_len == 0 && rest.len > 0)
	{
		good =
			utf8 ? utf8_valid_prefix(rest) : ascii_run((const unsigned char *) rest.data, rest.len);
		if (good >= IN_PLACE || good == rest.len ||
			(good > 0 && utf8 &&
			 utf8_is_cut((const unsigned char *) rest.data + good, rest.len - good)))
		{
			stream->at += good;
			*piece = (Text){rest.data, good};
			return true;
		}
		fill_8bit(stream, utf8);
		if (stream->out_len == 0)
		{
			/* nothing but a character that is cut */
			rest = rest_of(stream);
			memcpy(stream->tail, rest.data, rest.len);
			stream->tail_len = rest.len;
			stream->at = stream->chunk.len;
			if (stream->last)
				finish_utf8_tail(stream);
		}
	}
	*piece = (Text){stream->out, stream->out_len};
	return stream->out_len > 0;
}

/*
 * Converts from *in, as far as the buffer has room; false where the end cuts a character. What is
 * nothing in that encoding becomes U+FFFD, and one unit of the input is skipped for it, so that
 * what follows is read again as it should be.
 */
static bool
convert(CharsetStream *stream, char **in, size_t *in_left)
{
	/* room for the U+FFFD, too */
	while (*in_left > 0 && stream->out_len + 16 <= OUT_SIZE)
	{
		char  *out = stream->out + stream->out_len;
		size_t out_left = OUT_SIZE - stream->out_len - 3;
		size_t result = iconv(stream->conversion, in, in_left, &out, &out_left);
		size_t skip = stream->unit < *in_left ? stream->unit : *in_left;

		stream->out_len = (size_t) (out - stream->out);
		if (result != (size_t) -1)
			continue;
		if (errno == EINVAL && *in_left <= TAIL_SIZE / 2)
			return false;
		if (errno == E2BIG)
			return true;
		put(stream, "\xEF\xBF\xBD", 3);
		*in += skip;
		*in_left -= skip;
	}
	return true;
}

/* Completes the character that was cut, with as many bytes of the chunk as it takes. */
static void
finish_iconv_tail(CharsetStream *stream)
{
	while (stream->tail_len > 0)
	{
		char  *in = stream->tail;
		size_t left;

		if (stream->at == stream->chunk.len && !stream->last)
			return;
		if (stream->at == stream->chunk.len || stream->tail_len == TAIL_SIZE)
		{
			put(stream, "\xEF\xBF\xBD", 3);
			stream->tail_len = 0;
			return;
		}
		stream->tail[stream->tail_len++] = stream->chunk.data[stream->at++];
		left = stream->tail_len;
		convert(stream, &in, &left);
		memmove(stream->tail, in, left);
		stream->tail_len = left;
	}
}

/* Some of iconv's converters pass on what is no character: such bytes become question marks. */
static void
repair_out(CharsetStream *stream)
{
	size_t at = 0;

	while ((at += utf8_valid_prefix((Text){stream->out + at, stream->out_len - at})) <
		   stream->out_len)
		stream->out[at] = '?';
}

/*
 * The next converted piece; false where the chunk gives no more. A chunk whose end cuts a
 * character may give nothing at all, hence the loop.
 */
static bool
next_iconv(CharsetStream *stream, Text *piece)
{
	stream->out_len = 0;
	do
	{
		Text   rest;
		char  *in;
		size_t left;

		finish_iconv_tail(stream);
		rest = rest_of(stream);
		in = (char *) rest.data;
		left = rest.len;
		if (left == 0)
			break;
		if (!convert(stream, &in, &left))
		{
			memcpy(stream->tail, in, left);
			stream->tail_len = left;
			left = 0;
		}
		stream->at = stream->chunk.len - left;
	} while (stream->out_len == 0);
	repair_out(stream);
	*piece = (Text){stream->out, stream->out_len};
	return stream->out_len > 0;
}

bool
charset_stream_next(CharsetStream *stream, Text *piece)
{
	for (;;)
	{
		bool some = stream->way == WAY_ICONV ? next_iconv(stream, piece)
											 : next_8bit(stream, stream->way == WAY_UTF8, piece);

		if (!some)
			return false;
		if (!stream->started)
		{
			stream->started = true;
			if (stream->way != WAY_WINDOWS_1252 && piece->len >= 3 &&
				memcmp(piece->data, "\xEF\xBB\xBF", 3) == 0)
			{
				piece->data += 3;
				piece->len -= 3;
			}
		}
		if (piece->len > 0)
			return true;
	}
}
