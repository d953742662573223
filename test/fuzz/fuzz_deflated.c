/*
 * fuzz_deflated.c
 *	  Any bytes as a stream of deflate: what zlib makes of them is made of them, however they
 *	  come, and what it refuses is refused.
 */
#include "fuzz.h"

#include "parse/deflated.h"

#include <zlib.h>

#define LIMIT ((size_t) 4 << 20)

static char by_us[LIMIT];
static char by_zlib[LIMIT];

/* The input on its way, step bytes at a time. */
typedef struct Source
{
	Text   rest;
	size_t step;
} Source;

static ssize_t
read_source(void *arg, void *data, size_t size)
{
	Source *source = arg;
	size_t	n = source->rest.len < source->step ? source->rest.len : source->step;

	n = n < size ? n : size;
	memcpy(data, source->rest.data, n);
	source->rest.data += n;
	source->rest.len -= n;
	return (ssize_t) n;
}

/* What comes of it; *len bytes in by_us, DEFLATED_GOT where they are too many. */
static DeflatedStep
unpack(Text input, size_t step, size_t *len)
{
	Source		 source = {input, step};
	Deflated	*deflated = deflated_create(read_source, &source);
	DeflatedStep result;
	Text		 chunk;

	*len = 0;
	if (!fuzz_given(deflated, "a stream"))
		return DEFLATED_UNREAD;
	while ((result = deflated_next(deflated, &chunk)) == DEFLATED_GOT && *len + chunk.len <= LIMIT)
	{
		memcpy(by_us + *len, chunk.data, chunk.len);
		*len += chunk.len;
	}
	deflated_free(deflated);
	return result;
}

static int
unpack_by_zlib(Text input, size_t *len)
{
	z_stream zlib = {0};
	int		 result;

	result = inflateInit2(&zlib, -15);
	fuzz_expect_unless_scarce(result == Z_OK, "zlib begins");
	if (result != Z_OK)
		return result;
	zlib.next_in = (unsigned char *) (uintptr_t) input.data;
	zlib.avail_in = (unsigned) input.len;
	zlib.next_out = (unsigned char *) by_zlib;
	zlib.avail_out = LIMIT;
	result = inflate(&zlib, Z_FINISH);
	*len = LIMIT - zlib.avail_out;
	inflateEnd(&zlib);
	return result;
}

FUZZ_TARGET(deflated)
{
	size_t		 zlib_len;
	size_t		 len;
	int			 expected = unpack_by_zlib(input, &zlib_len);
	size_t		 step = input.len > 0 && input.data[0] % 2 == 0 ? 3 : 100000;
	DeflatedStep got = unpack(input, step, &len);

	if (expected == Z_STREAM_END)
		fuzz_expect_unless_scarce(got == DEFLATED_END && len == zlib_len &&
									  memcmp(by_us, by_zlib, len) == 0,
								  "what zlib takes means the same");
	else
		fuzz_expect_unless_scarce(got != DEFLATED_END, "what zlib refuses is refused");
}
