/*
 * test_warc.c
 *	  Archives of answers: written and read, as gzip and others read them, from any member on;
 *	  cut at every byte, changed at every byte, saying what is not so.
 */
#include "parse/warc.h"

#include "unit.h"

#include <stdlib.h>
#include <zlib.h>

#define MB ((size_t) 1024 * 1024)

/* A file in memory. */
static unsigned char file[8 * 1024 * 1024];
static size_t		 file_len;
static size_t		 file_max = sizeof(file);

static bool
append(void *context, const void *bytes, size_t n)
{
	(void) context;
	if (n > file_max - file_len)
		return false;
	memcpy(file + file_len, bytes, n);
	file_len += n;
	return true;
}

typedef struct Place
{
	size_t at;
	size_t end;	  /* what is behind it is not there */
	size_t chunk; /* at most so many bytes at a time */
} Place;

static ptrdiff_t
read_file(void *context, void *bytes, size_t n)
{
	Place *place = context;
	size_t left = place->end - place->at;

	if (n > left)
		n = left;
	if (n > place->chunk)
		n = place->chunk;
	memcpy(bytes, file + place->at, n);
	place->at += n;
	return (ptrdiff_t) n;
}

static const uint8_t id[WARC_ID_SIZE] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
										 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

static bool
write_record(WarcWriter *writer, WarcRecord record, Text block)
{
	record.length = (int64_t) block.len;
	memcpy(record.id, id, sizeof(id));
	record.date = INT64_C(1700000000123456);
	return warc_begin(writer, &record) && warc_add(writer, block.data, block.len) &&
		   warc_end(writer);
}

static bool
write_answer(WarcWriter *writer, Arena *arena, const char *url, const WarcHttp *http, Text body)
{
	Text	   head = warc_http_head(arena, http, (int64_t) body.len);
	WarcRecord record = {
		.type = WARC_RESPONSE,
		.uri = unit_string(url),
		.final_uri = unit_string("https://ailleurs.test/"),
		.content_type = unit_string("application/http; msgtype=response"),
		.length = (int64_t) (head.len + body.len),
	};

	return warc_begin(writer, &record) && warc_add(writer, head.data, head.len) &&
		   warc_add(writer, body.data, body.len) && warc_end(writer);
}

/* All of the block that is left. */
static Text
read_block(WarcReader *reader)
{
	static char block[5 * 1024 * 1024];
	size_t		len = 0;
	ptrdiff_t	n;

	while (len < sizeof(block) && (n = warc_read(reader, block + len, sizeof(block) - len)) > 0)
		len += (size_t) n;
	return (Text){block, len};
}

/* How the reading of the file's first len bytes ends, and after how many records. */
static WarcStep
read_all(size_t len, size_t chunk, int *n)
{
	Place		place = {0, len, chunk};
	WarcReader *reader = warc_reader_create(read_file, &place, 0);
	WarcRecord	record;
	WarcHttp	http;
	WarcStep	step;

	*n = 0;
	while ((step = warc_next(reader, &record)) == WARC_RECORD)
	{
		++*n;
		if (record.type == WARC_RESPONSE)
			(void) warc_read_http(reader, &http);
	}
	if (step == WARC_DAMAGED && warc_error(reader) == NULL)
		abort();
	warc_reader_free(reader);
	return step;
}

/* An info record, an answer and a file. */
static void
write_three(Arena *arena)
{
	WarcWriter *writer = warc_writer_create(append, NULL, 6, 1000);
	WarcHttp	http = {.status = 200,
						.content_type = unit_string("text/xml"),
						.etag = unit_string("\"e\""),
						.robots_tag = unit_string("noindex")};

	file_len = 0;
	ok(write_record(
		   writer,
		   (WarcRecord){.type = WARC_INFO, .content_type = unit_string("application/warc-fields")},
		   unit_string("software: x\r\n")),
	   "an info record");
	ok(write_answer(writer, arena, "https://ici.test/", &http, unit_string("<rss/>")), "an answer");
	ok(write_record(writer,
					(WarcRecord){.type = WARC_RESOURCE, .uri = unit_string("file:///tmp/x")},
					unit_string("")),
	   "a file without a byte");
	warc_writer_free(writer);
}

