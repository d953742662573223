/*
 * warc_read.c
 *	  Reading archives of what servers answered.
 *
 * Only what we write is read: members of gzip with a record each.  An archive lies
 * elsewhere for years, so nothing in it is believed: lengths are checked against what
 * there is, and each member against its checksum, which zlib does at its end.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include "parse/warc.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_BITS (15 + 16)

#define INPUT_SIZE (32 * 1024)
#define OUTPUT_SIZE (32 * 1024)

/* Fields of one header. */
#define MAX_FIELDS 100

/* Digits of a length: 18 of them are less than 2^63. */
#define MAX_DIGITS 18

struct WarcReader
{
	z_stream	  zlib;
	WarcInput	  input;
	void		 *context;
	const char	 *error;	 /* NULL: none so far */
	int64_t		  taken;	 /* packed bytes that the input has given, from the file's start */
	bool		  in_member; /* one has begun */
	bool		  ended;	 /* and all of it is unpacked */
	int64_t		  left;		 /* of the record's block */
	size_t		  at;		 /* in unpacked, which has so many bytes: */
	size_t		  len;
	char		  head[WARC_HEAD_MAX];
	char		  http[WARC_HEAD_MAX];
	unsigned char packed[INPUT_SIZE];
	char		  unpacked[OUTPUT_SIZE];
};

WarcReader *
warc_reader_create(WarcInput input, void *context, int64_t offset)
{
	WarcReader *reader = calloc(1, sizeof(WarcReader));

	if (reader == NULL)
		return NULL;
	reader->input = input;
	reader->context = context;
	reader->taken = offset;
	if (inflateInit2(&reader->zlib, GZIP_BITS) != Z_OK)
	{
		free(reader);
		return NULL;
	}
	return reader;
}

void
warc_reader_free(WarcReader *reader)
{
	if (reader == NULL)
		return;
	inflateEnd(&reader->zlib);
	free(reader);
}

const char *
warc_error(const WarcReader *reader)
{
	return reader->error;
}

static bool
fail(WarcReader *reader, const char *error)
{
	if (reader->error == NULL)
		reader->error = error;
	return false;
}

/* ---- bytes ---- */

/* More packed bytes; false at the end of the file, and where it cannot be read. */
static bool
take_input(WarcReader *reader)
{
	ptrdiff_t n;

	if (reader->zlib.avail_in > 0)
		return true;
	n = reader->input(reader->context, reader->packed, INPUT_SIZE);
	if (n < 0)
		return fail(reader, "it could not be read");
	reader->taken += n;
	reader->zlib.next_in = reader->packed;
	reader->zlib.avail_in = (uInt) n;
	return n > 0;
}

/* Unpacks more of the member; false at its end, too. */
static bool
fill(WarcReader *reader)
{
	reader->at = 0;
	reader->len = 0;
	while (reader->len == 0 && !reader->ended && reader->error == NULL)
	{
		int result;

		if (!take_input(reader))
			return fail(reader, "it is cut short");
		reader->zlib.next_out = (unsigned char *) reader->unpacked;
		reader->zlib.avail_out = OUTPUT_SIZE;
		result = inflate(&reader->zlib, Z_NO_FLUSH);
		if (result == Z_MEM_ERROR)
			return fail(reader, "there is no memory to unpack it");
		if (result != Z_OK && result != Z_STREAM_END)
			return fail(reader, "its packed bytes, or their checksum, are wrong");
		reader->ended = result == Z_STREAM_END;
		reader->len = OUTPUT_SIZE - reader->zlib.avail_out;
	}
	return reader->len > 0;
}

/* Takes up to n unpacked bytes of the member; 0 at its end or where it is damaged. */
static size_t
take(WarcReader *reader, void *bytes, size_t n)
{
	size_t there;

	if (reader->at == reader->len && !fill(reader))
		return 0;
	there = reader->len - reader->at;
	if (n > there)
		n = there;
	if (bytes != NULL)
		memcpy(bytes, reader->unpacked + reader->at, n);
	reader->at += n;
	return n;
}

/*
 * Takes a header with its empty line into the buffer: at most limit bytes.  What is in it
 * are whole lines, each with its "\r\n".
 */
static bool
take_head(WarcReader *reader, char *buffer, int64_t limit, Text *head)
{
	size_t len = 0;

	do
	{
		if (len == WARC_HEAD_MAX || (int64_t) len == limit)
			return fail(reader, "a header in it has no end");
		if (take(reader, buffer + len, 1) == 0)
			return fail(reader, "a record in it is cut short");
		len++;
	} while (len < 4 || memcmp(buffer + len - 4, "\r\n\r\n", 4) != 0);
	*head = (Text){buffer, len - 2};
	return true;
}

/* ---- headers ---- */

/* The next line of the header, without its end; absent: there is none. */
static Text
next_line(Text *head)
{
	const char *end = head->len > 0 ? memmem(head->data, head->len, "\r\n", 2) : NULL;
	Text		line;

	if (end == NULL)
		return TEXT_NULL;
	line = text_take(head, (size_t) (end - head->data));
	(void) text_take(head, 2);
	return line;
}

/* A line as "name: value"; false where it is none. */
static bool
split_field(Text line, Text *name, Text *value)
{
	const char *colon = memchr(line.data, ':', line.len);

	if (colon == NULL || colon == line.data)
		return false;
	*name = (Text){line.data, (size_t) (colon - line.data)};
	*value = text_trim((Text){colon + 1, (size_t) (line.data + line.len - colon - 1)});
	return true;
}

