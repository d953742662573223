/*
 * fuzz_warc.c
 *	  Any bytes as an archive: bounded, the same however they are cut; and what is read can be
 *	  written and read again.
 *
 * The first byte says whether the rest is a file, or what is packed in its only member; and
 * the size of the chunks that it is read in.
 */
#include "parse/warc.h"

#include "fuzz.h"

#include <zlib.h>

/* What is read beyond this is not looked at. */
#define MOST (256 * 1024)

/* A file in memory. */
typedef struct Bytes
{
	unsigned char *data;
	size_t		   len;
	size_t		   capacity;
	size_t		   at;
	size_t		   chunk;
} Bytes;

typedef struct Outcome
{
	WarcStep step;
	int		 records;
	size_t	 len;
	uint64_t sum;
} Outcome;

static ptrdiff_t
give(void *context, void *bytes, size_t n)
{
	Bytes *file = context;

	if (n > file->chunk)
		n = file->chunk;
	if (n > file->len - file->at)
		n = file->len - file->at;
	memcpy(bytes, file->data + file->at, n);
	file->at += n;
	return (ptrdiff_t) n;
}

static bool
take(void *context, const void *bytes, size_t n)
{
	Bytes *file = context;

	if (n > file->capacity - file->len)
		return false;
	memcpy(file->data + file->len, bytes, n);
	file->len += n;
	return true;
}

/* Writes what is read, but for its block, which are len bytes of it. */
static void
copy_record(WarcWriter *writer, const WarcRecord *record, const char *block, size_t len)
{
	WarcRecord copy = *record;

	copy.length = (int64_t) len;
	copy.type = record->type == WARC_OTHER ? WARC_METADATA : record->type;
	fuzz_expect_unless_scarce(warc_begin(writer, &copy) && warc_add(writer, block, len) &&
								  warc_end(writer),
							  "what was read can be written");
}

static Outcome
read_file(Bytes *file, WarcWriter *writer)
{
	static char block[MOST];
	Outcome		outcome = {.step = WARC_RECORD};
	WarcRecord	record;
	WarcReader *reader;

	file->at = 0;
	reader = warc_reader_create(give, file, 0);
	if (!fuzz_given(reader, "a reader"))
		return outcome;
	while (outcome.len < MOST && (outcome.step = warc_next(reader, &record)) == WARC_RECORD)
	{
		size_t	  len = 0;
		ptrdiff_t n;

		fuzz_expect(record.offset >= 0 && (size_t) record.offset < file->len, "it is in the file");
		outcome.records++;
		while (len < MOST && (n = warc_read(reader, block + len, MOST - len)) > 0)
			len += (size_t) n;
		fuzz_expect((int64_t) len <= record.length, "no more than there is");
		for (size_t i = 0; i < len; i++)
			outcome.sum = outcome.sum * 31 + (unsigned char) block[i];
		outcome.len += len;
		if (writer != NULL && warc_error(reader) == NULL)
			copy_record(writer, &record, block, len);
	}
	fuzz_expect((outcome.step == WARC_DAMAGED) == (warc_error(reader) != NULL), "damage is said");
	warc_reader_free(reader);
	return outcome;
}

/* Answers have headers; none is taken for what it is not. */
static void
read_answers(Bytes *file)
{
	WarcReader *reader;
	WarcRecord	record;
	WarcHttp	http;

	file->at = 0;
	reader = warc_reader_create(give, file, 0);
	if (!fuzz_given(reader, "a reader"))
		return;
	while (warc_next(reader, &record) == WARC_RECORD && warc_read_http(reader, &http))
		fuzz_expect(http.status >= 100 && http.status <= 999, "a status has three digits");
	warc_reader_free(reader);
}

/* The text as the only member of a file. */
static void
pack(Bytes *file, Text text)
{
	bool	 scarce = fuzz_scarce;
	z_stream zlib = {0};

	fuzz_scarce = false;
	if (deflateInit2(&zlib, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	zlib.next_in = (unsigned char *) (uintptr_t) text.data;
	zlib.avail_in = (unsigned) text.len;
	zlib.next_out = file->data;
	zlib.avail_out = (unsigned) file->capacity;
	if (deflate(&zlib, Z_FINISH) != Z_STREAM_END)
		abort();
	file->len = file->capacity - zlib.avail_out;
	deflateEnd(&zlib);
	fuzz_scarce = scarce;
}

FUZZ_TARGET(warc)
{
	Bytes		file = {.capacity = 2 * MOST + 2 * input.len};
	Bytes		copy = {.capacity = 4 * MOST + 2 * input.len};
	WarcWriter *writer;
	Outcome		first;
	Outcome		second;

	if (input.len < 2)
		return;
	file.data = fuzz_alloc(file.capacity);
	copy.data = fuzz_alloc(copy.capacity);
	if (input.data[0] & 1)
		pack(&file, (Text){input.data + 1, input.len - 1});
	else
		(void) take(&file, input.data + 1, input.len - 1);
	file.chunk = file.len;
	writer = warc_writer_create(take, &copy, 1, 0);
	first = read_file(&file, fuzz_given(writer, "a writer") ? writer : NULL);
	warc_writer_free(writer);
	file.chunk = ((unsigned char) input.data[0] >> 1) + 1;
	second = read_file(&file, NULL);
	/* of a damaged one, how much is read before that is found is of no account */
	fuzz_expect_unless_scarce(first.step == second.step, "the same end however it is cut");
	if (first.step == WARC_END)
		fuzz_expect_unless_scarce(first.records == second.records && first.len == second.len &&
									  first.sum == second.sum,
								  "and the same records");
	read_answers(&file);
	copy.chunk = copy.len;
	second = read_file(&copy, NULL);
	if (first.step == WARC_END)
		fuzz_expect_unless_scarce(second.step == WARC_END && first.records == second.records &&
									  first.len == second.len && first.sum == second.sum,
								  "the copy is the same");
	free(file.data);
	free(copy.data);
}