static void
test_there_and_back(Arena *arena)
{
	int64_t offset;

	write_three(arena);
	for (size_t chunk = 1; chunk < 100000; chunk = chunk * 7 + 1)
	{
		Place		place = {0, file_len, chunk};
		WarcReader *reader = warc_reader_create(read_file, &place, 0);
		WarcRecord	record;
		WarcHttp	http;

		is_int(warc_next(reader, &record), WARC_RECORD, "a record, %zu bytes at a time", chunk);
		is_int(record.type, WARC_INFO, "of the file");
		is_text(read_block(reader), "software: x\r\n", "with its block");
		is_int(warc_next(reader, &record), WARC_RECORD, "the next");
		is_int(record.type, WARC_RESPONSE, "an answer");
		is_text(record.uri, "https://ici.test/", "to this");
		is_text(record.final_uri, "https://ailleurs.test/", "from there");
		offset = record.offset;
		ok(warc_read_http(reader, &http), "with a header");
		is_int(http.status, 200, "its status");
		is_text(http.content_type, "text/xml", "its type");
		is_text(http.etag, "\"e\"", "its tag");
		is_text(http.last_modified, NULL, "what it has not");
		is_text(http.robots_tag, "noindex", "for robots");
		is_text(read_block(reader), "<rss/>", "and its body");
		is_int(warc_next(reader, &record), WARC_RECORD, "the last");
		is_text(record.uri, "file:///tmp/x", "a file's");
		is_text(read_block(reader), "", "empty");
		is_int(warc_next(reader, &record), WARC_END, "and that is all");
		warc_reader_free(reader);

		place = (Place){(size_t) offset, file_len, chunk};
		reader = warc_reader_create(read_file, &place, offset);
		is_int(warc_next(reader, &record), WARC_RECORD, "from its member on");
		is_int(record.offset, offset, "which it says");
		is_text(record.uri, "https://ici.test/", "the same answer");
		warc_reader_free(reader);
	}
}

/* As gzip(1) reads it: members one after the other; and what is in them, to the byte. */
static void
test_is_gzip(void)
{
	static char text[4096];
	z_stream	zlib = {.next_in = file, .avail_in = (unsigned) file_len};
	size_t		len = 0;
	int			members = 0;

	if (inflateInit2(&zlib, 31) != Z_OK)
		abort();
	while (zlib.avail_in > 0)
	{
		zlib.next_out = (unsigned char *) text + len;
		zlib.avail_out = (unsigned) (sizeof(text) - len);
		if (inflate(&zlib, Z_FINISH) != Z_STREAM_END)
			break;
		len = sizeof(text) - zlib.avail_out;
		members++;
		inflateReset(&zlib);
	}
	inflateEnd(&zlib);
	is_int(members, 3, "a member a record");
	text[len] = '\0';
	ok(strncmp(text,
			   "WARC/1.1\r\nWARC-Type: warcinfo\r\n"
			   "WARC-Record-ID: <urn:uuid:ffffffff-ffff-4fff-bfff-ffffffffffff>\r\n"
			   "WARC-Date: 2023-11-14T22:13:20.123456Z\r\nContent-Length: 13\r\n"
			   "Content-Type: application/warc-fields\r\n\r\nsoftware: x\r\n\r\n\r\nWARC/1.1\r\n",
			   200) == 0,
	   "as the standard has it");
	ok(strstr(text, "HTTP/1.1 200 \r\nContent-Type: text/xml\r\nETag: \"e\"\r\n"
					"X-Robots-Tag: noindex\r\nContent-Length: 6\r\n\r\n<rss/>\r\n\r\n") != NULL,
	   "the answer, too");
}

/* Cut anywhere, it is only whole where a member ends. */
static void
test_cut(Arena *arena)
{
	int n_whole = 0;
	int n;

	write_three(arena);
	for (size_t len = 0; len <= file_len; len++)
		n_whole += read_all(len, len % 50 + 1, &n) == WARC_END;
	is_int(n_whole, 4, "cut at every byte: whole only between records");
	is_int(read_all(file_len, 1000, &n), WARC_END, "not cut");
	is_int(n, 3, "all three");
	append(NULL, "\0\0", 2);
	is_int(read_all(file_len, 1000, &n), WARC_DAMAGED, "with something behind it");
}

/* Changed anywhere but where gzip's header says nothing of the content. */
static void
test_changed(Arena *arena)
{
	int missed = 0;
	int n;

	write_three(arena);
	for (size_t i = 0; i < file_len; i++)
	{
		file[i] ^= 0x10;
		missed += read_all(file_len, 1000, &n) == WARC_END && n == 3;
		file[i] ^= 0x10;
	}
	/* a member's date (4 bytes), how hard it was packed, on which system; bits behind its last one */
	ok(missed >= 3 * 6 && missed <= 3 * 7, "a change in any other byte is found");
}

/* Large blocks, of what packs well and of what does not. */
static void
test_large(Arena *arena)
{
	static char body[4 * 1024 * 1024 + 17];
	uint32_t	random = 1;
	int			n;

	for (int noise = 0; noise < 2; noise++)
	{
		WarcWriter *writer = warc_writer_create(append, NULL, 1, 0);
		WarcHttp	http = {.status = 200};
		Place		place = {0, 0, 5000};
		WarcReader *reader;
		WarcRecord	record;
		Text		read;

		for (size_t i = 0; i < sizeof(body); i++)
		{
			random = random * 1664525 + 1013904223;
			body[i] = noise ? (char) (random >> 24) : 'a';
		}
		file_len = 0;
		ok(write_answer(writer, arena, "https://ici.test/", &http, (Text){body, sizeof(body)}),
		   "a large answer");
		warc_writer_free(writer);
		place.end = file_len;
		reader = warc_reader_create(read_file, &place, 0);
		is_int(warc_next(reader, &record), WARC_RECORD, "it is there");
		ok(warc_read_http(reader, &http), "its header");
		read = read_block(reader);
		ok(read.len == sizeof(body) && memcmp(read.data, body, read.len) == 0, "and its body");
		is_int(warc_next(reader, &record), WARC_END, "to its end");
		warc_reader_free(reader);
		is_int(read_all(file_len - 1, 40000, &n), WARC_DAMAGED, "one byte less is damaged");
	}
	ok(file_len > 4 * MB && file_len < 4 * MB + 5000, "what cannot be packed grows by little");
}

