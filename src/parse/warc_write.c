/*
 * warc_write.c
 *	  Writing archives of what servers answered.
 *
 * ISO 28500:2017, annex D: a file of members of gzip, one a record, is itself one that gzip
 * unpacks, and each record can be read from where its member begins.
 */
#include "parse/warc.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

/* zlib's: the largest window, with a header of gzip's; and one for records that fit into it. */
#define GZIP_BITS (15 + 16)
#define MEMORY_LEVEL 8
#define SMALL_BLOCK 3072
#define SMALL_GZIP_BITS (12 + 16)
#define SMALL_MEMORY_LEVEL 4

/* Packed bytes that are handed on at once. */
#define OUTPUT_SIZE (32 * 1024)

/* The fixed part of a header: version, type, id, date, length. */
#define FIXED_SIZE 512

struct WarcWriter
{
	z_stream	  zlib;
	WarcOutput	  output;
	void		 *context;
	int64_t		  left; /* of the block */
	bool		  failed;
	unsigned char packed[OUTPUT_SIZE];
};

static const char *const type_names[] = {
	[WARC_INFO] = "warcinfo",
	[WARC_RESPONSE] = "response",
	[WARC_RESOURCE] = "resource",
	[WARC_METADATA] = "metadata",
};

WarcWriter *
warc_writer_create(WarcOutput output, void *context, int level, int64_t block)
{
	WarcWriter *writer = malloc(sizeof(WarcWriter));
	bool		small = block > 0 && block <= SMALL_BLOCK;

	if (writer == NULL)
		return NULL;
	memset(writer, 0, offsetof(WarcWriter, packed));
	writer->output = output;
	writer->context = context;
	if (deflateInit2(&writer->zlib, level, Z_DEFLATED, small ? SMALL_GZIP_BITS : GZIP_BITS,
					 small ? SMALL_MEMORY_LEVEL : MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
	{
		free(writer);
		return NULL;
	}
	return writer;
}

void
warc_writer_free(WarcWriter *writer)
{
	if (writer == NULL)
		return;
	deflateEnd(&writer->zlib);
	free(writer);
}

/* Packs the bytes; to the member's end where there will be no more of them. */
static bool
pack(WarcWriter *writer, const void *bytes, size_t n, bool last)
{
	const unsigned char *at = bytes;
	int					 result = Z_OK;

	do
	{
		uInt now = n > OUTPUT_SIZE ? OUTPUT_SIZE : (uInt) n;

		writer->zlib.next_in = (unsigned char *) (uintptr_t) at;
		writer->zlib.avail_in = now;
		at += now;
		n -= now;
		do
		{
			size_t ready;

			writer->zlib.next_out = writer->packed;
			writer->zlib.avail_out = OUTPUT_SIZE;
			result = deflate(&writer->zlib, last && n == 0 ? Z_FINISH : Z_NO_FLUSH);
			ready = OUTPUT_SIZE - writer->zlib.avail_out;
			if (ready > 0 && !writer->failed)
				writer->failed = !writer->output(writer->context, writer->packed, ready);
		} while (writer->zlib.avail_out == 0 && !writer->failed);
	} while (n > 0 && !writer->failed);
	return !writer->failed && (!last || result == Z_STREAM_END);
}

/* A field, if it has a value; a control character in it, which would end its line, is a '?'. */
static void
add_field(TextBuilder *head, const char *name, Text value)
{
	if (!text_present(value))
		return;
	builder_append(head, name, strlen(name));
	builder_append(head, ": ", 2);
	for (size_t i = 0; i < value.len; i++)
	{
		unsigned char c = (unsigned char) value.data[i];

		builder_append_char(head, c < ' ' || c == 0x7F ? '?' : (char) c);
	}
	builder_append(head, "\r\n", 2);
}

/* Version, type, id, date and length, which each record has. */
static void
add_fixed(TextBuilder *head, const WarcRecord *record)
{
	const uint8_t *id = record->id;
	time_t		   seconds = (time_t) (record->date / 1000000);
	struct tm	   date = {0};
	char		   text[FIXED_SIZE];
	int			   len;

	gmtime_r(&seconds, &date);
	/* the id is a random one as RFC 9562, 5.4, has it */
	len = snprintf(text, sizeof(text),
				   "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:%02x%02x%02x%02x-%02x"
				   "%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x>\r\n"
				   "WARC-Date: %04d-%02d-%02dT%02d:%02d:%02d.%06dZ\r\nContent-Length: %lld\r\n",
				   type_names[record->type], id[0], id[1], id[2], id[3], id[4], id[5],
				   (id[6] & 0x0F) | 0x40, id[7], (id[8] & 0x3F) | 0x80, id[9], id[10], id[11],
				   id[12], id[13], id[14], id[15], date.tm_year + 1900, date.tm_mon + 1,
				   date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec,
				   (int) (record->date % 1000000), (long long) record->length);
	builder_append(head, text, (size_t) len);
}

bool
warc_begin(WarcWriter *writer, const WarcRecord *record)
{
	Arena	   *arena = arena_create(4 * WARC_HEAD_MAX);
	TextBuilder head;
	bool		begun = false;

	if (arena == NULL)
		return false;
	builder_start(&head, arena);
	add_fixed(&head, record);
	add_field(&head, "WARC-Target-URI", record->uri);
	add_field(&head, "Datasens-Final-URI", record->final_uri);
	add_field(&head, "Content-Type", record->content_type);
	builder_append(&head, "\r\n", 2);
	writer->left = record->length;
	if (!arena_exhausted(arena) && head.len <= WARC_HEAD_MAX)
		begun = deflateReset(&writer->zlib) == Z_OK && pack(writer, head.data, head.len, false);
	arena_free(arena);
	return begun;
}

bool
warc_add(WarcWriter *writer, const void *bytes, size_t n)
{
	if ((int64_t) n > writer->left)
		return false;
	writer->left -= (int64_t) n;
	return n == 0 || pack(writer, bytes, n, false);
}

bool
warc_end(WarcWriter *writer)
{
	return writer->left == 0 && pack(writer, "\r\n\r\n", 4, true);
}

Text
warc_http_head(Arena *arena, const WarcHttp *http, int64_t body)
{
	TextBuilder head;
	char		text[64];
	int			len = snprintf(text, sizeof(text), "HTTP/1.1 %d \r\n", http->status);

	builder_start(&head, arena);
	builder_append(&head, text, (size_t) len);
	add_field(&head, "Content-Type", http->content_type);
	add_field(&head, "ETag", http->etag);
	add_field(&head, "Last-Modified", http->last_modified);
	add_field(&head, "X-Robots-Tag", http->robots_tag);
	add_field(&head, "Location", http->location);
	len = snprintf(text, sizeof(text), "Content-Length: %lld\r\n\r\n", (long long) body);
	builder_append(&head, text, (size_t) len);
	return arena_exhausted(arena) ? TEXT_NULL : builder_text(&head);
}