static bool
read_length(Text digits, int64_t *length)
{
	*length = 0;
	if (digits.len == 0 || digits.len > MAX_DIGITS)
		return false;
	for (size_t i = 0; i < digits.len; i++)
	{
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
		*length = *length * 10 + (digits.data[i] - '0');
	}
	return true;
}

static WarcType
type_of(Text name)
{
	if (text_is(name, "warcinfo"))
		return WARC_INFO;
	if (text_is(name, "response"))
		return WARC_RESPONSE;
	if (text_is(name, "resource"))
		return WARC_RESOURCE;
	return text_is(name, "metadata") ? WARC_METADATA : WARC_OTHER;
}

/*
 * The named fields of a record's head (WARC 1.1, section 4). Of those that we do not know none
 * matters to reading it.
 */
static bool
read_fields(WarcReader *reader, Text head, WarcRecord *record)
{
	Text line = next_line(&head);
	bool has_length = false;
	Text name;
	Text value;

	if (!text_is(line, "WARC/1.1") && !text_is(line, "WARC/1.0"))
		return fail(reader, "a record in it is none of WARC 1.1");
	for (int n = 0; text_present(line = next_line(&head)); n++)
	{
		if (n == MAX_FIELDS || !split_field(line, &name, &value))
			return fail(reader, "a header in it is none");
		if (text_is(name, "WARC-Type"))
			record->type = type_of(value);
		else if (text_is(name, "WARC-Target-URI"))
			record->uri = value;
		else if (text_is(name, "Datasens-Final-URI"))
			record->final_uri = value;
		else if (text_is(name, "Content-Type"))
			record->content_type = value;
		else if (text_is(name, "Content-Length"))
			has_length = read_length(value, &record->length);
	}
	return has_length || fail(reader, "a record in it has no length");
}

/* ---- records ---- */

/* Leaves the record behind: the rest of its block, its end, and nothing after that. */
static bool
leave_record(WarcReader *reader)
{
	char   end[4];
	size_t n = 0;

	while (reader->left > 0)
	{
		size_t some = reader->left > OUTPUT_SIZE ? OUTPUT_SIZE : (size_t) reader->left;
		size_t got = take(reader, NULL, some);

		if (got == 0)
			return fail(reader, "a record in it is cut short");
		reader->left -= (int64_t) got;
	}
	while (n < sizeof(end))
	{
		size_t got = take(reader, end + n, sizeof(end) - n);

		if (got == 0)
			return fail(reader, "a record in it is cut short");
		n += got;
	}
	if (memcmp(end, "\r\n\r\n", sizeof(end)) != 0 || take(reader, NULL, 1) != 0)
		return fail(reader, "a record in it is longer than it says");
	reader->in_member = false;
	return reader->error == NULL;
}

WarcStep
warc_next(WarcReader *reader, WarcRecord *record)
{
	Text head;

	memset(record, 0, sizeof(*record));
	record->type = WARC_OTHER;
	if (reader->error != NULL || (reader->in_member && !leave_record(reader)))
		return WARC_DAMAGED;
	if (!take_input(reader))
		return reader->error ? WARC_DAMAGED : WARC_END;
	record->offset = reader->taken - (int64_t) reader->zlib.avail_in;
	(void) inflateReset(&reader->zlib);
	reader->in_member = true;
	reader->ended = false;
	reader->at = 0;
	reader->len = 0;
	if (!take_head(reader, reader->head, WARC_HEAD_MAX, &head) ||
		!read_fields(reader, head, record))
		return WARC_DAMAGED;
	reader->left = record->length;
	return WARC_RECORD;
}

ptrdiff_t
warc_read(WarcReader *reader, void *bytes, size_t n)
{
	size_t got;

	if (reader->error != NULL)
		return -1;
	if ((int64_t) n > reader->left)
		n = (size_t) reader->left;
	if (n == 0)
		return 0;
	got = take(reader, bytes, n);
	if (got == 0)
	{
		(void) fail(reader, "a record in it is cut short");
		return -1;
	}
	reader->left -= (int64_t) got;
	return (ptrdiff_t) got;
}

/* "HTTP/1.1 200 OK": the status, or 0. */
static int
read_status(Text line)
{
	const char *digits = line.data + strlen("HTTP/1.1 ");

	if (line.len < strlen("HTTP/1.1 200") || memcmp(line.data, "HTTP/1.", 7) != 0)
		return 0;
	for (int i = 0; i < 3; i++)
	{
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
	}
	return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

bool
warc_read_http(WarcReader *reader, WarcHttp *http)
{
	int64_t before = reader->left;
	Text	head;
	Text	line;
	Text	name;
	Text	value;

	memset(http, 0, sizeof(*http));
	if (reader->error != NULL || !take_head(reader, reader->http, before, &head))
		return false;
	reader->left -= (int64_t) head.len + 2;
	http->status = read_status(next_line(&head));
	if (http->status < 100)
		return fail(reader, "an answer in it has no status");
	for (int n = 0; text_present(line = next_line(&head)); n++)
	{
		if (n == MAX_FIELDS || !split_field(line, &name, &value))
			return fail(reader, "a header in it is none");
		if (text_is(name, "Content-Type"))
			http->content_type = value;
		else if (text_is(name, "ETag"))
			http->etag = value;
		else if (text_is(name, "Last-Modified"))
			http->last_modified = value;
		else if (text_is(name, "X-Robots-Tag"))
			http->robots_tag = value;
		else if (text_is(name, "Location"))
			http->location = value;
	}
	return true;
}