/* Lines that an address would smuggle in, and lengths that are not kept. */
static void
test_refused(Arena *arena)
{
	WarcWriter *writer = warc_writer_create(append, NULL, 6, 0);
	WarcRecord	record = {.type = WARC_METADATA, .length = 3};
	Place		place;
	WarcReader *reader;
	char	   *endless = malloc(2 * WARC_HEAD_MAX);

	file_len = 0;
	ok(write_record(writer,
					(WarcRecord){.type = WARC_RESOURCE,
								 .uri = unit_string("http://a/\r\nWARC-Type: warcinfo\r\n\r\n")},
					unit_string("x")),
	   "an address with line ends");
	place = (Place){0, file_len, 100};
	reader = warc_reader_create(read_file, &place, 0);
	is_int(warc_next(reader, &record), WARC_RECORD, "is read");
	is_int(record.type, WARC_RESOURCE, "as what it is");
	is_text(record.uri, "http://a/??WARC-Type: warcinfo????", "without them");
	warc_reader_free(reader);

	record = (WarcRecord){.type = WARC_METADATA, .length = 3};
	ok(warc_begin(writer, &record), "a record of 3 bytes");
	ok(!warc_add(writer, "1234", 4), "has no room for 4");
	ok(warc_begin(writer, &record) && warc_add(writer, "12", 2), "nor may it have 2");
	ok(!warc_end(writer), "and end");
	memset(endless, 'a', 2 * WARC_HEAD_MAX);
	record.uri = (Text){endless, 2 * WARC_HEAD_MAX};
	ok(!warc_begin(writer, &record), "a header has its limit");
	free(endless);

	file_max = file_len + 1;
	ok(!write_answer(writer, arena, "https://ici.test/", &(WarcHttp){.status = 200},
					 unit_string("x")),
	   "a file that takes no more");
	file_max = sizeof(file);
	warc_writer_free(writer);
	warc_writer_free(NULL);
	warc_reader_free(NULL);
}

/* Packs a text as the file's only member and reads it. */
static WarcStep
read_text(const char *text)
{
	z_stream zlib = {0};
	int		 n;

	if (deflateInit2(&zlib, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	zlib.next_in = (unsigned char *) (uintptr_t) text;
	zlib.avail_in = (unsigned) strlen(text);
	zlib.next_out = file;
	zlib.avail_out = sizeof(file);
	if (deflate(&zlib, Z_FINISH) != Z_STREAM_END)
		abort();
	file_len = sizeof(file) - zlib.avail_out;
	deflateEnd(&zlib);
	return read_all(file_len, 1000, &n);
}

static void
test_lies(void)
{
	static const char *const damaged[] = {
		"",
		"\r\n\r\n",
		"WARC/1.1\r\n\r\n\r\n\r\n",
		"WARC/2.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 0\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 0\r\n\r\n\r\n\r\n ",
		"WARC/1.1\r\nContent-Length: -1\r\n\r\nx\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 9999999999999999999\r\n\r\nx\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 999999999999999999\r\n\r\nx\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 2\r\n\r\nx\r\n\r\n",
		"WARC/1.1\r\nContent-Length: 1\r\n folded\r\n\r\nx\r\n\r\n",
		"WARC/1.1\r\n: 1\r\nContent-Length: 1\r\n\r\nx\r\n\r\n",
		"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\nHTTP\r\n\r\n",
		"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 16\r\n\r\nHTTP/1.1 099 \r\n\r\n\r\n\r\n",
		"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 8\r\n\r\nHTTP\r\n\r\n\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		is_int(read_text(damaged[i]), WARC_DAMAGED, "no record: %s", damaged[i]);
	is_int(read_text("WARC/1.0\r\nwarc-type: revisit\r\nX: y\r\ncontent-length:1\r\n\r\nx\r\n\r\n"),
		   WARC_END, "what others write is passed over");
}

int
main(void)
{
	Arena *arena = arena_create(MB);

	test_there_and_back(arena);
	test_is_gzip();
	test_cut(arena);
	test_changed(arena);
	test_large(arena);
	test_refused(arena);
	test_lies();
	arena_free(arena);
	return done_testing();
}
